/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A model of ports, rights and queued messages that is too simple to be wrong:
 * tables that are searched from end to end, and counts.  What a right becomes
 * happens at once; nothing is lazy, shared or locked.  The state is one struct,
 * so that what fails halfway is undone by a copy of it.
 */

#ifndef TESTS_FUZZ_HOST_IPC_MODEL_H
#define TESTS_FUZZ_HOST_IPC_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>

#define IPC_MODEL_TASKS		3u
#define IPC_MODEL_NAMES		96u
#define IPC_MODEL_PORTS		64
#define IPC_MODEL_MESSAGES	400u
#define IPC_MODEL_RIGHTS	24u
#define IPC_MODEL_REGIONS	8u
#define IPC_MODEL_BODY		512u

/* In place of the number of a port. */
#define IPC_MODEL_NULL		(-1)
#define IPC_MODEL_DEAD		(-2)

struct task;

struct ipc_model_name {
	mach_port_name_t name;
	mach_port_type_t type;		/* none: this slot is free */
	unsigned urefs;
	int port;			/* or the number of a set */
	int notify;			/* where the request leads, or NULL */
};

struct ipc_model_port {
	bool alive;
	int receiver;			/* task, or NULL */
	int pset;			/* number of a set, or NULL */
	int destination;		/* the port whose queue it is in */
	int no_senders;			/* where that is to be told, or NULL */
	int destroyed;			/* the same */
	const void *kernel;		/* the kernel's, only to be compared */
	unsigned mscount;
	unsigned srights;
	unsigned sorights;
};

struct ipc_model_right {
	int port;
	mach_msg_type_name_t type;	/* MACH_MSG_TYPE_PORT_* */
};

struct ipc_model_message {
	bool used;
	struct ipc_model_right dest;
	struct ipc_model_right reply;
	unsigned order;			/* of its queue */
	mach_msg_id_t id;
	mach_msg_bits_t passed;		/* bits that mean nothing */
	bool notification;		/* its data is `word' */
	bool either;			/* another may come instead */
	mach_port_name_t word;
	bool items;			/* its body has descriptors */
	bool complex;			/* some of rights or regions */
	unsigned right_count;
	struct ipc_model_right rights[IPC_MODEL_RIGHTS];
	unsigned region_count;
	uint32_t regions[IPC_MODEL_REGIONS]; /* sums of their bytes */
	size_t size;			/* of the body */
};

struct ipc_model {
	struct ipc_model_name names[IPC_MODEL_TASKS][IPC_MODEL_NAMES];
	struct ipc_model_port ports[IPC_MODEL_PORTS];
	int port_count;			/* numbers are not used again */
	int pset_count;
	unsigned order;
	bool dying;			/* a whole task is */
	struct ipc_model_message messages[IPC_MODEL_MESSAGES];
};

extern struct ipc_model ipc_model;
/* Bodies of the messages as their senders wrote them. */
extern char ipc_model_bodies[IPC_MODEL_MESSAGES][IPC_MODEL_BODY];
extern struct task *ipc_model_tasks[IPC_MODEL_TASKS];

/* Nothing but the tasks.  The world's are made, too. */
void ipc_model_begin(void);

/* There is no room for much more: end here. */
bool ipc_model_full(void);

/* What NAME of task T denotes, or NULL. */
struct ipc_model_name *ipc_model_find(unsigned t, mach_port_name_t name);
unsigned ipc_model_used(unsigned t);
/* The INDEXth of them. */
struct ipc_model_name *ipc_model_nth(unsigned t, unsigned index);

/* A new port, with a receive right called NAME in T. */
void ipc_model_add_port(unsigned t, mach_port_name_t name);
void ipc_model_add_pset(unsigned t, mach_port_name_t name);
void ipc_model_add_dead(unsigned t, mach_port_name_t name);

/* Take a right as a message does; changes nothing if it fails. */
kern_return_t ipc_model_take(unsigned t, mach_port_name_t name,
    mach_msg_type_name_t disposition, struct ipc_model_right *right);
/* Give it to T, which the kernel told that it is called NAME now. */
void ipc_model_give(unsigned t, struct ipc_model_right right,
    mach_port_name_t name);
/* Destroy it. */
void ipc_model_release(struct ipc_model_right right);
/* Tell of a lack of send rights, if there is one and somebody asked. */
void ipc_model_no_senders(int port);
/* Is it null, dead, or for a port that died? */
bool ipc_model_lost(struct ipc_model_right right);

/* One reference less; all that NAME denotes; the whole task. */
void ipc_model_drop_one(unsigned t, struct ipc_model_name *name,
    mach_port_type_t type);
void ipc_model_destroy(unsigned t, struct ipc_model_name *name);
void ipc_model_kill_task(unsigned t);

/* Messages; a slot comes with nothing in it. */
struct ipc_model_message *ipc_model_new_message(void);
unsigned ipc_model_queued(int port);
/* The oldest one of PORT, notifications aside, or NULL. */
struct ipc_model_message *ipc_model_first(int port);
/* The notification ID with WORD in PORT's queue, or NULL. */
struct ipc_model_message *ipc_model_notification(int port, mach_msg_id_t id,
    mach_port_name_t word);
/* Queue it, its rights taken; a circular one is destroyed: false. */
bool ipc_model_send(struct ipc_model_message *message);
/* All rights in it end. */
void ipc_model_destroy_message(struct ipc_model_message *message);
/* A notification for PORT that uses up a send-once right it has. */
void ipc_model_notify(int port, mach_msg_id_t id, mach_port_name_t word,
    bool either);

/* Compare what the kernel says with the model. */
void ipc_model_check_name(unsigned t, mach_port_name_t name);
void ipc_model_check(void);

#endif
