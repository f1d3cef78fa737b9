/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The log: lines of text to the kernel's console, each preceded by the
 * server's name and written in one piece.  stdout and stderr end here too.
 * Servers log few lines: failures, and what an operator asks about.
 */
#ifndef SERVERS_LIB_LOG_H
#define SERVERS_LIB_LOG_H

#include <stdarg.h>
#include <stddef.h>

void log_setup(const char *server);

/* One line; the newline is added when FORMAT has none. */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Bytes of a stream; they come out line by line. */
void log_write(const char *bytes, size_t size);

/* A bug of ours: say so and end the task; bootstrap starts it again. */
void panic(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/* The text of a kern_return_t or mach_msg_return_t; never NULL. */
const char *log_error_text(int code);

#endif /* SERVERS_LIB_LOG_H */
