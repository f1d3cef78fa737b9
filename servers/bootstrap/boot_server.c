/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Start order, readiness, death and restart, shutdown.
 *
 * One thread (boot_server_main) starts servers; the message loop's threads
 * change states when a server speaks or dies and signal boot_server_changed.
 */

#include <servers/bootstrap/boot_server.h>

#include <mach/host_info.h>
#include <pthread.h>
#include <servers/bootstrap/boot_archive.h>
#include <servers/bootstrap/boot_task.h>
#include <servers/bootstrap_types.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <mig/mach_host_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/name_user.h>
#include <mig/server_user.h>

#define BOOT_DELAY_FIRST	125	/* milliseconds */
#define BOOT_DELAY_MAX		8000
#define BOOT_LIFE_LONG		60000	/* then the pause is short again */
#define BOOT_STOP_TIMEOUT	10	/* seconds for one server to stop */
#define BOOT_EXTRA_MAX		16	/* servers that are not in the list */
#define BOOT_EXTRA_BYTES	(16u << 20)	/* of all their images */
#define BOOT_REBOOT_HALT	0x08	/* host_reboot's option */

mach_port_t boot_host_priv;
mach_port_t boot_device_master;

/* Only extra servers end. */
static void
boot_server_free(struct object *object)
{
	struct boot_server *s = (struct boot_server *)object;

	(void)vm_deallocate(mach_task_self(), (vm_address_t)s->image.start,
	    (vm_size_t)(s->image.end - s->image.start));
	free(s);
}

const struct object_class boot_server_class = {
	.name = "server",
	.free = boot_server_free,
};

static pthread_mutex_t boot_server_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t boot_server_changed = PTHREAD_COND_INITIALIZER;
static mach_port_t boot_server_exception;	/* fixed after setup */
/* Under boot_server_lock: */
static struct boot_server *boot_server_first;
static struct boot_server *boot_server_last;
static mach_port_t boot_name_control;
static mach_port_t boot_name_service;
static bool boot_server_ending;

static uint64_t
boot_server_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void
boot_server_drop(mach_port_t port)
{
	if (MACH_PORT_VALID(port)) {
		(void)mach_port_deallocate(mach_task_self(), port);
	}
}

/* Wait for a change, at most MILLISECONDS. */
static void
boot_server_wait_locked(uint64_t milliseconds)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += (time_t)(milliseconds / 1000);
	end.tv_nsec += (long)(milliseconds % 1000) * 1000000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_nsec -= 1000000000;
		end.tv_sec++;
	}
	(void)pthread_cond_timedwait(&boot_server_changed, &boot_server_lock,
	    &end);
}

static void
boot_server_append_locked(struct boot_server *s)
{
	s->previous = boot_server_last;
	if (boot_server_last == NULL) {
		boot_server_first = s;
	} else {
		boot_server_last->next = s;
	}
	boot_server_last = s;
}

/* The server after S, or the first.  For boot_server_main, which removes. */
static struct boot_server *
boot_server_next(struct boot_server *s)
{
	struct boot_server *next;

	pthread_mutex_lock(&boot_server_lock);
	next = s == NULL ? boot_server_first : s->next;
	pthread_mutex_unlock(&boot_server_lock);
	return next;
}

static struct boot_server *
boot_server_find_locked(const char *name)
{
	struct boot_server *s = boot_server_first;

	while (s != NULL && strcmp(s->entry.name, name) != 0) {
		s = s->next;
	}
	return s;
}

static void
boot_server_report(unsigned line, const char *why)
{
	log_error("servers.list:%u: %s", line, why);
}

void
boot_server_setup(const char *list, mach_port_t exception)
{
	struct boot_server *s;
	struct boot_entry entry;
	unsigned line = 0;

	boot_server_exception = exception;
	while (boot_list_next(&list, &line, &entry, boot_server_report)) {
		s = calloc(1, sizeof(*s));
		if (s == NULL || object_create_service(&s->object,
		    &boot_server_class) != KERN_SUCCESS) {
			panic("no memory for %s", entry.name);
		}
		s->entry = entry;
		s->delay = BOOT_DELAY_FIRST;
		boot_server_append_locked(s);
	}
}

/*
 * The name server, and what it knows of us.
 */

static void
boot_server_enter_name(const char *name, mach_port_t control, mach_port_t port)
{
	name_string_t text;
	kern_return_t kr;

	(void)snprintf(text, sizeof(text), "%s", name);
	kr = name_control_set(control, text, port);
	if (kr != KERN_SUCCESS) {
		log_error("name %s: %s", name, log_error_text(kr));
	}
}

/*
 * A name server started, for the first time or again: it learns the names of
 * all servers, and all servers get its port.
 */
static void
boot_server_name_server(mach_port_t control)
{
	struct boot_server *s;
	mach_port_t service = MACH_PORT_NULL;
	mach_port_t old;
	mach_port_t old_control;
	kern_return_t kr;

	kr = name_control_service(control, &service);
	if (kr != KERN_SUCCESS) {
		log_error("name server: %s", log_error_text(kr));
		boot_server_drop(control);
		return;
	}
	pthread_mutex_lock(&boot_server_lock);
	old = boot_name_service;
	old_control = boot_name_control;
	boot_name_service = service;
	boot_name_control = control;
	pthread_mutex_unlock(&boot_server_lock);
	boot_server_drop(old);
	boot_server_drop(old_control);
	for (s = boot_server_next(NULL); s != NULL; s = boot_server_next(s)) {
		/* Reserve every name, so that no client can take it first. */
		boot_server_enter_name(s->entry.name, control,
		    strcmp(s->entry.name, "name") == 0 ? service : s->service);
		if (s->task != MACH_PORT_NULL) {
			(void)boot_task_set_name_server(s->task, service);
		}
	}
}

/* S became ready: its name stands for its service from now on. */
static void
boot_server_announce(struct boot_server *s)
{
	mach_port_t names;
	mach_port_t service;

	pthread_mutex_lock(&boot_server_lock);
	s->unannounced = false;
	service = s->service;
	if (strcmp(s->entry.name, "name") == 0) {
		/* What the name server gave is its control. */
		s->service = MACH_PORT_NULL;
		names = MACH_PORT_NULL;
	} else {
		names = boot_name_control;
	}
	pthread_mutex_unlock(&boot_server_lock);
	if (service == MACH_PORT_NULL) {
		return;
	}
	if (strcmp(s->entry.name, "name") == 0) {
		boot_server_name_server(service);
	} else if (names != MACH_PORT_NULL) {
		boot_server_enter_name(s->entry.name, names, service);
	}
}

/*
 * Life and death.
 */

/* Drops the reference that the watch of the task's death has. */
static void
boot_server_died(mach_port_t task, void *argument)
{
	struct boot_server *s = argument;
	uint64_t now = boot_server_now();
	mach_port_t service;
	mach_port_t control;
	bool restart;

	pthread_mutex_lock(&boot_server_lock);
	if (s->task != task) {
		pthread_mutex_unlock(&boot_server_lock);
		object_unref(&s->object);
		return;
	}
	service = s->service;
	control = s->control;
	s->task = MACH_PORT_NULL;
	s->service = MACH_PORT_NULL;
	s->control = MACH_PORT_NULL;
	s->unannounced = false;
	restart = s->state != BOOT_DONE && !s->unwanted && !boot_server_ending;
	if (restart) {
		s->state = BOOT_DEAD;
		if (now - s->started >= BOOT_LIFE_LONG) {
			s->delay = BOOT_DELAY_FIRST;
		}
		s->restart_at = now + s->delay;
		s->delay = s->delay * 2 > BOOT_DELAY_MAX ? BOOT_DELAY_MAX :
		    s->delay * 2;
	}
	pthread_cond_broadcast(&boot_server_changed);
	pthread_mutex_unlock(&boot_server_lock);
	if (restart) {
		log_info("%s died; it will be started again", s->entry.name);
	}
	boot_server_drop(task);
	boot_server_drop(service);
	boot_server_drop(control);
	object_unref(&s->object);
}

static const struct boot_image *
boot_server_image(const struct boot_server *s)
{
	return s->extra ? &s->image : boot_archive_lookup(s->entry.image);
}

static bool
boot_server_is_wired(const struct boot_entry *entry)
{
	struct host_basic_info info;
	mach_msg_type_number_t count = HOST_BASIC_INFO_COUNT;

	if (!entry->wired || entry->wired_min == 0) {
		return entry->wired;
	}
	return host_info(mach_host_self_, HOST_BASIC_INFO, (host_info_t)&info,
	    &count) == KERN_SUCCESS &&
	    info.memory_size >> 20 >= entry->wired_min;
}

/* Start S: false when it cannot be started at all. */
static bool
boot_server_start(struct boot_server *s)
{
	const struct boot_image *image = boot_server_image(s);
	const char *argv[BOOT_LIST_ARGS_MAX + 2];
	struct boot_task_ports ports;
	mach_port_t task = MACH_PORT_NULL;
	const char *why = NULL;
	kern_return_t kr;

	if (image == NULL) {
		log_error("%s: no such program", s->entry.image);
		return false;
	}
	argv[0] = s->entry.name;
	memcpy(argv + 1, s->entry.argv, s->entry.argc * sizeof(argv[0]));
	argv[1 + s->entry.argc] = NULL;
	ports.bootstrap = object_right(&s->object);
	ports.exception = boot_server_exception;
	ports.essential = s->entry.essential;
	ports.wire_host = boot_server_is_wired(&s->entry) ? boot_host_priv :
	    MACH_PORT_NULL;
	ports.symbols_host = boot_host_priv;
	pthread_mutex_lock(&boot_server_lock);
	ports.name_server = boot_name_service;
	s->state = BOOT_STARTING;
	s->started = boot_server_now();
	s->starts++;
	pthread_mutex_unlock(&boot_server_lock);
	kr = boot_task_create(image, argv, &ports, &task, &why);
	boot_server_drop(ports.bootstrap);
	pthread_mutex_lock(&boot_server_lock);
	if (kr != KERN_SUCCESS) {
		s->state = BOOT_IDLE;
	}
	s->task = task;
	pthread_mutex_unlock(&boot_server_lock);
	if (kr != KERN_SUCCESS) {
		log_error("%s: %s", s->entry.name,
		    why != NULL ? why : log_error_text(kr));
		return false;
	}
	object_ref(&s->object);
	if (server_watch_death(task, boot_server_died, s) != KERN_SUCCESS) {
		boot_server_died(task, s);
	}
	return true;
}

/* Wait until S is ready, has nothing to do, died, or takes too long. */
static void
boot_server_await(struct boot_server *s)
{
	uint64_t end = boot_server_now() + s->entry.timeout * 1000;
	uint64_t now;
	bool late = false;
	bool ready;

	pthread_mutex_lock(&boot_server_lock);
	while (s->state == BOOT_STARTING && !late) {
		now = boot_server_now();
		late = now >= end;
		if (!late) {
			boot_server_wait_locked(end - now);
		}
	}
	ready = s->state == BOOT_READY;
	pthread_mutex_unlock(&boot_server_lock);
	if (ready) {
		boot_server_announce(s);
	}
	if (late) {
		log_error("%s is not ready after %u seconds; going on without "
		    "it", s->entry.name, s->entry.timeout);
	}
}

/* The extra server S is unwanted and has no task: nothing is left of it. */
static void
boot_server_reap(struct boot_server *s)
{
	name_string_t text;
	mach_port_t names;

	pthread_mutex_lock(&boot_server_lock);
	names = boot_name_control;
	pthread_mutex_unlock(&boot_server_lock);
	(void)snprintf(text, sizeof(text), "%s", s->entry.name);
	(void)name_control_forget(names, text);
	pthread_mutex_lock(&boot_server_lock);
	if (boot_server_ending) {
		/* Who ends the system goes along the list. */
		pthread_mutex_unlock(&boot_server_lock);
		return;
	}
	if (s->next != NULL) {
		s->next->previous = s->previous;
	} else {
		boot_server_last = s->previous;
	}
	if (s->previous != NULL) {
		s->previous->next = s->next;
	} else {
		boot_server_first = s->next;
	}
	s->removed = true;
	pthread_cond_broadcast(&boot_server_changed);
	pthread_mutex_unlock(&boot_server_lock);
	object_kill(&s->object);
	object_unref(&s->object);
}

/*
 * A server that is to be started, announced or reaped, or NULL; *WAIT until
 * the next.
 */
static struct boot_server *
boot_server_due_locked(uint64_t *wait)
{
	uint64_t now = boot_server_now();
	struct boot_server *s;

	*wait = 60000;
	for (s = boot_server_first; s != NULL; s = s->next) {
		if (s->unwanted && s->task == MACH_PORT_NULL &&
		    !boot_server_ending) {
			return s;
		}
		if (s->unannounced) {
			return s;
		}
		if (s->state != BOOT_DEAD || boot_server_ending) {
			continue;
		}
		if (s->restart_at <= now) {
			return s;
		}
		if (s->restart_at - now < *wait) {
			*wait = s->restart_at - now;
		}
	}
	return NULL;
}

void
boot_server_main(void *argument)
{
	struct boot_server *s;
	uint64_t wait;
	bool announce;
	bool reap;

	(void)argument;
	for (s = boot_server_next(NULL); s != NULL; s = boot_server_next(s)) {
		if (!s->extra && boot_server_start(s)) {
			boot_server_await(s);
		}
	}
	log_info("all servers started");
	for (;;) {
		pthread_mutex_lock(&boot_server_lock);
		s = boot_server_due_locked(&wait);
		if (s == NULL) {
			boot_server_wait_locked(wait);
		}
		announce = s != NULL && s->unannounced;
		reap = s != NULL && s->unwanted && s->task == MACH_PORT_NULL;
		pthread_mutex_unlock(&boot_server_lock);
		if (reap) {
			boot_server_reap(s);
		} else if (announce) {
			boot_server_announce(s);
		} else if (s != NULL) {
			(void)boot_server_start(s);
		}
	}
}

/*
 * What servers say.
 */

kern_return_t
boot_server_ready(struct boot_server *s, mach_port_t service,
    mach_port_t control)
{
	kern_return_t kr = KERN_FAILURE;

	/*
	 * The caller does not answer calls before it has our answer, so its
	 * name is entered by boot_server_main.
	 */
	pthread_mutex_lock(&boot_server_lock);
	if (s->state == BOOT_STARTING) {
		s->state = BOOT_READY;
		s->service = service;
		s->control = control;
		s->unannounced = true;
		pthread_cond_broadcast(&boot_server_changed);
		kr = KERN_SUCCESS;
	}
	pthread_mutex_unlock(&boot_server_lock);
	return kr;
}

void
boot_server_done(struct boot_server *s, const char *reason)
{
	log_info("%s: %s", s->entry.name, reason);
	pthread_mutex_lock(&boot_server_lock);
	if (s->state == BOOT_STARTING || s->state == BOOT_READY) {
		s->state = BOOT_DONE;
	}
	pthread_cond_broadcast(&boot_server_changed);
	pthread_mutex_unlock(&boot_server_lock);
}

bool
boot_server_of_task(mach_port_t task, char name[BOOT_LIST_NAME_MAX + 1])
{
	struct boot_server *s;

	pthread_mutex_lock(&boot_server_lock);
	s = boot_server_first;
	while (s != NULL && s->task != task) {
		s = s->next;
	}
	if (s != NULL) {
		strcpy(name, s->entry.name);
	}
	pthread_mutex_unlock(&boot_server_lock);
	return s != NULL;
}

/* One more right for S's task, or null. */
static mach_port_t
boot_server_task_locked(struct boot_server *s)
{
	if (s == NULL || s->task == MACH_PORT_NULL ||
	    mach_port_mod_refs(mach_task_self(), s->task, MACH_PORT_RIGHT_SEND,
		1) != KERN_SUCCESS) {
		return MACH_PORT_NULL;
	}
	return s->task;
}

/* End TASK, one of boot_server_task_locked. */
static kern_return_t
boot_server_end_task(mach_port_t task)
{
	kern_return_t kr = KERN_INVALID_NAME;

	if (task != MACH_PORT_NULL) {
		kr = task_terminate(task);
		boot_server_drop(task);
	}
	return kr;
}

kern_return_t
boot_server_kill(const char *name)
{
	mach_port_t task;

	pthread_mutex_lock(&boot_server_lock);
	task = boot_server_task_locked(boot_server_find_locked(name));
	pthread_mutex_unlock(&boot_server_lock);
	return boot_server_end_task(task);
}

/* Is there room for S among the extra servers, and is its name free? */
static kern_return_t
boot_server_check_locked(const struct boot_server *s)
{
	size_t bytes = (size_t)(s->image.end - s->image.start);
	unsigned count = 0;
	const struct boot_server *other;

	if (boot_server_find_locked(s->entry.name) != NULL) {
		return KERN_NAME_EXISTS;
	}
	for (other = boot_server_first; other != NULL; other = other->next) {
		if (other->extra) {
			bytes += (size_t)(other->image.end -
					  other->image.start);
			count++;
		}
	}
	if (count >= BOOT_EXTRA_MAX || bytes > BOOT_EXTRA_BYTES ||
	    boot_server_ending) {
		return KERN_RESOURCE_SHORTAGE;
	}
	return KERN_SUCCESS;
}

/* Has somebody registered NAME with the name server? */
static bool
boot_server_name_taken(const char *name)
{
	name_string_t text;
	mach_port_t names;
	mach_port_t port = MACH_PORT_NULL;

	pthread_mutex_lock(&boot_server_lock);
	names = boot_name_service;
	if (names != MACH_PORT_NULL && mach_port_mod_refs(mach_task_self(),
	    names, MACH_PORT_RIGHT_SEND, 1) != KERN_SUCCESS) {
		names = MACH_PORT_NULL;
	}
	pthread_mutex_unlock(&boot_server_lock);
	(void)snprintf(text, sizeof(text), "%s", name);
	if (names != MACH_PORT_NULL &&
	    name_lookup(names, text, 0, &port) != KERN_SUCCESS) {
		port = MACH_PORT_NULL;
	}
	boot_server_drop(names);
	boot_server_drop(port);
	return port != MACH_PORT_NULL;
}

kern_return_t
boot_server_insert(struct boot_server *s)
{
	kern_return_t kr;

	if (boot_server_name_taken(s->entry.name)) {
		return KERN_NAME_EXISTS;
	}
	pthread_mutex_lock(&boot_server_lock);
	kr = boot_server_check_locked(s);
	if (kr == KERN_SUCCESS) {
		s->state = BOOT_DEAD;
		s->restart_at = boot_server_now();
		s->delay = BOOT_DELAY_FIRST;
		boot_server_append_locked(s);
		pthread_cond_broadcast(&boot_server_changed);
	}
	pthread_mutex_unlock(&boot_server_lock);
	return kr;
}

static const char *
boot_server_state_text(enum boot_state state)
{
	static const char *const texts[] = {
		[BOOT_IDLE] = "missing",
		[BOOT_STARTING] = "starting",
		[BOOT_READY] = "ready",
		[BOOT_DEAD] = "dead",
		[BOOT_DONE] = "unused",
	};

	return texts[state];
}

char *
boot_server_list(void)
{
	struct boot_server *s;
	size_t room = 1;
	size_t used = 0;
	char *text;

	pthread_mutex_lock(&boot_server_lock);
	for (s = boot_server_first; s != NULL; s = s->next) {
		room += BOOT_LIST_NAME_MAX + 32;
	}
	text = calloc(1, room);
	for (s = boot_server_first; s != NULL && text != NULL; s = s->next) {
		(void)snprintf(text + used, room - used, "%s %s %u\n",
		    s->entry.name, boot_server_state_text(s->state), s->starts);
		used += strlen(text + used);
	}
	pthread_mutex_unlock(&boot_server_lock);
	return text;
}

/*
 * The end.
 */

struct boot_stop {
	mach_port_t	control;
	bool		finished;	/* boot_server_lock */
};

static void
boot_server_stop_main(void *argument)
{
	struct boot_stop *stop = argument;

	(void)server_stop(stop->control);
	boot_server_drop(stop->control);
	pthread_mutex_lock(&boot_server_lock);
	stop->finished = true;
	pthread_cond_broadcast(&boot_server_changed);
	pthread_mutex_unlock(&boot_server_lock);
}

/* Let S write back; another thread asks, so that a stuck server costs time. */
static void
boot_server_stop(struct boot_server *s)
{
	struct boot_stop *stop;
	uint64_t end = boot_server_now() + BOOT_STOP_TIMEOUT * 1000;
	bool finished;

	stop = calloc(1, sizeof(*stop));
	if (stop == NULL) {
		return;
	}
	pthread_mutex_lock(&boot_server_lock);
	if (s->control != MACH_PORT_NULL &&
	    mach_port_mod_refs(mach_task_self(), s->control,
		MACH_PORT_RIGHT_SEND, 1) == KERN_SUCCESS) {
		stop->control = s->control;
	}
	pthread_mutex_unlock(&boot_server_lock);
	if (stop->control == MACH_PORT_NULL || server_start_thread(
	    boot_server_stop_main, stop, 0) != KERN_SUCCESS) {
		boot_server_drop(stop->control);
		free(stop);
		return;
	}
	pthread_mutex_lock(&boot_server_lock);
	while (!stop->finished && boot_server_now() < end) {
		boot_server_wait_locked(end - boot_server_now());
	}
	finished = stop->finished;
	pthread_mutex_unlock(&boot_server_lock);
	if (!finished) {
		/* STOP stays: its thread still uses it. */
		log_error("%s does not stop", s->entry.name);
		return;
	}
	free(stop);
}

kern_return_t
boot_server_remove(const char *name)
{
	struct boot_server *s;
	kern_return_t kr = KERN_SUCCESS;
	mach_port_t task;

	pthread_mutex_lock(&boot_server_lock);
	s = boot_server_find_locked(name);
	if (s == NULL || s->unwanted) {
		kr = KERN_INVALID_NAME;
	} else if (!s->extra) {
		kr = KERN_NO_ACCESS;
	} else {
		object_ref(&s->object);
		s->unwanted = true;
	}
	pthread_mutex_unlock(&boot_server_lock);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	boot_server_stop(s);
	pthread_mutex_lock(&boot_server_lock);
	do {
		task = boot_server_task_locked(s);
		pthread_cond_broadcast(&boot_server_changed);
		pthread_mutex_unlock(&boot_server_lock);
		(void)boot_server_end_task(task);
		pthread_mutex_lock(&boot_server_lock);
		if (!s->removed) {
			boot_server_wait_locked(1000);
		}
	} while (!s->removed && !boot_server_ending);
	pthread_mutex_unlock(&boot_server_lock);
	object_unref(&s->object);
	return KERN_SUCCESS;
}

kern_return_t
boot_server_shutdown(int how)
{
	struct boot_server *s;
	kern_return_t kr;

	pthread_mutex_lock(&boot_server_lock);
	if (boot_server_ending) {
		pthread_mutex_unlock(&boot_server_lock);
		return KERN_FAILURE;
	}
	boot_server_ending = true;
	pthread_mutex_unlock(&boot_server_lock);
	for (s = boot_server_last; s != NULL; s = s->previous) {
		boot_server_stop(s);
	}
	log_info("%s", how == BOOTSTRAP_REBOOT ? "rebooting" : "halted");
	kr = host_reboot(boot_host_priv,
	    how == BOOTSTRAP_REBOOT ? 0 : BOOT_REBOOT_HALT);
	log_error("host_reboot: %s", log_error_text(kr));
	pthread_mutex_lock(&boot_server_lock);
	boot_server_ending = false;
	pthread_mutex_unlock(&boot_server_lock);
	return kr;
}
