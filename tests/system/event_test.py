#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""epoll and eventfd, as on the host's Linux."""

import os
import subprocess
import tempfile

import system

PROGRAM = system.compile_program("event.c", "event")


def on_linux():
    with tempfile.TemporaryDirectory() as work:
        p = subprocess.run([os.path.abspath(PROGRAM)], cwd=work, timeout=60,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if p.returncode != 0:
        raise system.Failure("on the host: status %d" % p.returncode)
    return p.stdout.decode().rstrip("\n")


def test_events(m):
    m.check("cd /root && /extra/event", on_linux(), timeout=120)


if __name__ == "__main__":
    system.main(globals(), lambda: system.Machine(options=["--ncpu", "2"],
                                                  extra=[PROGRAM]))
