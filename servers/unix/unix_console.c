/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The machine's terminal: a device that reads and writes bytes.  One thread
 * reads, and waits while the line discipline has no room for more; one writes
 * from a ring that the line discipline fills.  When its
 * server dies they go on with the next one: programs notice nothing but that
 * what was just being written may appear twice.
 */
#include <servers/unix/unix.h>

#include <pthread.h>
#include <servers/lib/boot.h>
#include <servers/lib/device.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>
#include <servers/unix/unix_system.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mig/device_user.h>
#include <mig/mach_port_user.h>

#define CONSOLE_RING	4096u		/* power of two */
#define CONSOLE_CHUNK	128		/* IO_INBAND_MAX */

#define CONSOLE_RETRY_US	100000

typedef kern_return_t console_open_fn_t(const char *name, dev_mode_t mode,
    mach_port_t *device);

static struct tty *console_tty;

/* [I] at the start  [o] console_open_mutex, which is held until there is a device */
static pthread_mutex_t console_open_mutex = PTHREAD_MUTEX_INITIALIZER;
static mach_port_t console_device;		/* [o] */
static console_open_fn_t *console_way;		/* [I] how it is opened */
static char console_name[16];			/* [I] */
static unsigned console_opened;			/* [o] how often */

/* [m] console_mutex; [u] unix_lock, which comes before it */
static pthread_mutex_t console_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t console_cond = PTHREAD_COND_INITIALIZER;
static char console_ring[CONSOLE_RING];		/* [m] */
static uint32_t console_head;			/* [m] */
static uint32_t console_tail;			/* [m] */
static pthread_cond_t console_room_cond = PTHREAD_COND_INITIALIZER;
static bool console_has_room;			/* [m] set; [u] cleared */

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

static void
console_input_ready(struct tty *tty)
{
	pthread_mutex_lock(&console_mutex);
	console_has_room = true;
	pthread_cond_signal(&console_room_cond);
	pthread_mutex_unlock(&console_mutex);
}

static const struct tty_driver console_driver = {
	.output = console_output,
	.input_ready = console_input_ready,
};

/* Hand N bytes to the line discipline, as it has room for them. */
static void
console_input(const char *bytes, uint32_t n)
{
	for (;;) {
		uint32_t done;

		unix_lock();
		console_has_room = false;
		done = tty_input(console_tty, bytes, n);
		unix_unlock();
		bytes += done;
		n -= done;
		if (n == 0) {
			return;
		}
		pthread_mutex_lock(&console_mutex);
		while (!console_has_room) {
			pthread_cond_wait(&console_room_cond, &console_mutex);
		}
		pthread_mutex_unlock(&console_mutex);
	}
}

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

/* Open the device NAME; the kernel's if there is no other. */
static bool
console_try(const char *name)
{
	console_open_fn_t *const ways[] = { device_open_served,
		device_open_kernel };

	for (int i = 0; i < 2; i++) {
		if (ways[i](name, D_READ | D_WRITE, &console_device) ==
		    KERN_SUCCESS) {
			console_way = ways[i];
			snprintf(console_name, sizeof(console_name), "%s",
			    name);
			return true;
		}
	}
	return false;
}

/* tty=NAME on the kernel's command line says which, com0 without it. */
static bool
console_choose(void)
{
	char *name = boot_option("tty");
	bool found = name != NULL &&
	    console_try(strcmp(name, "vga") == 0 ? "console" : name);

	free(name);
	return found || console_try("com0") || console_try("console");
}

/* The device, and which it is of those that there were. */
static mach_port_t
console_get(unsigned *which)
{
	mach_port_t device;

	pthread_mutex_lock(&console_open_mutex);
	device = console_device;
	*which = console_opened;
	pthread_mutex_unlock(&console_open_mutex);
	return device;
}

/* Device WHICH answered KR: open it anew, when there is a server again. */
static void
console_failed(unsigned which, kern_return_t kr)
{
	mach_port_t old;

	pthread_mutex_lock(&console_open_mutex);
	if (which == console_opened) {
		old = console_device;
		log_info("terminal: %s", log_error_text(kr));
		do {
			usleep(CONSOLE_RETRY_US);
		} while (console_way(console_name, D_READ | D_WRITE,
		    &console_device) != KERN_SUCCESS);
		console_opened++;
		mach_port_deallocate(mach_task_self(), old);
	}
	pthread_mutex_unlock(&console_open_mutex);
}

/* Write N bytes; what was not written when the server died, again. */
static void
console_write(const char *chunk, uint32_t n)
{
	uint32_t done = 0;
	unsigned which;
	int written;
	kern_return_t kr;

	while (done < n) {
		kr = device_write_inband(console_get(&which), 0, 0,
		    chunk + done, n - done, &written);
		if (kr != KERN_SUCCESS) {
			console_failed(which, kr);
		} else if (written <= 0) {
			break;
		} else {
			done += (uint32_t)written;
		}
	}
}

static void
console_write_main(void *argument)
{
	char chunk[CONSOLE_CHUNK];
	uint32_t n;

	for (;;) {
		n = console_next(chunk);
		console_write(chunk, n);
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
	unsigned which;
	kern_return_t kr;

	for (;;) {
		n = CONSOLE_CHUNK;
		kr = device_read_inband(console_get(&which), 0, 0,
		    CONSOLE_CHUNK, chunk, &n);
		if (kr != KERN_SUCCESS) {
			console_failed(which, kr);
			continue;
		}
		console_input(chunk, n);
	}
}

/* So that output before the first read is not lost: threads start here. */
struct tty *
console_setup(void)
{
	if (!console_choose()) {
		log_error("no terminal");
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
