/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See kdb_local.h. */

#include <kernel/kdb/kdb_local.h>

#include <string.h>

#include <kernel/kdb/kdb_scope.h>
#include <kernel/kdb/kdb_value.h>

/* Callers that are asked for what a function was called with. */
#define KDB_LOCAL_CALLERS	4u

#define KDB_LOCAL_FRAMES	1000u

/* Where VARIABLE is in the function that VIEW is in, which is called NAME. */
static bool
kdb_local_in_frame(const struct kdb_view *view, const char *name,
    const char *variable, uintptr_t *address)
{
	uintptr_t place = kdb_frame_place(view->frame);
	struct kdb_function function;
	struct kdb_entry entry;
	struct kdb_value value;
	struct kdb_walk walk;

	if (view->table == NULL ||
	    !kdb_function_at(view->table, place, &function) ||
	    strcmp(function.name, name) != 0) {
		return false;
	}
	if (variable[0] == '\0') {
		*address = view->frame->address;
		return view->frame->addressed;
	}
	kdb_walk_start(&walk, view->table, &function, place);
	while (kdb_walk_next(&walk, &entry)) {
		if (entry.kind != KDB_SCOPE_SITE &&
		    entry.kind != KDB_SCOPE_INLINE && entry.placed &&
		    strcmp(entry.name, variable) == 0 &&
		    kdb_value_get(view, entry.expr, &value) &&
		    value.in_memory) {
			*address = value.address;
			return true;
		}
	}
	return false;
}

bool
kdb_local_search(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    const char *function, const char *variable, uintptr_t *address)
{
	struct kdb_frame frames[2] = { *frame };
	struct kdb_view view = {
		.unwind = unwind, .callers = KDB_LOCAL_CALLERS,
	};

	for (unsigned i = 0; i < KDB_LOCAL_FRAMES; i++) {
		enum kdb_unwind_step step;

		view.frame = &frames[i % 2];
		view.table = unwind->table(unwind, view.frame);
		step = kdb_unwind_next(unwind, view.frame,
		    &frames[(i + 1) % 2]);
		if (kdb_local_in_frame(&view, function, variable, address)) {
			return true;
		}
		if (!kdb_unwind_more(step)) {
			break;
		}
	}
	return false;
}
