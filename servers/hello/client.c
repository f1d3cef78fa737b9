/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * hello-client [-n TIMES] [-s SERVER] NAME: have NAME greeted, once a second.
 *
 * An ordinary UNIX program: printf and sleep are the emulator's business, and
 * a greeting is one message to the server and one back.
 */

#include <servers/hello_types.h>
#include <servers/lib/lookup.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mig/hello_user.h>

static struct lookup hello = LOOKUP_INIT("hello");

/*
 * A greeting may be asked for again when the server died under the call: one
 * too many does no harm.  Not every request is like that.
 */
static kern_return_t
greet(const char *name, hello_text_t greeting, natural_t *count)
{
	hello_text_t text;
	kern_return_t kr;

	if (strlen(name) >= sizeof(text)) {
		return KERN_INVALID_ARGUMENT;
	}
	strcpy(text, name);
	do {
		kr = hello_greet(lookup_get(&hello), text, greeting);
	} while (lookup_retry(&hello, kr));
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	do {
		kr = hello_count(lookup_get(&hello), count);
	} while (lookup_retry(&hello, kr));
	return kr;
}

static int
usage(void)
{
	fprintf(stderr, "usage: hello-client [-n TIMES] [-s SERVER] NAME\n");
	return 2;
}

int
main(int argc, char **argv)
{
	hello_text_t greeting;
	natural_t count;
	kern_return_t kr;
	int times = 1;
	int option;

	while ((option = getopt(argc, argv, "n:s:")) != -1) {
		if (option == 'n') {
			times = atoi(optarg);
		} else if (option == 's') {
			hello.name = optarg;
		} else {
			return usage();
		}
	}
	if (optind != argc - 1) {
		return usage();
	}
	for (int i = 0; i < times; i++) {
		if (i > 0) {
			sleep(1);
		}
		kr = greet(argv[optind], greeting, &count);
		if (kr != KERN_SUCCESS) {
			fprintf(stderr, "hello-client: error 0x%x\n", kr);
			return 1;
		}
		printf("%s (%u)\n", greeting, count);
		fflush(stdout);
	}
	return 0;
}
