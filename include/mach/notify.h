/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Notifications: messages that the kernel sends to a send-once right that a
 * task left for that purpose.
 */

#ifndef MACH_NOTIFY_H
#define MACH_NOTIFY_H

#include <stddef.h>

#include <mach/message.h>
#include <mach/port.h>

#define MACH_NOTIFY_FIRST		0100
#define MACH_NOTIFY_PORT_DELETED	(MACH_NOTIFY_FIRST + 001)
#define MACH_NOTIFY_MSG_ACCEPTED	(MACH_NOTIFY_FIRST + 002)
#define MACH_NOTIFY_PORT_DESTROYED	(MACH_NOTIFY_FIRST + 005)
#define MACH_NOTIFY_NO_SENDERS		(MACH_NOTIFY_FIRST + 006)
#define MACH_NOTIFY_SEND_ONCE		(MACH_NOTIFY_FIRST + 007)
#define MACH_NOTIFY_DEAD_NAME		(MACH_NOTIFY_FIRST + 010)
#define MACH_NOTIFY_LAST		(MACH_NOTIFY_FIRST + 015)

/* The name was deallocated before what was asked for happened. */
typedef struct {
	mach_msg_header_t	not_header;
	mach_msg_type_t		not_type;	/* MACH_MSG_TYPE_PORT_NAME */
	mach_port_t		not_port;
} mach_port_deleted_notification_t;

/* A message sent with MACH_SEND_NOTIFY found room. */
typedef struct {
	mach_msg_header_t	not_header;
	mach_msg_type_t		not_type;	/* MACH_MSG_TYPE_PORT_NAME */
	mach_port_t		not_port;
} mach_msg_accepted_notification_t;

/* A receive right would have died; here it is. */
typedef struct {
	mach_msg_header_t	not_header;
	mach_msg_type_t		not_type;	/* MACH_MSG_TYPE_PORT_RECEIVE */
	mach_port_t		not_port;
} mach_port_destroyed_notification_t;

/* No send right is left; made so many since the port was new. */
typedef struct {
	mach_msg_header_t	not_header;
	mach_msg_type_t		not_type;	/* MACH_MSG_TYPE_INTEGER_32 */
	unsigned int		not_count;
} mach_no_senders_notification_t;

/* The send-once right this arrives on was not used. */
typedef struct {
	mach_msg_header_t	not_header;
} mach_send_once_notification_t;

/* The port died: the name stands for a dead name, one reference more. */
typedef struct {
	mach_msg_header_t	not_header;
	mach_msg_type_t		not_type;	/* MACH_MSG_TYPE_PORT_NAME */
	mach_port_t		not_port;
} mach_dead_name_notification_t;

_Static_assert(sizeof(mach_dead_name_notification_t) == 32, "notification");
_Static_assert(offsetof(mach_dead_name_notification_t, not_port) == 28, "port");

#endif /* MACH_NOTIFY_H */
