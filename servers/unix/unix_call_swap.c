/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Files to page into.  The default pager does that; here is what Linux asks of
 * such a file: that it is a regular one, and that mkswap has marked it as one
 * whose contents nobody needs.  Priorities are not heeded: the files are filled
 * in the order in which they came.
 */
#include <servers/unix/unix_call.h>

#include <servers/unix/unix_proc.h>
#include <string.h>

#define SWAP_PAGE		4096u
#define SWAP_HEADER		1024u	/* behind what a disk starts with */
#define SWAP_MARK		"SWAPSPACE2"
#define SWAP_MARK_SIZE		10u
#define SWAP_VERSION		1u
#define SWAP_FLAGS		0x7ffffu

/* What mkswap leaves in the first page. */
struct swap_header {
	uint32_t	version;
	uint32_t	last_page;
	uint32_t	bad_pages;
};

static int32_t
swap_read(uint32_t port, void *to, uint32_t size, int64_t offset)
{
	int32_t n = remote_read(port, to, size, offset);

	return n < 0 ? n : n == (int32_t)size ? 0 : -L_EINVAL;
}

/* Is the file at PLACE one that mkswap made? */
static int32_t
swap_check(const struct place *place)
{
	struct swap_header header;
	char mark[SWAP_MARK_SIZE];
	int32_t error;

	if (place->node != NULL ||
	    (place->stat.mode & L_S_IFMT) != L_S_IFREG) {
		return -L_EINVAL;
	}
	error = swap_read(place->port, mark, sizeof(mark),
	    SWAP_PAGE - sizeof(mark));
	if (error == 0) {
		error = swap_read(place->port, &header, sizeof(header),
		    SWAP_HEADER);
	}
	if (error != 0) {
		return error;
	}
	if (memcmp(mark, SWAP_MARK, sizeof(mark)) != 0 ||
	    header.version != SWAP_VERSION || header.bad_pages != 0 ||
	    header.last_page == 0 ||
	    header.last_page >= place->stat.size / SWAP_PAGE) {
		return -L_EINVAL;
	}
	return 0;
}

/* Page into PLACE, or no more, for T. */
static int32_t
swap_change(struct uthread *t, const struct place *place, bool add)
{
	char name[FILE_PATH_MAX + 1];
	int32_t error;

	error = remote_dir_path(place->port, name, sizeof(name));
	if (error != 0) {
		return error;
	}
	return proc_machine_swap(t, place->port, name, add);
}

int32_t
call_swapon(struct call *c)
{
	struct place place;
	int32_t error;

	if (c->p->cred.euid != 0) {
		return -L_EPERM;
	}
	if ((c->a[1] & ~SWAP_FLAGS) != 0) {
		return -L_EINVAL;
	}
	if (c->in[0] == NULL) {
		return -L_EFAULT;
	}
	error = path_walk(c->p, L_AT_FDCWD, c->in[0], 0, FILE_O_READ, 0,
	    &place);
	if (error == 0) {
		error = swap_check(&place);
	}
	if (error == 0) {
		error = swap_change(c->t, &place, true);
	}
	place_release(&place);
	return error;
}

int32_t
call_swapoff(struct call *c)
{
	struct place place;
	int32_t error;

	if (c->p->cred.euid != 0) {
		return -L_EPERM;
	}
	if (c->in[0] == NULL) {
		return -L_EFAULT;
	}
	error = path_walk(c->p, L_AT_FDCWD, c->in[0], 0, FILE_O_PATH, 0,
	    &place);
	if (error == 0 && place.node != NULL) {
		error = -L_EINVAL;
	}
	if (error == 0) {
		error = swap_change(c->t, &place, false);
	}
	place_release(&place);
	return error;
}
