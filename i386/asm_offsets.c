/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The constants that assembler files use.  Compiled to assembly text, not to
 * an object: the build picks out the marked lines and writes them as NASM
 * definitions to build/asm_offsets.inc.
 */

#include <kernel/percpu.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <i386/pcb.h>
#include <i386/regs.h>
#include <i386/syspage.h>

#define CONSTANT(name, value)	\
	__asm__ volatile("@%%define " #name " %c0" : : "i" (value))
#define OFFSET(name, type, member)	\
	CONSTANT(name, __builtin_offsetof(type, member))

void
asm_offsets(void);

void
asm_offsets(void)
{
	OFFSET(F_FS, struct trap_frame, fs);
	OFFSET(F_EBP, struct trap_frame, ebp);
	OFFSET(F_CR2, struct trap_frame, cr2);
	OFFSET(F_EDX, struct trap_frame, edx);
	OFFSET(F_ECX, struct trap_frame, ecx);
	OFFSET(F_EAX, struct trap_frame, eax);
	OFFSET(F_VECTOR, struct trap_frame, vector);
	OFFSET(F_EIP, struct trap_frame, eip);
	OFFSET(F_CS, struct trap_frame, cs);
	OFFSET(F_EFLAGS, struct trap_frame, eflags);
	OFFSET(F_ESP, struct trap_frame, esp);
	CONSTANT(F_SIZE, sizeof(struct trap_frame));

	OFFSET(PERCPU_AST, struct percpu, ast);
	OFFSET(PERCPU_PREEMPT, struct percpu, preempt_count);
	OFFSET(PERCPU_THREAD, struct percpu, thread);
	OFFSET(PERCPU_STACK, struct percpu, stack_end);
	OFFSET(PERCPU_SWITCHING, struct percpu, switching);
	CONSTANT(STACK_SIZE, KERNEL_STACK_SIZE);

	OFFSET(THREAD_FRAME, struct thread, pcb.frame);
	OFFSET(THREAD_AST, struct thread, ast);
	OFFSET(THREAD_TASK, struct thread, task);
	OFFSET(TASK_EMULATION, struct task, emulation);

	OFFSET(SYSCALL_ARGS, struct syscall_entry, args);
	CONSTANT(SYSCALL_ARGS_MAX, SYSCALL_ARGS_MAX);
	CONSTANT(KERN_INVALID_ADDRESS, KERN_INVALID_ADDRESS);
	CONSTANT(SYSCALL_EMULATION_FIRST, SYSCALL_EMULATION_FIRST);
	CONSTANT(SYSCALL_EMULATION_COUNT, SYSCALL_EMULATION_COUNT);

	CONSTANT(SEL_KERNEL_CS, SEL_KERNEL_CS);
	CONSTANT(SEL_KERNEL_DS, SEL_KERNEL_DS);
	CONSTANT(SEL_PERCPU, SEL_PERCPU);
	CONSTANT(SEL_USER_CS, SEL_USER_CS);
	CONSTANT(SEL_USER_DS, SEL_USER_DS);
	CONSTANT(SEL_FLAT_CS, SEL_FLAT_CS);

	CONSTANT(TRAP_SYSCALL_INT, TRAP_SYSCALL_INT);
	CONSTANT(TRAP_SYSCALL_FAST, TRAP_SYSCALL_FAST);
	CONSTANT(TRAP_SYSCALL_CALL, TRAP_SYSCALL_CALL);
	CONSTANT(TRAP_SYSENTER, TRAP_SYSENTER);
	CONSTANT(TRAP_V86, TRAP_V86);
	CONSTANT(TRAP_INTR_FIRST, TRAP_INTR_FIRST);

	CONSTANT(EFLAGS_TF, EFLAGS_TF);
	CONSTANT(EFLAGS_IF, EFLAGS_IF);
	CONSTANT(EFLAGS_VM, EFLAGS_VM);
	CONSTANT(EFLAGS_ONE, EFLAGS_ONE);

	CONSTANT(USER_MAX, MACHINE_USER_MAX);
	CONSTANT(SYSPAGE_ADDRESS, SYSPAGE_ADDRESS);
}
