/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What /proc shows of the machine and of the servers: asked of the kernel's
 * host port, of the processor, and of bootstrap.
 */
#include <servers/unix/unix_proc.h>

#include <mach/host_info.h>
#include <mach/processor_info.h>
#include <mach/task_info.h>
#include <mach/thread_info.h>
#include <mach/vm_cache_statistics.h>
#include <mach/vm_prot.h>
#include <mach/vm_statistics.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mig/bootstrap_user.h>
#include <mig/device_user.h>
#include <mig/gnumach_user.h>
#include <mig/mach_host_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/pager_user.h>
#include <mig/tartan_user.h>

#include <servers/bootstrap_types.h>
#include <servers/errors.h>
#include <servers/lib/boot.h>
#include <servers/lib/device.h>
#include <servers/lib/server.h>
#include <servers/unix/unix_exec.h>
#include <servers/unix/unix_task.h>

#define MACHINE_CPUID_BRAND	0x80000002u
#define MACHINE_CPUID_BRAND_END	0x80000004u

#define MACHINE_PAGING_HANDLE_ID 74000	/* pager_paging_handle */

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
	processor->features = words[3];
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

/* NAME for bootstrap; false: nobody has such a long one. */
static bool
machine_server_name(const char *name, bootstrap_name_t text)
{
	size_t n = strlen(name);

	if (n >= sizeof(bootstrap_name_t)) {
		return false;
	}
	memcpy(text, name, n + 1);
	return true;
}

static int32_t
machine_server_error(kern_return_t kr)
{
	switch (kr) {
	case KERN_SUCCESS:
		return 0;
	case KERN_INVALID_NAME:
		return -L_EINVAL;
	case KERN_NAME_EXISTS:
		return -L_EEXIST;
	case KERN_INVALID_ARGUMENT:
		return -L_ENOEXEC;
	case KERN_NO_SPACE:
		return -L_EFBIG;
	case KERN_RESOURCE_SHORTAGE:
		return -L_ENOMEM;
	case KERN_NO_ACCESS:
		return -L_EPERM;
	default:
		return -L_EIO;
	}
}

/* One of bootstrap's calls about the server NAME. */
static int32_t
machine_server_call(const char *name,
    kern_return_t (*call)(mach_port_t bootstrap, const_bootstrap_name_t name))
{
	bootstrap_name_t text;
	kern_return_t kr;

	if (!machine_server_name(name, text)) {
		return -L_ESRCH;
	}
	unix_unlock();
	kr = call(boot_port(), text);
	unix_lock();
	return kr == KERN_INVALID_NAME ? -L_ESRCH : machine_server_error(kr);
}

int32_t
proc_machine_kill_server(const char *name)
{
	return machine_server_call(name, bootstrap_kill);
}

int32_t
proc_machine_stop_server(const char *name)
{
	return machine_server_call(name, bootstrap_stop);
}

int32_t
proc_machine_start_server(struct process *p, const char *name, const char *path)
{
	bootstrap_name_t text;
	vm_offset_t image;
	uint32_t size;
	int32_t error;
	kern_return_t kr;

	if (!machine_server_name(name, text)) {
		return -L_EINVAL;
	}
	error = exec_read_program(p, path, BOOTSTRAP_IMAGE_MAX, &image, &size);
	if (error != 0) {
		return error;
	}
	unix_unlock();
	kr = bootstrap_start(boot_port(), text, (char *)image, size);
	vm_deallocate(mach_task_self(), image, size);
	unix_lock();
	return machine_server_error(kr);
}

static uint64_t
machine_ns(time_value_t time)
{
	return (uint64_t)time.seconds * 1000000000 +
	       (uint64_t)time.microseconds * 1000;
}

/* Of threads that ended, and of those that live. */
static void
machine_task_times(struct process *p, const struct task_basic_info *basic,
    struct proc_usage *usage)
{
	struct task_thread_times_info times;
	mach_msg_type_number_t count = TASK_THREAD_TIMES_INFO_COUNT;

	usage->user_ns = machine_ns(basic->user_time);
	usage->system_ns = machine_ns(basic->system_time);
	if (task_info(p->task, TASK_THREAD_TIMES_INFO, (task_info_t)&times,
		&count) == KERN_SUCCESS) {
		usage->user_ns += machine_ns(times.user_time);
		usage->system_ns += machine_ns(times.system_time);
	}
}

void
proc_machine_usage(struct process *p, struct proc_usage *usage)
{
	struct task_basic_info basic;
	struct task_events_info events;
	mach_msg_type_number_t count = TASK_BASIC_INFO_COUNT;

	memset(usage, 0, sizeof(*usage));
	if (p->task == MACH_PORT_NULL) {
		usage->user_ns = p->cpu_ns[0];
		usage->system_ns = p->cpu_ns[1];
		return;
	}
	if (task_info(p->task, TASK_BASIC_INFO, (task_info_t)&basic, &count) !=
	    KERN_SUCCESS) {
		return;
	}
	usage->virtual_bytes = (uint32_t)basic.virtual_size;
	usage->resident_bytes = (uint32_t)basic.resident_size;
	machine_task_times(p, &basic, usage);
	count = TASK_EVENTS_INFO_COUNT;
	if (task_info(p->task, TASK_EVENTS_INFO, (task_info_t)&events,
		&count) == KERN_SUCCESS) {
		usage->faults = (uint32_t)events.faults;
		usage->pageins = (uint32_t)events.pageins;
	}
}

bool
proc_machine_thread(struct uthread *t, struct proc_thread *thread)
{
	struct thread_basic_info basic;
	mach_msg_type_number_t count = THREAD_BASIC_INFO_COUNT;

	if (t->thread == MACH_PORT_NULL ||
	    thread_info(t->thread, THREAD_BASIC_INFO, (thread_info_t)&basic,
		&count) != KERN_SUCCESS) {
		return false;
	}
	thread->user_ns = machine_ns(basic.user_time);
	thread->system_ns = machine_ns(basic.system_time);
	switch (basic.run_state) {
	case TH_STATE_RUNNING:
		thread->state = 'R';
		break;
	case TH_STATE_UNINTERRUPTIBLE:
		thread->state = 'D';
		break;
	case TH_STATE_STOPPED:
	case TH_STATE_HALTED:
		thread->state = 'T';
		break;
	default:
		thread->state = 'S';
		break;
	}
	return true;
}

void
proc_machine_thread_usage(struct uthread *t, struct proc_usage *usage)
{
	struct proc_thread thread;

	memset(usage, 0, sizeof(*usage));
	if (proc_machine_thread(t, &thread)) {
		usage->user_ns = thread.user_ns;
		usage->system_ns = thread.system_ns;
	}
}

bool
proc_machine_read(struct process *by, struct process *p, uint32_t address,
    void *to, uint32_t n)
{
	return p->task != MACH_PORT_NULL && address < UNIX_USER_END &&
	       n <= UNIX_USER_END - address &&
	       task_read_for(by, p->task, address, to, n) == KERN_SUCCESS;
}

uint32_t
proc_machine_heap_end(struct process *by, struct process *p)
{
	struct emul_shared shared;

	if (p->task == MACH_PORT_NULL ||
	    task_read_for(by, p->task, task_emul.shared, &shared,
		sizeof(shared)) != KERN_SUCCESS) {
		return 0;
	}
	return shared.brk_mapped;
}

/* What NAME, of a mapping, stands for; it is consumed. */
static void
machine_region_file(
    struct process *p, mach_port_t name, struct proc_region *region)
{
	struct file_stat stat;
	int32_t error = -L_ESRCH;

	if (name == MACH_PORT_NULL) {
		return;
	}
	if (p->root != NULL && p->root->port != MACH_PORT_NULL) {
		error = remote_mapped(
		    p->root, name, &stat, region->path, sizeof(region->path));
	}
	mach_port_deallocate(mach_task_self(), name);
	if (error == 0) {
		region->dev = (uint32_t)stat.dev;
		region->ino = stat.ino;
	} else {
		region->path[0] = '\0';
		region->offset = 0;
	}
}

bool
proc_machine_region(
    struct process *p, uint32_t address, struct proc_region *region)
{
	vm_address_t start = address;
	vm_size_t size;
	vm_prot_t prot;
	vm_prot_t max;
	vm_inherit_t inherit;
	boolean_t shared;
	mach_port_t name = MACH_PORT_NULL;
	vm_offset_t offset;

	if (p->task == MACH_PORT_NULL ||
	    vm_region(p->task, &start, &size, &prot, &max, &inherit, &shared,
		&name, &offset) != KERN_SUCCESS) {
		return false;
	}
	memset(region, 0, sizeof(*region));
	region->start = (uint32_t)start;
	region->end = (uint32_t)(start + size);
	region->readable = (prot & VM_PROT_READ) != 0;
	region->writable = (prot & VM_PROT_WRITE) != 0;
	region->executable = (prot & VM_PROT_EXECUTE) != 0;
	region->shared = inherit == VM_INHERIT_SHARE && !task_is_lent(p, start);
	region->offset = (uint32_t)offset;
	if (name == MACH_PORT_NULL) {
		region->offset = 0;
	}
	machine_region_file(p, name, region);
	return true;
}

void
proc_machine_memory(struct proc_memory *memory)
{
	struct vm_statistics stat;
	struct vm_cache_statistics cache;
	natural_t swapins;
	natural_t swapouts;
	uint64_t page;

	memset(memory, 0, sizeof(*memory));
	if (vm_statistics(mach_task_self(), &stat) != KERN_SUCCESS) {
		return;
	}
	page = (uint64_t)stat.pagesize;
	memory->free = (uint64_t)stat.free_count * page;
	memory->active = (uint64_t)stat.active_count * page;
	memory->inactive = (uint64_t)stat.inactive_count * page;
	memory->wired = (uint64_t)stat.wire_count * page;
	memory->total = memory->free + memory->active + memory->inactive +
			memory->wired;
	memory->faults = (uint32_t)stat.faults;
	memory->pageins = (uint32_t)stat.pageins;
	memory->pageouts = (uint32_t)stat.pageouts;
	memory->page_bytes = (uint32_t)stat.pagesize;
	memory->zero_fills = (uint32_t)stat.zero_fill_count;
	memory->cow_faults = (uint32_t)stat.cow_faults;
	memory->reactivations = (uint32_t)stat.reactivations;
	memory->lookups = (uint32_t)stat.lookups;
	memory->hits = (uint32_t)stat.hits;
	if (host_paging_counts(mach_host_self_, &swapins, &swapouts) ==
	    KERN_SUCCESS) {
		memory->swapins = swapins;
		memory->swapouts = swapouts;
	}
	if (vm_cache_statistics(mach_task_self(), &cache) == KERN_SUCCESS) {
		memory->cached = (uint64_t)cache.cache_count * page;
		memory->slab = (uint64_t)cache.slab_count * page;
	}
}

/* The default pager's port, which the caller releases, or null. */
static mach_port_t
machine_pager(void)
{
	mach_port_t pager = MACH_PORT_NULL;
	mach_port_t host;
	mach_port_t master;

	if (boot_privileged_ports(&host, &master) != KERN_SUCCESS ||
	    vm_set_default_memory_manager(host, &pager) != KERN_SUCCESS) {
		return MACH_PORT_NULL;
	}
	return pager;
}

unsigned
proc_machine_swaps(struct proc_swap *swaps)
{
	mach_port_t pager = machine_pager();
	unsigned count = 0;

	if (!MACH_PORT_VALID(pager)) {
		return 0;
	}
	/* It may be busy, and wait for memory that we are to free. */
	unix_unlock();
	while (count < PROC_SWAPS_MAX && pager_file(pager, count,
	    swaps[count].name, &swaps[count].size, &swaps[count].used) ==
	    KERN_SUCCESS) {
		count++;
	}
	mach_port_deallocate(mach_task_self(), pager);
	unix_lock();
	return count;
}

void
proc_machine_paging(uint64_t *total, uint64_t *unused)
{
	struct proc_swap swaps[PROC_SWAPS_MAX];
	unsigned count = proc_machine_swaps(swaps);

	*total = 0;
	*unused = 0;
	for (unsigned i = 0; i < count; i++) {
		*total += swaps[i].size;
		*unused += swaps[i].size - swaps[i].used;
	}
}

static int32_t
machine_swap_error(kern_return_t kr)
{
	if (kr == KERN_SUCCESS) {
		return 0;
	}
	if (UNIX_IS_ERR(kr)) {
		return -UNIX_ERRNO(kr);
	}
	return kr == KERN_NO_ACCESS ? -L_EPERM : -L_EIO;
}

/* Answer in the pager's place, and it finds that nobody waits any more. */
static void
machine_swap_stop(uint32_t reply)
{
	server_reply(reply, MACH_MSG_TYPE_MAKE_SEND_ONCE,
	    MACHINE_PAGING_HANDLE_ID, UNIX_EINTR);
}

/* Ask PAGER, for T; a signal ends the waiting for what moves out of a file. */
static kern_return_t
machine_swap(struct uthread *t, mach_port_t pager, mach_port_t handle,
    const default_pager_filename_t name, bool add)
{
	mach_port_t host;
	mach_port_t master;
	mach_port_t reply;
	kern_return_t kr;

	if (!add && thread_is_interrupted(t)) {
		return UNIX_EINTR;
	}
	kr = boot_privileged_ports(&host, &master);
	if (kr == KERN_SUCCESS) {
		kr = mach_port_allocate(mach_task_self(),
		    MACH_PORT_RIGHT_RECEIVE, &reply);
	}
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	t->wait.port = reply;
	t->wait.stop = add ? NULL : machine_swap_stop;
	unix_unlock();
	kr = pager_paging_handle(pager, reply, host, handle, name, add);
	unix_lock();
	t->wait.stop = NULL;
	mach_port_mod_refs(mach_task_self(), reply, MACH_PORT_RIGHT_RECEIVE,
	    -1);
	return kr;
}

int32_t
proc_machine_swap(struct uthread *t, uint32_t handle, const char *name,
    bool add)
{
	/* The pager makes one change at a time, and refuses another. */
	static struct waitq changed = { LIST_INIT(changed.waiters) };
	static bool changing;
	default_pager_filename_t text = "";
	mach_port_t pager;
	kern_return_t kr;

	while (changing) {
		int error = thread_wait_on(t, &changed, 0);

		if (error != 0) {
			return error;
		}
	}
	pager = machine_pager();
	if (!MACH_PORT_VALID(pager)) {
		return -L_ENOMEM;
	}
	(void)snprintf(text, sizeof(text), "%s", name);
	changing = true;
	kr = machine_swap(t, pager, handle, text, add);
	changing = false;
	waitq_wake(&changed);
	mach_port_deallocate(mach_task_self(), pager);
	return machine_swap_error(kr);
}

bool
proc_machine_cpu(unsigned number, struct proc_cpu *cpu)
{
	static processor_array_t processors;
	static mach_msg_type_number_t count;
	struct processor_times_info times;
	mach_msg_type_number_t size = PROCESSOR_TIMES_INFO_COUNT;
	mach_port_t host;
	mach_port_t master;

	if (processors == NULL &&
	    (boot_privileged_ports(&host, &master) != KERN_SUCCESS ||
		host_processors(host, &processors, &count) != KERN_SUCCESS)) {
		return false;
	}
	if (number >= count ||
	    processor_info(processors[number], PROCESSOR_TIMES_INFO, &host,
		(processor_info_t)&times, &size) != KERN_SUCCESS) {
		return false;
	}
	mach_port_deallocate(mach_task_self(), host);
	cpu->user = times.user * 100 / (uint64_t)times.hz;
	cpu->system = times.system * 100 / (uint64_t)times.hz;
	cpu->idle = times.idle * 100 / (uint64_t)times.hz;
	cpu->switches = times.switches;
	cpu->interrupts = times.interrupts;
	return true;
}

char *
proc_machine_arguments(void)
{
	kernel_boot_info_t info;

	if (host_get_boot_info(mach_host_self_, info) != KERN_SUCCESS) {
		return NULL;
	}
	return strndup(info, sizeof(info));
}

/* Which disk has the number: four of each driver's. */
static void
machine_disk_name(unsigned number, struct proc_disk *disk)
{
	static const struct {
		const char	*name;
		unsigned	major;
		unsigned	minors;
	} drivers[PROC_DISKS / 4] = {
		{ "hd", 3, 64 },
		{ "sd", 8, 16 },
		{ "vd", 254, 16 },
	};
	unsigned driver = number / 4;

	snprintf(disk->name, sizeof(disk->name), "%s%u", drivers[driver].name,
	    number % 4);
	disk->major = drivers[driver].major;
	disk->minor = number % 4 * drivers[driver].minors;
}

bool
proc_machine_disk(unsigned number, struct proc_disk *disk)
{
	mach_port_t device;
	int status[DEV_GET_SIZE_COUNT];
	mach_msg_type_number_t count = DEV_GET_SIZE_COUNT;
	kern_return_t kr;

	machine_disk_name(number, disk);
	unix_unlock();
	kr = device_open_any(disk->name, D_READ, &device);
	if (kr == KERN_SUCCESS) {
		kr = device_get_status(device, DEV_GET_RECORDS, status, &count);
		device_close(device);
		mach_port_deallocate(mach_task_self(), device);
	}
	unix_lock();
	if (kr != KERN_SUCCESS || count < DEV_GET_RECORDS_COUNT) {
		return false;
	}
	disk->bytes = (uint64_t)(uint32_t)
			  status[DEV_GET_RECORDS_DEVICE_RECORDS] *
		      (uint32_t)status[DEV_GET_RECORDS_RECORD_SIZE];
	return true;
}

static mach_port_t
machine_log_device(void)
{
	static mach_port_t device;

	if (device == MACH_PORT_NULL &&
	    device_open_kernel("log", D_READ, &device) != KERN_SUCCESS) {
		device = MACH_PORT_NULL;
	}
	return device;
}

int32_t
proc_machine_log_end(uint32_t *endp, uint32_t *keptp)
{
	int status[DEV_GET_RECORDS_COUNT];
	mach_msg_type_number_t count = DEV_GET_RECORDS_COUNT;

	if (device_get_status(machine_log_device(), DEV_GET_RECORDS, status,
		&count) != KERN_SUCCESS) {
		return -L_ENOSYS;
	}
	*endp = (uint32_t)status[DEV_GET_RECORDS_DEVICE_RECORDS];
	*keptp = (uint32_t)status[DEV_GET_RECORDS_RECORD_SIZE];
	return 0;
}

int32_t
proc_machine_log(uint32_t from, char *buf, uint32_t size, uint32_t *nextp)
{
	uint32_t done = 0;
	uint32_t end;
	uint32_t kept;
	io_buf_ptr_t data;
	mach_msg_type_number_t n;
	int32_t error = proc_machine_log_end(&end, &kept);

	if (error != 0) {
		return error;
	}
	if ((uint32_t)(end - from) > kept) {
		from = end - kept;
	}
	if (size > end - from) {
		size = end - from;
	}
	while (
	    done < size && device_read(machine_log_device(), 0, from + done,
			       (int)(size - done), &data, &n) == KERN_SUCCESS) {
		memcpy(buf + done, data, n);
		vm_deallocate(mach_task_self(), (vm_address_t)data, n);
		done += n;
	}
	*nextp = from + done;
	return (int32_t)done;
}
