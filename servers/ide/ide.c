/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The protocol of an IDE channel.
 *
 * A command: select the unit, write the task file, start the bus master, wait
 * for the interrupt, stop the bus master, look at both status registers.  One
 * that fails or does not end is tried again after a reset of the channel.
 */
#include <servers/ide/ide.h>

#include <string.h>
#include <time.h>

#include <servers/lib/io.h>
#include <servers/lib/log.h>

enum ide_port {
	IDE_DATA = 0,
	IDE_FEATURES = 1,
	IDE_COUNT = 2,
	IDE_LBA_LOW = 3,
	IDE_LBA_MID = 4,
	IDE_LBA_HIGH = 5,
	IDE_DEVICE = 6,
	IDE_COMMAND = 7,	/* status when read */
};

enum ide_master_port {
	IDE_MASTER_COMMAND = 0,
	IDE_MASTER_STATUS = 2,
	IDE_MASTER_TABLE = 4,
};

#define IDE_DEVICE_FIXED	0xa0	/* bits that old disks want set */
#define IDE_DEVICE_UNIT1	0x10
#define IDE_CONTROL_RESET	0x04
#define IDE_MASTER_START	0x01
#define IDE_MASTER_READ		0x08	/* device to memory */
#define IDE_MASTER_ERROR	0x02
#define IDE_MASTER_INTERRUPT	0x04
#define IDE_REGION_LAST		0x80000000u

#define IDE_POLL_MS		2000u	/* for states that last microseconds */
#define IDE_COMMAND_MS		10000u
#define IDE_TRIES		3

/* A physical region descriptor: at most 64 KiB, within 64 KiB. */
struct ide_region {
	uint32_t	address;
	uint32_t	size;		/* 0 in the low 16 bits is 64 KiB */
};

static void
ide_sleep(unsigned ms)
{
	struct timespec wait = { .tv_nsec = (long)ms * 1000000 };

	nanosleep(&wait, NULL);
}

static uint8_t
ide_status(struct ide_channel *channel)
{
	return io_in8(channel->command + IDE_COMMAND);
}

/* Wait until the status has none of CLEAR.  False: it never did. */
static bool
ide_wait_clear(struct ide_channel *channel, uint8_t clear)
{
	for (unsigned i = 0; i < 1000; i++) {
		if ((ide_status(channel) & clear) == 0) {
			return true;
		}
	}
	for (unsigned ms = 0; ms < IDE_POLL_MS; ms += 10) {
		ide_sleep(10);
		if ((ide_status(channel) & clear) == 0) {
			return true;
		}
	}
	return false;
}

/* Select UNIT; the status is valid 400 ns later. */
static void
ide_select(struct ide_channel *channel, uint8_t device, unsigned unit)
{
	io_out8(channel->command + IDE_DEVICE, (uint8_t)(IDE_DEVICE_FIXED |
	    device | (unit != 0 ? IDE_DEVICE_UNIT1 : 0)));
	for (unsigned i = 0; i < 4; i++) {
		(void)io_in8(channel->control);
	}
}

static void
ide_reset(struct ide_channel *channel)
{
	io_out8(channel->master + IDE_MASTER_COMMAND, 0);
	io_out8(channel->control, IDE_CONTROL_RESET);
	ide_sleep(10);
	io_out8(channel->control, 0);
	ide_sleep(10);
	(void)ide_wait_clear(channel, ATA_STATUS_BUSY);
}

/* Write COMMAND's task file and start it. */
static void
ide_issue(struct ide_disk *disk, const struct ata_command *command)
{
	uint16_t port = disk->channel->command;

	if (command->lba48) {
		io_out8(port + IDE_COUNT, (uint8_t)(command->count >> 8));
		io_out8(port + IDE_LBA_LOW, (uint8_t)(command->sector >> 24));
		io_out8(port + IDE_LBA_MID, (uint8_t)(command->sector >> 32));
		io_out8(port + IDE_LBA_HIGH, (uint8_t)(command->sector >> 40));
	}
	io_out8(port + IDE_COUNT, (uint8_t)command->count);
	io_out8(port + IDE_LBA_LOW, (uint8_t)command->sector);
	io_out8(port + IDE_LBA_MID, (uint8_t)(command->sector >> 8));
	io_out8(port + IDE_LBA_HIGH, (uint8_t)(command->sector >> 16));
	io_out8(port + IDE_COMMAND, command->command);
}

/* Wait for the end of the command.  False: it did not end. */
static bool
ide_wait_done(struct ide_channel *channel)
{
	while (bus_irq_wait(&channel->irq, IDE_COMMAND_MS)) {
		uint8_t master = io_in8(channel->master + IDE_MASTER_STATUS);
		bool ours = (master & IDE_MASTER_INTERRUPT) != 0 &&
		    (ide_status(channel) & ATA_STATUS_BUSY) == 0;

		if (ours) {
			/* Ones clear; the DMA-capable bits are kept. */
			io_out8(channel->master + IDE_MASTER_STATUS,
			    (uint8_t)((master & 0x60) | IDE_MASTER_INTERRUPT));
		}
		bus_irq_done(&channel->irq);
		if (ours) {
			return true;
		}
	}
	return false;
}

/* Describe SIZE bytes of the data buffer to the bus master. */
static void
ide_describe(struct ide_channel *channel, uint32_t size)
{
	struct ide_region *region = channel->table.memory;
	uint32_t address = channel->buffer.physical;

	while (size > 0) {
		uint32_t room = 0x10000 - (address & 0xffff);
		uint32_t piece = size < room ? size : room;

		region->address = address;
		region->size = piece & 0xffff;
		address += piece;
		size -= piece;
		if (size == 0) {
			region->size |= IDE_REGION_LAST;
		}
		region++;
	}
}

/* One try of COMMAND, which moves SIZE bytes (0: none). */
static bool
ide_try(struct ide_disk *disk, const struct ata_command *command, bool write,
    uint32_t size)
{
	struct ide_channel *channel = disk->channel;
	uint8_t direction = write ? 0 : IDE_MASTER_READ;
	uint8_t master;
	uint8_t status;
	bool done;

	if (!ide_wait_clear(channel, ATA_STATUS_BUSY | ATA_STATUS_DRQ)) {
		return false;
	}
	ide_select(channel, command->device, disk->unit);
	if (!ide_wait_clear(channel, ATA_STATUS_BUSY | ATA_STATUS_DRQ)) {
		return false;
	}
	master = io_in8(channel->master + IDE_MASTER_STATUS);
	io_out8(channel->master + IDE_MASTER_STATUS, (uint8_t)
	    ((master & 0x60) | IDE_MASTER_INTERRUPT | IDE_MASTER_ERROR));
	if (size > 0) {
		ide_describe(channel, size);
		io_out32(channel->master + IDE_MASTER_TABLE,
		    channel->table.physical);
		io_out8(channel->master + IDE_MASTER_COMMAND, direction);
	}
	ide_issue(disk, command);
	if (size > 0) {
		io_out8(channel->master + IDE_MASTER_COMMAND,
		    direction | IDE_MASTER_START);
	}
	done = ide_wait_done(channel);
	master = io_in8(channel->master + IDE_MASTER_STATUS);
	io_out8(channel->master + IDE_MASTER_COMMAND, 0);
	status = ide_status(channel);
	return done && (master & IDE_MASTER_ERROR) == 0 &&
	    (status & (ATA_STATUS_ERROR | ATA_STATUS_FAULT |
	    ATA_STATUS_BUSY)) == 0;
}

static int
ide_command(struct ide_disk *disk, const struct ata_command *command,
    bool write, uint32_t size)
{
	for (unsigned i = 0; i < IDE_TRIES; i++) {
		if (ide_try(disk, command, write, size)) {
			return D_SUCCESS;
		}
		log_error("command %02x at sector %llu failed, status %02x",
		    command->command, (unsigned long long)command->sector,
		    ide_status(disk->channel));
		ide_reset(disk->channel);
	}
	return D_IO_ERROR;
}

static int
ide_transfer(struct block *block, bool write, uint64_t sector, uint32_t count)
{
	struct ide_disk *disk = (struct ide_disk *)block;
	struct ata_command command = ata_transfer(&disk->identity, write,
	    sector, count);

	return ide_command(disk, &command, write, count * BLOCK_SECTOR);
}

static int
ide_flush(struct block *block)
{
	struct ide_disk *disk = (struct ide_disk *)block;
	struct ata_command command = ata_flush(&disk->identity);

	return ide_command(disk, &command, false, 0);
}

const struct block_ops ide_block_ops = {
	.transfer = ide_transfer,
	.flush = ide_flush,
};

/* Identify the unit by programmed input, which needs no buffer set up. */
static bool
ide_identify(struct ide_channel *channel, unsigned unit,
    struct ata_identity *identity)
{
	uint16_t words[256];
	uint8_t status;

	ide_select(channel, 0, unit);
	status = ide_status(channel);
	if (status == 0 || status == 0xff) {
		return false;
	}
	if (!ide_wait_clear(channel, ATA_STATUS_BUSY)) {
		return false;
	}
	io_out8(channel->command + IDE_COMMAND, ATA_IDENTIFY);
	(void)io_in8(channel->control);
	if (ide_status(channel) == 0 ||
	    !ide_wait_clear(channel, ATA_STATUS_BUSY) ||
	    (ide_status(channel) & ATA_STATUS_DRQ) == 0) {
		/* Nobody there, or a device that takes packets. */
		return false;
	}
	io_in16_many(channel->command + IDE_DATA, words, 256);
	return ata_identify_parse(words, identity);
}

unsigned
ide_probe(struct ide_channel *channel)
{
	unsigned found = 0;

	/* 0xff: a channel with nothing on it. */
	if (ide_status(channel) == 0xff) {
		return 0;
	}
	for (unsigned unit = 0; unit < IDE_UNITS; unit++) {
		struct ide_disk *disk = &channel->disks[unit];

		if (!ide_identify(channel, unit, &disk->identity)) {
			continue;
		}
		disk->channel = channel;
		disk->unit = unit;
		found++;
	}
	return found;
}
