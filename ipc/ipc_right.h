/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What a name may turn into: the rules of mach_port.defs and of message
 * dispositions, for one space.
 *
 * Functions without _locked take the space themselves, in which nothing else
 * may be held, and answer KERN_INVALID_TASK for a dead space and
 * KERN_INVALID_NAME for a name that denotes nothing.
 */

#ifndef IPC_IPC_RIGHT_H
#define IPC_IPC_RIGHT_H

#include <ipc/ipc_entry.h>
#include <ipc/ipc_types.h>
#include <kernel/list.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>

/* What somebody must hear of, or be relieved of, once the space is unlocked. */
struct ipc_remains {
	struct list deleted;	  /* struct ipc_request: their name is gone */
	struct ipc_port *receive; /* rights to be destroyed, or null */
	struct ipc_port *send;
	struct ipc_port *sonce;
};

void ipc_remains_init(struct ipc_remains *remains);

/* Locks: none held. */
void ipc_remains_release(struct ipc_remains *remains);

/*
 * Turn ENTRY into a dead name if its port has died.
 *
 * Locks:   the space held.
 * Returns: the type of the entry now; none for a hollow one.
 */
mach_port_type_t ipc_right_check(
    struct ipc_space *space, mach_port_name_t name, struct ipc_entry *entry);

/*
 * Taking a right in three steps, so that a message takes all or none.
 *
 * take    removes what DISPOSITION asks for from NAME and gives it in *PORTP:
 *         null and dead names, and dead rights, give IP_NULL and IP_DEAD.
 *         Fails with KERN_INVALID_NAME or KERN_INVALID_RIGHT.
 * untake  undoes it: same arguments
 * commit  finishes it: a moved receive right is in limbo then, names that
 *         denote nothing any more are free, requests for them in *REMAINS
 *
 * A commit of what ipc_right_moves() denies does nothing.
 *
 * Locks: the space held, from the first take to the last untake or commit.
 */
static inline bool
ipc_right_moves(mach_msg_type_name_t disposition)
{
	return disposition == MACH_MSG_TYPE_MOVE_RECEIVE ||
	       disposition == MACH_MSG_TYPE_MOVE_SEND ||
	       disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE;
}

kern_return_t ipc_right_take_locked(struct ipc_space *space,
    mach_port_name_t name, mach_msg_type_name_t disposition,
    struct ipc_port **portp);
void ipc_right_untake_locked(struct ipc_space *space, mach_port_name_t name,
    mach_msg_type_name_t disposition, struct ipc_port *port);
void ipc_right_commit_locked(struct ipc_space *space, mach_port_name_t name,
    mach_msg_type_name_t disposition, struct ipc_port *port,
    struct ipc_remains *remains);

/* Take one right for good. */
kern_return_t ipc_right_copyin(struct ipc_space *space, mach_port_name_t name,
    mach_msg_type_name_t disposition, struct ipc_port **portp);

/*
 * Put the right PORT of kind TYPE into ENTRY, which is new, or where SPACE has
 * rights of PORT.  A user reference that would overflow is not counted.
 *
 * Locks:   SPACE held, and PORT for a receive right, for which it is active.
 * Refs:    consumes the right, unless true is returned: the entry had a send
 *          right already, and this is one too many.
 */
bool ipc_right_install(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, struct ipc_port *port, mach_msg_type_name_t type);

/*
 * Give SPACE the right PORT of kind TYPE (MACH_MSG_TYPE_PORT_*) under the name
 * it has or a new one.  Null and dead rights give MACH_PORT_NULL and
 * MACH_PORT_DEAD, and so does a port that died.  A user reference that would
 * overflow is not counted.
 *
 * Locks:   (_locked) the space held, active.
 * Refs:    consumes the right on success.  *CREATED (may be NULL) says whether
 *          the name is new.
 * Returns: KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE.
 */
kern_return_t ipc_right_copyout_locked(struct ipc_space *space,
    struct ipc_port *port, mach_msg_type_name_t type, mach_port_name_t *namep,
    bool *created);
kern_return_t ipc_right_copyout(struct ipc_space *space, struct ipc_port *port,
    mach_msg_type_name_t type, mach_port_name_t *namep);

/*
 * The same under a given name.
 *
 * Returns: KERN_NAME_EXISTS, KERN_RIGHT_EXISTS, KERN_UREFS_OVERFLOW,
 *          KERN_INVALID_CAPABILITY, KERN_RESOURCE_SHORTAGE.
 */
kern_return_t ipc_right_copyout_name(struct ipc_space *space,
    struct ipc_port *port, mach_msg_type_name_t type, mach_port_name_t name);

/* Does SPACE hold a send right for PORT?  Locks: none held. */
bool ipc_right_has_send(struct ipc_space *space, struct ipc_port *port);

/*
 * Make a port, port set or dead name.  *NAMEP is the name wanted, or null for
 * any; the name it got on return.
 *
 * Returns: KERN_INVALID_VALUE, KERN_NAME_EXISTS, KERN_NO_SPACE,
 *          KERN_RESOURCE_SHORTAGE.
 */
kern_return_t ipc_right_allocate(
    struct ipc_space *space, mach_port_right_t right, mach_port_name_t *namep);

/* As the calls of mach_port.defs with similar names. */
kern_return_t ipc_right_type(
    struct ipc_space *space, mach_port_name_t name, mach_port_type_t *typep);
kern_return_t ipc_right_refs(struct ipc_space *space, mach_port_name_t name,
    mach_port_right_t right, mach_port_urefs_t *urefsp);
kern_return_t ipc_right_delta(struct ipc_space *space, mach_port_name_t name,
    mach_port_right_t right, mach_port_delta_t delta);
kern_return_t ipc_right_dealloc(struct ipc_space *space, mach_port_name_t name);
kern_return_t ipc_right_destroy(struct ipc_space *space, mach_port_name_t name);
kern_return_t ipc_right_rename(struct ipc_space *space,
    mach_port_name_t old_name, mach_port_name_t new_name);

/*
 * Move the receive right MEMBER into the set AFTER, or out of its set if AFTER
 * is null.  KERN_NOT_IN_SET, KERN_INVALID_RIGHT.
 */
kern_return_t ipc_right_move_member(
    struct ipc_space *space, mach_port_name_t member, mach_port_name_t after);

/*
 * The port of the receive right NAME, locked.  KERN_INVALID_RIGHT if NAME
 * denotes something else.  The _locked form leaves the space locked.
 */
kern_return_t ipc_right_receive_lock(
    struct ipc_space *space, mach_port_name_t name, struct ipc_port **portp);
kern_return_t ipc_right_receive_lock_locked(
    struct ipc_space *space, mach_port_name_t name, struct ipc_port **portp);

/*
 * Take everything that ENTRY denotes and free it.
 *
 * Locks: the space held.
 */
void ipc_right_clear_locked(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, struct ipc_remains *remains);

#endif /* IPC_IPC_RIGHT_H */
