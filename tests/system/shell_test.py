#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""The tools of the shell, typed at its prompt."""

import time

import system
from system import regex


def test_echo(m):
    m.check("echo hello, world", "hello, world")


def test_uname(m):
    m.check("uname -s", "Linux")
    m.check("uname -r", regex(r"^6\.1"))
    m.check("uname -v", regex("Tartan"))
    m.check("uname -m", regex("i[3-6]86"))


def test_ls(m):
    m.check("ls -d /bin /etc /dev", "/bin  /dev  /etc")
    m.check("ls -l /bin/busybox", regex(r"^-rwxr-xr-x +1 root +root +\d{6,7} "))
    # Of /proc, what was listed may be gone when it is looked at.
    m.check("ls -lR / > /tmp/all 2> /dev/null; wc -c < /tmp/all",
            regex(r"^\d{5,6}$"))
    m.check("grep -c busybox /tmp/all", regex(r"^[2-4]\d\d$"))
    m.check("ls /nothing", regex("No such file"), status=1)


def test_files(m):
    m.check("mkdir /tmp/f && cd /tmp/f && echo one > a && cp a b && mv b c "
            "&& ls && cd", "a  c")
    m.check("cat /tmp/f/a /tmp/f/c", "one\none")
    m.check("cd /tmp/f; ln -s a s; ln a h; cat s h; readlink s; "
            "stat -c %h a; rm -r /tmp/f; cd; ls /tmp/f 2>&1",
            regex("one\none\na\n2\n.*No such"), status=1)


def test_redirections(m):
    m.check("echo a > /tmp/r; echo b >> /tmp/r; cat < /tmp/r; "
            "cat /none 2> /tmp/e; wc -l < /tmp/e", regex(r"^a\nb\n *1$"))


def test_here_document(m):
    m.script("x=7\ncat <<END | sort -r\na $x\nb $(echo in)\nEND", "b in\na 7")


def test_substitution(m):
    m.check("x=$(echo $(echo deep) | tr d D); echo ${x}!", "Deep!")


def test_pipeline_of_five(m):
    m.check("seq 1 100 | grep 7 | sort -rn | head -3 | tr '\\n' ' '",
            "97 87 79 ")


def test_find_sort_wc(m):
    m.check("find / -xdev | sort | wc -l", regex(r"^ *[34]\d\d$"))


def test_grep_r(m):
    m.check("grep -r hostname /etc", regex("/etc/rc:.*hostname"))


def test_sed_awk(m):
    m.check("printf 'a 1\\nb 2\\n' | sed 's/a/x/' | "
            "awk '{s += $2; print $1} END {print s}'", "x\nb\n3")


def test_tar(m):
    m.check("cd /tmp && mkdir -p t/d && echo x > t/d/f && ln -s d/f t/l && "
            "tar cf t.tar t && rm -r t && tar xf t.tar && cat t/l && "
            "readlink t/l; rm -r t t.tar; cd", "x\nd/f")


def test_gzip(m):
    m.check("cp /bin/busybox /tmp/bb && gzip /tmp/bb && ls /tmp/bb.gz && "
            "gunzip /tmp/bb.gz && cmp /tmp/bb /bin/busybox && rm /tmp/bb",
            "/tmp/bb.gz", timeout=180)


def test_md5sum(m):
    m.check("printf abc | md5sum", "900150983cd24fb0d6963f7d28e17f72  -")


def test_dd_16_mb(m):
    m.check("dd if=/dev/zero of=/tmp/z bs=64k count=256 2>/dev/null && "
            "ls -l /tmp/z | awk '{print $5}' && md5sum < /tmp/z; rm /tmp/z",
            "16777216\n2c7ab85a893283e98c931e9511add182  -", timeout=180)


def test_wait(m):
    m.check("sleep 1 & wait; echo over", regex("over$"))


def test_sparse_file(m):
    m.check("dd if=/dev/zero of=/tmp/s bs=1 count=1 seek=10000000 "
            "2>/dev/null; ls -l /tmp/s | awk '{print $5}'; "
            "[ $(du -k /tmp/s | cut -f1) -lt 100 ] && echo sparse; rm /tmp/s",
            "10000001\nsparse")


def test_permissions(m):
    m.check("umask 022; touch /tmp/p; chmod 640 /tmp/p; ls -l /tmp/p | "
            "cut -c1-10; chmod u+s,o+x /tmp/p; ls -l /tmp/p | cut -c1-10; "
            "rm /tmp/p", "-rw-r-----\n-rwSr----x")


def test_permission_denied(m):
    m.check("echo s > /tmp/secret; chmod 600 /tmp/secret; "
            "su user -c 'cat /tmp/secret; id -u'; rm /tmp/secret",
            regex("ermission denied\n1000$"))


def test_times(m):
    m.check("touch -d '2001-02-03 04:05:06' /tmp/t; "
            "date -u -r /tmp/t +%Y-%m-%d; rm /tmp/t", "2001-02-03")


def test_date(m):
    output, _ = m.run("date +%s")
    if abs(int(output.split()[-1]) - time.time()) > 600:
        raise system.Failure("the date is wrong: " + output)


def test_df_mount(m):
    m.check("df / | tail -1", regex(r" /$"))
    m.check("mount", regex(r" on / "))


def test_ps(m):
    m.check("ps", regex(r"1 root .*init"))
    m.check("sleep 3000 & %sps | grep 'sleep 300[0]'; kill $!" %
            system.started("sleep"), regex("sleep 3000"))


def test_devices(m):
    m.check("head -c 4 /dev/zero | od -An -tx1", " 00 00 00 00")
    m.check("cat /dev/null; echo x > /dev/null; echo $?", "0")
    m.check("echo x > /dev/full", regex("No space"), status=1)
    m.check("[ $(head -c 16 /dev/urandom | md5sum | cut -c1-8) != "
            "$(head -c 16 /dev/urandom | md5sum | cut -c1-8) ] && echo differ",
            "differ")
    m.check("tty", regex("^/dev/"))


def test_vi(m):
    m.send("vi /tmp/v\n")
    # Not the echo of the command: what is typed before vi runs is echoed, too.
    m.expect("- /tmp/v")
    m.send("ifirst line\nsecond")
    # It may come in pieces, each put to its place.
    m.expect(r"(\x1b\[[0-9;]*H)?".join("second"))
    m.send("\x1b")
    # At once, it would be an escape sequence: wait for the command mode.
    m.expect("- /tmp/v")
    m.send(":wq\n")
    m.expect(system.PROMPT)
    m.check("cat /tmp/v", "first line\nsecond")


def test_script_of_hundreds_of_lines(m):
    lines = ["total=0"]
    for i in range(300):
        lines.append("f%d() { total=$((total + %d)); }" % (i, i))
        lines.append("f%d" % i)
    lines.append("echo $total")
    m.script("\n".join(lines), "44850", timeout=180)


def test_hash_bang(m):
    m.check("printf '#!/bin/sh\\necho script $1 $0\\n' > /tmp/hb; "
            "chmod +x /tmp/hb; /tmp/hb arg", "script arg /tmp/hb")
    m.check("printf '#!/usr/bin/awk -f\\nBEGIN { print 6 * 7 }\\n' > /tmp/hb; "
            "/tmp/hb; rm /tmp/hb", "42")


def test_exit_statuses(m):
    m.check("sh -c 'exit 3'; echo $?; false; echo $?; true; echo $?",
            "3\n1\n0")
    m.check("nosuchcommand", regex("not found"), status=127)


if __name__ == "__main__":
    system.main(globals(), system.Machine)
