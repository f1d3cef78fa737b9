/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Starting, interrupting and stopping other processors.
 *
 * They are started one after the other, because they share the start-up code
 * and its parameters.  One that does not answer is left alone with a message:
 * the machine goes on with fewer.
 */

#include <i386/mp.h>

#include <machine/atomic.h>
#include <machine/clock.h>
#include <machine/cpu.h>
#include <machine/pmap.h>
#include <machine/trap.h>

#include <kernel/kdb/kdb_stop.h>
#include <kernel/percpu.h>
#include <kernel/printf.h>
#include <kernel/processor.h>
#include <kernel/thread.h>

#include <string.h>

#include <i386/acpi.h>
#include <i386/intr.h>
#include <i386/kdb_cpu.h>
#include <i386/kdb_cpu_watch.h>
#include <i386/lapic.h>
#include <i386/pcb.h>
#include <i386/pmap.h>
#include <i386/tlb.h>

#define MP_BOOT_PAGE		0x8000u	/* the same as AP_BOOT in ap_boot.asm */
#define MP_INIT_DELAY_NS	10000000u
#define MP_STARTUP_DELAY_NS	200000u
#define MP_START_TIMEOUT_MS	1000u
#define MP_STOP_TIMEOUT_MS	5000u
/* Looks for an NMI that is on its way: some milliseconds. */
#define MP_NMI_LOOKS		1000000u

/* The tail of the start-up code, as ap_boot.asm reads it. */
struct mp_boot_params {
	uint32_t	directory;	/* physical */
	uint32_t	stack;		/* its upper end */
	uint32_t	cpu;
	uint32_t	entry;
};

extern const char ap_boot_start[];
extern const char ap_boot_end[];
extern const char ap_boot_params[];

static uint8_t mp_apics[CPU_MAX];	/* fixed before a processor starts */
static uint32_t mp_online;		/* atomic: processors that run */

/* [a] of each processor */
#define MP_ASKED	0x1u	/* it is to stand still, and has not answered */
#define MP_STANDS	0x2u	/* it does, and looks for that without an NMI */
static uint32_t mp_states[CPU_MAX];

/* [a] its own: it is in one, and what its next one asks for has been answered */
static bool mp_in_nmi[CPU_MAX];
static bool mp_answered[CPU_MAX];

void mp_ap_entry(unsigned cpu);

/* The first C code of a processor that was started. */
void
mp_ap_entry(unsigned cpu)
{
	cpu_setup_this(cpu);
	atomic_fetch_or_seqcst(&kernel_pmap->active, 1u << cpu);
	lapic_setup_this(false);
	tlb_cpu_online(cpu);
	atomic_fetch_or_seqcst(&mp_online, 1u << cpu);
	processor_start_secondary(cpu);
}

static void
mp_prepare(unsigned cpu, uintptr_t stack)
{
	struct mp_boot_params params = {
		.directory = kernel_pmap->dir_phys,
		.stack = stack,
		.cpu = cpu,
		.entry = (uint32_t)(uintptr_t)mp_ap_entry,
	};
	char *page = pmap_direct(MP_BOOT_PAGE);

	memcpy(page, ap_boot_start, (size_t)(ap_boot_end - ap_boot_start));
	memcpy(page + (ap_boot_params - ap_boot_start), &params,
	    sizeof(params));
}

static bool
mp_wait_online(unsigned cpu)
{
	for (unsigned ms = 0; ms < MP_START_TIMEOUT_MS; ms++) {
		if ((atomic_load_acquire(&mp_online) & (1u << cpu)) != 0) {
			return true;
		}
		clock_machine_delay(1000000);
	}
	return false;
}

static bool
mp_start(unsigned cpu)
{
	unsigned apic = mp_apics[cpu];
	uintptr_t stack = processor_prepare(cpu);

	if (stack == 0) {
		return false;
	}
	mp_prepare(cpu, stack);
	lapic_send_init(apic);
	clock_machine_delay(MP_INIT_DELAY_NS);
	/* The second one is for processors that miss the first. */
	for (unsigned i = 0; i < 2; i++) {
		lapic_send_startup(apic, MP_BOOT_PAGE >> PAGE_HW_SHIFT);
		clock_machine_delay(MP_STARTUP_DELAY_NS);
	}
	return mp_wait_online(cpu);
}

void
cpu_start_others(void)
{
	unsigned cpu = 1;

	atomic_fetch_or_seqcst(&mp_online, 1u);
	if (!lapic_present()) {
		return;
	}
	mp_apics[0] = (uint8_t)lapic_id();
	pmap_identity_map(true);
	for (unsigned i = 0; i < acpi_cpu_count() && cpu < CPU_MAX; i++) {
		if (acpi_cpu_apic(i) == mp_apics[0]) {
			continue;
		}
		mp_apics[cpu] = (uint8_t)acpi_cpu_apic(i);
		if (mp_start(cpu)) {
			cpu++;
		} else {
			printf("mp: processor with APIC %u does not start\n",
			    acpi_cpu_apic(i));
		}
	}
	pmap_identity_map(false);
}

void
mp_send_tlb(uint32_t cpus)
{
	if ((cpus & LAPIC_SEND_MASK) != 0) {
		lapic_send_all(cpus & LAPIC_SEND_MASK, VECTOR_TLB);
	}
	for (cpus &= ~LAPIC_SEND_MASK; cpus != 0; cpus &= cpus - 1) {
		lapic_send(mp_apics[__builtin_ctz(cpus)], VECTOR_TLB);
	}
}

void
cpu_send_resched(unsigned cpu)
{
	if (lapic_present()) {
		lapic_send(mp_apics[cpu], VECTOR_RESCHED);
	}
}

/* Stand still for the debugger, which may look at FRAME. */
static void
mp_stop(struct trap_frame *frame)
{
	struct percpu *percpu = percpu_get(cpu_id());
	struct trap_frame *outer = percpu->stopped;

	kdb_cpu_watch_off();
	/* One that waits for the debugger already stopped elsewhere. */
	if (outer == NULL) {
		atomic_store_release(&percpu->stopped, frame);
	}
	kdb_stop_wait((uintptr_t)__builtin_frame_address(0));
	atomic_store_release(&percpu->stopped, outer);
	kdb_cpu_watch_load(pcb_extra(&current_thread()->pcb));
}

/*
 * The state of this processor.  When it was asked and does not stand there is an
 * NMI for that, which comes before it stands, and finds that it was asked.  Else it
 * would come when another may have asked, and nobody knows what it was for.
 */
static uint32_t
mp_await_nmi(void)
{
	unsigned cpu = cpu_id();
	uint32_t state = atomic_load_acquire(&mp_states[cpu]);

	for (unsigned looks = 0; state == MP_ASKED && !mp_in_nmi[cpu] &&
	    looks < MP_NMI_LOOKS; looks++) {
		cpu_pause();
		state = atomic_load_acquire(&mp_states[cpu]);
	}
	return state;
}

bool
cpu_stand_begin(void)
{
	unsigned cpu = cpu_id();
	uint32_t state;

	do {
		state = mp_await_nmi();
		if (state == MP_ASKED) {
			atomic_store_seqcst(&mp_answered[cpu], true);
		}
		/* With the answer: nobody sends an NMI from then on. */
	} while (!atomic_compare_exchange_seqcst(&mp_states[cpu], &state,
	    MP_STANDS));
	return (state & MP_STANDS) != 0;
}

void
cpu_stand_answer(void)
{
	atomic_fetch_and_seqcst(&mp_states[cpu_id()], ~MP_ASKED);
}

bool
cpu_stand_end(bool before)
{
	uint32_t stands = MP_STANDS;

	return atomic_compare_exchange_seqcst(&mp_states[cpu_id()], &stands,
	    before ? MP_STANDS : 0);
}

void
mp_nmi(struct trap_frame *frame)
{
	unsigned cpu = cpu_id();
	bool late = atomic_load_relaxed(&mp_answered[cpu]);
	bool outer = mp_in_nmi[cpu];

	mp_in_nmi[cpu] = true;
	/* Who stands is asked without one. */
	if (atomic_load_acquire(&mp_states[cpu]) == MP_ASKED) {
		mp_stop(frame);
		/* Two that come while none can be taken are one. */
		late = true;
	}
	atomic_store_seqcst(&mp_answered[cpu], false);
	if (!late && !kdb_stop_mine()) {
		kdb_cpu_interrupted(frame,
		    (uintptr_t)__builtin_frame_address(0));
	}
	mp_in_nmi[cpu] = outer;
}

/* Ask OTHERS, bits, to stand still. */
static void
mp_ask(uint32_t others)
{
	for (; others != 0; others &= others - 1) {
		unsigned cpu = (unsigned)__builtin_ctz(others);

		if ((atomic_fetch_or_seqcst(&mp_states[cpu], MP_ASKED) &
		    MP_STANDS) == 0) {
			lapic_send_nmi(mp_apics[cpu]);
		}
	}
}

/* Which of OTHERS have not answered? */
static uint32_t
mp_unanswered(uint32_t others)
{
	uint32_t left = 0;

	for (; others != 0; others &= others - 1) {
		unsigned cpu = (unsigned)__builtin_ctz(others);

		if ((atomic_load_acquire(&mp_states[cpu]) & MP_ASKED) != 0) {
			left |= 1u << cpu;
		}
	}
	return left;
}

uint32_t
cpu_stop_others(void)
{
	uint32_t left = atomic_load_acquire(&mp_online) & ~(1u << cpu_id());

	mp_ask(left);
	left = mp_unanswered(left);
	for (unsigned ms = 0; ms < MP_STOP_TIMEOUT_MS && left != 0; ms++) {
		clock_machine_delay(1000000);
		left = mp_unanswered(left);
	}
	return left;
}
