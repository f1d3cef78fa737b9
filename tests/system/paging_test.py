#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Programs that use more memory than there is; paging files that come and go."""

import subprocess

import system
from system import PROMPT, Failure, Machine, regex

PAGES = system.compile_program("pages.c", "pages")
SWAPS = system.compile_program("swaps.c", "swaps")

PATIENCE = 900

# Wait until FILE has the line WORDS.
WAIT = "until grep -q '^%s' %s 2>/dev/null; do sleep 0.2; done; "


class Paging(Machine):
    """A machine with little memory, and a disk with room to page into."""

    def __init__(self, mem=24):
        super().__init__(options=["--mem", str(mem), "--ncpu", "2"],
                         extra=[PAGES, SWAPS])
        with open(self.image, "r+b") as f:
            f.truncate(320 << 20)
        subprocess.run(["/sbin/resize2fs", "-f", self.image], check=True,
                       capture_output=True)


def make_swap(m, name, mib):
    m.check("dd if=/dev/zero of=%s bs=64k count=%d 2>/dev/null; "
            "mkswap %s >/dev/null; chmod 600 %s; sync" % (
                name, mib * 16, name, name), "", timeout=PATIENCE)


def test_errors(m):
    """Who may page into what: as Linux has it."""
    m.check("cd /root; dd if=/dev/zero of=plain bs=64k count=16 2>/dev/null; "
            "cp plain holes; mkswap holes >/dev/null; "
            "dd if=/dev/zero of=holes bs=64k seek=32 count=1 conv=notrunc "
            "2>/dev/null; cp plain small; mkswap small >/dev/null; "
            "dd if=small of=short bs=4k count=200 2>/dev/null; "
            "dd if=small of=tiny bs=4k count=4 2>/dev/null; "
            "ln -s small link; sync", "")
    m.check("for f in small /root/none plain holes short tiny . "
            "/dev/null; do /extra/swaps on $f; done",
            "done\nNo such file or directory" + 6 * "\nInvalid argument")
    m.check("for f in small link; do /extra/swaps on $f; done; "
            "/extra/swaps on small 1; /extra/swaps off small 1",
            "Resource busy\nResource busy" +
            2 * "\nOperation not permitted")
    m.check("for f in /root/none plain . /dev/null link; do "
            "/extra/swaps off $f; done; grep -c small /proc/swaps",
            "No such file or directory" + 3 * "\nInvalid argument" +
            "\ndone\n0", status=1)
    # What the file was made for is still there, and what it had is not.
    m.check("swapon small; mv small other; "
            "awk '/small/ { print $1, $3 }' /proc/swaps; swapoff other; "
            "echo $?; rm -f plain holes other short tiny link; cd",
            "/root/small 1020\n0")


def test_held(m):
    """Nobody but the pager writes to a file that it has, nor cuts it."""
    make_swap(m, "/root/held", 2)
    m.check("exec 3>>/root/held; /extra/swaps on /root/held; exec 3>&-; "
            "/extra/swaps on /root/held", "Text file busy\ndone",
            timeout=PATIENCE)
    m.check("for f in /root/held /var/paging; do "
            "(: >$f) 2>&1; (: >>$f) 2>&1; (: 1<>$f) 2>&1; "
            "truncate -c -s 5 $f 2>&1; dd if=/dev/zero of=$f bs=1 count=1 "
            "2>&1; done | grep -c 'Text file busy'; "
            "mkswap /root/held 2>&1 | grep -c 'Text file busy'",
            "10\n1")
    m.check("stat -c %s /root/held; cat /root/held | wc -c; "
            "swapoff /root/held; until (: >/root/held) 2>/dev/null; do "
            "sleep 0.2; done; stat -c %s /root/held; rm /root/held",
            "2097152\n2097152\n0", timeout=PATIENCE)


def test_no_room(m):
    """A file whose pages have nowhere to go stays in use."""
    make_swap(m, "/root/small", 2)
    m.check("/extra/pages 36 /tmp/more 37 /tmp/more >/tmp/out & " +
            WAIT % ("filled", "/tmp/out") +
            "swapon /root/small; /extra/swaps off /var/paging; "
            "awk '{ print $1 }' /proc/swaps",
            "Out of memory\nFilename\n/var/paging\n/root/small",
            timeout=PATIENCE)
    m.check("touch /tmp/more; wait $!; tail -1 /tmp/out; swapoff /root/small;"
            " echo $?; rm /tmp/more /tmp/out /root/small", "all is right\n0",
            timeout=PATIENCE)


def test_interrupted(m):
    """A signal, as ^C gives, ends swapoff: what has not moved stays in use."""
    make_swap(m, "/root/swap", 40)
    m.check("/extra/pages 30 /tmp/more 31 /tmp/more >/tmp/out & " +
            WAIT % ("filled", "/tmp/out") + "swapon /root/swap; echo $?", "0",
            timeout=PATIENCE)
    # Until it moves nothing goes into the second file.
    m.send("(until awk '/^.root.swap/ { exit $4 < 400 }' /proc/swaps; do :; "
           "done; killall -INT swapoff) &\nswapoff /var/paging\n"
           "echo s=$?=\n")
    m.expect("s=130=", PATIENCE)
    m.expect(PROMPT)
    m.check("awk '{ print $1, ($4 > 0) }' /proc/swaps",
            "Filename 1\n/var/paging 1\n/root/swap 1")
    m.check("touch /tmp/more; wait; tail -1 /tmp/out; swapoff /root/swap; "
            "echo $?; awk '{ print $1 }' /proc/swaps; "
            "rm /tmp/more /tmp/out /root/swap",
            "all is right\n0\nFilename\n/var/paging", timeout=PATIENCE)


def test_four_times_memory(m):
    """One file is added while the program runs, and one removed."""
    make_swap(m, "/root/swap", 100)
    m.check("/extra/pages 32 /tmp/more 96 /tmp/enough >/tmp/out & " +
            WAIT % ("filled", "/tmp/out") + "swapon /root/swap; "
            "awk '/file/ { print $1, $3 }' /proc/swaps; free | "
            "awk '/^Swap/ { print $2 }'; touch /tmp/more",
            "/var/paging 65536\n/root/swap 102396\n167932",
            timeout=PATIENCE)
    m.check(WAIT % ("filled 96", "/tmp/out") +
            "awk '/^.root.swap/ { print ($4 > 10000) }' /proc/swaps; "
            "swapoff /var/paging; echo $?; awk '{ print $1 }' /proc/swaps",
            "1\n0\nFilename\n/root/swap", timeout=PATIENCE)
    m.check("touch /tmp/enough; wait $!; echo $?; tail -1 /tmp/out; "
            "rm /tmp/out /tmp/more /tmp/enough; stat -c %s /var/paging",
            "0\nall is right\n0", timeout=PATIENCE)


def test_pager_dies(_):
    """Who has memory paged out loses that; others, and the next ones, go on."""
    m = Paging()
    try:
        m.start()
        m.send("/extra/pages death 40\n")
        m.expect("gone: some, wrong: 0\r*\n", PATIENCE)
        m.expect("wrong: 0, memory is free again\r*\n", PATIENCE)
        if "pager died" not in m.log_text():
            raise Failure("the log does not say that the pager died")
    finally:
        m.close()


if __name__ == "__main__":
    system.main(globals(), Paging)
