/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The protocol of an AHCI port.
 *
 * The tables page holds the command list, the area for received frames, and
 * the command table of slot 0.  Memory is coherent: x86 keeps the order of
 * stores, and a store to a register comes last.
 */
#include <servers/ahci/ahci.h>

#include <errno.h>
#include <string.h>
#include <time.h>

#include <servers/lib/log.h>

/* Word offsets of a port's registers. */
enum ahci_register {
	AHCI_LIST = 0x00 / 4,
	AHCI_LIST_HIGH = 0x04 / 4,
	AHCI_RECEIVED = 0x08 / 4,
	AHCI_RECEIVED_HIGH = 0x0c / 4,
	AHCI_STATUS = 0x10 / 4,
	AHCI_ENABLE = 0x14 / 4,
	AHCI_COMMAND = 0x18 / 4,
	AHCI_TASK_FILE = 0x20 / 4,
	AHCI_SIGNATURE = 0x24 / 4,
	AHCI_SATA_STATUS = 0x28 / 4,
	AHCI_SATA_ERROR = 0x30 / 4,
	AHCI_ISSUE = 0x38 / 4,
};

#define AHCI_COMMAND_START	(1u << 0)
#define AHCI_COMMAND_SPIN_UP	(1u << 1)
#define AHCI_COMMAND_POWER	(1u << 2)
#define AHCI_COMMAND_RECEIVE	(1u << 4)
#define AHCI_COMMAND_RECEIVING	(1u << 14)
#define AHCI_COMMAND_RUNNING	(1u << 15)
#define AHCI_STATUS_DONE	0x00000003u	/* register or PIO frame came */
#define AHCI_STATUS_ERRORS	0x7d000010u
#define AHCI_SIGNATURE_DISK	0x00000101u
#define AHCI_DETECT_MASK	0xfu
#define AHCI_DETECT_READY	3u

#define AHCI_OFFSET_RECEIVED	1024
#define AHCI_OFFSET_TABLE	2048
#define AHCI_TABLE_REGION	0x80		/* in the command table */
#define AHCI_FRAME_WORDS	5		/* host to device, in words */
#define AHCI_FRAME_TYPE		0x27
#define AHCI_FRAME_COMMAND	0x80
#define AHCI_HEADER_WRITE	(1u << 6)
#define AHCI_HEADER_REGIONS	(1u << 16)

#define AHCI_POLL_MS		1000u
#define AHCI_COMMAND_S		10
#define AHCI_TRIES		3

struct ahci_header {
	uint32_t	flags;
	uint32_t	moved;
	uint32_t	table;
	uint32_t	table_high;
	uint32_t	reserved[4];
};

struct ahci_region {
	uint32_t	address;
	uint32_t	address_high;
	uint32_t	reserved;
	uint32_t	size;		/* less one */
};

static void
ahci_sleep(unsigned ms)
{
	struct timespec wait = { .tv_nsec = (long)ms * 1000000 };

	nanosleep(&wait, NULL);
}

/* Wait until register REG has none of CLEAR. */
static bool
ahci_wait_clear(struct ahci_port *port, enum ahci_register reg, uint32_t clear)
{
	for (unsigned ms = 0; ms < AHCI_POLL_MS; ms++) {
		if ((port->registers[reg] & clear) == 0) {
			return true;
		}
		ahci_sleep(1);
	}
	return false;
}

static bool
ahci_stop(struct ahci_port *port)
{
	port->registers[AHCI_COMMAND] &= ~AHCI_COMMAND_START;
	if (!ahci_wait_clear(port, AHCI_COMMAND, AHCI_COMMAND_RUNNING)) {
		return false;
	}
	port->registers[AHCI_COMMAND] &= ~AHCI_COMMAND_RECEIVE;
	return ahci_wait_clear(port, AHCI_COMMAND, AHCI_COMMAND_RECEIVING);
}

static bool
ahci_start(struct ahci_port *port)
{
	uint32_t tables = port->tables.physical;

	port->registers[AHCI_LIST] = tables;
	port->registers[AHCI_LIST_HIGH] = 0;
	port->registers[AHCI_RECEIVED] = tables + AHCI_OFFSET_RECEIVED;
	port->registers[AHCI_RECEIVED_HIGH] = 0;
	port->registers[AHCI_SATA_ERROR] = 0xffffffff;
	port->registers[AHCI_STATUS] = 0xffffffff;
	port->registers[AHCI_COMMAND] |= AHCI_COMMAND_SPIN_UP |
	    AHCI_COMMAND_POWER | AHCI_COMMAND_RECEIVE;
	if (!ahci_wait_clear(port, AHCI_TASK_FILE,
	    ATA_STATUS_BUSY | ATA_STATUS_DRQ)) {
		return false;
	}
	port->registers[AHCI_COMMAND] |= AHCI_COMMAND_START;
	port->registers[AHCI_ENABLE] = AHCI_STATUS_DONE | AHCI_STATUS_ERRORS;
	return true;
}

void
ahci_interrupt(struct ahci_port *port)
{
	uint32_t status = port->registers[AHCI_STATUS];

	port->registers[AHCI_STATUS] = status;
	pthread_mutex_lock(&port->event_lock);
	port->status |= status;
	pthread_cond_signal(&port->event);
	pthread_mutex_unlock(&port->event_lock);
}

/* Wait until slot 0 is done or failed.  True: done. */
static bool
ahci_wait_done(struct ahci_port *port)
{
	struct timespec until;
	bool ended = false;
	int error = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += AHCI_COMMAND_S;
	pthread_mutex_lock(&port->event_lock);
	while (!ended && error != ETIMEDOUT) {
		ended = (port->status & AHCI_STATUS_ERRORS) != 0 ||
		    (port->registers[AHCI_ISSUE] & 1) == 0;
		if (!ended) {
			error = pthread_cond_timedwait(&port->event,
			    &port->event_lock, &until);
		}
	}
	ended = ended && (port->status & AHCI_STATUS_ERRORS) == 0;
	pthread_mutex_unlock(&port->event_lock);
	return ended && (port->registers[AHCI_TASK_FILE] &
	    (ATA_STATUS_ERROR | ATA_STATUS_FAULT)) == 0;
}

/* The frame that carries COMMAND to the disk. */
static void
ahci_make_frame(uint8_t *frame, const struct ata_command *command)
{
	memset(frame, 0, AHCI_FRAME_WORDS * 4);
	frame[0] = AHCI_FRAME_TYPE;
	frame[1] = AHCI_FRAME_COMMAND;
	frame[2] = command->command;
	frame[4] = (uint8_t)command->sector;
	frame[5] = (uint8_t)(command->sector >> 8);
	frame[6] = (uint8_t)(command->sector >> 16);
	frame[7] = command->device;
	if (command->lba48) {
		frame[8] = (uint8_t)(command->sector >> 24);
		frame[9] = (uint8_t)(command->sector >> 32);
		frame[10] = (uint8_t)(command->sector >> 40);
	}
	frame[12] = (uint8_t)command->count;
	frame[13] = (uint8_t)(command->count >> 8);
}

static bool
ahci_try(struct ahci_port *port, const struct ata_command *command, bool write,
    uint32_t size)
{
	char *tables = port->tables.memory;
	struct ahci_header *header = (struct ahci_header *)tables;
	char *table = tables + AHCI_OFFSET_TABLE;
	struct ahci_region *region =
	    (struct ahci_region *)(table + AHCI_TABLE_REGION);

	ahci_make_frame((uint8_t *)table, command);
	memset(header, 0, sizeof(*header));
	header->flags = AHCI_FRAME_WORDS | (write ? AHCI_HEADER_WRITE : 0) |
	    (size > 0 ? AHCI_HEADER_REGIONS : 0);
	header->table = port->tables.physical + AHCI_OFFSET_TABLE;
	memset(region, 0, sizeof(*region));
	region->address = port->buffer.physical;
	region->size = size - 1;

	pthread_mutex_lock(&port->event_lock);
	port->status = 0;
	pthread_mutex_unlock(&port->event_lock);
	port->registers[AHCI_ISSUE] = 1;
	return ahci_wait_done(port);
}

static int
ahci_command(struct ahci_port *port, const struct ata_command *command,
    bool write, uint32_t size)
{
	for (unsigned i = 0; i < AHCI_TRIES; i++) {
		if (ahci_try(port, command, write, size)) {
			return D_SUCCESS;
		}
		log_error("command %02x at sector %llu failed, task file %x",
		    command->command, (unsigned long long)command->sector,
		    (unsigned)port->registers[AHCI_TASK_FILE]);
		if (!ahci_stop(port) || !ahci_start(port)) {
			break;
		}
	}
	return D_IO_ERROR;
}

static int
ahci_transfer(struct block *block, bool write, uint64_t sector, uint32_t count)
{
	struct ahci_port *port = (struct ahci_port *)block;
	struct ata_command command = ata_transfer(&port->identity, write,
	    sector, count);

	return ahci_command(port, &command, write, count * BLOCK_SECTOR);
}

static int
ahci_flush(struct block *block)
{
	struct ahci_port *port = (struct ahci_port *)block;
	struct ata_command command = ata_flush(&port->identity);

	return ahci_command(port, &command, false, 0);
}

const struct block_ops ahci_block_ops = {
	.transfer = ahci_transfer,
	.flush = ahci_flush,
};

bool
ahci_probe(struct ahci_port *port)
{
	static const struct ata_command identify = { .command = ATA_IDENTIFY };

	if ((port->registers[AHCI_SATA_STATUS] & AHCI_DETECT_MASK) !=
	    AHCI_DETECT_READY) {
		return false;
	}
	if (!ahci_stop(port) || !ahci_start(port) ||
	    port->registers[AHCI_SIGNATURE] != AHCI_SIGNATURE_DISK) {
		return false;
	}
	return ahci_command(port, &identify, false, 512) == D_SUCCESS &&
	    ata_identify_parse(port->buffer.memory, &port->identity);
}
