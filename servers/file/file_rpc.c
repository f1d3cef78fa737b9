/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The routines of file.defs, dir.defs and file_control.defs: find the handle,
 * check sizes, call the logic, make ports for new handles.
 *
 * Bounds: each uid may hold FILE_PORTS_MAX handles, all together
 * FILE_PORTS_ALL.
 */
#include <servers/file/file.h>

#include <mach/vm_prot.h>
#include <pthread.h>
#include <servers/errors.h>
#include <servers/file/file_pager.h>
#include <servers/lib/boot.h>
#include <servers/lib/log.h>
#include <servers/lib/mach.h>
#include <servers/lib/server.h>
#include <stdlib.h>
#include <string.h>

#include <mig/dir_server.h>
#include <mig/file_control_server.h>
#include <mig/file_server.h>
#include <mig/mach_host_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#define FILE_PORTS_MAX		8192
#define FILE_PORTS_ALL		65536
#define FILE_ACCOUNTS		256

/* Bytes that large reads, and large writes, may have resident. */
#define FILE_BULK_MAX		(2u * 1024 * 1024)
/* Bytes of a part of what is more than that; and such reads at a time. */
#define FILE_BULK_SHORT		(64u * 1024)
#define FILE_BULK_FEW_MAX	2

struct file_port {
	struct object		object;		/* first */
	struct file_handle	*handle;	/* [I] */
	uint32_t		uid;		/* [I] who is charged */
};

/* A uid's handles.  [a] accounts lock */
struct file_account {
	struct file_account	*next;		/* [a] */
	uint32_t		uid;		/* [I] */
	uint32_t		ports;		/* [a] */
};

static struct ext2_fs *file_fs;
static struct object file_control;
static struct file_port *file_public;

/* For vm_wire. */
static mach_port_t file_host;

/* Requests that may wait for some client's pager; atomic. */
static int file_fixing;

/* Bytes of clients that are written, and so resident; atomic. */
static vm_size_t file_fixed;

static pthread_mutex_t file_bulk_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t file_bulk_end = PTHREAD_COND_INITIALIZER;
/* [file_bulk_lock] */
static unsigned file_bulk_few;		/* reads of those that are few */
static uint32_t file_bulk_bytes;	/* of others */

static pthread_mutex_t file_accounts_lock = PTHREAD_MUTEX_INITIALIZER;
static struct file_account *file_accounts[FILE_ACCOUNTS];
static uint32_t file_ports;

/*
 * Accounts.
 */

static struct file_account **
file_account_find_locked(uint32_t uid)
{
	struct file_account **link = &file_accounts[uid % FILE_ACCOUNTS];

	while (*link != NULL && (*link)->uid != uid) {
		link = &(*link)->next;
	}
	return link;
}

static kern_return_t
file_account_charge(uint32_t uid)
{
	struct file_account **link;
	struct file_account *account;
	kern_return_t kr = KERN_SUCCESS;

	pthread_mutex_lock(&file_accounts_lock);
	link = file_account_find_locked(uid);
	account = *link;
	if (account == NULL) {
		account = calloc(1, sizeof(*account));
		if (account == NULL) {
			kr = UNIX_ENOMEM;
			goto out_unlock;
		}
		account->uid = uid;
		*link = account;
	}
	if (file_ports >= FILE_PORTS_ALL
	    || (uid != 0 && account->ports >= FILE_PORTS_MAX)) {
		kr = UNIX_ENFILE;
		goto out_unlock;
	}
	account->ports++;
	file_ports++;
out_unlock:
	pthread_mutex_unlock(&file_accounts_lock);
	return kr;
}

static void
file_account_return(uint32_t uid)
{
	struct file_account **link;
	struct file_account *account;

	pthread_mutex_lock(&file_accounts_lock);
	link = file_account_find_locked(uid);
	account = *link;
	account->ports--;
	file_ports--;
	if (account->ports == 0) {
		*link = account->next;
		free(account);
	}
	pthread_mutex_unlock(&file_accounts_lock);
}

/*
 * Ports of handles.
 */

static void
file_port_free(struct object *object)
{
	struct file_port *port = (struct file_port *) object;

	file_handle_destroy(port->handle);
	file_account_return(port->uid);
	free(port);
}

static const struct object_class file_port_class = {
	.name = "file",
	.free = file_port_free
};

static const struct object_class file_control_class = {
	.name = "file control"
};

/* A port for HANDLE, which it takes over, also when it fails. */
static kern_return_t
file_port_make(struct file_handle *handle, bool service,
    struct file_port **portp)
{
	struct file_port *port;
	kern_return_t kr;

	kr = file_account_charge(handle->cred->uid);
	if (kr != KERN_SUCCESS) {
		file_handle_destroy(handle);
		return kr;
	}
	port = calloc(1, sizeof(*port));
	if (port == NULL) {
		kr = UNIX_ENOMEM;
		goto out_account;
	}
	kr = service ? object_create_service(&port->object, &file_port_class)
	    : object_create(&port->object, &file_port_class);
	if (kr != KERN_SUCCESS) {
		free(port);
		kr = UNIX_ENFILE;
		goto out_account;
	}
	port->handle = handle;
	port->uid = handle->cred->uid;
	if (file_handle_is_paging(handle)) {
		(void) server_serve_apart(port->object.port);
	}
	*portp = port;
	return KERN_SUCCESS;

out_account:
	file_account_return(handle->cred->uid);
	file_handle_destroy(handle);
	return kr;
}

/* The same, as a right to give away. */
static kern_return_t
file_port_right(struct file_handle *handle, mach_port_t *rightp)
{
	struct file_port *port;
	kern_return_t kr;

	kr = file_port_make(handle, false, &port);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	*rightp = object_right(&port->object);
	if (*rightp == MACH_PORT_NULL) {
		object_kill(&port->object);
		kr = UNIX_ENFILE;
	}
	object_unref(&port->object);
	return kr;
}

/* The handle that a request came in on; the loop holds it. */
static struct file_handle *
file_port_handle(mach_port_t name)
{
	struct file_port *port = object_lookup(name, &file_port_class);

	return port != NULL ? port->handle : NULL;
}

/* The handle of a right in the request, referenced by *PORTP. */
static struct file_handle *
file_port_argument(mach_port_t name, struct file_port **portp)
{
	*portp = object_lookup_ref(name, &file_port_class);
	return *portp != NULL ? (*portp)->handle : NULL;
}

/*
 * End of a request with such an argument.  Success has consumed the right.
 */
static kern_return_t
file_port_argument_done(mach_port_t name, struct file_port *port,
    kern_return_t kr)
{
	object_unref(&port->object);
	if (kr == KERN_SUCCESS) {
		(void) mach_port_deallocate(mach_task_self(), name);
	}
	return kr;
}

static bool
file_is_control(mach_port_t name)
{
	return object_lookup(name, &file_control_class) != NULL;
}

/*
 * Out-of-line memory of a client may be backed by anything: a pager that fails,
 * one that does not answer, a file of this server.  So it is made resident
 * before any lock is taken, by a call that reports failure and does not raise
 * an exception; a client that is not uid 0 may keep only half of the threads
 * waiting for that.
 */
static kern_return_t
file_memory_fix(const struct file_handle *handle, vm_offset_t data,
    vm_size_t size)
{
	kern_return_t kr = UNIX_EAGAIN;
	int fixing;

	if (file_handle_is_paging(handle)) {
		/* It is resident, and to wire it would take other pages. */
		return KERN_SUCCESS;
	}
	fixing = __atomic_add_fetch(&file_fixing, 1, __ATOMIC_RELAXED);
	if (handle->cred->uid == 0 || fixing <= FILE_THREADS / 2) {
		kr = vm_wire(file_host, mach_task_self(), data, size,
		    VM_PROT_READ);
		if (kr != KERN_SUCCESS) {
			kr = UNIX_EFAULT;
		}
	}
	__atomic_sub_fetch(&file_fixing, 1, __ATOMIC_RELAXED);
	return kr;
}

static void
file_memory_release(const struct file_handle *handle, vm_offset_t data,
    vm_size_t size)
{
	if (file_handle_is_paging(handle)) {
		return;
	}
	(void) vm_wire(file_host, mach_task_self(), data, size, VM_PROT_NONE);
}

/*
 * file.defs
 */

kern_return_t
S_file_read(mach_port_t port, int64_t offset, uint32_t amount, int flags,
    file_inline_t data, mach_msg_type_number_t *count)
{
	struct file_handle *handle = file_port_handle(port);
	size_t done = 0;
	kern_return_t kr;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	if (amount > FILE_INLINE_MAX) {
		amount = FILE_INLINE_MAX;
	}
	kr = file_handle_read(handle, offset, data, amount, &done);
	*count = done;
	return kr;
}

/*
 * The answer of a large read takes memory, in the end of what is left for those
 * that move pages to disk; so when memory is short, or there are many such
 * reads, they are smaller, and few at a time.  file_bulk_done ends the read.
 *
 * Returns: how much may be read of AMOUNT; *FEWP for file_bulk_done.
 */
static uint32_t
file_bulk_begin(const struct file_handle *handle, uint32_t amount, bool *fewp)
{
	bool few = !file_handle_is_paging(handle) && os_memory_short();

	if (amount > FILE_OOL_MAX) {
		amount = FILE_OOL_MAX;
	}
	pthread_mutex_lock(&file_bulk_lock);
	if (!file_handle_is_paging(handle)
	    && file_bulk_bytes + amount > FILE_BULK_MAX) {
		few = true;
	}
	if (few && amount > FILE_BULK_SHORT) {
		amount = FILE_BULK_SHORT;
	}
	while (few && file_bulk_few == FILE_BULK_FEW_MAX) {
		pthread_cond_wait(&file_bulk_end, &file_bulk_lock);
	}
	file_bulk_few += few ? 1 : 0;
	file_bulk_bytes += few ? 0 : amount;
	pthread_mutex_unlock(&file_bulk_lock);
	*fewp = few;
	return amount;
}

static void
file_bulk_done(uint32_t amount, bool few)
{
	pthread_mutex_lock(&file_bulk_lock);
	file_bulk_few -= few ? 1 : 0;
	file_bulk_bytes -= few ? 0 : amount;
	pthread_cond_signal(&file_bulk_end);
	pthread_mutex_unlock(&file_bulk_lock);
}

/*
 * Memory for an answer, which the client keeps as long as it likes, must not be
 * of what the way of pages to the disk needs: in this MODEST the thread leaves
 * that alone.
 */
static kern_return_t
file_bulk_allocate(vm_address_t *memoryp, vm_size_t size, bool modest)
{
	mach_port_t self = modest ? mach_thread_self() : MACH_PORT_NULL;
	kern_return_t kr;

	if (modest) {
		(void) thread_wire(file_host, self, FALSE);
	}
	kr = vm_allocate(mach_task_self(), memoryp, size, TRUE);
	if (modest) {
		(void) thread_wire(file_host, self, TRUE);
		(void) mach_port_deallocate(mach_task_self(), self);
	}
	return kr == KERN_SUCCESS ? kr : UNIX_ENOMEM;
}

/* *DATAP is new memory, with *COUNTP bytes read. */
static kern_return_t
file_bulk_read(struct file_handle *handle, int64_t offset, uint32_t amount,
    bool few, pointer_t *datap, mach_msg_type_number_t *countp)
{
	vm_address_t memory = 0;
	vm_size_t size;
	vm_size_t used;
	size_t done = 0;
	kern_return_t kr;

	size = (amount + vm_page_size - 1) & ~(vm_page_size - 1);
	if (size > 0) {
		kr = file_bulk_allocate(&memory, size,
		    few || size > FILE_BULK_SHORT);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
	}
	kr = file_handle_read(handle, offset, (void *) memory, amount, &done);
	if (kr != KERN_SUCCESS) {
		done = 0;
	}
	used = (done + vm_page_size - 1) & ~(vm_page_size - 1);
	if (used < size) {
		(void) vm_deallocate(mach_task_self(), memory + used,
		    size - used);
	}
	*datap = memory;
	*countp = done;
	return kr;
}

kern_return_t
S_file_read_ool(mach_port_t port, int64_t offset, uint32_t amount, int flags,
    pointer_t *data, mach_msg_type_number_t *count)
{
	struct file_handle *handle = file_port_handle(port);
	kern_return_t kr;
	bool few;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	amount = file_bulk_begin(handle, amount, &few);
	kr = file_bulk_read(handle, offset, amount, few, data, count);
	file_bulk_done(amount, few);
	return kr;
}

kern_return_t
S_file_write(mach_port_t port, int64_t offset, int flags,
    file_inline_in_t data, mach_msg_type_number_t count, uint32_t *written)
{
	struct file_handle *handle = file_port_handle(port);
	size_t done = 0;
	kern_return_t kr;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	kr = file_handle_write(handle, offset, flags, data, count, &done);
	*written = done;
	return kr;
}

/* Write SIZE bytes of a client's memory, which is resident meanwhile. */
static kern_return_t
file_bulk_write_part(struct file_handle *handle, int64_t offset, int flags,
    vm_offset_t data, vm_size_t size, size_t *donep)
{
	kern_return_t kr;

	*donep = 0;
	kr = file_memory_fix(handle, data, size);
	if (kr == KERN_SUCCESS) {
		kr = file_handle_write(handle, offset, flags,
		    (const void *) data, size, donep);
		file_memory_release(handle, data, size);
	}
	return kr;
}

/*
 * Write SIZE bytes of a client's memory: in one piece, so that it does not mix
 * with what others write, unless that is more than may be resident for writes.
 */
static kern_return_t
file_bulk_write(struct file_handle *handle, int64_t offset, int flags,
    vm_offset_t data, vm_size_t size, size_t *donep)
{
	vm_size_t all = __atomic_add_fetch(&file_fixed, size, __ATOMIC_RELAXED);
	vm_size_t piece = all <= FILE_BULK_MAX ? size : FILE_BULK_SHORT;
	vm_size_t part;
	size_t done;
	kern_return_t kr;

	*donep = 0;
	do {
		part = size - *donep < piece ? size - *donep : piece;
		kr = file_bulk_write_part(handle, offset, flags,
		    data + *donep, part, &done);
		*donep += done;
		if (offset != FILE_OFFSET_CURRENT) {
			offset += done;
		}
	} while (kr == KERN_SUCCESS && done == part && *donep < size);
	__atomic_sub_fetch(&file_fixed, size, __ATOMIC_RELAXED);
	return *donep > 0 ? KERN_SUCCESS : kr;
}

kern_return_t
S_file_write_ool(mach_port_t port, int64_t offset, int flags, vm_offset_t data,
    mach_msg_type_number_t count, uint32_t *written)
{
	struct file_handle *handle = file_port_handle(port);
	vm_size_t size = count < FILE_OOL_MAX ? count : FILE_OOL_MAX;
	size_t done = 0;
	kern_return_t kr;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	kr = size == 0
	    ? file_handle_write(handle, offset, flags, NULL, 0, &done)
	    : file_bulk_write(handle, offset, flags, data, size, &done);
	*written = done;
	if (kr == KERN_SUCCESS && count > 0) {
		(void) vm_deallocate(mach_task_self(), data, count);
	}
	return kr;
}

kern_return_t
S_file_seek(mach_port_t port, int64_t offset, int whence, int64_t *position)
{
	struct file_handle *handle = file_port_handle(port);

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	return file_handle_seek(handle, offset, whence, position);
}

kern_return_t
S_file_stat(mach_port_t port, file_stat_t *stat)
{
	struct file_handle *handle = file_port_handle(port);

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	file_handle_stat(handle, stat);
	return KERN_SUCCESS;
}

kern_return_t
S_file_set_attr(mach_port_t port, file_attr_t attr)
{
	struct file_handle *handle = file_port_handle(port);

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	return file_handle_set_attr(handle, &attr);
}

kern_return_t
S_file_allocate(mach_port_t port, int mode, int64_t offset, int64_t length)
{
	return file_port_handle(port) == NULL ? UNIX_EBADF : UNIX_EOPNOTSUPP;
}

kern_return_t
S_file_sync(mach_port_t port, int data_only)
{
	struct file_handle *handle = file_port_handle(port);

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	return file_handle_sync(handle);
}

static kern_return_t
file_sync_all(void)
{
	file_pager_clean_all();
	return ext2_fs_sync(file_fs);
}

kern_return_t
S_file_sync_fs(mach_port_t port)
{
	return file_port_handle(port) == NULL ? UNIX_EBADF : file_sync_all();
}

kern_return_t
S_file_get_flags(mach_port_t port, int *flags)
{
	struct file_handle *handle = file_port_handle(port);

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	*flags = file_handle_flags(handle);
	return KERN_SUCCESS;
}

kern_return_t
S_file_set_flags(mach_port_t port, int flags)
{
	struct file_handle *handle = file_port_handle(port);

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	file_handle_set_flags(handle, flags);
	return KERN_SUCCESS;
}

kern_return_t
S_file_poll(mach_port_t port, int events, mach_port_t notify, int *ready)
{
	const int always = FILE_POLL_IN | FILE_POLL_OUT | FILE_POLL_RDNORM
	    | FILE_POLL_WRNORM;

	if (file_port_handle(port) == NULL) {
		return UNIX_EBADF;
	}
	if (notify != MACH_PORT_NULL) {
		(void) mach_port_deallocate(mach_task_self(), notify);
	}
	*ready = events & always;
	return KERN_SUCCESS;
}

kern_return_t
S_file_lock(mach_port_t port, int operation)
{
	struct file_handle *handle = file_port_handle(port);

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	return file_handle_lock(handle, operation);
}

kern_return_t
S_file_map(mach_port_t port, vm_prot_t protection, int64_t offset,
    mach_port_t *object, vm_offset_t *object_offset, uint32_t *length)
{
	struct file_handle *handle = file_port_handle(port);
	struct file_stat stat;
	int max;
	kern_return_t kr;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	if ((protection & ~VM_PROT_ALL) != 0 || offset < 0) {
		return UNIX_EINVAL;
	}
	if (offset >= FILE_PAGER_MAX) {
		return UNIX_EOVERFLOW;
	}
	kr = file_handle_check_map(handle, protection, &max);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = file_pager_proxy(handle->open->inode, protection | VM_PROT_READ,
	    object);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	file_handle_stat(handle, &stat);
	if (stat.size > FILE_PAGER_MAX) {
		stat.size = FILE_PAGER_MAX;
	}
	*object_offset = offset;
	*length = stat.size > (uint64_t) offset ? stat.size - offset : 0;
	return KERN_SUCCESS;
}

kern_return_t
S_file_read_dir(mach_port_t port, int64_t cookie, uint32_t amount,
    file_inline_t data, mach_msg_type_number_t *count)
{
	struct file_handle *handle = file_port_handle(port);
	size_t used = 0;
	kern_return_t kr;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	if (amount > FILE_INLINE_MAX) {
		amount = FILE_INLINE_MAX;
	}
	kr = file_handle_read_dir(handle, cookie, data, amount, &used);
	*count = used;
	return kr;
}

kern_return_t
S_file_statfs(mach_port_t port, file_statfs_t *statfs)
{
	if (file_port_handle(port) == NULL) {
		return UNIX_EBADF;
	}
	ext2_fs_statfs(file_fs, statfs);
	return KERN_SUCCESS;
}

kern_return_t
S_file_reopen(mach_port_t port, int flags, mach_port_t *new_handle)
{
	struct file_handle *handle = file_port_handle(port);
	struct file_handle *new;
	kern_return_t kr;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	kr = file_handle_reopen(handle, flags, &new);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return file_port_right(new, new_handle);
}

kern_return_t
S_file_read_link(mach_port_t port, file_path_t target,
    mach_msg_type_number_t *count)
{
	struct file_handle *handle = file_port_handle(port);
	struct file_from from;
	size_t len = 0;
	kern_return_t kr;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	from = file_handle_from(handle);
	kr = file_ops_read_link(&from, "", 0, target, &len);
	*count = len;
	return kr;
}

/*
 * dir.defs
 */

kern_return_t
S_dir_lookup(mach_port_t port, file_path_in_t path,
    mach_msg_type_number_t path_count, int flags, int mode,
    mach_port_t *new_handle, file_lookup_t *result, file_path_t rest,
    mach_msg_type_number_t *rest_count)
{
	struct file_handle *handle = file_port_handle(port);
	struct file_handle *new = NULL;
	struct file_found found;
	kern_return_t kr;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	kr = file_handle_lookup(handle, path, path_count, flags, mode, &found,
	    &new);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	*new_handle = MACH_PORT_NULL;
	if (new != NULL) {
		kr = file_port_right(new, new_handle);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
	}
	*result = found.result;
	memcpy(rest, found.rest, found.rest_len);
	*rest_count = found.rest_len;
	return KERN_SUCCESS;
}

kern_return_t
S_dir_set_attr(mach_port_t port, file_path_in_t path,
    mach_msg_type_number_t path_count, int flags, file_attr_t attr)
{
	struct file_handle *handle = file_port_handle(port);
	struct file_from from;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	from = file_handle_from(handle);
	return file_ops_set_attr_path(&from, path, path_count, flags, &attr);
}

kern_return_t
S_dir_read_link(mach_port_t port, file_path_in_t path,
    mach_msg_type_number_t path_count, file_path_t target,
    mach_msg_type_number_t *count)
{
	struct file_handle *handle = file_port_handle(port);
	struct file_from from;
	size_t len = 0;
	kern_return_t kr;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	from = file_handle_from(handle);
	kr = file_ops_read_link(&from, path, path_count, target, &len);
	*count = len;
	return kr;
}

kern_return_t
S_dir_mkdir(mach_port_t port, file_path_in_t path,
    mach_msg_type_number_t path_count, int mode)
{
	struct file_handle *handle = file_port_handle(port);
	struct file_from from;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	from = file_handle_from(handle);
	return file_ops_make(&from, path, path_count,
	    FILE_S_IFDIR | (mode & ~FILE_S_IFMT), 0);
}

kern_return_t
S_dir_rmdir(mach_port_t port, file_path_in_t path,
    mach_msg_type_number_t path_count)
{
	struct file_handle *handle = file_port_handle(port);
	struct file_from from;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	from = file_handle_from(handle);
	return file_ops_rmdir(&from, path, path_count);
}

kern_return_t
S_dir_unlink(mach_port_t port, file_path_in_t path,
    mach_msg_type_number_t path_count)
{
	struct file_handle *handle = file_port_handle(port);
	struct file_from from;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	from = file_handle_from(handle);
	return file_ops_unlink(&from, path, path_count);
}

kern_return_t
S_dir_mknod(mach_port_t port, file_path_in_t path,
    mach_msg_type_number_t path_count, int mode, uint32_t rdev)
{
	struct file_handle *handle = file_port_handle(port);
	struct file_from from;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	if ((mode & FILE_S_IFMT) == FILE_S_IFDIR) {
		return UNIX_EPERM;
	}
	from = file_handle_from(handle);
	return file_ops_make(&from, path, path_count, mode, rdev);
}

kern_return_t
S_dir_symlink(mach_port_t port, file_path_in_t path,
    mach_msg_type_number_t path_count, file_path_in_t target,
    mach_msg_type_number_t target_count)
{
	struct file_handle *handle = file_port_handle(port);
	struct file_from from;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	from = file_handle_from(handle);
	return file_ops_symlink(&from, path, path_count, target,
	    target_count);
}

kern_return_t
S_dir_link(mach_port_t port, file_path_in_t path,
    mach_msg_type_number_t path_count, mach_port_t to, file_path_in_t to_path,
    mach_msg_type_number_t to_count, int flags)
{
	struct file_handle *handle = file_port_handle(port);
	struct file_handle *to_handle;
	struct file_port *to_port;
	struct file_from from;
	struct file_from to_from;
	kern_return_t kr;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	to_handle = file_port_argument(to, &to_port);
	if (to_handle == NULL) {
		return UNIX_EXDEV;
	}
	from = file_handle_from(handle);
	to_from = file_handle_from(to_handle);
	kr = file_ops_link(&from, path, path_count, &to_from, to_path,
	    to_count, flags);
	return file_port_argument_done(to, to_port, kr);
}

kern_return_t
S_dir_rename(mach_port_t port, file_path_in_t path,
    mach_msg_type_number_t path_count, mach_port_t to, file_path_in_t to_path,
    mach_msg_type_number_t to_count, int flags)
{
	struct file_handle *handle = file_port_handle(port);
	struct file_handle *to_handle;
	struct file_port *to_port;
	struct file_from from;
	struct file_from to_from;
	kern_return_t kr;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	to_handle = file_port_argument(to, &to_port);
	if (to_handle == NULL) {
		return UNIX_EXDEV;
	}
	from = file_handle_from(handle);
	to_from = file_handle_from(to_handle);
	kr = file_ops_rename(&from, path, path_count, &to_from, to_path,
	    to_count, flags);
	return file_port_argument_done(to, to_port, kr);
}

kern_return_t
S_dir_path(mach_port_t port, file_path_t path, mach_msg_type_number_t *count)
{
	struct file_handle *handle = file_port_handle(port);
	size_t len = 0;
	kern_return_t kr;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	kr = file_path_of_any(handle->root, handle->open->inode, path, &len);
	*count = len;
	return kr;
}

kern_return_t
S_dir_set_root(mach_port_t port, mach_port_t *new_dir)
{
	struct file_handle *handle = file_port_handle(port);
	struct file_handle *new;
	kern_return_t kr;

	if (handle == NULL) {
		return UNIX_EBADF;
	}
	kr = file_handle_chroot(handle, &new);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return file_port_right(new, new_dir);
}

/*
 * file_control.defs
 */

kern_return_t
S_file_control_root(mach_port_t control, uint32_t uid, uint32_t gid,
    file_ids_in_t groups, mach_msg_type_number_t group_count, int flags,
    mach_port_t *dir)
{
	struct file_handle *handle;
	struct file_cred *cred;
	kern_return_t kr;

	if (!file_is_control(control)) {
		return UNIX_EPERM;
	}
	kr = file_cred_create(uid, gid, groups, group_count, &cred);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = file_handle_root(file_fs, cred, (flags & FILE_ROOT_MOUNTED) != 0,
	    &handle);
	file_cred_unref(cred);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return file_port_right(handle, dir);
}

kern_return_t
S_file_control_reauth(mach_port_t control, mach_port_t name, uint32_t uid,
    uint32_t gid, file_ids_in_t groups, mach_msg_type_number_t group_count,
    mach_port_t *new_handle)
{
	struct file_handle *handle;
	struct file_handle *new;
	struct file_port *port;
	struct file_cred *cred;
	kern_return_t kr;

	if (!file_is_control(control)) {
		return UNIX_EPERM;
	}
	handle = file_port_argument(name, &port);
	if (handle == NULL) {
		return UNIX_EBADF;
	}
	kr = file_cred_create(uid, gid, groups, group_count, &cred);
	if (kr == KERN_SUCCESS) {
		kr = file_handle_reauth(handle, cred, &new);
		file_cred_unref(cred);
	}
	if (kr == KERN_SUCCESS) {
		kr = file_port_right(new, new_handle);
	}
	return file_port_argument_done(name, port, kr);
}

kern_return_t
S_file_control_identify(mach_port_t control, mach_port_t name,
    file_stat_t *stat, int *flags, uint32_t *uid, uint32_t *gid)
{
	struct file_handle *handle;
	struct file_port *port;

	if (!file_is_control(control)) {
		return UNIX_EPERM;
	}
	handle = file_port_argument(name, &port);
	if (handle == NULL) {
		return UNIX_EBADF;
	}
	file_handle_stat(handle, stat);
	*flags = file_handle_flags(handle);
	*uid = handle->cred->uid;
	*gid = handle->cred->gid;
	return file_port_argument_done(name, port, KERN_SUCCESS);
}

kern_return_t
S_file_control_mapped(mach_port_t control, mach_port_t root, mach_port_t name,
    file_stat_t *stat, file_path_t path, mach_msg_type_number_t *count)
{
	struct file_handle *handle;
	struct file_port *port;
	struct ext2_inode *inode;
	size_t len = 0;

	if (!file_is_control(control)) {
		return UNIX_EPERM;
	}
	inode = file_pager_inode(name);
	if (inode == NULL) {
		return UNIX_ESRCH;
	}
	handle = file_port_argument(root, &port);
	if (handle == NULL) {
		ext2_inode_put(inode);
		return UNIX_EBADF;
	}
	ext2_inode_lock(inode);
	ext2_inode_stat(inode, stat);
	ext2_inode_unlock(inode);
	if (file_path_of_any(handle->root, inode, path, &len) !=
	    KERN_SUCCESS) {
		len = 0;
	}
	ext2_inode_put(inode);
	*count = len;
	(void) mach_port_deallocate(mach_task_self(), name);
	return file_port_argument_done(root, port, KERN_SUCCESS);
}

kern_return_t
S_file_control_sync_mapped(mach_port_t control, mach_port_t name)
{
	struct ext2_inode *inode;
	kern_return_t kr;

	if (!file_is_control(control)) {
		return UNIX_EPERM;
	}
	inode = file_pager_inode(name);
	if (inode == NULL) {
		return UNIX_ESRCH;
	}
	kr = file_handle_sync_inode(inode);
	ext2_inode_put(inode);
	if (kr == KERN_SUCCESS) {
		(void) mach_port_deallocate(mach_task_self(), name);
	}
	return kr;
}

kern_return_t
S_file_control_program(
    mach_port_t control, mach_port_t name, mach_port_t *new_handle)
{
	struct file_handle *handle;
	struct file_handle *new;
	struct file_port *port;
	kern_return_t kr;

	if (!file_is_control(control)) {
		return UNIX_EPERM;
	}
	handle = file_port_argument(name, &port);
	if (handle == NULL) {
		return UNIX_EBADF;
	}
	kr = file_handle_program(handle, &new);
	if (kr == KERN_SUCCESS) {
		kr = file_port_right(new, new_handle);
	}
	return file_port_argument_done(name, port, kr);
}

kern_return_t
S_file_control_mount(mach_port_t control, mach_port_t name, uint32_t mount_id)
{
	struct file_handle *handle;
	struct file_port *port;

	if (!file_is_control(control)) {
		return UNIX_EPERM;
	}
	handle = file_port_argument(name, &port);
	if (handle == NULL) {
		return UNIX_EBADF;
	}
	return file_port_argument_done(name, port,
	    file_handle_mount(handle, mount_id));
}

kern_return_t
S_file_control_unmount(mach_port_t control, uint32_t mount_id)
{
	if (!file_is_control(control)) {
		return UNIX_EPERM;
	}
	return file_handle_unmount(file_fs, mount_id);
}

kern_return_t
S_file_control_remount(mach_port_t control, int read_only, int force)
{
	if (!file_is_control(control)) {
		return UNIX_EPERM;
	}
	if (read_only && !force && (file_handle_any_writer(file_fs)
	    || ext2_inode_has_orphans(file_fs))) {
		return UNIX_EBUSY;
	}
	if (read_only) {
		file_pager_clean_all();
	}
	return ext2_fs_set_read_only(file_fs, read_only != 0);
}

kern_return_t
S_file_control_sync(mach_port_t control)
{
	return file_is_control(control) ? file_sync_all() : UNIX_EPERM;
}

kern_return_t
S_file_control_disk_stats(mach_port_t control, file_disk_stats_t *stats)
{
	if (!file_is_control(control)) {
		return UNIX_EPERM;
	}
	disk_get_stats(file_fs->disk, stats);
	return KERN_SUCCESS;
}

kern_return_t
S_file_control_shutdown(mach_port_t control)
{
	if (!file_is_control(control)) {
		return UNIX_EPERM;
	}
	file_pager_clean_all();
	return ext2_fs_set_read_only(file_fs, true);
}

void
file_rpc_shutdown(void)
{
	kern_return_t kr;

	file_pager_clean_all();
	kr = ext2_fs_set_read_only(file_fs, true);
	if (kr != KERN_SUCCESS) {
		log_error("not everything could be written: %s",
		    log_error_text(kr));
	}
}

struct object *
file_rpc_public(void)
{
	return &file_public->object;
}

struct object *
file_rpc_control(void)
{
	return &file_control;
}

kern_return_t
file_rpc_setup(struct ext2_fs *fs, unsigned kept, size_t unclean)
{
	struct file_handle *handle;
	struct file_cred *cred;
	mach_port_t master;
	kern_return_t kr;

	if (boot_privileged_ports(&file_host, &master) != KERN_SUCCESS) {
		/* Then only so much can be wired. */
		file_host = mach_host_self_;
	}
	file_fs = fs;
	fs->pager_ops = &file_pager_ops;
	kr = file_pager_setup(file_host, kept, unclean);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = object_create_service(&file_control, &file_control_class);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = file_cred_create(FILE_NOBODY, FILE_NOBODY, NULL, 0, &cred);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = file_handle_root(fs, cred, false, &handle);
	file_cred_unref(cred);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return file_port_make(handle, true, &file_public);
}
