#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""adb's manual page at the debugger's prompt, request by request."""

import os
import re
import subprocess

import system
from kdb_test import Debugged, found, listed, offsets
from system import Failure


def symbol(name):
    """The address of the kernel's."""
    symbols = subprocess.run(
        ["i686-linux-gnu-nm", system.BUILD + "/tartan"], text=True,
        stdout=subprocess.PIPE, check=True).stdout
    return int(found(r"^(\w+) \w %s$" % name, symbols), 16)


def source(function, offset=0, program="tartan"):
    """FILE:LINE of the instruction at OFFSET of FUNCTION, or at an address."""
    path = system.BUILD + "/" + program
    address = offset
    if isinstance(offset, int):
        address = hex(symbol(function) + offset)
    out = subprocess.run(["i686-linux-gnu-addr2line", "-e", path, address],
                         text=True, stdout=subprocess.PIPE, check=True).stdout
    return os.path.relpath(out.split()[0])


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
              m.ask("task_create+0x%x%s" % (starts[at], command)))
    m.ask("vm_page_size>eip")
    found(r"^call \w+$", m.ask("task_create+0x%x:S" % starts[5]))
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


def thread_of(m, name):
    return found(r"^(0x\w+)  %s " % re.escape(name), m.ask("show all threads"))


def test_traces(m):
    """$c and $C of processors, of a thread, from a frame pointer on; so many
    frames."""
    at_task_create(m)
    m.ask(",2:s")
    for letter in "$c", "$C":
        lines = r"\n(\t.*\n)*"
        found(r"\A  \S+ task_create\+0x3 .*" + lines + r"  \S+ S_task_create\+"
              ".*" + lines + r"  -- there is more\nprocessor ",
              m.ask(",2" + letter))
    found(r"^\tparent=0x\w+\n(\t.*\n)*\t<ebx ", m.ask(",1$C"))
    # The frame that is just made.
    found(r"\A  \S+ S_task_create\+.*\n  -- there is more\n\Z",
          m.ask("<ebp,1$c"))
    found(r"\A  \S+ S_task_create\+.*\n(\t.*\n)*  \S+ _Xtask_create\+",
          m.ask("<ebp$C"))
    # A program's, of the chosen thread's task.
    unix = m.ask("$c")
    pc = found(r"^  (08\w+) task_create\+", unix)
    found(r"\A  %s task_create\+.* \(" % pc, m.ask("<uebp$c"))
    for wrong in "1", "4", "0c0100000", "vm_page_size", "0fffffffc", "0fffffffe":
        found(r"^no thread: \w+ \(nor a frame's pointer\)$", m.ask(wrong + "$c"))
    reaper = thread_of(m, "kernel.0")
    found(r"\A(  .*\n)*  \S+ thread_reaper\+.*\n", m.ask(reaper + "$c"))
    found(r"\A  .*\n  -- there is more\n\Z", m.ask(reaper + ",1$c"))
    go_on(m)


def test_lines(m):
    """Files and lines where it stops, of breakpoints, in listings, and of any
    address, as another reader finds them."""
    at_task_create(m)
    line = source("task_create")
    found(r"^task_create: +push +%%ebp \(%s\)$" % line, m.ask("$r"))
    found(r"^task_create\+0x1: .* \(%s\)$" % source("task_create", 1),
          m.ask(":s"))
    m.ask("task_create:b")
    found(r"^1 +0 +task_create *\n\tat %s$" % line, m.ask("$b"))
    m.ask("task_create:d")
    found(r"^task_create\+0x1 \(%s\)$" % source("task_create", 1),
          m.ask("line <eip"))
    found(r"^S_task_create \(%s\)$" % source("S_task_create"),
          m.ask("line S_task_create"))
    found("^no line is known of: vm_page_size$", m.ask("line vm_page_size"))
    # Each where it begins.
    starts = offsets("task_create")[:16]
    wanted = [source("task_create", at) for at in starts]
    at = None
    for text in m.ask("task_create,0t16?i").strip().split("\n"):
        if ":" in text and text.startswith("kernel/"):
            at = text
        elif at != wanted.pop(0):
            raise Failure("%s: %s" % (text, at))
    if wanted:
        raise Failure(wanted)
    # Of a program's, too, also when another task is chosen.
    unix = m.ask("$c")
    pc, place = re.search(r"^  (08\w+) task_make\+.* \((.*)\)$", unix,
                          re.M).groups()
    m.ask("task unix")
    m.ask("0%s:b" % pc)
    for task in "unix", "name":
        m.ask("task " + task)
        found(r"^1 +0 +task_make\+0x\w+ *\n\tat %s\n\tof task 0x\w+ unix"
              % source("task_make", "0x" + pc, "servers/unix"), m.ask("$b"))
    m.ask("task unix")
    m.ask("0%s:d" % pc)
    m.ask("task kernel")
    go_on(m)


def variables(m):
    return {name: int(text, 16) for name, text in
            re.findall(r"^(\w) = 0x(\w+)$", m.ask("$v"), re.M)}


def headers(program):
    """What readelf says: the variables that adb sets."""
    out = subprocess.run(["i686-linux-gnu-readelf", "-hlW", program], text=True,
                         stdout=subprocess.PIPE, check=True).stdout
    loads = re.findall(r"LOAD +\S+ (\S+) \S+ \S+ (\S+) (...) ", out)
    data = [load for load in loads if load[2] == "RW "]
    return {"b": int(data[0][0], 16),
            "d": sum(int(load[1], 16) for load in data),
            "e": int(found(r"Entry point address: +(\w+)$", out), 16),
            "m": 0x464c457f,
            "t": sum(int(load[1], 16) for load in loads
                     if load[2] == "R E")}


def check_variables(m, program, stack):
    got = variables(m)
    wanted = headers(program)
    if {name: got.get(name, 0) for name in wanted} != wanted or \
            not stack[0] <= got["s"] <= stack[1]:
        raise Failure("%r, wanted %r" % (got, wanted))


def test_variables(m):
    """Of the kernel, of programs, and those that printing sets."""
    m.interrupt()
    data = symbol("kernel_rodata_end")
    wanted = {"b": data, "e": symbol("boot_entry"),
              "d": symbol("kernel_tables_start") - data, "m": 0x464c457f,
              "s": 8192,
              "t": symbol("kernel_text_end") - symbol("kernel_text_start")}
    for _ in range(2):
        got = variables(m)
        if any(got[name] != wanted[name] for name in wanted):
            raise Failure("%r, wanted %r" % (got, wanted))
        m.ask("1>b")
        # To name it again is to have it again.
        m.ask("task kernel")
    # Its header may have been put out of memory, but hardly all servers' have.
    checked = 0
    for name in "file", "unix", "name", "term", "device":
        m.ask("task " + name)
        m.ask("thread " + thread_of(m, name + ".0"))
        if variables(m).get("m"):
            check_variables(m, system.BUILD + "/servers/" + name,
                            (4096, 1 << 24))
            checked += 1
    if checked == 0:
        raise Failure("no server's header is there")
    m.ask("task kernel")
    m.ask("0>1; 0>2")
    m.ask("0t77=D")
    if variables(m)["0"] != 77:
        raise Failure("<0")
    # The target of the last call, and that of the one before.
    calls = [at for at, text in zip(offsets("startup_main"),
                                    listed("startup_main")) if "call" in text]
    targets = [int(found(r"call +0x(\w+) ", m.ask("startup_main+0x%x?i" % at)),
                   16) for at in calls[:2]]
    got = variables(m)
    if [got["2"], got["1"]] != targets:
        raise Failure("%r %r" % (got, targets))
    m.go_on()
    m.check("echo on", "on")


def test_variables_of_routines(m):
    """On the chosen thread's stack, of its innermost frame, or why not."""
    at_task_create(m)
    m.ask(",2:s")
    # What it was called with.
    frame = value(m, "S_task_create.")
    child = value(m, "S_task_create.child")
    if not frame - 64 < child < frame:
        raise Failure("%x %x" % (child, frame))
    found(r"^\tchild=0x0*%x$" % value(m, "*S_task_create.child"),
          m.ask(",2$C").replace("NULL", "0x0"))
    for wrong, why in (
            ("S_task_create.parent", "not in memory just there: parent of "),
            ("S_task_create.nothing", "no variable nothing in a frame of "),
            ("thread_reaper.", "no frame of thread_reaper$"),
            ("no_such.thing", "no symbol: no_such$")):
        found("^" + why, m.ask(wrong + "=X"))
    # Of others: each has its own.
    m.ask("thread " + thread_of(m, "kernel.0"))
    if value(m, "thread_reaper.") == frame:
        raise Failure("%x" % frame)
    found("^no frame of S_task_create$", m.ask("S_task_create.=X"))
    m.ask("task name")
    places = set()
    for name in "file.0", "file.1":
        m.ask("task file")
        m.ask("thread " + thread_of(m, name))
        places.add(value(m, "server_receive."))
        # That one is inlined.
        places.add(value(m, "server_exchange."))
    m.ask("task pager")
    value(m, "main.")
    if len(places) != 2:
        raise Failure(places)
    m.ask("task kernel")
    go_on(m)


if __name__ == "__main__":
    system.main(globals(), lambda: Debugged("kdb=user"))
