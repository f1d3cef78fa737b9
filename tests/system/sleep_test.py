#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""More calls that sleep than the UNIX server has threads for requests: all
others are answered, and who is too many is told so.  sleepers.c is the
program."""

import system
from system import regex

PROGRAM = system.compile_program("sleepers.c", "sleepers")


def test_many(m):
    """More than there are threads for calls that do not sleep."""
    m.check("/extra/sleepers 600", "asleep\nnone refused, 0 otherwise",
            timeout=120)
    m.check("echo on", "on")


def test_too_many_of_a_user(m):
    """A user gets EAGAIN; that one's calls that sleep go on, others' as well,
    and all is as it was afterwards."""
    m.run("rm -f /tmp/wake /tmp/out; "
          "su user -c '/extra/sleepers 1500 some' >/tmp/out & "
          "until grep -q asleep /tmp/out; do :; done", timeout=240)
    m.check("echo on | cat; sleep 1; ls /dev/null", "on\n/dev/null")
    m.check(">/tmp/wake; wait; cat /tmp/out",
            regex("asleep\nsome refused, 0 otherwise"), timeout=240)
    m.check("/extra/sleepers 100", "asleep\nnone refused, 0 otherwise",
            timeout=120)


if __name__ == "__main__":
    system.main(globals(), lambda: system.Machine(
        options=["--mem", "256"], extra=[PROGRAM]))
