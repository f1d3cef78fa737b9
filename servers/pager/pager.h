/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Private to the default pager.
 *
 * One thread answers everything: the kernel's messages about an object must
 * take effect in the order in which they were sent, and a page that is on its
 * way out must be found by the request that follows.
 */
#ifndef SERVERS_PAGER_PAGER_H
#define SERVERS_PAGER_PAGER_H

#include <servers/lib/mach.h>
#include <servers/pager/store.h>

/* A memory object that the kernel made because its pages must go somewhere. */
struct paged {
	struct paged		*next;		/* in its hash chain */
	mach_port_t		port;		/* receive right */
	mach_port_t		control;	/* send right */
	mach_port_t		name;		/* send right */
	struct store_map	map;
	uint32_t		pages;		/* with a slot */
};

/* file.c: the paging file. */

/* Open PATH, which may grow to SIZE bytes.  KERN_ errors, logged. */
kern_return_t paging_file_open(const char *path, uint64_t size);

extern struct store paging_store;

/* COUNT pages from SLOT on, in new memory at *MEMORYP, which is the caller's. */
kern_return_t paging_file_read(
    uint32_t slot, uint32_t count, vm_address_t *memoryp);
/* Write COUNT pages at MEMORY into the slots from SLOT on. */
kern_return_t paging_file_write(
    uint32_t slot, const void *memory, uint32_t count);

/* Slots were freed: give the end of the file back to the disk if it pays. */
void paging_file_shrink(void);

/* pager_rpc.c */
struct paged *paged_lookup(mach_port_t port);

#endif /* SERVERS_PAGER_PAGER_H */
