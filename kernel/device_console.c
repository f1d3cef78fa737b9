/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The console device: the kernel's own polled console, for programs that run
 * before there is a better one.  Output adds nothing; input is raw.
 */

#include <machine/console.h>

#include <kernel/device.h>
#include <kernel/printf.h>

static io_return_t
device_console_read(struct device *device, recnum_t recnum, void *buf,
    size_t count, size_t *donep)
{
	char *to = buf;
	size_t done = 0;
	int c;

	while (done < count && (c = console_getc_poll()) != -1) {
		to[done++] = c == '\r' ? '\n' : c;
	}
	*donep = done;
	return done > 0 ? D_SUCCESS : D_WOULD_BLOCK;
}

static io_return_t
device_console_write(struct device *device, recnum_t recnum, const void *buf,
    size_t count, size_t *donep)
{
	printf_write(buf, count);
	*donep = count;
	return D_SUCCESS;
}

const struct device_ops device_console_ops = {
	.read = device_console_read,
	.write = device_console_write,
};
