#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""The debugger's views of memory, over the serial line of a system that a
non-maskable interrupt stopped and that goes on after."""

import json
import os
import re
import socket
import subprocess

import system
from system import Failure, Machine

KDB = "kdb> "


class Debugged(Machine):
    """Its kernel's console is the user's terminal."""

    def __init__(self):
        Machine.__init__(self, append="console=com0",
                         options=["--ncpu", "4", "--mem", "32"])
        self.monitor = os.path.join(self.work, "monitor")
        self.options += ["--qemu", "-qmp unix:%s,server=on,wait=off" %
                         self.monitor]

    def interrupt(self):
        """Stop it, at the debugger's prompt."""
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.monitor)
            answers = s.makefile()
            answers.readline()
            for command in "qmp_capabilities", "inject-nmi":
                s.sendall(json.dumps({"execute": command}).encode() + b"\n")
                while "return" not in json.loads(answers.readline()):
                    pass
        self.expect("interrupted")
        self.expect(KDB)

    def ask(self, command):
        self.send(command + "\r")
        self.expect(re.escape(command) + "\r*\n")
        return re.sub("\r+\n", "\n", self.expect(KDB))

    def go_on(self):
        self.send("continue\r")
        self.expect("continue\r*\n")


def found(pattern, text):
    match = re.search(pattern, text, re.M)
    if match is None:
        raise Failure("no %r in %r" % (pattern, text[:2000]))
    return match.group(1) if match.groups() else match.group(0)


def test_trees(m):
    """Of a shell that has forked: from its map to a page and back."""
    m.check("(read line </dev/tty; :) & " + system.in_state("[ST]"), "")
    m.interrupt()
    tree = m.ask("show map sh")
    found(r"^task 0x[0-9a-f]+ sh, map 0x[0-9a-f]+: \d+ entries, \d+K, .*"
          r"K mapped by the processor$", tree)
    found(r"^\|- 080[0-9a-f]{5}-[0-9a-f]+ \d+K r-x/rwx copy ", tree)
    found(r"^\|  +`- (shadows \+0 of )?object 0x[0-9a-f]+ external .*, "
          r"pager 0x[0-9a-f]+ ", tree)
    found(r"^`- [0-9a-f]{8}-[0-9a-f]{8} ", tree)
    # Memory of before the fork, of which both have changed something.
    bottom = found(r"shadows \+[0-9a-f]+ of object (0x[0-9a-f]+) internal "
                   r"\d+K refs \d+, [1-9]\d* resident", tree)
    family = m.ask("show chain " + bottom)
    found(r"=> object %s " % bottom, family)
    found(r"^[|`]- \+[0-9a-f]+: object ", family)
    detail = m.ask("show object " + bottom)
    page = found(r"page (0x[0-9a-f]+) at ", detail)
    at = m.ask("show page " + page)
    found(r"^`- \+[0-9a-f]{8} of object %s " % bottom, at)
    found(r"mapped at [0-9a-f]+ by pmap (0x[0-9a-f]+) ", m.ask(
        "show page " + found(r"page (0x[0-9a-f]+) at .* referenced", detail)))
    found(r"\|- [0-9a-f]+-[0-9a-f]+ r.x, \d+ pages: ", m.ask("show pmap sh"))
    found(r"^`- since the start$", m.ask("show vm"))
    m.go_on()
    m.check("kill $!; wait 2>/dev/null; echo on", "on")


def test_bad_addresses(m):
    """Each is refused, and the prompt comes back."""
    m.interrupt()
    for address in ("0", "4", "1001", "bffffffc", "c0000000", "c0100000",
                    "effffffc", "f03ff000", "ff7ff000", "fec00000",
                    "fffffffc", "ffffffff"):
        found("is no object", m.ask("show object " + address))
        found("is no object", m.ask("show chain " + address))
        found("no task and no map", m.ask("show map " + address))
        found("no task and no map", m.ask("show pmap " + address))
        found("no thread", m.ask("trace " + address))
    found("no page has or is at", m.ask("show page fee00000"))
    found("which task", m.ask("show map"))
    found("show map TASK", m.ask("show"))
    m.go_on()
    m.check("echo on", "on")


def test_every_task(m):
    """All maps of a running system can be drawn, at any moment, also when
    memory is short; and whatever is at an address."""
    jobs = ("cat /etc/passwd | sort >/dev/null",
            "head -c 24000000 /dev/zero | tail -c 20000000 >/dev/null")
    for job in jobs:
        m.send("(while :; do %s; done) & all=\"$all $!\"\n" % job)
        m.expect(system.PROMPT)
    words = set()
    for _ in range(5):
        m.interrupt()
        tasks = re.findall(r"^task (0x[0-9a-f]+) ", m.ask("tasks"), re.M)
        if len(tasks) < 8:
            raise Failure("tasks: %r" % tasks)
        # Some may be of what is no more, or anything else by now.
        for word in sorted(words)[::len(words) // 10 + 1]:
            for kind in "map", "pmap", "object", "chain", "page":
                m.ask("show %s %x" % (kind, word))
                m.ask("show %s %x" % (kind, word + 4))
        words = set()
        for task in tasks:
            tree = m.ask("show map " + task)
            words.update(int(word, 16) for word in
                         re.findall("0x[0-9a-f]{8}", tree))
            # It may have been stopped in the middle of a change.
            if " locked" not in tree and ("damaged" in tree or
                                          "is no object" in tree):
                raise Failure(tree)
            m.ask("show pmap " + task)
        m.go_on()
        m.check("echo on", "on")
    m.check("kill $all; wait $all 2>/dev/null; echo off", "off")


def lines_of(trace):
    """The kernel's lines of a trace: address to what is said of it, from the
    innermost on.  Each but those behind -- is behind a call."""
    said = {}
    frame = []
    for pc, rest in re.findall(r"^  (c0[0-9a-f]{6}) (.*)$", trace, re.M):
        place = re.search(r"\((\S+:\d+)\)", rest)
        frame.append((re.split(r"[+ ]", rest)[0],
                      place and place.group(1)))
        if not rest.endswith("inlined"):
            said[pc] = frame
            frame = []
    return said


def check_lines(trace):
    """The same functions and lines as another reader of the kernel's file
    finds for each address."""
    said = lines_of(trace)
    places = sorted(pc for pc in said
                    if not said[pc][-1][0].startswith(("locore", "switch")))
    out = subprocess.run(
        ["i686-linux-gnu-addr2line", "-afie", system.BUILD + "/tartan"] +
        ["%x" % (int(pc, 16) - 1) for pc in places],
        stdout=subprocess.PIPE, text=True, check=True).stdout
    for pc, text in zip(places, out.split("0x")[1:]):
        words = re.sub(r" \(discriminator \d+\)", "", text).split("\n")[1:-1]
        for i, (name, place) in enumerate(said[pc]):
            if place is None or name != words[2 * i].split(".")[0] or \
                    not words[2 * i + 1].endswith("/" + place):
                raise Failure("%s: %r is not %r" % (pc, said[pc], words))
    return len(places)


def test_traces(m):
    """Of waiting threads: with the functions, lines and values that there
    are, to where their stacks begin."""
    m.interrupt()
    stacks = m.ask("stacks")
    waiting = re.sub(r"(?m)^  c0\S* \S+\+0 is next$", "", stacks)
    if check_lines(waiting) < 20:
        raise Failure(stacks)
    for end in "is none", "leads back", "cannot be read", "more":
        if re.search("^  c0.*\n  -- .*" + end, stacks, re.M):
            raise Failure(stacks)
    found(r"^  c0\S+ mach_msg_trap_continue\+0 is next\n  -- user mode\n"
          r"  fffff0\S+\n  0[0-9a-f]{7}", stacks)
    # Servers' programs have symbols.
    found(r"^task \S+ file\n(  .*\n)*  -- user mode\n  fffff\S+\n"
          r"  08\S+ mach_msg\+0x\w+\n  08\S+ \w+\+0x\w+\n", stacks)
    thread = found(r"thread (0x[0-9a-f]+) reaper ", stacks)
    trace = m.ask("$C " + thread)
    found(r"^  \S+ sleepq_wait\+.*\n(\t\w.*\n)*\tthread=%s\n" % thread,
          trace)
    found(r"^  \S+ thread_reaper\+\S+ \(kernel/thread.c:\d+\)\n"
          r"\targ=.*\n(\t\w+=.*\n)*\t<ebx ", trace)
    found(r"^  \S+ switch_begin_kernel\+", trace)
    m.go_on()
    m.check("echo on", "on")


def test_interrupted(m):
    """Of running threads, from what was interrupted on: in the kernel, and on
    through the system call into the program."""
    m.check("busy=; for i in 1 2 3; do while :; do cat /proc/1/maps; done "
            ">/dev/null & busy=\"$busy $!\"; done; echo on", "on")
    idle = called = False
    for _ in range(60):
        m.interrupt()
        trace = m.ask("trace")
        m.go_on()
        m.check("echo on", "on")
        idle = idle or re.search(
            r"(?:\A|:\n)  \S+ sched_idle\+.*\n  \S+ "
            r"(processor_start_secondary|startup_main)\+", trace) is not None
        called = called or re.search(
            r"^  c0\S+ (?!locore).*\n  c0\S+ locore\S+\+.*\n"
            r"  -- user mode\n  \S+", trace, re.M) is not None
        if idle and called:
            break
    m.check("kill $busy; wait $busy 2>/dev/null; echo off", "off")
    if not (idle and called):
        raise Failure("idle %r, in a call %r: %r" % (idle, called, trace))


if __name__ == "__main__":
    system.main(globals(), Debugged)
