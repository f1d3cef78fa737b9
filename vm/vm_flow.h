/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Pages that the pageout daemon sends to pagers outside: how many may wait for
 * a pager, and for how long memory is hoped for that is on its way.
 *
 * A pager gets no more while VM_FLOW_MESSAGES wait at its port: the pages stay
 * where they are, can be used, and others' are taken.  One that has let them
 * wait for VM_FLOW_PATIENCE has stalled, and is sent all that is its: from then
 * on these pages are memory like any other, which the default pager may take,
 * and which its task answers for when memory is exhausted.
 *
 * Until a pager has freed what it was sent memory counts as exhausted only
 * after VM_FLOW_PATIENCE without any progress.  So long a task that has
 * received such pages may also use a part of the reserve: pages to put them
 * into, which it would not get beside those who wait for what it will free.
 */

#ifndef VM_VM_FLOW_H
#define VM_VM_FLOW_H

#include <stdbool.h>

#include <kernel/clock.h>

struct vm_map;
struct vm_object;

/* More than users may queue (MACH_PORT_QLIMIT_MAX): so the kernel's count. */
#define VM_FLOW_MESSAGES	20u
/* In ticks. */
#define VM_FLOW_PATIENCE	(10 * HZ)

/*
 * May pages of OBJECT, which has a pager outside, go there?  For the daemon
 * alone; OBJECT locked, the pager's port not.
 */
bool vm_flow_admits(struct vm_object *object);

/* CARRIER, with pages for a pager outside, is about to be sent to it. */
void vm_flow_send(struct vm_object *carrier);

/* It is gone, whoever had it.  For vm_object.c. */
void vm_flow_done(void);

/* OBJECT comes with a message into MAP, which is locked. */
void vm_flow_arrive(struct vm_map *map, const struct vm_object *object);

/* May a task with MAP use what is kept for pagers outside?  No locks. */
bool vm_flow_serves(const struct vm_map *map);

/*
 * The daemon has made a round, and freed or sent something if DONE; else: will
 * what is at pagers, or waits for them, still bring memory?
 */
bool vm_flow_hopes(bool done);

#endif
