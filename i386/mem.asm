; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; memcpy, memmove and memset of <string.h>, which the compiler calls too, and
; copyin and copyout of <machine/copyio.h>, in the processor's own string
; instructions.

%include "i386/asm.inc"

section .text

; void *memcpy(void *to, const void *from, size_t n)
ENTRY memcpy
	push	edi
	push	esi
	mov	edi, [esp + 12]
	mov	esi, [esp + 16]
	mov	edx, [esp + 20]
	mov	eax, edi
	mov	ecx, edx
	shr	ecx, 2
	rep movsd
	mov	ecx, edx
	and	ecx, 3
	rep movsb
	pop	esi
	pop	edi
	ret

; void *memmove(void *to, const void *from, size_t n)
ENTRY memmove
	mov	eax, [esp + 4]
	mov	ecx, [esp + 12]
	sub	eax, [esp + 8]
	cmp	eax, ecx
	jae	memcpy			; no byte is written before it is read
	push	edi
	push	esi
	mov	eax, [esp + 12]
	mov	esi, [esp + 16]
	lea	edi, [eax + ecx - 1]
	lea	esi, [esi + ecx - 1]
	std
	rep movsb
	cld
	pop	esi
	pop	edi
	ret

; void *memset(void *to, int byte, size_t n)
ENTRY memset
	push	edi
	mov	edi, [esp + 8]
	movzx	eax, byte [esp + 12]
	imul	eax, eax, 0x01010101
	mov	edx, [esp + 16]
	mov	ecx, edx
	shr	ecx, 2
	rep stosd
	mov	ecx, edx
	and	ecx, 3
	rep stosb
	mov	eax, [esp + 8]
	pop	edi
	ret

; The function %1(from, to, n), whose argument at %2 is a user's address.
%macro COPY_USER 2
ENTRY %1
	mov	ecx, [esp + 12]
	mov	eax, USER_MAX
	sub	eax, ecx
	jb	%%refuse
	cmp	[esp + %2], eax
	ja	%%refuse
	push	edi
	push	esi
	mov	esi, [esp + 12]
	mov	edi, [esp + 16]
	mov	edx, ecx
	shr	ecx, 2
%%words:
	rep movsd
	RECOVER	%%words, %%fault
	mov	ecx, edx
	and	ecx, 3
	jnz	%%bytes
%%done:
	xor	eax, eax		; KERN_SUCCESS
	pop	esi
	pop	edi
	ret
%%bytes:
	rep movsb
	RECOVER	%%bytes, %%fault
	jmp	%%done
%%fault:
	pop	esi
	pop	edi
%%refuse:
	mov	eax, KERN_INVALID_ADDRESS
	ret
%endmacro

; kern_return_t copyin(user_addr_t from, void *to, size_t n)
	COPY_USER copyin, 4

; kern_return_t copyout(const void *from, user_addr_t to, size_t n)
	COPY_USER copyout, 8
