/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
#ifndef SERVERS_HELLO_HELLO_H
#define SERVERS_HELLO_HELLO_H

#include <servers/lib/object.h>

/* The service's port is of this class; there is one. */
extern const struct object_class hello_class;

#endif /* SERVERS_HELLO_HELLO_H */
