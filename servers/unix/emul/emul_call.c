/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A call comes in here: to a function of the library if it has one, else to
 * the server.  On the way out signals are taken and interrupted calls are
 * issued again where Linux would.
 */
#include "emul.h"

struct emul_shared emul_shared;

static const emul_call_fn_t emul_call_table[442] = {
	[1] = emul_exit,
	[2] = emul_fork,
	[3] = emul_read,
	[4] = emul_write,
	[6] = emul_close,
	[11] = emul_execve,
	[13] = emul_time,
	[19] = emul_lseek,
	[20] = emul_getpid,
	[26] = emul_no_call,		/* ptrace */
	[45] = emul_brk,
	[54] = emul_ioctl,
	[55] = emul_fcntl,
	[63] = emul_dup2,
	[78] = emul_gettimeofday,
	[82] = emul_old_select,
	[90] = emul_mmap,
	[91] = emul_munmap,
	[101] = emul_no_call,		/* ioperm */
	[102] = emul_socketcall,
	[103] = emul_syslog,
	[110] = emul_no_call,		/* iopl */
	[119] = emul_sigreturn,
	[120] = emul_clone,
	[125] = emul_mprotect,
	[136] = emul_personality,
	[140] = emul_llseek,
	[142] = emul_select,
	[144] = emul_msync,
	[145] = emul_readv,
	[146] = emul_writev,
	[150] = emul_no_call,		/* mlock, munlock, mlockall, */
	[151] = emul_zero,		/* munlockall: nothing is locked */
	[152] = emul_no_call,
	[153] = emul_zero,
	[158] = emul_sched_yield,
	[163] = emul_mremap,
	[172] = emul_prctl,
	[173] = emul_rt_sigreturn,
	[180] = emul_pread,
	[181] = emul_pwrite,
	[186] = emul_sigaltstack,
	[187] = emul_sendfile,
	[190] = emul_vfork,
	[192] = emul_mmap2,
	[218] = emul_mincore,
	[219] = emul_madvise,
	[220] = emul_getdents64,
	[221] = emul_fcntl,
	[224] = emul_gettid,
	[239] = emul_sendfile64,
	[240] = emul_futex,
	[243] = emul_set_thread_area,
	[244] = emul_get_thread_area,
	[250] = emul_zero,		/* fadvise64 */
	[252] = emul_exit_group,
	[256] = emul_epoll_wait,
	[258] = emul_set_tid_address,
	[265] = emul_clock_gettime,
	[266] = emul_clock_getres,
	[272] = emul_zero,		/* fadvise64_64 */
	[308] = emul_pselect6,
	[311] = emul_set_robust_list,
	[312] = emul_get_robust_list,
	[318] = emul_getcpu,
	[319] = emul_epoll_pwait,
	[330] = emul_dup3,
	[358] = emul_execveat,
	[359] = emul_socketcall,	/* socket */
	[377] = emul_copy_file_range,
	[384] = emul_no_call,		/* arch_prctl */
	[386] = emul_no_call,		/* rseq */
	[403] = emul_clock_gettime64,
	[406] = emul_clock_getres64,
	[413] = emul_pselect6_time64,
	[422] = emul_futex_time64,
	[435] = emul_no_call,		/* clone3: glibc falls back to clone */
	[436] = emul_close_range,
	[437] = emul_no_call,		/* openat2 */
	[441] = emul_epoll_pwait2,
};

#define EMUL_CALL_COUNT	(sizeof(emul_call_table) / sizeof(*emul_call_table))

static int32_t
emul_call_dispatch(struct emul_thread *thread, uint32_t number, uint32_t *a)
{
	if (number < EMUL_CALL_COUNT && emul_call_table[number] != NULL) {
		return emul_call_table[number](thread, a);
	}
	if (number >= UNIX_CALL_OWN) {
		return -L_ENOSYS;
	}
	return emul_rpc(thread, number, a);
}

static bool
emul_call_is_restart(int32_t result)
{
	return result == -L_ERESTARTSYS || result == -L_ERESTARTNOHAND ||
	    result == -L_ERESTARTBLOCK;
}

void
emul_call(struct emul_thread *thread)
{
	unix_frame_t *frame = &thread->frame;
	uint32_t number = frame->eax;
	uint32_t a[6];
	int32_t result;

	frame->call = number;
	for (;;) {
		a[0] = frame->ebx;
		a[1] = frame->ecx;
		a[2] = frame->edx;
		a[3] = frame->esi;
		a[4] = frame->edi;
		a[5] = frame->ebp;
		thread->events = 0;
		result = emul_call_dispatch(thread, number, a);
		if (frame->call == ~0u) {
			/* sigreturn: the whole frame is new. */
			if (thread->events != 0) {
				emul_signal_deliver(thread, 0);
			}
			return;
		}
		frame->eax = (uint32_t)result;
		if ((thread->events != 0 || thread->pending != 0) &&
		    emul_signal_deliver(thread, result)) {
			return;
		}
		if (!emul_call_is_restart(result)) {
			return;
		}
		if (result == -L_ERESTARTBLOCK) {
			number = CALL_restart_syscall;
		}
	}
}

void
emul_signals(struct emul_thread *thread)
{
	thread->frame.call = ~0u;
	thread->frame.entry = UNIX_ENTRY_NONE;
	emul_signal_deliver(thread, 0);
}

/* The first thing that a new process (FORKED) or thread does. */
void
emul_child(struct emul_thread *thread, int forked, uint32_t number)
{
	unix_frame_t *frame = &thread->frame;
	uint32_t flags = frame->call == 120 ? frame->ebx : 0;

	thread->reply_port = MACH_PORT_NULL;
	thread->thread_port = MACH_PORT_NULL;
	thread->task_port = MACH_PORT_NULL;
	thread->host_port = MACH_PORT_NULL;
	thread->pending = 0;
	thread->events = 0;
	thread->tid = number;
	thread->robust = 0;
	thread->clear_tid = (flags & L_CLONE_CHILD_CLEARTID) != 0 ?
	    frame->edi : 0;
	if (forked != 0) {
		emul_shared.pid = number;
		emul_page_forked();
		emul_handle_forget_all(thread, false);
		emul_fpu_restore(emul_thread_fpu(thread));
	}
	if (flags != 0 && frame->ecx != 0) {
		frame->esp = frame->ecx;
	}
	if ((flags & L_CLONE_CHILD_SETTID) != 0) {
		emul_copy((void *)(uintptr_t)frame->edi, &number,
		    sizeof(number));
	}
	frame->eax = 0;
	frame->call = ~0u;
}
