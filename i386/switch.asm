; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; The context switch.
;
; A thread that is off its CPU has on its kernel stack, from pcb.ksp upward:
; edi, esi, ebx, ebp, the address to return to.  A new thread's return address
; is one of the two beginnings below.

%include "i386/asm.inc"

extern	sched_thread_begin
extern	sched_thread_continue
extern	thread_exit

section .text

; struct thread *switch_context(uint32_t *save, uint32_t ksp,
;	struct thread *old)
; Interrupts off.  Out: %eax = old, on the new stack.
ENTRY switch_context
	push	ebp
	push	ebx
	push	esi
	push	edi
	mov	[eax], esp
	mov	esp, edx
	mov	dword [gs:PERCPU_SWITCHING], 0
	mov	eax, ecx
	pop	edi
	pop	esi
	pop	ebx
	pop	ebp
	ret

; First code of a kernel thread.  In: %eax the thread that ran before, %esi the
; function, %edi its argument, %ebp 0.  Interrupts off.
ENTRY switch_begin_kernel
	call	sched_thread_begin
	mov	eax, edi
	call	esi
	call	thread_exit		; does not return

; First code of a thread on an empty stack.  In: %eax the thread that ran before,
; %ebp 0.  Interrupts off.
ENTRY switch_begin_continue
	call	sched_thread_continue	; does not return

; void switch_stay(struct thread *old, uint32_t stack_end)
; The same on the stack in use, all of which can go.
ENTRY switch_stay
	mov	esp, edx
	xor	ebp, ebp
	jmp	switch_begin_continue

	global	switch_end
switch_end:
