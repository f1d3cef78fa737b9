/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * PCI enumeration.  Regions are where the firmware put them; their sizes are
 * found by writing ones while the function decodes nothing.
 */

#include <servers/device/pci.h>

#include <string.h>

#define PCI_VENDOR		0x00
#define PCI_DEVICE		0x02
#define PCI_COMMAND		0x04
#define PCI_CLASS		0x08	/* revision in the low byte */
#define PCI_HEADER_TYPE		0x0e
#define PCI_BAR			0x10
#define PCI_SECONDARY_BUS	0x19
#define PCI_IRQ_LINE		0x3c
#define PCI_IRQ_PIN		0x3d

#define PCI_COMMAND_IO		0x1u
#define PCI_COMMAND_MEMORY	0x2u
#define PCI_COMMAND_MASTER	0x4u
#define PCI_HEADER_MULTI	0x80u
#define PCI_HEADER_BRIDGE	1u
#define PCI_BAR_IO		0x1u
#define PCI_BAR_64		0x4u
#define PCI_CLASS_BRIDGE	0x0604u
#define PCI_BUSES		256
#define PCI_CONFIG_SIZE		256u

struct pci_walk {
	const struct pci_access	*access;
	struct bus_info		*functions;
	unsigned		count;
	unsigned		max;
	bool			seen[PCI_BUSES];
};

bool
pci_config_valid(uint32_t offset, uint32_t width)
{
	return (width == 1 || width == 2 || width == 4) &&
	    offset < PCI_CONFIG_SIZE && offset % width == 0;
}

/* The size that the mask read back from a region stands for; 0 for none. */
static uint32_t
pci_bar_size(uint32_t mask, bool io)
{
	mask &= io ? ~0x3u : ~0xfu;
	if (io) {
		mask |= 0xffff0000;
	}
	return mask == 0 || (io && mask == 0xffff0000) ? 0 : ~mask + 1;
}

/* Read region I and say how many registers it takes. */
static unsigned
pci_read_bar(const struct pci_access *access, struct bus_info *info,
    unsigned i)
{
	uint32_t offset = PCI_BAR + i * 4;
	uint32_t bar = access->read(info->location, offset, 4);
	bool io = (bar & PCI_BAR_IO) != 0;
	unsigned registers = !io && (bar & PCI_BAR_64) != 0 ? 2 : 1;
	uint32_t mask;

	access->write(info->location, offset, 4, 0xffffffff);
	mask = access->read(info->location, offset, 4);
	access->write(info->location, offset, 4, bar);
	/* Out of a 32-bit processor's reach: as if it were not there. */
	if (registers == 2 && i + 1 < BUS_BARS &&
	    access->read(info->location, offset + 4, 4) != 0) {
		return registers;
	}
	info->size[i] = pci_bar_size(mask, io);
	info->base[i] = bar & (io ? 0xfffcu : ~0xfu);
	info->flags[i] = io ? BUS_BAR_IO : 0;
	return registers;
}

static void
pci_read_function(const struct pci_access *access, struct bus_info *info,
    uint32_t location)
{
	uint32_t bars = BUS_BARS;
	uint32_t command;

	memset(info, 0, sizeof(*info));
	info->location = location;
	info->vendor = access->read(location, PCI_VENDOR, 2);
	info->device = access->read(location, PCI_DEVICE, 2);
	info->class_code = access->read(location, PCI_CLASS, 4) >> 8;
	info->irq = BUS_NO_IRQ;
	if (access->read(location, PCI_IRQ_PIN, 1) != 0 &&
	    access->read(location, PCI_IRQ_LINE, 1) < 16) {
		info->irq = access->read(location, PCI_IRQ_LINE, 1);
	}
	if ((access->read(location, PCI_HEADER_TYPE, 1) &
	    ~PCI_HEADER_MULTI) == PCI_HEADER_BRIDGE) {
		bars = 2;
	}
	command = access->read(location, PCI_COMMAND, 2);
	access->write(location, PCI_COMMAND, 2,
	    command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
	for (unsigned i = 0; i < bars;) {
		i += pci_read_bar(access, info, i);
	}
	access->write(location, PCI_COMMAND, 2, command);
}

static void pci_scan_bus(struct pci_walk *walk, uint32_t bus);

/* Returns whether the device may have further functions. */
static bool
pci_scan_function(struct pci_walk *walk, uint32_t location)
{
	const struct pci_access *access = walk->access;
	struct bus_info *info;
	uint32_t header;

	if (access->read(location, PCI_VENDOR, 2) == 0xffff) {
		/* Function 0 is always there; a gap further on is not an end. */
		return (location & 7) != 0;
	}
	header = access->read(location, PCI_HEADER_TYPE, 1);
	if (walk->count == walk->max) {
		return false;
	}
	info = &walk->functions[walk->count++];
	pci_read_function(access, info, location);
	if (info->class_code >> 8 == PCI_CLASS_BRIDGE) {
		pci_scan_bus(walk,
		    access->read(location, PCI_SECONDARY_BUS, 1));
	}
	return (location & 7) != 0 || (header & PCI_HEADER_MULTI) != 0;
}

static void
pci_scan_bus(struct pci_walk *walk, uint32_t bus)
{
	if (walk->seen[bus]) {
		return;
	}
	walk->seen[bus] = true;
	for (uint32_t device = 0; device < 32; device++) {
		for (uint32_t function = 0; function < 8; function++) {
			if (!pci_scan_function(walk,
			    bus << 8 | device << 3 | function)) {
				break;
			}
		}
	}
}

unsigned
pci_scan(const struct pci_access *access, struct bus_info *functions,
    unsigned max)
{
	struct pci_walk walk = {
		.access = access,
		.functions = functions,
		.max = max,
	};

	pci_scan_bus(&walk, 0);
	return walk.count;
}

void
pci_enable(const struct pci_access *access, uint32_t location)
{
	access->write(location, PCI_COMMAND, 2,
	    access->read(location, PCI_COMMAND, 2) | PCI_COMMAND_IO |
	    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}
