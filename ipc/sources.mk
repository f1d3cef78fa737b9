# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# In reading order.

kernel-src += \
	ipc/ipc_object.c \
	ipc/ipc_port.c \
	ipc/ipc_pset.c \
	ipc/ipc_entry.c \
	ipc/ipc_space.c \
	ipc/ipc_right.c \
	ipc/ipc_request.c \
	ipc/ipc_notify.c \
	ipc/ipc_mqueue.c \
	ipc/ipc_kmsg.c \
	ipc/ipc_copyin.c \
	ipc/ipc_copyout.c \
	ipc/ipc_kobject.c \
	ipc/ipc_special.c \
	ipc/ipc_cost.c \
	ipc/mach_msg_trap.c \
	ipc/mach_msg_fast.c \
	ipc/mach_msg_quick_call.c \
	ipc/ipc_exception.c \
	ipc/mach_port_rpc.c
