/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef TESTS_UNIT_KERNEL_KDB_SAMPLE_H
#define TESTS_UNIT_KERNEL_KDB_SAMPLE_H

/* sample.c says what it is for.  It knows no library. */

enum sample_color {
	SAMPLE_RED,
	SAMPLE_GREEN,
	SAMPLE_BLUE = -3,
};

struct sample_pair {
	int			first;
	short			second;
	enum sample_color	color;
};

/* Places that call the hook, and what led there. */
enum sample_line {
	SAMPLE_LEAF,
	SAMPLE_INLINED,
	SAMPLE_OUTER,
	SAMPLE_INLINER,
	SAMPLE_LOST,
	SAMPLE_STATIC,
	SAMPLE_LARGE,
	SAMPLE_DEEP,
	SAMPLE_BLOCK,
	SAMPLE_KEPT,
	SAMPLE_HEADER,
	SAMPLE_TAIL,
	SAMPLE_POINTER,
	SAMPLE_TWINS,
	SAMPLE_LINES
};

typedef unsigned char sample_byte;

extern void (*sample_hook)(void);
extern int sample_lines[SAMPLE_LINES];
extern int sample_counter;

int sample_main(int which);
int sample_leaf(int number, const char *text, struct sample_pair *pair);
int sample_inliner(int start);
int sample_lost(int arg);
int sample_static(void);
int sample_large(int n);
int sample_deep(int depth);

unsigned long long sample_pass(int a, unsigned long long b, signed char c,
    _Bool d, const short *e, long long f);
__attribute__((regparm(0))) int sample_pass_stack(int a, unsigned char b,
    int unused, unsigned short c);
int sample_pass_more(int n, ...);
int sample_pass_pair(struct sample_pair pair);
struct sample_pair sample_pass_back(int n);

static inline void
sample_escape(void *p)
{
	__asm__ volatile("" : : "r"(p) : "memory");
}

/* The line of the call that follows it. */
#define SAMPLE_LINE(i) (sample_lines[i] = __LINE__)

/* In another file than what it is called from. */
static inline __attribute__((always_inline)) int
sample_header(int value)
{
	sample_counter += value;
	SAMPLE_LINE(SAMPLE_HEADER); sample_hook();
	return sample_counter;
}

/* These values are made before what follows. */
#define sample_make(a, b) __asm__ volatile("" : "+r"(a), "+r"(b) : : "memory")

#endif
