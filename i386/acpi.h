/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The static tables of ACPI: which processors there are, where their local
 * APICs are, how to switch the machine off (ACPI specification 2.0, chapters
 * 4 and 5).  No AML is interpreted.
 */

#ifndef I386_ACPI_H
#define I386_ACPI_H

#include <stdbool.h>
#include <stdint.h>
#include <machine/types.h>

/*
 * Find and check the tables.  After pmap_setup(); once.  Damaged tables are
 * ignored with a message, and the machine then has one processor.
 */
void acpi_setup(void);

/* Where the local APICs are; 0 when the tables name none. */
phys_addr_t acpi_lapic_base(void);

/* Usable processors; 0 without tables.  At most CPU_MAX. */
unsigned acpi_cpu_count(void);

/* The local APIC number of processor I, below acpi_cpu_count(). */
unsigned acpi_cpu_apic(unsigned i);

/* Switch the machine off; returns when that did not work. */
void acpi_power_off(void);

/* Reset through the register that the tables name; returns if none. */
void acpi_reset(void);

#endif /* I386_ACPI_H */
