#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""gdb on the debugger's serial line: it attaches where `gdb' was typed, and
leaves the debugger's prompt behind.  The shell is on another line."""

import os
import re
import socket

import select
import threading

import pexpect
import pexpect.fdpexpect

import system
from kdb_test import KDB, Debugged, found, listed
from kdb_user_test import AT, OUTER, PROGRAM, RUN, text, total
from system import Failure, Machine, PATIENCE, TIMEOUT

GDB = r"\(gdb\) "


class Line:
    """The kernel's console, as somebody at a terminal has it."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.child = pexpect.fdpexpect.fdspawn(
            self.socket, timeout=TIMEOUT * PATIENCE, encoding="latin-1")

    def expect(self, pattern):
        try:
            self.child.expect(pattern)
        except (pexpect.TIMEOUT, pexpect.EOF):
            raise Failure("line: no %r in %r" % (
                pattern, (self.child.before or "")[-300:])) from None
        return re.sub("\r+\n", "\n", self.child.before)

    def ask(self, command):
        self.child.send(command + "\r")
        self.expect(re.escape(command) + "\r*\n")
        return self.expect(KDB)

    def close(self):
        self.socket.close()


class Gdb:
    """gdb, with the kernel's file, attached through LINE."""

    def __init__(self, line):
        self.child = pexpect.spawn(
            "gdb", ["-nx", "-q", system.BUILD + "/tartan"],
            timeout=TIMEOUT * PATIENCE, encoding="latin-1",
            dimensions=(24, 1000))
        self.child.setecho(False)
        self.expect(GDB)
        for command in ("set pagination off", "set confirm off",
                        "set style enabled off", "set width 0",
                        "set remotetimeout %d" % (10 * PATIENCE)):
            self.ask(command)
        self.attached = self.ask("target remote " + line)

    def expect(self, pattern):
        try:
            self.child.expect(pattern)
        except (pexpect.TIMEOUT, pexpect.EOF):
            raise Failure("gdb: no %r in %r" % (
                pattern, (self.child.before or "")[-600:])) from None
        return re.sub("\x1b\\[\\?2004[hl]", "",
                      re.sub("\r+\n?", "\n", self.child.before))

    def ask(self, command):
        self.child.sendline(command)
        return self.expect(GDB)

    def value(self, expression):
        """A number that gdb prints of EXPRESSION."""
        return int(found(r"^\$\d+ = (\d+)$",
                         self.ask("p/u " + expression)))

    def go_on(self):
        """Without waiting until it stops."""
        self.child.sendline("continue")
        self.expect("Continuing.")

    def interrupt(self):
        self.child.send("\x03")
        return self.expect(GDB)

    def close(self):
        system.end(self.child)


class Attached(Debugged):
    """Its console, and so its debugger, is the second line."""

    def __init__(self):
        Debugged.__init__(self, extra=[PROGRAM])
        self.line = os.path.join(self.work, "line")
        self.env["TARTAN_APPEND"] = ""
        self.options += ["--console", "unix:%s,server=on,wait=off" % self.line]
        self.gdb = None

    def attach(self):
        """From the shell to gdb's prompt."""
        line = Line(self.line)
        self.non_maskable()
        line.expect("interrupted")
        line.expect(KDB)
        line.child.send("gdb\r")
        line.expect("gdb may attach.*\r*\n")
        line.close()
        self.gdb = Gdb(self.line)
        return self.gdb

    def stops_in_task_create(self):
        """A program is begun, from gdb's prompt to its prompt."""
        self.gdb.ask("tbreak task_create")
        self.gdb.go_on()
        self.send("/bin/true\n")
        found(r"hit Temporary breakpoint \d+, task_create \(",
              self.gdb.expect(GDB))

    def prompt(self):
        """gdb has gone; the debugger's line."""
        self.gdb.close()
        line = Line(self.line)
        line.child.send("\r")
        line.expect(KDB)
        return line

    def leave(self):
        """From gdb's prompt to the shell."""
        found("Detaching|detached", self.gdb.ask("detach"))
        line = self.prompt()
        found(r"^ +64 *$", line.ask("0t100=X"))
        line.child.send(":c\r")
        line.expect(":c\r*\n")
        line.close()
        self.check("echo on", "on")

    def kill(self):
        if self.gdb is not None:
            self.gdb.close()
        Machine.kill(self)


def test_threads(m):
    """Those of all tasks, with their names; registers and stacks of any."""
    gdb = m.attach()
    # The one that was interrupted.
    found("^#0 .*\n(?:#.*\n)*#[1-9]", gdb.ask("bt"))
    threads = gdb.ask("info threads")
    for name in "kernel", "bootstrap", "unix", "file", "sh", "idle":
        found(r"^[* ] +\d+ +Thread \d+ \(%s\.\d+ .*0xc[0-9a-f]{7}.*?\) " %
              name, threads)
    found(r"^\* +\d+ +Thread \d+ \(.*processor 0\) ", threads)
    if len(re.findall(r" processor [0-3]\) ", threads)) != 4:
        raise Failure(threads)
    reaper = found(r"^. +(\d+) +Thread \d+ \(kernel\.\d+ reaper, ", threads)
    gdb.ask("thread " + reaper)
    found(r"^#\d+ +(0x\w+ in )?sleepq_wait .*\n(.*\n)*"
          r"#\d+ .*thread_reaper \(", gdb.ask("bt"))
    found(r"^eax +<unavailable>$", gdb.ask("info registers eax"))
    found(r"^eip +0xc0\w{6}", gdb.ask("info registers eip"))
    # It waits.
    found("^Could not write register", gdb.ask("p $ebx = 1"))
    # Nothing is lost when gdb goes and comes.
    m.leave()
    again = m.attach().ask("info threads")
    if again.count("(kernel.") != threads.count("(kernel."):
        raise Failure(again)
    m.leave()


def test_memory(m):
    """The kernel's and a program's, read and written; what is not there is an
    error, as are registers that must not change."""
    m.check("abc=old1; echo on", "on")
    gdb = m.attach()
    if gdb.value("vm_page_size") != 4096:
        raise Failure("vm_page_size")
    wanted = [line.split()[0] for line in listed("startup_main")[:40]]
    got = [line.split("\t")[1].split()[0] for line in
           gdb.ask("x/40i startup_main").split("\n") if "\t" in line]
    if got != wanted:
        raise Failure("%s, not %s" % (got, wanted))
    for address in "0xfff00000", "0xff7ff000", "0x4":
        found("Cannot access memory at address " + address,
              gdb.ask("x/x " + address))
        found("Cannot access memory", gdb.ask("set *(char *)%s = 1" % address))
    was = gdb.value("clock_second_count")
    gdb.ask("set clock_second_count = %d" % (was + 7))
    gdb.ask("maintenance flush dcache")
    if gdb.value("clock_second_count") != was + 7:
        raise Failure("not written")
    gdb.ask("set clock_second_count = %d" % was)
    # Bytes that packets must quote.
    place = "*(char (*)[7])kdb_gdb_message"
    gdb.ask("set var %s = \"}#$*}\\003\"" % place)
    gdb.ask("maintenance flush dcache")
    found(r'= "}#\$\*}\\003"', gdb.ask("p " + place))
    # A variable of the shell's.
    threads = gdb.ask("info threads")
    shell = found(r"^. +(\d+) +Thread \d+ \(sh\.0 ", threads)
    gdb.ask("thread " + shell)
    heap = m_heap(gdb)
    changed = 0
    for start, end in heap:
        said = gdb.ask('find /b 0x%s, 0x%s-1, \'a\',\'b\',\'c\',\'=\',\'o\','
                       '\'l\',\'d\',\'1\'' % (start, end))
        for at in re.findall(r"^(0x\w+)$", said, re.M):
            gdb.ask('set *(int *)(%s+4) = 0x%s' % (at, b"new2"[::-1].hex()))
            changed += 1
    if changed == 0:
        raise Failure("no abc= in %r" % (heap,))
    m.leave()
    m.check("echo $abc", "new2")


def m_heap(gdb):
    """Where the shell's own memory is, by one of the debugger's words."""
    return re.findall(r"^\|- ([0-9a-f]{8})-(\S+) rwx,",
                      gdb.ask("monitor show pmap sh"), re.M)


def test_breakpoints(m):
    """In the kernel, with right stacks, beside the debugger's own; the one
    that is left without gdb is no more."""
    gdb = m.attach()
    gdb.ask("break *locore_trap")
    found("^Cannot insert breakpoint", gdb.ask("continue"))
    gdb.ask("delete")
    found(r"^Breakpoint \d+ at 0xc0\w+: file kernel/task\.c",
          gdb.ask("break task_create"))
    for i in range(3):
        gdb.go_on()
        if i > 0:
            m.expect(system.PROMPT)
        m.send("/bin/true\n")
        found(r"hit Breakpoint \d+, task_create \(", gdb.expect(GDB))
        found(r"^#0 +task_create \(.*\n#1 .* S_task_create \(",
              gdb.ask("bt"))
        found(r" \(unix\.\d+ ", gdb.ask("info threads").split("\n* ")[-1])
    # A local variable and an argument.
    found(r"^parent = 0xc\w+$|= \(struct task \*\) 0xc\w+", gdb.ask(
        "info args"))
    gdb.go_on()
    m.expect(system.PROMPT)
    said = gdb.interrupt()
    found("SIGINT", said)
    # With the debugger's own at the same place, gdb's still stops.
    gdb.ask("monitor task_create:b if 0")
    gdb.go_on()
    m.send("/bin/true\n")
    found(r"hit Breakpoint", gdb.expect(GDB))
    gdb.ask("delete")
    gdb.go_on()
    m.expect(system.PROMPT)
    m.check("/bin/true; echo on", "on")
    gdb.interrupt()
    found(r"^1 +0 +task_create +if 0$", gdb.ask("monitor $b"))
    # One of the debugger's alone.
    gdb.ask("monitor task_create:b")
    gdb.go_on()
    m.send("/bin/true\n")
    found("received signal SIGTRAP", gdb.expect(GDB))
    found(r"^#0 +task_create \(", gdb.ask("bt"))
    gdb.ask("monitor task_create:d")
    gdb.go_on()
    m.expect(system.PROMPT)
    gdb.interrupt()
    m.leave()
    m.check("/bin/true; echo on", "on")


def test_steps(m):
    """Instructions, lines, over calls and out of functions."""
    gdb = m.attach()
    m.stops_in_task_create()
    after = int(found(r"^ +(0xc0\w+) ", gdb.ask("x/2i $pc")), 16)
    gdb.ask("stepi")
    if gdb.value("$pc") != after:
        raise Failure("%x is not %x" % (gdb.value("$pc"), after))
    for _ in range(4):
        gdb.ask("next")
    found(r"^#0 +task_create \(|^#0 .* in task_create \(", gdb.ask("bt"))
    gdb.ask("finish")
    found(r"^#0 .*S_task_create \(", gdb.ask("bt"))
    # Another thread than the one that stopped cannot.
    other = found(r"^  +(\d+) +Thread \d+ \(kernel\.\d+ reaper",
                  gdb.ask("info threads"))
    here = gdb.value("$_thread")
    gdb.ask("thread " + other)
    found("only the thread that stopped can step", gdb.ask("stepi"))
    gdb.ask("thread %d" % here)
    gdb.go_on()
    m.expect(system.PROMPT)
    gdb.interrupt()
    m.leave()


def test_watchpoints(m):
    """Of the kernel's memory, with old and new values; an instruction of a
    program's."""
    gdb = m.attach()
    found("^Hardware watchpoint", gdb.ask("watch clock_second_count"))
    values = []
    for _ in range(3):
        gdb.go_on()
        said = gdb.expect(GDB)
        values.append([int(found(r"^%s value = (\d+)$" % age, said))
                       for age in ("Old", "New")])
        found(r"^#\d+ .*clock_tick \(", gdb.ask("bt"))
    for was, became in values:
        if became != was + 1:
            raise Failure("%r" % values)
    gdb.ask("delete")
    # Each access, of eight bytes at once.
    gdb.ask("awatch *(long long *)&clock_second_count")
    gdb.go_on()
    found("access \\(read/write\\) watchpoint", gdb.expect(GDB))
    gdb.ask("delete")
    # Reads, of what nobody writes.
    found("^Hardware read watchpoint", gdb.ask("rwatch vm_page_size"))
    gdb.go_on()
    m.send("\n")
    found(r"Hardware read watchpoint \d+: vm_page_size\n\nValue = 4096$",
          gdb.expect(GDB))
    gdb.ask("delete")
    # What a server comes to when it is asked.
    server, thread = re.search(
        r"^. +(\d+) +Thread \d+ \(term\.0 [^,]*, (0x\w+)",
        gdb.ask("info threads"), re.M).groups()
    gdb.ask("thread " + server)
    pc = found(r"^  -- user mode\n  fffff0\S+.*\n  (0[0-9a-f]{7}) mach_msg",
               gdb.ask("monitor trace " + thread))
    gdb.ask("hbreak *0x" + pc)
    gdb.go_on()
    m.send("\n")
    found(r"^Thread .* hit Breakpoint|^Thread .* SIGTRAP", gdb.expect(GDB))
    if gdb.value("$pc") != int(pc, 16) or gdb.value("$cs & 3") != 3:
        raise Failure(gdb.ask("info registers"))
    found(r"^\* +\d+ +Thread \d+ \(term\.\d ", gdb.ask("info threads"))
    gdb.ask("stepi")
    if gdb.value("$pc") == int(pc, 16) or gdb.value("$cs & 3") != 3:
        raise Failure(gdb.ask("info registers"))
    gdb.ask("delete")
    gdb.go_on()
    m.send("\n")
    m.expect(system.PROMPT)
    gdb.interrupt()
    m.leave()


def choose(gdb, name):
    """Have gdb look at the first thread of that task."""
    gdb.ask("thread " + found(r"^. +(\d+) +Thread \d+ \(%s\.0 " % name,
                              gdb.ask("info threads")))


def is_at(gdb, name, offset):
    if gdb.value("$pc") != int(AT[name], 16) + offset:
        raise Failure("%s is not at %s+%d" % (gdb.ask("p $pc"), name, offset))


def test_programs(m):
    """Breakpoints and steps in a program, which stay its own, though the machine
    stops elsewhere; its results and its text are right."""
    clean = text(m)
    m.send(RUN + " wait 3\n")
    m.expect("ready 1\r*\n")
    gdb = m.attach()
    choose(gdb, "breaks")
    gdb.ask("break *0x" + AT["outer"])
    for _ in range(2):
        gdb.go_on()
        found("SIGINT", gdb.interrupt())
    gdb.go_on()
    m.send("\n")
    found("hit Breakpoint", gdb.expect(GDB))
    is_at(gdb, "outer", 0)
    found(r"^\* +\d+ +Thread \d+ \(breaks\.0 ", gdb.ask("info threads"))
    # The trap instruction is not seen.
    first = found(r"^=> 0x\w+:\t(\w+)", gdb.ask("x/i $pc"))
    if first == "int3":
        raise Failure(first)
    for offset in OUTER[1:4]:
        gdb.ask("stepi")
        is_at(gdb, "outer", offset)
    gdb.ask("stepi")
    is_at(gdb, "tick", 0)
    # Over a system call, and with a breakpoint on that.
    gdb.ask("tbreak *0x" + AT["entered"])
    gdb.go_on()
    found("hit Temporary breakpoint", gdb.expect(GDB))
    gdb.ask("stepi")
    is_at(gdb, "entered", 2)
    for _ in range(2):
        gdb.go_on()
        found("hit Breakpoint", gdb.expect(GDB))
        is_at(gdb, "outer", 0)
    gdb.ask("delete")
    gdb.go_on()
    m.expect("done %d text %s\r*\n" % (total(3), clean))
    m.expect(system.PROMPT)
    gdb.interrupt()
    # None of it is left.
    found(r"\A[^\n]*\n?count +hits +breakpoint +command\s*\Z",
          gdb.ask("monitor $b"))
    m.leave()
    if text(m) != clean:
        raise Failure("the file's text has changed")


def test_program_watch(m):
    """A variable of one program, while others run."""
    clean = text(m)
    m.send(RUN + " wait 3\n")
    m.expect("ready 1\r*\n")
    gdb = m.attach()
    choose(gdb, "breaks")
    found("^Hardware watchpoint",
          gdb.ask("watch *(unsigned *)0x" + AT["total"]))
    gdb.go_on()
    m.send("\n")
    for was, became in (0, 1), (1, 5), (5, 6):
        said = gdb.expect(GDB)
        found("^Old value = %d\nNew value = %d$" % (was, became), said)
        found(r"^\* +\d+ +Thread \d+ \(breaks\.0 ", gdb.ask("info threads"))
        if became == 6:
            gdb.ask("delete")
        gdb.go_on()
    m.expect("done %d text %s\r*\n" % (total(3), clean))
    m.expect(system.PROMPT)
    gdb.interrupt()
    m.leave()


def test_break(m):
    """A break on the line is an interrupt, too."""
    gdb = m.attach()
    for _ in range(2):
        gdb.go_on()
        # gdb says that before it is so.
        m.check("echo on", "on")
        m.qemu(("chardev-send-break", {"id": "serial1"}))
        found("SIGINT", gdb.expect(GDB))
        found(r"^#\d+ .*intr_look_for_break", gdb.ask("bt"))
    # When it has stopped already that is for later.
    m.qemu(("chardev-send-break", {"id": "serial1"}))
    if gdb.value("vm_page_size") != 4096:
        raise Failure("vm_page_size")
    gdb.go_on()
    found("SIGINT", gdb.expect(GDB))
    m.stops_in_task_create()
    m.leave()


def test_long_monitor(m):
    """A command of the debugger's that gdb does not wait for any more is ended by
    what gdb sends next, and nothing is lost.  Others may send ^C."""
    gdb = m.attach()
    gdb.child.sendline("monitor startup_main,0fffffff/x")
    gdb.expect("startup_main")
    found("Quit$", gdb.interrupt())
    if gdb.value("vm_page_size") != 4096:
        raise Failure("vm_page_size")
    m.leave()
    line = Line(m.line)
    m.non_maskable()
    line.expect("interrupted")
    line.expect(KDB)
    line.child.send("gdb\r")
    line.expect("gdb may attach.*\r*\n")
    command = "qRcmd," + b"startup_main,0fffffff/x".hex()
    line.child.send("$%s#%02x" % (command, sum(command.encode()) & 0xff))
    line.expect(r"\$O\w+#\w\w")
    line.child.send("\x03")
    line.expect(r"\$OK#9a")
    line.child.send("+\r\r\r")
    line.expect("gdb is gone")
    line.expect(KDB)
    line.child.send(":c\r")
    line.expect(":c\r*\n")
    line.close()
    m.check("echo on", "on")


class Relay(threading.Thread):
    """Between gdb and the terminal of a machine, until it is stopped."""

    def __init__(self, m, path):
        threading.Thread.__init__(self, daemon=True)
        self.terminal = m.child.child_fd
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(1)
        self.read, self.write = os.pipe()
        self.noise = threading.Event()  # the machine says `noise'

    def run(self):
        gdb, _ = self.listener.accept()
        said = b""
        while True:
            ready = select.select([gdb, self.terminal, self.read], [], [])[0]
            if self.read in ready:
                return
            if self.terminal in ready:
                data = os.read(self.terminal, 4096)
                gdb.sendall(data)
                said = said[-4:] + data
                if b"noise" in said:
                    self.noise.set()
            if gdb in ready:
                data = gdb.recv(4096)
                if not data:
                    return
                os.write(self.terminal, data)

    def stop(self):
        os.write(self.write, b".")
        self.join()


def test_shared_line(_):
    """gdb on the line of the user's terminal, whose driver goes on writing to it;
    the terminal works on when gdb has gone."""
    m = Debugged()
    try:
        m.start()
        m.send("(while [ ! -e /tmp/over ]; do echo noise; done) &\n")
        m.expect("noise")
        m.non_maskable()
        m.expect("interrupted")
        m.expect(KDB)
        m.send("gdb\r")
        m.expect("gdb may attach.*\r*\n")
        path = os.path.join(m.work, "relay")
        relay = Relay(m, path)
        relay.start()
        gdb = Gdb(path)
        gdb.ask("tbreak vm_fault")
        for _ in range(3):
            gdb.go_on()
            gdb.expect(GDB)
            found(r"^#0 ", gdb.ask("bt"))
            gdb.ask("tbreak vm_fault")
        gdb.ask("delete")
        gdb.go_on()
        found("SIGINT", gdb.interrupt())
        # The driver, too, looks at the line all the time.
        for _ in range(10):
            relay.noise.clear()
            gdb.go_on()
            relay.noise.wait(TIMEOUT * PATIENCE)
            m.qemu(("chardev-send-break", {"id": "tty"}))
            found("SIGINT", gdb.expect(GDB))
        # It is told of nothing that comes.
        if gdb.value("intr_lines[4].withheld") != 1:
            raise Failure("the driver was told")
        found("Detaching|detached", gdb.ask("detach"))
        gdb.close()
        relay.stop()
        m.send("\r")
        m.expect(KDB)
        m.send(":c\r")
        m.expect(":c\r*\n")
        m.send("echo >/tmp/over\n")
        m.send("echo o'n'\n")
        m.expect("\non\r*\n")
    finally:
        m.close()


def many(gdb):
    """How many threads there are, which stand still."""
    return len(re.findall(r"^[* ] +\d+ +Thread ", gdb.ask("info threads"),
                          re.M))


def test_damage(m):
    """Lists that lead nowhere or round, registers that lead nowhere, a lock that is
    held where it stopped: gdb and the debugger see what they can, and the system
    goes on."""
    gdb = m.attach()
    all_of_them = many(gdb)
    link = "kernel_task->link.next"
    was = gdb.value(link)
    for wrong in "4", "0xfff00000", "&kernel_task->link":
        gdb.ask("set var %s = (struct list_node *)%s" % (link, wrong))
        # The one that stopped, and those without a task, are always there.
        if not 1 < many(gdb) < all_of_them:
            raise Failure("%s: %s" % (wrong, gdb.ask("info threads")))
        found("damaged|kernel", gdb.ask("monitor show all tasks"))
    gdb.ask("set var %s = (struct list_node *)%d" % (link, was))
    if many(gdb) != all_of_them:
        raise Failure(gdb.ask("info threads"))
    for register in "ebp", "eip":
        was = gdb.value("(unsigned)$" + register)
        gdb.ask("set $%s = 0x11" % register)
        found(r"^#0 ", gdb.ask("bt"))
        gdb.ask("monitor $c")
        gdb.ask("set $%s = %d" % (register, was))
    # The lock of a run queue.
    for _ in range(3):
        gdb.ask("tbreak sched_enqueue_locked")
        gdb.go_on()
        found("hit Temporary breakpoint", gdb.expect(GDB))
        found(r"^0x\w+ +kernel\.0 ", gdb.ask("monitor show all threads"))
        found(r"sched_enqueue_locked", gdb.ask("bt"))
    m.leave()


HITS = int(os.environ.get("HITS", "100"))


def test_load(m):
    """A breakpoint that four processors come along all the time, while they compute;
    the results are right."""
    m.check("sum() { dd if=/dev/zero bs=4k count=2000 2>/dev/null | md5sum; }; "
            "sum >/tmp/right; cat /tmp/right | wc -l", "1")
    m.send("for i in 1 2 3 4; do sum >/tmp/$i & done; echo on\n")
    m.expect("on\r*\n")
    gdb = m.attach()
    gdb.ask("break vm_fault")
    gdb.ask("ignore 1 %d" % HITS)
    gdb.go_on()
    m.send("for i in 1 2 3 4; do sum >/tmp/$i & done; echo on\n")
    found("hit Breakpoint", gdb.expect(GDB))
    found("already hit %d times" % (HITS + 1), gdb.ask("info breakpoints"))
    gdb.ask("delete")
    m.leave()
    m.check("wait; cat /tmp/[1-4] | sort -u | cmp - /tmp/right && echo on", "on")


def test_terminal(m):
    """Somebody who types return gets the prompt back; garbage is refused."""
    line = Line(m.line)
    m.non_maskable()
    line.expect("interrupted")
    line.expect(KDB)
    line.child.send("gdb\r")
    line.expect("gdb may attach.*\r*\n")
    line.child.send("$qC#00")
    line.expect("-")
    line.child.send("hello$g$?#3f")
    line.expect(r"\+\$T02thread:6\w+;#\w\w")
    # gdb's interrupt may come just before that which it is to interrupt.
    line.child.send("+\x03$c#63")
    line.expect(r"\+\$T02thread:\w+;#\w\w")
    line.child.send("+\r\r\r")
    line.expect("gdb is gone")
    line.expect(KDB)
    line.child.send(":c\r")
    line.expect(":c\r*\n")
    line.close()
    m.check("echo on", "on")


def test_panic(m):
    """A panic is said, and where; there is no going on."""
    gdb = m.attach()
    m.stops_in_task_create()
    # What it says is the name of the first task.
    gdb.ask("set *(int *)($esp + 4) = (int)kernel_task->name")
    gdb.ask("set $pc = (int)panic")
    gdb.go_on()
    found("panic: kernel\n(.*\n)*.*SIGABRT", gdb.expect(GDB))
    found(r"^#\d+ .*\bpanic \(", gdb.ask("bt"))
    if gdb.value("vm_page_size") != 4096:
        raise Failure("vm_page_size")
    found("E01", gdb.ask("continue"))
    gdb.ask("detach")
    line = m.prompt()
    line.ask(",0$w")
    found(r"^  \S+ panic\+", line.ask("$c"))
    found("^cannot continue after a panic$", line.ask(":c"))
    line.close()
    m.kill()


def test_kill(m):
    """The system is switched off."""
    gdb = m.attach()
    gdb.child.sendline("kill")
    m.expect(pexpect.EOF)


if __name__ == "__main__":
    system.main(globals(), Attached)
