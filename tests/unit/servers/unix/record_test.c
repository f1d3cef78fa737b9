/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Locks on files, against a model of some bytes and owners; and the calls.
 */
#include "unix_pretend.h"

#include <servers/unix/unix_record.h>
#include <string.h>
#include <tests/lib/server_test.h>

#define BYTES	24
#define OWNERS	4

static int32_t
lock_call(struct uthread *t, int fd, int command, int type, int64_t start,
    int64_t length)
{
	struct linux_flock64 lock = { (int16_t)type, 0, start, length, 0 };

	return CALL(t, own_lock, fd, command, &lock);
}

static int32_t
set(struct uthread *t, int fd, int type, int64_t start, int64_t length)
{
	return lock_call(t, fd, L_F_SETLK64, type, start, length);
}

static int
open_file(struct uthread *t)
{
	int fd = CALL(t, open, "/file", L_O_RDWR | L_O_CREAT, 0644);

	CHECK(fd >= 0);
	return fd;
}

/* What owner I of the model holds of byte B: 0 nothing, 1 read, 2 write. */
static int model[OWNERS][BYTES];

static bool
model_conflicts(int who, int type, int start, int end)
{
	for (int i = 0; i < OWNERS; i++) {
		for (int b = start; b <= end; b++) {
			if (i != who && model[i][b] != 0 &&
			    (type == L_F_WRLCK || model[i][b] == 2)) {
				return true;
			}
		}
	}
	return false;
}

TEST(ranges_against_model)
{
	struct record_owner owners[OWNERS];
	struct record r;
	int type;
	int who;
	int32_t expected;

	memset(owners, 0, sizeof(owners));
	memset(model, 0, sizeof(model));
	for (int i = 0; i < 20000; i++) {
		int a = (int)test_random(BYTES);
		int b = (int)test_random(BYTES);

		memset(&r, 0, sizeof(r));
		who = (int)test_random(OWNERS);
		type = (int)test_random(4);
		type = type > 2 ? L_F_UNLCK : type;
		r.owner = &owners[who];
		r.type = type;
		r.start = (uint64_t)(a < b ? a : b);
		r.end = (uint64_t)(a < b ? b : a);
		expected = type != L_F_UNLCK && model_conflicts(who, type,
		    (int)r.start, (int)r.end) ? -L_EAGAIN : 0;
		CHECK((record_conflict(1, 2, &r) != NULL) == (expected != 0));
		CHECK_EQ(record_set(1, 2, &r), expected);
		for (int k = (int)r.start; expected == 0 && k <= (int)r.end;
		    k++) {
			model[who][k] = type == L_F_UNLCK ? 0 :
			    type == L_F_WRLCK ? 2 : 1;
		}
		/* As many locks as there are runs of one type. */
		for (int k = 0; k < OWNERS; k++) {
			int runs = 0;

			for (int n = 0; n < BYTES; n++) {
				runs += model[k][n] != 0 && (n == 0 ||
				    model[k][n - 1] != model[k][n]) ? 1 : 0;
			}
			CHECK_EQ(owners[k].count, runs);
		}
	}
	for (int k = 0; k < OWNERS; k++) {
		record_release_all(&owners[k]);
		CHECK_EQ(owners[k].count, 0);
	}
}

TEST(an_owner_is_bounded)
{
	struct record_owner owner = { 0 };
	struct record r = { .owner = &owner, .type = L_F_WRLCK };
	int32_t error;
	int n = 0;

	for (;;) {
		r.start = r.end = (uint64_t)n * 4;
		error = record_set(1, 2, &r);
		if (error != 0) {
			break;
		}
		n++;
	}
	CHECK_EQ(error, -L_ENOLCK);
	CHECK_EQ(n, RECORD_OWNER_MAX);
	/* What is held can be given back all the same. */
	r.type = L_F_UNLCK;
	r.start = r.end = 4;
	CHECK_EQ(record_set(1, 2, &r), 0);
	CHECK_EQ(owner.count, RECORD_OWNER_MAX - 1);
	record_release_all(&owner);
}

TEST(cycles_are_found)
{
	struct record_owner owners[3] = { { 0 } };
	struct record_wait waits[3];
	struct record r = { .type = L_F_WRLCK };

	for (int i = 0; i < 3; i++) {
		r.owner = &owners[i];
		r.start = r.end = (uint64_t)i;
		CHECK_EQ(record_set(1, 2, &r), 0);
	}
	for (int i = 0; i < 2; i++) {
		r.owner = &owners[i];
		r.start = r.end = (uint64_t)i + 1;
		CHECK(record_wait_begin(&waits[i], 1, 2, &r, true) != NULL);
	}
	r.owner = &owners[2];
	r.start = r.end = 0;
	CHECK(record_wait_begin(&waits[2], 1, 2, &r, true) == NULL);
	/* Not if one of them gives up. */
	record_wait_end(&waits[1]);
	CHECK(record_wait_begin(&waits[2], 1, 2, &r, true) != NULL);
	record_wait_end(&waits[2]);
	record_wait_end(&waits[0]);
	for (int i = 0; i < 3; i++) {
		record_release_all(&owners[i]);
	}
}

TEST(processes_exclude_each_other)
{
	struct uthread *t = pretend_setup();
	int fd = open_file(t);
	struct uthread *child = pretend_fork(t);
	int other = open_file(child);
	struct linux_flock64 lock = { L_F_RDLCK, 0, 0, 0, 0 };

	CHECK_EQ(set(t, fd, L_F_WRLCK, 10, 10), 0);
	CHECK_EQ(set(t, fd, L_F_WRLCK, 15, 10), 0);
	CHECK_EQ(set(child, other, L_F_RDLCK, 24, 1), -L_EAGAIN);
	/* The inherited descriptor is of the child, which holds nothing. */
	CHECK_EQ(set(child, fd, L_F_RDLCK, 24, 1), -L_EAGAIN);
	CHECK_EQ(set(child, other, L_F_RDLCK, 25, 0), 0);
	CHECK_EQ(set(t, fd, L_F_WRLCK, 30, 0), -L_EAGAIN);
	CHECK_EQ(set(t, fd, L_F_RDLCK, 30, 0), 0);
	CHECK_EQ(CALL(child, own_lock, other, L_F_GETLK64, &lock), 0);
	CHECK_EQ(lock.type, L_F_WRLCK);
	CHECK_EQ(lock.start, 10);
	CHECK_EQ(lock.length, 15);
	CHECK_EQ(lock.pid, t->process->pid);
	/* Errors change nothing. */
	CHECK_EQ(set(t, 99, L_F_RDLCK, 0, 1), -L_EBADF);
	CHECK_EQ(set(t, fd, 7, 0, 1), -L_EINVAL);
	CHECK_EQ(set(t, fd, L_F_RDLCK, -1, 1), -L_EINVAL);
	CHECK_EQ(set(t, fd, L_F_RDLCK, 5, -6), -L_EINVAL);
	CHECK_EQ(set(t, fd, L_F_RDLCK, INT64_MAX, 2), -L_EOVERFLOW);
	CALL(child, exit_group, 0);
	CHECK_EQ(set(t, fd, L_F_WRLCK, 30, 0), 0);
}

TEST(any_close_gives_up)
{
	struct uthread *t = pretend_setup();
	int fd = open_file(t);
	int second = open_file(t);
	struct uthread *child = pretend_fork(t);

	CHECK_EQ(set(t, fd, L_F_WRLCK, 0, 0), 0);
	CHECK_EQ(set(child, fd, L_F_WRLCK, 0, 0), -L_EAGAIN);
	CALL(child, close, second);
	CHECK_EQ(set(child, fd, L_F_WRLCK, 0, 0), -L_EAGAIN);
	CALL(t, close, second);
	CHECK_EQ(set(child, fd, L_F_WRLCK, 0, 0), 0);
	/* dup2 closes as well. */
	second = CALL(child, open, "/other", L_O_CREAT | L_O_RDWR, 0600);
	CHECK_EQ(CALL(child, dup2, second, fd), fd);
	CHECK_EQ(set(t, fd, L_F_WRLCK, 0, 0), 0);
	CALL(child, exit_group, 0);
}

TEST(locks_of_descriptions)
{
	struct uthread *t = pretend_setup();
	int fd = open_file(t);
	int second = open_file(t);
	int copy = CALL(t, dup, fd);

	CHECK_EQ(CALL(t, flock, fd, L_LOCK_EX), 0);
	CHECK_EQ(CALL(t, flock, copy, L_LOCK_EX | L_LOCK_NB), 0);
	CHECK_EQ(CALL(t, flock, second, L_LOCK_SH | L_LOCK_NB), -L_EAGAIN);
	CHECK_EQ(CALL(t, flock, fd, 3), -L_EINVAL);
	/* Record locks do not see it. */
	CHECK_EQ(set(t, second, L_F_WRLCK, 0, 0), 0);
	CHECK_EQ(lock_call(t, fd, L_F_OFD_SETLK, L_F_RDLCK, 0, 1), -L_EAGAIN);
	CHECK_EQ(set(t, second, L_F_UNLCK, 0, 0), 0);
	CHECK_EQ(lock_call(t, fd, L_F_OFD_SETLK, L_F_RDLCK, 0, 1), 0);
	CHECK_EQ(set(t, second, L_F_WRLCK, 0, 0), -L_EAGAIN);
	/* Only the last close of the description ends both. */
	CALL(t, close, fd);
	CHECK_EQ(CALL(t, flock, second, L_LOCK_SH | L_LOCK_NB), -L_EAGAIN);
	CALL(t, close, copy);
	CHECK_EQ(CALL(t, flock, second, L_LOCK_SH | L_LOCK_NB), 0);
	CHECK_EQ(set(t, second, L_F_WRLCK, 0, 0), 0);
}
