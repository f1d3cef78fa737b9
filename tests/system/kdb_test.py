#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""The debugger's language and its views of memory, over the serial line of a
system that a non-maskable interrupt stopped and that goes on after."""

import json
import os
import re
import socket
import subprocess
import time

import pexpect

import system
from system import Failure, Machine

KDB = "kdb> "
COUNTS = system.compile_program("counts.c", "counts")


class Debugged(Machine):
    """Its kernel's console is the user's terminal."""

    def __init__(self, option="", extra=()):
        Machine.__init__(self, append="console=com0 " + option,
                         options=["--ncpu", "4", "--mem", "32"],
                         extra=[COUNTS] + list(extra))
        self.monitor = os.path.join(self.work, "monitor")
        self.options += ["--qemu", "-qmp unix:%s,server=on,wait=off" %
                         self.monitor]

    def qemu(self, *commands):
        """COMMANDS of QEMU's own, each with its arguments."""
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.monitor)
            answers = s.makefile()
            answers.readline()
            for name, arguments in (("qmp_capabilities", {}),) + commands:
                s.sendall(json.dumps({"execute": name, "arguments":
                                      arguments}).encode() + b"\n")
                answer = {}
                while "return" not in answer:
                    answer = json.loads(answers.readline())
                    if "error" in answer:
                        raise Failure("%s: %s" % (name, answer))

    def non_maskable(self):
        """Interrupt it."""
        self.qemu(("inject-nmi", {}))

    def interrupt(self, says=""):
        """Stop it, at the debugger's prompt, before which it SAYS that."""
        self.non_maskable()
        # One that comes at once with another's, by which a breakpoint stops the
        # processor, is not told from it.
        if self.child.expect(["interrupted", pexpect.TIMEOUT], timeout=30):
            self.non_maskable()
            self.expect("interrupted")
        self.expect(says)
        self.expect(KDB)
        # Whole answers, without a wait after each screenful.
        self.ask(",0$w")

    def interrupt_at(self, place):
        """The same, when the first processor is at what PLACE matches."""
        for _ in range(60):
            self.interrupt()
            if re.search("^ +%s *$" % place, self.ask("<eip=p"), re.M):
                return
            self.go_on()
            time.sleep(0.5)
        raise Failure("never at " + place)

    def ask(self, command):
        self.send(command + "\r")
        self.expect(re.escape(command) + "\r*\n")
        return self.answer()

    def stopped(self, pattern):
        """It stops by itself, saying PATTERN."""
        self.expect(pattern)
        self.expect(KDB)

    def answer(self, pattern=KDB):
        """What comes before PATTERN, which is to come."""
        return re.sub("\r+\n", "\n", self.expect(pattern))

    def go_on(self):
        self.send("continue\r")
        self.expect("continue\r*\n")


def found(pattern, text):
    match = re.search(pattern, text, re.M)
    if match is None:
        raise Failure("no %r in %r" % (pattern, text[:2000]))
    return match.group(1) if match.groups() else match.group(0)


def boots_anew(m, command):
    """COMMAND restarts the machine, at once: the same disk boots again."""
    m.check("echo kept >/kept; sync; echo on", "on")
    m.interrupt()
    m.send(command + "\r")
    m.expect("tartan: booting")
    m.expect(system.PROMPT, system.BOOT_TIMEOUT)
    m.check("cat /kept", "kept")


def ends(m, command):
    """COMMAND switches it off, at once."""
    m.interrupt()
    m.send(command + "\r")
    m.expect(pexpect.EOF)


def test_language(m):
    """adb's requests, with the kernel's own symbols and memory."""
    m.interrupt()
    found(r"^ +64 *$", m.ask("0t100=X"))
    address = found(r"^ +(c0[0-9a-f]{6}) *$", m.ask("startup_main=X"))
    found(r"^ +startup_main *$", m.ask("0%s=p" % address))
    found(r"^startup_main\+0x2: +$", m.ask("startup_main+2=a"))
    found(r"^vm_page_size: +4096 *$", m.ask("vm_page_size/D"))
    found(r"^ +1001 *$", m.ask("*vm_page_size+1=X"))
    found(r"^ +a +0777 +tartan *$", m.ask("'a'=c\" \"8t\"0777\"8t\"tartan\""))
    # An empty line goes on where the last command ended.
    m.ask("vm_page_size,2/x")
    m.send("\r")
    m.expect(KDB)
    found(r"^ +%x *$" % (int(found(r"[0-9a-f]{8}", m.ask("vm_page_size=X")),
                             16) + 4), m.ask(".-.+\"=X;vm_page_size+4=X"))
    # >a, <a and $v.
    m.ask("1234>a")
    found(r"^a = 0x1234$", m.ask("$v"))
    found(r"^ +1235 *$", m.ask("<a+1=X"))
    # Shorter words; help for each.
    found(r"^memory, in pages of 4K$", m.ask("sh v"))
    found(r"^show vm *$", m.ask("help sh v"))
    m.send(":c\r")
    m.expect(":c\r*\n")
    m.check("echo on", "on")


def listed(name):
    """What objdump says of the function NAME, without addresses and names."""
    out = subprocess.run(
        ["i686-linux-gnu-objdump", "-d", "--no-show-raw-insn",
         "--disassemble=" + name, system.BUILD + "/tartan"],
        capture_output=True, text=True, check=True).stdout
    return [re.sub(r" *<[^>]*>| +$", "", line.split("\t", 1)[1])
            for line in out.split("\n") if re.match(r"c0[0-9a-f]{6}:\t", line)]


def offsets(name):
    """Of the instructions of the function NAME."""
    out = subprocess.run(
        ["i686-linux-gnu-objdump", "-d", "--no-show-raw-insn",
         "--disassemble=" + name, system.BUILD + "/tartan"],
        capture_output=True, text=True, check=True).stdout
    places = [int(at, 16) for at in
              re.findall(r"^(c0[0-9a-f]{6}):\t", out, re.M)]
    return [at - places[0] for at in places]


def test_instructions(m):
    """Format i says what objdump does, and names addresses."""
    m.interrupt()
    for name in "startup_main", "vm_fault", "locore_trap":
        wanted = listed(name)[:50]
        text = m.ask("%s,0t%d?i" % (name, len(wanted)))
        got = [re.sub(r"^[a-z_]+:|0x(?=c0)| *<[^>]*>| \(\S+:\d+\)$", "",
                      line).strip() for line in text.strip().split("\n")]
        wanted = [re.sub("0x(?=c0)", "", line) for line in wanted]
        if got != wanted:
            raise Failure("%s: %s, wanted %s" % (name, got, wanted))
    found(r"call .*<[a-z_]+>$", m.ask("startup_main,0t50?i"))
    m.go_on()
    m.check("echo on", "on")


def test_errors(m):
    """Each says what was not found, and the prompt comes back."""
    m.interrupt()
    for command, answer in (
            ("no_such_thing", "no symbol: no_such_thing"),
            ("c0ffee/X", r"no symbol: c0ffee \(for the number say 0c0ffee\)"),
            ("<zz", "no register or variable: <zz"),
            ("4/X", "address not there: 4"),
            ("*0bffffff0=X", "address not there: bffffff0"),
            ("1%0", "division by zero"),
            ("(1", r"no \) at the end"),
            ("1,", "count expected"),
            ("vm_page_size/k", "bad modifier: /k"),
            ("$z", r"bad modifier: \$z"),
            (":z", "bad modifier: :z"),
            ("show x", r"which\? .*map"),
            ("no.such", "no symbol: no"),
            ("((((((((((((((((((((((1", "expression too deep")):
        found(answer, m.ask(command))
    m.go_on()
    m.check("echo on", "on")


def test_typing(m):
    """Editing, history, completion, a screen at a time, an interrupt."""
    m.interrupt()
    m.send("0t8x\x7f0=D\r")
    found(r"^ +80 *$", m.answer())
    # ^A twice: the first one is to the emulator.
    m.send("=D\x01\x010t9\r")
    found(r"^ +9 *$", m.answer())
    m.send("\x10\x10\r")
    found(r"^ +80 *$", m.answer())
    m.send("startup_ma\t=p\r")
    found(r"^ +startup_main *$", m.answer())
    m.send("vm_page_\t\t")
    found(r"vm_page_size ", m.answer(r"\nkdb> vm_page_"))
    m.send("\x15")
    m.ask(",0t10$w")
    m.send("help\r")
    # One of the lines has the word in it, too.
    m.expect("\n--more--")
    m.send(" ")
    m.expect("\n--more--")
    m.send("q")
    m.expect(KDB)
    m.ask(",0$w")
    # Longer than anybody waits.
    m.send("startup_main,0fffffff/Xn\r")
    m.expect("startup_main: ")
    m.send("\x03")
    m.expect(r"\^C")
    m.expect(KDB)
    m.send("0fffff000/L 12345678 0\r")
    m.expect("not found up to")
    m.expect(KDB)
    m.go_on()
    m.check("echo on", "on")


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
        found("no task and no map", m.ask("show map 0x" + address))
        found("no task and no map", m.ask("show pmap 0x" + address))
        found("no thread", m.ask("trace " + address))
    found("no page has or is at", m.ask("show page fee00000"))
    found("which task", m.ask("show map"))
    found(r"which\? .*\bmap\b", m.ask("show"))
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


def test_memory(m):
    """Read and written: the kernel's, text too, and a task's, but not what it
    shares."""
    m.check("abc=old1; echo on", "on")
    m.interrupt()
    was = found(r"^startup_main: +([0-9a-f]+) *$", m.ask("startup_main?x"))
    found(r"^startup_main: +%s = 1234$" % was, m.ask("startup_main?w 1234"))
    found(r"^startup_main: +1234 *$", m.ask("startup_main?x"))
    m.ask("startup_main?w 0%s" % was)
    found(r"^address not there: 1000: no task is chosen$", m.ask("1000/X"))
    found(r"^no task of that name or address: nobody$", m.ask("task nobody"))
    # What cannot be written is refused.
    found(r"^task 0x\S+ sh$", m.ask("task sh"))
    pages = m.ask("show pmap sh")
    text = found(r"^\|- (0[0-9a-f]{7})-\S+ r-x,", pages)
    data = found(r"^\|- ([0-9a-f]{8})-\S+ rwx,", pages)
    found(r"^ +464c457f *$", m.ask("0%s/X" % text))
    found(r"^cannot write: %s: read-only, or shared" % text.lstrip("0"),
          m.ask("0%s/W 0" % text))
    found(r"^address not there: 1000: not mapped$", m.ask("1000/X"))
    found(r"^cannot write: 1000: not mapped$|^address not there: 1000: not m",
          m.ask("1000/W 0"))
    # A variable of the shell's.
    changed = 0
    for start, end in re.findall(r"^\|- ([0-9a-f]{8})-(\S+) rwx,", pages,
                                 re.M):
        m.ask("0%s/m 0%s 0%s 0%s" % (start, start, end, start))
        answer = m.ask("0%s/L 'abc='" % start)
        while "not found" not in answer:
            changed += 1
            m.ask(".+4/W 'new2'")
            answer = m.ask(".+4/L 'abc='")
    m.ask("0/m 0 0ffffffff 0")
    if changed == 0:
        raise Failure("no abc= in %r" % pages)
    found("^task 0x0 kernel$|^task .nil. kernel$|kernel", m.ask("task kernel"))
    m.go_on()
    m.check("echo $abc", "new2")


# A program that is nearly always in user mode.
BUSY = "awk 'BEGIN { for (;;); }' & busy=$!; "


def in_user_mode(m):
    """Interrupt it while a processor is in what BUSY started; returns its
    thread, which is the chosen one."""
    for _ in range(60):
        m.interrupt()
        for cpu in range(4):
            thread = found(r"^thread (.*) on processor %d$" % cpu,
                           m.ask("processor %d" % cpu)).split(" ", 1)
            if thread[1] == "awk" and int(found(
                    r"^ +(\w+) *$", m.ask("<cs=x")), 16) & 3 == 3:
                return thread[0]
        m.go_on()
        m.check("echo on", "on")
    raise Failure("no processor is in user mode")


def test_registers(m):
    """Of each processor and of waiting threads; a program goes on with those
    that were changed."""
    m.check(BUSY + "echo on", "on")
    in_user_mode(m)
    for pair in ("eip", "ueip"), ("esp", "uesp"), ("eax", "ueax"):
        if len(set(m.ask("<%s=X" % name) for name in pair)) != 1:
            raise Failure("%s of user mode differ" % (pair,))
    found(r"^register cannot be changed: <cs$", m.ask("8>cs"))
    found(r"^register cannot be changed: <cr0$", m.ask("0>cr0"))
    # Where no program is.
    m.ask("4>eip")
    found(r"^ +4 *$", m.ask("<ueip=X"))
    found(r"^no processor: 4$", m.ask("processor 4"))
    found(r"^no thread: ", m.ask("thread 0c0100000"))
    # Those of a thread that waits are those that its stack begins with.
    reaper = found(r"thread (0x[0-9a-f]+) reaper ", m.ask("threads"))
    m.ask("thread " + reaper)
    eip = found(r"eip *([0-9a-f]{8})", m.ask("$r"))
    found(r"\A  %s " % eip, m.ask(reaper + "$c"))
    found(r"^register not known here: <eax$", m.ask("<eax=X"))
    found(r"^register cannot be changed: <ebx$", m.ask("0>ebx"))
    m.go_on()
    m.check("wait $busy 2>/dev/null; echo $?", "139")


def test_breakpoints(m):
    """In the kernel: set, listed, counted, with conditions and commands, and
    deleted; what the debugger needs has none."""
    m.interrupt()
    for place in "locore_trap", "trap_dispatch", "kdb_printf", "mp_nmi", \
            "vm_page_size", "4":
        found("^no breakpoint there: ", m.ask(place + ":b"))
    found("^no breakpoint: ", m.ask("task_create:d"))
    m.ask("task_create:b")
    m.go_on()
    for _ in range(2):
        m.send("true | true\n")
        for _ in range(2):
            m.stopped("breakpoint\r*\ntask_create: ")
            found(r"\A  \S+ task_create\+0 .*\n  \S+ S_task_create\+",
                  m.ask("$c"))
            m.send(":c\r")
        m.expect(system.PROMPT)
    # The third time, and what is done each time.
    m.interrupt()
    m.ask("0>a")
    m.ask("task_create,3:b <a+1>a")
    m.go_on()
    m.send("true | true | true; echo on\n")
    m.stopped("breakpoint\r*\ntask_create: ")
    found("^ +3 *$", m.ask("<a=X"))
    found(r"^3 +3 +task_create +<a\+1>a$", m.ask("$b"))
    m.go_on()
    m.expect("on\r*\n")
    m.expect(system.PROMPT)
    # A condition: not what it is called with, but once what is counted.
    m.interrupt()
    m.ask("0>a")
    m.ask("task_create:b if 0")
    m.go_on()
    m.check("/bin/true; /bin/true; echo on", "on")
    m.interrupt()
    found(r"^1 +0 +task_create +if 0$", m.ask("$b"))
    m.ask("task_create:b if <eip-task_create+1; 1234>b")
    m.go_on()
    m.send("/bin/true\n")
    m.stopped("breakpoint\r*\ntask_create: ")
    found("^b = 0x1234$", m.ask("$v"))
    m.ask("task_create:d")
    found(r"\Acount .*\n\Z", m.ask("$b"))
    m.go_on()
    m.expect(system.PROMPT)
    m.check("/bin/true; echo on", "on")


# What the debugger calls on its way in or out, when others may have breakpoints,
# or while it talks, and what is behind it.
CALLED = """memcpy memset strlen __udivdi3 clock_skip printf_force
    console_give_back console_take console_putc trap_other ast_taken panic_active
    spinlock_lock_slow pmap_extract task_symbols_debug v86_enter""".split()


def test_called(m):
    """What the debugger calls has breakpoints as anything else, which are passed
    all the time, and all goes on; or it says that it has none."""
    m.interrupt()
    for name in CALLED:
        if m.ask(name + ",0fffff:b").strip():
            raise Failure(name)
    for name in "trap_frame_user", "pmap_direct", "pcb_extra":
        found("^no breakpoint there: .* debugger needs it$",
              m.ask(name + ":b"))
    m.go_on()
    # Which is so slow that it may not come to an end with them.
    m.send("cat /etc/passwd | sort | wc -l >/tmp/called &\n")
    for _ in range(60):
        time.sleep(5)
        # An NMI that comes together with the debugger's own is none.
        m.send("\x01b")
        m.stopped("break\r*\n")
        breaks = m.ask("$b")
        if all(int(found(r"^\d+ +(\d+) +%s *$" % name, breaks)) > 0
               for name in ("memcpy", "trap_other")):
            break
        m.go_on()
    else:
        raise Failure(breaks)
    for name in CALLED:
        m.ask(name + ":d")
    m.go_on()
    m.check("wait; cat /tmp/called", system.regex(r"\A\d+\Z"))


def test_steps(m):
    """Instructions one by one, over calls, to calls and returns, up to an
    address, and counted; each goes on where objdump says."""
    m.interrupt()
    m.ask("task_create:b")
    m.go_on()
    m.send("/bin/true\n")
    m.stopped("breakpoint\r*\ntask_create: ")
    m.ask("task_create:d")
    starts = offsets("task_create")
    for n in 1, 2, 3:
        found(r"^task_create\+0x%x: " % starts[n], m.ask(":s"))
    found(r"^task_create\+0x%x: " % starts[5], m.ask(",2:s"))
    answer = m.ask(",2:S")
    name = found(r"^call (\w+)$", answer)
    found(r"^call %s\n  call \w+\n\w+: " % name, answer)
    # Out of both again.
    for _ in range(20):
        answer = m.ask(":S")
        if "\nreturn to task_create+" in "\n" + answer:
            break
    back = int(found(r"^task_create\+0x(\w+): ", answer), 16)
    # Past the next call, as if that were one instruction.
    if back not in starts:
        raise Failure(answer)
    for _ in range(40):
        found(r"^task_create\+0x\w+: ", m.ask("next"))
    m.ask("S_task_create:b")
    m.send(":c\r")
    m.expect(system.PROMPT)
    m.send("/bin/true\n")
    m.stopped("breakpoint\r*\nS_task_create: ")
    m.ask("S_task_create:d")
    found(r"^task_create: ", m.ask("until task_create"))
    counted = m.ask("count task_create+%x functions" % starts[9])
    total = int(found(r"^(\d+) instructions$", counted))
    if total < 9 or total != sum(int(n) for n in re.findall(
            r"^ +(\d+) \w", counted, re.M)):
        raise Failure(counted)
    m.go_on()
    m.expect(system.PROMPT)
    m.check("/bin/true; echo on", "on")


def test_stepping_thread(m):
    """While a call is gone over, or an address waited for, others come to the same
    place all the time, and are not meant."""
    m.send("all=; for i in 1 2 3 4; do (while :; do sort /etc/passwd; done) "
           ">/dev/null & all=\"$all $!\"; done; echo on\n")
    m.expect("on\r*\n")
    m.expect(system.PROMPT)
    m.interrupt()
    m.ask("vm_fault:b")
    m.send(":c\r")
    m.stopped("breakpoint\r*\nvm_fault: ")
    thread = found(r"^thread (0x\w+) ", m.ask("thread"))
    m.ask("vm_fault:d")
    for _ in range(5):
        # Behind its first two calls, and where it begins, the next time.
        for command in ",0t10:s", "next", "next", "until vm_fault":
            m.ask(command)
            if found(r"^thread (0x\w+) ", m.ask("thread")) != thread:
                raise Failure(command)
        found(r"^ +vm_fault *$", m.ask("<eip=p"))
    m.go_on()
    m.check("kill $all; wait $all 2>/dev/null; echo off", "off")


def test_break(m):
    """A break on the serial line, also again and again, and what is typed
    before it is not lost."""
    for i in range(3):
        # To the emulator: send one.
        m.send("echo o")
        m.expect("echo o")
        m.send("\x01b")
        m.expect("break\r*\n")
        m.expect(KDB)
        m.ask(",0$w")
        found(r"^  \S+ kdb_event_request\+|^  \S+ intr_", m.ask("$c"))
        m.send(":c\r")
        m.expect(":c\r*\n")
        m.send("n%d\n" % i)
        m.expect("on%d\r*\n" % i)
        m.expect(system.PROMPT)
    m.check("echo on", "on")


def test_flag(m):
    """The option `kdb' stops before the first task."""
    flagged = Debugged("kdb")
    try:
        flagged.start(wait=False)
        flagged.stopped("no task runs yet\r*\n")
        flagged.ask(",0$w")
        tasks = re.findall(r"^task \S+ (\S+)", flagged.ask("tasks"), re.M)
        if tasks != ["kernel"]:
            raise Failure("tasks: %r" % tasks)
        flagged.ask("task_create:b")
        flagged.send(":c\r")
        flagged.stopped("breakpoint\r*\ntask_create: ")
        flagged.ask("task_create:d")
        flagged.send(":c\r")
        flagged.expect(system.PROMPT, system.BOOT_TIMEOUT)
        flagged.check("echo on", "on")
    finally:
        flagged.close()


def test_other_line(m):
    """The debugger talks where nobody can type: a break on another line has it talk
    there, too."""
    flagged = Debugged("kdb console=com1")
    try:
        flagged.start(wait=False)
        system.wait_until(lambda: KDB in flagged.log_text(),
                          system.BOOT_TIMEOUT, "prompt in the log")
        flagged.send("\x01b")
        flagged.expect(KDB)
        found("^task \\S+ kernel", flagged.ask("tasks"))
        flagged.send(":c\r")
        flagged.expect(system.PROMPT, system.BOOT_TIMEOUT)
        flagged.check("echo on", "on")
    finally:
        flagged.close()


def test_kernel_trap(m):
    """A trap instruction in the kernel's own text, which is no breakpoint, stops
    behind it.  Here it stands for another, which is done when it is back."""
    m.interrupt()
    was = found(r" (\w+) *$", m.ask("task_create?x"))
    m.ask("task_create?w 0%scc" % was[:-2])
    m.go_on()
    m.send("true | true\n")
    m.stopped(r"\r*\ntrap instruction\r*\n")
    found(r"^ +task_create\+0x1 *$", m.ask("<eip=p"))
    m.ask("task_create?w 0" + was)
    m.send("task_create:c\r")
    m.expect(system.PROMPT)
    m.check("echo on", "on")


def test_programs(m):
    """With `kdb=user' a program's trap instruction stops, and has its signal
    after."""
    flagged = Debugged("kdb=user")
    try:
        flagged.start()
        flagged.check(BUSY + "echo on", "on")
        in_user_mode(flagged)
        flagged.ask("task awk")
        text = found(r"^\|- (0[0-9a-f]{7})-\S+ r-x,",
                     flagged.ask("show pmap awk"))
        found(r"\A0x\w+ *$", flagged.ask("0%s?l 0cc 0ff" % text))
        at = int(found(r"^ +(\w+) *$", flagged.ask(".=X")), 16)
        flagged.ask(".>eip")
        flagged.ask("task kernel")
        flagged.send(":c\r")
        flagged.stopped("trap instruction of awk\r*\n")
        found(r"^ +%x *$" % (at + 1), flagged.ask("<eip=X"))
        found(r"^task 0x\S+ awk$", flagged.ask("task"))
        flagged.go_on()
        flagged.check("wait $busy 2>/dev/null; echo $?", "133")
    finally:
        flagged.close()


def test_fault(m):
    """A fault in the debugger ends the command, and no more."""
    m.interrupt()
    address = found(r"^ +(c0\w{6}) *$", m.ask("kdb_task=X"))
    m.ask("0%s/W 4" % address)
    for _ in range(3):
        found(r"page fault in the debugger at c0\w{6}, of 0000",
              m.ask("startup_main=X"))
    m.ask("0%s/W 0" % address)
    found(r"^ +c0\w{6} *$", m.ask("startup_main=X"))
    m.go_on()
    m.interrupt()
    # Who was interrupted in a page fault's way still has its own address.
    if re.search(r"^ +6c *$", m.ask("<cr2=x")):
        raise Failure("%cr2 is the debugger's")
    m.go_on()
    m.check("echo on", "on")


def test_damaged_tab(m):
    """Where the symbols of the chosen task cannot be read there is nothing to
    complete by them, and that is all."""
    m.interrupt()
    address = found(r"^ +(c0\w{6}) *$", m.ask("kdb_task=X"))
    m.ask("0%s/W 4" % address)
    m.send("startup_ma\t\t\x15\r")
    if "fault" in m.answer() + m.ask("1=X"):
        raise Failure("it says what nobody asked for")
    m.ask("0%s/W 0" % address)
    m.send("startup_ma\t=p\r")
    found(r"^ +startup_main *$", m.answer())
    m.go_on()
    m.check("echo on", "on")


def test_damaged_panic(m):
    """A panic on a processor whose thread is none still says what is known, and
    comes to a prompt."""
    other = Debugged()
    try:
        other.start()
        other.interrupt()
        thread = found(r"^processor 1 runs thread (0x\w+) ",
                       other.ask("threads"))
        found("percpu_array", other.ask("percpu_array/L " + thread))
        other.ask("./W 4")
        other.send(":c\r")
        other.expect("panic: page fault at c0")
        other.expect("\nprocessor 1:\r*\n")
        found(r"^  c0\w+ mp_nmi\+", other.answer())
        found(r"^ +10 *$", other.ask("0f+1=X"))
    finally:
        other.close()


def test_watchpoints(m):
    """Whoever changes a variable of the kernel's or of a program's stops, and
    nobody else; a program's own watchpoints stay."""
    m.interrupt()
    for wrong in ("vm_page_size 3", "vm_page_size+2 4", "vm_page_size 0",
                  "vm_page_size 4 more"):
        if "\n" not in m.ask("watch " + wrong).strip("\r") or \
                m.ask("watch").strip():
            raise Failure(wrong)
    found("^no task is chosen$", m.ask("watch 1000"))
    found("^no watchpoint: ", m.ask("unwatch vm_page_size"))
    # Each second, on processor 0.
    m.ask("watch clock_second_count")
    m.ask("watch vm_page_size 4 access")
    found(r"^clock_second_count 4 bytes$", m.ask("watch"))
    found(r"^vm_page_size 4 bytes access$", m.ask("watch"))
    m.ask("unwatch vm_page_size")
    values = []
    for _ in range(3):
        m.send(":c\r")
        m.expect("watch clock_second_count: ")
        values.append([int(n, 16) for n in found(
            r"\A(\w+ became \w+)$", m.answer()).split(" became ")])
        found(r"^  \S+ clock_tick\+", m.ask("$c"))
    for i, (was, became) in enumerate(values):
        if became != was + 1 or i > 0 and was != values[i - 1][1]:
            raise Failure("%r" % values)
    m.ask("unwatch clock_second_count")
    m.go_on()
    m.check("/extra/counts & busy=$!; " + system.started("/extra/counts") +
            "echo on", "on")
    m.interrupt()
    m.ask("task counts")
    symbols = subprocess.run(["i686-linux-gnu-nm", COUNTS], text=True,
                             capture_output=True, check=True).stdout
    m.ask("watch " + found(r"^(\w+) . counted$", symbols))
    place = found(r"^(\S+) 4 bytes of task 0x", m.ask("watch"))
    for _ in range(3):
        m.send(":c\r")
        m.stopped("watch %s: " % place)
        found(r"^ +(1b|17) *$", m.ask("<cs=x"))
    m.ask("unwatch " + place)
    m.go_on()
    m.check("kill $busy; wait $busy 2>/dev/null; echo on", "on")


def test_watched_at_once(m):
    """All processors write at the same time, each to its own variable: each of them
    stops and tells of that one."""
    m.interrupt()
    for i in range(4):
        m.ask("watch intr_seen+%x" % (i * 8))
    seen = set()
    for _ in range(20):
        m.send(":c\r")
        m.expect("watch intr_seen")
        answer = m.answer()
        cpu = int(found(r"\A(\+0x\w+|):", answer)[1:] or "0", 16) // 8
        if "watch" in answer:
            raise Failure(answer)
        found("on processor %d$" % cpu, m.ask("thread"))
        seen.add(cpu)
    if len(seen) < 2:
        raise Failure("processors: %r" % seen)
    for i in range(4):
        m.ask("unwatch intr_seen+%x" % (i * 8))
    m.go_on()
    m.check("echo on", "on")


def test_watched_tasks(m):
    """The same address of two tasks: only the task that is meant stops; and a
    watchpoint goes with its task."""
    m.check("busy=; echo on", "on")
    for _ in range(2):
        m.check("/extra/counts & busy=\"$busy $!\"; " +
                system.started("/extra/counts") + "echo on", "on")
    m.interrupt()
    symbols = subprocess.run(["i686-linux-gnu-nm", COUNTS], text=True,
                             capture_output=True, check=True).stdout
    counted = "0" + found(r"^(\w+) . counted$", symbols)
    threads = set()
    for task in re.findall(r"^task (0x\w+) counts ", m.ask("tasks"), re.M):
        m.ask("task " + task)
        m.ask("watch " + counted)
        stopped = set()
        for _ in range(5):
            m.send(":c\r")
            m.expect("watch [^ ]+: ")
            m.answer()
            stopped.add(found(r"^thread (0x\w+) counts ", m.ask("thread")))
        if len(stopped) != 1:
            raise Failure("threads: %r" % stopped)
        threads |= stopped
        m.ask("unwatch " + counted)
    if len(threads) != 2:
        raise Failure("threads: %r" % threads)
    # Where nobody comes.
    m.ask("watch 0%x" % (int(counted, 16) + 4))
    m.go_on()
    m.check("kill $busy; wait $busy 2>/dev/null; echo on", "on")
    m.interrupt("watchpoint %x has gone with its task\r*\n" %
                (int(counted, 16) + 4))
    found(r"\A\s*\Z", m.ask("watch"))
    m.go_on()
    m.check("echo on", "on")


# Hits of a breakpoint under load.
HITS = int(os.environ.get("HITS", "2000"))


def test_load(m):
    """A breakpoint in a page fault's way, which all processors come along all
    the time: nothing else stops them, and what they compute is right."""
    one = "sort /etc/passwd | cat - /bin/busybox | md5sum"
    right = m.run(one)[0].strip()
    rounds = max(8, HITS // 200)    # which go on for longer than the hits
    m.send("for i in 1 2 3 4; do (for j in $(seq %d); do %s; done; "
           "echo end) >/tmp/$i & done\n" % (rounds, one))
    m.expect(system.PROMPT)
    m.interrupt()
    m.ask("vm_fault,0t%d:b" % HITS)
    m.go_on()
    why = m.expect(KDB, 300 + HITS // 10)
    if re.search(r"breakpoint\r*\nvm_fault: ", why) is None:
        raise Failure("stopped by %r" % why)
    found(r"^%d +%d +vm_fault" % (HITS, HITS), m.ask("$b"))
    m.ask("vm_fault:d")
    m.go_on()
    m.check("wait; cat /tmp/[1-4] | sort | uniq -c | sed 's/^ *//'",
            "4 end\n%d %s" % (4 * rounds, right))


def test_time(m):
    """Nobody misses time while the machine stands still, but the time of day
    goes on: against clocks of the host."""
    m.send("read a b </proc/uptime; date +%s; echo $a\n")
    m.expect("echo .a\r*\n")
    before = m.answer(system.PROMPT)
    m.interrupt()
    began = time.monotonic()
    while time.monotonic() < began + 20:
        m.ask("1=X")
    stood = time.monotonic() - began
    m.go_on()
    m.send("read a b </proc/uptime; date +%s; echo $a\n")
    m.expect("echo .a\r*\n")
    after = m.answer(system.PROMPT)
    days = [int(found(r"^(\d{9,})$", text)) for text in (before, after)]
    ups = [float(found(r"^(\d+\.\d+)$", text)) for text in (before, after)]
    day = days[1] - days[0]
    up = ups[1] - ups[0]
    if day < stood - 1 or day - up < stood - 2 or day - up > stood + 2:
        raise Failure("stood %r, day %r, up %r" % (stood, day, up))


def linked(symbol):
    """The address of one of the kernel's, which may be a local label, and its size
    if it has one."""
    out = subprocess.run(["nm", "-S", system.BUILD + "/tartan"], check=True,
                         capture_output=True, text=True).stdout
    address, size = re.search(r"^(\w+) (?:(\w+) )?. %s$" % re.escape(symbol),
                              out, re.M).groups()
    return int(address, 16), size and int(size, 16)


def own_wheel(cpu):
    """Where the lock is that processor CPU takes at each tick."""
    start, size = linked("timer_wheels")
    with open("include/machine/types.h") as f:
        count = found(r"(?m)^#define CPU_MAX\s+(\d+)", f.read())
    return "0%x" % (start + size // int(count) * cpu)


def test_deaf(m):
    """A processor that cannot be stopped is told of, and the others are looked
    at.  It waits for a lock that one of them was stopped with."""
    m.interrupt()
    was = found(r"^mp_apics: +(\w+) *$", m.ask("mp_apics/X")).zfill(8)
    m.ask("mp_apics/W 0%s7e%s" % (was[:4], was[6:]))
    m.go_on()
    m.interrupt("processor 1 does not stop\r*\n")
    text = m.ask("show all processors")
    found(r"^ 1 .*, does not stop$", text)
    if text.count("does not stop") != 1:
        raise Failure(text)
    lock = own_wheel(1)
    m.ask(lock + "/W 1")
    time.sleep(2)
    found(r" 1 *$", m.ask(lock + "/X"))
    m.ask(lock + "/W 0")
    m.ask("mp_apics/W 0" + was)
    m.go_on()
    m.check("echo on", "on")
    m.interrupt()
    if "does not stop" in m.ask("show all processors"):
        raise Failure("it still does not")
    m.go_on()
    m.check("echo on", "on")


def test_stuck(m):
    """The first processor waits with interrupts off, for ever: a break on the line
    still stops the system, and shows where it is."""
    # Where it does nothing else: it will be somewhere else for a while.
    m.interrupt_at(r"sched_idle\+\S+")
    at = found(r"^ +(\w+) *$", m.ask("<eip=X"))
    was = [found(r" (\w+) *$", m.ask("startup_main+%d?x" % i))
           for i in (0, 2)]
    # cli, and back; sti and back.
    m.ask("startup_main?w 0ebfa")
    m.ask("startup_main+2?w 0fd")
    # Off from the start: the break may come before its first instruction.
    m.ask("<eflags&0fffffdff>eflags")
    m.send("startup_main:c\r")
    m.expect(":c\r*\n")
    m.send("\x01b")
    m.stopped("break\r*\n")
    found("processor 0$", m.ask("processor 0"))
    found(r"^ +startup_main(\+0x1)? *$", m.ask("<eip=p"))
    m.ask("startup_main?w 0ebfb")
    m.ask("processor 0")
    m.go_on()
    # From there, and not from what an interrupt does or who runs after it.
    m.interrupt_at(r"startup_main(\+0x1)?")
    m.ask("startup_main?w 0%s" % was[0])
    m.ask("startup_main+2?w 0%s" % was[1])
    m.send("0%s:c\r" % at)
    m.expect(":c\r*\n")
    m.send("\n")
    m.expect(system.PROMPT)
    m.check("echo on", "on")


def test_on_the_way_out(m):
    """An interrupt between STI and SYSEXIT, where an NMI lets it come: no other
    thread runs then, because %fs is the user's and is not loaded again."""
    sysexit = "0%x" % linked("locore_leave.sysexit")[0]
    m.send("while :; do (:); done &\n")
    m.expect(system.PROMPT)
    m.interrupt()
    m.ask("sys_mach_thread_self:b")
    m.go_on()
    m.stopped("breakpoint\r*\nsys_mach_thread_self: ")
    m.ask("sys_mach_thread_self:d")
    steps = 0
    while re.search(r"^locore_leave\S*: +sti", m.ask(":s"), re.M) is None:
        steps += 1
        if steps == 1000:
            raise Failure("does not leave by SYSEXIT")
    # As that NMI returns; the clock's interrupt has been due for some time.
    m.ask("<eflags|200>eflags")
    m.ask(sysexit + ">eip")
    m.ask("intr_dispatch:b if #(*(<edx+0t56)-%s)" % sysexit)
    m.go_on()
    m.stopped("breakpoint\r*\nintr_dispatch: ")
    m.ask("intr_dispatch:d")
    m.ask("sched_intr_return:b if #(*(<ebx+0t56)-%s)" % sysexit)
    m.go_on()
    m.check("kill $!; echo on", "on")
    # An NMI may be lost among those of a breakpoint that all come along.
    m.send("\x01b")
    m.stopped("break\r*\n")
    m.ask("sched_intr_return:d")
    m.go_on()
    m.check("echo on", "on")


def lines_of(trace, start):
    """The lines of a trace that begin with addresses from START on: address to
    what is said of it, from the innermost on.  Each but those behind -- is
    behind a call."""
    said = {}
    frame = []
    for pc, rest in re.findall(r"^  (%s[0-9a-f]{6}) (.*)$" % start, trace, re.M):
        place = re.search(r"\((\S+:\d+)\)", rest)
        frame.append((re.split(r"[+ ]", rest)[0],
                      place and place.group(1)))
        if not rest.endswith("inlined"):
            said[pc] = frame
            frame = []
    return said


def check_lines(trace, program="tartan", start="c0"):
    """The same functions and lines as another reader of the program's file
    finds for each address, which begin with START."""
    said = lines_of(trace, start)
    places = sorted(pc for pc in said
                    if not said[pc][-1][0].startswith(("locore", "switch")))
    out = subprocess.run(
        ["i686-linux-gnu-addr2line", "-afie", system.BUILD + "/" + program] +
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
    if check_lines(waiting) < 15:
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
    trace = m.ask(thread + "$C")
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


def on_disk(image, path):
    return subprocess.run(["debugfs", "-R", "cat " + path, image], check=True,
                          capture_output=True).stdout


def test_disk(m):
    """Stopped at interrupts of the disk and in between, while files are written and
    somebody sleeps: all of it gets to the disk, and nobody wakes too early."""
    m.send("ups() { read up idle </proc/uptime; echo $up; }; "
           "(ups; sleep 6; ups) >/slept & "
           "(ups; timeout 6 sleep 1000; ups) >/timed 2>/dev/null & "
           "for i in 1 2 3 4; do cat /bin/busybox /bin/busybox /bin/busybox "
           ">/big$i; sync; done & echo o\"\"n\n")
    m.expect("on\r*\n")
    for _ in range(4):
        m.interrupt()
        m.ask("device_irq_handler,0t10:b if #(<eax-0t14)")
        m.go_on()
        m.stopped("breakpoint\r*\ndevice_irq_handler: ")
        began = time.monotonic()
        while time.monotonic() < began + 2:
            m.ask("1=X")
        m.ask("device_irq_handler:d")
        m.go_on()
    m.check("wait; sync; echo on", "on")
    m.halt()
    wrong = system.fsck(m.image)
    if wrong:
        raise Failure(wrong)
    busybox = on_disk(m.image, "/bin/busybox")
    for i in range(1, 5):
        if on_disk(m.image, "/big%d" % i) != 3 * busybox:
            raise Failure("/big%d" % i)
    for name in "/slept", "/timed":
        began, ended = on_disk(m.image, name).split()
        if float(ended) - float(began) < 6:
            raise Failure("%s: from %s to %s" % (name, began, ended))


if __name__ == "__main__":
    system.main(globals(), Debugged)
