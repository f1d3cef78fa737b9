/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Page-ins: what the kernel asks for is read from the disk into the pages that
 * are supplied, with some of what follows.
 */
#ifndef SERVERS_FILE_FILE_PAGE_IN_H
#define SERVERS_FILE_FILE_PAGE_IN_H

#include <mach/vm_prot.h>
#include <servers/lib/mach.h>

struct file_pager;

/*
 * Page-ins at a time, of all files: each takes memory and a thread, and most
 * come when there is little memory.
 */
#define FILE_PAGE_INS_MAX	2

/* A page-in, or a wish to write, which may have to wait. */
struct file_page_in {
	struct file_page_in	*next;
	struct file_pager	*pager;		/* a reference */
	mach_port_t		control;	/* a right */
	vm_offset_t		offset;
	vm_size_t		length;
	vm_prot_t		access;
	bool			unlock;		/* the kernel has the page */
};

/* Begin a page-in, or leave it to the holder.  True: begun. */
bool file_page_in_begin(struct file_page_in *in);

/*
 * Serve IN, with its references, and whatever was queued meanwhile; or queue
 * it when others are busy enough.  It was counted in its pager's page_ins.
 */
void file_page_in_submit(struct file_page_in *in);

#endif /* SERVERS_FILE_FILE_PAGE_IN_H */
