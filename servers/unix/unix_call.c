/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * From the message of a call to its function: the data are checked against
 * calls.h, so that the functions can rely on it.
 */
#include <servers/unix/unix_call.h>

#include <servers/lib/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct call_entry {
	struct unix_call_desc	desc;
	call_fn_t		function;
};

#define UNIX_CALL_TABLE(number, name, ...) \
	[number] = { { #name, { __VA_ARGS__ } }, call_##name },

static const struct call_entry call_table[UNIX_CALL_END] = {
	UNIX_CALLS(UNIX_CALL_TABLE)
};

bool call_trace;

/* unix-trace=1 on the kernel's command line: each call, in the log. */
static void
call_show(const struct call *c, const struct call_entry *entry,
    int32_t result)
{
	char text[160] = "";
	int used = 0;

	for (int i = 0; i < 6 && used >= 0 && used < (int)sizeof(text); i++) {
		bool path = UNIX_ARG_KIND(entry->desc.args[i]) ==
		    UNIX_ARG_PATH && c->in[i] != NULL;

		if (path) {
			used += snprintf(text + used, sizeof(text) -
			    (size_t)used, " \"%.50s\"", c->in[i]);
		} else {
			used += snprintf(text + used, sizeof(text) -
			    (size_t)used, " %x", c->a[i]);
		}
	}
	log_info("%d %s%s = %d", c->p->pid, entry->desc.name, text, result);
}

static bool
call_size(const struct call *c, uint16_t arg, uint32_t *sizep)
{
	uint32_t size = UNIX_ARG_SIZE(arg);
	uint32_t count;

	switch (UNIX_ARG_KIND(arg)) {
	case UNIX_ARG_INV:
	case UNIX_ARG_OUTV:
	case UNIX_ARG_INOUTV:
		count = c->a[UNIX_ARG_COUNT(arg)];
		if (count > UNIX_IO_MAX / size) {
			return false;
		}
		size *= count;
		break;
	default:
		break;
	}
	*sizep = size;
	return true;
}

/* Point the arguments into IN. */
static bool
call_decode(struct call *c, const struct unix_call_desc *desc, const char *in,
    uint32_t in_size)
{
	uint32_t used = 0;
	uint32_t size;
	const char *end;

	for (int i = 0; i < 6; i++) {
		unsigned kind = UNIX_ARG_KIND(desc->args[i]);

		if (c->a[i] == 0 || kind == UNIX_ARG_NONE ||
		    kind == UNIX_ARG_OUT || kind == UNIX_ARG_OUTV) {
			continue;
		}
		if (used > in_size) {
			return false;
		}
		if (kind == UNIX_ARG_PATH) {
			end = memchr(in + used, '\0', in_size - used);
			if (end == NULL) {
				return false;
			}
			size = (uint32_t)(end - (in + used)) + 1;
		} else if (!call_size(c, desc->args[i], &size) ||
		    size > in_size - used) {
			return false;
		}
		c->in[i] = in + used;
		c->in_size[i] = size;
		used += (size + 3) & ~3u;
	}
	return true;
}

/* Give results their places in OUT; what goes both ways is copied there. */
static bool
call_place(struct call *c, const struct unix_call_desc *desc, char *out,
    uint32_t room, uint32_t *usedp)
{
	uint32_t used = 0;
	uint32_t size;

	for (int i = 0; i < 6; i++) {
		unsigned kind = UNIX_ARG_KIND(desc->args[i]);

		if (c->a[i] == 0 || (kind != UNIX_ARG_OUT &&
		    kind != UNIX_ARG_OUTV && kind != UNIX_ARG_INOUT &&
		    kind != UNIX_ARG_INOUTV)) {
			continue;
		}
		if (!call_size(c, desc->args[i], &size) || size > room - used) {
			return false;
		}
		c->out[i] = out + used;
		c->out_size[i] = size;
		if (c->in[i] != NULL) {
			memcpy(c->out[i], c->in[i], size);
		} else if (kind == UNIX_ARG_OUT) {
			memset(c->out[i], 0, size);
		}
		used += (size + 3) & ~3u;
	}
	*usedp = used;
	return true;
}

/* The bytes of OUT that the reply takes: a sole OUTV ends with its result. */
static uint32_t
call_out_size(const struct call *c, const struct unix_call_desc *desc,
    uint32_t used, int32_t result)
{
	if (result < 0) {
		return c->write_out ? used : 0;
	}
	for (int i = 0; i < 6; i++) {
		if (UNIX_ARG_KIND(desc->args[i]) == UNIX_ARG_OUTV &&
		    UNIX_ARG_SIZE(desc->args[i]) == 1 && c->out[i] != NULL &&
		    (uint32_t)result < c->out_size[i]) {
			return (uint32_t)result;
		}
	}
	return used;
}

int32_t
call_dispatch(struct uthread *t, int number, const uint32_t *args,
    const char *in, uint32_t in_size, char *out, uint32_t *out_size,
    uint32_t *events)
{
	const struct call_entry *entry;
	struct call c;
	uint32_t used = 0;
	int32_t result;

	if (number < 0 || number >= UNIX_CALL_END ||
	    call_table[number].function == NULL) {
		*out_size = 0;
		return -L_ENOSYS;
	}
	entry = &call_table[number];
	memset(&c, 0, sizeof(c));
	c.t = t;
	c.p = t->process;
	c.number = (uint32_t)number;
	memcpy(c.a, args, sizeof(c.a));
	if (!call_decode(&c, &entry->desc, in, in_size) ||
	    !call_place(&c, &entry->desc, out, *out_size, &used)) {
		*out_size = 0;
		return -L_EINVAL;
	}
	result = entry->function(&c);
	if (call_trace) {
		call_show(&c, entry, result);
	}
	*out_size = call_out_size(&c, &entry->desc, used, result);
	*events = !t->dying && (signal_deliverable(t) || t->restore_mask) ?
	    UNIX_EVENT_SIGNAL : 0;
	return result;
}
