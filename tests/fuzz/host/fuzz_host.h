/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What a host fuzzer is made of: libFuzzer, called from inside the world that
 * the target has booted, and the input as a source of choices.
 */

#ifndef TESTS_FUZZ_HOST_FUZZ_HOST_H
#define TESTS_FUZZ_HOST_FUZZ_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Call ONE for input after input, as the command line of this process says;
 * ends the process.  ONE draws what it does from fuzz_choose().
 */
_Noreturn void fuzz_host_run(void (*one)(void));

/* A number below LIMIT from the input; 0 when it is used up. */
uint32_t fuzz_host_choose(uint32_t limit);
bool fuzz_host_more(void);

/* With FUZZ_SAY=1 in the environment, print a line: what an input does. */
void fuzz_host_say(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The input shows a bug: save it and end the process. */
_Noreturn void fuzz_host_fail(void);

#endif
