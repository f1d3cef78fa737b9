#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""What can be executed, with which arguments, by whom and as whom; and that a
program that runs is not written to.  On disk and in memory, as on Linux."""

import system

PROGRAM = system.compile_program("exec.c", "exec")


def test_files_on_disk(m):
    m.check("mkdir -p /var/exec && cd /var/exec && /extra/exec test; cd",
            system.on_linux(PROGRAM, "test"), timeout=120)


def test_files_in_memory(m):
    m.check("mkdir -p /tmp/exec && mount -t tmpfs none /tmp/exec && "
            "cd /tmp/exec && /extra/exec test; cd",
            system.on_linux(PROGRAM, "test"), timeout=120)


def test_execute_permission_is_enough(m):
    m.check("cp /extra/exec /var/secret; chmod 711 /var/secret; "
            "su -s /bin/sh nobody -c 'cat /var/secret >/dev/null; "
            "NAME=x /var/secret' 2>&1; echo $?",
            "cat: can't open '/var/secret': Permission denied\n"
            "  [/var/secret]\n  NAME=x\n7")
    m.check("chmod 744 /var/secret; su -s /bin/sh nobody -c /var/secret 2>&1",
            system.regex("Permission denied"), status=126)


def test_file_that_was_just_closed(m):
    """Who writes a program and who runs it have ended when the next begins."""
    m.check("i=0; while [ $i -lt 100 ]; do cp /bin/busybox /var/true && "
            "/var/true & wait $! || echo failed; i=$((i + 1)); done; "
            "rm /var/true", "", timeout=180)


def test_setuid(m):
    m.check("cp /extra/exec /var/id; chown 12:34 /var/id; chmod 6755 /var/id; "
            "su -s /bin/sh nobody -c '/var/id ids'", "65534 12 65534 34 1")
    m.check("chmod 755 /var/id; su -s /bin/sh nobody -c '/var/id ids'",
            "65534 65534 65534 65534 0")


if __name__ == "__main__":
    system.main(globals(), lambda: system.Machine(extra=[PROGRAM]))
