/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Calls on the host: what it is, what time it has, and its end.
 */

#include <mach/machine.h>

#include <machine/boot.h>
#include <machine/console.h>
#include <machine/cpu.h>
#include <stdio.h>

#include <kernel/clock.h>
#include <kernel/kdb/kdb_event.h>
#include <kernel/kmem.h>
#include <kernel/mig_types.h>
#include <kernel/panic.h>
#include <kernel/processor.h>

#include <vm/vm_phys.h>

#include <mach_host_server.h>

/* Options of host_reboot that matter here. */
#define HOST_REBOOT_HALT	0x0008
#define HOST_REBOOT_DEBUGGER	0x1000

#define HOST_VERSION	"Tartan 0.1 (i386)"

static kern_return_t
host_info_basic(integer_t *info, mach_msg_type_number_t *count)
{
	struct host_basic_info *basic = (void *)info;

	if (*count < HOST_BASIC_INFO_COUNT) {
		return KERN_FAILURE;
	}
	basic->max_cpus = CPU_MAX;
	basic->avail_cpus = processor_count();
	basic->memory_size = vm_phys_end();
	basic->cpu_type = CPU_TYPE_PENTIUMPRO;
	basic->cpu_subtype = CPU_SUBTYPE_AT386;
	*count = HOST_BASIC_INFO_COUNT;
	return KERN_SUCCESS;
}

static kern_return_t
host_info_slots(integer_t *info, mach_msg_type_number_t *count)
{
	uint32_t active = processor_active_mask();
	mach_msg_type_number_t n = 0;

	if (*count < processor_count()) {
		return KERN_INVALID_ARGUMENT;
	}
	for (unsigned i = 0; i < CPU_MAX; i++) {
		if (active & 1u << i) {
			info[n++] = i;
		}
	}
	*count = n;
	return KERN_SUCCESS;
}

static kern_return_t
host_info_sched(integer_t *info, mach_msg_type_number_t *count)
{
	struct host_sched_info *sched = (void *)info;

	if (*count < HOST_SCHED_INFO_COUNT) {
		return KERN_FAILURE;
	}
	sched->min_timeout = CLOCK_TICK_US / 1000;
	sched->min_quantum = SCHED_QUANTUM * CLOCK_TICK_US / 1000;
	*count = HOST_SCHED_INFO_COUNT;
	return KERN_SUCCESS;
}

static kern_return_t
host_info_load(integer_t *info, mach_msg_type_number_t *count)
{
	struct host_load_info *load = (void *)info;
	int average;
	int factor;

	if (*count < HOST_LOAD_INFO_COUNT) {
		return KERN_FAILURE;
	}
	processor_load_get(&average, &factor);
	for (unsigned i = 0; i < 3; i++) {
		load->avenrun[i] = average;
		load->mach_factor[i] = factor;
	}
	*count = HOST_LOAD_INFO_COUNT;
	return KERN_SUCCESS;
}

kern_return_t
S_host_info(host_t host, int flavor, host_info_t info,
    mach_msg_type_number_t *count)
{
	if (host == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	switch (flavor) {
	case HOST_BASIC_INFO:
		return host_info_basic(info, count);
	case HOST_PROCESSOR_SLOTS:
		return host_info_slots(info, count);
	case HOST_SCHED_INFO:
		return host_info_sched(info, count);
	case HOST_LOAD_INFO:
		return host_info_load(info, count);
	default:
		return KERN_INVALID_ARGUMENT;
	}
}

kern_return_t
S_host_kernel_version(host_t host, kernel_version_t version)
{
	if (host == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	memset(version, 0, KERNEL_VERSION_MAX);
	strlcpy(version, HOST_VERSION, KERNEL_VERSION_MAX);
	return KERN_SUCCESS;
}

kern_return_t
S_host_get_kernel_version(host_t host, kernel_version_t version)
{
	return S_host_kernel_version(host, version);
}

kern_return_t
S_host_get_boot_info(host_t host, kernel_boot_info_t info)
{
	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	memset(info, 0, KERNEL_BOOT_INFO_MAX);
	strlcpy(info, boot_cmdline(), KERNEL_BOOT_INFO_MAX);
	return KERN_SUCCESS;
}

kern_return_t
S_host_processors(host_t host, processor_array_t *listp,
    mach_msg_type_number_t *countp)
{
	unsigned count = processor_count();
	struct ipc_port **ports;

	if (host == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	ports = kmem_alloc(count * sizeof(*ports));
	if (ports == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	for (unsigned i = 0; i < count; i++) {
		ports[i] = convert_processor_to_port(processor_get(i));
	}
	*listp = ports;
	*countp = count;
	return KERN_SUCCESS;
}

kern_return_t
S_host_get_time(host_t host, time_value_t *time)
{
	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	clock_get_time(time);
	return KERN_SUCCESS;
}

kern_return_t
S_host_set_time(host_t host, time_value_t time)
{
	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	if (time.microseconds < 0 || time.microseconds >= TIME_MICROS_MAX) {
		return KERN_INVALID_ARGUMENT;
	}
	return clock_set_time(&time);
}

/* What is left of the last adjustment, which goes on. */
static void
host_adjustment_get(struct time_value *old)
{
	const struct time_value none = { 0, 0 };
	struct time_value ignored;

	clock_adjust_time(&none, old);
	clock_adjust_time(old, &ignored);
}

kern_return_t
S_host_adjust_time(host_t host, time_value_t new, time_value_t *old)
{
	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	if (new.microseconds == TIME_MICROS_MAX) {
		host_adjustment_get(old);
	} else {
		clock_adjust_time(&new, old);
	}
	return KERN_SUCCESS;
}

static time_value64_t
host_time_widen(time_value_t time)
{
	return (time_value64_t) { time.seconds,
	    (int64_t)time.microseconds * 1000 };
}

kern_return_t
S_host_get_time64(host_t host, time_value64_t *time)
{
	time_value_t narrow;

	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	clock_get_time(&narrow);
	*time = host_time_widen(narrow);
	return KERN_SUCCESS;
}

kern_return_t
S_host_get_uptime64(host_t host, time_value64_t *time)
{
	uint64_t ns;

	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	ns = clock_uptime_ns();
	time->seconds = ns / TIME_NANOS_MAX;
	time->nanoseconds = ns % TIME_NANOS_MAX;
	return KERN_SUCCESS;
}

kern_return_t
S_host_set_time64(host_t host, time_value64_t time)
{
	time_value_t narrow;

	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	if (time.nanoseconds < 0 || time.nanoseconds >= TIME_NANOS_MAX ||
	    time.seconds != (long_integer_t)time.seconds) {
		return KERN_INVALID_ARGUMENT;
	}
	narrow.seconds = time.seconds;
	narrow.microseconds = (int32_t)time.nanoseconds / 1000;
	return clock_set_time(&narrow);
}

kern_return_t
S_host_adjust_time64(host_t host, time_value64_t new, time_value64_t *old)
{
	time_value_t narrow;
	time_value_t was;

	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	if (new.nanoseconds == TIME_NANOS_MAX) {
		host_adjustment_get(&was);
	} else if (new.nanoseconds <= -TIME_NANOS_MAX ||
	    new.nanoseconds > TIME_NANOS_MAX ||
	    new.seconds != (long_integer_t)new.seconds) {
		return KERN_INVALID_ARGUMENT;
	} else {
		narrow.seconds = new.seconds;
		narrow.microseconds = (int32_t)new.nanoseconds / 1000;
		clock_adjust_time(&narrow, &was);
	}
	*old = host_time_widen(was);
	return KERN_SUCCESS;
}

kern_return_t
S_host_reboot(host_t host, int options)
{
	if (host == NULL) {
		return KERN_INVALID_HOST;
	}
	if (options & HOST_REBOOT_DEBUGGER) {
		/* Who asks may sit at the screen. */
		console_add_screen();
		kdb_event_request("host_reboot");
		return KERN_SUCCESS;
	}
	(void)cpu_stop_others();
	if (options & HOST_REBOOT_HALT) {
		machine_power_off();
	}
	machine_reboot();
}
