/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The calls of mach_i386.defs: I/O permissions and segment descriptors.
 *
 * Descriptors belong to a thread that is stopped or is the caller; while one
 * is changed the thread is held off its CPU, because a context switch reads
 * them without a lock.
 */

#include <string.h>

#include <mach/machine/mach_i386_types.h>

#include <machine/cpu.h>
#include <machine/io_perm.h>

#include <kernel/device.h>
#include <kernel/kmem.h>
#include <kernel/mig_types.h>
#include <kernel/refcount.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>

#include <vm/vm_copy.h>

#include <i386/fpu.h>
#include <i386/gdt.h>
#include <i386/regs.h>
#include <i386/tss.h>

#include <mach_i386_server.h>

/* [I] fixed at creation  [a] atomic */
struct io_perm {
	struct refcount		refs;	/* [a] the port has one */
	struct ipc_port		*port;	/* [I] */
	io_port_t		from;	/* [I] */
	io_port_t		to;	/* [I] included */
};

/* ---- I/O permissions ----------------------------------------------------- */

static void
io_perm_ref(void *obj)
{
	struct io_perm *perm = obj;

	refcount_ref(&perm->refs);
}

io_perm_ref_t
convert_port_to_io_perm(struct ipc_port *port)
{
	return ipc_kobject_get_ref(port, IKOT_IO_PERM, io_perm_ref);
}

struct ipc_port *
convert_io_perm_to_port(io_perm_ref_t perm)
{
	struct ipc_port *port;

	if (perm == NULL) {
		return NULL;
	}
	port = ipc_port_make_send(perm->port);
	io_perm_deallocate(perm);
	return port;
}

void
io_perm_deallocate(io_perm_ref_t perm)
{
	if (perm != NULL && refcount_unref(&perm->refs)) {
		kmem_free(perm, sizeof(*perm));
	}
}

static void
io_perm_no_senders(
    struct ipc_port *port, void *obj, mach_port_mscount_t mscount)
{
	struct io_perm *perm = obj;

	if (!ipc_port_no_senders(port, mscount)) {
		return;
	}
	ipc_kobject_disable(port);
	ipc_kobject_destroy(port);
	io_perm_deallocate(perm);
}

static const struct ipc_kobject_ops io_perm_ops = {
	.no_senders = io_perm_no_senders,
};

void
io_perm_setup(void)
{
	ipc_kobject_set_ops(IKOT_IO_PERM, &io_perm_ops);
}

kern_return_t
S_i386_io_perm_create(
    ipc_port_t master_port, io_port_t from, io_port_t to, io_perm_ref_t *permp)
{
	struct io_perm *perm;

	if (!device_is_master(master_port) || from > to) {
		return KERN_INVALID_ARGUMENT;
	}
	perm = kmem_alloc(sizeof(*perm));
	if (perm == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	/* The port's reference, and the one that the reply consumes. */
	refcount_init(&perm->refs, 2);
	perm->from = from;
	perm->to = to;
	perm->port = ipc_kobject_create(IKOT_IO_PERM, perm);
	if (perm->port == NULL) {
		kmem_free(perm, sizeof(*perm));
		return KERN_RESOURCE_SHORTAGE;
	}
	*permp = perm;
	return KERN_SUCCESS;
}

/*
 * A task keeps its bitmap once it has one: its threads' CPUs read it without
 * a lock.
 */
kern_return_t
S_i386_io_perm_modify(task_t task, io_perm_ref_t perm, boolean_t enable)
{
	struct io_bitmap *fresh = NULL;

	if (task == NULL || perm == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	if (task->pcb.io == NULL) {
		if (!enable) {
			return KERN_SUCCESS;
		}
		fresh = tss_io_create();
		if (fresh == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
	}
	mutex_lock(&task->lock);
	if (task->pcb.io == NULL) {
		task->pcb.io = fresh;
		fresh = NULL;
	}
	tss_io_set(task->pcb.io, perm->from, perm->to, enable);
	mutex_unlock(&task->lock);
	if (fresh != NULL) {
		tss_io_destroy(fresh);
	}
	return KERN_SUCCESS;
}

/* ---- descriptors ---------------------------------------------------------- */

static uint64_t
i386_desc_value(const struct descriptor *desc)
{
	return (uint64_t)desc->high_word << 32 | desc->low_word;
}

/*
 * Keep THREAD off its CPU until i386_thread_unlock().  The current thread is
 * kept on it instead, and loads its descriptors again at the end.
 */
static kern_return_t
i386_thread_lock(struct thread *thread)
{
	return thread == current_thread() ? KERN_SUCCESS : thread_pin(thread);
}

static void
i386_thread_unlock(struct thread *thread)
{
	if (thread == current_thread()) {
		pcb_reload_descriptors();
	} else {
		thread_unpin(thread);
	}
}

/* The slot that SELECTOR, as a user's segment register, names, or none. */
static unsigned
i386_gdt_slot(int selector)
{
	unsigned s = (unsigned)selector;

	if ((s & (SEL_TI_LDT | SEL_RPL_MASK)) != SEL_RPL_USER ||
	    s < SEL_USER_GDT ||
	    s / 8 - SEL_USER_GDT / 8 >= PCB_GDT_SLOTS) {
		return PCB_GDT_SLOTS;
	}
	return s / 8 - SEL_USER_GDT / 8;
}

kern_return_t
S_i386_set_gdt(thread_t thread, int *selector, descriptor_t desc)
{
	uint64_t value = i386_desc_value(&desc);
	struct pcb_extra *extra;
	unsigned slot = 0;
	kern_return_t kr;

	if (thread == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	if (*selector != -1) {
		slot = i386_gdt_slot(*selector);
		if (slot == PCB_GDT_SLOTS) {
			return KERN_INVALID_ARGUMENT;
		}
	}
	if (!gdt_descriptor_valid(value)) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = i386_thread_lock(thread);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	extra = pcb_need_extra(&thread->pcb);
	if (extra != NULL && *selector == -1) {
		while (slot < PCB_GDT_SLOTS && extra->gdt[slot] != 0) {
			slot++;
		}
	}
	if (extra == NULL) {
		kr = KERN_RESOURCE_SHORTAGE;
	} else if (slot == PCB_GDT_SLOTS) {
		kr = KERN_NO_SPACE;
	} else {
		extra->gdt[slot] = value;
		extra->gdt_used = true;
		pcb_update_special(&thread->pcb);
		*selector = (int)(SEL_USER_GDT + slot * 8) | SEL_RPL_USER;
	}
	i386_thread_unlock(thread);
	return kr;
}

kern_return_t
S_i386_get_gdt(thread_t thread, int selector, descriptor_t *desc)
{
	unsigned slot = i386_gdt_slot(selector);
	uint64_t value;
	kern_return_t kr;

	if (thread == NULL || slot == PCB_GDT_SLOTS) {
		return KERN_INVALID_ARGUMENT;
	}
	/* What it has there goes when it ends. */
	kr = i386_thread_lock(thread);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	value = pcb_extra(&thread->pcb)->gdt[slot];
	i386_thread_unlock(thread);
	desc->low_word = (uint32_t)value;
	desc->high_word = (uint32_t)(value >> 32);
	return KERN_SUCCESS;
}

/* An LDT of COUNT entries that begins as THREAD's does. */
static struct pcb_ldt *
i386_ldt_create(struct thread *thread, unsigned count)
{
	const struct pcb_ldt *old = thread->pcb.ldt;
	struct pcb_ldt *ldt;

	if (old != NULL && old->count > count) {
		count = old->count;
	}
	ldt = pcb_ldt_create(thread, count);
	if (ldt == NULL) {
		return NULL;
	}
	if (old != NULL) {
		memcpy(ldt->descriptors, old->descriptors,
		    old->count * sizeof(old->descriptors[0]));
	} else {
		gdt_ldt_copy(ldt->descriptors);
	}
	return ldt;
}

#define I386_LDT_MAX	8192

/* Make the COUNT descriptors at LIST THREAD's entries from FIRST on. */
static kern_return_t
i386_ldt_set(struct thread *thread, unsigned first, const descriptor_t *list,
    unsigned count)
{
	struct pcb_ldt *old;
	struct pcb_ldt *new;
	kern_return_t kr;

	for (unsigned i = 0; i < count; i++) {
		if (!gdt_descriptor_valid(i386_desc_value(&list[i]))) {
			return KERN_INVALID_ARGUMENT;
		}
	}
	kr = i386_thread_lock(thread);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	new = i386_ldt_create(thread, first + count);
	if (new == NULL) {
		i386_thread_unlock(thread);
		return KERN_RESOURCE_SHORTAGE;
	}
	for (unsigned i = 0; i < count; i++) {
		new->descriptors[first + i] = i386_desc_value(&list[i]);
	}
	old = thread->pcb.ldt;
	thread->pcb.ldt = new;
	pcb_update_special(&thread->pcb);
	i386_thread_unlock(thread);
	pcb_ldt_destroy(thread, old);
	return KERN_SUCCESS;
}

/* A long list comes out of line, and LIST is a copy then. */
kern_return_t
S_i386_set_ldt(thread_t thread, int first_selector,
    const_descriptor_list_t list, mach_msg_type_number_t count,
    boolean_t is_inline)
{
	unsigned first = (unsigned)first_selector / 8;
	struct vm_copy *copy = (struct vm_copy *)(uintptr_t)list;
	descriptor_t *buffer;
	kern_return_t kr;

	/* Entries below are the kernel's own. */
	if (thread == NULL || first < GDT_LDT_FIXED || first >= I386_LDT_MAX ||
	    count > I386_LDT_MAX - first) {
		return KERN_INVALID_ARGUMENT;
	}
	if (count == 0) {
		kr = KERN_SUCCESS;
	} else if (is_inline) {
		return i386_ldt_set(thread, first, list, count);
	} else {
		buffer = kmem_alloc(count * sizeof(*buffer));
		if (buffer == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
		kr = vm_copy_read(copy, 0, buffer, count * sizeof(*buffer));
		if (kr == KERN_SUCCESS) {
			kr = i386_ldt_set(thread, first, buffer, count);
		}
		kmem_free(buffer, count * sizeof(*buffer));
	}
	if (kr == KERN_SUCCESS && !is_inline) {
		vm_copy_discard(copy);
	}
	return kr;
}

/* Up to COUNT of THREAD's entries from FIRST on; returns how many. */
static unsigned
i386_ldt_get_locked(
    struct thread *thread, unsigned first, descriptor_t *list, unsigned count)
{
	uint64_t common[GDT_LDT_FIXED];
	const uint64_t *table = common;
	unsigned have = GDT_LDT_FIXED;
	unsigned n = 0;

	gdt_ldt_copy(common);
	if (thread->pcb.ldt != NULL) {
		table = thread->pcb.ldt->descriptors;
		have = thread->pcb.ldt->count;
	}
	while (n < count && first + n < have) {
		list[n].low_word = (uint32_t)table[first + n];
		list[n].high_word = (uint32_t)(table[first + n] >> 32);
		n++;
	}
	return n;
}

/* Put the COUNT entries FAR into *LIST, or out of line if it has less ROOM. */
static kern_return_t
i386_ldt_deliver(const descriptor_t *far, unsigned count,
    descriptor_list_t *list, unsigned room)
{
	struct vm_copy *copy;
	kern_return_t kr;

	if (count <= room) {
		memcpy(*list, far, count * sizeof(*far));
		return KERN_SUCCESS;
	}
	kr = vm_copy_from_kernel(far, count * sizeof(*far), &copy);
	if (kr == KERN_SUCCESS) {
		*list = (void *)copy;
	}
	return kr;
}

/* As many of the entries asked for as there are. */
kern_return_t
S_i386_get_ldt(thread_t thread, int first_selector, int selector_count,
    descriptor_list_t *list, mach_msg_type_number_t *count)
{
	unsigned first = (unsigned)first_selector / 8;
	unsigned room = (unsigned)selector_count;
	descriptor_t *far = NULL;
	unsigned n = 0;
	kern_return_t kr;

	if (thread == NULL || first_selector < 0 || selector_count < 0 ||
	    room > I386_LDT_MAX || first + room > I386_LDT_MAX) {
		return KERN_INVALID_ARGUMENT;
	}
	if (room > *count) {
		far = kmem_alloc(room * sizeof(*far));
		if (far == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
	}
	kr = i386_thread_lock(thread);
	if (kr == KERN_SUCCESS) {
		n = i386_ldt_get_locked(
		    thread, first, far != NULL ? far : *list, room);
		i386_thread_unlock(thread);
	}
	if (kr == KERN_SUCCESS && far != NULL) {
		kr = i386_ldt_deliver(far, n, list, *count);
	}
	if (kr == KERN_SUCCESS) {
		*count = n;
	}
	if (far != NULL) {
		kmem_free(far, room * sizeof(*far));
	}
	return kr;
}

kern_return_t
S_i386_get_xstate_size(host_t host, vm_size_t *size)
{
	if (host == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*size = sizeof(struct i386_xfloat_state) + fpu_xstate_size();
	return KERN_SUCCESS;
}
