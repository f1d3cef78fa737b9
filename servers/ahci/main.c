/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The AHCI driver: claims the controller and serves the disks as sd0, sd1 ...
 * in the order of the ports.
 */
#include <servers/ahci/ahci.h>

#include <stdio.h>
#include <stdlib.h>

#include <servers/lib/boot.h>
#include <servers/lib/log.h>

#define AHCI_CLASS		0x010601u
#define AHCI_CLASS_MASK		0xffffffu
#define AHCI_BAR		5

/* Word offsets of the controller's registers. */
#define AHCI_CONTROL		(0x04 / 4)
#define AHCI_INTERRUPTS		(0x08 / 4)
#define AHCI_IMPLEMENTED	(0x0c / 4)
#define AHCI_PORT(i)		((0x100 + 0x80 * (i)) / 4)

#define AHCI_CONTROL_INTERRUPT	(1u << 1)
#define AHCI_CONTROL_ENABLE	(1u << 31)

static mach_port_t ahci_function;
static volatile uint32_t *ahci_registers;
static struct bus_irq ahci_irq;
static struct ahci_port *ahci_ports[AHCI_PORTS];	/* fixed when the
							   thread starts */

static void
ahci_irq_thread(void *argument)
{
	for (;;) {
		uint32_t pending;

		if (!bus_irq_wait(&ahci_irq, 0)) {
			continue;
		}
		pending = ahci_registers[AHCI_INTERRUPTS];
		for (unsigned i = 0; i < AHCI_PORTS; i++) {
			if ((pending & 1u << i) != 0 &&
			    ahci_ports[i] != NULL) {
				ahci_interrupt(ahci_ports[i]);
			}
		}
		ahci_registers[AHCI_INTERRUPTS] = pending;
		bus_irq_done(&ahci_irq);
	}
}

static struct ahci_port *
ahci_port_create(unsigned i)
{
	struct ahci_port *port = calloc(1, sizeof(*port));

	if (port == NULL ||
	    block_buffer_create(&port->buffer, ahci_function,
	    AHCI_BUFFER_SIZE) != KERN_SUCCESS ||
	    block_buffer_create(&port->tables, ahci_function,
	    vm_page_size) != KERN_SUCCESS) {
		log_error("port %u: no memory", i);
		free(port);
		return NULL;
	}
	port->registers = ahci_registers + AHCI_PORT(i);
	pthread_mutex_init(&port->lock, NULL);
	pthread_mutex_init(&port->event_lock, NULL);
	pthread_cond_init(&port->event, NULL);
	return port;
}

static void
ahci_serve(struct ahci_port *port, unsigned number)
{
	char name[sizeof(bus_name_t)];
	kern_return_t kr;

	port->block.ops = &ahci_block_ops;
	port->block.lock = &port->lock;
	port->block.buffer = &port->buffer;
	port->block.sectors = port->identity.sectors;
	snprintf(name, sizeof(name), "sd%u", number);
	kr = block_serve(&port->block, ahci_function, name);
	if (kr != KERN_SUCCESS) {
		log_error("%s: %s", name, log_error_text(kr));
		return;
	}
	log_info("%s: %s, %llu MiB", name, port->identity.model,
	    (unsigned long long)(port->identity.sectors / 2048));
}

/* Whether a device answers on port I, before memory is spent on it. */
static bool
ahci_port_connected(unsigned i)
{
	const volatile uint32_t *port = ahci_registers + AHCI_PORT(i);

	return (ahci_registers[AHCI_IMPLEMENTED] & 1u << i) != 0 &&
	    (port[0x28 / 4] & 0xf) == 3;
}

static kern_return_t
ahci_setup(void)
{
	volatile void *registers;
	bus_info_t info;
	kern_return_t kr;

	kr = bus_find(AHCI_CLASS, AHCI_CLASS_MASK, 0, &ahci_function, &info);
	if (kr == KERN_SUCCESS) {
		kr = bus_use_memory(ahci_function, AHCI_BAR, &registers, NULL);
	}
	if (kr == KERN_SUCCESS) {
		ahci_registers = registers;
		ahci_registers[AHCI_CONTROL] |= AHCI_CONTROL_ENABLE;
		kr = bus_irq_open(ahci_function, &ahci_irq);
	}
	return kr;
}

static void
ahci_find_disks(void)
{
	unsigned disks = 0;

	for (unsigned i = 0; i < AHCI_PORTS; i++) {
		if (ahci_port_connected(i)) {
			ahci_ports[i] = ahci_port_create(i);
		}
	}
	if (server_start_thread(ahci_irq_thread, NULL, 0) != KERN_SUCCESS) {
		log_error("no thread for interrupts");
		return;
	}
	ahci_registers[AHCI_INTERRUPTS] = 0xffffffff;
	ahci_registers[AHCI_CONTROL] |= AHCI_CONTROL_INTERRUPT;
	for (unsigned i = 0; i < AHCI_PORTS; i++) {
		if (ahci_ports[i] != NULL && ahci_probe(ahci_ports[i])) {
			ahci_serve(ahci_ports[i], disks++);
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
	kern_return_t kr;

	server_setup(&options);
	kr = ahci_setup();
	if (kr != KERN_SUCCESS) {
		boot_done("no AHCI controller");
	}
	ahci_find_disks();
	boot_ready(NULL, NULL);
	server_loop();
}
