/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * gdb's packets, good ones and others.
 */

#include <tests/lib/server_test.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_gdb_packet.h>
#include <kernel/kdb/kdb_in.h>

#include "kdb_gdb_world.h"
#include "kdb_world.h"

#define PACKET	3000u

/* DATA as a packet; returns its length. */
static size_t
wrap(char *packet, const char *data, size_t n)
{
	uint8_t sum = 0;

	packet[0] = '$';
	for (size_t i = 0; i < n; i++) {
		sum += (uint8_t)data[i];
		packet[i + 1] = data[i];
	}
	snprintf(packet + n + 1, 4, "#%02x", sum);
	return n + 4;
}

/* What is answered to N bytes of DATA, without its frame. */
static const char *
answer_to(const char *data, size_t n)
{
	static char answer[PACKET];
	char packet[PACKET];
	char back[PACKET];
	size_t length = wrap(packet, data, n);
	const char *sent;
	const char *end;

	packet[length] = '+';
	sent = gdb_world_attach(packet, length + 1);
	CHECK(sent[0] == '+' && sent[1] == '$');
	end = strchr(sent + 1, '#');
	CHECK(end != NULL);
	snprintf(answer, sizeof(answer), "%.*s", (int)(end - sent - 2),
	    sent + 2);
	/* With the right sum, and once. */
	length = wrap(back, answer, strlen(answer));
	CHECK(strncmp(sent + 1, back, length) == 0 && sent[length + 1] == '\0');
	return answer;
}

static const char *
answer(const char *data)
{
	return answer_to(data, strlen(data));
}

#define CHECK_ANSWER(data_, wanted_)	do {				\
	const char *got_ = answer(data_);				\
									\
	if (strcmp(got_, wanted_) != 0) {				\
		printf("%s: %s\n", data_, got_);			\
	}								\
	CHECK(strcmp(got_, wanted_) == 0);				\
} while (0)

TEST(gdb_frames)
{
	const char *sent;

	gdb_world_reset();
	/* A bad sum, one that is none, a lost end, one that is too long. */
	CHECK(strcmp(gdb_world_attach("$qC#00", 6), "-") == 0);
	CHECK(strcmp(gdb_world_attach("$qC#zz", 6), "-") == 0);
	sent = gdb_world_attach("x$m10$qC#b4+", 12);
	CHECK(strcmp(sent, "+$QC1#c5") == 0);
	/* Sent again when it is refused, but not when a packet comes. */
	sent = gdb_world_attach("$qC#b4-+", 8);
	CHECK(strcmp(sent, "+$QC1#c5$QC1#c5") == 0);
	sent = gdb_world_attach("$qC#b4$qC#b4+", 13);
	CHECK(strcmp(sent, "+$QC1#c5+$QC1#c5") == 0);
}

TEST(gdb_longest)
{
	static char data[2000];
	static char packet[PACKET];
	size_t n;

	gdb_world_reset();
	memset(data, '1', sizeof(data));
	n = wrap(packet, data, 1024);
	packet[n] = '+';
	CHECK(strcmp(gdb_world_attach(packet, n + 1), "+$#00") == 0);
	n = wrap(packet, data, 1025);
	CHECK(strcmp(gdb_world_attach(packet, n), "-") == 0);
	n = wrap(packet, data, sizeof(data));
	CHECK(strcmp(gdb_world_attach(packet, n), "-") == 0);
}

TEST(gdb_unknown)
{
	gdb_world_reset();
	CHECK_ANSWER("", "");
	CHECK_ANSWER("vMustReplyEmpty", "");
	CHECK_ANSWER("!", "");
	CHECK_ANSWER("qSymbol::", "");
	CHECK_ANSWER("QStartNoAckMode", "");
	CHECK_ANSWER("qSupported:multiprocess+;xmlRegisters=i386",
	    "PacketSize=400;swbreak+;vContSupported+");
	CHECK_ANSWER("qAttached", "1");
}

TEST(gdb_registers)
{
	gdb_world_reset();
	CHECK_ANSWER("g", "11111111xxxxxxxxxxxxxxxx22222222"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" "040010c0"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	CHECK_ANSWER("p8", "040010c0");
	CHECK_ANSWER("p10", "xxxxxxxx");
	CHECK_ANSWER("pffffffff", "xxxxxxxx");
	CHECK_ANSWER("p", "E01");
	CHECK_ANSWER("P3=78563412", "OK");
	CHECK(world_register(1) == 0x12345678);
	/* It cannot be changed, but may stay as it is. */
	CHECK_ANSWER("P8=78563412", "E01");
	CHECK_ANSWER("P8=040010c0", "OK");
	CHECK_ANSWER("P1=78563412", "E01");
	CHECK_ANSWER("P3=7856341", "E01");
	CHECK_ANSWER("P3=785634123", "E01");
	CHECK_ANSWER("P3", "E01");
	CHECK_ANSWER("G01000000xxxxxxxxxxxxxxxx02000000"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" "040010c0"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "OK");
	CHECK(world_register(0) == 1 && world_register(1) == 2);
	CHECK_ANSWER("G01", "E01");
}

TEST(gdb_memory)
{
	gdb_world_reset();
	CHECK_ANSWER("m1000,4", "030a1118");
	CHECK_ANSWER("m1000,0", "");
	CHECK_ANSWER("m3000,4", "E01");
	/* To the end of what is there. */
	CHECK_ANSWER("m1ffe,8", "f5fc");
	CHECK(strlen(answer("m1000,fffffff")) == 1024);
	CHECK(strlen(answer("m1000,800")) == 1024);
	CHECK_ANSWER("m1000,", "E01");
	CHECK_ANSWER("m,4", "E01");
	CHECK_ANSWER("m100001000,4", "E01");
	CHECK_ANSWER("m1000,4,", "E01");
	CHECK_ANSWER("M1000,2:ab0C", "OK");
	CHECK(world_memory(WORLD_DATA)[0] == 0xab);
	CHECK(world_memory(WORLD_DATA)[1] == 0x0c);
	CHECK_ANSWER("M1000,2:ab0", "E01");
	CHECK_ANSWER("M1000,2:ab0g", "E01");
	CHECK_ANSWER("M1000,1:ab0c", "E01");
	CHECK_ANSWER("M1000,ffffffff:ab", "E01");
	CHECK_ANSWER("M3000,1:ab", "E01");
}

TEST(gdb_binary)
{
	gdb_world_reset();
	CHECK_ANSWER("X1000,0:", "OK");
	CHECK(strcmp(answer_to("X1000,5:\0\3}\3}]}", 14), "E01") == 0);
	CHECK(strcmp(answer_to("X1000,4:\0\3}\3}]", 14), "OK") == 0);
	CHECK(memcmp(world_memory(WORLD_DATA), "\0\3#}", 4) == 0);
	CHECK_ANSWER("X1000,2:a", "E01");
	CHECK_ANSWER("X1000,2:abc", "E01");
	CHECK_ANSWER("X3000,1:a", "E01");
}

/* All of them once, in as many answers as it takes. */
TEST(gdb_threads)
{
	char text[PACKET];
	unsigned next = 1;

	gdb_world_reset();
	snprintf(text, sizeof(text), "%s", answer("qfThreadInfo"));
	while (text[0] == 'm') {
		for (char *at = text; *at != '\0'; next++) {
			unsigned number = 0;
			int used = 0;

			CHECK(sscanf(at + 1, "%x%n", &number, &used) == 1);
			CHECK(number == next);
			at += 1 + used;
			CHECK(*at == ',' || *at == '\0');
		}
		snprintf(text, sizeof(text), "%s", answer("qsThreadInfo"));
	}
	CHECK(strcmp(text, "l") == 0 && next == GDB_WORLD_THREADS + 1);
	CHECK_ANSWER("qThreadExtraInfo,1f", "746872656164203331");
	CHECK_ANSWER("qThreadExtraInfo,1f00", "E01");
	CHECK_ANSWER("qThreadExtraInfo,", "E01");
	CHECK_ANSWER("T2", "OK");
	CHECK_ANSWER("Tffff", "E01");
	CHECK_ANSWER("Hg2", "OK");
	CHECK_ANSWER("Hg0", "OK");
	CHECK_ANSWER("Hgffff", "E01");
	CHECK_ANSWER("Hc-1", "OK");
	CHECK_ANSWER("Hx1", "");
}

TEST(gdb_points)
{
	gdb_world_reset();
	CHECK_ANSWER("Z0,c0100010,1", "OK");
	CHECK(gdb_world.point == 0xc0100010);
	CHECK_ANSWER("Z0,10,1", "E01");
	CHECK_ANSWER("Z2,1000,8", "OK");
	CHECK(gdb_world.point == 0x1000 && gdb_world.length == 8);
	CHECK_ANSWER("Z1,1000,4", "OK");
	CHECK(gdb_world.length == 1);
	CHECK_ANSWER("Z3,1000,11", "E01");
	CHECK_ANSWER("Z5,1000,1", "E01");
	CHECK_ANSWER("Z4,1000", "E01");
	CHECK_ANSWER("z0,c0100010,1", "OK");
	CHECK_ANSWER("z0", "E01");
	/* Nothing stays when gdb goes. */
	CHECK(gdb_world.points == 0);
}

TEST(gdb_goes_on)
{
	static const struct {
		const char *packet;
		bool steps;
		uint32_t pc;
	} good[] = {
		{ "c", false, 0 }, { "s", true, 0 }, { "c1234", false, 0x1234 },
		{ "C05", false, 0 }, { "S05;c0100000", true, 0xc0100000 },
		{ "vCont;c", false, 0 }, { "vCont;s:1;c", true, 0 },
		{ "vCont;c:2;s:1", true, 0 }, { "vCont;C05:-1", false, 0 },
	};
	char packet[PACKET];

	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		size_t n;

		gdb_world_reset();
		n = wrap(packet, good[i].packet, strlen(good[i].packet));
		CHECK(strcmp(gdb_world_attach(packet, n), "+") == 0);
		CHECK(gdb_world.left && gdb_world.stepped == good[i].steps);
		CHECK(gdb_world.pc == good[i].pc);
	}
}

TEST(gdb_stays)
{
	gdb_world_reset();
	CHECK_ANSWER("vCont?", "vCont;c;C;s;S");
	CHECK_ANSWER("vCont;s:2;c",
	    "E.only the thread that stopped can step");
	CHECK_ANSWER("vCont;t", "E01");
	CHECK_ANSWER("vCont;c:x", "E01");
	CHECK_ANSWER("cx", "E01");
	CHECK_ANSWER("C", "E01");
	gdb_world.cannot_step = true;
	CHECK_ANSWER("vCont;s:1;c",
	    "E.no room for the breakpoint that this step needs");
	CHECK(!gdb_world.left);
	gdb_world.cannot_leave = true;
	CHECK_ANSWER("c", "E01");
	CHECK_ANSWER("s", "E01");
	CHECK_ANSWER("?", "T06thread:1;");
}

TEST(gdb_stops)
{
	const char *sent;

	gdb_world_reset();
	CHECK_ANSWER("?", "T02thread:1;");
	gdb_world.stopped_at_break = true;
	CHECK_ANSWER("?", "T05thread:1;");
	gdb_world.stopped_at_break = false;
	CHECK(!gdb_world_stop("", 0, &sent) && sent[0] == '\0');
	(void)gdb_world_attach("$qSupported:swbreak+#8b+$c#63", 29);
	CHECK(gdb_world.left);
	gdb_world.stopped_at_break = true;
	CHECK(gdb_world_stop("+$s#73", 6, &sent));
	CHECK(strcmp(sent, "$T05thread:1;swbreak:;#3b+") == 0);
	gdb_world.stopped_at_break = false;
	gdb_world.watch_hit = 0xc0123456;
	CHECK(!gdb_world_stop("+$D#44+", 7, &sent));
	CHECK(strstr(sent, "$T05thread:1;watch:c0123456;#") == sent);
	CHECK(strstr(sent, "+$OK#9a") != NULL);
	/* No more of it. */
	CHECK(!gdb_world_stop("", 0, &sent) && sent[0] == '\0');
}

/* An interrupt that comes too early is for later; none is left by one who went. */
TEST(gdb_early_interrupt)
{
	const char *sent;

	gdb_world_reset();
	(void)gdb_world_attach("\3$qC#b4\3+", 9);
	CHECK(!kdb_gdb_packet_take_interrupt());
	(void)gdb_world_attach("$c#63", 5);
	CHECK(gdb_world.left && !kdb_gdb_packet_take_interrupt());
	CHECK(gdb_world_stop("+\3$c#63", 7, &sent));
	CHECK(kdb_gdb_packet_take_interrupt());
	CHECK(!kdb_gdb_packet_take_interrupt());
	/* Before a stop is acknowledged. */
	CHECK(gdb_world_stop("\3+$c#63", 7, &sent));
	CHECK(kdb_gdb_packet_take_interrupt());
	/* That ends a command. */
	CHECK(gdb_world_stop("+$qRcmd,302c30666666666666663d58#76\3+$c#63", 42,
	    &sent));
	CHECK(strstr(sent, "$OK#9a") != NULL);
	CHECK(!kdb_gdb_packet_take_interrupt());
}

/* Its own commands, and what they print as messages. */
TEST(gdb_monitor)
{
	const char *sent;
	char packet[PACKET];
	size_t n;

	gdb_world_reset();
	/* 1=X */
	n = wrap(packet, "qRcmd,313d58", 12);
	packet[n] = '+';
	sent = gdb_world_attach(packet, n + 1);
	CHECK(strncmp(sent, "+$O", 3) == 0 &&
	    strstr(sent, "203120") != NULL);
	CHECK(strstr(sent, "$OK#9a") != NULL);
	/* An error, and `gdb'. */
	n = wrap(packet, "qRcmd,6e6f", 10);
	CHECK(strstr(gdb_world_attach(packet, n), "$OK#9a") != NULL);
	n = wrap(packet, "qRcmd,676462", 12);
	/* "already" */
	sent = gdb_world_attach(packet, n);
	CHECK(strstr(sent, "616c72656164790a#") != NULL);
	CHECK(strstr(sent, "$OK#9a") != NULL);
	memcpy(packet, "qRcmd,", 6);
	memset(packet + 6, '3', 400);
	CHECK(strcmp(answer_to(packet, 406), "E01") == 0);
	CHECK_ANSWER("qRcmd,3", "E01");
	CHECK_ANSWER("qRcmd,zz", "E01");
}

/* A ^C ends one that would print for ever, and so does the next packet. */
TEST(gdb_monitor_ends)
{
	char packet[PACKET];
	const char *sent;
	size_t n;

	gdb_world_reset();
	/* 0,0fffffff=X */
	n = wrap(packet, "qRcmd,302c30666666666666663d58", 30);
	packet[n] = KDB_IN_INTERRUPT;
	sent = gdb_world_attach(packet, n + 1);
	CHECK(strcmp(sent, "+$OK#9a") == 0);
	/* Nobody waits for the answer of that one. */
	strcpy(packet + n, "+$qC#b4");
	sent = gdb_world_attach(packet, strlen(packet));
	CHECK(strcmp(sent, "++$QC1#c5") == 0);
}

/* ---- anything ----------------------------------------------------------- */

static uint32_t random_state = 1;

static unsigned
random_below(unsigned n)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % n;
}

/* Bytes of which many mean something; off is off. */
static size_t
random_packet(char *packet)
{
	static const char letters[] =
	    "?CDGHMPSTXZcgmpqsvz0123456789abcdef,;:=-xCont}fsThreadInfoRcmd";
	char data[64];
	size_t n = random_below(sizeof(data));

	for (size_t i = 0; i < n; i++) {
		data[i] = random_below(8) == 0 ? (char)random_below(256) :
		    letters[random_below(sizeof(letters) - 1)];
	}
	if (n > 0 && data[0] == 'k') {
		data[0] = 'm';
	}
	return wrap(packet, data, n);
}

TEST(gdb_garbage)
{
	char input[PACKET];

	gdb_world_reset();
	for (unsigned round = 0; round < 20000; round++) {
		size_t n = 0;
		const char *sent;

		while (n < 500) {
			size_t used = random_packet(input + n);

			if (random_below(4) == 0) {
				input[n + random_below(used)] =
				    (char)random_below(256);
			}
			n += used;
		}
		for (size_t i = 0; i + 1 < n; i++) {
			if (input[i] == '$' && input[i + 1] == 'k') {
				input[i + 1] = 'g';
			}
		}
		if (!gdb_world_stop(input, n, &sent)) {
			(void)gdb_world_attach(input, n);
		}
		gdb_world.cannot_leave = random_below(4) == 0;
	}
	gdb_world_reset();
	CHECK_ANSWER("qC", "QC1");
}
