/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What kernel calls answer.  Codes from 0x10000000 up belong to mach_msg
 * (message.h), negative ones to MIG (mig_errors.h), those from 2500 to devices
 * (device/device_types.h).
 */

#ifndef MACH_KERN_RETURN_H
#define MACH_KERN_RETURN_H

#include <mach/machine/kern_return.h>

#define KERN_SUCCESS			0	/* done */
#define KERN_INVALID_ADDRESS		1	/* nothing is mapped there */
#define KERN_PROTECTION_FAILURE		2	/* mapped, but not for this */
#define KERN_NO_SPACE			3	/* range taken, or table full */
#define KERN_INVALID_ARGUMENT		4	/* an argument makes no sense */
#define KERN_FAILURE			5	/* cannot be done */
#define KERN_RESOURCE_SHORTAGE		6	/* the kernel lacks memory */
#define KERN_NOT_RECEIVER		7	/* needs the receive right */
#define KERN_NO_ACCESS			8	/* caller may not do this */
#define KERN_MEMORY_FAILURE		9	/* the pager is gone */
#define KERN_MEMORY_ERROR		10	/* the pager has no data */
#define KERN_NOT_IN_SET			12	/* receive right in no set */
#define KERN_NAME_EXISTS		13	/* that name is in use */
#define KERN_ABORTED			14	/* broken off by another thread */
#define KERN_INVALID_NAME		15	/* no right has that name */
#define KERN_INVALID_TASK		16	/* not a task, or a dead one */
#define KERN_INVALID_RIGHT		17	/* right of the wrong kind */
#define KERN_INVALID_VALUE		18	/* value out of range */
#define KERN_UREFS_OVERFLOW		19	/* too many user references */
#define KERN_INVALID_CAPABILITY		20	/* bad right in the request */
#define KERN_RIGHT_EXISTS		21	/* held under another name */
#define KERN_INVALID_HOST		22	/* not a host port */
#define KERN_MEMORY_PRESENT		23	/* page already supplied */
#define KERN_WRITE_PROTECTION_FAILURE	24	/* fault on a write, internal */
#define KERN_TERMINATED			26	/* the object was terminated */
#define KERN_TIMEDOUT			27	/* a wait ran out of time */
#define KERN_INTERRUPTED		28	/* a wait was broken off */

#endif /* MACH_KERN_RETURN_H */
