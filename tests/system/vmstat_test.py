#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""What can be seen of memory from UNIX: vmstat, /proc/vmstat, and address
spaces as trees."""

import re

import system
from system import Failure, regex

HOG = system.compile_program("hog.c", "hog")

FIELDS = ("free active inact wired fault zero copy react look hit in out si "
          "so us sy id").split()


def counters(m):
    output, status = m.run("cat /proc/vmstat")
    if status != 0:
        raise Failure("/proc/vmstat: status %d" % status)
    return {name: int(value) for name, value in
            (line.split() for line in output.splitlines())}


def lines(m, arguments):
    """The lines of numbers that vmstat prints, by name."""
    output, status = m.run("vmstat " + arguments)
    rows = [line.split() for line in output.splitlines()]
    if status != 0 or not rows or rows[0] != FIELDS:
        raise Failure("vmstat: status %d: %r" % (status, output))
    return [dict(zip(FIELDS, map(int, row))) for row in rows[1:]
            if row != FIELDS]


def tree(m, path):
    output, status = m.run("cat " + path)
    if status != 0:
        raise Failure("%s: status %d: %r" % (path, status, output))
    return output


def want(pattern, text):
    found = re.search(pattern, text, re.M)
    if found is None:
        raise Failure("no %r in %r" % (pattern, text[:3000]))
    return found


def test_once(m):
    """One line, since the start: at least what was counted before it."""
    before = counters(m)
    row, = lines(m, "")
    for name, field in (("fault", "pgfault"), ("zero", "mach_zero_fill"),
                        ("copy", "mach_copy_on_write"), ("in", "pgpgin"),
                        ("look", "mach_object_lookup")):
        if row[name] < before[field] or before[field] == 0:
            raise Failure("%s: %d, then %d" % (name, before[field],
                                               row[name]))
    # Nothing had to be paged out yet; what was paged in is files.
    if before["pswpin"] * 4 >= before["pgpgin"]:
        raise Failure("pswpin %(pswpin)d, pgpgin %(pgpgin)d" % before)
    total = int(m.run("awk '/^MemTotal/ { print $2 }' /proc/meminfo")[0])
    if not total * 0.9 < sum(row[n] for n in FIELDS[:4]) <= total:
        raise Failure("of %d KiB: %r" % (total, row))
    if row["us"] + row["sy"] + row["id"] not in range(98, 103):
        raise Failure("times: %r" % row)


def test_differences(m):
    """Later lines count what programs did between, and not what was counted
    before: all together it is no more than the total."""
    m.send("(until [ -e /tmp/go ]; do :; done; "
           "dd if=/dev/zero of=/dev/null bs=4M count=1 2>/dev/null; "
           "echo done >/tmp/done) & vmstat 1 60 >/tmp/out & "
           "until [ $(wc -l </tmp/out) -gt 1 ]; do :; done; >/tmp/go; "
           "until [ -e /tmp/done ]; do :; done; n=$(wc -l </tmp/out); "
           "until [ $(wc -l </tmp/out) -gt $((n + 1)) ]; do :; done; "
           "kill %2; wait; rm /tmp/go /tmp/done\n")
    output, _ = m.run("cat /tmp/out")
    total, _ = m.run("grep mach_zero_fill /proc/vmstat")
    rows = [dict(zip(FIELDS, map(int, line.split())))
            for line in output.splitlines() if not line.lstrip()[:1].isalpha()]
    if not 2 < len(rows) < 60:
        raise Failure("%d lines" % len(rows))
    later = sum(row["zero"] for row in rows[1:])
    if not 1024 <= later <= int(total.split()[1]) - rows[0]["zero"]:
        raise Failure("zero-filled: %r, %s" % ([row["zero"] for row in rows],
                                               total))
    if sum(row["fault"] for row in rows[1:]) < later:
        raise Failure("faults: %r" % [row["fault"] for row in rows])


def test_count(m):
    rows = lines(m, "1 3")
    if len(rows) != 3:
        raise Failure("%d lines" % len(rows))


def test_errors(m):
    m.check("vmstat --help", regex("^Usage: vmstat .DELAY .COUNT..\n.*si so"))
    m.check("vmstat x", "vmstat: DELAY: x is no number from 1 to 1000000", 1)
    m.check("vmstat 0", regex("DELAY: 0 is no number"), 1)
    m.check("vmstat 1 -3", regex("COUNT: -3 is no number"), 1)
    m.check("vmstat 1 2 3", regex("too many words: 3; try"), 1)
    m.check("vmstat -z", regex("unknown option -z; try"), 1)
    m.check("vmstat 1 1 >/dev/full", regex("No space left"), 1)
    m.check("vmstat 99999999999999999999", regex("is no number"), 1)


def test_paging(m):
    """What goes to the paging file and comes back is counted as that, in
    pages; the rest of what pagers do is not."""
    before = counters(m)
    m.check("/extra/hog again 140; echo $?", "0", timeout=300)
    after = counters(m)
    for swap, all_of in ("pswpin", "pgpgin"), ("pswpout", "pgpgout"):
        moved = after[swap] - before[swap]
        if not 1000 < moved or moved * 4 > after[all_of] - before[all_of]:
            raise Failure("%s: %d; %s: %d" % (
                swap, moved, all_of, after[all_of] - before[all_of]))
    before = counters(m)
    m.check("cat /bin/busybox /bin/busybox >/dev/null; echo $?", "0")
    after = counters(m)
    if after["mach_object_lookup"] <= before["mach_object_lookup"]:
        raise Failure("no lookups of objects for a file")


def test_tree_of_a_process(m):
    """Regions as in /proc/PID/maps, and the file that the program is from."""
    text = tree(m, "/proc/$$/vmtree")
    maps = [line.split()[0] for line in
            m.run("cat /proc/$$/maps")[0].splitlines()]
    want(r"\Ash$", text.splitlines()[0])
    regions = re.findall(r"^[|`]- ([0-9a-f]{8}-[0-9a-f]{8}) ", text, re.M)
    if regions != maps:
        raise Failure("regions %r, maps %r" % (regions, maps))
    want(r"^\|- [0-9a-f-]+ \d+K r-x/rwx copy ", text)
    want(r"^\|   *`- .*object [0-9a-f]+ external .*, pager \+0.* "
         r"/bin/busybox$", text)
    want(r"internal \d+K refs \d+, [1-9]\d* resident, \d+ active, 0 wired, "
         r"[1-9]\d* dirty$", text)
    if text.count("\n`- ") != 1:
        raise Failure("ends: %r" % text[-500:])


def test_tree_of_a_fork(m):
    """The child shadows what both had before."""
    m.check("(read line </dev/tty; :) & " + system.in_state("[ST]"), "")
    want(r"^(\|  |   )   `- shadows \+0 of object [0-9a-f]+ internal \d+K "
         r"refs [2-9], [1-9]", tree(m, "/proc/$!/vmtree"))
    m.run("kill $!; wait 2>/dev/null")


def test_trees_of_servers(m):
    """Root sees those of all tasks, others none but their own."""
    names = m.run("ls /proc/vmtree")[0].split()
    for name in "bootstrap", "ide", "file", "pager", "unix", "name":
        if name not in names:
            raise Failure("no %s in %r" % (name, names))
    for name in names:
        m.run("cat /proc/vmtree/%s" % name)
    want(r"\d+ resident, \d+ active, [1-9]\d* wired,",
         tree(m, "/proc/vmtree/pager"))
    m.check("cat /proc/vmtree/nobody", regex("No such file"), 1)
    m.check("su user -c 'cat /proc/vmtree/file'", regex("Permission denied"),
            1)
    m.check("su user -c 'cat /proc/1/vmtree'", regex("Permission denied"), 1)
    m.check("su user -c 'cat /proc/self/vmtree' | head -1", "cat")


if __name__ == "__main__":
    system.main(globals(), lambda: system.Machine(extra=[HOG]))
