#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""futex between processes, as on the host's Linux."""

import system

PROGRAM = system.compile_program("futex.c", "futex")


def test_between_processes(m):
    m.check("cd /root && /extra/futex", system.on_linux(PROGRAM),
            timeout=120)


if __name__ == "__main__":
    system.main(globals(), lambda: system.Machine(options=["--ncpu", "2"],
                                                  extra=[PROGRAM]))
