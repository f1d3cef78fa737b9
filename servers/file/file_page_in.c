/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Page-ins, a few at a time.
 */
#include <servers/file/file_page_in.h>

#include <pthread.h>
#include <servers/errors.h>
#include <servers/file/ext2_data.h>
#include <servers/file/ext2_piece.h>
#include <servers/file/file_pager_i.h>
#include <stdlib.h>

#include <mig/mach4_user.h>
#include <mig/mach_user.h>

/*
 * A page-in brings in this much, when the file has it: of who reads in
 * sequence, and memory is not short; and of others.
 */
#define FILE_PAGE_IN_AHEAD	(64 * 1024)
#define FILE_PAGE_IN_CLUSTER	(32 * 1024)

/* Protects the rest; nothing is taken inside. */
static pthread_mutex_t file_page_ins_lock = PTHREAD_MUTEX_INITIALIZER;
static struct file_page_in *file_page_ins;	/* oldest first */
static struct file_page_in **file_page_ins_end = &file_page_ins;
static unsigned file_page_ins_busy;		/* threads that serve them */

/*
 * Where pages may begin, behind OFFSET, that the kernel has and that differ from
 * the disk: what is asked for it has not, but more might be supplied just when
 * it has sent those to us, and then it would be the old contents.
 */
static uint64_t
file_page_in_stop(struct file_pager *pager, uint64_t offset)
{
	uint64_t stop = FILE_PAGER_MAX;

	os_mutex_lock(&pager->lock);
	if (pager->dirty_from < pager->dirty_to && offset < pager->dirty_to) {
		stop = pager->dirty_from & ~(uint64_t) (vm_page_size - 1);
	}
	if (pager->writable && offset < pager->shown_to
	    && stop > pager->shown_from) {
		stop = pager->shown_from;
	}
	os_mutex_unlock(&pager->lock);
	return stop;
}

/*
 * How much to bring in at OFFSET, where LENGTH is wanted, in clusters of
 * CLUSTER: page multiple.
 */
static vm_size_t
file_page_in_extent(struct file_pager *pager, vm_offset_t offset,
    vm_size_t length, vm_size_t cluster)
{
	struct ext2_inode *inode = pager->inode;
	uint64_t dirty = file_page_in_stop(pager, offset);
	uint64_t end = (ext2_piece_limit(inode) + vm_page_size - 1)
	    & ~(uint64_t) (vm_page_size - 1);
	uint64_t stop = ((uint64_t) offset + cluster)
	    & ~(uint64_t) (cluster - 1);

	if (stop > dirty) {
		stop = dirty;
	}
	if (stop < (uint64_t) offset + length) {
		stop = (uint64_t) offset + length;
	}
	if (stop > end) {
		stop = end;
	}
	return stop > offset ? stop - offset : 0;
}

/*
 * Read into DATA what is asked for, and up to *SIZEP with it, and say how much
 * that was and with what lock: pages with holes may be written only after a
 * block was found for them.
 */
static kern_return_t
file_page_in_read(struct file_pager *pager, const struct file_page_in *in,
    void *data, vm_size_t *sizep, vm_prot_t *lockp)
{
	struct ext2_inode *inode = pager->inode;
	vm_size_t size;
	bool hole = false;
	kern_return_t kr = KERN_SUCCESS;

	size = file_page_in_extent(pager, in->offset, in->length, *sizep);
	if (size == 0) {
		return UNIX_EFAULT;
	}
	if ((in->access & VM_PROT_WRITE) != 0) {
		kr = ext2_data_reserve(inode, in->offset, in->length, false);
	}
	if (kr == KERN_SUCCESS) {
		kr = ext2_data_has_hole(inode, in->offset, size, &hole);
	}
	if (kr == KERN_SUCCESS && hole && size > in->length) {
		size = in->length;
		kr = ext2_data_has_hole(inode, in->offset, size, &hole);
	}
	if (kr == KERN_SUCCESS) {
		kr = ext2_data_fetch(inode, in->offset, data, size);
	}
	if (kr != KERN_SUCCESS && size > in->length) {
		/* Later pages are unreadable; what was asked for may be. */
		size = in->length;
		kr = ext2_data_fetch(inode, in->offset, data, size);
	}
	*sizep = size;
	*lockp = hole ? VM_PROT_WRITE : VM_PROT_NONE;
	return kr;
}

/* How much to read ahead of IN: who goes on in sequence gets more. */
static vm_size_t
file_page_in_cluster(struct file_pager *pager, const struct file_page_in *in)
{
	bool sequential;

	os_mutex_lock(&pager->lock);
	sequential = in->offset == 0 || in->offset == pager->page_in_end;
	os_mutex_unlock(&pager->lock);
	return sequential && !os_memory_short() ? FILE_PAGE_IN_AHEAD
	    : FILE_PAGE_IN_CLUSTER;
}

/* The kernel is about to have [OFFSET, OFFSET + SIZE). */
static void
file_page_in_show(struct file_pager *pager, uint64_t offset, uint64_t size)
{
	os_mutex_lock(&pager->lock);
	file_pager_widen(&pager->shown_from, &pager->shown_to, offset,
	    offset + size);
	pager->page_in_end = offset + size;
	os_mutex_unlock(&pager->lock);
}

static void
file_page_in_send_part(mach_port_t control, vm_offset_t offset,
    vm_address_t data, vm_size_t size, vm_prot_t lock)
{
	if (size > 0 && memory_object_data_supply(control, offset, data, size,
	    TRUE, lock, FALSE, MACH_PORT_NULL) != KERN_SUCCESS) {
		(void) vm_deallocate(mach_task_self(), data, size);
	}
}

/*
 * First what nobody waits for yet: who goes on when it has what was asked for
 * must find that, or would ask for each page of it.
 */
static void
file_page_in_send(mach_port_t control, const struct file_page_in *in,
    vm_address_t data, vm_size_t size, vm_prot_t lock)
{
	vm_size_t first = in->length < size ? in->length : size;

	file_page_in_send_part(control, in->offset + first, data + first,
	    size - first, lock);
	file_page_in_send_part(control, in->offset, data, first, lock);
}

static void
file_page_in_supply(struct file_pager *pager, mach_port_t control,
    const struct file_page_in *in)
{
	vm_size_t size = file_page_in_cluster(pager, in);
	vm_size_t room = in->length > size ? in->length : size;
	vm_address_t data;
	vm_prot_t lock = VM_PROT_NONE;
	kern_return_t kr;

	kr = vm_allocate(mach_task_self(), &data, room, TRUE);
	if (kr == KERN_SUCCESS) {
		ext2_inode_lock(pager->inode);
		kr = file_page_in_read(pager, in, (void *) data, &size, &lock);
		ext2_inode_unlock(pager->inode);
		if (kr != KERN_SUCCESS) {
			size = 0;
		}
		if (size < room) {
			(void) vm_deallocate(mach_task_self(), data + size,
			    room - size);
		}
	}
	if (kr == KERN_SUCCESS) {
		file_page_in_show(pager, in->offset, size);
		file_page_in_send(control, in, data, size, lock);
	} else {
		(void) memory_object_data_error(control, in->offset,
		    in->length, kr);
	}
}

/* The kernel has the page, and somebody wants to write to it. */
static void
file_page_in_allow(struct file_pager *pager, mach_port_t control,
    const struct file_page_in *in)
{
	kern_return_t kr;

	ext2_inode_lock(pager->inode);
	kr = ext2_data_reserve(pager->inode, in->offset, in->length, false);
	ext2_inode_unlock(pager->inode);
	if (kr != KERN_SUCCESS) {
		(void) memory_object_data_error(control, in->offset,
		    in->length, kr);
		return;
	}
	(void) memory_object_lock_request(control, in->offset, in->length,
	    MEMORY_OBJECT_RETURN_NONE, FALSE, VM_PROT_NONE, MACH_PORT_NULL);
}

static void
file_page_in_serve(const struct file_page_in *in)
{
	struct file_pager *pager = in->pager;

	if (in->unlock) {
		file_page_in_allow(pager, in->control, in);
	} else {
		file_page_in_supply(pager, in->control, in);
	}
	os_mutex_lock(&pager->lock);
	pager->page_ins--;
	os_cond_broadcast(&pager->changed);
	os_mutex_unlock(&pager->lock);
	cache_throttle(&pager->inode->fs->cache);
}

/* One of the threads that serve has time for another page-in, if any waits. */
static struct file_page_in *
file_page_ins_next(void)
{
	struct file_page_in *in;

	pthread_mutex_lock(&file_page_ins_lock);
	in = file_page_ins;
	if (in == NULL) {
		file_page_ins_busy--;
	} else {
		file_page_ins = in->next;
		if (in->next == NULL) {
			file_page_ins_end = &file_page_ins;
		}
	}
	pthread_mutex_unlock(&file_page_ins_lock);
	return in;
}

void
file_page_in_submit(struct file_page_in *in)
{
	bool queued;

	in->next = NULL;
	pthread_mutex_lock(&file_page_ins_lock);
	queued = file_page_ins_busy == FILE_PAGE_INS_MAX;
	if (queued) {
		*file_page_ins_end = in;
		file_page_ins_end = &in->next;
	} else {
		file_page_ins_busy++;
	}
	pthread_mutex_unlock(&file_page_ins_lock);
	while (!queued && in != NULL) {
		file_page_in_serve(in);
		file_pager_drop(in->control);
		object_unref(&in->pager->object);
		free(in);
		in = file_page_ins_next();
	}
}

bool
file_page_in_begin(struct file_page_in *in)
{
	struct file_pager *pager = in->pager;
	bool begun;

	os_mutex_lock(&pager->lock);
	begun = !pager->held;
	if (begun) {
		pager->page_ins++;
	} else {
		in->next = pager->waiting;
		pager->waiting = in;
	}
	os_mutex_unlock(&pager->lock);
	return begun;
}
