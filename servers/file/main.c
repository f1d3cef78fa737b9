/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The file server: finds its disk, mounts the ext2 on it, answers.
 *
 *	file [cache=KIB] [DEVICE...]
 *
 * The disk is the first DEVICE that can be opened; without any, what root=
 * says on the kernel's command line, else the first disk there is.
 */
#include <servers/file/disk_device.h>
#include <servers/file/file.h>
#include <servers/file/file_pager.h>

#include <mach/vm_statistics.h>
#include <servers/lib/boot.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#define FILE_FLUSH_SECONDS	5

/* The cache takes a sixteenth of what memory is free at the start. */
#define FILE_CACHE_SHARE	16
/*
 * Memory is short when less than one in so many pages is free, or less than
 * this is in bytes: about half as much again as the kernel leaves for the way
 * of pages to the disk.  It has more than that free whenever it keeps up, and
 * not much more when all the rest is full of files' pages.
 */
#define MEMORY_SHORT_SHARE	64
#define MEMORY_SHORT_BYTES	(576u * 1024)

/* A file is kept for so many bytes that are free at the start. */
#define FILE_KEPT_SHARE		65536
#define FILE_KEPT_MIN		32
#define FILE_KEPT_MAX		2000

/* Those apart: the flusher, the default pager's handle, the pagers' four. */
_Static_assert(FILE_THREADS + 6 <= CACHE_THREADS, "threads");
#define FILE_CACHE_MIN		(512u * 1024)
#define FILE_CACHE_MAX		(64u * 1024 * 1024)

SERVER_DEMUX(file);
SERVER_DEMUX(dir);
SERVER_DEMUX(file_control);
SERVER_DEMUX(seqnos_memory_object);
SERVER_DEMUX(exc);

static struct ext2_fs *main_fs;

void
os_log(const char *format, ...)
{
	char line[256];
	va_list arguments;

	va_start(arguments, format);
	(void) vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	log_error("%s", line);
}

bool
os_memory_short(void)
{
	vm_statistics_data_t stats;

	if (vm_statistics(mach_task_self(), &stats) != KERN_SUCCESS) {
		return false;
	}
	return (uint64_t) stats.free_count * stats.pagesize
	    < MEMORY_SHORT_BYTES
	    || (uint64_t) stats.free_count * MEMORY_SHORT_SHARE
	    < (uint64_t) stats.free_count + stats.active_count
	    + stats.inactive_count + stats.wire_count;
}

/* Write behind. */
static void
main_flusher(void *argument)
{
	(void) argument;
	for (;;) {
		sleep(FILE_FLUSH_SECONDS);
		file_pager_clean_all();
		(void) ext2_fs_sync(main_fs);
	}
}

static size_t
main_cache_size(void)
{
	vm_statistics_data_t stats;
	uint64_t size = 0;

	if (vm_statistics(mach_task_self(), &stats) == KERN_SUCCESS) {
		size = (uint64_t) stats.free_count * stats.pagesize
		    / FILE_CACHE_SHARE;
	}
	if (size < FILE_CACHE_MIN) {
		size = FILE_CACHE_MIN;
	}
	return size < FILE_CACHE_MAX ? size : FILE_CACHE_MAX;
}

/* What the kernel keeps of a file besides its pages is a kilobyte or two. */
static unsigned
main_kept_files(void)
{
	vm_statistics_data_t stats;
	unsigned kept = 0;

	if (vm_statistics(mach_task_self(), &stats) == KERN_SUCCESS) {
		kept = (uint64_t) stats.free_count * stats.pagesize
		    / FILE_KEPT_SHARE;
	}
	if (kept < FILE_KEPT_MIN) {
		kept = FILE_KEPT_MIN;
	}
	return kept < FILE_KEPT_MAX ? kept : FILE_KEPT_MAX;
}

/* Mount what is on the device NAME. */
static bool
main_try(const char *name, size_t cache)
{
	struct disk *disk;
	const char *why;
	kern_return_t kr;

	kr = disk_device_open(name, &disk);
	if (kr != KERN_SUCCESS) {
		return false;
	}
	kr = ext2_fs_open(disk, cache, false, &main_fs, &why);
	if (kr != KERN_SUCCESS) {
		log_error("%s: %s", name, why);
		return false;
	}
	log_info("%s: %u MiB, %s%s", name, (unsigned) (disk->size >> 20),
	    main_fs->read_only ? "read-only, " : "",
	    main_fs->was_valid ? "clean" : "was not shut down cleanly");
	return true;
}

static bool
main_mount(int argc, char **argv)
{
	static const char *const usual[] = {
		"hd0", "sd0", "vd0", "hd1", "sd1", "hd2", "hd3"
	};
	size_t cache = main_cache_size();
	bool named = false;
	char *root;

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "cache=", 6) == 0) {
			cache = (size_t) strtoul(argv[i] + 6, NULL, 10) * 1024;
			continue;
		}
		named = true;
		if (main_try(argv[i], cache)) {
			return true;
		}
	}
	if (named) {
		return false;
	}
	root = boot_option("root");
	if (root != NULL) {
		return main_try(root, cache);
	}
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		if (main_try(usual[i], cache)) {
			return true;
		}
	}
	return false;
}

static void
main_offer_control(void)
{
	mach_port_t control = object_right(file_rpc_control());
	kern_return_t kr = boot_offer("file-control", control);

	if (kr != KERN_SUCCESS) {
		log_error("control port not offered: %s", log_error_text(kr));
	}
	(void) mach_port_deallocate(mach_task_self(), control);
}

int
main(int argc, char **argv)
{
	static const server_demux_fn_t demux[] = {
		file_server, dir_server, seqnos_memory_object_server,
		file_control_server, exc_server, NULL
	};
	struct server_options options = {
		.demux = demux,
		.threads_min = FILE_THREADS_MIN,
		.threads_max = FILE_THREADS,
		.unserved = file_pager_unserved,
		.stack_size = FILE_STACK_SIZE
	};
	kern_return_t kr;

	server_setup(&options);
	if (!main_mount(argc, argv)) {
		boot_done("no disk with an ext2 file system");
	}
	kr = file_rpc_setup(main_fs, main_kept_files(), main_cache_size());
	if (kr != KERN_SUCCESS) {
		panic("no ports: %s", log_error_text(kr));
	}
	if (server_start_thread(main_flusher, NULL, 0) != KERN_SUCCESS) {
		panic("no thread");
	}
	main_offer_control();
	(void) boot_ready(file_rpc_public(), file_rpc_shutdown);
	server_loop();
}
