#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""The debugger's words about tasks, threads and ports, over the serial line of
a system that is at work."""

import re
import time

import system
from kdb_test import Debugged, boots_anew, ends, found
from system import Failure

ALL = "tasks", "threads", "ports", "processors"


def whole(text):
    """TEXT, which nothing damaged is in."""
    if "damaged" in text:
        raise Failure(text)
    return text


def test_lists(m):
    """Each with a line that says what the columns are."""
    m.interrupt()
    tasks = whole(m.ask("show all tasks"))
    found(r"\Anr  task  +name +threads suspended +names +memory$", tasks)
    found(r"^ 0  0x\w+  kernel +\d+ +0 +\d+ +\d+K$", tasks)
    number, address = re.search(r"^ *(\d+)  (0x\w+)  file +\d+ +0 ", tasks,
                                re.M).groups()
    # By name, number and address.
    for name in "file", number, address:
        found(r"^task %s file: suspended by users 0 times" % address,
              m.ask("show task " + name))
    threads = whole(m.ask("show all threads"))
    found(r"\Athread +task\.number +state +prio +hold ", threads)
    found(r"^0x\w+  kernel\.0 +blocked +\d+ +0  waits for event "
          "thread_reap_list$", threads)
    found(r"^0x\w+  file\.0 +blocked +\d+ +0  receives at port set 0x\w+, "
          r"name \w+, \d+ ports; then mach_msg_trap_continue$", threads)
    found(r" waits for its word at \w{8}", threads)
    found(r", \d+ ms more", threads)
    ports = whole(m.ask("show all ports"))
    found(r"\Aport +name +send +once +messages receiver", ports)
    found(r"^0x\w+ +\w+ +[1-9]\d* +0 +0/5 +[w+ ]  file$", ports)
    found(r"^ 3 (running|idle) ", m.ask("show all processors"))
    m.go_on()
    m.check("echo on", "on")


def test_one_of_each(m):
    """What the lists lead to."""
    m.interrupt()
    task = whole(m.ask("show task file"))
    found(r"\Atask, its name ", task)
    found(r"^\|- bootstrap is port 0x\w+ of bootstrap \w+$", task)
    thread = found(r"^ +`- (0x\w+) +file\.\d+ +blocked ", task)
    text = whole(m.ask("show thread " + thread))
    found(r"^thread %s file\.\d+ of task 0x\w+: blocked receives at " % thread,
          text)
    found(r"^\|- its port 0x\w+, the kernel's for thread file\.\d+$", text)
    space = whole(m.ask("show space file"))
    found(r"^ +1 +1  send +port 0x\w+, the kernel's for task file$", space)
    pset = found(r"^ +(\w+) +0  set +port set 0x\w+, name \1, ", space)
    text = whole(m.ask("show pset file " + pset))
    found(r"^\|- file\.\d+ waits to receive, thread 0x\w+$", text)
    found(r"^\|- port 0x\w+ of file \w+, \d+ messages$", text)
    port = found(r"receive +port (0x\w+) of file ", space)
    found(r"^port %s of file \w+\n\|- rights: \d+ send, " % port,
          whole(m.ask("show port " + port)))
    text = whole(m.ask("show pset " + found(
        r", set (0x\w+);", task)))
    found(r"^processor set 0x\w+, the default one: processors f$", text)
    found(r"^processor 3 runs \S+$", whole(m.ask("show runq")))
    found(r"^0xc\w+  ipc_port +56 +[1-9]\d* +\d+ +\d+K +0$",
          whole(m.ask("show zones")))
    found(r"\Alocks that are held", whole(m.ask("show locks")))
    m.go_on()
    m.check("echo on", "on")


def waiting(m, name):
    """Stop when the newest task is NAME and waits for the UNIX server: the port
    of the reply."""
    for _ in range(100):
        m.interrupt()
        # The newest is the last.
        task, newest = re.findall(r"^ *\d+  (0x\w+)  (\w+) ",
                                  m.ask("show all tasks"), re.M)[-1]
        shown = m.ask("show task " + task)
        port = re.search(r"^ +`- .* receives at port (0x\w+) of %s \w+, for "
                         r"the reply to id \d+ unix\.unix_\w+ sent to name "
                         r"\w+; " % name, shown, re.M)
        if newest == name and port:
            return port.group(1)
        m.go_on()
        time.sleep(0.2)
    raise Failure("%s does not wait: %s" % (name, shown))


def test_who_owes_the_reply(m):
    """Of a program that waits for a server: from its thread to the port of the
    reply, and to who has the right to send that."""
    m.foreground("cat")
    name = "cat"
    port = waiting(m, name)
    holders = m.ask("show holders " + port)
    found(r"^%s: name \w+, receive " % name, holders)
    once = found(r"^unix: name (\w+), once 1 references$", holders)
    found(r"^port %s of %s \w+\n\|- rights: 0 send, 1 send-once" %
          (port, name), m.ask("show port unix " + once))
    m.go_on()
    m.send("\x04")
    m.expect(system.PROMPT)
    m.check("echo on", "on")


def test_messages(m):
    """Of those that happen to be queued: which routine's each is, and items."""
    m.send("(while :; do cat /etc/passwd | sort >/dev/null; done) & "
           "all=$!\n")
    m.expect(system.PROMPT)
    seen = set()
    for _ in range(30):
        m.interrupt()
        for port in re.findall(r"^(0x\w+) ", m.ask("show all ports busy"),
                               re.M):
            for message in re.findall(r"- message (0x\w+), id",
                                      m.ask("show port " + port)):
                text = whole(m.ask("show message " + message))
                seen.add(found(r"^message %s, id \d+ ([a-z_.]+.*), \d+ bytes"
                               % message, text))
                found(r"^\|- to, by send(-once)? right: port %s of " % port,
                      text)
                found(r"^\|- integer_32\[1\] \w+$|^\|- \w+", text)
        m.go_on()
        m.check("echo on", "on")
        if seen:
            break
    m.check("kill $all; wait $all 2>/dev/null; echo off", "off")
    if not seen:
        raise Failure("no message was queued")


def test_trace(m):
    """What the file server does, while programs use it, by all its threads."""
    m.interrupt()
    found("^what file does from now on", m.ask("trace on file"))
    m.go_on()
    for _ in range(20):
        m.check("echo hello >/tmp/traced; cat /tmp/traced", "hello")
    m.interrupt()
    text = m.ask("show trace")
    m.ask("trace off")
    found(r"\Aseconds +thread +trap or messages", text)
    # Served, answered and asked for by the next one.
    found(r"^ +\d+\.\d{6}  file\.\d+ +mach_msg send file\.file_read reply "
          r"to \w+ receive at \w+: (file|dir|notify)\.\w+ by \w+ = 0, "
          r"\d+ us$", text)
    found(r"^.* mach_msg send mach\.\w+ to 1 receive at (\w+): mach\.\w+ "
          r"reply by \1 = 0, \d+ us$", text)
    found(r" mach_msg .*receive at \w+ has not returned$", text)
    times = re.findall(r"^ +(\d+\.\d{6})  file", text, re.M)
    if len(times) != 256 or times != sorted(times, key=float):
        raise Failure(text)
    if re.findall(r"^ +\d.*", m.ask(",3 show trace"), re.M) != \
            re.findall(r"^ +\d.*", text, re.M)[-3:]:
        raise Failure(text)
    m.go_on()
    m.check("cat /tmp/traced", "hello")
    # Nothing more comes.
    m.interrupt()
    if re.findall(r"^ +(\d+\.\d{6})  file", m.ask("show trace"),
                  re.M) != times:
        raise Failure("trace went on")
    m.go_on()
    m.check("rm /tmp/traced; echo on", "on")


def test_stopped(m):
    """Of a task that somebody suspended."""
    m.check("sleep 1000 & kill -STOP $!; " + system.in_state("T"), "")
    m.interrupt()
    task = found(r"^ *\d+  (0x\w+)  \w+ +1 +1 +\d+ +\d+K$",
                 m.ask("show all tasks"))
    text = m.ask("show task " + task)
    found(r"^task %s \w+: suspended by users 1 times, held 1 times$" % task,
          text)
    found(r" stopped +\d+ +1 ", text)
    m.go_on()
    m.check("kill -9 $!; wait $! 2>/dev/null; echo on", "on")


def test_refused(m):
    """Each is refused, and the prompt comes back."""
    m.interrupt()
    for address in ("0", "3", "1001", "bffffffc", "c0000000", "c0100000",
                    "effffffc", "f03ff000", "fec00000", "fffffffc"):
        found("damaged: 0x\\w+ is no port|no port$",
              m.ask("show port " + address))
        found("is no message",
              m.ask("show kmsg " + address))
        found("is neither a port set nor a processor set",
              m.ask("show pset " + address))
        found("no port", m.ask("show holders " + address))
        found("no thread: ", m.ask("show thread " + address))
    for name in "nobody", "4095", "c0100000", "ffffffff":
        found("^no task: " + name, m.ask("show task " + name))
        found("^no task: " + name, m.ask("show space " + name))
    found("^no thread: file.400$", m.ask("show thread file.400"))
    found("^no processor: 4$", m.ask("show runq 4"))
    found("^which name of the task", m.ask("show port file"))
    found("^show all which\\? ports processors tasks threads$", m.ask("show all"))
    found("^Example: show task file$", m.ask("help show task"))
    m.go_on()
    m.check("echo on", "on")


def test_at_any_moment(m):
    """All can be shown of a system at work, and whatever is at an address."""
    m.send("(while :; do cat /etc/passwd | sort >/dev/null; done) & "
           "all=$!\n")
    m.expect(system.PROMPT)
    words = set()
    for _ in range(4):
        m.interrupt()
        for word in sorted(words)[::len(words) // 8 + 1]:
            for kind in ("task", "thread", "space", "port", "pset",
                         "message", "holders"):
                m.ask("show %s %x" % (kind, word))
        words = set()
        for kind in ALL + ("ports busy",):
            text = m.ask("show all " + kind)
            words.update(int(word, 16)
                         for word in re.findall("0x[0-9a-f]{8}", text))
        for task in re.findall(r"^ *\d+  (0x\w+)", m.ask("show all tasks"),
                               re.M):
            m.ask("show task " + task)
            m.ask("show space " + task)
        for kind in "locks", "zones", "runq":
            m.ask("show " + kind)
        m.go_on()
        m.check("echo on", "on")
    m.check("kill $all; wait $all 2>/dev/null; echo off", "off")


def test_damage(m):
    """A list that leads nowhere, round or ends too early, and a smashed stack: that is
    said, and when all is as it was, all goes on."""
    m.interrupt()
    first = "0" + found(r"^ +(c\w{7}) *$", m.ask("*task_list=X"))
    for wrong in "4", "0fff00000", "0bffffffc", "task_list", first + "+4":
        found("^task_list: +c", m.ask("task_list/W " + wrong))
        for command in ("show all tasks", "show all threads", "show all ports",
                        "show task sh", "show map sh", "show thread sh.0",
                        "show locks", "tasks", "threads"):
            found("^damaged: the list 0xc", m.ask(command))
        m.ask("task_list/W " + first)
    second = "0" + found(r"^ +(c\w{7}) *$", m.ask("*%s=X" % first))
    m.ask("%s/W %s" % (first, first))
    found("^damaged: the list 0xc.*, at 0x" + first[1:],
          m.ask("show all tasks"))
    m.ask("%s/W %s" % (first, second))
    whole(m.ask("show all tasks"))
    frame = "0" + found(r"^ +(c\w{7}) *$", m.ask("<ebp=X"))
    above = "0" + found(r"^ +(c\w{7}) *$", m.ask("*%s=X" % frame))
    stack = m.ask("$c")
    for wrong in "11", "0", frame, "0fffffff8", "0b0000000":
        m.ask("%s/W %s" % (frame, wrong))
        for command in "$c", "$C":
            if "debugger" in m.ask(command):
                raise Failure("%s with %s" % (command, wrong))
    m.ask("%s/W %s" % (frame, above))
    if m.ask("$c") != stack:
        raise Failure(stack)
    m.go_on()
    m.check("echo on", "on")


def test_reboot(m):
    boots_anew(m, "reboot")


def test_halt(m):
    ends(m, "halt")


if __name__ == "__main__":
    system.main(globals(), Debugged)
