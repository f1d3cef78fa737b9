/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * One slot of a name space: 12 bytes.
 *
 * bits:
 *   30..24  generation: these bits of the name, whose bit 31 is 0
 *   23      a msg-accepted notification is pending for this right
 *   22      a dead-name request was made for this right
 *   20..16  MACH_PORT_TYPE_*: what the name denotes; none = the slot is free
 *   15..0   user references
 *
 * A slot holds one of
 *   nothing       free_prev and link = indices of the free slots around
 *   receive       object = the port; user references 0 unless also send
 *   send          object = the port, 1 or more references; with receive they
 *                 share the name.  link = next in the hash if send alone
 *   send-once     object = the port, one reference
 *   port set      object = the set
 *   dead name     object = NULL, 1 or more references
 *
 * While a message is copied in, with the space locked throughout, a right that
 * the message takes leaves its entry `hollow': a type without user references,
 * or an object without a type.  ipc_right_commit() then frees such entries.
 *
 * A send or send-once right whose port died becomes a dead name when somebody
 * next looks at it: ipc_right_check().
 */

#ifndef IPC_IPC_ENTRY_H
#define IPC_IPC_ENTRY_H

#include <ipc/ipc_types.h>
#include <kernel/panic.h>
#include <kernel/rbtree.h>
#include <mach/port.h>
#include <stdint.h>

#define IPC_ENTRY_GEN_MASK 0x7f000000u
#define IPC_ENTRY_GEN_ONE 0x01000000u
#define IPC_ENTRY_MAREQUEST 0x00800000u
#define IPC_ENTRY_REQUEST 0x00400000u
#define IPC_ENTRY_TYPE_MASK 0x001f0000u
#define IPC_ENTRY_UREFS_MASK 0x0000ffffu

/* Of dead names and of send rights, as on GNU Mach. */
#define IPC_ENTRY_UREFS_MAX ((mach_port_urefs_t)0xffff)
#define IPC_ENTRY_SEND_UREFS_MAX ((mach_port_urefs_t)0xfffe)

#define IPC_NAME_INDEX_MASK 0x00ffffffu
#define IPC_NAME_OF_TABLE (IPC_ENTRY_GEN_MASK | IPC_NAME_INDEX_MASK)

/* [s] lock of the space  [p] lock of the port */
struct ipc_entry {
	uint32_t bits; /* [s] */
	union {
		struct ipc_object *object; /* [s] a port or a set */
		struct ipc_port *port;	   /* [s] */
		struct ipc_pset *pset;	   /* [s] */
		uintptr_t free_prev;	   /* [s] free slots: index, twice,
					    * and 1, which no object is */
	};
	union {
		uint32_t link; /* [s] index or name, see above */
		struct ipc_request *request; /* [s] with IPC_ENTRY_REQUEST:
					      * owns a reference, and has the
					      * link.  To cancel it needs [p]
					      * and an active port */
	};
};

/* A name that the table cannot hold. */
struct ipc_entry_node {
	struct ipc_entry entry; /* first: the two are converted */
	struct rbtree_node node; /* [s] in space->tree */
	mach_port_name_t name;	/* [s] */
};

_Static_assert(sizeof(struct ipc_entry) == 12, "an entry is 12 bytes");

static inline mach_port_name_t
ipc_name_make(uint32_t index, const struct ipc_entry *entry)
{
	return index | (entry->bits & IPC_ENTRY_GEN_MASK);
}

static inline uint32_t
ipc_name_index(mach_port_name_t name)
{
	return name & IPC_NAME_INDEX_MASK;
}

/* Is ENTRY, which has the index of NAME, in the generation that it means? */
static inline bool
ipc_name_matches(mach_port_name_t name, const struct ipc_entry *entry)
{
	return ((entry->bits ^ name) & ~IPC_NAME_INDEX_MASK) == 0;
}

static inline mach_port_type_t
ipc_entry_type(const struct ipc_entry *entry)
{
	return entry->bits & IPC_ENTRY_TYPE_MASK;
}

static inline mach_port_urefs_t
ipc_entry_urefs(const struct ipc_entry *entry)
{
	return entry->bits & IPC_ENTRY_UREFS_MASK;
}

static inline void
ipc_entry_set_urefs(struct ipc_entry *entry, mach_port_urefs_t urefs)
{
	assert(urefs <= IPC_ENTRY_UREFS_MAX);
	entry->bits = (entry->bits & ~IPC_ENTRY_UREFS_MASK) | urefs;
}

static inline void
ipc_entry_set_type(struct ipc_entry *entry, mach_port_type_t type)
{
	entry->bits = (entry->bits & ~IPC_ENTRY_TYPE_MASK) | type;
}

/* The bits of a free entry whose next name is another one than its last. */
static inline uint32_t
ipc_entry_next_bits(const struct ipc_entry *entry)
{
	return (entry->bits + IPC_ENTRY_GEN_ONE) & IPC_ENTRY_GEN_MASK;
}

/* A hollow entry counts as used. */
static inline bool
ipc_entry_used(const struct ipc_entry *entry)
{
	return ipc_entry_type(entry) != 0 ||
	       (entry->object != NULL && (entry->free_prev & 1) == 0);
}

static inline bool
ipc_entry_has_request(const struct ipc_entry *entry)
{
	return (entry->bits & IPC_ENTRY_REQUEST) != 0;
}

void ipc_entry_setup(void);

/* Entries in a space's tree.  Locks: the space held. */
struct ipc_entry *ipc_entry_tree_lookup(const struct rbtree *tree,
    mach_port_name_t name);

/* The entry with the least name that is not less than NAME, or NULL. */
struct ipc_entry *ipc_entry_tree_next(const struct rbtree *tree,
    mach_port_name_t name, mach_port_name_t *namep);

/* An entry for NAME, which is not there; NULL when there is no memory. */
struct ipc_entry *ipc_entry_tree_insert(struct rbtree *tree,
    mach_port_name_t name);

/* Remove and free it. */
void ipc_entry_tree_remove(struct rbtree *tree, struct ipc_entry *entry);

#endif /* IPC_IPC_ENTRY_H */
