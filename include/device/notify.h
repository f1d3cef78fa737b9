/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* The message that an interrupt becomes. */

#ifndef DEVICE_NOTIFY_H
#define DEVICE_NOTIFY_H

#include <mach/message.h>
#include <mach/port.h>

#define DEVICE_INTR_NOTIFY	100	/* its msgh_id */

typedef struct {
	mach_msg_header_t	intr_header;
	mach_msg_type_t		intr_type;
	int			id;	/* the line */
} device_intr_notification_t;

_Static_assert(sizeof(device_intr_notification_t) == 32, "intr_notification");

#endif /* DEVICE_NOTIFY_H */
