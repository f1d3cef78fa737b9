/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The compiler's own long jumps: they need no library and save no more than
 * three words.
 */

#include <kernel/kdb/kdb_error.h>

#include <stdarg.h>
#include <stddef.h>

#include <kernel/kdb/kdb_out.h>
#include <kernel/panic.h>

/* Where an error goes on; on the stack of who catches it. */
struct kdb_error_place {
	void			*jump[5];
	struct kdb_error_place	*outer;
};

static struct kdb_error_place *kdb_error_place;

/*
 * A function of its own, whose caller has all registers back as after any
 * call.
 */
static bool __attribute__((noinline))
kdb_error_run(struct kdb_error_place *place, void (*fn)(void *arg), void *arg)
{
	if (__builtin_setjmp(place->jump) != 0) {
		return false;
	}
	fn(arg);
	return true;
}

bool
kdb_error_catch(void (*fn)(void *arg), void *arg)
{
	struct kdb_error_place place = { .outer = kdb_error_place };
	bool good;

	kdb_error_place = &place;
	good = kdb_error_run(&place, fn, arg);
	kdb_error_place = place.outer;
	return good;
}

bool
kdb_error_caught(void)
{
	return kdb_error_place != NULL;
}

void
kdb_error_abandon(void)
{
	kdb_error_place = NULL;
}

void
kdb_error_quit(void)
{
	assert(kdb_error_place != NULL);
	__builtin_longjmp(kdb_error_place->jump, 1);
}

void
kdb_error(const char *format, ...)
{
	va_list args;

	/* Not for somebody at the pager to refuse. */
	kdb_out_pause(false);
	kdb_out_fresh_line();
	va_start(args, format);
	kdb_vprintf(format, args);
	va_end(args);
	kdb_printf("\n");
	kdb_error_quit();
}
