/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Private to the device server.
 *
 * Locks, outermost first: functions_lock (which function is claimed), then
 * names_lock (the table of names).  Neither is held in a call to anybody.
 */
#ifndef SERVERS_DEVICE_DEVICE_H
#define SERVERS_DEVICE_DEVICE_H

#include <servers/bus_types.h>
#include <servers/device/pci.h>
#include <servers/lib/device_serve.h>
#include <servers/lib/object.h>

/* Something that a driver can claim.  [I] fixed  [f] functions_lock */
struct hardware {
	struct bus_info	info;		/* [I] */
	const char	*legacy;	/* [I] its name, NULL for PCI */
	bool		claimed;	/* [f] */
};

/* A claim: what the port of a claimed function stands for. */
struct function {
	struct object	object;
	struct hardware	*hardware;	/* [I] */
	uint32_t	dma_used;	/* [f] bytes of DMA memory */
};

extern mach_port_t device_host_priv;
extern mach_port_t device_master;

/* hardware.c */

/* Find all hardware.  Returns an error when configuration is out of reach. */
kern_return_t hardware_setup(void);

extern const struct pci_access hardware_pci;

/* Claim; NULL and *KRP, or the hardware, which stays claimed till release. */
struct hardware *hardware_claim_class(uint32_t class, uint32_t mask,
    uint32_t index, kern_return_t *krp);
struct hardware *hardware_claim_legacy(const char *name, kern_return_t *krp);
void hardware_release(struct hardware *hardware);

/* Add SIZE to *USED if it stays below BUS_DMA_MAX. */
bool hardware_charge(uint32_t *used, uint32_t size);
void hardware_uncharge(uint32_t *used, uint32_t size);

/* names.c */

/*
 * Enter DRIVER, whose send right is consumed on success, as NAME.
 *
 * Returns: KERN_INVALID_NAME for an empty name, KERN_RESOURCE_SHORTAGE.
 */
kern_return_t names_publish(const char *name, mach_port_t driver);

/* A send right for the driver of NAME, to be released; or MACH_PORT_NULL. */
mach_port_t names_lookup(const char *name);

/* bus_rpc.c */
boolean_t bus_server(mach_msg_header_t *request, mach_msg_header_t *reply);
kern_return_t bus_setup(void);
mach_port_t bus_right(void);

#endif /* SERVERS_DEVICE_DEVICE_H */
