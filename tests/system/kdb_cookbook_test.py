#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""The README's cookbook: each situation is made, each command given, and what
it prints compared.  Numbers may be others, but an address that was printed before
is the same one again, also in the commands."""

import re

import system
from kdb_test import KDB, Debugged
from system import Failure

HEADING = "Cookbook\n--------\n"
SHELL = "tartan:~# "
BREAK = "(break)"
# What differs from run to run: addresses, threads, and other numbers.
TOKEN = re.compile(r"0x[0-9a-f]+|\b[a-z]+\.\d+\b|\b[0-9a-f]*\d[0-9a-f.]*[KM]?\b")
KEPT = re.compile(r"0x[0-9a-f]{8}|[a-z]+\.\d+|[0-9a-f]{8}")


def recipes():
    """{number: lines of its transcript}"""
    with open("README") as f:
        text = f.read()
    if HEADING not in text:
        raise Failure("the README has no cookbook")
    text = re.split(r"\n\n[^\n]+\n-+\n", text.split(HEADING, 1)[1])[0]
    parts = re.split(r"^(\d+)\. ", text, flags=re.M)
    return {int(parts[i]): [line[1:] for line in parts[i + 1].split("\n")
                            if line.startswith("\t")]
            for i in range(1, len(parts), 2)}


class Player:
    """Plays a transcript; what a token of it is here and now is in here."""

    def __init__(self, machine):
        self.machine = machine
        self.here = {}
        self.running = False
        self.answered("")

    def command(self, text):
        return TOKEN.sub(lambda t: self.here.get(t.group(0), t.group(0)),
                         text)

    def fits(self, wanted, line):
        """Is LINE what WANTED means?"""
        kept = []
        pattern = ""
        at = 0
        for token in TOKEN.finditer(wanted):
            pattern += re.escape(wanted[at:token.start()])
            text = token.group(0)
            at = token.end()
            if text in self.here:
                pattern += re.escape(self.here[text])
            elif KEPT.fullmatch(text):
                kept.append(text)
                pattern += "(%s)" % ("0x[0-9a-f]+" if text[:2] == "0x" else
                                     r"[a-z]+\.\d+" if "." in text else
                                     "[0-9a-f]{8}")
            else:
                pattern += r"[0-9a-fx.]+[KM]?"
        pattern += re.escape(wanted[at:])
        pattern = re.sub(r"(\\ )+", r"\\s+", pattern)
        pattern = re.sub(r"(\\\.){3}$", ".*", pattern)
        match = re.fullmatch(r"\s*" + pattern + r"\s*", line)
        if match is None:
            return False
        self.here.update(zip(kept, match.groups()))
        return True

    def output(self, wanted):
        """The next line that is printed, behind those left out."""
        if wanted == "...":
            self.skips = True
            return
        while self.printed:
            line = self.printed.pop(0)
            if self.fits(wanted, line):
                self.skips = False
                return
            if not self.skips:
                raise Failure("not %r but %r" % (wanted, line))
        raise Failure("not printed: %r; last: %r" % (wanted, self.last))

    def answered(self, text):
        self.last = text
        self.printed = [line for line in text.split("\n") if line.strip()]
        self.skips = False

    def ended(self):
        """All of the last answer was shown, or left out."""
        if self.printed and not self.skips:
            raise Failure("printed as well: %r" % self.printed)
        self.answered("")

    def comes(self, pattern):
        """What is printed up to a prompt."""
        self.answered(re.sub("\r+\n", "\n", self.machine.expect(pattern)))

    def shell(self, text):
        """A command may end at the debugger's prompt."""
        self.machine.send(text + "\n")
        self.machine.expect(re.escape(text[-20:]) + "\r*\n")
        self.comes(r"(?:%s)|(?:%s)" % (system.PROMPT, KDB))
        self.skips = True

    def debugger(self, text):
        """One that goes on may stop again: its line is behind it."""
        text = self.command(text)
        self.running = text == ":c"
        if self.running:
            self.machine.go_on()
        elif text == "reboot":
            self.machine.send(text + "\r")
            self.machine.expect(system.PROMPT, system.BOOT_TIMEOUT)
        else:
            self.answered(self.machine.ask(text))

    def line(self, line):
        if line == BREAK:
            self.ended()
            self.machine.interrupt()
        elif line.startswith(SHELL):
            self.ended()
            self.running = False
            self.shell(line[len(SHELL):])
        elif line.startswith(KDB):
            self.ended()
            self.debugger(line[len(KDB):])
        else:
            if self.running:
                self.comes(KDB)
                self.running = False
            self.output(line)


def recipe(number):
    def test(m):
        player = Player(m)
        for line in recipes()[number]:
            player.line(line)
        player.ended()
        m.check("echo on", "on")
    return test


globals().update({"test_recipe_%d" % n: recipe(n) for n in recipes()})


if __name__ == "__main__":
    system.main(globals(), Debugged)
