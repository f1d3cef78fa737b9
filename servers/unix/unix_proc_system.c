/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The texts of /proc about the whole system.
 */
#include <servers/unix/unix_proc_text.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROC_SERVERS_LINE	(FILE_PATH_MAX + 80)

static unsigned
proc_ticks(uint64_t ns)
{
	return (unsigned)(ns / 10000000);
}

void
proc_mounts_text(struct proc_text *text)
{
	struct mount *m;

	list_for_each(&mount_list, m, link) {
		proc_print(text, "%s %s %s %s 0 0\n", m->source, m->where,
		    m->type, m->options);
	}
}

void
proc_mountinfo_text(struct proc_text *text)
{
	struct mount *m;
	struct mount *root;

	root = list_entry(mount_list.next, struct mount, link);
	list_for_each(&mount_list, m, link) {
		proc_print(text, "%u %u %u:%u / %s %s - %s %s %s\n", m->id,
		    m == root ? 0 : root->id, m->dev >> 8, m->dev & 0xff,
		    m->where, m->options, m->type, m->source,
		    m->read_only ? "ro" : "rw");
	}
}

static void
proc_text_meminfo(struct proc_text *text)
{
	struct proc_memory m;
	uint64_t swap;
	uint64_t unused;

	proc_machine_paging(&swap, &unused);
	proc_machine_memory(&m);
	proc_print(text,
	    "MemTotal:       %8llu kB\nMemFree:        %8llu kB\n"
	    "MemAvailable:   %8llu kB\nBuffers:        %8u kB\n"
	    "Cached:         %8llu kB\nSwapCached:     %8u kB\n"
	    "Active:         %8llu kB\nInactive:       %8llu kB\n",
	    (unsigned long long)m.total / 1024,
	    (unsigned long long)m.free / 1024,
	    (unsigned long long)(m.free + m.cached) / 1024, 0,
	    (unsigned long long)m.cached / 1024, 0,
	    (unsigned long long)m.active / 1024,
	    (unsigned long long)m.inactive / 1024);
	proc_print(text,
	    "Unevictable:    %8llu kB\nSwapTotal:      %8llu kB\n"
	    "SwapFree:       %8llu kB\nShmem:          %8llu kB\n"
	    "Slab:           %8llu kB\n",
	    (unsigned long long)m.wired / 1024,
	    (unsigned long long)swap / 1024,
	    (unsigned long long)unused / 1024,
	    (unsigned long long)node_bytes_used() / 1024,
	    (unsigned long long)m.slab / 1024);
}

static void
proc_text_swaps(struct proc_text *text)
{
	struct proc_swap swaps[PROC_SWAPS_MAX];
	unsigned count = proc_machine_swaps(swaps);

	proc_print(text,
	    "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	for (unsigned i = 0; i < count; i++) {
		/* What would end a word, or the line, is not shown. */
		for (char *c = swaps[i].name; *c != '\0'; c++) {
			*c = *c > ' ' ? *c : '?';
		}
		proc_print(text, "%-39s file\t\t%llu\t\t%llu\t\t%d\n",
		    swaps[i].name, (unsigned long long)swaps[i].size / 1024,
		    (unsigned long long)swaps[i].used / 1024, -2 - (int)i);
	}
}

static void
proc_text_vmstat(struct proc_text *text)
{
	struct proc_memory m;
	unsigned long long unit;

	proc_machine_memory(&m);
	proc_print(text,
	    "nr_free_pages %llu\nnr_active %llu\n"
	    "nr_inactive %llu\nnr_unevictable %llu\n",
	    (unsigned long long)m.free / 4096,
	    (unsigned long long)m.active / 4096,
	    (unsigned long long)m.inactive / 4096,
	    (unsigned long long)m.wired / 4096);
	/* In KiB, and in pages of 4 KiB. */
	unit = m.page_bytes / 1024;
	proc_print(text,
	    "pgpgin %llu\npgpgout %llu\npswpin %llu\npswpout %llu\n"
	    "pgfault %u\npgmajfault %u\n", m.pageins * unit,
	    m.pageouts * unit, m.swapins * unit / 4, m.swapouts * unit / 4,
	    m.faults, m.pageins);
	/* What Linux has no names for. */
	proc_print(text,
	    "mach_zero_fill %u\nmach_copy_on_write %u\n"
	    "mach_reactivate %u\nmach_object_lookup %u\n"
	    "mach_object_hit %u\n", m.zero_fills, m.cow_faults,
	    m.reactivations, m.lookups, m.hits);
}

static int
proc_count_running(void)
{
	struct process *p;
	int running = 0;

	list_for_each(&process_table, p, table) {
		running += proc_process_state(p) == 'R' ? 1 : 0;
	}
	return running;
}

static void
proc_text_stat(struct proc_text *text)
{
	struct proc_cpu all;
	struct proc_cpu cpu;
	unsigned count;
	int64_t sec;
	uint32_t nsec;

	memset(&all, 0, sizeof(all));
	for (count = 0; proc_machine_cpu(count, &cpu); count++) {
		all.user += cpu.user;
		all.system += cpu.system;
		all.idle += cpu.idle;
		all.switches += cpu.switches;
		all.interrupts += cpu.interrupts;
	}
	proc_print(text, "cpu  %llu 0 %llu %llu 0 0 0 0 0 0\n",
	    (unsigned long long)all.user, (unsigned long long)all.system,
	    (unsigned long long)all.idle);
	for (unsigned i = 0; i < count && proc_machine_cpu(i, &cpu); i++) {
		proc_print(text, "cpu%u %llu 0 %llu %llu 0 0 0 0 0 0\n", i,
		    (unsigned long long)cpu.user,
		    (unsigned long long)cpu.system,
		    (unsigned long long)cpu.idle);
	}
	unix_time(&sec, &nsec);
	proc_print(text,
	    "intr %llu\nctxt %llu\nbtime %lld\nprocesses %u\n"
	    "procs_running %d\nprocs_blocked 0\n",
	    (unsigned long long)all.interrupts,
	    (unsigned long long)all.switches,
	    (long long)(sec - (int64_t)(unix_now_ns() / 1000000000)),
	    process_made, proc_count_running());
}

static void
proc_text_uptime(struct proc_text *text)
{
	uint64_t now = proc_ticks(unix_now_ns());
	uint64_t idle = 0;
	struct proc_cpu cpu;

	for (unsigned i = 0; proc_machine_cpu(i, &cpu); i++) {
		idle += cpu.idle;
	}
	proc_print(text, "%llu.%02u %llu.%02u\n",
	    (unsigned long long)(now / 100), (unsigned)(now % 100),
	    (unsigned long long)(idle / 100), (unsigned)(idle % 100));
}

static void
proc_text_load(struct proc_text *text)
{
	unsigned load[3] = { 0, 0, 0 };

	(void)proc_machine_load(load);
	for (unsigned i = 0; i < 3; i++) {
		proc_print(
		    text, "%u.%02u ", load[i] / 1000, load[i] % 1000 / 10);
	}
}

static void
proc_text_cpuinfo(struct proc_text *text)
{
	/* Of CPUID 1, %edx; those without a name are reserved. */
	static const char *const flags[32] = { "fpu", "vme", "de", "pse", "tsc",
		"msr", "pae", "mce", "cx8", "apic", NULL, "sep", "mtrr", "pge",
		"mca", "cmov", "pat", "pse36", "pn", "clflush", NULL, "dts",
		"acpi", "mmx", "fxsr", "sse", "sse2", "ss", "ht", "tm", "ia64",
		"pbe" };
	struct proc_processor cpu;

	proc_machine_processor(&cpu);
	for (unsigned i = 0; i < cpu.count; i++) {
		proc_print(text,
		    "processor\t: %u\nvendor_id\t: %s\n"
		    "cpu family\t: %u\nmodel\t\t: %u\nmodel name\t: %s\n"
		    "stepping\t: %u\nflags\t\t:",
		    i, cpu.vendor, cpu.family, cpu.model, cpu.brand,
		    cpu.stepping);
		for (unsigned bit = 0; bit < 32; bit++) {
			if ((cpu.features & 1u << bit) != 0 &&
			    flags[bit] != NULL) {
				proc_print(text, " %s", flags[bit]);
			}
		}
		proc_print(text, "\n\n");
	}
}

static void
proc_text_partitions(struct proc_text *text)
{
	struct proc_disk disk;

	proc_print(text, "major minor  #blocks  name\n\n");
	for (unsigned i = 0; i < PROC_DISKS; i++) {
		if (proc_machine_disk(i, &disk)) {
			proc_print(text, "%4u  %7u %10llu %s\n", disk.major,
			    disk.minor, (unsigned long long)disk.bytes / 1024,
			    disk.name);
		}
	}
}

/* The file server's disk; merged requests and times are counted by nobody. */
static void
proc_text_diskstats(struct proc_text *text)
{
	struct file_disk_stats stats;
	struct proc_disk disk;

	if (remote_disk_stats(&stats) != 0) {
		return;
	}
	for (unsigned i = 0; i < PROC_DISKS; i++) {
		if (proc_machine_disk(i, &disk) &&
		    strcmp(disk.name, stats.name) == 0) {
			proc_print(text, "%4u %7u %s %u 0 %u 0 %u 0 %u 0 "
			    "0 0 0\n", disk.major, disk.minor, disk.name,
			    stats.reads, stats.sectors_read, stats.writes,
			    stats.sectors_written);
		}
	}
}

static void
proc_text_servers(struct proc_text *text)
{
	char *servers = proc_machine_servers();

	proc_print(text, "%s", servers != NULL ? servers : "");
	free(servers);
}

/*
 * "kill NAME" ends a server, which is started again; "start NAME FILE" starts
 * one from a program that P may execute; "stop NAME" ends such a one for good.
 * Only the superuser may open the file.
 */
static int32_t
proc_set_servers(struct process *p, const char *text, uint32_t length)
{
	char line[PROC_SERVERS_LINE + 1];
	char *word[4];
	char *rest;
	unsigned n = 0;

	if (length > PROC_SERVERS_LINE) {
		return -L_EINVAL;
	}
	memcpy(line, text, length);
	line[length] = '\0';
	word[0] = strtok_r(line, " \t", &rest);
	while (word[n] != NULL && n < 3) {
		n++;
		word[n] = strtok_r(NULL, " \t", &rest);
	}
	if (n == 2 && strcmp(word[0], "kill") == 0) {
		return proc_machine_kill_server(word[1]);
	}
	if (n == 2 && strcmp(word[0], "stop") == 0) {
		return proc_machine_stop_server(word[1]);
	}
	if (n == 3 && word[3] == NULL && strcmp(word[0], "start") == 0 &&
	    p != NULL) {
		return proc_machine_start_server(p, word[1], word[2]);
	}
	return -L_EINVAL;
}

static void
proc_text_cmdline(struct proc_text *text)
{
	char *words = proc_machine_arguments();

	proc_print(text, "%s\n", words != NULL ? words : "");
	free(words);
}

void
proc_system_text(int kind, struct proc_text *text)
{
	switch (kind) {
	case PROC_MOUNTS:
		proc_mounts_text(text);
		break;
	case PROC_UPTIME:
		proc_text_uptime(text);
		break;
	case PROC_MEMINFO:
		proc_text_meminfo(text);
		break;
	case PROC_STAT:
		proc_text_stat(text);
		break;
	case PROC_CMDLINE:
		proc_text_cmdline(text);
		break;
	case PROC_VERSION:
		proc_print(text, "Linux version %s (tartan) %s\n",
		    proc_uname.release, proc_uname.version);
		break;
	case PROC_LOADAVG:
		proc_text_load(text);
		proc_print(text, "%d/%d %d\n", proc_count_running(),
		    process_count, process_last_pid);
		break;
	case PROC_CPUINFO:
		proc_text_cpuinfo(text);
		break;
	case PROC_SERVERS:
		proc_text_servers(text);
		break;
	case PROC_FILESYSTEMS:
		proc_print(text, "nodev\tproc\nnodev\ttmpfs\n"
				 "nodev\tdevtmpfs\n\text2\n");
		break;
	case PROC_DEVICES:
		proc_print(text, "Character devices:\n  1 mem\n  4 ttyS\n"
				 "  5 /dev/tty\n136 pts\n\nBlock devices:\n");
		break;
	case PROC_PARTITIONS:
		proc_text_partitions(text);
		break;
	case PROC_SWAPS:
		proc_text_swaps(text);
		break;
	case PROC_VMSTAT:
		proc_text_vmstat(text);
		break;
	case PROC_DISKSTATS:
		proc_text_diskstats(text);
		break;
	case PROC_PID_MAX:
		proc_print(text, "%d\n", UNIX_PID_MAX);
		break;
	case PROC_NGROUPS_MAX:
		proc_print(text, "%d\n", UNIX_GROUPS_MAX);
		break;
	case PROC_SYS_VERSION:
		proc_print(text, "%s\n", proc_uname.version);
		break;
	case PROC_HOSTNAME:
		proc_print(text, "%s\n", proc_uname.nodename);
		break;
	case PROC_OSTYPE:
		proc_print(text, "%s\n", proc_uname.sysname);
		break;
	case PROC_OSRELEASE:
		proc_print(text, "%s\n", proc_uname.release);
		break;
	default:
		break;
	}
}

int32_t
proc_system_set(int kind, struct process *p, const char *text, uint32_t length)
{
	switch (kind) {
	case PROC_SERVERS:
		return proc_set_servers(p, text, length);
	case PROC_HOSTNAME:
		if (length > 64) {
			length = 64;
		}
		memcpy(proc_uname.nodename, text, length);
		proc_uname.nodename[length] = '\0';
		return 0;
	default:
		return -L_EACCES;
	}
}
