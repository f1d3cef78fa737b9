/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The default pager: keeps the pages of memory that nobody else pages, in
 * files.
 *
 *	pager [PATH [MEGABYTES]]
 */
#include <servers/pager/pager.h>

#include <stdlib.h>
#include <string.h>

#include <mig/gnumach_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/tartan_user.h>

#include <servers/errors.h>
#include <servers/lib/boot.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>

#define PAGER_DEFAULT_PATH	"/var/paging"
#define PAGER_DEFAULT_MIB	64u
#define PAGER_MAX_MIB		4095u
/* What a page-in may ask for; the file server sends no more at a time. */
#define PAGER_CLUSTER_MAX	(64u << 10)

SERVER_DEMUX(memory_object);
SERVER_DEMUX(memory_object_default);
SERVER_DEMUX(default_pager);
SERVER_DEMUX(pager);

/* What the kernel has for its default manager, and what everybody finds. */
static const struct object_class pager_manager_class = { .name = "manager" };
static const struct object_class pager_service_class = { .name = "pager" };
static struct object pager_manager;
static struct object pager_service;

bool
pager_is_manager(mach_port_t port)
{
	return object_lookup(port, &pager_manager_class) != NULL;
}

bool
pager_is_service(mach_port_t port)
{
	return object_lookup(port, &pager_service_class) != NULL;
}

bool
pager_is_privileged(mach_port_t port)
{
	mach_port_t host_priv;
	mach_port_t master;

	/* Rights of one port have one name. */
	return MACH_PORT_VALID(port) &&
	    boot_privileged_ports(&host_priv, &master) == KERN_SUCCESS &&
	    (port == host_priv || port == master);
}

/* Become the default memory manager. */
static kern_return_t
pager_take_over(void)
{
	mach_port_t right = object_right(&pager_manager);
	mach_port_t host_priv;
	mach_port_t master;
	kern_return_t kr;

	kr = boot_privileged_ports(&host_priv, &master);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = vm_set_default_memory_manager(host_priv, &right);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (MACH_PORT_VALID(right)) {
		mach_port_deallocate(mach_task_self(), right);
	}
	return vm_set_default_pager_cluster(host_priv,
	    PAGER_CLUSTER_MAX / vm_page_size * vm_page_size);
}

static unsigned
pager_megabytes(const char *text)
{
	char *end;
	unsigned long mib = strtoul(text, &end, 10);

	if (*end != '\0' || mib == 0 || mib > PAGER_MAX_MIB) {
		log_error("%s: not a size in MiB from 1 to %u", text,
		    PAGER_MAX_MIB);
		return PAGER_DEFAULT_MIB;
	}
	return (unsigned)mib;
}

/* The first paging file. */
static kern_return_t
pager_open(const char *path, unsigned megabytes)
{
	struct paging_source source = { .handle = MACH_PORT_NULL };
	kern_return_t kr = UNIX_ENAMETOOLONG;

	if (strlen(path) < sizeof(source.name)) {
		(void)strcpy(source.name, path);
		kr = paging_source_make(&source, (uint64_t)megabytes << 20);
	}
	if (kr != KERN_SUCCESS) {
		log_error("%s: %s", path, log_error_text(kr));
		return kr;
	}
	paging_file_add(&source);
	return KERN_SUCCESS;
}

int
main(int argc, char **argv)
{
	static const server_demux_fn_t demux[] = {
		memory_object_server, memory_object_default_server,
		default_pager_server, pager_server, NULL,
	};
	/* One thread: see pager.h. */
	static const struct server_options options = {
		.demux = demux, .threads_max = 1,
		.between = paging_change_step,
	};
	const char *path = argc > 1 ? argv[1] : PAGER_DEFAULT_PATH;
	unsigned mib = argc > 2 ? pager_megabytes(argv[2]) : PAGER_DEFAULT_MIB;
	kern_return_t kr;

	server_setup(&options);
	kr = pager_open(path, mib);
	if (kr != KERN_SUCCESS) {
		boot_done("no paging file");
	}
	kr = object_create_service(&pager_manager, &pager_manager_class);
	if (kr == KERN_SUCCESS) {
		kr = object_create_service(&pager_service,
		    &pager_service_class);
	}
	if (kr == KERN_SUCCESS) {
		kr = paging_change_setup();
	}
	if (kr == KERN_SUCCESS) {
		kr = pager_take_over();
	}
	if (kr != KERN_SUCCESS) {
		log_error("default memory manager: %s", log_error_text(kr));
		exit(1);
	}
	boot_ready(&pager_service, NULL);
	server_loop();
}
