# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""What the system tests share: a machine under test, driven over its serial
line as somebody at the terminal would, and the counting of tests.

    def test_name(m): m.check("echo hi", "hi")

    system.main(globals(), lambda: system.Machine())

MISSING = { "test_name": "what the system lacks" } names tests that are skipped
unless T asks for them.

main() boots once and calls every test_* with the machine, in the order of the file.
A test that leaves the shell out of reach costs the machine: the next test gets
a new one.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import pexpect

BUILD = os.environ.get("BUILD", "build")
PROMPT = "tartan:[^\r\n]*# "
# Seconds on a machine that has nothing else to do.  It may have: each is taken
# PATIENCE times.
BOOT_TIMEOUT = 120
TIMEOUT = 60
PATIENCE = 4

sys.path.insert(0, "boot")
import disk  # noqa: E402


class Failure(Exception):
    pass


def end(child):
    """Kill it, and wait until it has ended."""
    try:
        child.close(force=True)
    except pexpect.ExceptionPexpect:
        # On a busy machine that takes longer than pexpect waits for.
        child.wait()


class Machine:
    """A running system on a disk of its own."""

    # The end of the log of the one that was closed last: a test's own is gone
    # when it has failed.
    closed_log = ()

    def __init__(self, image=None, keep=False, extra=(), options=(),
                 append="", no_disk=False):
        self.work = tempfile.mkdtemp(prefix="tartan-test-")
        self.image = image or os.path.join(self.work, "disk.img")
        self.log = os.path.join(self.work, "log")
        if image is None and not no_disk:
            subprocess.check_call(["cp", "--sparse=always",
                                   BUILD + "/fresh.img", self.image])
        self.options = list(options)
        if no_disk:
            self.options.append("--no-disk")
        self.env = dict(os.environ, TARTAN_EXTRA=" ".join(extra),
                        TARTAN_APPEND=append)
        self.child = None

    def start(self, wait=True):
        """Boot, and wait for the shell."""
        args = ["--build", BUILD, "--log", self.log]
        if "--no-disk" not in self.options:
            args += ["--image", self.image]
        self.child = pexpect.spawn("boot/run", args + self.options,
                                   env=self.env, timeout=TIMEOUT,
                                   encoding="latin-1", dimensions=(24, 80))
        # The terminal's bytes as they came, for reports.
        self.seen = open(os.path.join(self.work, "terminal"), "w",
                         encoding="latin-1")
        self.child.logfile_read = self.seen
        if wait:
            self.expect(PROMPT, BOOT_TIMEOUT)
        return self

    def expect(self, pattern, timeout=TIMEOUT):
        """Wait for PATTERN; what came before it."""
        try:
            self.child.expect(pattern, timeout * PATIENCE)
        except (pexpect.TIMEOUT, pexpect.EOF) as e:
            kind = "no" if isinstance(e, pexpect.TIMEOUT) else "end before"
            raise Failure("%s %r; terminal: %r; last line of the log: %s" % (
                kind, pattern, (self.child.before or "")[-300:],
                self.log_last())) from None
        return self.child.before

    def send(self, text):
        self.child.send(text)

    def run(self, command, timeout=TIMEOUT):
        """The output of COMMAND, typed at the prompt, and its status."""
        # What the shell echoes of this has quotes between the marks.
        self.send('echo "<""<"; { %s\n}; echo ">"$?">"\n' % command)
        self.expect("<<\r*\n", timeout)
        output = self.expect(r">(\d+)>\r*\n", timeout)
        status = int(self.child.match.group(1))
        self.expect(PROMPT, timeout)
        # Two terminals may each have put a return before the line feed.
        return re.sub("\r+\n", "\n", output), status

    def foreground(self, command):
        """Type COMMAND, and wait until the terminal is its own."""
        self.send("sh -c 'echo \"u\"\"p\"; exec %s'\n" % command)
        self.expect("up\r*\n")

    def check(self, command, expected, status=0, timeout=TIMEOUT):
        output, got = self.run(command, timeout)
        output = output.rstrip("\n")
        if hasattr(expected, "search"):
            good = expected.search(output) is not None
            expected = expected.pattern
        else:
            good = output == expected
        if not good or got != status:
            raise Failure("%s: wanted %r, status %d; got %r, status %d" % (
                command, expected, status, output[-400:], got))

    def script(self, text, expected, status=0, timeout=TIMEOUT):
        """A shell script put on the disk before the start is better; this
        one is typed as a here-document."""
        self.send("cat > /tmp/script <<'@@END'\n")
        for line in text.split("\n"):
            self.send(line + "\n")
        self.send("@@END\n")
        self.expect("@@END\r*\n")
        self.expect(PROMPT)
        self.check("sh /tmp/script", expected, status, timeout)

    def log_text(self):
        try:
            with open(self.log, encoding="latin-1") as f:
                return f.read()
        except OSError:
            return ""

    def log_end(self, count=20):
        return [x for x in self.log_text().splitlines() if x.strip()][-count:]

    def log_last(self):
        return (self.log_end(1) or ["(empty)"])[0]

    def halt(self):
        """Put the system down in order."""
        self.send("halt\n")
        self.expect(pexpect.EOF, 90)
        self.child.close()

    def kill(self):
        """Pull the plug."""
        if self.alive():
            end(self.child)

    def alive(self):
        return self.child is not None and self.child.isalive()

    def close(self):
        self.kill()
        Machine.closed_log = self.log_end()
        shutil.rmtree(self.work, ignore_errors=True)


def fsck(image):
    """What e2fsck -fn finds wrong; '' when nothing."""
    p = subprocess.run(["e2fsck", "-fn", image], stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True)
    return "" if p.returncode == 0 else p.stdout


def compile_program(source, name):
    """A static i386 program of tests/system, linked with musl."""
    out = os.path.join(BUILD, "tests", name)
    os.makedirs(os.path.dirname(out), exist_ok=True)
    lib = "/usr/lib/i386-linux-musl"
    gcc = os.environ.get("CC", "i686-linux-gnu-gcc")
    subprocess.check_call([
        gcc, "-O1", "-static", "-no-pie", "-fno-pie", "-fno-stack-protector",
        "-fcf-protection=none", "-w", "-nostdlib", "-nostdinc", "-isystem",
        "/usr/include/i386-linux-musl", "-isystem",
        subprocess.run([gcc, "-print-file-name=include"], text=True,
                       stdout=subprocess.PIPE).stdout.strip(),
        "-o", out, lib + "/crt1.o", lib + "/crti.o",
        os.path.join("tests/system", source), lib + "/libc.a", "-lgcc",
        lib + "/crtn.o"])
    return out


def _usual_priority():
    os.setpriority(os.PRIO_PROCESS, 0, 0)


def usual_priority():
    """Can a program of the host have the priority of one that nobody niced?"""
    try:
        return subprocess.call(["true"], preexec_fn=_usual_priority) == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _as_usual():
    """Who runs the tests in the background ignores SIGINT, for one, and what is
    ignored or blocked stays so in the programs that are started; so does a
    priority, but not all may have a better one."""
    try:
        _usual_priority()
    except OSError:
        pass
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def on_linux(program, *arguments):
    """What PROGRAM prints here, in an empty directory."""
    with tempfile.TemporaryDirectory() as work:
        p = subprocess.run([os.path.abspath(program), *arguments], cwd=work,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           start_new_session=True, timeout=300,
                           preexec_fn=_as_usual)
    if p.returncode != 0:
        raise Failure("on the host: status %d" % p.returncode)
    return p.stdout.decode().rstrip("\n")


def report(name, error, machine, seconds):
    if error is None:
        print("ok %s\n    %d s" % (name, seconds), flush=True)
        return False
    print("FAIL %s: %s" % (name, str(error).replace("\n", " | ")))
    log = Machine.closed_log
    if not log and machine is not None:
        log = machine.log_end()
    for line in log:
        print("    log: " + line)
    sys.stdout.flush()
    return True


def main(names, make=None):
    """Run the test_* functions of the module; exit with the result."""
    group = os.path.basename(sys.argv[0]).replace("_test.py", "")
    pattern = os.environ.get("T", "")
    tests = [(n, f) for n, f in names.items() if n.startswith("test_")]
    labels = {n: "system/%s/%s" % (group, n[5:]) for n, _ in tests}
    if pattern and any(pattern in label for label in labels.values()):
        tests = [(n, f) for n, f in tests if pattern in labels[n]]
    machine = None
    failed = 0
    for name, function in tests:
        missing = names.get("MISSING", {}).get(name)
        if missing is not None and pattern not in labels[name] or \
                missing is not None and not pattern:
            print("skip %s: %s" % (labels[name], missing), flush=True)
            continue
        error = None
        Machine.closed_log = ()
        began = time.monotonic()
        try:
            if make is not None and (machine is None or
                                     not machine.alive()):
                if machine is not None:
                    machine.close()
                machine = make()
                Machine.closed_log = ()
                machine.start()
            function(machine) if make is not None else function()
        except Failure as e:
            error = e
        except Exception as e:  # The test is wrong; say where.
            error = Failure("%s: %s" % (
                type(e).__name__, traceback.format_exc(limit=-1)))
        failed += report(labels[name], error, machine,
                         time.monotonic() - began)
        if error is not None and machine is not None:
            machine.close()
            machine = None
    if machine is not None:
        machine.close()
    sys.exit(1 if failed else 0)


def regex(pattern):
    return re.compile(pattern, re.S)


def started(name):
    """Shell words that wait until the last job runs the program NAME: before,
    it is a shell itself, with its signals and its name."""
    return ("until grep -q '^%s' /proc/$!/cmdline; do sleep 0.1; done; " %
            name)


def in_state(state):
    """Shell words that wait until the last job is in STATE."""
    return ("until grep -q '^State:.%s' /proc/$!/status; do sleep 0.1; "
            "done; " % state)


def wait_until(condition, timeout, what):
    end = time.monotonic() + timeout * PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise Failure("no %s within %d s" % (what, timeout))
        time.sleep(0.5)
