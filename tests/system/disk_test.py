#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""What is written stays: across halt, reboot and a pulled plug."""

import os
import subprocess
import time

import system


def test_written_files_last():
    m = system.Machine()
    try:
        m.start()
        m.check("mkdir /root/d; echo kept > /root/d/f; ln -s f /root/d/l; "
                "cp /bin/busybox /root/bb; md5sum < /root/bb > /root/sum; "
                "echo written", "written")
        m.halt()
        bad = system.fsck(m.image)
        if bad:
            raise system.Failure("after halt: " + bad)
        m.start()
        m.check("cat /root/d/l; md5sum < /root/bb | cmp - /root/sum && "
                "echo same", "kept\nsame")
        m.halt()
        bad = system.fsck(m.image)
        if bad:
            raise system.Failure("after the second halt: " + bad)
    finally:
        m.close()


def test_reboot():
    m = system.Machine()
    try:
        m.start()
        m.check("echo before > /root/r", "")
        m.send("reboot\n")
        m.expect("Requesting system reboot")
        m.expect(system.PROMPT, 180)
        m.check("cat /root/r", "before")
        m.halt()
        bad = system.fsck(m.image)
        if bad:
            raise system.Failure(bad)
    finally:
        m.close()


def test_plug_pulled_in_a_copy():
    m = system.Machine()
    try:
        m.start()
        m.check("echo safe > /root/safe; sync", "")
        m.send("mkdir /root/many; for i in $(seq 200); do "
               "cp /bin/busybox /root/many/$i; done\n")
        time.sleep(4)
        m.kill()
        p = subprocess.run(["e2fsck", "-fy", m.image], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if p.returncode > 2:
            raise system.Failure("e2fsck -fy: " + p.stdout)
        bad = system.fsck(m.image)
        if bad:
            raise system.Failure("still wrong: " + bad)
        m.start()
        m.check("cat /root/safe", "safe")
        m.halt()
    finally:
        m.close()


def test_many_names():
    m = system.Machine()
    try:
        m.start()
        m.check("mkdir /root/n; cd /root/n; for i in $(seq 500); do "
                "echo $i > name-of-file-$i; done; ls | wc -l; "
                "cat * | awk '{s += $1} END {print s}'; "
                "rm *5*; ls | wc -l; cd", system.regex(
                    r"500\s+125250\s+\d+"), timeout=240)
        m.halt()
        bad = system.fsck(m.image)
        if bad:
            raise system.Failure(bad)
        out = subprocess.run(["debugfs", "-R", "ls /root/n", m.image],
                             stdout=subprocess.PIPE, text=True,
                             stderr=subprocess.DEVNULL).stdout
        if "name-of-file-1 " not in out + " " or "name-of-file-55" in out:
            raise system.Failure("the directory as debugfs sees it: " +
                                 out[:200])
    finally:
        m.close()


if __name__ == "__main__":
    os.environ.setdefault("T", "")
    system.main(globals())
