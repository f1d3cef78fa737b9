#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Programs that fault die by the right signal; nothing else notices."""

import system
from system import regex

MISSING = {
    "test_memory_exhausted": "paging out stops when memory and the paging "
                             "file are full",
}

PROGRAM = system.compile_program("faults.c", "faults")


def fault(m, how, text, status):
    m.check("/extra/faults " + how, regex(text), status=status)
    m.check("echo alive", "alive")


def test_null_pointer(m):
    fault(m, "null", "Segmentation fault", 139)


def test_division_by_zero(m):
    fault(m, "divide", "Floating point exception|Arithmetic exception", 136)


def test_illegal_instruction(m):
    fault(m, "illegal", "Illegal instruction", 132)


def test_stack_overflow(m):
    fault(m, "stack", "Segmentation fault", 139)


def test_write_to_text(m):
    fault(m, "text", "Segmentation fault", 139)


def test_privileged_instruction(m):
    fault(m, "privileged", "Segmentation fault", 139)


def test_abort(m):
    fault(m, "abort", "Aborted", 134)


def test_caught(m):
    m.check("/extra/faults null catch", "caught 11")
    m.check("/extra/faults divide catch", "caught 8")
    m.check("/extra/faults illegal catch", "caught 4")


def test_fault_in_a_pipeline(m):
    m.check("/extra/faults null 2>/dev/null | cat; echo after",
            regex("after$"))


def test_memory_exhausted(m):
    m.check("/extra/faults memory", regex("no more after some|Killed"),
            status=3, timeout=180)
    m.check("ls -d /bin", "/bin")


if __name__ == "__main__":
    system.main(globals(), lambda: system.Machine(extra=[PROGRAM]))
