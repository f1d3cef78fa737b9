/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * While gdb is there the line is its own: what the kernel prints on it goes to
 * gdb as messages, when that listens, which is while the machine runs.  A fault
 * or another error in a packet's work is answered as one.
 */

#include <kernel/kdb/kdb_gdb.h>

#include <stddef.h>

#include <machine/console.h>
#include <machine/cpu.h>
#include <machine/kdb_cpu.h>

#include <kernel/kdb/kdb.h>
#include <kernel/kdb/kdb_break.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_event.h>
#include <kernel/kdb/kdb_gdb_i.h>
#include <kernel/kdb/kdb_gdb_thread.h>
#include <kernel/kdb/kdb_in.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_watch.h>

#define KDB_GDB_MESSAGE	64u	/* characters at once */

/* gdb's numbers of signals */
#define KDB_GDB_INT	"02"
#define KDB_GDB_TRAP	"05"
#define KDB_GDB_ABORT	"06"

struct kdb_gdb_state kdb_gdb_state;

static bool kdb_gdb_there;

/* ---- messages ----------------------------------------------------------- */

static char kdb_gdb_message[KDB_GDB_MESSAGE];
static unsigned kdb_gdb_message_used;

static void
kdb_gdb_message_send(void)
{
	char text[2 * KDB_GDB_MESSAGE + 1];
	struct kdb_gdb_reply out = { text, sizeof(text), 0, false };

	if (kdb_gdb_message_used == 0) {
		return;
	}
	kdb_gdb_reply_text(&out, "O");
	kdb_gdb_reply_bytes(&out, kdb_gdb_message, kdb_gdb_message_used);
	kdb_gdb_message_used = 0;
	kdb_gdb_packet_say(out.text, out.used);
}

/* The console's character C, for the line. */
static void
kdb_gdb_print(char c)
{
	if (!kdb_gdb_state.listens) {
		return;
	}
	kdb_gdb_message[kdb_gdb_message_used++] = c;
	if (c == '\n' || kdb_gdb_message_used == KDB_GDB_MESSAGE) {
		kdb_gdb_message_send();
		if (kdb_gdb_state.monitors) {
			/* A command that prints for ever. */
			kdb_in_poll();
		}
	}
}

/* ---- what stopped ------------------------------------------------------- */

static const char *
kdb_gdb_signal(void)
{
	if (!kdb_can_leave()) {
		return KDB_GDB_ABORT;
	}
	return kdb_event_is_request() ? KDB_GDB_INT : KDB_GDB_TRAP;
}

/* The watchpoint, if it was one, as gdb wanted it. */
static void
kdb_gdb_say_watch(struct kdb_gdb_call *call)
{
	uintptr_t address;
	enum kdb_cpu_watch kind;

	if (!kdb_watch_was_hit(&address, &kind) ||
	    kind == KDB_CPU_WATCH_EXECUTE) {
		return;
	}
	kdb_gdb_reply_text(&call->out,
	    kind == KDB_CPU_WATCH_WRITE ? "watch:" : "awatch:");
	kdb_gdb_reply_number(&call->out, address);
	kdb_gdb_reply_text(&call->out, ";");
}

void
kdb_gdb_say_stop(struct kdb_gdb_call *call)
{
	kdb_gdb_reply_text(&call->out, "T");
	kdb_gdb_reply_text(&call->out, kdb_gdb_signal());
	kdb_gdb_reply_text(&call->out, "thread:");
	kdb_gdb_reply_number(&call->out,
	    kdb_gdb_thread_number(kdb_gdb_thread_here()));
	kdb_gdb_reply_text(&call->out, ";");
	kdb_gdb_say_watch(call);
	if (kdb_gdb_state.knows_swbreak && kdb_break_was_gdbs()) {
		kdb_gdb_reply_text(&call->out, "swbreak:;");
	}
}

/* ---- packets ------------------------------------------------------------ */

struct thread *
kdb_gdb_scan_thread(struct kdb_gdb_scan *scan)
{
	uint32_t number;

	if (!kdb_gdb_scan_number(scan, &number) || !kdb_gdb_scan_done(scan)) {
		return NULL;
	}
	return number == 0 ? kdb_gdb_thread_here() : kdb_gdb_thread_find(number);
}

/* Hg: the thread of what follows.  Hc, of what goes on, is of no use: all do. */
static void
kdb_gdb_choose(struct kdb_gdb_call *call)
{
	bool general = kdb_gdb_scan_text(&call->in, "g");
	struct thread *thread;

	if (!general && !kdb_gdb_scan_text(&call->in, "c")) {
		return;
	}
	if (kdb_gdb_scan_text(&call->in, "-1")) {
		kdb_gdb_ok(call);
		return;
	}
	thread = kdb_gdb_scan_thread(&call->in);
	if (thread == NULL) {
		kdb_gdb_bad(call);
		return;
	}
	if (general) {
		kdb_gdb_state.thread = thread;
	}
	kdb_gdb_ok(call);
}

static void
kdb_gdb_is_alive(struct kdb_gdb_call *call)
{
	if (kdb_gdb_scan_thread(&call->in) != NULL) {
		kdb_gdb_ok(call);
	} else {
		kdb_gdb_bad(call);
	}
}

static void
kdb_gdb_detach(struct kdb_gdb_call *call)
{
	call->next = KDB_GDB_END;
	kdb_gdb_ok(call);
}

/* As `:k'. */
static void
kdb_gdb_kill(struct kdb_gdb_call *call)
{
	machine_power_off();
}

static const struct {
	char	letter;
	void	(*fn)(struct kdb_gdb_call *call);
} kdb_gdb_calls[] = {
	{ '?', kdb_gdb_say_stop },
	{ 'C', kdb_gdb_continue_signal },
	{ 'D', kdb_gdb_detach },
	{ 'G', kdb_gdb_set_registers },
	{ 'H', kdb_gdb_choose },
	{ 'M', kdb_gdb_write },
	{ 'P', kdb_gdb_set_register },
	{ 'S', kdb_gdb_step_signal },
	{ 'T', kdb_gdb_is_alive },
	{ 'X', kdb_gdb_write_binary },
	{ 'Z', kdb_gdb_set_point },
	{ 'c', kdb_gdb_continue },
	{ 'g', kdb_gdb_get_registers },
	{ 'k', kdb_gdb_kill },
	{ 'm', kdb_gdb_read },
	{ 'p', kdb_gdb_get_register },
	{ 'q', kdb_gdb_query },
	{ 's', kdb_gdb_step },
	{ 'v', kdb_gdb_verbose },
	{ 'z', kdb_gdb_clear_point },
};

static void
kdb_gdb_obey(void *arg)
{
	struct kdb_gdb_call *call = arg;

	if (kdb_gdb_scan_done(&call->in)) {
		return;
	}
	for (unsigned i = 0;
	    i < sizeof(kdb_gdb_calls) / sizeof(kdb_gdb_calls[0]); i++) {
		if (kdb_gdb_calls[i].letter == (char)*call->in.at) {
			call->in.at++;
			kdb_gdb_calls[i].fn(call);
			return;
		}
	}
}

/* ---- the session -------------------------------------------------------- */

static void
kdb_gdb_end(void)
{
	kdb_gdb_there = false;
	(void)kdb_gdb_packet_take_interrupt();
	kdb_break_settle(true);
	kdb_watch_uproot_all();
	kdb_out_mute(false);
	console_line_release();
	kdb_printf("\ngdb is gone\n");
}

static void
kdb_gdb_clear(struct kdb_gdb_call *call)
{
	static char text[KDB_GDB_PACKET_SIZE];

	call->out = (struct kdb_gdb_reply){ text, sizeof(text), 0, false };
	call->next = KDB_GDB_ANSWER;
}

/* Answer packets; true: all go on, false: it is gone. */
static bool
kdb_gdb_serve(void)
{
	static struct kdb_gdb_call call;
	const uint8_t *data;
	size_t n;

	while ((data = kdb_gdb_packet_get(&n)) != NULL) {
		kdb_gdb_clear(&call);
		call.in = (struct kdb_gdb_scan){ data, data + n };
		if (!kdb_error_catch(kdb_gdb_obey, &call) || call.out.cut) {
			kdb_gdb_clear(&call);
			kdb_gdb_bad(&call);
		}
		if (call.next == KDB_GDB_GO) {
			kdb_gdb_state.listens = true;
			return true;
		}
		kdb_gdb_packet_put(call.out.text, call.out.used);
		if (call.next == KDB_GDB_END) {
			break;
		}
	}
	kdb_gdb_end();
	return false;
}

bool
kdb_gdb_stopped(void)
{
	static struct kdb_gdb_call call;

	if (!kdb_gdb_there) {
		return false;
	}
	kdb_gdb_message_send();
	kdb_gdb_state.listens = false;
	kdb_gdb_state.thread = kdb_gdb_thread_here();
	kdb_gdb_clear(&call);
	kdb_gdb_say_stop(&call);
	kdb_gdb_packet_put(call.out.text, call.out.used);
	return kdb_gdb_serve();
}

static void
kdb_gdb_word(struct kdb_request *request)
{
	if (kdb_gdb_there) {
		kdb_error("gdb is there already");
	}
	if (!console_line_heard()) {
		kdb_error("this was not typed on a serial line");
	}
	kdb_printf("gdb may attach; return, typed three times, is for the "
	    "prompt\n");
	console_line_take(kdb_gdb_print);
	kdb_gdb_there = true;
	kdb_gdb_state = (struct kdb_gdb_state){
		.thread = kdb_gdb_thread_here(),
	};
	kdb_out_mute(true);
	(void)kdb_gdb_serve();
}

static const struct kdb_word kdb_gdb_words[] = {
	{ "gdb", kdb_gdb_word, "",
	    "talk gdb's remote protocol on this serial line until gdb detaches\n"
	    "or somebody types return three times.  On another machine, with\n"
	    "this kernel's file:\n"
	    "  gdb build/tartan -ex 'target remote /dev/ttyS0'\n"
	    "The threads of all tasks are gdb's threads, memory below the kernel\n"
	    "is that of the thread whose registers gdb read last.  Interrupt or\n"
	    "a break stops the system; `monitor COMMAND' is one of these\n"
	    "commands; `kill' is `halt'" },
	{ .name = NULL },
};

struct kdb_table kdb_gdb_table = { .words = kdb_gdb_words };
