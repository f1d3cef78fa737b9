/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_watch.h>

#include <stddef.h>
#include <string.h>

#include <machine/atomic.h>
#include <machine/kdb_cpu.h>
#include <machine/types.h>

#include <kernel/kdb/kdb_argument.h>
#include <kernel/kdb/kdb_choose.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_step.h>
#include <kernel/kdb/kdb_symbolic.h>
#include <kernel/thread.h>

struct kdb_watch {
	uintptr_t	address;
	unsigned	length;		/* 0: not used */
	enum kdb_cpu_watch kind;
	struct task	*task;		/* [a] of a user's address; NULL: it has
					 * ended */
	uint32_t	value;		/* as it was seen last */
	bool		gdb;		/* one of gdb's */
};

static struct kdb_watch kdb_watches[KDB_CPU_WATCHES];
static const struct kdb_watch *kdb_watch_stopped;	/* the last to */

/* Has its task ended?  Another may be at the same address by now. */
static bool
kdb_watch_is_void(const struct kdb_watch *watch)
{
	return watch->address < MACHINE_USER_MAX && watch->task == NULL;
}

/* Is it what the current thread writes to? */
static bool
kdb_watch_is_ours(const struct kdb_watch *watch)
{
	return watch->length > 0 && !kdb_watch_is_void(watch) &&
	    (watch->task == NULL || watch->task == current_task());
}

static uint32_t
kdb_watch_value(const struct kdb_watch *watch)
{
	uint32_t value = 0;

	(void)kdb_mem_read(watch->task, watch->address, &value, watch->length);
	return value;
}

static void
kdb_watch_say(struct kdb_watch *watch)
{
	uint32_t was = watch->value;

	watch->value = kdb_watch_value(watch);
	kdb_printf("\nwatch ");
	kdb_symbolic_print(watch->address);
	kdb_printf(": %x", was);
	if (watch->value != was) {
		kdb_printf(" became %x", watch->value);
	}
	kdb_printf("\n");
}

bool
kdb_watch_hit(void)
{
	unsigned hits = kdb_cpu_watch_take();
	bool stops = false;

	for (unsigned i = 0; i < KDB_CPU_WATCHES; i++) {
		struct kdb_watch *watch = &kdb_watches[i];

		/* Another task may have something else at that address. */
		if ((hits >> i & 1) != 0 && kdb_watch_is_ours(watch)) {
			kdb_watch_say(watch);
			kdb_watch_stopped = watch;
			stops = true;
		}
	}
	if (stops) {
		kdb_step_cancel();
		kdb_choose_print_pc();
	}
	return stops;
}

bool
kdb_watch_was_hit(uintptr_t *address, enum kdb_cpu_watch *kind)
{
	if (kdb_watch_stopped == NULL) {
		return false;
	}
	*address = kdb_watch_stopped->address;
	*kind = kdb_watch_stopped->kind;
	return true;
}

void
kdb_watch_forget(void)
{
	kdb_watch_stopped = NULL;
}

/* ---- the table ---------------------------------------------------------- */

static struct kdb_watch *
kdb_watch_unused(void)
{
	for (unsigned i = 0; i < KDB_CPU_WATCHES; i++) {
		if (kdb_watches[i].length == 0) {
			return &kdb_watches[i];
		}
	}
	return NULL;
}

static void
kdb_watch_load(const struct kdb_watch *watch)
{
	kdb_cpu_watch_set((unsigned)(watch - kdb_watches), watch->address,
	    watch->length, watch->kind);
}

/* Add one like NEW; false: there is no room. */
static bool
kdb_watch_add(const struct kdb_watch *new)
{
	struct kdb_watch *watch = kdb_watch_unused();

	if (watch == NULL) {
		return false;
	}
	*watch = *new;
	watch->value = kdb_watch_value(watch);
	kdb_watch_load(watch);
	return true;
}

static void
kdb_watch_drop(struct kdb_watch *watch)
{
	watch->length = 0;
	kdb_watch_load(watch);
}

void
kdb_watch_task_gone(const struct task *task)
{
	for (unsigned i = 0; i < KDB_CPU_WATCHES; i++) {
		struct task *of = (struct task *)(uintptr_t)task;

		(void)atomic_compare_exchange_seqcst(&kdb_watches[i].task, &of,
		    NULL);
	}
}

void
kdb_watch_settle(void)
{
	for (unsigned i = 0; i < KDB_CPU_WATCHES; i++) {
		struct kdb_watch *watch = &kdb_watches[i];

		if (watch->length > 0 && kdb_watch_is_void(watch)) {
			if (!watch->gdb) {
				kdb_printf("watchpoint %lx has gone with its "
				    "task\n", (unsigned long)watch->address);
			}
			kdb_watch_drop(watch);
		}
	}
}

/* ---- those of gdb ------------------------------------------------------- */

/* How many of LENGTH bytes at ADDRESS one can have. */
static unsigned
kdb_watch_piece(uintptr_t address, unsigned length)
{
	unsigned piece = sizeof(uint32_t);

	while (piece > length || address % piece != 0) {
		piece /= 2;
	}
	return piece;
}

bool
kdb_watch_plant(uintptr_t address, unsigned length, enum kdb_cpu_watch kind,
    struct task *task)
{
	struct kdb_watch new = { .kind = kind, .gdb = true };
	unsigned done = 0;

	if (length == 0 || length > KDB_CPU_WATCHES * sizeof(uint32_t)) {
		return false;
	}
	if (address < MACHINE_USER_MAX) {
		new.task = task;
	}
	for (; done < length; done += new.length) {
		new.address = address + done;
		new.length = kdb_watch_piece(new.address, length - done);
		if (!kdb_watch_add(&new)) {
			kdb_watch_uproot(address, done, kind);
			return false;
		}
	}
	return true;
}

void
kdb_watch_uproot(uintptr_t address, unsigned length, enum kdb_cpu_watch kind)
{
	for (unsigned i = 0; i < KDB_CPU_WATCHES; i++) {
		struct kdb_watch *watch = &kdb_watches[i];

		if (watch->length > 0 && watch->gdb && watch->kind == kind &&
		    watch->address - address < length) {
			kdb_watch_drop(watch);
		}
	}
}

void
kdb_watch_uproot_all(void)
{
	for (unsigned i = 0; i < KDB_CPU_WATCHES; i++) {
		if (kdb_watches[i].gdb) {
			kdb_watch_drop(&kdb_watches[i]);
		}
	}
}

/* ---- commands ----------------------------------------------------------- */

static void
kdb_watch_list(void)
{
	for (unsigned i = 0; i < KDB_CPU_WATCHES; i++) {
		const struct kdb_watch *watch = &kdb_watches[i];

		if (watch->length == 0) {
			continue;
		}
		kdb_symbolic_print(watch->address);
		kdb_printf(" %u bytes%s", watch->length,
		    watch->kind == KDB_CPU_WATCH_ACCESS ? " access" : "");
		if (watch->task != NULL) {
			kdb_printf(" of task %p", (void *)watch->task);
		}
		kdb_printf("\n");
	}
}

/* ADDRESS [LENGTH] [access] */
static void
kdb_watch_set(struct kdb_request *request)
{
	struct kdb_watch new = { .length = 4, .kind = KDB_CPU_WATCH_WRITE };
	uintptr_t length;

	if (request->rest[0] == '\0' && !request->has_address) {
		kdb_watch_list();
		return;
	}
	new.address = kdb_argument(request);
	if (kdb_argument_number(&request->rest, &length)) {
		new.length = length;
	}
	while (*request->rest == ' ') {
		request->rest++;
	}
	if (strcmp(request->rest, "access") == 0) {
		new.kind = KDB_CPU_WATCH_ACCESS;
	} else if (request->rest[0] != '\0') {
		kdb_error("`access' or nothing expected: %s", request->rest);
	}
	if ((new.length != 1 && new.length != 2 && new.length != 4) ||
	    new.address % new.length != 0) {
		kdb_error("1, 2 or 4 bytes, and aligned");
	}
	if (new.address < MACHINE_USER_MAX) {
		if (kdb_task == NULL) {
			kdb_error("no task is chosen");
		}
		new.task = kdb_task;
	}
	if (!kdb_watch_add(&new)) {
		kdb_error("there are %u watchpoints already",
		    KDB_CPU_WATCHES);
	}
}

static void
kdb_watch_delete(struct kdb_request *request)
{
	uintptr_t address = kdb_argument(request);
	bool found = false;

	for (unsigned i = 0; i < KDB_CPU_WATCHES; i++) {
		if (kdb_watches[i].length > 0 && !kdb_watches[i].gdb &&
		    kdb_watches[i].address == address) {
			kdb_watch_drop(&kdb_watches[i]);
			found = true;
		}
	}
	if (!found) {
		kdb_error("no watchpoint: %lx", (unsigned long)address);
	}
}

static const struct kdb_word kdb_watch_words[] = {
	{ "unwatch", kdb_watch_delete, "ADDRESS", "no watchpoint there any more" },
	{ "watch", kdb_watch_set, "[ADDRESS [LENGTH] [access]]",
	    "stop where its 1, 2 or 4 bytes are written (or read); those below\n"
	    "the kernel are the chosen task's; all of them" },
	{ .name = NULL },
};

struct kdb_table kdb_watch_table = { .words = kdb_watch_words };
