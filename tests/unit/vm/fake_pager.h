/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A pager for tests: a kernel thread that receives what the kernel asks of
 * memory objects, as a user task would, and answers by the S_ routines.
 */

#ifndef TESTS_UNIT_VM_FAKE_PAGER_H
#define TESTS_UNIT_VM_FAKE_PAGER_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/memory_object.h>
#include <mach/vm_prot.h>

struct ipc_port;
struct task;
struct vm_object;

#define PAGER_PAGES	64u
#define PAGER_COPIES	32u	/* in the life of a pager */

enum pager_mood {
	PAGER_GOOD,
	PAGER_SILENT,		/* never answers a request for data */
	PAGER_ERROR,		/* data_error */
	PAGER_UNAVAILABLE,	/* data_unavailable */
	PAGER_LYING,		/* answers for other pages, then this one */
	PAGER_DESTROYS,		/* memory_object_destroy */
};

/* A copy that the kernel has told the pager of. */
struct pager_copy {
	struct ipc_port *port;		/* receive right, NULL: none */
	struct vm_object *object;	/* of its init, no reference */
	vm_offset_t offset;		/* in the original */
	uint32_t word[PAGER_PAGES];	/* of the original when it was made */
	unsigned requests;
	unsigned returns;		/* pages */
	unsigned terminates;
};

struct pager {
	struct ipc_port *port;		/* receive right */
	struct ipc_port *right;		/* a send right */
	struct vm_object *object;	/* of the last init, no reference */
	enum pager_mood mood;
	memory_object_copy_strategy_t strategy;
	bool may_cache;
	bool precious;
	bool not_ready;			/* keeps init to itself */
	vm_prot_t lock;			/* of what it supplies */
	bool hold;			/* takes no messages */
	bool stop;			/* ends the thread */
	bool stopped;
	uint32_t word[PAGER_PAGES];	/* first word of each page */
	uint8_t *bytes;			/* or all of all pages; NULL: not */
	unsigned inits;
	unsigned terminates;
	unsigned requests;
	unsigned unlocks;
	unsigned returns;		/* pages */
	unsigned clean_returns;		/* of them not dirty */
	bool leaves_copies;		/* says unavailable for their pages */
	unsigned copy_count;
	struct pager_copy copies[PAGER_COPIES];
};

/* Start PAGER, whose behaviour fields are set. */
void pager_start(struct pager *pager);

/* End its thread and destroy its port. */
void pager_stop(struct pager *pager);

/* The default pager: keeps what it is sent in kernel memory. */
struct default_pager {
	struct ipc_port *port;
	bool stop;
	bool stopped;
	bool silent;			/* answers no request until it is not */
	bool forgets;			/* says unavailable, always */
	unsigned room;			/* pages after which it keeps none;
					   0: it keeps all */
	unsigned refusals;		/* messages given back */
	unsigned objects;		/* alive */
	unsigned pages;			/* kept */
	unsigned returns;
	unsigned requests;
};
void default_pager_start(struct default_pager *pager);
void default_pager_stop(struct default_pager *pager);

/* Map PAGER's object into TASK as vm_map does. */
kern_return_t pager_map(struct pager *pager, struct task *task,
    vm_offset_t *addrp, vm_size_t size, bool copy, vm_prot_t prot);

/* Access memory as TASK would; how the last fault ended. */
kern_return_t user_read(struct task *task, vm_offset_t va, uint32_t *value);
kern_return_t user_write(struct task *task, vm_offset_t va, uint32_t value);

#endif
