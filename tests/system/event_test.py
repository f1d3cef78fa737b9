#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""epoll and eventfd, as on the host's Linux."""

import system

PROGRAM = system.compile_program("event.c", "event")


def test_events(m):
    m.check("cd /root && /extra/event", system.on_linux(PROGRAM),
            timeout=120)


if __name__ == "__main__":
    system.main(globals(), lambda: system.Machine(options=["--ncpu", "2"],
                                                  extra=[PROGRAM]))
