/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * For drivers: what the kernel offers them beyond messages.
 */

#include <servers/lib/device.h>

#include <device/notify.h>
#include <pthread.h>
#include <servers/lib/boot.h>
#include <servers/lib/log.h>
#include <servers/lib/lookup.h>
#include <servers/lib/server.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mig/device_user.h>
#include <mig/gnumach_user.h>
#include <mig/mach_i386_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#define DEVICE_IRQ_STACK	65536
#define DEVICE_LOOKUP_TIMEOUT	5000

static pthread_mutex_t device_lock = PTHREAD_MUTEX_INITIALIZER;
static mach_port_t device_irq;			/* device_lock */

kern_return_t
device_open_kernel(const char *name, dev_mode_t mode, mach_port_t *device)
{
	mach_port_t host_priv;
	mach_port_t master;
	dev_name_t text;
	kern_return_t kr;

	kr = boot_privileged_ports(&host_priv, &master);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	(void)snprintf(text, sizeof(text), "%s", name);
	return device_open(master, mode, text, device);
}

kern_return_t
device_open_served(const char *name, dev_mode_t mode, mach_port_t *device)
{
	mach_port_t server;
	dev_name_t text;
	kern_return_t kr;

	(void)snprintf(text, sizeof(text), "%s", name);
	kr = lookup_port("device", DEVICE_LOOKUP_TIMEOUT, &server);
	if (kr == KERN_SUCCESS) {
		kr = device_open(server, mode, text, device);
		(void)mach_port_deallocate(mach_task_self(), server);
	}
	return kr;
}

kern_return_t
device_open_any(const char *name, dev_mode_t mode, mach_port_t *device)
{
	return device_open_served(name, mode, device) == KERN_SUCCESS ?
	    KERN_SUCCESS : device_open_kernel(name, mode, device);
}

kern_return_t
device_io_enable(unsigned from, unsigned to)
{
	mach_port_t host_priv;
	mach_port_t master;
	mach_port_t permission;
	kern_return_t kr;

	kr = boot_privileged_ports(&host_priv, &master);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = i386_io_perm_create(master, (io_port_t)from, (io_port_t)to,
	    &permission);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = i386_io_perm_modify(mach_task_self(), permission, TRUE);
	(void)mach_port_deallocate(mach_task_self(), permission);
	return kr;
}

struct device_irq_state {
	unsigned	line;
	void		(*handler)(void *);
	void		*argument;
	mach_port_t	port;		/* receive right, and a send right */
	mach_port_t	irq;		/* the kernel's interrupt device */
};

/* Wait for interrupt messages: the one place that receives by hand. */
static void
device_irq_main(void *argument)
{
	struct device_irq_state *s = argument;
	device_intr_notification_t message;
	mach_msg_return_t mr;

	for (;;) {
		mr = mach_msg(&message.intr_header, MACH_RCV_MSG, 0,
		    sizeof(message), s->port, MACH_MSG_TIMEOUT_NONE,
		    MACH_PORT_NULL);
		if (mr == MACH_RCV_TOO_LARGE) {
			continue;
		}
		if (mr != MACH_MSG_SUCCESS) {
			log_error("interrupt %u: %s", s->line,
			    log_error_text(mr));
			return;
		}
		if (message.intr_header.msgh_id != DEVICE_INTR_NOTIFY) {
			mach_msg_destroy(&message.intr_header, true);
			continue;
		}
		s->handler(s->argument);
		(void)device_intr_ack(s->irq, s->port,
		    MACH_MSG_TYPE_COPY_SEND);
	}
}

static kern_return_t
device_irq_open(mach_port_t *irq)
{
	kern_return_t kr = KERN_SUCCESS;

	pthread_mutex_lock(&device_lock);
	if (device_irq == MACH_PORT_NULL) {
		kr = device_open_kernel("irq", 0, &device_irq);
	}
	*irq = device_irq;
	pthread_mutex_unlock(&device_lock);
	return kr;
}

kern_return_t
device_irq_attach(unsigned line, void (*handler)(void *), void *argument)
{
	struct device_irq_state *s = calloc(1, sizeof(*s));
	kern_return_t kr;

	if (s == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	s->line = line;
	s->handler = handler;
	s->argument = argument;
	kr = device_irq_open(&s->irq);
	if (kr != KERN_SUCCESS) {
		goto out_free;
	}
	kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
	    &s->port);
	if (kr != KERN_SUCCESS) {
		goto out_free;
	}
	kr = mach_port_insert_right(mach_task_self(), s->port, s->port,
	    MACH_MSG_TYPE_MAKE_SEND);
	if (kr != KERN_SUCCESS) {
		goto out_port;
	}
	kr = device_intr_register(s->irq, (int)line, 0, s->port,
	    MACH_MSG_TYPE_COPY_SEND);
	if (kr != KERN_SUCCESS) {
		goto out_port;
	}
	kr = server_start_thread(device_irq_main, s, DEVICE_IRQ_STACK);
	if (kr == KERN_SUCCESS) {
		return kr;
	}
out_port:
	(void)mach_port_mod_refs(mach_task_self(), s->port,
	    MACH_PORT_RIGHT_RECEIVE, -1);
out_free:
	free(s);
	return kr;
}

kern_return_t
device_dma_alloc(vm_size_t size, vm_size_t align, void **memory,
    uint32_t *physical)
{
	mach_port_t host_priv;
	mach_port_t master;
	vm_address_t address = 0;
	rpc_phys_addr_t where = 0;
	kern_return_t kr;

	kr = boot_privileged_ports(&host_priv, &master);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = vm_allocate_contiguous(host_priv, mach_task_self(), &address,
	    &where, size, 0, 0x100000000ull, align);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	*memory = (void *)address;
	*physical = (uint32_t)where;
	return KERN_SUCCESS;
}

kern_return_t
device_map_physical(uint32_t physical, vm_size_t size, void **memory)
{
	vm_offset_t first = physical & ~(vm_page_size - 1);
	vm_size_t whole = size + (physical - first);
	mach_port_t device;
	mach_port_t pager;
	vm_address_t address = 0;
	kern_return_t kr;

	whole = (whole + vm_page_size - 1) & ~(vm_page_size - 1);
	kr = device_open_kernel("mem", D_READ | D_WRITE, &device);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = device_map(device, VM_PROT_READ | VM_PROT_WRITE, first, whole,
	    &pager, 0);
	if (kr != KERN_SUCCESS) {
		goto out_device;
	}
	kr = vm_map(mach_task_self(), &address, whole, 0, TRUE, pager, first,
	    FALSE, VM_PROT_READ | VM_PROT_WRITE, VM_PROT_READ | VM_PROT_WRITE,
	    VM_INHERIT_SHARE);
	(void)mach_port_deallocate(mach_task_self(), pager);
	if (kr == KERN_SUCCESS) {
		*memory = (char *)address + (physical - first);
	}
out_device:
	(void)mach_port_deallocate(mach_task_self(), device);
	return kr;
}
