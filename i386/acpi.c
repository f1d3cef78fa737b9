/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * ACPI static tables.
 *
 * The firmware's word is not trusted further than its checksums: lengths are
 * checked before anything is read, and tables are copied nowhere, only looked
 * at through a mapping.  The sleep type for power-off stands in AML; its
 * encoding as a package of small integers is simple enough to be found
 * without an interpreter.
 */

#include <i386/acpi.h>

#include <machine/cpu.h>
#include <machine/pmap.h>

#include <kernel/printf.h>

#include <string.h>

#include <i386/io.h>

#define ACPI_BIOS_START		0xe0000u
#define ACPI_BIOS_END		0x100000u
#define ACPI_EBDA_POINTER	0x40eu		/* segment of the EBDA */
#define ACPI_EBDA_SIZE		0x400u
#define ACPI_TABLE_MAX		0x100000u	/* more is a damaged length */

struct acpi_rsdp {
	char		signature[8];
	uint8_t		checksum;
	char		oem[6];
	uint8_t		revision;
	uint32_t	rsdt;
} __attribute__((packed));

struct acpi_header {
	char		signature[4];
	uint32_t	length;
	uint8_t		revision;
	uint8_t		checksum;
	char		oem[6];
	char		oem_table[8];
	uint32_t	oem_revision;
	uint32_t	creator;
	uint32_t	creator_revision;
} __attribute__((packed));

struct acpi_madt {
	struct acpi_header header;
	uint32_t	lapic;
	uint32_t	flags;
} __attribute__((packed));

struct acpi_madt_lapic {
	uint8_t		type;
	uint8_t		length;
	uint8_t		processor;
	uint8_t		apic;
	uint32_t	flags;
} __attribute__((packed));

#define ACPI_MADT_LAPIC		0
#define ACPI_LAPIC_ENABLED	0x1u

/* The part of the fixed table that is used; offsets from the specification. */
#define ACPI_FADT_DSDT		40
#define ACPI_FADT_SMI_CMD	48
#define ACPI_FADT_ACPI_ENABLE	52
#define ACPI_FADT_PM1A_CONTROL	64
#define ACPI_FADT_PM1B_CONTROL	68
#define ACPI_FADT_FLAGS		112
#define ACPI_FADT_RESET_SPACE	116
#define ACPI_FADT_RESET_ADDRESS	120
#define ACPI_FADT_RESET_VALUE	128
#define ACPI_FADT_RESET_FLAG	(1u << 10)
#define ACPI_SPACE_IO		1

#define ACPI_PM1_SCI_ENABLE	(1u << 0)
#define ACPI_PM1_SLEEP_ENABLE	(1u << 13)
#define ACPI_PM1_SLEEP_SHIFT	10

/* Everything here is fixed after acpi_setup(). */
static phys_addr_t acpi_lapic;
static unsigned acpi_cpus;
static uint8_t acpi_apics[CPU_MAX];
static const uint8_t *acpi_fadt;
static uint32_t acpi_fadt_length;
static const uint8_t *acpi_dsdt;
static uint32_t acpi_dsdt_length;

static bool
acpi_checksum_ok(const void *table, size_t length)
{
	const uint8_t *p = table;
	uint8_t sum = 0;

	for (size_t i = 0; i < length; i++) {
		sum = (uint8_t)(sum + p[i]);
	}
	return sum == 0;
}

/* Physical memory as the kernel sees it, mapped for good where it must be. */
static const void *
acpi_map(phys_addr_t pa, size_t size)
{
	if (pa + size < pa) {
		return NULL;
	}
	if (pmap_direct(pa) != NULL && pmap_direct(pa + size - 1) != NULL) {
		return pmap_direct(pa);
	}
	return pmap_map_device(pa, size);
}

/* Map the table at PA and check it; NULL when it is damaged. */
static const struct acpi_header *
acpi_map_table(phys_addr_t pa)
{
	const struct acpi_header *header = acpi_map(pa, sizeof(*header));
	uint32_t length;

	if (header == NULL) {
		return NULL;
	}
	length = header->length;
	if (length < sizeof(*header) || length > ACPI_TABLE_MAX) {
		return NULL;
	}
	header = acpi_map(pa, length);
	if (header == NULL || !acpi_checksum_ok(header, length)) {
		return NULL;
	}
	return header;
}

static const struct acpi_rsdp *
acpi_scan(phys_addr_t start, phys_addr_t end)
{
	for (phys_addr_t pa = start; pa + sizeof(struct acpi_rsdp) <= end;
	    pa += 16) {
		const struct acpi_rsdp *rsdp = pmap_direct(pa);

		if (memcmp(rsdp->signature, "RSD PTR ", 8) == 0 &&
		    acpi_checksum_ok(rsdp, sizeof(*rsdp))) {
			return rsdp;
		}
	}
	return NULL;
}

static const struct acpi_rsdp *
acpi_find_rsdp(void)
{
	uint16_t segment;
	phys_addr_t ebda;
	const struct acpi_rsdp *rsdp = NULL;

	memcpy(&segment, pmap_direct(ACPI_EBDA_POINTER), sizeof(segment));
	ebda = (phys_addr_t)segment << 4;
	if (ebda >= 0x80000 && ebda < 0xa0000) {
		rsdp = acpi_scan(ebda, ebda + ACPI_EBDA_SIZE);
	}
	return rsdp != NULL ? rsdp : acpi_scan(ACPI_BIOS_START, ACPI_BIOS_END);
}

static void
acpi_read_lapic(const struct acpi_madt_lapic *entry)
{
	if (entry->length < sizeof(*entry) ||
	    (entry->flags & ACPI_LAPIC_ENABLED) == 0) {
		return;
	}
	if (acpi_cpus == CPU_MAX) {
		printf("acpi: more than %u processors, the rest stay off\n",
		    (unsigned)CPU_MAX);
		return;
	}
	acpi_apics[acpi_cpus++] = entry->apic;
}

static void
acpi_read_madt(const struct acpi_header *header)
{
	const struct acpi_madt *madt = (const struct acpi_madt *)header;
	const uint8_t *p = (const uint8_t *)(madt + 1);
	const uint8_t *end = (const uint8_t *)header + header->length;

	if (header->length < sizeof(*madt)) {
		return;
	}
	acpi_lapic = madt->lapic;
	while (end - p >= 2 && p[1] >= 2 && p[1] <= end - p) {
		if (p[0] == ACPI_MADT_LAPIC) {
			acpi_read_lapic((const struct acpi_madt_lapic *)p);
		}
		p += p[1];
	}
}

static uint32_t
acpi_fadt_word(unsigned offset)
{
	uint32_t word = 0;

	if (acpi_fadt != NULL && offset + sizeof(word) <= acpi_fadt_length) {
		memcpy(&word, acpi_fadt + offset, sizeof(word));
	}
	return word;
}

static void
acpi_read_fadt(const struct acpi_header *header)
{
	const struct acpi_header *dsdt;

	acpi_fadt = (const uint8_t *)header;
	acpi_fadt_length = header->length;
	dsdt = acpi_map_table(acpi_fadt_word(ACPI_FADT_DSDT));
	if (dsdt != NULL) {
		acpi_dsdt = (const uint8_t *)dsdt;
		acpi_dsdt_length = dsdt->length;
	}
}

static void
acpi_read_table(phys_addr_t pa)
{
	const struct acpi_header *header = acpi_map_table(pa);

	if (header == NULL) {
		printf("acpi: damaged table at %#x ignored\n", pa);
	} else if (memcmp(header->signature, "APIC", 4) == 0) {
		acpi_read_madt(header);
	} else if (memcmp(header->signature, "FACP", 4) == 0) {
		acpi_read_fadt(header);
	}
}

void
acpi_setup(void)
{
	const struct acpi_rsdp *rsdp = acpi_find_rsdp();
	const struct acpi_header *rsdt;
	uint32_t count;

	if (rsdp == NULL) {
		return;
	}
	rsdt = acpi_map_table(rsdp->rsdt);
	if (rsdt == NULL || memcmp(rsdt->signature, "RSDT", 4) != 0) {
		printf("acpi: damaged root table ignored\n");
		return;
	}
	count = (rsdt->length - sizeof(*rsdt)) / sizeof(uint32_t);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t pa;

		memcpy(&pa, (const uint8_t *)(rsdt + 1) + i * sizeof(pa),
		    sizeof(pa));
		acpi_read_table(pa);
	}
}

phys_addr_t
acpi_lapic_base(void)
{
	return acpi_lapic;
}

unsigned
acpi_cpu_count(void)
{
	return acpi_cpus;
}

unsigned
acpi_cpu_apic(unsigned i)
{
	return acpi_apics[i];
}

/* ---- power -------------------------------------------------------------- */

/*
 * The AML integer at *PP, which moves past it: a small constant or a byte.
 * Returns -1 for anything else.
 */
static int
acpi_aml_small(const uint8_t **pp, const uint8_t *end)
{
	const uint8_t *p = *pp;

	if (p < end && (p[0] == 0x00 || p[0] == 0x01)) {
		*pp = p + 1;
		return p[0];
	}
	if (p + 1 < end && p[0] == 0x0a) {
		*pp = p + 2;
		return p[1];
	}
	return -1;
}

/*
 * Find `Name (_S5_, Package {a, b, ...})` in the definition block: the sleep
 * types that switch the machine off.
 */
static bool
acpi_find_s5(int *type_a, int *type_b)
{
	const uint8_t *end = acpi_dsdt + acpi_dsdt_length;

	for (const uint8_t *p = acpi_dsdt; p != NULL && end - p > 8; p++) {
		const uint8_t *q = p + 4;

		if (memcmp(p, "_S5_", 4) != 0 || q[0] != 0x12) {
			continue;
		}
		/* Package: its length in 1 to 4 bytes, then a count. */
		q += 1 + 1 + (q[1] >> 6) + 1;
		*type_a = acpi_aml_small(&q, end);
		*type_b = acpi_aml_small(&q, end);
		return *type_a >= 0 && *type_b >= 0;
	}
	return false;
}

static void
acpi_enable(uint16_t control)
{
	uint16_t smi = (uint16_t)acpi_fadt_word(ACPI_FADT_SMI_CMD);
	uint8_t enable = (uint8_t)acpi_fadt_word(ACPI_FADT_ACPI_ENABLE);

	if (smi == 0 || (io_inw(control) & ACPI_PM1_SCI_ENABLE) != 0) {
		return;
	}
	io_outb(smi, enable);
	for (unsigned i = 0; i < 1000000 &&
	    (io_inw(control) & ACPI_PM1_SCI_ENABLE) == 0; i++) {
		cpu_pause();
	}
}

static void
acpi_sleep(uint16_t control, int type)
{
	if (control != 0) {
		io_outw(control, (uint16_t)((type << ACPI_PM1_SLEEP_SHIFT) |
		    ACPI_PM1_SLEEP_ENABLE));
	}
}

void
acpi_power_off(void)
{
	uint16_t a = (uint16_t)acpi_fadt_word(ACPI_FADT_PM1A_CONTROL);
	uint16_t b = (uint16_t)acpi_fadt_word(ACPI_FADT_PM1B_CONTROL);
	int type_a;
	int type_b;

	if (a == 0 || !acpi_find_s5(&type_a, &type_b)) {
		return;
	}
	acpi_enable(a);
	acpi_sleep(a, type_a);
	acpi_sleep(b, type_b);
}

void
acpi_reset(void)
{
	if ((acpi_fadt_word(ACPI_FADT_FLAGS) & ACPI_FADT_RESET_FLAG) == 0 ||
	    (uint8_t)acpi_fadt_word(ACPI_FADT_RESET_SPACE) != ACPI_SPACE_IO) {
		return;
	}
	io_outb((uint16_t)acpi_fadt_word(ACPI_FADT_RESET_ADDRESS),
	    (uint8_t)acpi_fadt_word(ACPI_FADT_RESET_VALUE));
}
