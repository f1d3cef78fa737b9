/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include "ipc_model.h"

#include <tests/unit/ipc/ipc_world.h>

#include <mach/notify.h>
#include <string.h>

#include <kernel/task.h>
#include <mach_port_server.h>

#include <ipc/ipc_entry.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>

#define SEND		MACH_PORT_TYPE_SEND
#define RECEIVE		MACH_PORT_TYPE_RECEIVE
#define SONCE		MACH_PORT_TYPE_SEND_ONCE
#define PSET		MACH_PORT_TYPE_PORT_SET
#define DEAD		MACH_PORT_TYPE_DEAD_NAME

struct ipc_model ipc_model;
char ipc_model_bodies[IPC_MODEL_MESSAGES][IPC_MODEL_BODY];
struct task *ipc_model_tasks[IPC_MODEL_TASKS];

static void ipc_model_kill(int port);

void
ipc_model_begin(void)
{
	memset(&ipc_model, 0, sizeof(ipc_model));
	for (unsigned t = 0; t < IPC_MODEL_TASKS; t++) {
		ipc_model_tasks[t] = world_task_create();
	}
}

bool
ipc_model_full(void)
{
	unsigned messages = 0;

	for (unsigned t = 0; t < IPC_MODEL_TASKS; t++) {
		if (ipc_model_used(t) + IPC_MODEL_RIGHTS + 4 >
		    IPC_MODEL_NAMES) {
			return true;
		}
	}
	for (unsigned i = 0; i < IPC_MODEL_MESSAGES; i++) {
		messages += ipc_model.messages[i].used;
	}
	/* What one operation ends is notified: leave room. */
	return ipc_model.port_count == IPC_MODEL_PORTS ||
	    messages > IPC_MODEL_MESSAGES / 8;
}

struct ipc_model_name *
ipc_model_find(unsigned t, mach_port_name_t name)
{
	for (unsigned i = 0; i < IPC_MODEL_NAMES; i++) {
		struct ipc_model_name *found = &ipc_model.names[t][i];

		if (found->type != 0 && found->name == name) {
			return found;
		}
	}
	return NULL;
}

unsigned
ipc_model_used(unsigned t)
{
	unsigned used = 0;

	for (unsigned i = 0; i < IPC_MODEL_NAMES; i++) {
		used += ipc_model.names[t][i].type != 0;
	}
	return used;
}

struct ipc_model_name *
ipc_model_nth(unsigned t, unsigned index)
{
	for (unsigned i = 0; i < IPC_MODEL_NAMES; i++) {
		struct ipc_model_name *name = &ipc_model.names[t][i];

		if (name->type != 0 && index-- == 0) {
			return name;
		}
	}
	return NULL;
}

static struct ipc_model_name *
ipc_model_add(unsigned t, mach_port_name_t name, mach_port_type_t type,
    unsigned urefs, int port)
{
	/* The kernel may not give a name that is in use, or no name. */
	CHECK(MACH_PORT_VALID(name));
	CHECK(ipc_model_find(t, name) == NULL);
	for (unsigned i = 0; i < IPC_MODEL_NAMES; i++) {
		struct ipc_model_name *slot = &ipc_model.names[t][i];

		if (slot->type == 0) {
			*slot = (struct ipc_model_name){
				.name = name, .type = type, .urefs = urefs,
				.port = port, .notify = IPC_MODEL_NULL,
			};
			return slot;
		}
	}
	world_fail("the model has room", __FILE__, __LINE__);
}

void
ipc_model_add_port(unsigned t, mach_port_name_t name)
{
	struct ipc_space *space = ipc_model_tasks[t]->space;
	int port = ipc_model.port_count++;

	ipc_model.ports[port] = (struct ipc_model_port){
		.alive = true, .receiver = (int)t, .pset = IPC_MODEL_NULL,
		.destination = IPC_MODEL_NULL, .no_senders = IPC_MODEL_NULL,
		.destroyed = IPC_MODEL_NULL,
	};
	ipc_space_lock(space);
	ipc_model.ports[port].kernel = ipc_space_lookup(space, name)->port;
	ipc_space_unlock(space);
	ipc_model_add(t, name, RECEIVE, 0, port);
}

void
ipc_model_add_pset(unsigned t, mach_port_name_t name)
{
	ipc_model_add(t, name, PSET, 0, ipc_model.pset_count++);
}

void
ipc_model_add_dead(unsigned t, mach_port_name_t name)
{
	ipc_model_add(t, name, DEAD, 1, IPC_MODEL_NULL);
}

bool
ipc_model_lost(struct ipc_model_right right)
{
	return right.port < 0 || !ipc_model.ports[right.port].alive;
}

/* ---- messages ------------------------------------------------------------ */

struct ipc_model_message *
ipc_model_new_message(void)
{
	for (unsigned i = 0; i < IPC_MODEL_MESSAGES; i++) {
		if (!ipc_model.messages[i].used) {
			memset(&ipc_model.messages[i], 0,
			    sizeof(ipc_model.messages[i]));
			ipc_model.messages[i].order = ++ipc_model.order;
			return &ipc_model.messages[i];
		}
	}
	world_fail("the model has room", __FILE__, __LINE__);
}

unsigned
ipc_model_queued(int port)
{
	unsigned count = 0;

	for (unsigned i = 0; i < IPC_MODEL_MESSAGES; i++) {
		count += ipc_model.messages[i].used &&
		    ipc_model.messages[i].dest.port == port;
	}
	return count;
}

struct ipc_model_message *
ipc_model_first(int port)
{
	struct ipc_model_message *first = NULL;

	for (unsigned i = 0; i < IPC_MODEL_MESSAGES; i++) {
		struct ipc_model_message *m = &ipc_model.messages[i];

		if (m->used && !m->notification && m->dest.port == port &&
		    (first == NULL || m->order < first->order)) {
			first = m;
		}
	}
	return first;
}

/* May the notification ID with WORD have come instead of M? */
static bool
ipc_model_instead(const struct ipc_model_message *m, mach_msg_id_t id,
    mach_port_name_t word)
{
	if (!m->either) {
		return false;
	}
	if (m->id == MACH_NOTIFY_NO_SENDERS || m->id == MACH_NOTIFY_SEND_ONCE) {
		return id == MACH_NOTIFY_NO_SENDERS ||
		    id == MACH_NOTIFY_SEND_ONCE;
	}
	return m->word == word && (id == MACH_NOTIFY_DEAD_NAME ||
	    id == MACH_NOTIFY_PORT_DELETED);
}

struct ipc_model_message *
ipc_model_notification(int port, mach_msg_id_t id, mach_port_name_t word)
{
	struct ipc_model_message *found = NULL;

	for (unsigned i = 0; i < IPC_MODEL_MESSAGES; i++) {
		struct ipc_model_message *m = &ipc_model.messages[i];

		if (!m->used || !m->notification || m->dest.port != port) {
			continue;
		}
		if (m->id == id && m->word == word) {
			return m;
		}
		if (ipc_model_instead(m, id, word)) {
			found = m;
		}
	}
	return found;
}

void
ipc_model_notify(int port, mach_msg_id_t id, mach_port_name_t word,
    bool either)
{
	struct ipc_model_message *m;

	if (!ipc_model.ports[port].alive) {
		ipc_model.ports[port].sorights--;
		return;
	}
	m = ipc_model_new_message();
	m->used = true;
	m->notification = true;
	m->either = either;
	m->id = id;
	m->word = word;
	m->dest.port = port;
	m->dest.type = MACH_MSG_TYPE_PORT_SEND_ONCE;
	m->reply.port = IPC_MODEL_NULL;
}

/* Would PORT, sent to DEST, be in a queue that only it leads to? */
static bool
ipc_model_circular(int port, int dest)
{
	while (dest != IPC_MODEL_NULL && dest != port) {
		dest = ipc_model.ports[dest].destination;
	}
	return dest == port;
}

bool
ipc_model_send(struct ipc_model_message *m)
{
	bool circular = false;

	m->used = true;
	for (unsigned i = 0; i < m->right_count; i++) {
		if (m->rights[i].type != MACH_MSG_TYPE_PORT_RECEIVE ||
		    m->rights[i].port < 0) {
			continue;
		}
		if (ipc_model_circular(m->rights[i].port, m->dest.port)) {
			circular = true;
		} else {
			ipc_model.ports[m->rights[i].port].destination =
			    m->dest.port;
		}
	}
	if (!circular) {
		return true;
	}
	ipc_model_destroy_message(m);
	return false;
}

void
ipc_model_destroy_message(struct ipc_model_message *m)
{
	const struct ipc_model_message gone = *m;

	/* Its place may be taken by what comes from that. */
	m->used = false;
	ipc_model_release(gone.dest);
	ipc_model_release(gone.reply);
	for (unsigned i = 0; i < gone.right_count; i++) {
		ipc_model_release(gone.rights[i]);
	}
}

/* ---- rights -------------------------------------------------------------- */

/* NAME denotes nothing any more. */
static void
ipc_model_free(struct ipc_model_name *name)
{
	int notify = name->notify;
	mach_port_name_t word = name->name;

	memset(name, 0, sizeof(*name));
	if (notify != IPC_MODEL_NULL) {
		ipc_model_notify(notify, MACH_NOTIFY_PORT_DELETED, word,
		    ipc_model.dying);
	}
}

/* The port of NAME died. */
static void
ipc_model_die(struct ipc_model_name *name)
{
	int notify = name->notify;

	if (name->type == SONCE) {
		ipc_model.ports[name->port].sorights--;
	} else {
		ipc_model.ports[name->port].srights--;
	}
	name->type = DEAD;
	name->port = IPC_MODEL_NULL;
	name->notify = IPC_MODEL_NULL;
	if (notify != IPC_MODEL_NULL) {
		if (name->urefs < IPC_ENTRY_UREFS_MAX) {
			name->urefs++;
		}
		ipc_model_notify(notify, MACH_NOTIFY_DEAD_NAME, name->name,
		    ipc_model.dying);
	}
}

/* PORT would die, but somebody wants to have it then.  Its word is its number. */
static void
ipc_model_send_destroyed(int port, int notify)
{
	struct ipc_model_message *m = ipc_model_new_message();

	m->notification = true;
	m->id = MACH_NOTIFY_PORT_DESTROYED;
	m->word = (mach_port_name_t)port;
	m->dest.port = notify;
	m->dest.type = MACH_MSG_TYPE_PORT_SEND_ONCE;
	m->reply.port = IPC_MODEL_NULL;
	m->right_count = 1;
	m->rights[0].port = port;
	m->rights[0].type = MACH_MSG_TYPE_PORT_RECEIVE;
	if (ipc_model.ports[notify].alive) {
		ipc_model_send(m);
	} else {
		ipc_model_destroy_message(m);
	}
}

/* The receive right of PORT, which no space has, is destroyed. */
static void
ipc_model_kill(int port)
{
	int notify = ipc_model.ports[port].destroyed;

	ipc_model.ports[port].destination = IPC_MODEL_NULL;
	ipc_model.ports[port].destroyed = IPC_MODEL_NULL;
	if (notify != IPC_MODEL_NULL) {
		ipc_model_send_destroyed(port, notify);
		return;
	}
	ipc_model.ports[port].alive = false;
	notify = ipc_model.ports[port].no_senders;
	ipc_model.ports[port].no_senders = IPC_MODEL_NULL;
	if (notify != IPC_MODEL_NULL) {
		ipc_model_notify(notify, MACH_NOTIFY_SEND_ONCE, 0,
		    ipc_model.dying);
	}
	for (unsigned t = 0; t < IPC_MODEL_TASKS; t++) {
		for (unsigned i = 0; i < IPC_MODEL_NAMES; i++) {
			struct ipc_model_name *name = &ipc_model.names[t][i];

			if ((name->type & (SEND | SONCE)) != 0 &&
			    name->port == port) {
				ipc_model_die(name);
			}
		}
	}
	for (unsigned i = 0; i < IPC_MODEL_MESSAGES; i++) {
		if (ipc_model.messages[i].used &&
		    ipc_model.messages[i].dest.port == port) {
			ipc_model_destroy_message(&ipc_model.messages[i]);
		}
	}
}

/* Tell that PORT has no senders, if it has none and somebody wants to know. */
void
ipc_model_no_senders(int port)
{
	struct ipc_model_port *p = &ipc_model.ports[port];
	int notify = p->no_senders;

	if (p->alive && p->srights == 0 && notify != IPC_MODEL_NULL) {
		p->no_senders = IPC_MODEL_NULL;
		ipc_model_notify(notify, MACH_NOTIFY_NO_SENDERS, p->mscount,
		    ipc_model.dying);
	}
}

void
ipc_model_release(struct ipc_model_right right)
{
	if (right.port < 0) {
		return;
	}
	if (right.type == MACH_MSG_TYPE_PORT_SEND) {
		ipc_model.ports[right.port].srights--;
		ipc_model_no_senders(right.port);
	} else if (right.type == MACH_MSG_TYPE_PORT_SEND_ONCE) {
		ipc_model_notify(right.port, MACH_NOTIFY_SEND_ONCE, 0, false);
	} else {
		ipc_model_kill(right.port);
	}
}

/* The receive right leaves its name. */
static void
ipc_model_detach(struct ipc_model_name *name)
{
	struct ipc_model_port *port = &ipc_model.ports[name->port];

	port->receiver = IPC_MODEL_NULL;
	port->pset = IPC_MODEL_NULL;
	port->mscount = 0;
	name->type &= ~RECEIVE;
	if (name->type == 0) {
		name->type = RECEIVE;
		ipc_model_free(name);
	}
}

/* One reference less of a send right or a dead name, which it may end. */
static void
ipc_model_less(struct ipc_model_name *name)
{
	if (--name->urefs != 0) {
		return;
	}
	if (name->type == (SEND | RECEIVE)) {
		name->type = RECEIVE;
	} else {
		ipc_model_free(name);
	}
}

static kern_return_t
ipc_model_take_send(struct ipc_model_name *name, bool move,
    struct ipc_model_right *right)
{
	right->type = MACH_MSG_TYPE_PORT_SEND;
	if (name->type == DEAD) {
		right->port = IPC_MODEL_DEAD;
	} else if ((name->type & SEND) != 0) {
		right->port = name->port;
		/* The name's own right goes with its last reference. */
		if (!move || name->urefs > 1) {
			ipc_model.ports[name->port].srights++;
		}
	} else {
		return KERN_INVALID_RIGHT;
	}
	if (move) {
		ipc_model_less(name);
	}
	return KERN_SUCCESS;
}

static kern_return_t
ipc_model_take_sonce(struct ipc_model_name *name,
    struct ipc_model_right *right)
{
	right->type = MACH_MSG_TYPE_PORT_SEND_ONCE;
	if (name->type == DEAD) {
		right->port = IPC_MODEL_DEAD;
		ipc_model_less(name);
		return KERN_SUCCESS;
	}
	if (name->type != SONCE) {
		return KERN_INVALID_RIGHT;
	}
	right->port = name->port;
	ipc_model_free(name);
	return KERN_SUCCESS;
}

static kern_return_t
ipc_model_take_from_receive(struct ipc_model_name *name,
    mach_msg_type_name_t disposition, struct ipc_model_right *right)
{
	if ((name->type & RECEIVE) == 0) {
		return KERN_INVALID_RIGHT;
	}
	right->port = name->port;
	switch (disposition) {
	case MACH_MSG_TYPE_MAKE_SEND:
		ipc_model.ports[name->port].srights++;
		ipc_model.ports[name->port].mscount++;
		right->type = MACH_MSG_TYPE_PORT_SEND;
		break;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		ipc_model.ports[name->port].sorights++;
		right->type = MACH_MSG_TYPE_PORT_SEND_ONCE;
		break;
	default:
		right->type = MACH_MSG_TYPE_PORT_RECEIVE;
		ipc_model_detach(name);
		break;
	}
	return KERN_SUCCESS;
}

kern_return_t
ipc_model_take(unsigned t, mach_port_name_t name,
    mach_msg_type_name_t disposition, struct ipc_model_right *right)
{
	struct ipc_model_name *found = ipc_model_find(t, name);

	if (!MACH_PORT_VALID(name)) {
		right->port = name == MACH_PORT_NULL ? IPC_MODEL_NULL :
		    IPC_MODEL_DEAD;
		right->type = disposition;
		return KERN_SUCCESS;
	}
	if (found == NULL) {
		return KERN_INVALID_NAME;
	}
	switch (disposition) {
	case MACH_MSG_TYPE_MAKE_SEND:
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		return ipc_model_take_from_receive(found, disposition, right);
	case MACH_MSG_TYPE_COPY_SEND:
	case MACH_MSG_TYPE_MOVE_SEND:
		return ipc_model_take_send(found,
		    disposition == MACH_MSG_TYPE_MOVE_SEND, right);
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		return ipc_model_take_sonce(found, right);
	default:
		return KERN_INVALID_RIGHT;
	}
}

/* The name of T for PORT as a sender or a receiver. */
static struct ipc_model_name *
ipc_model_of_port(unsigned t, int port)
{
	for (unsigned i = 0; i < IPC_MODEL_NAMES; i++) {
		struct ipc_model_name *name = &ipc_model.names[t][i];

		if ((name->type & (SEND | RECEIVE)) != 0 &&
		    name->port == port) {
			return name;
		}
	}
	return NULL;
}

/* T has the live send or receive right under the name OLD, or a new one. */
static void
ipc_model_merge(unsigned t, struct ipc_model_right right,
    struct ipc_model_name *old, mach_port_name_t name)
{
	struct ipc_model_port *port = &ipc_model.ports[right.port];
	bool send = right.type == MACH_MSG_TYPE_PORT_SEND;

	if (!send) {
		port->receiver = (int)t;
		port->destination = IPC_MODEL_NULL;
	}
	if (old == NULL) {
		ipc_model_add(t, name, send ? SEND : RECEIVE, send,
		    right.port);
		return;
	}
	CHECK_EQ(name, old->name);
	if (!send) {
		old->type |= RECEIVE;
		return;
	}
	if ((old->type & SEND) != 0) {
		port->srights--;
	}
	old->type |= SEND;
	if (old->urefs < IPC_ENTRY_SEND_UREFS_MAX) {
		old->urefs++;
	}
}

void
ipc_model_give(unsigned t, struct ipc_model_right right, mach_port_name_t name)
{
	if (ipc_model_lost(right)) {
		CHECK_EQ(name, right.port == IPC_MODEL_NULL ? MACH_PORT_NULL :
		    MACH_PORT_DEAD);
		ipc_model_release(right);
	} else if (right.type == MACH_MSG_TYPE_PORT_SEND_ONCE) {
		ipc_model_add(t, name, SONCE, 1, right.port);
	} else {
		ipc_model_merge(t, right, ipc_model_of_port(t, right.port),
		    name);
	}
}

void
ipc_model_drop_one(unsigned t, struct ipc_model_name *name,
    mach_port_type_t type)
{
	struct ipc_model_right right = { .port = name->port };

	switch (type) {
	case RECEIVE:
		right.type = MACH_MSG_TYPE_PORT_RECEIVE;
		ipc_model_detach(name);
		break;
	case SONCE:
		right.type = MACH_MSG_TYPE_PORT_SEND_ONCE;
		ipc_model_free(name);
		break;
	default:
		right.type = MACH_MSG_TYPE_PORT_SEND;
		if (name->type == DEAD || name->urefs > 1) {
			right.port = IPC_MODEL_NULL;
		}
		ipc_model_less(name);
		break;
	}
	ipc_model_release(right);
}

/* The set with this number is no more. */
static void
ipc_model_empty_set(int pset)
{
	for (int p = 0; p < ipc_model.port_count; p++) {
		if (ipc_model.ports[p].pset == pset) {
			ipc_model.ports[p].pset = IPC_MODEL_NULL;
		}
	}
}

void
ipc_model_destroy(unsigned t, struct ipc_model_name *name)
{
	mach_port_type_t type = name->type;
	int port = name->port;

	if (type == PSET) {
		ipc_model_empty_set(port);
	}
	if ((type & RECEIVE) != 0) {
		ipc_model.ports[port].receiver = IPC_MODEL_NULL;
		ipc_model.ports[port].pset = IPC_MODEL_NULL;
		ipc_model.ports[port].mscount = 0;
	}
	ipc_model_free(name);
	if ((type & RECEIVE) != 0) {
		ipc_model_kill(port);
	}
	if ((type & SEND) != 0) {
		ipc_model_release((struct ipc_model_right){
		    port, MACH_MSG_TYPE_PORT_SEND });
	}
	if (type == SONCE) {
		ipc_model_release((struct ipc_model_right){
		    port, MACH_MSG_TYPE_PORT_SEND_ONCE });
	}
}

void
ipc_model_kill_task(unsigned t)
{
	ipc_model.dying = true;
	for (unsigned i = 0; i < IPC_MODEL_NAMES; i++) {
		if (ipc_model.names[t][i].type != 0) {
			ipc_model_destroy(t, &ipc_model.names[t][i]);
		}
	}
	ipc_model.dying = false;
}

/* ---- comparison ---------------------------------------------------------- */

void
ipc_model_check_name(unsigned t, mach_port_name_t name)
{
	struct ipc_space *space = ipc_model_tasks[t]->space;
	struct ipc_model_name *want = ipc_model_find(t, name);
	mach_port_type_t type;
	mach_port_urefs_t urefs;

	if (want == NULL) {
		CHECK_EQ(ipc_right_type(space, name, &type),
		    KERN_INVALID_NAME);
		return;
	}
	CHECK_EQ(ipc_right_type(space, name, &type), KERN_SUCCESS);
	CHECK_EQ(type, want->type | (want->notify != IPC_MODEL_NULL ?
	    MACH_PORT_TYPE_DNREQUEST : 0));
	if ((type & (SEND | DEAD)) != 0) {
		CHECK_EQ(ipc_right_refs(space, name, (type & SEND) != 0 ?
		    MACH_PORT_RIGHT_SEND : MACH_PORT_RIGHT_DEAD_NAME, &urefs),
		    KERN_SUCCESS);
		CHECK_EQ(urefs, want->urefs);
	}
}

/* What the model says is the set that the kernel says. */
static void
ipc_model_check_pset(unsigned t, int pset, mach_port_name_t name)
{
	struct ipc_model_name *set = ipc_model_find(t, name);

	if (pset == IPC_MODEL_NULL) {
		CHECK_EQ(name, MACH_PORT_NULL);
	} else {
		CHECK(set != NULL && set->type == PSET && set->port == pset);
	}
}

static void
ipc_model_check_port(unsigned t, const struct ipc_model_name *name)
{
	const struct ipc_model_port *port = &ipc_model.ports[name->port];
	mach_port_status_t status;

	CHECK_EQ(port->receiver, t);
	CHECK_EQ(S_mach_port_get_receive_status(ipc_model_tasks[t]->space,
	    name->name, &status), KERN_SUCCESS);
	CHECK_EQ(status.mps_mscount, port->mscount);
	CHECK_EQ(status.mps_srights, port->srights != 0);
	CHECK_EQ(status.mps_sorights, port->sorights);
	CHECK_EQ(status.mps_msgcount, ipc_model_queued(name->port));
	CHECK_EQ(status.mps_nsrequest, port->no_senders != IPC_MODEL_NULL);
	CHECK_EQ(status.mps_pdrequest, port->destroyed != IPC_MODEL_NULL);
	ipc_model_check_pset(t, port->pset, status.mps_pset);
}

void
ipc_model_check(void)
{
	for (unsigned t = 0; t < IPC_MODEL_TASKS; t++) {
		CHECK_EQ(ipc_model_tasks[t]->space->used, ipc_model_used(t));
		for (unsigned i = 0; i < IPC_MODEL_NAMES; i++) {
			struct ipc_model_name *name = &ipc_model.names[t][i];

			if (name->type != 0) {
				ipc_model_check_name(t, name->name);
			}
			if ((name->type & RECEIVE) != 0) {
				ipc_model_check_port(t, name);
			}
		}
	}
	world_check_spaces();
}
