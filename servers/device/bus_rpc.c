/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The driver's side of the device server: claims and what they give.
 */
#include <servers/device/device.h>

#include <stdlib.h>
#include <string.h>

#include <mach/vm_param.h>

#include <mig/bus_server.h>
#include <mig/device_user.h>
#include <mig/gnumach_user.h>
#include <mig/mach_host_user.h>
#include <mig/mach_i386_user.h>
#include <mig/mach_port_user.h>

#define BUS_REBOOT_DEBUGGER	0x1000	/* host_reboot's option */

static void bus_function_gone(struct object *object);
static void bus_function_free(struct object *object);

static const struct object_class bus_class = { .name = "bus" };
static const struct object_class bus_function_class = {
	.name = "function",
	.gone = bus_function_gone,
	.free = bus_function_free,
};

static struct object bus_object;
static mach_port_t bus_memory_device;
static mach_port_t bus_irq_device;

/* Success consumes the rights that a request brought. */
static void
bus_release(mach_port_t right)
{
	mach_port_deallocate(mach_task_self(), right);
}

kern_return_t
bus_setup(void)
{
	kern_return_t kr;

	kr = device_open(device_master, D_READ | D_WRITE, "mem",
	    &bus_memory_device);
	if (kr == KERN_SUCCESS) {
		kr = device_open(device_master, D_READ | D_WRITE, "irq",
		    &bus_irq_device);
	}
	if (kr == KERN_SUCCESS) {
		kr = object_create_service(&bus_object, &bus_class);
	}
	return kr;
}

mach_port_t
bus_right(void)
{
	return object_right(&bus_object);
}

static void
bus_function_gone(struct object *object)
{
	struct function *function = (struct function *)object;

	hardware_release(function->hardware);
}

static void
bus_function_free(struct object *object)
{
	free(object);
}

/* Make the port for the claim on HARDWARE, which ends if that fails. */
static kern_return_t
bus_make_function(struct hardware *hardware, mach_port_t *port,
    bus_info_t *info)
{
	struct function *function = calloc(1, sizeof(*function));
	kern_return_t kr = KERN_RESOURCE_SHORTAGE;

	if (function != NULL) {
		function->hardware = hardware;
		kr = object_create(&function->object, &bus_function_class);
	}
	if (kr != KERN_SUCCESS) {
		free(function);
		hardware_release(hardware);
		return kr;
	}
	*port = object_right(&function->object);
	*info = hardware->info;
	object_unref(&function->object);
	return KERN_SUCCESS;
}

kern_return_t
S_bus_claim(mach_port_t bus, uint32_t class, uint32_t mask, uint32_t index,
    mach_port_t *function, bus_info_t *info)
{
	struct hardware *hardware;
	kern_return_t kr;

	if (object_lookup(bus, &bus_class) == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	hardware = hardware_claim_class(class, mask, index, &kr);
	if (hardware == NULL) {
		return kr;
	}
	pci_enable(&hardware_pci, hardware->info.location);
	return bus_make_function(hardware, function, info);
}

kern_return_t
S_bus_claim_legacy(mach_port_t bus, const_bus_name_t name,
    mach_port_t *function, bus_info_t *info)
{
	struct hardware *hardware;
	kern_return_t kr;

	if (object_lookup(bus, &bus_class) == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	hardware = hardware_claim_legacy(name, &kr);
	if (hardware == NULL) {
		return kr;
	}
	return bus_make_function(hardware, function, info);
}

/* The claimed function behind PORT, NULL for anything else. */
static struct function *
bus_function(mach_port_t port)
{
	return object_lookup(port, &bus_function_class);
}

/* The same for a PCI function, whose configuration can be reached. */
static struct function *
bus_pci_function(mach_port_t port, uint32_t offset, uint32_t width)
{
	struct function *function = bus_function(port);

	if (function == NULL || function->hardware->legacy != NULL ||
	    !pci_config_valid(offset, width)) {
		return NULL;
	}
	return function;
}

kern_return_t
S_bus_config_read(mach_port_t port, uint32_t offset, uint32_t width,
    uint32_t *value)
{
	struct function *function = bus_pci_function(port, offset, width);

	if (function == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*value = hardware_pci.read(function->hardware->info.location, offset,
	    width);
	return KERN_SUCCESS;
}

/*
 * The regions themselves cannot be moved: a driver could otherwise put its
 * device over somebody else's memory.
 */
static bool
bus_config_writable(uint32_t offset)
{
	return offset < 0x10 || offset >= 0x34;
}

kern_return_t
S_bus_config_write(mach_port_t port, uint32_t offset, uint32_t width,
    uint32_t value)
{
	struct function *function = bus_pci_function(port, offset, width);

	if (function == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	if (!bus_config_writable(offset)) {
		return KERN_PROTECTION_FAILURE;
	}
	hardware_pci.write(function->hardware->info.location, offset, width,
	    value);
	return KERN_SUCCESS;
}

/* The hardware behind PORT if it has a region BAR of the kind FLAGS. */
static const struct bus_info *
bus_region(mach_port_t port, uint32_t bar, uint32_t flags)
{
	struct function *function = bus_function(port);
	const struct bus_info *info;

	if (function == NULL || bar >= BUS_BARS) {
		return NULL;
	}
	info = &function->hardware->info;
	return info->size[bar] != 0 && info->flags[bar] == flags ? info : NULL;
}

kern_return_t
S_bus_io_ports(mach_port_t port, uint32_t bar, mach_port_t *io_perm)
{
	const struct bus_info *info = bus_region(port, bar, BUS_BAR_IO);

	if (info == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	return i386_io_perm_create(device_master, (io_port_t)info->base[bar],
	    (io_port_t)(info->base[bar] + info->size[bar] - 1), io_perm);
}

kern_return_t
S_bus_memory(mach_port_t port, uint32_t bar, mach_port_t *object,
    vm_offset_t *offset, vm_size_t *size)
{
	const struct bus_info *info = bus_region(port, bar, 0);
	uint32_t page;
	kern_return_t kr;

	if (info == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	page = info->base[bar] & ~(uint32_t)(vm_page_size - 1);
	*offset = info->base[bar] - page;
	*size = info->size[bar];
	kr = device_map(bus_memory_device, VM_PROT_READ | VM_PROT_WRITE, page,
	    *offset + *size, object, 0);
	return kr;
}

kern_return_t
S_bus_interrupt(mach_port_t port, mach_port_t notify)
{
	struct function *function = bus_function(port);
	kern_return_t kr;

	if (function == NULL || function->hardware->info.irq == BUS_NO_IRQ) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = device_intr_register(bus_irq_device,
	    (int)function->hardware->info.irq, 0, notify,
	    MACH_MSG_TYPE_COPY_SEND);
	if (kr == KERN_SUCCESS) {
		bus_release(notify);
	}
	return kr;
}

kern_return_t
S_bus_interrupt_done(mach_port_t port, mach_port_t notify)
{
	kern_return_t kr;

	if (bus_function(port) == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = device_intr_ack(bus_irq_device, notify,
	    MACH_MSG_TYPE_COPY_SEND);
	if (kr == KERN_SUCCESS) {
		bus_release(notify);
	}
	return kr;
}

kern_return_t
S_bus_debugger(mach_port_t port)
{
	struct function *function = bus_function(port);

	if (function == NULL || function->hardware->legacy == NULL ||
	    strcmp(function->hardware->legacy, "keyboard") != 0) {
		return KERN_INVALID_ARGUMENT;
	}
	return host_reboot(device_host_priv, BUS_REBOOT_DEBUGGER);
}

kern_return_t
S_bus_dma_memory(mach_port_t port, mach_port_t task, vm_size_t size,
    vm_address_t *address, uint32_t *physical)
{
	struct function *function = bus_function(port);
	rpc_phys_addr_t at;
	kern_return_t kr;

	if (function == NULL || size == 0 || size > BUS_DMA_MAX) {
		return KERN_INVALID_ARGUMENT;
	}
	if (!hardware_charge(&function->dma_used, size)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	kr = vm_allocate_contiguous(device_host_priv, task, address, &at, size,
	    0, 0x100000000ull, vm_page_size);
	if (kr != KERN_SUCCESS) {
		hardware_uncharge(&function->dma_used, size);
		return kr;
	}
	*physical = (uint32_t)at;
	bus_release(task);
	return KERN_SUCCESS;
}

kern_return_t
S_bus_publish(mach_port_t port, const_bus_name_t name, mach_port_t driver)
{
	if (bus_function(port) == NULL || !MACH_PORT_VALID(driver)) {
		return KERN_INVALID_ARGUMENT;
	}
	return names_publish(name, driver);
}
