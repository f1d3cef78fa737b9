/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Private to the IDE driver: disks on a PCI IDE controller with bus master
 * DMA (Intel PIIX3/PIIX4; SFF-8038i).
 *
 * A channel has two units and does one command at a time, under its lock.
 */
#ifndef SERVERS_IDE_IDE_H
#define SERVERS_IDE_IDE_H

#include <servers/lib/ata.h>
#include <servers/lib/block.h>
#include <servers/lib/bus.h>

#define IDE_CHANNELS	2
#define IDE_UNITS	2
#define IDE_BUFFER_SIZE	(64u << 10)

struct ide_channel;

struct ide_disk {
	struct block		block;
	struct ide_channel	*channel;	/* [I] */
	unsigned		unit;		/* [I] 0 or 1 */
	struct ata_identity	identity;	/* [I] */
};

/* [I] fixed by ide_channel_setup  [l] own lock */
struct ide_channel {
	pthread_mutex_t		lock;
	uint16_t		command;	/* [I] command block ports */
	uint16_t		control;	/* [I] device control port */
	uint16_t		master;		/* [I] bus master ports */
	struct bus_irq		irq;		/* [l] */
	struct block_buffer	buffer;		/* [l] data, then the table */
	struct block_buffer	table;		/* [l] region descriptors */
	struct ide_disk		disks[IDE_UNITS];
};

/*
 * Find the disks of CHANNEL, whose ports, interrupt and buffers are set.
 * Returns how many; disks[i].channel is NULL where there is none.
 */
unsigned ide_probe(struct ide_channel *channel);

extern const struct block_ops ide_block_ops;

#endif /* SERVERS_IDE_IDE_H */
