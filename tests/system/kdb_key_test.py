#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Ctrl-Alt-Esc on the keyboard: the debugger on the screen, with a driver for the
keyboard that goes on after it, without one, and with one that hangs."""

import os
import re

import pexpect

import system
from kdb_test import KDB, Debugged, found
from system import Failure

COLUMNS = 80
KEYS = {" ": ["spc"], "\n": ["ret"], ":": ["shift", "semicolon"], ";":
        ["semicolon"], "=": ["equal"], "$": ["shift", "4"], "(": ["shift", "9"],
        ")": ["shift", "0"], "+": ["shift", "equal"], "\x03": ["ctrl", "c"]}


def press(m, *names):
    """All at once, and let go."""
    m.qemu(("send-key", {"keys": [{"type": "qcode", "data": name}
                                  for name in names]}))


def chord(m):
    press(m, "ctrl", "alt", "esc")


def screen(m):
    """The lines that are on the screen."""
    path = os.path.join(m.work, "screen")
    m.qemu(("pmemsave", {"val": 0xb8000, "size": 2 * COLUMNS * 25,
                         "filename": path}))
    with open(path, "rb") as f:
        text = f.read()[::2].decode("latin-1")
    return "\n".join(text[i:i + COLUMNS].rstrip(" \0")
                     for i in range(0, len(text), COLUMNS)) + "\n"


def shows(m, pattern):
    """Wait for that on the screen."""
    try:
        system.wait_until(lambda: re.search(pattern, screen(m), re.M),
                          system.TIMEOUT, pattern)
    except Failure:
        raise Failure("no %r on the screen: %r" % (pattern, screen(m)))


def typed(m, text):
    """Type it, no faster than it is shown; the return at its end is not."""
    for i, c in enumerate(text):
        press(m, *KEYS.get(c, ["shift", c.lower()] if c.isupper() else [c]))
        if c > " ":
            shows(m, re.escape(text[:i + 1]) + r"\n*\Z")


def leave(m):
    typed(m, ":c\n")
    m.expect(":c\r*\n")


class Bare(Debugged):
    """The kernel, and nothing else, or one MODULE, which gets its ports."""

    def __init__(self, module=None, says="nothing to start"):
        Debugged.__init__(self)
        self.says = says
        self.module = []
        if module is not None:
            self.module = ["-initrd", module + " ${host-port} $(task-create) "
                           "$(task-resume)"]

    def start(self, wait=True):
        self.child = pexpect.spawn("qemu-system-i386", [
            "-kernel", system.BUILD + "/tartan", "-append", "console=com0",
            "-display", "none", "-serial", "stdio", "-monitor", "none",
            "-nic", "none", "-no-reboot"] + self.module +
            self.options[-1].split(),
            timeout=system.TIMEOUT, encoding="latin-1")
        self.expect(self.says + "\r*\n", system.BOOT_TIMEOUT)
        return self


def test_driven(m):
    """With a driver: the debugger is on console, screen and keyboard; it can be had
    again and again, and the system goes on."""
    for i in range(3):
        chord(m)
        m.stopped("host_reboot\r*\n")
        shows(m, r"^kdb>\n*\Z")
        typed(m, "0t100=X\n")
        shows(m, r"^ +64\nkdb>\n*\Z")
        if i == 1:
            # Its own ^C, and a Shift that was let go of.
            typed(m, "1A")
            press(m, "ctrl", "c")
            shows(m, r"^kdb> 1A\S*\nkdb>\n*\Z")
        m.expect(KDB)
        leave(m)
        m.check("echo on", "on")


def test_terminal(m):
    """Where the shell is on the screen itself, its keyboard is as before."""
    vga = Debugged()
    vga.options[-1] += " -display none"
    vga.options.append("--vga")
    try:
        vga.start(wait=False)
        system.wait_until(lambda: os.path.exists(vga.monitor),
                          system.BOOT_TIMEOUT, "monitor")
        shows(vga, "tartan:.*#\n*\Z")
        typed(vga, "echo a$((1+1))b\n")
        shows(vga, "^a2b\n")
        for again in False, True:
            chord(vga)
            shows(vga, r"^kdb>\n*\Z")
            typed(vga, ":c\n")
            # The screen is as it was.
            shows(vga, r"4d\ntartan:.*#\n*\Z" if again else
                  r"^a2b\ntartan:.*#\n*\Z")
            typed(vga, "echo c$((2+2))d\n")
            shows(vga, "^c4d\n")
    finally:
        vga.close()


def test_alone(m):
    """Without a driver the kernel sees to it itself."""
    bare = Bare()
    try:
        bare.start()
        for _ in range(2):
            # What is no chord is nothing.
            press(bare, "ctrl", "esc")
            press(bare, "alt", "esc")
            chord(bare)
            bare.stopped("keyboard\r*\n")
            shows(bare, r"^kdb>\n*\Z")
            typed(bare, "0t100=X\n")
            shows(bare, r"^ +64\nkdb>\n*\Z")
            bare.expect(KDB)
            leave(bare)
    finally:
        bare.close()


def test_asked(m):
    """host_reboot() with RB_DEBUGGER, which wants the privileged port: who asked
    is there, and goes on, each time."""
    asker = Bare(system.BUILD + "/servers/asker", "without privilege: 22")
    try:
        asker.start()
        for i in 1, 2:
            asker.stopped("host_reboot\r*\n")
            shows(asker, r"^kdb>\n*\Z")
            asker.ask(",0$w")
            found(r"^  c0\w+ S_host_reboot\+(.*\n)*  -- user mode\n",
                  asker.ask("$c"))
            asker.send(":c\r")
            asker.expect("asked %d: 0\r*\n" % i)
        asker.expect(pexpect.EOF)
    finally:
        asker.close()


def test_hung(m):
    """A driver that takes no more codes does not keep the debugger away; when it
    takes them again, they are keys as before."""
    m.interrupt()
    threads = found(r"^(task \S+ term\n(?:  thread .*\n)+)", m.ask("threads"))
    threads = re.findall(r"thread (0x\w+) ", threads)
    for thread in threads:
        found("^thread_hold returns$", m.ask("call thread_hold(%s)" % thread))
    m.go_on()
    chord(m)
    m.stopped("keyboard\r*\n")
    shows(m, r"^kdb>\n*\Z")
    m.ask(",0$w")
    for thread in threads:
        found("^thread_release returns$",
              m.ask("call thread_release(%s)" % thread))
    leave(m)
    m.check("echo on", "on")
    chord(m)
    m.stopped("host_reboot\r*\n")
    shows(m, r"^kdb>\n*\Z")
    leave(m)
    m.check("echo on", "on")


if __name__ == "__main__":
    system.main(globals(), Debugged)
