/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What gdb's packets do, by their first letters: each reads the rest of one and
 * says the answer.  No answer means that there is no such packet; an error of
 * the debugger's is answered as one.
 */
#ifndef KERNEL_KDB_KDB_GDB_I_H
#define KERNEL_KDB_KDB_GDB_I_H

#include <stdbool.h>
#include <stdint.h>

#include <kernel/kdb/kdb_gdb_packet.h>
#include <kernel/kdb/kdb_gdb_text.h>

struct thread;

enum kdb_gdb_next {
	KDB_GDB_ANSWER,		/* and read the next packet */
	KDB_GDB_GO,		/* without an answer, which is the next stop */
	KDB_GDB_END,		/* answer, and be no more */
};

struct kdb_gdb_call {
	struct kdb_gdb_scan	in;
	struct kdb_gdb_reply	out;
	enum kdb_gdb_next	next;
};

/* What gdb has chosen and knows. */
struct kdb_gdb_state {
	struct thread	*thread;	/* of registers and memory */
	bool		knows_swbreak;
	bool		listens;	/* messages may be sent, */
	bool		monitors;	/* those of a command */
};

extern struct kdb_gdb_state kdb_gdb_state;

static inline void
kdb_gdb_ok(struct kdb_gdb_call *call)
{
	kdb_gdb_reply_text(&call->out, "OK");
}

static inline void
kdb_gdb_bad(struct kdb_gdb_call *call)
{
	call->out.used = 0;
	kdb_gdb_reply_text(&call->out, "E01");
}

/* The thread whose number comes next, a stopped one for 0; NULL: no such. */
struct thread *kdb_gdb_scan_thread(struct kdb_gdb_scan *scan);

/* Why the machine stopped. */
void kdb_gdb_say_stop(struct kdb_gdb_call *call);

/* kdb_gdb_reg.c */
void kdb_gdb_get_registers(struct kdb_gdb_call *call);
void kdb_gdb_set_registers(struct kdb_gdb_call *call);
void kdb_gdb_get_register(struct kdb_gdb_call *call);
void kdb_gdb_set_register(struct kdb_gdb_call *call);

/* kdb_gdb_memory.c */
void kdb_gdb_read(struct kdb_gdb_call *call);
void kdb_gdb_write(struct kdb_gdb_call *call);
void kdb_gdb_write_binary(struct kdb_gdb_call *call);

/* kdb_gdb_point.c */
void kdb_gdb_set_point(struct kdb_gdb_call *call);
void kdb_gdb_clear_point(struct kdb_gdb_call *call);

/* kdb_gdb_query.c */
void kdb_gdb_query(struct kdb_gdb_call *call);

/* kdb_gdb_resume.c */
void kdb_gdb_continue(struct kdb_gdb_call *call);
void kdb_gdb_step(struct kdb_gdb_call *call);
void kdb_gdb_continue_signal(struct kdb_gdb_call *call);
void kdb_gdb_step_signal(struct kdb_gdb_call *call);
void kdb_gdb_verbose(struct kdb_gdb_call *call);

#endif /* KERNEL_KDB_KDB_GDB_I_H */
