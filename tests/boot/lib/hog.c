/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include "hog.h"

#include "mach_user.h"
#include "probe.h"

#define P	vm_page_size

volatile unsigned hog_rounds;

static unsigned hog_pages;
static volatile unsigned hog_bad;
static volatile bool hog_stop;
static volatile bool hog_done;

/* Count up a word of each page, which no other page has. */
static void
hog_round(volatile uint32_t *words, unsigned round)
{
	for (unsigned i = 0; i < hog_pages && !hog_stop; i++) {
		volatile uint32_t *word = &words[i * (P / 4)];

		if (round > 0 && *word != (round - 1) * hog_pages + i) {
			hog_bad++;
		}
		*word = round * hog_pages + i;
	}
}

static void
hog(void *arg)
{
	vm_offset_t addr = 0;

	need("hog", vm_allocate(rt_task, &addr, hog_pages * P, TRUE));
	while (!hog_stop) {
		hog_round((volatile uint32_t *)addr, hog_rounds);
		hog_rounds++;
	}
	vm_deallocate(rt_task, addr, hog_pages * P);
	hog_done = true;
	rt_thread_exit();
}

void
hog_start(void)
{
	unsigned pages = (unsigned)probe_free_pages();

	hog_pages = pages + pages / 8;
	rt_thread_create(hog, NULL);
}

void
hog_end(void)
{
	hog_stop = true;
	want_number("# the hog is done", rt_until(hog_done), 1);
	want_number("# its bad pages", hog_bad, 0);
}
