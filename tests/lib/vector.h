/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef TESTS_LIB_VECTOR_H
#define TESTS_LIB_VECTOR_H

/*
 * The vector registers of the processor that a test runs on.  Neither compiler
 * nor libraries of the tests use them.
 */

#include <stdbool.h>
#include <string.h>

#define REGS 8

/* Eight registers of 32 bytes; without AVX the upper halves stay. */
struct regs {
	unsigned char r[REGS][32];
};

static bool have_xsave;
static bool have_avx;
static unsigned image_size = 512; /* what XSAVE or FXSAVE writes */
static unsigned avx_offset; /* there, of the upper halves */
static unsigned sets; /* XCR0 */

static inline void
cpuid(unsigned leaf, unsigned sub, unsigned r[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
			 : "a"(leaf), "c"(sub));
}

/* Find what there is; to be called first. */
static inline void
regs_find(void)
{
	unsigned r[4];
	unsigned high;

	cpuid(1, 0, r);
	have_xsave = (r[2] >> 27 & 1) != 0;
	if (!have_xsave) {
		return;
	}
	__asm__ volatile("xgetbv" : "=a"(sets), "=d"(high) : "c"(0));
	have_avx = (sets & 4) != 0 && (r[2] >> 28 & 1) != 0;
	cpuid(0xd, 0, r);
	image_size = r[1];
	cpuid(0xd, 2, r);
	avx_offset = r[1];
}

#define LOAD_AVX(n) "vmovups 32*" #n "(%0), %%ymm" #n "\n\t"
#define STORE_AVX(n) "vmovups %%ymm" #n ", 32*" #n "(%0)\n\t"
#define LOAD_SSE(n) "movups 32*" #n "(%0), %%xmm" #n "\n\t"
#define STORE_SSE(n) "movups %%xmm" #n ", 32*" #n "(%0)\n\t"
#define ALL(m) m(0) m(1) m(2) m(3) m(4) m(5) m(6) m(7)

static inline void
regs_load(const struct regs *regs)
{
	if (have_avx) {
		__asm__ volatile(ALL(LOAD_AVX) : : "r"(regs) : "memory");
	} else {
		__asm__ volatile(ALL(LOAD_SSE) : : "r"(regs) : "memory");
	}
}

static inline void
regs_store(struct regs *regs)
{
	if (have_avx) {
		__asm__ volatile(ALL(STORE_AVX) : : "r"(regs) : "memory");
	} else {
		__asm__ volatile(ALL(STORE_SSE) : : "r"(regs) : "memory");
	}
}

static inline void
regs_fill(struct regs *regs, unsigned seed)
{
	for (unsigned i = 0; i < REGS; i++) {
		for (unsigned j = 0; j < 32; j++) {
			regs->r[i][j] = (unsigned char)(seed * 37 + i * 32 + j +
							1);
		}
	}
}

/* How many registers differ. */
static inline int
regs_differ(const struct regs *a, const struct regs *b)
{
	int n = 0;

	for (unsigned i = 0; i < REGS; i++) {
		n += memcmp(a->r[i], b->r[i], have_avx ? 32 : 16) != 0;
	}
	return n;
}

#endif
