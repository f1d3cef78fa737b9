/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Physical memory and boot information.
 *
 * biosmem_setup() copies the command line, the modules and the memory map
 * into fixed arrays; afterwards nothing of the loader's own memory is needed.
 * Memory in use is a list of reserved ranges; boot_memory_each() subtracts
 * them from the usable ones of the map.
 */

#include "biosmem.h"

#include <string.h>

#include <kernel/panic.h>

#include <i386/image.h>
#include <i386/symtab.h>

#define MULTIBOOT_MAGIC		0x2badb002u

/* Which parts of the information are valid. */
#define MULTIBOOT_MEMORY	(1u << 0)
#define MULTIBOOT_CMDLINE	(1u << 2)
#define MULTIBOOT_MODULES	(1u << 3)
#define MULTIBOOT_MMAP		(1u << 6)

#define MULTIBOOT_MMAP_USABLE	1

struct multiboot_info {
	uint32_t	flags;
	uint32_t	mem_lower;	/* KiB from 0 */
	uint32_t	mem_upper;	/* KiB from 1 MiB */
	uint32_t	boot_device;
	uint32_t	cmdline;
	uint32_t	mods_count;
	uint32_t	mods_addr;
	uint32_t	syms[4];
	uint32_t	mmap_length;
	uint32_t	mmap_addr;
};

struct multiboot_module {
	uint32_t	start;
	uint32_t	end;
	uint32_t	string;
	uint32_t	reserved;
};

/* SIZE does not count itself. */
struct multiboot_mmap {
	uint32_t	size;
	uint64_t	base;
	uint64_t	length;
	uint32_t	type;
} __attribute__((packed));

#define BIOSMEM_MODULES		32
#define BIOSMEM_STRINGS		8192
#define BIOSMEM_RANGES		32
#define BIOSMEM_RESERVED	(BIOSMEM_MODULES + 8)

/* Below: interrupt table, BIOS data, start-up code of other CPUs. */
#define BIOSMEM_LOW_END		0x00010000u
#define BIOSMEM_ROM_START	0x0009f000u
#define BIOSMEM_ROM_END		0x00100000u

/* A machine with 32 MiB has so much at least, as firmware takes some. */
#define BIOSMEM_TABLES_MIN	0x01f00000u

/* The last page is never used, so that no range's end wraps to 0. */
#define BIOSMEM_LIMIT		0xfffff000u

struct biosmem_range {
	phys_addr_t	start;
	phys_addr_t	end;
};

/* [I] everything, once biosmem_setup() has run */
static struct boot_module biosmem_modules[BIOSMEM_MODULES];
static unsigned biosmem_module_count;
static uint32_t biosmem_modules_kept;		/* by number */
static bool biosmem_modules_released;
static char biosmem_strings[BIOSMEM_STRINGS];
static size_t biosmem_strings_used;
static const char *biosmem_cmdline = "";
static struct biosmem_range biosmem_ranges[BIOSMEM_RANGES];
static unsigned biosmem_range_count;
static struct biosmem_range biosmem_reserved[BIOSMEM_RESERVED];
static unsigned biosmem_reserved_count;

static phys_addr_t
biosmem_page_down(phys_addr_t pa)
{
	return pa & ~PAGE_HW_MASK;
}

static phys_addr_t
biosmem_page_up(phys_addr_t pa)
{
	if (pa > BIOSMEM_LIMIT) {
		return BIOSMEM_LIMIT;
	}
	return (pa + PAGE_HW_MASK) & ~PAGE_HW_MASK;
}

static const void *
biosmem_virt(phys_addr_t pa)
{
	return (const void *)(pa + KERNEL_DIRECT_BASE);
}

/* Keep a copy of the string at PA, cut when the room ends. */
static const char *
biosmem_string(phys_addr_t pa)
{
	const char *from = biosmem_virt(pa);
	char *copy = &biosmem_strings[biosmem_strings_used];
	size_t room = BIOSMEM_STRINGS - biosmem_strings_used;
	size_t n = 0;

	if (room < 2) {
		return "";
	}
	while (n < room - 1 && from[n] != '\0') {
		copy[n] = from[n];
		n++;
	}
	copy[n] = '\0';
	biosmem_strings_used += n + 1;
	return copy;
}

static void
biosmem_range_add(phys_addr_t start, phys_addr_t end)
{
	unsigned i;

	if (start >= end || biosmem_range_count == BIOSMEM_RANGES) {
		return;
	}
	for (i = biosmem_range_count; i > 0; i--) {
		if (biosmem_ranges[i - 1].start <= start) {
			break;
		}
		biosmem_ranges[i] = biosmem_ranges[i - 1];
	}
	biosmem_ranges[i].start = start;
	biosmem_ranges[i].end = end;
	biosmem_range_count++;
}

static void
biosmem_reserve(phys_addr_t start, phys_addr_t end)
{
	unsigned i;

	start = biosmem_page_down(start);
	end = biosmem_page_up(end);
	if (start >= end) {
		return;
	}
	assert(biosmem_reserved_count < BIOSMEM_RESERVED);
	for (i = biosmem_reserved_count; i > 0; i--) {
		if (biosmem_reserved[i - 1].start <= start) {
			break;
		}
		biosmem_reserved[i] = biosmem_reserved[i - 1];
	}
	biosmem_reserved[i].start = start;
	biosmem_reserved[i].end = end;
	biosmem_reserved_count++;
}

static void
biosmem_setup_map(const struct multiboot_info *info)
{
	const char *p = biosmem_virt(info->mmap_addr);
	const char *end = p + info->mmap_length;

	while (p < end) {
		const struct multiboot_mmap *m = (const void *)p;
		uint64_t last = m->base + m->length;

		p += m->size + sizeof(m->size);
		if (m->type != MULTIBOOT_MMAP_USABLE ||
		    m->base >= BIOSMEM_LIMIT) {
			continue;
		}
		if (last > BIOSMEM_LIMIT) {
			last = BIOSMEM_LIMIT;
		}
		biosmem_range_add(biosmem_page_up((phys_addr_t)m->base),
		    biosmem_page_down((phys_addr_t)last));
	}
}

static void
biosmem_setup_modules(const struct multiboot_info *info)
{
	const struct multiboot_module *m = biosmem_virt(info->mods_addr);
	unsigned n = info->mods_count;

	if (n > BIOSMEM_MODULES) {
		n = BIOSMEM_MODULES;
	}
	for (unsigned i = 0; i < n; i++) {
		struct boot_module *module = &biosmem_modules[i];

		module->start = m[i].start;
		module->end = m[i].end;
		module->args = biosmem_string(m[i].string);
		biosmem_reserve(module->start, module->end);
	}
	biosmem_module_count = n;
}

void
biosmem_setup(uint32_t magic, phys_addr_t addr)
{
	const struct multiboot_info *info = biosmem_virt(addr);

	if (magic != MULTIBOOT_MAGIC) {
		panic("boot: not started by a Multiboot loader");
	}

	biosmem_reserve(0, BIOSMEM_LOW_END);
	biosmem_reserve(BIOSMEM_ROM_START, BIOSMEM_ROM_END);

	if (info->flags & MULTIBOOT_CMDLINE) {
		biosmem_cmdline = biosmem_string(info->cmdline);
	}
	if (info->flags & MULTIBOOT_MODULES) {
		biosmem_setup_modules(info);
	}
	if (info->flags & MULTIBOOT_MMAP) {
		biosmem_setup_map(info);
	} else if (info->flags & MULTIBOOT_MEMORY) {
		biosmem_range_add(0, biosmem_page_down(info->mem_lower << 10));
		biosmem_range_add(BIOSMEM_ROM_END, biosmem_page_down(
		    BIOSMEM_ROM_END + (info->mem_upper << 10)));
	}
	biosmem_reserve((phys_addr_t)kernel_image_start,
	    symtab_setup(boot_tables_kept()));
}

const char *
boot_cmdline(void)
{
	return biosmem_cmdline;
}

bool
boot_option(const char *name, char *buf, size_t size)
{
	const char *p = biosmem_cmdline;
	const char *found = NULL;
	size_t length = strlen(name);
	size_t n = 0;

	while (*p != '\0') {
		if (strncmp(p, name, length) == 0 && (p[length] == '=' ||
		    p[length] == ' ' || p[length] == '\0')) {
			found = p + length;
		}
		while (*p != '\0' && *p != ' ') {
			p++;
		}
		while (*p == ' ') {
			p++;
		}
	}
	if (found == NULL) {
		return false;
	}
	if (*found == '=') {
		found++;
	}
	if (size == 0) {
		return true;
	}
	while (n < size - 1 && found[n] != '\0' && found[n] != ' ') {
		buf[n] = found[n];
		n++;
	}
	buf[n] = '\0';
	return true;
}

bool
boot_tables_kept(void)
{
	char value[4];

	if (boot_option("kdb-tables", value, sizeof(value)) &&
	    strcmp(value, "no") == 0) {
		return false;
	}
	return boot_memory_end() >= BIOSMEM_TABLES_MIN ||
	    boot_option("kdb", NULL, 0);
}

unsigned
boot_module_count(void)
{
	return biosmem_module_count;
}

const struct boot_module *
boot_module(unsigned i)
{
	if (i >= biosmem_module_count) {
		return NULL;
	}
	assert(!biosmem_modules_released);
	return &biosmem_modules[i];
}

/* Call FN for what is left of [START, END) without the reserved ranges. */
static void
biosmem_subtract(phys_addr_t start, phys_addr_t end, boot_range_fn_t fn)
{
	for (unsigned i = 0; i < biosmem_reserved_count; i++) {
		const struct biosmem_range *r = &biosmem_reserved[i];

		if (r->end <= start || r->start >= end) {
			continue;
		}
		if (r->start > start) {
			fn(start, r->start);
		}
		start = r->end;
		if (start >= end) {
			return;
		}
	}
	fn(start, end);
}

void
boot_memory_each(boot_range_fn_t fn)
{
	for (unsigned i = 0; i < biosmem_range_count; i++) {
		biosmem_subtract(biosmem_ranges[i].start,
		    biosmem_ranges[i].end, fn);
	}
}

phys_addr_t
boot_memory_end(void)
{
	phys_addr_t end = 0;

	for (unsigned i = 0; i < biosmem_range_count; i++) {
		if (biosmem_ranges[i].end > end) {
			end = biosmem_ranges[i].end;
		}
	}
	return end;
}

bool
boot_module_keep(const struct boot_module *module)
{
	_Static_assert(BIOSMEM_MODULES <= 32, "a bit for each module");

	if (module->start != biosmem_page_down(module->start)) {
		return false;
	}
	biosmem_modules_kept |= 1u << (module - biosmem_modules);
	return true;
}

/*
 * Modules may share a page with each other or with the kernel: such a page
 * belongs to whatever comes first in the sorted list.
 */
void
boot_modules_release(boot_range_fn_t fn)
{
	phys_addr_t done = BIOSMEM_ROM_END;

	assert(!biosmem_modules_released);
	biosmem_modules_released = true;

	for (unsigned i = 0; i < biosmem_reserved_count; i++) {
		struct biosmem_range r = biosmem_reserved[i];
		bool is_module = false;

		for (unsigned m = 0; m < biosmem_module_count; m++) {
			if (biosmem_page_down(biosmem_modules[m].start) ==
			    r.start) {
				is_module =
				    (biosmem_modules_kept & 1u << m) == 0;
			}
		}
		if (r.start < done) {
			r.start = done;
		}
		if (is_module && i + 1 < biosmem_reserved_count &&
		    r.end > biosmem_reserved[i + 1].start) {
			r.end = biosmem_reserved[i + 1].start;
		}
		if (is_module && r.start < r.end) {
			fn(r.start, r.end);
		}
		if (r.end > done) {
			done = r.end;
		}
	}
}
