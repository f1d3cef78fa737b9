#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""adb's manual page at the debugger's prompt, request by request."""

import re

import system
from kdb_test import Debugged, found, offsets
from system import Failure


def at_task_create(m, command="/bin/true"):
    """Stop where a task is made for COMMAND; the addresses there."""
    m.interrupt()
    m.ask("task_create:b")
    m.go_on()
    m.send(command + "\n")
    m.stopped("breakpoint\r*\ntask_create: ")
    m.ask("task_create:d")
    return offsets("task_create")


def value(m, expression):
    return int(found(r"^ +(\w+) *$", m.ask(expression + "=X")), 16)


def go_on(m, answer="on"):
    m.go_on()
    m.expect(system.PROMPT)
    m.check("/bin/true; echo " + answer, answer)


def test_addresses_of_going_on(m):
    """`:s', `:S', `next' and `:c' begin at their address, if they have one."""
    starts = at_task_create(m)
    m.ask(":s")
    # Where the thread would stay for ever, or worse.
    for at, command, to in (1, ":s", 2), (2, " next", 3), (3, ",2:s", 5):
        m.ask("vm_page_size>eip")
        found(r"^task_create\+0x%x: " % starts[to],
              m.ask("task_create+%x%s" % (starts[at], command)))
    m.ask("vm_page_size>eip")
    found(r"^call \w+$", m.ask("task_create+%x:S" % starts[5]))
    for _ in range(20):
        if "\nreturn to task_create+" in "\n" + m.ask(":S"):
            break
    at = value(m, ".")
    m.ask("vm_page_size>eip")
    m.send("0%x:c\r" % at)
    m.expect(system.PROMPT)
    m.check("/bin/true; echo on", "on")


def test_counts_of_going_on(m):
    """So many steps, and an empty line is one more; so many breakpoints."""
    starts = at_task_create(m)
    found(r"^task_create\+0x%x: " % starts[3], m.ask(",3:s"))
    m.send("\r")
    found(r"^task_create\+0x%x: " % starts[4], m.answer())
    m.send(",2\r")
    found(r"^task_create\+0x%x: " % starts[6], m.answer())
    found(r"^task_create\+0x\w+: ", m.ask(",2 next"))
    for place in "task_create", "S_task_create":
        m.ask(place + ":b")
    # Its own task has been made; then two breakpoints for each other one.
    m.send(",4:c\r")
    m.expect(system.PROMPT)
    m.send("/bin/true; /bin/true\n")
    m.stopped("breakpoint\r*\ntask_create: ")
    hits = re.findall(r"^1 +(\d+) +\w+ *$", m.ask("$b"), re.M)
    if hits != ["2", "2"]:
        raise Failure(hits)
    # It was for that time alone.
    m.send(":c\r")
    m.expect(system.PROMPT)
    m.send("/bin/true\n")
    m.stopped("breakpoint\r*\nS_task_create: ")
    # With a count of its own, as many times.
    m.ask("S_task_create:d")
    m.ask("task_create,2:b")
    m.send(",2:c\r")
    m.expect(system.PROMPT)
    m.send("/bin/true; /bin/true; /bin/true\n")
    m.stopped("breakpoint\r*\ntask_create: ")
    found(r"^2 +4 +task_create *$", m.ask("$b"))
    m.ask("task_create:d")
    go_on(m)


if __name__ == "__main__":
    system.main(globals(), lambda: Debugged("kdb=user"))
