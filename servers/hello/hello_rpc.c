/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The routines of hello.defs: decode, check, answer.  Requests are answered
 * on several threads at once.
 */

#include "hello.h"

#include <ctype.h>
#include <servers/hello_types.h>
#include <stdio.h>

#include <mig/hello_server.h>

static natural_t hello_greeted;		/* atomic */

static int
hello_name_valid(const char *name)
{
	for (const char *p = name; *p != '\0'; p++) {
		if (iscntrl((unsigned char)*p)) {
			return 0;
		}
	}
	return name[0] != '\0';
}

kern_return_t
S_hello_greet(mach_port_t server, const_hello_text_t name,
    hello_text_t greeting)
{
	int n;

	if (object_lookup(server, &hello_class) == NULL ||
	    !hello_name_valid(name)) {
		return KERN_INVALID_ARGUMENT;
	}
	n = snprintf(greeting, sizeof(hello_text_t), "Hello, %s!", name);
	if (n < 0 || (size_t)n >= sizeof(hello_text_t)) {
		return KERN_INVALID_ARGUMENT;
	}
	__atomic_add_fetch(&hello_greeted, 1, __ATOMIC_RELAXED);
	return KERN_SUCCESS;
}

kern_return_t
S_hello_count(mach_port_t server, natural_t *count)
{
	if (object_lookup(server, &hello_class) == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*count = __atomic_load_n(&hello_greeted, __ATOMIC_RELAXED);
	return KERN_SUCCESS;
}
