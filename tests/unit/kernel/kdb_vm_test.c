/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The debugger's trees of maps, objects and pages, of memory that is in order
 * and of memory that is damaged.  Each is drawn, and damaged, in a copy of the
 * process.
 */

#include <tests/lib/test.h>
#include <tests/unit/kernel/kdb_shown.h>

#include <stdio.h>
#include <string.h>

#include <machine/copyio.h>
#include <machine/peek.h>
#include <machine/pmap.h>

#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_map.h>
#include <vm/vm_map_i.h>
#include <vm/vm_map_rest.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>

#define AT		0x100000u
#define PAGES		4u

static void
touch(struct task *task, vm_offset_t va, uint32_t value)
{
	struct thread *self = current_thread();
	struct task *saved = self->task;

	test_enter(task);
	CHECK_OK(copyout(&value, va, sizeof(value)));
	self->task = saved;
}

/* ---- a family of three -------------------------------------------------- */

static struct task *parent;
static struct task *child;
static struct vm_object *top;		/* the child's */
static struct vm_object *bottom;	/* what both were */
static struct vm_map_entry *entry;	/* the child's */

static void
family_make(void)
{
	vm_offset_t va = AT;

	parent = test_new_task(NULL);
	task_name_set(parent, "parent");
	CHECK_OK(vm_map_allocate(parent->map, &va, PAGES * vm_page_size,
	    false));
	for (unsigned i = 0; i < PAGES; i++) {
		touch(parent, AT + i * vm_page_size, i);
	}
	child = test_new_task(parent);
	task_name_set(child, "child");
	va = 2 * AT;
	CHECK_OK(vm_map_allocate(child->map, &va, vm_page_size, false));
	touch(child, AT + vm_page_size, 99);
	touch(parent, AT, 98);
	entry = vm_map_first(child->map);
	top = entry->object;
	bottom = top->shadow;
	CHECK(bottom != NULL && bottom->shadow == NULL);
}

static void
family_end(void)
{
	CHECK_OK(task_terminate(child));
	CHECK_OK(task_terminate(parent));
	task_unref(child);
	task_unref(parent);
}

TEST(map_is_a_tree)
{
	char line[160];

	family_make();
	run("show map child", NULL);
	wants("task, map; entries: protection/most, ");
	wants("child, map ");
	wants(": 2 entries, ");
	snprintf(line, sizeof(line), "|- %08lx-%08lx %luK rw-/rwx copy +0\n"
	    "|  `- object %p internal %luK refs 1, 1 resident, 0 wired, "
	    "1 dirty", (unsigned long)AT,
	    (unsigned long)(AT + PAGES * vm_page_size),
	    (unsigned long)(PAGES * vm_page_size) / 1024, (void *)top,
	    (unsigned long)(PAGES * vm_page_size) / 1024);
	wants(line);
	snprintf(line, sizeof(line), "|     `- shadows +0 of object %p internal"
	    " %luK refs 2, 4 resident", (void *)bottom,
	    (unsigned long)(PAGES * vm_page_size) / 1024);
	wants(line);
	snprintf(line, sizeof(line), "`- %08lx-%08lx ",
	    (unsigned long)(2 * AT), (unsigned long)(2 * AT + vm_page_size));
	wants(line);
	wants(" untouched\n");
	/* By addresses of the task and of the map, and not from the start. */
	run(show("map", child), NULL);
	wants("child, map ");
	run(show("map", child->map), NULL);
	wants("child, map ");
	run("show map child 180000", NULL);
	CHECK(strstr(output, "|- ") == NULL);
	wants(line);
	family_end();
}

TEST(objects_and_pages)
{
	struct vm_page *page;
	char line[160];

	family_make();
	vm_object_lock(top);
	page = vm_object_page_first(top, 0);
	vm_object_unlock(top);
	run(show("object", top), NULL);
	wants("object, its size and pages; ");
	wants("|- family ");
	wants("lock free");
	snprintf(line, sizeof(line), "   `- +%08lx page %p at %08lx active "
	    "dirty referenced\n", (unsigned long)vm_page_size, (void *)page,
	    (unsigned long)vm_page_to_phys(page));
	wants(line);
	run(show("chain", bottom), NULL);
	wants("objects and those that shadow them, ");
	snprintf(line, sizeof(line), "=> object %p", (void *)bottom);
	wants(line);
	snprintf(line, sizeof(line), "|- +0: object ");
	wants(line);
	snprintf(line, sizeof(line), "`- +0: object ");
	wants(line);
	run(show("page", page), NULL);
	wants("page, its memory and state; ");
	snprintf(line, sizeof(line), "|- mapped at %08lx by pmap %p rwx",
	    (unsigned long)(AT + vm_page_size), (void *)child->map->pmap);
	wants(line);
	snprintf(line, sizeof(line), "`- +%08lx of object %p",
	    (unsigned long)vm_page_size, (void *)top);
	wants(line);
	run(show("page", (void *)(uintptr_t)vm_page_to_phys(page)), NULL);
	wants(line);
	run("show pmap child", NULL);
	wants("task, map, pmap; ");
	snprintf(line, sizeof(line), "|- %08lx-%08lx rw-, 1 pages: 0 wired, "
	    "1 modified, 1 referenced",
	    (unsigned long)(AT + vm_page_size),
	    (unsigned long)(AT + 2 * vm_page_size));
	wants(line);
	run("show vm", NULL);
	wants("`- since the start\n");
	family_end();
}

TEST(locked_by_who_stands_still)
{
	char line[80];

	family_make();
	mutex_lock(&child->map->lock);
	vm_object_lock(top);
	run("show map child", NULL);
	snprintf(line, sizeof(line), "locked by thread %p",
	    (void *)current_thread());
	wants(line);
	wants(" locked");
	run(show("object", top), NULL);
	wants("lock held by processor 0");
	vm_object_unlock(top);
	mutex_unlock(&child->map->lock);
	family_end();
}

/* ---- damage ------------------------------------------------------------- */

static void
damage_ring(void)
{
	bottom->shadow = top;
}

static void
damage_shadow(void)
{
	top->shadow = (struct vm_object *)0x1234;
}

static void
damage_pages(void)
{
	top->pages = bottom->pages;
}

/* What may be paged out is not looked at, only told of. */
TEST(map_at_rest_says_so)
{
	family_make();
	CHECK(vm_map_rest_try(child->map));
	run("show map child", NULL);
	wants(": 2 entries, ");
	wants("`- at rest: ");
	CHECK_EQ(child->map->use, VM_MAP_RESTS);
	CHECK_OK(vm_map_lock(child->map));
	mutex_unlock(&child->map->lock);
	run("show map child", NULL);
	wants("object ");
	family_end();
}

static void
damage_tree(void)
{
	bottom->pages->tree.root->child[0] = bottom->pages->tree.root;
}

/* A tree without an end, and nothing that says where it should be. */
static void
damage_tree_ring(void)
{
	bottom->pages->tree.root->child[1] = bottom->pages->tree.root;
	bottom->pages->count = ~0u;
}

static void
damage_entries_ring(void)
{
	entry->link.next = &entry->link;
}

static void
damage_entries(void)
{
	entry->link.next = (struct list_node *)0x10;
}

static void
damage_entry_object(void)
{
	entry->object = (struct vm_object *)entry;
}

static void
damage_shadows(void)
{
	bottom->shadows.head.next = (struct list_node *)0x1000;
}

static void
damage_shadows_ring(void)
{
	top->shadows_link.next = &top->shadows_link;
}

TEST(damage_is_reported)
{
	family_make();
	run("show map child", damage_ring);
	wants("the chain goes round");
	run(show("object", top), damage_ring);
	wants("the chain goes round");
	run(show("chain", top), damage_ring);
	wants("the chain goes round");
	run("show map child", damage_shadow);
	wants("1234 is no object");
	run(show("chain", top), damage_shadow);
	run("show map child", damage_pages);
	wants("is no object");
	run("show map child", damage_tree);
	wants("pages are damaged");
	run(show("object", bottom), damage_tree);
	wants("damaged: ");
	run("show map child", damage_tree_ring);
	wants("pages are damaged");
	run("show map child", damage_entries_ring);
	wants("is not in its place");
	run("show map child", damage_entries);
	wants("damaged: no entry at");
	run("show map child", damage_entry_object);
	wants("is no object");
	run(show("chain", bottom), damage_shadows);
	wants("does not shadow this");
	run(show("chain", bottom), damage_shadows_ring);
	wants("and more");
	family_end();
}

TEST(bad_addresses_are_refused)
{
	static const struct {
		const char *command;
		const char *said;
	} bad[] = {
		{ "show map nobody", "no task and no map: nobody" },
		{ "show map 1234", "no task and no map: 1234" },
		{ "show map 0x0", "no task and no map: 0x0" },
		{ "show map ffffffff", "no task and no map" },
		{ "show map", "which task?" },
		{ "show pmap", "which task?" },
		{ "show object", "address expected: " },
		{ "show object xyz", "no symbol: xyz" },
		{ "show object 0", "is no object" },
		{ "show object 3", "is no object" },
		{ "show object fffffffc", "is no object" },
		{ "show chain 8", "is no object" },
		{ "show page fffff000", "no page has or is at" },
		{ "show", "which? all holders " },
		{ "show mapping", "which? all holders " },
	};
	uint32_t word;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		run(bad[i].command, NULL);
		wants(bad[i].said);
	}
	CHECK(!peek_read(0x10, &word, sizeof(word)));
	CHECK(peek_read((uintptr_t)&word, &word, sizeof(word)));
}
