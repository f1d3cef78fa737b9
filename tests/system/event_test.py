#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""epoll, eventfd, timerfd and signalfd, as on the host's Linux."""

import system

PROGRAM = system.compile_program("event.c", "event")


def test_events(m):
    m.check("cd /root && /extra/event", system.on_linux(PROGRAM),
            timeout=120)


def test_cancelled_by_setting_the_clock(m):
    """What this host's clock is too good for."""
    text, _ = m.run("/extra/event set_clock")
    if ": NO" in text or text.count(": yes") != 5 or "1 ready" not in text:
        raise system.Failure(text)


if __name__ == "__main__":
    system.main(globals(), lambda: system.Machine(options=["--ncpu", "2"],
                                                  extra=[PROGRAM]))
