/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * execve.  Everything that can be refused is found out first; then the old
 * address space goes, and a failure after that ends the process, as there is
 * nothing to go back to.
 *
 * Segments are mapped copy-on-write from the file's memory object.  A file
 * without one (in the server's memory) is copied.
 *
 * A program with another identity gets a new task, so that rights to the old
 * one are worth nothing.
 */
#include <servers/unix/unix_exec.h>

#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>
#include <servers/errors.h>
#include <servers/lib/log.h>
#include <servers/unix/unix_call.h>
#include <servers/unix/unix_elf.h>
#include <servers/unix/unix_symbols.h>
#include <servers/unix/unix_task.h>
#include <servers/unix/unix_timer.h>
#include <servers/unix/unix_vfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mig/file_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#define EXEC_HEAD	4096u
#define EXEC_PAGE_MASK	4095u
#define EXEC_SCRIPTS	4
#define EXEC_COPY_ROOM	65536u
#define EXEC_STACK_ROOM	(UNIX_EXEC_MAX + 128 * 1024)

/* A program file, open. */
struct exec_file {
	struct process		*process;	/* that is to run it */
	struct file		*file;
	struct file_stat	stat;
	char			head[EXEC_HEAD];
	uint32_t		head_size;
	struct elf_image	image;
	uint32_t		base;		/* added to its addresses */
};

static void
exec_close(struct exec_file *e)
{
	if (e->file != NULL) {
		file_unref(e->file);
	}
	e->file = NULL;
}

static int32_t
exec_read(struct exec_file *e, char *buf, uint32_t n, int64_t offset)
{
	uint32_t done = 0;
	int64_t at;
	int32_t part;

	while (done < n) {
		at = offset + done;
		part = e->file->ops->read(e->file, NULL, buf + done, n - done,
		    &at);
		if (part < 0) {
			return part;
		}
		if (part == 0) {
			break;
		}
		done += (uint32_t)part;
	}
	return (int32_t)done;
}

static int32_t
exec_open_remote(const struct place *place, struct exec_file *e)
{
	uint32_t handle;
	int32_t error = remote_program(place->port, &handle);

	if (error != 0) {
		return error;
	}
	e->file = remote_file(handle, L_O_RDONLY);
	if (e->file == NULL) {
		remote_release(handle);
		return -L_ENOMEM;
	}
	return 0;
}

/* Open a program, with the permission to execute it, and read its start. */
static int32_t
exec_open(struct process *p, int dirfd, const char *path, uint32_t flags,
    struct exec_file *e)
{
	struct place place;
	unsigned walk = (flags & L_AT_SYMLINK_NOFOLLOW) != 0 ? PATH_NOFOLLOW :
	    0;
	int32_t n;

	memset(e, 0, sizeof(*e));
	e->process = p;
	if ((flags & L_AT_EMPTY_PATH) != 0) {
		walk |= PATH_EMPTY;
	}
	/* Who may execute it need not be allowed to read it. */
	n = path_walk(p, dirfd, path, walk, FILE_O_EXEC, 0, &place);
	if (n != 0) {
		place_release(&place);
		return n;
	}
	if (place.node != NULL) {
		node_stat(place.node, &e->stat);
		n = node_access(place.node, p, 1);
		if (n == 0 && (e->stat.mode & L_S_IFMT) == L_S_IFREG) {
			n = node_open_program(place.node, &e->file);
		}
	} else {
		e->stat = place.stat;
		if ((e->stat.mode & L_S_IFMT) == L_S_IFREG) {
			n = exec_open_remote(&place, e);
		}
	}
	place_release(&place);
	if (n == 0 && (e->stat.mode & L_S_IFMT) != L_S_IFREG) {
		n = -L_EACCES;
	}
	if (n == 0) {
		n = exec_read(e, e->head, sizeof(e->head), 0);
	}
	if (n < 0) {
		exec_close(e);
		return n;
	}
	e->head_size = (uint32_t)n;
	return 0;
}

int32_t
exec_read_program(struct process *p, const char *path, uint32_t max,
    vm_offset_t *data, uint32_t *size)
{
	struct exec_file e;
	vm_offset_t memory = 0;
	uint32_t n;
	int32_t error;

	error = exec_open(p, L_AT_FDCWD, path, 0, &e);
	if (error != 0) {
		return error;
	}
	n = (uint32_t)e.stat.size;
	if (e.stat.size > max) {
		error = -L_EFBIG;
	} else if (n == 0) {
		error = -L_ENOEXEC;
	} else if (vm_allocate(mach_task_self(), &memory, n, TRUE) !=
		   KERN_SUCCESS) {
		error = -L_ENOMEM;
	} else {
		error = exec_read(&e, (char *)memory, n, 0);
	}
	exec_close(&e);
	if (error >= 0 && (uint32_t)error < n) {
		/* It was made shorter meanwhile. */
		error = -L_EIO;
	}
	if (error < 0) {
		if (memory != 0) {
			vm_deallocate(mach_task_self(), memory, n);
		}
		return error;
	}
	*data = memory;
	*size = n;
	return 0;
}

/* Put "interpreter argument path" in place of the first argument. */
static int32_t
exec_script_strings(struct exec_request *r, const char *interpreter,
    const char *argument)
{
	size_t first = r->argc > 0 ? strlen(r->strings) + 1 : 0;
	size_t a = strlen(interpreter) + 1;
	size_t b = argument[0] != '\0' ? strlen(argument) + 1 : 0;
	size_t c = strlen(r->path) + 1;
	size_t size = r->size - first + a + b + c;
	char *strings;

	if (size > UNIX_EXEC_MAX) {
		return -L_E2BIG;
	}
	strings = malloc(size);
	if (strings == NULL) {
		return -L_ENOMEM;
	}
	memcpy(strings, interpreter, a);
	memcpy(strings + a, argument, b);
	memcpy(strings + a + b, r->path, c);
	memcpy(strings + a + b + c, r->strings + first, r->size - first);
	free(r->strings);
	r->strings = strings;
	r->size = (uint32_t)size;
	r->argc += (r->argc > 0 ? 0 : 1) + 1 + (b != 0 ? 1 : 0);
	return 0;
}

/* Open what is to run, following scripts to their interpreters. */
static int32_t
exec_resolve(struct process *p, struct exec_request *r, struct exec_file *e,
    char *path, uint32_t path_size)
{
	char interpreter[ELF_INTERP_MAX];
	char argument[ELF_INTERP_MAX];
	const char *name = r->path;
	int dirfd = r->dirfd;
	uint32_t flags = r->flags;
	int32_t error;

	for (int depth = 0; depth <= EXEC_SCRIPTS; depth++) {
		error = exec_open(p, dirfd, name, flags, e);
		if (error != 0) {
			return error;
		}
		if (script_parse(e->head, e->head_size, interpreter,
		    argument) != 0) {
			snprintf(path, path_size, "%s", name);
			error = elf_parse(e->head, e->head_size, e->stat.size,
			    &e->image);
			if (error != 0) {
				exec_close(e);
			}
			return error;
		}
		exec_close(e);
		error = exec_script_strings(r, interpreter, argument);
		if (error != 0) {
			return error;
		}
		snprintf(path, path_size, "%s", interpreter);
		r->path = path;
		name = path;
		dirfd = L_AT_FDCWD;
		flags = 0;
	}
	return -L_ELOOP;
}

static int32_t
exec_open_interpreter(struct process *p, struct exec_file *e,
    struct exec_file *interp)
{
	char name[ELF_INTERP_MAX + 1];
	int32_t n;

	n = exec_read(e, name, e->image.interp_size, e->image.interp_offset);
	if (n != (int32_t)e->image.interp_size) {
		return n < 0 ? n : -L_ENOEXEC;
	}
	name[n] = '\0';
	n = exec_open(p, L_AT_FDCWD, name, 0, interp);
	if (n != 0) {
		return n == -L_ENOENT ? n : -L_ELIBBAD;
	}
	n = elf_parse(interp->head, interp->head_size, interp->stat.size,
	    &interp->image);
	if (n != 0 || interp->image.interp_size != 0) {
		return -L_ELIBBAD;
	}
	return 0;
}

/*
 * Mapping.
 */

static vm_prot_t
exec_protection(uint32_t flags)
{
	vm_prot_t prot = VM_PROT_NONE;

	if ((flags & 1) != 0) {
		prot |= VM_PROT_READ | VM_PROT_EXECUTE;
	}
	if ((flags & 2) != 0) {
		prot |= VM_PROT_READ | VM_PROT_WRITE;
	}
	if ((flags & 4) != 0) {
		prot |= VM_PROT_READ;
	}
	return prot;
}

/* From the memory object; KERN_FAILURE: there is none. */
static kern_return_t
exec_map_object(mach_port_t task, struct exec_file *e, uint32_t address,
    uint32_t offset, uint32_t size, vm_prot_t prot)
{
	mach_port_t object;
	vm_offset_t object_offset;
	vm_address_t where = address;
	uint32_t length;
	kern_return_t kr;

	if (e->file->port == MACH_PORT_NULL) {
		return KERN_FAILURE;
	}
	kr = file_map(e->file->port, VM_PROT_READ | VM_PROT_EXECUTE, offset,
	    &object, &object_offset, &length);
	if (kr != KERN_SUCCESS) {
		return KERN_FAILURE;
	}
	kr = vm_map(task, &where, size, 0, FALSE, object, object_offset, TRUE,
	    prot, VM_PROT_ALL, VM_INHERIT_COPY);
	mach_port_deallocate(mach_task_self(), object);
	return kr;
}

static kern_return_t
exec_copy_segment(mach_port_t task, struct exec_file *e, uint32_t address,
    uint32_t offset, uint32_t size, uint32_t bytes, vm_prot_t prot)
{
	vm_address_t where = address;
	vm_address_t buffer = 0;
	int32_t n;
	kern_return_t kr;

	kr = vm_allocate(mach_task_self(), &buffer, size, TRUE);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	n = exec_read(e, (char *)buffer, bytes, offset);
	kr = n == (int32_t)bytes ? vm_allocate(task, &where, size, FALSE) :
	    KERN_FAILURE;
	if (kr == KERN_SUCCESS) {
		kr = task_write_for(e->process, task, where,
		    (const void *)buffer, size);
	}
	vm_deallocate(mach_task_self(), buffer, size);
	if (kr == KERN_SUCCESS) {
		kr = vm_protect(task, where, size, FALSE, prot);
	}
	return kr;
}

static kern_return_t
exec_map_segment(mach_port_t task, struct exec_file *e,
    const struct elf_segment *s)
{
	static const char zeros[4096];
	uint32_t address = s->address + e->base;
	uint32_t start = address & ~EXEC_PAGE_MASK;
	uint32_t skip = address - start;
	uint32_t file_end = address + s->file_size;
	uint32_t map_end = (file_end + EXEC_PAGE_MASK) & ~EXEC_PAGE_MASK;
	uint32_t end = (address + s->memory_size + EXEC_PAGE_MASK) &
	    ~EXEC_PAGE_MASK;
	vm_prot_t prot = exec_protection(s->flags);
	vm_address_t rest = map_end;
	kern_return_t kr = KERN_SUCCESS;

	if (s->file_size == 0) {
		map_end = start;
	}
	rest = map_end;
	if (map_end > start) {
		kr = exec_map_object(task, e, start, s->offset - skip,
		    map_end - start, prot);
		if (kr == KERN_FAILURE) {
			kr = exec_copy_segment(task, e, start,
			    s->offset - skip, map_end - start,
			    s->file_size + skip, prot);
		}
	}
	if (kr == KERN_SUCCESS && end > rest) {
		kr = vm_map(task, &rest, end - rest, 0, FALSE, MACH_PORT_NULL,
		    0, FALSE, prot, VM_PROT_ALL, VM_INHERIT_COPY);
	}
	/* What follows in the last page of the file is not ours to see. */
	if (kr == KERN_SUCCESS && s->file_size != 0 &&
	    s->memory_size > s->file_size && file_end != map_end &&
	    (s->flags & 2) != 0) {
		kr = task_write_for(e->process, task, file_end, zeros,
		    map_end - file_end);
	}
	return kr;
}

/*
 * Where the kernel's pages are larger than the program's.  Segments may share
 * one, and a page of the file may not fit on one of memory: what cannot be
 * mapped is copied.
 */

/* Copy the file's bytes for [START, END), which lies in segment S. */
static kern_return_t
exec_large_copy(mach_port_t task, struct exec_file *e,
    const struct elf_segment *s, uint32_t start, uint32_t end)
{
	char *bytes = malloc(EXEC_COPY_ROOM);
	kern_return_t kr = bytes == NULL ? KERN_RESOURCE_SHORTAGE
					 : KERN_SUCCESS;

	while (start < end && kr == KERN_SUCCESS) {
		uint32_t n = end - start < EXEC_COPY_ROOM ? end - start
							  : EXEC_COPY_ROOM;

		kr = exec_read(e, bytes, n,
			 s->offset + (start - s->address - e->base)) ==
			     (int32_t)n
			 ? task_write_for(e->process, task, start, bytes, n)
			 : KERN_FAILURE;
		start += n;
	}
	free(bytes);
	return kr;
}

static kern_return_t
exec_large_zero(mach_port_t task, uint32_t start, uint32_t end)
{
	vm_address_t address = start;

	return start >= end ? KERN_SUCCESS
			    : vm_map(task, &address, end - start, 0, FALSE,
				  MACH_PORT_NULL, 0, FALSE, VM_PROT_DEFAULT,
				  VM_PROT_ALL, VM_INHERIT_COPY);
}

/* All is there up to *DONEP. */
static kern_return_t
exec_large_segment(mach_port_t task, struct exec_file *e,
    const struct elf_segment *s, uint32_t *donep)
{
	uint32_t mask = task_page_mask;
	uint32_t address = s->address + e->base;
	uint32_t file_end = address + s->file_size;
	uint32_t end = (address + s->memory_size + mask) & ~mask;
	uint32_t start = address & ~mask;
	uint32_t from;
	uint32_t to = file_end & ~mask;
	kern_return_t kr;

	if (start < *donep) {
		start = *donep;
	}
	from = (address > start ? address + mask : start) & ~mask;
	if (((address - s->offset) & mask) != 0 || from >= to ||
	    exec_map_object(task, e, from, s->offset + (from - address),
		to - from, VM_PROT_DEFAULT) != KERN_SUCCESS) {
		from = end;
		to = end;
	}
	kr = exec_large_zero(task, start, from);
	if (kr == KERN_SUCCESS) {
		kr = exec_large_zero(task, to, end);
	}
	if (kr == KERN_SUCCESS) {
		kr = exec_large_copy(
		    task, e, s, address, from < file_end ? from : file_end);
	}
	if (kr == KERN_SUCCESS) {
		kr = exec_large_copy(task, e, s, to, file_end);
	}
	if (end > *donep) {
		*donep = end;
	}
	return kr;
}

/* A page that segments share is for what any of them is for. */
static kern_return_t
exec_large_protect(mach_port_t task, struct exec_file *e)
{
	uint32_t mask = task_page_mask;
	vm_prot_t last = VM_PROT_NONE;
	uint32_t done = 0;
	kern_return_t kr = KERN_SUCCESS;

	for (unsigned i = 0; i < e->image.count && kr == KERN_SUCCESS; i++) {
		const struct elf_segment *s = &e->image.segments[i];
		uint32_t start = (s->address + e->base) & ~mask;
		uint32_t end = (s->address + e->base + s->memory_size + mask) &
			       ~mask;
		vm_prot_t prot = exec_protection(s->flags);

		if (start < done) {
			last |= prot;
			kr = vm_protect(task, start, done - start, FALSE, last);
			start = done;
		}
		if (kr == KERN_SUCCESS && start < end) {
			kr = vm_protect(task, start, end - start, FALSE, prot);
			last = prot;
			done = end;
		}
	}
	return kr;
}

static kern_return_t
exec_map_large(mach_port_t task, struct exec_file *e)
{
	kern_return_t kr = KERN_SUCCESS;
	uint32_t done = 0;

	for (unsigned i = 0; i < e->image.count && kr == KERN_SUCCESS; i++) {
		kr = exec_large_segment(task, e, &e->image.segments[i], &done);
	}
	return kr == KERN_SUCCESS ? exec_large_protect(task, e) : kr;
}

static kern_return_t
exec_map(mach_port_t task, struct exec_file *e)
{
	kern_return_t kr = KERN_SUCCESS;

	if (task_page_mask != EXEC_PAGE_MASK) {
		return exec_map_large(task, e);
	}
	for (unsigned i = 0; i < e->image.count && kr == KERN_SUCCESS; i++) {
		kr = exec_map_segment(task, e, &e->image.segments[i]);
	}
	return kr;
}

static kern_return_t
exec_make_stack(struct process *p, mach_port_t task, const char *image,
    uint32_t room, uint32_t sp)
{
	vm_address_t stack = UNIX_STACK_TOP - UNIX_STACK_MAX;
	uint32_t start = sp & ~task_page_mask;
	kern_return_t kr;

	kr = vm_map(task, &stack, UNIX_STACK_MAX, 0, FALSE, MACH_PORT_NULL, 0,
	    FALSE, VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return task_write_for(p, task, start, image + room -
	    (UNIX_STACK_TOP - start), UNIX_STACK_TOP - start);
}

/*
 * The process.
 */

/* All that is known of a program about to run. */
struct exec_plan {
	struct exec_file	program;
	struct exec_file	interp;
	bool			has_interp;
	char			path[FILE_PATH_MAX];
	struct process_image	image;		/* but for the file */
	vm_address_t		stack;		/* image, of EXEC_STACK_ROOM */
	uint32_t		sp;
	uint32_t		entry;
	bool			new_identity;
	uint32_t		euid;
	uint32_t		egid;
};

/* Where the strings are on the stack: what its first vector points to. */
static void
exec_plan_image(const struct exec_request *r, struct exec_plan *plan)
{
	const uint32_t *words = (const uint32_t *)(void *)((char *)plan->stack +
							   EXEC_STACK_ROOM -
							   (UNIX_STACK_TOP -
							       plan->sp));
	struct process_image *image = &plan->image;
	const struct exec_file *e = &plan->program;
	uint32_t size = 0;

	for (uint32_t i = 0; i < r->argc; i++) {
		size += (uint32_t)strlen(r->strings + size) + 1;
	}
	image->arg_start = r->argc != 0 ? words[1] : words[2];
	image->arg_end = image->arg_start + size;
	image->env_start = image->arg_end;
	image->env_end = image->arg_start + r->size;
	image->code_start = e->image.low + e->base;
	image->code_end = e->image.high + e->base;
	image->heap_start = e->image.high + e->base;
	image->stack_start = plan->sp;
}

/*
 * The least stack for a handler: what its frame takes, above all the registers
 * that the processor saves there, and some for the handler.
 */
static uint32_t
exec_signal_stack(void)
{
	uint32_t eax = 1;
	uint32_t ebx;
	uint32_t ecx = 0;
	uint32_t edx;

	__asm__("cpuid" : "+a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx));
	if ((ecx >> 27 & 1) == 0) {
		return L_MINSIGSTKSZ;
	}
	eax = 0xd;
	ecx = 0;
	__asm__("cpuid" : "+a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx));
	return ebx + L_MINSIGSTKSZ - 512;
}

static int32_t
exec_plan_stack(struct process *p, struct exec_request *r,
    struct exec_plan *plan)
{
	struct exec_file *e = &plan->program;
	char random[16];
	struct elf_auxv auxv[] = {
		{ L_AT_SYSINFO, task_emul.entry_sysinfo },
		{ L_AT_HWCAP, 0x078bfbff },
		{ L_AT_PAGESZ, 4096 },
		{ L_AT_CLKTCK, 100 },
		{ L_AT_PHDR, e->image.phdr + e->base },
		{ L_AT_PHENT, 32 },
		{ L_AT_PHNUM, e->image.phnum },
		{ L_AT_BASE, plan->has_interp ? plan->interp.base : 0 },
		{ L_AT_FLAGS, 0 },
		{ L_AT_ENTRY, e->image.entry + e->base },
		{ L_AT_UID, p->cred.ruid },
		{ L_AT_EUID, plan->euid },
		{ L_AT_GID, p->cred.rgid },
		{ L_AT_EGID, plan->egid },
		{ L_AT_SECURE, plan->new_identity ? 1 : 0 },
		{ L_AT_RANDOM, 0 },
		{ L_AT_EXECFN, 0 },
		{ L_AT_MINSIGSTKSZ, exec_signal_stack() },
		{ L_AT_PLATFORM, 0 },
		{ L_AT_NULL, 0 },
	};
	uint32_t eax = 1;
	uint32_t ebx;
	uint32_t ecx;
	uint32_t edx;

	__asm__ ("cpuid" : "+a" (eax), "=b" (ebx), "=c" (ecx), "=d" (edx));
	auxv[1].value = edx;
	dev_random(random, sizeof(random));
	if (vm_allocate(mach_task_self(), &plan->stack, EXEC_STACK_ROOM,
	    TRUE) != KERN_SUCCESS) {
		return -L_ENOMEM;
	}
	plan->sp = elf_stack((char *)plan->stack, EXEC_STACK_ROOM,
	    UNIX_STACK_TOP, r->strings, r->size, r->argc, r->envc, r->path,
	    random, auxv, sizeof(auxv) / sizeof(*auxv));
	if (plan->sp == 0) {
		return -L_E2BIG;
	}
	exec_plan_image(r, plan);
	return 0;
}

static void
exec_plan_release(struct exec_plan *plan)
{
	exec_close(&plan->program);
	exec_close(&plan->interp);
	if (plan->stack != 0) {
		vm_deallocate(mach_task_self(), plan->stack,
		    EXEC_STACK_ROOM);
	}
	free(plan);
}

static int32_t
exec_make_plan(struct process *p, struct exec_request *r,
    struct exec_plan *plan)
{
	struct exec_file *e = &plan->program;
	int32_t error;

	error = exec_resolve(p, r, e, plan->path, sizeof(plan->path));
	if (error != 0) {
		return error;
	}
	plan->euid = p->cred.euid;
	plan->egid = p->cred.egid;
	if ((e->stat.mode & L_S_ISUID) != 0 && !p->no_new_privs) {
		plan->euid = e->stat.uid;
	}
	if ((e->stat.mode & (L_S_ISGID | 010)) == (L_S_ISGID | 010) &&
	    !p->no_new_privs) {
		plan->egid = e->stat.gid;
	}
	plan->new_identity = plan->euid != p->cred.euid ||
	    plan->egid != p->cred.egid;
	if (e->image.relocatable) {
		e->base = e->image.interp_size != 0 || e->image.low == 0 ?
		    UNIX_PIE_BASE & ~task_page_mask : 0;
	}
	plan->entry = e->image.entry + e->base;
	if (e->image.interp_size != 0) {
		error = exec_open_interpreter(p, e, &plan->interp);
		if (error != 0) {
			return error;
		}
		plan->has_interp = true;
		if (plan->interp.image.relocatable) {
			plan->interp.base = UNIX_MMAP_BASE -
			    plan->interp.image.low;
		}
		plan->entry = plan->interp.image.entry + plan->interp.base;
	}
	return exec_plan_stack(p, r, plan);
}

static struct uthread *
exec_other_thread(struct process *p, struct uthread *t)
{
	struct uthread *other;

	list_for_each(&p->threads, other, link) {
		if (other != t) {
			return other;
		}
	}
	return NULL;
}

/* Other threads of the process end; T may, too. */
static void
exec_single_thread(struct process *p, struct uthread *t)
{
	struct uthread *other;

	/* The lock is released for each, and meanwhile others come or go. */
	while (!t->dying && (other = exec_other_thread(p, t)) != NULL) {
		uthread_kill(other);
		uthread_detach(other);
		task_access_abort(p);
		futex_thread_died(other);
		uthread_unref(other);
	}
	if (!t->dying) {
		futex_thread_died(t);
	}
}

static void
exec_set_names(struct process *p, const struct exec_plan *plan)
{
	struct file *old = p->image.file;
	const char *name = strrchr(plan->path, '/');

	name = name != NULL ? name + 1 : plan->path;
	snprintf(p->name, sizeof(p->name), "%.15s", name);
	p->image = plan->image;
	p->image.file = plan->program.file;
	file_ref(p->image.file);
	if (old != NULL) {
		file_unref(old);
	}
}

/* The process' new identity, for files too. */
static void
exec_set_identity(struct process *p, const struct exec_plan *plan)
{
	p->cred.euid = plan->euid;
	p->cred.egid = plan->egid;
	p->cred.suid = plan->euid;
	p->cred.sgid = plan->egid;
	p->cred.fsuid = plan->euid;
	p->cred.fsgid = plan->egid;
	call_reauth(p);
}

/* A new task in place of the old one, whose ports are dead before it exists. */
static kern_return_t
exec_new_task(struct process *p, struct uthread *t)
{
	kern_return_t kr;

	uthread_ref(t);
	task_kill(p);
	kr = task_make(p, NULL, MACH_PORT_NULL);
	t->port_name = 0;
	if (kr == KERN_SUCCESS) {
		kr = uthread_make(t, 0, 0);
	}
	uthread_unref(t);
	return kr;
}

/* Open PATH, a plain file, to be read; NULL: that is not possible. */
static struct file *
exec_open_plain(struct process *p, const char *path)
{
	struct file *file = NULL;
	struct place place;
	uint32_t mode;

	if (path_walk(p, L_AT_FDCWD, path, 0, FILE_O_READ, 0, &place) == 0) {
		mode = place.node != NULL ? place.node->mode : place.stat.mode;
		if ((mode & L_S_IFMT) != L_S_IFREG) {
			/* Opening that may wait, or do something. */
		} else if (place.node != NULL) {
			(void)node_open(place.node, p, L_O_RDONLY, &file);
		} else {
			file = remote_file(place.port, L_O_RDONLY);
			place.own_port = file == NULL;
		}
	}
	place_release(&place);
	return file;
}

/*
 * The debugger's tables of a program may be beside it, as PATH.tables, of the
 * addresses where it was linked.
 */
static bool
exec_tell_tables(mach_port_t task, const struct exec_plan *plan)
{
	struct process *p = plan->program.process;
	char path[FILE_PATH_MAX];
	struct file *file;
	bool told;

	if (!symbols_wanted || plan->program.base != 0 ||
	    snprintf(path, sizeof(path), "%s.tables", plan->path) >=
	    (int)sizeof(path)) {
		return false;
	}
	file = exec_open_plain(p, path);
	if (file == NULL) {
		return false;
	}
	told = symbols_tell_tables(task, p->name, file);
	file_unref(file);
	return told;
}

/* For the kernel's debugger; without them it only knows less. */
static void
exec_tell_symbols(mach_port_t task, const struct exec_plan *plan)
{
	const struct symbols_program programs[] = {
		{ plan->program.file, plan->program.base },
		{ &task_library, 0 },
		{ plan->interp.file, plan->interp.base },
	};

	if (!exec_tell_tables(task, plan)) {
		symbols_tell(task, plan->program.process->name, programs,
		    plan->has_interp ? 3 : 2);
	}
}

/* Map the new program into TASK, which is ours meanwhile. */
static kern_return_t
exec_map_all(mach_port_t task, struct exec_plan *plan)
{
	kern_return_t kr = mach_port_mod_refs(mach_task_self(), task,
	    MACH_PORT_RIGHT_SEND, 1);

	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = exec_map(task, &plan->program);
	if (kr == KERN_SUCCESS && plan->has_interp) {
		kr = exec_map(task, &plan->interp);
	}
	if (kr == KERN_SUCCESS) {
		kr = exec_make_stack(plan->program.process, task,
		    (char *)plan->stack, EXEC_STACK_ROOM, plan->sp);
	}
	if (kr == KERN_SUCCESS) {
		exec_tell_symbols(task, plan);
	}
	mach_port_deallocate(mach_task_self(), task);
	return kr;
}

/* Unmap the old program and map the new one. */
static kern_return_t
exec_load(struct process *p, struct uthread *t, struct exec_plan *plan)
{
	struct exec_file *last = &plan->program;
	kern_return_t kr;

	if (t->dying) {
		return KERN_ABORTED;
	}
	if (plan->new_identity) {
		kr = exec_new_task(p, t);
	} else {
		kr = vm_deallocate(p->task, 0, UNIX_USER_END);
	}
	task_tell_name(p);
	if (kr == KERN_SUCCESS) {
		kr = exec_map_all(p->task, plan);
	}
	if (kr == KERN_SUCCESS) {
		task_set_shared(p, last->image.high + last->base);
	}
	/* The lock was released meanwhile. */
	return t->dying ? KERN_ABORTED : kr;
}

static int32_t
exec_begun(struct uthread *t, struct exec_request *r)
{
	struct process *p = t->process;
	struct exec_plan *plan = calloc(1, sizeof(*plan));
	bool fresh;
	int32_t error;
	kern_return_t kr;

	if (plan == NULL) {
		return -L_ENOMEM;
	}
	error = exec_make_plan(p, r, plan);
	if (error == 0 && (t->dying || p->state == PROCESS_ZOMBIE)) {
		error = -L_EINTR;
	}
	if (error != 0) {
		exec_plan_release(plan);
		return error;
	}
	exec_single_thread(p, t);
	if (t->dying) {
		exec_plan_release(plan);
		return -L_EINTR;
	}
	t->tid = p->pid;
	fresh = plan->new_identity || p->state == PROCESS_NEW;
	if (plan->new_identity) {
		exec_set_identity(p, plan);
	}
	exec_set_names(p, plan);
	kr = exec_load(p, t, plan);
	if (kr == KERN_SUCCESS) {
		signal_exec(p);
		p->exit_signal = L_SIGCHLD;
		p->undumpable = plan->new_identity;
		p->death_signal = plan->new_identity ? 0 : p->death_signal;
		timer_clear(p, false);
		fd_close_exec(p);
		p->did_exec = true;
		p->vforked = false;
		waitq_wake(&p->exec_wait);
		if (p->state == PROCESS_NEW) {
			p->state = PROCESS_LIVE;
		}
		kr = fresh ? uthread_start(t, plan->entry, plan->sp, 0, 0) :
		    uthread_restart(t, plan->entry, plan->sp);
	}
	if (kr != KERN_SUCCESS && !t->dying) {
		log_error("exec of %s: %s", plan->path, log_error_text(kr));
		process_exit(p, L_SIGKILL);
	}
	exec_plan_release(plan);
	return 0;
}

int32_t
exec_program(struct uthread *t, struct exec_request *r)
{
	/* Somebody else may have put a pager's memory into the task. */
	int32_t error = sleep_begin(t->process);

	if (error == 0) {
		error = exec_begun(t, r);
		sleep_end(t->process);
	}
	return error;
}
