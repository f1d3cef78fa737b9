#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Stack traces of programs that have no frame pointers, wherever they are:
from the kernel, through what serves their system calls, to where they begin."""

import os
import re
import subprocess

import system
from kdb_symbols_test import threads
from kdb_test import Debugged, found
from system import Failure

# With the C library of the cross compiler, which has call-frame rules.
PROGRAM = os.path.join(system.BUILD, "tests", "traces")
STRIPPED = os.path.join(system.BUILD, "tests", "stripped")
DYNAMIC = os.path.join(system.BUILD, "tests", "linked")
FLAGS = ["-O2", "-fomit-frame-pointer", "-w", "tests/system/traces.c"]
subprocess.run(["i686-linux-gnu-gcc", "-static", "-o", PROGRAM] + FLAGS,
               check=True)
subprocess.run(["i686-linux-gnu-strip", "-o", STRIPPED, PROGRAM], check=True)
LIBRARIES = ["/usr/i686-linux-gnu/lib/" + name
             for name in ("ld-linux.so.2", "libc.so.6")]
subprocess.run(["i686-linux-gnu-gcc", "-pie", "-fPIE", "-o", DYNAMIC,
                "-Wl,--dynamic-linker=/extra/ld-linux.so.2,-rpath,/extra"] +
               FLAGS, check=True)


def frames(*names):
    """Lines of a trace, with each of NAMES in a frame of its own."""
    return "".join(name if name.startswith("  -- ")
                   else r"  \w{8} %s\+\w+.*\n" % name for name in names)


def waits(*through):
    """From the kernel to where a system call is served, THROUGH the library's
    functions that are not of all calls."""
    return (r"(?:  c0.*\n)+  -- user mode\n  fffff0\w\w\n" +
            frames("mach_msg", "unix_call", "emul_rpc", *through,
                   "emul_call", r"emul_entry\S*"))


# Where each begins.
BEGIN = frames("main", r"__libc_start_call_main", r"__libc_start_main\S*",
               "_start") + r"\Z"


def call(number):
    return r"  -- system call %d\(.*\)\n(?:  \w{8} _dl_\w+\+.*\n)?" % number


PAUSE = waits() + call(29)


def start(m, words):
    """Run it until it is where it will be; the debugger's prompt."""
    m.check("/extra/%s >/tmp/ready & until grep -q ready /tmp/ready; do "
            "sleep 0.1; done; sleep 0.3" % words, "")
    m.interrupt()


def end(m):
    m.go_on()
    m.check("kill -9 $!; wait $! 2>/dev/null; rm /tmp/ready; echo on", "on")


def traces(m, words, command="$c"):
    """Of each of its threads."""
    start(m, words)
    name = words.split()[0]
    made = [m.ask(thread + command) for thread in threads(m, name)]
    end(m)
    return made


def is_as(pattern, trace):
    if re.match(pattern, trace.lstrip("\n")) is None:
        raise Failure("not %r: %s" % (pattern, trace))


def way(name, *patterns):
    """One way that the program goes, which has the trace of PATTERNS."""
    def test(m):
        made = traces(m, "traces " + name)
        if len(made) != 1:
            raise Failure(made)
        is_as("".join(patterns), made[0])
    return test


test_call = way("call", PAUSE, frames(r"\w*pause", "way_call"), BEGIN)
test_trap_instruction = way(
    "int", waits(), r"  -- system call 29\(1111, 2222, 3333, 4444, 5555, \w+\)\n",
    frames("way_int"), BEGIN)
test_running = way("run", frames("way_run"), BEGIN)
test_fault = way(
    "fault", r"(?:  c0.*\n)+  c0\w+ vm_fault\+.*\n(?:  c0.*\n)+"
    r"  c0\w+ locore_trap\+.*\n  -- user mode\n", frames("way_fault"), BEGIN)
test_mach_trap = way(
    "mach", r"(?:  c0.*\n)+  -- user mode\n  fffff0\w\w\n", frames("way_mach"),
    BEGIN)


def handler(*interrupted):
    return (PAUSE + frames(r"\w*pause", "traces_handler", "traces_handler_all",
                           r"\w+", r"  -- interrupted\n", "traces_illegal",
                           *interrupted) + BEGIN)


test_signal = way("signal", handler("way_signal"))
test_signal_of_old = way("old", handler("way_old"))
test_signal_stack = way("stack", handler("way_stack"))


def test_threads(m):
    """Each has a stack of its own, that begins where it was made."""
    made = traces(m, "traces thread")
    if len(made) != 2:
        raise Failure(made)
    made.sort(key=lambda trace: "clone" in trace)
    is_as(waits("emul_futex_call") + r"(?:  .*\n)+" + frames("way_thread") +
          BEGIN, made[0])
    is_as(PAUSE + frames(r"\w*pause", "way_call", "traces_thread",
                         "start_thread", r"\w*clone\w*") + r"\Z", made[1])


def test_stopped(m):
    """As before it was stopped."""
    start(m, "traces call")
    m.go_on()
    m.check("kill -STOP $!; until grep -q 'State:.*T' /proc/$!/status; do "
            "sleep 0.1; done; echo on", "on")
    m.interrupt()
    trace = m.ask(threads(m, "traces")[0] + "$c")
    end(m)
    is_as(PAUSE + frames(r"\w*pause", "way_call") + BEGIN, trace)


def test_registers(m):
    """What each function keeps for its caller goes with it."""
    trace = traces(m, "traces int", "$C")[0]
    found(r"  \w{8} way_int\+.*\n\t<ebx 00001111 <esi 00004444 <edi 00005555 "
          r"<ebp \w{8} <esp \w{8} *\n  \w{8} main\+", trace)
    found(r"^  \w{8} _start\+.*\n\t.*<ebp 00000000 ", trace)


def test_each_step(m):
    """At each instruction of what serves a system call, on its way in and out,
    but the last one, which has nothing left that says where it goes."""
    start(m, "traces steps")
    thread = threads(m, "traces")[0]
    m.ask("task traces")
    m.ask("traces_calls:b")
    m.send(":c\r")
    m.stopped("breakpoint of traces")
    m.ask(",0$w")
    m.ask("traces_calls:d")
    ends = re.compile(frames("(?:way_steps|traces_calls)") + BEGIN)
    lost = []
    seen = set()
    for _ in range(400):
        m.ask(":s")
        trace = m.ask(thread + "$c").lstrip("\n")
        inner = found(r"^  (\w{8})", trace)
        seen.add(inner)
        if ends.search(trace) is None:
            lost.append(trace)
        if inner.startswith("08"):
            break
    m.ask("task kernel")
    end(m)
    if len(lost) != 1 or len(seen) < 100:
        raise Failure((len(seen), lost))


def test_smashed(m):
    """Nonsense ends with a reason."""
    is_as(frames("way_smash") + r"  -- [\w ]+: dead\w+\n\Z",
          traces(m, "traces smash")[0])
    trace = traces(m, "traces round")[0]
    is_as(frames("way_run") + r"(?:  .*\n)+  -- [\w ]+: \w+\n\Z", trace)
    if trace.count("\n") > 45:
        raise Failure(trace)


def test_stripped(m):
    """Without symbols it is the same, but for the names."""
    trace = traces(m, "stripped int")[0]
    is_as(waits() + r"  -- system call 29\(1111, .*\n(?:  08\w{6}\n){5}\Z",
          trace)


# What is linked has names for others, of which no part of a stack is far.
LINKED = (r"(?:  4\w{7}.*\n)*  4\w{7} pause\+0x\w{1,4}\n" +
          "%s(?:  4\\w{7}.*\\n)*  4\\w{7} __libc_start_main\\S*\\+0x\\w{1,4}\\n")


def linked(m):
    """A trace through libraries, when they have been read."""
    m.run("cat /extra/* >/dev/null")
    trace = traces(m, "linked call")[0]
    if re.search(r"\+0x\w{5}", trace):
        raise Failure(trace)
    return trace


def test_dynamic(m):
    """Through libraries, whose functions have names if they are for others."""
    is_as(PAUSE + LINKED % frames("way_call", "main") + frames("_start") +
          r"\Z", linked(m))


def test_without_option(_m):
    """The same where nobody has asked for the debugger, without the names that
    only files have; and with more memory than the kernel has at hand."""
    other = Debugged("", [STRIPPED, DYNAMIC] + LIBRARIES)
    other.options[other.options.index("--mem") + 1] = "1200"
    try:
        other.start()
        begin = (r"(?:  c0.*\n)+  -- user mode\n  fffff0\w\w\n"
                 r"(?:  bf\w{6}\n)+  -- system call 29\(.*\)\n")
        is_as(begin + LINKED % r"(?:  56\w{6}\n){2}" + r"  56\w{6}\n\Z",
              linked(other))
        is_as(begin + r"(?:  08\w{6}\n){5}\Z",
              traces(other, "stripped int")[0])
    finally:
        other.close()


def test_shell(m):
    """Of which only the library has rules."""
    m.check("sh -c 'sleep 999; echo' & sleep 0.3; echo on", "on")
    m.interrupt()
    for name, number in (("sh", 114), ("sleep", 267)):
        thread = threads(m, name)[-1]
        is_as(waits() + call(number) + r"(?:  0[48]\w+\n|  -- perhaps: .*\n)+"
              r"  0804\w{4}\n\Z", m.ask(thread + "$c"))
    m.go_on()
    m.run("killall sleep")
    m.check("echo on", "on")


def test_count(m):
    """So many, and it is said that there are more."""
    start(m, "traces call")
    thread = threads(m, "traces")[0]
    trace = m.ask(thread + ",3$c")
    end(m)
    is_as(r"(?:  \w{8}.*\n|  -- user mode\n){5}  -- there is more\n\Z", trace)


if __name__ == "__main__":
    system.main(globals(), lambda: Debugged(
        "kdb=user", [PROGRAM, STRIPPED, DYNAMIC] + LIBRARIES))
