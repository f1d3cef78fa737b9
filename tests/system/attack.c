/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A hostile UNIX program: it forges Mach messages, well formed and not, for
 * every port that it holds a right for.  attack SEED MESSAGES
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRAP_REPLY_PORT	(-26)
#define TRAP_TASK_SELF	(-28)
#define TRAP_MSG	(-25)

#define SEND		1
#define RECEIVE		2
#define SEND_TIMEOUT	0x10
#define RECEIVE_TIMEOUT	0x100
#define COPY_SEND	19u
#define MAKE_SEND_ONCE	21u
#define COMPLEX		0x80000000u
#define MESSAGE_MAX	2048u

/* Names of a space are its slots, from 256 on, with a generation below. */
#define SLOTS		80u
#define GENERATIONS	256u

struct message {
	uint32_t bits;
	uint32_t size;
	uint32_t remote;
	uint32_t local;
	uint32_t seqno;
	int32_t id;
	uint32_t body[MESSAGE_MAX / 4];
};

/* Where the interfaces of the kernel and of the servers begin. */
static const int32_t bases[] = {
	64, 1000, 2000, 2090, 2200, 2250, 2275, 2400, 2600, 2700, 2800, 2900,
	3000, 3200, 3800, 4000, 4200, 70000, 70100, 70200, 71000, 71200,
	71400, 72000, 73000,
};

#define BASES (sizeof(bases) / sizeof(bases[0]))

static uint32_t seed;
static uint32_t names[4096];
static unsigned name_count;

static uint32_t
draw(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % below;
}

static int trap(int number, ...);

__asm__("trap:\n\t"
	"popl	%ecx\n\t"		/* the return address */
	"popl	%eax\n\t"		/* the trap's number */
	"pushl	%ecx\n\t"
	"lcall	$7, $0\n\t"
	"popl	%ecx\n\t"
	"subl	$4, %esp\n\t"
	"jmp	*%ecx\n");

static int
message_trap(struct message *m, int option, uint32_t size, uint32_t port)
{
	return trap(TRAP_MSG, m, option, size, sizeof(*m), port, 5, 0);
}

/* Which names are good for sending?  An empty message with a bad id tells. */
static void
find_names(void)
{
	struct message m;

	for (uint32_t slot = 1; slot < SLOTS; slot++) {
		for (uint32_t gen = 0; gen < GENERATIONS; gen++) {
			memset(&m, 0, 24);
			m.bits = COPY_SEND;
			m.size = 24;
			m.remote = slot << 8 | gen;
			m.id = 1;
			if (trap(TRAP_MSG, &m, SEND | SEND_TIMEOUT, 24, 0, 0,
			    0, 0) == 0 &&
			    name_count < sizeof(names) / sizeof(names[0])) {
				names[name_count++] = slot << 8 | gen;
				break;
			}
		}
	}
}

/* One descriptor at word AT, mostly one that means something, with its data. */
static uint32_t
put_item(struct message *m, uint32_t at, uint32_t reply)
{
	static const uint32_t kinds[] = { 2, 2, 8, 9, 11, 0, 16, 17, 18, 19,
	    20, 21, 15 };
	uint32_t kind = kinds[draw(sizeof(kinds) / sizeof(kinds[0]))];
	uint32_t count = draw(4) == 0 ? draw(40) : 1;
	uint32_t size = kind == 8 || kind == 9 ? 8 : kind == 11 ? 64 : 32;
	uint32_t in_line = draw(6) != 0;
	uint32_t words = in_line ? (count * size + 31) / 32 : 1;
	uint32_t flags = in_line << 28 | (draw(12) == 0 ? draw(16) << 28 : 0);

	if (at + 1 + words > MESSAGE_MAX / 4) {
		return at;
	}
	m->body[at++] = kind | size << 8 | count << 16 | flags;
	for (uint32_t i = 0; i < words; i++) {
		switch (draw(5)) {
		case 0:
			m->body[at + i] = reply;
			break;
		case 1:
			m->body[at + i] = names[draw(name_count)];
			break;
		case 2:
			m->body[at + i] = (uint32_t)&m->body;
			break;
		case 3:
			m->body[at + i] = draw(3);
			break;
		default:
			m->body[at + i] = seed;
			break;
		}
	}
	if (kind >= 16) {
		m->bits |= COMPLEX;
	}
	return at + words;
}

static void
attack_once(struct message *m, uint32_t port, uint32_t reply)
{
	uint32_t at = 0;

	memset(m, 0, sizeof(*m));
	m->bits = COPY_SEND | MAKE_SEND_ONCE << 8;
	m->remote = port;
	m->local = reply;
	m->id = bases[draw(BASES)] + (int32_t)draw(60);
	for (uint32_t items = draw(7); items > 0; items--) {
		at = put_item(m, at, reply);
	}
	m->size = 24 + at * 4;
	if (draw(10) == 0) {
		m->bits |= COMPLEX;
		m->size = 24 + draw(MESSAGE_MAX / 4) * 4;
	}
	(void)message_trap(m, SEND | RECEIVE | SEND_TIMEOUT | RECEIVE_TIMEOUT,
	    m->size, reply);
}

/* In a child, because some messages to our own task end it. */
static int
attack(unsigned messages)
{
	static struct message m;
	uint32_t reply;

	alarm(900);
	find_names();
	printf("%u names\n", name_count);
	fflush(stdout);
	if (name_count == 0) {
		return 2;
	}
	reply = (uint32_t)trap(TRAP_REPLY_PORT);
	for (unsigned i = 0; i < messages; i++) {
		if (i % 64 == 0) {
			reply = (uint32_t)trap(TRAP_REPLY_PORT);
		}
		attack_once(&m, names[draw(name_count)], reply);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	unsigned messages = argc > 2 ? (unsigned)atoi(argv[2]) : 1000;
	int status;

	seed = argc > 1 ? (uint32_t)atoi(argv[1]) | 1 : 1;
	(void)open("/bin", O_RDONLY);
	(void)open("/etc/passwd", O_RDONLY);
	(void)open("/tmp", O_RDONLY);
	(void)open("/dev/null", O_RDWR);
	(void)open("/proc/servers", O_RDONLY);
	for (unsigned i = 0; i < 8; i++) {
		seed += 7919;
		if (fork() == 0) {
			_exit(attack(messages));
		}
		if (wait(&status) > 0 && WIFEXITED(status) &&
		    WEXITSTATUS(status) == 2) {
			puts("no names");
		}
	}
	puts("attacked");
	return 0;
}
