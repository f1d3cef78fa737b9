/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Log lines are put together on the caller's stack and handed to the kernel
 * whole, so lines of different threads never mix and logging needs no lock,
 * except for streams, whose line is collected here.
 */

#include <servers/lib/log.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <servers/errors.h>
#include <servers/lib/mach.h>

#include <mach/mig_errors.h>

#define LOG_LINE_MAX	240

static char log_name[24] = "?";
static pthread_mutex_t log_stream_lock = PTHREAD_MUTEX_INITIALIZER;
static char log_stream[LOG_LINE_MAX];		/* log_stream_lock */
static size_t log_stream_used;			/* log_stream_lock */

void
log_setup(const char *server)
{
	(void)snprintf(log_name, sizeof(log_name), "%s", server);
}

/* Names of files and programs may hold anything; a line remains one line. */
static void
log_make_plain(char *line)
{
	for (; *line != '\0'; line++) {
		if (((unsigned char)*line < ' ' && *line != '\t') ||
		    *line == 0x7f) {
			*line = '?';
		}
	}
}

static void
log_line(const char *kind, const char *format, va_list args)
{
	char line[LOG_LINE_MAX + 2];
	size_t n;

	(void)snprintf(line, LOG_LINE_MAX, "%s: %s", log_name, kind);
	n = strlen(line);
	(void)vsnprintf(line + n, LOG_LINE_MAX - n, format, args);
	n = strlen(line);
	if (n != 0 && line[n - 1] == '\n') {
		line[--n] = '\0';
	}
	log_make_plain(line);
	line[n] = '\n';
	line[n + 1] = '\0';
	mach_print(line);
}

void
log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line("", format, args);
	va_end(args);
}

void
log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line("error: ", format, args);
	va_end(args);
}

void
panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line("panic: ", format, args);
	va_end(args);
	_exit(127);
}

static void
log_stream_flush(void)
{
	log_stream[log_stream_used] = '\0';
	log_info("%s", log_stream);
	log_stream_used = 0;
}

void
log_write(const char *bytes, size_t size)
{
	pthread_mutex_lock(&log_stream_lock);
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '\n') {
			log_stream_flush();
			continue;
		}
		log_stream[log_stream_used++] = bytes[i];
		if (log_stream_used == sizeof(log_stream) - 1) {
			log_stream_flush();
		}
	}
	pthread_mutex_unlock(&log_stream_lock);
}

struct log_text {
	int		code;
	const char	*text;
};

static const struct log_text log_texts[] = {
	{ KERN_SUCCESS, "success" },
	{ KERN_INVALID_ADDRESS, "invalid address" },
	{ KERN_PROTECTION_FAILURE, "protection failure" },
	{ KERN_NO_SPACE, "no space" },
	{ KERN_INVALID_ARGUMENT, "invalid argument" },
	{ KERN_FAILURE, "failure" },
	{ KERN_RESOURCE_SHORTAGE, "resource shortage" },
	{ KERN_NO_ACCESS, "no access" },
	{ KERN_INVALID_NAME, "invalid name" },
	{ KERN_INVALID_TASK, "invalid task" },
	{ KERN_INVALID_RIGHT, "invalid right" },
	{ KERN_INVALID_VALUE, "invalid value" },
	{ MACH_SEND_INVALID_DEST, "invalid destination" },
	{ MACH_SEND_TIMED_OUT, "send timed out" },
	{ MACH_SEND_INVALID_RIGHT, "invalid right in message" },
	{ MACH_RCV_TIMED_OUT, "receive timed out" },
	{ MACH_RCV_PORT_DIED, "port died" },
	{ MIG_TYPE_ERROR, "wrong types in reply" },
	{ MIG_BAD_ID, "unknown call" },
	{ MIG_BAD_ARGUMENTS, "wrong types in request" },
	{ MIG_SERVER_DIED, "server died" },
};

const char *
log_error_text(int code)
{
	static __thread char other[24];

	for (size_t i = 0; i < sizeof(log_texts) / sizeof(log_texts[0]); i++) {
		if (log_texts[i].code == code) {
			return log_texts[i].text;
		}
	}
	if (UNIX_IS_ERR(code)) {
		return strerror(UNIX_ERRNO(code));
	}
	(void)snprintf(other, sizeof(other), "error 0x%x", (unsigned)code);
	return other;
}

/* The C library's assert() and stack checks end here. */
void __assert_fail(const char *expression, const char *file, int line,
    const char *function) __attribute__((noreturn));

void
__assert_fail(const char *expression, const char *file, int line,
    const char *function)
{
	panic("%s:%d: %s: assertion failed: %s", file, line, function,
	    expression);
}

void
abort(void)
{
	panic("abort");
}
