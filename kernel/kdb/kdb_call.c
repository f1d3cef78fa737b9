/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_call.h>

#include <stddef.h>
#include <string.h>

#include <machine/kdb_cpu.h>

#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_expr.h>
#include <kernel/kdb/kdb_in.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_pass.h>
#include <kernel/kdb/kdb_sym.h>
#include <kernel/kdb/kdb_symbolic.h>
#include <kernel/kdb/kdb_trace.h>
#include <kernel/kdb/kdb_type.h>
#include <kernel/kdb/kdb_value.h>
#include <kernel/kdb/kdb_vars.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/spinlock.h>

#define KDB_CALL_POLL	256u	/* instructions between looks at the keyboard */
#define KDB_CALL_FRAMES	10u
#define KDB_CALL_TEXT	200u

_Static_assert(KDB_CPU_CALL_REGS == KDB_PASS_REGS &&
    KDB_CPU_CALL_WORDS == KDB_PASS_STACK, "the same places");

/* One at a time: kernel stacks are small. */
static struct {
	uint32_t		values[KDB_PASS_MAX];
	unsigned		count;
	struct kdb_pass		pass;
	struct kdb_cpu_call	cpu;
	struct kdb_frame	at;
	char			text[KDB_CALL_TEXT];
} kdb_call;

/* Where somebody would leave the processor, and is on no queue yet. */
static const uintptr_t kdb_call_waits[] = {
	(uintptr_t)sleepq_prepare, (uintptr_t)sleepq_sleep_alone_unlock,
	(uintptr_t)sleepq_sleep_alone_continue_unlock, (uintptr_t)sleepq_wait,
	(uintptr_t)sched_block_unlock, (uintptr_t)sched_block_continue_unlock,
	(uintptr_t)sched_hand_over_unlock, (uintptr_t)sched_yield,
	(uintptr_t)sched_yield_to, (uintptr_t)sched_yield_depressed,
	(uintptr_t)sched_user_return, (uintptr_t)sched_intr_return,
};

/* ---- while it runs ------------------------------------------------------ */

/* It would wait for that lock, whose holder stands still. */
static void
kdb_call_spins(uintptr_t address)
{
	struct spinlock lock;

	if (kdb_mem_read(NULL, address, &lock, sizeof(lock)) &&
	    lock.owner == 0) {
		return;
	}
	kdb_error("it waits for the spin lock at %08lx, which processor %u has",
	    (unsigned long)address, lock.owner - 1);
}

static bool
kdb_call_look(struct kdb_cpu_call *cpu)
{
	uintptr_t pc = cpu->at->reg[KDB_REG_PC];

	if (cpu->instructions % KDB_CALL_POLL == 0) {
		kdb_in_poll();
	}
	if (pc == (uintptr_t)panic || pc == (uintptr_t)panic_assert) {
		/* Which ends the call, and is the debugger's own. */
		return false;
	}
	if (pc == (uintptr_t)spinlock_lock_slow) {
		kdb_call_spins(cpu->at->reg[KDB_REG_EAX]);
	}
	for (unsigned i = 0;
	    i < sizeof(kdb_call_waits) / sizeof(kdb_call_waits[0]); i++) {
		if (pc == kdb_call_waits[i]) {
			kdb_error("it waits for something");
		}
	}
	return true;
}

/* ---- afterwards --------------------------------------------------------- */

static bool
kdb_call_read(struct kdb_unwind *unwind, uintptr_t address, void *to, size_t n)
{
	return kdb_mem_read(NULL, address, to, n);
}

static void
kdb_call_print_typed(const struct kdb_symtab *table)
{
	struct kdb_unwind unwind = { .read = kdb_call_read };
	struct kdb_view view = { .unwind = &unwind, .table = table };
	struct kdb_value value = { .size = sizeof(kdb_call.cpu.result) };
	struct kdb_text text;

	memcpy(value.bytes, &kdb_call.cpu.result, value.size);
	kdb_text_init(&text, kdb_call.text, sizeof(kdb_call.text));
	kdb_type_print(&view, kdb_call.pass.type, &value, &text);
	kdb_printf(" %s\n", kdb_call.text);
}

static void
kdb_call_returned(const struct kdb_symtab *table)
{
	uint32_t word = (uint32_t)kdb_call.cpu.result;

	kdb_symbolic_print(kdb_call.cpu.function);
	kdb_printf(" returns");
	if (!kdb_call.pass.known) {
		kdb_printf(" %#x %d\n", (unsigned)word, (int)word);
	} else if (kdb_type_class(table, kdb_call.pass.type) ==
	    KDB_CLASS_VOID) {
		kdb_printf("\n");
		return;
	} else {
		kdb_call_print_typed(table);
	}
	kdb_vars.dot = word;
}

/* What was wrong has been said. */
static void
kdb_call_ended(void)
{
	kdb_symbolic_print(kdb_call.cpu.function);
	kdb_printf(" was ended after %u instructions; what it has done stays:\n",
	    kdb_call.cpu.instructions);
	if (kdb_call.cpu.instructions > 0) {
		kdb_trace_frames(NULL, &kdb_call.at, KDB_CALL_FRAMES, false);
	}
}

/* Call it; what it does to the processor's own state does not stay. */
static bool
kdb_call_run(void)
{
	struct percpu *percpu = percpu_get(cpu_id());
	uint32_t preempt = percpu->preempt_count;
	uint32_t depth = percpu->intr_depth;
	uint32_t left;
	bool good;

	percpu->preempt_count++;
	good = kdb_cpu_call(&kdb_call.cpu);
	left = percpu->preempt_count - preempt - 1;
	percpu->preempt_count = preempt;
	percpu->intr_depth = depth;
	if (left != 0) {
		kdb_printf("it has left %d spin locks or the like\n",
		    (int)left);
	}
	return good;
}

/* ---- the command -------------------------------------------------------- */

static const char *
kdb_call_blanks(const char *at)
{
	while (*at == ' ' || *at == '\t') {
		at++;
	}
	return at;
}

/* FUNCTION(ARGUMENTS); *ATP moves behind the parenthesis. */
static uintptr_t
kdb_call_parse(const char **atp)
{
	uintptr_t function = kdb_expr_need(atp, "function");
	const char *at = kdb_call_blanks(*atp);

	if (*at != '(') {
		kdb_error("( expected: %s", at);
	}
	at = kdb_call_blanks(at + 1);
	for (kdb_call.count = 0; *at != ')'; at = kdb_call_blanks(at)) {
		if (kdb_call.count == KDB_PASS_MAX) {
			kdb_error("more than %u arguments", KDB_PASS_MAX);
		}
		if (kdb_call.count > 0 && *at++ != ',') {
			kdb_error(", or ) expected: %s", at - 1);
		}
		kdb_call.values[kdb_call.count++] =
		    kdb_expr_need(&at, "argument");
	}
	*atp = kdb_call_blanks(at + 1);
	return function;
}

static void
kdb_call_prepare(const struct kdb_symtab *table, uintptr_t function)
{
	struct kdb_text why;

	if (!kdb_cpu_may_break(function)) {
		kdb_symbolic_text(function, kdb_call.text,
		    sizeof(kdb_call.text));
		kdb_error("no function of the kernel's that may be called: %s",
		    kdb_call.text);
	}
	kdb_text_init(&why, kdb_call.text, sizeof(kdb_call.text));
	if (!kdb_pass(table, function, kdb_call.values, kdb_call.count,
	    &kdb_call.pass, &why)) {
		kdb_error("cannot call it: %s", kdb_call.text);
	}
	memset(&kdb_call.cpu, 0, sizeof(kdb_call.cpu));
	memcpy(kdb_call.cpu.reg, kdb_call.pass.reg, sizeof(kdb_call.pass.reg));
	memcpy(kdb_call.cpu.stack, kdb_call.pass.stack,
	    sizeof(kdb_call.pass.stack));
	kdb_call.cpu.function = function;
	kdb_call.cpu.look = kdb_call_look;
	kdb_call.cpu.at = &kdb_call.at;
}

static void
kdb_call_word(struct kdb_request *request)
{
	const struct kdb_symtab *table;
	const char *at = request->rest;
	uintptr_t function = kdb_call_parse(&at);

	if (*at != '\0') {
		kdb_error("end of the command expected: %s", at);
	}
	table = kdb_sym_table(NULL, function);
	kdb_call_prepare(table, function);
	if (kdb_call_run()) {
		kdb_call_returned(table);
	} else {
		kdb_call_ended();
	}
}

static const struct kdb_word kdb_call_words[] = {
	{ "call", kdb_call_word, "FUNCTION(ARGUMENTS)",
	    "call a function of the kernel with up to eight expressions, and say\n"
	    "what it returns, which dot becomes.  It runs here and now: in the\n"
	    "thread that was interrupted, with interrupts and preemption off,\n"
	    "while all else stands still, on a stack of its own, without\n"
	    "breakpoints.  It is ended by a fault or panic, and where it waits for\n"
	    "a lock that is held or anything else, lets interrupts in or changes\n"
	    "stacks; and by ^C.  What it has done until then stays, as do locks it\n"
	    "has taken: the system may not live long with that" },
	{ .name = NULL },
};

struct kdb_table kdb_call_table = { .words = kdb_call_words };
