/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Distributed shared memory: two nodes, each with a memory object of its own
 * for the same data, and a pager that keeps them coherent: of each page there
 * is one node that may write, or there are readers.  Here both nodes are this
 * machine; their tasks see different pages all the same.
 *
 * The tasks do what goes wrong if a write is seen too late, or lost: Peterson's
 * lock, letters in a box, tickets drawn by atomic operations.
 */

#include "objects.h"

#include "mach_port_user.h"
#include "mach_user.h"

#define P		vm_page_size
#define NODES		2u
#define PAGES		4u
#define TASKS		4u
#define ROUNDS		1000u
#define LETTERS		300u
#define LETTER		64u	/* words */
#define AHEAD		8u	/* rounds */
#define SPINS		16u

enum holding { NOTHING, READS, WRITES };

/*
 * A page of the shared memory.  While a lock request is out nobody is given
 * anything: `wanted' says what each node has asked for.
 */
struct page {
	enum holding	holding[NODES];
	vm_prot_t	wanted[NODES];	/* access asked for, not given yet */
	bool		must_supply[NODES];
	bool		locking;	/* an answer of a kernel is to come */
	unsigned	turn;		/* who has waited longest */
	uint32_t	data[RT_PAGE_MAX / 4];
};

static struct page pages[PAGES];
static uint32_t supplied_page[RT_PAGE_MAX / 4]
    __attribute__((aligned(RT_PAGE_MAX)));
static struct object nodes[NODES];
static volatile unsigned moves;		/* pages from one node to the other */

/* Seen by all tasks here without any pager, with nothing else on its page. */
static struct {
	vm_offset_t		at[TASKS];
	volatile uint32_t	bad[TASKS];
	volatile uint32_t	done[TASKS];
	volatile uint32_t	started;
	volatile uint32_t	count;		/* of tasks that are to start */
} RT_WHOLE_PAGES shared;

/* ---- the pager ---- */

static unsigned
node_index(const struct object *object)
{
	return (unsigned)(object - nodes);
}

/* Node N may do what it asked for. */
static void
page_grant(struct page *page, unsigned n)
{
	bool write = (page->wanted[n] & VM_PROT_WRITE) != 0;
	vm_offset_t offset = (vm_offset_t)(page - pages) * P;

	if (page->must_supply[n]) {
		memcpy(supplied_page, page->data, P);
		object_supply(&nodes[n], offset, supplied_page, P,
		    write ? VM_PROT_NONE : VM_PROT_WRITE, false);
	} else if (page->holding[n] != NOTHING) {
		memory_object_lock_request(nodes[n].control, offset, P,
		    MEMORY_OBJECT_RETURN_NONE, FALSE,
		    write ? VM_PROT_NONE : VM_PROT_WRITE, MACH_PORT_NULL);
	} else {
		/* It was to be unlocked, and has been taken away since. */
		page->wanted[n] = VM_PROT_NONE;
		return;
	}
	page->holding[n] = write ? WRITES : READS;
	page->wanted[n] = VM_PROT_NONE;
	page->must_supply[n] = false;
}

/* Does node N have what stands against ACCESS of the other? */
static bool
page_conflicts(const struct page *page, unsigned n, vm_prot_t access)
{
	return page->holding[n] == WRITES ||
	    (page->holding[n] == READS && (access & VM_PROT_WRITE) != 0);
}

/* Take from node N what stands against ACCESS of the other. */
static void
page_take(struct page *page, unsigned n, vm_prot_t access)
{
	bool write = (access & VM_PROT_WRITE) != 0;

	/* Let who was given it last do something with it. */
	swtch_pri(0);
	page->locking = true;
	moves++;
	page->holding[n] = write ? NOTHING : READS;
	need("take", memory_object_lock_request(nodes[n].control,
	    (vm_offset_t)(page - pages) * P, P, MEMORY_OBJECT_RETURN_DIRTY,
	    write, write ? VM_PROT_NO_CHANGE : VM_PROT_WRITE, nodes[n].port));
}

/* Give PAGE to who asks for it, as long as no kernel has to answer first. */
static void
page_serve(struct page *page)
{
	unsigned first = page->turn;

	for (unsigned i = 0; i < NODES && !page->locking; i++) {
		unsigned n = (first + i) % NODES;
		unsigned other = 1 - n;

		if (page->wanted[n] == VM_PROT_NONE) {
			continue;
		}
		if (page_conflicts(page, other, page->wanted[n])) {
			page->turn = n;
			page_take(page, other, page->wanted[n]);
			return;
		}
		page_grant(page, n);
		page->turn = other;
	}
}

static void
node_request(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
	unsigned n = node_index(object);

	for (vm_offset_t at = offset; at < offset + size; at += P) {
		struct page *page = &pages[at / P];

		page->wanted[n] |= access;
		page->must_supply[n] = true;
		page_serve(page);
	}
}

static void
node_unlock(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
	unsigned n = node_index(object);

	for (vm_offset_t at = offset; at < offset + size; at += P) {
		struct page *page = &pages[at / P];

		page->wanted[n] |= access;
		page_serve(page);
	}
}

static void
node_data(struct object *object, vm_offset_t offset, vm_offset_t data,
    vm_size_t size, bool dirty, bool kernel_copy)
{
	for (vm_offset_t at = 0; at < size; at += P) {
		memcpy(pages[(offset + at) / P].data, (void *)(data + at), P);
	}
}

static void
node_locked(struct object *object, vm_offset_t offset, vm_size_t size)
{
	struct page *page = &pages[offset / P];

	page->locking = false;
	page_serve(page);
}

static const struct object_ops node_ops = {
	.request = node_request,
	.unlock = node_unlock,
	.data = node_data,
	.locked = node_locked,
};

/* ---- the tasks; what they share is on several pages ---- */

struct door {
	uint32_t	flag[2];
	uint32_t	victim;
	uint32_t	next;		/* ticket to be drawn */
};

struct count {
	uint32_t	counter;
	uint32_t	twice;
	uint32_t	serving;	/* the ticket whose turn it is */
};

struct post {
	uint32_t	sent;
	uint32_t	received;
};

/* Where a task has each page. */
struct memory {
	volatile struct door	*door;
	volatile struct count	*count;
	volatile uint32_t	*letter;
	volatile struct post	*post;
};

static struct memory
memory_at(vm_offset_t at)
{
	return (struct memory){
		.door = (struct door *)at,
		.count = (struct count *)(at + P),
		.letter = (uint32_t *)(at + 2 * P),
		.post = (struct post *)(at + 3 * P),
	};
}

/*
 * Somebody else has to do something first; TRIES are those so far.  With more
 * processors here than the machine below has, who spins may hold up the others.
 */
static void
let_others(unsigned *tries)
{
	if (++*tries % SPINS == 0) {
		rt_sleep(1);
	} else {
		swtch_pri(0);
	}
}

/* Task N begins when all are there. */
static struct memory
begin(unsigned n)
{
	unsigned tries = 0;

	__sync_fetch_and_add(&shared.started, 1);
	while (shared.started < shared.count) {
		let_others(&tries);
	}
	return memory_at(shared.at[n]);
}

/* Count up, and see that nobody else is at it. */
static void
count_up(volatile struct count *count, unsigned n)
{
	uint32_t was = count->counter;

	shared.bad[n] += count->twice != 2 * was;
	count->counter = was + 1;
	count->twice = 2 * (was + 1);
}

/* Nobody gets far ahead of the others, of whom N is expected. */
static void
keep_pace(const volatile struct count *count, uint32_t n)
{
	unsigned tries = 0;

	while (count->counter + AHEAD < n) {
		let_others(&tries);
	}
}

static void
peterson(void *arg)
{
	unsigned n = (unsigned)arg;
	struct memory memory = begin(n);
	unsigned tries = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		keep_pace(memory.count, i * 2);
		memory.door->flag[n] = 1;
		memory.door->victim = n;
		__sync_synchronize();
		while (memory.door->flag[1 - n] != 0 &&
		    memory.door->victim == n) {
			let_others(&tries);
		}
		count_up(memory.count, n);
		memory.door->flag[n] = 0;
	}
	shared.done[n] = 1;
}

/* Node 0 writes letters, node 1 reads them. */
static void
post(void *arg)
{
	unsigned n = (unsigned)arg;
	struct memory memory = begin(n);
	unsigned tries = 0;

	for (uint32_t i = 1; i <= LETTERS; i++) {
		volatile uint32_t *waits_for =
		    n == 0 ? &memory.post->received : &memory.post->sent;

		while (*waits_for != (n == 0 ? i - 1 : i)) {
			let_others(&tries);
		}
		for (unsigned w = 0; w < LETTER; w++) {
			unsigned at = (w * 17 + i) % (P / 4);

			if (n == 0) {
				memory.letter[at] = i * 1000 + w;
			} else {
				shared.bad[n] +=
				    memory.letter[at] != i * 1000 + w;
			}
		}
		*(n == 0 ? &memory.post->sent : &memory.post->received) = i;
	}
	shared.done[n] = 1;
}

/* Two tasks on each node. */
static void
tickets(void *arg)
{
	unsigned n = (unsigned)arg;
	struct memory memory = begin(n);
	unsigned tries = 0;

	for (unsigned i = 0; i < ROUNDS / 2; i++) {
		uint32_t mine;

		keep_pace(memory.count, i * TASKS);
		mine = __sync_fetch_and_add(&memory.door->next, 1);

		while (memory.count->serving != mine) {
			let_others(&tries);
		}
		count_up(memory.count, n);
		memory.count->serving = mine + 1;
	}
	shared.done[n] = 1;
}

/* ---- the test ---- */

/* Let COUNT tasks run FN, each on one of the nodes by turns. */
static void
run(const char *what, void (*fn)(void *), unsigned count)
{
	mach_port_t tasks[TASKS];
	unsigned before = moves;

	rt_printf("%s", what);
	shared.started = 0;
	shared.count = count;
	for (unsigned n = 0; n < count; n++) {
		tasks[n] = rt_child_create(fn, (void *)n);
		shared.at[n] = object_map_task(&nodes[n % NODES], tasks[n],
		    PAGES * P);
		shared.bad[n] = shared.done[n] = 0;
	}
	for (unsigned n = 0; n < count; n++) {
		need("resume", task_resume(tasks[n]));
	}
	for (unsigned n = 0; n < count; n++) {
		while (!shared.done[n]) {
			rt_sleep(RT_LOOK_MS);
		}
		rt_until_dead(tasks[n]);
		mach_port_deallocate(rt_task, tasks[n]);
		want_number("  wrong", shared.bad[n], 0);
	}
	rt_printf("  pages moved %d", moves - before >= ROUNDS / 10);
	rt_printf("# %u moves", moves - before);
}

static void
look(const struct memory memory[NODES], uint32_t counted)
{
	for (unsigned n = 0; n < NODES; n++) {
		want_number("  counted", memory[n].count->counter, counted);
	}
	memory[1].count->counter = memory[1].count->twice = 0;
	want_number("  cleared", memory[0].count->counter, 0);
}

void
test(void)
{
	struct memory memory[NODES];
	vm_offset_t at[NODES];

	need("share", vm_inherit(rt_task, (vm_offset_t)&shared, sizeof(shared),
	    VM_INHERIT_SHARE));
	objects_start(1);
	for (unsigned n = 0; n < NODES; n++) {
		nodes[n].ops = &node_ops;
		nodes[n].strategy = MEMORY_OBJECT_COPY_NONE;
		object_create(&nodes[n]);
		at[n] = object_map(&nodes[n], PAGES * P);
		memory[n] = memory_at(at[n]);
	}
	run("Peterson's lock", peterson, 2);
	look(memory, 2 * ROUNDS);
	run("letters", post, 2);
	run("tickets", tickets, TASKS);
	look(memory, TASKS * (ROUNDS / 2));
	for (unsigned n = 0; n < NODES; n++) {
		object_end(&nodes[n], at[n], PAGES * P);
	}
}
