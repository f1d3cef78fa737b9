/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A boot module as a RAM disk: its size, and records read, written and mapped,
 * at its end and beyond it as well.  The disk holds this file.
 *
 * Disk: disk tests/boot/ramdisk.c
 * Boot: ${disk}
 * Keeps: ipc_port 1
 */

#include "rt.h"

#include <device/device_types.h>

#include "device_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define PAGE	vm_page_size
#define RECORD	512

static mach_port_t disk;
static unsigned size;

static void
test_status(void)
{
	int status[DEV_STATUS_MAX];
	mach_msg_type_number_t count = DEV_STATUS_MAX;

	want("size", device_get_status(disk, DEV_GET_SIZE, status, &count),
	    D_SUCCESS);
	size = (unsigned)status[DEV_GET_SIZE_DEVICE_SIZE];
	rt_printf("%u bytes in records of %d, %u words", size,
	    status[DEV_GET_SIZE_RECORD_SIZE], count);
	count = DEV_STATUS_MAX;
	want("records", device_get_status(disk, DEV_GET_RECORDS, status,
	    &count), D_SUCCESS);
	rt_printf("%d records of %d, %u words",
	    status[DEV_GET_RECORDS_DEVICE_RECORDS],
	    status[DEV_GET_RECORDS_RECORD_SIZE], count);
	count = DEV_STATUS_MAX;
	want("another", device_get_status(disk, 4711, status, &count),
	    D_INVALID_OPERATION);
	want_ours("set", device_set_status(disk, DEV_GET_SIZE, status, 1),
	    D_INVALID_OPERATION, "its devices say yes to what they cannot do");
}

static void
show_read(recnum_t recnum, int wanted)
{
	io_buf_ptr_inband_t data;
	mach_msg_type_number_t count = sizeof(data);
	char *region;
	unsigned sum = 0;
	kern_return_t kr;

	rt_printf("record %u, %d bytes", (unsigned)recnum, wanted);
	if (wanted <= (int)sizeof(data)) {
		kr = device_read_inband(disk, 0, recnum, wanted, data, &count);
		show("  read inband", kr);
		for (unsigned i = 0; kr == D_SUCCESS && i < count; i++) {
			sum = sum * 31 + (unsigned char)data[i];
		}
		rt_printf("  got %u: %x", kr == D_SUCCESS ? count : 0, sum);
	}
	sum = 0;
	kr = device_read(disk, 0, recnum, wanted, &region, &count);
	show("  read", kr);
	for (unsigned i = 0; kr == D_SUCCESS && i < count; i++) {
		sum = sum * 31 + (unsigned char)region[i];
	}
	rt_printf("  got %u: %x", kr == D_SUCCESS ? count : 0, sum);
	if (kr == D_SUCCESS && count > 0) {
		vm_deallocate(rt_task, (vm_address_t)region, count);
	}
}

static void
test_read(void)
{
	static const int sizes[] = { 1, 64, 511, 512, 513, 1024, 4096, 5000 };
	unsigned records = size / RECORD;

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		show_read(0, sizes[i]);
		show_read(3, sizes[i]);
		show_read(records - 1, sizes[i]);
	}
	show_read(0, (int)size);
	show_read(records, 1);
	show_read(records + 1, 512);
	show_read(0x7fffff, 512);
}

static void
show_write(recnum_t recnum, const char *data, unsigned length, bool is_inline)
{
	int done = 0;

	rt_printf("record %u, %u bytes", (unsigned)recnum, length);
	show("  write", is_inline ?
	    device_write_inband(disk, 0, recnum, data, length, &done) :
	    device_write(disk, 0, recnum, (char *)data, length, &done));
	rt_printf("  done %d", done);
}

static void
test_write(void)
{
	static char data[8192];
	unsigned records = size / RECORD;

	for (unsigned i = 0; i < sizeof(data); i++) {
		data[i] = (char)(i * 7);
	}
	show_write(1, data, 100, true);
	show_write(records - 1, data, 100, true);
	show_write(records, data, 100, true);
	show_write(4, data + 1, sizeof(data) - 1, false);
	show_read(0, 512);
	show_read(1, 512);
	show_read(2, 5000);
	show_read(records - 1, 512);
}

/*
 * The kernel's page may be larger than what the disk ends with, or begins with:
 * then there is no mapping it, which is no harm.
 */
static bool
can_map(mach_port_t *pager)
{
	io_return_t kr = device_map(disk, VM_PROT_READ | VM_PROT_WRITE, 0,
	    size, pager, FALSE);

	if (kr == D_SUCCESS || vm_page_size == 4096) {
		need("device_map", kr);
		return true;
	}
	rt_printf("own");
	rt_printf("# device_map: 0x%x", kr);
	if (kr != D_INVALID_OPERATION && size % vm_page_size == 0) {
		rt_printf("FAIL it is of whole pages");
	}
	return false;
}

static void
test_map(void)
{
	mach_port_t pager;
	vm_address_t at = 0;

	if (!can_map(&pager)) {
		return;
	}
	need("vm_map", vm_map(rt_task, &at, size, 0, TRUE, pager, 0, FALSE,
	    VM_PROT_READ | VM_PROT_WRITE, VM_PROT_READ | VM_PROT_WRITE,
	    VM_INHERIT_NONE));
	rt_printf("begins with %c%c", ((char *)at)[0], ((char *)at)[1]);
	rt_printf("ends with %d", ((char *)at)[size - 1]);
	((volatile char *)at)[RECORD * 2 + 5] = 'x';
	show_read(2, 512);
	vm_deallocate(rt_task, at, size);
	mach_port_deallocate(rt_task, pager);
}

void
test(void)
{
	rt_printf("disk %s", rt_argv[3]);
	want("open another", device_open(rt_device_master, D_READ | D_WRITE,
	    "rd1", &disk), D_NO_SUCH_DEVICE);
	need("open", device_open(rt_device_master, D_READ | D_WRITE, "rd0",
	    &disk));
	test_status();
	test_read();
	test_write();
	test_map();
	want("close", device_close(disk), D_SUCCESS);
	mach_port_deallocate(rt_task, disk);
}
