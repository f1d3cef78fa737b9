/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_stop.h>

#include <machine/atomic.h>
#include <machine/clock.h>
#include <machine/console.h>
#include <machine/cpu.h>

#include <kernel/clock.h>
#include <kernel/kdb/kdb_break.h>
#include <kernel/percpu.h>
#include <kernel/printf.h>

/* How often to look whether the others go on: one may be lost. */
#define KDB_STOP_PATIENCE	10000000u

static uint32_t kdb_stop_owner;		/* [a] processor + 1, or 0 */
static uint32_t kdb_stop_talks;		/* [a] the owner does */
static uint32_t kdb_stop_running;	/* the owner's: others that go on, bits */

bool
kdb_stop_mine(void)
{
	return atomic_load_relaxed(&kdb_stop_owner) == cpu_id() + 1;
}

bool
kdb_stop_talking(void)
{
	return atomic_load_relaxed(&kdb_stop_talks) != 0;
}

bool
kdb_stop_is_running(unsigned cpu)
{
	return (kdb_stop_running >> cpu & 1) != 0;
}

void
kdb_stop_wait(uintptr_t frame)
{
	struct percpu *percpu = percpu_get(cpu_id());
	uintptr_t outer = percpu->panic_frame;
	bool stood;

	/* Who asked looks for that as soon as there is an answer. */
	atomic_store_release(&percpu->panic_frame, frame);
	stood = cpu_stand_begin();
	/* The next owner may be there before this one is gone. */
	do {
		cpu_stand_answer();
		cpu_pause();
	} while (atomic_load_acquire(&kdb_stop_owner) != 0 ||
	    !cpu_stand_end(stood));
	/* Whoever waited already when it was stopped here waits on. */
	atomic_store_release(&percpu->panic_frame, outer);
}

bool
kdb_stop_enter(uintptr_t frame)
{
	uint32_t self = cpu_id() + 1;
	uint32_t owner = 0;

	while (!atomic_compare_exchange_seqcst(&kdb_stop_owner, &owner, self) &&
	    owner != self) {
		kdb_stop_wait(frame);
		owner = 0;
	}
	if (owner == 0) {
		kdb_stop_running = cpu_stop_others();
	}
	if (!kdb_stop_talking()) {
		clock_machine_pause();
		atomic_store_seqcst(&kdb_stop_talks, 1);
		kdb_break_remove();
		printf_force(true);
	}
	if (owner == 0) {
		console_take();
	}
	return owner == 0;
}

void
kdb_stop_hold(void)
{
	printf_force(false);
	clock_skip(clock_machine_resume());
	atomic_store_seqcst(&kdb_stop_talks, 0);
}

/*
 * Wait until no other processor stands still for what is over, or one does for
 * something new.
 */
static void
kdb_stop_wait_gone(void)
{
	for (unsigned looks = 0; looks < KDB_STOP_PATIENCE &&
	    atomic_load_acquire(&kdb_stop_owner) == 0; looks++) {
		bool gone = true;

		for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
			gone = gone && (cpu == cpu_id() || atomic_load_acquire(
			    &percpu_get(cpu)->panic_frame) == 0);
		}
		if (gone) {
			return;
		}
		cpu_pause();
	}
}

void
kdb_stop_leave(void)
{
	printf_force(false);
	console_give_back();
	if (kdb_stop_talking()) {
		clock_skip(clock_machine_resume());
		atomic_store_seqcst(&kdb_stop_talks, 0);
	}
	/* From here on there may be one in what is called. */
	kdb_break_insert();
	atomic_store_seqcst(&kdb_stop_owner, 0);
	kdb_stop_wait_gone();
}
