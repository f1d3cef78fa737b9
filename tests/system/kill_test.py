#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Servers that die in the middle of a copy: it ends with the right contents.
And clients that die in the middle: nothing of them is left."""

import system
from system import Failure, Machine, regex

TRANSFERS = system.BUILD + "/servers/transfers"

# Dies a moment after the copies have begun; nothing may be lost.
SCRIPT = """sum=$(md5sum </bin/busybox)
(sleep 0.3; echo kill $1 >/proc/servers) &
for i in 1 2 3 4; do cp /bin/busybox /root/k$i; done
dd if=/dev/zero bs=64k count=30 of=/root/zero 2>/dev/null
wait; sync
for i in 1 2 3 4; do [ "$(md5sum </root/k$i)" = "$sum" ] || echo bad $i; done
[ "$(tr -d '\\000' </root/zero | wc -c)" = 0 ] || echo bad zeros
rm /root/k? /root/zero
n=0; while ! grep -q "^$1 ready" /proc/servers; do
sleep 1; n=$((n+1)); [ $n = 200 ] && break; done
grep -q "^$1 ready" /proc/servers && echo done"""


def killed(m, server):
    m.script(SCRIPT.replace("$1", server), "done", timeout=240)


def test_device_server(m):
    killed(m, "device")


def test_disk_driver(m):
    killed(m, "ide")


def test_disk_driver_again_after_device_server(m):
    """Its names have come back, so that it is found again."""
    killed(m, "device")
    killed(m, "ide")


def test_name_server(m):
    killed(m, "name")


def test_pager(m):
    killed(m, "pager")


def test_terminal(m):
    """The shell does not notice that its terminal's server is another one."""
    # It may lose what was printed just before.
    m.check("sleep 1; echo kill term >/proc/servers; "
            "until grep -q '^term ready 2' /proc/servers; do sleep 0.2; done; "
            "sleep 1; echo on", "on", timeout=120)
    m.check("tty; grep ^term /proc/servers", regex("^/dev/.*\nterm ready 2$"))
    # Of what is printed meanwhile only what the dead server had is lost.
    text, _ = m.run("i=0; while [ $i -lt 3000 ]; do echo line $i.; "
                    "[ $i = 1500 ] && echo kill term >/proc/servers; "
                    "i=$((i+1)); done", timeout=120)
    lost = [i for i in range(3000) if "line %d." % i not in text]
    if len(lost) > 50:
        raise Failure("lost: %s" % lost)
    m.check("stty -a | head -1; grep ^term /proc/servers",
            regex("^speed.*\nterm ready 3$"))


def test_clients_of_the_file_server(m):
    m.check("/extra/transfers /root", "good", timeout=600)


def test_disk_is_in_order(m):
    m.check("ls -d /root", "/root")
    m.halt()
    bad = system.fsck(m.image)
    if bad:
        raise Failure(bad)


def test_ahci_driver(shared):
    m = Machine(options=["--machine", "q35"])
    try:
        m.start()
        killed(m, "device")
        killed(m, "ahci")
    finally:
        m.close()


if __name__ == "__main__":
    system.main(globals(), lambda: Machine(
        extra=[TRANSFERS], options=["--ncpu", "4"]))
