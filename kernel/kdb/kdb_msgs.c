/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_msgs.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <device/notify.h>

#include <kernel/kdb/kdb_out.h>

/* As MIG has it. */
#define KDB_MSGS_REPLY	100

/* Routine NUMBER of INTERFACE: "" if there is none. */
static const char *
kdb_msgs_routine(const struct kdb_msgs_interface *interface,
    mach_msg_id_t number)
{
	const char *at = interface->routines;

	if (number < 0 || number >= interface->count) {
		return "";
	}
	while (number-- > 0) {
		at += strlen(at) + 1;
	}
	return at;
}

/* Add what ID is of INTERFACE's requests, or of its replies, to TEXT. */
static void
kdb_msgs_add(const struct kdb_msgs_interface *interface, mach_msg_id_t id,
    bool reply, char *text, size_t size)
{
	const char *name = kdb_msgs_routine(interface,
	    id - interface->base - (reply ? KDB_MSGS_REPLY : 0));
	size_t n = strlen(text);
	bool answered = name[0] != '-';

	if (name[0] == '\0' || (reply && !answered)) {
		return;
	}
	snprintf(text + n, size - n, "%s%s.%s%s", n > 0 ? " or " : "",
	    interface->name, name + (answered ? 0 : 1), reply ? " reply" : "");
}

void
kdb_msgs_text(mach_msg_id_t id, char *text, size_t size)
{
	text[0] = '\0';
	if (id < 0) {
		return;
	}
	/* It is in no interface. */
	if (id == DEVICE_INTR_NOTIFY) {
		snprintf(text, size, "device interrupt");
	}
	for (const struct kdb_msgs_interface *interface = kdb_msgs_table;
	    interface->name != NULL; interface++) {
		kdb_msgs_add(interface, id, false, text, size);
		kdb_msgs_add(interface, id, true, text, size);
	}
}

void
kdb_msgs_print(mach_msg_id_t id)
{
	char text[KDB_MSGS_TEXT];

	kdb_msgs_text(id, text, sizeof(text));
	kdb_printf("id %d%s%s", (int)id, text[0] != '\0' ? " " : "", text);
}
