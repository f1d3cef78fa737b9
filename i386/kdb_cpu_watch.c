/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Watchpoint 0 of the debugger is in DR3, and so downwards, since programs begin
 * with DR0.  The table changes only while all processors are stopped, and each
 * loads it when it goes on.
 */

#include <i386/kdb_cpu_watch.h>

#include <machine/cpu.h>
#include <machine/kdb_cpu.h>
#include <machine/types.h>

#include <i386/pcb.h>
#include <i386/regs.h>

#define KDB_CPU_WATCH_GLOBAL	0x2u	/* in DR7, for each register */
#define KDB_CPU_WATCH_ENABLES	0x3u
#define KDB_CPU_WATCH_KINDS	0xfu

static struct {
	uint32_t	address[KDB_CPU_WATCHES];	/* of DR0 and so on */
	uint32_t	dr7;
	uint32_t	dr7_mask;
	unsigned	taken;		/* a bit for each */
} kdb_cpu_watch;

/* Each processor's own, until it is the owner: several may come at once. */
static unsigned kdb_cpu_watch_hits[CPU_MAX];

void
kdb_cpu_watch_set(unsigned i, uintptr_t address, unsigned length,
    enum kdb_cpu_watch kind)
{
	unsigned reg = KDB_CPU_WATCHES - 1 - i;
	uint32_t mask = KDB_CPU_WATCH_ENABLES << 2 * reg |
	    KDB_CPU_WATCH_KINDS << (16 + 4 * reg);

	kdb_cpu_watch.dr7 &= ~mask;
	kdb_cpu_watch.dr7_mask &= ~mask;
	kdb_cpu_watch.taken &= ~(1u << reg);
	if (length > 0) {
		kdb_cpu_watch.dr7_mask |= mask;
		kdb_cpu_watch.dr7 |= KDB_CPU_WATCH_GLOBAL << 2 * reg |
		    ((length - 1) << 2 | kind) << (16 + 4 * reg);
		kdb_cpu_watch.taken |= 1u << reg;
	}
	kdb_cpu_watch.address[reg] = address;
}

/* The address in register REG, if somebody has it. */
static uint32_t
kdb_cpu_watch_address(const struct pcb_extra *extra, unsigned reg)
{
	return (kdb_cpu_watch.taken >> reg & 1) != 0 ?
	    kdb_cpu_watch.address[reg] : extra->dr[reg];
}

void
kdb_cpu_watch_load(const struct pcb_extra *extra)
{
	uint32_t dr7 = 0;

	kdb_cpu_watch_off();
	if (extra->debug_used) {
		dr7 = extra->dr[7] & DR7_USER_MASK;
	}
	dr7 = (dr7 & ~kdb_cpu_watch.dr7_mask) | kdb_cpu_watch.dr7;
	if (dr7 == 0) {
		return;
	}
	__asm__ volatile("movl %0, %%dr0" : :
	    "r" (kdb_cpu_watch_address(extra, 0)));
	__asm__ volatile("movl %0, %%dr1" : :
	    "r" (kdb_cpu_watch_address(extra, 1)));
	__asm__ volatile("movl %0, %%dr2" : :
	    "r" (kdb_cpu_watch_address(extra, 2)));
	__asm__ volatile("movl %0, %%dr3" : :
	    "r" (kdb_cpu_watch_address(extra, 3)));
	__asm__ volatile("movl %0, %%dr7" : : "r" (dr7 | DR7_FIXED));
}

bool
kdb_cpu_watch_executes(uintptr_t pc)
{
	for (unsigned reg = 0; reg < KDB_CPU_WATCHES; reg++) {
		if ((kdb_cpu_watch.taken >> reg & 1) != 0 &&
		    kdb_cpu_watch.address[reg] == pc &&
		    (kdb_cpu_watch.dr7 >> (16 + 4 * reg) &
		    KDB_CPU_WATCH_KINDS) == KDB_CPU_WATCH_EXECUTE) {
			return true;
		}
	}
	return false;
}

void
kdb_cpu_watch_off(void)
{
	__asm__ volatile("movl %0, %%dr7" : : "r" (0));
}

uint32_t
kdb_cpu_watch_note(uint32_t dr6)
{
	kdb_cpu_watch_hits[cpu_id()] |= dr6 & kdb_cpu_watch.taken;
	return dr6 & ~(kdb_cpu_watch.taken & DR6_BREAKS);
}

unsigned
kdb_cpu_watch_take(void)
{
	unsigned *own = &kdb_cpu_watch_hits[cpu_id()];
	unsigned hits = 0;

	for (unsigned i = 0; i < KDB_CPU_WATCHES; i++) {
		if ((*own >> (KDB_CPU_WATCHES - 1 - i) & 1) != 0) {
			hits |= 1u << i;
		}
	}
	*own = 0;
	return hits;
}
