/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Finding other servers by name.
 */
#ifndef SERVERS_LIB_LOOKUP_H
#define SERVERS_LIB_LOOKUP_H

#include <servers/lib/mach.h>

/* The name server's port, from this task's registered ports. */
mach_port_t lookup_name_server(void);

/*
 * A send right for the server NAME, waiting up to TIMEOUT milliseconds for it
 * to appear.  The caller owns the right.
 *
 * Returns: KERN_INVALID_NAME when it did not appear.
 */
kern_return_t lookup_port(const char *name, unsigned timeout,
    mach_port_t *port);

/*
 * One server that is looked up when first needed, kept, and looked up again
 * after it died:
 *
 *	static struct lookup file = LOOKUP_INIT("file");
 *	do {
 *		kr = file_statfs(lookup_get(&file), ...);
 *	} while (lookup_retry(&file, kr));
 *
 * lookup_get gives a right that the lookup keeps; MACH_PORT_NULL when the
 * server does not appear within some seconds.  lookup_retry is true once per
 * death: KR says that the server was gone, and the port is forgotten.
 */
struct lookup {
	const char	*name;
	mach_port_t	port;		/* lookup_lock */
	unsigned	names;		/* lookup_lock; space of PORT's name */
};

#define LOOKUP_INIT(n)	{ .name = (n), .port = MACH_PORT_NULL }

mach_port_t lookup_get(struct lookup *lookup);
bool lookup_retry(struct lookup *lookup, kern_return_t kr);

/* This task is the child of a fork: it has no right that it knew a name of. */
void lookup_forked(void);

#endif /* SERVERS_LIB_LOOKUP_H */
