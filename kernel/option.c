/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See option.h. */

#include <kernel/option.h>

#include <machine/boot.h>

#include <kernel/printf.h>

/* TEXT as a number; false if it is none, or more than MAX. */
static bool
option_parse(const char *text, unsigned long max, unsigned long *valuep)
{
	unsigned long value = 0;
	unsigned digit;

	if (*text == '\0') {
		return false;
	}
	for (; *text != '\0'; text++) {
		digit = (unsigned)(*text - '0');
		if (digit > 9 || digit > max || value > (max - digit) / 10) {
			return false;
		}
		value = value * 10 + digit;
	}
	*valuep = value;
	return true;
}

bool
option_number(const char *name, unsigned long min, unsigned long max,
    unsigned long *valuep)
{
	char text[16];
	unsigned long value;

	if (!boot_option(name, text, sizeof(text))) {
		return false;
	}
	if (!option_parse(text, max, &value) || value < min) {
		printf("tartan: %s=%s: not a number from %lu to %lu\n", name,
		    text, min, max);
		return false;
	}
	*valuep = value;
	return true;
}
