#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Bad input gets the right error and leaves the rest working."""

import os
import shutil
import subprocess

import system
from system import Failure, Machine, regex


def with_machine(function, **options):
    m = Machine(**options)
    try:
        function(m)
    finally:
        m.close()


def test_exec_of_what_is_no_program():
    def check(m):
        m.start()
        m.check("/etc", regex("ermission denied|is a directory"), status=126)
        m.check("printf 'echo plain' > /tmp/t; chmod +x /tmp/t; /tmp/t",
                "plain")
        m.check("printf '\\177ELFgarbage' > /tmp/g; chmod +x /tmp/g; /tmp/g",
                regex("not found"), status=127)
        m.check("head -c 5000 /bin/busybox > /tmp/h; chmod +x /tmp/h; "
                "/tmp/h; [ $? -ne 0 ] && echo refused", regex("refused$"))
        m.check("echo alive", "alive")
    with_machine(check)


def test_long_path():
    def check(m):
        m.start()
        m.check("p=$(head -c 10000 /dev/zero | tr '\\0' a); cat /$p 2>&1 | "
                "tail -c 19", regex("name too long"))
        m.check("p=$(seq 1 3000 | sed 's/.*/./' | tr '\\n' /); ls $p 2>&1 | "
                "tail -c 19", regex("name too long"))
        m.check("echo alive", "alive")
    with_machine(check)


def test_full_disk():
    def check(m):
        m.start()
        m.check("echo precious > /root/p; dd if=/dev/zero of=/root/full "
                "bs=64k; rm /root/full; cat /root/p",
                regex("No space left.*precious$"), timeout=240)
        m.check("echo again > /root/q && cat /root/q", "again")
        m.halt()
        bad = system.fsck(m.image)
        if bad:
            raise Failure(bad)
    with_machine(check)


def test_links_in_a_circle():
    def check(m):
        m.start()
        m.check("ln -s b /tmp/a; ln -s a /tmp/b; cat /tmp/a",
                regex("oo many"), status=1)
        m.check("echo alive", "alive")
    with_machine(check)


def test_block_that_is_none():
    """What cannot be read of a file is an error; what can be is read."""
    def check(m):
        with open(os.path.join(m.work, "file"), "wb") as f:
            f.write(b"x" * 100000)
        for request in ("write %s /root/holed" % f.name,
                        "set_inode_field /root/holed block[1] 99999999"):
            subprocess.check_call(["/sbin/debugfs", "-w", "-R", request,
                                   m.image], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        m.start()
        m.check("cat /root/holed", regex("nput/output error$"), status=1)
        m.check("dd if=/root/holed bs=4096 skip=2 | wc -c",
                regex(str(100000 - 8192)))
        m.check("cp /bin/busybox /root/b; cmp /bin/busybox /root/b; echo same",
                "same")
    with_machine(check, options=["--no-check", "--no-prepare"])


def damaged(edit, expected):
    """Boot with a disk image that EDIT damaged: it is said, and no panic."""
    m = Machine(options=["--no-check"])
    try:
        edit(m.image)
        # The runner's own files cannot be put on a damaged disk.
        m.options += ["--no-prepare"]
        m.start(wait=False)
        system.wait_until(lambda: expected.search(m.log_text()), 90,
                          "%r in the log, which ends with %r" % (
                              expected.pattern, m.log_last()))
        if "panic" in m.log_text():
            raise Failure("panic: " + m.log_last())
    finally:
        m.close()


def test_damaged_superblock():
    def edit(image):
        with open(image, "r+b") as f:
            f.seek(1024)
            f.write(b"\xff" * 1024)
    damaged(edit, regex(r"file: .*(superblock|not ext2|bad|wrong|cannot)"))


def test_directory_loop():
    def edit(image):
        # A directory that contains itself.
        script = ("mkdir /loop\nln /loop /loop/again\n"
                  "sif /loop links_count 3\n")
        subprocess.run(["debugfs", "-w", "-f", "-", image], input=script,
                       text=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=True)

    m = Machine(options=["--no-check"])
    try:
        edit(m.image)
        m.start()
        m.check("find /loop 2>&1 | tail -1", regex("oop"), timeout=120)
        m.check("echo alive", "alive")
    finally:
        m.close()


def module_test(edit, expected, words=""):
    """Boot our kernel with a damaged bootstrap module or line."""
    work = os.path.join(system.BUILD, "tests", "module-%d" % os.getpid())
    os.makedirs(work, exist_ok=True)
    module = os.path.join(work, "bootstrap")
    shutil.copy(system.BUILD + "/servers/bootstrap.stripped", module)
    edit(module)
    line = words or (" ${host-port} ${device-port} $(task-create) "
                     "$(task-resume)")
    log = os.path.join(work, "log")
    child = subprocess.Popen(
        ["qemu-system-i386", "-accel", "tcg", "-m", "64", "-display", "none",
         "-monitor", "none", "-nic", "none", "-serial", "file:" + log,
         "-kernel", system.BUILD + "/tartan", "-append", "console=com0",
         "-initrd", module + line], stdin=subprocess.DEVNULL)

    def said():
        try:
            with open(log, encoding="latin-1") as f:
                return f.read()
        except OSError:
            return ""
    try:
        try:
            system.wait_until(lambda: expected.search(said()), 60,
                              repr(expected.pattern))
        except Failure as e:
            raise Failure("%s; the log: %r" % (e, said()[-300:])) from None
        if "panic" in said():
            raise Failure("panic: " + said()[-300:])
        if child.poll() is not None:
            raise Failure("the machine ended")
    finally:
        child.kill()
        child.wait()
        shutil.rmtree(work)


def test_truncated_module():
    module_test(lambda p: os.truncate(p, 3000),
                regex("module 0: .*truncated"))


def test_module_that_is_no_program():
    def edit(path):
        with open(path, "wb") as f:
            f.write(b"plain text\n" * 1000)
    module_test(edit, regex("module 0: .*(not|no) .*(ELF|program)"))


def test_malformed_boot_script():
    module_test(lambda p: None, regex("start .*nonsense|bad|unknown|nonsense"),
                " ${nonsense} $(task-create $(task-resume)")


if __name__ == "__main__":
    system.main(globals())
