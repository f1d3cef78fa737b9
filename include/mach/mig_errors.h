/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What MIG stubs answer for themselves, and the shape of the smallest reply.
 */

#ifndef MACH_MIG_ERRORS_H
#define MACH_MIG_ERRORS_H

#include <mach/kern_return.h>
#include <mach/message.h>

#define MIG_TYPE_ERROR		-300	/* reply has wrong descriptors */
#define MIG_REPLY_MISMATCH	-301	/* reply to some other request */
#define MIG_REMOTE_ERROR	-302	/* server failed */
#define MIG_BAD_ID		-303	/* server does not know the id */
#define MIG_BAD_ARGUMENTS	-304	/* request has wrong descriptors */
#define MIG_NO_REPLY		-305	/* server answers later, or never */
#define MIG_EXCEPTION		-306	/* server raised an exception */
#define MIG_ARRAY_TOO_LARGE	-307	/* result does not fit */
#define MIG_SERVER_DIED		-308	/* server gave up the request */
#define MIG_DESTROY_REQUEST	-309	/* no reply, undo the request */

typedef struct {
	mach_msg_header_t	Head;
	mach_msg_type_t		RetCodeType;
	kern_return_t		RetCode;
} mig_reply_header_t;

_Static_assert(sizeof(mig_reply_header_t) == 32, "mig_reply_header");

typedef struct mig_symtab {
	char	*ms_routine_name;
	int	ms_routine_number;
	void	(*ms_routine)(void);
} mig_symtab_t;

typedef void	(*mig_routine_t)(mach_msg_header_t *request,
    mach_msg_header_t *reply);

#endif /* MACH_MIG_ERRORS_H */
