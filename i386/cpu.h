/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_CPU_H
#define I386_CPU_H

/*
 * The i386 part of <machine/cpu.h>, and what the machine layer itself needs
 * of the processor: its features and its control registers.
 */

#include <machine/types.h>

#include <kernel/percpu_types.h>

/*
 * In the kernel %gs selects this CPU's struct percpu.  TYPE and offset of the
 * member come from the structure, so a 64-bit member does not compile.
 */
#define cpu_local_get(field) __extension__ ({				\
	typeof(((struct percpu *)0)->field) cpu_value_;			\
	_Static_assert(sizeof(cpu_value_) == 4, "32-bit fields only");	\
	__asm__ volatile("movl %%gs:%c1, %0"				\
	    : "=r" (cpu_value_)						\
	    : "i" (__builtin_offsetof(struct percpu, field)));		\
	cpu_value_;							\
})

#define cpu_local_any(field) __extension__ ({				\
	bool cpu_any_;							\
	_Static_assert(sizeof(((struct percpu *)0)->field) == 4,	\
	    "32-bit fields only");					\
	__asm__ volatile("cmpl $0, %%gs:%c1"				\
	    : "=@ccne" (cpu_any_)					\
	    : "i" (__builtin_offsetof(struct percpu, field)));		\
	cpu_any_;							\
})

#define cpu_local_set(field, value) do {				\
	typeof(((struct percpu *)0)->field) cpu_value_ = (value);	\
	_Static_assert(sizeof(cpu_value_) == 4, "32-bit fields only");	\
	__asm__ volatile("movl %0, %%gs:%c1"				\
	    : : "ri" (cpu_value_),					\
	    "i" (__builtin_offsetof(struct percpu, field)) : "memory");	\
} while (0)

#define cpu_local_add(field, n) do {					\
	_Static_assert(sizeof(((struct percpu *)0)->field) == 4,	\
	    "32-bit fields only");					\
	__asm__ volatile("addl %0, %%gs:%c1"				\
	    : : "ri" ((uint32_t)(n)),					\
	    "i" (__builtin_offsetof(struct percpu, field))		\
	    : "memory", "cc");						\
} while (0)

static inline unsigned
cpu_id(void)
{
	return cpu_local_get(id);
}

static inline void
cpu_pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline uint32_t
cpu_flags(void)
{
	uint32_t flags;

	__asm__ volatile("pushfl; popl %0" : "=r" (flags) : : "memory");
	return flags;
}

static inline void
cpu_intr_enable(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void
cpu_intr_disable(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static inline bool
cpu_intr_enabled(void)
{
	return (cpu_flags() & 0x200) != 0;
}

static inline bool
cpu_intr_save(void)
{
	bool enabled = cpu_intr_enabled();

	cpu_intr_disable();
	return enabled;
}

static inline void
cpu_intr_restore(bool enabled)
{
	if (enabled) {
		cpu_intr_enable();
	}
}

static inline uint64_t
cpu_cycles(void)
{
	uint64_t cycles;

	__asm__ volatile("rdtsc" : "=A" (cycles));
	return cycles;
}

static inline void
cpu_idle(void)
{
	__asm__ volatile("sti; hlt" : : : "memory");
}

/* Feature bits of CPUID leaf 1, register ECX. */
#define CPU_FEATURE_ECX_XSAVE	(1u << 26)

/* The same of register EDX. */
#define CPU_FEATURE_FPU		(1u << 0)
#define CPU_FEATURE_DE		(1u << 2)
#define CPU_FEATURE_PSE		(1u << 3)
#define CPU_FEATURE_TSC		(1u << 4)
#define CPU_FEATURE_MSR		(1u << 5)
#define CPU_FEATURE_CX8		(1u << 8)
#define CPU_FEATURE_APIC	(1u << 9)
#define CPU_FEATURE_SEP		(1u << 11)
#define CPU_FEATURE_PGE		(1u << 13)
#define CPU_FEATURE_CMOV	(1u << 15)
#define CPU_FEATURE_FXSR	(1u << 24)
#define CPU_FEATURE_SSE		(1u << 25)
#define CPU_FEATURE_SSE2	(1u << 26)

#define CPU_CR0_MP		(1u << 1)
#define CPU_CR0_EM		(1u << 2)
#define CPU_CR0_TS		(1u << 3)
#define CPU_CR0_NE		(1u << 5)
#define CPU_CR0_WP		(1u << 16)
#define CPU_CR0_AM		(1u << 18)
#define CPU_CR0_NW		(1u << 29)
#define CPU_CR0_CD		(1u << 30)
#define CPU_CR0_PG		(1u << 31)

#define CPU_CR4_DE		(1u << 3)
#define CPU_CR4_PSE		(1u << 4)
#define CPU_CR4_PGE		(1u << 7)
#define CPU_CR4_OSFXSR		(1u << 9)
#define CPU_CR4_OSXMMEXCPT	(1u << 10)
#define CPU_CR4_OSXSAVE		(1u << 18)

/* Model-specific registers. */
#define CPU_MSR_APIC_BASE	0x1b
#define CPU_MSR_SYSENTER_CS	0x174
#define CPU_MSR_SYSENTER_ESP	0x175
#define CPU_MSR_SYSENTER_EIP	0x176

static inline uint32_t
cpu_read_cr0(void)
{
	uint32_t v;

	__asm__ volatile("movl %%cr0, %0" : "=r" (v));
	return v;
}

static inline void
cpu_write_cr0(uint32_t v)
{
	__asm__ volatile("movl %0, %%cr0" : : "r" (v) : "memory");
}

static inline uint32_t
cpu_read_cr2(void)
{
	uint32_t v;

	__asm__ volatile("movl %%cr2, %0" : "=r" (v));
	return v;
}

static inline void
cpu_write_cr2(uint32_t v)
{
	__asm__ volatile("movl %0, %%cr2" : : "r" (v));
}

static inline uint32_t
cpu_read_cr3(void)
{
	uint32_t v;

	__asm__ volatile("movl %%cr3, %0" : "=r" (v));
	return v;
}

static inline void
cpu_write_cr3(uint32_t v)
{
	__asm__ volatile("movl %0, %%cr3" : : "r" (v) : "memory");
}

static inline uint32_t
cpu_read_cr4(void)
{
	uint32_t v;

	__asm__ volatile("movl %%cr4, %0" : "=r" (v));
	return v;
}

static inline void
cpu_write_cr4(uint32_t v)
{
	__asm__ volatile("movl %0, %%cr4" : : "r" (v) : "memory");
}

static inline uint64_t
cpu_read_msr(uint32_t msr)
{
	uint64_t v;

	__asm__ volatile("rdmsr" : "=A" (v) : "c" (msr));
	return v;
}

static inline void
cpu_write_msr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr" : : "c" (msr), "A" (v) : "memory");
}

/* Which registers XSAVE knows; needs CPU_CR4_OSXSAVE. */
static inline void
cpu_write_xcr0(uint64_t v)
{
	__asm__ volatile("xsetbv" : : "c" (0), "A" (v) : "memory");
}

static inline void
cpu_id_subleaf(uint32_t leaf, uint32_t sub, uint32_t regs[4])
{
	__asm__ volatile("cpuid"
	    : "=a" (regs[0]), "=b" (regs[1]), "=c" (regs[2]), "=d" (regs[3])
	    : "a" (leaf), "c" (sub));
}

static inline void
cpu_id_leaf(uint32_t leaf, uint32_t regs[4])
{
	cpu_id_subleaf(leaf, 0, regs);
}

/* Drop one page's translation on this CPU. */
static inline void
cpu_invlpg(uintptr_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r" (va) : "memory");
}

/*
 * Whether the boot processor has all the features in MASK (CPU_FEATURE_*).
 * Valid after cpu_detect().
 */
bool
cpu_has(uint32_t mask);

/* Find out what the processor can do; panics when it lacks what the kernel
 * cannot do without.  Once, on the first CPU. */
void
cpu_detect(void);

/*
 * Make the CPU that executes ready for C code of the kernel: control
 * registers, GDT, IDT, TSS, %gs, FPU.  CPU is its number.  Interrupts are
 * and stay disabled.
 */
void
cpu_setup_this(unsigned cpu);

#endif
