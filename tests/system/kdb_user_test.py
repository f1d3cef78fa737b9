#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""The debugger's breakpoints and single steps in programs, over the serial line
of a system with four processors."""

import os
import re
import subprocess
import time

import system
from kdb_test import KDB, Debugged, found
from system import Failure

PROGRAM = system.compile_program("breaks.c", "breaks")
RUN = "/extra/breaks"


def symbols(program):
    out = subprocess.run(["i686-linux-gnu-nm", program], text=True,
                         stdout=subprocess.PIPE, check=True).stdout
    return {line.split()[2]: line.split()[0] for line in out.split("\n")
            if len(line.split()) == 3}


AT = {name: "0" + value for name, value in symbols(PROGRAM).items()}


def total(n):
    return sum(i * i for i in range(n))


def text(m):
    """What breaks says of its text now, which has to be as in the file."""
    return found(r"^done 0 text (\w+)$", m.run(RUN + " 0")[0])


def start(m, n, how="wait"):
    """Have it wait in the foreground; the debugger's prompt."""
    m.send("%s %s %d\n" % (RUN, how, n))
    m.expect("ready 1\r*\n")
    m.interrupt()


def resume(m):
    m.send(":c\r")
    m.expect(":c\r*\n")


def ended(m, n, clean, who="done"):
    """What it was to compute is right, and its text CLEAN."""
    m.expect("%s %d text %s\r*\n" % (who, total(n), clean))
    m.expect(system.PROMPT)


def instructions(name):
    """Where those of a function are in it."""
    out = subprocess.run(
        ["i686-linux-gnu-objdump", "-dw", "--disassemble=" + name, PROGRAM],
        text=True, stdout=subprocess.PIPE, check=True).stdout
    return [int(at, 16) - int(AT[name], 16)
            for at in re.findall(r"^ *([0-9a-f]+):\t", out, re.M)]


OUTER = instructions("outer")
ODD = instructions("odd")
NEED = instructions("need")


def at(m, name, offset):
    """Its program counter is there."""
    found(r"^ +%x *$" % (int(AT[name], 16) + offset), m.ask("<eip=X"))


def test_server(m):
    """In a function of a server, by name; the file system works on after."""
    m.interrupt()
    found(r"^task 0x\S+ file$", m.ask("task file"))
    was = m.ask("S_dir_lookup,4/i")
    m.ask("S_dir_lookup:b")
    found(r"^1 +0 +S_dir_lookup *\n\tof task 0x\S+ file", m.ask("$b"))
    resume(m)
    m.send("ls /nothing\n")
    m.stopped("breakpoint of file\r*\nS_dir_lookup: ")
    found(r"^task 0x\S+ file$", m.ask("task"))
    found(r"^  \S+ S_dir_lookup\+0", m.ask("$c"))
    found(r"^1 +1 +S_dir_lookup *\n\tof task 0x\S+ file$", m.ask("$b"))
    # What it was is shown.
    if m.ask("S_dir_lookup,4/i") != was:
        raise Failure("%r was %r" % (m.ask("S_dir_lookup,4/i"), was))
    m.ask("S_dir_lookup:d")
    found(r"^no breakpoint: ", m.ask("S_dir_lookup:d"))
    m.ask("task kernel")
    resume(m)
    m.expect(system.PROMPT)
    m.check("cat /etc/passwd | md5sum >/dev/null; echo on", "on")


def test_program(m):
    """In a program, by address; its own results are right, and its text is as
    before when the breakpoint is deleted, also while it runs."""
    clean = text(m)
    start(m, 3)
    found("^no breakpoint there: .* no task is chosen$",
          m.ask(AT["tick"] + ":b"))
    m.ask("task breaks")
    m.ask(AT["tick"] + ":b")
    resume(m)
    m.send("\n")
    for i in range(2):
        m.stopped("breakpoint of breaks\r*\n")
        found(r"^ +%s *$" % AT["tick"].lstrip("0"), m.ask("<eip=X"))
        found(r"^ +%x *$" % i, m.ask("*(<esp+4)=X"))
        if i == 1:
            m.ask(AT["tick"] + ":d")
        resume(m)
    ended(m, 3, clean)
    if text(m) != clean:
        raise Failure("the file's text has changed")


def test_counts(m):
    """With a count, a condition, and commands."""
    clean = text(m)
    start(m, 30)
    m.ask("task breaks")
    m.ask("0>a")
    m.ask("%s,0t10:b <a+1>a" % AT["tick"])
    resume(m)
    m.send("\n")
    m.stopped("breakpoint of breaks\r*\n")
    found(r"^ +9 *$", m.ask("*(<esp+4)=X"))
    found(r"^ +a *$", m.ask("<a=X"))
    # The first one from the twentieth on.
    m.ask(AT["tick"] + ":b if *(<esp+4)%0t20")
    resume(m)
    m.stopped("breakpoint of breaks\r*\n")
    found(r"^ +14 *$", m.ask("*(<esp+4)=X"))
    m.ask(AT["tick"] + ":d")
    resume(m)
    ended(m, 30, clean)


def absent(m, address):
    """The processor has no page there yet; others may."""
    at = int(address, 16)
    for start, end in re.findall(r"^[|`]- (\w{8})-(\w{8}) ",
                                 m.ask("show pmap breaks"), re.M):
        if int(start, 16) <= at < int(end, 16):
            raise Failure("%s is in %s-%s" % (address, start, end))


def test_absent(m):
    """In a page that is not in memory yet: that is said, and it stops there when
    it has come; a step into such a page is no more than a step."""
    clean = text(m)
    start(m, 1)
    m.ask("task breaks")
    m.ask(AT["far_away"] + ":b")
    found("nobody has that text in memory yet$", m.ask("$b"))
    m.go_on()
    m.interrupt("breakpoint %s is not in the text: nobody has " %
                AT["far_away"].lstrip("0"))
    resume(m)
    m.send("\n")
    m.stopped("breakpoint of breaks\r*\n")
    at(m, "far_away", 0)
    found(r" +of task 0x\S+ breaks$", m.ask("$b").replace("\t", " "))
    while "call" not in m.ask(":s"):
        pass
    absent(m, AT["farther"])
    m.ask(":s")
    at(m, "farther", 0)
    m.ask(":s")
    found("^ +[1-9a-f]", m.ask("<eip-%s=X" % AT["farther"]))
    m.ask(AT["far_away"] + ":d")
    resume(m)
    ended(m, 1, clean)


def test_faults(m):
    """A step of an instruction whose memory is not there yet does that
    instruction, when it has come, and stops behind it: to read and to write, at a
    breakpoint and without one."""
    clean = text(m)
    wanted = "0%x" % (int(AT["wanted"], 16) + 4096)
    for breakpoints in 1, 2:
        start(m, 1)
        m.ask("task breaks")
        for i in range(breakpoints):
            m.ask("%s+%x:b" % (AT["need"], NEED[i]))
        absent(m, AT["needed"])
        absent(m, wanted)
        resume(m)
        m.send("\n")
        m.stopped("breakpoint of breaks\r*\n")
        at(m, "need", 0)
        absent(m, AT["needed"])
        m.ask(":s")
        at(m, "need", NEED[1])
        found("^ +12345678 *$", m.ask("<eax=X"))
        absent(m, wanted)
        m.ask(":s")
        at(m, "need", NEED[2])
        found("^ +12345678 *$", m.ask(wanted + "/X"))
        m.ask(":s")
        at(m, "need", NEED[3])
        found("^ +12345679 *$", m.ask("<eax=X"))
        for i in range(breakpoints):
            m.ask("%s+%x:d" % (AT["need"], NEED[i]))
        resume(m)
        ended(m, 1, clean)


def begin(m, name, descriptor):
    """One in the background, which goes on when its DESCRIPTOR gets a line; its
    task."""
    m.check("mkfifo /tmp/go%s; (%s wait 4 </tmp/go%s >/tmp/%s) & echo on" %
            (name, RUN, name, name), "on")
    m.check("exec %d>/tmp/go%s; until grep -q ready /tmp/%s; do :; "
            "done; echo on" % (descriptor, name, name), "on")
    m.interrupt()
    tasks = re.findall(r"^task (0x\w+) breaks ", m.ask("tasks"), re.M)
    m.go_on()
    m.check("echo on", "on")
    return set(tasks)


def test_one_task(m):
    """In one of two tasks that run the same file."""
    clean = text(m)
    others = begin(m, "other", 3)
    tasks = begin(m, "mine", 4)
    if len(others) != 1 or len(tasks) != 2:
        raise Failure("%r %r" % (others, tasks))
    mine = (tasks - others).pop()
    m.interrupt()
    m.ask("task " + mine)
    m.ask(AT["tick"] + ",2:b")
    resume(m)
    # The other one has nothing.
    m.check("echo >&3; exec 3>&-; until grep done /tmp/other; do :; done",
            "done %d text %s" % (total(4), clean))
    m.send("echo >&4; exec 4>&-; until grep done /tmp/mine; do :; done\n")
    for i in 1, 3:
        m.stopped("breakpoint of breaks\r*\n")
        found("^task %s breaks$" % mine, m.ask("task"))
        found(r"^ +%x *$" % i, m.ask("*(<esp+4)=X"))
        resume(m)
    m.expect("done %d text " % total(4))
    m.expect(system.PROMPT)
    m.check("wait; rm /tmp/*other /tmp/*mine", "")
    # It went with its task.
    m.interrupt()
    found(r"\A *count +hits +breakpoint +command\n\Z", m.ask("$b"))
    m.go_on()
    m.check("echo on", "on")


def test_all_tasks(m):
    """In all that have that text: a child's, and what is begun later."""
    clean = text(m)
    start(m, 2)
    m.ask("task breaks")
    m.ask(AT["tick"] + ":b all")
    resume(m)
    m.send("\n")
    for _ in range(2):
        m.stopped("breakpoint of breaks\r*\n")
        resume(m)
    m.expect("done %d text " % total(2))
    m.expect(system.PROMPT)
    m.send(RUN + " fork 2\n")
    tasks = set()
    for _ in range(4):
        m.stopped("breakpoint of breaks\r*\n")
        tasks.add(found(r"^task (0x\w+) breaks$", m.ask("task")))
        resume(m)
    m.expect("done %d text " % total(2))
    m.expect(system.PROMPT)
    if len(tasks) != 2:
        raise Failure("tasks: %r" % tasks)
    m.interrupt()
    found(r"^1 +6 +0x%s *\n\tof all tasks, in 0 of them" %
          AT["tick"].lstrip("0"), m.ask("$b"))
    m.ask(AT["tick"] + ":d")
    m.go_on()
    if text(m) != clean:
        raise Failure("the file's text has changed")


def test_exec(m):
    """A program that takes the place of another in its task has those of its text
    as well."""
    start(m, 2, "exec")
    m.ask("task breaks")
    m.ask(AT["tick"] + ":b")
    resume(m)
    m.send("\n")
    for i in range(4):
        m.stopped("breakpoint of breaks\r*\n")
        found(r"^ +%x *$" % (i % 2), m.ask("*(<esp+4)=X"))
        resume(m)
    m.expect("done %d text " % total(2))
    m.expect(system.PROMPT)
    m.interrupt()
    found(r"\A *count +hits +breakpoint +command\n\Z", m.ask("$b"))
    m.go_on()
    m.check("echo on", "on")


def test_own_traps(m):
    """A program's own trap instruction is its own."""
    start(m, 1)
    m.ask("task breaks")
    m.ask(AT["tick"] + ":b all")
    resume(m)
    m.send("\n")
    m.stopped("breakpoint of breaks\r*\n")
    resume(m)
    m.expect(system.PROMPT)
    m.check(RUN + " trap", "trapped 2")
    # A step onto it, and what the program's handler does, is one.
    start(m, 0)
    m.ask("task breaks")
    m.ask(AT["tick"] + ":d")
    m.ask(AT["trap"] + ":b all")
    resume(m)
    m.send("\n")
    m.expect("done 0 text ")
    m.expect(system.PROMPT)
    m.send(RUN + " trap\n")
    m.stopped("breakpoint of breaks\r*\n")
    m.ask(":s")
    at(m, "trap_here", 0)
    m.ask(":s")
    at(m, "trap_here", 1)
    m.ask(":s")
    at(m, "trap_here", 3)
    m.ask(AT["trap"] + ":d")
    resume(m)
    m.expect("trapped 2\r*\n")
    m.expect(system.PROMPT)


def test_traps_stop(m):
    """With `kdb=user' a program's own trap instructions, of either length, stop,
    and after its signal it goes on behind them; without they do not stop."""
    m.check(RUN + " trap", "trapped 2")
    flagged = Debugged("kdb=user", extra=[PROGRAM])
    try:
        flagged.start()
        flagged.send(RUN + " trap\n")
        for behind in 1, 3:
            flagged.stopped("trap instruction of breaks\r*\n")
            flagged.ask(",0$w")
            at(flagged, "trap_here", behind)
            resume(flagged)
        flagged.expect("trapped 2\r*\n")
        flagged.expect(system.PROMPT)
    finally:
        flagged.close()


def test_stopped_meanwhile(m):
    """While a thread is in the system call that a breakpoint is at, which is out of
    the text for that, the system is stopped by others: it is there again."""
    clean = text(m)
    start(m, 0)
    m.ask("task breaks")
    m.ask(AT["napping"] + ":b all")
    resume(m)
    m.send("\n")
    ended(m, 0, clean)
    m.send(RUN + " nap 3\n")
    for i in range(3):
        m.stopped("breakpoint of breaks\r*\n")
        at(m, "napping", 0)
        if i == 2:
            m.ask(AT["napping"] + ":d")
        resume(m)
        if i < 2:
            time.sleep(1)
            m.interrupt()
            m.go_on()
    m.expect("napped 3\r*\n")
    m.expect(system.PROMPT)


def test_until(m):
    """Up to an address where it is already: until it comes there again, also if a
    breakpoint was there."""
    clean = text(m)
    start(m, 5)
    m.ask("task breaks")
    m.ask(AT["tick"] + ":b")
    resume(m)
    m.send("\n")
    m.stopped("breakpoint of breaks\r*\n")
    m.ask(AT["tick"] + ":d")
    for i in 1, 2, 3:
        m.ask("until " + AT["tick"])
        at(m, "tick", 0)
        found(r"^ +%x *$" % i, m.ask("*(<esp+4)=X"))
    resume(m)
    ended(m, 5, clean)


def test_odd_entries(m):
    """Steps over what enters the kernel in other ways than usual."""
    clean = text(m)
    start(m, 1)
    m.ask("task breaks")
    m.ask(AT["odd"] + ":b")
    resume(m)
    m.send("\n")
    m.stopped("breakpoint of breaks\r*\n")
    for offset in ODD[1:]:
        m.ask(":s")
        at(m, "odd", offset)
    m.ask(AT["odd"] + ":d")
    resume(m)
    ended(m, 1, clean)


def fill(m):
    """As many breakpoints as there can be, where nobody comes any more; where the
    first one is."""
    first = "startup_main"
    for i in range(40):
        if "there are 32 breakpoints already" in m.ask(first + "+%x:b" % i):
            return first
    raise Failure("there is always room")


def empty(m):
    for i in range(40):
        m.ask("startup_main+%x:d" % i)


def test_no_room(m):
    """What going on needs a breakpoint for, when there is room for none: that is
    said, nothing is done, and it can be done when there is room."""
    clean = text(m)
    start(m, 1)
    m.ask("task breaks")
    m.ask(AT["entered"] + ":b")
    m.ask(AT["far_away"] + ":b")
    first = fill(m)
    resume(m)
    m.send("\n")
    m.stopped("breakpoint of breaks\r*\n")
    at(m, "entered", 0)
    # The breakpoint here is to be gone over, with a system call.
    for _ in range(2):
        resume(m)
        m.stopped("cannot go on: that needs a breakpoint at %x, for which" %
                  (int(AT["entered"], 16) + 2))
        at(m, "entered", 0)
    found("no room for a breakpoint where it comes back", m.ask(":s"))
    at(m, "entered", 0)
    m.ask(first + ":d")
    m.ask(":s")
    at(m, "entered", 2)
    # A call that is to be gone over.
    while not re.search(r"\bcall +", m.ask(":s")):
        pass
    fill(m)
    pc = m.ask("<eip=X")
    found("no room for a breakpoint where it comes back", m.ask("next"))
    if m.ask("<eip=X") != pc:
        raise Failure("it has stepped")
    # An instruction that is not in memory yet, and has no breakpoint.
    resume(m)
    m.stopped("breakpoint of breaks\r*\n")
    at(m, "far_away", 0)
    while "call" not in m.ask(":s"):
        pass
    m.ask(":s")
    at(m, "farther", 0)
    m.send(":s\r")
    m.stopped("cannot go on: that needs a breakpoint at %x, for which" %
              int(AT["farther"], 16))
    at(m, "farther", 0)
    m.ask(first + ":d")
    m.ask(":s")
    found("^ +[1-9a-f]", m.ask("<eip-%s=X" % AT["farther"]))
    m.ask(AT["entered"] + ":d")
    m.ask(AT["far_away"] + ":d")
    empty(m)
    resume(m)
    ended(m, 1, clean)


def test_steps(m):
    """Single steps in user mode: as the instructions are, over system calls, over
    calls, to the next call or return, to an address, counted."""
    clean = text(m)
    start(m, 5)
    m.ask("task breaks")
    m.ask(AT["outer"] + ":b")
    resume(m)
    m.send("\n")
    m.stopped("breakpoint of breaks\r*\n")
    for offset in OUTER[1:4]:
        m.ask(":s")
        at(m, "outer", offset)
    # The call, into it and over it.
    m.ask(":s")
    at(m, "tick", 0)
    m.ask(",2:s")
    m.ask("until 0%x" % (int(AT["outer"], 16) + OUTER[4]))
    at(m, "outer", OUTER[4])
    m.ask(",2:s")
    at(m, "enter", 0)
    m.ask(":s")
    at(m, "entered", 0)
    # The system call is one.
    m.ask(":s")
    at(m, "entered", 2)
    found(r"(?s)return to .*\n.*call .*\n", m.ask(",2:S"))
    m.ask(":s")
    m.ask(AT["outer"] + ":d")
    m.ask(AT["outer"] + ":b")
    resume(m)
    m.stopped("breakpoint of breaks\r*\n")
    m.ask(",3:s")
    m.ask("next")
    at(m, "outer", OUTER[4])
    resume(m)
    # With a breakpoint in the way, and one at a system call.
    m.stopped("breakpoint of breaks\r*\n")
    m.ask(AT["tick"] + ":b")
    m.ask(AT["entered"] + ":b")
    m.ask(",3:s")
    m.send("next\r")
    m.stopped("breakpoint of breaks\r*\n")
    at(m, "tick", 0)
    resume(m)
    m.stopped("breakpoint of breaks\r*\n")
    at(m, "entered", 0)
    m.ask(":s")
    at(m, "entered", 2)
    resume(m)
    m.stopped("breakpoint of breaks\r*\n")
    at(m, "outer", 0)
    m.ask(AT["outer"] + ":d")
    m.ask(AT["entered"] + ":d")
    # A breakpoint where counting ends has had its say.
    found(r"^4 instructions$", m.ask("count " + AT["tick"]))
    at(m, "tick", 0)
    resume(m)
    m.stopped("breakpoint of breaks\r*\n")
    m.ask(AT["tick"] + ":d")
    resume(m)
    ended(m, 5, clean)


HITS = int(os.environ.get("HITS", "500"))


def test_load(m):
    """A breakpoint of all tasks that four processors come along all the time, in
    tasks that end and begin; what they compute is right."""
    clean = text(m)
    start(m, 1)
    m.ask("task breaks")
    m.ask("%s,0t%d:b all" % (AT["tick"], HITS))
    resume(m)
    m.send("\n")
    m.expect("done 0 text ")
    m.expect(system.PROMPT)
    # Whoever is stopped at one while others are gone over stays there.
    m.send("for i in 1 2 3 4; do (for j in 1 2 3 4 5; do %s fork %d; done) "
           ">/tmp/$i & done; (while [ ! -e /tmp/over ]; do "
           "killall -STOP breaks; killall -CONT breaks; done 2>/dev/null) & "
           "echo on\n" % (RUN, HITS // 32))
    m.expect("on\r*\n")
    m.expect("breakpoint of breaks\r*\n", HITS)
    m.expect(KDB)
    found(r"^%d +%d +0x%s" % (HITS, HITS, AT["tick"].lstrip("0")),
          m.ask("$b"))
    m.ask(AT["tick"] + ":d")
    m.go_on()
    m.check("echo >/tmp/over; wait; cat /tmp/[1-4] | cut -d' ' -f1-2 | sort | uniq -c | "
            "sed 's/^ *//'", "20 child %d\n20 done %d" %
            ((total(HITS // 32),) * 2))
    if text(m) != clean:
        raise Failure("the file's text has changed")


if __name__ == "__main__":
    system.main(globals(), lambda: Debugged(extra=[PROGRAM]))
