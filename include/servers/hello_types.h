/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Types of hello.defs.
 */
#ifndef SERVERS_HELLO_TYPES_H
#define SERVERS_HELLO_TYPES_H

typedef char hello_text_t[64];
typedef const char *const_hello_text_t;

#endif /* SERVERS_HELLO_TYPES_H */
