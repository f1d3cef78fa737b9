/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Pages of files without a kernel.  One thread.
 */
#include "file_pages.h"

#include "file_image.h"

#include <servers/errors.h>
#include <servers/file/ext2_data.h>
#include <servers/file/ext2_piece.h>

#include <string.h>

#define PAGE		4096u
#define PAGES		16u		/* of a file; more than the model's */
#define PAGERS		64u

struct file_pager {
	struct ext2_inode	*inode;		/* referenced; NULL: unused */
	bool			ended;
	bool			held;
	bool			mapped;		/* and stored to */
	uint8_t			*page[PAGES];
	bool			dirty[PAGES];
};

static struct file_pager file_pagers[PAGERS];
static unsigned file_pages_seed;

static void
page_free(struct file_pager *pager, unsigned i)
{
	free(pager->page[i]);
	pager->page[i] = NULL;
	pager->dirty[i] = false;
}

/* As file_pager.c does with what comes back. */
static void
page_clean(struct file_pager *pager, unsigned i)
{
	struct ext2_inode *inode = pager->inode;

	if (!pager->dirty[i]) {
		return;
	}
	pager->dirty[i] = false;
	ext2_inode_lock(inode);
	MUST_OK(ext2_data_store(inode, (uint64_t) i * PAGE, pager->page[i],
	    PAGE));
	ext2_inode_unlock(inode);
}

static void
pager_clean(struct file_pager *pager, uint64_t offset, uint64_t size,
    bool flush)
{
	for (unsigned i = 0; i < PAGES; i++) {
		if (pager->page[i] == NULL || (uint64_t) (i + 1) * PAGE
		    <= offset || (uint64_t) i * PAGE >= offset + size) {
			continue;
		}
		page_clean(pager, i);
		if (flush) {
			page_free(pager, i);
		}
	}
}

static struct file_pager *
pager_make(struct ext2_inode *inode)
{
	for (unsigned i = 0; i < PAGERS; i++) {
		struct file_pager *pager = &file_pagers[i];

		if (pager->inode == NULL) {
			ext2_inode_ref(inode);
			pager->inode = inode;
			inode->pager = pager;
			return pager;
		}
	}
	return NULL;
}

static void
pager_end(struct file_pager *pager)
{
	struct ext2_inode *inode = pager->inode;

	pager_clean(pager, 0, UINT32_MAX, true);
	inode->pager = NULL;
	memset(pager, 0, sizeof(*pager));
	ext2_inode_put(inode);
}

static void
page_in(struct file_pager *pager, unsigned i)
{
	MUST(i < PAGES && !pager->held);
	pager->page[i] = malloc(PAGE);
	ext2_inode_lock(pager->inode);
	MUST_OK(ext2_data_fetch(pager->inode, (uint64_t) i * PAGE,
	    pager->page[i], PAGE));
	/* Whoever maps it sees all of the page. */
	for (uint64_t at = 0; at < PAGE; at++) {
		MUST((uint64_t) i * PAGE + at < ext2_piece_limit(pager->inode)
		    || pager->page[i][at] == 0);
	}
	ext2_inode_unlock(pager->inode);
}

static kern_return_t
file_pages_read(struct ext2_inode *inode, uint64_t offset, void *data,
    size_t size, size_t *donep)
{
	struct file_pager *pager = inode->pager;
	size_t done = 0;
	size_t part;
	unsigned i;

	if (pager == NULL) {
		pager = pager_make(inode);
	}
	if (pager == NULL || rand_r(&file_pages_seed) % 8 == 0) {
		return UNIX_EAGAIN;
	}
	while (done < size) {
		i = (offset + done) / PAGE;
		part = PAGE - (offset + done) % PAGE;
		if (part > size - done) {
			part = size - done;
		}
		if (pager->page[i] == NULL) {
			page_in(pager, i);
		}
		memcpy((uint8_t *) data + done,
		    pager->page[i] + (offset + done) % PAGE, part);
		done += part;
	}
	*donep = done;
	return KERN_SUCCESS;
}

static bool
file_pages_takes(struct ext2_inode *inode)
{
	(void) inode;
	return rand_r(&file_pages_seed) % 16 != 0;
}

static bool
file_pages_mapped(struct ext2_inode *inode)
{
	return inode->pager != NULL && inode->pager->mapped;
}

/* Page I of PAGER, one way or the other: it may come and go meanwhile. */
static uint8_t *
page_get(struct file_pager *pager, unsigned i)
{
	if (rand_r(&file_pages_seed) % 8 == 0) {
		pager_clean(pager, (uint64_t) i * PAGE, 1, true);
	}
	if (pager->page[i] == NULL) {
		page_in(pager, i);
	}
	return pager->page[i];
}

static kern_return_t
file_pages_write(struct ext2_inode *inode, uint64_t offset, const void *data,
    size_t size)
{
	struct file_pager *pager = inode->pager;
	size_t part;
	unsigned i;

	if (pager == NULL) {
		pager = pager_make(inode);
	}
	for (size_t done = 0; done < size; done += part) {
		if (pager == NULL || rand_r(&file_pages_seed) % 16 == 0) {
			return UNIX_EAGAIN;
		}
		i = (offset + done) / PAGE;
		/* In two parts, perhaps. */
		part = PAGE - (offset + done) % PAGE;
		part = part > 1 && rand_r(&file_pages_seed) % 4 == 0 ? part / 2
		    : part;
		if (part > size - done) {
			part = size - done;
		}
		/* Like the kernel: it has all blocks before it changes a page. */
		memcpy(page_get(pager, i) + (offset + done) % PAGE,
		    (const uint8_t *) data + done, part);
		pager->dirty[i] = true;
		ext2_inode_lock(inode);
		MUST_OK(ext2_data_reserve(inode, (uint64_t) i * PAGE, PAGE,
		    false));
		ext2_inode_unlock(inode);
	}
	return KERN_SUCCESS;
}

static void
file_pages_throttle(struct ext2_inode *inode)
{
	(void) inode;
}

static struct file_pager *
file_pages_hold(struct ext2_inode *inode, uint64_t offset, uint64_t size)
{
	struct file_pager *pager = inode->pager;

	if (pager != NULL) {
		MUST(!pager->held);
		pager->held = true;
		pager_clean(pager, offset, size, true);
	}
	return pager;
}

static void
file_pages_release(struct file_pager *pager)
{
	MUST(pager->held);
	pager->held = false;
}

static void
file_pages_clean(struct ext2_inode *inode, uint64_t offset, uint64_t size)
{
	if (inode->pager != NULL) {
		pager_clean(inode->pager, offset, size, false);
	}
}

/* The kernel tells of its end later. */
static void
file_pages_deleted(struct ext2_inode *inode)
{
	if (inode->pager != NULL) {
		inode->pager->ended = true;
	}
}

static const struct ext2_pager_ops file_pages_ops = {
	.limit = 1u << 31,
	.read = file_pages_read,
	.takes = file_pages_takes,
	.mapped = file_pages_mapped,
	.write = file_pages_write,
	.throttle = file_pages_throttle,
	.hold = file_pages_hold,
	.release = file_pages_release,
	.clean = file_pages_clean,
	.deleted = file_pages_deleted
};

void
file_pages_start(struct ext2_fs *fs, unsigned seed)
{
	file_pages_seed = seed;
	fs->pager_ops = &file_pages_ops;
}

void
file_pages_reclaim(void)
{
	struct file_pager *pager;

	for (unsigned i = 0; i < PAGERS; i++) {
		pager = &file_pagers[i];
		if (pager->inode == NULL) {
			continue;
		}
		if (pager->ended || rand_r(&file_pages_seed) % 64 == 0) {
			pager_end(pager);
		} else if (rand_r(&file_pages_seed) % 8 == 0) {
			pager_clean(pager,
			    (uint64_t) (rand_r(&file_pages_seed) % PAGES)
			    * PAGE, 1, true);
		}
	}
}

bool
file_pages_store(struct ext2_inode *inode, uint64_t offset, char byte)
{
	struct file_pager *pager = inode->pager;
	unsigned i = offset / PAGE;

	if (pager == NULL || pager->page[i] == NULL) {
		return false;
	}
	ext2_inode_lock(inode);
	MUST_OK(ext2_data_reserve(inode, (uint64_t) i * PAGE, PAGE, false));
	ext2_inode_unlock(inode);
	pager->page[i][offset % PAGE] = byte;
	pager->dirty[i] = true;
	pager->mapped = true;
	return true;
}

void
file_pages_end(void)
{
	for (unsigned i = 0; i < PAGERS; i++) {
		if (file_pagers[i].inode != NULL) {
			pager_end(&file_pagers[i]);
		}
	}
}
