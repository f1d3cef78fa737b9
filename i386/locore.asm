; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; Every entry to the kernel, and the way back.
;
; When it comes from user mode the processor takes the end of pcb.frame of the
; current thread for a stack (TSS esp0).  Each path below completes a struct
; trap_frame there, so that the user registers of a thread are always in the
; same place, loads the kernel's segments, changes to the kernel stack, which is
; empty then, and calls C:
;
;   exceptions	trap_dispatch(vector, frame)
;   interrupts	intr_dispatch(vector, frame)
;   kernel traps	the function of syscall_table, with its arguments copied from the
;		user stack, or what the task has redirected the trap to
;
; C takes its first three arguments in %eax, %edx, %ecx; only functions of
; syscall_table have theirs on the stack.
;
; All gates but the call gate turn interrupts off.  On the way back to user
; mode interrupts are off from the test for asynchronous traps on.
;
; While %esp is in pcb.frame, on the way in or out, interrupts are off, but not
; at the call gate's first instructions.  The frames of what happens there all
; the same, interrupts, NMIs, and exceptions of instructions with RECOVER, are in
; the thread's room below pcb, and C is called on the kernel stack as from user
; mode.  After an NMI between STI and SYSEXIT interrupts come before that, too.
; None of them is followed by another thread: it could leave its own %fs behind,
; with which the kernel has nothing to do but there.
;
; A selector in a frame may be anything that the user wrote:
; loading it may fault in the kernel, which then goes on at locore_bad_segment
; or locore_bad_iret.

%include "i386/asm.inc"

extern	trap_dispatch
extern	v86_bad_return
extern	v86_enter
extern	v86_leave
extern	trap_syscall_bad
extern	trap_syscall_fault
extern	trap_syscall_redirect
extern	trap_bad_return
extern	trap_double_fault
extern	intr_dispatch
extern	ast_taken
extern	sched_intr_return
extern	syscall_table
extern	syscall_count

section .text

; ---- vectors ----------------------------------------------------------------

; Vectors for which the processor pushes an error code.
%define HAS_ERROR(v) ((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17)

	global	locore_stubs
	align	16
locore_stubs:
%assign vector 0
%rep 256
	align	16
%if !HAS_ERROR(vector)
	push	dword 0
%endif
	push	dword vector
%if vector == 1
	jmp	locore_debug
%elif vector < TRAP_INTR_FIRST || vector == TRAP_SYSCALL_INT
	jmp	locore_trap
%elif vector == TRAP_SYSCALL_FAST
	jmp	locore_syscall
%else
	jmp	locore_intr
%endif
%assign vector vector + 1
%endrep

; ---- exceptions -------------------------------------------------------------

; A single step out of user mode into an entry that leaves TF set arrives here
; before the entry's first instruction.  Restart the entry where it notes that
; the user was stepping.  Stack: vector, error, eip, cs, eflags; after SYSENTER
; it has room for little more.
locore_debug:
	cmp	dword [esp + 8], locore_call_gate
	je	.call_gate
	cmp	dword [esp + 8], locore_sysenter
	jne	locore_trap
	mov	dword [esp + 8], locore_sysenter_stepped
	jmp	.restart
.call_gate:
	mov	dword [esp + 8], locore_call_gate_stepped
.restart:
	and	dword [esp + 16], ~EFLAGS_TF
	add	esp, 8
	iret

	align	16
locore_trap:
	FRAME_SAVE
	cld
	ON_KERNEL_STACK
	mov	eax, esi
	mov	edx, ebx
	call	trap_dispatch
	global	locore_trap_returned
locore_trap_returned:
	IF_USER	locore_to_user
	mov	esp, ebx

locore_to_kernel:
	pop	gs
	add	esp, 4			; %fs may be one that a user has made bad
	pop	es
	pop	ds
	popa
	add	esp, 8			; vector, error
	iret

; ---- interrupts -------------------------------------------------------------

	align	16
locore_intr:
	FRAME_SAVE
	cld
	ON_KERNEL_STACK
	mov	eax, esi
	mov	edx, ebx
	call	intr_dispatch
	global	locore_intr_returned
locore_intr_returned:
	IF_USER	locore_to_user
	; Was %esp in pcb.frame?
	mov	eax, [gs:PERCPU_STACK]
	sub	eax, ebx
	cmp	eax, STACK_SIZE
	ja	.back
	call	sched_intr_return
.back:
	mov	esp, ebx
	jmp	locore_to_kernel

; ---- kernel traps -----------------------------------------------------------

; int $0x81: the same traps through an interrupt gate.
	align	16
locore_syscall:
	FRAME_SAVE
	jmp	locore_syscall_flags

ENTRY locore_call_gate_stepped
	pushfd
	or	dword [esp], EFLAGS_TF
	jmp	locore_call_gate.flags

; SYSENTER.  %eax as above; %ecx: the user's %esp.  %esp: the address of a word
; that has the address of the end of pcb.frame (syspage.c).  Interrupts off.
; The user goes on at the RET behind SYSENTER in the system page.
ENTRY locore_sysenter
	mov	esp, [esp]
	push	dword SEL_USER_DS
	push	ecx
	pushfd
	or	dword [esp], EFLAGS_IF
	push	dword SEL_USER_CS
	push	dword SYSPAGE_ADDRESS + locore_stub_sysenter.ret - locore_stub_sysenter
	push	dword 0
	push	dword TRAP_SYSENTER
	FRAME_SAVE
	jmp	locore_syscall_flags

; The same; %ecx and %edx are ours to change, TF is kept by leaving with IRET.
ENTRY locore_sysenter_stepped
	mov	esp, [esp]
	push	dword SEL_USER_DS
	push	ecx
	pushfd
	or	dword [esp], EFLAGS_IF | EFLAGS_TF
	push	dword SEL_USER_CS
	push	dword SYSPAGE_ADDRESS + locore_stub_sysenter.ret - locore_stub_sysenter
	push	dword 0
	push	dword TRAP_SYSCALL_CALL
	FRAME_SAVE
	jmp	locore_syscall_flags

; lcall $7,$0.  %eax: minus the trap's number.  Stack: eip, cs, esp, ss.
ENTRY locore_call_gate
	pushfd
.flags:
	push	dword 0
	push	dword TRAP_SYSCALL_CALL
	FRAME_SAVE

	; The flags came last: put eip, cs, flags in the order of IRET.
	mov	eax, [esp + F_EIP]
	mov	ecx, [esp + F_CS]
	mov	edx, [esp + F_EFLAGS]
	mov	[esp + F_EIP], ecx
	mov	[esp + F_CS], edx
	mov	[esp + F_EFLAGS], eax
	; falls through

locore_syscall_flags:
	mov	ebx, esp		; the frame
	mov	esp, [gs:PERCPU_STACK]
	push	dword EFLAGS_ONE | EFLAGS_IF
	popfd				; drops DF, NT and TF too
	xor	ebp, ebp		; stack traces end here

	mov	eax, [gs:PERCPU_THREAD]
	mov	eax, [eax + THREAD_TASK]
	mov	edx, [ebx + F_EAX]
	cmp	dword [eax + TASK_EMULATION], 0
	jne	locore_emulate

.native:
	neg	edx
	cmp	edx, [syscall_count]
	jae	locore_bad_trap
	lea	edx, [syscall_table + edx * 8]
	mov	ecx, [edx + SYSCALL_ARGS]
	jecxz	.call

	; The arguments are above a return address: from the last to the first.
	mov	esi, [ebx + F_ESP]
	cmp	esi, USER_MAX
	jae	locore_fault
	lea	eax, [esi + ecx * 4]
	cmp	eax, USER_MAX - 4
	ja	locore_fault
	; One instruction of three bytes for each.
	lea	eax, [ecx + ecx * 2]
	neg	eax
	add	eax, .call
	jmp	eax
%assign argument SYSCALL_ARGS_MAX
%rep SYSCALL_ARGS_MAX
.argument%[argument]:
	push	dword [byte esi + argument * 4]
	RECOVER	.argument%[argument], locore_fault%[argument]
%assign argument argument - 1
%endrep

.call:
	call	[edx]
	; The stack may have become another thread's meanwhile.
	cli
	mov	ecx, [gs:PERCPU_THREAD]
	mov	[ecx + THREAD_FRAME + F_EAX], eax
	; falls through

; ---- back to user mode ------------------------------------------------------

; %ecx: the current thread.  Interrupts off.
locore_leave:
	mov	eax, [ecx + THREAD_AST]
	or	eax, [gs:PERCPU_AST]
	jnz	.ast
	lea	esp, [ecx + THREAD_FRAME]
.pop_gs:
	pop	gs
	RECOVER	.pop_gs, locore_bad_segment
.pop_fs:
	pop	fs
	RECOVER	.pop_fs, locore_bad_segment
.pop_es:
	pop	es
	RECOVER	.pop_es, locore_bad_segment
.pop_ds:
	pop	ds
	RECOVER	.pop_ds, locore_bad_segment
	popa
	cmp	dword [esp], TRAP_SYSENTER
	jae	.special
	add	esp, 8			; vector, error
.iret:
	iret
	RECOVER	.iret, locore_bad_iret
.special:
	jne	locore_to_v86
	mov	edx, [esp + F_EIP - F_VECTOR]
	mov	ecx, [esp + F_ESP - F_VECTOR]
	sti				; takes effect after the next one, but ..
.sysexit:				; .. at once if an NMI comes in between
	sysexit
.ast:
	mov	esp, [gs:PERCPU_STACK]
	call	ast_taken
	; falls through

locore_to_user:
	cli
	mov	ecx, [gs:PERCPU_THREAD]
	jmp	locore_leave

; ---- virtual 8086 mode --------------------------------------------------------

; All registers are the user's, %esp at `vector' of pcb.frame.  Complete that
; again, and leave by the frame that has room for four more segment registers.
locore_to_v86:
	FRAME_SAVE
	mov	esp, [gs:PERCPU_STACK]
	call	v86_leave
	mov	esp, eax
	pop	gs			; null, as the next ones
	pop	fs
	pop	es
	pop	ds
	popa
	add	esp, 8			; vector, error
.iret:
	iret
	RECOVER	.iret, .bad_iret

.bad_iret:
	mov	eax, SEL_KERNEL_DS
	mov	ds, eax
	mov	es, eax
	mov	eax, SEL_PERCPU
	mov	gs, eax
	cld
	mov	esp, [gs:PERCPU_STACK]
	call	v86_bad_return
	jmp	locore_to_user

; ---- traps out of the ordinary -----------------------------------------------

; The task in %eax redirects some traps; %edx: the number of this one.
locore_emulate:
	mov	ecx, [eax + TASK_EMULATION]
	lea	eax, [edx - SYSCALL_EMULATION_FIRST]
	cmp	eax, SYSCALL_EMULATION_COUNT
	jae	locore_syscall_flags.native
	mov	ecx, [ecx + eax * 4]
	jecxz	.native
	mov	eax, ebx
	mov	edx, ecx
	call	trap_syscall_redirect
	jmp	locore_to_user
.native:
	jmp	locore_syscall_flags.native

%assign argument 1
%rep SYSCALL_ARGS_MAX
locore_fault%[argument]:
	mov	ecx, argument
	jmp	locore_fault
%assign argument argument + 1
%endrep
locore_fault:
	mov	eax, ebx
	lea	edx, [esi + ecx * 4]
	call	trap_syscall_fault
	jmp	locore_to_user

locore_bad_trap:
	mov	eax, ebx
	call	trap_syscall_bad
	jmp	locore_to_user

; ---- bad user state ---------------------------------------------------------

; A selector on top of the stack cannot be loaded: load a null one instead,
; and start over, as %gs may already be the user's.
locore_bad_segment:
	mov	dword [esp], 0
	mov	eax, SEL_PERCPU
	mov	gs, eax
	mov	eax, SEL_KERNEL_DS
	mov	ds, eax
	mov	es, eax
	jmp	locore_to_user

; IRET did not accept cs, ss, eip or flags.  Complete pcb.frame again around the
; words that are still in it and let C raise an exception.
locore_bad_iret:
	push	dword 0
	push	dword TRAP_SYSCALL_CALL
	FRAME_SAVE
	cld
	mov	eax, esp
	mov	esp, [gs:PERCPU_STACK]
	sti
	call	trap_bad_return
	jmp	locore_to_user

ENTRY locore_return_to_user
	xor	ebp, ebp
	jmp	locore_to_user

; ---- the system page ---------------------------------------------------------

section .rodata
	global	locore_stub_sysenter
	global	locore_stub_sysenter_end
locore_stub_sysenter:
	mov	ecx, esp
	sysenter
.ret:	ret
locore_stub_sysenter_end:

	global	locore_stub_int
	global	locore_stub_int_end
locore_stub_int:
	int	TRAP_SYSCALL_FAST
	ret
locore_stub_int_end:

section .text

; ---- double fault -----------------------------------------------------------

; The processor switched tasks: stack and registers are those of the fault TSS,
; and the error code, which is 0, is on the stack.
ENTRY locore_double_fault
	xor	ebp, ebp
	call	trap_double_fault	; does not return
