/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The pager of mapped files: memory_object.defs, with sequence numbers.
 */
#include <servers/file/file_pager.h>

#include <mach/memory_object.h>
#include <mach/notify.h>
#include <pthread.h>
#include <servers/errors.h>
#include <servers/file/ext2_data.h>
#include <servers/file/file_guard.h>
#include <servers/file/file_page_in.h>
#include <servers/file/file_pager_i.h>
#include <servers/file/file_pager_io.h>
#include <servers/file/file_window.h>
#include <servers/lib/log.h>
#include <servers/lib/mach.h>
#include <servers/lib/object.h>
#include <servers/lib/server.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mig/mach4_user.h>
#include <mig/mach_host_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/memory_object_seqnos_server.h>

/*
 * Threads for the kernel's requests, which all others may wait for: those that
 * page in, and as many for what comes back.
 */
#define FILE_PAGER_THREADS	(2 * FILE_PAGE_INS_MAX)

/* So much of a file is cleaned at a time: the kernel copies it for that. */
#define FILE_PAGER_CLEAN	(1024u * 1024)

/* A file may have so much that is not on the disk, and then has it written. */
#define FILE_PAGER_UNCLEAN	(1024u * 1024)

/* How often to try to wire what came back, and the time between, us. */
#define FILE_PAGER_WIRE_TRIES	100u
#define FILE_PAGER_WIRE_MOMENT	10000u

/* Where the ports of pagers are. */
static mach_port_t file_pager_group;

/* Protects inode->pager and the list; before pagers' locks. */
static pthread_mutex_t file_pager_table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct file_pager *file_pagers;		/* last used first */
static struct file_pager *file_pagers_oldest;
static unsigned file_pagers_kept;		/* not retired */
static unsigned file_pagers_max;		/* of those */
static mach_port_t file_pager_host;		/* [I] for vm_wire */

/* What windows have changed and is not on the disk, most likely: atomic. */
static uint64_t file_pagers_unclean;
static uint64_t file_pagers_unclean_max;

void
file_pager_drop(mach_port_t port)
{
	if (port != MACH_PORT_NULL) {
		(void) mach_port_deallocate(mach_task_self(), port);
	}
}

static void
file_pager_list_locked(struct file_pager *pager)
{
	pager->listed = true;
	pager->prev = NULL;
	pager->next = file_pagers;
	if (file_pagers != NULL) {
		file_pagers->prev = pager;
	} else {
		file_pagers_oldest = pager;
	}
	file_pagers = pager;
	file_pagers_kept += pager->retired ? 0 : 1;
}

static void
file_pager_unlist_locked(struct file_pager *pager)
{
	if (pager->prev != NULL) {
		pager->prev->next = pager->next;
	} else {
		file_pagers = pager->next;
	}
	if (pager->next != NULL) {
		pager->next->prev = pager->prev;
	} else {
		file_pagers_oldest = pager->prev;
	}
	pager->listed = false;
	file_pagers_kept -= pager->retired ? 0 : 1;
}

static void
file_pager_gone(struct object *object)
{
	struct file_pager *pager = (struct file_pager *) object;

	pthread_mutex_lock(&file_pager_table_lock);
	if (pager->inode->pager == pager) {
		__atomic_store_n(&pager->inode->pager, NULL,
		    __ATOMIC_RELEASE);
	}
	if (pager->listed) {
		file_pager_unlist_locked(pager);
	}
	pthread_mutex_unlock(&file_pager_table_lock);
	/* Nobody will answer a lock request any more. */
	os_mutex_lock(&pager->lock);
	pager->locking = false;
	pager->gone = true;
	__atomic_sub_fetch(&file_pagers_unclean, pager->unclean,
	    __ATOMIC_RELAXED);
	pager->unclean = 0;
	os_cond_broadcast(&pager->changed);
	os_mutex_unlock(&pager->lock);
}

static void
file_pager_free(struct object *object)
{
	struct file_pager *pager = (struct file_pager *) object;

	if (pager->control != MACH_PORT_NULL) {
		(void) mach_port_deallocate(mach_task_self(), pager->control);
	}
	file_pager_drop(pager->name);
	ext2_inode_put(pager->inode);
	os_cond_fini(&pager->changed);
	os_mutex_fini(&pager->lock);
	free(pager);
}

static const struct object_class file_pager_class = {
	.name = "mapped file",
	.gone = file_pager_gone,
	.free = file_pager_free
};

kern_return_t
file_pager_setup(mach_port_t host, unsigned kept, size_t unclean)
{
	kern_return_t kr;

	file_window_setup(host);
	file_pager_host = host;
	file_pagers_max = kept;
	file_pagers_unclean_max = unclean;
	kr = file_guard_setup();
	if (kr == KERN_SUCCESS) {
		kr = server_group_create(FILE_PAGER_THREADS,
		    &file_pager_group);
	}
	return kr;
}

/*
 * Making pagers.
 */

static kern_return_t
file_pager_create_locked(struct ext2_inode *inode, struct file_pager **pagerp)
{
	struct file_pager *pager = calloc(1, sizeof(*pager));
	kern_return_t kr;

	if (pager == NULL) {
		return UNIX_ENOMEM;
	}
	kr = object_create(&pager->object, &file_pager_class);
	if (kr != KERN_SUCCESS) {
		free(pager);
		return UNIX_ENOMEM;
	}
	(void) server_group_add(file_pager_group, pager->object.port);
	os_mutex_init(&pager->lock);
	os_cond_init(&pager->changed);
	ext2_inode_ref(inode);
	pager->inode = inode;
	file_pager_list_locked(pager);
	__atomic_store_n(&inode->pager, pager, __ATOMIC_RELEASE);
	*pagerp = pager;
	return KERN_SUCCESS;
}

/* Shall the kernel keep the pages of PAGER's file when nobody maps it? */
static void
file_pager_keep(struct file_pager *pager, bool keep)
{
	mach_port_t control;

	os_mutex_lock(&pager->lock);
	control = pager->control;
	if (control != MACH_PORT_NULL) {
		(void) memory_object_change_attributes(control, keep,
		    MEMORY_OBJECT_COPY_DELAY, MACH_PORT_NULL);
	}
	os_mutex_unlock(&pager->lock);
}

/*
 * PAGER is used; NULL: nothing.  If it was retired it is not any more, and
 * *AGAINP says that the kernel has to hear of that.
 */
static void
file_pager_use_locked(struct file_pager *pager, bool *againp)
{
	*againp = pager->listed && pager->retired;
	if (pager->listed && pager != file_pagers) {
		file_pager_unlist_locked(pager);
		pager->retired = false;
		file_pager_list_locked(pager);
	} else if (*againp) {
		pager->retired = false;
		file_pagers_kept++;
	}
}

/*
 * If too many files are kept, the one that was not used for the longest time
 * is not any more; with a reference, for file_pager_retire.
 */
static struct file_pager *
file_pager_surplus_locked(void)
{
	struct file_pager *pager = file_pagers_oldest;

	if (file_pagers_kept <= file_pagers_max) {
		return NULL;
	}
	while (pager != NULL && pager->retired) {
		pager = pager->prev;
	}
	if (pager != NULL) {
		pager->retired = true;
		file_pagers_kept--;
		object_ref(&pager->object);
	}
	return pager;
}

static void
file_pager_retire(struct file_pager *pager)
{
	if (pager != NULL) {
		file_window_forget(&pager->object);
		file_pager_keep(pager, false);
		object_unref(&pager->object);
	}
}

/* A right for the object of INODE's pager, which is made if need be. */
static kern_return_t
file_pager_right(struct ext2_inode *inode, bool writable, mach_port_t *rightp)
{
	struct file_pager *pager;
	mach_port_t right = MACH_PORT_NULL;
	kern_return_t kr = KERN_SUCCESS;

	pthread_mutex_lock(&file_pager_table_lock);
	pager = inode->pager;
	if (pager != NULL) {
		right = object_right(&pager->object);
	}
	if (right == MACH_PORT_NULL) {
		kr = file_pager_create_locked(inode, &pager);
		if (kr == KERN_SUCCESS) {
			right = object_right(&pager->object);
			object_unref(&pager->object);
		}
	}
	if (kr == KERN_SUCCESS) {
		os_mutex_lock(&pager->lock);
		pager->copied = pager->copied || !writable;
		pager->writable = pager->writable || writable;
		os_mutex_unlock(&pager->lock);
	}
	pthread_mutex_unlock(&file_pager_table_lock);
	if (kr == KERN_SUCCESS && right == MACH_PORT_NULL) {
		kr = UNIX_ENOMEM;
	}
	*rightp = right;
	return kr;
}

kern_return_t
file_pager_proxy(struct ext2_inode *inode, vm_prot_t protection,
    mach_port_t *proxyp)
{
	vm_offset_t zero = 0;
	vm_size_t length = FILE_PAGER_MAX;
	mach_port_t right;
	kern_return_t kr;

	kr = file_pager_right(inode, (protection & VM_PROT_WRITE) != 0,
	    &right);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = memory_object_create_proxy(mach_task_self(), protection, &right,
	    MACH_MSG_TYPE_COPY_SEND, 1, &zero, 1, &zero, 1, &length, 1,
	    proxyp);
	(void) mach_port_deallocate(mach_task_self(), right);
	return kr;
}

struct ext2_inode *
file_pager_inode(mach_port_t name)
{
	struct ext2_inode *inode = NULL;
	bool found;

	pthread_mutex_lock(&file_pager_table_lock);
	for (struct file_pager *pager = file_pagers;
	    pager != NULL && inode == NULL; pager = pager->next) {
		os_mutex_lock(&pager->lock);
		found = pager->name == name;
		os_mutex_unlock(&pager->lock);
		if (found) {
			inode = pager->inode;
			ext2_inode_ref(inode);
		}
	}
	pthread_mutex_unlock(&file_pager_table_lock);
	return inode;
}

struct file_pager *
file_pager_ref(struct ext2_inode *inode)
{
	struct file_pager *pager;

	pthread_mutex_lock(&file_pager_table_lock);
	pager = inode->pager;
	if (pager != NULL) {
		object_ref(&pager->object);
	}
	pthread_mutex_unlock(&file_pager_table_lock);
	return pager;
}

/*
 * Order.
 */

static void
file_pager_turn(struct file_pager *pager, mach_port_seqno_t seqno)
{
	os_mutex_lock(&pager->lock);
	while (!pager->gone && (int32_t) (seqno - pager->turn) > 0) {
		os_cond_wait(&pager->changed, &pager->lock);
	}
	os_mutex_unlock(&pager->lock);
}

static void
file_pager_turn_done(struct file_pager *pager, mach_port_seqno_t seqno)
{
	os_mutex_lock(&pager->lock);
	pager->turn = seqno + 1;
	os_cond_broadcast(&pager->changed);
	os_mutex_unlock(&pager->lock);
}

/*
 * Holding.
 */

/*
 * Let the kernel return what is dirty in the range, and with FLUSH forget all
 * of it; wait until that has arrived.  The pager is held.
 */
static void
file_pager_lock_range(struct file_pager *pager, uint64_t offset, uint64_t size,
    bool flush)
{
	uint64_t end = offset + size;
	mach_port_t control;
	kern_return_t kr;

	if (end > FILE_PAGER_MAX) {
		end = FILE_PAGER_MAX;
	}
	offset &= ~(uint64_t) (vm_page_size - 1);
	end = (end + vm_page_size - 1) & ~(uint64_t) (vm_page_size - 1);
	os_mutex_lock(&pager->lock);
	control = pager->control;
	if (control == MACH_PORT_NULL || offset >= end) {
		os_mutex_unlock(&pager->lock);
		return;
	}
	/* A reference, against the object's end meanwhile. */
	(void) mach_port_mod_refs(mach_task_self(), control,
	    MACH_PORT_RIGHT_SEND, 1);
	pager->locking = true;
	os_mutex_unlock(&pager->lock);
	kr = memory_object_lock_request(control, offset, end - offset,
	    MEMORY_OBJECT_RETURN_DIRTY, flush, VM_PROT_NO_CHANGE,
	    pager->object.port);
	os_mutex_lock(&pager->lock);
	if (kr != KERN_SUCCESS) {
		/* It has ended; what came back then is before that news. */
		pager->locking = false;
		while (pager->control == control && !pager->gone) {
			os_cond_wait(&pager->changed, &pager->lock);
		}
	}
	while (pager->locking) {
		os_cond_wait(&pager->changed, &pager->lock);
	}
	os_mutex_unlock(&pager->lock);
	(void) mach_port_deallocate(mach_task_self(), control);
}

static void
file_pager_acquire(struct file_pager *pager)
{
	os_mutex_lock(&pager->lock);
	while (pager->held) {
		os_cond_wait(&pager->changed, &pager->lock);
	}
	pager->held = true;
	while (pager->page_ins > 0) {
		os_cond_wait(&pager->changed, &pager->lock);
	}
	os_mutex_unlock(&pager->lock);
}

/* Let page-ins go on, and do those that waited.  Consumes the reference. */
static void
file_pager_release(struct file_pager *pager)
{
	struct file_page_in *waiting;
	struct file_page_in *in;

	os_mutex_lock(&pager->lock);
	waiting = pager->waiting;
	pager->waiting = NULL;
	for (in = waiting; in != NULL; in = in->next) {
		pager->page_ins++;
	}
	pager->held = false;
	os_cond_broadcast(&pager->changed);
	os_mutex_unlock(&pager->lock);
	while (waiting != NULL) {
		in = waiting;
		waiting = in->next;
		file_page_in_submit(in);
	}
	object_unref(&pager->object);
}

/*
 * May the kernel have pages of [OFFSET, OFFSET + SIZE)?  Those are flushed now,
 * and none comes while PAGER is held.
 */
static bool
file_pager_hide(struct file_pager *pager, uint64_t offset, uint64_t size)
{
	uint64_t mask = vm_page_size - 1;
	uint64_t end = (offset + size + mask) & ~mask;
	bool shown;

	offset &= ~mask;
	os_mutex_lock(&pager->lock);
	shown = offset < pager->shown_to && end > pager->shown_from;
	if (shown && end >= pager->shown_to) {
		pager->shown_to = offset > pager->shown_from ? offset
		    : pager->shown_from;
	} else if (shown && offset <= pager->shown_from) {
		pager->shown_from = end;
	}
	os_mutex_unlock(&pager->lock);
	return shown;
}

static bool
file_pager_mapped(struct ext2_inode *inode)
{
	struct file_pager *pager = file_pager_ref(inode);
	bool mapped;

	if (pager == NULL) {
		return false;
	}
	os_mutex_lock(&pager->lock);
	mapped = pager->writable;
	os_mutex_unlock(&pager->lock);
	object_unref(&pager->object);
	return mapped;
}

static struct file_pager *
file_pager_hold(struct ext2_inode *inode, uint64_t offset, uint64_t size)
{
	struct file_pager *pager = file_pager_ref(inode);

	if (pager != NULL) {
		file_pager_acquire(pager);
		if (file_pager_hide(pager, offset, size)) {
			file_pager_lock_range(pager, offset, size, true);
		}
	}
	return pager;
}

void
file_pager_widen(uint64_t *fromp, uint64_t *top, uint64_t from, uint64_t to)
{
	bool empty = *fromp == *top;

	if (empty || from < *fromp) {
		*fromp = from;
	}
	if (empty || to > *top) {
		*top = to;
	}
}

/*
 * Of [*FROMP, *TOP) what may have been changed: mappings do so wherever the
 * kernel has pages.  False if nothing has.
 */
static bool
file_pager_dirty_locked(const struct file_pager *pager, uint64_t *fromp,
    uint64_t *top)
{
	uint64_t from = pager->dirty_from;
	uint64_t to = pager->dirty_to;

	if (pager->writable && pager->shown_from < pager->shown_to) {
		file_pager_widen(&from, &to, pager->shown_from,
		    pager->shown_to);
	}
	if (*fromp < from) {
		*fromp = from;
	}
	if (*top > to) {
		*top = to;
	}
	return *fromp < *top && pager->control != MACH_PORT_NULL;
}

/*
 * [FROM, TO) is about to be cleaned, and PAGER is held: what windows have
 * changed there is on the disk soon, but for what they are changing just now.
 */
static void
file_pager_forget_dirty_locked(struct file_pager *pager, uint64_t from,
    uint64_t to)
{
	if (pager->writes == 0 && from <= pager->dirty_from
	    && to >= pager->dirty_to) {
		__atomic_sub_fetch(&file_pagers_unclean, pager->unclean,
		    __ATOMIC_RELAXED);
		pager->unclean = 0;
		pager->dirty_from = 0;
		pager->dirty_to = 0;
	}
}

void
file_pager_changed_locked(struct file_pager *pager, uint64_t offset,
    uint64_t size)
{
	file_pager_widen(&pager->dirty_from, &pager->dirty_to, offset,
	    offset + size);
}

void
file_pager_count_locked(struct file_pager *pager, size_t size)
{
	pager->unclean += size;
	__atomic_add_fetch(&file_pagers_unclean, size, __ATOMIC_RELAXED);
}

/*
 * Wait until what was changed in the range before is on the disk, also if
 * others have it written.  Consumes the reference.
 */
static void
file_pager_clean_one(struct file_pager *pager, uint64_t offset, uint64_t size)
{
	uint64_t end = size < FILE_PAGER_MAX - offset ? offset + size
	    : FILE_PAGER_MAX;
	uint64_t part;
	bool dirty;

	os_mutex_lock(&pager->lock);
	dirty = pager->held || file_pager_dirty_locked(pager, &offset, &end);
	os_mutex_unlock(&pager->lock);
	if (!dirty) {
		object_unref(&pager->object);
		return;
	}
	file_pager_acquire(pager);
	os_mutex_lock(&pager->lock);
	dirty = file_pager_dirty_locked(pager, &offset, &end);
	if (dirty) {
		file_pager_forget_dirty_locked(pager, offset, end);
	}
	os_mutex_unlock(&pager->lock);
	for (; dirty && offset < end; offset += part) {
		part = end - offset < FILE_PAGER_CLEAN ? end - offset
		    : FILE_PAGER_CLEAN;
		file_pager_lock_range(pager, offset, part, false);
	}
	file_pager_release(pager);
}

static void
file_pager_clean(struct ext2_inode *inode, uint64_t offset, uint64_t size)
{
	struct file_pager *pager = file_pager_ref(inode);

	if (pager != NULL) {
		file_pager_clean_one(pager, offset, size);
	}
}

void
file_pager_clean_all(void)
{
	struct file_pager **all;
	struct file_pager *pager;
	size_t count = 0;
	size_t i = 0;

	pthread_mutex_lock(&file_pager_table_lock);
	for (pager = file_pagers; pager != NULL; pager = pager->next) {
		count++;
	}
	all = calloc(count + 1, sizeof(all[0]));
	if (all != NULL) {
		for (pager = file_pagers; pager != NULL;
		    pager = pager->next) {
			object_ref(&pager->object);
			all[i++] = pager;
		}
	}
	pthread_mutex_unlock(&file_pager_table_lock);
	for (i = 0; all != NULL && i < count; i++) {
		file_pager_clean_one(all[i], 0, FILE_PAGER_MAX);
	}
	free(all);
}

void
file_pager_throttle(struct ext2_inode *inode)
{
	struct file_pager *pager = file_pager_ref(inode);
	uint64_t max = file_pagers_unclean_max;
	bool much;

	if (pager == NULL) {
		return;
	}
	os_mutex_lock(&pager->lock);
	much = pager->unclean >= FILE_PAGER_UNCLEAN
	    || pager->unclean >= max / 2;
	os_mutex_unlock(&pager->lock);
	if (much) {
		file_pager_clean_one(pager, 0, FILE_PAGER_MAX);
	} else {
		object_unref(&pager->object);
	}
	if (__atomic_load_n(&file_pagers_unclean, __ATOMIC_RELAXED) >= max) {
		file_pager_clean_all();
	}
}

/*
 * With INODE locked, perhaps: only messages to the kernel.  While the file is
 * open its pages are still read.
 */
static void
file_pager_deleted(struct ext2_inode *inode)
{
	struct file_pager *pager = file_pager_ref(inode);
	bool used;

	if (pager == NULL) {
		return;
	}
	os_mutex_lock(&inode->fs->inodes_lock);
	used = inode->opens > 0 && !inode->paging;
	os_mutex_unlock(&inode->fs->inodes_lock);
	if (!used) {
		file_window_forget(&pager->object);
	}
	file_pager_keep(pager, false);
	object_unref(&pager->object);
}

kern_return_t
file_pager_get(struct ext2_inode *inode, struct file_pager **pagerp)
{
	struct file_pager *surplus = NULL;
	struct file_pager *pager;
	bool again = false;
	kern_return_t kr = KERN_SUCCESS;

	pthread_mutex_lock(&file_pager_table_lock);
	pager = inode->pager;
	if (pager == NULL) {
		kr = file_pager_create_locked(inode, &pager);
		surplus = file_pager_surplus_locked();
	} else {
		object_ref(&pager->object);
		file_pager_use_locked(pager, &again);
	}
	pthread_mutex_unlock(&file_pager_table_lock);
	file_pager_retire(surplus);
	if (again) {
		file_pager_keep(pager, inode->nlink != 0);
	}
	*pagerp = pager;
	return kr;
}

const struct ext2_pager_ops file_pager_ops = {
	.limit = FILE_PAGER_MAX,
	.read = file_pager_io_read,
	.takes = file_pager_io_takes,
	.mapped = file_pager_mapped,
	.write = file_pager_io_write,
	.throttle = file_pager_throttle,
	.hold = file_pager_hold,
	.release = file_pager_release,
	.clean = file_pager_clean,
	.deleted = file_pager_deleted
};

/*
 * Requests of the kernel.
 */

static struct file_pager *
file_pager_lookup(mach_port_t port)
{
	return object_lookup(port, &file_pager_class);
}

kern_return_t
seqnos_memory_object_init(mach_port_t object, mach_port_seqno_t seqno,
    mach_port_t control, mach_port_t name, vm_size_t page_size)
{
	struct file_pager *pager = file_pager_lookup(object);
	mach_port_t old;
	mach_port_t old_name;
	bool cache;

	if (pager == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	file_pager_turn(pager, seqno);
	os_mutex_lock(&pager->lock);
	old = pager->control;
	old_name = pager->name;
	pager->control = control;
	pager->name = name;
	if (pager->self == MACH_PORT_NULL) {
		pager->self = object_right(&pager->object);
	}
	os_mutex_unlock(&pager->lock);
	file_pager_drop(old);
	file_pager_drop(old_name);
	pthread_mutex_lock(&file_pager_table_lock);
	cache = pager->inode->nlink != 0 && !pager->retired;
	pthread_mutex_unlock(&file_pager_table_lock);
	(void) memory_object_ready(control, cache, MEMORY_OBJECT_COPY_DELAY);
	file_pager_turn_done(pager, seqno);
	return KERN_SUCCESS;
}

kern_return_t
seqnos_memory_object_terminate(mach_port_t object, mach_port_seqno_t seqno,
    mach_port_t control, mach_port_t name)
{
	struct file_pager *pager = file_pager_lookup(object);
	mach_port_t ours = MACH_PORT_NULL;
	mach_port_t our_name = MACH_PORT_NULL;
	mach_port_t self = MACH_PORT_NULL;

	if (pager != NULL) {
		file_pager_turn(pager, seqno);
		os_mutex_lock(&pager->lock);
		if (pager->control == control) {
			ours = pager->control;
			our_name = pager->name;
			self = pager->self;
			pager->control = MACH_PORT_NULL;
			pager->name = MACH_PORT_NULL;
			pager->self = MACH_PORT_NULL;
			pager->locking = false;
			os_cond_broadcast(&pager->changed);
		}
		os_mutex_unlock(&pager->lock);
	}
	file_pager_drop(ours);
	file_pager_drop(our_name);
	(void) mach_port_mod_refs(mach_task_self(), control,
	    MACH_PORT_RIGHT_RECEIVE, -1);
	(void) mach_port_mod_refs(mach_task_self(), name,
	    MACH_PORT_RIGHT_RECEIVE, -1);
	if (pager != NULL) {
		file_pager_turn_done(pager, seqno);
	}
	file_pager_drop(self);
	return KERN_SUCCESS;
}

kern_return_t
seqnos_memory_object_copy(mach_port_t object, mach_port_seqno_t seqno,
    mach_port_t control, vm_offset_t offset, vm_size_t length,
    mach_port_t new_object)
{
	struct file_pager *pager = file_pager_lookup(object);

	/* Never asked for: the copy strategy is to delay. */
	if (pager != NULL) {
		file_pager_turn(pager, seqno);
		file_pager_turn_done(pager, seqno);
	}
	return KERN_FAILURE;
}

static kern_return_t
file_pager_request(mach_port_t object, mach_port_seqno_t seqno,
    const struct file_page_in *request)
{
	struct file_pager *pager = file_pager_lookup(object);
	struct file_page_in *in;
	bool begun = false;

	if (pager == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	in = malloc(sizeof(*in));
	file_pager_turn(pager, seqno);
	if (in != NULL) {
		*in = *request;
		in->pager = pager;
		object_ref(&pager->object);
		begun = file_page_in_begin(in);
	}
	file_pager_turn_done(pager, seqno);
	if (in == NULL) {
		(void) memory_object_data_error(request->control,
		    request->offset, request->length, UNIX_ENOMEM);
		file_pager_drop(request->control);
	} else if (begun) {
		file_page_in_submit(in);
	}
	return KERN_SUCCESS;
}

kern_return_t
seqnos_memory_object_data_request(mach_port_t object, mach_port_seqno_t seqno,
    mach_port_t control, vm_offset_t offset, vm_size_t length,
    vm_prot_t desired_access)
{
	struct file_page_in in = {
		.control = control, .offset = offset, .length = length,
		.access = desired_access
	};

	return file_pager_request(object, seqno, &in);
}

kern_return_t
seqnos_memory_object_data_unlock(mach_port_t object, mach_port_seqno_t seqno,
    mach_port_t control, vm_offset_t offset, vm_size_t length,
    vm_prot_t desired_access)
{
	struct file_page_in in = {
		.control = control, .offset = offset, .length = length,
		.access = desired_access, .unlock = true
	};

	return file_pager_request(object, seqno, &in);
}

kern_return_t
seqnos_memory_object_lock_completed(mach_port_t object,
    mach_port_seqno_t seqno, mach_port_t control, vm_offset_t offset,
    vm_size_t length)
{
	struct file_pager *pager = file_pager_lookup(object);

	if (pager == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	file_pager_turn(pager, seqno);
	os_mutex_lock(&pager->lock);
	pager->locking = false;
	os_mutex_unlock(&pager->lock);
	file_pager_turn_done(pager, seqno);
	file_pager_drop(control);
	return KERN_SUCCESS;
}

kern_return_t
seqnos_memory_object_supply_completed(mach_port_t object,
    mach_port_seqno_t seqno, mach_port_t control, vm_offset_t offset,
    vm_size_t length, kern_return_t result, vm_offset_t error_offset)
{
	struct file_pager *pager = file_pager_lookup(object);

	if (pager != NULL) {
		file_pager_turn(pager, seqno);
		file_pager_turn_done(pager, seqno);
	}
	return KERN_FAILURE;
}

kern_return_t
seqnos_memory_object_change_completed(mach_port_t object,
    mach_port_seqno_t seqno, boolean_t may_cache,
    memory_object_copy_strategy_t copy_strategy)
{
	struct file_pager *pager = file_pager_lookup(object);

	if (pager != NULL) {
		file_pager_turn(pager, seqno);
		file_pager_turn_done(pager, seqno);
	}
	return KERN_SUCCESS;
}

/*
 * Write pages that were changed to the disk; the file never grows by that.  By
 * mappings, perhaps: those change its times only now.
 */
static void
file_pager_write(struct ext2_inode *inode, vm_offset_t offset, void *data,
    size_t size, bool mapped)
{
	kern_return_t kr = KERN_SUCCESS;

	ext2_inode_lock(inode);
	if (!inode->fs->read_only) {
		if (mapped) {
			ext2_inode_touch(inode, true);
		}
		kr = ext2_data_store(inode, offset, data, size);
	}
	ext2_inode_unlock(inode);
	if (kr != KERN_SUCCESS) {
		log_error("inode %u: mapped page at %u lost: %s", inode->ino,
		    (unsigned) offset, log_error_text(kr));
	}
}

/*
 * Keep pages that came back in memory.  They are ordinary memory, and may have
 * been paged out meanwhile; the disk's driver reads them while it does nothing
 * else, so it must not wait for one that comes from that disk.  If it cannot be
 * helped, it may: they most likely are there, and would be lost.
 */
static void
file_pager_wire(const struct file_pager *pager, vm_offset_t data,
    vm_size_t size)
{
	kern_return_t kr = KERN_RESOURCE_SHORTAGE;
	unsigned tries;

	for (tries = 0; tries < FILE_PAGER_WIRE_TRIES &&
	    kr == KERN_RESOURCE_SHORTAGE; tries++) {
		if (tries > 0) {
			usleep(FILE_PAGER_WIRE_MOMENT);
		}
		kr = vm_wire(file_pager_host, mach_task_self(), data, size,
		    VM_PROT_READ);
	}
	if (kr != KERN_SUCCESS) {
		log_error("inode %u: pages not wired: %s", pager->inode->ino,
		    log_error_text(kr));
	}
}

static void
file_pager_write_resident(struct file_pager *pager, vm_offset_t offset,
    vm_offset_t data, vm_size_t size)
{
	bool mapped;

	file_pager_wire(pager, data, size);
	os_mutex_lock(&pager->lock);
	mapped = pager->writable;
	os_mutex_unlock(&pager->lock);
	file_pager_write(pager->inode, offset, (void *) data, size, mapped);
	(void) vm_wire(file_pager_host, mach_task_self(), data, size,
	    VM_PROT_NONE);
}

void
file_pager_unserved(const mach_msg_header_t *request)
{
	struct file_pager *pager =
	    file_pager_lookup(request->msgh_local_port);

	if (pager == NULL) {
		return;
	}
	/* Else nobody answers a lock request, since what it was for ends. */
	if (request->msgh_id != MACH_NOTIFY_SEND_ONCE) {
		log_error("inode %u: no room for what came from the kernel: "
		    "lost", pager->inode->ino);
	}
	/* Those behind it wait for their turn. */
	file_pager_turn(pager, request->msgh_seqno);
	file_pager_turn_done(pager, request->msgh_seqno);
}

kern_return_t
seqnos_memory_object_data_return(mach_port_t object, mach_port_seqno_t seqno,
    mach_port_t control, vm_offset_t offset, vm_offset_t data,
    mach_msg_type_number_t count, boolean_t dirty, boolean_t kernel_copy)
{
	struct file_pager *pager = file_pager_lookup(object);

	if (pager == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	file_pager_turn(pager, seqno);
	if (dirty) {
		file_pager_write_resident(pager, offset, data, count);
	}
	file_pager_turn_done(pager, seqno);
	(void) vm_deallocate(mach_task_self(), data, count);
	file_pager_drop(control);
	return KERN_SUCCESS;
}
