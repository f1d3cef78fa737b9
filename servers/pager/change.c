/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Paging files that are added and removed.  One such change at a time:
 *
 *	IDLE
 *	LOOKING		the second thread finds out about the file; the change
 *			is its own, all else is the first thread's
 *	LOOKED		it has; the first thread takes note between requests
 *	MOVING		removal: nothing goes into the file any more, and what
 *			is in it moves out, a few pages between two requests
 *
 * Before a file leaves there must be room for what is in it, and that room is
 * kept (space.h).  If moving fails nevertheless the file stays, with what is
 * still in it; and so it does when nobody waits for the answer any more, which
 * is how a removal is interrupted.  The second thread is made at the start, and
 * a change is made in the one struct there is: no step of the first thread
 * takes memory of its own, but what goes through it, and of that less when
 * there is little.
 */
#include <servers/pager/pager.h>

#include <pthread.h>
#include <string.h>

#include <mach/mig_errors.h>
#include <mach/vm_statistics.h>

#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#include <servers/errors.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>

#define CHANGE_STACK		(32u * 1024)
/* Pages to move in a step, and how many must be free for that. */
#define CHANGE_PAGES		8u
#define CHANGE_PAGES_FREE	256
/* Milliseconds between looks at the second thread; after a step in vain. */
#define CHANGE_LOOK		20
#define CHANGE_PAUSE		50
/* Steps in vain in a row. */
#define CHANGE_TRIES		1200u

enum paging_change_state {
	CHANGE_IDLE,
	CHANGE_LOOKING,
	CHANGE_LOOKED,
	CHANGE_MOVING
};

/* [s] whose it is says the state */
struct paging_change {
	bool			add;		/* [s] */
	struct paging_source	source;		/* [s] */
	kern_return_t		found;		/* [s] of looking */
	struct paging_asker	asker;		/* the first thread's */
	uint32_t		file;		/* that is moving */
	unsigned		tries;		/* steps in vain */
};

static pthread_mutex_t change_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change_wanted = PTHREAD_COND_INITIALIZER;
static enum paging_change_state change_state;	/* change_lock */
static struct paging_change change;

static void
change_set_state(enum paging_change_state state)
{
	pthread_mutex_lock(&change_lock);
	change_state = state;
	pthread_cond_signal(&change_wanted);
	pthread_mutex_unlock(&change_lock);
}

static enum paging_change_state
change_get_state(void)
{
	enum paging_change_state state;

	pthread_mutex_lock(&change_lock);
	state = change_state;
	pthread_mutex_unlock(&change_lock);
	return state;
}

/* The second thread. */
static void
change_look(void *argument)
{
	for (;;) {
		pthread_mutex_lock(&change_lock);
		while (change_state != CHANGE_LOOKING) {
			pthread_cond_wait(&change_wanted, &change_lock);
		}
		pthread_mutex_unlock(&change_lock);
		change.found = paging_source_find(&change.source, change.add);
		change_set_state(CHANGE_LOOKED);
	}
}

kern_return_t
paging_change_setup(void)
{
	return server_start_thread(change_look, NULL, CHANGE_STACK);
}

/* The change has ended with RESULT. */
static void
change_finish(kern_return_t result)
{
	paging_source_drop(&change.source);
	server_reply(change.asker.reply, change.asker.kind, change.asker.id,
	    result);
	change_set_state(CHANGE_IDLE);
}

static void
change_add(void)
{
	kern_return_t kr = paging_file_check(&change.source);

	if (kr == KERN_SUCCESS) {
		paging_file_add(&change.source);
	}
	change_finish(kr);
}

/* A file that has no name any more goes by that which it had. */
static uint32_t
change_file(void)
{
	uint32_t i = 0;

	if (change.found == KERN_SUCCESS) {
		return paging_file_number(&change.source);
	}
	while (i < SPACE_FILES && (!paging_space.files[i].there ||
	    strcmp(paging_file_name(i), change.source.name) != 0)) {
		i++;
	}
	return i;
}

static void
change_begin_remove(void)
{
	change.file = change_file();
	if (change.file == SPACE_FILES) {
		change_finish(change.found == KERN_SUCCESS ? UNIX_EINVAL :
		    change.found);
	} else if (!space_leave(&paging_space, change.file)) {
		change_finish(UNIX_ENOMEM);
	} else {
		change_set_state(CHANGE_MOVING);
	}
}

/* How many pages may go through here now. */
static uint32_t
change_pages(void)
{
	struct vm_statistics stat;

	if (vm_statistics(mach_task_self(), &stat) != KERN_SUCCESS ||
	    stat.free_count < CHANGE_PAGES_FREE) {
		return 1;
	}
	return CHANGE_PAGES;
}

/* The pages cannot move: the file stays. */
static void
change_give_up(kern_return_t reason)
{
	log_error("%s stays a paging file: %s", paging_file_name(change.file),
	    log_error_text(reason));
	space_stay(&paging_space, change.file);
	change_finish(reason == KERN_NO_SPACE || reason == UNIX_ENOSPC ?
	    UNIX_ENOMEM : reason);
}

/* Nobody waits for the answer any more; who gave no port for it never did. */
static bool
change_asker_is_gone(void)
{
	mach_port_t reply = change.asker.reply;
	mach_port_type_t type;

	if (reply == MACH_PORT_DEAD) {
		return true;
	}
	return reply != MACH_PORT_NULL &&
	    mach_port_type(mach_task_self(), reply, &type) == KERN_SUCCESS &&
	    (type & MACH_PORT_TYPE_DEAD_NAME) != 0;
}

/* Milliseconds until the next step. */
static int
change_move(void)
{
	kern_return_t kr;

	if (change_asker_is_gone()) {
		change_give_up(UNIX_EINTR);
		return -1;
	}
	if (paging_space.files[change.file].store.used == 0) {
		paging_file_remove(change.file);
		change_finish(KERN_SUCCESS);
		return -1;
	}
	kr = paged_move(change.file, change_pages());
	if (kr == KERN_SUCCESS) {
		change.tries = 0;
		return 0;
	}
	if (kr == UNIX_ENOMEM && ++change.tries < CHANGE_TRIES) {
		return CHANGE_PAUSE;
	}
	change_give_up(kr);
	return -1;
}

kern_return_t
paging_change(const char *name, mach_port_t handle, bool add,
    struct paging_asker asker)
{
	if (change_get_state() == CHANGE_MOVING && change_asker_is_gone()) {
		change_give_up(UNIX_EINTR);
	}
	if (change_get_state() != CHANGE_IDLE) {
		return UNIX_EBUSY;
	}
	memset(&change, 0, sizeof(change));
	(void)strcpy(change.source.name, name);
	change.source.handle = handle;
	change.add = add;
	change.asker = asker;
	change_set_state(CHANGE_LOOKING);
	return MIG_NO_REPLY;
}

int
paging_change_step(void)
{
	switch (change_get_state()) {
	case CHANGE_LOOKING:
		return CHANGE_LOOK;
	case CHANGE_LOOKED:
		if (!change.add) {
			change_begin_remove();
		} else if (change.found == KERN_SUCCESS) {
			change_add();
		} else {
			change_finish(change.found);
		}
		return change_get_state() == CHANGE_MOVING ? 0 : -1;
	case CHANGE_MOVING:
		return change_move();
	case CHANGE_IDLE:
		break;
	}
	return -1;
}
