/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Paging space: the places of all paging files together.  A slot names a file
 * by its number and a place in it.  Knows no messages and no locks.
 *
 * What is free is not all to be had: a file that is to leave needs a place
 * elsewhere for each page in it, and some places are promised.  So a page that
 * moves out of such a file, and one for which there is a promise, always find
 * a place.
 */
#ifndef SERVERS_PAGER_SPACE_H
#define SERVERS_PAGER_SPACE_H

#include <servers/pager/store.h>

#define SPACE_FILES		16u
#define SPACE_PLACE_BITS	24u
/* The last number is no place: no run of slots leads into another file. */
#define SPACE_PLACES_MAX	((1u << SPACE_PLACE_BITS) - 1)

/* This part of all places may be promised. */
#define SPACE_PROMISE_PART	4u

struct space_file {
	bool		there;
	bool		leaving;	/* nothing more goes into it */
	uint32_t	full;		/* its disk is: when that was found */
	struct store	store;
};

struct space {
	struct space_file files[SPACE_FILES];
	uint32_t	promised;	/* places */
	uint32_t	found_full;	/* how often a disk was */
};

/* For what a place is wanted. */
enum space_use {
	SPACE_ANY,
	SPACE_MOVED,		/* a page that was in a file that is leaving */
	SPACE_PROMISED		/* which uses up that much of the promise */
};

static inline uint32_t
space_file_of(uint32_t slot)
{
	return slot >> SPACE_PLACE_BITS;
}

static inline uint32_t
space_place_of(uint32_t slot)
{
	return slot & SPACE_PLACES_MAX;
}

static inline uint32_t
space_slot(uint32_t file, uint32_t place)
{
	return file << SPACE_PLACE_BITS | place;
}

/*
 * A file with PLACES places, at most SPACE_PLACES_MAX, and as many bytes of
 * BITMAP as store_bytes says.  Returns its number, or SPACE_FILES when there
 * are that many.
 */
uint32_t space_add(struct space *space, uint32_t places, void *bitmap);

/* Nothing is in it any more: forget the file.  The bitmap is the caller's. */
void space_remove(struct space *space, uint32_t file);

/*
 * The file is to leave: false when there is no place for what is in it, and
 * then nothing has changed.
 */
bool space_leave(struct space *space, uint32_t file);
/* It stays after all. */
void space_stay(struct space *space, uint32_t file);

/* Is the file of SLOT to leave? */
bool space_is_leaving(const struct space *space, uint32_t slot);

/*
 * Up to WANTED slots in a row; returns the first and how many, or STORE_NONE
 * when there is none for this USE.
 */
uint32_t space_alloc(struct space *space, enum space_use use,
    uint32_t wanted, uint32_t *got);
void space_free(struct space *space, uint32_t slot);

/*
 * The disk of SLOT's file is full; or it is not any more.  Others are tried
 * first, and then those of which that was found longer ago.  Its places that
 * were in use before may be good still: begin with those.
 */
void space_set_full(struct space *space, uint32_t slot, bool full);
bool space_is_full(const struct space *space, uint32_t slot);

/* Promise PLACES; false when that is too much. */
bool space_promise(struct space *space, uint32_t places);
void space_take_back(struct space *space, uint32_t places);

/* Places of all files, and those that SPACE_ANY can have. */
uint64_t space_total(const struct space *space);
uint64_t space_room(const struct space *space);

#endif /* SERVERS_PAGER_SPACE_H */
