; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; The way into a function that the debugger calls (kdb_cpu_call.c), and out again.

%include "i386/asm.inc"

section .bss

kdb_call_run_sp:
	resd	1

section .text

; uint64_t kdb_call_run(const uint32_t regs[3], uint32_t *stack)
; regs: the function's %eax, %edx, %ecx.  stack: the function, kdb_call_run_back, and
; its arguments.  Interrupts off.  Each instruction of the function's is trapped, if
; those traps do not end it, and so is kdb_call_run_back.
ENTRY kdb_call_run
	push	ebp
	push	ebx
	push	esi
	push	edi
	mov	[kdb_call_run_sp], esp
	mov	esp, edx
	mov	edx, [eax + 4]
	mov	ecx, [eax + 8]
	mov	eax, [eax]
	xor	ebp, ebp		; stack traces end here
	cld
	pushfd
	or	dword [esp], EFLAGS_TF
	popfd
	ret				; the first trap is behind it
	global	kdb_call_run_back
kdb_call_run_back:
	mov	esp, [kdb_call_run_sp]
	cld
	pop	edi
	pop	esi
	pop	ebx
	pop	ebp
	ret
