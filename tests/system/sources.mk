# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

# For dev_test.py.
unix-programs += messages
unix-messages-src := tests/system/messages.c
unix-messages-uses := name

# For stall_test.py.
unix-programs += stalls
unix-stalls-src := tests/system/stalls.c
unix-stalls-uses := unix

# For kill_test.py.
unix-programs += transfers
unix-transfers-src := tests/system/transfers.c
unix-transfers-uses := mach_debug
