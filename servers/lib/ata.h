/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * ATA commands and the identification of disks (ATA/ATAPI-6, T13 1410D): what
 * IDE and AHCI have in common.  Knows no hardware.
 */
#ifndef SERVERS_LIB_ATA_H
#define SERVERS_LIB_ATA_H

#include <stdbool.h>
#include <stdint.h>

#define ATA_IDENTIFY		0xec
#define ATA_SET_FEATURES	0xef
#define ATA_READ_DMA		0xc8
#define ATA_WRITE_DMA		0xca
#define ATA_READ_DMA_EXT	0x25
#define ATA_WRITE_DMA_EXT	0x35
#define ATA_FLUSH		0xe7
#define ATA_FLUSH_EXT		0xea

#define ATA_STATUS_ERROR	0x01
#define ATA_STATUS_DRQ		0x08
#define ATA_STATUS_FAULT	0x20
#define ATA_STATUS_BUSY		0x80

#define ATA_DEVICE_LBA		0x40	/* in the device register */

struct ata_identity {
	uint64_t	sectors;
	bool		lba48;
	char		model[41];
};

/* A command and its task file; the device register lacks the unit bit. */
struct ata_command {
	uint8_t		command;
	uint8_t		device;
	bool		lba48;
	uint64_t	sector;
	uint16_t	count;		/* 0 means 256, or 65536 with lba48 */
};

/*
 * Read the 256 words of IDENTIFY DEVICE.  False: not a disk that LBA and DMA
 * can be used with.
 */
bool ata_identify_parse(const uint16_t words[256],
    struct ata_identity *identity);

/* The command that moves COUNT sectors (1 to 65536, 256 without lba48). */
struct ata_command ata_transfer(const struct ata_identity *identity,
    bool write, uint64_t sector, uint32_t count);

struct ata_command ata_flush(const struct ata_identity *identity);

#endif /* SERVERS_LIB_ATA_H */
