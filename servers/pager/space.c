/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The list of paging files, and who gets which places.
 */
#include <servers/pager/space.h>

#include <assert.h>
#include <string.h>

/* Places that pages may go to, and what must be left of them. */
struct space_sum {
	uint64_t	total;
	uint64_t	free;
	uint64_t	kept;
};

static struct space_sum
space_add_up(const struct space *space)
{
	struct space_sum sum = { .kept = space->promised };

	for (uint32_t i = 0; i < SPACE_FILES; i++) {
		const struct space_file *file = &space->files[i];

		if (!file->there) {
			continue;
		}
		sum.total += file->store.places;
		if (file->leaving) {
			sum.kept += file->store.used;
		} else {
			sum.free += file->store.places - file->store.used;
		}
	}
	return sum;
}

uint64_t
space_total(const struct space *space)
{
	return space_add_up(space).total;
}

uint64_t
space_room(const struct space *space)
{
	struct space_sum sum = space_add_up(space);

	return sum.free > sum.kept ? sum.free - sum.kept : 0;
}

static struct space_file *
space_file(struct space *space, uint32_t slot)
{
	assert(slot < STORE_BACK && space_file_of(slot) < SPACE_FILES);
	assert(space->files[space_file_of(slot)].there);
	return &space->files[space_file_of(slot)];
}

uint32_t
space_add(struct space *space, uint32_t places, void *bitmap)
{
	uint32_t i = 0;

	assert(places <= SPACE_PLACES_MAX);
	while (i < SPACE_FILES && space->files[i].there) {
		i++;
	}
	if (i < SPACE_FILES) {
		space->files[i] = (struct space_file){ .there = true };
		store_init(&space->files[i].store, places, bitmap);
	}
	return i;
}

void
space_remove(struct space *space, uint32_t file)
{
	assert(space->files[file].there && space->files[file].store.used == 0);
	memset(&space->files[file], 0, sizeof(space->files[file]));
}

bool
space_leave(struct space *space, uint32_t file)
{
	struct space_sum sum;

	assert(space->files[file].there && !space->files[file].leaving);
	space->files[file].leaving = true;
	sum = space_add_up(space);
	if (sum.free < sum.kept) {
		space->files[file].leaving = false;
		return false;
	}
	return true;
}

void
space_stay(struct space *space, uint32_t file)
{
	assert(space->files[file].leaving);
	space->files[file].leaving = false;
}

bool
space_is_leaving(const struct space *space, uint32_t slot)
{
	return space->files[space_file_of(slot)].leaving;
}

static bool
space_is_open(const struct space_file *file)
{
	return file->there && !file->leaving &&
	    file->store.used < file->store.places;
}

/* The file that pages go to, or SPACE_FILES. */
static uint32_t
space_choose(const struct space *space)
{
	uint32_t best = SPACE_FILES;

	for (uint32_t i = 0; i < SPACE_FILES; i++) {
		if (space_is_open(&space->files[i]) && (best == SPACE_FILES ||
		    space->files[i].full < space->files[best].full)) {
			best = i;
		}
	}
	return best;
}

uint32_t
space_alloc(struct space *space, enum space_use use, uint32_t wanted,
    uint32_t *got)
{
	uint64_t room = space_room(space);
	uint32_t file;
	uint32_t place;

	if (use == SPACE_ANY && room < wanted) {
		wanted = (uint32_t)room;
	} else if (use == SPACE_PROMISED && space->promised < wanted) {
		wanted = space->promised;
	}
	file = space_choose(space);
	if (wanted == 0 || file == SPACE_FILES) {
		return STORE_NONE;
	}
	place = store_alloc(&space->files[file].store, wanted, got);
	if (use == SPACE_PROMISED) {
		space->promised -= *got;
	}
	return space_slot(file, place);
}

void
space_free(struct space *space, uint32_t slot)
{
	store_free(&space_file(space, slot)->store, space_place_of(slot));
}

void
space_set_full(struct space *space, uint32_t slot, bool full)
{
	struct space_file *file = space_file(space, slot);

	if (full) {
		file->store.next = 0;
	}
	file->full = full ? ++space->found_full : 0;
}

bool
space_is_full(const struct space *space, uint32_t slot)
{
	return space->files[space_file_of(slot)].full != 0;
}

bool
space_promise(struct space *space, uint32_t places)
{
	struct space_sum sum = space_add_up(space);

	if (sum.free < sum.kept + places ||
	    space->promised + (uint64_t)places >
	    sum.total / SPACE_PROMISE_PART) {
		return false;
	}
	space->promised += places;
	return true;
}

void
space_take_back(struct space *space, uint32_t places)
{
	assert(places <= space->promised);
	space->promised -= places;
}
