/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The machine's terminal: a device that reads and writes bytes.  One thread
 * reads, one writes from a ring that the line discipline fills.
 */
#include <servers/unix/unix.h>

#include <pthread.h>
#include <servers/lib/boot.h>
#include <servers/lib/device.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>
#include <servers/unix/unix_system.h>
#include <stdlib.h>
#include <string.h>

#include <mig/device_user.h>

#define CONSOLE_RING	4096u		/* power of two */
#define CONSOLE_CHUNK	128		/* IO_INBAND_MAX */

static mach_port_t console_device;
static struct tty *console_tty;

/* [m] console_mutex; unix_lock comes before it */
static pthread_mutex_t console_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t console_cond = PTHREAD_COND_INITIALIZER;
static char console_ring[CONSOLE_RING];		/* [m] */
static uint32_t console_head;			/* [m] */
static uint32_t console_tail;			/* [m] */

static uint32_t
console_output(struct tty *tty, const char *buf, uint32_t n)
{
	uint32_t room;

	pthread_mutex_lock(&console_mutex);
	room = CONSOLE_RING - (console_tail - console_head);
	if (n > room) {
		n = room;
	}
	for (uint32_t i = 0; i < n; i++) {
		console_ring[console_tail++ % CONSOLE_RING] = buf[i];
	}
	pthread_cond_signal(&console_cond);
	pthread_mutex_unlock(&console_mutex);
	return n;
}

static const struct tty_driver console_driver = { .output = console_output };

/* Up to CONSOLE_CHUNK bytes to write; waits for the first. */
static uint32_t
console_next(char *chunk)
{
	uint32_t n = 0;

	pthread_mutex_lock(&console_mutex);
	while (console_head == console_tail) {
		pthread_cond_wait(&console_cond, &console_mutex);
	}
	while (n < CONSOLE_CHUNK && console_head != console_tail) {
		chunk[n++] = console_ring[console_head++ % CONSOLE_RING];
	}
	pthread_mutex_unlock(&console_mutex);
	return n;
}

static void
console_write_main(void *argument)
{
	char chunk[CONSOLE_CHUNK];
	uint32_t n;
	uint32_t done;
	int written;

	for (;;) {
		n = console_next(chunk);
		for (done = 0; done < n; done += (uint32_t)written) {
			if (device_write_inband(console_device, 0, 0,
			    chunk + done, n - done, &written) !=
			    KERN_SUCCESS || written <= 0) {
				break;
			}
		}
		unix_lock();
		tty_output_ready(console_tty);
		unix_unlock();
	}
}

static void
console_read_main(void *argument)
{
	io_buf_ptr_inband_t chunk;
	mach_msg_type_number_t n;
	kern_return_t kr;

	for (;;) {
		n = CONSOLE_CHUNK;
		kr = device_read_inband(console_device, 0, 0, CONSOLE_CHUNK,
		    chunk, &n);
		if (kr != KERN_SUCCESS) {
			log_error("terminal: %s", log_error_text(kr));
			return;
		}
		unix_lock();
		tty_input(console_tty, chunk, n);
		unix_unlock();
	}
}

/* tty=NAME on the kernel's command line says which, com0 without it. */
static kern_return_t
console_open(void)
{
	static const char *const others[] = { "com0", "console" };
	char *name = boot_option("tty");
	kern_return_t kr = D_NO_SUCH_DEVICE;

	if (name != NULL) {
		kr = device_open_any(strcmp(name, "vga") == 0 ? "console" :
		    name, D_READ | D_WRITE, &console_device);
	}
	free(name);
	for (int i = 0; i < 2 && kr != KERN_SUCCESS; i++) {
		kr = device_open_any(others[i], D_READ | D_WRITE,
		    &console_device);
	}
	return kr;
}

/* So that output before the first read is not lost: threads start here. */
struct tty *
console_setup(void)
{
	kern_return_t kr = console_open();

	if (kr != KERN_SUCCESS) {
		log_error("no terminal: %s", log_error_text(kr));
		return NULL;
	}
	console_tty = tty_create(&console_driver, NULL, 5 << 8 | 1);
	if (console_tty == NULL) {
		return NULL;
	}
	tty_set_size(console_tty, 24, 80);
	server_start_thread(console_write_main, NULL, 0);
	server_start_thread(console_read_main, NULL, 0);
	return console_tty;
}
