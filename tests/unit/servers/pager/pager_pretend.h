/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The default pager's memory objects without a kernel and without a file
 * server: paging files are memory, and what the kernel is told of a page can be
 * looked at.
 */
#ifndef TESTS_UNIT_SERVERS_PAGER_PAGER_PRETEND_H
#define TESTS_UNIT_SERVERS_PAGER_PAGER_PRETEND_H

#include <servers/pager/pager.h>

#define PRETEND_PAGE	4096u
#define PRETEND_PAGES	64u	/* of an object, and of a paging file */
#define PRETEND_CONTROL	100u	/* the kernel's port of any object */

/* What the kernel was told last of a page. */
enum pretend_told {
	PRETEND_NOTHING,
	PRETEND_ZEROS,
	PRETEND_ERROR,
	PRETEND_DATA
};

struct pretend_page {
	enum pretend_told told;
	uint32_t	word;		/* the first one of the data */
};

extern struct pretend_page pretend_pages[PRETEND_PAGES];
extern unsigned pretend_destroyed;	/* objects that were given up */
extern bool pretend_no_memory;		/* for maps */
extern kern_return_t pretend_write[SPACE_FILES];	/* what writes give */

/* Who waits for an answer. */
extern bool pretend_asker_gone;
extern unsigned pretend_answers;
extern kern_return_t pretend_answer;	/* the last one */

/* No files, and no objects of an earlier test's. */
void pretend_begin(void);
void pretend_end(void);

/* Page into one more file, of PRETEND_PAGES places; its number. */
uint32_t pretend_add_file(void);

/* An object of the kernel's, and one of a client's, that the kernel knows. */
struct paged *pretend_object(void);
struct paged *pretend_client(uint32_t pages);

/* COUNT pages from PAGE on go out; the first word of each is WORD + number. */
void pretend_page_out(struct paged *paged, uint32_t page, uint32_t count,
    uint32_t word);

/* Ask for COUNT pages from PAGE on, of which nothing has been told. */
void pretend_page_in(struct paged *paged, uint32_t page, uint32_t count);

#endif /* TESTS_UNIT_SERVERS_PAGER_PAGER_PRETEND_H */
