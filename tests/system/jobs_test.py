#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Job control, signals and the terminal."""

import system
from system import PROMPT, in_state, regex, started


def test_background(m):
    m.check("sleep 3000 &", regex(""))
    m.check("jobs", regex(r"Running.*sleep 3000"))
    m.check("kill %1; wait %1; echo $?", regex("143$"))


def test_interrupt(m):
    m.foreground("sleep 3000")
    m.send("\x03")
    m.expect(PROMPT)
    m.send("echo s=$?=\n")
    m.expect("s=130=")
    m.expect(PROMPT)


def test_interrupt_of_a_pipeline(m):
    m.send("yes | (echo \"u\"\"p\" >&2; cat > /dev/null)\n")
    m.expect("up\r*\n")
    m.send("\x03")
    m.expect(PROMPT)
    m.check("echo alive", "alive")


def test_stop_and_foreground(m):
    m.foreground("sleep 5")
    m.send("\x1a")
    m.expect("Stopped")
    m.expect(PROMPT)
    m.check("jobs", regex(r"Stopped.*sleep 5"))
    m.send("fg\n")
    m.expect("sleep 5")
    m.expect(PROMPT)
    m.check("jobs", "")


def test_stop_and_background(m):
    m.send("sleep 2; echo done\n")
    m.expect("done\r*\n")
    m.expect(PROMPT)
    m.foreground("sleep 4")
    m.send("\x1a")
    m.expect(PROMPT)
    m.check("bg; wait; echo waited", regex("waited$"))


def test_quit_character(m):
    m.foreground("sleep 3000")
    m.send("\x1c")
    m.expect(PROMPT)
    m.send("echo s=$?=\n")
    m.expect("s=131=")
    m.expect(PROMPT)


def test_end_of_file(m):
    # The shell gives the terminal its usual mode before it starts a program.
    m.foreground("cat > /tmp/eof")
    m.send("typed\n")
    m.send("\x04")
    m.expect(PROMPT)
    m.check("cat /tmp/eof", "typed")


def test_line_editing_of_the_terminal(m):
    m.foreground("cat > /tmp/ed")
    m.send("abx\x7fc\n")
    m.send("junk\x15kept\n")
    m.send("\x04")
    m.expect(PROMPT)
    m.check("cat /tmp/ed", "abc\nkept")


def test_trap(m):
    m.check("sh -c 'trap \"echo caught\" USR1; kill -USR1 $$; echo after'",
            "caught\nafter")
    m.check("sh -c 'trap \"\" TERM; kill -TERM $$; echo ignored'", "ignored")
    m.check("sh -c 'trap \"echo bye\" EXIT; exit 4'", "bye", status=4)


def test_kill_statuses(m):
    for signal, status in (("TERM", 143), ("KILL", 137), ("HUP", 129)):
        # Until it has started its program it has the shell's signals.
        m.check("sleep 3000 & %s kill -%s $!; wait $!; echo s=$?" % (
            started("sleep"), signal), regex("s=%d$" % status))


def test_sigpipe(m):
    m.check("yes | head -1", "y")


def test_stty(m):
    m.check("stty -a", regex(r"speed .*intr = \^C"))
    m.check("stty size", "24 80")


def test_background_read_stops(m):
    m.check("cat & %s jobs" % in_state("T"), regex(r"Stopped.*cat"))
    m.check("kill -9 %1; wait; echo ok", regex("ok$"))


if __name__ == "__main__":
    system.main(globals(), system.Machine)
