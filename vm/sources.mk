# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

kernel-src += \
	vm/vm_phys.c \
	vm/vm_page.c \
	vm/vm_kern.c \
	vm/vm_pageable.c \
	vm/vm_map_tree.c \
	vm/vm_map.c \
	vm/vm_map_protect.c \
	vm/vm_map_wire.c \
	vm/vm_map_fork.c \
	vm/vm_map_cut.c \
	vm/vm_map_rest.c \
	vm/vm_object.c \
	vm/vm_paged.c \
	vm/vm_evicted.c \
	vm/vm_flow.c \
	vm/vm_shadow.c \
	vm/vm_fault.c \
	vm/vm_copy.c \
	vm/vm_pageout.c \
	vm/memory_object.c \
	vm/memory_object_copy.c \
	vm/memory_object_return.c \
	vm/memory_object_proxy.c \
	vm/memory_object_rpc.c \
	vm/vm_rpc.c \
	vm/vm_debug_rpc.c
