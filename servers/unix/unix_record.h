/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Locks on files: record locks of a process (fcntl), of an open description
 * (F_OFD_*), and those of flock.
 *
 * A file is its device and inode, so all its opens meet here.  The owner of a
 * process' locks is its descriptor table: fork makes a new one, which owns
 * nothing; exec keeps it; threads share it.  The owner of the other locks is
 * the description.  An owner's locks on a file never overlap, and touch only
 * where their types differ.
 */
#ifndef SERVERS_UNIX_UNIX_RECORD_H
#define SERVERS_UNIX_UNIX_RECORD_H

#include <servers/unix/unix.h>

#define RECORD_OWNER_MAX	1024	/* locks of one owner */
#define RECORD_MAX		65536	/* ... and of all */
#define RECORD_END		((uint64_t)INT64_MAX)

struct record_file;

/* A lock that is held or wanted; also how one is asked for. */
struct record {
	struct list	link;		/* of its file */
	struct record_owner *owner;	/* of a wait: only compared */
	int		kind;		/* RECORD_RANGE, RECORD_FLOCK */
	int		type;		/* L_F_RDLCK, L_F_WRLCK, L_F_UNLCK */
	uint64_t	start;
	uint64_t	end;		/* the last byte */
	int		pid;		/* to tell; -1: of a description */
};

#define RECORD_RANGE	0		/* kinds do not see each other */
#define RECORD_FLOCK	1

/* Somebody who waits for R. */
struct record_wait {
	struct list		link;
	struct record		r;
	struct record_file	*file;
	bool			reached;	/* of the search for cycles */
};

/*
 * Lock or unlock as R says, upgrading and splitting what its owner holds.
 * Returns 0; -L_EAGAIN: another holds what conflicts; -L_ENOLCK: too many.
 * On failure nothing changed.
 */
int32_t record_set(uint64_t dev, uint64_t ino, const struct record *r);

/* A lock that keeps R from being granted, or NULL. */
const struct record *record_conflict(uint64_t dev, uint64_t ino,
    const struct record *r);

/*
 * Note that somebody waits for R, which conflicts; the queue that is woken
 * when that may have changed.  NULL: waiting for it would never end, because
 * who holds it waits, at last, for R's owner (CYCLES says whether to look).
 */
struct waitq *record_wait_begin(struct record_wait *w, uint64_t dev,
    uint64_t ino, const struct record *r, bool cycles);
void record_wait_end(struct record_wait *w);

/* OWNER holds nothing any more, on that file or on any. */
void record_release_file(struct record_owner *owner, uint64_t dev, uint64_t ino);
void record_release_all(struct record_owner *owner);

/* What F is, without asking anybody: false if that is not known. */
bool record_identity(struct file *f, uint64_t *dev, uint64_t *ino);

#endif /* SERVERS_UNIX_UNIX_RECORD_H */
