#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""make run CMD= and EXTRA=: byte-exact command, output alone, exit status."""

import os
import shutil
import subprocess
import tempfile

import system
from system import Failure

WORK = tempfile.mkdtemp(prefix="tartan-command-")
IMAGE = os.path.join(WORK, "disk.img")
subprocess.check_call(["cp", "--sparse=always", system.BUILD + "/fresh.img",
                       IMAGE])


def run(command, expected, status=0, extra=""):
    """As the recipe of `make run` does, on a disk of our own."""
    log = os.path.join(WORK, "log")
    got = os.path.join(WORK, "status")
    p = subprocess.run(
        ["boot/run", "--build", system.BUILD, "--image", IMAGE, "--log", log,
         "--command", "--status", got, "--timeout", "900",
         "--boot-timeout", "480"],
        env=dict(os.environ, TARTAN_CMD=command, TARTAN_EXTRA=extra,
                 TARTAN_APPEND=""),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    with open(got) as f:
        ended = int(f.read())
    if p.stdout != expected.encode() or ended != status:
        raise Failure("%r: wanted %r, status %d; got %r, status %d; %s" % (
            command, expected, status, p.stdout[-300:], ended,
            p.stderr.decode()[-300:]))


def test_output_alone():
    run("echo hello; echo there >&2", "hello\nthere\n")


def test_status():
    run("exit 7", "", status=7)


def test_status_of_a_pipeline():
    run("false | true", "")


def test_bytes_intact():
    run("""x='$HOME "quoted"'; echo "$x" 'it'"'"'s' \\\\ `echo back` | cat
printf '%s\\n' "second line" '#' "$#" ; printf 'a\\tb\\r\\n\\001end'""",
        "$HOME \"quoted\" it's \\ back\nsecond line\n#\n0\na\tb\r\n\x01end")


def applets():
    """A directory with busybox under all its names, for this machine."""
    busybox = os.path.abspath(
        system.BUILD + "/packages/busybox-static/bin/busybox")
    directory = os.path.join(WORK, "applets")
    if not os.path.isdir(directory):
        os.mkdir(directory)
        names = subprocess.check_output([busybox, "--list"], text=True)
        for name in names.split():
            os.symlink(busybox, os.path.join(directory, name))
    return directory


def test_a_real_script_prints_what_it_prints_on_linux():
    """The same busybox runs tests/system/script.sh here and in Tartan."""
    script = os.path.abspath("tests/system/script.sh")
    place = os.path.join(WORK, "place")
    os.mkdir(place)
    path = applets()
    here = subprocess.run(
        [path + "/sh", script, place], env={"PATH": path},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT).stdout.decode()
    run("mkdir /tmp/place && env -i PATH=$PATH /bin/sh /extra/script.sh "
        "/tmp/place 2>&1 | sed 's,^/extra,HERE,'; rm -r /extra/*",
        here.replace(os.path.dirname(script), "HERE"), extra=script)


def test_files_last_between_runs():
    run("echo one > /root/lasting", "")
    run("cat /root/lasting", "one\n")
    bad = system.fsck(IMAGE)
    if bad:
        raise Failure(bad)


def test_extra():
    tree = os.path.join(WORK, "tree")
    os.makedirs(tree + "/sub")
    with open(tree + "/sub/file", "w") as f:
        f.write("from the host\n")
    program = system.compile_program("faults.c", "faults")
    run("cat /extra/tree/sub/file; ls -1 /extra; /extra/faults none",
        "from the host\nfaults\ntree\nno fault\n", status=1,
        extra=program + " " + tree)


def test_a_shell_whose_input_is_a_pipe():
    """It gets each line, and its end, though it reads none for longer than
    the terminal has room for."""
    log = os.path.join(WORK, "log")
    lines = ["sleep 5", "read x", "a line for read", "echo $((6 * 7)) $x"]
    lines += ["echo %04d%s" % (n, "." * 60) for n in range(100)]
    p = subprocess.run(
        ["boot/run", "--build", system.BUILD, "--image", IMAGE, "--log", log,
         "--timeout", "900", "--boot-timeout", "480"],
        input="\n".join(lines + ["(exit 5)\n"]).encode(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    got = p.stdout.decode()
    missing = [n for n in range(100) if "\n%04d." % n not in got and
               " %04d." % n not in got]
    if p.returncode != 5 or "42 a line for read" not in got or missing:
        raise Failure("status %d, without %s: %r, %r" % (
            p.returncode, missing, got[-600:], p.stderr[-300:]))


def make_ends_with(status, words, output):
    # The disk of the user is left alone: only make's own part is tried.
    p = subprocess.run(
        ["make", "-s", "run", "BOOT_RUN=sh -c 'echo %d > %s/run.status; "
         "printf %%s \"$$TARTAN_CMD\"' --" % (status, system.BUILD)] + words,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if p.returncode != status or p.stdout != output:
        raise Failure("status %d, output %r, %r" % (
            p.returncode, p.stdout, p.stderr[-300:]))


def test_make_ends_with_the_status():
    make_ends_with(7, ["CMD=exit 7"], b"exit 7")
    make_ends_with(3, [], b"")


if __name__ == "__main__":
    try:
        system.main(globals())
    finally:
        shutil.rmtree(WORK)
