/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory over generations of tasks: shared, copied and not inherited at all,
 * with the inheritance changed from one generation to the next; copies of what
 * is shared and sharing of what was copied; and a thousand generations of which
 * only the last is left.
 */

#include "probe.h"

#include "mach_port_user.h"
#include "mach_user.h"

#define P		vm_page_size
#define CODE		0x10000u
#define MEMORY		0x20000000u

static void
write_word(mach_port_t task, vm_offset_t addr, unsigned word)
{
	need("write", probe_write(task, addr, word));
}

static mach_port_t
task_with(unsigned pages)
{
	mach_port_t task = probe_task(CODE);
	vm_offset_t addr = MEMORY;

	need("allocate", vm_allocate(task, &addr, pages * P, FALSE));
	return task;
}

/* ---- three generations, and all ways to inherit twice ---- */

#define GENERATIONS	3u
#define WAYS		3u
#define PAGES		(WAYS * WAYS)

static const vm_inherit_t ways[WAYS] = {
	VM_INHERIT_SHARE, VM_INHERIT_COPY, VM_INHERIT_NONE,
};
static const char *const way_names[WAYS] = { "share", "copy", "none" };

/* How generation G gives a page to the next. */
static unsigned
way_of(unsigned g, unsigned page)
{
	return g == 0 ? page % WAYS : page / WAYS;
}

/* What each should see; 0: nothing there. */
static unsigned model[GENERATIONS][PAGES];

/* Generation G writes WORD to each page that it has. */
static void
generation_writes(mach_port_t *tasks, unsigned born, unsigned g, unsigned word)
{
	for (unsigned page = 0; page < PAGES; page++) {
		if (model[g][page] == 0) {
			want("write nothing", probe_write(tasks[g], MEMORY +
			    page * P, 1), KERN_INVALID_ADDRESS);
			continue;
		}
		write_word(tasks[g], MEMORY + page * P, word);
		model[g][page] = word;
		for (unsigned i = g; i > 0 && way_of(i - 1, page) == 0; i--) {
			model[i - 1][page] = word;
		}
		for (unsigned i = g; i + 1 < born && way_of(i, page) == 0;
		    i++) {
			model[i + 1][page] = word;
		}
	}
}

/* Generation G makes the next, giving it pages in their ways. */
static void
next_generation(mach_port_t *tasks, unsigned g)
{
	for (unsigned page = 0; page < PAGES; page++) {
		unsigned way = way_of(g, page);

		if (model[g][page] != 0) {
			need("inherit", vm_inherit(tasks[g], MEMORY + page * P,
			    P, ways[way]));
		}
		model[g + 1][page] = ways[way] == VM_INHERIT_NONE ? 0 :
		    model[g][page];
	}
	tasks[g + 1] = probe_child(tasks[g]);
}

static void
compare_generations(const char *what, const mach_port_t *tasks, unsigned first)
{
	unsigned bad = 0;

	rt_printf("%s", what);
	for (unsigned page = 0; page < PAGES; page++) {
		unsigned words[GENERATIONS] = { 0 };

		for (unsigned g = first; g < GENERATIONS; g++) {
			kern_return_t kr = probe_read(tasks[g], MEMORY +
			    page * P, &words[g]);

			bad += kr != (model[g][page] == 0 ?
			    KERN_INVALID_ADDRESS : KERN_SUCCESS) ||
			    words[g] != model[g][page];
		}
		rt_printf("  %s, then %s: %u, %u, %u",
		    way_names[way_of(0, page)], way_names[way_of(1, page)],
		    words[0], words[1], words[2]);
	}
	want_number("  wrong", bad, 0);
}

static void
test_generations(void)
{
	mach_port_t tasks[GENERATIONS];

	tasks[0] = task_with(PAGES);
	for (unsigned page = 0; page < PAGES; page++) {
		model[0][page] = 1;
	}
	generation_writes(tasks, 1, 0, 10);
	next_generation(tasks, 0);
	generation_writes(tasks, 2, 1, 20);
	next_generation(tasks, 1);
	compare_generations("all three", tasks, 0);
	for (unsigned g = 0; g < GENERATIONS; g++) {
		generation_writes(tasks, GENERATIONS, g, 31 + g);
		compare_generations("one wrote", tasks, 0);
	}
	probe_end(tasks[0]);
	generation_writes(tasks, GENERATIONS, 2, 43);
	generation_writes(tasks, GENERATIONS, 1, 42);
	compare_generations("without the first", tasks, 1);
	probe_end(tasks[1]);
	compare_generations("the last alone", tasks, 2);
	probe_end(tasks[2]);
}

/* ---- copies of what is shared, sharing of copies ---- */

#define SHARED		MEMORY
#define COPIED		(MEMORY + P)

/* What two tasks, or three, have on both pages, against what they should. */
static void
see(const char *what, const mach_port_t *tasks, unsigned count,
    const unsigned *wanted)
{
	unsigned bad = 0;

	rt_printf("%s", what);
	for (unsigned i = 0; i < count; i++) {
		unsigned shared = probe_word(tasks[i], SHARED);
		unsigned copied = probe_word(tasks[i], COPIED);

		rt_printf("  task %u: %u, %u", i, shared, copied);
		bad += shared != wanted[2 * i] || copied != wanted[2 * i + 1];
	}
	want_number("  wrong", bad, 0);
}

#define SEE(what, tasks, ...)						\
	see(what, tasks, sizeof((unsigned[]) { __VA_ARGS__ }) /		\
	    sizeof(unsigned) / 2, (const unsigned[]) { __VA_ARGS__ })

static void
copy(mach_port_t task, vm_offset_t from, vm_offset_t to)
{
	need("copy", vm_copy(task, from, P, to));
}

/* Copies of a shared page, made and written by one and by the other. */
static void
copies_of_shared(mach_port_t *tasks)
{
	write_word(tasks[0], SHARED, 1);
	copy(tasks[0], SHARED, COPIED);
	tasks[1] = probe_child(tasks[0]);
	write_word(tasks[0], SHARED, 2);
	SEE("the copy stays", tasks, 2, 1, 2, 1);
	write_word(tasks[1], COPIED, 3);
	SEE("a copy of the copy", tasks, 2, 1, 2, 3);
	copy(tasks[1], COPIED, SHARED);
	SEE("copied over the shared page", tasks, 3, 1, 3, 3);
	write_word(tasks[0], SHARED, 4);
	SEE("which is shared still", tasks, 4, 1, 4, 3);
	copy(tasks[0], SHARED, COPIED);
	copy(tasks[1], SHARED, COPIED);
	write_word(tasks[1], SHARED, 5);
	SEE("two copies of it", tasks, 5, 4, 5, 4);
	/* GNU Mach waits for ever when a copy goes back over its origin. */
	if (rt_on_gnumach) {
		write_word(tasks[0], SHARED, 4);
	} else {
		copy(tasks[0], COPIED, SHARED);
	}
	SEE("and back", tasks, 4, 4, 4, 4);
}

/* The third has a copy of what the first two go on to share. */
static void
sharing_of_copies(mach_port_t *tasks)
{
	mach_msg_type_number_t size;
	vm_offset_t data;

	need("inherit", vm_inherit(tasks[1], SHARED, P, VM_INHERIT_COPY));
	need("inherit", vm_inherit(tasks[1], COPIED, P, VM_INHERIT_SHARE));
	tasks[2] = probe_child(tasks[1]);
	need("read", vm_read(tasks[1], SHARED, 2 * P, &data, &size));
	write_word(tasks[2], SHARED, 6);
	write_word(tasks[2], COPIED, 7);
	SEE("the other way round", tasks, 4, 4, 4, 7, 6, 7);
	write_word(tasks[0], SHARED, 8);
	write_word(tasks[1], COPIED, 9);
	SEE("the first two", tasks, 8, 4, 8, 9, 6, 9);
	copy(tasks[2], SHARED, COPIED);
	SEE("the third's, shared", tasks, 8, 4, 8, 6, 6, 6);
	want_number("what was read", *(volatile unsigned *)data, 4);
	want_number("  and", *(volatile unsigned *)(data + P), 4);
	if (rt_on_gnumach) {
		write_word(tasks[2], SHARED, 4);
		write_word(tasks[2], COPIED, 4);
	} else {
		need("write", vm_write(tasks[2], MEMORY, data, 2 * P));
	}
	*(volatile unsigned *)(data + P) = 10;
	SEE("written back", tasks, 8, 4, 8, 4, 4, 4);
	vm_deallocate(rt_task, data, size);
	probe_end(tasks[1]);
	write_word(tasks[0], SHARED, 11);
	write_word(tasks[2], COPIED, 12);
	tasks[1] = tasks[2];
	SEE("without the second", tasks, 11, 4, 4, 12);
}

static void
test_nested(void)
{
	mach_port_t tasks[3];

	tasks[0] = task_with(2);
	need("inherit", vm_inherit(tasks[0], SHARED, P, VM_INHERIT_SHARE));
	copies_of_shared(tasks);
	sharing_of_copies(tasks);
	probe_end(tasks[0]);
	probe_end(tasks[1]);
}

/* ---- what vm_region says of sharing ---- */

#define FLAG_PAGES	4u

/* The second page is shared, and the third looked at; the others are copied. */
static void
show_flags(const char *what, const mach_port_t *tasks, unsigned count)
{
	struct probe_region region;

	rt_printf("%s", what);
	for (unsigned i = 0; i < count; i++) {
		for (unsigned page = 0; page < FLAG_PAGES; page++) {
			need("region", probe_region(tasks[i],
			    MEMORY + page * P, &region));
			rt_printf("  task %u, page %u: %s", i, page,
			    region.shared ? "shared" : "its own");
		}
	}
}

/* Of a memory object, though nobody serves it. */
static void
test_flags_mapped(void)
{
	mach_port_t object = rt_port();
	mach_port_t tasks[2];
	vm_offset_t addr = MEMORY;

	tasks[0] = probe_task(CODE);
	need("map", vm_map(tasks[0], &addr, FLAG_PAGES * P, 0, FALSE, object,
	    0, FALSE, VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_SHARE));
	show_flags("mapped", tasks, 1);
	tasks[1] = probe_child(tasks[0]);
	show_flags("and inherited", tasks, 2);
	probe_end(tasks[1]);
	probe_end(tasks[0]);
	mach_port_destroy(rt_task, object);
}

/* Parts of what was one object are shared and not, each for itself. */
static void
test_flags(void)
{
	mach_port_t tasks[3];

	tasks[0] = task_with(FLAG_PAGES);
	for (unsigned page = 0; page < FLAG_PAGES; page++) {
		write_word(tasks[0], MEMORY + page * P, page + 1);
	}
	need("inherit", vm_inherit(tasks[0], MEMORY + P, P, VM_INHERIT_SHARE));
	show_flags("to be shared", tasks, 1);
	tasks[1] = probe_child(tasks[0]);
	show_flags("shared", tasks, 2);
	for (unsigned page = 0; page < FLAG_PAGES; page++) {
		write_word(tasks[1], MEMORY + page * P, page + 10);
	}
	show_flags("and written", tasks, 2);
	probe_end(tasks[1]);
	show_flags("alone again", tasks, 1);
	probe_end(tasks[0]);
	test_flags_mapped();
}

/* ---- a thousand generations ---- */

#define FORKS		1000u
#define EARLY		100u
#define FORK_PAGES	17u	/* copied; one more is shared */
#define SHARED_LAST	(MEMORY + FORK_PAGES * P)
#define SLACK_PAGES	64
#define SLACK_OBJECTS	8

/* Where generation G writes; none writes where another did. */
static vm_offset_t
word_of_generation(unsigned g)
{
	return MEMORY + g % FORK_PAGES * P + (1 + g / FORK_PAGES) * 4;
}

/* The next generation has written, and its parent is dead. */
static mach_port_t
replace_parent(mach_port_t parent, unsigned g)
{
	mach_port_t child = probe_child(parent);

	write_word(child, word_of_generation(g), g);
	write_word(child, SHARED_LAST + g * 4, g);
	probe_end(parent);
	return child;
}

/* Words of the first task and of all after it that TASK lacks. */
static unsigned
wrong_words(mach_port_t task)
{
	mach_msg_type_number_t size;
	vm_offset_t data;
	unsigned bad = 0;

	need("read", vm_read(task, MEMORY, (FORK_PAGES + 1) * P, &data, &size));
	for (unsigned page = 0; page < FORK_PAGES; page++) {
		bad += *(unsigned *)(data + page * P) != 1000000 + page;
	}
	for (unsigned g = 1; g <= FORKS; g++) {
		bad += *(unsigned *)(data + word_of_generation(g) - MEMORY) !=
		    g;
		bad += *(unsigned *)(data + FORK_PAGES * P + g * 4) != g;
	}
	vm_deallocate(rt_task, data, size);
	return bad;
}

static void
test_forks(void)
{
	mach_port_t task = task_with(FORK_PAGES + 1);
	long objects = 0;
	long pages = 0;

	need("inherit", vm_inherit(task, SHARED_LAST, P, VM_INHERIT_SHARE));
	for (unsigned page = 0; page < FORK_PAGES; page++) {
		write_word(task, MEMORY + page * P, 1000000 + page);
	}
	for (unsigned g = 1; g <= FORKS; g++) {
		task = replace_parent(task, g);
		if (g == EARLY && !rt_on_gnumach) {
			objects = probe_objects("vm_object");
			pages = probe_free_pages();
		}
	}
	want_number("a thousand generations: wrong words", wrong_words(task),
	    0);
	if (!rt_on_gnumach) {
		/* The dead may still be on their way. */
		want_number("# as many objects as early", rt_until(
		    probe_objects("vm_object") - objects <= SLACK_OBJECTS),
		    1);
		want_number("# as many pages", rt_until(
		    pages - probe_free_pages() <= SLACK_PAGES), 1);
		rt_printf("# %ld objects and %ld pages more",
		    probe_objects("vm_object") - objects,
		    pages - probe_free_pages());
	}
	probe_end(task);
}

void
test(void)
{
	test_generations();
	test_nested();
	test_flags();
	test_forks();
}
