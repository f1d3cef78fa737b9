/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * vmstat [DELAY [COUNT]]: what the kernel counts of memory, a line every DELAY
 * seconds, COUNT times.  The first line counts from the start of the system
 * on, the others from the line before.  An ordinary static UNIX program, all
 * of whose numbers are in /proc/vmstat and /proc/stat.
 */

#include "vmstat_count.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VMSTAT_LINES	20u		/* between two headings */
#define VMSTAT_MAX	1000000ul	/* seconds, or lines */

enum {
	VMSTAT_FREE,
	VMSTAT_ACTIVE,
	VMSTAT_INACTIVE,
	VMSTAT_WIRED,
	VMSTAT_EVENTS,			/* from here on events are counted */
	VMSTAT_FAULT = VMSTAT_EVENTS,
	VMSTAT_ZERO,
	VMSTAT_COPY,
	VMSTAT_REACTIVATE,
	VMSTAT_LOOKUP,
	VMSTAT_HIT,
	VMSTAT_IN,
	VMSTAT_OUT,
	VMSTAT_SWAP_IN,
	VMSTAT_SWAP_OUT,
	VMSTAT_FIELDS
};

static const char *const vmstat_names[VMSTAT_FIELDS] = {
	[VMSTAT_FREE] = "nr_free_pages",
	[VMSTAT_ACTIVE] = "nr_active",
	[VMSTAT_INACTIVE] = "nr_inactive",
	[VMSTAT_WIRED] = "nr_unevictable",
	[VMSTAT_FAULT] = "pgfault",
	[VMSTAT_ZERO] = "mach_zero_fill",
	[VMSTAT_COPY] = "mach_copy_on_write",
	[VMSTAT_REACTIVATE] = "mach_reactivate",
	[VMSTAT_LOOKUP] = "mach_object_lookup",
	[VMSTAT_HIT] = "mach_object_hit",
	[VMSTAT_IN] = "pgpgin",
	[VMSTAT_OUT] = "pgpgout",
	[VMSTAT_SWAP_IN] = "pswpin",
	[VMSTAT_SWAP_OUT] = "pswpout",
};

enum { VMSTAT_USER, VMSTAT_SYSTEM, VMSTAT_IDLE, VMSTAT_TIMES };

struct vmstat {
	unsigned long long	value[VMSTAT_FIELDS];
	unsigned long long	time[VMSTAT_TIMES];	/* ticks */
};

static const char vmstat_help[] =
    "Usage: vmstat [DELAY [COUNT]]\n"
    "What the kernel counts of memory: a line every DELAY seconds, COUNT times"
    "\n(without COUNT until it is ended; without DELAY once).  The first line"
    " counts\nfrom the start of the system on, the others from the line"
    " before.\n\n"
    "  free active inact wired  memory now, in KiB\n"
    "  fault zero copy react    page faults; pages filled with zeros, copied\n"
    "                           when written, used again before they went\n"
    "  look hit                 memory objects asked for that nobody had, and"
    "\n                           how many of them were in memory still\n"
    "  in out                   KiB asked of pagers, sent to them\n"
    "  si so                    of these by the default pager\n"
    "  us sy id                 percents of the processors' time\n";

static bool
vmstat_read_memory(struct vmstat *stat)
{
	FILE *f = fopen("/proc/vmstat", "r");
	unsigned long long value;
	unsigned found = 0;
	char name[64];

	if (f == NULL) {
		return false;
	}
	while (fscanf(f, "%63s %llu", name, &value) == 2) {
		for (unsigned i = 0; i < VMSTAT_FIELDS; i++) {
			if (strcmp(name, vmstat_names[i]) == 0) {
				stat->value[i] = value;
				found |= 1u << i;
			}
		}
	}
	fclose(f);
	if (found != (1u << VMSTAT_FIELDS) - 1) {
		errno = ENOSYS;
		return false;
	}
	for (unsigned i = 0; i < VMSTAT_EVENTS; i++) {
		stat->value[i] *= 4;		/* pages of 4 KiB */
	}
	stat->value[VMSTAT_SWAP_IN] *= 4;
	stat->value[VMSTAT_SWAP_OUT] *= 4;
	return true;
}

static bool
vmstat_read_times(struct vmstat *stat)
{
	FILE *f = fopen("/proc/stat", "r");
	unsigned long long nice;
	int n;

	if (f == NULL) {
		return false;
	}
	n = fscanf(f, "cpu %llu %llu %llu %llu", &stat->time[VMSTAT_USER],
	    &nice, &stat->time[VMSTAT_SYSTEM], &stat->time[VMSTAT_IDLE]);
	fclose(f);
	if (n != 4) {
		errno = ENOSYS;
		return false;
	}
	stat->time[VMSTAT_USER] += nice;
	return true;
}

static void
vmstat_heading(void)
{
	printf("%8s %8s %8s %8s %8s %7s %7s %6s %6s %6s %7s %7s %6s %6s %s\n",
	    "free", "active", "inact", "wired", "fault", "zero", "copy",
	    "react", "look", "hit", "in", "out", "si", "so", " us  sy  id");
}

/* What NOW has more than BEFORE; what there is at the moment stays. */
static void
vmstat_line(const struct vmstat *now, const struct vmstat *before)
{
	static const int widths[VMSTAT_FIELDS] = {
		8, 8, 8, 8, 8, 7, 7, 6, 6, 6, 7, 7, 6, 6,
	};
	unsigned long long all = 0;
	unsigned long long part[VMSTAT_TIMES];

	for (unsigned i = 0; i < VMSTAT_FIELDS; i++) {
		printf("%*llu ", widths[i], i < VMSTAT_EVENTS ?
		    now->value[i] :
		    vmstat_counted(now->value[i], before->value[i]));
	}
	for (unsigned i = 0; i < VMSTAT_TIMES; i++) {
		part[i] = now->time[i] - before->time[i];
		all += part[i];
	}
	for (unsigned i = 0; i < VMSTAT_TIMES; i++) {
		printf("%3llu%s", all == 0 ? 0 : (part[i] * 100 + all / 2) /
		    all, i + 1 < VMSTAT_TIMES ? " " : "\n");
	}
}

/* A number from 1 to VMSTAT_MAX, or the end. */
static unsigned long
vmstat_number(const char *what, const char *text)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    value < 1 || value > VMSTAT_MAX) {
		fprintf(stderr, "vmstat: %s: %s is no number from 1 to %lu\n",
		    what, text, VMSTAT_MAX);
		exit(1);
	}
	return value;
}

/* Draw COUNT lines, 0 for ever. */
static void
vmstat_run(unsigned long delay, unsigned long count)
{
	struct vmstat stats[2] = { { { 0 }, { 0 } }, { { 0 }, { 0 } } };
	struct timespec pause = { (time_t)delay, 0 };

	for (unsigned long n = 0; count == 0 || n < count; n++) {
		struct vmstat *now = &stats[n % 2];

		if (n > 0) {
			nanosleep(&pause, NULL);
		}
		if (!vmstat_read_memory(now) || !vmstat_read_times(now)) {
			fprintf(stderr, "vmstat: /proc: %s\n",
			    strerror(errno));
			exit(1);
		}
		if (n % VMSTAT_LINES == 0) {
			vmstat_heading();
		}
		vmstat_line(now, &stats[(n + 1) % 2]);
		if (fflush(stdout) != 0) {
			fprintf(stderr, "vmstat: %s\n", strerror(errno));
			exit(1);
		}
	}
}

int
main(int argc, char **argv)
{
	unsigned long delay = 1;
	unsigned long count = 1;

	if (argc == 2 && (strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0)) {
		fputs(vmstat_help, stdout);
		return fflush(stdout) == 0 ? 0 : 1;
	}
	if (argc > 3 || (argc > 1 && argv[1][0] == '-')) {
		fprintf(stderr, "vmstat: %s %s; try vmstat --help\n",
		    argc > 3 ? "too many words:" : "unknown option",
		    argv[argc > 3 ? 3 : 1]);
		return 1;
	}
	if (argc > 1) {
		delay = vmstat_number("DELAY", argv[1]);
		count = argc > 2 ? vmstat_number("COUNT", argv[2]) : 0;
	}
	vmstat_run(delay, count);
	return 0;
}
