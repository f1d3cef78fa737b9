/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Types and constants of bootstrap.defs and name.defs.
 */
#ifndef SERVERS_BOOTSTRAP_TYPES_H
#define SERVERS_BOOTSTRAP_TYPES_H

#define BOOTSTRAP_HALT		0
#define BOOTSTRAP_POWER_OFF	1
#define BOOTSTRAP_REBOOT	2

#define BOOTSTRAP_IMAGE_MAX	(4 << 20)	/* bytes of a started server */

#define NAME_MAX_LENGTH		63

typedef char *name_list_t;
typedef char name_string_t[64];
typedef const char *const_name_string_t;
typedef char bootstrap_name_t[64];
typedef const char *const_bootstrap_name_t;
typedef char *bootstrap_text_t;
typedef char *bootstrap_image_t;

#endif /* SERVERS_BOOTSTRAP_TYPES_H */
