/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * lister ADDRESS [STEP]: the instructions in standard input, which begins at
 * ADDRESS, one after the other, or one every STEP bytes; what is none is a byte.
 * A line has address, length and text.  For tests/disasm/run.
 *
 * The disassembler is not compiled for this: it is the kernel's own objects,
 * whose symbols have got the prefix kernel_, and which pass arguments as the
 * kernel does.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kernel/kdb/kdb_disasm.h>

#define CODE_MAX	(16u << 20)

#define KERNEL		__attribute__((regparm(3)))
/* The kernel's stack is aligned to words only. */
#define FROM_KERNEL	__attribute__((regparm(3), force_align_arg_pointer))

typedef KERNEL bool (*name_fn_t)(uintptr_t address, char *name, size_t size,
    void *arg);

KERNEL unsigned kernel_kdb_disasm(const uint8_t *bytes, size_t count,
    uintptr_t address, char *text, size_t size, name_fn_t symbolic, void *arg);

FROM_KERNEL int kernel_vsnprintf(char *buf, size_t size, const char *format,
    va_list args);
FROM_KERNEL size_t kernel_strlen(const char *s);
FROM_KERNEL void *kernel_memset(void *to, int byte, size_t n);
FROM_KERNEL void *kernel_memcpy(void *to, const void *from, size_t n);

static uint8_t code[CODE_MAX];

FROM_KERNEL int
kernel_vsnprintf(char *buf, size_t size, const char *format, va_list args)
{
	return vsnprintf(buf, size, format, args);
}

FROM_KERNEL size_t
kernel_strlen(const char *s)
{
	return strlen(s);
}

FROM_KERNEL void *
kernel_memset(void *to, int byte, size_t n)
{
	return memset(to, byte, n);
}

FROM_KERNEL void *
kernel_memcpy(void *to, const void *from, size_t n)
{
	return memcpy(to, from, n);
}

/* A name that tells the address that was asked for. */
static FROM_KERNEL bool
name_of(uintptr_t address, char *name, size_t size, void *arg)
{
	snprintf(name, size, "%lx", (unsigned long)address);
	return true;
}

int
main(int argc, char **argv)
{
	char text[KDB_DISASM_TEXT];
	uintptr_t address;
	size_t count = fread(code, 1, sizeof(code), stdin);
	size_t step = argc == 3 ? strtoul(argv[2], NULL, 0) : 0;

	if (argc < 2 || count == sizeof(code)) {
		fprintf(stderr, "lister ADDRESS [STEP] <CODE\n");
		return 2;
	}
	address = strtoul(argv[1], NULL, 0);
	for (size_t at = 0; at < count;) {
		size_t left = count - at;
		unsigned length = kernel_kdb_disasm(code + at,
		    left < KDB_DISASM_MAX ? left : KDB_DISASM_MAX, address + at,
		    text, sizeof(text), name_of, NULL);

		printf("%lx %u %s\n", (unsigned long)(address + at),
		    length != 0 ? length : 1, length != 0 ? text : "(bad)");
		at += step != 0 ? step : length != 0 ? length : 1;
	}
	return 0;
}
