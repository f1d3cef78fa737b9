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
 * Not under private mappings, for which the kernel would keep what was there
 * before; as long as such a page was not written to it shows what is written to
 * the file.
 */
bool
file_pager_io_takes(struct ext2_inode *inode)
{
	struct file_pager *pager = file_pager_ref(inode);
	bool takes;

	if (pager == NULL) {
		return true;
	}
	os_mutex_lock(&pager->lock);
	takes = !pager->copied;
	os_mutex_unlock(&pager->lock);
	object_unref(&pager->object);
	return takes;
}

/* A change will end, or begin, at OFFSET, within a page that the file has. */
static void
file_pager_io_border_locked(struct file_pager *pager, uint64_t offset)
{
	uint64_t mask = vm_page_size - 1;

	/* Who holds write_lock knows the size. */
	if ((offset & mask) != 0 && (offset & ~mask) < pager->inode->size) {
		file_pager_changed_locked(pager, offset & ~mask, vm_page_size);
	}
}

/*
 * [OFFSET, OFFSET + SIZE) is about to be changed.  Pages of which it is a part
 * count as changed from now on: those alone may be read from the disk before
 * (file_page_in_stop).
 */
static void
file_pager_io_begin(struct file_pager *pager, uint64_t offset, size_t size)
{
	os_mutex_lock(&pager->lock);
	pager->writes++;
	file_pager_io_border_locked(pager, offset);
	file_pager_io_border_locked(pager, offset + size);
	os_mutex_unlock(&pager->lock);
}

/* It was changed; who cleans it from now on will find that. */
static void
file_pager_io_end(struct file_pager *pager, uint64_t offset, size_t size)
{
	os_mutex_lock(&pager->lock);
	pager->writes--;
	file_pager_changed_locked(pager, offset, size);
	file_pager_count_locked(pager, size);
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
	struct file_pager *pager;
	size_t part;
	kern_return_t kr;

	if (file_pager_get(inode, &pager) != KERN_SUCCESS) {
		return UNIX_EAGAIN;
	}
	kr = KERN_SUCCESS;
	file_pager_io_begin(pager, offset, size);
	for (size_t done = 0; done < size && kr == KERN_SUCCESS; done += part) {
		part = file_pager_io_part(offset + done, size - done);
		kr = file_pager_io_write_window(pager, offset + done,
		    (const uint8_t *) data + done, part);
	}
	file_pager_io_end(pager, offset, size);
	object_unref(&pager->object);
	return kr;
}
