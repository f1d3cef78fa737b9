/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
#include "file_image.h"

#include <servers/errors.h>
#include <servers/file/os.h>

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

bool		file_image_memory_short;

bool
os_memory_short(void)
{
	return file_image_memory_short;
}

void
os_log(const char *format, ...)
{
	va_list arguments;

	if (getenv("FILE_TEST_LOG") == NULL) {
		return;
	}
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

static kern_return_t
image_read(struct disk *disk, uint64_t offset, void *data, size_t size)
{
	struct image *image = (struct image *) disk;

	MUST(offset + size <= disk->size && offset % 512 == 0
	    && size % 512 == 0);
	pthread_mutex_lock(&image->lock);
	image->reads++;
	pthread_mutex_unlock(&image->lock);
	if (image->read_fails) {
		return UNIX_EIO;
	}
	MUST(pread(image->fd, data, size, offset) == (ssize_t) size);
	return KERN_SUCCESS;
}

/* One write waits; those that come meanwhile pass it. */
static void
image_wait(struct image *image)
{
	if (!image->write_waits || image->write_is_there) {
		return;
	}
	image->write_is_there = true;
	pthread_cond_broadcast(&image->write_changed);
	while (image->write_waits) {
		pthread_cond_wait(&image->write_changed, &image->lock);
	}
	image->write_is_there = false;
}

static kern_return_t
image_write(struct disk *disk, uint64_t offset, const void *data, size_t size)
{
	struct image *image = (struct image *) disk;
	bool lost;

	MUST(offset + size <= disk->size && offset % 512 == 0
	    && size % 512 == 0);
	MUST(!disk->read_only);
	if (image->write_fails) {
		return UNIX_EIO;
	}
	pthread_mutex_lock(&image->lock);
	image_wait(image);
	image->writes++;
	lost = image->writes_left == 0;
	if (!lost) {
		image->writes_left--;
	}
	pthread_mutex_unlock(&image->lock);
	if (!lost) {
		MUST(pwrite(image->fd, data, size, offset)
		    == (ssize_t) size);
	}
	return KERN_SUCCESS;
}

static kern_return_t
image_flush(struct disk *disk)
{
	return ((struct image *) disk)->write_fails ? UNIX_EIO : KERN_SUCCESS;
}

static const struct disk_ops image_ops = {
	.read = image_read,
	.write = image_write,
	.flush = image_flush
};

static int
image_run(const char *format, ...)
{
	char command[1024];
	va_list arguments;
	int status;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

void
image_hold_write(struct image *image)
{
	pthread_mutex_lock(&image->lock);
	image->write_waits = true;
	pthread_mutex_unlock(&image->lock);
}

void
image_await_write(struct image *image)
{
	pthread_mutex_lock(&image->lock);
	while (!image->write_is_there) {
		pthread_cond_wait(&image->write_changed, &image->lock);
	}
	pthread_mutex_unlock(&image->lock);
}

void
image_release_write(struct image *image)
{
	pthread_mutex_lock(&image->lock);
	image->write_waits = false;
	pthread_cond_broadcast(&image->write_changed);
	pthread_mutex_unlock(&image->lock);
}

void
image_attach(struct image *image)
{
	struct stat stat;

	image->fd = open(image->path, O_RDWR);
	MUST(image->fd >= 0 && fstat(image->fd, &stat) == 0);
	image->disk.ops = &image_ops;
	image->disk.size = stat.st_size;
	image->disk.read_only = false;
	image->writes_left = UINT32_MAX;
	image->read_fails = false;
	image->write_fails = false;
}

void
image_detach(struct image *image)
{
	close(image->fd);
}

void
image_make(struct image *image, const char *name, unsigned kib,
    const char *arguments)
{
	const char *directory = getenv("FILE_TEST_DIR");

	memset(image, 0, sizeof(*image));
	pthread_mutex_init(&image->lock, NULL);
	pthread_cond_init(&image->write_changed, NULL);
	snprintf(image->path, sizeof(image->path), "%s/%s.%d.img",
	    directory != NULL ? directory : "/tmp", name, (int) getpid());
	unlink(image->path);
	MUST(image_run("/sbin/mke2fs -q -F -t ext2 %s %s %uk >/dev/null",
	    arguments, image->path, kib) == 0);
	image_attach(image);
}

void
image_remove(struct image *image)
{
	image_detach(image);
	unlink(image->path);
}

void
image_check_clean(struct image *image)
{
	if (image_run("/sbin/e2fsck -fn %s >%s.log 2>&1", image->path,
	    image->path) != 0) {
		image_run("cat %s.log >&2", image->path);
		fprintf(stderr, "e2fsck found faults on %s\n", image->path);
		exit(1);
	}
	image_run("rm -f %s.log", image->path);
}

void
image_repair(struct image *image)
{
	int code = image_run("/sbin/e2fsck -fy %s >%s.log 2>&1", image->path,
	    image->path);

	if (code > 3) {
		image_run("cat %s.log >&2", image->path);
		fprintf(stderr, "e2fsck gave %d on %s\n", code, image->path);
		exit(1);
	}
	image_check_clean(image);
}

void
image_debugfs(struct image *image, const char *request)
{
	MUST(image_run("/sbin/debugfs -w -R '%s' %s >/dev/null 2>&1",
	    request, image->path) == 0);
}
