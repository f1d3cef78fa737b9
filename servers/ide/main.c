/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The IDE driver: claims the controller, finds the disks, and serves them as
 * hd0 (first channel, first unit) to hd3.
 */
#include <servers/ide/ide.h>

#include <stdio.h>
#include <stdlib.h>

#include <servers/lib/boot.h>
#include <servers/lib/log.h>

#define IDE_CLASS		0x010100u
#define IDE_CLASS_MASK		0xffff00u
#define IDE_NATIVE(channel)	(0x01u << (2 * (channel)))
#define IDE_MASTER_BAR		4
#define IDE_MASTER_STRIDE	8

static struct ide_channel ide_channels[IDE_CHANNELS];

/*
 * Use the ports of channel I: the controller's own in native mode, the
 * well-known ones otherwise.  *FUNCTION is what interrupts.
 */
static kern_return_t
ide_channel_ports(struct ide_channel *channel, unsigned i, mach_port_t pci,
    const bus_info_t *info, mach_port_t *function)
{
	static const char *const legacy[] = { "ide0", "ide1" };
	bool native = (info->class_code & IDE_NATIVE(i)) != 0;
	unsigned bar = native ? 2 * i : 0;
	bus_info_t region = *info;
	kern_return_t kr = KERN_SUCCESS;

	*function = pci;
	if (!native) {
		kr = bus_find_legacy(legacy[i], function, &region);
	}
	if (kr == KERN_SUCCESS) {
		kr = bus_use_ports(*function, bar);
	}
	if (kr == KERN_SUCCESS) {
		kr = bus_use_ports(*function, bar + 1);
	}
	channel->command = (uint16_t)region.base[bar];
	/* A native region is four ports, the control port the third. */
	channel->control = (uint16_t)(region.base[bar + 1] +
	    (native ? 2 : 0));
	return kr;
}

static kern_return_t
ide_channel_setup(struct ide_channel *channel, unsigned i, mach_port_t pci,
    const bus_info_t *info)
{
	mach_port_t function;
	kern_return_t kr;

	pthread_mutex_init(&channel->lock, NULL);
	channel->master = (uint16_t)(info->base[IDE_MASTER_BAR] +
	    i * IDE_MASTER_STRIDE);
	kr = ide_channel_ports(channel, i, pci, info, &function);
	if (kr == KERN_SUCCESS) {
		kr = block_buffer_create(&channel->buffer, pci,
		    IDE_BUFFER_SIZE);
	}
	if (kr == KERN_SUCCESS) {
		kr = block_buffer_create(&channel->table, pci, vm_page_size);
	}
	if (kr == KERN_SUCCESS) {
		kr = bus_irq_open(function, &channel->irq);
	}
	return kr;
}

static void
ide_serve(struct ide_disk *disk, unsigned number, mach_port_t pci)
{
	char name[sizeof(bus_name_t)];
	kern_return_t kr;

	disk->block.ops = &ide_block_ops;
	disk->block.lock = &disk->channel->lock;
	disk->block.buffer = &disk->channel->buffer;
	disk->block.sectors = disk->identity.sectors;
	snprintf(name, sizeof(name), "hd%u", number);
	kr = block_serve(&disk->block, pci, name);
	if (kr != KERN_SUCCESS) {
		log_error("%s: %s", name, log_error_text(kr));
		return;
	}
	log_info("%s: %s, %llu MiB", name, disk->identity.model,
	    (unsigned long long)(disk->identity.sectors / 2048));
}

static void
ide_start_channel(unsigned i, mach_port_t pci, const bus_info_t *info)
{
	struct ide_channel *channel = &ide_channels[i];
	kern_return_t kr = ide_channel_setup(channel, i, pci, info);

	if (kr != KERN_SUCCESS) {
		log_error("channel %u: %s", i, log_error_text(kr));
		return;
	}
	(void)ide_probe(channel);
	for (unsigned unit = 0; unit < IDE_UNITS; unit++) {
		if (channel->disks[unit].channel != NULL) {
			ide_serve(&channel->disks[unit], 2 * i + unit, pci);
		}
	}
}

int
main(void)
{
	static const server_demux_fn_t demux[] = { device_server, NULL };
	/* One reads, one writes, one flushes, one waits. */
	static const struct server_options options = {
		.demux = demux, .threads_min = 4, .stack_size = 32768,
	};
	mach_port_t pci;
	bus_info_t info;
	kern_return_t kr;

	server_setup(&options);
	kr = bus_find(IDE_CLASS, IDE_CLASS_MASK, 0, &pci, &info);
	if (kr == KERN_SUCCESS) {
		kr = bus_use_ports(pci, IDE_MASTER_BAR);
	}
	if (kr != KERN_SUCCESS) {
		boot_done("no IDE controller");
	}
	for (unsigned i = 0; i < IDE_CHANNELS; i++) {
		ide_start_channel(i, pci, &info);
	}
	boot_ready(NULL, NULL);
	server_loop();
}
