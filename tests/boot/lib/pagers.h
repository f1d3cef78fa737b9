/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What modules that are pagers share: how they take the kernel's requests, and a
 * client that learns of errors.
 */

#ifndef TESTS_BOOT_LIB_PAGERS_H
#define TESTS_BOOT_LIB_PAGERS_H

#include "rt.h"

/* What MIG makes of an interface: false for a message of another one. */
typedef boolean_t pagers_server_fn_t(
    mach_msg_header_t *request, mach_msg_header_t *reply);

/*
 * Receive a request from PORT and let SERVER act upon it; what it does not know
 * is a failure.  False if none came while a test has patience, or none can.
 */
bool pagers_serve(mach_port_t port, pagers_server_fn_t *server);

/* The same for ever: for a thread, which ends with the port. */
void pagers_serve_all(mach_port_t port, pagers_server_fn_t *server);

/*
 * Keep resident what serving needs when memory is short: this program, and the
 * stacks of its threads so far.
 */
void pagers_wire_all(void);

/* pagers_begin_read() has not ended yet. */
#define PAGERS_READING	(-1)

/*
 * Let a thread read the page at ADDR, or rather the kernel on its behalf, as a
 * message: so it hears of an error where it would else be stopped.  The page has
 * to hold a message of 32 bytes.
 */
mach_port_t pagers_begin_read(vm_offset_t addr);

/* What came of it, PAGERS_READING until then. */
int pagers_read_result(void);

/* Wait for that. */
int pagers_end_read(void);

#endif
