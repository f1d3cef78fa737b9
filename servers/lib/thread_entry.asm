; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; Where the program and its threads begin, and where a thread leaves its stack.

	extern	start_c
	extern	thread_main

	section .text align=16

; First instruction of the program.
; In:  esp -> argc, argv[0..], NULL, environment, NULL.
; Out: does not return.
	global	_start:function
_start:
	xor	ebp, ebp
	mov	eax, esp
	and	esp, -16
	sub	esp, 12
	push	eax
	call	start_c
	hlt

; First instruction of a thread that thread_create made.
; In:  esp -> selector of the TLS segment, function, argument, record.
; Out: does not return.
	global	thread_entry:function
thread_entry:
	pop	eax
	mov	gs, ax
	xor	ebp, ebp
	call	thread_main
	hlt

; void thread_switch_stack(void *top, void (*function)(record), record)
; Call FUNCTION on another stack; the old one may go away.
	global	thread_switch_stack:function
thread_switch_stack:
	mov	ecx, [esp + 4]
	mov	edx, [esp + 8]
	mov	eax, [esp + 12]
	mov	esp, ecx
	xor	ebp, ebp
	sub	esp, 12
	push	eax
	call	edx
	hlt

; What the C library does in place of a trap: call *%gs:16.
; In:  eax number; ebx, ecx, edx, esi, edi, ebp arguments.
; Out: eax result or -errno; every other register as before.
	extern	musl_syscall
	global	musl_syscall_entry:function
musl_syscall_entry:
	push	ecx
	push	edx
	push	ebp
	push	edi
	push	esi
	push	edx
	push	ecx
	push	ebx
	push	eax
	call	musl_syscall
	add	esp, 28
	pop	edx
	pop	ecx
	ret

	section .note.GNU-stack noalloc noexec nowrite progbits
