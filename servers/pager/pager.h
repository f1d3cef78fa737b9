/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Private to the default pager.
 *
 * One thread answers everything: the kernel's messages about an object must
 * take effect in the order in which they were sent, and a page that is on its
 * way out must be found by the request that follows.  It never waits for
 * anything but the paging files' handles, which the file server answers even
 * when memory is exhausted; what may take longer, finding and looking at a
 * file, is done by a second thread (change.c), which touches nothing else.
 */
#ifndef SERVERS_PAGER_PAGER_H
#define SERVERS_PAGER_PAGER_H

#include <mach/default_pager_types.h>
#include <servers/lib/mach.h>
#include <servers/lib/object.h>
#include <servers/pager/space.h>

/* A memory object, whose pages must go somewhere. */
struct paged {
	struct object		object;		/* first; the client's ones */
	struct paged		*next;		/* in its hash chain */
	mach_port_t		port;		/* receive right */
	mach_port_t		control;	/* send right, or null */
	mach_port_t		name;		/* send right, or null */
	struct store_map	map;
	bool			client;		/* made for a client */
	bool			lost;		/* all of it, for good */
	uint32_t		stored;		/* pages with a slot */
	uint32_t		promised;	/* client: places for others */
};

/* main.c: what a port is that requests come in on. */

/* The kernel's and the privileged clients' port; the port for everybody. */
bool pager_is_manager(mach_port_t port);
bool pager_is_service(mach_port_t port);
/* Does MASTER prove that the caller is privileged? */
bool pager_is_privileged(mach_port_t master);

/* file.c: the paging files. */

/* A file that may become a paging file, or be one. */
struct paging_source {
	default_pager_filename_t name;
	mach_port_t		handle;		/* send right, or null */
	uint64_t		dev;		/* which file it is */
	uint64_t		ino;
	uint32_t		places;
	uint32_t		first;		/* page that is place 0 */
	bool			grows;		/* gets its blocks as it is
						   used, else has them all */
	vm_address_t		bitmap;		/* ours, or 0 */
};

extern struct space paging_space;

/*
 * The file NAME, made empty, which may grow to SIZE bytes but leaves room for
 * others on its disk.
 */
kern_return_t paging_source_make(struct paging_source *source,
    uint64_t size);

/*
 * Find the file that SOURCE names, or has a handle of; to ADD it, with all
 * that this takes.  May wait long.  Errors are those of pager.defs, and of
 * looking up the name.
 */
kern_return_t paging_source_find(struct paging_source *source, bool add);
void paging_source_drop(struct paging_source *source);

/*
 * From now on pages may go into the file, which is consumed.  Cannot fail if
 * paging_file_check says so.
 */
kern_return_t paging_file_check(const struct paging_source *source);
void paging_file_add(struct paging_source *source);

/* Which file it is, or SPACE_FILES. */
uint32_t paging_file_number(const struct paging_source *source);
const char *paging_file_name(uint32_t file);

/* Nothing is in it any more: let it be an ordinary file again. */
void paging_file_remove(uint32_t file);

/* COUNT pages from SLOT on, in new memory at *MEMORYP, which is the caller's. */
kern_return_t paging_file_read(
    uint32_t slot, uint32_t count, vm_address_t *memoryp);
/* Write COUNT pages at MEMORY into the slots from SLOT on. */
kern_return_t paging_file_write(
    uint32_t slot, const void *memory, uint32_t count);

/* Slots were freed: give the ends of files back to the disk if it pays. */
void paging_file_shrink(void);

/* paged.c: memory objects. */

struct paged *paged_lookup(mach_port_t port);
struct paged *paged_lookup_name(mach_port_t name);

/* For the kernel's PORT; takes its rights over if it succeeds. */
kern_return_t paged_create(mach_port_t port, mach_port_t control,
    mach_port_t name);

/*
 * A memory object of zeros for a client: a right that shows PAGES of it and
 * lets it be mapped.  Its places are promised.
 *
 * Returns: KERN_RESOURCE_SHORTAGE, KERN_NO_SPACE.
 */
kern_return_t paged_create_client(uint32_t pages, mach_port_t *rightp);

/* The kernel knows the object: it has CONTROL and NAME, which are taken. */
void paged_start(struct paged *paged, mach_port_t control, mach_port_t name);
/* The kernel has forgotten the object: nothing of it is needed, or it is. */
void paged_stop(struct paged *paged);

/* Give the kernel COUNT pages from PAGE on. */
void paged_page_in(struct paged *paged, uint32_t page, uint32_t count);

/* Keep COUNT pages at DATA as those from PAGE on. */
void paged_page_out(struct paged *paged, uint32_t page, const char *data,
    uint32_t count);

/*
 * Move at most MOST pages that are in FILE, which is leaving, to other files.
 *
 * Returns: KERN_FAILURE (there are none), UNIX_ENOMEM (no memory now),
 *          KERN_NO_SPACE or UNIX_ENOSPC (the others' disks are full),
 *          UNIX_EIO; then all is as before.
 */
kern_return_t paged_move(uint32_t file, uint32_t most);

/* Call FUNCTION for each object while it returns true. */
void paged_each(bool (*function)(struct paged *paged, void *argument),
    void *argument);
unsigned paged_count(void);

/* change.c: paging files that come and go. */

/* Make the second thread. */
kern_return_t paging_change_setup(void);

/* Who is to hear of the end of a change: for server_reply. */
struct paging_asker {
	mach_port_t		reply;
	mach_msg_type_name_t	kind;
	mach_msg_id_t		id;
};

/*
 * Add the file that HANDLE, if it is not null, or NAME stands for, or remove
 * it, and tell ASKER what came of it.  Takes the rights of both.
 *
 * Returns: MIG_NO_REPLY; UNIX_EBUSY, then no right was taken.
 */
kern_return_t paging_change(const char *name, mach_port_t handle, bool add,
    struct paging_asker asker);

/* server_options.between */
int paging_change_step(void);

#endif /* SERVERS_PAGER_PAGER_H */
