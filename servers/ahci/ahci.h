/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Private to the AHCI driver (Serial ATA AHCI 1.3.1): SATA disks.
 *
 * Each port has one disk and does one command at a time, in slot 0, under its
 * lock.  One thread takes the controller's interrupts and wakes the port that
 * waits.
 */
#ifndef SERVERS_AHCI_AHCI_H
#define SERVERS_AHCI_AHCI_H

#include <servers/lib/ata.h>
#include <servers/lib/block.h>
#include <servers/lib/bus.h>

#define AHCI_PORTS		32
#define AHCI_BUFFER_SIZE	(128u << 10)

/* [I] fixed by ahci_port_setup  [l] own lock  [e] event lock */
struct ahci_port {
	struct block		block;
	pthread_mutex_t		lock;
	volatile uint32_t	*registers;	/* [I] */
	struct block_buffer	buffer;		/* [l] data */
	struct block_buffer	tables;		/* [l] lists and received FIS */
	struct ata_identity	identity;	/* [I] */
	pthread_mutex_t		event_lock;
	pthread_cond_t		event;
	uint32_t		status;		/* [e] interrupts since issue */
};

/*
 * Find the disk of PORT, whose registers and buffers are set.  False: none, or
 * none that can be used.
 */
bool ahci_probe(struct ahci_port *port);

/* The port has interrupted: take note and wake who waits. */
void ahci_interrupt(struct ahci_port *port);

extern const struct block_ops ahci_block_ops;

#endif /* SERVERS_AHCI_AHCI_H */
