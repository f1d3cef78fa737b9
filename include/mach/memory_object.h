/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Memory objects: what a pager and the kernel agree on. */

#ifndef MACH_MEMORY_OBJECT_H
#define MACH_MEMORY_OBJECT_H

#include <mach/port.h>

typedef mach_port_t	memory_object_t;	/* the pager's port */
typedef memory_object_t	*memory_object_array_t;
typedef mach_port_t	memory_object_control_t; /* the kernel's, for it */
typedef mach_port_t	memory_object_name_t;	/* identity only */

#define MEMORY_OBJECT_NULL	MACH_PORT_NULL

/* How the kernel makes copies of an object. */
typedef int		memory_object_copy_strategy_t;

#define MEMORY_OBJECT_COPY_NONE		0	/* at once, page by page */
#define MEMORY_OBJECT_COPY_CALL		1	/* the pager is asked */
#define MEMORY_OBJECT_COPY_DELAY	2	/* when written */
#define MEMORY_OBJECT_COPY_TEMPORARY	3	/* and lost with the kernel */

/* Which pages a lock request gives back. */
typedef int		memory_object_return_t;

#define MEMORY_OBJECT_RETURN_NONE	0
#define MEMORY_OBJECT_RETURN_DIRTY	1
#define MEMORY_OBJECT_RETURN_ALL	2

#endif /* MACH_MEMORY_OBJECT_H */
