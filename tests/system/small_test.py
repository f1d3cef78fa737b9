#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
"""The tests of the shell, on a machine with 16 MiB."""

import shell_test
import system

if __name__ == "__main__":
    system.main(vars(shell_test),
                lambda: system.Machine(options=["--mem", "16"]))
