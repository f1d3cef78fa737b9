/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The system page: one of two stubs of locore.asm, chosen at boot.
 *
 * SYSENTER loads %esp with the address of the CPU's slot, where the entry code
 * finds the end of the current thread's user registers.  The room below the slot
 * is for the frame of a debug exception or NMI that comes before that.
 */

#include "syspage.h"

#include <string.h>

#include <machine/cpu.h>
#include <machine/pmap.h>

#include <kernel/panic.h>

#include <i386/locore.h>
#include <i386/pmap.h>
#include <i386/regs.h>

struct syspage_stack syspage_stacks[CPU_MAX];

/* [I] after syspage_setup() */
static char syspage_page[PAGE_HW_SIZE]
    __attribute__((aligned(PAGE_HW_SIZE)));

static bool
syspage_has_sysenter(void)
{
	return cpu_has(CPU_FEATURE_SEP | CPU_FEATURE_MSR);
}

void
syspage_setup(void)
{
	const char *start = locore_stub_int;
	const char *end = locore_stub_int_end;

	if (syspage_has_sysenter()) {
		start = locore_stub_sysenter;
		end = locore_stub_sysenter_end;
	}
	memset(syspage_page, 0xcc, sizeof(syspage_page));
	memcpy(syspage_page, start, (size_t)(end - start));
	pmap_map_system_page(SYSPAGE_ADDRESS, pmap_phys(syspage_page));
}

void
syspage_allow_sysenter(bool allow)
{
	if (syspage_has_sysenter()) {
		cpu_write_msr(CPU_MSR_SYSENTER_CS, allow ? SEL_KERNEL_CS : 0);
	}
}

void
syspage_setup_this(unsigned cpu)
{
	if (!syspage_has_sysenter()) {
		return;
	}
	syspage_allow_sysenter(true);
	cpu_write_msr(CPU_MSR_SYSENTER_ESP,
	    (uint32_t)&syspage_stacks[cpu].frame_end);
	cpu_write_msr(CPU_MSR_SYSENTER_EIP, (uint32_t)locore_sysenter);
}
