; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; make itself reports every failure as status 2, but `make run CMD='exit 7'` is
; to end with 7.  This is a function for make's `load` directive:
; $(exit-with-status FILE) ends make with the number that FILE holds, if it can
; be read.  make_exit_gmk_setup(file) registers it.

	global	plugin_is_GPL_compatible
	global	make_exit_gmk_setup
	extern	gmk_add_function
	extern	fopen
	extern	fscanf
	extern	exit

%if __BITS__ = 64
	default	rel

	section .text
make_exit_gmk_setup:
	sub	rsp, 8
	lea	rdi, [name]
	lea	rsi, [call_exit]
	mov	edx, 1			; arguments: at least
	mov	ecx, 1			; at most
	xor	r8d, r8d		; expanded as usual
	call	gmk_add_function wrt ..plt
	mov	eax, 1
	add	rsp, 8
	ret

; char *call_exit(const char *name, unsigned argc, char **argv)
call_exit:
	sub	rsp, 24
	mov	rdi, [rdx]
	lea	rsi, [mode]
	call	fopen wrt ..plt
	test	rax, rax
	jz	.back
	mov	rdi, rax
	lea	rsi, [format]
	lea	rdx, [rsp + 8]
	xor	eax, eax
	call	fscanf wrt ..plt
	cmp	eax, 1
	jne	.back
	mov	edi, [rsp + 8]
	call	exit wrt ..plt
.back:
	xor	eax, eax
	add	rsp, 24
	ret
%else
	section .text
make_exit_gmk_setup:
	call	.here
.here:
	pop	eax
	sub	esp, 12
	push	dword 0
	push	dword 1
	push	dword 1
	lea	ecx, [eax + call_exit - .here]
	push	ecx
	lea	ecx, [eax + name - .here]
	push	ecx
	call	gmk_add_function
	add	esp, 32
	mov	eax, 1
	ret

call_exit:
	push	ebx
	call	.here
.here:
	pop	ebx
	sub	esp, 8
	mov	ecx, [esp + 24]
	lea	eax, [ebx + mode - .here]
	push	eax
	push	dword [ecx]
	call	fopen
	add	esp, 8
	test	eax, eax
	jz	.back
	push	esp
	lea	ecx, [ebx + format - .here]
	push	ecx
	push	eax
	call	fscanf
	add	esp, 12
	cmp	eax, 1
	jne	.back
	push	dword [esp]
	call	exit
.back:
	xor	eax, eax
	add	esp, 8
	pop	ebx
	ret
%endif

	section .text
plugin_is_GPL_compatible: dd 1
name:	db "exit-with-status", 0
mode:	db "r", 0
format:	db "%d", 0

	section .note.GNU-stack noalloc noexec nowrite progbits
