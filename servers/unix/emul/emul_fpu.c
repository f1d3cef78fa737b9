/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Registers of FPU, SSE and AVX: saved and restored as a whole, by XSAVE, by
 * FXSAVE without that, by FNSAVE without that.  The library itself uses none.
 */
#include "emul.h"

#define FPU_MXCSR 24 /* offsets in the image */
#define FPU_MXCSR_MASK 28
#define FPU_HEADER 512
#define FPU_AREA_MIN 576 /* up to the end of the header */

enum emul_fpu_kind {
	FPU_UNKNOWN,
	FPU_FNSAVE,
	FPU_FXSAVE,
	FPU_XSAVE,
};

/* XSAVE's header: what is not in its initial state, then zeroes. */
struct emul_fpu_header {
	uint32_t features[2];
	uint32_t zero[14];
};

/* Found once; a forked child inherits them. */
static enum emul_fpu_kind emul_fpu_kind;
static uint32_t emul_fpu_bytes;
static uint32_t emul_fpu_mask; /* XCR0 */
static uint32_t emul_fpu_mxcsr_mask;

/* All in the initial state: XSAVE's header is zero. */
static const struct {
	uint16_t control;
	uint8_t unused[FPU_MXCSR - 2];
	uint32_t mxcsr;
	uint8_t rest[FPU_AREA_MIN - FPU_MXCSR - 4];
} emul_fpu_initial __attribute__((aligned(64))) = {
	.control = 0x37f,
	.mxcsr = 0x1f80,
};

static void
emul_fpu_cpuid(uint32_t leaf, uint32_t regs[4])
{
	__asm__ volatile(
	    "cpuid"
	    : "=a"(regs[0]), "=b"(regs[1]), "=c"(regs[2]), "=d"(regs[3])
	    : "a"(leaf), "c"(0));
}

static void
emul_fpu_find(void)
{
	uint8_t fx[512] __attribute__((aligned(16)));
	uint32_t regs[4];
	uint32_t high;

	emul_fpu_kind = FPU_FNSAVE;
	emul_fpu_bytes = sizeof(fx);
	emul_fpu_cpuid(1, regs);
	if ((regs[3] >> 24 & 1) == 0) {
		return;
	}
	emul_fpu_kind = FPU_FXSAVE;
	memset(fx, 0, sizeof(fx));
	__asm__ volatile("fxsave (%0)" : : "r"(fx) : "memory");
	memcpy(&emul_fpu_mxcsr_mask, fx + FPU_MXCSR_MASK, 4);
	if (emul_fpu_mxcsr_mask == 0) {
		emul_fpu_mxcsr_mask = 0xffbf;
	}
	if ((regs[2] >> 27 & 1) == 0) { /* enabled by the kernel */
		return;
	}
	emul_fpu_cpuid(0xd, regs);
	if (regs[1] < FPU_AREA_MIN || regs[1] > EMUL_FPU_MAX) {
		return;
	}
	emul_fpu_bytes = regs[1];
	__asm__ volatile("xgetbv" : "=a"(emul_fpu_mask), "=d"(high) : "c"(0));
	emul_fpu_kind = FPU_XSAVE;
}

static enum emul_fpu_kind
emul_fpu(void)
{
	if (emul_fpu_kind == FPU_UNKNOWN) {
		emul_fpu_find();
	}
	return emul_fpu_kind;
}

uint32_t
emul_fpu_size(void)
{
	emul_fpu();
	return emul_fpu_bytes;
}

uint32_t
emul_fpu_features(void)
{
	return emul_fpu() == FPU_XSAVE ? emul_fpu_mask : 0;
}

bool
emul_fpu_has_fx(void)
{
	return emul_fpu() >= FPU_FXSAVE;
}

/*
 * QEMU's XSAVE and XRSTOR do not tell the kernel of a first use, as processors
 * do.  After one use they need not.
 */
static void
emul_fpu_use(void)
{
	uint16_t status;

	/* Of all uses the one that does not mind a pending exception. */
	__asm__ volatile("fnstsw %0" : "=a"(status));
}

void
emul_fpu_save(void *area)
{
	emul_fpu_use();
	switch (emul_fpu()) {
	case FPU_XSAVE:
		/* Of the header it writes the first word only. */
		memset((char *)area + FPU_HEADER, 0,
		    sizeof(struct emul_fpu_header));
		__asm__ volatile("xsave (%0)"
				 :
				 : "r"(area), "a"(emul_fpu_mask), "d"(0)
				 : "memory");
		break;
	case FPU_FXSAVE:
		__asm__ volatile("fxsave (%0)" : : "r"(area) : "memory");
		break;
	default:
		__asm__ volatile("fnsave (%0)\n\tfrstor (%0)"
				 :
				 : "r"(area)
				 : "memory");
		break;
	}
}

void
emul_fpu_restore(const void *area)
{
	emul_fpu_use();
	switch (emul_fpu()) {
	case FPU_XSAVE:
		__asm__ volatile("xrstor (%0)"
				 :
				 : "r"(area), "a"(emul_fpu_mask), "d"(0)
				 : "memory");
		break;
	case FPU_FXSAVE:
		__asm__ volatile("fxrstor (%0)" : : "r"(area) : "memory");
		break;
	default:
		__asm__ volatile("frstor (%0)" : : "r"(area) : "memory");
		break;
	}
}

void
emul_fpu_reset(void)
{
	if (emul_fpu_has_fx()) {
		emul_fpu_restore(&emul_fpu_initial);
	} else {
		__asm__ volatile("fninit");
	}
}

bool
emul_fpu_loads(const void *area)
{
	struct emul_fpu_header header;
	uint32_t mxcsr;

	if (!emul_fpu_has_fx()) {
		return true;
	}
	memcpy(&mxcsr, (const char *)area + FPU_MXCSR, sizeof(mxcsr));
	if ((mxcsr & ~emul_fpu_mxcsr_mask) != 0) {
		return false;
	}
	if (emul_fpu() != FPU_XSAVE) {
		return true;
	}
	memcpy(&header, (const char *)area + FPU_HEADER, sizeof(header));
	if ((header.features[0] & ~emul_fpu_mask) != 0 ||
	    header.features[1] != 0) {
		return false;
	}
	for (unsigned i = 0; i < 14; i++) {
		if (header.zero[i] != 0) {
			return false;
		}
	}
	return true;
}
