#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""A program that looks closely at the UNIX emulator sees what it sees on the
host's Linux: the same binary runs on both, and must print the same."""

import system

PROGRAM = system.compile_program("abi.c", "abi")


def part(name):
    def test(m):
        m.check("cd /tmp && /extra/abi %s; cd /root" % name,
                system.on_linux(PROGRAM, name), timeout=120)
    return test


for _name in ("faults context signals restart stop timer memory pointers "
              "files pipes process threads time terminal").split():
    globals()["test_" + _name] = part(_name)

if __name__ == "__main__":
    system.main(globals(), lambda: system.Machine(extra=[PROGRAM]))
