/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What Debian's libvterm.a expects of the C library it was compiled for:
 * checked versions of functions, and the report of a smashed stack.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <servers/lib/log.h>

int __fprintf_chk(FILE *file, int flag, const char *format, ...);
int __snprintf_chk(char *buffer, size_t size, int flag, size_t room,
    const char *format, ...);
int __vsnprintf_chk(char *buffer, size_t size, int flag, size_t room,
    const char *format, va_list arguments);
char *__strncpy_chk(char *to, const char *from, size_t size, size_t room);
void __stack_chk_fail_local(void);

int
__fprintf_chk(FILE *file, int flag, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vfprintf(file, format, arguments);
	va_end(arguments);
	return n;
}

int
__vsnprintf_chk(char *buffer, size_t size, int flag, size_t room,
    const char *format, va_list arguments)
{
	if (size > room) {
		panic("vsnprintf beyond its buffer");
	}
	return vsnprintf(buffer, size, format, arguments);
}

int
__snprintf_chk(char *buffer, size_t size, int flag, size_t room,
    const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = __vsnprintf_chk(buffer, size, flag, room, format, arguments);
	va_end(arguments);
	return n;
}

char *
__strncpy_chk(char *to, const char *from, size_t size, size_t room)
{
	if (size > room) {
		panic("strncpy beyond its buffer");
	}
	return strncpy(to, from, size);
}

void
__stack_chk_fail_local(void)
{
	panic("stack smashed");
}
