/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Copying between clients' data and files' pages.
 */
#include <servers/file/file_pager_io.h>

#include <servers/errors.h>
#include <servers/file/file_guard.h>
#include <servers/file/file_pager_i.h>
#include <servers/file/file_window.h>

/* From [OFFSET, OFFSET + SIZE) of WINDOW's part as much as there is. */
static size_t
file_pager_io_copy(const struct file_window *window, size_t offset, uint8_t *data,
    size_t size)
{
	size_t done = 0;
	size_t part;

	if (file_guard_copy(data, window->memory + offset, size)) {
		return size;
	}
	/* Up to the page that is not there. */
	while (done < size) {
		part = vm_page_size - ((offset + done) & (vm_page_size - 1));
		if (part > size - done) {
			part = size - done;
		}
		if (!file_guard_copy(data + done,
		    window->memory + offset + done, part)) {
			break;
		}
		done += part;
	}
	return done;
}

/* The window of PAGER's file that has OFFSET in it. */
static kern_return_t
file_pager_io_window(struct file_pager *pager, uint64_t offset, bool write,
    struct file_window **windowp)
{
	uint32_t index = offset / FILE_WINDOW_SIZE;
	vm_size_t size = FILE_WINDOW_SIZE;

	if (size > FILE_PAGER_MAX - index * FILE_WINDOW_SIZE) {
		size = FILE_PAGER_MAX - index * FILE_WINDOW_SIZE;
	}
	return file_window_get(&pager->object, index, size, write, windowp);
}

/* How much of SIZE bytes at OFFSET one window shows. */
static size_t
file_pager_io_part(uint64_t offset, size_t size)
{
	size_t part = FILE_WINDOW_SIZE - offset % FILE_WINDOW_SIZE;

	return part < size ? part : size;
}

static kern_return_t
file_pager_io_read_window(struct file_pager *pager, uint64_t offset,
    uint8_t *data, size_t size, size_t *donep)
{
	struct file_window *window;
	kern_return_t kr;

	kr = file_pager_io_window(pager, offset, false, &window);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	*donep = file_pager_io_copy(window, offset % FILE_WINDOW_SIZE, data, size);
	file_window_put(window);
	return *donep > 0 ? KERN_SUCCESS : UNIX_EIO;
}

kern_return_t
file_pager_io_read(struct ext2_inode *inode, uint64_t offset, void *data,
    size_t size, size_t *donep)
{
	struct file_pager *pager;
	size_t done = 0;
	size_t part;
	size_t got;
	kern_return_t kr;

	kr = file_pager_get(inode, &pager);
	if (kr != KERN_SUCCESS) {
		return UNIX_EAGAIN;
	}
	do {
		part = file_pager_io_part(offset, size - done);
		got = 0;
		kr = file_pager_io_read_window(pager, offset,
		    (uint8_t *) data + done, part, &got);
		done += got;
		offset += got;
	} while (kr == KERN_SUCCESS && got == part && done < size);
	object_unref(&pager->object);
	*donep = done;
	return done > 0 ? KERN_SUCCESS : kr;
}

/*
 * May [OFFSET, OFFSET + SIZE) be changed in its pages: are they there, most
 * likely?  Not under private mappings, for which the kernel would keep what was
 * there before; as long as such a page was not written to it shows what is
 * written to the file.
 */
static bool
file_pager_io_takes(struct file_pager *pager, uint64_t offset, size_t size)
{
	bool shown;

	os_mutex_lock(&pager->lock);
	shown = !pager->mapped && offset >= pager->shown_from
	    && offset + size <= pager->shown_to;
	os_mutex_unlock(&pager->lock);
	return shown;
}

/* Pages were changed by us; who cleans them from now on will find them. */
static void
file_pager_io_changed(struct file_pager *pager)
{
	os_mutex_lock(&pager->lock);
	pager->changed_here = true;
	os_mutex_unlock(&pager->lock);
}

static kern_return_t
file_pager_io_write_window(struct file_pager *pager, uint64_t offset,
    const uint8_t *data, size_t size)
{
	struct file_window *window;
	bool copied;
	kern_return_t kr;

	kr = file_pager_io_window(pager, offset, true, &window);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	copied = file_guard_copy(window->memory + offset % FILE_WINDOW_SIZE,
	    data, size);
	file_window_put(window);
	return copied ? KERN_SUCCESS : UNIX_EAGAIN;
}

kern_return_t
file_pager_io_write(struct ext2_inode *inode, uint64_t offset,
    const void *data, size_t size)
{
	struct file_pager *pager = file_pager_ref(inode);
	kern_return_t kr = UNIX_EAGAIN;
	size_t part;

	if (pager == NULL) {
		return kr;
	}
	if (!file_pager_io_takes(pager, offset, size)) {
		goto out_unref;
	}
	kr = KERN_SUCCESS;
	for (size_t done = 0; done < size && kr == KERN_SUCCESS; done += part) {
		part = file_pager_io_part(offset + done, size - done);
		kr = file_pager_io_write_window(pager, offset + done,
		    (const uint8_t *) data + done, part);
	}
	file_pager_io_changed(pager);
out_unref:
	object_unref(&pager->object);
	return kr;
}
