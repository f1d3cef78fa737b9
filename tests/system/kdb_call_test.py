#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Calls of the kernel's functions from the debugger, over the serial line of a
system that goes on after each of them."""

import system
from kdb_test import Debugged, found
from system import Failure

# A few KiB that the kernel needs for nothing but double faults: <a.
SCRATCH = "tss_fault_stack"


def stop(m):
    m.interrupt()
    m.ask(SCRATCH + ">a")


def ended(m, command, why, where):
    """COMMAND is ended for the reason WHY in the function WHERE; and the debugger
    is usable after."""
    answer = m.ask(command)
    found(why, answer)
    found(r"^\S+ was ended after \d+ instructions; what it has done stays:\n"
          r"  \S+ %s\b" % where, answer)
    found("^ +10 *$", m.ask("0f+1=X"))


def test_results(m):
    """Numbers, pointers, nothing; each as its type is, or as a number."""
    stop(m)
    pages = found(r"^free pages (\d+),", m.ask("memory"))
    found(r"^vm_phys_free_count returns %#x$" % int(pages),
          m.ask("call vm_phys_free_count()"))
    found(r"^ +%x *$" % int(pages), m.ask(".=X"))
    thread = found(r"thread (0x\w+) reaper ", m.ask("threads"))
    found(r'^thread_name returns 0xc\w+ "reaper"$',
          m.ask("call thread_name(%s)" % thread))
    # One of assembler, which no table tells of; and one that returns nothing.
    found(r"^memset returns 0xc\w+ -\d+$", m.ask("call memset(<a,'z',6)"))
    found(r"^memset returns ", m.ask("call memset(<a+4,0,1)"))
    found(r" zzzz$", m.ask("<a/s"))
    found(r"^strlen returns 4$", m.ask("call strlen(<a)"))
    m.ask("<a+10/W <a+14 <a+20 <a+30 0")
    m.go_on()
    m.check("echo on", "on")


def test_conventions(m):
    """Arguments are where each function wants them: a number of them that varies,
    64 bits, those of the trap table on the stack."""
    stop(m)
    m.ask("<a/W 'n=%d' ':%x;' ' %s' 0")
    m.ask("<a+20/W 'text' 0")
    found(r"^snprintf returns 15$",
          m.ask("call snprintf(<a+40,0t40,<a,-5,1234,<a+20)"))
    found(r" n=-5:1234; text$", m.ask("<a+40/s"))
    found(r"^__udivdi3 returns 0x33333333$", m.ask("call __udivdi3(-1,5)"))
    found(r"^__udivdi3 returns 0xe$", m.ask("call __udivdi3(64,7)"))
    found(r"^__umoddi3 returns 2$", m.ask("call __umoddi3(64,7)"))
    ended(m, "call sys_mach_print(5678)",
          r"^page fault in the called function at \w+, of 00005678$",
          r"(copyio_load8|copyin_string)")
    m.go_on()
    m.check("echo on", "on")


def test_refusals(m):
    """What cannot be called right is not called, and that says why."""
    stop(m)
    for command, answer in (
            ("call strlen", r"^\( expected: "),
            ("call strlen(<a", r"^, or \) expected: "),
            ("call strlen(<a,)", r"^argument expected: \)"),
            ("call strlen(<a) 1", "^end of the command expected: 1"),
            ("call no_such(1)", "^no symbol: no_such"),
            ("call strlen()", r"^cannot call it: it wants \(s\)$"),
            ("call strlen(1,2)", r"^cannot call it: it wants \(s\)$"),
            ("call snprintf(1)", r"^cannot call it: it wants \(\w+, \w+, "
             r"\w+, \.\.\.\)$"),
            ("call memset(1,2,3,4,5,6,7,8,9)", "^more than 8 arguments"),
            ("call strlen+1(<a)", "^cannot call it: strlen does not begin "),
            ("call 1234(1)", "^no function of the kernel's .*: 0?x?1234$"),
            ("call vm_page_size()", "^no function .*: vm_page_size$"),
            ("call kdb_printf(<a)", "^no function .*: kdb_printf$"),
            ("call locore_trap()", "^no function .*: locore_trap$"),
            ("call list_check(1)", "^no symbol: list_check|cannot")):
        found(answer, m.ask(command))
    m.go_on()
    m.check("echo on", "on")


def test_ends(m):
    """A fault, an assertion, a panic; what waits, lets interrupts in, or goes
    away.  The system goes on each time."""
    for command, why, where in (
            ("strlen(4)", "^page fault in the called function at "
             r"c0\w+, of 00000004$", "strlen"),
            ("memset(0f03ff000,0,4)", "^page fault in the called function at "
             r"c0\w+, of f03ff000$", "memset"),
            ("intr_mask(0t99)", r"^panic in the debugger: i386/intr.c:\d+: "
             "assertion failed: irq < PIC_LINES$", "panic_assert"),
            ("panic(<a,0t77)", "^panic in the debugger: n=77$", "panic"),
            ("sched_yield()", "^it waits for something$", "sched_yield"),
            ("clock_set_time(<a+10)", "^it waits for the spin lock at "
             r"c0\w+, which processor 2 has$", "spinlock_lock_slow"),
            ("switch_context(<a,<a+100,0)", "^it changes stacks$",
             "switch_context")):
        stop(m)
        m.ask("<a/W 'n=%d' 0")
        m.ask("<a+10/W 0t1700000000 0")
        m.ask("clock_lock/W 3")
        ended(m, "call " + command, why, where)
        m.ask("clock_lock/W 0")
        m.go_on()
        m.check("echo on", "on")


def test_double_fault(m):
    """One that loses its stack is a panic, which is told of; the processor cannot go
    back to what it was at, and that is refused."""
    other = Debugged()
    try:
        other.start()
        other.interrupt()
        other.ask("startup_main?w 0e431")	# xor %esp, %esp
        other.send("call startup_main()\r")
        other.expect("panic: double fault at c0")
        found(r"^  -- interrupted\n  \w+ startup_main\+0x2 ", other.answer())
        found("^cannot continue after a panic$", other.ask(":c"))
        found(r"^ +10 *$", other.ask("0f+1=X"))
    finally:
        other.close()


def test_endless(m):
    """One that never returns is ended by ^C, where it is: in a tree that leads
    back to itself."""
    stop(m)
    m.ask("<a/W <a+10")
    m.ask("<a+10/W 0 <a+10 0 0")
    for _ in range(2):
        m.send("call rbtree_first(<a)\r")
        m.expect(r"rbtree_first\(<a\)\r*\n")
        m.send("\x03")
        m.expect(r"\^C\r*\n")
        found(r"^rbtree_first was ended after \d{2,} instructions; what it has "
              r"done stays:\n  c0\w+ rbtree_(first|end)\b", m.answer())
    m.ask("<a+14/W 0")
    found(r"^rbtree_first returns 0xc\w+$", m.ask("call rbtree_first(<a)"))
    m.go_on()
    m.check("echo on", "on")


def test_stepping(m):
    """Where a breakpoint has stopped a thread, its own instructions go on one by
    one after a call as before, and it does what it was to do."""
    stop(m)
    m.ask("task_create:b")
    m.go_on()
    m.send("/bin/true; echo o\"\"n\n")
    m.stopped("breakpoint\r*\ntask_create: ")
    m.ask("task_create:d")
    m.ask(SCRATCH + ">a")
    m.ask("<a/W 'abcd' 0")
    before = m.ask("$r")
    found(r"^strlen returns 4$", m.ask("call strlen(<a)"))
    found("^page fault in the called function", m.ask("call strlen(4)"))
    if m.ask("$r") != before:
        raise Failure("%r was %r" % (m.ask("$r"), before))
    found(r"^task_create\+0x1: ", m.ask(":s"))
    # The breakpoint is none of a called function's.
    m.ask("strlen:b")
    found(r"^strlen returns 4$", m.ask("call strlen(<a)"))
    found(r"^1 +0 +strlen *$", m.ask("$b"))
    m.ask("strlen:d")
    found(r"^task_create\+0x3: ", m.ask(":s"))
    m.go_on()
    m.expect("on\r*\n")
    m.expect(system.PROMPT)


if __name__ == "__main__":
    system.main(globals(), Debugged)
