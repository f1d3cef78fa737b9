#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Locks, timers, queued signals, priorities and job control: a program sees
what it sees on the host's Linux, as in abi_test.py."""

import system

PROGRAM = system.compile_program("control.c", "control")


if not system.usual_priority():
    MISSING = {"test_priority": "these tests run at a worse priority"}


def part(name, where="/tmp"):
    def test(m):
        m.check("cd %s && /extra/control %s; cd /root" % (where, name),
                system.on_linux(PROGRAM, name), timeout=120)
    return test


for _name in ("locks queue clocks timers priority raw families jobs "
              "honest").split():
    globals()["test_" + _name] = part(_name)

# /tmp is in the UNIX server's memory; this is a file of the file server.
test_locks_on_disk = part("locks", "/root")


def here(m, name, count):
    """A part that the host cannot run: all its COUNT statements hold."""
    text, _ = m.run("/extra/control " + name)
    if ": NO" in text or text.count(": yes") != count:
        raise system.Failure(text)


def test_set_clock(m):
    here(m, "set_clock", 4)


def test_spinners(m):
    here(m, "spinners", 3)


if __name__ == "__main__":
    system.main(globals(), lambda: system.Machine(extra=[PROGRAM]))
