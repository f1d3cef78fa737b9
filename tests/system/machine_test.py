#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""The same image on machines of many kinds, up to the shell's prompt."""

import os
import shutil
import subprocess

import system
from system import Failure, Machine, regex

PARTS = system.compile_program("parts.c", "parts")


def boots(*options, append="", extra=(), check="echo $((6 * 7))",
          expected="42"):
    m = Machine(options=options, append=append, extra=extra)
    try:
        m.start()
        m.check(check, expected)
    finally:
        m.close()


def test_q35():
    boots("--machine", "q35")


def test_pentium3():
    boots("--cpu", "pentium3")


def test_qemu32():
    boots("--cpu", "qemu32")


def test_two_processors():
    boots("--ncpu", "2", check="grep -c ^processor /proc/cpuinfo",
          expected=regex(r"^[12]$"))


def test_four_processors():
    boots("--ncpu", "4", check="for i in 1 2 3 4; do (seq 1 500 | sort -n | "
          "tail -1) & done; wait", expected=regex(r"(500\s+){3}500"))


def test_16_mib():
    boots("--mem", "16")


def test_more_than_memory_and_paging_file():
    """A program that wants more than there is dies; the rest goes on."""
    boots("--mem", "32", check="(dd if=/dev/zero of=/dev/null bs=200M count=1)"
          " >/dev/null 2>&1 || sleep 1; "
          "dd if=/dev/zero bs=20M count=1 2>/dev/null | wc -c",
          expected=regex(r"(^|\s)20971520$"))


def test_3_gib():
    boots("--mem", "3072")


# Processes leave no memory behind: 2,400 KiB would be 40 each.
KEPT = """free() { awk '/MemFree/ { print $2 }' /proc/meminfo; }
/bin/busybox true; before=$(free)
for i in $(seq 60); do /bin/busybox true; done
[ $((before - $(free))) -lt 2400 ] && echo nothing is lost"""


def parts(size):
    """Programs for pages of 4 KiB, with larger ones."""
    boots(append="page-size=%d" % size, extra=[PARTS],
          check="/extra/parts && cat /bin/busybox /bin/busybox >/root/two "
          "&& md5sum </root/two | tr -d ' -' && "
          "cat /bin/busybox /bin/busybox | md5sum | tr -d ' -'\n" + KEPT,
          expected=regex(r"^parts are right\n(\w{32})\n\1\n"
                         "nothing is lost$"))


def test_pages_of_4_kib():
    parts(4096)


def test_pages_of_8_kib():
    parts(8192)


def test_pages_of_64_kib():
    parts(65536)


def faults_of_shell(append):
    """How many faults the shell has had when it has done this and that."""
    m = Machine(options=["--ncpu", "4"], append=append, extra=[PARTS])
    try:
        m.start()
        m.check("/extra/parts; seq 1 3000 | sort -rn | tail -1",
                regex(r"parts are right\n1$"))
        return int(m.run("awk '{ print $10 }' /proc/$$/stat")[0])
    finally:
        m.close()


def test_pmap_that_forgets():
    """A pmap is a cache: what is not wired may go at any time."""
    usual = faults_of_shell("")
    faults = faults_of_shell("pmap-forget=64")
    if faults < 2 * usual:
        raise Failure("%d faults of the shell, %d if nothing is forgotten" %
                      (faults, usual))


def test_bad_numbers():
    """Of an option that is no good the console says so."""
    m = Machine(append="page-size=5000 pmap-forget=none")
    try:
        m.start()
        for text in ("page-size=5000: not a power of two",
                     "pmap-forget=none: not a number from 16 to "):
            if text not in m.log_text():
                raise Failure("no line `%s'" % text)
        m.check("echo still runs", "still runs")
    finally:
        m.close()


def test_without_grub():
    boots("--kernel")


def test_without_a_disk():
    m = Machine(no_disk=True)
    try:
        m.start(wait=False)
        system.wait_until(lambda: regex("(no disk|no root|file: ).*").search(
            m.log_text()) and "all servers started" in m.log_text(), 120,
            "end of the start without a disk; " + m.log_last())
        if "panic" in m.log_text():
            raise Failure("panic: " + m.log_last())
        if not m.alive():
            raise Failure("the machine ended")
    finally:
        m.close()


def test_without_a_serial_line():
    """The session's program runs, on the screen that nobody sees."""
    image = os.path.join(system.BUILD, "tests", "no-serial.img")
    shutil.copyfile(os.path.join(system.BUILD, "fresh.img"), image)
    edit = system.disk.Edit(image)
    edit.write("/etc/tartan/run", b"stty >/root/line; tty >>/root/line\n"
               b"poweroff -f\n")
    edit.commit()
    try:
        subprocess.run(
            ["qemu-system-i386", "-accel", "tcg", "-display", "none", "-m",
             "64", "-nic", "none", "-serial", "none", "-parallel", "none",
             "-monitor", "none", "-boot", "d", "-cdrom",
             os.path.join(system.BUILD, "tartan.iso"),
             "-drive", "file=%s,format=raw,if=ide,index=0" % image],
            check=True, timeout=120 * system.PATIENCE)
        said = subprocess.run(["debugfs", "-R", "cat /root/line", image],
                              check=True, capture_output=True,
                              text=True).stdout
        if "/dev/console" not in said:
            raise Failure("the session's terminal: %r" % said)
    except subprocess.TimeoutExpired:
        raise Failure("it did not run to its end") from None
    finally:
        os.remove(image)


if __name__ == "__main__":
    system.main(globals())
