#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Mapped memory, as on the host's Linux."""

import subprocess

import system

PROGRAM = system.compile_program("memory.c", "memory")
GROWING = system.compile_program("growing.c", "growing")


def same(m, directory, part):
    m.check("/extra/memory %s %s" % (directory, part),
            system.on_linux(PROGRAM, ".", part), timeout=120)


def test_resident(m):
    same(m, "/root", "resident")


def test_sync(m):
    same(m, "/root", "sync")


def test_file_on_the_disk(m):
    same(m, "/root", "file")


def test_same_pages_in_two_processes(m):
    same(m, "/root", "processes")


def test_end_of_a_file_on_the_disk(m):
    same(m, "/root", "end")


def test_behind_the_end_of_a_file(m):
    """Hosts differ in this."""
    m.check("/extra/memory /root behind | sed 's/.*: //' | tr -d '\\n'",
            "0 0 120000 0 1 120000 0 0 1 4096 120000 120000 ", timeout=120)


def test_growing_in_two_processes(m):
    for part in "grow", "append", "times":
        m.check("/extra/growing /root " + part,
                system.on_linux(GROWING, ".", part), timeout=240)


def test_rights_on_the_disk(m):
    same(m, "/root", "rights")


def test_file_in_memory(m):
    for part in "memory", "sync", "rights":
        same(m, "/dev/shm", part)


def test_file_without_a_name(m):
    same(m, "/dev/shm", "memfd")


def test_shared_by_name(m):
    same(m, "/dev/shm", "shm")


def disk_counts(m):
    """Read requests and sectors, and those written."""
    text, _status = m.run("cat /proc/diskstats")
    fields = text.split()
    return [int(fields[i]) for i in (3, 5, 7, 9)]


def requests_of(m, command):
    before = disk_counts(m)
    _text, status = m.run(command)
    if status != 0:
        raise system.Failure("%s: status %d" % (command, status))
    return tuple(b - a for a, b in zip(before, disk_counts(m)))


def reads_of(m, command):
    return requests_of(m, command)[:2]


def make_large(m):
    """24 MiB, of which only the end can be in the block cache."""
    m.check("dd if=/dev/zero bs=1024k count=24 2>/dev/null | tr '\\0' x "
            ">/root/large; sync; wc -c </root/large", str(24 << 20))


def test_reads_are_in_clusters(_):
    """Of 64 KiB; also when memory is full of what was read before, and readers
    go on before all of a cluster has arrived."""
    m = system.Machine(options=["--mem", "32"])
    try:
        m.start()
        make_large(m)
        requests, sectors = reads_of(
            m, "for i in 0 6 12 18 0 6 12 18; do "
            "dd if=/root/large of=/dev/null bs=1024k count=6 skip=$i; done")
        if requests > 48 * 16 * 3 // 2 or sectors > 48 * 2048 * 5 // 4:
            raise system.Failure("%d requests, %d sectors" % (requests,
                                                              sectors))
    finally:
        m.close()


def test_second_read_is_of_memory(m):
    make_large(m)
    reads_of(m, "cat /root/large >/dev/null")
    again = reads_of(m, "cat /root/large >/dev/null")
    if again != (0, 0):
        raise system.Failure("read again: %d requests, %d sectors" % again)
    again = reads_of(m, "dd if=/root/large of=/dev/null bs=100k 2>/dev/null")
    if again != (0, 0):
        raise system.Failure("in large pieces: %d, %d" % again)


def test_writes_are_in_clusters(m):
    """New contents are in memory, go to the disk in a few large requests, and
    nothing is read for them, nor to have them back."""
    make = "dd if=/dev/zero of=/root/new bs=%s count=%d%s 2>/dev/null; "
    m.run("sync; echo a >/root/new; cat /root/new; sync")
    for size, count, more in (("4k", 256, ""), ("1000", 1048, ""),
                              ("1M", 1, ""), ("64k", 16, " conv=notrunc")):
        _reads, _read, writes, sectors = requests_of(
            m, make % (size, count, more) + "sync")
        # 16 of 64 KiB; the inode, bitmaps, maps and the like, perhaps twice.
        if writes > 16 + 24 or sectors < 2000 or sectors > 2048 + 400:
            raise system.Failure("%s: %d requests, %d sectors" % (
                size, writes, sectors))
    again = reads_of(m, "cat /root/new >/dev/null")
    if again != (0, 0):
        raise system.Failure("to have it back: %d, %d" % again)


def test_large_file_spares_what_was_in_use(_):
    """A file that was read over and over is there still after one larger than
    memory was read once."""
    m = system.Machine(options=["--mem", "32"])
    try:
        m.start()
        m.check("cat /bin/busybox /bin/busybox >/root/small; dd if=/dev/zero "
                "of=/root/large bs=1M count=44 2>/dev/null; sync; "
                "wc -c </root/large", str(44 << 20))
        m.run("for n in $(seq 0 2 42); do dd if=/root/large of=/dev/null "
              "bs=1M count=2 skip=$n 2>/dev/null; cat /root/small >/dev/null; "
              "done")
        m.run("cat /root/large >/dev/null")
        requests, sectors = reads_of(m, "cat /root/small >/dev/null")
        if sectors > 2048:
            raise system.Failure("%d requests, %d sectors" % (requests,
                                                              sectors))
    finally:
        m.close()


def test_plug_pulled_after_msync(m):
    # The name is on the disk; the contents are not.
    m.check("touch /root/mapped; sync", "")
    m.check("/extra/memory /root plug", "msync(p, 4096, MS_SYNC): 0 ")
    m.kill()
    text = subprocess.check_output(
        ["/sbin/debugfs", "-R", "cat /root/mapped", m.image],
        stderr=subprocess.DEVNULL)
    if not text.startswith(b"synced by msync"):
        raise system.Failure("on the disk: %r" % text[:40])


if __name__ == "__main__":
    system.main(globals(), lambda: system.Machine(extra=[PROGRAM, GROWING]))
