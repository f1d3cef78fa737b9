/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The bootstrap server's client.
 */

#include <servers/lib/boot.h>

#include <mach/task_special_ports.h>
#include <pthread.h>
#include <servers/bootstrap_types.h>
#include <servers/lib/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mig/bootstrap_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/server_server.h>

static pthread_mutex_t boot_lock = PTHREAD_MUTEX_INITIALIZER;
static mach_port_t boot_bootstrap;		/* boot_lock */
static mach_port_t boot_host_priv;		/* boot_lock */
static mach_port_t boot_device_master;		/* boot_lock */
static void (*boot_stop)(void);			/* set once, before ready */
static struct object boot_control;

static const struct object_class boot_control_class = {
	.name = "control",
};

mach_port_t
boot_port(void)
{
	pthread_mutex_lock(&boot_lock);
	if (boot_bootstrap == MACH_PORT_NULL) {
		(void)task_get_special_port(mach_task_self(),
		    TASK_BOOTSTRAP_PORT, &boot_bootstrap);
	}
	pthread_mutex_unlock(&boot_lock);
	return boot_bootstrap;
}

kern_return_t
S_server_stop(mach_port_t control)
{
	if (object_lookup(control, &boot_control_class) == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	if (boot_stop != NULL) {
		boot_stop();
	}
	return KERN_SUCCESS;
}

static void
boot_drop(mach_port_t port)
{
	if (port != MACH_PORT_NULL) {
		(void)mach_port_deallocate(mach_task_self(), port);
	}
}

kern_return_t
boot_ready(struct object *service, void (*stop)(void))
{
	mach_port_t service_port = MACH_PORT_NULL;
	mach_port_t control_port;
	kern_return_t kr;

	boot_stop = stop;
	kr = object_create_service(&boot_control, &boot_control_class);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	control_port = object_right(&boot_control);
	if (service != NULL) {
		service_port = object_right(service);
	}
	/* The rights are copied into the message; ours go again. */
	kr = bootstrap_ready(boot_port(), service_port, control_port);
	if (kr != KERN_SUCCESS) {
		log_error("bootstrap_ready: %s", log_error_text(kr));
	}
	boot_drop(service_port);
	boot_drop(control_port);
	return kr;
}

void
boot_done(const char *reason)
{
	bootstrap_name_t text;

	(void)snprintf(text, sizeof(text), "%s", reason);
	(void)bootstrap_done(boot_port(), text);
	_exit(0);
}

kern_return_t
boot_offer(const char *name, mach_port_t port)
{
	bootstrap_name_t text;

	(void)snprintf(text, sizeof(text), "%s", name);
	return bootstrap_offer(boot_port(), text, port);
}

kern_return_t
boot_request(const char *name, mach_port_t *port)
{
	bootstrap_name_t text;

	(void)snprintf(text, sizeof(text), "%s", name);
	return bootstrap_request(boot_port(), text, port);
}

kern_return_t
boot_privileged_ports(mach_port_t *host_priv, mach_port_t *device_master)
{
	mach_port_t bootstrap = boot_port();
	kern_return_t kr = KERN_SUCCESS;

	pthread_mutex_lock(&boot_lock);
	if (boot_host_priv == MACH_PORT_NULL) {
		kr = bootstrap_privileged_ports(bootstrap, &boot_host_priv,
		    &boot_device_master);
	}
	*host_priv = boot_host_priv;
	*device_master = boot_device_master;
	pthread_mutex_unlock(&boot_lock);
	return kr;
}

/* The value of "NAME=value" or "NAME" in the word list TEXT, or NULL. */
static const char *
boot_find_option(const char *text, const char *name, size_t *length)
{
	size_t n = strlen(name);

	while (*text != '\0') {
		text += strspn(text, " ");
		*length = strcspn(text, " ");
		if (*length >= n && strncmp(text, name, n) == 0 &&
		    (*length == n || text[n] == '=')) {
			n += *length > n;
			*length -= n;
			return text + n;
		}
		text += *length;
	}
	return NULL;
}

char *
boot_option(const char *name)
{
	mach_msg_type_number_t size = 0;
	const char *value;
	char *copy = NULL;
	char *text = NULL;
	char *words;
	size_t length;

	if (bootstrap_arguments(boot_port(), &text, &size) != KERN_SUCCESS) {
		return NULL;
	}
	words = strndup(text, size);
	(void)vm_deallocate(mach_task_self(), (vm_address_t)text, size);
	if (words == NULL) {
		return NULL;
	}
	value = boot_find_option(words, name, &length);
	if (value != NULL) {
		copy = strndup(value, length);
	}
	free(words);
	return copy;
}
