/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Symbols of functions, variables and the assembler's labels.
 */

#include "tab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gelf.h>

/* Where the kernel's own table lies; what the linker says about it is old. */
#define TAB_OWN_SECTION	".kdbtables"

struct tab_symbol {
	const char	*name;
	uint32_t	value;
	uint32_t	size;
	int		rank;		/* the greater, the better its name */
	unsigned char	kind;
};

struct tab_symbol_list {
	struct tab_symbol	*symbols;
	size_t			count;
	size_t			room;
	size_t			strings;	/* section of the names */
};

/* As nm(1) says it; 0: of no interest. */
static char
tab_symbol_kind(Elf *elf, const GElf_Sym *sym)
{
	bool local = GELF_ST_BIND(sym->st_info) == STB_LOCAL;
	size_t names;
	GElf_Shdr shdr;

	if (sym->st_shndx == SHN_ABS) {
		return 0;
	}
	if (gelf_getshdr(elf_getscn(elf, sym->st_shndx), &shdr) == NULL ||
	    (shdr.sh_flags & (SHF_ALLOC | SHF_TLS)) != SHF_ALLOC ||
	    elf_getshdrstrndx(elf, &names) != 0 ||
	    strcmp(elf_strptr(elf, names, shdr.sh_name),
	    TAB_OWN_SECTION) == 0) {
		return 0;
	}
	if ((shdr.sh_flags & SHF_EXECINSTR) != 0) {
		return local ? 't' : 'T';
	}
	if (shdr.sh_type == SHT_NOBITS) {
		return local ? 'b' : 'B';
	}
	return local ? 'd' : 'D';
}

static int
tab_symbol_rank(const GElf_Sym *sym, bool piece)
{
	int rank = GELF_ST_TYPE(sym->st_info) != STT_NOTYPE ? 4 : 0;

	rank += GELF_ST_BIND(sym->st_info) == STB_GLOBAL ? 2 : 0;
	return rank + (piece ? 0 : 1);
}

/* Is NAME one of the assembler's labels within a function? */
static bool
tab_symbol_inner(const GElf_Sym *sym, const char *name)
{
	return GELF_ST_TYPE(sym->st_info) == STT_NOTYPE &&
	    (strchr(name, '.') != NULL || name[0] == '$');
}

static void
tab_symbol_take(struct tab_symbol_list *list, Elf *elf, const GElf_Sym *sym)
{
	const char *name = elf_strptr(elf, list->strings, sym->st_name);
	unsigned type = GELF_ST_TYPE(sym->st_info);
	struct tab_symbol *symbol;
	const char *dot;
	char kind;

	if (name == NULL || name[0] == '\0' || sym->st_shndx == SHN_UNDEF ||
	    (type != STT_NOTYPE && type != STT_OBJECT && type != STT_FUNC) ||
	    tab_symbol_inner(sym, name)) {
		return;
	}
	kind = tab_symbol_kind(elf, sym);
	if (kind == 0) {
		return;
	}
	if (list->count == list->room) {
		list->room = 2 * list->room + 1024;
		list->symbols = tab_alloc(list->symbols,
		    list->room * sizeof(*list->symbols));
	}
	symbol = &list->symbols[list->count++];
	/* Behind the first dot the compiler says how it made it. */
	dot = name[0] != '.' ? strchr(name, '.') : NULL;
	symbol->name = name;
	if (dot != NULL) {
		symbol->name = strndup(name, (size_t)(dot - name));
	}
	symbol->value = (uint32_t)sym->st_value;
	symbol->size = (uint32_t)sym->st_size;
	symbol->rank = tab_symbol_rank(sym, dot != NULL);
	symbol->kind = (unsigned char)kind;
	/* Static variables of functions have numbers, and are no pieces. */
	if (dot != NULL && type == STT_FUNC) {
		symbol->kind |= KDB_TABLE_SYMBOL_PIECE;
	}
}

/* By value; of the same, the best one last, which is the one found. */
static int
tab_symbol_compare(const void *a, const void *b)
{
	const struct tab_symbol *x = a;
	const struct tab_symbol *y = b;

	if (x->value != y->value) {
		return x->value < y->value ? -1 : 1;
	}
	if (x->rank != y->rank) {
		return x->rank - y->rank;
	}
	return strcmp(x->name, y->name);
}

static void
tab_symbols_read(struct tab_symbol_list *list, Elf *elf, Elf_Scn *section)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Shdr shdr;
	GElf_Sym sym;

	gelf_getshdr(section, &shdr);
	list->strings = shdr.sh_link;
	for (int i = 1; gelf_getsym(data, i, &sym) != NULL; i++) {
		tab_symbol_take(list, elf, &sym);
	}
}

void
tab_symbols(struct tab *tab)
{
	struct tab_buffer *out = &tab->parts[KDB_TABLE_SYMBOLS];
	struct tab_symbol_list list = { .symbols = NULL };
	Elf_Scn *section = NULL;
	GElf_Shdr shdr;

	while ((section = elf_nextscn(tab->elf, section)) != NULL) {
		if (gelf_getshdr(section, &shdr) != NULL &&
		    shdr.sh_type == SHT_SYMTAB) {
			tab_symbols_read(&list, tab->elf, section);
		}
	}
	if (list.count > 0) {
		qsort(list.symbols, list.count, sizeof(*list.symbols),
		    tab_symbol_compare);
	}
	for (size_t i = 0; i < list.count; i++) {
		struct tab_symbol *s = &list.symbols[i];
		uint32_t name = tab_pool_add(&tab->names, s->name);

		tab_put_word(out, s->value);
		tab_put_word(out, s->size);
		tab_put_word(out, name | (uint32_t)s->kind << 24);
		if (s->size > 0 && (s->kind & 0x5f) == 'T') {
			tab_range_add(tab, s->value, s->value + s->size,
			    UINT32_MAX);
		}
	}
	if (tab->names.text.size >= 1u << 24) {
		fprintf(stderr, "tables: too many names\n");
		exit(1);
	}
}
