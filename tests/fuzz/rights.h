/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What rights.c gives to calls: a world of objects that may be lost, arguments
 * that each call takes, and others that are wrong.
 */

#ifndef TESTS_FUZZ_RIGHTS_H
#define TESTS_FUZZ_RIGHTS_H

#include "fuzz.h"

#define RIGHTS_ARGUMENTS 14
#define RIGHTS_ROOM	16384
#define RIGHTS_WRONG_MAX 40

/* Letters of objects: see rights_calls.c. */
#define RIGHTS_OBJECTS	"THhmMDEKSscGOIV"

/*
 * The objects, by their letters, are made anew after each call that succeeds.
 * WITNESS is the port whose rights are counted.  We have two send rights for
 * it, so that one can be moved, and its receive right.
 */
struct rights_world {
	mach_port_t object[128];
	mach_port_t witness;
	mach_port_t pager;	/* of the page that O controls */
	vm_offset_t pager_memory;
	mach_port_t plain;	/* a port of ours, with a send right */
	mach_port_t receive;	/* one without */
	mach_port_t set;
	mach_port_t dead;
};

extern struct rights_world rights_world;

void rights_world_begin(void);
/* End what was made, but for the witness. */
void rights_world_end(void);

/* Once, at the end: whoever became the default pager is that no more. */
void rights_end(void);

/* The letters of CALL's arguments, one for each word. */
void rights_template(const struct fuzz_call *call, char letters[]);

/* The argument I that LETTER stands for. */
uint32_t rights_valid(char letter, unsigned i);

/* Make values that are wrong for argument I; returns how many. */
unsigned rights_wrong(const struct fuzz_call *call, char letter, unsigned i,
    uint32_t values[RIGHTS_WRONG_MAX]);

/* Not to be called at all. */
bool rights_left_out(const char *name);
/* It fails even if all is right. */
bool rights_cannot_succeed(const char *name);
/* It keeps a right until the port dies. */
bool rights_keeps(const char *name);

/* Called in place of mach_msg in the first task's stubs. */
mach_msg_return_t rights_msg(mach_msg_header_t *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size,
    mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
    mach_port_name_t notify);

#endif
