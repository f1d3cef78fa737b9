/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What a name may turn into.
 *
 * An entry owns one reference on its port for a send or send-once right and
 * one for a receive right, whatever the number of user references.
 */

#include <ipc/ipc_right.h>

#include <mach/notify.h>
#include <machine/atomic.h>

#include <kernel/panic.h>

#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_request.h>
#include <ipc/ipc_space.h>

void
ipc_remains_init(struct ipc_remains *remains)
{
	list_init(&remains->deleted);
	remains->receive = IP_NULL;
	remains->send = IP_NULL;
	remains->sonce = IP_NULL;
}

void
ipc_remains_release(struct ipc_remains *remains)
{
	/* Of one name both go at once: who waits for its last sender is told. */
	if (remains->send != IP_NULL) {
		ipc_port_release_send(remains->send);
	}
	if (!list_empty(&remains->deleted)) {
		ipc_request_send_list(
		    &remains->deleted, MACH_NOTIFY_PORT_DELETED);
	}
	if (remains->receive != IP_NULL) {
		ipc_port_release_receive(remains->receive);
	}
	if (remains->sonce != IP_NULL) {
		ipc_port_release_sonce(remains->sonce);
	}
}

/* A message that waits to be accepted loses its name, or gets NEW_NAME. */
static void
ipc_right_rename_accepted(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, mach_port_name_t new_name)
{
	if ((entry->bits & IPC_ENTRY_MAREQUEST) == 0) {
		return;
	}
	ipc_request_rename_accepted(entry->port, space, name, new_name);
	if (new_name == MACH_PORT_NULL) {
		entry->bits &= ~IPC_ENTRY_MAREQUEST;
	}
}

/*
 * Take the dead-name request off ENTRY and its port.  NULL if there is none,
 * or if the port died, which answers it.
 */
static struct ipc_request *
ipc_right_take_request(struct ipc_entry *entry)
{
	struct ipc_request *request = NULL;
	struct ipc_port *port = entry->port;

	if (!ipc_entry_has_request(entry)) {
		return NULL;
	}
	ipc_port_lock(port);
	if (ipc_port_active(port)) {
		request = entry->request;
		list_remove(&request->node);
	}
	ipc_port_unlock(port);
	ipc_request_detach(entry);
	return request;
}

/* ENTRY denotes nothing any more: free it. */
static void
ipc_right_free_entry(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, struct ipc_remains *remains)
{
	struct ipc_request *request = ipc_right_take_request(entry);

	ipc_right_rename_accepted(space, name, entry, MACH_PORT_NULL);
	if (request != NULL) {
		list_insert_tail(&remains->deleted, &request->node);
	}
	ipc_space_free(space, name, entry);
}

mach_port_type_t
ipc_right_check(
    struct ipc_space *space, mach_port_name_t name, struct ipc_entry *entry)
{
	mach_port_type_t type = ipc_entry_type(entry);
	mach_port_urefs_t urefs = ipc_entry_urefs(entry);
	struct ipc_port *port = entry->port;

	if ((type & MACH_PORT_TYPE_RECEIVE) != 0 ||
	    type == MACH_PORT_TYPE_PORT_SET) {
		return type;
	}
	if (urefs == 0) {
		return MACH_PORT_TYPE_NONE;
	}
	if (type == MACH_PORT_TYPE_DEAD_NAME) {
		return type;
	}
	/* It may die right after, with the lock or without. */
	if (atomic_load_relaxed(&port->object.active)) {
		return type;
	}
	/* Who killed it has done with it what needs its lock. */
	ipc_port_lock(port);
	ipc_port_unlock(port);

	ipc_right_rename_accepted(space, name, entry, MACH_PORT_NULL);
	if (type == MACH_PORT_TYPE_SEND) {
		ipc_space_hash_remove(space, name, entry);
		ipc_port_drop(port, MACH_MSG_TYPE_PORT_SEND);
	} else {
		ipc_port_drop(port, MACH_MSG_TYPE_PORT_SEND_ONCE);
	}
	entry->object = NULL;
	ipc_entry_set_type(entry, MACH_PORT_TYPE_DEAD_NAME);
	if (ipc_entry_has_request(entry)) {
		/* The notification brought a reference with it. */
		ipc_request_detach(entry);
		if (urefs < IPC_ENTRY_UREFS_MAX) {
			ipc_entry_set_urefs(entry, urefs + 1);
		}
	}
	return MACH_PORT_TYPE_DEAD_NAME;
}

/* Make a right from the receive right that ENTRY has. */
static kern_return_t
ipc_right_take_made(struct ipc_entry *entry, mach_port_type_t type,
    mach_msg_type_name_t disposition, struct ipc_port **portp)
{
	if ((type & MACH_PORT_TYPE_RECEIVE) == 0) {
		return KERN_INVALID_RIGHT;
	}
	if (disposition == MACH_MSG_TYPE_MAKE_SEND) {
		*portp = ipc_port_make_send(entry->port);
	} else {
		*portp = ipc_port_make_sonce(entry->port);
	}
	return KERN_SUCCESS;
}

static kern_return_t
ipc_right_take_receive(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, struct ipc_port **portp)
{
	mach_port_type_t type = ipc_entry_type(entry);

	if ((type & MACH_PORT_TYPE_RECEIVE) == 0) {
		return KERN_INVALID_RIGHT;
	}
	ipc_entry_set_type(entry, type & ~MACH_PORT_TYPE_RECEIVE);
	if ((type & MACH_PORT_TYPE_SEND) != 0) {
		ipc_space_hash_insert(space, name, entry);
	}
	*portp = entry->port;
	return KERN_SUCCESS;
}

/*
 * A copy of the send right, and for MOVE_SEND one user reference.  An entry
 * left without references keeps its right until commit.
 */
static kern_return_t
ipc_right_take_send(struct ipc_entry *entry, mach_port_type_t type,
    mach_msg_type_name_t disposition, struct ipc_port **portp)
{
	mach_port_urefs_t urefs = ipc_entry_urefs(entry);
	struct ipc_port *port = IP_DEAD;

	if (urefs == 0) {
		return KERN_INVALID_RIGHT;
	}
	if ((type & MACH_PORT_TYPE_SEND) != 0) {
		port = ipc_port_copy_send(entry->port);
	} else if (type != MACH_PORT_TYPE_DEAD_NAME) {
		return KERN_INVALID_RIGHT;
	}
	if (disposition == MACH_MSG_TYPE_MOVE_SEND) {
		ipc_entry_set_urefs(entry, urefs - 1);
	}
	*portp = port;
	return KERN_SUCCESS;
}

static kern_return_t
ipc_right_take_sonce(
    struct ipc_entry *entry, mach_port_type_t type, struct ipc_port **portp)
{
	mach_port_urefs_t urefs = ipc_entry_urefs(entry);

	if (type == MACH_PORT_TYPE_SEND_ONCE) {
		*portp = entry->port;
	} else if (type == MACH_PORT_TYPE_DEAD_NAME) {
		*portp = IP_DEAD;
	} else {
		return KERN_INVALID_RIGHT;
	}
	ipc_entry_set_urefs(entry, urefs - 1);
	return KERN_SUCCESS;
}

kern_return_t
ipc_right_take_locked(struct ipc_space *space, mach_port_name_t name,
    mach_msg_type_name_t disposition, struct ipc_port **portp)
{
	struct ipc_entry *entry;
	mach_port_type_t type;

	if (!MACH_PORT_VALID(name)) {
		*portp = name == MACH_PORT_NULL ? IP_NULL : IP_DEAD;
		return KERN_SUCCESS;
	}
	entry = ipc_space_lookup(space, name);
	if (entry == NULL) {
		return KERN_INVALID_NAME;
	}
	type = ipc_right_check(space, name, entry);
	switch (disposition) {
	case MACH_MSG_TYPE_MAKE_SEND:
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return ipc_right_take_made(entry, type, disposition, portp);
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		return ipc_right_take_receive(space, name, entry, portp);
	case MACH_MSG_TYPE_COPY_SEND:
	case MACH_MSG_TYPE_MOVE_SEND:
		return ipc_right_take_send(entry, type, disposition, portp);
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		return ipc_right_take_sonce(entry, type, portp);
	default:
		return KERN_INVALID_RIGHT;
	}
}

static void
ipc_right_untake_receive(
    struct ipc_space *space, mach_port_name_t name, struct ipc_entry *entry)
{
	mach_port_type_t type = ipc_entry_type(entry);

	if ((type & MACH_PORT_TYPE_SEND) != 0) {
		ipc_space_hash_remove(space, name, entry);
	}
	ipc_entry_set_type(entry, type | MACH_PORT_TYPE_RECEIVE);
}

void
ipc_right_untake_locked(struct ipc_space *space, mach_port_name_t name,
    mach_msg_type_name_t disposition, struct ipc_port *port)
{
	struct ipc_entry *entry;

	if (!MACH_PORT_VALID(name)) {
		return;
	}
	entry = ipc_space_lookup(space, name);
	assert(entry != NULL);
	switch (disposition) {
	case MACH_MSG_TYPE_MAKE_SEND:
		ipc_port_lock(port);
		port->mscount--;
		ipc_port_unlock(port);
		/* fallthrough */
	case MACH_MSG_TYPE_COPY_SEND:
		ipc_port_drop(port, MACH_MSG_TYPE_PORT_SEND);
		break;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		ipc_port_drop(port, MACH_MSG_TYPE_PORT_SEND_ONCE);
		break;
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		ipc_right_untake_receive(space, name, entry);
		break;
	case MACH_MSG_TYPE_MOVE_SEND:
		ipc_port_drop(port, MACH_MSG_TYPE_PORT_SEND);
		/* fallthrough */
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		ipc_entry_set_urefs(entry, ipc_entry_urefs(entry) + 1);
		break;
	default:
		panic("ipc_right_untake: disposition %u", disposition);
	}
}

/*
 * Free ENTRY, or the part of it, that was left hollow.  True if that had a send
 * right of its own, which is the caller's now.
 */
static bool
ipc_right_settle(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, struct ipc_remains *remains)
{
	mach_port_type_t type = ipc_entry_type(entry);
	bool left = false;

	if ((type & MACH_PORT_TYPE_SEND) != 0 && ipc_entry_urefs(entry) == 0) {
		type &= ~MACH_PORT_TYPE_SEND;
		ipc_entry_set_type(entry, type);
		if (type == MACH_PORT_TYPE_NONE) {
			ipc_space_hash_remove(space, name, entry);
		}
		left = true;
	} else if ((type & (MACH_PORT_TYPE_SEND_ONCE |
			       MACH_PORT_TYPE_DEAD_NAME)) != 0 &&
		   ipc_entry_urefs(entry) == 0) {
		type = MACH_PORT_TYPE_NONE;
		ipc_entry_set_type(entry, type);
	}
	if (type == MACH_PORT_TYPE_NONE) {
		ipc_right_free_entry(space, name, entry, remains);
	}
	return left;
}

void
ipc_right_commit_locked(struct ipc_space *space, mach_port_name_t name,
    mach_msg_type_name_t disposition, struct ipc_port *port,
    struct ipc_remains *remains)
{
	struct ipc_entry *entry;

	if (!MACH_PORT_VALID(name)) {
		return;
	}
	switch (disposition) {
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		ipc_port_lock(port);
		ipc_port_detach(port);
		ipc_port_unlock(port);
		break;
	case MACH_MSG_TYPE_MOVE_SEND:
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		break;
	default:
		return;
	}
	entry = ipc_space_lookup(space, name);
	if (entry != NULL) {
		port = entry->port;
		if (ipc_right_settle(space, name, entry, remains)) {
			/* The one that was taken is still there. */
			ipc_port_drop(port, MACH_MSG_TYPE_PORT_SEND);
		}
	}
}

kern_return_t
ipc_right_copyin(struct ipc_space *space, mach_port_name_t name,
    mach_msg_type_name_t disposition, struct ipc_port **portp)
{
	struct ipc_remains remains;
	struct ipc_port *port;
	kern_return_t kr = KERN_INVALID_TASK;

	ipc_remains_init(&remains);
	ipc_space_lock(space);
	if (space->active) {
		kr = ipc_right_take_locked(space, name, disposition, &port);
		if (kr == KERN_SUCCESS) {
			ipc_right_commit_locked(
			    space, name, disposition, port, &remains);
			*portp = port;
		}
	}
	ipc_space_unlock(space);
	ipc_remains_release(&remains);
	return kr;
}

bool
ipc_right_install(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, struct ipc_port *port, mach_msg_type_name_t type)
{
	mach_port_type_t had = ipc_entry_type(entry);
	mach_port_urefs_t urefs = ipc_entry_urefs(entry);

	entry->port = port;
	switch (type) {
	case MACH_MSG_TYPE_PORT_SEND:
		if ((had & MACH_PORT_TYPE_SEND) != 0) {
			if (urefs < IPC_ENTRY_SEND_UREFS_MAX) {
				ipc_entry_set_urefs(entry, urefs + 1);
			}
			return true;
		}
		ipc_entry_set_type(entry, had | MACH_PORT_TYPE_SEND);
		ipc_entry_set_urefs(entry, 1);
		if ((had & MACH_PORT_TYPE_RECEIVE) == 0) {
			ipc_space_hash_insert(space, name, entry);
		}
		return false;
	case MACH_MSG_TYPE_PORT_SEND_ONCE:
		ipc_entry_set_type(entry, MACH_PORT_TYPE_SEND_ONCE);
		ipc_entry_set_urefs(entry, 1);
		return false;
	case MACH_MSG_TYPE_PORT_RECEIVE:
		if ((had & MACH_PORT_TYPE_SEND) != 0) {
			ipc_space_hash_remove(space, name, entry);
		}
		ipc_entry_set_type(entry, had | MACH_PORT_TYPE_RECEIVE);
		assert(port->receiver == NULL);
		port->receiver = space;
		port->name = name;
		return false;
	default:
		panic("ipc_right_install: type %u", type);
	}
}

/* As ipc_right_install, for a port that may be dead: false then. */
static bool
ipc_right_install_live(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, struct ipc_port *port, mach_msg_type_name_t type)
{
	bool extra;

	if (type == MACH_MSG_TYPE_PORT_RECEIVE) {
		ipc_port_clear_transit(port);
	}
	ipc_port_lock(port);
	if (!ipc_port_active(port)) {
		ipc_port_unlock(port);
		return false;
	}
	extra = ipc_right_install(space, name, entry, port, type);
	if (extra) {
		/* The entry has another one. */
		assert(port->srights > 1);
		port->srights--;
	}
	ipc_port_unlock(port);
	if (extra) {
		ipc_port_unref(port);
	}
	return true;
}

kern_return_t
ipc_right_copyout_locked(struct ipc_space *space, struct ipc_port *port,
    mach_msg_type_name_t type, mach_port_name_t *namep, bool *created)
{
	struct ipc_entry *entry = NULL;
	mach_port_name_t name;
	bool is_new;
	kern_return_t kr;

	if (created != NULL) {
		*created = false;
	}
	if (!ip_valid(port)) {
		*namep = port == IP_NULL ? MACH_PORT_NULL : MACH_PORT_DEAD;
		return KERN_SUCCESS;
	}
	if (type != MACH_MSG_TYPE_PORT_SEND_ONCE) {
		entry = ipc_space_reverse(space, port, &name);
	}
	is_new = entry == NULL;
	if (is_new) {
		kr = ipc_space_alloc(space, &name, &entry);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
	}
	if (!ipc_right_install_live(space, name, entry, port, type)) {
		if (is_new) {
			ipc_space_free(space, name, entry);
		}
		ipc_port_drop(port, type);
		*namep = MACH_PORT_DEAD;
		return KERN_SUCCESS;
	}
	if (created != NULL) {
		*created = is_new;
	}
	*namep = name;
	return KERN_SUCCESS;
}

kern_return_t
ipc_right_copyout(struct ipc_space *space, struct ipc_port *port,
    mach_msg_type_name_t type, mach_port_name_t *namep)
{
	kern_return_t kr = KERN_INVALID_TASK;

	ipc_space_lock(space);
	if (space->active) {
		kr = ipc_right_copyout_locked(space, port, type, namep, NULL);
	}
	ipc_space_unlock(space);
	return kr;
}

/* Find, or make, the entry NAME for a right of kind TYPE for PORT. */
static kern_return_t
ipc_right_entry_for(struct ipc_space *space, struct ipc_port *port,
    mach_msg_type_name_t type, mach_port_name_t name, struct ipc_entry **entryp,
    bool *is_new)
{
	struct ipc_entry *entry = NULL;
	mach_port_name_t found;

	*is_new = false;
	if (type != MACH_MSG_TYPE_PORT_SEND_ONCE) {
		entry = ipc_space_reverse(space, port, &found);
	}
	if (entry == NULL) {
		*is_new = true;
		return ipc_space_alloc_name(space, name, entryp);
	}
	if (found != name) {
		return KERN_RIGHT_EXISTS;
	}
	if (type == MACH_MSG_TYPE_PORT_SEND &&
	    ipc_entry_urefs(entry) == IPC_ENTRY_SEND_UREFS_MAX) {
		return KERN_UREFS_OVERFLOW;
	}
	*entryp = entry;
	return KERN_SUCCESS;
}

kern_return_t
ipc_right_copyout_name(struct ipc_space *space, struct ipc_port *port,
    mach_msg_type_name_t type, mach_port_name_t name)
{
	struct ipc_entry *entry;
	kern_return_t kr = KERN_INVALID_TASK;
	bool is_new;

	assert(ip_valid(port) && MACH_PORT_VALID(name));
	ipc_space_lock(space);
	if (space->active) {
		kr = ipc_right_entry_for(
		    space, port, type, name, &entry, &is_new);
	}
	if (kr == KERN_SUCCESS &&
	    !ipc_right_install_live(space, name, entry, port, type)) {
		if (is_new) {
			ipc_space_free(space, name, entry);
		}
		kr = KERN_INVALID_CAPABILITY;
	}
	ipc_space_unlock(space);
	return kr;
}

bool
ipc_right_has_send(struct ipc_space *space, struct ipc_port *port)
{
	struct ipc_entry *entry;
	mach_port_name_t name;
	bool has;

	ipc_space_lock(space);
	entry = ipc_space_reverse(space, port, &name);
	has = entry != NULL &&
	    (ipc_entry_type(entry) & MACH_PORT_TYPE_SEND) != 0;
	ipc_space_unlock(space);
	return has;
}

/* Give a new ENTRY its object; the objects were made before. */
static void
ipc_right_fill(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, struct ipc_port *port, struct ipc_pset *pset)
{
	if (port != NULL) {
		ipc_right_install_live(
		    space, name, entry, port, MACH_MSG_TYPE_PORT_RECEIVE);
	} else if (pset != NULL) {
		ipc_entry_set_type(entry, MACH_PORT_TYPE_PORT_SET);
		entry->pset = pset;
		pset->name = name;
	} else {
		ipc_entry_set_type(entry, MACH_PORT_TYPE_DEAD_NAME);
		ipc_entry_set_urefs(entry, 1);
	}
}

kern_return_t
ipc_right_allocate(
    struct ipc_space *space, mach_port_right_t right, mach_port_name_t *namep)
{
	struct ipc_port *port = NULL;
	struct ipc_pset *pset = NULL;
	struct ipc_entry *entry;
	kern_return_t kr = KERN_INVALID_TASK;

	if (right == MACH_PORT_RIGHT_RECEIVE) {
		port = ipc_port_create();
		if (port == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
	} else if (right == MACH_PORT_RIGHT_PORT_SET) {
		pset = ipc_pset_create();
		if (pset == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
	} else if (right != MACH_PORT_RIGHT_DEAD_NAME) {
		return KERN_INVALID_VALUE;
	}
	ipc_space_lock(space);
	if (space->active) {
		kr = *namep == MACH_PORT_NULL
			 ? ipc_space_alloc(space, namep, &entry)
			 : ipc_space_alloc_name(space, *namep, &entry);
	}
	if (kr == KERN_SUCCESS) {
		ipc_right_fill(space, *namep, entry, port, pset);
	}
	ipc_space_unlock(space);
	if (kr != KERN_SUCCESS) {
		ipc_port_release_receive(port);
		if (pset != NULL) {
			ipc_pset_destroy(pset);
		}
	}
	return kr;
}

/*
 * Lock SPACE and find the entry of NAME, its type up to date.  With any error
 * the space is unlocked.
 */
static kern_return_t
ipc_right_lookup_lock(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry **entryp, mach_port_type_t *typep)
{
	struct ipc_entry *entry;

	ipc_space_lock(space);
	if (!space->active) {
		ipc_space_unlock(space);
		return KERN_INVALID_TASK;
	}
	entry = ipc_space_lookup(space, name);
	if (entry == NULL) {
		ipc_space_unlock(space);
		return KERN_INVALID_NAME;
	}
	*typep = ipc_right_check(space, name, entry);
	*entryp = entry;
	return KERN_SUCCESS;
}

kern_return_t
ipc_right_type(
    struct ipc_space *space, mach_port_name_t name, mach_port_type_t *typep)
{
	struct ipc_entry *entry;
	mach_port_type_t type;
	kern_return_t kr;

	kr = ipc_right_lookup_lock(space, name, &entry, &type);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (ipc_entry_has_request(entry)) {
		type |= MACH_PORT_TYPE_DNREQUEST;
	}
	if ((entry->bits & IPC_ENTRY_MAREQUEST) != 0) {
		type |= MACH_PORT_TYPE_MAREQUEST;
	}
	ipc_space_unlock(space);
	*typep = type;
	return KERN_SUCCESS;
}

kern_return_t
ipc_right_refs(struct ipc_space *space, mach_port_name_t name,
    mach_port_right_t right, mach_port_urefs_t *urefsp)
{
	struct ipc_entry *entry;
	mach_port_type_t type;
	mach_port_urefs_t urefs = 0;
	kern_return_t kr;

	if (right >= MACH_PORT_RIGHT_NUMBER) {
		return KERN_INVALID_VALUE;
	}
	kr = ipc_right_lookup_lock(space, name, &entry, &type);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if ((type & MACH_PORT_TYPE(right)) != 0) {
		urefs = right == MACH_PORT_RIGHT_SEND ||
				right == MACH_PORT_RIGHT_DEAD_NAME
			    ? ipc_entry_urefs(entry)
			    : 1;
	}
	ipc_space_unlock(space);
	*urefsp = urefs;
	return KERN_SUCCESS;
}

/*
 * Take one reference of the kind that TYPE says, which ENTRY has.  What ends
 * with that goes to *REMAINS.
 */
static void
ipc_right_take_one(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, mach_port_type_t type, struct ipc_remains *remains)
{
	mach_port_urefs_t urefs = ipc_entry_urefs(entry);
	struct ipc_port *port = entry->port;

	if (type == MACH_PORT_TYPE_RECEIVE) {
		ipc_right_take_receive(space, name, entry, &port);
		ipc_right_commit_locked(
		    space, name, MACH_MSG_TYPE_MOVE_RECEIVE, port, remains);
		remains->receive = port;
		return;
	}
	ipc_entry_set_urefs(entry, urefs - 1);
	if (urefs > 1) {
		return;
	}
	if (ipc_right_settle(space, name, entry, remains)) {
		remains->send = port;
	} else if (type == MACH_PORT_TYPE_SEND_ONCE) {
		remains->sonce = port;
	}
}

/* Rights that have one reference: DELTA may only destroy them. */
static kern_return_t
ipc_right_delta_single(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, mach_port_type_t type, mach_port_delta_t delta,
    struct ipc_remains *remains)
{
	if (delta == 0) {
		return KERN_SUCCESS;
	}
	if (delta != -1) {
		return KERN_INVALID_VALUE;
	}
	if (type == MACH_PORT_TYPE_PORT_SET) {
		ipc_right_clear_locked(space, name, entry, remains);
	} else {
		ipc_right_take_one(space, name, entry, type, remains);
	}
	return KERN_SUCCESS;
}

/* Send rights and dead names, which have a count. */
static kern_return_t
ipc_right_delta_counted(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, mach_port_type_t type, mach_port_delta_t delta,
    struct ipc_remains *remains)
{
	int64_t urefs = (int64_t)ipc_entry_urefs(entry) + delta;

	if (urefs < 0) {
		return KERN_INVALID_VALUE;
	}
	if (urefs > (type == MACH_PORT_TYPE_SEND ? IPC_ENTRY_SEND_UREFS_MAX
						 : IPC_ENTRY_UREFS_MAX)) {
		return KERN_UREFS_OVERFLOW;
	}
	if (urefs > 0) {
		ipc_entry_set_urefs(entry, (mach_port_urefs_t)urefs);
		return KERN_SUCCESS;
	}
	ipc_entry_set_urefs(entry, 1);
	ipc_right_take_one(space, name, entry, type, remains);
	return KERN_SUCCESS;
}

kern_return_t
ipc_right_delta(struct ipc_space *space, mach_port_name_t name,
    mach_port_right_t right, mach_port_delta_t delta)
{
	struct ipc_remains remains;
	struct ipc_entry *entry;
	mach_port_type_t type;
	mach_port_type_t wanted;
	kern_return_t kr;

	if (right >= MACH_PORT_RIGHT_NUMBER) {
		return KERN_INVALID_VALUE;
	}
	wanted = MACH_PORT_TYPE(right);
	ipc_remains_init(&remains);
	kr = ipc_right_lookup_lock(space, name, &entry, &type);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if ((type & wanted) == 0) {
		kr = KERN_INVALID_RIGHT;
	} else if (right == MACH_PORT_RIGHT_SEND ||
		   right == MACH_PORT_RIGHT_DEAD_NAME) {
		kr = ipc_right_delta_counted(
		    space, name, entry, wanted, delta, &remains);
	} else {
		kr = ipc_right_delta_single(
		    space, name, entry, wanted, delta, &remains);
	}
	ipc_space_unlock(space);
	ipc_remains_release(&remains);
	return kr;
}

kern_return_t
ipc_right_dealloc(struct ipc_space *space, mach_port_name_t name)
{
	struct ipc_remains remains;
	struct ipc_entry *entry;
	mach_port_type_t type;
	kern_return_t kr;

	kr = ipc_right_lookup_lock(space, name, &entry, &type);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if ((type & MACH_PORT_TYPE_SEND) != 0 && ipc_entry_urefs(entry) > 1) {
		ipc_entry_set_urefs(entry, ipc_entry_urefs(entry) - 1);
		ipc_space_unlock(space);
		return KERN_SUCCESS;
	}
	ipc_remains_init(&remains);
	type &= MACH_PORT_TYPE_SEND_RIGHTS | MACH_PORT_TYPE_DEAD_NAME;
	if (type == MACH_PORT_TYPE_NONE) {
		kr = KERN_INVALID_RIGHT;
	} else {
		ipc_right_take_one(space, name, entry, type, &remains);
	}
	ipc_space_unlock(space);
	ipc_remains_release(&remains);
	return kr;
}

void
ipc_right_clear_locked(struct ipc_space *space, mach_port_name_t name,
    struct ipc_entry *entry, struct ipc_remains *remains)
{
	mach_port_type_t type = ipc_entry_type(entry);
	struct ipc_port *port = entry->port;
	mach_port_mscount_t mscount;

	if (type == MACH_PORT_TYPE_PORT_SET) {
		ipc_pset_destroy(entry->pset);
	}
	if (type == MACH_PORT_TYPE_SEND_ONCE) {
		remains->sonce = port;
	}
	if ((type & MACH_PORT_TYPE_SEND) != 0) {
		if ((type & MACH_PORT_TYPE_RECEIVE) == 0) {
			ipc_space_hash_remove(space, name, entry);
		}
		remains->send = port;
	}
	if ((type & MACH_PORT_TYPE_RECEIVE) != 0) {
		ipc_port_lock(port);
		mscount = port->mscount;
		ipc_port_detach(port);
		/* Its senders may be told of as the last. */
		port->mscount = mscount;
		ipc_port_unlock(port);
		remains->receive = port;
	}
	ipc_entry_set_type(entry, MACH_PORT_TYPE_NONE);
	ipc_right_free_entry(space, name, entry, remains);
}

kern_return_t
ipc_right_destroy(struct ipc_space *space, mach_port_name_t name)
{
	struct ipc_remains remains;
	struct ipc_entry *entry;
	mach_port_type_t type;
	kern_return_t kr;

	ipc_remains_init(&remains);
	kr = ipc_right_lookup_lock(space, name, &entry, &type);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	ipc_right_clear_locked(space, name, entry, &remains);
	ipc_space_unlock(space);
	ipc_remains_release(&remains);
	return KERN_SUCCESS;
}

/* Move all that OLD denotes to NEW, an empty entry. */
static void
ipc_right_move_entry(struct ipc_space *space, mach_port_name_t old_name,
    struct ipc_entry *old, mach_port_name_t new_name, struct ipc_entry *new)
{
	mach_port_type_t type = ipc_entry_type(old);
	bool hashed = type == MACH_PORT_TYPE_SEND;

	ipc_right_rename_accepted(space, old_name, old, new_name);
	if (hashed) {
		ipc_space_hash_remove(space, old_name, old);
	}
	new->object = old->object;
	new->link = old->link; /* or the request */
	new->bits = (new->bits & IPC_ENTRY_GEN_MASK) |
		    (old->bits & ~IPC_ENTRY_GEN_MASK);
	if (hashed) {
		ipc_space_hash_insert(space, new_name, new);
	}
	if (type == MACH_PORT_TYPE_PORT_SET) {
		new->pset->name = new_name;
	} else if ((type & MACH_PORT_TYPE_PORT_RIGHTS) != 0) {
		ipc_port_lock(new->port);
		if ((type & MACH_PORT_TYPE_RECEIVE) != 0) {
			new->port->name = new_name;
		}
		if (ipc_entry_has_request(new) && ipc_port_active(new->port)) {
			new->request->name = new_name;
		}
		ipc_port_unlock(new->port);
	}
	old->bits &= ~IPC_ENTRY_REQUEST;
	old->object = NULL;
	ipc_entry_set_type(old, MACH_PORT_TYPE_NONE);
	ipc_space_free(space, old_name, old);
}

kern_return_t
ipc_right_rename(struct ipc_space *space, mach_port_name_t old_name,
    mach_port_name_t new_name)
{
	struct ipc_entry *old;
	struct ipc_entry *new;
	mach_port_type_t type;
	kern_return_t kr;

	assert(MACH_PORT_VALID(new_name));
	kr = ipc_right_lookup_lock(space, old_name, &old, &type);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = ipc_space_alloc_name(space, new_name, &new);
	if (kr == KERN_SUCCESS) {
		ipc_right_move_entry(space, old_name, old, new_name, new);
	}
	ipc_space_unlock(space);
	return kr;
}

kern_return_t
ipc_right_receive_lock_locked(
    struct ipc_space *space, mach_port_name_t name, struct ipc_port **portp)
{
	struct ipc_entry *entry = ipc_space_lookup(space, name);

	if (entry == NULL) {
		return KERN_INVALID_NAME;
	}
	if ((ipc_entry_type(entry) & MACH_PORT_TYPE_RECEIVE) == 0) {
		return KERN_INVALID_RIGHT;
	}
	ipc_port_lock(entry->port);
	*portp = entry->port;
	return KERN_SUCCESS;
}

kern_return_t
ipc_right_receive_lock(
    struct ipc_space *space, mach_port_name_t name, struct ipc_port **portp)
{
	kern_return_t kr = KERN_INVALID_TASK;

	ipc_space_lock(space);
	if (space->active) {
		kr = ipc_right_receive_lock_locked(space, name, portp);
	}
	ipc_space_unlock(space);
	return kr;
}

/* The set AFTER, or NULL for a null name. */
static kern_return_t
ipc_right_find_set(
    struct ipc_space *space, mach_port_name_t after, struct ipc_pset **psetp)
{
	struct ipc_entry *entry;

	*psetp = NULL;
	if (after == MACH_PORT_NULL) {
		return KERN_SUCCESS;
	}
	entry = ipc_space_lookup(space, after);
	if (entry == NULL) {
		return KERN_INVALID_NAME;
	}
	if (ipc_entry_type(entry) != MACH_PORT_TYPE_PORT_SET) {
		return KERN_INVALID_RIGHT;
	}
	*psetp = entry->pset;
	return KERN_SUCCESS;
}

static kern_return_t
ipc_right_move_member_locked(
    struct ipc_space *space, mach_port_name_t member, mach_port_name_t after)
{
	struct ipc_port *port;
	struct ipc_pset *pset;
	struct ipc_pset *old;
	kern_return_t kr;

	kr = ipc_right_receive_lock_locked(space, member, &port);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	ipc_port_unlock(port);
	kr = ipc_right_find_set(space, after, &pset);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	ipc_port_lock(port);
	old = ipc_port_pset(port);
	if (old == NULL && pset == NULL) {
		kr = KERN_NOT_IN_SET;
	} else if (pset != NULL && ipc_port_need_extra(port) == NULL) {
		kr = KERN_RESOURCE_SHORTAGE;
	} else if (old != pset) {
		if (old != NULL) {
			ipc_pset_remove(port);
		}
		if (pset != NULL) {
			ipc_pset_add(pset, port);
		}
	}
	ipc_port_unlock(port);
	return kr;
}

kern_return_t
ipc_right_move_member(
    struct ipc_space *space, mach_port_name_t member, mach_port_name_t after)
{
	kern_return_t kr = KERN_INVALID_TASK;

	ipc_space_lock(space);
	if (space->active) {
		kr = ipc_right_move_member_locked(space, member, after);
	}
	ipc_space_unlock(space);
	return kr;
}
