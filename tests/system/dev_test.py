#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""What somebody gets who writes a server outside of the tree: `make
install-dev', the example built from what that installed and nothing else,
started, killed, restarted and stopped in the running system; UNIX programs that
talk by messages; server and client as the only module of Tartan and of GNU
Mach; programs for GNU Mach compiled with our headers, and booted."""

import gzip
import os
import shutil
import subprocess
import tempfile

import system
from system import Failure, regex

WORK = tempfile.mkdtemp(prefix="tartan-dev-")
PREFIX = WORK + "/root/usr"
HELLO = WORK + "/project/hello"
MESSAGES = system.BUILD + "/servers/messages"
KERNEL = system.BUILD + "/tartan"
GNUMACH = (system.BUILD + "/packages/gnumach-image-1.8-486/boot/"
           "gnumach-1.8-486.gz")
TREE = os.getcwd()
# Of Debian's gnumach-dev, what is not of this kernel's interface: other boot
# loaders' and executables' formats, drivers' ioctls, profil(), Xen, and the
# interface of another bootstrap.
NOT_OURS = """device/audio_status.h device/disk_status.h device/tape_status.h
mach/boot.h mach/exec/a.out.h mach/exec/exec.h mach/profil.h
mach/profilparam.h mach/xen.h mach/bootstrap.defs
mach/default_pager_helper.defs mach/i386/machine_types.defs""".split()


def shell(command, where=TREE):
    """Run COMMAND; its output, or what went wrong."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    p = subprocess.run(command, shell=True, cwd=where, env=env, text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if p.returncode != 0:
        raise Failure("%s: status %d: %s" % (command, p.returncode,
                                             p.stdout[-600:]))
    return p.stdout


def build_all():
    shell("make -s install-dev DESTDIR=%s/root PREFIX=/usr" % WORK)
    shutil.copytree(PREFIX + "/share/tartan/hello", HELLO)
    shell("make -s TARTAN=" + PREFIX, HELLO)
    shell("make -s " + MESSAGES)


def machine():
    big = WORK + "/big"
    with open(big, "wb") as f:
        f.truncate((4 << 20) + 1)
    os.chmod(big, 0o755)
    return system.Machine(extra=[HELLO + "/build/hello",
                                 HELLO + "/build/hello-client", MESSAGES, big])


def wait_for(m, name, state):
    m.check("for i in $(seq 100); do grep -q '^%s %s' /proc/servers && "
            "break; sleep 1; done; grep '^%s' /proc/servers" %
            (name, state, name), "%s %s" % (name, state))


def test_alone(_m):
    """The project saw nothing of the tree."""
    for root, _, names in os.walk(HELLO):
        for name in names:
            if name.endswith(".d"):
                with open(os.path.join(root, name)) as f:
                    text = f.read()
                if TREE + "/" in text or PREFIX not in text:
                    raise Failure("%s: %s" % (name, text))


def test_greet(m):
    m.check("echo start hello /extra/hello >/proc/servers", "")
    m.check("/extra/hello-client Ada", "Hello, Ada! (1)")
    m.check("/extra/hello-client Grace", "Hello, Grace! (2)")
    m.check("/extra/hello-client ''", "hello-client: error 0x4", 1)
    wait_for(m, "hello", "ready 1")


def test_restart(m):
    """The client goes on over the server's death."""
    m.send("/extra/hello-client -n 5 Ada >/tmp/out & "
           "until grep -q Ada /tmp/out; do sleep 0.1; done; "
           "echo kill hello >/proc/servers; wait\n")
    wait_for(m, "hello", "ready 2")
    output, _ = m.run("cat /tmp/out")
    lines = output.split("\n")
    counts = [int(x.split("(")[1].rstrip(")")) for x in lines if x]
    if len(counts) != 5 or not all(x.startswith("Hello, Ada! ")
                                   for x in lines if x):
        raise Failure("greetings: %r" % output)
    # It had greeted twice before, and began anew in between.
    if counts[0] != 3 or 1 not in counts:
        raise Failure("counts: %r" % counts)


def test_name_server_restart(m):
    """Programs that ran before find names again, as does a new one."""
    m.send("(sleep 4; /extra/hello-client Old; echo $?) >/tmp/out & sleep 1; "
           "echo kill name >/proc/servers; wait\n")
    m.check("cat /tmp/out", regex(r"Hello, Old! \(\d+\)\n0"), timeout=120)
    m.check("/extra/hello-client New", regex(r"Hello, New! \(\d+\)"))


def test_errors(m):
    def refused(text, why):
        m.check("echo %s >/proc/servers" % text,
                regex("write error: %s" % why), 1)
    refused("start hello /extra/hello", "File exists")
    refused("start ide /extra/hello", "File exists")
    refused("start big /extra/big", "File too large")
    refused("start x /etc/passwd", "Permission denied")
    m.check("cp /etc/passwd /tmp/x; chmod +x /tmp/x", "")
    refused("start x /tmp/x", "Exec format error")
    refused("start x /nowhere", "No such file or directory")
    refused("start x/y /extra/hello", "Invalid argument")
    refused("start x", "Invalid argument")
    refused("stop ide", "Operation not permitted")
    refused("stop nobody", "No such process")
    m.check("su user -c 'echo start x /extra/hello >/proc/servers'",
            regex("Permission denied"), 1)
    # What is no server is not one only because it runs.
    m.check("cp /bin/busybox /tmp/x; echo start x /tmp/x >/proc/servers; "
            "sleep 1; grep -c ready.*x /proc/servers", "0", 1)
    m.run("echo stop x >/proc/servers; rm /tmp/x")


def test_bounds(m):
    """Sixteen, with the one that is there; and all of them go again."""
    m.check("for i in $(seq 15); do echo start h$i /extra/hello "
            ">/proc/servers || echo $i; done", "")
    m.check("echo start h16 /extra/hello >/proc/servers",
            regex("Cannot allocate memory"), 1)
    wait_for(m, "h15", "ready 1")
    m.check("/extra/hello-client -s h15 Ada", "Hello, Ada! (1)")
    m.check("for i in $(seq 15); do echo stop h$i >/proc/servers; done; "
            "grep -c ^h[0-9] /proc/servers", "0", 1)


def test_stop(m):
    m.check("echo stop hello >/proc/servers; grep -c hello /proc/servers",
            "0", 1)
    m.check("echo start hello /extra/hello >/proc/servers; "
            "/extra/hello-client Ada", "Hello, Ada! (1)")


def part(name):
    def test(m):
        m.check("/extra/messages " + name, "good", timeout=120)
    return test


for _name in "threads fork signal".split():
    globals()["test_messages_" + _name] = part(_name)


def test_gnumach_names(_m):
    """Of what gnumach-dev has nothing is missing without a reason."""
    files = shell("dpkg -L gnumach-dev:i386").split("\n")
    base = "/usr/include/i386-linux-gnu/"
    missing = [f[len(base):] for f in files
               if f.startswith(base) and f.endswith((".h", ".defs")) and
               not os.path.exists(PREFIX + "/include/tartan/" +
                                  f[len(base):])]
    if sorted(missing) != sorted(NOT_OURS):
        raise Failure("missing: %s; not expected to be there: %s" % (
            " ".join(sorted(set(missing) - set(NOT_OURS))),
            " ".join(sorted(set(NOT_OURS) - set(missing)))))


def test_module(_m):
    """Server and client in one program, the only one that a kernel starts."""
    oracle = WORK + "/gnumach"
    with gzip.open(GNUMACH) as packed, open(oracle, "wb") as plain:
        shutil.copyfileobj(packed, plain)
    for kernel, cpus in ((KERNEL, 1), (KERNEL, 4), (oracle, 1)):
        output = shell(
            "timeout 120 qemu-system-i386 -accel tcg -m 64 -smp %d -nic none "
            "-display none -monitor none -serial stdio -no-reboot -kernel %s "
            "-append console=com0 -initrd '%s/build/hello-alone ${host-port} "
            "$(task-create) $(task-resume)' </dev/null" %
            (cpus, kernel, HELLO))
        said = [line.rpartition("hello-alone: ")[2].strip()
                for line in output.split("\n") if "hello-alone: " in line]
        if said[-4:] != ["Hello, Ada!", "no greeting for '': error 0x4",
                         "Hello, Grace!", "2 greetings"]:
            raise Failure("%s, %d processors: %s" % (kernel, cpus, output))


def test_gnumach_programs(_m):
    """The modules of tests/boot, written for gnumach-dev, compile and run."""
    shell("make -s B=%s/build GNUMACH_DEV=%s/include/tartan "
          "boot-test-modules" % (WORK, PREFIX))
    shell("tests/boot/run --kernel %s --dir %s/build/tests/boot "
          "--only ports,messages,exceptions --cpus 1" % (KERNEL, WORK))


if __name__ == "__main__":
    try:
        build_all()
        system.main(globals(), machine)
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
