/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * epoll: a file that waits on others.  What happens to one of them puts its
 * item into a list of those that may be ready; who collects looks whether they
 * are.  An item goes with the last descriptor of what it watches.
 */
#ifndef SERVERS_UNIX_UNIX_EPOLL_H
#define SERVERS_UNIX_UNIX_EPOLL_H

#include <servers/unix/unix.h>

/* Returns NULL without memory. */
struct file *epoll_create_file(void);
bool epoll_is(const struct file *f);

/*
 * Watch FILE, known as FD, or change how, or no longer: L_EPOLL_CTL_*.
 *
 * Returns: as Linux has it; -L_ENOSPC above the bound of one such file.
 */
int32_t epoll_control(struct file *f, struct uthread *t, uint32_t operation,
    struct file *file, uint32_t fd, const struct linux_epoll_event *event);

/* Up to MAX that are ready for T. */
int32_t epoll_collect(struct file *f, struct uthread *t,
    struct linux_epoll_event *events, uint32_t max);
struct waitq *epoll_queue(struct file *f);

/* FILE is closed by all: nobody watches it any more. */
void epoll_forget(struct file *file);

/*
 * unix_signalfd.c.  Whoever reads or looks sees signals of its own, not of who
 * made the file.
 */
struct file *signalfd_create(sigset_bits_t set, uint32_t flags);
/* False: it is none. */
bool signalfd_change(struct file *f, sigset_bits_t set);

/* unix_eventfd.c */
struct file *eventfd_create(uint64_t value, uint32_t flags);

#endif /* SERVERS_UNIX_UNIX_EPOLL_H */
