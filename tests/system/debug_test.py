#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""gdb on the whole system: the kernel's symbols and addresses are right from
the first instruction on, and a system that was looked at goes on."""

import os
import subprocess

import system
from system import Failure, Machine, regex

COMMANDS = """set pagination off
set confirm off
target remote %s
hbreak boot_entry
continue
echo \\nfirst:\\n
info symbol $pc
delete
hbreak task_setup
continue
echo \\nsetup:\\n
backtrace
delete
break sys_mach_msg
continue
echo \\ntrap:\\n
backtrace
info line
delete
detach
quit
"""


def test_gdb():
    m = Machine()
    stub = os.path.join(m.work, "gdb")
    script = os.path.join(m.work, "commands")
    # Not --debug: its port may be somebody else's on this host.
    m.options += ["--qemu", "-S -gdb unix:%s,server=on,wait=off" % stub]
    with open(script, "w") as f:
        f.write(COMMANDS % stub)
    try:
        m.start(wait=False)
        system.wait_until(lambda: os.path.exists(stub), 30, "gdb stub")
        said = subprocess.run(["gdb", "-batch", "-nx", "-x", script,
                               system.BUILD + "/tartan"], timeout=600,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True).stdout
        for wanted in (r"first:\nboot_entry in section",
                       r"setup:\n#0 +task_setup \(\) at kernel/task\.c.*startup_main.*"
                       r"i386_start \(magic=.*at i386/start\.c",
                       r"trap:\n#0 +sys_mach_msg \(args=.*"
                       r"at ipc/mach_msg_trap\.c:\d+"):
            if not regex(wanted).search(said):
                raise Failure("gdb: no %r in %r" % (wanted, said[-1500:]))
        m.expect(system.PROMPT, system.BOOT_TIMEOUT)
        m.check("echo on", "on")
    finally:
        m.close()


if __name__ == "__main__":
    system.main(globals())
