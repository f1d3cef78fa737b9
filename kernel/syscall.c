/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The trap table, traps that are logged, and traps that tasks handle themselves.
 *
 * While the debugger traces, the table has other functions, which log and call
 * the plain ones: so a trap costs nothing more otherwise.
 */

#include <kernel/syscall.h>

#include <string.h>

#include <machine/atomic.h>
#include <machine/pcb.h>
#include <machine/trap.h>

#include <kernel/debug_trap.h>
#include <kernel/kdb/kdb_log.h>
#include <kernel/kmem.h>
#include <kernel/rpc_trap.h>
#include <kernel/task.h>
#include <kernel/thread.h>
#include <kernel/thread_trap.h>

#include <ipc/ipc_special.h>
#include <ipc/mach_msg_trap.h>

static kern_return_t
syscall_invalid(void)
{
	return KERN_INVALID_ARGUMENT;
}

/* Each trap's number, function and how many arguments that has. */
#define SYSCALL_EACH(call)						\
	/* Events of drivers in the kernel; there are none. */		\
	call(17, syscall_invalid, 1)					\
	call(18, syscall_invalid, 1)					\
	call(25, sys_mach_msg, 7)					\
	call(26, sys_mach_reply_port, 0)				\
	call(27, sys_mach_thread_self, 0)				\
	call(28, sys_mach_task_self, 0)					\
	call(29, sys_mach_host_self, 0)					\
	call(30, sys_mach_print, 1)					\
	call(59, sys_swtch_pri, 1)					\
	call(60, sys_swtch, 0)						\
	call(61, sys_thread_switch, 3)					\
	call(64, sys_vm_map, 11)					\
	call(65, sys_vm_allocate, 4)					\
	call(66, sys_vm_deallocate, 3)					\
	call(68, sys_task_create, 3)					\
	call(69, sys_task_terminate, 1)					\
	call(70, sys_task_suspend, 1)					\
	call(71, sys_task_set_special_port, 3)				\
	call(72, sys_mach_port_allocate, 3)				\
	call(73, sys_mach_port_deallocate, 2)				\
	call(74, sys_mach_port_insert_right, 4)				\
	call(75, sys_mach_port_allocate_name, 3)			\
	call(76, sys_thread_depress_abort, 1)				\
	call(77, sys_thread_set_self_state, 3)

/* Does not compile with more arguments than assembler code can copy. */
#define SYSCALL(number, function, count)				\
	[number] = { (void (*)(void))(function),			\
	    (count) * sizeof(char[(count) <= SYSCALL_ARGS_MAX ? 1 : -1]) },

#define SYSCALL_NONE	{ (void (*)(void))syscall_invalid, 0 }

struct syscall_entry syscall_table[] = {
	[0 ... 16] = SYSCALL_NONE,
	[19 ... 24] = SYSCALL_NONE,
	[31 ... 58] = SYSCALL_NONE,
	[62 ... 63] = SYSCALL_NONE,
	[67] = SYSCALL_NONE,
	[78 ... 127] = SYSCALL_NONE,
	SYSCALL_EACH(SYSCALL)
};

const uint32_t syscall_count =
    sizeof(syscall_table) / sizeof(syscall_table[0]);

_Static_assert(sizeof(struct syscall_entry) == 8, "assembler code knows this");

/* ---- traps that are logged ---------------------------------------------- */

/* Room for the arguments of any of them. */
struct syscall_words {
	uint32_t word[SYSCALL_ARGS_MAX];
};

typedef TRAP_FUNCTION uint32_t (*syscall_fn_t)(struct syscall_words words);

/*
 * The current thread's trap NUMBER.  Its stack may be another thread's when FN
 * returns: whose result that is says the log only when a thread leaves the kernel.
 */
static uint32_t
syscall_traced(unsigned number, void (*fn)(void),
    const struct syscall_words *words)
{
	uint32_t result;

	kdb_log_enter(number, words->word);
	result = ((syscall_fn_t)fn)(*words);
	pcb_set_return(current_thread(), result);
	return result;
}

/* The arguments alone are on the stack, so that no more can be taken. */
#define SYSCALL_TRACED(number, function, count)				\
struct syscall_words_##number {						\
	uint32_t word[count];						\
};									\
static TRAP_FUNCTION uint32_t						\
syscall_traced_##number(struct syscall_words_##number args)		\
{									\
	struct syscall_words words = { { 0 } };				\
									\
	memcpy(&words, &args, sizeof(args));				\
	return syscall_traced(number, (void (*)(void))(function),	\
	    &words);							\
}

SYSCALL_EACH(SYSCALL_TRACED)

#define SYSCALL_PAIR(number, function, count)				\
	{ number, #function, (void (*)(void))(function),		\
	    (void (*)(void))syscall_traced_##number },

static const struct {
	unsigned	number;
	const char	*name;
	void		(*plain)(void);
	void		(*traced)(void);
} syscall_pairs[] = { SYSCALL_EACH(SYSCALL_PAIR) };

#define SYSCALL_PAIRS	(sizeof(syscall_pairs) / sizeof(syscall_pairs[0]))

void
syscall_trace_set(bool on)
{
	for (unsigned i = 0; i < SYSCALL_PAIRS; i++) {
		atomic_store_relaxed(&syscall_table[syscall_pairs[i].number].fn,
		    on ? syscall_pairs[i].traced : syscall_pairs[i].plain);
	}
}

const char *
syscall_name(unsigned number)
{
	for (unsigned i = 0; i < SYSCALL_PAIRS; i++) {
		if (syscall_pairs[i].number == number) {
			return syscall_pairs[i].name;
		}
	}
	return "syscall_invalid";
}

/* ---- redirection -------------------------------------------------------- */

user_addr_t
syscall_emulation_lookup(struct task *task, int number)
{
	struct task_emulation *emulation;

	emulation = __atomic_load_n(&task->emulation, __ATOMIC_ACQUIRE);
	if (emulation == NULL || number < SYSCALL_EMULATION_FIRST ||
	    number > SYSCALL_EMULATION_LAST) {
		return 0;
	}
	return __atomic_load_n(
	    &emulation->entry[number - SYSCALL_EMULATION_FIRST],
	    __ATOMIC_RELAXED);
}

/*
 * The table of TASK, made if need be; NULL when memory is short.  Whoever
 * comes second with a new table throws his away.
 */
static struct task_emulation *
syscall_emulation_get(struct task *task)
{
	struct task_emulation *emulation;
	struct task_emulation *seen = NULL;

	emulation = __atomic_load_n(&task->emulation, __ATOMIC_ACQUIRE);
	if (emulation != NULL) {
		return emulation;
	}
	emulation = kmem_zalloc(sizeof(*emulation));
	if (emulation == NULL) {
		return NULL;
	}
	if (!__atomic_compare_exchange_n(&task->emulation, &seen, emulation,
	    false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		kmem_free(emulation, sizeof(*emulation));
		return seen;
	}
	return emulation;
}

kern_return_t
syscall_emulation_set(struct task *task, int number, user_addr_t entry)
{
	struct task_emulation *emulation;

	if (number < SYSCALL_EMULATION_FIRST ||
	    number > SYSCALL_EMULATION_LAST || entry >= MACHINE_USER_MAX) {
		return KERN_INVALID_ARGUMENT;
	}
	emulation = syscall_emulation_get(task);
	if (emulation == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	__atomic_store_n(&emulation->entry[number - SYSCALL_EMULATION_FIRST],
	    entry, __ATOMIC_RELAXED);
	return KERN_SUCCESS;
}

kern_return_t
syscall_emulation_inherit(struct task *child, struct task *parent)
{
	struct task_emulation *from;
	struct task_emulation *to;

	from = __atomic_load_n(&parent->emulation, __ATOMIC_ACQUIRE);
	if (from == NULL) {
		return KERN_SUCCESS;
	}
	to = syscall_emulation_get(child);
	if (to == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	for (unsigned i = 0; i < SYSCALL_EMULATION_COUNT; i++) {
		to->entry[i] = __atomic_load_n(&from->entry[i],
		    __ATOMIC_RELAXED);
	}
	return KERN_SUCCESS;
}

void
syscall_emulation_free(struct task *task)
{
	kmem_free(task->emulation, sizeof(*task->emulation));
	task->emulation = NULL;
}
