/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A pager that keeps pages squeezed, and keeps none that the kernel has: it
 * supplies them as precious, and they have to come back, changed or not, when
 * it asks for them, when memory is short, and at the end.
 *
 * Memory: 24
 */

#include "objects.h"
#include "squeeze.h"

#include "mach_port_user.h"
#include "mach_user.h"

#define P		vm_page_size
#define PAGES		64u
#define BIG		(24u << 20)	/* as much as there is memory */
#define BIG_PAGES	(BIG / P)
#define PAGES_MAX	(BIG / 4096)
#define STORE		(6u << 20)

static struct squeezed store[PAGES_MAX];
static uint8_t squeezed_memory[STORE] __attribute__((aligned(16)));
static uint8_t supplied_page[RT_PAGE_MAX]
    __attribute__((aligned(RT_PAGE_MAX)));
static bool out[PAGES_MAX];	/* only the kernel has it */
static volatile unsigned lost;
static volatile unsigned full;
static unsigned asked_receipts;
static volatile unsigned bad_receipts;

/* ---- the pager ---- */

static void
squeezer_request(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
	for (vm_offset_t at = offset; at < offset + size; at += P) {
		unsigned page = (unsigned)(at / P);
		bool receipt = page % 4 == 0;

		if (squeeze_get(&store[page], supplied_page)) {
			memory_object_data_supply(object->control, at,
			    (vm_offset_t)supplied_page, P, FALSE, VM_PROT_NONE,
			    TRUE, receipt ? object->port : MACH_PORT_NULL);
			asked_receipts += receipt;
			squeeze_drop(&store[page]);
			out[page] = true;
		} else {
			lost += out[page];
			memory_object_data_unavailable(object->control, at, P);
		}
	}
}

static void
squeezer_data(struct object *object, vm_offset_t offset, vm_offset_t data,
    vm_size_t size, bool dirty, bool kernel_copy)
{
	for (vm_offset_t at = 0; at < size; at += P) {
		unsigned page = (unsigned)((offset + at) / P);

		full += !squeeze_keep(&store[page], (uint8_t *)(data + at));
		out[page] = false;
	}
}

static void
squeezer_supplied(struct object *object, vm_offset_t offset, vm_size_t size,
    kern_return_t result, vm_offset_t error_offset)
{
	bad_receipts += result != KERN_SUCCESS || size != P ||
	    offset % (4 * P) != 0;
}

static const struct object_ops squeezer_ops = {
	.request = squeezer_request,
	.data = squeezer_data,
	.supplied = squeezer_supplied,
};

static struct object squeezer = {
	.ops = &squeezer_ops,
	.strategy = MEMORY_OBJECT_COPY_DELAY,
};

/* ---- the client ---- */

/* Words from a small book; no two pages are the same. */
static uint32_t
pattern(unsigned page, unsigned word, unsigned round)
{
	uint32_t n = (page + 1) * 2654435761u + round * 40503u;

	return word % 64 == 0 ? n + word : n >> (word % 16 + 12) & 7;
}

static void
fill(vm_offset_t addr, unsigned pages, unsigned round)
{
	for (unsigned i = 0; i < pages; i++) {
		volatile uint32_t *words = (uint32_t *)(addr + i * P);

		for (unsigned w = 0; w < P / 4; w++) {
			words[w] = pattern(i, w, round);
		}
	}
}

static unsigned
bad_pages(vm_offset_t addr, unsigned pages, unsigned round)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < pages; i++) {
		const uint32_t *words = (const uint32_t *)(addr + i * P);
		bool good = true;

		for (unsigned w = 0; w < P / 4; w++) {
			good = good && words[w] == pattern(i, w, round);
		}
		bad += !good;
	}
	return bad;
}

static void
call_in(const char *what, unsigned pages)
{
	unsigned before = squeezer.returns;

	want_number(what, object_lock(&squeezer, 0, pages * P,
	    MEMORY_OBJECT_RETURN_ALL, true, VM_PROT_NO_CHANGE), 1);
	want_number("came back", squeezer.returns - before, pages);
}

/* The pages go back and forth when the pager says so. */
static void
test_calls(void)
{
	vm_offset_t addr = object_map(&squeezer, PAGES * P);
	unsigned dirty;

	fill(addr, PAGES, 1);
	call_in("call in what is new", PAGES);
	rt_printf("smaller by half %d", squeeze_used() < PAGES * P / 2);
	want_number("bad pages", bad_pages(addr, PAGES, 1), 0);
	/* It drops a page when the client has it already. */
	want_number("the pager keeps none", rt_until(squeeze_used() == 0), 1);

	dirty = squeezer.dirty;
	call_in("call in what is only precious", PAGES);
	rt_printf("# %u dirty", squeezer.dirty - dirty);
	want_number("bad pages", bad_pages(addr, PAGES, 1), 0);
	fill(addr + 8 * P, 0, 0);
	for (unsigned i = 0; i < PAGES; i += 2) {
		*(volatile uint32_t *)(addr + i * P) = 5;
	}
	call_in("call in every second one changed", PAGES);
	for (unsigned i = 0; i < PAGES; i += 2) {
		rt_until(*(volatile uint32_t *)(addr + i * P) == 5);
		*(volatile uint32_t *)(addr + i * P) = pattern(i, 0, 1);
	}
	want_number("bad pages", bad_pages(addr, PAGES, 1), 0);

	/* Also what is precious and clean comes back in the end. */
	want("unmap", vm_deallocate(rt_task, addr, PAGES * P), KERN_SUCCESS);
	want_number("terminated",
	    rt_until(squeezer.terminates == squeezer.inits), 1);
	addr = object_map(&squeezer, PAGES * P);
	want_number("bad pages", bad_pages(addr, PAGES, 1), 0);
	want_number("lost", lost, 0);
	object_end(&squeezer, addr, PAGES * P);
	want_number("receipts", squeezer.supplies, asked_receipts);
	want_number("bad receipts", bad_receipts, 0);
}

/* More pages than memory: only those that are used are not squeezed. */
static void
test_pressure(void)
{
	vm_offset_t addr;

	memset(out, 0, sizeof(out));
	for (unsigned i = 0; i < BIG_PAGES; i++) {
		squeeze_drop(&store[i]);
	}
	object_create(&squeezer);
	addr = object_map(&squeezer, BIG_PAGES * P);
	fill(addr, BIG_PAGES, 2);
	want_number("# came back", squeezer.returns > 0, 1);
	want_number("# bad pages", bad_pages(addr, BIG_PAGES, 2), 0);
	want_number("# again", bad_pages(addr, BIG_PAGES, 2), 0);
	want_number("# lost", lost, 0);
	want_number("# no room", full, 0);
	rt_printf("# %u requests, %u pages came back, %u of them dirty",
	    squeezer.requests, squeezer.returns, squeezer.dirty);
	object_end(&squeezer, addr, BIG_PAGES * P);
}

/* Pages of all kinds are themselves again. */
static void
test_squeeze(void)
{
	static uint8_t page[RT_PAGE_MAX];
	static uint8_t again[RT_PAGE_MAX];
	struct squeezed at = { 0 };
	uint32_t seed = 3;
	unsigned bad = 0;

	for (unsigned kind = 0; kind < 200; kind++) {
		for (unsigned i = 0; i < P; i++) {
			page[i] = (uint8_t)(rt_random(&seed, 200) < kind ?
			    rt_random(&seed, 256) : i % (kind + 1));
		}
		bad += !squeeze_keep(&at, page) || !squeeze_get(&at, again) ||
		    memcmp(page, again, P) != 0;
	}
	squeeze_drop(&at);
	want_number("not themselves", bad, 0);
}

void
test(void)
{
	squeeze_store_init(squeezed_memory, STORE);
	test_squeeze();
	objects_start(1);
	object_create(&squeezer);
	test_calls();
	test_pressure();
}
