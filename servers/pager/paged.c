/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Memory objects and where their pages are.
 *
 * A page that cannot be stored is lost, and its owner is told when it comes
 * back for it: the slot map says so.  When there is no memory for the map, all
 * of the object is lost: nothing else could tell its pages from zeros, or from
 * what they were before.
 *
 * Clients' objects: a client holds a proxy, which lets it map the object and
 * nothing else, so only the kernel sends requests here.  What such an object
 * may grow to is promised when it is made, and promises are a part of the
 * space: clients have no way to use up more, and always have what they got.
 */
#include <servers/pager/pager.h>

#include <stdlib.h>

#include <mach/memory_object.h>
#include <mach/vm_prot.h>

#include <mig/mach4_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#include <servers/errors.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>

#define PAGED_HASH		256u
#define PAGED_LOSSES_LOGGED	8u
#define PAGED_CLIENTS_MAX	1024u

#define PAGED_FILE_MASK		(~0u << SPACE_PLACE_BITS)

static struct paged *paged_hash[PAGED_HASH];
static unsigned paged_objects;
static unsigned paged_clients;
static unsigned paged_losses;

static void paged_gone(struct object *object);
static void paged_free(struct object *object);

static const struct object_class paged_class = {
	.name = "paged memory",
	.gone = paged_gone,
	.free = paged_free,
};

static struct paged **
paged_chain(mach_port_t port)
{
	return &paged_hash[(port >> 3) % PAGED_HASH];
}

struct paged *
paged_lookup(mach_port_t port)
{
	struct paged *paged = *paged_chain(port);

	while (paged != NULL && paged->port != port) {
		paged = paged->next;
	}
	return paged;
}

void
paged_each(bool (*function)(struct paged *paged, void *argument),
    void *argument)
{
	for (unsigned i = 0; i < PAGED_HASH; i++) {
		for (struct paged *p = paged_hash[i]; p != NULL; p = p->next) {
			if (!function(p, argument)) {
				return;
			}
		}
	}
}

struct paged *
paged_lookup_name(mach_port_t name)
{
	for (unsigned i = 0; i < PAGED_HASH; i++) {
		for (struct paged *p = paged_hash[i]; p != NULL; p = p->next) {
			if (p->name == name) {
				return p;
			}
		}
	}
	return NULL;
}

unsigned
paged_count(void)
{
	return paged_objects;
}

static void
paged_insert(struct paged *paged)
{
	paged->next = *paged_chain(paged->port);
	*paged_chain(paged->port) = paged;
	paged_objects++;
}

static void
paged_remove(struct paged *paged)
{
	struct paged **link = paged_chain(paged->port);

	while (*link != paged) {
		link = &(*link)->next;
	}
	*link = paged->next;
	paged_objects--;
}

static void
paged_release(mach_port_t right)
{
	if (MACH_PORT_VALID(right)) {
		mach_port_deallocate(mach_task_self(), right);
	}
}

static void
paged_drop_slot(uint32_t slot)
{
	space_free(&paging_space, slot);
}

/* Everything of PAGED goes but its memory. */
static void
paged_clear(struct paged *paged)
{
	store_map_clear(&paged->map, paged_drop_slot);
	space_take_back(&paging_space, paged->promised);
	paged->promised = 0;
	paged->stored = 0;
	paging_file_shrink();
}

/*
 * Objects of the kernel.
 */

kern_return_t
paged_create(mach_port_t port, mach_port_t control, mach_port_t name)
{
	struct paged *paged;
	kern_return_t kr;

	paged = calloc(1, sizeof(*paged));
	if (paged == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	kr = server_add_port(port);
	if (kr != KERN_SUCCESS) {
		free(paged);
		return kr;
	}
	paged->port = port;
	paged->control = control;
	paged->name = name;
	paged_insert(paged);
	return KERN_SUCCESS;
}

void
paged_start(struct paged *paged, mach_port_t control, mach_port_t name)
{
	paged_release(paged->control);
	paged_release(paged->name);
	paged->control = control;
	paged->name = name;
}

void
paged_stop(struct paged *paged)
{
	paged_release(paged->control);
	paged_release(paged->name);
	paged->control = MACH_PORT_NULL;
	paged->name = MACH_PORT_NULL;
	if (paged->client) {
		/* Somebody may map it again. */
		return;
	}
	paged_remove(paged);
	paged_clear(paged);
	mach_port_mod_refs(mach_task_self(), paged->port,
	    MACH_PORT_RIGHT_RECEIVE, -1);
	free(paged);
}

/*
 * Objects of clients.
 */

/* Neither clients nor the kernel have the object any more. */
static void
paged_gone(struct object *object)
{
	struct paged *paged = (struct paged *)object;

	paged_remove(paged);
	paged_clear(paged);
	paged_release(paged->control);
	paged_release(paged->name);
	paged_clients--;
}

static void
paged_free(struct object *object)
{
	free(object);
}

/* Make PAGED, which is new, live. */
static kern_return_t
paged_enter_client(struct paged *paged, uint32_t pages)
{
	kern_return_t kr;

	if (!space_promise(&paging_space, pages)) {
		return KERN_NO_SPACE;
	}
	kr = object_create(&paged->object, &paged_class);
	if (kr != KERN_SUCCESS) {
		space_take_back(&paging_space, pages);
		return kr;
	}
	paged->client = true;
	paged->promised = pages;
	paged->port = paged->object.port;
	paged_insert(paged);
	paged_clients++;
	return KERN_SUCCESS;
}

kern_return_t
paged_create_client(uint32_t pages, mach_port_t *rightp)
{
	vm_size_t length = (vm_size_t)pages * vm_page_size;
	vm_offset_t zero = 0;
	struct paged *paged;
	mach_port_t right;
	kern_return_t kr;

	if (paged_clients == PAGED_CLIENTS_MAX) {
		return KERN_RESOURCE_SHORTAGE;
	}
	paged = calloc(1, sizeof(*paged));
	if (paged == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	kr = paged_enter_client(paged, pages);
	if (kr != KERN_SUCCESS) {
		free(paged);
		return kr;
	}
	right = object_right(&paged->object);
	kr = memory_object_create_proxy(mach_task_self(), VM_PROT_ALL, &right,
	    MACH_MSG_TYPE_COPY_SEND, 1, &zero, 1, &zero, 1, &length, 1,
	    rightp);
	paged_release(right);
	if (kr != KERN_SUCCESS) {
		object_kill(&paged->object);
	}
	object_unref(&paged->object);
	return kr;
}

/*
 * Places.
 */

/* The page has a slot no more, but MARK, which is none. */
static void
paged_unplace(struct paged *paged, uint32_t page, uint32_t mark)
{
	uint32_t slot = store_map_get(&paged->map, page);

	if (slot < STORE_BACK) {
		space_free(&paging_space, slot);
		paged->stored--;
		if (paged->client) {
			/* Nobody else has had it. */
			paging_space.promised++;
			paged->promised++;
		}
	}
	store_map_set(&paged->map, page, mark);
}

/* Pages from PAGE on that lie in consecutive slots, at most COUNT. */
static uint32_t
paged_run(const struct paged *paged, uint32_t page, uint32_t count,
    uint32_t *slot)
{
	uint32_t n = 1;

	*slot = store_map_get(&paged->map, page);
	if (*slot >= STORE_BACK) {
		while (n < count &&
		    store_map_get(&paged->map, page + n) == *slot) {
			n++;
		}
		return n;
	}
	while (n < count &&
	    store_map_get(&paged->map, page + n) == *slot + n) {
		n++;
	}
	return n;
}

/* COUNT pages that have slots get those from SLOT on instead. */
static void
paged_replace(struct paged *paged, uint32_t page, uint32_t slot,
    uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		space_free(&paging_space, store_map_get(&paged->map, page + i));
		store_map_set(&paged->map, page + i, slot + i);
	}
}

/* Give COUNT pages without slots up to as many; returns how many. */
static uint32_t
paged_place_new(struct paged *paged, uint32_t page, uint32_t count,
    uint32_t *slot)
{
	uint32_t n = 0;

	*slot = space_alloc(&paging_space,
	    paged->client ? SPACE_PROMISED : SPACE_ANY, count, &n);
	if (*slot == STORE_NONE) {
		return count;
	}
	for (uint32_t i = 0; i < n; i++) {
		store_map_set(&paged->map, page + i, *slot + i);
	}
	paged->stored += n;
	paged->promised -= paged->client ? n : 0;
	return n;
}

/*
 * Where pages from PAGE on are to go; how many of them have consecutive slots.
 * STORE_NONE: there is no place for so many.
 */
static uint32_t
paged_place(struct paged *paged, uint32_t page, uint32_t count,
    uint32_t *slot)
{
	uint32_t n = paged_run(paged, page, count, slot);
	uint32_t other;
	uint32_t got;

	if (*slot >= STORE_BACK) {
		return paged_place_new(paged, page, n, slot);
	}
	if (!space_is_leaving(&paging_space, *slot)) {
		return n;
	}
	other = space_alloc(&paging_space, SPACE_MOVED, n, &got);
	if (other == STORE_NONE) {
		return n;
	}
	paged_replace(paged, page, other, got);
	*slot = other;
	return got;
}

/*
 * Page-in.
 */

/* Supply COUNT pages at OFFSET of the object from SLOT on. */
static void
paged_supply(struct paged *paged, vm_offset_t offset, uint32_t slot,
    uint32_t count)
{
	vm_size_t size = count * vm_page_size;
	vm_address_t memory = 0;
	kern_return_t kr;

	/* What the file server sent goes on as it is: there is little else. */
	kr = paging_file_read(slot, count, &memory);
	if (kr != KERN_SUCCESS) {
		log_error("page in: %s", log_error_text(kr));
		memory_object_data_error(paged->control, offset, size,
		    KERN_MEMORY_ERROR);
		return;
	}
	kr = memory_object_data_supply(paged->control, offset, memory, size,
	    TRUE, VM_PROT_NONE, FALSE, MACH_PORT_NULL);
	if (kr != KERN_SUCCESS) {
		vm_deallocate(mach_task_self(), memory, size);
	}
}

void
paged_page_in(struct paged *paged, uint32_t page, uint32_t count)
{
	uint32_t slot;
	uint32_t n;

	for (; count > 0; count -= n, page += n) {
		vm_offset_t at = page * vm_page_size;

		n = paged_run(paged, page, count, &slot);
		if (slot == STORE_LOST || paged->lost) {
			memory_object_data_error(paged->control, at,
			    n * vm_page_size, KERN_MEMORY_ERROR);
		} else if (slot == STORE_NONE) {
			memory_object_data_unavailable(paged->control, at,
			    n * vm_page_size);
		} else if (slot == STORE_BACK) {
			/* Resident, or in a message that is behind this one. */
			continue;
		} else {
			paged_supply(paged, at, slot, n);
		}
	}
}

/*
 * Page-out.
 */

/* What is said of pages that cannot be stored, a few times. */
static void
paged_complain(const char *what, uint32_t count, kern_return_t kr)
{
	if (paged_losses++ < PAGED_LOSSES_LOGGED) {
		log_error("%u pages %s: %s", (unsigned)count, what,
		    log_error_text(kr));
	}
}

static void
paged_unplace_all(struct paged *paged, uint32_t page, uint32_t count,
    uint32_t mark)
{
	for (uint32_t i = 0; i < count; i++) {
		paged_unplace(paged, page + i, mark);
	}
}

/*
 * COUNT pages at DATA could not be stored.  The kernel gets them back, and
 * knows by that that others have to make room; if it cannot, they are lost.  So
 * are a client's, which were promised a place but for a disk that is full or
 * bad: of those the kernel would learn nothing, and send them again at once.
 */
static void
paged_give_back(struct paged *paged, uint32_t page, const char *data,
    uint32_t count, kern_return_t reason)
{
	kern_return_t kr = reason;

	paged_complain("not stored", count, reason);
	paged_unplace_all(paged, page, count, STORE_BACK);
	if (!paged->client) {
		kr = memory_object_data_supply(paged->control,
		    page * vm_page_size, (pointer_t)data, count * vm_page_size,
		    FALSE, VM_PROT_NONE, TRUE, MACH_PORT_NULL);
	}
	if (kr != KERN_SUCCESS) {
		paged_complain("lost", count, kr);
		paged_unplace_all(paged, page, count, STORE_LOST);
	}
}

/*
 * Write COUNT pages at DATA into the slots from SLOT on.  A file that does not
 * take them because its disk is full comes last from now on, until it does.
 */
static kern_return_t
paged_write(uint32_t slot, const char *data, uint32_t count)
{
	kern_return_t kr = paging_file_write(slot, data, count);

	if (kr != KERN_SUCCESS || space_is_full(&paging_space, slot)) {
		space_set_full(&paging_space, slot, kr != KERN_SUCCESS);
	}
	return kr;
}

/* There is no memory for PAGED's map.  A client may map it again. */
static void
paged_give_up(struct paged *paged)
{
	log_error("no memory, object given up");
	paged->lost = true;
	paged_clear(paged);
	memory_object_destroy(paged->control, KERN_MEMORY_ERROR);
}

void
paged_page_out(struct paged *paged, uint32_t page, const char *data,
    uint32_t count)
{
	kern_return_t kr;
	uint32_t slot;
	uint32_t n;

	if (paged->lost) {
		return;
	}
	if (!store_map_reserve(&paged->map, page, count)) {
		paged_give_up(paged);
		return;
	}
	for (; count > 0; count -= n, page += n, data += n * vm_page_size) {
		n = paged_place(paged, page, count, &slot);
		kr = slot == STORE_NONE ? KERN_NO_SPACE :
		    paged_write(slot, data, n);
		if (kr != KERN_SUCCESS && slot != STORE_NONE) {
			/* Another file may have room. */
			paged_unplace_all(paged, page, n, STORE_BACK);
			n = paged_place(paged, page, n, &slot);
			kr = slot == STORE_NONE ? kr :
			    paged_write(slot, data, n);
		}
		if (kr != KERN_SUCCESS) {
			paged_give_back(paged, page, data, n, kr);
		}
	}
}

/*
 * Moving.
 */

/* An object with a page in FILE, and which; NULL if there is none. */
static struct paged *
paged_in_file(uint32_t file, uint32_t *page)
{
	static uint32_t chain;		/* where to look first */
	static uint32_t bucket;

	for (unsigned i = 0; i < PAGED_HASH; i++, chain++) {
		struct paged *p = paged_hash[chain % PAGED_HASH];

		for (; p != NULL; p = p->next) {
			*page = store_map_find(&p->map, PAGED_FILE_MASK,
			    space_slot(file, 0), &bucket);
			if (*page != STORE_NONE) {
				return p;
			}
		}
	}
	return NULL;
}

/*
 * Write COUNT pages at DATA, or some of them, that are to leave a file: *GOT
 * into slots from *SLOT on, in the first file that takes them.
 */
static kern_return_t
paged_write_moved(const char *data, uint32_t count, uint32_t *slot,
    uint32_t *got)
{
	kern_return_t result = KERN_NO_SPACE;
	uint32_t first = STORE_NONE;
	kern_return_t kr;

	for (;;) {
		*slot = space_alloc(&paging_space, SPACE_MOVED, count, got);
		if (*slot == STORE_NONE) {
			return result;
		}
		kr = paged_write(*slot, data, *got);
		if (kr == KERN_SUCCESS) {
			return KERN_SUCCESS;
		}
		for (uint32_t i = 0; i < *got; i++) {
			space_free(&paging_space, *slot + i);
		}
		if (space_file_of(*slot) == first) {
			/* Who fails comes last: all have been asked. */
			return result;
		}
		first = first == STORE_NONE ? space_file_of(*slot) : first;
		/* Where memory lacked there may be room later. */
		result = result == UNIX_ENOMEM ? result : kr;
	}
}

/* Move COUNT pages, or some of them, from SLOT on to another file. */
static kern_return_t
paged_move_run(struct paged *paged, uint32_t page, uint32_t slot,
    uint32_t count)
{
	vm_address_t memory = 0;
	kern_return_t kr;
	uint32_t other;
	uint32_t got;

	kr = paging_file_read(slot, count, &memory);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = paged_write_moved((const char *)memory, count, &other, &got);
	if (kr == KERN_SUCCESS) {
		paged_replace(paged, page, other, got);
	}
	vm_deallocate(mach_task_self(), memory, count * vm_page_size);
	return kr;
}

kern_return_t
paged_move(uint32_t file, uint32_t most)
{
	struct paged *paged;
	uint32_t count;
	uint32_t page;
	uint32_t slot;

	paged = paged_in_file(file, &page);
	if (paged == NULL) {
		return KERN_FAILURE;
	}
	count = STORE_PAGES - page < most ? STORE_PAGES - page : most;
	count = paged_run(paged, page, count, &slot);
	return paged_move_run(paged, page, slot, count);
}
