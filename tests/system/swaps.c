/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A UNIX program that shows how swapon and swapoff fail.
 *
 *	swaps CALL FILE [UID]	CALL is on or off; as user UID
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/swap.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	int result;

	if (argc > 3 && setuid((uid_t)atoi(argv[3])) != 0) {
		return 1;
	}
	result = strcmp(argv[1], "on") == 0 ? swapon(argv[2], 0) :
	    swapoff(argv[2]);
	printf("%s\n", result == 0 ? "done" : strerror(errno));
	return 0;
}
