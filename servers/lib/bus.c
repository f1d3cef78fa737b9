/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Claimed hardware, from the driver's side.
 */
#include <servers/lib/bus.h>

#include <device/notify.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>

#include <servers/lib/boot.h>
#include <servers/lib/log.h>

#include <mig/bus_user.h>
#include <mig/mach_i386_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

/* The bus port, which the start list must grant; asked for once. */
static kern_return_t
bus_port(mach_port_t *port)
{
	static mach_port_t bus;
	kern_return_t kr = KERN_SUCCESS;

	if (bus == MACH_PORT_NULL) {
		kr = boot_request("bus", &bus);
	}
	*port = bus;
	return kr;
}

kern_return_t
bus_find(uint32_t class, uint32_t mask, uint32_t index,
    mach_port_t *function, bus_info_t *info)
{
	mach_port_t bus;
	kern_return_t kr = bus_port(&bus);

	return kr != KERN_SUCCESS ? kr
	    : bus_claim(bus, class, mask, index, function, info);
}

kern_return_t
bus_find_legacy(const char *name, mach_port_t *function, bus_info_t *info)
{
	mach_port_t bus;
	kern_return_t kr = bus_port(&bus);

	return kr != KERN_SUCCESS ? kr
	    : bus_claim_legacy(bus, name, function, info);
}

/* Use the capability IO_PERM, whose right is consumed. */
static kern_return_t
bus_use_io_perm(mach_port_t io_perm)
{
	kern_return_t kr;

	kr = i386_io_perm_modify(mach_task_self(), io_perm, TRUE);
	mach_port_deallocate(mach_task_self(), io_perm);
	return kr;
}

kern_return_t
bus_enable_ports(mach_port_t master, uint16_t from, uint16_t to)
{
	mach_port_t io_perm;
	kern_return_t kr;

	kr = i386_io_perm_create(master, from, to, &io_perm);
	return kr != KERN_SUCCESS ? kr : bus_use_io_perm(io_perm);
}

kern_return_t
bus_use_ports(mach_port_t function, uint32_t bar)
{
	mach_port_t io_perm;
	kern_return_t kr;

	kr = bus_io_ports(function, bar, &io_perm);
	return kr != KERN_SUCCESS ? kr : bus_use_io_perm(io_perm);
}

kern_return_t
bus_use_memory(mach_port_t function, uint32_t bar, volatile void **addressp,
    uint32_t *sizep)
{
	vm_address_t address = 0;
	mach_port_t object;
	vm_offset_t offset;
	vm_size_t size;
	kern_return_t kr;

	kr = bus_memory(function, bar, &object, &offset, &size);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = vm_map(mach_task_self(), &address, offset + size, 0, TRUE, object,
	    0, FALSE, VM_PROT_READ | VM_PROT_WRITE,
	    VM_PROT_READ | VM_PROT_WRITE, VM_INHERIT_NONE);
	mach_port_deallocate(mach_task_self(), object);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	*addressp = (volatile void *)(address + offset);
	if (sizep != NULL) {
		*sizep = size;
	}
	return KERN_SUCCESS;
}

kern_return_t
bus_irq_open(mach_port_t function, struct bus_irq *irq)
{
	kern_return_t kr;

	kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
	    &irq->port);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	irq->function = function;
	kr = mach_port_insert_right(mach_task_self(), irq->port, irq->port,
	    MACH_MSG_TYPE_MAKE_SEND);
	if (kr == KERN_SUCCESS) {
		kr = bus_interrupt(function, irq->port);
	}
	if (kr != KERN_SUCCESS) {
		mach_port_destroy(mach_task_self(), irq->port);
	}
	return kr;
}

bool
bus_irq_wait(struct bus_irq *irq, unsigned timeout)
{
	struct {
		mach_msg_header_t	header;
		char			body[64];
	} message;
	mach_msg_return_t mr;

	for (;;) {
		mr = mach_msg(&message.header, MACH_RCV_MSG |
		    (timeout != 0 ? MACH_RCV_TIMEOUT : 0), 0, sizeof(message),
		    irq->port, timeout, MACH_PORT_NULL);
		if (mr != MACH_MSG_SUCCESS) {
			return false;
		}
		if (message.header.msgh_id == DEVICE_INTR_NOTIFY) {
			mach_msg_destroy(&message.header, true);
			return true;
		}
		mach_msg_destroy(&message.header, true);
	}
}

void
bus_irq_done(struct bus_irq *irq)
{
	kern_return_t kr = bus_interrupt_done(irq->function, irq->port);

	if (kr != KERN_SUCCESS) {
		log_error("interrupt line stays off: %s", log_error_text(kr));
	}
}
