; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; Kernel traps.  Number in eax, arguments where the C caller left them: above
; the return address on the user stack.  Result in eax; ecx and edx are lost.
;
; They go through the page that our kernel shows to every task, which has the
; entry that is best for the processor.  A kernel without it (GNU Mach) ends
; user segments below its own memory, so the first trap looks at the size of
; the code segment, and the gate that every kernel has serves in its place.

%include "servers/lib/syspage.inc"

%macro TRAP 2
	global %1:function
%1:
	mov	eax, %2
	jmp	[trap_entry]
%endmacro

	section .data align=4

trap_entry:
	dd	trap_first

	section .text align=16

trap_first:
	mov	ecx, cs
	lsl	ecx, ecx
	cmp	ecx, 0xffffffff
	mov	ecx, SYSPAGE_ADDRESS
	je	.chosen
	mov	ecx, trap_gate
.chosen:
	mov	[trap_entry], ecx
	jmp	ecx

trap_gate:
	call	7:0
	ret

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
