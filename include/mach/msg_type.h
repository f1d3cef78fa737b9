/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Bits that old servers kept beside the type of a message.  No kernel of this
 * interface looks at them.
 */

#ifndef MACH_MSG_TYPE_H
#define MACH_MSG_TYPE_H

#include <mach/message.h>

#define MSG_TYPE_CAMELOT	(1 << 6)
#define MSG_TYPE_ENCRYPTED	(1 << 7)
#define MSG_TYPE_RPC		(1 << 8)

#endif /* MACH_MSG_TYPE_H */
