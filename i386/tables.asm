; SPDX-License-Identifier: GPL-2.0-or-later
; Copyright (C) 2026 The Tartan authors.
;
; The debugger's tables, the file TABLES.

section .kdbtables progbits alloc noexec nowrite align=4096
	incbin	TABLES
