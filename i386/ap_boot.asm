; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; Entry of the processors that are not the first.
;
; A start-up interrupt makes a processor run real-mode code at a page below
; 1 MiB.  mp.c copies the bytes from ap_boot_start to ap_boot_end to AP_BOOT
; and fills in the parameters.  The code turns on protection and paging (the
; page directory maps the first 4 MiB at their own addresses meanwhile) and
; calls mp_ap_entry(cpu) on the given stack with interrupts disabled.  Nothing
; of this is used again once that call is made.

AP_BOOT		equ 0x8000		; the same as MP_BOOT_PAGE in mp.c

CR0_PE		equ 0x00000001
CR0_WP		equ 0x00010000
CR0_PG		equ 0x80000000
CR4_PSE		equ 0x00000010

%define at(label) (AP_BOOT + (label - ap_boot_start))

global ap_boot_start
global ap_boot_end
global ap_boot_params

section .rodata

bits 16
ap_boot_start:
	cli
	cld
	xor	ax, ax
	mov	ds, ax
	lgdt	[at(.gdt_pointer)]
	mov	eax, cr0
	or	eax, CR0_PE
	mov	cr0, eax
	jmp	dword 0x08:at(.protected)

bits 32
.protected:
	mov	ax, 0x10
	mov	ds, ax
	mov	es, ax
	mov	ss, ax
	mov	eax, cr4
	or	eax, CR4_PSE
	mov	cr4, eax
	mov	eax, [at(ap_boot_params)]
	mov	cr3, eax
	mov	eax, cr0
	or	eax, CR0_PG | CR0_WP
	mov	cr0, eax
	mov	esp, [at(ap_boot_params) + 4]
	mov	eax, [at(ap_boot_params) + 8]
	mov	ecx, [at(ap_boot_params) + 12]
	xor	ebp, ebp		; the stack trace ends here
	push	dword 0			; mp_ap_entry does not return
	jmp	ecx

	align 8
.gdt:
	dq	0
	dq	0x00cf9a000000ffff	; 08: code, flat
	dq	0x00cf92000000ffff	; 10: data, flat
.gdt_pointer:
	dw	$ - .gdt - 1
	dd	at(.gdt)

	align 4
; struct mp_boot_params: directory, stack, cpu, entry
ap_boot_params:
	times 4 dd 0
ap_boot_end:
