/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Serial lines: 8250 to 16550 (National Semiconductor PC16550D), 8 bits, no
 * parity, 115200 baud as the firmware and the kernel's console use them.
 */
#include <servers/term/term.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <device/serial.h>
#include <mig/bus_user.h>
#include <mig/mach_port_user.h>

#include <servers/lib/io.h>
#include <servers/lib/log.h>

enum serial_port {
	SERIAL_DATA = 0,
	SERIAL_INTERRUPTS = 1,
	SERIAL_FIFO = 2,
	SERIAL_LINE = 3,
	SERIAL_MODEM = 4,
	SERIAL_STATUS = 5,
	SERIAL_SCRATCH = 7,
};

#define SERIAL_LINES		4
#define SERIAL_RECEIVE		0x01	/* interrupt when bytes came */
#define SERIAL_FIFO_ON		0xc7	/* cleared, threshold 14 */
#define SERIAL_FIFO_SIZE	16
#define SERIAL_DLAB		0x80
#define SERIAL_8N1		0x03
#define SERIAL_MODEM_ON		0x0b	/* DTR, RTS, interrupts to the PIC */
#define SERIAL_DATA_READY	0x01
#define SERIAL_BREAK		0x10
#define SERIAL_EMPTY		0x20
#define SERIAL_SPINS		2000	/* polls before a nap */

struct serial {
	struct device	device;
	struct input	input;
	pthread_mutex_t	write_lock;	/* one writer at a time */
	struct bus_irq	irq;
	uint16_t	port;
};

static bool
serial_exists(uint16_t port)
{
	io_out8(port + SERIAL_SCRATCH, 0x5a);
	if (io_in8(port + SERIAL_SCRATCH) != 0x5a) {
		return false;
	}
	io_out8(port + SERIAL_SCRATCH, 0xa5);
	return io_in8(port + SERIAL_SCRATCH) == 0xa5;
}

static void
serial_program(uint16_t port)
{
	io_out8(port + SERIAL_INTERRUPTS, 0);
	io_out8(port + SERIAL_LINE, SERIAL_DLAB);
	io_out8(port + SERIAL_DATA, 1);		/* 115200 baud */
	io_out8(port + SERIAL_INTERRUPTS, 0);	/* divisor, high byte */
	io_out8(port + SERIAL_LINE, SERIAL_8N1);
	io_out8(port + SERIAL_FIFO, SERIAL_FIFO_ON);
	io_out8(port + SERIAL_MODEM, SERIAL_MODEM_ON);
	io_out8(port + SERIAL_INTERRUPTS, SERIAL_RECEIVE);
}

/* The line status; the kernel is told of a break. */
static uint8_t
serial_status(const struct serial *line)
{
	uint8_t status = io_in8(line->port + SERIAL_STATUS);

	if ((status & SERIAL_BREAK) != 0) {
		io_out8(line->port + SERIAL_SCRATCH, SERIAL_SCRATCH_BREAK);
	}
	return status;
}

/*
 * Take all that came.  What nobody reads yet stays in the hardware, which keeps
 * a sender that asks for leave waiting.
 */
static void
serial_drain(struct serial *line)
{
	uint8_t bytes[SERIAL_FIFO_SIZE];
	uint32_t n;

	do {
		input_await_room(&line->input, sizeof(bytes));
		for (n = 0; n < sizeof(bytes) &&
		    (serial_status(line) & SERIAL_DATA_READY) != 0; n++) {
			bytes[n] = io_in8(line->port + SERIAL_DATA);
		}
		input_put(&line->input, bytes, n);
	} while (n == sizeof(bytes));
}

static void
serial_irq_thread(void *argument)
{
	struct serial *line = argument;

	for (;;) {
		if (bus_irq_wait(&line->irq, 0)) {
			serial_drain(line);
			bus_irq_done(&line->irq);
		}
	}
}

static void
serial_wait_empty(struct serial *line)
{
	static const struct timespec nap = { .tv_nsec = 1000000 };
	unsigned spins = 0;

	while ((serial_status(line) & SERIAL_EMPTY) == 0) {
		if (++spins > SERIAL_SPINS) {
			nanosleep(&nap, NULL);
		}
	}
}

static int
serial_read(struct device *device, int mode, uint32_t record, void *buffer,
    uint32_t size, uint32_t *got)
{
	struct serial *line = (struct serial *)device;

	return input_read(&line->input, mode, buffer, size, got);
}

static int
serial_write(struct device *device, int mode, uint32_t record,
    const void *data, uint32_t size, uint32_t *written)
{
	struct serial *line = (struct serial *)device;
	const uint8_t *bytes = data;

	pthread_mutex_lock(&line->write_lock);
	for (uint32_t i = 0; i < size; i++) {
		if (i % SERIAL_FIFO_SIZE == 0) {
			serial_wait_empty(line);
		}
		io_out8(line->port + SERIAL_DATA, bytes[i]);
	}
	pthread_mutex_unlock(&line->write_lock);
	*written = size;
	return D_SUCCESS;
}

static const struct device_ops serial_ops = {
	.read = serial_read,
	.write = serial_write,
};

static kern_return_t
serial_serve(struct serial *line, mach_port_t function, const char *name)
{
	mach_port_t right;
	kern_return_t kr;

	input_init(&line->input);
	pthread_mutex_init(&line->write_lock, NULL);
	kr = bus_irq_open(function, &line->irq);
	if (kr == KERN_SUCCESS) {
		kr = device_serve(&line->device, &serial_ops);
	}
	if (kr == KERN_SUCCESS) {
		kr = server_start_thread(serial_irq_thread, line, 0);
	}
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	serial_program(line->port);
	right = object_right(&line->device.object);
	kr = bus_serve_name(function, name, right);
	mach_port_deallocate(mach_task_self(), right);
	return kr;
}

static bool
serial_start_line(const char *name)
{
	struct serial *line;
	mach_port_t function;
	bus_info_t info;
	kern_return_t kr;

	kr = bus_find_legacy(name, &function, &info);
	if (kr == KERN_SUCCESS) {
		kr = bus_use_ports(function, 0);
	}
	if (kr != KERN_SUCCESS || !serial_exists((uint16_t)info.base[0])) {
		return false;
	}
	line = calloc(1, sizeof(*line));
	if (line == NULL) {
		return false;
	}
	line->port = (uint16_t)info.base[0];
	kr = serial_serve(line, function, name);
	if (kr != KERN_SUCCESS) {
		log_error("%s: %s", name, log_error_text(kr));
	}
	return kr == KERN_SUCCESS;
}

unsigned
serial_start(void)
{
	static const char *const names[SERIAL_LINES] = {
		"com0", "com1", "com2", "com3",
	};
	unsigned found = 0;

	for (unsigned i = 0; i < SERIAL_LINES; i++) {
		found += serial_start_line(names[i]);
	}
	return found;
}
