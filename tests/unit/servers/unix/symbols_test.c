/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Symbols of programs for the kernel's debugger: what it makes of what it is
 * told, and files that lie, are damaged, or end too early.
 */
#include "unix_pretend.h"

#include <elf.h>
#include <kernel/kdb/kdb_elf.h>
#include <kernel/kdb/kdb_table.h>
#include <servers/unix/unix_symbols.h>
#include <stdlib.h>
#include <string.h>
#include <tests/lib/server_test.h>

enum { NONE, TEXT, DATA, BSS, TLS, COMMENT, SYMTAB, STRTAB, DYNSYM, DYNSTR,
	SHSTRTAB, RULES, SECTIONS };

#define NAMES	128u

/* A program's file. */
struct program {
	Elf32_Ehdr	ehdr;
	Elf32_Shdr	sections[SECTIONS];
	Elf32_Sym	symbols[12];
	Elf32_Sym	dynamic[3];
	char		names[NAMES];
	char		dynamic_names[NAMES];
	char		section_names[32];
	char		rules[300];
};

/* How it is read: by some bytes at once, up to where it ends. */
struct reading {
	const char	*bytes;
	uint32_t	size;
	uint32_t	step;
	void		(*meanwhile)(void);
};

static uint32_t rules_read;		/* bytes of a program's rules */

static int32_t
reading_read(struct file *f, struct uthread *t, char *buf, uint32_t n,
    int64_t *offset)
{
	struct reading *r = f->object;

	if (r->meanwhile != NULL && n > sizeof(struct program)) {
		r->meanwhile();
	}
	if (*offset >= (int64_t)r->size) {
		return 0;
	}
	n = n < r->step ? n : r->step;
	n = n < r->size - *offset ? n : (uint32_t)(r->size - *offset);
	memcpy(buf, r->bytes + *offset, n);
	if (*offset >= (int64_t)offsetof(struct program, rules)) {
		rules_read += n;
	}
	*offset += n;
	return (int32_t)n;
}

static uint64_t stat_size;		/* what a file says of its size */

static int32_t
reading_stat(struct file *f, struct file_stat *st)
{
	memset(st, 0, sizeof(*st));
	st->size = stat_size;
	return 0;
}

static const struct file_ops reading_ops = {
	.read = reading_read, .stat = reading_stat,
};

/* NAME becomes the name of S, after those in NAMES. */
static void
name(Elf32_Sym *s, char *names, const char *text)
{
	uint32_t at = 1;

	while (names[at] != '\0') {
		at += (uint32_t)strlen(names + at) + 1;
	}
	strcpy(names + at, text);
	s->st_name = at;
}

static void
add(struct program *p, unsigned i, const char *text, uint32_t value,
    unsigned type, uint16_t section)
{
	p->symbols[i] = (Elf32_Sym){ .st_value = value, .st_size = 4,
		.st_info = (unsigned char)ELF32_ST_INFO(STB_GLOBAL, type),
		.st_shndx = section };
	name(&p->symbols[i], p->names, text);
}

static void
section(struct program *p, unsigned i, uint32_t type, uint32_t flags,
    const void *at, uint32_t size)
{
	p->sections[i] = (Elf32_Shdr){ .sh_type = type, .sh_flags = flags,
		.sh_offset = at == NULL ? 0 :
		    (uint32_t)((const char *)at - (const char *)p),
		.sh_size = size };
}

static void
program_make(struct program *p)
{
	memset(p, 0, sizeof(*p));
	memcpy(p->ehdr.e_ident, ELFMAG "\1\1\1", 7);
	p->ehdr.e_machine = EM_386;
	p->ehdr.e_shoff = offsetof(struct program, sections);
	p->ehdr.e_shentsize = sizeof(Elf32_Shdr);
	p->ehdr.e_shnum = SECTIONS;
	section(p, TEXT, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, NULL, 0);
	section(p, DATA, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, NULL, 0);
	section(p, BSS, SHT_NOBITS, SHF_ALLOC | SHF_WRITE, NULL, 0);
	section(p, TLS, SHT_PROGBITS, SHF_ALLOC | SHF_TLS, NULL, 0);
	section(p, COMMENT, SHT_PROGBITS, 0, NULL, 0);
	section(p, SYMTAB, SHT_SYMTAB, 0, p->symbols, sizeof(p->symbols));
	section(p, STRTAB, SHT_STRTAB, 0, p->names, sizeof(p->names));
	section(p, DYNSYM, SHT_DYNSYM, SHF_ALLOC, p->dynamic,
	    sizeof(p->dynamic));
	section(p, DYNSTR, SHT_STRTAB, SHF_ALLOC, p->dynamic_names,
	    sizeof(p->dynamic_names));
	section(p, SHSTRTAB, SHT_STRTAB, 0, p->section_names,
	    sizeof(p->section_names));
	section(p, RULES, SHT_PROGBITS, SHF_ALLOC, p->rules,
	    sizeof(p->rules));
	strcpy(p->section_names + 20, ".eh_frame");
	p->sections[RULES].sh_name = 20;
	p->ehdr.e_shstrndx = SHSTRTAB;
	p->sections[SYMTAB].sh_entsize = sizeof(Elf32_Sym);
	p->sections[SYMTAB].sh_link = STRTAB;
	p->sections[DYNSYM].sh_entsize = sizeof(Elf32_Sym);
	p->sections[DYNSYM].sh_link = DYNSTR;
	add(p, 1, "main", 0x1000, STT_FUNC, TEXT);
	add(p, 2, "label", 0x1100, STT_NOTYPE, TEXT);
	add(p, 3, "data", 0x2000, STT_OBJECT, DATA);
	add(p, 4, "bss", 0x3000, STT_OBJECT, BSS);
	add(p, 5, "per_thread", 0x10, STT_OBJECT, TLS);
	add(p, 6, "elsewhere", 0, STT_FUNC, SHN_UNDEF);
	add(p, 7, "absolute", 0x10, STT_OBJECT, SHN_ABS);
	add(p, 8, "comment", 0x10, STT_OBJECT, COMMENT);
	add(p, 9, "file.c", 0x10, STT_FILE, TEXT);
	add(p, 10, "no_section", 0x10, STT_FUNC, SECTIONS);
	add(p, 11, "last", 0x1200, STT_FUNC, TEXT);
	p->dynamic[1] = (Elf32_Sym){ .st_value = 0x1000, .st_size = 4,
		.st_info = ELF32_ST_INFO(STB_GLOBAL, STT_FUNC),
		.st_shndx = TEXT };
	name(&p->dynamic[1], p->dynamic_names, "exported");
}

static void
tell_parts(const struct reading *readings, const uint32_t *bases,
    unsigned count)
{
	struct symbols_program programs[3];
	struct file files[3];
	struct reading copies[3];

	for (unsigned i = 0; i < count; i++) {
		memset(&files[i], 0, sizeof(files[i]));
		copies[i] = readings[i];
		files[i].ops = &reading_ops;
		files[i].object = &copies[i];
		programs[i] = (struct symbols_program){ &files[i], bases[i] };
	}
	symbols_tell(5, "program", programs, count);
}

/* P, of which there are SIZE bytes, was mapped at BASE. */
static void
tell(const struct program *p, uint32_t size, uint32_t base)
{
	struct reading r = { (const char *)p, size, 100, NULL };

	tell_parts(&r, &base, 1);
}

static bool
told_read(void *arg, uint32_t offset, void *to, uint32_t n)
{
	if (offset > pretend_symbols.size ||
	    n > pretend_symbols.size - offset) {
		return false;
	}
	memcpy(to, pretend_symbols.data + offset, n);
	return true;
}

/* The debugger's table of what it was told; false: it does not take it. */
static bool
table(struct kdb_symtab *t, char **memoryp)
{
	struct kdb_elf elf = { .read = told_read };
	uint32_t size = pretend_symbols.data == NULL ? 0 :
	    kdb_elf_size(&elf, SYMBOLS_MAX);

	*memoryp = malloc(size);
	return size != 0 && kdb_elf_table(&elf, *memoryp, size) &&
	    kdb_table_open(t, *memoryp, size, 0);
}

/* NAME's kind and value there, 0 and 0 if it has no such symbol. */
static bool
has(const char *text, char kind, uint32_t value)
{
	struct kdb_symbol symbol = { .kind = 0, .value = 0 };
	struct kdb_symtab t;
	char *memory;

	if (table(&t, &memory)) {
		kdb_table_symbol_find(&t, text, &symbol);
	}
	free(memory);
	return symbol.kind == kind && symbol.value == value;
}

static struct program *
begin(void)
{
	static struct program p;

	pretend_setup();
	symbols_wanted = true;
	free(pretend_symbols.data);
	memset(&pretend_symbols, 0, sizeof(pretend_symbols));
	program_make(&p);
	return &p;
}

TEST(symbols_are_where_the_program_is)
{
	struct program *p = begin();

	tell(p, sizeof(*p), 0x400000);
	CHECK_EQ(pretend_symbols.calls, 1);
	CHECK_EQ(pretend_symbols.task, 5);
	CHECK(has("main", 'T', 0x401000));
	CHECK(has("label", 'T', 0x401100));
	CHECK(has("data", 'D', 0x402000));
	CHECK(has("bss", 'B', 0x403000));
	CHECK(has("last", 'T', 0x401200));
	CHECK(has("per_thread", 0, 0));
	CHECK(has("elsewhere", 0, 0));
	CHECK(has("absolute", 0, 0));
	CHECK(has("comment", 0, 0));
	CHECK(has("file.c", 0, 0));
	CHECK(has("no_section", 0, 0));
	CHECK(has("exported", 0, 0));
	tell(p, sizeof(*p), 0);
	CHECK(has("main", 'T', 0x1000));
}

TEST(rules_are_read_so_that_they_are_in_memory)
{
	struct program *p = begin();

	rules_read = 0;
	tell(p, sizeof(*p), 0);
	CHECK_EQ(rules_read, sizeof(p->rules));
	CHECK(has("main", 'T', 0x1000));
	/* Those of which not all is there. */
	tell(p, sizeof(*p) - 1, 0);
	CHECK(has("main", 'T', 0x1000));
	/* Names that are not, or lie. */
	rules_read = 0;
	p->sections[RULES].sh_name = 23;
	tell(p, sizeof(*p), 0);
	p->sections[RULES].sh_name = UINT32_MAX;
	tell(p, sizeof(*p), 0);
	p->sections[RULES].sh_name = 20;
	p->ehdr.e_shstrndx = SECTIONS;
	tell(p, sizeof(*p), 0);
	CHECK_EQ(rules_read, 0);
	CHECK(has("main", 'T', 0x1000));
}

TEST(a_stripped_program_has_those_for_linking)
{
	struct program *p = begin();

	p->sections[SYMTAB].sh_type = SHT_NULL;
	tell(p, sizeof(*p), 0x400000);
	CHECK(has("exported", 'T', 0x401000));
	CHECK(has("main", 0, 0));
}

TEST(a_program_and_its_interpreter)
{
	struct program *p = begin();
	static struct program interpreter;
	uint32_t bases[] = { 0x400000, 0x40000000 };
	struct reading r[] = {
		{ (char *)p, sizeof(*p), 4096, NULL },
		{ (char *)&interpreter, sizeof(interpreter), 4096, NULL },
	};

	program_make(&interpreter);
	add(&interpreter, 1, "resolve", 0x1000, STT_FUNC, TEXT);
	/* Their last names do not end. */
	memset(p->names + NAMES - 3, 'x', 3);
	p->symbols[2].st_name = NAMES - 3;
	tell_parts(r, bases, 2);
	CHECK(has("main", 'T', 0x401000));
	CHECK(has("resolve", 'T', 0x40001000));
	CHECK(has("xxx", 'T', 0x401100));
	/* One is none. */
	p->ehdr.e_machine = EM_X86_64;
	tell_parts(r, bases, 2);
	CHECK(has("main", 0, 0));
	CHECK(has("resolve", 'T', 0x40001000));
	program_make(p);
	r[1].size = sizeof(Elf32_Ehdr) + 10;
	tell_parts(r, bases, 2);
	CHECK(has("main", 'T', 0x401000));
	CHECK(has("resolve", 0, 0));
	/* One ends before its symbols do. */
	r[1].size = offsetof(struct program, symbols[5]);
	tell_parts(r, bases, 2);
	CHECK(has("main", 'T', 0x401000));
	CHECK(has("resolve", 0, 0));
	r[1].size = sizeof(*p);
	r[0].size = offsetof(struct program, names) + 20;
	tell_parts(r, bases, 2);
	CHECK(has("main", 0, 0));
	CHECK(has("resolve", 'T', 0x40001000));
}

TEST(nobody_wants_them)
{
	struct program *p = begin();

	symbols_wanted = false;
	tell(p, sizeof(*p), 0);
	CHECK_EQ(pretend_symbols.calls, 0);
}

TEST(without_symbols_the_old_ones_go)
{
	struct program *p = begin();

	tell(p, sizeof(*p), 0);
	CHECK(pretend_symbols.data != NULL);
	p->sections[SYMTAB].sh_type = SHT_NULL;
	p->sections[DYNSYM].sh_type = SHT_NULL;
	tell(p, sizeof(*p), 0);
	CHECK_EQ(pretend_symbols.calls, 2);
	CHECK(pretend_symbols.data == NULL);
	/* Those that the kernel refuses. */
	program_make(p);
	pretend_symbols.answer = KERN_NO_SPACE;
	tell(p, sizeof(*p), 0);
	CHECK_EQ(pretend_symbols.calls, 4);
	CHECK(pretend_symbols.data == NULL);
	/* None of which is of interest. */
	pretend_symbols.answer = 0;
	for (unsigned i = 0; i < 12; i++) {
		p->symbols[i].st_shndx = SHN_UNDEF;
	}
	tell(p, sizeof(*p), 0);
	CHECK_EQ(pretend_symbols.calls, 5);
	CHECK(pretend_symbols.data == NULL);
}

TEST(files_that_lie)
{
	struct program *p = begin();

#define LIE(change) do { \
	program_make(p); \
	p->sections[DYNSYM].sh_type = SHT_NULL; \
	tell(p, sizeof(*p), 0); \
	CHECK(has("main", 'T', 0x1000)); \
	change; \
	tell(p, sizeof(*p), 0); \
	CHECK(pretend_symbols.data == NULL); \
} while (0)
	LIE(p->ehdr.e_ident[0] = 'x');
	LIE(p->ehdr.e_ident[EI_CLASS] = ELFCLASS64);
	LIE(p->ehdr.e_ident[EI_DATA] = ELFDATA2MSB);
	LIE(p->ehdr.e_machine = EM_X86_64);
	LIE(p->ehdr.e_shentsize = 64);
	LIE(p->ehdr.e_shnum = 0);
	LIE(p->ehdr.e_shnum = 0xffff);
	LIE(p->ehdr.e_shoff = 0);
	LIE(p->ehdr.e_shoff = 0xfffffff0);
	LIE(p->sections[SYMTAB].sh_link = SECTIONS);
	LIE(p->sections[SYMTAB].sh_link = 0xffffffff);
	LIE(p->sections[SYMTAB].sh_link = TEXT);
	LIE(p->sections[SYMTAB].sh_entsize = 15);
	LIE(p->sections[SYMTAB].sh_entsize = 0);
	LIE(p->sections[SYMTAB].sh_size = 0);
	LIE(p->sections[SYMTAB].sh_size = 15);
	LIE(p->sections[SYMTAB].sh_size = 0x10000);
	LIE(p->sections[SYMTAB].sh_size = 0xffffffff);
	LIE(p->sections[SYMTAB].sh_size = 0xfffffff0);
	LIE(p->sections[SYMTAB].sh_offset = 0xfffffff0);
	LIE(p->sections[SYMTAB].sh_offset = sizeof(*p) - 10);
	LIE(p->sections[STRTAB].sh_size = 0);
	LIE(p->sections[STRTAB].sh_size = 1);
	LIE(p->sections[STRTAB].sh_size = 0x10000);
	LIE(p->sections[STRTAB].sh_size = 0xffffffff);
	LIE(p->sections[STRTAB].sh_offset = 0xfffffff0);
	/* A size that is no multiple; names that are behind all names. */
	program_make(p);
	p->sections[SYMTAB].sh_size -= 7;
	p->symbols[2].st_name = NAMES;
	p->symbols[3].st_name = 0xffffffff;
	tell(p, sizeof(*p), 0);
	CHECK(has("main", 'T', 0x1000));
	CHECK(has("bss", 'B', 0x3000));
	CHECK(has("label", 0, 0));
	CHECK(has("last", 0, 0));
}

TEST(files_that_end_too_early)
{
	struct program *p = begin();

	p->sections[DYNSYM].sh_type = SHT_NULL;
	for (uint32_t size = 0; size < offsetof(struct program, names) + NAMES;
	     size++) {
		tell(p, size, 0);
		REQUIRE(pretend_symbols.data == NULL);
	}
	tell(p, offsetof(struct program, names) + NAMES, 0);
	CHECK(pretend_symbols.data != NULL);
}

/* A program with names of so many bytes. */
static char *
large_make(uint32_t names, uint32_t *sizep)
{
	char *large = calloc(1, sizeof(struct program) + names);
	struct program *p = (struct program *)(void *)large;

	program_make(p);
	p->sections[STRTAB].sh_size = NAMES + names;
	/* They overlap with what comes behind, which does no harm. */
	*sizep = sizeof(*p) + names;
	return large;
}

static struct reading large_reading;
static unsigned large_depth;
static unsigned large_calls;

/* While one is read others are, too. */
static void
large_meanwhile(void)
{
	uint32_t base = 0;

	if (large_depth < 4) {
		large_depth++;
		tell_parts(&large_reading, &base, 1);
		large_calls += pretend_symbols.data != NULL;
	}
}

TEST(there_is_a_limit)
{
	struct program *p = begin();
	uint32_t bases[] = { 0x400000, 0x40000000 };
	struct reading r[2];
	char *large;

	large = large_make(SYMBOLS_MAX, &r[0].size);
	r[0] = (struct reading){ large, r[0].size, SYMBOLS_MAX, NULL };
	/* Those for linking are fewer. */
	tell_parts(r, bases, 1);
	CHECK(has("main", 0, 0));
	CHECK(has("exported", 'T', 0x401000));
	((struct program *)(void *)large)->sections[DYNSYM].sh_size = 0;
	tell_parts(r, bases, 1);
	CHECK(pretend_symbols.data == NULL);
	free(large);
	/* One fits, two do not: the first one is taken. */
	large = large_make(SYMBOLS_MAX / 2, &r[0].size);
	r[0] = (struct reading){ large, r[0].size, SYMBOLS_MAX, NULL };
	r[1] = r[0];
	tell_parts(r, bases, 2);
	CHECK(has("main", 'T', 0x401000));
	CHECK(pretend_symbols.size < SYMBOLS_MAX);
	tell_parts(r + 1, bases + 1, 1);
	CHECK(has("main", 'T', 0x40001000));
	free(large);
	/* Three at once are too many, but for a while only. */
	large = large_make(SYMBOLS_MAX * 2 / 3, &large_reading.size);
	large_reading = (struct reading){ large, large_reading.size,
		SYMBOLS_MAX, large_meanwhile };
	large_depth = 0;
	large_calls = 0;
	tell_parts(&large_reading, bases, 1);
	CHECK_EQ(large_depth, 2);
	CHECK_EQ(large_calls, 1);
	CHECK(has("main", 'T', 0x401000));
	free(large);
	tell(p, sizeof(*p), 0);
	CHECK(has("main", 'T', 0x1000));
}

TEST(random_damage)
{
	struct program *p = begin();
	unsigned taken = 0;

	for (unsigned round = 0; round < 20000; round++) {
		uint8_t *bytes = (void *)p;
		struct kdb_symtab t;
		char *memory;

		program_make(p);
		for (uint32_t n = 1 + test_random(6); n > 0; n--) {
			bytes[test_random(sizeof(*p))] =
			    (uint8_t)test_random(256);
		}
		tell(p, test_random(8) == 0 ? test_random(sizeof(*p)) :
		    sizeof(*p), test_random(2) * 0x400000);
		if (pretend_symbols.data != NULL) {
			/* What is told has symbols that the kernel takes. */
			taken += table(&t, &memory);
			free(memory);
		}
	}
	CHECK(taken > 10000);
}

/* Tables, as they are; false: they were not taken. */
static bool
tell_tables(uint64_t size, uint32_t there)
{
	struct reading r = { NULL, there, 100, NULL };
	struct file file = { .ops = &reading_ops, .object = &r };
	char *bytes = malloc(there + 1);
	bool told;

	(void)begin();
	memset(bytes, 'x', there + 1);
	r.bytes = bytes;
	stat_size = size;
	told = symbols_tell_tables(5, "program", &file);
	free(bytes);
	return told;
}

TEST(tables_are_handed_over_as_they_are)
{
	CHECK(tell_tables(1000, 1000));
	CHECK_EQ(pretend_symbols.calls, 1);
	CHECK_EQ(pretend_symbols.task, 5);
	CHECK_EQ(pretend_symbols.size, 1000);
	CHECK(memchr(pretend_symbols.data, 'x', 1000) != NULL);
	/* None, too many, and fewer than the file says. */
	CHECK(!tell_tables(0, 0));
	CHECK(!tell_tables(SYMBOLS_MAX + 1, 100));
	CHECK(!tell_tables(1ull << 32, 100));
	CHECK(!tell_tables(1000, 999));
	CHECK_EQ(pretend_symbols.calls, 0);
	CHECK(tell_tables(SYMBOLS_MAX, SYMBOLS_MAX));
}
