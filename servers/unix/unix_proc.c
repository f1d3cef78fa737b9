/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * /proc.  Nodes are made when they are looked up and go when nobody uses them;
 * KIND says what a node is, PID whose.  Texts are made when a file is opened.
 */
#include <servers/unix/unix_proc.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum proc_kind {
	PROC_ROOT, PROC_SELF, PROC_MOUNTS, PROC_UPTIME, PROC_MEMINFO,
	PROC_STAT, PROC_CMDLINE, PROC_VERSION, PROC_LOADAVG, PROC_CPUINFO,
	PROC_SERVERS, PROC_FILESYSTEMS, PROC_DEVICES, PROC_PARTITIONS, PROC_SWAPS,
	PROC_SYS, PROC_SYS_KERNEL, PROC_HOSTNAME, PROC_OSTYPE, PROC_OSRELEASE,
	PROC_PID, PROC_P_STAT, PROC_P_STATUS, PROC_P_CMDLINE, PROC_P_COMM,
	PROC_P_STATM, PROC_P_EXE, PROC_P_CWD, PROC_P_ROOT, PROC_P_FD,
	PROC_P_FD_LINK, PROC_P_ENVIRON, PROC_P_MAPS, PROC_P_MOUNTS
};

struct proc_name {
	const char	*name;
	int		dir;		/* kind of the directory it is in */
	int		kind;
	uint32_t	mode;
};

static const struct proc_name proc_names[] = {
	{ "self", PROC_ROOT, PROC_SELF, L_S_IFLNK | 0777 },
	{ "mounts", PROC_ROOT, PROC_MOUNTS, L_S_IFREG | 0444 },
	{ "uptime", PROC_ROOT, PROC_UPTIME, L_S_IFREG | 0444 },
	{ "meminfo", PROC_ROOT, PROC_MEMINFO, L_S_IFREG | 0444 },
	{ "stat", PROC_ROOT, PROC_STAT, L_S_IFREG | 0444 },
	{ "cmdline", PROC_ROOT, PROC_CMDLINE, L_S_IFREG | 0444 },
	{ "version", PROC_ROOT, PROC_VERSION, L_S_IFREG | 0444 },
	{ "loadavg", PROC_ROOT, PROC_LOADAVG, L_S_IFREG | 0444 },
	{ "cpuinfo", PROC_ROOT, PROC_CPUINFO, L_S_IFREG | 0444 },
	{ "servers", PROC_ROOT, PROC_SERVERS, L_S_IFREG | 0600 },
	{ "filesystems", PROC_ROOT, PROC_FILESYSTEMS, L_S_IFREG | 0444 },
	{ "devices", PROC_ROOT, PROC_DEVICES, L_S_IFREG | 0444 },
	{ "partitions", PROC_ROOT, PROC_PARTITIONS, L_S_IFREG | 0444 },
	{ "swaps", PROC_ROOT, PROC_SWAPS, L_S_IFREG | 0444 },
	{ "sys", PROC_ROOT, PROC_SYS, L_S_IFDIR | 0555 },
	{ "kernel", PROC_SYS, PROC_SYS_KERNEL, L_S_IFDIR | 0555 },
	{ "hostname", PROC_SYS_KERNEL, PROC_HOSTNAME, L_S_IFREG | 0644 },
	{ "ostype", PROC_SYS_KERNEL, PROC_OSTYPE, L_S_IFREG | 0444 },
	{ "osrelease", PROC_SYS_KERNEL, PROC_OSRELEASE, L_S_IFREG | 0444 },
	{ "stat", PROC_PID, PROC_P_STAT, L_S_IFREG | 0444 },
	{ "status", PROC_PID, PROC_P_STATUS, L_S_IFREG | 0444 },
	{ "cmdline", PROC_PID, PROC_P_CMDLINE, L_S_IFREG | 0444 },
	{ "comm", PROC_PID, PROC_P_COMM, L_S_IFREG | 0444 },
	{ "statm", PROC_PID, PROC_P_STATM, L_S_IFREG | 0444 },
	{ "exe", PROC_PID, PROC_P_EXE, L_S_IFLNK | 0777 },
	{ "cwd", PROC_PID, PROC_P_CWD, L_S_IFLNK | 0777 },
	{ "root", PROC_PID, PROC_P_ROOT, L_S_IFLNK | 0777 },
	{ "fd", PROC_PID, PROC_P_FD, L_S_IFDIR | 0555 },
	{ "environ", PROC_PID, PROC_P_ENVIRON, L_S_IFREG | 0400 },
	{ "maps", PROC_PID, PROC_P_MAPS, L_S_IFREG | 0444 },
	{ "mounts", PROC_PID, PROC_P_MOUNTS, L_S_IFREG | 0444 },
};

#define PROC_NAMES	(sizeof(proc_names) / sizeof(*proc_names))
#define PROC_COOKIE_PID	1000

static const struct node_ops proc_ops;
static const struct node_ops proc_fd_ops;

/* A growing text. */
struct proc_text {
	char		*data;
	uint32_t	size;
	uint32_t	room;
	bool		failed;
};

static void __attribute__((format(printf, 2, 3)))
proc_print(struct proc_text *text, const char *format, ...)
{
	va_list args;
	int n;
	char *data;

	for (;;) {
		va_start(args, format);
		n = vsnprintf(text->data != NULL ? text->data + text->size :
		    NULL, text->room - text->size, format, args);
		va_end(args);
		if (n < 0 || text->failed) {
			return;
		}
		if (text->size + (uint32_t)n < text->room) {
			text->size += (uint32_t)n;
			return;
		}
		data = realloc(text->data, text->room + (uint32_t)n + 512);
		if (data == NULL) {
			text->failed = true;
			return;
		}
		text->data = data;
		text->room += (uint32_t)n + 512;
	}
}

static struct node *
proc_node(struct node *dir, const char *name, int kind, int pid,
    uint32_t mode)
{
	struct node *n = node_create(dir->fs, mode, NULL);
	struct process *p;

	if (n == NULL) {
		return NULL;
	}
	n->ops = &proc_ops;
	n->kind = kind;
	n->pid = pid;
	n->ino = (uint64_t)(pid + 1) << 16 | (uint64_t)(kind + 1);
	n->nlink = (mode & L_S_IFMT) == L_S_IFDIR ? 2 : 1;
	if ((mode & L_S_IFMT) == L_S_IFDIR) {
		n->parent = dir;
		node_ref(dir);
		n->data = strdup(name);		/* for node_path */
	}
	p = pid != 0 ? process_lookup(pid) : NULL;
	if (p != NULL) {
		n->uid = p->cred.euid;
		n->gid = p->cred.egid;
	}
	return n;
}

static int
proc_number(const char *name)
{
	int n = 0;

	if (*name == '\0') {
		return -1;
	}
	for (; *name != '\0'; name++) {
		if (*name < '0' || *name > '9' || n > 1000000) {
			return -1;
		}
		n = n * 10 + (*name - '0');
	}
	return n;
}

static int32_t
proc_lookup(struct node *dir, const char *name, struct process *p,
    struct node **childp)
{
	struct process *who;
	int n = proc_number(name);
	struct node *child = NULL;

	for (unsigned i = 0; i < PROC_NAMES; i++) {
		if (proc_names[i].dir == dir->kind &&
		    strcmp(proc_names[i].name, name) == 0) {
			child = proc_node(dir, name, proc_names[i].kind, dir->pid,
			    proc_names[i].mode);
		}
	}
	if (dir->kind == PROC_ROOT && n > 0 && process_lookup(n) != NULL) {
		child = proc_node(dir, name, PROC_PID, n, L_S_IFDIR | 0555);
	}
	if (dir->kind == PROC_P_FD && n >= 0) {
		who = process_lookup(dir->pid);
		if (who != NULL && fd_lookup(who, (uint32_t)n) != NULL) {
			child = proc_node(dir, name, PROC_P_FD_LINK,
			    dir->pid, L_S_IFLNK | 0700);
			if (child != NULL) {
				child->rdev = (uint32_t)n;
				child->ops = &proc_fd_ops;
			}
		}
	}
	if (child == NULL) {
		return -L_ENOENT;
	}
	*childp = child;
	return 0;
}

static int
proc_list(struct node *dir, int64_t after, struct process *p,
    struct node_entry *entry)
{
	struct process *who;
	struct process *best = NULL;

	for (unsigned i = 0; i < PROC_NAMES; i++) {
		if (proc_names[i].dir != dir->kind || after >= (int64_t)i + 3) {
			continue;
		}
		strcpy(entry->name, proc_names[i].name);
		entry->ino = (uint64_t)(dir->pid + 1) << 16 |
		    (uint64_t)(proc_names[i].kind + 1);
		entry->type = node_type(proc_names[i].mode);
		entry->cookie = i + 3;
		return 1;
	}
	if (dir->kind == PROC_P_FD) {
		who = process_lookup(dir->pid);
		for (uint32_t fd = after < PROC_COOKIE_PID ? 0 :
		    (uint32_t)(after - PROC_COOKIE_PID + 1);
		    who != NULL && who->fds != NULL &&
		    fd < (uint32_t)who->fds->size; fd++) {
			if (fd_lookup(who, fd) == NULL) {
				continue;
			}
			snprintf(entry->name, sizeof(entry->name), "%u", fd);
			entry->ino = fd + 1;
			entry->type = L_DT_LNK;
			entry->cookie = PROC_COOKIE_PID + fd;
			return 1;
		}
	}
	if (dir->kind != PROC_ROOT) {
		return 0;
	}
	list_for_each(&process_table, who, table) {
		if (PROC_COOKIE_PID + who->pid > after &&
		    (best == NULL || who->pid < best->pid)) {
			best = who;
		}
	}
	if (best == NULL) {
		return 0;
	}
	snprintf(entry->name, sizeof(entry->name), "%d", best->pid);
	entry->ino = (uint64_t)(best->pid + 1) << 16 |
	    (uint64_t)(PROC_PID + 1);
	entry->type = L_DT_DIR;
	entry->cookie = PROC_COOKIE_PID + best->pid;
	return 1;
}

static char
proc_state(const struct process *p)
{
	struct uthread *t;

	if (p->state == PROCESS_ZOMBIE) {
		return 'Z';
	}
	if (p->state == PROCESS_STOPPED) {
		return 'T';
	}
	list_for_each(&p->threads, t, link) {
		if (!t->wait.sleeping) {
			return 'R';
		}
	}
	return 'S';
}

static unsigned
proc_ticks(uint64_t ns)
{
	return (unsigned)(ns / 10000000);
}

static void
proc_text_stat(struct process *p, struct proc_text *text)
{
	struct proc_usage usage;
	struct session *s = p->session;

	proc_machine_usage(p, &usage);
	proc_print(text, "%d (%s) %c %d %d %d %d %d 0 0 0 0 0 %u %u %u %u ",
	    p->pid, p->name, proc_state(p),
	    p->parent != NULL ? p->parent->pid : 0, p->pgid,
	    s != NULL ? s->sid : 0,
	    s != NULL && s->tty != NULL ? (int)tty_rdev(s->tty) : 0,
	    s != NULL && s->tty != NULL ? tty_foreground(s->tty) : -1,
	    proc_ticks(usage.user_ns), proc_ticks(usage.system_ns),
	    proc_ticks(p->child_cpu_ns[0]), proc_ticks(p->child_cpu_ns[1]));
	proc_print(text, "%d %d %d 0 %u %u %u 4294967295 134512640 ",
	    20 + p->nice, p->nice, p->nthreads > 0 ? p->nthreads : 1,
	    proc_ticks(p->start_ns), usage.virtual_bytes,
	    usage.resident_bytes / 4096);
	proc_print(text, "134512640 0 0 0 %u 0 0 0 0 0 0 %d 0 0 0 0 0 0 0 0 "
	    "0 0 0 0 0 0 0\n", (unsigned)p->pending.set, p->exit_signal);
}

static void
proc_text_status(struct process *p, struct proc_text *text)
{
	static const char *const states[] = { "R (running)", "S (sleeping)",
		"T (stopped)", "Z (zombie)" };
	struct proc_usage usage;
	sigset_bits_t ignored = 0;
	sigset_bits_t caught = 0;
	sigset_bits_t blocked = 0;
	struct uthread *t;
	char state = proc_state(p);

	proc_machine_usage(p, &usage);
	for (int n = 1; n <= L_SIGMAX; n++) {
		if (p->actions[n].handler == L_SIG_IGN) {
			ignored |= SIGBIT(n);
		} else if (p->actions[n].handler != L_SIG_DFL) {
			caught |= SIGBIT(n);
		}
	}
	list_for_each(&p->threads, t, link) {
		blocked = t->mask;
	}
	proc_print(text, "Name:\t%s\nUmask:\t%04o\nState:\t%s\nTgid:\t%d\n"
	    "Pid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", p->name, p->umask,
	    states[state == 'R' ? 0 : state == 'S' ? 1 : state == 'T' ? 2 : 3],
	    p->pid, p->pid, p->parent != NULL ? p->parent->pid : 0);
	proc_print(text, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n"
	    "FDSize:\t%d\nGroups:\t", p->cred.ruid, p->cred.euid, p->cred.suid,
	    p->cred.fsuid, p->cred.rgid, p->cred.egid, p->cred.sgid,
	    p->cred.fsgid, p->fds != NULL ? p->fds->size : 0);
	for (uint32_t i = 0; i < p->cred.ngroups; i++) {
		proc_print(text, "%u ", p->cred.groups[i]);
	}
	proc_print(text, "\nVmSize:\t%8u kB\nVmRSS:\t%8u kB\nThreads:\t%d\n",
	    usage.virtual_bytes / 1024, usage.resident_bytes / 1024,
	    p->nthreads);
	proc_print(text, "SigPnd:\t%016llx\nSigBlk:\t%016llx\n"
	    "SigIgn:\t%016llx\nSigCgt:\t%016llx\n",
	    (unsigned long long)p->pending.set, (unsigned long long)blocked,
	    (unsigned long long)ignored, (unsigned long long)caught);
}

static void
proc_text_mounts(struct proc_text *text)
{
	struct mount *m;

	list_for_each(&mount_list, m, link) {
		proc_print(text, "%s %s %s %s 0 0\n", m->source, m->where,
		    m->type, m->options);
	}
}

static void
proc_text_meminfo(struct proc_text *text)
{
	struct proc_memory m;

	proc_machine_memory(&m);
	proc_print(text, "MemTotal:       %8llu kB\nMemFree:        %8llu kB\n"
	    "MemAvailable:   %8llu kB\nBuffers:        %8u kB\n"
	    "Cached:         %8llu kB\nSwapCached:     %8u kB\n"
	    "Active:         %8llu kB\nInactive:       %8llu kB\n"
	    "SwapTotal:      %8u kB\nSwapFree:       %8u kB\n"
	    "Shmem:          %8u kB\nSReclaimable:   %8u kB\n",
	    (unsigned long long)m.total / 1024,
	    (unsigned long long)m.free / 1024,
	    (unsigned long long)(m.free + m.inactive) / 1024, 0,
	    (unsigned long long)m.inactive / 1024, 0,
	    (unsigned long long)m.active / 1024,
	    (unsigned long long)m.inactive / 1024, 0, 0, 0, 0);
}

static void
proc_text_system_stat(struct proc_text *text)
{
	unsigned up = proc_ticks(unix_now_ns());
	unsigned user = 0;
	unsigned system = 0;
	struct process *p;
	struct proc_usage usage;
	int64_t sec;
	uint32_t nsec;

	list_for_each(&process_table, p, table) {
		proc_machine_usage(p, &usage);
		user += proc_ticks(usage.user_ns);
		system += proc_ticks(usage.system_ns);
	}
	if (user + system > up) {
		up = user + system;
	}
	unix_time(&sec, &nsec);
	proc_print(text, "cpu  %u 0 %u %u 0 0 0 0 0 0\n"
	    "cpu0 %u 0 %u %u 0 0 0 0 0 0\nintr 0\nctxt 0\nbtime %lld\n"
	    "processes %d\nprocs_running 1\nprocs_blocked 0\n",
	    user, system, up - user - system, user, system,
	    up - user - system,
	    (long long)(sec - (int64_t)(unix_now_ns() / 1000000000)),
	    process_last_pid);
}

static void
proc_text_load(struct proc_text *text)
{
	unsigned load[3] = { 0, 0, 0 };

	(void)proc_machine_load(load);
	for (unsigned i = 0; i < 3; i++) {
		proc_print(text, "%u.%02u ", load[i] / 1000,
		    load[i] % 1000 / 10);
	}
}

static void
proc_text_cpuinfo(struct proc_text *text)
{
	struct proc_processor cpu;

	proc_machine_processor(&cpu);
	for (unsigned i = 0; i < cpu.count; i++) {
		proc_print(text, "processor\t: %u\nvendor_id\t: %s\n"
		    "cpu family\t: %u\nmodel\t\t: %u\nmodel name\t: %s\n"
		    "stepping\t: %u\n\n", i, cpu.vendor, cpu.family,
		    cpu.model, cpu.brand, cpu.stepping);
	}
}

static void
proc_text_servers(struct proc_text *text)
{
	char *servers = proc_machine_servers();

	proc_print(text, "%s", servers != NULL ? servers : "");
	free(servers);
}

/* "kill NAME" ends a server.  Only the superuser may open the file. */
static int32_t
proc_set_servers(const char *line, uint32_t length)
{
	static const char word[] = "kill ";
	char name[64];

	if (length <= sizeof(word) - 1 ||
	    length - (sizeof(word) - 1) >= sizeof(name) ||
	    memcmp(line, word, sizeof(word) - 1) != 0) {
		return -L_EINVAL;
	}
	length -= (uint32_t)sizeof(word) - 1;
	memcpy(name, line + sizeof(word) - 1, length);
	name[length] = '\0';
	return proc_machine_kill_server(name);
}

static void
proc_text_system(int kind, struct proc_text *text)
{
	uint64_t now = unix_now_ns();
	int running = 0;
	struct process *p;

	switch (kind) {
	case PROC_MOUNTS:
		proc_text_mounts(text);
		break;
	case PROC_UPTIME:
		proc_print(text, "%llu.%02u %llu.%02u\n",
		    (unsigned long long)(now / 1000000000),
		    (unsigned)(now / 10000000 % 100),
		    (unsigned long long)(now / 1000000000),
		    (unsigned)(now / 10000000 % 100));
		break;
	case PROC_MEMINFO:
		proc_text_meminfo(text);
		break;
	case PROC_STAT:
		proc_text_system_stat(text);
		break;
	case PROC_CMDLINE:
		proc_print(text, "%s\n", proc_kernel_arguments);
		break;
	case PROC_VERSION:
		proc_print(text, "Linux version %s (tartan) %s\n",
		    proc_uname.release, proc_uname.version);
		break;
	case PROC_LOADAVG:
		list_for_each(&process_table, p, table) {
			running += proc_state(p) == 'R' ? 1 : 0;
		}
		proc_text_load(text);
		proc_print(text, "%d/%d %d\n", running, process_count,
		    process_last_pid);
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
		proc_print(text, "major minor  #blocks  name\n\n");
		break;
	case PROC_SWAPS:
		proc_print(text, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\t"
		    "Priority\n");
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

static int32_t
proc_make_text(struct node *n, struct process *p, char **textp,
    uint32_t *sizep)
{
	struct proc_text text = { NULL, 0, 0, false };
	struct process *who = NULL;
	struct proc_usage usage;

	if (n->kind > PROC_PID) {
		who = process_lookup(n->pid);
		if (who == NULL) {
			return -L_ESRCH;
		}
	}
	proc_print(&text, "%s", "");
	switch (n->kind) {
	case PROC_P_STAT:
		proc_text_stat(who, &text);
		break;
	case PROC_P_STATUS:
		proc_text_status(who, &text);
		break;
	case PROC_P_COMM:
		proc_print(&text, "%s\n", who->name);
		break;
	case PROC_P_STATM:
		proc_machine_usage(who, &usage);
		proc_print(&text, "%u %u 0 0 0 0 0\n",
		    usage.virtual_bytes / 4096, usage.resident_bytes / 4096);
		break;
	case PROC_P_MOUNTS:
		proc_text_mounts(&text);
		break;
	case PROC_P_CMDLINE:
		for (uint32_t i = 0; i < who->cmdline_size &&
		    who->state != PROCESS_ZOMBIE; i++) {
			proc_print(&text, "%c", who->cmdline[i]);
		}
		break;
	case PROC_P_ENVIRON:
	case PROC_P_MAPS:
		break;
	default:
		proc_text_system(n->kind, &text);
		break;
	}
	if (text.failed) {
		free(text.data);
		return -L_ENOMEM;
	}
	*textp = text.data;
	*sizep = text.size;
	return 0;
}

static int32_t
proc_set_text(struct node *n, const char *text, uint32_t size)
{
	uint32_t length = size;
	int32_t error;

	while (length > 0 && text[length - 1] == '\n') {
		length--;
	}
	switch (n->kind) {
	case PROC_SERVERS:
		error = proc_set_servers(text, length);
		return error != 0 ? error : (int32_t)size;
	case PROC_HOSTNAME:
		if (length > 64) {
			length = 64;
		}
		memcpy(proc_uname.nodename, text, length);
		proc_uname.nodename[length] = '\0';
		return (int32_t)size;
	default:
		return -L_EACCES;
	}
}

/* What descriptor FD leads to, as far as it has a name. */
static void
proc_file_name(struct process *p, struct file *f, char *buf, uint32_t size)
{
	if (f->node != NULL && (f->node->mode & L_S_IFMT) == L_S_IFDIR &&
	    path_of_directory(p, f, buf, size) == 0) {
		return;
	}
	if (f->ops == &tty_file_ops) {
		snprintf(buf, size, "/dev/%s",
		    tty_rdev(f->object) >> 8 == 136 ? "pts" : "console");
	} else {
		snprintf(buf, size, "%s:[%u]", f->ops->name,
		    (unsigned)(uintptr_t)f >> 4);
	}
}

static int32_t
proc_target(struct node *n, struct process *p, char *buf, uint32_t size)
{
	struct process *who = process_lookup(n->pid);
	struct file *f;
	int32_t error = 0;

	if (n->kind == PROC_SELF) {
		snprintf(buf, size, "%d", p != NULL ? p->pid : 0);
		return (int32_t)strlen(buf);
	}
	if (who == NULL) {
		return -L_ENOENT;
	}
	switch (n->kind) {
	case PROC_P_EXE:
		if (who->exe == NULL) {
			return -L_ENOENT;
		}
		snprintf(buf, size, "%s", who->exe);
		break;
	case PROC_P_CWD:
	case PROC_P_ROOT:
		f = n->kind == PROC_P_CWD ? who->cwd : who->root;
		if (f == NULL) {
			return -L_ENOENT;
		}
		file_ref(f);
		error = path_of_directory(who, f, buf, size);
		file_unref(f);
		break;
	default:
		f = fd_lookup(who, n->rdev);
		if (f == NULL) {
			return -L_ENOENT;
		}
		proc_file_name(who, f, buf, size);
		break;
	}
	return error != 0 ? error : (int32_t)strlen(buf);
}

/* Opening /proc/PID/fd/N opens what the descriptor leads to once more. */
static int32_t
proc_open(struct node *n, struct process *p, uint32_t flags,
    struct file **filep)
{
	struct process *who = process_lookup(n->pid);
	struct file *f = who != NULL ? fd_lookup(who, n->rdev) : NULL;
	struct file *copy;
	uint32_t handle;
	uint32_t want = 0;
	int32_t error;

	if (f == NULL) {
		return -L_ENOENT;
	}
	if (f->ops == &tty_file_ops) {
		*filep = tty_open(f->object, p, flags);
		if (*filep == NULL) {
			return -L_ENOMEM;
		}
		(*filep)->node = f->node;
		if (f->node != NULL) {
			node_ref(f->node);
		}
		return 0;
	}
	if (f->node != NULL) {
		return node_open(f->node, p, flags, filep);
	}
	if (f->port == 0) {
		/* A pipe's end: the same description. */
		file_ref(f);
		*filep = f;
		return 0;
	}
	if ((flags & L_O_ACCMODE) != L_O_WRONLY) {
		want |= FILE_O_READ;
	}
	if ((flags & L_O_ACCMODE) != L_O_RDONLY) {
		want |= FILE_O_WRITE;
	}
	file_ref(f);
	error = remote_reopen(f->port, want, &handle);
	if (error != 0) {
		file_unref(f);
		return error;
	}
	copy = remote_file(handle, flags);
	if (copy == NULL) {
		file_unref(f);
		remote_release(handle);
		return -L_ENOMEM;
	}
	copy->dev = f->dev;
	copy->ino = f->ino;
	file_unref(f);
	*filep = copy;
	return 0;
}

static const struct node_ops proc_ops = {
	.lookup = proc_lookup,
	.list = proc_list,
	.text = proc_make_text,
	.set_text = proc_set_text,
	.target = proc_target,
};

static const struct node_ops proc_fd_ops = {
	.target = proc_target,
	.open = proc_open,
};

int32_t
proc_fill(struct mount *m)
{
	m->root->ops = &proc_ops;
	m->root->kind = PROC_ROOT;
	return 0;
}
