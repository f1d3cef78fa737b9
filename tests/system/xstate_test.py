#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Vector registers of UNIX programs, on processors of several kinds."""

import subprocess

import dynamic_test
import system
from system import Machine

PROGRAM = system.compile_program("xstate.c", "xstate")

# As on Linux.
ALL = """{bits} bits
handler: handled 1, wrong 0, lost 0
plain handler: handled 1, wrong 0, lost 0
exception: handled 1, wrong 0, lost 0
changed in the frame: handled 1, wrong 0, lost 0
no registers in the frame: handled 1, wrong 0, lost 0
alarms: handled 20, wrong 0, lost 0
x87 1
child: handled 0, wrong 0, lost 0
parent: handled 0, wrong 0, lost 0
MXCSR: signal 11
"""
XSAVE = """reserved: signal 11
unknown set: signal 11
after it: handled 1, wrong 0, lost 0
no magic: status 0
"""
EXEC = "new after exec 1"


def run(expected, *options):
    m = Machine(options=options, extra=[PROGRAM])
    try:
        m.start()
        m.check("/extra/xstate", expected, timeout=120)
    finally:
        m.close()


def test_xsave_and_avx():
    run(ALL.format(bits=256) + XSAVE + EXEC, "--cpu", "max")


def test_xsave_and_avx_of_two_processors():
    run(ALL.format(bits=256) + XSAVE + EXEC, "--cpu", "max", "--ncpu", "2")


def test_fxsave():
    run(ALL.format(bits=128) + EXEC, "--cpu", "pentium3")


def test_cksum():
    """Debian's takes AVX where the processor has it, whoever runs it."""
    dynamic_test.unpack()
    path = "bin/bash"
    wanted = subprocess.check_output(
        ["cksum", path], cwd=dynamic_test.ROOT, text=True).strip()
    m = Machine(options=["--cpu", "max"], extra=[dynamic_test.ROOT])
    try:
        m.start()
        m.check("cd /extra/debian; chroot . /usr/bin/cksum " + path, wanted,
                timeout=120)
    finally:
        m.close()


if __name__ == "__main__":
    system.main(globals())
