/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Processes and threads: what of fork, exec and the thread calls happens in the
 * task itself.
 */
#include "emul.h"

#include <mach/mach_types.h>
#include <mach/machine/mach_i386_types.h>
#include <mach/thread_info.h>
#include <mach/vm_inherit.h>

#include "mach_i386_user.h"
#include "mach_user.h"
#include "unix_user.h"

/* All argument and environment strings of an exec, path included. */
#define EMUL_EXEC_MAX	(1024 * 1024)

static int32_t
emul_fork_flags(struct emul_thread *thread, uint32_t flags,
    uint32_t parent_tid, uint32_t child_tid)
{
	uint32_t b[6] = { 0 };
	int result = 0;
	int events = 0;
	kern_return_t kr;

	__asm__ volatile ("movl %%gs, %0" : "=r" (thread->frame.gs));
	emul_fpu_save(emul_thread_fpu(thread));
	kr = unix_fork(thread->port, flags, thread->frame, parent_tid,
	    child_tid, &result, &events);
	if (kr != KERN_SUCCESS) {
		return emul_error(kr);
	}
	thread->events |= (uint32_t)events;
	if (result > 0 && (flags & L_CLONE_PARENT_SETTID) != 0) {
		emul_copy((void *)(uintptr_t)parent_tid, &result,
		    sizeof(result));
	}
	if (result > 0 && (flags & L_CLONE_THREAD) != 0) {
		b[0] = (uint32_t)result;
		if (emul_rpc(thread, CALL_own_thread_start, b) != 0) {
			return -L_EAGAIN;
		}
	}
	return result;
}

int32_t
emul_fork(struct emul_thread *thread, uint32_t *a)
{
	(void)a;
	return emul_fork_flags(thread, L_SIGCHLD, 0, 0);
}

int32_t
emul_vfork(struct emul_thread *thread, uint32_t *a)
{
	(void)a;
	return emul_fork_flags(thread, L_CLONE_VFORK | L_CLONE_VM | L_SIGCHLD,
	    0, 0);
}

/* The segment descriptor, as the processor has it, of DESC. */
static void
emul_descriptor(const struct linux_user_desc *desc, struct descriptor *out)
{
	uint32_t limit = desc->limit & 0xfffff;
	uint32_t type = 0xf0;		/* present, of the program */

	type |= (desc->flags & 8) != 0 ? 0 : 2;
	type |= (desc->flags & 2) != 0 ? 4 : 0;
	if ((desc->flags & 4) != 0) {
		type |= 8;
	}
	out->low_word = (limit & 0xffff) | desc->base << 16;
	out->high_word = (desc->base >> 16 & 0xff) | type << 8 |
	    (limit & 0xf0000) | (desc->flags & 1) << 22 |
	    (desc->flags >> 4 & 1) << 23 | (desc->base & 0xff000000);
}

int32_t
emul_clone(struct emul_thread *thread, uint32_t *a)
{
	struct linux_user_desc desc;
	struct descriptor tls;
	unix_frame_t saved = thread->frame;
	int32_t result;

	if ((a[0] & L_CLONE_SETTLS) != 0) {
		if (emul_copy(&desc, (void *)(uintptr_t)a[3], sizeof(desc)) !=
		    0) {
			return -L_EFAULT;
		}
		emul_descriptor(&desc, &tls);
		thread->frame.tls_low = tls.low_word;
		thread->frame.tls_high = tls.high_word;
	}
	result = emul_fork_flags(thread, a[0], a[2], a[4]);
	thread->frame.tls_low = saved.tls_low;
	thread->frame.tls_high = saved.tls_high;
	return result;
}

/* Append the strings of the vector at VECTOR to BUFFER. */
static int32_t
emul_exec_strings(user_addr_t vector, char *buffer, uint32_t *usedp,
    uint32_t *countp)
{
	user_addr_t string;
	int n;

	*countp = 0;
	if (vector == 0) {
		return 0;
	}
	for (;; vector += 4, ++*countp) {
		if (emul_copy(&string, (void *)(uintptr_t)vector, 4) != 0) {
			return -L_EFAULT;
		}
		if (string == 0) {
			return 0;
		}
		n = emul_copy_string(buffer + *usedp,
		    (void *)(uintptr_t)string, EMUL_EXEC_MAX - *usedp);
		if (n < 0) {
			return -L_EFAULT;
		}
		if ((uint32_t)n > EMUL_EXEC_MAX - *usedp) {
			return -L_E2BIG;
		}
		*usedp += (uint32_t)n;
	}
}

static int32_t
emul_exec(struct emul_thread *thread, int32_t dirfd, uint32_t path,
    uint32_t argv, uint32_t envp, uint32_t flags)
{
	vm_address_t buffer = 0;
	uint32_t used;
	uint32_t argc;
	uint32_t envc;
	int result = 0;
	int events = 0;
	int32_t error;
	int n;
	kern_return_t kr;

	if (vm_allocate(emul_task(thread), &buffer, EMUL_EXEC_MAX, TRUE) !=
	    KERN_SUCCESS) {
		return -L_ENOMEM;
	}
	n = emul_copy_string((char *)buffer, (void *)(uintptr_t)path, 4096);
	error = n < 0 ? -L_EFAULT : n > 4096 ? -L_ENAMETOOLONG : 0;
	used = (uint32_t)n;
	if (error == 0) {
		error = emul_exec_strings(argv, (char *)buffer, &used, &argc);
	}
	if (error == 0) {
		error = emul_exec_strings(envp, (char *)buffer, &used, &envc);
	}
	if (error == 0) {
		emul_handle_forget_all(thread, true);
		kr = unix_exec(thread->port, dirfd, (int)flags, argc, envc,
		    buffer, used, &result, &events);
		error = kr == KERN_SUCCESS ? result : emul_error(kr);
		thread->events |= (uint32_t)events;
	}
	vm_deallocate(emul_task(thread), buffer, EMUL_EXEC_MAX);
	return error;
}

int32_t
emul_execve(struct emul_thread *thread, uint32_t *a)
{
	return emul_exec(thread, L_AT_FDCWD, a[0], a[1], a[2], 0);
}

int32_t
emul_execveat(struct emul_thread *thread, uint32_t *a)
{
	return emul_exec(thread, (int32_t)a[0], a[1], a[2], a[3], a[4]);
}

int32_t
emul_set_tid_address(struct emul_thread *thread, uint32_t *a)
{
	thread->clear_tid = a[0];
	return emul_rpc(thread, CALL_set_tid_address, a);
}

int32_t
emul_getpid(struct emul_thread *thread, uint32_t *a)
{
	(void)thread;
	(void)a;
	return (int32_t)emul_shared.pid;
}

int32_t
emul_gettid(struct emul_thread *thread, uint32_t *a)
{
	(void)a;
	return (int32_t)(thread->tid != 0 ? thread->tid : emul_shared.pid);
}

int32_t
emul_set_thread_area(struct emul_thread *thread, uint32_t *a)
{
	struct linux_user_desc desc;
	struct descriptor tls;
	int selector;
	kern_return_t kr;

	if (emul_copy(&desc, (void *)(uintptr_t)a[0], sizeof(desc)) != 0) {
		return -L_EFAULT;
	}
	selector = thread->tls_selector != 0 ? (int)thread->tls_selector : -1;
	if (desc.entry_number != ~0u &&
	    desc.entry_number != thread->tls_selector >> 3) {
		return -L_EINVAL;
	}
	emul_descriptor(&desc, &tls);
	if (thread->thread_port == MACH_PORT_NULL) {
		thread->thread_port = mach_thread_self();
	}
	kr = i386_set_gdt(thread->thread_port, &selector, tls);
	if (kr != KERN_SUCCESS) {
		return -L_ESRCH;
	}
	thread->tls_selector = (uint32_t)selector;
	thread->frame.tls_low = tls.low_word;
	thread->frame.tls_high = tls.high_word;
	desc.entry_number = (uint32_t)selector >> 3;
	return emul_copy((void *)(uintptr_t)a[0], &desc, sizeof(desc)) != 0 ?
	    -L_EFAULT : 0;
}

int32_t
emul_get_thread_area(struct emul_thread *thread, uint32_t *a)
{
	struct linux_user_desc desc;
	uint32_t low = thread->frame.tls_low;
	uint32_t high = thread->frame.tls_high;

	if (emul_copy(&desc, (void *)(uintptr_t)a[0], sizeof(desc)) != 0) {
		return -L_EFAULT;
	}
	if (desc.entry_number != thread->tls_selector >> 3) {
		return -L_EINVAL;
	}
	desc.base = low >> 16 | (high & 0xff) << 16 | (high & 0xff000000);
	desc.limit = (low & 0xffff) | (high & 0xf0000);
	desc.flags = (high >> 22 & 1) | (high >> 23 & 1) << 4 | 0x40;
	return emul_copy((void *)(uintptr_t)a[0], &desc, sizeof(desc)) != 0 ?
	    -L_EFAULT : 0;
}

/*
 * FUTEX_WAKE_OP: change the word at a[4] as a[5] says, and wake those who wait
 * for it too if what it was compares as a[5] says.
 */
static int32_t
emul_futex_wake_op(struct emul_thread *thread, uint32_t *a)
{
	uint32_t what = a[5];
	uint32_t operand = (uint32_t)((int32_t)(what << 8) >> 20);
	int32_t other = (int32_t)(what << 20) >> 20;
	uint32_t old;
	uint32_t new;
	int swapped;
	bool holds;

	if ((a[4] & 3) != 0) {
		return -L_EINVAL;
	}
	if ((what & 0x80000000) != 0) {
		operand = 1u << (operand & 31);
	}
	do {
		if (emul_copy(&old, (void *)(uintptr_t)a[4], 4) != 0) {
			return -L_EFAULT;
		}
		switch (what >> 28 & 7) {
		case 0:
			new = operand;
			break;
		case 1:
			new = old + operand;
			break;
		case 2:
			new = old | operand;
			break;
		case 3:
			new = old & ~operand;
			break;
		case 4:
			new = old ^ operand;
			break;
		default:
			return -L_ENOSYS;
		}
		swapped = emul_swap((void *)(uintptr_t)a[4], old, new);
		if (swapped < 0) {
			return -L_EFAULT;
		}
	} while (swapped == 0);
	switch (what >> 24 & 15) {
	case 0:
		holds = (int32_t)old == other;
		break;
	case 1:
		holds = (int32_t)old != other;
		break;
	case 2:
		holds = (int32_t)old < other;
		break;
	case 3:
		holds = (int32_t)old <= other;
		break;
	case 4:
		holds = (int32_t)old > other;
		break;
	case 5:
		holds = (int32_t)old >= other;
		break;
	default:
		return -L_ENOSYS;
	}
	a[5] = holds ? 1 : 0;
	return emul_rpc(thread, CALL_own_futex_wake, a);
}

/*
 * Robust lists: locks that the thread holds when it ends are marked, and one
 * that waits for each is woken.
 */

static void
emul_robust_word(struct emul_thread *thread, uint32_t address)
{
	uint32_t b[6] = { address, L_FUTEX_WAKE, 1, 0, 0, 0 };
	uint32_t tid = (uint32_t)emul_gettid(thread, b);
	uint32_t old;
	int swapped;

	do {
		if ((address & 3) != 0 || emul_copy(&old,
		    (void *)(uintptr_t)address, 4) != 0 ||
		    (old & L_FUTEX_TID_MASK) != tid) {
			return;
		}
		swapped = emul_swap((void *)(uintptr_t)address, old,
		    (old & L_FUTEX_WAITERS) | L_FUTEX_OWNER_DIED);
	} while (swapped == 0);
	if (swapped > 0 && (old & L_FUTEX_WAITERS) != 0) {
		(void)emul_rpc(thread, CALL_own_futex_wake, b);
		b[1] |= L_FUTEX_PRIVATE;
		(void)emul_rpc(thread, CALL_own_futex_wake, b);
	}
}

static void
emul_robust_exit(struct emul_thread *thread)
{
	struct linux_robust head;
	uint32_t entry;
	uint32_t next;

	if (thread->robust == 0 || emul_copy(&head,
	    (void *)(uintptr_t)thread->robust, sizeof(head)) != 0) {
		return;
	}
	entry = head.next;
	for (int i = 0; i < L_FUTEX_ROBUST_MAX; i++) {
		if ((entry & ~1u) == thread->robust || entry == 0) {
			break;
		}
		if (emul_copy(&next, (void *)(uintptr_t)(entry & ~1u), 4) !=
		    0) {
			break;
		}
		if (entry != head.pending) {
			emul_robust_word(thread, (entry & ~1u) +
			    (uint32_t)head.offset);
		}
		entry = next;
	}
	if (head.pending != 0) {
		emul_robust_word(thread, (head.pending & ~1u) +
		    (uint32_t)head.offset);
	}
	thread->robust = 0;
}

int32_t
emul_set_robust_list(struct emul_thread *thread, uint32_t *a)
{
	if (a[1] != sizeof(struct linux_robust)) {
		return -L_EINVAL;
	}
	thread->robust = a[0];
	return 0;
}

/* Of the calling thread only; others' are not for it to see. */
int32_t
emul_get_robust_list(struct emul_thread *thread, uint32_t *a)
{
	static const uint32_t size = sizeof(struct linux_robust);

	if (a[0] != 0 && a[0] != (uint32_t)emul_gettid(thread, a)) {
		return -L_EPERM;
	}
	if (emul_copy((void *)(uintptr_t)a[1], &thread->robust, 4) != 0 ||
	    emul_copy((void *)(uintptr_t)a[2], &size, 4) != 0) {
		return -L_EFAULT;
	}
	return 0;
}

/* The word is cleared here: the server cannot, beside running threads. */
int32_t
emul_exit(struct emul_thread *thread, uint32_t *a)
{
	static const uint32_t zero;

	emul_robust_exit(thread);
	if (thread->clear_tid != 0) {
		emul_copy((void *)(uintptr_t)thread->clear_tid, &zero,
		    sizeof(zero));
	}
	return emul_rpc(thread, CALL_exit, a);
}

int32_t
emul_exit_group(struct emul_thread *thread, uint32_t *a)
{
	emul_robust_exit(thread);
	return emul_rpc(thread, CALL_exit_group, a);
}

/* TIME: of the wait, a timespec64 of the library, or 0. */
static int32_t
emul_futex_call(struct emul_thread *thread, const uint32_t *a,
    const struct linux_timespec64 *time)
{
	uint32_t b[6];
	uint32_t touched;

	for (int i = 0; i < 6; i++) {
		b[i] = a[i];
	}
	/* Shared memory that nobody has touched has no identity yet. */
	if ((a[1] & L_FUTEX_PRIVATE) == 0 && (a[0] & 3) == 0 &&
	    emul_copy(&touched, (void *)(uintptr_t)a[0], 4) != 0) {
		return -L_EFAULT;
	}
	switch (a[1] & 0x7f) {
	case L_FUTEX_WAKE_OP:
		return emul_futex_wake_op(thread, b);
	case L_FUTEX_WAIT:
	case L_FUTEX_WAIT_BITSET:
		b[3] = (uint32_t)(uintptr_t)time;
		return emul_rpc(thread, CALL_own_futex_wait, b);
	case L_FUTEX_WAKE:
	case L_FUTEX_WAKE_BITSET:
	case L_FUTEX_REQUEUE:
	case L_FUTEX_CMP_REQUEUE:
		return emul_rpc(thread, CALL_own_futex_wake, b);
	default:
		return -L_ENOSYS;
	}
}

static bool
emul_futex_has_time(const uint32_t *a)
{
	uint32_t op = a[1] & 0x7f;

	return a[3] != 0 && (op == L_FUTEX_WAIT || op == L_FUTEX_WAIT_BITSET);
}

int32_t
emul_futex(struct emul_thread *thread, uint32_t *a)
{
	struct linux_timespec old;
	struct linux_timespec64 time;

	if (!emul_futex_has_time(a)) {
		return emul_futex_call(thread, a, NULL);
	}
	if (emul_copy(&old, (void *)(uintptr_t)a[3], sizeof(old)) != 0) {
		return -L_EFAULT;
	}
	time.sec = old.sec;
	time.nsec = old.nsec;
	return emul_futex_call(thread, a, &time);
}

int32_t
emul_futex_time64(struct emul_thread *thread, uint32_t *a)
{
	struct linux_timespec64 time;

	if (!emul_futex_has_time(a)) {
		return emul_futex_call(thread, a, NULL);
	}
	if (emul_copy(&time, (void *)(uintptr_t)a[3], sizeof(time)) != 0) {
		return -L_EFAULT;
	}
	return emul_futex_call(thread, a, &time);
}

/* Where a result goes that the program has a pointer for. */
static int32_t
emul_prctl_get(struct emul_thread *thread, uint32_t option, user_addr_t to,
    uint32_t size)
{
	char out[16];
	uint32_t b[6] = { option, 0, 0, (uint32_t)(uintptr_t)out, 0, 0 };
	int32_t result = emul_rpc(thread, CALL_own_prctl, b);

	if (result != 0) {
		return result;
	}
	return emul_copy((void *)(uintptr_t)to, out, size) != 0 ?
	    -L_EFAULT : 0;
}

int32_t
emul_prctl(struct emul_thread *thread, uint32_t *a)
{
	char name[17];
	uint32_t b[6] = { (uint32_t)(uintptr_t)name, 0, 0, 0, 0, 0 };
	int n;

	switch (a[0]) {
	case L_PR_SET_NAME:
		memset(name, 0, sizeof(name));
		n = emul_copy_string(name, (void *)(uintptr_t)a[1], 15);
		if (n < 0) {
			return -L_EFAULT;
		}
		return emul_rpc(thread, CALL_own_set_name, b);
	case L_PR_GET_NAME:
		return emul_prctl_get(thread, a[0], a[1], 16);
	case L_PR_GET_PDEATHSIG:
	case L_PR_GET_CHILD_SUBREAPER:
		return emul_prctl_get(thread, a[0], a[1], 4);
	case L_PR_SET_NO_NEW_PRIVS:
	case L_PR_GET_NO_NEW_PRIVS:
		if ((a[0] == L_PR_GET_NO_NEW_PRIVS && a[1] != 0) ||
		    a[2] != 0 || a[3] != 0 || a[4] != 0) {
			return -L_EINVAL;
		}
		break;
	default:
		break;
	}
	b[0] = a[0];
	b[1] = a[1];
	return emul_rpc(thread, CALL_own_prctl, b);
}

/* There is one, number 0; ~0 only asks. */
int32_t
emul_personality(struct emul_thread *thread, uint32_t *a)
{
	(void)thread;
	return a[0] == 0 || a[0] == ~0u ? 0 : -L_EINVAL;
}

int32_t
emul_sched_yield(struct emul_thread *thread, uint32_t *a)
{
	(void)thread;
	(void)a;
	swtch_pri(0);
	return 0;
}

int32_t
emul_getcpu(struct emul_thread *thread, uint32_t *a)
{
	static const uint32_t zero;
	struct thread_sched_info info;
	mach_msg_type_number_t count = THREAD_SCHED_INFO_COUNT;

	if (thread->thread_port == MACH_PORT_NULL) {
		thread->thread_port = mach_thread_self();
	}
	if (thread_info(thread->thread_port, THREAD_SCHED_INFO,
	    (thread_info_t)&info, &count) != KERN_SUCCESS) {
		return -L_ENOSYS;
	}
	/* The second is the node of its memory: there is one. */
	if ((a[0] != 0 && emul_copy((void *)(uintptr_t)a[0],
	    &info.last_processor, 4) != 0) ||
	    (a[1] != 0 && emul_copy((void *)(uintptr_t)a[1], &zero, 4) != 0)) {
		return -L_EFAULT;
	}
	return 0;
}

int32_t
emul_zero(struct emul_thread *thread, uint32_t *a)
{
	(void)thread;
	(void)a;
	return 0;
}

int32_t
emul_no_call(struct emul_thread *thread, uint32_t *a)
{
	(void)thread;
	(void)a;
	return -L_ENOSYS;
}

/* TODO: sockets; until then there is no address family. */
int32_t
emul_socketcall(struct emul_thread *thread, uint32_t *a)
{
	(void)thread;
	(void)a;
	return -L_EAFNOSUPPORT;
}
