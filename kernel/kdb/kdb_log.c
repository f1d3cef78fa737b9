/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A record is begun when a thread enters the kernel, and completed when it
 * leaves; it may have been forgotten meanwhile.  The debugger may come in the
 * middle of either: the record is then free.
 */

#include <kernel/kdb/kdb_log.h>

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <mach/message.h>
#include <machine/atomic.h>
#include <machine/copyio.h>
#include <machine/pcb.h>

#include <kernel/ast.h>
#include <kernel/clock.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_list.h>
#include <kernel/kdb/kdb_msgs.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/spinlock.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#define KDB_LOG_SIZE	256u		/* records */
#define KDB_LOG_WORDS	5u		/* arguments that are kept */
#define KDB_LOG_MESSAGE	25u		/* the number of mach_msg() */
#define KDB_LOG_CALL	28u		/* column */

enum kdb_log_state {
	KDB_LOG_FREE,
	KDB_LOG_BEGUN,
	KDB_LOG_DONE,
};

/* Of a header. */
struct kdb_log_message {
	bool			known;
	mach_msg_id_t		id;
	mach_port_name_t	remote;
	mach_port_name_t	local;
};

/* [t] kdb_log_lock  [a] atomic */
struct kdb_log_record {
	uint32_t		state;		/* [a] last to be written */
	const struct thread	*thread;	/* [t] owns no reference */
	uint64_t		begun;		/* [t] in ns since boot */
	uint64_t		ended;		/* [t] */
	unsigned		number;		/* [t] of the trap */
	uint32_t		words[KDB_LOG_WORDS]; /* [t] */
	uint32_t		result;		/* [t] */
	struct kdb_log_message	sent;		/* [t] */
	struct kdb_log_message	received;	/* [t] */
};

static struct spinlock kdb_log_lock = SPINLOCK_INITIALIZER(LOCK_RANK_SPIN_LEAF);
static struct kdb_log_record kdb_log_records[KDB_LOG_SIZE];
static uint32_t kdb_log_next;		/* [t] counts all there were */

/* Whose calls are logged: an address that is only compared, and when it was
 * made, as it may be another's later.  Written by the debugger. */
static const struct task *kdb_log_task;
static uint64_t kdb_log_created;

/* ---- while the kernel runs ---------------------------------------------- */

static bool
kdb_log_wants(const struct task *task)
{
	return task == kdb_log_task && task->created == kdb_log_created;
}

/* The header at ADDRESS of the current task's, if it can be read. */
static void
kdb_log_read(user_addr_t address, struct kdb_log_message *message)
{
	mach_msg_header_t header;

	message->known = copyin(address, &header, sizeof(header)) ==
	    KERN_SUCCESS;
	if (message->known) {
		message->id = header.msgh_id;
		message->remote = header.msgh_remote_port;
		message->local = header.msgh_local_port;
	}
}

/* Has a mach_msg() with such arguments the OPTION? */
static bool
kdb_log_has(unsigned number, const uint32_t *words, mach_msg_option_t option)
{
	return number == KDB_LOG_MESSAGE &&
	    ((mach_msg_option_t)words[1] & option) != 0;
}

void
kdb_log_enter(unsigned number, const uint32_t *words)
{
	struct thread *self = current_thread();
	struct kdb_log_message sent = { .known = false };
	struct kdb_log_record *record;

	if (!kdb_log_wants(self->task)) {
		return;
	}
	if (kdb_log_has(number, words, MACH_SEND_MSG)) {
		kdb_log_read(words[0], &sent);
	}
	spinlock_lock(&kdb_log_lock);
	record = &kdb_log_records[kdb_log_next++ % KDB_LOG_SIZE];
	atomic_store_release(&record->state, KDB_LOG_FREE);
	record->thread = self;
	record->begun = clock_uptime_ns();
	record->number = number;
	memcpy(record->words, words, sizeof(record->words));
	record->sent = sent;
	record->received.known = false;
	atomic_store_release(&record->state, KDB_LOG_BEGUN);
	spinlock_unlock(&kdb_log_lock);
	ast_thread_set(self, AST_TRACE);
}

/* The record that THREAD has begun, or NULL.  The lock is held. */
static struct kdb_log_record *
kdb_log_find_locked(const struct thread *thread)
{
	for (unsigned i = 1; i <= KDB_LOG_SIZE; i++) {
		struct kdb_log_record *record =
		    &kdb_log_records[(kdb_log_next - i) % KDB_LOG_SIZE];

		if (record->thread == thread) {
			return record->state == KDB_LOG_BEGUN ? record : NULL;
		}
	}
	return NULL;
}

/* Where the message is that THREAD has received; 0: none is. */
static user_addr_t
kdb_log_place(const struct thread *thread)
{
	struct kdb_log_record *record;
	user_addr_t place = 0;

	spinlock_lock(&kdb_log_lock);
	record = kdb_log_find_locked(thread);
	if (record != NULL && kdb_log_has(record->number, record->words,
	    MACH_RCV_MSG) && pcb_get_return(thread) == MACH_MSG_SUCCESS) {
		place = record->words[0];
	}
	spinlock_unlock(&kdb_log_lock);
	return place;
}

void
kdb_log_leave(void)
{
	struct thread *self = current_thread();
	struct kdb_log_message received = { .known = false };
	struct kdb_log_record *record;
	user_addr_t place;

	if ((atomic_load_relaxed(&self->ast) & AST_TRACE) == 0) {
		return;
	}
	place = kdb_log_place(self);
	if (place != 0) {
		kdb_log_read(place, &received);
	}
	spinlock_lock(&kdb_log_lock);
	record = kdb_log_find_locked(self);
	if (record != NULL) {
		record->received = received;
		record->result = pcb_get_return(self);
		record->ended = clock_uptime_ns();
		atomic_store_release(&record->state, KDB_LOG_DONE);
	}
	spinlock_unlock(&kdb_log_lock);
	ast_thread_clear(self, AST_TRACE);
}

/* ---- in the debugger ---------------------------------------------------- */

static void
kdb_log_on(struct kdb_request *request)
{
	const struct task *task = kdb_who_task(request);

	if (!kdb_list_read(&task->created, &kdb_log_created,
	    sizeof(kdb_log_created))) {
		return;
	}
	memset(kdb_log_records, 0, sizeof(kdb_log_records));
	kdb_log_next = 0;
	kdb_log_task = task;
	syscall_trace_set(true);
	kdb_printf("what ");
	kdb_who_print_task(task);
	kdb_printf(" does from now on: show trace\n");
}

static void
kdb_log_off(struct kdb_request *request)
{
	syscall_trace_set(false);
	kdb_log_task = NULL;
}

static void
kdb_log_print_message(const char *what, const char *port,
    const struct kdb_log_message *message, mach_port_name_t name)
{
	char text[KDB_MSGS_TEXT];

	if (!message->known) {
		return;
	}
	kdb_msgs_text(message->id, text, sizeof(text));
	if (text[0] == '\0') {
		kdb_printf("%s id %d %s %x", what, (int)message->id, port,
		    name);
	} else {
		kdb_printf("%s %s %s %x", what, text, port, name);
	}
}

static void
kdb_log_print_mach_msg(const struct kdb_log_record *record)
{
	kdb_printf("mach_msg");
	if (kdb_log_has(record->number, record->words, MACH_SEND_MSG)) {
		kdb_log_print_message(" send", "to", &record->sent,
		    record->sent.remote);
	}
	if (kdb_log_has(record->number, record->words, MACH_RCV_MSG)) {
		kdb_printf(" receive at %x", record->words[4]);
		kdb_log_print_message(":", "by", &record->received,
		    record->received.local);
	}
}

static void
kdb_log_print_call(const struct kdb_log_record *record)
{
	unsigned n = syscall_table[record->number].args;

	/* Without its "sys_". */
	kdb_printf("%s(", strchr(syscall_name(record->number), '_') + 1);
	for (unsigned i = 0; i < n && i < KDB_LOG_WORDS; i++) {
		kdb_printf("%s%x", i > 0 ? ", " : "", record->words[i]);
	}
	kdb_printf("%s)", n > KDB_LOG_WORDS ? ", ..." : "");
}

static void
kdb_log_print(const struct kdb_log_record *record)
{
	unsigned us = (unsigned)(record->begun / 1000 % 1000000);

	kdb_printf("%5u.%06u  ", (unsigned)(record->begun / 1000000000), us);
	kdb_who_print_thread(record->thread);
	kdb_printf(" ");
	kdb_out_tab(KDB_LOG_CALL);
	if (record->number == KDB_LOG_MESSAGE) {
		kdb_log_print_mach_msg(record);
	} else {
		kdb_log_print_call(record);
	}
	if (record->state == KDB_LOG_DONE) {
		kdb_printf(" = %x, %u us\n", record->result,
		    (unsigned)((record->ended - record->begun) / 1000));
	} else {
		kdb_printf(" has not returned\n");
	}
}

static void
kdb_log_show(struct kdb_request *request)
{
	unsigned left = request->has_count && request->count < KDB_LOG_SIZE ?
	    request->count : KDB_LOG_SIZE;

	kdb_printf("seconds       thread       trap or messages, result, how "
	    "long; the newest last\n");
	for (; left > 0; left--) {
		const struct kdb_log_record *record =
		    &kdb_log_records[(kdb_log_next - left) % KDB_LOG_SIZE];

		if (record->state != KDB_LOG_FREE) {
			kdb_log_print(record);
		}
	}
}

static const struct kdb_word kdb_log_words[] = {
	{ "show trace", kdb_log_show, "",
	    "what was traced: each trap of the task with the messages that it\n"
	    "sent and got, named; [,COUNT] shows the newest COUNT\n"
	    "Example: ,0t20 show trace" },
	{ "trace off", kdb_log_off, "", "log no more; the log stays" },
	{ "trace on", kdb_log_on, "TASK",
	    "log each trap and message of a task from now on\n"
	    "TASK is a name, an address or a number of `show all tasks'.\n"
	    "Example: trace on file; :c" },
	{ .name = NULL },
};

struct kdb_table kdb_log_table = { .words = kdb_log_words };
