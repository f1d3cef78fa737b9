/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Reasons for which a thread can be alerted; 16 are the user's own. */

#ifndef MACH_ALERT_H
#define MACH_ALERT_H

#define ALERT_BITS		32
#define ALERT_ABORT_STRONG	0x00000001
#define ALERT_ABORT_SAFE	0x00000002
#define ALERT_USER		0xffff0000

#endif /* MACH_ALERT_H */
