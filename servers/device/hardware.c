/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The hardware there is, and who has claimed it.
 *
 * PCI functions come from a scan; legacy devices are where every PC has them,
 * whether or not they are there: their drivers find that out.
 */
#include <servers/device/device.h>

#include <pthread.h>
#include <string.h>

#include <servers/lib/bus.h>
#include <servers/lib/io.h>
#include <servers/lib/log.h>

#define PCI_ADDRESS_PORT	0xcf8
#define PCI_DATA_PORT		0xcfc
#define PCI_ADDRESS_ENABLE	0x80000000u

#define HARDWARE_LEGACY		8

static pthread_mutex_t functions_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t config_lock = PTHREAD_MUTEX_INITIALIZER;
static struct hardware hardware_pci_functions[PCI_FUNCTIONS_MAX];
static unsigned hardware_pci_count;

static struct hardware hardware_legacy[HARDWARE_LEGACY] = {
	{ .legacy = "com0", .info = { .irq = 4, .base = { 0x3f8 },
	    .size = { 8 }, .flags = { BUS_BAR_IO } } },
	{ .legacy = "com1", .info = { .irq = 3, .base = { 0x2f8 },
	    .size = { 8 }, .flags = { BUS_BAR_IO } } },
	{ .legacy = "com2", .info = { .irq = 4, .base = { 0x3e8 },
	    .size = { 8 }, .flags = { BUS_BAR_IO } } },
	{ .legacy = "com3", .info = { .irq = 3, .base = { 0x2e8 },
	    .size = { 8 }, .flags = { BUS_BAR_IO } } },
	{ .legacy = "keyboard", .info = { .irq = 1, .base = { 0x60, 0x64 },
	    .size = { 1, 1 }, .flags = { BUS_BAR_IO, BUS_BAR_IO } } },
	/* The channels of an IDE controller in compatibility mode. */
	{ .legacy = "ide0", .info = { .irq = 14, .base = { 0x1f0, 0x3f6 },
	    .size = { 8, 1 }, .flags = { BUS_BAR_IO, BUS_BAR_IO } } },
	{ .legacy = "ide1", .info = { .irq = 15, .base = { 0x170, 0x376 },
	    .size = { 8, 1 }, .flags = { BUS_BAR_IO, BUS_BAR_IO } } },
	{ .legacy = "vga", .info = { .irq = BUS_NO_IRQ,
	    .base = { 0x3c0, 0xb8000 }, .size = { 0x20, 0x8000 },
	    .flags = { BUS_BAR_IO, 0 } } },
};

static uint16_t
hardware_config_select(uint32_t location, uint32_t offset)
{
	io_out32(PCI_ADDRESS_PORT, PCI_ADDRESS_ENABLE | location << 8 |
	    (offset & 0xfc));
	return (uint16_t)(PCI_DATA_PORT + (offset & 3));
}

static uint32_t
hardware_config_read(uint32_t location, uint32_t offset, uint32_t width)
{
	uint16_t port;
	uint32_t value;

	pthread_mutex_lock(&config_lock);
	port = hardware_config_select(location, offset);
	value = width == 1 ? io_in8(port) : width == 2 ? io_in16(port)
	    : io_in32(port);
	pthread_mutex_unlock(&config_lock);
	return value;
}

static void
hardware_config_write(uint32_t location, uint32_t offset, uint32_t width,
    uint32_t value)
{
	uint16_t port;

	pthread_mutex_lock(&config_lock);
	port = hardware_config_select(location, offset);
	if (width == 1) {
		io_out8(port, (uint8_t)value);
	} else if (width == 2) {
		io_out16(port, (uint16_t)value);
	} else {
		io_out32(port, value);
	}
	pthread_mutex_unlock(&config_lock);
}

const struct pci_access hardware_pci = {
	.read = hardware_config_read,
	.write = hardware_config_write,
};

kern_return_t
hardware_setup(void)
{
	static struct bus_info found[PCI_FUNCTIONS_MAX];
	kern_return_t kr;

	kr = bus_enable_ports(device_master, PCI_ADDRESS_PORT, PCI_DATA_PORT + 3);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	hardware_pci_count = pci_scan(&hardware_pci, found,
	    PCI_FUNCTIONS_MAX);
	for (unsigned i = 0; i < hardware_pci_count; i++) {
		hardware_pci_functions[i].info = found[i];
		log_info("pci %02x:%02x.%x %04x:%04x class %06x irq %d",
		    (unsigned)found[i].location >> 8,
		    (unsigned)found[i].location >> 3 & 31,
		    (unsigned)found[i].location & 7,
		    (unsigned)found[i].vendor, (unsigned)found[i].device,
		    (unsigned)found[i].class_code, (int)found[i].irq);
	}
	for (unsigned i = 0; i < HARDWARE_LEGACY; i++) {
		hardware_legacy[i].info.location = BUS_NO_LOCATION;
	}
	return KERN_SUCCESS;
}

static struct hardware *
hardware_claim(struct hardware *hardware, kern_return_t *krp)
{
	bool free;

	pthread_mutex_lock(&functions_lock);
	free = !hardware->claimed;
	hardware->claimed = true;
	pthread_mutex_unlock(&functions_lock);
	*krp = free ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
	return free ? hardware : NULL;
}

struct hardware *
hardware_claim_class(uint32_t class, uint32_t mask, uint32_t index,
    kern_return_t *krp)
{
	for (unsigned i = 0; i < hardware_pci_count; i++) {
		struct hardware *hardware = &hardware_pci_functions[i];

		if ((hardware->info.class_code & mask) != (class & mask)) {
			continue;
		}
		if (index-- == 0) {
			return hardware_claim(hardware, krp);
		}
	}
	*krp = KERN_INVALID_ARGUMENT;
	return NULL;
}

struct hardware *
hardware_claim_legacy(const char *name, kern_return_t *krp)
{
	for (unsigned i = 0; i < HARDWARE_LEGACY; i++) {
		if (strcmp(hardware_legacy[i].legacy, name) == 0) {
			return hardware_claim(&hardware_legacy[i], krp);
		}
	}
	*krp = KERN_INVALID_NAME;
	return NULL;
}

void
hardware_release(struct hardware *hardware)
{
	pthread_mutex_lock(&functions_lock);
	hardware->claimed = false;
	pthread_mutex_unlock(&functions_lock);
}

bool
hardware_charge(uint32_t *used, uint32_t size)
{
	bool fits;

	pthread_mutex_lock(&functions_lock);
	fits = size <= BUS_DMA_MAX - *used;
	if (fits) {
		*used += size;
	}
	pthread_mutex_unlock(&functions_lock);
	return fits;
}

void
hardware_uncharge(uint32_t *used, uint32_t size)
{
	pthread_mutex_lock(&functions_lock);
	*used -= size;
	pthread_mutex_unlock(&functions_lock);
}
