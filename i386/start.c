/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The first C function of the kernel.
 */

#include "start.h"

#include <machine/boot.h>
#include <machine/console.h>
#include <machine/cpu.h>

#include <kernel/startup.h>

#include <i386/biosmem.h>

void
i386_start(uint32_t magic, phys_addr_t info)
{
	cpu_setup_this(0);
	biosmem_setup(magic, info);
	console_setup(boot_cmdline());
	startup_main();
}
