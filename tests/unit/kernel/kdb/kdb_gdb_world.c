/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include "kdb_gdb_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <machine/console.h>
#include <machine/cpu.h>
#include <machine/kdb_cpu.h>

#include <kernel/kdb/kdb.h>
#include <kernel/kdb/kdb_break.h>
#include <kernel/kdb/kdb_choose.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_event.h>
#include <kernel/kdb/kdb_gdb.h>
#include <kernel/kdb/kdb_gdb_thread.h>
#include <kernel/kdb/kdb_step.h>
#include <kernel/kdb/kdb_watch.h>
#include <kernel/panic.h>

#include "kdb_world.h"

#define GDB_WORLD_SENT	(1u << 20)

struct gdb_world gdb_world;

/* ---- the line ----------------------------------------------------------- */

static const char *world_input;
static size_t world_input_left;
static unsigned world_returns;
static char world_sent[GDB_WORLD_SENT];
static size_t world_sent_used;

bool
console_line_heard(void)
{
	return true;
}

void
console_line_take(void (*fn)(char c))
{
	world_console = fn;
}

void
console_line_release(void)
{
	world_console = NULL;
}

void
console_line_putc(char c)
{
	if (world_sent_used < sizeof(world_sent) - 1) {
		world_sent[world_sent_used++] = c;
	}
}

/* After the input somebody ends what may be a packet, and types return. */
int
console_line_getc_poll(void)
{
	if (world_input_left > 0) {
		world_input_left--;
		return (unsigned char)*world_input++;
	}
	if (++world_returns > 10000) {
		panic_assert("returns are enough", __FILE__, __LINE__);
	}
	return world_returns % 10 == 0 ? '#' : '\r';
}

static void
world_send(const char *input, size_t n)
{
	world_input = input;
	world_input_left = n;
	world_returns = 0;
	memset(world_sent, 0, world_sent_used);
	world_sent_used = 0;
}

/* ---- threads ------------------------------------------------------------ */

struct thread *kdb_thread;

static struct thread *
world_thread(uintptr_t number)
{
	return (struct thread *)(number * 2);
}

void
kdb_gdb_thread_begin(struct kdb_gdb_walk *walk)
{
	walk->cpu = 1;
}

const struct thread *
kdb_gdb_thread_next(struct kdb_gdb_walk *walk)
{
	return walk->cpu > GDB_WORLD_THREADS ? NULL :
	    world_thread(walk->cpu++);
}

uint32_t
kdb_gdb_thread_number(const struct thread *thread)
{
	return (uintptr_t)thread / 2;
}

struct thread *
kdb_gdb_thread_find(uint32_t number)
{
	return number == 0 || number > GDB_WORLD_THREADS ? NULL :
	    world_thread(number);
}

struct thread *
kdb_gdb_thread_here(void)
{
	return world_thread(1);
}

struct task *
kdb_gdb_thread_task(const struct thread *thread)
{
	return NULL;
}

void
kdb_gdb_thread_text(const struct thread *thread, char *text, size_t size)
{
	snprintf(text, size, "thread %u", kdb_gdb_thread_number(thread));
}

/* ---- going on ----------------------------------------------------------- */

void
kdb_leave(void)
{
	if (gdb_world.cannot_leave) {
		kdb_error("cannot continue after a panic");
	}
	gdb_world.left = true;
}

void
kdb_stay(void)
{
	gdb_world.left = false;
}

bool
kdb_can_leave(void)
{
	return !gdb_world.cannot_leave;
}

bool
kdb_step_one(void)
{
	kdb_leave();
	gdb_world.stepped = !gdb_world.cannot_step;
	gdb_world.left = gdb_world.stepped;
	return gdb_world.stepped;
}

void
kdb_step_cancel(void)
{
	gdb_world.stepped = false;
}

void
kdb_cpu_set_pc(uintptr_t pc)
{
	gdb_world.pc = pc;
}

bool
kdb_event_is_request(void)
{
	return !gdb_world.stopped_at_break && gdb_world.watch_hit == 0;
}

void
machine_power_off(void)
{
	printf("FAIL: off\n");
	exit(1);
}

/* ---- breakpoints and watchpoints ---------------------------------------- */

bool
kdb_break_plant(struct task *task, uintptr_t address)
{
	gdb_world.point = address;
	gdb_world.length = 0;
	gdb_world.points += address >= WORLD_TEXT ? 1 : 0;
	return address >= WORLD_TEXT;
}

void
kdb_break_uproot(uintptr_t address)
{
	gdb_world.points -= gdb_world.points > 0 ? 1 : 0;
}

void
kdb_break_settle(bool all)
{
	if (all) {
		gdb_world.points = 0;
	}
}

bool
kdb_break_was_gdbs(void)
{
	return gdb_world.stopped_at_break;
}

bool
kdb_watch_plant(uintptr_t address, unsigned length, enum kdb_cpu_watch kind,
    struct task *task)
{
	gdb_world.point = address;
	gdb_world.length = length;
	gdb_world.points += length <= 16 ? 1 : 0;
	return length <= 16;
}

void
kdb_watch_uproot(uintptr_t address, unsigned length, enum kdb_cpu_watch kind)
{
	kdb_break_uproot(address);
}

void
kdb_watch_uproot_all(void)
{
}

bool
kdb_watch_was_hit(uintptr_t *address, enum kdb_cpu_watch *kind)
{
	*address = gdb_world.watch_hit;
	*kind = KDB_CPU_WATCH_WRITE;
	return gdb_world.watch_hit != 0;
}

/* ---- all of it ---------------------------------------------------------- */

void
gdb_world_reset(void)
{
	const char *sent;

	/* Whoever is there from before goes. */
	(void)gdb_world_stop("", 0, &sent);
	world_reset();
	memset(&gdb_world, 0, sizeof(gdb_world));
}

const char *
gdb_world_attach(const char *input, size_t n)
{
	kdb_command_add(&kdb_gdb_table);
	world_send(input, n);
	(void)world_run("gdb");
	return world_sent;
}

bool
gdb_world_stop(const char *input, size_t n, const char **sentp)
{
	bool goes_on;

	world_send(input, n);
	goes_on = kdb_gdb_stopped();
	*sentp = world_sent;
	return goes_on;
}
