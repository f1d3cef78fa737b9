/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The pager of mapped files: memory_object.defs, with sequence numbers.
 */
#include <servers/file/file_pager.h>

#include <mach/memory_object.h>
#include <pthread.h>
#include <servers/errors.h>
#include <servers/file/ext2_data.h>
#include <servers/lib/log.h>
#include <servers/lib/mach.h>
#include <servers/lib/object.h>
#include <stdlib.h>
#include <string.h>

#include <mig/mach4_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/memory_object_seqnos_server.h>

/* A page-in brings in this much, when the file has it. */
#define FILE_PAGER_CLUSTER	(32 * 1024)

/*
 * Page-ins at a time, of all files: each takes memory and a thread, and most
 * come when there is little memory.
 */
#define FILE_PAGE_INS_MAX	2

/* A page-in, or a wish to write, which may have to wait. */
struct file_page_in {
	struct file_page_in	*next;
	struct file_pager	*pager;		/* a reference */
	mach_port_t		control;	/* a right */
	vm_offset_t		offset;
	vm_size_t		length;
	vm_prot_t		access;
	bool			unlock;		/* the kernel has the page */
};

/* [I] fixed at creation  [m] own lock  [t] table lock */
struct file_pager {
	struct object		object;		/* first */
	struct ext2_inode	*inode;		/* [I] referenced */
	struct file_pager	*next;		/* [t] */
	struct file_pager	**link;		/* [t] NULL when not listed */
	struct os_mutex		lock;		/* nothing is taken inside */
	struct os_cond		changed;
	mach_port_seqno_t	turn;		/* [m] next to be handled */
	mach_port_t		control;	/* [m] null: not in the kernel */
	mach_port_t		name;		/* [m] of its mappings */
	bool			held;		/* [m] */
	bool			locking;	/* [m] waits for lock_completed */
	bool			writable;	/* [m] a mapping may write */
	unsigned		page_ins;	/* [m] going on */
	struct file_page_in	*waiting;	/* [m] for the holder to go */
};

/* Protects inode->pager and the list; before pagers' locks. */
static pthread_mutex_t file_pager_table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct file_pager *file_pagers;

/* Protects the rest; nothing is taken inside. */
static pthread_mutex_t file_page_ins_lock = PTHREAD_MUTEX_INITIALIZER;
static struct file_page_in *file_page_ins;	/* oldest first */
static struct file_page_in **file_page_ins_end = &file_page_ins;
static unsigned file_page_ins_busy;		/* threads that serve them */

static void
file_pager_drop(mach_port_t port)
{
	if (port != MACH_PORT_NULL) {
		(void) mach_port_deallocate(mach_task_self(), port);
	}
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
	if (pager->link != NULL) {
		*pager->link = pager->next;
		if (pager->next != NULL) {
			pager->next->link = pager->link;
		}
		pager->link = NULL;
	}
	pthread_mutex_unlock(&file_pager_table_lock);
	/* Nobody will answer a lock request any more. */
	os_mutex_lock(&pager->lock);
	pager->locking = false;
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
	os_mutex_init(&pager->lock);
	os_cond_init(&pager->changed);
	ext2_inode_ref(inode);
	pager->inode = inode;
	pager->next = file_pagers;
	pager->link = &file_pagers;
	if (file_pagers != NULL) {
		file_pagers->link = &pager->next;
	}
	file_pagers = pager;
	__atomic_store_n(&inode->pager, pager, __ATOMIC_RELEASE);
	*pagerp = pager;
	return KERN_SUCCESS;
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
	if (kr == KERN_SUCCESS && writable) {
		os_mutex_lock(&pager->lock);
		pager->writable = true;
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

/* INODE's pager with a reference, or NULL. */
static struct file_pager *
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
	while ((int32_t) (seqno - pager->turn) > 0) {
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
 * Page-ins.
 */

/* How much to bring in at OFFSET, where LENGTH is wanted: page multiple. */
static vm_size_t
file_pager_extent(struct ext2_inode *inode, vm_offset_t offset,
    vm_size_t length)
{
	uint64_t end = (inode->size + vm_page_size - 1)
	    & ~(uint64_t) (vm_page_size - 1);
	uint64_t stop = ((uint64_t) offset + FILE_PAGER_CLUSTER)
	    & ~(uint64_t) (FILE_PAGER_CLUSTER - 1);

	if (stop < (uint64_t) offset + length) {
		stop = (uint64_t) offset + length;
	}
	if (stop > end) {
		stop = end;
	}
	return stop > offset ? stop - offset : 0;
}

/*
 * Read into DATA and say how much (*SIZEP), and with what lock: pages with
 * holes may be written only after a block was found for them.
 */
static kern_return_t
file_pager_read(struct ext2_inode *inode, const struct file_page_in *in,
    void *data, vm_size_t *sizep, vm_prot_t *lockp)
{
	size_t done = 0;
	vm_size_t size;
	bool hole = false;
	kern_return_t kr = KERN_SUCCESS;

	size = file_pager_extent(inode, in->offset, in->length);
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
		kr = ext2_data_read(inode, in->offset, data, size, &done);
	}
	if (kr == KERN_SUCCESS && done < size
	    && in->offset + done < inode->size) {
		/* Later pages are unreadable; what was asked for may be. */
		size = done & ~(vm_page_size - 1);
		if (size < in->length) {
			kr = UNIX_EIO;
		}
	}
	*sizep = size;
	*lockp = hole ? VM_PROT_WRITE : VM_PROT_NONE;
	return kr;
}

static void
file_pager_supply(struct file_pager *pager, mach_port_t control,
    const struct file_page_in *in)
{
	vm_size_t room = in->length > FILE_PAGER_CLUSTER ? in->length
	    : FILE_PAGER_CLUSTER;
	vm_address_t data;
	vm_size_t size = 0;
	vm_prot_t lock = VM_PROT_NONE;
	kern_return_t kr;

	kr = vm_allocate(mach_task_self(), &data, room, TRUE);
	if (kr == KERN_SUCCESS) {
		ext2_inode_lock(pager->inode);
		kr = file_pager_read(pager->inode, in, (void *) data, &size,
		    &lock);
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
		kr = memory_object_data_supply(control, in->offset, data, size,
		    TRUE, lock, FALSE, MACH_PORT_NULL);
		if (kr != KERN_SUCCESS) {
			(void) vm_deallocate(mach_task_self(), data, size);
		}
	} else {
		(void) memory_object_data_error(control, in->offset,
		    in->length, kr);
	}
}

/* The kernel has the page, and somebody wants to write to it. */
static void
file_pager_allow(struct file_pager *pager, mach_port_t control,
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
file_pager_serve(const struct file_page_in *in)
{
	struct file_pager *pager = in->pager;

	if (in->unlock) {
		file_pager_allow(pager, in->control, in);
	} else {
		file_pager_supply(pager, in->control, in);
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

/*
 * Serve IN, with its references, and whatever was queued meanwhile; or queue
 * it when others are busy enough.  It was counted in its pager's page_ins.
 */
static void
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
		file_pager_serve(in);
		file_pager_drop(in->control);
		object_unref(&in->pager->object);
		free(in);
		in = file_page_ins_next();
	}
}

/* Begin a page-in, or leave it to the holder.  True: begun. */
static bool
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
		pager->locking = false;
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

static struct file_pager *
file_pager_hold(struct ext2_inode *inode, uint64_t offset, uint64_t size)
{
	struct file_pager *pager = file_pager_ref(inode);

	if (pager != NULL) {
		file_pager_acquire(pager);
		file_pager_lock_range(pager, offset, size, true);
	}
	return pager;
}

/* Consumes the reference. */
static void
file_pager_clean_one(struct file_pager *pager, uint64_t offset, uint64_t size)
{
	bool writable;

	os_mutex_lock(&pager->lock);
	writable = pager->writable && pager->control != MACH_PORT_NULL;
	os_mutex_unlock(&pager->lock);
	if (!writable) {
		object_unref(&pager->object);
		return;
	}
	file_pager_acquire(pager);
	file_pager_lock_range(pager, offset, size, false);
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

/* With INODE locked: only a message to the kernel. */
static void
file_pager_deleted(struct ext2_inode *inode)
{
	struct file_pager *pager = file_pager_ref(inode);
	mach_port_t control;

	if (pager == NULL) {
		return;
	}
	os_mutex_lock(&pager->lock);
	control = pager->control;
	if (control != MACH_PORT_NULL) {
		(void) memory_object_change_attributes(control, FALSE,
		    MEMORY_OBJECT_COPY_DELAY, MACH_PORT_NULL);
	}
	os_mutex_unlock(&pager->lock);
	object_unref(&pager->object);
}

const struct ext2_pager_ops file_pager_ops = {
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
	os_mutex_unlock(&pager->lock);
	file_pager_drop(old);
	file_pager_drop(old_name);
	cache = pager->inode->nlink != 0;
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

	if (pager != NULL) {
		file_pager_turn(pager, seqno);
		os_mutex_lock(&pager->lock);
		if (pager->control == control) {
			ours = pager->control;
			our_name = pager->name;
			pager->control = MACH_PORT_NULL;
			pager->name = MACH_PORT_NULL;
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

/* Put what a mapping wrote into the file; it never grows by that. */
static void
file_pager_write(struct ext2_inode *inode, vm_offset_t offset,
    const void *data, size_t size)
{
	size_t done = 0;
	kern_return_t kr = KERN_SUCCESS;

	ext2_inode_lock(inode);
	if (offset < inode->size && !inode->fs->read_only) {
		if (size > inode->size - offset) {
			size = inode->size - offset;
		}
		kr = ext2_data_write(inode, offset, data, size, true, &done);
		ext2_inode_touch(inode, true);
		(void) ext2_inode_update(inode);
	}
	ext2_inode_unlock(inode);
	if (kr != KERN_SUCCESS) {
		log_error("inode %u: mapped page at %u lost: %s", inode->ino,
		    (unsigned) offset, log_error_text(kr));
	}
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
		file_pager_write(pager->inode, offset, (const void *) data,
		    count);
	}
	file_pager_turn_done(pager, seqno);
	(void) vm_deallocate(mach_task_self(), data, count);
	file_pager_drop(control);
	return KERN_SUCCESS;
}
