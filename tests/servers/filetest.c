/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A client of the file server, started by bootstrap behind it: calls every
 * routine over messages, and maps files.  Prints "filetest: PASS", or what
 * failed and "filetest: FAIL".  It ends by shutting the file server down, so
 * that the disk can be checked.
 */
#include <servers/bootstrap_types.h>
#include <servers/errors.h>
#include <servers/file_types.h>

#include <mach/vm_prot.h>
#include <servers/lib/boot.h>
#include <servers/lib/log.h>
#include <servers/lib/mach.h>
#include <servers/lib/server.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mig/bootstrap_user.h>
#include <mig/dir_user.h>
#include <mig/file_control_user.h>
#include <mig/file_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#include <tests/servers/check.h>

#define BIG	(300 * 1024)
#define RACERS	5

static mach_port_t control;
static mach_port_t root;
static mach_port_t user;
static int racers_done;

static kern_return_t
lookup(mach_port_t dir, const char *path, int flags, int mode,
    mach_port_t *handle, struct file_lookup *result)
{
	mach_msg_type_number_t count = FILE_PATH_MAX;
	static __thread file_path_t rest;

	*handle = MACH_PORT_NULL;
	return dir_lookup(dir, path, strlen(path), flags, mode, handle, result,
	    rest, &count);
}

static mach_port_t
open_file(mach_port_t dir, const char *path, int flags)
{
	struct file_lookup result;
	mach_port_t handle;

	CHECK_OK(lookup(dir, path, flags, 0644, &handle, &result));
	return handle;
}

static void
drop(mach_port_t port)
{
	CHECK_OK(mach_port_deallocate(mach_task_self(), port));
}

static void
fill(char *data, size_t size, unsigned seed)
{
	for (size_t i = 0; i < size; i++) {
		data[i] = (char) (i * 7 + (i >> 8) * 13 + seed);
	}
}

static void
test_names(void)
{
	struct file_lookup result;
	mach_msg_type_number_t count;
	static file_path_t path;
	mach_port_t handle;
	mach_port_t other;

	CHECK_OK(dir_mkdir(root, "/t", 2, 0755));
	CHECK_KR(dir_mkdir(root, "/t", 2, 0755), UNIX_EEXIST);
	CHECK_OK(dir_mkdir(root, "t/sub", 5, 0755));
	CHECK_OK(dir_symlink(root, "t/link", 6, "sub", 3));
	CHECK_OK(dir_mknod(root, "t/null", 6, FILE_S_IFCHR | 0666, 0x103));
	CHECK_OK(lookup(root, "t/null", FILE_O_STAT_ONLY, 0, &handle,
	    &result));
	CHECK(handle == MACH_PORT_NULL && result.stat.rdev == 0x103);
	CHECK_OK(lookup(root, "t/link/..", FILE_O_PATH, 0, &handle, &result));
	count = sizeof(path);
	CHECK_OK(dir_path(handle, path, &count));
	CHECK(count == 2 && memcmp(path, "/t", 2) == 0);
	CHECK_OK(dir_set_root(handle, &other));
	CHECK_OK(dir_mkdir(other, "/../in", 6, 0700));
	drop(other);
	CHECK_KR(lookup(user, "t/in/x", FILE_O_READ, 0, &other, &result),
	    UNIX_EACCES);
	count = sizeof(path);
	CHECK_OK(dir_read_link(root, "t/link", 6, path, &count));
	CHECK(count == 3 && memcmp(path, "sub", 3) == 0);
	CHECK_OK(dir_rename(root, "t/in", 4, handle, "sub/in", 6, 0));
	CHECK_OK(dir_rmdir(handle, "link/in", 7));
	CHECK_KR(dir_rename(root, "t/x", 3, control, "x", 1, 0), UNIX_EXDEV);
	drop(handle);
	CHECK_KR(file_control_sync(root), UNIX_EPERM);
	handle = open_file(root, "t/sub/f", FILE_O_WRITE | FILE_O_CREAT);
	drop(handle);
	CHECK_OK(dir_link(root, "t/sub/f", 7, root, "t/g", 3, 0));
	CHECK_OK(lookup(root, "t/g", FILE_O_STAT_ONLY, 0, &handle, &result));
	CHECK(result.stat.nlink == 2);
	CHECK_OK(dir_unlink(root, "t/g", 3));
	CHECK_KR(dir_unlink(user, "t/sub/f", 7), UNIX_EACCES);
	CHECK_KR(lookup(root, "t/g", FILE_O_READ, 0, &handle, &result),
	    UNIX_ENOENT);
}

static void
test_data(void)
{
	static char data[BIG];
	static char inline_data[FILE_INLINE_MAX];
	mach_msg_type_number_t count;
	struct file_stat stat;
	struct file_attr attr;
	struct file_statfs statfs;
	mach_port_t handle;
	pointer_t ool;
	uint32_t written = 0;
	int64_t position;

	handle = open_file(root, "t/data", FILE_O_READ | FILE_O_WRITE
	    | FILE_O_CREAT);
	fill(data, sizeof(data), 1);
	CHECK_OK(file_write(handle, FILE_OFFSET_CURRENT, 0, data, 5000,
	    &written));
	CHECK(written == 5000);
	CHECK_OK(file_write_ool(handle, FILE_OFFSET_CURRENT, 0,
	    (vm_offset_t) data + 5000, BIG - 5000, &written));
	CHECK(written == BIG - 5000);
	CHECK_OK(file_seek(handle, 1000, FILE_SEEK_SET, &position));
	count = sizeof(inline_data);
	CHECK_OK(file_read(handle, FILE_OFFSET_CURRENT, sizeof(inline_data), 0,
	    inline_data, &count));
	CHECK(count == sizeof(inline_data)
	    && memcmp(inline_data, data + 1000, count) == 0);
	count = 0;
	CHECK_OK(file_read_ool(handle, 0, FILE_OOL_MAX, 0, &ool, &count));
	CHECK(count == BIG && memcmp((void *) ool, data, BIG) == 0);
	(void) vm_deallocate(mach_task_self(), ool, count);
	CHECK_OK(file_stat(handle, &stat));
	CHECK(stat.size == BIG && stat.mode == (FILE_S_IFREG | 0644));
	memset(&attr, 0, sizeof(attr));
	attr.valid = FILE_ATTR_SIZE | FILE_ATTR_MODE;
	attr.size = 10;
	attr.mode = 0600;
	CHECK_OK(file_set_attr(handle, attr));
	CHECK_OK(file_sync(handle, 0));
	CHECK_OK(file_statfs(handle, &statfs));
	CHECK(statfs.bfree > 0 && statfs.type == 0xef53);
	count = sizeof(inline_data);
	CHECK_OK(file_read(handle, FILE_OFFSET_CURRENT, 100, 0, inline_data,
	    &count));
	CHECK(count == 0);
	CHECK_OK(file_lock(handle, FILE_LOCK_EXCLUSIVE));
	drop(handle);
	handle = open_file(root, "t", FILE_O_READ);
	count = sizeof(inline_data);
	CHECK_OK(file_read_dir(handle, FILE_OFFSET_CURRENT,
	    sizeof(inline_data), inline_data, &count));
	CHECK(count > 100);
	drop(handle);
}

static kern_return_t
map(mach_port_t handle, vm_prot_t protection, bool copy, vm_size_t size,
    char **memory)
{
	mach_port_t object;
	vm_offset_t offset;
	vm_address_t address = 0;
	uint32_t length;
	kern_return_t kr;

	kr = file_map(handle, copy ? VM_PROT_READ : protection, 0, &object,
	    &offset, &length);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = vm_map(mach_task_self(), &address, size, 0, TRUE, object, offset,
	    copy, protection, VM_PROT_ALL, VM_INHERIT_COPY);
	drop(object);
	*memory = (char *) address;
	return kr;
}

static void
unmap(char *memory, vm_size_t size)
{
	CHECK_OK(vm_deallocate(mach_task_self(), (vm_address_t) memory, size));
}

static uint64_t
free_inodes(void)
{
	struct file_statfs statfs;

	CHECK_OK(file_statfs(root, &statfs));
	return statfs.ffree;
}

/* Byte AT of the file by file_read. */
static char
byte_at(mach_port_t handle, int64_t at)
{
	mach_msg_type_number_t count = 1;
	char byte = 0;

	CHECK_OK(file_read(handle, at, 1, 0, &byte, &count));
	CHECK(count == 1);
	return byte;
}

static void
test_map(void)
{
	static char data[BIG];
	struct file_attr attr;
	mach_port_t handle;
	mach_port_t reader;
	uint32_t written;
	uint64_t before = free_inodes();
	char *memory;
	char *copy;

	fill(data, sizeof(data), 2);
	handle = open_file(root, "t/map", FILE_O_READ | FILE_O_WRITE
	    | FILE_O_CREAT);
	CHECK_OK(file_write_ool(handle, 0, 0, (vm_offset_t) data, BIG,
	    &written));
	reader = open_file(root, "t/map", FILE_O_READ);

	/* Reading. */
	CHECK_OK(map(reader, VM_PROT_READ, false, BIG, &memory));
	CHECK(memcmp(memory, data, BIG) == 0);
	log_info("mapped for reading");
	/* A write through messages shows in the mapping. */
	CHECK_OK(file_write(handle, 8192 + 5, 0, "changed", 7, &written));
	CHECK(memcmp(memory + 8192 + 5, "changed", 7) == 0);
	CHECK(memory[8192 + 4] == data[8192 + 4]);
	unmap(memory, BIG);

	/* What the handle does not allow. */
	CHECK_KR(map(reader, VM_PROT_READ | VM_PROT_WRITE, false, BIG,
	    &memory), UNIX_EACCES);
	{
		mach_port_t object;
		vm_offset_t offset;
		vm_address_t address = 0;
		uint32_t length;

		CHECK_OK(file_map(reader, VM_PROT_READ, 0, &object, &offset,
		    &length));
		CHECK(length == BIG && offset == 0);
		if (vm_map(mach_task_self(), &address, 4096, 0, TRUE, object,
		    0, FALSE, VM_PROT_READ | VM_PROT_WRITE, VM_PROT_ALL,
		    VM_INHERIT_NONE) == KERN_SUCCESS) {
			CHECK(vm_protect(mach_task_self(), address, 4096,
			    FALSE, VM_PROT_READ | VM_PROT_WRITE)
			    != KERN_SUCCESS);
			unmap((char *) address, 4096);
		}
		drop(object);
	}

	/* Private: changes stay private. */
	CHECK_OK(map(reader, VM_PROT_READ | VM_PROT_WRITE, true, BIG, &copy));
	copy[0] = (char) (data[0] + 1);
	copy[BIG - 1] = (char) (data[BIG - 1] + 1);
	CHECK(copy[5000] == data[5000]);
	CHECK(byte_at(reader, 0) == data[0]);
	CHECK(byte_at(reader, BIG - 1) == data[BIG - 1]);
	unmap(copy, BIG);
	log_info("mapped for private writing");

	/* Shared writing, seen by reads and by other mappings. */
	CHECK_OK(map(handle, VM_PROT_READ | VM_PROT_WRITE, false, BIG,
	    &memory));
	CHECK_OK(map(reader, VM_PROT_READ, false, BIG, &copy));
	memory[100] = 'A';
	memory[200000] = 'B';
	CHECK(copy[100] == 'A' && copy[200000] == 'B');
	CHECK(byte_at(reader, 100) == 'A');
	CHECK(byte_at(reader, 200000) == 'B');
	CHECK_OK(file_write(handle, 101, 0, "C", 1, &written));
	CHECK(memory[100] == 'A' && memory[101] == 'C' && copy[101] == 'C');
	memory[102] = 'D';
	CHECK(byte_at(reader, 101) == 'C' && byte_at(reader, 102) == 'D');
	unmap(copy, BIG);

	/* Cut while mapped; what comes back at its end is zero. */
	memset(&attr, 0, sizeof(attr));
	attr.valid = FILE_ATTR_SIZE;
	attr.size = 4196;
	memory[4195] = 'E';
	memory[4196] = 'F';
	CHECK_OK(file_set_attr(handle, attr));
	attr.size = 3 * 4096;
	CHECK_OK(file_set_attr(handle, attr));
	CHECK(byte_at(handle, 4195) == 'E' && byte_at(handle, 4196) == 0);
	CHECK(memory[4195] == 'E' && memory[4196] == 0);
	/* A hole gets a block when it is written to. */
	CHECK(memory[8192] == 0);
	memory[8192] = 'G';
	CHECK(byte_at(handle, 8192) == 'G');

	/* Without a name it lives on. */
	CHECK_OK(dir_unlink(root, "t/map", 5));
	memory[0] = 'Z';
	CHECK(byte_at(handle, 0) == 'Z');
	unmap(memory, BIG);
	CHECK(byte_at(handle, 0) == 'Z');
	drop(reader);
	drop(handle);
	/* The kernel and the server let go of it when they get to it. */
	for (int i = 0; i < 600 && free_inodes() != before; i++) {
		usleep(100 * 1000);
	}
	CHECK(free_inodes() == before);
	log_info("mapped for shared writing");

	/* Pages that are written back when nobody looks any more. */
	handle = open_file(root, "t/map2", FILE_O_READ | FILE_O_WRITE
	    | FILE_O_CREAT);
	CHECK_OK(file_write_ool(handle, 0, 0, (vm_offset_t) data, BIG,
	    &written));
	CHECK_OK(map(handle, VM_PROT_READ | VM_PROT_WRITE, false, BIG,
	    &memory));
	for (int i = 0; i < BIG; i += 4096) {
		memory[i] = 'M';
	}
	unmap(memory, BIG);
	drop(handle);
}

/*
 * Data to be written that comes from where reading fails, or from the very
 * file that it goes to.  Not on GNU Mach, which keeps the map locked while
 * vm_wire waits for a pager, so that a pager in the same task cannot answer.
 */
static void
test_strange_data(void)
{
	static char data[64 * 1024];
	mach_port_t handle;
	uint32_t written = 0;
	char *memory;

	fill(data, sizeof(data), 3);
	handle = open_file(root, "t/strange", FILE_O_READ | FILE_O_WRITE
	    | FILE_O_CREAT);
	CHECK_OK(file_write_ool(handle, 0, 0, (vm_offset_t) data,
	    sizeof(data), &written));
	CHECK_OK(map(handle, VM_PROT_READ, false, 2 * sizeof(data), &memory));
	CHECK_KR(file_write_ool(handle, 0, 0,
	    (vm_offset_t) memory + sizeof(data), 8192, &written),
	    UNIX_EFAULT);
	CHECK_OK(file_write_ool(handle, sizeof(data) / 2, 0,
	    (vm_offset_t) memory, sizeof(data) / 2, &written));
	CHECK(written == sizeof(data) / 2);
	CHECK(memcmp(memory + sizeof(data) / 2, data, sizeof(data) / 2) == 0);
	unmap(memory, 2 * sizeof(data));
	drop(handle);
}

/* Threads that change names and contents at once. */
static void
race_one(void *argument)
{
	unsigned seed = (unsigned) (uintptr_t) argument;
	static char data[20000];
	struct file_lookup result;
	mach_port_t handle;
	uint32_t written;
	char a[32];
	char b[32];

	for (int i = 0; i < 150; i++) {
		snprintf(a, sizeof(a), "t/sub/r%d", rand_r(&seed) % 6);
		snprintf(b, sizeof(b), "t/r%d", rand_r(&seed) % 6);
		switch (rand_r(&seed) % 4) {
		case 0:
			if (lookup(root, a, FILE_O_WRITE | FILE_O_CREAT, 0644,
			    &handle, &result) == KERN_SUCCESS) {
				(void) file_write_ool(handle, 0, 0,
				    (vm_offset_t) data, sizeof(data),
				    &written);
				drop(handle);
			}
			break;
		case 1:
			(void) dir_rename(root, a, strlen(a), root, b,
			    strlen(b), 0);
			break;
		case 2:
			(void) dir_link(root, b, strlen(b), root, a,
			    strlen(a), 0);
			break;
		default:
			(void) dir_unlink(root, b, strlen(b));
			break;
		}
	}
	__atomic_add_fetch(&racers_done, 1, __ATOMIC_RELEASE);
}

static void
test_race(void)
{
	for (unsigned i = 0; i < RACERS; i++) {
		CHECK_OK(server_start_thread(race_one,
		    (void *) (uintptr_t) (i + 1), 0));
	}
	while (__atomic_load_n(&racers_done, __ATOMIC_ACQUIRE) < RACERS) {
		usleep(50 * 1000);
	}
}

/*
 * The driver dies while a file is written and read; nothing is lost.
 */
static void
test_driver_death(void)
{
	static char data[100 * 1024];
	mach_msg_type_number_t count;
	bootstrap_name_t name = "ide";
	mach_port_t handle;
	uint32_t written = 0;
	pointer_t ool;

	handle = open_file(root, "t/death", FILE_O_READ | FILE_O_WRITE
	    | FILE_O_CREAT);
	for (unsigned i = 0; i < 20; i++) {
		fill(data, sizeof(data), i);
		CHECK_OK(file_write_ool(handle, i * sizeof(data), FILE_IO_SYNC,
		    (vm_offset_t) data, sizeof(data), &written));
		CHECK(written == sizeof(data));
		if (i == 5 || i == 6 || i == 12) {
			CHECK_OK(bootstrap_kill(boot_port(), name));
		}
	}
	for (unsigned i = 0; i < 20; i++) {
		fill(data, sizeof(data), i);
		count = 0;
		CHECK_OK(file_read_ool(handle, i * sizeof(data), sizeof(data),
		    0, &ool, &count));
		CHECK(count == sizeof(data)
		    && memcmp((void *) ool, data, sizeof(data)) == 0);
		(void) vm_deallocate(mach_task_self(), ool, count);
	}
	drop(handle);
}

static void
test_identity(void)
{
	mach_port_t handle;
	mach_port_t other;
	struct file_stat stat;
	uint32_t groups[3] = { 5, 6, 7 };
	uint32_t uid;
	uint32_t gid;
	int flags;

	handle = open_file(root, "t/data", FILE_O_READ);
	CHECK_OK(file_control_identify(control, handle, &stat, &flags, &uid,
	    &gid));
	CHECK(uid == 0 && (flags & FILE_O_READ) != 0 && stat.size == 10);
	CHECK_KR(file_control_identify(control, mach_task_self(), &stat,
	    &flags, &uid, &gid), UNIX_EBADF);
	CHECK_OK(file_control_reauth(control, handle, 77, 78, groups, 3,
	    &other));
	CHECK_OK(file_control_identify(control, other, &stat, &flags, &uid,
	    &gid));
	CHECK(uid == 77 && gid == 78);
	CHECK_KR(file_reopen(other, FILE_O_READ, &handle), UNIX_EACCES);
	drop(handle);
	drop(other);
}

/* Many handles, dropped at once: the server must get rid of them. */
static void
test_many(void)
{
	static mach_port_t handles[500];

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 500; i++) {
			handles[i] = open_file(root, "t/data", FILE_O_READ);
		}
		for (int i = 0; i < 500; i++) {
			drop(handles[i]);
		}
	}
}

int
main(int argc, char **argv)
{
	static const server_demux_fn_t demux[] = { NULL };
	struct server_options options = { .demux = demux };
	kern_return_t kr;

	server_setup(&options);
	/* At once: bootstrap starts nobody again before it is through. */
	(void) boot_ready(NULL, NULL);
	kr = boot_request("file-control", &control);
	if (kr != KERN_SUCCESS) {
		log_error("no control port: %s", log_error_text(kr));
		log_info("FAIL");
		return 1;
	}
	CHECK_OK(file_control_root(control, 0, 0, NULL, 0, 0, &root));
	CHECK_OK(file_control_root(control, 1000, 100, NULL, 0, 0, &user));
	test_names();
	log_info("names done");
	test_data();
	log_info("data done");
	test_identity();
	test_many();
	log_info("handles done");
	test_map();
	if (argc < 2 || strcmp(argv[1], "gnumach") != 0) {
		test_strange_data();
		log_info("strange data done");
		test_driver_death();
		log_info("driver's death done");
	}
	test_race();
	CHECK_OK(file_control_shutdown(control));
	CHECK_KR(dir_mkdir(root, "late", 4, 0755), UNIX_EROFS);
	log_info(failures == 0 ? "PASS" : "FAIL");
	server_loop();
}
