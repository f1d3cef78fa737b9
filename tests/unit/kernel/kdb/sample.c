/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What the tests of the debugger's tables look at: compiled with optimisation,
 * linked by itself and with its tables made, and run by them.  Whoever calls
 * leaves values in parameters, variables, inlined functions and all registers
 * that the compiler has, and calls the hook.
 */

#include "sample.h"

#define SAMPLE_NOINLINE __attribute__((noinline, noclone, noipa))

void (*sample_hook)(void);
int sample_lines[SAMPLE_LINES];
int sample_counter = 7;
static const char *const sample_text = "a text";

/* Parameters of all sizes, passed in each way that there is. */
SAMPLE_NOINLINE unsigned long long
sample_pass(int a, unsigned long long b, signed char c, _Bool d,
    const short *e, long long f)
{
	unsigned long long sum = (unsigned long long)a * 31 + b;

	sum = (sum * 31 + (unsigned long long)c) * 31 + d;
	return (sum * 31 + (unsigned long)e) * 31 + (unsigned long long)f;
}

SAMPLE_NOINLINE __attribute__((regparm(0))) int
sample_pass_stack(int a, unsigned char b, int unused, unsigned short c)
{
	return (a * 31 + b) * 31 + c;
}

SAMPLE_NOINLINE int
sample_pass_more(int n, ...)
{
	__builtin_va_list more;
	int sum = n;

	__builtin_va_start(more, n);
	while (n-- > 0) {
		sum = sum * 31 + __builtin_va_arg(more, int);
	}
	__builtin_va_end(more);
	return sum;
}

SAMPLE_NOINLINE int
sample_pass_pair(struct sample_pair pair)
{
	return pair.first + pair.second;
}

SAMPLE_NOINLINE struct sample_pair
sample_pass_back(int n)
{
	return (struct sample_pair){ n, 2, SAMPLE_RED };
}

SAMPLE_NOINLINE int
sample_leaf(int number, const char *text, struct sample_pair *pair)
{
	int local = number * 3;
	enum sample_color color = number > 10 ? SAMPLE_GREEN : SAMPLE_RED;

	sample_make(local, color);
	SAMPLE_LINE(SAMPLE_LEAF); sample_hook();
	sample_counter += local;
	return local + pair->first + (color == SAMPLE_GREEN) + text[0];
}

static inline __attribute__((always_inline)) int
sample_inlined(int value, int shift)
{
	int shifted = value << shift;

	SAMPLE_LINE(SAMPLE_INLINED); sample_hook();
	sample_counter += value;
	return shifted;
}

static inline __attribute__((always_inline)) int
sample_outer(int value)
{
	int twice = value * 2;

	sample_counter++;
	SAMPLE_LINE(SAMPLE_OUTER); twice += sample_inlined(twice, 4);
	return twice;
}

SAMPLE_NOINLINE int
sample_inliner(int start)
{
	SAMPLE_LINE(SAMPLE_INLINER); int made = sample_outer(start + 1);
	return made + sample_counter;
}

/* ARG is in a register that the call of the hook loses: the caller knows. */
SAMPLE_NOINLINE int
sample_lost(int arg)
{
	sample_counter += arg;
	SAMPLE_LINE(SAMPLE_LOST); sample_hook();
	return sample_counter;
}

/* It jumps there, with another first argument than it was called with. */
SAMPLE_NOINLINE int
sample_jumps(int arg)
{
	sample_counter++;
	return sample_lost(arg * 3 + 1);
}

/* Through pointers that stay in registers, and one in memory. */
SAMPLE_NOINLINE int
sample_calls(int (*direct)(int), int (*jumps)(int), int (**memory)(int))
{
	int sum = direct(55);

	sum += jumps(66);
	sum += direct(77);
	return sum + (*memory)(88);
}

SAMPLE_NOINLINE int
sample_static(void)
{
	static int calls = 40;
	unsigned long long wide = 0x123456789abcdefull +
	    (unsigned)sample_counter;

	calls++;
	SAMPLE_LINE(SAMPLE_STATIC); sample_hook();
	return calls + (int)(wide >> 7);
}

/* With an array that makes its frame large. */
SAMPLE_NOINLINE int
sample_large(int n)
{
	int squares[4];

	for (int i = 0; i < 4; i++) {
		squares[i] = (n + i) * (n + i);
	}
	sample_escape(squares);
	SAMPLE_LINE(SAMPLE_LARGE); sample_hook();
	sample_escape(squares);
	return squares[1];
}

SAMPLE_NOINLINE int
sample_deep(int depth)
{
	if (depth == 0) {
		SAMPLE_LINE(SAMPLE_DEEP); sample_hook();
		return 1;
	}
	return sample_deep(depth - 1) * depth + sample_counter;
}

/* Two variables of one name, of which one is in force at each call. */
SAMPLE_NOINLINE int
sample_blocks(int n)
{
	int sum = 0;

	if (n > 3) {
		int inner = n * 5;
		int other = 1;

		sample_make(inner, other);
		SAMPLE_LINE(SAMPLE_BLOCK); sample_hook();
		sum += inner + other;
	}
	if (n > 4) {
		int inner = n * 6;
		int last = 2;

		sample_make(inner, last);
		sample_hook();
		sum += inner + last;
	}
	return sum;
}

static inline __attribute__((always_inline)) int
sample_twin(int n)
{
	int same[2] = { n, n + 1 };

	sample_escape(same);
	SAMPLE_LINE(SAMPLE_TWINS); sample_hook();
	sample_escape(same);
	return same[1];
}

/* Two variables of one name, one of them in what is inlined; N times. */
SAMPLE_NOINLINE int
sample_twins(int n)
{
	int same[2] = { n * 100, n };

	sample_escape(same);
	if (n > 1) {
		sample_counter += sample_twins(n - 1);
	}
	sample_counter += sample_twin(n * 10);
	sample_escape(same);
	return same[0];
}

/* KEPT stays in a register that what is called does not touch. */
SAMPLE_NOINLINE int
sample_keeper(int n)
{
	int kept = n * 7;
	sample_byte byte = (sample_byte)n;

	sample_make(kept, byte);
	SAMPLE_LINE(SAMPLE_KEPT); sample_header(n);
	sample_lost(n);
	return kept + byte;
}

int
sample_main(int which)
{
	struct sample_pair pair = { 11, 22, SAMPLE_GREEN };

	switch (which) {
	case SAMPLE_LEAF:
		return sample_leaf(14, sample_text, &pair) + 1;
	case SAMPLE_INLINED:
		return sample_inliner(5) + 1;
	case SAMPLE_LOST:
		return sample_lost(1234) + sample_lost(99);
	case SAMPLE_TAIL:
		return sample_jumps(40) + 1;
	case SAMPLE_POINTER: {
		int (*function)(int) = sample_lost;

		return sample_calls(sample_lost, sample_jumps, &function) + 1;
	}
	case SAMPLE_STATIC:
		return sample_static() + 1;
	case SAMPLE_BLOCK:
		return sample_blocks(8) + 1;
	case SAMPLE_KEPT:
		return sample_keeper(9) + 1;
	case SAMPLE_LARGE:
		return sample_large(3) + 1;
	case SAMPLE_TWINS:
		return sample_twins(3) + 1;
	default:
		return sample_deep(5) + 1;
	}
}
