; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; Start of a test module, and the kernel's traps.  A trap's number is in %eax,
; its arguments stay above the return address, the result is in %eax.

	bits	32

	extern	rt_main

	section	.note.GNU-stack noalloc noexec nowrite progbits
	section	.text

; The stack: argc, argv[], null, environment.
	global	_start
_start:
	mov	eax, esp
	xor	ebp, ebp
	and	esp, -16
	sub	esp, 12
	push	eax
	call	rt_main
	ud2

%macro	TRAP	2
	global	%1:function
%1:
	mov	eax, %2
	call	7:0
	ret
%endmacro

	TRAP	mach_msg_trap, -25
	TRAP	mach_reply_port, -26
	TRAP	mach_thread_self, -27
	TRAP	mach_task_self, -28
	TRAP	mach_host_self, -29
	TRAP	mach_print, -30
	TRAP	swtch_pri, -59
	TRAP	swtch, -60
	TRAP	thread_switch, -61
	TRAP	syscall_vm_map, -64
	TRAP	syscall_vm_allocate, -65
	TRAP	syscall_vm_deallocate, -66
	TRAP	syscall_task_create, -68
	TRAP	syscall_task_terminate, -69
	TRAP	syscall_task_suspend, -70
	TRAP	syscall_task_set_special_port, -71
	TRAP	syscall_mach_port_allocate, -72
	TRAP	syscall_mach_port_deallocate, -73
	TRAP	syscall_mach_port_insert_right, -74
	TRAP	syscall_mach_port_allocate_name, -75
	TRAP	syscall_thread_depress_abort, -76

; int rt_trap(int number, int a, int b, int c, int d)
	global	rt_trap:function
rt_trap:
	push	ebp
	mov	ebp, esp
	push	dword [ebp + 24]
	push	dword [ebp + 20]
	push	dword [ebp + 16]
	push	dword [ebp + 12]
	push	dword 0			; where a return address would be
	mov	eax, [ebp + 8]
	call	7:0
	leave
	ret
