#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""A program that forges Mach messages harms itself and nothing else."""

import system
from system import Failure, regex

PROGRAM = system.compile_program("attack.c", "attack")


def test_forged_messages(m):
    before, _ = m.run("cat /proc/servers")
    for seed in (1, 2, 3):
        m.check("/extra/attack %d 1500" % seed, regex("[1-9][0-9]* names.*"
                "attacked$"), timeout=200)
    after, _ = m.run("cat /proc/servers")
    if after != before:
        raise Failure("servers were %r, are %r" % (before, after))
    m.check("cp /bin/busybox /root/x && cmp /root/x /bin/busybox && echo same",
            "same")
    m.check("ps | grep -c '[a]ttack'", "0", status=1)


if __name__ == "__main__":
    system.main(globals(), lambda: system.Machine(extra=[PROGRAM]))
