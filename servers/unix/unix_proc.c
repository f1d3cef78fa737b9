/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * /proc.  Nodes are made when they are looked up and go when nobody uses them;
 * KIND says what a node is, PID whose.  Texts are made when a file is opened,
 * and when it is read if there are many (unix_node.c).
 */
#include <servers/unix/unix_proc_text.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	{ "diskstats", PROC_ROOT, PROC_DISKSTATS, L_S_IFREG | 0444 },
	{ "vmstat", PROC_ROOT, PROC_VMSTAT, L_S_IFREG | 0444 },
	{ "vmtree", PROC_ROOT, PROC_VMTREE, L_S_IFDIR | 0500 },
	{ "sys", PROC_ROOT, PROC_SYS, L_S_IFDIR | 0555 },
	{ "kernel", PROC_SYS, PROC_SYS_KERNEL, L_S_IFDIR | 0555 },
	{ "hostname", PROC_SYS_KERNEL, PROC_HOSTNAME, L_S_IFREG | 0644 },
	{ "ostype", PROC_SYS_KERNEL, PROC_OSTYPE, L_S_IFREG | 0444 },
	{ "osrelease", PROC_SYS_KERNEL, PROC_OSRELEASE, L_S_IFREG | 0444 },
	{ "version", PROC_SYS_KERNEL, PROC_SYS_VERSION, L_S_IFREG | 0444 },
	{ "pid_max", PROC_SYS_KERNEL, PROC_PID_MAX, L_S_IFREG | 0444 },
	{ "ngroups_max", PROC_SYS_KERNEL, PROC_NGROUPS_MAX, L_S_IFREG | 0444 },
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
	{ "maps", PROC_PID, PROC_P_MAPS, L_S_IFREG | 0400 },
	{ "mounts", PROC_PID, PROC_P_MOUNTS, L_S_IFREG | 0444 },
	{ "mountinfo", PROC_PID, PROC_P_MOUNTINFO, L_S_IFREG | 0444 },
	{ "limits", PROC_PID, PROC_P_LIMITS, L_S_IFREG | 0444 },
	{ "vmtree", PROC_PID, PROC_P_VMTREE, L_S_IFREG | 0400 },
	{ "task", PROC_PID, PROC_P_TASK, L_S_IFDIR | 0555 },
	{ "stat", PROC_TID, PROC_T_STAT, L_S_IFREG | 0444 },
	{ "status", PROC_TID, PROC_T_STATUS, L_S_IFREG | 0444 },
	{ "comm", PROC_TID, PROC_T_COMM, L_S_IFREG | 0444 },
};

#define PROC_NAMES	(sizeof(proc_names) / sizeof(*proc_names))
#define PROC_COOKIE_PID	1000

static const struct node_ops proc_ops;
static const struct node_ops proc_fd_ops;

void
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

void
proc_append(struct proc_text *text, const char *data, uint32_t n)
{
	char *grown;

	if (text->size + n + 1 > text->room) {
		grown = realloc(text->data, text->size + n + 512);
		if (grown == NULL) {
			text->failed = true;
			return;
		}
		text->data = grown;
		text->room = text->size + n + 512;
	}
	memcpy(text->data + text->size, data, n);
	text->size += n;
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

/* Is TASK, by number, the first of Mach's with its name, which is in NAME? */
static bool
proc_task_is_first(unsigned task, const char *name)
{
	char other[FILE_NAME_MAX];

	for (unsigned i = 0; i < task; i++) {
		if (proc_machine_task_name(i, other, sizeof(other)) == 0 &&
		    strcmp(other, name) == 0) {
			return false;
		}
	}
	return true;
}

/* /proc/vmtree/NAME, of the first task of Mach that is called so. */
static int32_t
proc_lookup_task(struct node *dir, const char *name, struct node **childp)
{
	char other[FILE_NAME_MAX];
	struct node *child;
	unsigned i = 0;

	do {
		if (proc_machine_task_name(i++, other, sizeof(other)) != 0) {
			return -L_ENOENT;
		}
	} while (strcmp(other, name) != 0);
	child = proc_node(dir, name, PROC_VMTREE_TASK, 0, L_S_IFREG | 0400);
	if (child == NULL) {
		return -L_ENOMEM;
	}
	child->ino += (uint64_t)i << 32;
	child->data = strdup(name);
	if (child->data == NULL) {
		node_unref(child);
		return -L_ENOMEM;
	}
	*childp = child;
	return 0;
}

static int
proc_list_tasks(int64_t after, struct node_entry *entry)
{
	unsigned i = after < PROC_COOKIE_PID ? 0 :
	    (unsigned)(after - PROC_COOKIE_PID + 1);

	for (; proc_machine_task_name(i, entry->name, sizeof(entry->name)) ==
	    0; i++) {
		if (entry->name[0] == '\0' || strchr(entry->name, '/') != NULL ||
		    !proc_task_is_first(i, entry->name)) {
			continue;
		}
		entry->ino = (uint64_t)(PROC_VMTREE_TASK + 1) |
		    (uint64_t)(i + 1) << 32;
		entry->type = L_DT_REG;
		entry->cookie = PROC_COOKIE_PID + i;
		return 1;
	}
	return 0;
}

static int32_t
proc_lookup(struct node *dir, const char *name, struct process *p,
    struct node **childp)
{
	struct process *who;
	struct uthread *t;
	int n = proc_number(name);
	struct node *child = NULL;

	if (dir->kind == PROC_VMTREE) {
		return proc_lookup_task(dir, name, childp);
	}
	for (unsigned i = 0; i < PROC_NAMES; i++) {
		if (proc_names[i].dir == dir->kind &&
		    strcmp(proc_names[i].name, name) == 0) {
			child = proc_node(dir, name, proc_names[i].kind, dir->pid,
			    proc_names[i].mode);
		}
	}
	if (child != NULL && dir->kind == PROC_TID) {
		child->rdev = dir->rdev;
		child->ino += (uint64_t)dir->rdev << 32;
	}
	if (dir->kind == PROC_P_TASK && n > 0) {
		t = uthread_lookup(n);
		if (t != NULL && t->process->pid == dir->pid) {
			child = proc_node(
			    dir, name, PROC_TID, dir->pid, L_S_IFDIR | 0555);
		}
		if (child != NULL) {
			child->rdev = (uint32_t)n;
			child->ino += (uint64_t)n << 32;
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

/* By number, as threads come and go between two calls. */
static int
proc_list_threads(struct node *dir, int64_t after, struct node_entry *entry)
{
	struct process *who = process_lookup(dir->pid);
	struct uthread *best = NULL;
	struct uthread *t;

	if (who == NULL) {
		return 0;
	}
	list_for_each(&who->threads, t, link) {
		if (PROC_COOKIE_PID + t->tid > after &&
		    (best == NULL || t->tid < best->tid)) {
			best = t;
		}
	}
	if (best == NULL) {
		return 0;
	}
	snprintf(entry->name, sizeof(entry->name), "%d", best->tid);
	entry->ino = (uint64_t)best->tid << 32;
	entry->type = L_DT_DIR;
	entry->cookie = PROC_COOKIE_PID + best->tid;
	return 1;
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
	if (dir->kind == PROC_P_TASK) {
		return proc_list_threads(dir, after, entry);
	}
	if (dir->kind == PROC_VMTREE) {
		return proc_list_tasks(after, entry);
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

static int32_t
proc_make_text(struct node *n, struct process *p, char **textp,
    uint32_t *sizep)
{
	struct proc_text text = { .by = p };
	struct process *who;

	proc_print(&text, "%s", "");
	if (n->kind > PROC_PID) {
		who = process_lookup(n->pid);
		if (who == NULL) {
			free(text.data);
			return -L_ESRCH;
		}
		/* It may be read long after it was opened. */
		if ((n->mode & 0044) == 0 && who->cred.euid != n->uid) {
			free(text.data);
			return -L_EACCES;
		}
		process_ref(who);
		proc_process_text(n->kind, who, (int)n->rdev, &text);
		process_unref(who);
	} else if (n->kind == PROC_VMTREE_TASK) {
		proc_machine_vmtree_named(n->data, &text);
	} else {
		proc_system_text(n->kind, &text);
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
proc_set_text(
    struct node *n, struct process *p, const char *text, uint32_t size)
{
	uint32_t length = size;
	int32_t error;

	while (length > 0 && text[length - 1] == '\n') {
		length--;
	}
	error = proc_system_set(n->kind, p, text, length);
	return error != 0 ? error : (int32_t)size;
}

/* What descriptor F of P leads to, as far as it has a name. */
void
proc_file_name(struct process *p, struct file *f, char *buf, uint32_t size)
{
	if (f->ops == &tty_file_ops && f->node == NULL) {
		snprintf(buf, size, "/dev/console");
		return;
	}
	if (f->node != NULL && f->node->name != NULL) {
		snprintf(buf, size, "/memfd:%s (deleted)", f->node->name);
		return;
	}
	if ((f->node != NULL || f->port != 0) &&
	    path_of_directory(p, f, buf, size) == 0) {
		return;
	}
		snprintf(buf, size, "%s:[%u]", f->ops->name,
		    (unsigned)(uintptr_t)f >> 4);
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
		f = who->image.file;
		if (f == NULL) {
			return -L_ENOENT;
		}
		file_ref(f);
		proc_file_name(who, f, buf, size);
		file_unref(f);
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
		file_ref(f);
		proc_file_name(who, f, buf, size);
		file_unref(f);
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
