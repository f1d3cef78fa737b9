#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""adb's manual page at the debugger's prompt, request by request."""

import os
import re
import struct
import subprocess

import system
from kdb_test import Debugged, boots_anew, ends, found, listed, offsets
from system import Failure


PROGRAM = system.compile_program("symbols.c", "symbols")


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
    found(r"\A  \S+ S_task_create\+.*\n(  .*\n)*  \S+ _Xtask_create\+",
          m.ask("trace <ebp"))
    # A program's, of the chosen thread's task.
    unix = m.ask("$c")
    pc = found(r"^  (08\w+) task_create\+", unix)
    found(r"\A  %s task_create\+.* \(" % pc, m.ask("<uebp$c"))
    for wrong in "1", "4", "0c0100000", "vm_page_size", "0fffffffc", "0fffffffe":
        found(r"^no thread: \w+ \(nor a frame's pointer\)$", m.ask(wrong + "$c"))
    reaper = thread_of(m, "kernel.0")
    found(r"\A(  .*\n)*  \S+ thread_reaper\+.*\n", m.ask("trace kernel.0"))
    found(r"^no symbol: kernel$", m.ask("trace kernel.99"))
    found(r"\A(  .*\n)*  \S+ thread_reaper\+.*\n", m.ask(reaper + "$c"))
    found(r"\A  .*\n  -- there is more\n\Z", m.ask(reaper + ",1$c"))
    # That of the chosen one.
    for letter in "$c", "$C":
        wanted = m.ask(reaper + letter)
        m.ask("thread kernel.0")
        if m.ask(letter) != wanted:
            raise Failure(wanted)
    found(r"^processor \d:$", m.ask("trace"))
    found(r"\A  .*\n  -- there is more\n\Z", m.ask(",1 trace " + reaper))
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
        new = re.search(r" \((\S+:\d+)\)$", text)
        if new and new.group(1) == at:
            raise Failure("again: " + text)
        at = new.group(1) if new else at
        if at != wanted.pop(0):
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


def test_breakpoint_commands(m):
    """It stops if they make dot 0, and their errors are said."""
    m.interrupt()
    m.ask("0>a")
    m.ask("task_create,5:b <a+1>a;vm_page_size/D;0")
    m.go_on()
    for i in 1, 2:
        m.send("/bin/true\n")
        m.expect("breakpoint\r*\ntask_create: ")
        # Nothing is looked for at 0.
        if "not there" in m.answer():
            raise Failure("address 0")
        found("^a = 0x%x$" % i, m.ask("$v"))
        m.send(":c\r")
        m.expect(system.PROMPT)
    m.interrupt()
    m.ask("task_create:b no_such=X")
    m.go_on()
    m.send("/bin/true\n")
    m.stopped("no symbol: no_such\r*\n(.*\r*\n)*breakpoint\r*\ntask_create: ")
    m.ask("task_create:d")
    found("^no breakpoint: c0", m.ask("task_create:d"))
    go_on(m)


def behind_a_symbol():
    """The name of a variable and more than 255 bytes from it, where no other one
    is."""
    out = subprocess.run(
        ["i686-linux-gnu-nm", "-nS", system.BUILD + "/tartan"], text=True,
        stdout=subprocess.PIPE, check=True).stdout
    rows = re.findall(r"^(\w{8})(?: (\w{8}))? [bBdD] (\w+)$", out, re.M)
    for (at, size, name), (following, _, _) in zip(rows, rows[1:]):
        far = int(size or "0", 16) + 0x100
        if size and int(at, 16) + far < int(following, 16) and far < 0x1000:
            return name, far
    raise Failure("no gap between variables")


def test_modifiers(m):
    """Those of $ that are about the language itself."""
    m.interrupt()
    found(r"\Athread 0x\w+ \S+ on processor 0\neax +\w{8} ", m.ask("$"))
    found(r"\Athread 0x\w+ \S+ on processor 0\neax +\w{8} ", m.ask("$?"))
    # The radix, that of the number before it, too.
    found(r"^radix=0t16$", m.ask("$d"))
    found(r"^radix=0t16$", m.ask("10$d"))
    found(r"^radix=0t10$", m.ask("0t10$d"))
    found(r"^ +1f +\w+ *$", m.ask("31=xx"))
    for number in "0x1f", "0o37", "0X1F", "0O37", "0t31", "0T31":
        found(r"^ +31 *$", m.ask(number + "=D"))
    found(r"^bad number in radix 0t10: 1f$", m.ask("1f=D"))
    found(r"^radix=0t8$", m.ask("8$d"))
    found(r"^ +63 *$", m.ask("77=D"))
    found(r"^no radix from 2 to 0t16: 1$", m.ask("1$d"))
    found(r"^radix=0t16$", m.ask("0x10$d"))
    # How far behind a symbol an address is named.
    found(r"^symbols reach 0xff$", m.ask("$s"))
    name, far = behind_a_symbol()
    for reach, number in (0xff, True), (0x1000, False), (0, True):
        found(r"^symbols reach %#x$" % reach, m.ask("0%x$s" % reach))
        found(r"^ +%s *$" % ("0x%x" if number else name + r"\+0x%x") %
              (symbol(name) * number + far), m.ask("%s+0%x=p" % (name, far)))
        # What is in it is named always.
        found(r"^ +startup_main\+0x1 *$", m.ask("startup_main+1=p"))
    m.ask("0ff$s")
    # Maps.
    found(r"\A\? map\nb1 = 0 +e1 = ffffffff +f1 = 0\nb2 = 0 +e2 = 0 +f2 = 0\n"
          r"/ map\nb1 = 0 +e1 = ffffffff +f1 = 0\nb2 = 0 +e2 = 0 +f2 = 0\n\Z",
          m.ask("$m"))
    # Widths; and what is longer than a line goes on in the next.
    found(r"^width 0t40, lines 0t0$", m.ask("0t40$w"))
    text = m.ask("startup_main,6/XX")
    if max(len(line.rstrip()) for line in text.split("\n")) > 40 or \
            len(text.strip().split("\n")) < 6:
        raise Failure(text)
    found(r"^width 0t80, lines 0t0$", m.ask("0t80$w"))
    # Variables of the kernel and what is in them.
    text = m.ask("$e")
    size = m.ask("vm_page_size/X").split()[1]
    found(r"^vm_page_size: +%s$" % size, text)
    if len(text.split("\n")) < 200 or "startup_main:" in text:
        raise Failure(text)
    m.go_on()
    m.check("echo on", "on")


def test_maps(m):
    """/m and ?m, their second segments, and writing through them."""
    m.interrupt()
    page = symbol("vm_page_size")
    found(r"^vm_page_size: +4096 *$", m.ask("0%x/D" % page))
    m.ask("/m 5000 5004 0%x" % page)
    m.ask("/*m 6000 6004 0%x" % page)
    found(r"^b1 = 5000 +e1 = 5004 +f1 = %x\nb2 = 6000 +e2 = 6004 +f2 = %x$" %
          (page, page), m.ask("$m"))
    for address in "5000/D", "6000/D", "6000/*D", "0%x?D" % page:
        found(r"^(vm_page_size:)? +4096 *$", m.ask(address))
    found("^address not there: 5000: not in the map's second segment$",
          m.ask("5000/*D"))
    found("^address not there: 7000: not in the map$", m.ask("7000/D"))
    found("^address not there: 7000: not in the map$", m.ask("7000/W 1"))
    found("^address not there: 5004: not in the map$", m.ask("5002/W 1"))
    found(r"^0x6000: +1000 = 1000$", m.ask("6000/W 1000"))
    # The other verb has its own; * is its second segment, too.
    m.ask("?*m 5000 5004 0%x" % page)
    found(r"^ +4096 *$", m.ask("5000?*D"))
    found("second segment$", m.ask("startup_main?*x"))
    found(r"^ +1001 *$", m.ask("*5000+1=X"))
    for verb in "/", "?":
        m.ask(verb + "m 0 0ffffffff 0")
        m.ask(verb + "*m 0 0 0")
    found("^no task is chosen$|: no task is chosen$", m.ask("5000/D"))
    m.go_on()
    m.check("echo on", "on")


def contents(address, n):
    """N bytes of the kernel's text, from its file."""
    out = subprocess.run(
        ["i686-linux-gnu-objdump", "-s", "--start-address=%#x" % address,
         "--stop-address=%#x" % (address + n), system.BUILD + "/tartan"],
        text=True, stdout=subprocess.PIPE, check=True).stdout
    rows = re.findall(r"^ c0\w{6}((?: \w+)+)  ", out, re.M)
    return bytes.fromhex("".join(rows).replace(" ", ""))


def test_formats(m):
    """Each, of memory and of values."""
    m.interrupt()
    half, word = struct.unpack("<H", contents(symbol("startup_main"), 2)), \
        struct.unpack("<I", contents(symbol("startup_main"), 4))
    half, word = half[0], word[0]
    low = half - (half >> 15 << 16)
    high = word - (word >> 31 << 32)

    def octal(n):
        return "%s0%o" % ("-" if n < 0 else "", abs(n))

    for letter, text in (
            ("o", octal(half)), ("q", octal(low)), ("d", low), ("u", half),
            ("x", "%x" % half), ("O", octal(word)), ("Q", octal(high)),
            ("D", high), ("U", word), ("X", "%x" % word),
            ("b", "0%o" % (half & 255)), ("2b", "0%o +0%o" % (half & 255,
                                                            half >> 8))):
        found(r"^startup_main: +%s *$" % text, m.ask("startup_main/" + letter))
        found(r"^startup_main: +%s *$" % text, m.ask("startup_main?" + letter))
        if letter != "2b":
            found(r"^ +%s *$" % text, m.ask("0%x=%s" % (word, letter)))
    found(r"^kdb_vars_letters: +0123456789abc\w+$", m.ask("kdb_vars_letters/s"))
    found(r"^kdb_vars_letters: +0123 *$", m.ask("kdb_vars_letters/4c"))
    found(r"^kdb_vars_letters: +0123456789abc\w+$", m.ask("kdb_vars_letters/S"))
    found(r"^ +@@ *$", m.ask("40=C"))
    found(r"^ +@A *$", m.ask("1=C"))
    found(r"^ +A *$", m.ask("41=c"))
    found(r"^ +1970 Jan 1 00:01:40 *$", m.ask("0t100=Y"))
    found(r"^ +0\.5 *$", m.ask("0.5=f"))
    found(r"^startup_main: +push +%%ebp \(%s\)$" % source("startup_main"),
          m.ask("startup_main?i"))
    found(r"^startup_main: +[\d.e+-]+ *$", m.ask("startup_main?f"))
    found(r"^startup_main: +[\d.e+-]+ *$", m.ask("startup_main?F"))
    # Of a value: as much of one as there are bytes.
    found(r"^ +nop *$", m.ask("90=i"))
    found(r"^ +\(its end is not there\) *$", m.ask("0ffffffe8=i"))
    # Names, and where they are: the first variable has the second's address.
    found(r"^startup_main: +[0-9a-z_+]+ *$", m.ask("startup_main/p"))
    found(r"^ +startup_main\+0x1 *$", m.ask("startup_main+1=p"))
    found(r"^startup_main: +%x *$" % half, m.ask("startup_main/ax"))
    # What moves: blanks, lines, tabs; dot there and back.
    found(r"^a b\nc {7}d *$", m.ask("0=\"a\"r\"b\"n\"c\"8t\"d\""))
    found(r"^startup_main: +%x +%x *$" % (half, half),
          m.ask("startup_main/x^x"))
    found(r"^startup_main: +0%o +0%o *$" % (half & 255, half & 255),
          m.ask("startup_main/b-b"))
    found(r"^startup_main: +0%o +0%o *$" % (half & 255, word >> 16 & 255),
          m.ask("startup_main/b+b"))
    # A dump of the manual's: numbers, and the same as characters.
    found(r"\A(kdb_vars_letters: +|\S*: +| +)0\d+ +0\d+ +0\d+ +0\d+ +01234567\n"
          r" +0\d+ +0\d+ +0\d+ +0\d+ +89abcdef\n\Z",
          m.ask("kdb_vars_letters,2/4o4^8Cn"))
    # Up to where nothing is.
    text = m.ask("0fffff000,-1/XXXXn")
    if "not there" in text:
        raise Failure(text)
    for wrong in "/k", "=F", "?xk":
        found("^bad modifier: ", m.ask("startup_main" + wrong))
    found("^letter expected behind a count: ", m.ask("startup_main/4"))
    m.go_on()
    m.check("echo on", "on")


def test_cut_instructions(m):
    """At the end of what is there: whole ones, and those that go on behind it."""
    m.interrupt()
    m.ask("task unix")
    # Pages behind which nothing is.
    ends, regions = set(), []
    for view in "map", "pmap":
        regions = re.findall(r"^[|`]- (\w{8})-(\w{8}) ",
                             m.ask("show %s unix" % view), re.M)
        there = {end for _, end in regions} - {start for start, _ in regions}
        ends = ends & there if view == "pmap" else there
    kinds = set()
    for end in sorted(ends)[:4]:
        for back in range(1, 16):
            text = m.ask("0%x?i" % (int(end, 16) - back))
            kinds.add("is not there" in text)
            found(r"^( |\S+:) .*\S$", text)
        text = m.ask("0%x,20?i" % (int(end, 16) - 8))
        found("^address not there: %x: " % int(end, 16), text)
    if kinds != {False, True}:
        raise Failure("%r: %r" % (regions, kinds))
    m.ask("task kernel")
    m.go_on()
    m.check("echo on", "on")


def test_searches(m):
    """/l and /L, with masks, and again; what is written."""
    m.interrupt()
    start = symbol("startup_main")
    text = contents(start, 512)
    halves = struct.unpack("<256H", text)
    words = struct.unpack("<128I", text)
    for letter, size, values in (("l", 2, halves), ("L", 4, words)):
        at = values.index(values[20]) * size
        found(r"^startup_main(\+0x%x)?$" % at if at else "^startup_main$",
              m.ask("startup_main?%s 0%x" % (letter, values[20])))
        found(r"^ +%x *$" % (start + at), m.ask(".=X"))
        low = next(i for i, v in enumerate(values) if v & 0xff == 0xe8)
        m.ask("startup_main?%s 0e8 0ff" % letter)
        found(r"^ +%x *$" % (start + low * size), m.ask(".=X"))
    found(r"^not found up to \w+: ", m.ask("0fffff000/L 12345678"))
    found(r"^value expected: $", m.ask("startup_main/l"))
    # Two bytes each, four bytes each, from dot on.
    m.ask("0>a")
    page = "vm_page_size"
    found(r"^vm_page_size: +1000 = 1000$", m.ask(page + "/w 1000"))
    found(r"^vm_page_size: +1000 = 1000\nvm_page_size\+0x2: +0 = 0$",
          m.ask(page + "/w 1000 0"))
    found(r"^vm_page_size: +1000 = 1000$", m.ask(page + "?W 1000"))
    found(r"^ +4096 *$", m.ask("*vm_page_size=D"))
    m.go_on()
    m.check("echo on", "on")


# Of each kind of thing; {} is one of it.
LEGENDS = {
    "show all tasks": r"nr  task +name +threads suspended +names +memory",
    "show all threads": r"thread +task\.number +state  prio hold  where, .*",
    "show all ports": r"port +name +send +once +messages receiver .*",
    "show all processors": r"nr state +queued prio nested ticks: user .*",
    "show task": "task, its name and suspensions; memory, ports, threads",
    "show thread": "thread, its name, state, where it is and what .*",
    "show space": r"file: \d+ names of at most \d+\n +name +refs  rights.*",
    "show port": "port, who receives from it and by which name; .*",
    "show holders": "tasks, their names for the port and rights; .*",
    "show pset": "port set and its name; who receives; its ports",
    "show map": "task, map; entries: protection/most, inheritance; .*",
    "show object": "object, its size and pages; lock, ports, copies; .*",
    "show chain": "objects and those that shadow them, from the bottom; .*",
    "show page": "page, its memory and state; who maps it; its object",
    "show pmap": "task, map, pmap; what the processor maps, by rights",
    "show runq": "processor and what it runs; threads that wait for it, .*",
    "show locks": "locks that are held: rank, kind and address, by whom, .*",
    "show zones": r"cache +name +size +used +room +memory  failed",
    "show vm": "memory, in pages of 4K",
    "show trace": "seconds +thread +trap or messages, result, how long; .*",
}


def things(m):
    """One of each kind, as an argument for `show'."""
    space = m.ask("show space file")
    entry = m.ask("show map file")
    port = found(r"receive +port (0x\w+)", space)
    shown = found(r"object (0x\w+) internal .*, [1-9]\d* resident", entry)
    return {
        "task": "file", "thread": "file.0", "space": "file", "map": "file",
        "pmap": "file", "port": port, "holders": port,
        "pset": "file " + found(r"^ +(\w+) +0  set ", space),
        "object": shown, "chain": shown,
        "page": found(r"page (0x\w+) at ", m.ask("show object " + shown)),
    }


def test_legends(m):
    """The first line that each `show' prints says what is in the others."""
    m.interrupt()
    arguments = things(m)
    for words, legend in LEGENDS.items():
        argument = arguments.get(words.split()[-1], "")
        text = m.ask(("%s %s" % (words, argument)).strip())
        found(r"\A%s\n" % legend, text)
        # And there are such others, but for what nobody has or has asked for.
        if words not in ("show locks", "show trace") and \
                len(text.strip().split("\n")) < 2:
            raise Failure("%s: %s" % (words, text))
    m.go_on()
    m.check("echo on", "on")


def test_queued_message(m):
    """`show kmsg' of one."""
    m.send("(while :; do cat /etc/passwd | sort >/dev/null; done) & "
           "all=$!\n")
    m.expect(system.PROMPT)
    seen = None
    for _ in range(40):
        m.interrupt()
        for port in re.findall(r"^(0x\w+) ", m.ask("show all ports busy"),
                               re.M):
            for message in re.findall(r"- message (0x\w+), id",
                                      m.ask("show port " + port)):
                seen = m.ask("show kmsg " + message)
                found(r"\Amessage, .*\nmessage %s, id \d+ [a-z_]+" %
                      message, seen)
                found(r"^\|- to, by send(-once)? right: port %s of " % port,
                      seen)
                if seen != m.ask("show message " + message):
                    raise Failure(seen)
        m.go_on()
        m.check("echo on", "on")
        if seen:
            break
    m.check("kill $all; wait $all 2>/dev/null; echo off", "off")
    if not seen:
        raise Failure("no message was queued")


def test_quit(m):
    """$q goes on."""
    m.interrupt()
    m.send("$q\r")
    m.expect(r"\$q\r*\n")
    m.check("echo on", "on")


def test_help(m):
    """The list, and of each thing in it how it is used."""
    m.interrupt()
    topics = [line[2:28].rstrip() if len(line) > 28 else line[2:]
              for line in m.ask("help").rstrip().split("\n")
              if line[:3].strip()]
    names = set()
    for topic in topics:
        letter = re.search(r"[$:][A-Za-z?]", topic)
        word = re.search("[a-z]+( [a-z]+)*", re.sub("^help (?=[a-z])", "", topic))
        names.add(letter.group(0) if letter else word.group(0))
    for name in sorted(names):
        text = m.ask("help " + name)
        if "no help" in text or len(text.strip().split("\n")) < 1 or \
                len(text.strip()) < 8:
            raise Failure("%s: %s" % (name, text))
    for name in ("requests", "expressions", "variables", "formats"):
        found(r"^ +\S+ ", m.ask("help " + name))
    for name in "?", "/", "=", ">":
        found(r"^\[ADDRESS\]\[,COUNT\]COMMAND", m.ask("help " + name))
    found(r"^  \$v +", m.ask("help $"))
    found(r"^  ADDRESS:d +", m.ask("help :"))
    found(r"\A(  show \S.*\n( {20}.*\n)?)+\Z", m.ask("help show"))
    for name in LEGENDS.keys() | {"call", "gdb", "count", "line", "until"}:
        if name not in names:
            raise Failure("%s is not in %s" % (name, sorted(names)))
    if len(names) < 60:
        raise Failure(names)
    found("^no help for: nothing$", m.ask("help nothing"))
    found(r"\Ano command: show nothing\nshow which\? all .* map ",
          m.ask("show nothing"))
    for command in ":c 5", "$c 5", "$w x", ":s x", "$q now":
        found("^end of the command expected: \w+$", m.ask(command))
    m.go_on()
    m.check("echo on", "on")


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


def test_chosen_threads(m):
    """Where they are is said with their own symbols and lines, and named as other
    words name them."""
    m.check("/extra/symbols >/tmp/ready & until grep -q ready /tmp/ready; do "
            "sleep 0.1; done", "")
    for _ in range(20):
        m.interrupt()
        text = m.ask("thread symbols.0")
        known = re.search(r"^symbols_\w+\+0x\w+: +\w", text, re.M)
        task = m.ask("task")
        m.go_on()
        m.check("echo on", "on")
        if known and "kernel" in task:
            break
    else:
        raise Failure(text + task)
    m.interrupt()
    text = m.ask("thread file.0")
    found(r"^thread %s file$" % thread_of(m, "file.0"), text)
    found(r"^no thread: ", m.ask("thread 0c0100000"))
    # It does not wait in the program, but where that called the kernel.
    found(r"^\S+: ", text)
    m.go_on()
    m.check("kill $!; wait $! 2>/dev/null; rm /tmp/ready; echo on", "on")


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


def test_run_anew(m):
    boots_anew(m, ":r")


def test_end(m):
    ends(m, ":k")


if __name__ == "__main__":
    system.main(globals(), lambda: Debugged("kdb=user", [PROGRAM]))
