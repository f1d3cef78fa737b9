; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; Every way into the emulation library and the one way out of it.  %fs:0 is
; the thread block (struct emul_thread of emul_layout.h); the program's
; registers are stored in its frame, and the library runs on its own stack.
;
; The way out, emul_exit_begin to emul_exit_end, is restartable: in there the
; frame is complete, so the server may send the thread to emul_entry_signal
; from any instruction of it.

	bits 32

%include "servers/lib/syspage.inc"

	section .note.GNU-stack noalloc noexec nowrite progbits

T_SELF		equ 0
T_STACK		equ 4
T_PENDING	equ 16
T_FRAME		equ 32
F_EDI		equ T_FRAME + 16
F_ESI		equ T_FRAME + 20
F_EBP		equ T_FRAME + 24
F_ESP		equ T_FRAME + 28
F_EBX		equ T_FRAME + 32
F_EDX		equ T_FRAME + 36
F_ECX		equ T_FRAME + 40
F_EAX		equ T_FRAME + 44
F_EIP		equ T_FRAME + 48
F_EFL		equ T_FRAME + 52
F_CALL		equ T_FRAME + 56
F_ENTRY		equ T_FRAME + 60

ENTRY_NONE	equ 0
ENTRY_SYSINFO	equ 1
ENTRY_TRAP	equ 2

	extern emul_call, emul_signals, emul_child, emul_shared

	section .header progbits alloc exec nowrite align=16
	global emul_header
emul_header:
	dd 0x54524e31
	dd emul_entry_sysinfo
	dd emul_entry_trap
	dd emul_entry_redirected
	dd emul_entry_signal
	dd emul_entry_child
	dd emul_entry_thread
	dd emul_exit_begin
	dd emul_exit_end
	dd emul_copy_begin
	dd emul_copy_end
	dd emul_copy_fault
	dd emul_shared
	dd emul_sigreturn
	dd emul_rt_sigreturn
	dd 0

	section .text

; The program calls here: number in %eax, arguments in %ebx, %ecx, %edx, %esi,
; %edi, %ebp.  Stack: return address.  All registers but %eax are kept.
	global emul_entry_sysinfo
	align 16
emul_entry_sysinfo:
	mov	[fs:F_EAX], eax
	mov	eax, [esp]
	mov	[fs:F_EIP], eax
	lea	eax, [esp + 4]
	mov	[fs:F_ESP], eax
	mov	esp, [fs:T_STACK]
	pushfd
	pop	dword [fs:F_EFL]
	mov	dword [fs:F_ENTRY], ENTRY_SYSINFO
emul_entry_common:
	mov	[fs:F_EBX], ebx
	mov	[fs:F_ECX], ecx
	mov	[fs:F_EDX], edx
	mov	[fs:F_ESI], esi
	mov	[fs:F_EDI], edi
	mov	[fs:F_EBP], ebp
	cld
	mov	eax, [fs:T_SELF]
	xor	ebp, ebp
	sub	esp, 12
	push	eax
	call	emul_call
	add	esp, 16
	jmp	emul_exit_begin

; The kernel sends int $0x80 here.  Stack: old eflags, then old eip.
	global emul_entry_trap
	align 16
emul_entry_trap:
	mov	[fs:F_EAX], eax
	mov	eax, [esp]
	mov	[fs:F_EFL], eax
	mov	eax, [esp + 4]
	mov	[fs:F_EIP], eax
	lea	eax, [esp + 8]
	mov	[fs:F_ESP], eax
	mov	esp, [fs:T_STACK]
	mov	dword [fs:F_ENTRY], ENTRY_TRAP
	jmp	emul_entry_common

; The server sends a thread here after int $0x80 where the kernel makes an
; exception of it: frame stored by the server, stack is the library's.
	align 16
emul_entry_redirected:
	cld
	mov	eax, [fs:T_SELF]
	xor	ebp, ebp
	sub	esp, 12
	push	eax
	call	emul_call
	add	esp, 16
	jmp	emul_exit_begin

; The server sends a thread here to take signals: frame stored, stack as above.
	align 16
emul_entry_signal:
	cld
	mov	esp, [fs:T_STACK]
emul_exit_signal:
	mov	eax, [fs:T_SELF]
	xor	ebp, ebp
	sub	esp, 12
	push	eax
	call	emul_signals
	add	esp, 16
	jmp	emul_exit_begin

; A fork's child starts here, with a copy of the parent's memory: its frame is
; the parent's at the call.  A new thread likewise, with a frame of its own.
; %eax: the number of the process or thread.
	align 16
emul_entry_child:
	xor	ebp, ebp
	sub	esp, 4
	push	eax
	push	dword 1
	push	dword [fs:T_SELF]
	call	emul_child
	add	esp, 16
	jmp	emul_exit_begin

	align 16
emul_entry_thread:
	xor	ebp, ebp
	sub	esp, 4
	push	eax
	push	dword 0
	push	dword [fs:T_SELF]
	call	emul_child
	add	esp, 16

; Back to the program.  Stack: empty.
	align 16
emul_exit_begin:
	cmp	dword [fs:T_PENDING], 0
	jne	emul_exit_signal
	push	dword [fs:F_EFL]
	popfd
	mov	edi, [fs:F_EDI]
	mov	esi, [fs:F_ESI]
	mov	ebp, [fs:F_EBP]
	mov	ebx, [fs:F_EBX]
	mov	edx, [fs:F_EDX]
	mov	ecx, [fs:F_ECX]
	mov	eax, [fs:F_EAX]
	mov	esp, [fs:F_ESP]
	jmp	[fs:F_EIP]
emul_exit_end:

; int emul_copy(void *to, const void *from, uint32_t n): 0, or -1 when some of
; it is not accessible.  The only code of the library that touches the
; program's memory, together with emul_copy_string and emul_swap.
	global emul_copy
	align 16
emul_copy:
	push	esi
	push	edi
	mov	edi, [esp + 12]
	mov	esi, [esp + 16]
	mov	ecx, [esp + 20]
	xor	eax, eax
emul_copy_begin:
	mov	edx, ecx
	shr	ecx, 2
	rep movsd
	mov	ecx, edx
	and	ecx, 3
	rep movsb
	pop	edi
	pop	esi
	ret

; int emul_copy_string(char *to, const char *from, uint32_t room): its length
; with the NUL, room + 1 when it is longer, -1 when not accessible.
	global emul_copy_string
	align 16
emul_copy_string:
	push	esi
	push	edi
	mov	edi, [esp + 12]
	mov	esi, [esp + 16]
	mov	ecx, [esp + 20]
	inc	ecx
.next:
	dec	ecx
	jz	.long
	lodsb
	stosb
	test	al, al
	jnz	.next
	mov	eax, [esp + 20]
	sub	eax, ecx
	inc	eax
	pop	edi
	pop	esi
	ret
.long:
	mov	eax, [esp + 20]
	inc	eax
	pop	edi
	pop	esi
	ret

; int emul_swap(void *word, uint32_t old, uint32_t new): 1 NEW is there in place
; of OLD, 0 the word was not OLD, -1 when not accessible.
	global emul_swap
	align 16
emul_swap:
	push	esi
	push	edi
	mov	edx, [esp + 12]
	mov	eax, [esp + 16]
	mov	ecx, [esp + 20]
	lock cmpxchg [edx], ecx
	sete	al
	movzx	eax, al
	pop	edi
	pop	esi
	ret
emul_copy_end:

emul_copy_fault:
	mov	eax, -1
	pop	edi
	pop	esi
	ret

; Mach's traps, through the kernel's page: arguments on the stack as for a C
; call.
%macro trap 2
	global %1
	align 16
%1:
	mov	eax, %2
	mov	ecx, SYSPAGE_ADDRESS
	jmp	ecx
%endmacro

	trap mach_msg_trap, -25
	trap mach_reply_port, -26
	trap mach_thread_self, -27
	trap mach_task_self, -28
	trap mach_host_self, -29
	trap mach_print, -30
	trap swtch_pri, -59
	trap syscall_vm_map, -64
	trap syscall_vm_allocate, -65
	trap syscall_vm_deallocate, -66
	trap syscall_task_terminate, -69
	trap syscall_mach_port_deallocate, -73

; What a handler returns to when the program gave no restorer.
	align 16
emul_sigreturn:
	pop	eax
	mov	eax, 119
	int	0x80
	align 16
emul_rt_sigreturn:
	mov	eax, 173
	int	0x80
