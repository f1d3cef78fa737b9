/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory through the maps of `?' and `/'.
 */

#include <kernel/kdb/kdb_map.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>

struct kdb_map_segment {
	uintptr_t	begin;
	uintptr_t	end;		/* UINTPTR_MAX: that is in it, too */
	uintptr_t	to;
};

static struct kdb_map_segment kdb_map_segments[2][2] = {
	{ { 0, UINTPTR_MAX, 0 }, { 0, 0, 0 } },
	{ { 0, UINTPTR_MAX, 0 }, { 0, 0, 0 } },
};

static struct kdb_map_segment *
kdb_map_of(char verb)
{
	return kdb_map_segments[verb == '?' ? 0 : 1];
}

static bool
kdb_map_holds(const struct kdb_map_segment *segment, uintptr_t address)
{
	return address >= segment->begin &&
	    (address < segment->end || segment->end == UINTPTR_MAX);
}

/* Where ADDRESS is in memory; false if it is in no segment. */
static bool
kdb_map_find(const struct kdb_map_use *use, uintptr_t address,
    uintptr_t *memory)
{
	const struct kdb_map_segment *map = kdb_map_of(use->verb);

	for (unsigned i = use->second ? 1 : 0; i < 2; i++) {
		if (kdb_map_holds(&map[i], address)) {
			*memory = address - map[i].begin + map[i].to;
			return true;
		}
	}
	return false;
}

/* What is at the end of a segment may go on elsewhere: byte by byte. */
size_t
kdb_map_read_some(const struct kdb_map_use *use, uintptr_t address, void *to,
    size_t n)
{
	uint8_t *at = to;
	uintptr_t memory;
	size_t done;

	for (done = 0; done < n; done++) {
		if (!kdb_map_find(use, address + done, &memory) ||
		    !kdb_mem_read(kdb_task, memory, &at[done], 1)) {
			break;
		}
	}
	return done;
}

static _Noreturn void
kdb_map_error(const char *what, uintptr_t address, const char *why)
{
	kdb_error("%s: %lx%s%s", what, (unsigned long)address,
	    why[0] != '\0' ? ": " : "", why);
}

/* Where ADDRESS is in memory; an error, WHAT, if it is in no segment. */
static uintptr_t
kdb_map_need(const struct kdb_map_use *use, uintptr_t address,
    const char *what)
{
	uintptr_t memory;

	if (!kdb_map_find(use, address, &memory)) {
		kdb_map_error(what, address, use->second ?
		    "not in the map's second segment" : "not in the map");
	}
	return memory;
}

void
kdb_map_absent(const struct kdb_map_use *use, uintptr_t address)
{
	static const char what[] = "address not there";
	uintptr_t memory = kdb_map_need(use, address, what);
	uint8_t byte;

	(void)kdb_mem_read(kdb_task, memory, &byte, 1);
	kdb_map_error(what, address, kdb_mem_why());
}

void
kdb_map_read(const struct kdb_map_use *use, uintptr_t address, void *to,
    size_t n)
{
	size_t done = kdb_map_read_some(use, address, to, n);

	if (done < n) {
		kdb_map_absent(use, address + done);
	}
}

void
kdb_map_write(const struct kdb_map_use *use, uintptr_t address,
    const void *from, size_t n)
{
	static const char what[] = "cannot write";
	uintptr_t first = kdb_map_need(use, address, what);
	uintptr_t last = kdb_map_need(use, address + n - 1, what);

	if (last - first != n - 1) {
		kdb_map_error(what, address, "in two segments of the map");
	}
	if (!kdb_mem_write(kdb_task, first, from, n)) {
		kdb_map_error(what, address, kdb_mem_why());
	}
}

void
kdb_map_set(const struct kdb_map_use *use, const uintptr_t *values, unsigned n)
{
	struct kdb_map_segment *segment =
	    &kdb_map_of(use->verb)[use->second ? 1 : 0];

	segment->begin = n > 0 ? values[0] : segment->begin;
	segment->end = n > 1 ? values[1] : segment->end;
	segment->to = n > 2 ? values[2] : segment->to;
}

void
kdb_map_print(void)
{
	static const char verbs[] = "?/";

	for (unsigned i = 0; i < 2; i++) {
		const struct kdb_map_segment *map = kdb_map_of(verbs[i]);

		kdb_printf("%c map\n", verbs[i]);
		for (unsigned j = 0; j < 2; j++) {
			kdb_printf("b%u = %-10lx e%u = %-10lx f%u = %lx\n",
			    j + 1, (unsigned long)map[j].begin, j + 1,
			    (unsigned long)map[j].end, j + 1,
			    (unsigned long)map[j].to);
		}
	}
}
