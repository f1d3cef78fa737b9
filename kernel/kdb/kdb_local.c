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

/*
 * Is the function called NAME that VIEW is in, or one that is inlined there?  LEVEL
 * is how many that one is inlined in.
 */
static bool
kdb_local_level(const struct kdb_view *view,
    const struct kdb_function *function, const char *name, unsigned *level)
{
	bool found = strcmp(function->name, name) == 0;
	struct kdb_entry entry;
	struct kdb_walk walk;

	*level = 0;
	kdb_walk_start(&walk, view->table, function,
	    kdb_frame_place(view->frame));
	while (kdb_walk_next(&walk, &entry)) {
		if (entry.kind == KDB_SCOPE_INLINE &&
		    strcmp(entry.name, name) == 0) {
			*level = entry.level;
			found = true;
		}
	}
	return found;
}

/* Where VARIABLE of what is inlined so often is; an inner block's hides others. */
static enum kdb_local
kdb_local_variable(const struct kdb_view *view,
    const struct kdb_function *function, unsigned level, const char *variable,
    uintptr_t *address)
{
	enum kdb_local found = KDB_LOCAL_NO_VARIABLE;
	struct kdb_entry entry;
	struct kdb_value value;
	struct kdb_walk walk;

	kdb_walk_start(&walk, view->table, function,
	    kdb_frame_place(view->frame));
	while (kdb_walk_next(&walk, &entry)) {
		if ((entry.kind != KDB_SCOPE_PARAMETER &&
		    entry.kind != KDB_SCOPE_LOCAL) || entry.level != level ||
		    strcmp(entry.name, variable) != 0) {
			continue;
		}
		found = KDB_LOCAL_NO_ADDRESS;
		if (entry.placed && kdb_value_get(view, entry.expr, &value) &&
		    value.in_memory) {
			*address = value.address;
			found = KDB_LOCAL_FOUND;
		}
	}
	return found;
}

/* Where VARIABLE of the function called NAME is, if VIEW is in that. */
static enum kdb_local
kdb_local_in_frame(const struct kdb_view *view, const char *name,
    const char *variable, uintptr_t *address)
{
	struct kdb_function function;
	unsigned level;

	if (view->table == NULL || !kdb_function_at(view->table,
	    kdb_frame_place(view->frame), &function) ||
	    !kdb_local_level(view, &function, name, &level)) {
		return KDB_LOCAL_NO_FRAME;
	}
	if (variable[0] != '\0') {
		return kdb_local_variable(view, &function, level, variable,
		    address);
	}
	*address = view->frame->address;
	return view->frame->addressed ? KDB_LOCAL_FOUND : KDB_LOCAL_NO_ADDRESS;
}

enum kdb_local
kdb_local_search(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    const char *function, const char *variable, uintptr_t *address)
{
	struct kdb_frame frames[2] = { *frame };
	enum kdb_local found = KDB_LOCAL_NO_FRAME;
	struct kdb_view view = {
		.unwind = unwind, .callers = KDB_LOCAL_CALLERS,
	};

	for (unsigned i = 0; i < KDB_LOCAL_FRAMES; i++) {
		enum kdb_unwind_step step;

		view.frame = &frames[i % 2];
		view.table = unwind->table(unwind, view.frame);
		step = kdb_unwind_next(unwind, view.frame,
		    &frames[(i + 1) % 2]);
		found = kdb_local_in_frame(&view, function, variable, address);
		if (found != KDB_LOCAL_NO_FRAME || !kdb_unwind_more(step)) {
			break;
		}
	}
	return found;
}
