/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Handlers of signals: the frame on the program's stack, in the layout that
 * Linux programs look into, and the way back.
 */
#include "emul.h"

#include "unix_user.h"

/*
 * What Linux calls fpstate: FNSAVE's image, then the one of FXSAVE or XSAVE, at
 * a multiple of 64, with a word after it.  Bytes of FXSAVE's image that the
 * processor does not use say how much there is.
 */
struct emul_fpstate {
	uint8_t		unused[16];
	uint8_t		old[108];
	uint16_t	old_status;
	uint16_t	magic;		/* 0: there is more than the old form */
	uint8_t		fx[EMUL_FPU_MAX + 4];
} __attribute__((aligned(64)));

#define FPSTATE_START	offsetof(struct emul_fpstate, old)
#define FPSTATE_OLD	(offsetof(struct emul_fpstate, fx) - FPSTATE_START)
_Static_assert(FPSTATE_OLD == 112 &&
    offsetof(struct emul_fpstate, fx) % 64 == 0, "fpstate");

#define FPSTATE_FX	512
#define FPSTATE_EXTENT	464		/* where in fx */
#define FPSTATE_HEADER	512
#define FPSTATE_XMIN	576

struct emul_extent {
	uint32_t	magic;
	uint32_t	all;		/* from the old form to the last word */
	uint32_t	features[2];
	uint32_t	size;		/* of XSAVE's image */
	uint32_t	unused[7];
};

#define EXTENT_MAGIC	0x46505853u
#define EXTENT_END	0x46505845u	/* the word after the image */

#define UCONTEXT_EXTENT	1u		/* flag of a context: see there */

struct emul_sigframe {
	uint32_t			restorer;
	int32_t				number;
	struct linux_sigcontext		context;
	uint8_t				unused[624];
	uint32_t			extra_mask;
	uint8_t				code[8];
};

struct emul_rt_sigframe {
	uint32_t			restorer;
	int32_t				number;
	uint32_t			info_address;
	uint32_t			context_address;
	struct linux_siginfo		info;
	struct linux_ucontext		context;
	uint8_t				code[8];
};

int32_t
emul_sigaltstack(struct emul_thread *thread, uint32_t *a)
{
	struct linux_stack new;
	struct linux_stack old;
	bool on = thread->frame.esp - thread->stack_sp < thread->stack_size;

	old.sp = thread->stack_sp;
	old.size = thread->stack_size;
	old.flags = thread->stack_size == 0 ? L_SS_DISABLE :
	    on ? L_SS_ONSTACK : 0;
	if (a[0] != 0) {
		if (emul_copy(&new, (void *)(uintptr_t)a[0], sizeof(new)) != 0) {
			return -L_EFAULT;
		}
		if (on) {
			return -L_EPERM;
		}
		if ((new.flags & ~(L_SS_DISABLE | L_SS_ONSTACK |
		    (int32_t)0x80000000)) != 0) {
			return -L_EINVAL;
		}
		if ((new.flags & L_SS_DISABLE) != 0) {
			new.sp = 0;
			new.size = 0;
		} else if (new.size < L_MINSIGSTKSZ) {
			return -L_ENOMEM;
		}
		thread->stack_sp = new.sp;
		thread->stack_size = new.size;
	}
	if (a[1] != 0 && emul_copy((void *)(uintptr_t)a[1], &old,
	    sizeof(old)) != 0) {
		return -L_EFAULT;
	}
	return 0;
}

static void
emul_signal_context(struct emul_thread *thread, const unix_signal_t *signal,
    struct linux_sigcontext *context)
{
	const unix_frame_t *frame = &thread->frame;

	memset(context, 0, sizeof(*context));
	__asm__ volatile ("movl %%gs, %0" : "=r" (context->gs));
	__asm__ volatile ("movl %%fs, %0" : "=r" (context->fs));
	__asm__ volatile ("movl %%es, %0" : "=r" (context->es));
	__asm__ volatile ("movl %%ds, %0" : "=r" (context->ds));
	__asm__ volatile ("movl %%cs, %0" : "=r" (context->cs));
	__asm__ volatile ("movl %%ss, %0" : "=r" (context->ss));
	context->edi = frame->edi;
	context->esi = frame->esi;
	context->ebp = frame->ebp;
	context->esp = frame->esp;
	context->ebx = frame->ebx;
	context->edx = frame->edx;
	context->ecx = frame->ecx;
	context->eax = frame->eax;
	context->trap = signal->trap;
	context->error = signal->error;
	context->eip = frame->eip;
	context->efl = frame->efl;
	context->sp_at_signal = frame->esp;
	context->oldmask = signal->old_mask[0];
	context->cr2 = signal->fault_address;
}

/* Put N bytes below *SPP, so that the frame is aligned for its function. */
static user_addr_t
emul_signal_push(user_addr_t sp, uint32_t n)
{
	return ((sp - n + 4) & ~15u) - 4;
}

static int
emul_signal_frame_rt(struct emul_thread *thread, const unix_signal_t *signal,
    user_addr_t sp, user_addr_t fpstate, uint32_t restorer)
{
	struct emul_rt_sigframe frame;

	sp = emul_signal_push(sp, sizeof(frame));
	memset(&frame, 0, sizeof(frame));
	frame.restorer = restorer;
	frame.number = (int32_t)signal->number;
	frame.info_address = sp + offsetof(struct emul_rt_sigframe, info);
	frame.context_address = sp +
	    offsetof(struct emul_rt_sigframe, context);
	memcpy(&frame.info, signal->info, sizeof(frame.info));
	frame.context.flags = emul_fpu_features() != 0 ? UCONTEXT_EXTENT : 0;
	frame.context.stack.sp = thread->stack_sp;
	frame.context.stack.size = thread->stack_size;
	frame.context.stack.flags = thread->stack_size == 0 ? L_SS_DISABLE : 0;
	emul_signal_context(thread, signal, &frame.context.mcontext);
	frame.context.mcontext.fpstate = fpstate;
	frame.context.mask[0] = signal->old_mask[0];
	frame.context.mask[1] = signal->old_mask[1];
	if (emul_copy((void *)(uintptr_t)sp, &frame, sizeof(frame)) != 0) {
		return -1;
	}
	thread->frame.esp = sp;
	thread->frame.edx = frame.info_address;
	thread->frame.ecx = frame.context_address;
	return 0;
}

static int
emul_signal_frame_old(struct emul_thread *thread, const unix_signal_t *signal,
    user_addr_t sp, user_addr_t fpstate, uint32_t restorer)
{
	struct emul_sigframe frame;

	sp = emul_signal_push(sp, sizeof(frame));
	memset(&frame, 0, sizeof(frame));
	frame.restorer = restorer;
	frame.number = (int32_t)signal->number;
	emul_signal_context(thread, signal, &frame.context);
	frame.context.fpstate = fpstate;
	frame.extra_mask = signal->old_mask[1];
	if (emul_copy((void *)(uintptr_t)sp, &frame, sizeof(frame)) != 0) {
		return -1;
	}
	thread->frame.esp = sp;
	thread->frame.edx = 0;
	thread->frame.ecx = 0;
	return 0;
}

/*
 * Save the FPU's registers below SP and give the handler new ones; the address
 * of the fpstate, or 0.
 */
static user_addr_t
emul_signal_save_fpu(user_addr_t sp)
{
	struct emul_fpstate fp;
	struct emul_extent extent;
	uint32_t size = emul_fpu_size();
	uint32_t tail = emul_fpu_features() != 0 ? 4 : 0;
	user_addr_t fx = (sp - size - tail) & ~63u;

	memset(&fp, 0, offsetof(struct emul_fpstate, fx) + size);
	emul_fpu_save(fp.fx);
	__asm__ volatile ("fnsave (%0)" : : "r" (fp.old) : "memory");
	emul_fpu_reset();
	memcpy(&fp.old_status, fp.old + 4, sizeof(fp.old_status));
	fp.magic = emul_fpu_has_fx() ? 0 : 0xffff;
	if (tail != 0) {
		memset(&extent, 0, sizeof(extent));
		extent.magic = EXTENT_MAGIC;
		extent.all = FPSTATE_OLD + size + tail;
		extent.features[0] = emul_fpu_features();
		extent.size = size;
		memcpy(fp.fx + FPSTATE_EXTENT, &extent, sizeof(extent));
		memcpy(fp.fx + size, &(uint32_t){ EXTENT_END }, 4);
	}
	if (emul_copy((void *)(uintptr_t)(fx - FPSTATE_OLD), fp.old,
	    FPSTATE_OLD + size + tail) != 0) {
		return 0;
	}
	return fx - FPSTATE_OLD;
}

/* Change the frame so that the thread goes on in the handler. */
static int
emul_signal_enter(struct emul_thread *thread, const unix_signal_t *signal)
{
	bool info = (signal->flags & L_SA_SIGINFO) != 0;
	user_addr_t sp = thread->frame.esp;
	user_addr_t fpstate;
	uint32_t restorer;
	int error;

	if ((signal->flags & L_SA_ONSTACK) != 0 && thread->stack_size != 0 &&
	    sp - thread->stack_sp >= thread->stack_size) {
		sp = thread->stack_sp + thread->stack_size;
	}
	fpstate = emul_signal_save_fpu(sp);
	if (fpstate == 0) {
		return -1;
	}
	restorer = (signal->flags & L_SA_RESTORER) != 0 ? signal->restorer :
	    info ? emul_header.rt_sigreturn : emul_header.sigreturn;
	if (info) {
		error = emul_signal_frame_rt(thread, signal, fpstate, fpstate,
		    restorer);
	} else {
		error = emul_signal_frame_old(thread, signal, fpstate, fpstate,
		    restorer);
	}
	if (error != 0) {
		return error;
	}
	thread->frame.eip = signal->handler;
	thread->frame.eax = signal->number;
	thread->frame.efl &= ~0x500u;		/* direction, single step */
	thread->frame.call = ~0u;
	return 0;
}

/* An interrupted call: does it begin again after the handler? */
static void
emul_signal_resolve(unix_frame_t *frame, int32_t result, uint32_t flags)
{
	if (result != -L_ERESTARTSYS && result != -L_ERESTARTNOHAND &&
	    result != -L_ERESTARTBLOCK) {
		return;
	}
	if (result != -L_ERESTARTSYS || (flags & L_SA_RESTART) == 0) {
		frame->eax = (uint32_t)-L_EINTR;
		return;
	}
	frame->eax = frame->call;
	if (frame->entry == UNIX_ENTRY_TRAP) {
		frame->eip -= 2;
	} else {
		frame->esp -= 4;
		frame->eip = emul_header.entry_sysinfo;
	}
}

/* True if the thread will go on elsewhere than where the call was made. */
bool
emul_signal_deliver(struct emul_thread *thread, int32_t result)
{
	unix_signal_t signal;
	uint32_t b[6] = { 0 };
	bool delivered = false;
	int events;

	for (;;) {
		thread->pending = 0;
		thread->events = 0;
		signal.number = 0;
		if (unix_signal_take(thread->port, &signal, &events) !=
		    KERN_SUCCESS || signal.number == 0) {
			return delivered;
		}
		if (thread->frame.call != ~0u) {
			emul_signal_resolve(&thread->frame, result,
			    signal.flags);
		}
		if (emul_signal_enter(thread, &signal) != 0) {
			b[0] = signal.number;
			emul_rpc(thread, CALL_own_bad_frame, b);
			return delivered;
		}
		delivered = true;
		if (events == 0) {
			return true;
		}
	}
}

/* Does the image of FP at ADDRESS go beyond FXSAVE's?  If so, get the rest. */
static bool
emul_signal_get_extent(user_addr_t address, struct emul_fpstate *fp)
{
	struct emul_extent extent;
	uint32_t *features = (uint32_t *)(fp->fx + FPSTATE_HEADER);
	uint32_t end;

	memcpy(&extent, fp->fx + FPSTATE_EXTENT, sizeof(extent));
	if (extent.magic != EXTENT_MAGIC || extent.size < FPSTATE_XMIN ||
	    extent.size > emul_fpu_size() || extent.size > extent.all) {
		return false;
	}
	address += FPSTATE_OLD;
	if (emul_copy(&end, (void *)(uintptr_t)(address + extent.size), 4) !=
	    0 || end != EXTENT_END) {
		return false;
	}
	if (emul_copy(fp->fx + FPSTATE_FX,
	    (void *)(uintptr_t)(address + FPSTATE_FX),
	    extent.size - FPSTATE_FX) != 0) {
		return false;
	}
	features[0] &= extent.features[0] | ~emul_fpu_features();
	return true;
}

/* Load the registers that the program has at ADDRESS, 0: new ones. */
static int
emul_signal_restore_fpu(user_addr_t address)
{
	struct emul_fpstate fp;
	uint32_t *features = (uint32_t *)(fp.fx + FPSTATE_HEADER);

	if (address == 0) {
		emul_fpu_reset();
		return 0;
	}
	memset(fp.fx, 0, emul_fpu_size());
	if (emul_copy(fp.old, (void *)(uintptr_t)address,
	    FPSTATE_OLD + FPSTATE_FX) != 0) {
		return -1;
	}
	if (emul_fpu_features() != 0) {
		if (!emul_signal_get_extent(address, &fp)) {
			memset(fp.fx + FPSTATE_FX, 0,
			    emul_fpu_size() - FPSTATE_FX);
		}
		/* As Linux has it, these come from the image always. */
		features[0] |= 3;
	}
	if (!emul_fpu_loads(fp.fx)) {
		return -1;
	}
	emul_fpu_restore(fp.fx);
	return 0;
}

static int
emul_signal_restore(struct emul_thread *thread,
    const struct linux_sigcontext *context, const uint32_t *mask)
{
	unix_frame_t *frame = &thread->frame;
	uint32_t b[6] = { L_SIG_SETMASK, (uint32_t)(uintptr_t)mask, 0, 8, 0,
	    0 };

	if (emul_signal_restore_fpu(context->fpstate) != 0) {
		return -1;
	}
	frame->edi = context->edi;
	frame->esi = context->esi;
	frame->ebp = context->ebp;
	frame->esp = context->esp;
	frame->ebx = context->ebx;
	frame->edx = context->edx;
	frame->ecx = context->ecx;
	frame->eax = context->eax;
	frame->eip = context->eip;
	frame->efl = (context->efl & 0x240dd5u) | 0x202u;
	frame->call = ~0u;
	emul_rpc(thread, CALL_rt_sigprocmask, b);
	return 0;
}

static int32_t
emul_signal_bad_return(struct emul_thread *thread)
{
	uint32_t b[6] = { L_SIGSEGV, 0, 0, 0, 0, 0 };

	emul_rpc(thread, CALL_own_bad_frame, b);
	return 0;
}

/* The stack: the frame without the restorer and the number, taken already. */
int32_t
emul_sigreturn(struct emul_thread *thread, uint32_t *a)
{
	struct emul_sigframe frame;
	uint32_t mask[2];

	(void)a;
	if (emul_copy(&frame, (void *)(uintptr_t)(thread->frame.esp - 8),
	    sizeof(frame)) != 0) {
		return emul_signal_bad_return(thread);
	}
	mask[0] = frame.context.oldmask;
	mask[1] = frame.extra_mask;
	if (emul_signal_restore(thread, &frame.context, mask) != 0) {
		return emul_signal_bad_return(thread);
	}
	return 0;
}

int32_t
emul_rt_sigreturn(struct emul_thread *thread, uint32_t *a)
{
	struct emul_rt_sigframe frame;

	(void)a;
	if (emul_copy(&frame, (void *)(uintptr_t)(thread->frame.esp - 4),
	    sizeof(frame)) != 0) {
		return emul_signal_bad_return(thread);
	}
	if (emul_signal_restore(thread, &frame.context.mcontext,
	    frame.context.mask) != 0) {
		return emul_signal_bad_return(thread);
	}
	return 0;
}
