/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Descriptors: reads, writes and seeks of files go straight to the file
 * server's handle, by a cache of descriptor to port.  Everything else about
 * descriptors is the UNIX server's; what closes one drops it from the cache.
 */
#include "emul.h"

#include <mach/mach_types.h>
#include <mach/mig_errors.h>

#include "file_user.h"
#include "mach_port_user.h"
#include "mach_user.h"
#include "unix_user.h"

static struct emul_handle emul_handles[EMUL_FD_MAX];

/* The cache entry of FD, filled; NULL: no such descriptor. */
struct emul_handle *
emul_handle_lookup(struct emul_thread *thread, uint32_t fd)
{
	struct emul_handle *handle;
	mach_port_t port = MACH_PORT_NULL;
	int result;
	int kind;

	if (fd >= EMUL_FD_MAX) {
		return NULL;
	}
	handle = &emul_handles[fd];
	if (handle->known != 0) {
		return handle;
	}
	if (unix_handle(thread->port, (int)fd, &result, &kind, &port) !=
	    KERN_SUCCESS || result != 0) {
		return NULL;
	}
	handle->kind = (uint32_t)kind & UNIX_HANDLE_KIND;
	handle->access = (uint32_t)kind & ~(uint32_t)UNIX_HANDLE_KIND;
	handle->port = port;
	handle->known = 1;
	return handle;
}

void
emul_handle_forget(struct emul_thread *thread, uint32_t fd)
{
	struct emul_handle *handle;

	if (fd >= EMUL_FD_MAX || emul_handles[fd].known == 0) {
		return;
	}
	handle = &emul_handles[fd];
	handle->known = 0;
	if (handle->port != MACH_PORT_NULL) {
		mach_port_deallocate(emul_task(thread), handle->port);
	}
	handle->port = MACH_PORT_NULL;
}

/* PORTS: give the rights back too; not in a new task, which has none. */
void
emul_handle_forget_all(struct emul_thread *thread, bool ports)
{
	for (uint32_t fd = 0; fd < EMUL_FD_MAX; fd++) {
		if (emul_handles[fd].known == 0) {
			continue;
		}
		if (!ports) {
			emul_handles[fd].port = MACH_PORT_NULL;
		}
		emul_handle_forget(thread, fd);
	}
}

/* Read N bytes at OFFSET of a file handle to the program's TO. */
static int32_t
emul_file_read(mach_port_t port, int64_t offset, user_addr_t to, uint32_t n)
{
	file_inline_t buffer;
	mach_msg_type_number_t count = sizeof(buffer);
	pointer_t memory;
	kern_return_t kr;
	int32_t result;

	if (n <= FILE_INLINE_MAX) {
		kr = file_read(port, offset, n, 0, buffer, &count);
		if (kr != KERN_SUCCESS) {
			return emul_error(kr);
		}
		if (emul_copy((void *)(uintptr_t)to, buffer, count) != 0) {
			return -L_EFAULT;
		}
		return (int32_t)count;
	}
	if (n > FILE_OOL_MAX) {
		n = FILE_OOL_MAX;
	}
	kr = file_read_ool(port, offset, n, 0, &memory, &count);
	if (kr != KERN_SUCCESS) {
		return emul_error(kr);
	}
	result = (int32_t)count;
	if (emul_copy((void *)(uintptr_t)to, (void *)(uintptr_t)memory,
	    count) != 0) {
		result = -L_EFAULT;
	}
	if (count != 0) {
		vm_deallocate(emul_task(emul_self()), memory, count);
	}
	return result;
}

static int32_t
emul_file_write(mach_port_t port, int64_t offset, user_addr_t from, uint32_t n)
{
	char buffer[FILE_INLINE_MAX];
	uint32_t written;
	kern_return_t kr;

	if (n <= FILE_INLINE_MAX) {
		if (emul_copy(buffer, (void *)(uintptr_t)from, n) != 0) {
			return -L_EFAULT;
		}
		kr = file_write(port, offset, 0, buffer, n, &written);
	} else {
		if (n > FILE_OOL_MAX) {
			n = FILE_OOL_MAX;
		}
		kr = file_write_ool(port, offset, 0, from, n, &written);
	}
	return kr == KERN_SUCCESS ? (int32_t)written : emul_error(kr);
}

static int32_t
emul_zero_read(user_addr_t to, uint32_t n)
{
	static const char zeros[4096];

	for (uint32_t done = 0; done < n; done += sizeof(zeros)) {
		uint32_t part = n - done;

		if (part > sizeof(zeros)) {
			part = sizeof(zeros);
		}
		if (emul_copy((void *)(uintptr_t)(to + done), zeros, part) !=
		    0) {
			return done != 0 ? (int32_t)done : -L_EFAULT;
		}
	}
	return (int32_t)n;
}

/* At the shared offset (NUMBER is read) or at a[3], a[4] (pread64). */
static int32_t
emul_read_at(struct emul_thread *thread, uint32_t number, uint32_t *a)
{
	struct emul_handle *handle;
	int64_t offset = FILE_OFFSET_CURRENT;
	uint32_t n = a[2];
	uint32_t done = 0;
	int32_t result;

	handle = emul_handle_lookup(thread, a[0]);
	if (handle == NULL || (handle->access & UNIX_HANDLE_READ) == 0) {
		return -L_EBADF;
	}
	if ((int32_t)n < 0) {
		return -L_EINVAL;
	}
	if (number == CALL_pread64) {
		offset = (int64_t)(a[3] | (uint64_t)a[4] << 32);
		if (offset < 0) {
			return -L_EINVAL;
		}
	}
	if (handle->kind == UNIX_HANDLE_NULL) {
		return 0;
	}
	if (handle->kind == UNIX_HANDLE_ZERO) {
		return emul_zero_read(a[1], n);
	}
	if (handle->kind == UNIX_HANDLE_FILE) {
		do {
			result = emul_file_read(handle->port, offset,
			    a[1] + done, n - done);
			if (result <= 0) {
				return done != 0 ? (int32_t)done : result;
			}
			done += (uint32_t)result;
			if (offset >= 0) {
				offset += result;
			}
		} while (done < n);
		return (int32_t)done;
	}
	if (n > UNIX_IO_MAX) {
		a[2] = UNIX_IO_MAX;
	}
	return emul_rpc(thread, number, a);
}

static int32_t
emul_write_at(struct emul_thread *thread, uint32_t number, uint32_t *a)
{
	struct emul_handle *handle;
	int64_t offset = FILE_OFFSET_CURRENT;
	uint32_t n = a[2];
	uint32_t done = 0;
	uint32_t part;
	int32_t result;
	uint32_t b[6];

	handle = emul_handle_lookup(thread, a[0]);
	if (handle == NULL || (handle->access & UNIX_HANDLE_WRITE) == 0) {
		return -L_EBADF;
	}
	if ((int32_t)n < 0) {
		return -L_EINVAL;
	}
	if (number == CALL_pwrite64) {
		offset = (int64_t)(a[3] | (uint64_t)a[4] << 32);
		if (offset < 0) {
			return -L_EINVAL;
		}
	}
	if (handle->kind == UNIX_HANDLE_NULL || handle->kind ==
	    UNIX_HANDLE_ZERO) {
		return (int32_t)n;
	}
	do {
		part = n - done;
		if (handle->kind == UNIX_HANDLE_FILE) {
			result = emul_file_write(handle->port, offset,
			    a[1] + done, part);
		} else {
			if (part > UNIX_IO_MAX) {
				part = UNIX_IO_MAX;
			}
			b[0] = a[0];
			b[1] = a[1] + done;
			b[2] = part;
			b[3] = (uint32_t)offset;
			b[4] = (uint32_t)(offset >> 32);
			b[5] = 0;
			result = emul_rpc(thread, number, b);
			if (result >= 0 && (uint32_t)result < part) {
				done += (uint32_t)result;
				break;
			}
		}
		if (result < 0) {
			return done != 0 ? (int32_t)done : result;
		}
		done += (uint32_t)result;
		if (offset >= 0) {
			offset += result;
		}
	} while (done < n && result != 0);
	return (int32_t)done;
}

int32_t
emul_read(struct emul_thread *thread, uint32_t *a)
{
	return emul_read_at(thread, CALL_read, a);
}

int32_t
emul_write(struct emul_thread *thread, uint32_t *a)
{
	return emul_write_at(thread, CALL_write, a);
}

int32_t
emul_pread(struct emul_thread *thread, uint32_t *a)
{
	return emul_read_at(thread, CALL_pread64, a);
}

int32_t
emul_pwrite(struct emul_thread *thread, uint32_t *a)
{
	return emul_write_at(thread, CALL_pwrite64, a);
}

struct emul_iovec {
	uint32_t	base;
	uint32_t	length;
};

/* One read or write per piece; what is short ends it. */
static int32_t
emul_vector(struct emul_thread *thread, uint32_t *a, emul_call_fn_t one)
{
	struct emul_iovec piece;
	uint32_t done = 0;
	uint32_t b[6] = { 0 };
	int32_t result;

	if (a[2] > 1024) {
		return -L_EINVAL;
	}
	for (uint32_t i = 0; i < a[2]; i++) {
		if (emul_copy(&piece, (void *)(uintptr_t)(a[1] + 8 * i),
		    sizeof(piece)) != 0) {
			return done != 0 ? (int32_t)done : -L_EFAULT;
		}
		if (piece.length == 0) {
			continue;
		}
		b[0] = a[0];
		b[1] = piece.base;
		b[2] = piece.length;
		result = one(thread, b);
		if (result < 0) {
			return done != 0 ? (int32_t)done : result;
		}
		done += (uint32_t)result;
		if ((uint32_t)result < piece.length) {
			break;
		}
	}
	return (int32_t)done;
}

int32_t
emul_readv(struct emul_thread *thread, uint32_t *a)
{
	return emul_vector(thread, a, emul_read);
}

/* Small vectors go as one write, so that lines stay whole. */
int32_t
emul_writev(struct emul_thread *thread, uint32_t *a)
{
	char buffer[4096];
	struct emul_iovec piece;
	uint32_t used = 0;
	uint32_t b[6] = { 0 };

	if (a[2] > 1024) {
		return -L_EINVAL;
	}
	for (uint32_t i = 0; i < a[2]; i++) {
		if (emul_copy(&piece, (void *)(uintptr_t)(a[1] + 8 * i),
		    sizeof(piece)) != 0) {
			return -L_EFAULT;
		}
		if (piece.length > sizeof(buffer) - used) {
			return emul_vector(thread, a, emul_write);
		}
		if (emul_copy(buffer + used, (void *)(uintptr_t)piece.base,
		    piece.length) != 0) {
			return -L_EFAULT;
		}
		used += piece.length;
	}
	b[0] = a[0];
	b[1] = (uint32_t)(uintptr_t)buffer;
	b[2] = used;
	return emul_write(thread, b);
}

int32_t
emul_close(struct emul_thread *thread, uint32_t *a)
{
	emul_handle_forget(thread, a[0]);
	return emul_rpc(thread, CALL_close, a);
}

int32_t
emul_close_range(struct emul_thread *thread, uint32_t *a)
{
	for (uint32_t fd = a[0]; fd <= a[1] && fd < EMUL_FD_MAX; fd++) {
		emul_handle_forget(thread, fd);
	}
	return emul_rpc(thread, CALL_close_range, a);
}

int32_t
emul_dup2(struct emul_thread *thread, uint32_t *a)
{
	if (a[0] != a[1]) {
		emul_handle_forget(thread, a[1]);
	}
	return emul_rpc(thread, CALL_dup2, a);
}

int32_t
emul_dup3(struct emul_thread *thread, uint32_t *a)
{
	if (a[0] != a[1]) {
		emul_handle_forget(thread, a[1]);
	}
	return emul_rpc(thread, CALL_dup3, a);
}

static int32_t
emul_seek_file(struct emul_handle *handle, int64_t offset, uint32_t whence,
    int64_t *positionp)
{
	kern_return_t kr;

	kr = file_seek(handle->port, offset, (int)whence, positionp);
	return emul_error(kr);
}

int32_t
emul_lseek(struct emul_thread *thread, uint32_t *a)
{
	struct emul_handle *handle = emul_handle_lookup(thread, a[0]);
	int64_t position;
	int32_t error;

	if (handle == NULL) {
		return -L_EBADF;
	}
	if (handle->kind != UNIX_HANDLE_FILE) {
		return emul_rpc(thread, CALL_lseek, a);
	}
	error = emul_seek_file(handle, (int32_t)a[1], a[2], &position);
	if (error != 0) {
		return error;
	}
	return position > INT32_MAX ? -L_EOVERFLOW : (int32_t)position;
}

int32_t
emul_llseek(struct emul_thread *thread, uint32_t *a)
{
	struct emul_handle *handle = emul_handle_lookup(thread, a[0]);
	int64_t position;
	int32_t error;

	if (handle == NULL) {
		return -L_EBADF;
	}
	if (handle->kind != UNIX_HANDLE_FILE) {
		return emul_rpc(thread, CALL__llseek, a);
	}
	error = emul_seek_file(handle, (int64_t)((uint64_t)a[1] << 32 | a[2]),
	    a[4], &position);
	if (error != 0) {
		return error;
	}
	return emul_copy((void *)(uintptr_t)a[3], &position,
	    sizeof(position)) != 0 ? -L_EFAULT : 0;
}

/* The file server's entries have the layout that the program expects. */
int32_t
emul_getdents64(struct emul_thread *thread, uint32_t *a)
{
	struct emul_handle *handle = emul_handle_lookup(thread, a[0]);
	file_inline_t buffer;
	mach_msg_type_number_t count = sizeof(buffer);
	kern_return_t kr;

	if (handle == NULL) {
		return -L_EBADF;
	}
	if (a[2] > UNIX_IO_MAX) {
		a[2] = UNIX_IO_MAX;
	}
	if (handle->kind != UNIX_HANDLE_FILE) {
		return emul_rpc(thread, CALL_getdents64, a);
	}
	kr = file_read_dir(handle->port, FILE_OFFSET_CURRENT, a[2], buffer,
	    &count);
	if (kr != KERN_SUCCESS) {
		return emul_error(kr);
	}
	return emul_copy((void *)(uintptr_t)a[1], buffer, count) != 0 ?
	    -L_EFAULT : (int32_t)count;
}

/* The older form of a lock, which cannot say all that there may be. */
static int32_t
emul_lock_old(struct emul_thread *thread, uint32_t *a)
{
	struct linux_flock old;
	struct linux_flock64 lock;
	uint32_t b[6] = { a[0], a[1] - L_F_GETLK + L_F_GETLK64,
	    (uint32_t)(uintptr_t)&lock, 0, 0, 0 };
	int32_t result;

	if (emul_copy(&old, (void *)(uintptr_t)a[2], sizeof(old)) != 0) {
		return -L_EFAULT;
	}
	lock.type = old.type;
	lock.whence = old.whence;
	lock.start = old.start;
	lock.length = old.length;
	lock.pid = old.pid;
	result = emul_rpc(thread, CALL_own_lock, b);
	if (result < 0 || a[1] != L_F_GETLK) {
		return result;
	}
	if (lock.start > INT32_MAX) {
		return -L_EOVERFLOW;
	}
	old.type = lock.type;
	old.whence = lock.whence;
	old.start = (int32_t)lock.start;
	old.length = lock.length > INT32_MAX ? INT32_MAX :
	    (int32_t)lock.length;
	old.pid = lock.pid;
	return emul_copy((void *)(uintptr_t)a[2], &old, sizeof(old)) != 0 ?
	    -L_EFAULT : result;
}

int32_t
emul_fcntl(struct emul_thread *thread, uint32_t *a)
{
	switch (a[1]) {
	case L_F_GETLK:
	case L_F_SETLK:
	case L_F_SETLKW:
		return emul_lock_old(thread, a);
	case L_F_GETLK64:
	case L_F_SETLK64:
	case L_F_SETLKW64:
	case L_F_OFD_GETLK:
	case L_F_OFD_SETLK:
	case L_F_OFD_SETLKW:
		return emul_rpc(thread, CALL_own_lock, a);
	default:
		return emul_rpc(thread, CALL_fcntl, a);
	}
}

struct emul_ioctl {
	uint32_t	command;
	uint8_t		in;
	uint8_t		out;
};

static const struct emul_ioctl emul_ioctls[] = {
	{ L_TCGETS, 0, 36 }, { L_TCSETS, 36, 0 }, { L_TCSETSW, 36, 0 },
	{ L_TCSETSF, 36, 0 }, { L_TCGETA, 0, 18 }, { L_TCSETA, 18, 0 },
	{ L_TIOCGPGRP, 0, 4 }, { L_TIOCSPGRP, 4, 0 }, { L_TIOCOUTQ, 0, 4 },
	{ L_TIOCSTI, 1, 0 }, { L_TIOCGWINSZ, 0, 8 }, { L_TIOCSWINSZ, 8, 0 },
	{ L_TIOCMGET, 0, 4 }, { L_FIONREAD, 0, 4 }, { L_FIONBIO, 4, 0 },
	{ L_TIOCGSID, 0, 4 }, { L_TIOCGPTN, 0, 4 }, { L_TIOCSPTLCK, 4, 0 },
	{ L_TIOCGEXCL, 0, 4 }, { L_VT_OPENQRY, 0, 4 },
	{ L_KDGKBTYPE, 0, 1 }, { L_VT_GETSTATE, 0, 6 },
};

int32_t
emul_ioctl(struct emul_thread *thread, uint32_t *a)
{
	char in[64];
	char out[64];
	uint32_t b[6] = { a[0], a[1], a[2], (uint32_t)(uintptr_t)in,
	    (uint32_t)(uintptr_t)out, 0 };
	const struct emul_ioctl *entry = NULL;
	int32_t result;

	for (unsigned i = 0; i < sizeof(emul_ioctls) / sizeof(*emul_ioctls);
	    i++) {
		if (emul_ioctls[i].command == a[1]) {
			entry = &emul_ioctls[i];
		}
	}
	memset(in, 0, sizeof(in));
	if (entry != NULL && entry->in != 0 &&
	    emul_copy(in, (void *)(uintptr_t)a[2], entry->in) != 0) {
		return -L_EFAULT;
	}
	result = emul_rpc(thread, CALL_ioctl, b);
	if (result >= 0 && entry != NULL && entry->out != 0 &&
	    emul_copy((void *)(uintptr_t)a[2], out, entry->out) != 0) {
		return -L_EFAULT;
	}
	return result;
}

/* Through a buffer; OFFSET, when given, is where to read. */
static int32_t
emul_send(struct emul_thread *thread, uint32_t *a, int64_t *offset)
{
	struct emul_handle *handle = emul_handle_lookup(thread, a[1]);
	char buffer[4096];
	uint32_t done = 0;
	uint32_t b[6];
	int32_t n;
	int32_t m;

	if (handle == NULL) {
		return -L_EBADF;
	}
	if (handle->kind != UNIX_HANDLE_FILE) {
		return -L_EINVAL;
	}
	while (done < a[3]) {
		b[0] = a[1];
		b[1] = (uint32_t)(uintptr_t)buffer;
		b[2] = a[3] - done < sizeof(buffer) ? a[3] - done :
		    sizeof(buffer);
		if (offset != NULL) {
			b[3] = (uint32_t)*offset;
			b[4] = (uint32_t)(*offset >> 32);
			n = emul_pread(thread, b);
		} else {
			n = emul_read(thread, b);
		}
		if (n <= 0) {
			return done != 0 ? (int32_t)done : n;
		}
		b[0] = a[0];
		b[1] = (uint32_t)(uintptr_t)buffer;
		b[2] = (uint32_t)n;
		m = emul_write(thread, b);
		if (m < 0) {
			return done != 0 ? (int32_t)done : m;
		}
		done += (uint32_t)m;
		if (offset != NULL) {
			*offset += m;
		}
		if (m < n) {
			break;
		}
	}
	return (int32_t)done;
}

int32_t
emul_sendfile(struct emul_thread *thread, uint32_t *a)
{
	int32_t offset32;
	int64_t offset;
	int32_t result;

	if (a[2] == 0) {
		return emul_send(thread, a, NULL);
	}
	if (emul_copy(&offset32, (void *)(uintptr_t)a[2], 4) != 0) {
		return -L_EFAULT;
	}
	offset = offset32;
	result = emul_send(thread, a, &offset);
	offset32 = (int32_t)offset;
	if (emul_copy((void *)(uintptr_t)a[2], &offset32, 4) != 0) {
		return -L_EFAULT;
	}
	return result;
}

int32_t
emul_sendfile64(struct emul_thread *thread, uint32_t *a)
{
	int64_t offset;
	int32_t result;

	if (a[2] == 0) {
		return emul_send(thread, a, NULL);
	}
	if (emul_copy(&offset, (void *)(uintptr_t)a[2], 8) != 0) {
		return -L_EFAULT;
	}
	result = emul_send(thread, a, &offset);
	if (emul_copy((void *)(uintptr_t)a[2], &offset, 8) != 0) {
		return -L_EFAULT;
	}
	return result;
}

static bool
emul_bit(const uint32_t *set, uint32_t n)
{
	return (set[n / 32] >> (n % 32) & 1) != 0;
}

/* select is poll with other clothes; TIME points to a timespec64 or is 0. */
static int32_t
emul_select_poll(struct emul_thread *thread, uint32_t *a, user_addr_t time,
    user_addr_t mask)
{
	static const int16_t wanted[3] = { L_POLLIN, L_POLLOUT, L_POLLPRI };
	static const int16_t shown[3] = {
		L_POLLIN | L_POLLHUP | L_POLLERR, L_POLLOUT | L_POLLERR,
		L_POLLPRI
	};
	uint32_t sets[3][EMUL_FD_MAX / 32];
	struct linux_pollfd fds[EMUL_FD_MAX];
	uint32_t words;
	uint32_t count = 0;
	uint32_t b[6];
	int32_t result;

	if (a[0] > EMUL_FD_MAX) {
		return -L_EINVAL;
	}
	words = (a[0] + 31) / 32;
	memset(sets, 0, sizeof(sets));
	for (int k = 0; k < 3; k++) {
		if (a[1 + k] != 0 && emul_copy(sets[k],
		    (void *)(uintptr_t)a[1 + k], words * 4) != 0) {
			return -L_EFAULT;
		}
	}
	for (uint32_t fd = 0; fd < a[0]; fd++) {
		int16_t events = 0;

		for (int k = 0; k < 3; k++) {
			if (emul_bit(sets[k], fd)) {
				events |= wanted[k];
			}
		}
		if (events != 0) {
			fds[count++] = (struct linux_pollfd){ (int32_t)fd,
			    events, 0 };
		}
	}
	b[0] = (uint32_t)(uintptr_t)fds;
	b[1] = count;
	b[2] = time;
	b[3] = mask;
	b[4] = 8;
	b[5] = 0;
	result = emul_rpc(thread, CALL_ppoll_time64, b);
	if (result < 0) {
		return result;
	}
	memset(sets, 0, sizeof(sets));
	result = 0;
	for (uint32_t i = 0; i < count; i++) {
		if ((fds[i].revents & L_POLLNVAL) != 0) {
			return -L_EBADF;
		}
		for (int k = 0; k < 3; k++) {
			if ((fds[i].events & wanted[k]) == 0 ||
			    (fds[i].revents & shown[k]) == 0) {
				continue;
			}
			sets[k][fds[i].fd / 32] |= 1u << (fds[i].fd % 32);
			result++;
		}
	}
	for (int k = 0; k < 3; k++) {
		if (a[1 + k] != 0 && emul_copy((void *)(uintptr_t)a[1 + k],
		    sets[k], words * 4) != 0) {
			return -L_EFAULT;
		}
	}
	return result;
}

int32_t
emul_select(struct emul_thread *thread, uint32_t *a)
{
	struct linux_timeval tv;
	struct linux_timespec64 ts;

	if (a[4] == 0) {
		return emul_select_poll(thread, a, 0, 0);
	}
	if (emul_copy(&tv, (void *)(uintptr_t)a[4], sizeof(tv)) != 0) {
		return -L_EFAULT;
	}
	ts.sec = tv.sec + tv.usec / 1000000;
	ts.nsec = tv.usec % 1000000 * 1000;
	return emul_select_poll(thread, a, (user_addr_t)(uintptr_t)&ts, 0);
}

int32_t
emul_old_select(struct emul_thread *thread, uint32_t *a)
{
	uint32_t b[6] = { 0 };

	if (emul_copy(b, (void *)(uintptr_t)a[0], 20) != 0) {
		return -L_EFAULT;
	}
	return emul_select(thread, b);
}

/* The mask comes as a pair of pointer and size. */
static int32_t
emul_pselect_mask(uint32_t *a, user_addr_t *maskp)
{
	uint32_t pair[2] = { 0, 0 };

	if (a[5] != 0 && emul_copy(pair, (void *)(uintptr_t)a[5], 8) != 0) {
		return -L_EFAULT;
	}
	*maskp = pair[0];
	return 0;
}

int32_t
emul_pselect6_time64(struct emul_thread *thread, uint32_t *a)
{
	user_addr_t mask;

	if (emul_pselect_mask(a, &mask) != 0) {
		return -L_EFAULT;
	}
	return emul_select_poll(thread, a, a[4], mask);
}

int32_t
emul_pselect6(struct emul_thread *thread, uint32_t *a)
{
	struct linux_timespec old;
	struct linux_timespec64 ts;
	user_addr_t mask;

	if (emul_pselect_mask(a, &mask) != 0) {
		return -L_EFAULT;
	}
	if (a[4] == 0) {
		return emul_select_poll(thread, a, 0, mask);
	}
	if (emul_copy(&old, (void *)(uintptr_t)a[4], sizeof(old)) != 0) {
		return -L_EFAULT;
	}
	ts.sec = old.sec;
	ts.nsec = old.nsec;
	return emul_select_poll(thread, a, (user_addr_t)(uintptr_t)&ts, mask);
}

/* Bytes between descriptor FD and the library's BUFFER, at *OFFSET or its own. */
static int32_t
emul_piece(struct emul_thread *thread, uint32_t number, uint32_t fd,
    char *buffer, uint32_t n, const int64_t *offset)
{
	uint32_t b[6] = { fd, (uint32_t)(uintptr_t)buffer, n, 0, 0, 0 };

	if (offset != NULL) {
		b[3] = (uint32_t)*offset;
		b[4] = (uint32_t)(*offset >> 32);
	}
	switch (number) {
	case CALL_read:
		return offset != NULL ? emul_pread(thread, b) :
		    emul_read(thread, b);
	default:
		return offset != NULL ? emul_pwrite(thread, b) :
		    emul_write(thread, b);
	}
}

static int32_t
emul_copy_range(struct emul_thread *thread, const uint32_t *a, int64_t *in,
    int64_t *out)
{
	char buffer[4096];
	uint32_t done = 0;
	uint32_t part;
	int32_t n;
	int32_t m;

	while (done < a[4]) {
		part = a[4] - done < sizeof(buffer) ? a[4] - done :
		    sizeof(buffer);
		n = emul_piece(thread, CALL_read, a[0], buffer, part, in);
		if (n <= 0) {
			return done != 0 ? (int32_t)done : n;
		}
		m = emul_piece(thread, CALL_write, a[2], buffer, (uint32_t)n,
		    out);
		if (m < 0) {
			return done != 0 ? (int32_t)done : m;
		}
		done += (uint32_t)m;
		if (in != NULL) {
			*in += m;
		}
		if (out != NULL) {
			*out += m;
		}
		if (m < n) {
			break;
		}
	}
	return (int32_t)done;
}

/* Between regular files; where an offset is given, theirs stay. */
int32_t
emul_copy_file_range(struct emul_thread *thread, uint32_t *a)
{
	struct emul_handle *handle;
	int64_t offsets[2];
	int32_t result;

	if (a[5] != 0 || (int32_t)a[4] < 0) {
		return -L_EINVAL;
	}
	for (int i = 0; i < 2; i++) {
		handle = emul_handle_lookup(thread, a[2 * i]);
		if (handle == NULL || (handle->access & (i == 0 ?
		    UNIX_HANDLE_READ : UNIX_HANDLE_WRITE)) == 0) {
			return -L_EBADF;
		}
		if (handle->kind != UNIX_HANDLE_FILE) {
			/* In memory perhaps: the caller reads and writes. */
			return -L_EINVAL;
		}
		if (a[2 * i + 1] != 0 && emul_copy(&offsets[i],
		    (void *)(uintptr_t)a[2 * i + 1], 8) != 0) {
			return -L_EFAULT;
		}
	}
	result = emul_copy_range(thread, a, a[1] != 0 ? &offsets[0] : NULL,
	    a[3] != 0 ? &offsets[1] : NULL);
	for (int i = 0; i < 2; i++) {
		if (a[2 * i + 1] != 0 && emul_copy(
		    (void *)(uintptr_t)a[2 * i + 1], &offsets[i], 8) != 0) {
			return -L_EFAULT;
		}
	}
	return result;
}

/*
 * The log is more than one message holds: it comes in pieces, of which the
 * server hears the whole size and the place.
 */
int32_t
emul_syslog(struct emul_thread *thread, uint32_t *a)
{
	uint32_t type = a[0];
	uint32_t b[6] = { type, a[1], a[2], a[2], 0, 0 };
	uint32_t done = 0;
	int32_t n;

	if (type < L_SYSLOG_READ || type > L_SYSLOG_READ_CLEAR ||
	    (int32_t)a[2] < 0) {
		b[2] = 0;
		return emul_rpc(thread, CALL_syslog, b);
	}
	if (type == L_SYSLOG_READ_CLEAR) {
		b[0] = L_SYSLOG_READ_ALL;
	}
	do {
		b[1] = a[1] + done;
		b[2] = a[2] - done < UNIX_IO_MAX ? a[2] - done : UNIX_IO_MAX;
		b[4] = done;
		n = emul_rpc(thread, CALL_syslog, b);
		done += n > 0 ? (uint32_t)n : 0;
	} while (n > 0 && done < a[2] && type != L_SYSLOG_READ);
	if (n < 0 && done == 0) {
		return n;
	}
	if (type == L_SYSLOG_READ_CLEAR) {
		b[0] = L_SYSLOG_CLEAR;
		b[1] = 0;
		b[2] = 0;
		n = emul_rpc(thread, CALL_syslog, b);
	}
	return n < 0 ? n : (int32_t)done;
}

#define EMUL_EPOLL_MAX	256	/* events of one message */

/* Only as many events as there are go to the program. */
static int32_t
emul_epoll(struct emul_thread *thread, uint32_t number, uint32_t *a)
{
	struct linux_epoll_event events[EMUL_EPOLL_MAX];
	user_addr_t to = a[1];
	int32_t result;

	if ((int32_t)a[2] > EMUL_EPOLL_MAX) {
		a[2] = EMUL_EPOLL_MAX;
	}
	if ((int32_t)a[2] <= 0) {
		return -L_EINVAL;
	}
	a[1] = (uint32_t)(uintptr_t)events;
	result = emul_rpc(thread, number, a);
	if (result > 0 && emul_copy((void *)(uintptr_t)to, events,
	    (uint32_t)result * sizeof(events[0])) != 0) {
		return -L_EFAULT;
	}
	return result;
}

int32_t
emul_epoll_wait(struct emul_thread *thread, uint32_t *a)
{
	a[4] = 0;
	a[5] = 0;
	return emul_epoll(thread, CALL_epoll_pwait, a);
}

int32_t
emul_epoll_pwait(struct emul_thread *thread, uint32_t *a)
{
	return emul_epoll(thread, CALL_epoll_pwait, a);
}

int32_t
emul_epoll_pwait2(struct emul_thread *thread, uint32_t *a)
{
	return emul_epoll(thread, CALL_epoll_pwait2, a);
}
