# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

kernel-src += \
	kernel/startup.c kernel/panic.c kernel/printf.c kernel/string.c kernel/option.c \
	kernel/rbtree.c kernel/rdxtree.c \
	kernel/percpu.c kernel/lock_rank.c kernel/spinlock.c kernel/mutex.c \
	kernel/sleepq.c kernel/timer.c kernel/clock.c \
	kernel/kmem.c kernel/stack.c \
	kernel/processor.c kernel/sched.c kernel/ast.c \
	kernel/account.c kernel/thread.c kernel/task.c kernel/task_symbols.c \
	kernel/shortage.c kernel/rest.c kernel/thread_trap.c kernel/gsync.c \
	kernel/exception.c kernel/mig_support.c kernel/syscall.c kernel/rpc_trap.c \
	kernel/debug_trap.c \
	kernel/host.c kernel/host_rpc.c kernel/processor_rpc.c \
	kernel/task_rpc.c kernel/task_notify.c kernel/thread_rpc.c \
	kernel/gnumach_rpc.c kernel/walker.c kernel/tartan_rpc.c kernel/mach_debug_rpc.c \
	kernel/pc_sample.c kernel/mach4_rpc.c \
	kernel/device.c kernel/device_rpc.c kernel/device_console.c \
	kernel/device_mem.c kernel/device_log.c kernel/device_irq.c kernel/device_pager.c kernel/device_ramdisk.c \
	kernel/elf_load.c kernel/bootscript.c
