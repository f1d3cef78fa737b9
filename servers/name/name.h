/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The name server's objects.
 */
#ifndef SERVERS_NAME_NAME_H
#define SERVERS_NAME_NAME_H

#include <servers/lib/object.h>

/* Slot 0 of everybody's registered ports. */
extern struct object name_service;
extern const struct object_class name_service_class;

/* Bootstrap's. */
extern struct object name_control;
extern const struct object_class name_control_class;

#endif /* SERVERS_NAME_NAME_H */
