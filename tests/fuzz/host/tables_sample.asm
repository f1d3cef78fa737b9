; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; What tables_fuzz.c damages, the file TABLES.

	global	tables_sample
	global	tables_sample_end

section .rodata align=4
tables_sample:
	incbin	TABLES
tables_sample_end:

section .note.GNU-stack noalloc noexec nowrite progbits
