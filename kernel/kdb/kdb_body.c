/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Items are read in a copy of the body: as much of it as there is room for.
 */

#include <kernel/kdb/kdb_body.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <kernel/kdb/kdb_list.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_port.h>
#include <kernel/kdb/kdb_tree.h>

#include <ipc/ipc_kmsg.h>

#define KDB_BODY_SIZE	4096u
#define KDB_BODY_VALUES	8u		/* of an item that are printed */
#define KDB_BODY_CHARS	48u

static uint64_t kdb_body_copy[KDB_BODY_SIZE / sizeof(uint64_t)];

static const char *
kdb_body_type(unsigned name)
{
	switch (name) {
	case MACH_MSG_TYPE_BIT:
		return "bit";
	case MACH_MSG_TYPE_INTEGER_16:
		return "integer_16";
	case MACH_MSG_TYPE_INTEGER_32:
		return "integer_32";
	case MACH_MSG_TYPE_CHAR:
		return "char";
	case MACH_MSG_TYPE_INTEGER_8:
		return "integer_8";
	case MACH_MSG_TYPE_REAL:
		return "real";
	case MACH_MSG_TYPE_INTEGER_64:
		return "integer_64";
	case MACH_MSG_TYPE_STRING:
		return "string";
	case MACH_MSG_TYPE_PORT_NAME:
		return "port name";
	case MACH_MSG_TYPE_PORT_RECEIVE:
		return "receive right";
	case MACH_MSG_TYPE_PORT_SEND:
		return "send right";
	case MACH_MSG_TYPE_PORT_SEND_ONCE:
		return "send-once right";
	default:
		return NULL;
	}
}

static void
kdb_body_print_type(const struct ipc_kmsg_item *item)
{
	const char *type = kdb_body_type(item->name);

	if (type != NULL) {
		kdb_printf("%s", type);
	} else {
		kdb_printf("type %u of %u bits", item->name, item->size);
	}
	kdb_printf("[%u]%s", item->number, item->is_inline ? "" :
	    " out of line");
}

/* Characters up to the first that is none. */
static void
kdb_body_print_chars(const char *at, size_t n)
{
	kdb_printf(" \"");
	for (size_t i = 0; i < n && at[i] >= ' ' && at[i] <= '~'; i++) {
		if (i == KDB_BODY_CHARS) {
			kdb_printf("...");
			break;
		}
		kdb_printf("%c", at[i]);
	}
	kdb_printf("\"");
}

/* Integers of SIZE bytes: 1, 2, 4 or 8. */
static void
kdb_body_print_integers(const char *at, size_t size, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t value = 0;

		if (i == KDB_BODY_VALUES) {
			kdb_printf(" ...");
			break;
		}
		memcpy(&value, at + i * size, size);
		kdb_printf(" %llx", (unsigned long long)value);
	}
}

static void
kdb_body_print_data(const struct ipc_kmsg_item *item)
{
	unsigned size = item->size / 8;

	if (item->name == MACH_MSG_TYPE_CHAR ||
	    item->name == MACH_MSG_TYPE_STRING) {
		kdb_body_print_chars(item->data, item->length);
	} else if (item->size % 8 == 0 &&
	    (size == 1 || size == 2 || size == 4 || size == 8)) {
		kdb_body_print_integers(item->data, size, item->number);
	} else {
		kdb_printf(" %lu bytes", (unsigned long)item->length);
	}
	kdb_printf("\n");
}

/* The ports at AT, which may be anywhere; NAMES: they are the receiver's. */
static void
kdb_body_draw_ports(struct kdb_tree *tree, const char *at, unsigned n,
    bool names)
{
	const struct ipc_port *port;

	(void)kdb_tree_down(tree, false);
	for (unsigned i = 0; i < n; i++) {
		uintptr_t place = (uintptr_t)at + i * sizeof(port);

		kdb_tree_branch(tree, i + 1 == n || i == KDB_BODY_VALUES);
		if (i == KDB_BODY_VALUES) {
			kdb_printf("%u more\n", n - i);
			break;
		}
		if (!kdb_list_read((const void *)place, &port, sizeof(port))) {
			kdb_printf("damaged: no ports at %lx\n",
			    (unsigned long)place);
			break;
		}
		if (names) {
			kdb_printf("name %lx\n", (unsigned long)port);
		} else {
			kdb_port_print(port);
			kdb_printf("\n");
		}
	}
	kdb_tree_up(tree);
}

static void
kdb_body_draw_item(struct kdb_tree *tree, const struct ipc_kmsg_item *item,
    bool ready)
{
	const char *data = item->data;

	kdb_tree_branch(tree, false);
	kdb_body_print_type(item);
	if (!item->is_inline) {
		memcpy(&data, item->data, sizeof(data));
		kdb_printf(" at %p", (const void *)data);
	}
	if (!item->is_port && item->is_inline) {
		kdb_body_print_data(item);
		return;
	}
	kdb_printf("\n");
	/* Of a message that is its receiver's, what is out of line is his. */
	if (item->is_port && (item->is_inline || !ready)) {
		kdb_body_draw_ports(tree, data, item->number, ready);
	}
}

void
kdb_body_draw(struct kdb_tree *tree, const struct ipc_kmsg *address,
    const struct ipc_kmsg *kmsg)
{
	size_t size = kmsg->header.size - sizeof(kmsg->header);
	size_t n = size < KDB_BODY_SIZE ? size : KDB_BODY_SIZE;
	char *at = (char *)kdb_body_copy;
	char *end = at + n;
	struct ipc_kmsg_item item;
	mach_msg_return_t mr = MACH_MSG_SUCCESS;

	if (!kdb_list_read(address + 1, kdb_body_copy, n)) {
		kdb_tree_branch(tree, false);
		kdb_printf("damaged: no body at %p\n",
		    (const void *)(address + 1));
		return;
	}
	while (at < end && mr == MACH_MSG_SUCCESS) {
		mr = ipc_kmsg_next_item(&at, end, &item);
		if (mr == MACH_MSG_SUCCESS) {
			kdb_body_draw_item(tree, &item, kmsg->ready);
		}
	}
	if (mr != MACH_MSG_SUCCESS) {
		kdb_tree_branch(tree, false);
		kdb_printf(size > n ? "more, from byte %lu on\n" :
		    "no item at byte %lu\n", (unsigned long)(at -
		    (char *)kdb_body_copy) + sizeof(kmsg->header));
	}
}
