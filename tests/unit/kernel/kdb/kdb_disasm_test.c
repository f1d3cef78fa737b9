/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Instructions of each kind that a Pentium 4 has, by hand; tests/disasm compares
 * all there are with objdump.
 */

#include <tests/lib/test.h>

#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_disasm.h>

#define ADDRESS		0x1000u

struct sample {
	const char *bytes;
	const char *text;
};

static const struct sample samples[] = {
	/* Moves. */
	{ "89 d8", "mov    %ebx,%eax" },
	{ "8b 45 0c", "mov    0xc(%ebp),%eax" },
	{ "c7 45 fc 01 00 00 00", "movl   $0x1,-0x4(%ebp)" },
	{ "66 c7 00 01 ff", "movw   $0xff01,(%eax)" },
	{ "c6 00 01", "movb   $0x1,(%eax)" },
	{ "b8 78 56 34 12", "mov    $0x12345678,%eax" },
	{ "a1 00 10 00 c0", "mov    0xc0001000,%eax" },
	{ "65 a1 14 00 00 00", "mov    %gs:0x14,%eax" },
	{ "0f b6 c3", "movzbl %bl,%eax" },
	{ "0f b7 45 08", "movzwl 0x8(%ebp),%eax" },
	{ "66 0f be 06", "movsbw (%esi),%ax" },
	{ "8c d8", "mov    %ds,%eax" },
	{ "8e d8", "mov    %eax,%ds" },
	{ "66 0f b6 c9", "movzbw %cl,%cx" },
	{ "0f 20 c0", "mov    %cr0,%eax" },
	{ "0f 22 d8", "mov    %eax,%cr3" },
	{ "0f 21 f8", "mov    %db7,%eax" },
	{ "87 1c 24", "xchg   %ebx,(%esp)" },
	{ "8d 74 26 00", "lea    0x0(%esi,%eiz,1),%esi" },
	{ "8d bc 27 00 00 00 00", "lea    0x0(%edi,%eiz,1),%edi" },
	{ "8b 04 cd f0 ff ff ff", "mov    -0x10(,%ecx,8),%eax" },
	{ "8b 84 98 80 00 00 00", "mov    0x80(%eax,%ebx,4),%eax" },
	{ "67 8b 43 02", "mov    0x2(%bp,%di),%eax" },
	{ "2e 8b 03", "mov    %cs:(%ebx),%eax" },
	{ "0f c8", "bswap  %eax" },
	/* Widths and flags. */
	{ "98", "cwtl" },
	{ "66 99", "cwtd" },
	{ "99", "cltd" },
	{ "9e", "sahf" },
	{ "d7", "xlat   %ds:(%ebx)" },
	/* Integers. */
	{ "01 d8", "add    %ebx,%eax" },
	{ "83 c0 ff", "add    $0xffffffff,%eax" },
	{ "66 83 c8 ff", "or     $0xffff,%ax" },
	{ "80 fc 10", "cmp    $0x10,%ah" },
	{ "81 ec 88 00 00 00", "sub    $0x88,%esp" },
	{ "83 2d 00 10 00 00 01", "subl   $0x1,0x1000" },
	{ "f0 ff 05 00 10 00 c0", "lock incl 0xc0001000" },
	{ "f7 d8", "neg    %eax" },
	{ "f7 e3", "mul    %ebx" },
	{ "f7 3d 00 10 00 00", "idivl  0x1000" },
	{ "0f af c3", "imul   %ebx,%eax" },
	{ "6b c0 0a", "imul   $0xa,%eax,%eax" },
	{ "69 45 08 64 00 00 00", "imul   $0x64,0x8(%ebp),%eax" },
	{ "a9 ff 00 00 00", "test   $0xff,%eax" },
	{ "0f a2", "cpuid" },
	{ "27", "daa" },
	{ "d4 0a", "aam    $0xa" },
	/* Shifts and bits. */
	{ "d1 e0", "shl    %eax" },
	{ "d1 6d 08", "shrl   0x8(%ebp)" },
	{ "c1 e8 04", "shr    $0x4,%eax" },
	{ "d3 64 24 04", "shll   %cl,0x4(%esp)" },
	{ "66 d3 20", "shlw   %cl,(%eax)" },
	{ "0f a4 d8 04", "shld   $0x4,%ebx,%eax" },
	{ "0f ad d8", "shrd   %cl,%ebx,%eax" },
	{ "0f ba 6d 08 05", "btsl   $0x5,0x8(%ebp)" },
	{ "0f a3 18", "bt     %ebx,(%eax)" },
	{ "f0 0f ab 10", "lock bts %edx,(%eax)" },
	{ "0f bc c3", "bsf    %ebx,%eax" },
	{ "0f 44 c3", "cmove  %ebx,%eax" },
	{ "0f 94 45 ff", "sete   -0x1(%ebp)" },
	{ "f0 0f b1 11", "lock cmpxchg %edx,(%ecx)" },
	{ "f0 0f c1 01", "lock xadd %eax,(%ecx)" },
	{ "0f c7 0b", "cmpxchg8b (%ebx)" },
	/* The stack. */
	{ "60", "pusha" },
	{ "66 9d", "popfw" },
	{ "fa", "cli" },
	{ "6a 80", "push   $0xffffff80" },
	{ "68 78 56 34 12", "push   $0x12345678" },
	{ "ff 75 0c", "push   0xc(%ebp)" },
	{ "0e", "push   %cs" },
	{ "0f a0", "push   %fs" },
	{ "66 06", "pushw  %es" },
	{ "c8 10 00 02", "enter  $0x10,$0x2" },
	{ "c9", "leave" },
	/* Strings and ports. */
	{ "f3 a5", "rep movsl %ds:(%esi),%es:(%edi)" },
	{ "f2 ae", "repnz scas %es:(%edi),%al" },
	{ "f3 a6", "repz cmpsb %es:(%edi),%ds:(%esi)" },
	{ "66 ab", "stos   %ax,%es:(%edi)" },
	{ "ac", "lods   %ds:(%esi),%al" },
	{ "f3 6d", "rep insl (%dx),%es:(%edi)" },
	{ "6e", "outsb  %ds:(%esi),(%dx)" },
	{ "ec", "in     (%dx),%al" },
	{ "e5 40", "in     $0x40,%eax" },
	{ "66 ef", "out    %ax,(%dx)" },
	/* Branches and traps. */
	{ "e8 fb ff ff ff", "call   0x1000" },
	{ "74 fe", "je     0x1000" },
	{ "0f 8f 00 01 00 00", "jg     0x1106" },
	{ "3e 74 fe", "je,pt  0x1001" },
	{ "e3 02", "jecxz  0x1004" },
	{ "67 e3 02", "jcxz   0x1005" },
	{ "e2 fc", "loop   0xffe" },
	{ "ff d0", "call   *%eax" },
	{ "ff 14 85 00 10 00 00", "call   *0x1000(,%eax,4)" },
	{ "ff 24 24", "jmp    *(%esp)" },
	{ "9a 78 56 34 12 07 00", "lcall  $0x7,$0x12345678" },
	{ "ea 00 00 10 c0 08 00", "ljmp   $0x8,$0xc0100000" },
	{ "ff 2d 00 10 00 00", "ljmp   *0x1000" },
	{ "c3", "ret" },
	{ "c2 08 00", "ret    $0x8" },
	{ "cb", "lret" },
	{ "cf", "iret" },
	{ "66 cf", "iretw" },
	{ "cc", "int3" },
	{ "cd 80", "int    $0x80" },
	{ "ce", "into" },
	{ "f1", "int1" },
	{ "0f 0b", "ud2" },
	{ "0f 05", "syscall" },
	{ "0f 34", "sysenter" },
	{ "0f 35", "sysexit" },
	{ "f4", "hlt" },
	/* Segments and the system. */
	{ "0f b2 04 24", "lss    (%esp),%eax" },
	{ "c5 04 24", "lds    (%esp),%eax" },
	{ "62 03", "bound  %eax,(%ebx)" },
	{ "63 d8", "arpl   %bx,%ax" },
	{ "0f 00 d8", "ltr    %ax" },
	{ "0f 00 d0", "lldt   %ax" },
	{ "0f 01 18", "lidtl  (%eax)" },
	{ "66 0f 01 10", "lgdtw  (%eax)" },
	{ "0f 01 38", "invlpg (%eax)" },
	{ "0f 06", "clts" },
	{ "0f 09", "wbinvd" },
	{ "0f 30", "wrmsr" },
	{ "0f 31", "rdtsc" },
	{ "0f 32", "rdmsr" },
	{ "0f 33", "rdpmc" },
	{ "0f aa", "rsm" },
	{ "0f 01 c8", "monitor %eax,%ecx,%edx" },
	{ "0f 01 c9", "mwait  %eax,%ecx" },
	/* Nothing. */
	{ "90", "nop" },
	{ "66 90", "xchg   %ax,%ax" },
	{ "f3 90", "pause" },
	{ "0f 1f 44 00 00", "nopl   0x0(%eax,%eax,1)" },
	{ "66 2e 0f 1f 84 00 00 00 00 00", "nopw   %cs:0x0(%eax,%eax,1)" },
	{ "f3 c3", "repz ret" },
	/* x87. */
	{ "d9 c1", "fld    %st(1)" },
	{ "d9 45 08", "flds   0x8(%ebp)" },
	{ "dd 45 08", "fldl   0x8(%ebp)" },
	{ "db 6d 08", "fldt   0x8(%ebp)" },
	{ "d9 e8", "fld1" },
	{ "d9 fe", "fsin" },
	{ "de e1", "fsubp  %st,%st(1)" },
	{ "de e9", "fsubrp %st,%st(1)" },
	{ "dc e1", "fsub   %st,%st(1)" },
	{ "d8 e1", "fsub   %st(1),%st" },
	{ "d8 30", "fdivs  (%eax)" },
	{ "dc 45 08", "faddl  0x8(%ebp)" },
	{ "da 45 08", "fiaddl 0x8(%ebp)" },
	{ "df 6d 08", "fildll 0x8(%ebp)" },
	{ "db 5d 08", "fistpl 0x8(%ebp)" },
	{ "df e0", "fnstsw %ax" },
	{ "d9 3c 24", "fnstcw (%esp)" },
	{ "db e3", "fninit" },
	{ "dd d8", "fstp   %st(0)" },
	{ "da e9", "fucompp" },
	{ "df e9", "fucomip %st(1),%st" },
	{ "d9 c9", "fxch   %st(1)" },
	{ "db c1", "fcmovnb %st(1),%st" },
	{ "dd 34 24", "fnsave (%esp)" },
	/* MMX. */
	{ "0f 77", "emms" },
	{ "0f 6f c1", "movq   %mm1,%mm0" },
	{ "0f 6e 03", "movd   (%ebx),%mm0" },
	{ "0f fc c1", "paddb  %mm1,%mm0" },
	{ "0f 71 d0 04", "psrlw  $0x4,%mm0" },
	{ "0f e7 03", "movntq %mm0,(%ebx)" },
	{ "0f 70 c1 1b", "pshufw $0x1b,%mm1,%mm0" },
	{ "0f f7 c1", "maskmovq %mm1,%mm0" },
	/* SSE. */
	{ "0f 28 c1", "movaps %xmm1,%xmm0" },
	{ "0f 10 40 10", "movups 0x10(%eax),%xmm0" },
	{ "f3 0f 10 00", "movss  (%eax),%xmm0" },
	{ "0f 58 c1", "addps  %xmm1,%xmm0" },
	{ "f3 0f 51 c0", "sqrtss %xmm0,%xmm0" },
	{ "0f 2a c1", "cvtpi2ps %mm1,%xmm0" },
	{ "f3 0f 2a 00", "cvtsi2ss (%eax),%xmm0" },
	{ "f3 0f 2c c0", "cvttss2si %xmm0,%eax" },
	{ "0f c2 c1 01", "cmpltps %xmm1,%xmm0" },
	{ "0f c6 c1 1b", "shufps $0x1b,%xmm1,%xmm0" },
	{ "0f 50 c1", "movmskps %xmm1,%eax" },
	{ "0f 18 00", "prefetchnta (%eax)" },
	{ "0f ae 00", "fxsave (%eax)" },
	{ "0f ae 10", "ldmxcsr (%eax)" },
	{ "0f ae f8", "sfence" },
	{ "0f 2b 00", "movntps %xmm0,(%eax)" },
	/* SSE2, SSE3. */
	{ "66 0f 28 c1", "movapd %xmm1,%xmm0" },
	{ "f2 0f 10 00", "movsd  (%eax),%xmm0" },
	{ "f2 0f 58 c1", "addsd  %xmm1,%xmm0" },
	{ "66 0f 6f c1", "movdqa %xmm1,%xmm0" },
	{ "f3 0f 6f 00", "movdqu (%eax),%xmm0" },
	{ "66 0f 7e 00", "movd   %xmm0,(%eax)" },
	{ "f3 0f 7e c1", "movq   %xmm1,%xmm0" },
	{ "66 0f d6 00", "movq   %xmm0,(%eax)" },
	{ "66 0f 70 c1 1b", "pshufd $0x1b,%xmm1,%xmm0" },
	{ "66 0f 73 d8 08", "psrldq $0x8,%xmm0" },
	{ "66 0f d7 c1", "pmovmskb %xmm1,%eax" },
	{ "f2 0f 2a 00", "cvtsi2sd (%eax),%xmm0" },
	{ "66 0f 5b c1", "cvtps2dq %xmm1,%xmm0" },
	{ "f2 0f e6 c1", "cvtpd2dq %xmm1,%xmm0" },
	{ "66 0f e7 00", "movntdq %xmm0,(%eax)" },
	{ "0f c3 03", "movnti %eax,(%ebx)" },
	{ "0f ae f0", "mfence" },
	{ "0f ae 38", "clflush (%eax)" },
	{ "f3 0f d6 c1", "movq2dq %mm1,%xmm0" },
	{ "f2 0f d0 c1", "addsubps %xmm1,%xmm0" },
	{ "f2 0f f0 00", "lddqu  (%eax),%xmm0" },
	{ "df 08", "fisttps (%eax)" },
};

static const char *const invalid[] = {
	"",
	"0f 04",			/* no opcode */
	"0f 0a",
	"ff f8",			/* no /7 in this group */
	"fe d0",
	"8d c0",			/* a register has no address */
	"0f c7 c8",
	"c5",
	"62",
	"8e c8",			/* not to %cs */
	"8e f0",			/* no such segment register */
	"0f 20 c8",			/* no such control register */
	"f0 90",			/* not to be locked */
	"f0 01 d8",
	"66 0f 04",
	"c4 c0",
	"66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90",	/* 16 bytes */
	"66 66 66 66 66 66 66 66 66 66 66 66 66 66 66",
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* The numbers in TEXT; how many. */
static size_t
bytes_of(const char *text, uint8_t *bytes)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (; text[0] != '\0'; text += text[2] == ' ' ? 3 : 2) {
		bytes[n++] = (uint8_t)((strchr(digits, text[0]) - digits) << 4 |
		    (strchr(digits, text[1]) - digits));
	}
	return n;
}

TEST(disasm_text)
{
	char text[KDB_DISASM_TEXT];
	uint8_t bytes[32];

	for (size_t i = 0; i < COUNT(samples); i++) {
		const struct sample *sample = &samples[i];
		size_t n = bytes_of(sample->bytes, bytes);
		unsigned length;

		/* What follows is not looked at. */
		memset(bytes + n, 0x90, sizeof(bytes) - n);
		length = kdb_disasm(bytes, KDB_DISASM_MAX, ADDRESS, text,
		    sizeof(text), NULL, NULL);
		if (length != n || strcmp(text, sample->text) != 0) {
			test_fail(__FILE__, __LINE__, "%s: %u \"%s\", not \"%s\"",
			    sample->bytes, length, text, sample->text);
		}
	}
}

/* None has an end before its end. */
TEST(disasm_truncated)
{
	char text[KDB_DISASM_TEXT];
	uint8_t bytes[32];
	enum kdb_flow flow = KDB_FLOW_TRAP;
	uintptr_t target = 7;

	for (size_t i = 0; i < COUNT(samples); i++) {
		size_t n = bytes_of(samples[i].bytes, bytes);

		for (size_t count = 0; count < n; count++) {
			text[0] = '!';
			CHECK_EQ(kdb_disasm(bytes, count, ADDRESS, text,
			    sizeof(text), NULL, NULL), 0);
			CHECK_EQ(text[0], '\0');
			CHECK_EQ(kdb_disasm_flow(bytes, count, ADDRESS, &flow,
			    &target), 0);
		}
	}
	CHECK_EQ(flow, KDB_FLOW_TRAP);
	CHECK_EQ(target, 7);
}

TEST(disasm_invalid)
{
	char text[KDB_DISASM_TEXT];
	uint8_t bytes[32];

	for (size_t i = 0; i < COUNT(invalid); i++) {
		size_t n = bytes_of(invalid[i], bytes);
		unsigned length = kdb_disasm(bytes, n, ADDRESS, text,
		    sizeof(text), NULL, NULL);

		if (length != 0 || text[0] != '\0') {
			test_fail(__FILE__, __LINE__, "%s is \"%s\"", invalid[i],
			    text);
		}
	}
	/* As long as one can be. */
	memset(bytes, 0x66, sizeof(bytes));
	bytes[14] = 0x90;
	CHECK_EQ(kdb_disasm(bytes, 15, ADDRESS, text, sizeof(text), NULL, NULL),
	    15);
}

TEST(disasm_of_a_part)
{
	static const uint8_t call[] = { 0xe8, 1, 0, 0, 0 };
	static const uint8_t bad[] = { 0x0f, 0x04, 0, 0 };
	char text[KDB_DISASM_TEXT];

	for (unsigned n = 1; n < sizeof(call); n++) {
		CHECK_EQ(kdb_disasm(call, n, ADDRESS, text, sizeof(text),
		    NULL, NULL), 0);
		CHECK(kdb_disasm_was_cut());
	}
	CHECK_EQ(kdb_disasm(call, sizeof(call), ADDRESS, text, sizeof(text),
	    NULL, NULL), sizeof(call));
	CHECK(!kdb_disasm_was_cut());
	CHECK_EQ(kdb_disasm(bad, sizeof(bad), ADDRESS, text, sizeof(text),
	    NULL, NULL), 0);
	CHECK(!kdb_disasm_was_cut());
}

TEST(disasm_offset)
{
	static const struct {
		uint8_t		bytes[8];
		bool		has;
		uintptr_t	offset;
	} cases[] = {
		{ { 0x8b, 0x45, 0xf8 }, true, 0xfffffff8 },
		{ { 0xa1, 0x78, 0x56, 0x34, 0x12 }, true, 0x12345678 },
		{ { 0xe8, 1, 0, 0, 0 }, true, ADDRESS + 6 },
		{ { 0xeb, 0xfe }, true, ADDRESS },
		{ { 0x8b, 0x00 }, false, 0 },
		{ { 0xb8, 1, 0, 0, 0 }, false, 0 },
		{ { 0x90 }, false, 0 },
	};
	char text[KDB_DISASM_TEXT];

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uintptr_t offset = 0;

		CHECK(kdb_disasm(cases[i].bytes, 8, ADDRESS, text,
		    sizeof(text), NULL, NULL) > 0);
		CHECK_EQ(kdb_disasm_offset(ADDRESS, &offset), cases[i].has);
		CHECK_EQ(offset, cases[i].offset);
	}
}

TEST(disasm_cut)
{
	static const uint8_t bytes[] = { 0xc7, 0x45, 0xfc, 1, 0, 0, 0 };
	static const char whole[] = "movl   $0x1,-0x4(%ebp)";
	char text[sizeof(whole) + 4];

	for (size_t size = 0; size < sizeof(text); size++) {
		memset(text, '!', sizeof(text));
		CHECK_EQ(kdb_disasm(bytes, sizeof(bytes), ADDRESS, text, size,
		    NULL, NULL), sizeof(bytes));
		CHECK_EQ(text[size], '!');
		if (size != 0) {
			CHECK(strlen(text) < size);
			CHECK(size - 1 <= 7 || memcmp(text, whole,
			    strlen(text)) == 0);
		}
		if (size >= sizeof(whole)) {
			CHECK(strcmp(text, whole) == 0);
		}
	}
}

/* All addresses from 0x2000 up are parts of a thing. */
static bool
name_of(uintptr_t address, char *name, size_t size, void *arg)
{
	CHECK(arg == &samples);
	if (address < 0x2000) {
		return false;
	}
	snprintf(name, size, "thing+%#lx", (unsigned long)address - 0x2000);
	return true;
}

TEST(disasm_names)
{
	static const struct sample named[] = {
		{ "e8 fb 0f 00 00", "call   0x2000 <thing+0>" },
		{ "e8 fa 0f 00 00", "call   0x1fff" },
		{ "0f 84 fe 0f 00 00", "je     0x2004 <thing+0x4>" },
		{ "a1 10 20 00 00", "mov    0x2010 <thing+0x10>,%eax" },
		{ "c7 05 08 20 00 00 00 30 00 00",
		  "movl   $0x3000,0x2008 <thing+0x8>" },
		{ "ff 15 04 20 00 00", "call   *0x2004 <thing+0x4>" },
		{ "8b 80 00 20 00 00", "mov    0x2000(%eax),%eax" },
		{ "65 a1 00 20 00 00", "mov    %gs:0x2000,%eax" },
		{ "ea 00 20 00 00 08 00", "ljmp   $0x8,$0x2000 <thing+0>" },
	};
	char text[KDB_DISASM_TEXT];
	uint8_t bytes[32];

	for (size_t i = 0; i < COUNT(named); i++) {
		size_t n = bytes_of(named[i].bytes, bytes);

		CHECK_EQ(kdb_disasm(bytes, n, ADDRESS, text, sizeof(text),
		    name_of, (void *)&samples), n);
		if (strcmp(text, named[i].text) != 0) {
			test_fail(__FILE__, __LINE__, "\"%s\", not \"%s\"",
			    text, named[i].text);
		}
	}
}

TEST(disasm_flow)
{
	static const struct {
		const char *bytes;
		enum kdb_flow flow;
		uintptr_t target;
	} flows[] = {
		{ "89 d8", KDB_FLOW_NEXT, 0 },
		{ "f3 a5", KDB_FLOW_NEXT, 0 },
		{ "6a 01", KDB_FLOW_NEXT, 0 },
		{ "f4", KDB_FLOW_NEXT, 0 },
		{ "e8 00 01 00 00", KDB_FLOW_CALL, 0x1105 },
		{ "e8 fb ef ff ff", KDB_FLOW_CALL, 0 },
		{ "ff d0", KDB_FLOW_CALL, 0 },
		{ "ff 14 85 00 10 00 00", KDB_FLOW_CALL, 0 },
		{ "9a 78 56 34 12 07 00", KDB_FLOW_CALL, 0x12345678 },
		{ "ff 1d 00 10 00 00", KDB_FLOW_CALL, 0 },
		{ "c3", KDB_FLOW_RETURN, 0 },
		{ "f3 c3", KDB_FLOW_RETURN, 0 },
		{ "c2 08 00", KDB_FLOW_RETURN, 0 },
		{ "cb", KDB_FLOW_RETURN, 0 },
		{ "0f 35", KDB_FLOW_RETURN, 0 },
		{ "0f 07", KDB_FLOW_RETURN, 0 },
		{ "eb fe", KDB_FLOW_JUMP, 0x1000 },
		{ "e9 fb 0f 00 00", KDB_FLOW_JUMP, 0x2000 },
		{ "66 e9 fc 0f", KDB_FLOW_JUMP, 0x2000 },
		{ "74 10", KDB_FLOW_JUMP, 0x1012 },
		{ "0f 8f 00 01 00 00", KDB_FLOW_JUMP, 0x1106 },
		{ "e2 fc", KDB_FLOW_JUMP, 0xffe },
		{ "e3 02", KDB_FLOW_JUMP, 0x1004 },
		{ "ff e0", KDB_FLOW_JUMP, 0 },
		{ "ff 24 24", KDB_FLOW_JUMP, 0 },
		{ "ea 00 00 10 c0 08 00", KDB_FLOW_JUMP, 0xc0100000 },
		{ "cc", KDB_FLOW_TRAP, 0 },
		{ "cd 80", KDB_FLOW_TRAP, 0 },
		{ "ce", KDB_FLOW_TRAP, 0 },
		{ "f1", KDB_FLOW_TRAP, 0 },
		{ "0f 0b", KDB_FLOW_TRAP, 0 },
		{ "0f 34", KDB_FLOW_TRAP, 0 },
		{ "0f 05", KDB_FLOW_TRAP, 0 },
		{ "fa", KDB_FLOW_FLAGS, 0 },
		{ "fb", KDB_FLOW_FLAGS, 0 },
		{ "9c", KDB_FLOW_FLAGS, 0 },
		{ "9d", KDB_FLOW_FLAGS, 0 },
		{ "66 9d", KDB_FLOW_FLAGS, 0 },
		{ "cf", KDB_FLOW_FLAGS, 0 },
		{ "66 cf", KDB_FLOW_FLAGS, 0 },
	};
	uint8_t bytes[32];

	for (size_t i = 0; i < COUNT(flows); i++) {
		size_t n = bytes_of(flows[i].bytes, bytes);
		enum kdb_flow flow = (enum kdb_flow)-1;
		uintptr_t target = 7;

		CHECK_EQ(kdb_disasm_flow(bytes, n, ADDRESS, &flow, &target), n);
		if (flow != flows[i].flow || target != flows[i].target) {
			test_fail(__FILE__, __LINE__, "%s: flow %u to %#lx",
			    flows[i].bytes, (unsigned)flow,
			    (unsigned long)target);
		}
	}
}
