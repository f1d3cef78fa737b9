#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Mapped memory, as on the host's Linux."""

import subprocess

import system

PROGRAM = system.compile_program("memory.c", "memory")


def same(m, directory, part):
    m.check("/extra/memory %s %s" % (directory, part),
            system.on_linux(PROGRAM, ".", part), timeout=120)


def test_resident(m):
    same(m, "/root", "resident")


def test_sync(m):
    same(m, "/root", "sync")


def test_file_on_the_disk(m):
    same(m, "/root", "file")


def test_end_of_a_file_on_the_disk(m):
    same(m, "/root", "end")


def test_rights_on_the_disk(m):
    same(m, "/root", "rights")


def test_file_in_memory(m):
    for part in "memory", "sync", "rights":
        same(m, "/dev/shm", part)


def test_file_without_a_name(m):
    same(m, "/dev/shm", "memfd")


def test_shared_by_name(m):
    same(m, "/dev/shm", "shm")


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
    system.main(globals(), lambda: system.Machine(extra=[PROGRAM]))
