#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""What /proc and the log say is so."""

import system
from system import Failure, in_state, regex, started

HOG = system.compile_program("hog.c", "hog")


def field(m, command, number):
    """The number in field NUMBER of what COMMAND prints."""
    output, status = m.run("%s | awk '{ print $%d }'" % (command, number))
    if status != 0:
        raise Failure("%s: status %d: %s" % (command, status, output))
    return float(output)


def test_processors(m):
    m.check("grep -c '^cpu[0-9]' /proc/stat", "2")
    m.check("grep -c ^processor /proc/cpuinfo", "2")


def test_time_passes(m):
    """Of two processors and two seconds of sleep, most is idle."""
    before = field(m, "cat /proc/uptime", 2)
    m.run("sleep 2")
    idle = field(m, "cat /proc/uptime", 2) - before
    if not 1 < idle < 60:
        raise Failure("idle for %f s in 2 s of sleep" % idle)
    before = field(m, "grep '^cpu ' /proc/stat", 2)
    m.run("i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done")
    if field(m, "grep '^cpu ' /proc/stat", 2) <= before:
        raise Failure("a busy loop takes no time of users")


def test_counters_grow(m):
    for name in "intr", "ctxt", "processes":
        before = field(m, "grep ^%s /proc/stat" % name, 2)
        m.run("cat /etc/passwd | cat >/dev/null; sync")
        if field(m, "grep ^%s /proc/stat" % name, 2) <= before:
            raise Failure("%s does not grow" % name)


def test_disk(m):
    size = field(m, "df -k / | tail -1", 2)
    blocks = field(m, "grep hd0 /proc/partitions", 3)
    if not size <= blocks < 2 * size:
        raise Failure("disk of %d KiB, file system of %d KiB" % (blocks, size))


def test_disk_reads_and_writes(m):
    """What is there the first time is read from the disk, what is written ends
    there."""
    m.check("awk '{ print $3 }' /proc/diskstats", "hd0")
    before = {n: field(m, "cat /proc/diskstats", n) for n in (4, 6, 8, 10)}
    if before[4] == 0 or before[6] < before[4]:
        raise Failure("%d reads of %d sectors" % (before[4], before[6]))
    m.check("dd if=/bin/busybox of=/root/written bs=64k 2>/dev/null; sync", "")
    size = field(m, "ls -l /root/written", 5) // 512
    writes = field(m, "cat /proc/diskstats", 8) - before[8]
    sectors = field(m, "cat /proc/diskstats", 10) - before[10]
    if not 0 < writes <= sectors or not size <= sectors < 4 * size:
        raise Failure("%d writes of %d sectors, not %d" % (
            writes, sectors, size))


def test_maps(m):
    m.check("cut -c 50- /proc/self/maps | grep -c ' /bin/busybox$'",
            regex("^[3-9]$"))
    m.check("grep -c 'rw-p 00000000 00:00 0 .*\\[heap\\]$' /proc/self/maps",
            regex("^[1-9]$"))
    m.check("grep -q 'rw-p .*\\[stack\\]$' /proc/self/maps", "")
    m.check("ls -i /bin/busybox | awk '{ print $1 }' >/tmp/ino; "
            "grep -q \" $(cat /tmp/ino)  *.*/bin/busybox\" /proc/self/maps",
            "")
    m.check("cp /bin/busybox /var/sleep; /var/sleep 3000 & " +
            started("/var/sleep") + "rm /var/sleep; sed -n '1s/.* //p' /proc/$!/maps; "
            "readlink /proc/$!/exe; kill $!; wait 2>/dev/null",
            "(deleted)\n/var/sleep (deleted)")


def test_strings(m):
    m.check("A=b env -i NAME=value sleep 3000 & " +
            started("sleep") +
            "tr '\\0' '|' </proc/$!/cmdline; tr '\\0' '|' </proc/$!/environ; "
            "kill $!; wait 2>/dev/null", "sleep|3000|NAME=value|")


def test_descriptors(m):
    m.check("exec 5</etc/passwd 6>/tmp/six; readlink /proc/$$/fd/5; "
            "readlink /proc/$$/fd/6; readlink /proc/$$/fd/0; "
            "rm /tmp/six; exec 5<&- 6>&-",
            "/etc/passwd\n/tmp/six\n/dev/console")
    m.check("cd /var; readlink /proc/self/cwd; readlink /proc/self/root; cd",
            "/var\n/")


def test_threads_and_state(m):
    m.check("sleep 3000 & " + started("sleep") + in_state("S") +
            "cut -d' ' -f1,3,4 /proc/$!/task/$!/stat | "
            "sed s/$!/X/ | sed s/$$/Y/; ls /proc/$!/task | wc -l; "
            "kill -STOP $!; " + in_state("T") + "grep ^State /proc/$!/status; "
            "kill -9 $!; wait 2>/dev/null", "X S Y\n1\nState:\tT (stopped)")
    m.check("(while :; do :; done) & "
            "until awk '{ exit !($14 + $15 > 5) }' /proc/$!/stat; do "
            "sleep 0.1; done; awk '{ print $3 }' /proc/$!/stat; kill -9 $!; "
            "wait 2>/dev/null", "R")


def test_tools(m):
    m.check("ps -o ppid,comm | grep ' ps$' | awk '{ print $1 }' | "
            "sed s/$$/X/", "X")
    m.check("top -b -n1 | grep -c '[t]op -b -n1'", "1")
    m.check("free | awk '/^Mem/ { print ($2 > 100000), ($3 + $4 <= $2) }'",
            "1 1")
    m.check("sleep 3001 & " + started("sleep") + "pidof sleep | awk '{ print $1 }' >/tmp/p; "
            "[ $(cat /tmp/p) = $! ] && killall sleep; wait $!; echo $?",
            regex("143"))
    m.check("uptime", regex("up [0-9]+ min.*load average: [0-9]"))


def test_paging_space(m):
    """/proc/meminfo, /proc/swaps and free agree, and what is paged out counts.

    The machine has less memory than the hog takes, and paging space left, so
    that the pager has nothing to complain of in test_log."""
    m.check("free | awk '/^Swap/ { print $2 }'; "
            "awk '/^SwapTotal/ { print $2 }' /proc/meminfo; "
            "awk '/^.var.paging/ { print $3 }' /proc/swaps",
            regex(r"^(\d{4,})\n\1\n\1$"))
    used = "awk '/^.var.paging/ { print $4 }' /proc/swaps"
    m.check("/extra/hog asleep 148 >/tmp/asleep & "
            "until grep -q asleep /tmp/asleep; do sleep 1; done; "
            "cat /proc/swaps; free | grep Swap; kill $!; wait 2>/dev/null",
            regex(r"/var/paging +file\t\t[0-9]+\t\t[3-9][0-9]{4}\t"
                  r"[\s\S]*Swap: +[0-9]+ +[3-9][0-9]{4} "))
    # What others had to page out may stay there.
    system.wait_until(lambda: field(m, used, 1) < 20000, 60,
                      "free paging space again")


def test_log(m):
    m.check("dmesg | head -1", regex("tartan: booting"))
    m.check("dmesg | grep -c 'all servers started'", "1")
    m.check("dmesg -r | grep -vc '^<6>'", "0", status=1)
    m.check("dmesg -c >/dev/null; dmesg", "")


if __name__ == "__main__":
    system.main(globals(), lambda: system.Machine(options=["--ncpu", "2"],
                                                  extra=[HOG]))
