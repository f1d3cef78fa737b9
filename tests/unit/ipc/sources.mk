# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Tests of ipc/ alone, on ipc_world.c instead of the rest of the kernel: there
# memory fails on demand and the test decides who runs.  Others in this
# directory run with the whole kernel, like tests/unit/kernel.

ipc-world-test := ipc_space ipc_right ipc_mqueue ipc_notify mach_msg
ipc-world-src := $(ipc-world-test:%=tests/unit/ipc/%_test.c)
ipc-world-bin := $(ipc-world-test:%=$(B)/host/ipc/%_test)
ipc-world-obj := $(patsubst %.c,$(B)/host/obj/%.o,$(wildcard ipc/*.c) \
	kernel/lock_rank.c kernel/spinlock.c kernel/rbtree.c \
	tests/unit/ipc/ipc_world.c) $(B)/host/obj/mig/mach_port_server.o

$(ipc-world-bin): $(B)/host/ipc/%: $(B)/host/ipc/%.o $(ipc-world-obj)
	@echo "  HOSTLD  $@"
	$(Q)$(CC) -no-pie $(HOST_SANITIZE) -static-libasan -static-libubsan \
	    -o $@ $^
