/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/* It does nothing but write to a variable, for ever. */

volatile unsigned counted;

int
main(void)
{
	for (;;) {
		counted++;
	}
}
