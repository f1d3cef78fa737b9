/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The line discipline, job control, pseudo terminals.
 */
#include "unix_pretend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tests/lib/server_test.h>

static struct pretend_tty term;
static struct file *term_file;

/* A session leader with the terminal; its thread. */
static struct uthread *
session(void)
{
	struct uthread *t = pretend_fork(pretend_setup());

	CALL(t, setsid);
	pretend_tty_setup(&term);
	dev_console = term.tty;
	term_file = tty_open(term.tty, t->process, L_O_RDWR);
	CHECK_EQ(fd_insert(t->process, term_file, 0, false), 0);
	CHECK(t->process->session->tty == term.tty);
	return t;
}

static int32_t
reads(struct uthread *t, char *buf, uint32_t n)
{
	int32_t result;

	term_file->flags |= L_O_NONBLOCK;
	result = CALL(t, read, 0, buf, n);
	if (result >= 0) {
		buf[result] = '\0';
	}
	return result;
}

static void
set_raw(struct uthread *t, uint8_t min, uint8_t time)
{
	struct linux_termios termios;
	char in[64];
	char out[64];

	memset(in, 0, sizeof(in));
	CHECK_EQ(CALL(t, ioctl, 0, L_TCGETS, 1, in, out), 0);
	memcpy(&termios, out, sizeof(termios));
	termios.lflag &= ~(uint32_t)(L_ICANON | L_ECHO | L_ISIG);
	termios.iflag &= ~(uint32_t)L_ICRNL;
	termios.cc[L_VMIN] = min;
	termios.cc[L_VTIME] = time;
	memcpy(in, &termios, sizeof(termios));
	CHECK_EQ(CALL(t, ioctl, 0, L_TCSETS, 1, in, out), 0);
}

TEST(line_with_echo)
{
	struct uthread *t = session();
	char buf[100];

	pretend_type(&term, "ab");
	CHECK_EQ(reads(t, buf, 50), -L_EAGAIN);
	pretend_type(&term, "c\r");
	CHECK(pretend_shows(&term, "abc\r\n"));
	CHECK_EQ(reads(t, buf, 50), 4);
	CHECK(strcmp(buf, "abc\n") == 0);
	CHECK_EQ(reads(t, buf, 50), -L_EAGAIN);
}

TEST(reads_stop_at_line_ends)
{
	struct uthread *t = session();
	char buf[100];

	pretend_type(&term, "one\rtwo\r");
	CHECK_EQ(reads(t, buf, 2), 2);
	CHECK_EQ(reads(t, buf, 50), 2);
	CHECK(strcmp(buf, "e\n") == 0);
	CHECK_EQ(reads(t, buf, 50), 4);
}

TEST(erase_kill_word)
{
	struct uthread *t = session();
	char buf[100];

	pretend_type(&term, "ab\177c\r");
	CHECK(pretend_shows(&term, "ab\b \bc\r\n"));
	CHECK_EQ(reads(t, buf, 50), 3);
	CHECK(strcmp(buf, "ac\n") == 0);
	pretend_type(&term, "one two \027x\r");
	term.length = 0;
	CHECK_EQ(reads(t, buf, 50), 6);
	CHECK(strcmp(buf, "one x\n") == 0);
	pretend_type(&term, "gone\025ok\r");
	CHECK(pretend_shows(&term,
	    "gone\b \b\b \b\b \b\b \bok\r\n"));
	CHECK_EQ(reads(t, buf, 50), 3);
	pretend_type(&term, "\177\r");
	CHECK_EQ(reads(t, buf, 50), 1);
	/* Control characters take two columns; a tab what it took. */
	term.length = 0;
	pretend_type(&term, "\001\177");
	CHECK(pretend_shows(&term, "^A\b \b\b \b"));
	pretend_type(&term, "abc\t\177");
	CHECK(pretend_shows(&term,
	    "abc\t\b \b\b \b\b \b\b \b\b \b"));
}

TEST(end_of_file)
{
	struct uthread *t = session();
	char buf[100];

	pretend_type(&term, "\004");
	CHECK_EQ(reads(t, buf, 50), 0);
	CHECK_EQ(reads(t, buf, 50), -L_EAGAIN);
	pretend_type(&term, "ab\004");
	CHECK_EQ(reads(t, buf, 50), 2);
	CHECK_EQ(reads(t, buf, 50), -L_EAGAIN);
	/* A buffer that is just full takes the mark with it. */
	pretend_type(&term, "ab\004");
	CHECK_EQ(reads(t, buf, 2), 2);
	CHECK_EQ(reads(t, buf, 50), -L_EAGAIN);
}

TEST(literal_next)
{
	struct uthread *t = session();
	char buf[100];

	pretend_type(&term, "\026\003\r");
	CHECK(pretend_shows(&term, "^\b^C\r\n"));
	CHECK_EQ(reads(t, buf, 50), 2);
	CHECK_EQ(buf[0], 3);
}

TEST(output_processing)
{
	struct uthread *t = session();

	CHECK_EQ(CALL(t, write, 0, "a\nb", 3), 3);
	CHECK(pretend_shows(&term, "a\r\nb"));
	set_raw(t, 1, 0);
	CHECK_EQ(CALL(t, write, 0, "a\n", 2), 2);
	CHECK(pretend_shows(&term, "a\r\n"));
}

TEST(output_waits_for_the_driver)
{
	struct uthread *t = session();
	char big[8192];
	int32_t n;
	int32_t total = 0;

	memset(big, 'x', sizeof(big));
	term_file->flags |= L_O_NONBLOCK;
	term.room = 0;
	while ((n = CALL(t, write, 0, big, 4096)) > 0) {
		total += n;
	}
	CHECK_EQ(n, -L_EAGAIN);
	CHECK_EQ(total, 8192 - 7);
	term.room = ~0u;
	tty_output_ready(term.tty);
	CHECK_EQ(term.length, (uint32_t)total);
}

TEST(flow_control)
{
	struct uthread *t = session();

	pretend_type(&term, "\023");
	CHECK_EQ(CALL(t, write, 0, "held", 4), 4);
	CHECK_EQ(term.length, 0);
	pretend_type(&term, "\021");
	CHECK(pretend_shows(&term, "held"));
}

/* Lines until no more are taken; the line that is typed is not yet one. */
static uint32_t
type_lines(uint32_t n)
{
	char line[16];
	uint32_t i;

	for (i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "%09u\n", i);
		if (tty_input(term.tty, line, 10) != 10) {
			break;
		}
	}
	return i;
}

TEST(input_waits_for_readers)
{
	struct uthread *t = session();
	char buf[100];
	uint32_t typed = type_lines(5000);

	CHECK(typed > 300 && typed < 5000);
	CHECK(tty_input_is_full(term.tty));
	CHECK_EQ(term.input_ready, 0);
	for (uint32_t i = 0; i < typed; i++) {
		CHECK_EQ(reads(t, buf, 50), 10);
		CHECK_EQ(atoi(buf), i);
		CHECK_EQ(term.input_ready, 1);
	}
	CHECK(!tty_input_is_full(term.tty));
	CHECK_EQ(type_lines(10), 10);
}

TEST(input_of_one_long_line_is_refused)
{
	struct uthread *t = session();
	char buf[5000];

	for (int i = 0; i < 5000; i++) {
		CHECK_EQ(tty_input(term.tty, "x", 1), 1);
		term.length = 0;
	}
	pretend_type(&term, "\n");
	CHECK_EQ(reads(t, buf, sizeof(buf) - 1), 4095);
}

TEST(input_in_raw_mode_waits_for_readers)
{
	struct uthread *t = session();
	char bytes[5000];
	char buf[100];
	uint32_t taken;

	set_raw(t, 1, 0);
	memset(bytes, 'y', sizeof(bytes));
	taken = tty_input(term.tty, bytes, sizeof(bytes));
	CHECK(taken < sizeof(bytes));
	CHECK_EQ(tty_input(term.tty, bytes, 1), 0);
	CHECK_EQ(reads(t, buf, 50), 50);
	CHECK_EQ(term.input_ready, 1);
	CHECK_EQ(tty_input(term.tty, bytes, 60), 50);
}

TEST(raw_mode)
{
	struct uthread *t = session();
	char buf[100];

	set_raw(t, 3, 0);
	pretend_type(&term, "ab");
	/* One that must not wait takes what there is. */
	CHECK_EQ(reads(t, buf, 50), 2);
	CHECK_EQ(reads(t, buf, 50), -L_EAGAIN);
	pretend_type(&term, "cd\r");
	term_file->flags &= ~(uint32_t)L_O_NONBLOCK;
	CHECK_EQ(CALL(t, read, 0, buf, 50), 3);
	CHECK_EQ(buf[2], '\r');
	CHECK_EQ(term.length, 0);
	set_raw(t, 0, 0);
	CHECK_EQ(reads(t, buf, 50), 0);
	pretend_type(&term, "\003x");
	CHECK_EQ(reads(t, buf, 1), 1);
	CHECK_EQ(buf[0], 3);
	CHECK_EQ(reads(t, buf, 50), 1);
}

TEST(raw_read_with_time_limit)
{
	struct uthread *t = session();
	char buf[10];

	set_raw(t, 0, 1);
	CHECK_EQ(CALL(t, read, 0, buf, 10), 0);
	pretend_type(&term, "x");
	CHECK_EQ(CALL(t, read, 0, buf, 10), 1);
	/* Between bytes: it ends though more were wanted. */
	set_raw(t, 4, 1);
	pretend_type(&term, "xyz");
	CHECK_EQ(CALL(t, read, 0, buf, 10), 3);
	pretend_type(&term, "wxyz");
	CHECK_EQ(CALL(t, read, 0, buf, 10), 4);
	pretend_type(&term, "xyz");
	CHECK_EQ(CALL(t, read, 0, buf, 2), 2);
	CHECK_EQ(reads(t, buf, 10), 1);
	CHECK_EQ(reads(t, buf, 10), -L_EAGAIN);
	set_raw(t, 0, 1);
	CHECK_EQ(reads(t, buf, 10), -L_EAGAIN);
	set_raw(t, 0, 0);
	CHECK_EQ(reads(t, buf, 10), 0);
}

TEST(exclusive_use)
{
	struct uthread *t = session();
	struct uthread *user = pretend_fork(t);
	struct file *f;
	char in[64] = { 0 };
	char out[64];

	CHECK_EQ(CALL(user, setresuid32, 1000, 1000, 1000), 0);
	CHECK_EQ(CALL(t, ioctl, 0, L_TIOCEXCL, 0, in, out), 0);
	CHECK_EQ(CALL(t, ioctl, 0, L_TIOCGEXCL, 1, in, out), 0);
	CHECK_EQ(out[0], 1);
	CHECK_EQ(dev_open(user->process, 5 << 8 | 1, L_O_RDWR, &f), -L_EBUSY);
	CHECK_EQ(CALL(user, ioctl, 0, L_TIOCNXCL, 0, in, out), 0);
	CHECK_EQ(dev_open(user->process, 5 << 8 | 1, L_O_RDWR, &f), 0);
	file_unref(f);
	CHECK_EQ(CALL(t, ioctl, 0, L_TIOCCONS, 0, in, out), -L_ENOTTY);
}

TEST(interrupt_kills_foreground)
{
	struct uthread *t = session();
	struct uthread *job = pretend_fork(t);
	char in[64] = { 0 };
	char out[64];
	int pid = job->tid;
	int status;

	CHECK_EQ(CALL(t, setpgid, pid, pid), 0);
	memcpy(in, &pid, sizeof(pid));
	CHECK_EQ(CALL(t, ioctl, 0, L_TIOCSPGRP, 1, in, out), 0);
	pretend_type(&term, "typed\003");
	CHECK(pretend_shows(&term, "typed^C"));
	CHECK_EQ(CALL(t, wait4, pid, &status, 0, 0), pid);
	CHECK_EQ(status, L_SIGINT);
}

TEST(suspend_stops_foreground)
{
	struct uthread *t = session();
	struct uthread *job = pretend_fork(t);
	char in[64] = { 0 };
	char out[64];
	int pid = job->tid;

	CALL(t, setpgid, pid, pid);
	memcpy(in, &pid, sizeof(pid));
	CALL(t, ioctl, 0, L_TIOCSPGRP, 1, in, out);
	pretend_type(&term, "\032");
	CHECK_EQ(job->process->state, PROCESS_STOPPED);
	CHECK_EQ(job->process->stop_signal, L_SIGTSTP);
}

TEST(background_read_stops)
{
	struct uthread *t = session();
	struct uthread *job = pretend_fork(t);
	char in[64] = { 0 };
	char out[64];
	char buf[10];
	int pid = job->tid;

	CALL(t, setpgid, pid, pid);
	CHECK_EQ(CALL(job, read, 0, buf, 10), -L_ERESTARTSYS);
	CHECK_EQ(job->process->state, PROCESS_STOPPED);
	CHECK_EQ(job->process->stop_signal, L_SIGTTIN);
	CALL(t, kill, pid, L_SIGCONT);
	/* Writing is allowed without TOSTOP, taking the terminal is not. */
	CHECK_EQ(CALL(job, write, 0, "x", 1), 1);
	memcpy(in, &pid, sizeof(pid));
	CHECK_EQ(CALL(job, ioctl, 0, L_TIOCSPGRP, 1, in, out),
	    -L_ERESTARTSYS);
	CHECK_EQ(job->process->stop_signal, L_SIGTTOU);
}

TEST(end_of_session_hangs_up)
{
	struct uthread *init = pretend_setup();
	struct uthread *shell = pretend_fork(init);
	struct uthread *job;
	struct file *f;
	char in[64] = { 0 };
	char out[64];
	int pid;

	pretend_tty_setup(&term);
	CALL(shell, setsid);
	f = tty_open(term.tty, shell->process, L_O_RDWR);
	fd_insert(shell->process, f, 0, false);
	job = pretend_fork(shell);
	pid = job->tid;
	CALL(shell, setpgid, pid, pid);
	memcpy(in, &pid, sizeof(pid));
	CALL(shell, ioctl, 0, L_TIOCSPGRP, 1, in, out);
	CALL(shell, exit_group, 0);
	CHECK_EQ(process_lookup(pid)->state, PROCESS_ZOMBIE);
	CHECK_EQ(process_lookup(pid)->status, L_SIGHUP);
}

TEST(window_size_change_is_told)
{
	struct uthread *t = session();
	struct linux_winsize size = { 50, 132, 0, 0 };
	char in[64] = { 0 };
	char out[64];

	t->process->actions[L_SIGWINCH].handler = 0x1000;
	memcpy(in, &size, sizeof(size));
	CALL(t, ioctl, 0, L_TIOCSWINSZ, 1, in, out);
	CHECK(signal_deliverable(t));
	CALL(t, ioctl, 0, L_TIOCGWINSZ, 1, in, out);
	CHECK(memcmp(out, &size, sizeof(size)) == 0);
}

TEST(pseudo_terminal)
{
	struct uthread *t = session();
	struct file *master;
	struct file *slave;
	char in[64] = { 0 };
	char out[64];
	char buf[100];
	int32_t m;
	int32_t s;
	int32_t n;
	struct linux_pollfd poll;
	uint32_t number;

	CHECK_EQ(pty_open_master(L_O_RDWR | L_O_NONBLOCK, &master), 0);
	m = fd_insert(t->process, master, 0, false);
	CHECK_EQ(CALL(t, ioctl, m, L_TIOCGPTN, 1, in, out), 0);
	memcpy(&number, out, sizeof(number));
	slave = tty_open(pty_slave(number), t->process, L_O_RDWR |
	    L_O_NONBLOCK);
	s = fd_insert(t->process, slave, 0, false);
	CHECK_EQ(CALL(t, write, m, "hi\r", 3), 3);
	CHECK_EQ(CALL(t, read, s, buf, 50), 3);
	CHECK_EQ(CALL(t, read, m, buf, 50), 4);
	CHECK(memcmp(buf, "hi\r\n", 4) == 0);
	CHECK_EQ(CALL(t, write, s, "out\n", 4), 4);
	CHECK_EQ(CALL(t, read, m, buf, 50), 5);
	while ((n = CALL(t, write, m, "line\r", 5)) == 5) {
		CALL(t, read, m, buf, 50);
	}
	CHECK(n == -L_EAGAIN || (n > 0 && n < 5));
	poll = (struct linux_pollfd){ m, L_POLLOUT, 0 };
	CHECK_EQ(CALL(t, poll, &poll, 1, 0), 0);
	CHECK_EQ(CALL(t, read, s, buf, 50), 5);
	CHECK_EQ(CALL(t, poll, &poll, 1, 0), 1);
	while (CALL(t, read, s, buf, 50) == 5) {
	}
	CALL(t, close, m);
	CHECK_EQ(CALL(t, read, s, buf, 50), 0);
	CHECK_EQ(CALL(t, write, s, "x", 1), -L_EIO);
}

/* Any bytes in any mode: nothing overflows, nothing asserts. */
TEST(random_input)
{
	struct uthread *t = session();
	char buf[512];

	for (int i = 0; i < 4000; i++) {
		char bytes[64];
		uint32_t n = test_random(sizeof(bytes));

		for (int k = 1; k < 32; k++) {
			t->process->actions[k].handler = L_SIG_IGN;
		}

		for (uint32_t k = 0; k < n; k++) {
			bytes[k] = (char)test_random(256);
		}
		tty_input(term.tty, bytes, n);
		if (test_random(3) == 0) {
			reads(t, buf, test_random(500));
		}
		if (test_random(50) == 0) {
			memset(buf, 0, 64);
			for (int k = 0; k < 36; k++) {
				buf[k] = (char)test_random(256);
			}
			CALL(t, ioctl, 0, test_random(2) == 0 ? L_TCSETS :
			    L_TCSETSF, 1, buf, buf + 64);
		}
		term.length = 0;
	}
}
