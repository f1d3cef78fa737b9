; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; A multiboot kernel that says how many instructions the machine needed to get
; to its first one, and ends.

	bits	32

MAGIC	equ	0x1badb002
FLAGS	equ	0
PORT	equ	0x3f8

	section	.note.GNU-stack noalloc noexec nowrite progbits
	section	.text

	align	4
	dd	MAGIC, FLAGS, -(MAGIC + FLAGS)

	global	_start
_start:
	rdtsc				; edx:eax
	mov	ecx, 1000
	div	ecx			; eax = thousands
	mov	esp, stack_end
	mov	esi, before
	call	put
	mov	edi, number_end
	mov	ecx, 10
.digit:	xor	edx, edx
	div	ecx
	dec	edi
	add	dl, '0'
	mov	[edi], dl
	test	eax, eax
	jnz	.digit
	mov	esi, edi
	call	put
	mov	al, 0xfe		; the keyboard controller resets
	out	0x64, al
.wait:	hlt
	jmp	.wait

; Send the string at esi; changes al, dx, esi.
put:
	push	eax
.next:	lodsb
	test	al, al
	jz	.done
	mov	ah, al
.busy:	mov	dx, PORT + 5
	in	al, dx
	test	al, 0x20
	jz	.busy
	mov	dx, PORT
	mov	al, ah
	out	dx, al
	jmp	.next
.done:	pop	eax
	ret

	section	.data
before:	db	10, "BENCH boot/firmware ", 0
number:	times 20 db '0'
number_end:
	db	" kilo-instructions", 10, 0

	section	.bss
	resb	4096
stack_end:
