#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Programs that fault die by the right signal; nothing else notices."""

import re

import system
from system import regex

PROGRAM = system.compile_program("faults.c", "faults")
HOG = system.compile_program("hog.c", "hog")

PATIENCE = 300

# What goes on while others take all memory.
CHECKSUM = """want=$(md5sum </bin/busybox)
for i in 1 2 3; do
	cp /bin/busybox /root/copy; sync
	[ "$(md5sum </root/copy)" = "$want" ] || echo wrong $i
	rm /root/copy
done
echo sums done"""


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


def test_memory_that_the_system_reads(m):
    """It is gone, which is not the end of the system."""
    fault(m, "gone", "Killed", 137)


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
    m.check("/extra/faults memory", regex("^Killed$"), status=137,
            timeout=PATIENCE)
    m.check("ls -d /bin", "/bin")


def exhaust(m, kind):
    # One of many may hear of it by a brk that fails.
    m.check("/extra/hog " + kind, regex("^(no more: brk\r*\n)*Killed$"),
            status=137, timeout=PATIENCE)
    m.check("ls -d /bin", "/bin")


def test_memory_exhausted_by_mappings(m):
    exhaust(m, "map")


def test_memory_exhausted_by_many(m):
    exhaust(m, "forks")
    exhaust(m, "stack")


def test_memory_exhausted_on_a_small_machine(_):
    """Where readers could take what the way of pages to the disk needs."""
    m = system.Machine(extra=[HOG], options=["--mem", "24", "--ncpu", "4"])
    try:
        m.start()
        for _again in range(3):
            exhaust(m, "forks")
    finally:
        m.close()


def test_large_requests_on_a_small_machine(_):
    """What the file server holds of its clients at a time is bounded."""
    m = system.Machine(options=["--mem", "24", "--ncpu", "4"])
    many = "for i in 1 2 3 4 5 6 7 8 9 10; do %s & done; wait; "
    try:
        m.start()
        m.script(many % "dd if=/bin/busybox of=/root/$i bs=1M 2>/dev/null || "
                 "echo not written: $i" +
                 "cat /bin/busybox /root/? /root/10 | md5sum\n"
                 "cd /bin; cat busybox busybox busybox busybox busybox "
                 "busybox busybox busybox busybox busybox busybox | md5sum\n" +
                 many % "dd if=/root/$i of=/dev/null bs=1M 2>/dev/null || "
                 "echo not read: $i" +
                 "echo read", regex(r"^(\w+)  -\n\1  -\nread$"),
                 timeout=PATIENCE)
    finally:
        m.close()


def test_memory_exhausted_by_one_that_wants_to_be_spared(m):
    exhaust(m, "essential")


def one_asleep(m, kind, name):
    """Who has most ends, though it is another that asks for more; and the log
    says who that was: the kernel's, or unix's if it was about to fall asleep.

    Either fits into memory and paging space, about 100 MiB, but not both."""
    before = len(m.log_text())
    m.check("/extra/hog %s 75 >/tmp/asleep & "
            "until grep -q asleep /tmp/asleep; do sleep 1; done; "
            "/extra/hog heap 60; wait $!; echo $?" % kind,
            regex("no more: 60 MiB taken.*(^|\n)137$"), timeout=PATIENCE)
    log = m.log_text()[before:]
    if not regex(r"memory exhausted: (task {0} terminated|killed {0})".format(
            re.escape(name))).search(log):
        raise system.Failure("log: " + log)


def test_memory_exhausted_by_one_asleep(m):
    one_asleep(m, "asleep", "hog")


def test_memory_exhausted_by_one_with_another_name(_):
    # On a new machine: here much of the paging space may be in use.
    m = machine()
    try:
        one_asleep(m.start(), "named", "a??pig")
    finally:
        m.close()


def test_others_go_on(m):
    """Right sums, while three hogs at a time want everything."""
    m.script("(%s) & job=$!\n"
             "/extra/hog heap & a=$!; /extra/hog map & b=$!\n"
             "/extra/hog heap & c=$!\n"
             "for p in $a $b $c; do wait $p; echo status $?; done\n"
             "wait $job" % CHECKSUM,
             regex(r"^(?=[\s\S]*sums done)(?!([\s\S]*wrong))"
                   r"([\s\S]*status 137){3}"), timeout=PATIENCE)
    if "panic" in m.log_text() or "not handled" in m.log_text():
        raise system.Failure("log: " + m.log_last())


def machine():
    return system.Machine(extra=[PROGRAM, HOG], options=["--mem", "64"])


if __name__ == "__main__":
    system.main(globals(), machine)
