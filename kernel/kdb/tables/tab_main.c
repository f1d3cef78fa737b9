/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * tables ELF OUT: make the debugger's tables of the program ELF.  With -v it
 * says how large their parts are.  A file without DWARF gives symbols only.
 */

#include "tab.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <dwarf.h>

/* What may be given back begins with a page. */
#define TAB_PAGE	4096u

static const char *const tab_part_names[KDB_TABLE_PARTS] = {
	"symbols", "names", "strings", "files", "line index", "lines",
	"functions", "scopes", "expr index", "expressions", "named index",
	"named", "type index", "types", "rules", "frame index",
	"frames",
};

uint32_t
tab_number(Dwarf_Die *die, unsigned name, uint32_t otherwise)
{
	Dwarf_Attribute attr;
	Dwarf_Word word;
	Dwarf_Sword sword;

	if (dwarf_attr_integrate(die, name, &attr) == NULL) {
		return otherwise;
	}
	/* Fixed sizes are for what has no sign. */
	if (dwarf_whatform(&attr) == DW_FORM_sdata ||
	    dwarf_whatform(&attr) == DW_FORM_implicit_const) {
		return dwarf_formsdata(&attr, &sword) == 0 ? (uint32_t)sword
							   : otherwise;
	}
	return dwarf_formudata(&attr, &word) == 0 ? (uint32_t)word : otherwise;
}

const char *
tab_name(Dwarf_Die *die)
{
	Dwarf_Attribute attr;

	return dwarf_formstring(dwarf_attr_integrate(die, DW_AT_name, &attr));
}

void
tab_range_add(struct tab *tab, uint32_t low, uint32_t high, uint32_t scope)
{
	if (low >= high) {
		return;
	}
	if (tab->range_count == tab->range_room) {
		tab->range_room += 4096;
		tab->ranges = tab_alloc(tab->ranges,
		    tab->range_room * sizeof(*tab->ranges));
	}
	tab->ranges[tab->range_count].low = low;
	tab->ranges[tab->range_count].high = high;
	tab->ranges[tab->range_count].scope = scope;
	tab->range_count++;
}

static int
tab_range_compare(const void *a, const void *b)
{
	const struct tab_range *x = a;
	const struct tab_range *y = b;

	if (x->low != y->low) {
		return x->low < y->low ? -1 : 1;
	}
	return (x->scope > y->scope) - (x->scope < y->scope);
}

/* Call FN for each unit of the program. */
static void
tab_units(struct tab *tab, void (*fn)(struct tab_unit *unit))
{
	Dwarf_CU *cu = NULL;
	struct tab_unit unit = { .tab = tab };
	Dwarf_Attribute attr;

	while (dwarf_get_units(tab->dwarf, cu, &cu, NULL, NULL, &unit.die,
	    NULL) == 0) {
		unit.directory = dwarf_formstring(dwarf_attr(&unit.die,
		    DW_AT_comp_dir, &attr));
		if (unit.directory == NULL) {
			unit.directory = "";
		}
		unit.source_count = 0;
		if (dwarf_getsrcfiles(&unit.die, &unit.sources,
		    &unit.source_count) != 0) {
			unit.source_count = 0;
		}
		unit.files = calloc(unit.source_count + 1,
		    sizeof(*unit.files));
		fn(&unit);
		free(unit.files);
	}
}

static void
tab_make(struct tab *tab)
{
	tab_symbols(tab);
	tab_pool_add(&tab->strings, NULL);
	if (tab->dwarf != NULL) {
		tab_units(tab, tab_types_note);
		tab_units(tab, tab_scopes);
		tab_scopes_again(tab);
		tab_units(tab, tab_scopes);
		tab_units(tab, tab_lines_unit);
		tab_lines(tab);
	}
	if (tab->range_count > 0) {
		qsort(tab->ranges, tab->range_count, sizeof(*tab->ranges),
		    tab_range_compare);
	}
	tab_functions(tab);
	tab_frames(tab);
	tab->parts[KDB_TABLE_NAMES] = tab->names.text;
	tab->parts[KDB_TABLE_STRINGS] = tab->strings.text;
}

static void
tab_write(struct tab *tab, FILE *file)
{
	struct tab_buffer body = { .data = NULL };
	struct tab_buffer head = { .data = NULL };
	uint32_t start = sizeof(struct kdb_table_header);
	uint32_t offsets[KDB_TABLE_PARTS];
	uint32_t resident = 0;

	for (unsigned i = 0; i < KDB_TABLE_PARTS; i++) {
		tab_align(&body, 4);
		if (i == KDB_TABLE_NAMES + 1) {
			resident = start + (uint32_t)body.size;
			while ((start + body.size) % TAB_PAGE != 0) {
				tab_put_byte(&body, 0);
			}
		}
		offsets[i] = start + (uint32_t)body.size;
		tab_put_buffer(&body, &tab->parts[i]);
	}
	tab_align(&body, 4);
	tab_put_word(&head, KDB_TABLE_MAGIC);
	tab_put_word(&head, KDB_TABLE_VERSION);
	tab_put_word(&head, start + (uint32_t)body.size);
	tab_put_word(&head, resident);
	for (unsigned i = 0; i < KDB_TABLE_PARTS; i++) {
		tab_put_word(&head, offsets[i]);
		tab_put_word(&head, (uint32_t)tab->parts[i].size);
	}
	fwrite(head.data, 1, head.size, file);
	fwrite(body.data, 1, body.size, file);
}

static void
tab_show(const struct tab *tab)
{
	for (unsigned i = 0; i < KDB_TABLE_PARTS; i++) {
		printf("%-12s %8zu\n", tab_part_names[i], tab->parts[i].size);
	}
}

int
main(int argc, char **argv)
{
	bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	struct tab tab = { .elf = NULL };
	FILE *file;
	int fd;

	argv += verbose;
	argc -= verbose;
	if (argc != 3) {
		fprintf(stderr, "tables [-v] ELF OUT\n");
		return 2;
	}
	elf_version(EV_CURRENT);
	fd = open(argv[1], O_RDONLY);
	tab.elf = fd >= 0 ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
	if (tab.elf == NULL || elf_kind(tab.elf) != ELF_K_ELF) {
		fprintf(stderr, "tables: no ELF file: %s\n", argv[1]);
		return 1;
	}
	tab.dwarf = dwarf_begin_elf(tab.elf, DWARF_C_READ, NULL);
	tab_make(&tab);
	file = fopen(argv[2], "wb");
	if (file == NULL) {
		perror(argv[2]);
		return 1;
	}
	tab_write(&tab, file);
	if (fclose(file) != 0) {
		perror(argv[2]);
		return 1;
	}
	if (verbose) {
		tab_show(&tab);
	}
	return 0;
}
