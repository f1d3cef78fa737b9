/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * In place of unix_task.c, unix_remote.c, servers/lib and the library.
 */
#include "unix_pretend.h"

#include <mach/kern_return.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>
#include <servers/unix/unix_memory.h>
#include <servers/unix/unix_proc.h>
#include <servers/unix/unix_system.h>
#include <servers/unix/unix_task.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pretend_counts pretend;
struct pretend_symbols pretend_symbols;
struct emul_header task_emul;
uint32_t task_page_mask = 4095;

static uint32_t pretend_last_task = 100;
void (*pretend_meanwhile)(struct process *p);

void
task_stop(struct process *p)
{
	pretend.stops++;
}

void
task_continue(struct process *p)
{
	pretend.continues++;
}

void
task_tell_name(const struct process *p)
{
}

kern_return_t
task_tell_symbols(mach_port_t task, const char *name, const char *data,
    uint32_t size)
{
	struct pretend_symbols *s = &pretend_symbols;

	s->calls++;
	s->task = task;
	free(s->data);
	s->data = NULL;
	s->size = size;
	if (size != 0 && s->answer == 0) {
		s->data = malloc(size);
		memcpy(s->data, data, size);
	}
	return s->answer;
}

void
task_set_nice(struct process *p)
{
	pretend.last_nice = p->nice;
}

void
task_kill(struct process *p)
{
	pretend.kills++;
	p->task = 0;
}

void
uthread_kick(struct uthread *t)
{
	pretend.kicks++;
	thread_wake(t);
}

void
uthread_kill(struct uthread *t)
{
}

kern_return_t
task_make(struct process *p, struct process *by, mach_port_t from)
{
	if (pretend_meanwhile != NULL) {
		pretend_meanwhile(p);
	}
	p->task = ++pretend_last_task;
	return KERN_SUCCESS;
}

kern_return_t
task_make_sharing(struct process *p, struct process *by, mach_port_t from)
{
	pretend.shared++;
	return task_make(p, by, from);
}

kern_return_t
uthread_make(struct uthread *t, uint32_t tls_low, uint32_t tls_high)
{
	return KERN_SUCCESS;
}

kern_return_t
uthread_make_forked(struct uthread *t, const struct uthread *from,
    uint32_t tls_low, uint32_t tls_high)
{
	return KERN_SUCCESS;
}

kern_return_t
uthread_start(struct uthread *t, uint32_t eip, uint32_t esp, uint32_t eax,
    uint32_t gs)
{
	return KERN_SUCCESS;
}

void
uthread_set_frame(struct uthread *t, const unix_frame_t *frame)
{
}

bool pretend_no_threads;

bool
server_wait_begin(void)
{
	return !pretend_no_threads;
}

void
server_wait_end(void)
{
}

uint32_t pretend_word;

bool
memory_swap_word(uint32_t task, uint32_t address, uint32_t *old,
    uint32_t value)
{
	return false;
}

/* All the memory that pretend tasks have is one word. */
kern_return_t
task_read(mach_port_t task, uint32_t address, void *to, uint32_t n)
{
	if (address != (uintptr_t)&pretend_word || n != 4) {
		return KERN_INVALID_ADDRESS;
	}
	memcpy(to, (const void *)(uintptr_t)address, n);
	return KERN_SUCCESS;
}

kern_return_t
task_read_for(struct process *by, mach_port_t task, uint32_t address, void *to,
    uint32_t n)
{
	return task_read(task, address, to, n);
}

bool
task_access_begin(struct task_access *access, struct process *by,
    mach_port_t task)
{
	access->task = task;
	return true;
}

void
task_access_end(struct task_access *access)
{
}

uint32_t
uthread_robust(const struct uthread *t)
{
	return t->robust;
}

bool
task_mourn(struct process *p, void (*function)(mach_port_t task,
    void *argument), void *argument)
{
	return false;
}

bool
task_is_lent(const struct process *p, uint32_t address)
{
	return false;
}

/* Whether all memory is shared, and of one object. */
bool pretend_shared;

bool
task_shared_word(mach_port_t task, uint32_t address, struct futex_key *key)
{
	if (address < 4096) {
		return false;
	}
	if (pretend_shared) {
		key->space = 1;
		key->offset = address & 4095;
		key->shared = true;
	}
	return true;
}

void
proc_machine_usage(struct process *p, struct proc_usage *usage)
{
	memset(usage, 0, sizeof(*usage));
	usage->user_ns = pretend.cpu_ns[0];
	usage->system_ns = pretend.cpu_ns[1];
}

void
proc_machine_thread_usage(struct uthread *t, struct proc_usage *usage)
{
	proc_machine_usage(t->process, usage);
}

bool
proc_machine_thread(struct uthread *t, struct proc_thread *thread)
{
	return false;
}

bool
proc_machine_read(struct process *by, struct process *p, uint32_t address,
    void *to, uint32_t n)
{
	static const char text[] = "program\0argument";

	if (address >= sizeof(text) || n > sizeof(text) - address) {
		return false;
	}
	memcpy(to, text + address, n);
	return true;
}

uint32_t
proc_machine_heap_end(struct process *by, struct process *p)
{
	return 0x1000;
}

bool
proc_machine_region(
    struct process *p, uint32_t address, struct proc_region *region)
{
	static const struct proc_region regions[] = {
		{ .start = 0x400,
		    .end = 0x800,
		    .readable = true,
		    .offset = 0x200,
		    .dev = 0x801,
		    .ino = 12,
		    .path = "/bin/it" },
		{ .start = 0x800,
		    .end = 0x1000,
		    .readable = true,
		    .writable = true },
	};

	for (unsigned i = 0; i < 2; i++) {
		if (address < regions[i].end) {
			*region = regions[i];
			return true;
		}
	}
	return false;
}

bool
proc_machine_disk(unsigned number, struct proc_disk *disk)
{
	static const struct proc_disk only = { "hd1", 3, 64, 8 << 20 };

	*disk = only;
	return number == 1;
}

bool
proc_machine_cpu(unsigned number, struct proc_cpu *cpu)
{
	static const struct proc_cpu each = { 1, 2, 3, 4, 5 };

	*cpu = each;
	return number < 2;
}

char *
proc_machine_arguments(void)
{
	return strdup("console=com0");
}

static const char pretend_log[] = "one\nserver: error: 2\n";

#define PRETEND_LOG_END	(100 + sizeof(pretend_log) - 1)

int32_t
proc_machine_log_end(uint32_t *endp, uint32_t *keptp)
{
	*endp = PRETEND_LOG_END;
	*keptp = sizeof(pretend_log) - 1;
	return 0;
}

int32_t
proc_machine_log(uint32_t from, char *buf, uint32_t size, uint32_t *nextp)
{
	if (size > PRETEND_LOG_END - from) {
		size = PRETEND_LOG_END - from;
	}
	memcpy(buf, pretend_log + (from - 100), size);
	*nextp = from + size;
	return (int32_t)size;
}

void
proc_machine_processor(struct proc_processor *processor)
{
	memset(processor, 0, sizeof(*processor));
	processor->count = 2;
}

bool
proc_machine_load(unsigned thousandths[3])
{
	return false;
}

char *
proc_machine_servers(void)
{
	return strdup("name ready 1\n");
}

int32_t
proc_machine_kill_server(const char *name)
{
	return strcmp(name, "name") == 0 ? 0 : -L_ESRCH;
}

int32_t
proc_machine_stop_server(const char *name)
{
	return strcmp(name, "extra") == 0 ? 0 : -L_ESRCH;
}

int32_t
proc_machine_start_server(struct process *p, const char *name, const char *path)
{
	return strcmp(path, "/program") == 0 ? 0 : -L_ENOENT;
}

int32_t
memory_sync(struct process *p, uint32_t address, uint32_t size, bool write)
{
	return 0;
}

/* One such object at a time is enough. */
static char pretend_memory[1 << 20];

uint32_t
memory_create(uint32_t size)
{
	memset(pretend_memory, 0, sizeof(pretend_memory));
	return 7;
}

void
memory_release(uint32_t memory)
{
	pretend.released++;
}

char *
memory_window(uint32_t memory, uint32_t size)
{
	return size <= sizeof(pretend_memory) ? pretend_memory : NULL;
}

void
memory_window_drop(char *window, uint32_t size)
{
}

uint32_t
memory_right(uint32_t memory, uint32_t size, bool write)
{
	return memory + 1;
}

unsigned
proc_machine_swaps(struct proc_swap *swaps)
{
	(void)strcpy(swaps[0].name, "/a file");
	swaps[0].size = 4 << 20;
	swaps[0].used = 1 << 20;
	return 1;
}

void
proc_machine_paging(uint64_t *total, uint64_t *unused)
{
	*total = 4 << 20;
	*unused = 3 << 20;
}

int32_t
remote_read(uint32_t port, char *buf, uint32_t n, int64_t offset)
{
	return -L_EIO;
}

int32_t
proc_machine_swap(struct uthread *t, uint32_t handle, const char *name,
    bool add)
{
	return add ? 0 : -L_EINVAL;
}

int32_t
proc_machine_task_name(unsigned number, char *name, uint32_t size)
{
	static const char *const names[] = { "kernel", "file", "a/b", "file" };

	if (number >= sizeof(names) / sizeof(*names)) {
		return -L_ENOENT;
	}
	snprintf(name, size, "%s", names[number]);
	return 0;
}

void
proc_machine_vmtree(struct process *p, struct proc_text *text)
{
	proc_print(text, "%s\n", p->name);
}

void
proc_machine_vmtree_named(const char *name, struct proc_text *text)
{
	proc_print(text, "named %s\n", name);
}

void
proc_machine_memory(struct proc_memory *memory)
{
	memset(memory, 0, sizeof(*memory));
	memory->total = 64 << 20;
}

int32_t
system_set_time(int64_t sec, uint32_t nsec)
{
	return 0;
}

int32_t
system_end(uint32_t how)
{
	return -L_EIO;
}

void
log_info(const char *format, ...)
{
}

void
log_error(const char *format, ...)
{
}

/*
 * There is no file server: nothing has a port, so nobody comes here.
 */

const struct file_ops remote_file_ops = { .name = "none" };

#define NOBODY(result, name, ...) \
	result name(__VA_ARGS__) { abort(); }

int32_t remote_sync_all(void) { return 0; }

int32_t
remote_disk_stats(struct file_disk_stats *stats)
{
	*stats = (struct file_disk_stats) { "hd1", 1, 2, 3, 4 };
	return 0;
}

void remote_keep(uint32_t port) { }
void remote_release(uint32_t port) { }
NOBODY(int32_t, remote_lookup, uint32_t dir, const char *path, uint32_t flags,
    uint32_t mode, uint32_t *handle, struct file_lookup *result, char *rest)
NOBODY(int32_t, remote_stat, uint32_t port, struct file_stat *st)
NOBODY(int32_t, remote_set_attr, uint32_t port, const struct file_attr *attr)
NOBODY(int32_t, remote_statfs, uint32_t port, struct file_statfs *st)
NOBODY(int32_t, remote_sync, uint32_t port, bool data_only)
NOBODY(int32_t, remote_set_flags, uint32_t port, uint32_t flags)
NOBODY(int32_t, remote_reopen, uint32_t port, uint32_t flags, uint32_t *handle)
NOBODY(int32_t, remote_dir_path, uint32_t port, char *buf, uint32_t size)
NOBODY(int32_t, remote_set_root, uint32_t port, uint32_t *handle)
NOBODY(int32_t, remote_reauth, uint32_t port, const struct cred *cred,
    uint32_t *handle)
NOBODY(int32_t, remote_mount, uint32_t port, uint32_t id)
NOBODY(int32_t, remote_unmount, uint32_t id)
NOBODY(int32_t, remote_op_read_link, uint32_t dir, const char *path, char *buf)
NOBODY(int32_t, remote_op_mkdir, uint32_t dir, const char *path, uint32_t mode)
NOBODY(int32_t, remote_op_rmdir, uint32_t dir, const char *path)
NOBODY(int32_t, remote_op_unlink, uint32_t dir, const char *path)
NOBODY(int32_t, remote_op_mknod, uint32_t dir, const char *path, uint32_t mode,
    uint32_t rdev)
NOBODY(int32_t, remote_op_symlink, uint32_t dir, const char *path,
    const char *target)
NOBODY(int32_t, remote_op_link, uint32_t from, const char *path, uint32_t to,
    const char *to_path, uint32_t flags)
NOBODY(int32_t, remote_op_rename, uint32_t from, const char *path, uint32_t to,
    const char *to_path, uint32_t flags)

struct file *
remote_file(uint32_t handle, uint32_t flags)
{
	return NULL;
}

/*
 * The world.
 */

static void
pretend_end(struct process *p)
{
	process_exit(p, 0);
}

struct uthread *
pretend_setup(void)
{
	static bool locked;
	struct process *p;
	struct process *next;
	struct mount *m;
	struct mount *m_next;
	struct uthread *t;

	sleep_max = 1024;
	pretend_no_threads = false;
	if (!locked) {
		unix_lock();
	}
	locked = true;
	/* Children before parents. */
	list_for_each_safe(&process_table, p, next, table) {
		if (p != process_init) {
			pretend_end(p);
		}
	}
	while (process_init != NULL && !list_empty(&process_init->children)) {
		process_reap(process_init, list_entry(
		    process_init->children.next, struct process, sibling));
	}
	if (process_init != NULL) {
		p = process_init;
		pretend_end(p);
		process_ref(p);
		process_reap(p, p);
		process_unref(p);
	}
	list_for_each_safe(&mount_list, m, m_next, link)
		mount_destroy(m);
	memset(&pretend, 0, sizeof(pretend));
	process_last_pid = 0;
	p = process_create(NULL);
	m = mount_create("tmpfs", "none", "/", "rw");
	m->root = node_create(m, L_S_IFDIR | 0755, NULL);
	m->root->nlink = 2;
	if (node_open(m->root, NULL, L_O_PATH, &p->root) != 0) {
		abort();
	}
	p->cwd = p->root;
	file_ref(p->cwd);
	p->fds = fd_table_create();
	process_setsid(p);
	task_make(p, NULL, 0);
	p->state = PROCESS_LIVE;
	t = uthread_create(p, p->pid);
	return t;
}

struct uthread *
pretend_fork(struct uthread *t)
{
	unix_frame_t frame;
	int32_t pid;

	memset(&frame, 0, sizeof(frame));
	pid = call_fork(t, L_SIGCHLD, &frame, 0);
	if (pid <= 0) {
		return NULL;
	}
	return uthread_lookup(pid);
}

/* The library's part of a call: see emul_rpc.c. */
int32_t
pretend_call(struct uthread *t, int number, ...)
{
	static const struct unix_call_desc descs[UNIX_CALL_END] = {
#define ENTRY(n, name, ...) [n] = { #name, { __VA_ARGS__ } },
		UNIX_CALLS(ENTRY)
#undef ENTRY
	};
	const struct unix_call_desc *d = &descs[number];
	char in[UNIX_DATA_MAX];
	char out[UNIX_DATA_MAX];
	uint32_t a[6];
	uint32_t sizes[6] = { 0 };
	uint32_t used = 0;
	uint32_t out_size = sizeof(out);
	uint32_t events;
	int32_t result;
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++) {
		a[i] = va_arg(args, uint32_t);
	}
	va_end(args);
	for (int i = 0; i < 6; i++) {
		unsigned kind = UNIX_ARG_KIND(d->args[i]);

		sizes[i] = UNIX_ARG_SIZE(d->args[i]);
		if (kind >= UNIX_ARG_INV) {
			sizes[i] *= a[UNIX_ARG_COUNT(d->args[i])];
		}
		if (kind == UNIX_ARG_PATH && a[i] != 0) {
			sizes[i] = (uint32_t)strlen((char *)a[i]) + 1;
		}
		if (kind == UNIX_ARG_NONE || kind == UNIX_ARG_OUT ||
		    kind == UNIX_ARG_OUTV || a[i] == 0) {
			continue;
		}
		memcpy(in + used, (void *)a[i], sizes[i]);
		used += (sizes[i] + 3) & ~3u;
	}
	uthread_ref(t);
	result = call_dispatch(t, number, a, in, used, out, &out_size,
	    &events);
	uthread_unref(t);
	used = 0;
	for (int i = 0; i < 6 && used < out_size; i++) {
		unsigned kind = UNIX_ARG_KIND(d->args[i]);

		if ((kind != UNIX_ARG_OUT && kind != UNIX_ARG_OUTV &&
		    kind != UNIX_ARG_INOUT && kind != UNIX_ARG_INOUTV) ||
		    a[i] == 0) {
			continue;
		}
		if (sizes[i] > out_size - used) {
			sizes[i] = out_size - used;
		}
		memcpy((void *)a[i], out + used, sizes[i]);
		used += (sizes[i] + 3) & ~3u;
	}
	return result;
}

static uint32_t
pretend_output(struct tty *tty, const char *buf, uint32_t n)
{
	struct pretend_tty *p = tty_data(tty);

	if (n > p->room) {
		n = p->room;
	}
	if (n > sizeof(p->shown) - p->length) {
		n = sizeof(p->shown) - p->length;
	}
	memcpy(p->shown + p->length, buf, n);
	p->length += n;
	return n;
}

static void
pretend_input_ready(struct tty *tty)
{
	struct pretend_tty *p = tty_data(tty);

	p->input_ready++;
}

void
pretend_tty_setup(struct pretend_tty *p)
{
	static const struct tty_driver driver = {
		.output = pretend_output,
		.input_ready = pretend_input_ready,
		.unused = tty_destroy,
	};

	memset(p, 0, sizeof(*p));
	p->room = ~0u;
	p->tty = tty_create(&driver, p, 5 << 8 | 1);
}

void
pretend_type(struct pretend_tty *p, const char *text)
{
	tty_input(p->tty, text, (uint32_t)strlen(text));
}

bool
pretend_shows(struct pretend_tty *p, const char *text)
{
	bool same = p->length == strlen(text) &&
	    memcmp(p->shown, text, p->length) == 0;

	if (!same) {
		printf("shown: \"%.*s\"\n", (int)p->length, p->shown);
	}
	p->length = 0;
	return same;
}
