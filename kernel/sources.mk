# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

kernel-src += \
	kernel/startup.c kernel/panic.c kernel/printf.c kernel/string.c \
	kernel/rbtree.c kernel/rdxtree.c \
	kernel/percpu.c kernel/lock_rank.c kernel/spinlock.c kernel/mutex.c \
	kernel/sleepq.c kernel/timer.c kernel/clock.c \
	kernel/kmem.c kernel/stack.c \
	kernel/processor.c kernel/sched.c kernel/ast.c \
	kernel/thread.c kernel/task.c \
	kernel/gsync.c \
	kernel/kdb/kdb.c
