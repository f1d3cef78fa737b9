/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * bootstrap.defs: decode, check, answer.
 */

#include <servers/bootstrap/boot_rpc.h>
#include <servers/bootstrap/boot_extra.h>
#include <servers/bootstrap/boot_private.h>
#include <servers/bootstrap/boot_server.h>

#include <servers/bootstrap_types.h>
#include <servers/lib/server.h>
#include <stdlib.h>
#include <string.h>

#include <mig/bootstrap_server.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

/* Set once, before the loop. */
static const char *boot_rpc_arguments = "";

void
boot_rpc_setup(const char *arguments)
{
	boot_rpc_arguments = arguments;
}

kern_return_t
S_bootstrap_ready(mach_port_t bootstrap, mach_port_t service,
    mach_port_t control)
{
	struct boot_server *s = object_lookup(bootstrap, &boot_server_class);

	if (s == NULL || service == MACH_PORT_DEAD ||
	    control == MACH_PORT_DEAD) {
		return KERN_INVALID_ARGUMENT;
	}
	return boot_server_ready(s, service, control);
}

kern_return_t
S_bootstrap_done(mach_port_t bootstrap, const_bootstrap_name_t reason)
{
	struct boot_server *s = object_lookup(bootstrap, &boot_server_class);

	if (s == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	boot_server_done(s, reason);
	return KERN_SUCCESS;
}

kern_return_t
S_bootstrap_offer(mach_port_t bootstrap, const_bootstrap_name_t name,
    mach_port_t port)
{
	struct boot_server *s = object_lookup(bootstrap, &boot_server_class);

	if (s == NULL || !MACH_PORT_VALID(port)) {
		return KERN_INVALID_ARGUMENT;
	}
	if (strcmp(s->entry.offers, name) != 0) {
		return KERN_NO_ACCESS;
	}
	return boot_private_offer(name, port);
}

kern_return_t
S_bootstrap_request(mach_port_t bootstrap, const_bootstrap_name_t name,
    mach_port_t *port)
{
	struct boot_server *s = object_lookup(bootstrap, &boot_server_class);

	if (s == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	if (!boot_list_uses(&s->entry, name)) {
		return KERN_NO_ACCESS;
	}
	return boot_private_request(name, port);
}

kern_return_t
S_bootstrap_privileged_ports(mach_port_t bootstrap, mach_port_t *host_priv,
    mach_port_t *device_master)
{
	struct boot_server *s = object_lookup(bootstrap, &boot_server_class);

	if (s == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	if (!s->entry.privileged) {
		return KERN_NO_ACCESS;
	}
	*host_priv = boot_host_priv;
	*device_master = boot_device_master;
	return KERN_SUCCESS;
}

kern_return_t
S_bootstrap_shutdown(mach_port_t bootstrap, int how)
{
	struct boot_server *s = object_lookup(bootstrap, &boot_server_class);

	if (s == NULL || how < BOOTSTRAP_HALT || how > BOOTSTRAP_REBOOT) {
		return KERN_INVALID_ARGUMENT;
	}
	if (!s->entry.shutdown) {
		return KERN_NO_ACCESS;
	}
	return boot_server_shutdown(how);
}

/* May SERVER start, end and stop others? */
static kern_return_t
boot_rpc_check_control(mach_port_t bootstrap)
{
	struct boot_server *s = object_lookup(bootstrap, &boot_server_class);

	if (s == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	return s->entry.shutdown ? KERN_SUCCESS : KERN_NO_ACCESS;
}

kern_return_t
S_bootstrap_kill(mach_port_t bootstrap, const_bootstrap_name_t name)
{
	kern_return_t kr = boot_rpc_check_control(bootstrap);

	return kr != KERN_SUCCESS ? kr : boot_server_kill(name);
}

kern_return_t
S_bootstrap_start(mach_port_t bootstrap, const_bootstrap_name_t name,
    bootstrap_image_t image, mach_msg_type_number_t size)
{
	kern_return_t kr = boot_rpc_check_control(bootstrap);

	if (kr == KERN_SUCCESS) {
		kr = boot_extra_start(name, image, size);
	}
	if (kr == KERN_SUCCESS) {
		(void)vm_deallocate(
		    mach_task_self(), (vm_address_t)image, size);
	}
	return kr;
}

kern_return_t
S_bootstrap_stop(mach_port_t bootstrap, const_bootstrap_name_t name)
{
	kern_return_t kr = boot_rpc_check_control(bootstrap);

	return kr != KERN_SUCCESS ? kr : boot_server_remove(name);
}

/* TEXT as out-of-line memory for a reply. */
static kern_return_t
boot_rpc_text(const char *text, bootstrap_text_t *out,
    mach_msg_type_number_t *count)
{
	size_t size = strlen(text) + 1;
	vm_address_t memory = 0;
	kern_return_t kr;

	kr = vm_allocate(mach_task_self(), &memory, size, TRUE);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	memcpy((char *)memory, text, size);
	*out = (bootstrap_text_t)memory;
	*count = (mach_msg_type_number_t)size;
	return KERN_SUCCESS;
}

kern_return_t
S_bootstrap_list(mach_port_t bootstrap, bootstrap_text_t *text,
    mach_msg_type_number_t *count)
{
	kern_return_t kr;
	char *list;

	if (object_lookup(bootstrap, &boot_server_class) == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	list = boot_server_list();
	if (list == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	kr = boot_rpc_text(list, text, count);
	free(list);
	return kr;
}

kern_return_t
S_bootstrap_arguments(mach_port_t bootstrap, bootstrap_text_t *text,
    mach_msg_type_number_t *count)
{
	if (object_lookup(bootstrap, &boot_server_class) == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	return boot_rpc_text(boot_rpc_arguments, text, count);
}
