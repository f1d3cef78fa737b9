/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Everything about an image is found out before it is in the list, so that who
 * gave it hears of it.  The copy is memory of this task, and resident like all
 * of it: what was paged out could not be started again when the pager needs
 * that.  Hence the small bounds.
 */

#include <servers/bootstrap/boot_extra.h>

#include <ctype.h>
#include <servers/bootstrap/boot_server.h>
#include <servers/bootstrap/boot_task.h>
#include <servers/bootstrap_types.h>
#include <servers/lib/log.h>
#include <stdlib.h>
#include <string.h>

#include <mig/mach_user.h>

/* It is a word of the list of servers, and no surprise in a log. */
static bool
boot_extra_name_valid(const char *name)
{
	size_t n = strnlen(name, BOOT_LIST_NAME_MAX + 1);

	for (size_t i = 0; i < n; i++) {
		if (!isalnum((unsigned char)name[i]) &&
		    strchr("._-", name[i]) == NULL) {
			return false;
		}
	}
	return n > 0 && n <= BOOT_LIST_NAME_MAX;
}

static kern_return_t
boot_extra_check(const char *name, const char *image, size_t size)
{
	const char *why;

	if (!boot_extra_name_valid(name)) {
		return KERN_INVALID_NAME;
	}
	if (size > BOOTSTRAP_IMAGE_MAX) {
		return KERN_NO_SPACE;
	}
	why = boot_task_check(image, size);
	if (why != NULL) {
		log_error("%s: %s", name, why);
		return KERN_INVALID_ARGUMENT;
	}
	return KERN_SUCCESS;
}

/* A server with a copy of the image, or NULL without memory. */
static struct boot_server *
boot_extra_create(const char *name, const char *image, size_t size)
{
	struct boot_server *s = calloc(1, sizeof(*s));
	vm_address_t copy = 0;

	if (s == NULL) {
		return NULL;
	}
	if (vm_allocate(mach_task_self(), &copy, size, TRUE) != KERN_SUCCESS) {
		goto out_free;
	}
	if (object_create_service(&s->object, &boot_server_class) !=
	    KERN_SUCCESS) {
		goto out_deallocate;
	}
	memcpy((char *)copy, image, size);
	strcpy(s->entry.name, name);
	strcpy(s->entry.image, name);
	s->entry.timeout = BOOT_LIST_TIMEOUT;
	s->extra = true;
	s->image.name = s->entry.image;
	s->image.start = (const unsigned char *)copy;
	s->image.end = s->image.start + size;
	return s;

out_deallocate:
	(void)vm_deallocate(mach_task_self(), copy, size);
out_free:
	free(s);
	return NULL;
}

kern_return_t
boot_extra_start(const char *name, const char *image, size_t size)
{
	kern_return_t kr = boot_extra_check(name, image, size);
	struct boot_server *s;

	if (kr != KERN_SUCCESS) {
		return kr;
	}
	s = boot_extra_create(name, image, size);
	if (s == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	kr = boot_server_insert(s);
	if (kr != KERN_SUCCESS) {
		object_kill(&s->object);
		object_unref(&s->object);
	}
	return kr;
}
