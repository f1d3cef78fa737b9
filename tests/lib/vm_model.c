/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include "vm_model.h"

#include <string.h>

/* The bytes of a page, for all slots that show it. */
struct cell {
	unsigned	refs;		/* 0: unused */
	uint8_t		*bytes;
};

struct slot {
	struct cell	*cell;		/* NULL: not allocated */
	vm_prot_t	prot;
	vm_prot_t	max;
	vm_inherit_t	inherit;
};

/* As many as slots and pages of objects. */
#define CELLS	(VM_MODEL_TASKS * VM_MODEL_PAGES + \
		    VM_MODEL_OBJECTS * VM_MODEL_OBJECT_PAGES)

struct space {
	vm_model_task_t	task;		/* 0: unused */
	struct slot	slot[VM_MODEL_PAGES];
};

struct transit {
	vm_model_copy_t	copy;		/* 0: nothing */
	vm_size_t	size;
	vm_offset_t	within;		/* its page, where it begins */
	uint8_t		*bytes;
};

struct vm_model {
	const struct vm_world	*world;
	void			*arg;
	vm_size_t		page;
	uint8_t			*buf;	/* as long as a space */
	struct space		spaces[VM_MODEL_TASKS];
	struct transit		transits[VM_MODEL_COPIES];
	struct cell		*objects[VM_MODEL_OBJECTS]
				    [VM_MODEL_OBJECT_PAGES];
	struct cell		cells[CELLS];
};

/* Some bytes of a space: where the first is, counted from the base. */
struct range {
	vm_offset_t	at;
	vm_size_t	size;
};

static uint32_t
draw(struct vm_model *m, uint32_t limit)
{
	return m->world->random(m->arg, limit);
}

static void
compare(struct vm_model *m, const char *what, long is, long should_be)
{
	if (is != should_be) {
		m->world->differs(m->arg, what, is, should_be);
	}
}

/* ---- cells ---- */

static struct cell *
cell_new(struct vm_model *m, const struct cell *from)
{
	struct cell *cell = m->cells;

	while (cell->refs != 0) {
		cell++;
	}
	cell->bytes = m->world->alloc(m->arg, m->page);
	if (from != NULL) {
		memcpy(cell->bytes, from->bytes, m->page);
	}
	cell->refs = 1;
	return cell;
}

static struct cell *
cell_share(struct cell *cell)
{
	cell->refs++;
	return cell;
}

static void
cell_drop(struct vm_model *m, struct cell *cell)
{
	if (cell != NULL && --cell->refs == 0) {
		m->world->free(m->arg, cell->bytes, m->page);
	}
}

static void
slots_clear(struct vm_model *m, struct space *space, unsigned first,
    unsigned count)
{
	for (unsigned i = first; i < first + count; i++) {
		cell_drop(m, space->slot[i].cell);
		space->slot[i].cell = NULL;
	}
}

/* ---- ranges ---- */

static vm_offset_t
address(const struct vm_model *m, vm_offset_t at)
{
	return m->world->base + at;
}

static unsigned
first_page(const struct vm_model *m, const struct range *r)
{
	return (unsigned)(r->at / m->page);
}

static unsigned
end_page(const struct vm_model *m, const struct range *r)
{
	return (unsigned)((r->at + r->size + m->page - 1) / m->page);
}

/* Whole pages, at least one. */
static struct range
draw_pages(struct vm_model *m)
{
	unsigned first = draw(m, VM_MODEL_PAGES);
	unsigned max = VM_MODEL_PAGES - first;

	max = max < VM_MODEL_RANGE ? max : VM_MODEL_RANGE;
	return (struct range){
		.at = first * m->page,
		.size = (1 + draw(m, max)) * m->page,
	};
}

/* Bytes, at least one; or as often as not whole pages. */
static struct range
draw_bytes(struct vm_model *m)
{
	struct range r = draw_pages(m);
	vm_offset_t skip;

	if (draw(m, 2) == 0) {
		skip = draw(m, (uint32_t)m->page);
		r.at += skip;
		r.size -= skip;
		r.size -= draw(m, (uint32_t)(r.size < m->page ? r.size :
		    m->page));
	}
	return r;
}

/* Where SIZE bytes may go. */
static struct range
draw_place(struct vm_model *m, vm_size_t size, bool aligned)
{
	vm_size_t room = VM_MODEL_PAGES * m->page - size;
	struct range r = { .size = size };

	if (aligned) {
		r.at = draw(m, (uint32_t)(room / m->page) + 1) * m->page;
	} else {
		r.at = draw(m, (uint32_t)room + 1);
	}
	return r;
}

static bool
is_aligned(const struct vm_model *m, const struct range *r)
{
	return r->at % m->page == 0 && r->size % m->page == 0;
}

static bool
is_free(const struct vm_model *m, const struct space *space,
    const struct range *r)
{
	for (unsigned i = first_page(m, r); i < end_page(m, r); i++) {
		if (space->slot[i].cell != NULL) {
			return false;
		}
	}
	return true;
}

/* What a call that needs PROT everywhere is to answer. */
static kern_return_t
may(const struct vm_model *m, const struct space *space,
    const struct range *r, vm_prot_t prot)
{
	kern_return_t kr = KERN_SUCCESS;

	for (unsigned i = first_page(m, r); i < end_page(m, r); i++) {
		if (space->slot[i].cell == NULL) {
			return KERN_INVALID_ADDRESS;
		}
		if ((space->slot[i].prot & prot) != prot) {
			kr = KERN_PROTECTION_FAILURE;
		}
	}
	return kr;
}

/* Copy between BYTES and the model's memory of SPACE. */
static void
move_bytes(struct vm_model *m, struct space *space, const struct range *r,
    uint8_t *bytes, bool write)
{
	vm_size_t done = 0;

	while (done < r->size) {
		vm_offset_t at = r->at + done;
		vm_offset_t within = at % m->page;
		uint8_t *there = space->slot[at / m->page].cell->bytes + within;
		vm_size_t n = m->page - within;

		n = n < r->size - done ? n : r->size - done;
		if (write) {
			memcpy(there, bytes + done, n);
		} else {
			memcpy(bytes + done, there, n);
		}
		done += n;
	}
}

/* Compare SIZE bytes of ours and theirs. */
static void
compare_bytes(struct vm_model *m, const char *what, const uint8_t *theirs,
    const uint8_t *ours, vm_size_t size)
{
	if (memcmp(theirs, ours, size) == 0) {
		return;
	}
	for (vm_size_t i = 0; i < size; i++) {
		if (theirs[i] != ours[i]) {
			compare(m, what, theirs[i], ours[i]);
			return;
		}
	}
}

/* ---- operations on a space ---- */

static void
op_allocate(struct vm_model *m, struct space *space)
{
	struct range r = draw_pages(m);
	bool fits = is_free(m, space, &r);

	compare(m, "allocate", m->world->allocate(m->arg, space->task,
	    address(m, r.at), r.size),
	    fits ? KERN_SUCCESS : KERN_NO_SPACE);
	for (unsigned i = first_page(m, &r); fits && i < end_page(m, &r); i++) {
		space->slot[i] = (struct slot){
			.cell = cell_new(m, NULL),
			.prot = VM_PROT_DEFAULT,
			.max = VM_PROT_ALL,
			.inherit = VM_INHERIT_COPY,
		};
	}
}

static void
op_deallocate(struct vm_model *m, struct space *space)
{
	struct range r = draw_pages(m);

	compare(m, "deallocate", m->world->deallocate(m->arg, space->task,
	    address(m, r.at), r.size), KERN_SUCCESS);
	slots_clear(m, space, first_page(m, &r),
	    end_page(m, &r) - first_page(m, &r));
}

/* The first hole or page with a lower maximum decides. */
static kern_return_t
may_protect(const struct vm_model *m, const struct space *space,
    const struct range *r, vm_prot_t prot)
{
	kern_return_t kr = KERN_SUCCESS;

	for (unsigned i = first_page(m, r); i < end_page(m, r); i++) {
		if (space->slot[i].cell == NULL) {
			return KERN_INVALID_ADDRESS;
		}
		if ((prot & ~space->slot[i].max) != 0) {
			kr = KERN_PROTECTION_FAILURE;
		}
	}
	return kr;
}

static void
op_protect(struct vm_model *m, struct space *space)
{
	static const vm_prot_t prots[] = {
		VM_PROT_READ, VM_PROT_DEFAULT, VM_PROT_DEFAULT, VM_PROT_NONE,
		VM_PROT_READ, VM_PROT_DEFAULT,
	};
	vm_prot_t prot = prots[draw(m, 6)];
	bool maximum = draw(m, 30) == 0;
	struct range r = draw_pages(m);
	kern_return_t kr = may_protect(m, space, &r, prot);

	compare(m, "protect", m->world->protect(m->arg, space->task,
	    address(m, r.at), r.size, maximum, prot), kr);
	if (kr != KERN_SUCCESS) {
		return;
	}
	for (unsigned i = first_page(m, &r); i < end_page(m, &r); i++) {
		if (maximum) {
			space->slot[i].max = prot;
			space->slot[i].prot &= prot;
		} else {
			space->slot[i].prot = prot;
		}
	}
}

static void
op_inherit(struct vm_model *m, struct space *space)
{
	vm_inherit_t inherit = (vm_inherit_t)draw(m, 3);
	struct range r = draw_pages(m);
	kern_return_t kr = may(m, space, &r, VM_PROT_NONE);

	compare(m, "inherit", m->world->inherit(m->arg, space->task,
	    address(m, r.at), r.size, inherit), kr);
	for (unsigned i = first_page(m, &r);
	     kr == KERN_SUCCESS && i < end_page(m, &r); i++) {
		space->slot[i].inherit = inherit;
	}
}

static void
op_wire(struct vm_model *m, struct space *space)
{
	static const vm_prot_t prots[] = {
		VM_PROT_NONE, VM_PROT_NONE, VM_PROT_READ, VM_PROT_DEFAULT,
	};
	struct range r = draw_pages(m);
	vm_prot_t prot = prots[draw(m, 4)];
	kern_return_t kr = may(m, space, &r, prot);

	compare(m, "wire", m->world->wire(m->arg, space->task,
	    address(m, r.at), r.size, prot) == KERN_SUCCESS,
	    kr == KERN_SUCCESS);
}

static void
op_sync(struct vm_model *m, struct space *space)
{
	struct range r = draw_pages(m);

	compare(m, "sync", m->world->sync(m->arg, space->task,
	    address(m, r.at), r.size), may(m, space, &r, VM_PROT_NONE));
}

/* Some bytes of one page, as a program reads and writes them. */
static void
op_touch(struct vm_model *m, struct space *space)
{
	bool write = draw(m, 2) == 0;
	vm_offset_t at = draw(m, (uint32_t)(VM_MODEL_PAGES * m->page));
	vm_size_t most = m->page - at % m->page;
	struct range r = {
		.at = at,
		.size = 1 + draw(m, (uint32_t)(most < 64 ? most : 64)),
	};
	uint8_t bytes[64];
	uint8_t value = (uint8_t)draw(m, 256);
	bool good;

	good = may(m, space, &r, write ? VM_PROT_WRITE : VM_PROT_READ) ==
	    KERN_SUCCESS;
	for (unsigned i = 0; i < r.size; i++) {
		bytes[i] = (uint8_t)(value + i);
	}
	compare(m, write ? "write" : "read", m->world->access(m->arg,
	    space->task, address(m, r.at), bytes, r.size, write), good);
	if (good && write) {
		move_bytes(m, space, &r, bytes, true);
	} else if (good) {
		move_bytes(m, space, &r, m->buf, false);
		compare_bytes(m, "read", bytes, m->buf, r.size);
	}
}

/* vm_copy, of pages, whose two ranges may be in each other's way. */
static void
op_copy(struct vm_model *m, struct space *space)
{
	struct range from = draw_bytes(m);
	struct range to = draw_place(m, from.size, is_aligned(m, &from));
	bool good;

	good = is_aligned(m, &from) &&
	    may(m, space, &from, VM_PROT_READ) == KERN_SUCCESS &&
	    may(m, space, &to, VM_PROT_WRITE) == KERN_SUCCESS;
	compare(m, "copy", m->world->copy(m->arg, space->task,
	    address(m, from.at), from.size, address(m, to.at)) ==
	    KERN_SUCCESS, good);
	if (good) {
		move_bytes(m, space, &from, m->buf, false);
		move_bytes(m, space, &to, m->buf, true);
	}
}

/* ---- tasks ---- */

static void
op_fork(struct vm_model *m, struct space *parent)
{
	struct space *child = NULL;

	for (unsigned i = 0; i < VM_MODEL_TASKS; i++) {
		if (m->spaces[i].task == 0) {
			child = &m->spaces[i];
		}
	}
	if (child == NULL) {
		return;
	}
	child->task = m->world->fork(m->arg, parent->task);
	for (unsigned i = 0; i < VM_MODEL_PAGES; i++) {
		child->slot[i] = parent->slot[i];
		if (parent->slot[i].cell == NULL) {
			continue;
		}
		switch (parent->slot[i].inherit) {
		case VM_INHERIT_SHARE:
			cell_share(parent->slot[i].cell);
			break;
		case VM_INHERIT_COPY:
			child->slot[i].cell =
			    cell_new(m, parent->slot[i].cell);
			break;
		default:
			child->slot[i].cell = NULL;
			break;
		}
	}
}

static void
space_kill(struct vm_model *m, struct space *space)
{
	m->world->kill(m->arg, space->task);
	space->task = 0;
	slots_clear(m, space, 0, VM_MODEL_PAGES);
}

static void
op_kill(struct vm_model *m, struct space *space)
{
	unsigned living = 0;

	for (unsigned i = 0; i < VM_MODEL_TASKS; i++) {
		living += m->spaces[i].task != 0;
	}
	if (living > 1) {
		space_kill(m, space);
	}
}

/* ---- memory in transit ---- */

static void
transit_drop(struct vm_model *m, struct transit *t)
{
	m->world->free(m->arg, t->bytes, t->size);
	*t = (struct transit){ 0 };
}

static void
transit_discard(struct vm_model *m, struct transit *t)
{
	if (t->copy != 0) {
		m->world->discard(m->arg, t->copy, t->size);
		transit_drop(m, t);
	}
}

static void
op_copy_in(struct vm_model *m, struct space *space)
{
	struct transit *t = &m->transits[draw(m, VM_MODEL_COPIES)];
	struct range r = draw_bytes(m);
	bool destroy = is_aligned(m, &r) && draw(m, 3) == 0;
	bool good = may(m, space, &r, VM_PROT_READ) == KERN_SUCCESS;
	vm_model_copy_t copy = 0;

	transit_discard(m, t);
	compare(m, "copy in", m->world->copy_in(m->arg, space->task,
	    address(m, r.at), r.size, destroy, &copy) == KERN_SUCCESS, good);
	if (!good) {
		return;
	}
	*t = (struct transit){
		.copy = copy,
		.size = r.size,
		.within = r.at % m->page,
		.bytes = m->world->alloc(m->arg, r.size),
	};
	move_bytes(m, space, &r, t->bytes, false);
	if (destroy) {
		slots_clear(m, space, first_page(m, &r),
		    end_page(m, &r) - first_page(m, &r));
	}
}

static void
op_overwrite(struct vm_model *m, struct space *space)
{
	struct transit *t = &m->transits[draw(m, VM_MODEL_COPIES)];
	struct range r;
	bool good;

	if (t->copy == 0) {
		return;
	}
	r = draw_place(m, t->size, t->within == 0 &&
	    t->size % m->page == 0 && draw(m, 4) != 0);
	good = may(m, space, &r, VM_PROT_WRITE) == KERN_SUCCESS &&
	    (!m->world->writes_pages ||
	    (t->within == 0 && is_aligned(m, &r)));
	compare(m, "overwrite", m->world->overwrite(m->arg, space->task,
	    address(m, r.at), t->copy, t->size) == KERN_SUCCESS, good);
	if (good) {
		move_bytes(m, space, &r, t->bytes, true);
		transit_drop(m, t);
	}
}

static void
transit_check(struct vm_model *m, struct transit *t)
{
	if (t->copy != 0) {
		m->world->copy_look(m->arg, t->copy, 0, m->buf, t->size);
		compare_bytes(m, "in transit", m->buf, t->bytes, t->size);
	}
}

/* What has arrived at AT is part of the space that is looked at. */
static void
transit_arrive(struct vm_model *m, struct space *space, struct transit *t,
    const struct range *r)
{
	for (unsigned i = first_page(m, r); i < end_page(m, r); i++) {
		compare(m, "place of a copy", space->slot[i].cell != NULL, 0);
		space->slot[i] = (struct slot){
			.cell = cell_new(m, NULL),
			.prot = VM_PROT_DEFAULT,
			.max = VM_PROT_ALL,
			.inherit = VM_INHERIT_COPY,
		};
	}
	move_bytes(m, space, r, t->bytes, true);
	transit_drop(m, t);
}

/*
 * Map a copy somewhere, read and write it there.  Where it is in nobody's way
 * or has parts of pages, whose rest nobody knows, it goes back into transit.
 */
static void
op_copy_out(struct vm_model *m, struct space *space)
{
	struct transit *t = &m->transits[draw(m, VM_MODEL_COPIES)];
	vm_size_t all = VM_MODEL_PAGES * m->page;
	vm_offset_t addr = 0;
	struct range r;

	if (t->copy == 0) {
		return;
	}
	transit_check(m, t);
	compare(m, "copy out", m->world->copy_out(m->arg, space->task,
	    t->copy, &addr), KERN_SUCCESS);
	for (vm_offset_t at = 0; at < t->size; at += m->page / 2 + 1) {
		uint8_t byte;

		compare(m, "arrived", m->world->access(m->arg, space->task,
		    addr + at, &byte, 1, false), true);
		compare(m, "arrived as", byte, t->bytes[at]);
		byte ^= (uint8_t)draw(m, 256);
		compare(m, "write to it", m->world->access(m->arg,
		    space->task, addr + at, &byte, 1, true), true);
		t->bytes[at] = byte;
	}
	r = (struct range){ .at = addr - m->world->base, .size = t->size };
	if (r.at < all && r.at + r.size <= all && is_aligned(m, &r)) {
		transit_arrive(m, space, t, &r);
		return;
	}
	t->within = addr % m->page;
	compare(m, "copy back", m->world->copy_in(m->arg, space->task, addr,
	    t->size, false, &t->copy), KERN_SUCCESS);
	addr -= t->within;
	compare(m, "deallocate a copy", m->world->deallocate(m->arg,
	    space->task, addr, (t->within + t->size + m->page - 1) /
	    m->page * m->page), KERN_SUCCESS);
}

/* ---- memory objects ---- */

static void
op_map(struct vm_model *m, struct space *space)
{
	unsigned n = draw(m, VM_MODEL_OBJECTS);
	unsigned skip = draw(m, VM_MODEL_OBJECT_PAGES);
	unsigned count = 1 + draw(m, VM_MODEL_OBJECT_PAGES - skip);
	struct range r = draw_place(m, count * m->page, true);
	bool copy = draw(m, 3) == 0;
	vm_inherit_t inherit = (vm_inherit_t)draw(m, 3);
	vm_prot_t prot = draw(m, 4) == 0 ? VM_PROT_READ : VM_PROT_DEFAULT;
	vm_prot_t max = draw(m, 8) == 0 ? prot : VM_PROT_ALL;
	bool fits = is_free(m, space, &r);

	compare(m, "map", m->world->map(m->arg, space->task, n,
	    skip * m->page, address(m, r.at), r.size, copy, prot, max,
	    inherit), fits ? KERN_SUCCESS : KERN_NO_SPACE);
	for (unsigned i = 0; fits && i < count; i++) {
		struct cell *cell = m->objects[n][skip + i];

		space->slot[first_page(m, &r) + i] = (struct slot){
			.cell = copy ? cell_new(m, cell) : cell_share(cell),
			.prot = prot,
			.max = max,
			.inherit = inherit,
		};
	}
}

static void
op_lock(struct vm_model *m, struct space *space)
{
	unsigned first = draw(m, VM_MODEL_OBJECT_PAGES);
	unsigned count = 1 + draw(m, VM_MODEL_OBJECT_PAGES - first);

	(void)space;
	/* Dirty pages, or all: what the pager is not given would be lost. */
	m->world->lock(m->arg, draw(m, VM_MODEL_OBJECTS), first * m->page,
	    count * m->page, 1 + (int)draw(m, 2), draw(m, 2) == 0);
}

static void
op_pageout(struct vm_model *m, struct space *space)
{
	(void)space;
	if (draw(m, 4) == 0) {
		m->world->pageout(m->arg);
	}
}

/* ---- comparing ---- */

/* Does REGION say of the pages what the model does? */
static void
check_region(struct vm_model *m, const struct space *space,
    const struct vm_model_region *region)
{
	for (vm_offset_t a = region->start; a < region->start + region->size;
	     a += m->page) {
		const struct slot *slot;

		if (a < m->world->base ||
		    a >= address(m, VM_MODEL_PAGES * m->page)) {
			continue;
		}
		slot = &space->slot[(a - m->world->base) / m->page];
		compare(m, "allocated", slot->cell != NULL, true);
		compare(m, "protection", slot->prot, region->prot);
		compare(m, "maximum", slot->max, region->max);
		compare(m, "inheritance", slot->inherit, region->inherit);
	}
}

static void
check_regions(struct vm_model *m, const struct space *space)
{
	vm_offset_t addr = m->world->base;
	vm_offset_t end = address(m, VM_MODEL_PAGES * m->page);
	struct vm_model_region region;
	vm_size_t pages = 0;

	while (addr < end && m->world->region(m->arg, space->task, addr,
	    &region) && region.start < end) {
		vm_offset_t from = region.start > addr ? region.start : addr;

		check_region(m, space, &region);
		addr = region.start + region.size;
		pages += ((addr < end ? addr : end) - from) / m->page;
	}
	for (unsigned i = 0; i < VM_MODEL_PAGES; i++) {
		pages -= space->slot[i].cell != NULL;
	}
	compare(m, "pages too many", (long)pages, 0);
	if (m->world->check != NULL) {
		m->world->check(m->arg, space->task);
	}
}

/* Compare what can be read of SPACE, in runs of pages. */
static void
check_contents(struct vm_model *m, struct space *space)
{
	unsigned end;

	for (unsigned i = 0; i < VM_MODEL_PAGES; i = end + 1) {
		struct range r = { .at = i * m->page };

		for (end = i; end < VM_MODEL_PAGES &&
		     space->slot[end].cell != NULL &&
		     (space->slot[end].prot & VM_PROT_READ) != 0; end++) {
			continue;
		}
		r.size = (end - i) * m->page;
		if (r.size == 0) {
			continue;
		}
		compare(m, "readable", m->world->peek(m->arg, space->task,
		    address(m, r.at), m->buf, r.size), true);
		for (unsigned n = i; n < end; n++) {
			compare_bytes(m, "contents",
			    m->buf + (n - i) * m->page,
			    space->slot[n].cell->bytes, m->page);
		}
	}
}

void
vm_model_check(struct vm_model *m)
{
	for (unsigned t = 0; t < VM_MODEL_TASKS; t++) {
		if (m->spaces[t].task != 0) {
			check_contents(m, &m->spaces[t]);
		}
	}
	for (unsigned t = 0; t < VM_MODEL_COPIES; t++) {
		transit_check(m, &m->transits[t]);
	}
}

/* ---- the whole ---- */

struct operation {
	void	(*fn)(struct vm_model *m, struct space *space);
	/* Where what it needs is in a world; -1 if it needs nothing. */
	int	needs;
	unsigned chances;
};

#define NEEDS(field) ((int)offsetof(struct vm_world, field))

static const struct operation operations[] = {
	{ op_touch, -1, 8 },
	{ op_allocate, -1, 2 },
	{ op_deallocate, -1, 1 },
	{ op_protect, -1, 1 },
	{ op_inherit, -1, 1 },
	{ op_fork, -1, 1 },
	{ op_kill, -1, 1 },
	{ op_copy, -1, 1 },
	{ op_copy_in, NEEDS(copy_in), 1 },
	{ op_overwrite, NEEDS(overwrite), 1 },
	{ op_copy_out, NEEDS(copy_out), 1 },
	{ op_wire, NEEDS(wire), 1 },
	{ op_sync, NEEDS(sync), 1 },
	{ op_map, NEEDS(map), 1 },
	{ op_lock, NEEDS(lock), 1 },
	{ op_pageout, NEEDS(pageout), 1 },
};

#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

/* Is there in WORLD what OP needs? */
static bool
operation_has(const struct vm_world *world, const struct operation *op)
{
	void (*fn)(void);

	if (op->needs < 0) {
		return true;
	}
	memcpy(&fn, (const char *)world + op->needs, sizeof(fn));
	return fn != NULL;
}

static const struct operation *
draw_operation(struct vm_model *m)
{
	unsigned all = 0;
	unsigned n;
	unsigned i;

	for (i = 0; i < OPERATIONS; i++) {
		all += operations[i].chances;
	}
	n = draw(m, all);
	for (i = 0; n >= operations[i].chances; i++) {
		n -= operations[i].chances;
	}
	return &operations[i];
}

void
vm_model_operation(struct vm_model *m)
{
	unsigned t = draw(m, VM_MODEL_TASKS);
	const struct operation *op = draw_operation(m);
	struct space *space;

	while (m->spaces[t].task == 0) {
		t = (t + 1) % VM_MODEL_TASKS;
	}
	space = &m->spaces[t];
	if (operation_has(m->world, op)) {
		op->fn(m, space);
	}
	if (space->task != 0) {
		check_regions(m, space);
	}
}

struct vm_model *
vm_model_begin(const struct vm_world *world, void *arg, vm_size_t page_size)
{
	struct vm_model *m = world->alloc(arg, sizeof(*m));

	m->world = world;
	m->arg = arg;
	m->page = page_size;
	m->buf = world->alloc(arg, VM_MODEL_PAGES * page_size);
	for (unsigned n = 0; n < VM_MODEL_OBJECTS && world->map != NULL; n++) {
		for (unsigned i = 0; i < VM_MODEL_OBJECT_PAGES; i++) {
			m->objects[n][i] = cell_new(m, NULL);
		}
	}
	m->spaces[0].task = world->fork(arg, 0);
	return m;
}

void
vm_model_end(struct vm_model *m)
{
	for (unsigned t = 0; t < VM_MODEL_TASKS; t++) {
		if (m->spaces[t].task != 0) {
			space_kill(m, &m->spaces[t]);
		}
	}
	for (unsigned i = 0; i < VM_MODEL_COPIES; i++) {
		transit_discard(m, &m->transits[i]);
	}
	for (unsigned n = 0; n < VM_MODEL_OBJECTS; n++) {
		for (unsigned i = 0; i < VM_MODEL_OBJECT_PAGES; i++) {
			cell_drop(m, m->objects[n][i]);
		}
	}
	m->world->free(m->arg, m->buf, VM_MODEL_PAGES * m->page);
	m->world->free(m->arg, m, sizeof(*m));
}
