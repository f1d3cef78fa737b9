/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Start: file systems, terminal, then process 1.
 */
#include <servers/unix/unix_call.h>
#include <servers/unix/unix_exec.h>
#include <servers/unix/unix_proc.h>
#include <servers/unix/unix_remote.h>
#include <servers/unix/unix_symbols.h>
#include <servers/unix/unix_system.h>
#include <servers/unix/unix_task.h>

#include <mach/host_info.h>
#include <servers/bootstrap_types.h>
#include <servers/lib/boot.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mig/bootstrap_user.h>
#include <mig/file_control_user.h>
#include <mig/mach_host_user.h>
#include <mig/mach_user.h>

/* Of threads for requests: those that do not sleep, and what each has. */
#define MAIN_THREADS	128u
#define MAIN_STACK	49152u		/* exec and path names take 19 KiB */
#define MAIN_MESSAGE	(UNIX_DATA_MAX + 1024u)
#define MAIN_THREAD	16384u		/* what the kernel has for it, about */

#define MAIN_SLEEPS_MIN	128
#define MAIN_SLEEPS_MAX	8192

SERVER_DEMUX(unix);
SERVER_DEMUX(exc);

static struct object main_service;
static const struct object_class main_class = { .name = "unix" };

int32_t
system_set_time(int64_t sec, uint32_t nsec)
{
	mach_port_t host_priv;
	mach_port_t master;
	time_value_t value = { (integer_t)sec, (integer_t)(nsec / 1000) };
	kern_return_t kr;

	kr = boot_privileged_ports(&host_priv, &master);
	if (kr == KERN_SUCCESS) {
		kr = host_set_time(host_priv, value);
	}
	return kr == KERN_SUCCESS ? 0 : -L_EPERM;
}

int32_t
system_end(uint32_t how)
{
	int value = how == L_REBOOT_RESTART ? BOOTSTRAP_REBOOT :
	    how == L_REBOOT_HALT ? BOOTSTRAP_HALT : BOOTSTRAP_POWER_OFF;
	kern_return_t kr;

	remote_sync_all();
	unix_unlock();
	kr = bootstrap_shutdown(boot_port(), value);
	unix_lock();
	log_error("shutdown: %s", log_error_text(kr));
	return -L_EIO;
}

/* What every mount's text shows is as a user would have typed it. */
static void
main_mount(const char *source, const char *where, const char *type)
{
	int32_t error = mount_add(process_init, source, where, type, 0);

	if (error != 0) {
		log_error("mount %s on %s: error %d", type, where, -error);
	}
}

/* A root in memory: nothing is on it but where to mount things. */
static struct file *
main_memory_root(void)
{
	static const char *const names[] = { "bin", "dev", "etc", "proc",
		"root", "sbin", "tmp" };
	struct mount *m = mount_create("tmpfs", "none", "/", "rw");
	struct file *f;

	m->root = node_create(m, L_S_IFDIR | 0755, NULL);
	m->root->nlink = 2;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		node_make(m->root, names[i], L_S_IFDIR | 0755, 0, NULL, NULL);
	}
	if (node_open(m->root, NULL, L_O_PATH, &f) != 0) {
		panic("no memory for a root");
	}
	return f;
}

/* The file server's root directory, if there is a file server. */
static struct file *
main_disk_root(void)
{
	struct cred root;
	uint32_t handle;
	kern_return_t kr;

	memset(&root, 0, sizeof(root));
	kr = boot_request("file-control", &remote_control);
	if (kr != KERN_SUCCESS) {
		log_error("no file server (%s): the root is in memory",
		    log_error_text(kr));
		return NULL;
	}
	if (remote_root(&root, &handle) != 0) {
		log_error("the file server has no root: it is in memory");
		remote_control = MACH_PORT_NULL;
		return NULL;
	}
	mount_create("ext2", "/dev/root", "/", "rw,relatime");
	return remote_file(handle, L_O_PATH);
}

/* Process 1, without a program yet. */
static struct uthread *
main_first_process(void)
{
	struct process *p = process_create(NULL);
	struct uthread *t;
	struct file *root = main_disk_root();

	if (root == NULL) {
		root = main_memory_root();
	}
	p->root = root;
	p->cwd = root;
	file_ref(root);
	p->fds = fd_table_create();
	process_setsid(p);
	t = uthread_create(p, p->pid);
	if (t == NULL || task_make(p, NULL, MACH_PORT_NULL) != KERN_SUCCESS ||
	    uthread_make(t, 0, 0) != KERN_SUCCESS) {
		panic("no first process");
	}
	return t;
}

static void
main_open_console(struct process *p)
{
	struct place place;
	struct file *f = NULL;

	if (dev_console == NULL) {
		return;
	}
	if (path_walk(p, L_AT_FDCWD, "/dev/console", 0, 0, 0, &place) != 0 ||
	    place.node == NULL || node_open(place.node, NULL,
	    L_O_RDWR | L_O_NOCTTY, &f) != 0) {
		f = tty_open(dev_console, p, L_O_RDWR | L_O_NOCTTY);
	}
	place_release(&place);
	if (f == NULL) {
		return;
	}
	for (int i = 0; i < 2; i++) {
		file_ref(f);
		fd_insert(p, f, 0, false);
	}
	fd_insert(p, f, 0, false);
}

static int32_t
main_exec(struct uthread *t, const char *path, const char *name)
{
	static const char environment[] =
	    "HOME=/\0TERM=vt100\0PATH=/sbin:/usr/sbin:/bin:/usr/bin";
	struct exec_request r;
	size_t n = strlen(name) + 1;
	int32_t error;

	memset(&r, 0, sizeof(r));
	r.dirfd = L_AT_FDCWD;
	r.path = path;
	r.argc = 1;
	r.envc = 3;
	r.size = (uint32_t)(n + sizeof(environment));
	r.strings = malloc(r.size);
	if (r.strings == NULL) {
		return -L_ENOMEM;
	}
	memcpy(r.strings, name, n);
	memcpy(r.strings + n, environment, sizeof(environment));
	error = exec_program(t, &r);
	free(r.strings);
	return error;
}

/* init=PATH on the kernel's command line comes before the usual places. */
static void
main_start_init(struct uthread *t)
{
	static const char *const usual[] = { "/sbin/init", "/bin/init",
		"/bin/sh" };
	char *option = boot_option("init");
	int32_t error = -1;

	if (option != NULL) {
		error = main_exec(t, option, option);
		if (error != 0) {
			log_error("init=%s: error %d", option, -error);
		}
	}
	for (unsigned i = 0; i < 3 && error != 0; i++) {
		error = main_exec(t, usual[i], usual[i]);
		if (error != 0) {
			log_error("cannot run %s: error %d", usual[i],
			    -error);
		}
	}
	if (error != 0) {
		log_error("there is no program to run; the system stays up "
		    "for its other servers");
	}
	free(option);
}

static void
main_stop(void)
{
	unix_lock();
	remote_sync_all();
	unix_unlock();
}

static void
main_start_system(void *argument)
{
	struct uthread *t;

	unix_lock();
	t = main_first_process();
	main_mount("devtmpfs", "/dev", "devtmpfs");
	main_mount("proc", "/proc", "proc");
	main_open_console(t->process);
	main_start_init(t);
	unix_unlock();
}

/* Those that sleep may have a quarter of memory: theirs is wired. */
static int
main_sleep_max(void)
{
	struct host_basic_info info;
	mach_msg_type_number_t count = HOST_BASIC_INFO_COUNT;
	uint32_t n = 0;

	if (host_info(mach_host_self_, HOST_BASIC_INFO, (host_info_t)&info,
	    &count) == KERN_SUCCESS) {
		n = (uint32_t)info.memory_size / 4 / (MAIN_STACK + 2 *
		    MAIN_MESSAGE + MAIN_THREAD);
	}
	return n < MAIN_SLEEPS_MIN ? MAIN_SLEEPS_MIN :
	    n < MAIN_SLEEPS_MAX ? (int)n : MAIN_SLEEPS_MAX;
}

int
main(int argc, char **argv)
{
	static const server_demux_fn_t demux[] = { unix_server, exc_server,
		NULL };
	struct server_options options = {
		.demux = demux,
		.threads_max = MAIN_THREADS,
		.message_max = MAIN_MESSAGE,
		.stack_size = MAIN_STACK,
	};
	mach_port_t master;
	kern_return_t kr;

	/* Programs that eat all memory must not take this server along. */
	(void)boot_privileged_ports(&options.reserve_host, &master);
	server_setup(&options);
	sleep_max = main_sleep_max();
	call_trace = boot_option("unix-trace") != NULL;
	symbols_wanted = boot_option("kdb") != NULL;
	task_setup();
	dev_console = console_setup();
	kr = object_create_service(&main_service, &main_class);
	if (kr != KERN_SUCCESS) {
		panic("no service port: %s", log_error_text(kr));
	}
	boot_ready(&main_service, main_stop);
	server_start_thread(call_alarm_thread, NULL, 0);
	server_start_thread(names_main, NULL, 0);
	server_start_thread(main_start_system, NULL, 262144);
	server_loop();
}
