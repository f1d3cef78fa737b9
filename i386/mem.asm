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
	mov	edi, eax
	mov	esi, edx
mem_forward:
	mov	edx, ecx
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
	push	edi
	push	esi
	mov	edi, eax
	mov	esi, edx
	sub	edi, edx
	cmp	edi, ecx
	mov	edi, eax
	jae	mem_forward		; no byte is written before it is read
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
	push	eax
	mov	edi, eax
	movzx	eax, dl
	imul	eax, eax, 0x01010101
	mov	edx, ecx
	shr	ecx, 2
	rep stosd
	mov	ecx, edx
	and	ecx, 3
	rep stosb
	pop	eax
	pop	edi
	ret

; The function %1(from, to, n), whose argument in %2 is a user's address.
%macro COPY_USER 2
ENTRY %1
	push	edi
	mov	edi, USER_MAX
	sub	edi, ecx
	jb	%%refuse
	cmp	%2, edi
	ja	%%refuse
	push	esi
	mov	esi, eax
	mov	edi, edx
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
%%refuse:
	mov	eax, KERN_INVALID_ADDRESS
	pop	edi
	ret
%endmacro

; kern_return_t copyin(user_addr_t from, void *to, size_t n)
	COPY_USER copyin, eax

; kern_return_t copyout(const void *from, user_addr_t to, size_t n)
	COPY_USER copyout, edx
