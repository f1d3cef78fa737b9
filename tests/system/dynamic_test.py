#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""Debian's dynamically linked bash and coreutils, as they come."""

import os
import subprocess

import system
from system import Failure, regex

PACKAGES = ("libc6 bash coreutils libtinfo6 libselinux1 libpcre2-8-0 libacl1 "
            "libattr1 libgmp10").split()
ROOT = os.path.join(system.BUILD, "packages", "debian")


def unpack():
    """All packages into one tree."""
    stamp = ROOT + ".stamp"
    if os.path.exists(stamp):
        return
    os.makedirs(ROOT, exist_ok=True)
    for name in PACKAGES:
        part = os.path.join(system.BUILD, "packages", name)
        subprocess.check_call(["boot/deps", "boot/packages.list", "fetch",
                               name + ":i386", part])
        subprocess.check_call(["cp", "-a", part + "/.", ROOT])
    subprocess.check_call(["rm", "-rf", ROOT + "/usr/share",
                           ROOT + "/usr/lib/i386-linux-gnu/gconv",
                           ROOT + "/lib/i386-linux-gnu/gconv"])
    for name in "tmp", "proc", "dev":
        os.makedirs(os.path.join(ROOT, name), exist_ok=True)
    with open(stamp, "w"):
        pass


def bash(m, script, expected, status=0):
    """SCRIPT, without apostrophes, in bash, in a tree of its own."""
    m.check("chroot /extra/debian /bin/bash -c '%s' 2>&1" % script, expected,
            status, timeout=120)


def test_mounts(m):
    m.check("for i in proc dev; do "
            "mount -t ${i/dev/devtmpfs} none /extra/debian/$i; done", "")


def test_bash(m):
    bash(m, "echo $BASH_VERSION", regex(r"^5\.2\."))
    bash(m, "a=(x y z); declare -A m=([k]=v); echo ${#a[@]} ${m[k]} ${a[1]^}",
         "3 v Y")
    bash(m, "cat <(echo one) <(echo two); exec 3<>/tmp/f; echo x >&3; "
         "read -t 1 b </tmp/f; echo $b", "one\ntwo\nx")
    bash(m, "sleep 0.2 & wait -n; echo $?; trap \"echo usr\" USR1; "
         "kill -USR1 $$; (exit 3); echo $?; false | true; "
         "echo ${PIPESTATUS[@]}", "0\nusr\n3\n1 0")
    bash(m, "coproc cat; echo through >&${COPROC[1]}; "
         "read -u ${COPROC[0]} l; echo $l", "through")
    bash(m, "printf \"%(%Y)T\\n\" 86400; echo $((2**40)); "
         "[[ abc =~ ^a(.)c$ ]] && echo ${BASH_REMATCH[1]}",
         "1970\n1099511627776\nb")
    bash(m, "kill -SEGV $$", "Segmentation fault", status=139)


def test_files(m):
    bash(m, "cd /tmp && mkdir -p d/e && cp -a /bin/ls d/e/ && ln -s e d/l && "
         "ls -1F d d/l/ && cp -a d d2 && ls -i d2/e | wc -l && "
         "stat -c \"%a %s %F\" d2/l && mv d2 d3 && du -a d3 | wc -l && "
         "rm -r d d3 && ls d 2>&1", "d:\ne/\nl@\n\nd/l/:\nls*\n1\n"
         "777 1 symbolic link\n4\n"
         "ls: cannot access \\047d\\047: No such file or directory"
         .replace("\\047", "'"), status=2)
    bash(m, "cd /tmp && truncate -s 5K t && stat -c %s t && "
         "touch -d 2020-02-03 t && date -r t +%F && install -m 640 t u && "
         "stat -c %A u && shred -u u && ls", regex("-rw-r-----\n((?!u).)*$"))
    bash(m, "df --output=fstype / | tail -1; readlink -f /proc/self/exe",
         "ext2\n/bin/readlink")


def test_text(m):
    bash(m, "seq 1 20000 | sort -R | sort -n | tail -1; "
         "seq 3 | tac | paste -sd+ | tr + -; "
         "comm -12 <(seq 3) <(seq 2 4) | wc -l; "
         "echo abc | md5sum | cut -c1-8; head -c 300000 /bin/bash | "
         "split -b 100000 - /tmp/s; cat /tmp/s?? | wc -c; rm /tmp/s??",
         "20000\n3-2-1\n2\n0bee89b0\n300000")


def test_processes(m):
    bash(m, "timeout 1 sleep 9; echo $?; nice -n 3 nice; nproc; "
         "env -i A=b printenv A; stdbuf -oL echo x; "
         "id -u; whoami 2>&1 | wc -l", "124\n3\n1\nb\nx\n0\n1")


def test_nothing_was_missing(m):
    """Calls that are not there are found in the log."""
    missing = [line for line in m.log_text().splitlines()
               if "unknown call" in line]
    if missing:
        raise Failure("; ".join(missing))


if __name__ == "__main__":
    unpack()
    system.main(globals(), lambda: system.Machine(extra=[ROOT]))
