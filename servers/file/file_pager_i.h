/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What the parts of the pager share: file_pager.c, file_page_in.c and
 * file_pager_io.c.
 */
#ifndef SERVERS_FILE_FILE_PAGER_I_H
#define SERVERS_FILE_FILE_PAGER_I_H

#include <servers/file/ext2_inode.h>
#include <servers/file/file_pager.h>
#include <servers/lib/mach.h>
#include <servers/lib/object.h>

struct file_page_in;

/* [I] fixed at creation  [m] own lock  [t] table lock */
struct file_pager {
	struct object		object;		/* first */
	struct ext2_inode	*inode;		/* [I] referenced */
	struct file_pager	*prev;		/* [t] used later */
	struct file_pager	*next;		/* [t] used earlier */
	bool			listed;		/* [t] */
	bool			retired;	/* [t] the kernel does not keep it
						   once it is unmapped */
	struct os_mutex		lock;		/* nothing is taken inside */
	struct os_cond		changed;
	mach_port_seqno_t	turn;		/* [m] next to be handled */
	mach_port_t		control;	/* [m] null: not in the kernel */
	mach_port_t		name;		/* [m] of its mappings */
	mach_port_t		self;		/* [m] a right for its own port,
						   from init to terminate: it
						   does not end before what was
						   received is handled */
	bool			gone;		/* [m] what is received now has
						   no pager any more */
	bool			held;		/* [m] */
	bool			locking;	/* [m] waits for lock_completed */
	bool			writable;	/* [m] a mapping may write */
	bool			copied;		/* [m] mapped privately, perhaps */
	unsigned		writes;		/* [m] by windows, going on */
	unsigned		page_ins;	/* [m] going on */
	uint64_t		shown_from;	/* [m] pages that the kernel may */
	uint64_t		shown_to;	/* [m] have are in between */
	uint64_t		dirty_from;	/* [m] what windows have changed */
	uint64_t		dirty_to;	/* [m] since it was cleaned */
	uint64_t		unclean;	/* [m] how much that was */
	uint64_t		page_in_end;	/* [m] of the last page-in */
	struct file_page_in	*waiting;	/* [m] for the holder to go */
};

/* Make [*FROMP, *TOP) so wide that [FROM, TO) is part of it. */
void file_pager_widen(uint64_t *fromp, uint64_t *top, uint64_t from,
    uint64_t to);

/* Windows have changed, or are about to, [OFFSET, OFFSET + SIZE) of PAGER's. */
void file_pager_changed_locked(struct file_pager *pager, uint64_t offset,
    uint64_t size);

/* So much of it more is not on the disk. */
void file_pager_count_locked(struct file_pager *pager, size_t size);

/*
 * If files have more than is good that is not on the disk, write some: INODE's,
 * or all.  As ext2_pager_ops says.
 */
void file_pager_throttle(struct ext2_inode *inode);

/* Give back a right, if it is one. */
void file_pager_drop(mach_port_t port);

/* INODE's pager with a reference, or NULL. */
struct file_pager *file_pager_ref(struct ext2_inode *inode);

/* The same, made if need be, and used: the kernel keeps its file's pages. */
kern_return_t file_pager_get(struct ext2_inode *inode,
    struct file_pager **pagerp);

#endif /* SERVERS_FILE_FILE_PAGER_I_H */
