/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What /proc shows of the machine and of the servers: asked of the kernel's
 * host port, of the processor, and of bootstrap.
 */
#include <servers/unix/unix_proc.h>

#include <mach/host_info.h>
#include <stdlib.h>
#include <string.h>

#include <mig/bootstrap_user.h>
#include <mig/mach_host_user.h>
#include <mig/mach_user.h>

#include <servers/bootstrap_types.h>
#include <servers/lib/boot.h>
#include <servers/unix/unix.h>

#define MACHINE_CPUID_BRAND	0x80000002u
#define MACHINE_CPUID_BRAND_END	0x80000004u

static void
machine_cpuid(uint32_t leaf, uint32_t words[4])
{
	__asm__ volatile("cpuid"
	    : "=a" (words[0]), "=b" (words[1]), "=c" (words[2]),
	    "=d" (words[3])
	    : "a" (leaf), "c" (0));
}

/* The processor's name for itself, without the blanks around it. */
static void
machine_brand(char brand[49])
{
	uint32_t words[4];
	char text[49] = "";
	const char *start = text;

	machine_cpuid(0x80000000u, words);
	if (words[0] >= MACHINE_CPUID_BRAND_END) {
		for (uint32_t i = 0; i < 3; i++) {
			machine_cpuid(MACHINE_CPUID_BRAND + i, words);
			memcpy(text + 16 * i, words, sizeof(words));
		}
	}
	text[48] = '\0';
	while (*start == ' ') {
		start++;
	}
	strcpy(brand, *start != '\0' ? start : "unknown");
}

void
proc_machine_processor(struct proc_processor *processor)
{
	struct host_basic_info basic;
	mach_msg_type_number_t count = HOST_BASIC_INFO_COUNT;
	uint32_t words[4];

	processor->count = 1;
	if (host_info(mach_host_self_, HOST_BASIC_INFO, (host_info_t)&basic,
	    &count) == KERN_SUCCESS && basic.avail_cpus > 0) {
		processor->count = (unsigned)basic.avail_cpus;
	}
	machine_cpuid(0, words);
	memcpy(processor->vendor, &words[1], 4);
	memcpy(processor->vendor + 4, &words[3], 4);
	memcpy(processor->vendor + 8, &words[2], 4);
	processor->vendor[12] = '\0';
	machine_cpuid(1, words);
	processor->family = words[0] >> 8 & 0xf;
	if (processor->family == 0xf) {
		processor->family += words[0] >> 20 & 0xff;
	}
	processor->model = (words[0] >> 4 & 0xf) | (words[0] >> 12 & 0xf0);
	processor->stepping = words[0] & 0xf;
	machine_brand(processor->brand);
}

bool
proc_machine_load(unsigned thousandths[3])
{
	struct host_load_info load;
	mach_msg_type_number_t count = HOST_LOAD_INFO_COUNT;

	if (host_info(mach_host_self_, HOST_LOAD_INFO, (host_info_t)&load,
	    &count) != KERN_SUCCESS) {
		return false;
	}
	for (unsigned i = 0; i < 3; i++) {
		thousandths[i] = (unsigned)load.avenrun[i];
	}
	return true;
}

char *
proc_machine_servers(void)
{
	mach_msg_type_number_t size = 0;
	char *text = NULL;
	char *copy;
	kern_return_t kr;

	unix_unlock();
	kr = bootstrap_list(boot_port(), &text, &size);
	unix_lock();
	if (kr != KERN_SUCCESS) {
		return NULL;
	}
	copy = strndup(text, size);
	vm_deallocate(mach_task_self(), (vm_address_t)text, size);
	return copy;
}

int32_t
proc_machine_kill_server(const char *name)
{
	bootstrap_name_t text;
	kern_return_t kr;

	if (strlen(name) >= sizeof(text)) {
		return -L_ESRCH;
	}
	strcpy(text, name);
	unix_unlock();
	kr = bootstrap_kill(boot_port(), text);
	unix_lock();
	switch (kr) {
	case KERN_SUCCESS:
		return 0;
	case KERN_INVALID_NAME:
		return -L_ESRCH;
	case KERN_NO_ACCESS:
		return -L_EPERM;
	default:
		return -L_EIO;
	}
}
