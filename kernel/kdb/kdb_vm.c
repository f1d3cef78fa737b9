/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Address maps as text trees, and what leads to the other views of memory.
 * Takes no lock: what somebody was changing when the machine stopped is said
 * to be locked.
 */

#include <kernel/kdb/kdb_vm.h>

#include <stdint.h>
#include <string.h>

#include <machine/peek.h>
#include <machine/pmap.h>

#include <kernel/kdb/kdb.h>
#include <kernel/kdb/kdb_argument.h>
#include <kernel/kdb/kdb_object.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_tree.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/task.h>

#include <vm/memory_object.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_phys.h>

#define KDB_VM_ENTRIES	1000u		/* drawn at once */
#define KDB_VM_RANGES	1000u

/* A map that was found, and whose it is. */
struct kdb_vm_map {
	const struct vm_map	*address;
	const struct task	*task;		/* or NULL */
	struct vm_map		map;		/* a copy */
	vm_offset_t		from;		/* draw what is above */
};

/* ---- which map ---------------------------------------------------------- */

static bool
kdb_vm_map_read(const struct vm_map *address, struct kdb_vm_map *map)
{
	struct list_node first;

	map->address = address;
	return (uintptr_t)address % sizeof(uintptr_t) == 0 &&
	    peek_read((uintptr_t)address, &map->map, sizeof(map->map)) &&
	    peek_read((uintptr_t)map->map.entries.head.next, &first,
	    sizeof(first)) &&
	    first.prev == &address->entries.head;
}

/* The map that the first argument means; the second is where to start. */
static bool
kdb_vm_map_find(struct kdb_request *request, struct kdb_vm_map *map)
{
	const char *args = request->rest;
	const struct vm_map *address = NULL;
	const char *rest = args;

	if (args[0] == '\0') {
		kdb_printf("which task?\n");
		return false;
	}
	map->task = kdb_who_find(&request->rest);
	if (map->task != NULL) {
		address = map->task->map;
	} else {
		(void)kdb_argument_number(&rest, (uintptr_t *)&address);
	}
	map->from = 0;
	if (*request->rest != '\0') {
		map->from = kdb_argument(request);
	}
	if (!kdb_vm_map_read(address, map)) {
		kdb_who_say_damage();
		kdb_printf("no task and no map: %s\n", args);
		return false;
	}
	return true;
}

static void
kdb_vm_print_owner(const struct kdb_vm_map *map)
{
	uintptr_t owner = map->map.lock.owner & ~MUTEX_WAITERS;

	if (map->task != NULL) {
		kdb_printf("task %p %s, ", (const void *)map->task,
		    map->task->name);
	}
	kdb_printf("map %p", (const void *)map->address);
	if (owner != 0) {
		kdb_printf(" locked by thread %p", (void *)owner);
	}
}

/* ---- maps --------------------------------------------------------------- */

static const char *
kdb_vm_prot(vm_prot_t prot)
{
	static const char *const names[8] = {
		"---", "r--", "-w-", "rw-", "--x", "r-x", "-wx", "rwx",
	};

	return names[prot & 7];
}

static const char *
kdb_vm_inheritance(unsigned inheritance)
{
	static const char *const names[] = { "share", "copy", "none" };

	return inheritance < 3 ? names[inheritance] : "?";
}

static void
kdb_vm_print_entry(const struct vm_map_entry *entry)
{
	kdb_printf("%08lx-%08lx %luK %s/%s %s", (unsigned long)entry->start,
	    (unsigned long)entry->end,
	    (unsigned long)(entry->end - entry->start) / 1024,
	    kdb_vm_prot(entry->prot), kdb_vm_prot(entry->max_prot),
	    kdb_vm_inheritance(entry->inheritance));
	if (entry->wired_count > 0) {
		kdb_printf(" wired %u%s", entry->wired_count,
		    entry->wired_access != VM_PROT_NONE ? " by the user" : "");
	}
	if ((entry->cut_low | entry->cut_high) != 0) {
		kdb_printf(" cut %u %u", entry->cut_low, entry->cut_high);
	}
	kdb_printf("%s%s", entry->needs_copy ? " needs-copy" : "",
	    entry->in_transition ? " in-transition" : "");
	if (entry->object == NULL) {
		kdb_printf(" untouched\n");
	} else {
		kdb_printf(" +%lx\n", (unsigned long)entry->offset);
	}
}

/* Draw the entry at ADDRESS; LAST: nothing is drawn after it. */
static void
kdb_vm_draw_entry(struct kdb_tree *tree, const struct vm_map_entry *entry,
    bool last)
{
	kdb_tree_branch(tree, last);
	kdb_vm_print_entry(entry);
	if (entry->object != NULL) {
		(void)kdb_tree_down(tree, last);
		kdb_object_draw_chain(tree, entry->object);
		kdb_tree_up(tree);
	}
}

/*
 * Copy the entry whose node is at NODE and comes after PREV and the address
 * AFTER; false, having said so, if it is not one.
 */
static bool
kdb_vm_read_entry(const struct list_node *node, const struct list_node *prev,
    vm_offset_t after, struct vm_map_entry *entry)
{
	const struct vm_map_entry *address =
	    list_entry(node, struct vm_map_entry, link);

	if (!peek_read((uintptr_t)address, entry, sizeof(*entry))) {
		kdb_printf("damaged: no entry at %p\n", (const void *)address);
		return false;
	}
	if (entry->link.prev != prev || entry->start < after ||
	    entry->end <= entry->start) {
		kdb_printf("damaged: entry %p, %08lx-%08lx, is not in its place\n",
		    (const void *)address, (unsigned long)entry->start,
		    (unsigned long)entry->end);
		return false;
	}
	return true;
}

static void
kdb_vm_draw_entries(const struct kdb_vm_map *map)
{
	const struct list_node *end = &map->address->entries.head;
	const struct list_node *node = map->map.entries.head.next;
	const struct list_node *prev = end;
	struct kdb_tree tree = { .depth = 0 };
	static struct vm_map_entry entry;
	vm_offset_t after = 0;
	unsigned left = KDB_VM_ENTRIES;

	/* Addresses grow, so that it ends. */
	while (node != end && kdb_vm_read_entry(node, prev, after, &entry)) {
		if (entry.end > map->from) {
			if (left-- == 0) {
				kdb_printf("`- more from %08lx on\n",
				    (unsigned long)entry.start);
				return;
			}
			kdb_vm_draw_entry(&tree, &entry,
			    entry.link.next == end);
		}
		after = entry.end;
		prev = node;
		node = entry.link.next;
	}
}

static void
kdb_vm_show_map(struct kdb_request *request)
{
	static struct kdb_vm_map map;
	struct pmap_debug_info info;

	if (!kdb_vm_map_find(request, &map)) {
		return;
	}
	kdb_printf("task, map; entries: protection/most, inheritance; their "
	    "objects, what those shadow\n");
	kdb_vm_print_owner(&map);
	kdb_printf(": %u entries, %luK, %luK wired by the user", map.map.count,
	    (unsigned long)map.map.size / 1024,
	    (unsigned long)map.map.size_wired / 1024);
	if (pmap_debug_info(map.map.pmap, &info)) {
		kdb_printf(", %luK mapped by the processor",
		    (unsigned long)info.resident * (PAGE_HW_SIZE / 1024));
	}
	kdb_printf("\n");
	if (map.map.use == VM_MAP_RESTS) {
		/* From where a stopped machine brings nothing. */
		kdb_printf("`- at rest: its entries are in pageable memory\n");
	} else {
		kdb_vm_draw_entries(&map);
	}
}

/* ---- pmaps -------------------------------------------------------------- */

/* Pages that continue each other, with the same rights. */
struct kdb_vm_range {
	vm_offset_t	from;		/* of what is wanted */
	vm_offset_t	start;
	vm_offset_t	end;		/* 0: there is none yet */
	vm_prot_t	prot;
	unsigned	wired;
	unsigned	modified;
	unsigned	referenced;
	unsigned	left;
};

static void
kdb_vm_print_range(struct kdb_vm_range *range)
{
	if (range->end == 0 || range->left == 0) {
		return;
	}
	range->left--;
	kdb_printf("|- %08lx-%08lx %s, %lu pages: %u wired, %u modified, "
	    "%u referenced\n", (unsigned long)range->start,
	    (unsigned long)range->end, kdb_vm_prot(range->prot),
	    (unsigned long)(range->end - range->start) / PAGE_HW_SIZE,
	    range->wired, range->modified, range->referenced);
}

static bool
kdb_vm_add_to_range(const struct pmap_debug_page *page, void *arg)
{
	struct kdb_vm_range *range = arg;

	if (page->va < range->from) {
		return true;
	}
	if (page->va != range->end || page->prot != range->prot) {
		kdb_vm_print_range(range);
		range->start = page->va;
		range->prot = page->prot;
		range->wired = 0;
		range->modified = 0;
		range->referenced = 0;
	}
	range->end = page->va + PAGE_HW_SIZE;
	range->wired += page->wired ? 1 : 0;
	range->modified += page->modified ? 1 : 0;
	range->referenced += page->referenced ? 1 : 0;
	return range->left > 0;
}

static void
kdb_vm_show_pmap(struct kdb_request *request)
{
	static struct kdb_vm_map map;
	struct pmap_debug_info info;
	struct kdb_vm_range range = { .left = KDB_VM_RANGES };

	if (!kdb_vm_map_find(request, &map)) {
		return;
	}
	kdb_printf("task, map, pmap; what the processor maps, by rights\n");
	kdb_vm_print_owner(&map);
	kdb_printf(": pmap %p", (void *)map.map.pmap);
	if (!pmap_debug_info(map.map.pmap, &info)) {
		kdb_printf(" is none\n");
		return;
	}
	kdb_printf(" refs %u, directory %08lx, %u tables, %u pages, in use by "
	    "processors %#x\n", info.refs, (unsigned long)info.directory,
	    info.tables, info.resident, (unsigned)info.active);
	range.from = map.from;
	(void)pmap_debug_each(map.map.pmap, kdb_vm_add_to_range, &range);
	kdb_vm_print_range(&range);
	if (range.left == 0) {
		kdb_printf("`- more from %08lx on\n", (unsigned long)range.start);
	} else {
		kdb_printf("`- the end\n");
	}
}

/* ---- all memory --------------------------------------------------------- */

static void
kdb_vm_show_all(struct kdb_request *request)
{
	const struct vm_page_stats *stats = &vm_page_stats;
	unsigned long ratio = vm_page_size / PAGE_HW_SIZE;

	kdb_printf("memory, in pages of %luK\n",
	    (unsigned long)vm_page_size / 1024);
	kdb_printf("|- free %lu, directly mapped %lu%s\n",
	    vm_phys_free_count() / ratio, vm_phys_free_direct_count() / ratio,
	    vm_page_is_exhausted() ? "; exhausted" : "");
	kdb_printf("|  |- the daemon starts below %lu, stops at %lu\n",
	    vm_page_free_min / ratio, vm_page_free_target / ratio);
	kdb_printf("|  `- users wait below %lu%s\n", vm_page_free_reserved / ratio,
	    vm_page_has_waiters() ? "; somebody does" : "");
	kdb_printf("|- active %lu\n|- inactive %lu, in laundry %lu\n|- wired %lu\n",
	    stats->active, stats->inactive, stats->laundry, stats->wired);
	kdb_printf("|- objects %lu, cached %lu\n", vm_object_count(),
	    memory_object_cached_count());
	kdb_printf("`- since the start\n"
	    "   |- faults %lu: zero-filled %lu, copied %lu\n"
	    "   |- reactivated %lu\n"
	    "   |- paged in %lu, out %lu\n"
	    "   `- lookups %lu, found in memory %lu\n", stats->faults,
	    stats->zero_fills, stats->cow_faults, stats->reactivations,
	    stats->pageins, stats->pageouts, stats->lookups, stats->hits);
}

/* ---- the commands ------------------------------------------------------- */

static void
kdb_vm_object_word(struct kdb_request *request)
{
	uintptr_t address = kdb_argument(request);

	kdb_printf("object, its size and pages; lock, ports, copies; what it "
	    "shadows; its pages\n");
	kdb_object_show((const struct vm_object *)address);
}

static void
kdb_vm_chain_word(struct kdb_request *request)
{
	uintptr_t address = kdb_argument(request);

	kdb_printf("objects and those that shadow them, from the bottom; => is "
	    "the one asked for\n");
	kdb_object_show_family((const struct vm_object *)address);
}

static void
kdb_vm_page_word(struct kdb_request *request)
{
	uintptr_t address = kdb_argument(request);

	kdb_printf("page, its memory and state; who maps it; its object\n");
	kdb_object_show_page(address);
}

static const struct kdb_word kdb_vm_words[] = {
	{ "show map", kdb_vm_show_map, "TASK [FROM]",
	    "the address map of a task, given by name or address: its entries,\n"
	    "their objects and what those shadow, from the address FROM on\n"
	    "Example: show map file 8048000" },
	{ "show object", kdb_vm_object_word, "ADDRESS",
	    "a memory object, what it shadows, its pages\n"
	    "Example: show object c1234560" },
	{ "show chain", kdb_vm_chain_word, "ADDRESS",
	    "a memory object, and all that shadow what it does" },
	{ "show page", kdb_vm_page_word, "ADDRESS",
	    "a page, by its struct or its memory: who has it, who maps it" },
	{ "show pmap", kdb_vm_show_pmap, "TASK [FROM]",
	    "what the processor maps of a task" },
	{ "show vm", kdb_vm_show_all, "", "memory as a whole" },
	{ .name = NULL },
};

struct kdb_table kdb_vm_table = { .words = kdb_vm_words };
