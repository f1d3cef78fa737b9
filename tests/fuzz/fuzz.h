/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The fuzzer of the kernel: a boot module.
 *
 * The first task, in main.c, makes children that inherit its memory; their
 * threads, in child.c, make random calls, messages and traps until they have
 * made enough, destroy themselves or are stuck, and are replaced.  message.c
 * mutates what the stubs send.
 */

#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "rt.h"

#define FUZZ_PAGE	4096u
#define FUZZ_THREADS	3u
#define FUZZ_CHILDREN	3u
#define FUZZ_STACK	32768u
#define FUZZ_MESSAGE	8192u
#define FUZZ_POOL	48u
/* Names of the rights that a child is given: FUZZ_NAME, FUZZ_NAME + 1 ... */
#define FUZZ_NAME	0x70000u
#define FUZZ_GIVEN_MAX	24u

/* The rights that a child is given, in this order; the last are for servers. */
enum {
	FUZZ_TASK,
	FUZZ_VICTIM,
	FUZZ_VICTIM_THREAD,
	FUZZ_HOST,
	FUZZ_SET_NAME,
	FUZZ_OBJECT_NAME,
	FUZZ_HOST_PRIV,
	FUZZ_DEVICE_MASTER,
	FUZZ_SET,
	FUZZ_DEVICE,
	FUZZ_DEVICES = 4,
	FUZZ_PROCESSOR = FUZZ_DEVICE + FUZZ_DEVICES,
};

/* A stub, and the kinds of its arguments: see calls.py. */
struct fuzz_call {
	const char *name;
	void (*stub)(void);
	const char *kinds;
};

extern const struct fuzz_call fuzz_calls[];
extern const unsigned fuzz_call_count;

#define FUZZ_CALLS_MAX	256u

/* In a page that all children share with the first task. */
struct fuzz_shared {
	volatile uint32_t counts[FUZZ_CHILDREN][FUZZ_THREADS];
	volatile uint8_t good[FUZZ_CALLS_MAX];	/* this call once succeeded */
};

/* A thread of a child. */
struct fuzz_thread {
	uint64_t random;
	mach_port_t self;
	mach_port_t reply;
	mach_port_t control;		/* of memory that it pages */
	volatile uint32_t *count;	/* of operations, seen by the parent */
	unsigned call;			/* index of the one being made */
	bool tame;			/* its arguments make sense */
	bool quiet;			/* send what the stub made */
	char stack[FUZZ_STACK] __attribute__((aligned(16)));
	char message[FUZZ_MESSAGE] __attribute__((aligned(16)));
	char scratch[8 * FUZZ_PAGE] __attribute__((aligned(4096)));
};

/* What is different in each child: set by the parent before it is made. */
struct fuzz_child {
	uint64_t seed;
	unsigned given;			/* rights at FUZZ_NAME and after */
	unsigned slot;
	bool privileged;
};

extern struct fuzz_child fuzz_child;
extern struct fuzz_thread fuzz_threads[FUZZ_THREADS];
extern struct fuzz_shared *fuzz_shared;
/* This task is a child. */
extern bool fuzz_is_child;

uint64_t fuzz_mix(uint64_t x);

/* A number below N, of the thread's own sequence. */
uint32_t fuzz_random(struct fuzz_thread *t);
uint32_t fuzz_below(struct fuzz_thread *t, uint32_t n);
bool fuzz_chance(struct fuzz_thread *t, uint32_t one_in);

/* The thread that runs: by its stack. */
struct fuzz_thread *fuzz_self(void);

/* The life of thread NUMBER of a child. */
void fuzz_thread_main(unsigned number);

/* Arguments as calls want them: a right, an address, a size, a number. */
mach_port_t fuzz_pick_port(struct fuzz_thread *t);
uint32_t fuzz_pick_address(struct fuzz_thread *t);
uint32_t fuzz_pick_size(struct fuzz_thread *t);
uint32_t fuzz_pick_number(struct fuzz_thread *t);

/* Remember a right that came in a message. */
void fuzz_keep_port(struct fuzz_thread *t, mach_port_t port);

/* Send and receive: the options, and the buffer, vary. */
mach_msg_return_t fuzz_exchange(struct fuzz_thread *t, uint32_t size);

/* Make up a message of the thread's own and send it. */
void fuzz_message(struct fuzz_thread *t);

/* Receive one, if there is one, somewhere. */
void fuzz_receive(struct fuzz_thread *t);

/*
 * Every routine with every kind of object: are rights kept or lost?  FIRST and
 * STEP pick some routines.
 */
void fuzz_rights(unsigned first, unsigned step);

/* Routines that end the run, or open the machine to random user code. */
bool fuzz_forbidden(mach_msg_id_t id);

#endif
