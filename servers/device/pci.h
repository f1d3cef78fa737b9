/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * PCI configuration space: finding functions and their regions (PCI Local Bus
 * Specification 2.2, chapter 6).  Knows no messages; the host tests run it on
 * a made-up bus.
 */

#ifndef SERVERS_DEVICE_PCI_H
#define SERVERS_DEVICE_PCI_H

#include <stdbool.h>
#include <stdint.h>
#include <servers/bus_types.h>

#define PCI_FUNCTIONS_MAX	64

/* How configuration space is reached; LOCATION as in struct bus_info. */
struct pci_access {
	uint32_t	(*read)(uint32_t location, uint32_t offset,
	    uint32_t width);
	void		(*write)(uint32_t location, uint32_t offset,
	    uint32_t width, uint32_t value);
};

/*
 * Find all functions behind the host bridge, in order of location, at most
 * MAX.  Returns how many.  Bridges are followed as the firmware numbered them;
 * a bus that is reached twice is not scanned again.
 */
unsigned pci_scan(const struct pci_access *access, struct bus_info *functions,
    unsigned max);

/* Let the function decode its regions and be a bus master. */
void pci_enable(const struct pci_access *access, uint32_t location);

/* Whether OFFSET and WIDTH name an aligned piece of configuration space. */
bool pci_config_valid(uint32_t offset, uint32_t width);

#endif /* SERVERS_DEVICE_PCI_H */
