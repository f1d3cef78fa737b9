; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; Kernel traps.  Number in eax, arguments where the C caller left them: above
; the return address on the user stack.  Result in eax; ecx and edx are lost.

%macro TRAP 2
	global %1:function
%1:
	mov	eax, %2
	call	7:0
	ret
%endmacro

	section .text align=16

TRAP mach_msg_trap, -25
TRAP mach_reply_port, -26
TRAP mach_thread_self, -27
TRAP mach_task_self_trap, -28
TRAP mach_host_self_trap, -29
TRAP mach_print, -30
TRAP swtch_pri, -59
TRAP swtch, -60
TRAP thread_switch, -61
TRAP syscall_vm_deallocate, -66

	section .note.GNU-stack noalloc noexec nowrite progbits
