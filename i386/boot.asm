; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; From the boot loader to C.
;
; A Multiboot 1 loader enters at boot_entry in flat 32-bit mode, paging off,
; %eax the magic number, %ebx the physical address of its information.  The
; code here makes the first page directory: physical memory from 0 to 768 MiB
; mapped at its own address and at KERNEL_BASE, with 4 MiB pages, which every
; processor has that has the CMOV that C code uses.  Then it turns paging on,
; jumps to the high address and calls i386_start(magic, info) on the stack that
; becomes the first CPU's idle thread's.  pmap_setup() makes a page directory
; without the low mapping.

MULTIBOOT_HEADER_MAGIC	equ 0x1badb002
MULTIBOOT_LOADER_MAGIC	equ 0x2badb002
MULTIBOOT_FLAGS		equ 0x00000003	; modules page-aligned, memory map

KERNEL_BASE		equ 0xc0000000
DIRECT_TABLES		equ 192		; 4 MiB each: 768 MiB
CR0_PG_WP		equ 0x80010000
CR4_PSE			equ 0x10
CPUID_PSE		equ 0x8
EFLAGS_ID		equ 0x200000
PDE_4M			equ 0x83	; present, writable, 4 MiB

extern	i386_start
global	boot_entry
global	boot_stack_end

section .multiboot progbits alloc noexec nowrite align=4
	dd	MULTIBOOT_HEADER_MAGIC
	dd	MULTIBOOT_FLAGS
	dd	-(MULTIBOOT_HEADER_MAGIC + MULTIBOOT_FLAGS)

section .boot.text progbits alloc exec nowrite align=16

boot_entry:
	cli
	cld
	mov	esp, boot_low_stack_top
	mov	edi, boot_loader_text
	cmp	eax, MULTIBOOT_LOADER_MAGIC
	jne	boot_stop
	mov	ebp, eax

	; CPUID exists when the ID flag can be changed.
	mov	edi, boot_processor_text
	pushfd
	pop	eax
	mov	ecx, eax
	xor	eax, EFLAGS_ID
	push	eax
	popfd
	pushfd
	pop	eax
	xor	eax, ecx
	test	eax, EFLAGS_ID
	jz	boot_stop
	mov	esi, ebx
	mov	eax, 1
	cpuid
	test	edx, CPUID_PSE
	jz	boot_stop

	mov	eax, cr4
	or	eax, CR4_PSE
	mov	cr4, eax
	mov	edi, boot_directory
	mov	eax, PDE_4M
	mov	ecx, DIRECT_TABLES
.next:	mov	[edi], eax
	mov	[edi + (KERNEL_BASE >> 20)], eax
	add	edi, 4
	add	eax, 0x400000
	loop	.next

	mov	eax, boot_directory
	mov	cr3, eax
	mov	eax, cr0
	or	eax, CR0_PG_WP
	mov	cr0, eax
	mov	eax, boot_high
	jmp	eax

; Show the text at %edi on the screen: there is nothing else yet.
boot_stop:
	mov	esi, edi
	mov	edi, 0xb8000
	mov	ah, 0x4f		; white on red
.next:	lodsb
	test	al, al
	jz	.halt
	stosw
	jmp	.next
.halt:	hlt
	jmp	.halt

boot_loader_text:
	db	"Tartan must be started by a Multiboot loader.", 0
boot_processor_text:
	db	"Tartan needs a 686 processor.", 0

section .boot.data progbits alloc noexec write align=4096
boot_directory:
	times 4096 db 0
	times 64 db 0
boot_low_stack_top:

section .text
boot_high:
	mov	esp, boot_stack_end
	mov	eax, ebp
	mov	edx, esi
	xor	ebp, ebp		; stack traces end here
	push	dword 0
	jmp	i386_start

section .bss nobits alloc noexec write align=8192
	resb	8192
boot_stack_end:
