/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * One program for all roles of the restart test.
 *
 * lazy     never says that it is ready
 * idle     has nothing to do
 * quitter  becomes ready, and ends by itself the first two times
 * crasher  faults before it is ready, the first two times
 * checker  looks whether bootstrap coped with all that, kills the name server,
 *          looks again, and ends the system
 */

#include <servers/bootstrap_types.h>
#include <servers/lib/boot.h>
#include <servers/lib/log.h>
#include <servers/lib/lookup.h>
#include <servers/lib/server.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mig/bootstrap_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/name_user.h>

static const struct object_class actor_class = { .name = "actor" };
static struct object actor;
static int failures;

static void
check(bool good, const char *what)
{
	if (!good) {
		log_error("FAIL %s", what);
		failures++;
	}
}

/* The line of bootstrap's list for NAME; "" when there is none. */
static void
list_line(const char *name, char line[80])
{
	mach_msg_type_number_t size = 0;
	size_t length = strlen(name);
	char *text = NULL;
	char *p;

	line[0] = '\0';
	if (bootstrap_list(boot_port(), &text, &size) != KERN_SUCCESS) {
		return;
	}
	for (p = text; p != NULL && *p != '\0'; p = strchr(p, '\n') + 1) {
		if (strncmp(p, name, length) == 0 && p[length] == ' ') {
			snprintf(line, 80, "%.*s", (int)strcspn(p, "\n"), p);
			break;
		}
	}
	(void)vm_deallocate(mach_task_self(), (vm_address_t)text, size);
}

static int
starts_of(const char *name)
{
	char line[80];
	char *last;

	list_line(name, line);
	last = strrchr(line, ' ');
	return last == NULL ? 0 : atoi(last);
}

static bool
await_line(const char *name, const char *expected)
{
	char line[80];

	for (int i = 0; i < 1000; i++) {
		list_line(name, line);
		if (strcmp(line, expected) == 0) {
			return true;
		}
		usleep(100000);
	}
	log_error("%s is: %s", name, line);
	return false;
}

static bool
can_look_up(const char *name)
{
	mach_port_t port;

	if (lookup_port(name, 10000, &port) != KERN_SUCCESS) {
		return false;
	}
	(void)mach_port_deallocate(mach_task_self(), port);
	return true;
}

static void
check_client_names(void)
{
	name_string_t mine = "mine";
	name_string_t reserved = "crasher";
	mach_port_t names = lookup_name_server();
	mach_port_t port = object_right(&actor);
	mach_port_t found = MACH_PORT_NULL;

	check(name_register(names, mine, port) == KERN_SUCCESS, "register");
	check(name_register(names, mine, port) == KERN_NAME_EXISTS, "twice");
	check(name_register(names, reserved, port) == KERN_NAME_EXISTS,
	    "a server's name");
	check(name_control_set(names, mine, port) == KERN_INVALID_ARGUMENT,
	    "control through the service");
	check(name_lookup(names, mine, 0, &found) == KERN_SUCCESS &&
	    found == port, "look up");
	check(name_unregister(names, reserved, port) == KERN_NO_ACCESS,
	    "unregister a server's name");
	check(name_unregister(names, mine, port) == KERN_SUCCESS,
	    "unregister");
	check(name_lookup(names, mine, 10, &found) == KERN_INVALID_NAME,
	    "unregistered");
}

static void
checker(void *argument)
{
	bootstrap_name_t name = "name";
	bootstrap_name_t nobody = "nobody";
	mach_port_t host;
	mach_port_t device;

	(void)argument;
	check(await_line("name", "name ready 1"), "name");
	check(await_line("missing", "missing missing 0"), "missing");
	check(await_line("lazy", "lazy starting 1"), "lazy");
	check(await_line("idle", "idle unused 1"), "idle");
	check(await_line("quitter", "quitter ready 3"), "quitter");
	check(await_line("crasher", "crasher ready 3"), "crasher");
	check(can_look_up("quitter"), "look up quitter");
	check(can_look_up("crasher"), "look up crasher");
	check(!can_look_up("wrong"), "wrong is in no list");
	check_client_names();
	check(boot_privileged_ports(&host, &device) == KERN_SUCCESS &&
	    MACH_PORT_VALID(host), "privileged ports");
	check(bootstrap_kill(boot_port(), nobody) == KERN_INVALID_NAME,
	    "kill nobody");
	check(bootstrap_kill(boot_port(), name) == KERN_SUCCESS,
	    "kill name");
	check(await_line("name", "name ready 2"), "name again");
	check(can_look_up("crasher"), "look up after the restart");
	check_client_names();
	log_info(failures == 0 ? "PASS" : "FAIL");
	(void)bootstrap_shutdown(boot_port(), BOOTSTRAP_HALT);
}

/* An address that the compiler does not know. */
static volatile uintptr_t nowhere = 16;

static void
crash(void)
{
	*(volatile int *)nowhere = 1;
}

int
main(int argc, char **argv)
{
	static const server_demux_fn_t demux[] = { NULL };
	struct server_options options = { .demux = demux };
	const char *role = argc > 1 ? argv[1] : "";
	mach_port_t host;
	mach_port_t device;

	server_setup(&options);
	if (object_create_service(&actor, &actor_class) != KERN_SUCCESS) {
		panic("no port");
	}
	if (strcmp(role, "lazy") == 0) {
		server_loop();
	}
	if (strcmp(role, "idle") == 0) {
		boot_done("nothing to do");
	}
	if (strcmp(role, "crasher") == 0 && starts_of("crasher") < 3) {
		crash();
	}
	if (boot_ready(&actor, NULL) != KERN_SUCCESS) {
		panic("not ready");
	}
	if (strcmp(role, "quitter") == 0) {
		if (boot_privileged_ports(&host, &device) != KERN_NO_ACCESS ||
		    bootstrap_shutdown(boot_port(), BOOTSTRAP_HALT) !=
		    KERN_NO_ACCESS) {
			log_error("FAIL privileges for all");
		}
		if (starts_of("quitter") < 3) {
			return 0;
		}
	}
	if (strcmp(role, "checker") == 0 &&
	    server_start_thread(checker, NULL, 0) != KERN_SUCCESS) {
		panic("no thread");
	}
	server_loop();
}
