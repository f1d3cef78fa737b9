/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * unix.defs: which thread asks, the lock, the answer.
 *
 * A process that ends, or runs another program, in the middle of its call gets
 * an answer like any other; its reply port is gone by then.
 */
#include <servers/unix/unix_call.h>
#include <servers/unix/unix_exec.h>
#include <servers/unix/unix_task.h>
#include <servers/lib/log.h>
#include <stdlib.h>
#include <string.h>

#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/unix_server.h>

/* The thread that PORT stands for, locked and referenced; NULL: not locked. */
static struct uthread *
rpc_enter(mach_port_t port)
{
	struct thread_port *object = object_lookup(port, &thread_port_class);
	struct uthread *t;

	if (object == NULL) {
		return NULL;
	}
	unix_lock();
	t = object->thread;
	if (t == NULL || t->dying) {
		unix_unlock();
		return NULL;
	}
	uthread_ref(t);
	t->in_call++;
	return t;
}

static void
rpc_leave(struct uthread *t, int *events)
{
	t->in_call--;
	*events = !t->dying && (signal_deliverable(t) || t->restore_mask) ?
	    UNIX_EVENT_SIGNAL : 0;
	uthread_unref(t);
	unix_unlock();
}

kern_return_t
S_unix_call(mach_port_t port, int number, unix_args_t args,
    unix_data_in_t in_data, mach_msg_type_number_t in_count, int *result,
    int *events, unix_data_t out_data, mach_msg_type_number_t *out_count)
{
	struct uthread *t = rpc_enter(port);
	uint32_t size = UNIX_DATA_MAX;
	uint32_t ignored;

	if (t == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*result = call_dispatch(t, number, args.a, in_data, in_count,
	    out_data, &size, &ignored);
	*out_count = size;
	rpc_leave(t, events);
	return KERN_SUCCESS;
}

kern_return_t
S_unix_fork(mach_port_t port, uint32_t flags, unix_frame_t frame,
    uint32_t parent_tid, uint32_t child_tid, int *result, int *events)
{
	struct uthread *t = rpc_enter(port);

	if (t == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*result = call_fork(t, flags, &frame, child_tid);
	if (call_trace) {
		log_info("%d fork %x = %d", t->process->pid, flags, *result);
	}
	rpc_leave(t, events);
	return KERN_SUCCESS;
}

/* Split STRINGS as the routine says; false: it is not like that. */
static bool
exec_strings(const char *strings, uint32_t size, uint32_t argc, uint32_t envc,
    uint32_t *path_size)
{
	const char *at = strings;
	const char *end = strings + size;
	const char *next;

	if (argc > size || envc > size) {
		return false;
	}
	for (uint32_t i = 0; i < 1 + argc + envc; i++) {
		next = memchr(at, '\0', (size_t)(end - at));
		if (next == NULL) {
			return false;
		}
		at = next + 1;
		if (i == 0) {
			*path_size = (uint32_t)(at - strings);
		}
	}
	return at == end;
}

/* Run what STRINGS, of T's message, say; R has what the message says else. */
static int32_t
rpc_exec(struct uthread *t, const char *strings, uint32_t size,
    struct exec_request *r)
{
	uint32_t path_size = 0;
	int32_t error;
	kern_return_t kr;

	kr = task_receive_for(t->process, (vm_offset_t)strings, size);
	if (kr != KERN_SUCCESS) {
		return kr == KERN_RESOURCE_SHORTAGE ? -L_EAGAIN : -L_EFAULT;
	}
	if (t->dying) {
		return -L_EINTR;
	}
	if (!exec_strings(strings, size, r->argc, r->envc, &path_size)) {
		return -L_EINVAL;
	}
	r->path = strings;
	r->size = size - path_size;
	r->strings = malloc(r->size != 0 ? r->size : 1);
	if (r->strings == NULL) {
		return -L_ENOMEM;
	}
	memcpy(r->strings, strings + path_size, r->size);
	if (call_trace) {
		log_info("%d exec %s", t->process->pid, r->path);
	}
	error = exec_program(t, r);
	free(r->strings);
	return error;
}

kern_return_t
S_unix_exec(mach_port_t port, int dirfd, int flags, uint32_t argc,
    uint32_t envc, vm_offset_t strings, mach_msg_type_number_t size,
    int *result, int *events)
{
	struct exec_request r = { .dirfd = dirfd, .flags = (uint32_t)flags,
		.argc = argc, .envc = envc };
	struct uthread *t;

	if (size == 0 || size > UNIX_EXEC_MAX) {
		return KERN_INVALID_ARGUMENT;
	}
	t = rpc_enter(port);
	if (t == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*result = rpc_exec(t, (const char *)strings, size, &r);
	rpc_leave(t, events);
	vm_deallocate(mach_task_self(), strings, size);
	return KERN_SUCCESS;
}

kern_return_t
S_unix_handle(mach_port_t port, int fd, int *result, int *kind,
    mach_port_t *handle)
{
	struct uthread *t = rpc_enter(port);
	struct file *f;
	int events;

	if (t == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	f = fd_lookup(t->process, (uint32_t)fd);
	*result = f != NULL ? 0 : -L_EBADF;
	*kind = UNIX_HANDLE_SERVER;
	*handle = MACH_PORT_NULL;
	if (f != NULL) {
		*kind = (int)f->kind;
		if ((f->flags & L_O_ACCMODE) != L_O_WRONLY) {
			*kind |= UNIX_HANDLE_READ;
		}
		if ((f->flags & L_O_ACCMODE) != L_O_RDONLY) {
			*kind |= UNIX_HANDLE_WRITE;
		}
		if (f->kind == UNIX_HANDLE_FILE &&
		    mach_port_mod_refs(mach_task_self(), f->port,
		    MACH_PORT_RIGHT_SEND, 1) == KERN_SUCCESS) {
			*handle = f->port;
		} else if (f->kind == UNIX_HANDLE_FILE) {
			*result = -L_EIO;
		}
	}
	rpc_leave(t, &events);
	return KERN_SUCCESS;
}

kern_return_t
S_unix_signal_take(mach_port_t port, unix_signal_t *signal, int *events)
{
	struct uthread *t = rpc_enter(port);

	if (t == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	signal_take(t, signal);
	rpc_leave(t, events);
	return KERN_SUCCESS;
}

/* The right for a program to map F. */
static int32_t
rpc_map_file(const struct file *f, bool write, mach_port_t *object)
{
	if (f == NULL || (f->flags & L_O_PATH) != 0) {
		return -L_EBADF;
	}
	if ((f->flags & L_O_ACCMODE) == L_O_WRONLY ||
	    (write && (f->flags & L_O_ACCMODE) != L_O_RDWR)) {
		return -L_EACCES;
	}
	if (f->node == NULL) {
		return -L_ENODEV;
	}
	return node_map(f->node, write, object);
}

kern_return_t
S_unix_map(mach_port_t port, int fd, int write, int *result,
    mach_port_t *object)
{
	struct uthread *t = rpc_enter(port);
	int events;

	if (t == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*object = MACH_PORT_NULL;
	*result = rpc_map_file(fd_lookup(t->process, (uint32_t)fd),
	    write != 0, object);
	rpc_leave(t, &events);
	return KERN_SUCCESS;
}
