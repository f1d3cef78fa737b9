# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# From the output of `nm -n' to the kernel's own symbol table, as NASM source.
# symtab.c says how the table looks.

BEGIN {
	n = 0
}

# Functions and variables; not the linker's and assembler's local labels.
$2 ~ /^[tTdDbB]$/ && $1 >= "c0000000" {
	name = $3
	sub(/\..*/, "", name)
	if (name == "" || name ~ /^kernel_/ || name == last) {
		next
	}
	last = name
	addr[n] = $1
	names[n] = name
	n++
}

END {
	print "section .ksymtab progbits alloc noexec write align=4"
	print "table:	dd " n
	for (i = 0; i < n; i++) {
		print "	dd 0x" addr[i] ", s" i " - table"
	}
	for (i = 0; i < n; i++) {
		print "s" i ":	db '" names[i] "', 0"
	}
	print "	align 4, db 0"
}
