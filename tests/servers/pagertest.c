/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A client of the default pager, started by bootstrap behind it: calls every
 * routine of default_pager.defs.  Prints "pagertest: PASS", or what failed and
 * "pagertest: FAIL".
 */
#include <servers/bootstrap_types.h>
#include <servers/errors.h>
#include <servers/file_types.h>

#include <mach/default_pager_types.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>
#include <mach/vm_sync.h>
#include <servers/lib/boot.h>
#include <servers/lib/log.h>
#include <servers/lib/lookup.h>
#include <servers/lib/mach.h>
#include <servers/lib/server.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mig/default_pager_user.h>
#include <mig/dir_user.h>
#include <mig/file_control_user.h>
#include <mig/file_user.h>
#include <mig/gnumach_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_host_user.h>
#include <mig/mach_user.h>
#include <mig/pager_user.h>
#include <mig/tartan_user.h>

#include <tests/servers/check.h>

#define PAGES		64u
#define FILE_PAGES	512u

static mach_port_t host;
static mach_port_t master;
static mach_port_t service;	/* the port that everybody finds */
static mach_port_t manager;	/* the kernel's */

static vm_size_t
total_pages(void)
{
	default_pager_info_t info = { 0 };

	CHECK_OK(default_pager_info(service, &info));
	CHECK(info.dpi_page_size == vm_page_size);
	CHECK(info.dpi_free_space <= info.dpi_total_space);
	return info.dpi_total_space / vm_page_size;
}

static vm_size_t
free_pages(void)
{
	default_pager_info_t info = { 0 };

	CHECK_OK(default_pager_info(manager, &info));
	return info.dpi_free_space / vm_page_size;
}

/* Paging space as it was: the kernel tells later what it needs no more. */
static void
wait_free(vm_size_t pages)
{
	for (int i = 0; i < 600 && free_pages() != pages; i++) {
		usleep(100000);
	}
	CHECK(free_pages() == pages);
}

static mach_port_t
create(uint32_t pages)
{
	mach_port_t object = MACH_PORT_NULL;

	CHECK_OK(default_pager_object_create(service, &object,
	    pages * vm_page_size));
	CHECK(MACH_PORT_VALID(object));
	return object;
}

static uint32_t *
map(mach_port_t object, uint32_t pages)
{
	vm_address_t at = 0;

	CHECK_OK(vm_map(mach_task_self(), &at, pages * vm_page_size, 0, TRUE,
	    object, 0, FALSE, VM_PROT_READ | VM_PROT_WRITE, VM_PROT_ALL,
	    VM_INHERIT_NONE));
	return (uint32_t *)at;
}

static void
unmap(uint32_t *at, uint32_t pages)
{
	CHECK_OK(vm_deallocate(mach_task_self(), (vm_address_t)at,
	    pages * vm_page_size));
}

static void
drop(mach_port_t port)
{
	CHECK_OK(mach_port_deallocate(mach_task_self(), port));
}

static uint32_t *
word(uint32_t *at, uint32_t page)
{
	return at + page * vm_page_size / sizeof(*at);
}

/* Contents outlive mappings, but not the last right. */
static void
test_object(void)
{
	vm_size_t before = free_pages();
	mach_port_t object = create(PAGES);
	uint32_t *at = map(object, PAGES);

	CHECK(free_pages() == before - PAGES);
	for (uint32_t page = 0; page < PAGES; page++) {
		CHECK(*word(at, page) == 0);
		*word(at, page) = page + 1;
	}
	/* Only some of it the second time. */
	for (int round = 0; round < 3; round++) {
		unmap(at, PAGES);
		at = map(object, PAGES);
		for (uint32_t page = round; page < PAGES; page += round + 1) {
			CHECK(*word(at, page) == page + 1);
		}
	}
	unmap(at, PAGES);
	drop(object);
	wait_free(before);
}

/* A mapping keeps it, too; and two mappings are the same memory. */
static void
test_mapping(void)
{
	vm_size_t before = free_pages();
	mach_port_t object = create(PAGES);
	uint32_t *at = map(object, PAGES);
	uint32_t *other = map(object, PAGES);

	drop(object);
	*word(at, 5) = 55;
	CHECK(*word(other, 5) == 55);
	unmap(at, PAGES);
	CHECK(*word(other, 5) == 55 && *word(other, 6) == 0);
	unmap(other, PAGES);
	wait_free(before);
}

/* What clients may have is bounded, and comes back. */
static void
test_bounds(void)
{
	vm_size_t before = free_pages();
	vm_size_t total = total_pages();
	mach_port_t objects[64];
	mach_port_t object;
	unsigned count = 0;

	CHECK_KR(default_pager_object_create(service, &object, 0),
	    KERN_INVALID_ARGUMENT);
	CHECK_KR(default_pager_object_create(service, &object, ~0u),
	    KERN_INVALID_ARGUMENT);
	CHECK_KR(default_pager_object_create(service, &object,
	    (total / 4 + 1) * vm_page_size), KERN_NO_SPACE);
	while (count < 64 && default_pager_object_create(service,
	    &objects[count], 8 * vm_page_size) == KERN_SUCCESS) {
		count++;
	}
	CHECK(count == total / 4 / 8);
	for (unsigned i = 0; i < count; i++) {
		drop(objects[i]);
	}
	wait_free(before);
	drop(create(8));
	wait_free(before);
}

/* The name of what is mapped at AT. */
static mach_port_t
name_of(uint32_t *at)
{
	vm_address_t address = (vm_address_t)at;
	mach_port_t name = MACH_PORT_NULL;
	vm_inherit_t inheritance;
	vm_offset_t offset;
	boolean_t shared;
	vm_prot_t prot;
	vm_prot_t max;
	vm_size_t size;

	CHECK_OK(vm_region(mach_task_self(), &address, &size, &prot, &max,
	    &inheritance, &shared, &name, &offset));
	CHECK(MACH_PORT_VALID(name));
	return name;
}

/* Are two pages of the object NAME stored, of which FIRST is the first? */
static bool
two_are_stored(mach_port_t name, uint32_t first)
{
	default_pager_page_t room[PAGES];
	default_pager_page_array_t pages = room;
	mach_msg_type_number_t count = PAGES;
	kern_return_t kr;
	bool stored;

	kr = default_pager_object_pages(manager, name, &pages, &count);
	CHECK(kr == KERN_SUCCESS);
	if (kr != KERN_SUCCESS) {
		return false;
	}
	stored = count == 2 && pages[0].dpp_offset == first * vm_page_size;
	if (pages != room) {
		vm_deallocate(mach_task_self(), (vm_address_t)pages,
		    count * sizeof(*pages));
	}
	return stored;
}

/*
 * Map OBJECT so that its pages 7 and 9, and no others, are stored: its name.  The
 * pager may still be about to store them, and nothing comes to it while somebody
 * holds on to what is not mapped any more.
 */
static mach_port_t
map_stored(mach_port_t object, uint32_t **atp)
{
	for (unsigned i = 0; i < 600; i++) {
		uint32_t *at = map(object, PAGES);
		mach_port_t name = name_of(at);

		CHECK(*word(at, 9) == 1);
		if (two_are_stored(name, 7)) {
			*atp = at;
			return name;
		}
		drop(name);
		unmap(at, PAGES);
		usleep(100000);
	}
	CHECK(!"stored");
	*atp = map(object, PAGES);
	return name_of(*atp);
}

static void
test_lists(void)
{
	default_pager_object_array_t objects = NULL;
	mach_msg_type_number_t count = 0;
	mach_port_array_t ports = NULL;
	mach_msg_type_number_t port_count = 0;
	mach_port_t object = create(PAGES);
	uint32_t *at = map(object, PAGES);
	mach_port_t name;
	bool found = false;

	*word(at, 7) = 1;
	*word(at, 9) = 1;
	unmap(at, PAGES);
	name = map_stored(object, &at);
	CHECK_KR(default_pager_object_pages(service, name, NULL, &count),
	    KERN_NO_ACCESS);
	CHECK_KR(default_pager_objects(service, &objects, &count, &ports,
	    &port_count), KERN_NO_ACCESS);
	count = 0;
	port_count = 0;
	CHECK_OK(default_pager_objects(manager, &objects, &count, &ports,
	    &port_count));
	CHECK(count >= 1 && count == port_count);
	for (unsigned i = 0; i < count && i < port_count; i++) {
		if (ports[i] == name) {
			found = true;
			CHECK(objects[i].dpo_size == 2 * vm_page_size);
		}
		if (MACH_PORT_VALID(ports[i])) {
			mach_port_deallocate(mach_task_self(), ports[i]);
		}
	}
	CHECK(found);
	drop(name);
	unmap(at, PAGES);
	drop(object);
}

/* A new file of the superuser. */
static mach_port_t
open_file(const char *path)
{
	mach_msg_type_number_t rest_count = FILE_PATH_MAX;
	mach_port_t file = MACH_PORT_NULL;
	file_lookup_t result;
	file_path_t rest;
	mach_port_t control;
	mach_port_t root;

	CHECK_OK(boot_request("file-control", &control));
	CHECK_OK(file_control_root(control, 0, 0, NULL, 0, 0, &root));
	CHECK_OK(dir_lookup(root, path, strlen(path), FILE_O_READ |
	    FILE_O_WRITE | FILE_O_CREAT, 0600, &file, &result, rest,
	    &rest_count));
	drop(root);
	drop(control);
	return file;
}

/* One with all its blocks. */
static void
make_file(const char *path)
{
	static char zeros[16 * 4096];
	mach_port_t file = open_file(path);
	uint32_t done;

	for (uint32_t at = 0; at < FILE_PAGES * 4096; at += sizeof(zeros)) {
		CHECK_OK(file_write_ool(file, at, 0, (vm_offset_t)zeros,
		    sizeof(zeros), &done));
		CHECK(done == sizeof(zeros));
	}
	drop(file);
}

static kern_return_t
change(mach_port_t privilege, const char *path, boolean_t add)
{
	default_pager_filename_t name = "";

	(void)snprintf(name, sizeof(name), "%s", path);
	return default_pager_paging_file(service, privilege, name, add);
}

static void
test_files(void)
{
	uint32_t file_pages = FILE_PAGES * 4096 / vm_page_size - 1;
	vm_size_t total = total_pages();
	default_pager_filename_t name;
	mach_port_t object;
	uint64_t size;
	uint64_t used;
	uint32_t *at;

	make_file("/more");
	CHECK_KR(change(mach_task_self(), "/more", TRUE), KERN_NO_ACCESS);
	CHECK_KR(change(MACH_PORT_NULL, "/more", TRUE), KERN_NO_ACCESS);
	CHECK_KR(change(manager, "/paging", FALSE), KERN_NO_ACCESS);
	CHECK_KR(change(master, "/none", TRUE), UNIX_ENOENT);
	CHECK_KR(change(master, "/", TRUE), UNIX_EISDIR);
	CHECK_KR(change(master, "/more", FALSE), UNIX_EINVAL);
	CHECK(total_pages() == total);
	CHECK_OK(change(master, "/more", TRUE));
	CHECK_KR(change(host, "/more", TRUE), UNIX_EBUSY);
	CHECK(total_pages() == total + file_pages);
	CHECK_OK(pager_file(manager, 1, name, &size, &used));
	CHECK(strcmp(name, "/more") == 0 && used == 0 &&
	    size == (uint64_t)file_pages * vm_page_size);
	CHECK_KR(pager_file(manager, 2, name, &size, &used),
	    KERN_INVALID_ARGUMENT);
	CHECK_KR(pager_file(service, 0, name, &size, &used), KERN_NO_ACCESS);
	/* What is in the first file moves to the other, and back. */
	object = create(PAGES);
	at = map(object, PAGES);
	for (uint32_t page = 0; page < PAGES; page++) {
		*word(at, page) = page * page;
	}
	unmap(at, PAGES);
	CHECK_OK(change(master, "/paging", FALSE));
	CHECK(total_pages() == file_pages);
	CHECK_OK(pager_file(manager, 0, name, &size, &used));
	CHECK(strcmp(name, "/more") == 0 && used >= PAGES * vm_page_size);
	at = map(object, PAGES);
	for (uint32_t page = 0; page < PAGES; page++) {
		CHECK(*word(at, page) == page * page);
	}
	/* There is no other: it stays, and so does all in it. */
	CHECK_KR(change(host, "/more", FALSE), UNIX_ENOMEM);
	CHECK(total_pages() == file_pages);
	unmap(at, PAGES);
	at = map(object, PAGES);
	CHECK(*word(at, 8) == 64);
	unmap(at, PAGES);
	drop(object);
}

/* The task of the server NAME. */
static mach_port_t
task_named(const char *name)
{
	mach_port_t found = MACH_PORT_NULL;
	mach_msg_type_number_t count = 0;
	kernel_debug_name_t text;
	task_array_t tasks = NULL;
	mach_port_t pset_name;
	mach_port_t pset;

	CHECK_OK(processor_set_default(host, &pset_name));
	CHECK_OK(host_processor_set_priv(host, pset_name, &pset));
	CHECK_OK(processor_set_tasks(pset, &tasks, &count));
	for (unsigned i = 0; i < count; i++) {
		if (found == MACH_PORT_NULL &&
		    task_get_name(tasks[i], text) == KERN_SUCCESS &&
		    strcmp(text, name) == 0) {
			found = tasks[i];
		} else {
			drop(tasks[i]);
		}
	}
	(void)vm_deallocate(mach_task_self(), (vm_address_t)tasks,
	    count * sizeof(*tasks));
	drop(pset);
	drop(pset_name);
	return found;
}

/* A file of one page. */
static mach_port_t
make_page(const char *path)
{
	static char page[4096];
	mach_port_t file = open_file(path);
	uint32_t done;

	CHECK_OK(file_write(file, 0, 0, page, sizeof(page), &done));
	return file;
}

static volatile int *
map_page(mach_port_t file)
{
	vm_address_t address = 0;
	mach_port_t object;
	vm_offset_t offset;
	uint32_t length;

	CHECK_OK(file_map(file, VM_PROT_DEFAULT, 0, &object, &offset,
	    &length));
	CHECK_OK(vm_map(mach_task_self(), &address, vm_page_size, 0, TRUE,
	    object, offset, FALSE, VM_PROT_DEFAULT, VM_PROT_DEFAULT,
	    VM_INHERIT_NONE));
	drop(object);
	return (volatile int *)address;
}

static kern_return_t
sync_page(volatile int *at)
{
	return vm_msync(mach_task_self(), (vm_address_t)at, vm_page_size,
	    VM_SYNC_SYNCHRONOUS);
}

/* The page that shows FILE AT is as it should be: it goes to it as 2. */
static void
change_page(mach_port_t file, volatile int *at)
{
	char page[4096] = "";
	mach_msg_type_number_t count = sizeof(page);

	*at = 2;
	CHECK_OK(sync_page(at));
	CHECK_OK(vm_deallocate(mach_task_self(), (vm_address_t)at,
	    vm_page_size));
	CHECK_OK(file_read(file, 0, sizeof(page), 0, page, &count));
	CHECK(*(int *)page == 2);
}

/*
 * Pages go back to the file server, which has no room for them: they are lost,
 * but nothing else is.
 */
static void
test_no_room(void)
{
	mach_port_t server = task_named("file");
	mach_port_t file = make_page("/room");
	volatile int *at = map_page(file);
	vm_size_t limit;
	vm_size_t most;

	*at = 1;
	CHECK_OK(vm_get_size_limit(server, &limit, &most));
	CHECK_OK(vm_set_size_limit(host, server, vm_page_size, most));
	(void)sync_page(at);
	CHECK_OK(vm_set_size_limit(host, server, limit, most));
	change_page(file, at);
	drop(server);
	drop(file);
}

/* A send-once right to NAME of TASK is given up, if requests come there. */
static void
give_up_right(mach_port_t task, mach_port_t name)
{
	mach_port_status_t status = { 0 };
	mach_msg_type_name_t type;
	mach_port_t right;

	if (mach_port_get_receive_status(task, name, &status) !=
	    KERN_SUCCESS || status.mps_pset == MACH_PORT_NULL) {
		return;
	}
	CHECK_OK(mach_port_extract_right(task, name,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, &right, &type));
	drop(right);
}

/*
 * The kernel does not answer all that the file server asks of it: what it was
 * asked about may just have ended.  What comes from it later is heard still.
 */
static void
test_no_answer(void)
{
	mach_port_t server = task_named("file");
	mach_port_t file = make_page("/answer");
	volatile int *at = map_page(file);
	mach_port_type_array_t types = NULL;
	mach_port_array_t names = NULL;
	mach_msg_type_number_t count = 0;
	mach_msg_type_number_t type_count = 0;

	*at = 1;
	CHECK_OK(mach_port_names(server, &names, &count, &types,
	    &type_count));
	for (unsigned i = 0; i < count; i++) {
		if ((types[i] & MACH_PORT_TYPE_RECEIVE) != 0) {
			give_up_right(server, names[i]);
		}
	}
	change_page(file, at);
	(void)vm_deallocate(mach_task_self(), (vm_address_t)names,
	    count * sizeof(*names));
	(void)vm_deallocate(mach_task_self(), (vm_address_t)types,
	    type_count * sizeof(*types));
	drop(server);
	drop(file);
}

static void
end(void)
{
	mach_port_t control;

	CHECK_OK(boot_request("file-control", &control));
	CHECK_OK(file_control_shutdown(control));
	log_info(failures == 0 ? "PASS" : "FAIL");
}

int
main(void)
{
	static const server_demux_fn_t demux[] = { NULL };
	struct server_options options = { .demux = demux };

	server_setup(&options);
	(void)boot_ready(NULL, NULL);
	CHECK_OK(boot_privileged_ports(&host, &master));
	CHECK_OK(lookup_port("pager", 10000, &service));
	CHECK_OK(vm_set_default_memory_manager(host, &manager));
	CHECK(service != manager);
	test_object();
	test_mapping();
	test_bounds();
	test_lists();
	CHECK_KR(default_pager_register_fileserver(manager, mach_task_self()),
	    KERN_INVALID_CAPABILITY);
	test_files();
	test_no_room();
	test_no_answer();
	end();
	server_loop();
}
