#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Programs whose memory has a pager that never answers: whatever the UNIX
server wants there, others' calls are answered, and such programs can be ended.
stalls.c is the program."""

import os
import subprocess

import system

PROGRAM = system.BUILD + "/servers/stalls"


def machine():
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    subprocess.run(["make", "-s", PROGRAM], check=True, env=env)
    return system.Machine(options=["--ncpu", "4"], extra=[PROGRAM])


def way(name):
    def test(m):
        m.check("/extra/stalls " + name, "good", timeout=30)
        m.check("echo on", "on")
    return test


test_fault = way("fault")
test_futex = way("futex")
test_requeue = way("requeue")
test_block = way("block")
test_trap = way("trap")
test_thread = way("thread")
test_fork = way("fork")
test_robust = way("robust")
test_exec = way("exec")
test_strings = way("strings")
test_lost = way("lost")
test_arguments = way("arguments")
test_forks = way("forks")
test_lends = way("lends")


if __name__ == "__main__":
    system.main(globals(), machine)
