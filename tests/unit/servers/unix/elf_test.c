/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Program files, good and bad, scripts, and the first stack.
 */
#include <servers/unix/emul_layout.h>
#include <servers/unix/linux.h>
#include <servers/unix/unix_elf.h>
#include <stdlib.h>
#include <string.h>
#include <tests/lib/server_test.h>

struct elf_file {
	uint8_t		ident[16];
	uint16_t	type, machine;
	uint32_t	version, entry, phoff, shoff, flags;
	uint16_t	ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
	struct {
		uint32_t	type, offset, vaddr, paddr, filesz, memsz,
				flags, align;
	} ph[3];
};

static struct elf_file
good(void)
{
	struct elf_file f;

	memset(&f, 0, sizeof(f));
	memcpy(f.ident, "\177ELF\1\1\1", 7);
	f.type = 2;
	f.machine = 3;
	f.entry = 0x8048100;
	f.phoff = 52;
	f.phentsize = 32;
	f.phnum = 2;
	f.ph[0].type = 1;
	f.ph[0].vaddr = 0x8048000;
	f.ph[0].filesz = 0x1000;
	f.ph[0].memsz = 0x1000;
	f.ph[0].flags = 5;
	f.ph[1].type = 1;
	f.ph[1].offset = 0x1010;
	f.ph[1].vaddr = 0x804a010;
	f.ph[1].filesz = 0x100;
	f.ph[1].memsz = 0x3000;
	f.ph[1].flags = 6;
	return f;
}

static int32_t
parse(const struct elf_file *f, struct elf_image *image)
{
	return elf_parse(f, sizeof(*f), 0x2000, image);
}

TEST(good_program)
{
	struct elf_file f = good();
	struct elf_image image;

	CHECK_EQ(parse(&f, &image), 0);
	CHECK_EQ(image.count, 2);
	CHECK_EQ(image.low, 0x8048000);
	CHECK_EQ(image.high, 0x804e000);
	CHECK_EQ(image.phdr, 0x8048034);
	CHECK(!image.relocatable);
}

TEST(bad_programs)
{
	struct elf_image image;
	struct elf_file f;

#define BAD(change) do { \
	f = good(); \
	change; \
	CHECK(parse(&f, &image) != 0); \
} while (0)
	BAD(f.ident[0] = 'x');
	BAD(f.ident[4] = 2);
	BAD(f.type = 1);
	BAD(f.machine = 62);
	BAD(f.phnum = 0);
	BAD(f.phnum = 0xffff);
	BAD(f.phoff = 0xffffff00);
	BAD(f.phentsize = 20);
	BAD(f.ph[0].filesz = 0x3000);
	BAD(f.ph[1].offset = 0xfffff010);
	BAD(f.ph[1].vaddr = 0x804a011);
	BAD(f.ph[1].vaddr = 0x8047010);
	BAD(f.ph[1].memsz = 0xf0000000);
	BAD(f.ph[1].memsz = 0xb7000000);
	BAD(f.ph[0].vaddr = 0);
	BAD(f.ph[0].type = 0; f.ph[1].type = 0);
	CHECK(elf_parse("", 0, 0, &image) != 0);
	f = good();
	CHECK(elf_parse(&f, 60, 0x2000, &image) != 0);
}

TEST(random_damage)
{
	struct elf_image image;

	for (int i = 0; i < 200000; i++) {
		struct elf_file f = good();
		uint8_t *bytes = (void *)&f;
		uint32_t n = 1 + test_random(4);

		while (n-- > 0) {
			bytes[test_random(sizeof(f))] =
			    (uint8_t)test_random(256);
		}
		if (parse(&f, &image) != 0) {
			continue;
		}
		REQUIRE(image.count <= ELF_SEGMENT_MAX);
		for (unsigned k = 0; k < image.count; k++) {
			struct elf_segment *s = &image.segments[k];

			REQUIRE(s->file_size <= s->memory_size);
			REQUIRE(s->address + s->memory_size <= UNIX_USER_END);
			REQUIRE((uint64_t)s->offset + s->file_size <= 0x2000);
		}
	}
}

static bool
script(const char *text, const char *interpreter, const char *argument)
{
	char i[ELF_INTERP_MAX];
	char a[ELF_INTERP_MAX];

	if (script_parse(text, (uint32_t)strlen(text), i, a) != 0) {
		return interpreter == NULL;
	}
	return interpreter != NULL && strcmp(i, interpreter) == 0 &&
	    strcmp(a, argument) == 0;
}

TEST(scripts)
{
	char longest[600];
	char i[ELF_INTERP_MAX];
	char a[ELF_INTERP_MAX];

	CHECK(script("#!/bin/sh\necho", "/bin/sh", ""));
	CHECK(script("#! /bin/sh -e x \n", "/bin/sh", "-e x"));
	CHECK(script("#!/bin/sh", "/bin/sh", ""));
	CHECK(script("#!\n/bin/sh", NULL, NULL));
	CHECK(script("#!  \n", NULL, NULL));
	CHECK(script("echo", NULL, NULL));
	CHECK(script("#", NULL, NULL));
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "#!", 2);
	CHECK(script_parse(longest, sizeof(longest), i, a) != 0);
	memcpy(longest, "#!/a ", 5);
	CHECK_EQ(script_parse(longest, sizeof(longest), i, a), 0);
	CHECK_EQ(strlen(a), ELF_INTERP_MAX - 1);
}

/* An address on the new stack, in the test's buffer. */
static void *
at(char *buffer, uint32_t room, uint32_t top, uint32_t address)
{
	return buffer + room - (top - address);
}

TEST(first_stack)
{
	static const char strings[] = "prog\0arg\0A=b";
	struct elf_auxv auxv[] = { { L_AT_PAGESZ, 4096 },
		{ L_AT_RANDOM, 0 }, { L_AT_EXECFN, 0 }, { L_AT_NULL, 0 } };
	uint32_t room = 8192;
	uint32_t top = 0xbefff000;
	char *buffer = calloc(1, room);
	uint32_t sp;
	uint32_t *words;

	sp = elf_stack(buffer, room, top, strings, sizeof(strings), 2, 1,
	    "/bin/prog", "0123456789abcdef", auxv, 4);
	REQUIRE(sp != 0);
	CHECK_EQ(sp & 15, 0);
	words = at(buffer, room, top, sp);
	CHECK_EQ(words[0], 2);
	CHECK(strcmp(at(buffer, room, top, words[1]), "prog") == 0);
	CHECK(strcmp(at(buffer, room, top, words[2]), "arg") == 0);
	CHECK_EQ(words[3], 0);
	CHECK(strcmp(at(buffer, room, top, words[4]), "A=b") == 0);
	CHECK_EQ(words[5], 0);
	CHECK_EQ(words[6], L_AT_PAGESZ);
	CHECK_EQ(words[8], L_AT_RANDOM);
	CHECK(memcmp(at(buffer, room, top, words[9]), "0123", 4) == 0);
	CHECK(strcmp(at(buffer, room, top, words[11]), "/bin/prog") == 0);
	CHECK_EQ(words[12], L_AT_NULL);
	/* Nothing at all is legal too; too much is not. */
	sp = elf_stack(buffer, room, top, "", 0, 0, 0, "/x", "0123456789abcdef",
	    auxv, 4);
	words = at(buffer, room, top, sp);
	CHECK(sp != 0 && words[0] == 0 && words[1] == 0 && words[2] == 0 &&
	    words[3] == L_AT_PAGESZ);
	CHECK_EQ(elf_stack(buffer, 64, top, strings, sizeof(strings), 2, 1,
	    "/bin/prog", "0123456789abcdef", auxv, 4), 0);
	free(buffer);
}
