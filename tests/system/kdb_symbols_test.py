#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Symbols of programs in the debugger, over the serial line of a system that
was started for that."""

import os
import re
import subprocess

import system
from kdb_test import Debugged, check_lines, found
from system import Failure

PROGRAM = system.compile_program("symbols.c", "symbols")
STRIPPED = os.path.join(system.BUILD, "tests", "bare")
subprocess.run(["i686-linux-gnu-strip", "-o", STRIPPED, PROGRAM], check=True)

# The same one, linked when it is started, and what it needs for that.
DYNAMIC = os.path.join(system.BUILD, "tests", "dynamic")
LIBRARIES = ["/usr/i686-linux-gnu/lib/" + name
             for name in ("ld-linux.so.2", "libc.so.6")]
subprocess.run(["i686-linux-gnu-gcc", "-O1", "-pie", "-fPIE", "-o", DYNAMIC,
                "-Wl,--dynamic-linker=/extra/ld-linux.so.2,-rpath,/extra",
                "tests/system/symbols.c"], check=True)

# And with tables of its lines and values beside it; and what are none.
TABLED = os.path.join(system.BUILD, "tests", "tabled")
UNTABLED = os.path.join(system.BUILD, "tests", "untabled")
for path in TABLED, UNTABLED:
    subprocess.run(["i686-linux-gnu-gcc", "-O2", "-g", "-static", "-o", path,
                    "tests/system/symbols.c"], check=True)
subprocess.run([os.path.join(system.BUILD, "host-tools", "tables"), TABLED,
                TABLED + ".tables"], check=True)
with open(UNTABLED + ".tables", "w", encoding="ascii") as f:
    f.write("no tables\n" * 1000)

# Its functions, from the innermost on, as a trace shows them.
FRAMES = (r"^  \S+ symbols_inner\+0x\w+\n  \S+ symbols_outer\+0x\w+\n"
          r"  \S+ main\+0x\w+\n")


def symbols(program, *options):
    out = subprocess.run(["i686-linux-gnu-nm", *options, program], text=True,
                         stdout=subprocess.PIPE, check=True).stdout
    return {line.split()[2].split("@")[0]: int(line.split()[0], 16)
            for line in out.split("\n") if len(line.split()) == 3}


AT = symbols(PROGRAM)


def start(m, words):
    """Run it until it is busy; the debugger's prompt."""
    m.check("/extra/%s >/tmp/ready & until grep -q ready /tmp/ready; do "
            "sleep 0.1; done" % words, "")
    m.interrupt()


def end(m):
    m.ask("task kernel")
    m.go_on()
    m.check("kill $!; wait $! 2>/dev/null; rm /tmp/ready; echo on", "on")


def tasks(m, name):
    return re.findall(r"^ *\d+  (0x\w+)  %s " % name,
                      m.ask("show all tasks"), re.M)


def threads(m, name):
    return re.findall(r"^(0x\w+)  %s\.\d+ " % name,
                      m.ask("show all threads"), re.M)


def known(m, task):
    """The names of the program are those of TASK."""
    found(r"^task %s " % task, m.ask("task " + task))
    for name in "symbols_outer", "main", "symbols_spins":
        found(r"^ +%x *$" % AT[name], m.ask(name + "=X"))
    found(r"^ +symbols_outer *$", m.ask("0%x=p" % AT["symbols_outer"]))
    found(r"^symbols_outer\+0x2: +$", m.ask("0%x=a" %
                                            (AT["symbols_outer"] + 2)))


def unknown(m, task):
    m.ask("task " + task)
    found("^no symbol: symbols_outer$", m.ask("symbols_outer=X"))


def test_program(m):
    """A program's own, in expressions, as addresses and in traces; they are
    not another's."""
    start(m, "symbols")
    known(m, tasks(m, "symbols")[0])
    unknown(m, tasks(m, "sh")[0])
    found(FRAMES, m.ask(threads(m, "symbols")[0] + "$c"))
    end(m)
    m.interrupt()
    if tasks(m, "symbols"):
        raise Failure("it has not ended")
    m.go_on()
    m.check("echo on", "on")


def test_tables(m):
    """A program's lines and values, where its tables are beside it."""
    start(m, "tabled")
    trace = m.ask(threads(m, "tabled")[0] + "$C")
    # Behind the calls; the C library has none.
    own = found(r"^(  \S+ symbols_outer\+(?:.*\n)*?)  \S+ __libc_start", trace)
    if check_lines(own, "tests/tabled", "08") < 2:
        raise Failure(trace)
    found(r"^  \S+ symbols_outer\+\S+ \(\S+:\d+\)\n\tn=", trace)
    found(r"^  \S+ main\+\S+ \(\S+:\d+\)\n(\t.*\n)*\targc=1\b", trace)
    end(m)
    # What serves its system calls is not in them.
    start(m, "tabled fork")
    if not any(re.search(r"^  -- system call 29\(.*\)\n(  .*\n)*  \S+ main\+\S+ "
                         r"\(\S+:\d+\)\n", m.ask(thread + "$c"), re.M)
               for thread in threads(m, "tabled")):
        raise Failure("no parent that waits")
    m.ask("task kernel")
    m.go_on()
    m.check("killall tabled; wait; rm /tmp/ready; echo on", "on")
    start(m, "untabled")
    found(FRAMES, m.ask(threads(m, "untabled")[0] + "$c"))
    end(m)


def test_child(m):
    """A child has its parent's."""
    start(m, "symbols fork")
    both = tasks(m, "symbols")
    if len(both) != 2:
        raise Failure(both)
    for task in both:
        known(m, task)
    busy = [thread for thread in threads(m, "symbols")
            if re.search(FRAMES, m.ask(thread + "$c"), re.M)]
    if len(busy) != 1:
        raise Failure(busy)
    m.ask("task kernel")
    m.go_on()
    m.check("killall symbols; wait; rm /tmp/ready; echo on", "on")


def test_exec(m):
    """Another program has its own, or none."""
    start(m, "symbols exec /extra/bare")
    unknown(m, tasks(m, "bare")[0])
    trace = m.ask(threads(m, "bare")[0] + "$c")
    found(r"^  08\w{6}$", trace)
    if re.search("symbols_|main", trace):
        raise Failure(trace)
    end(m)
    start(m, "bare exec /extra/symbols")
    known(m, tasks(m, "symbols")[0])
    end(m)


def test_dynamic(m):
    """A program that goes anywhere has them where it is, and with them those
    of its interpreter."""
    start(m, "dynamic")
    m.go_on()
    maps = m.run("cat /proc/$!/maps")[0]
    bases = [int(found(r"^(\w+)-\w+ r..p 0+ .*/%s$" % name, maps), 16)
             for name in ("dynamic", "ld-linux.so.2")]
    m.interrupt()
    m.ask("task dynamic")
    for name in "symbols_outer", "main", "symbols_spins":
        found(r"^ +%x *$" % (bases[0] + symbols(DYNAMIC)[name]),
              m.ask(name + "=X"))
    found(r"^ +%x *$" % (bases[1] +
                         symbols(LIBRARIES[0], "-D")["__tls_get_addr"]),
          m.ask("__tls_get_addr=X"))
    found(FRAMES, m.ask(threads(m, "dynamic")[0] + "$c"))
    end(m)


RECEIVES = r"^  08\S+ server_receive\+0x\w+"
LINES = RECEIVES + r" \(servers/lib/server.c:\d+\)\n\tbuffers=0x\w+\n"


def traces(m, name):
    return "".join(m.ask(thread + "$C") for thread in threads(m, name))


def test_servers(m):
    """Each has lines and values, and the lines are right."""
    m.interrupt()
    for name in ("bootstrap", "name", "device", "ide", "term", "file", "pager",
                 "unix"):
        text = traces(m, name)
        found(LINES, text)
        # What is the C library's has none.
        known = "".join(line + "\n" for line in text.split("\n")
                        if re.search(r"\.c:\d+\)", line))
        if check_lines(known, "servers/" + name, "08") < 5:
            raise Failure(text)
    found(r"^  08\S+ main\+0x\w+ \(servers/name/main.c:\d+\)\n"
          r"\tdemux=\{0x\w+ name_server, NULL\}\n", traces(m, "name"))
    # What is started again has them again.
    m.go_on()
    m.run("echo kill name >/proc/servers; "
          "until grep -q '^name ready 2' /proc/servers; do sleep 0.1; done")
    m.interrupt()
    found(LINES, traces(m, "name"))
    m.go_on()
    m.check("echo on", "on")


def knows(option):
    """Does a program have its symbols, and a server its lines, in a system
    started with OPTION?"""
    other = Debugged(option, [PROGRAM])
    try:
        other.start(wait=option != "kdb")
        if option == "kdb":
            other.stopped("no task runs yet\r*\n")
            other.send(":c\r")
            other.expect(system.PROMPT, system.BOOT_TIMEOUT)
        start(other, "symbols")
        other.ask("task symbols")
        text = traces(other, "file")
        found(RECEIVES, text)
        return ("no symbol" not in other.ask("symbols_outer=X"),
                re.search(LINES, text, re.M) is not None)
    finally:
        other.close()


def test_option(m):
    """Only who asks for the debugger pays for it."""
    answers = [knows(option) for option in ("", "kdb")]
    if answers != [(False, False), (True, True)]:
        raise Failure(answers)


def test_little_memory(_m):
    """Where there is no room for tables it starts without them."""
    little = Debugged("kdb=user")
    little.options[little.options.index("--mem") + 1] = "16"
    try:
        little.start()
        little.interrupt()
        found(RECEIVES, traces(little, "file"))
        little.go_on()
        little.check("echo on", "on")
    finally:
        little.close()


if __name__ == "__main__":
    system.main(globals(), lambda: Debugged(
        "kdb=user", [PROGRAM, STRIPPED, DYNAMIC, TABLED, TABLED + ".tables",
                     UNTABLED, UNTABLED + ".tables"] + LIBRARIES))
