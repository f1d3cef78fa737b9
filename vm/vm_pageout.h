/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Reclaiming pages: a kernel thread that keeps some memory free.
 *
 * Pages go active -> inactive -> free.  A page that was referenced meanwhile
 * goes back to the active queue; a dirty one is first sent to its pager, or,
 * when its object has none, to the default pager.
 */

#ifndef VM_VM_PAGEOUT_H
#define VM_VM_PAGEOUT_H

#include <stdbool.h>

/* Start the daemon; after the scheduler runs. */
void vm_pageout_setup(void);

/* Memory is short: run the daemon soon.  Any lock up to vm_phys held. */
void vm_pageout_wakeup(void);

/* Sleep until the daemon has tried to reclaim pages, since memory was short. */
void vm_pageout_wait_run(void);

/*
 * The default pager gave pages back because it has no room: it gets none for a
 * while, and memory may turn out to be exhausted.
 */
void vm_pageout_full(void);

/*
 * The default pager was told that an object has ended: it has room for as much
 * before it gets what is sent from now on.
 */
void vm_pageout_room(void);

/*
 * Is so much memory wired or the kernel's own that the daemon could hardly
 * reach its target by paging out all the rest?  Users then take pages from each
 * other all the time.  No locks; a guess.
 */
bool vm_pageout_is_crowded(void);

/*
 * Somebody has given memory back while it was exhausted: if it is enough, say so
 * at once, before the daemon's next round.  If that has ENDED, say so in any case:
 * most of it may have been at the default pager, and others may have taken the
 * rest by now, which can be paged out.  For kernel/shortage.c.
 */
void vm_pageout_look_again(bool ended);

/*
 * One round of the daemon's work, for tests: reclaim until the target is
 * reached or nothing more can be done.  Returns whether it freed anything.
 */
bool vm_pageout_run(void);

#endif
