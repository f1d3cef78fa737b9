; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; The emulation library as data of the server, with symbols for debuggers.

	section .note.GNU-stack noalloc noexec nowrite progbits
	section .rodata progbits alloc noexec nowrite align=16
	global task_emul_start
	global task_emul_end
task_emul_start:
	incbin "emul.image"
task_emul_end:
