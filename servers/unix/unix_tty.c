/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Terminals: the line discipline between a driver (serial line, screen, the
 * master side of a pseudo terminal) and the processes of a session.
 *
 * Input comes by tty_input.  In canonical mode it is edited in the line being
 * typed, which joins the queue of readable bytes when it ends; the ends of
 * lines are marked in a second ring, so that reads stop there and ^D can end
 * one without a byte.  Otherwise bytes are readable at once.
 * Output is processed into a ring, which the driver empties.
 */
#include <servers/unix/unix.h>
#include <servers/unix/unix_vfs.h>

#include <stdlib.h>
#include <string.h>

#define TTY_QUEUE	4096u		/* power of two */
#define TTY_OUTPUT	8192u		/* power of two */
#define TTY_DISABLED	0		/* character that is none */

struct tty {
	const struct tty_driver	*driver;
	void			*data;
	uint32_t		rdev;
	struct linux_termios	termios;
	struct linux_winsize	size;
	struct session		*session;	/* it is the terminal of */
	int			pgid;		/* foreground group */
	int			opens;
	bool			hung_up;
	bool			exclusive;	/* until it is closed by all */
	bool			stopped;	/* by ^S */
	bool			literal;	/* after ^V */
	bool			full;		/* input was left behind */
	/* Readable bytes, and for each whether a line ends behind it. */
	uint8_t			queue[TTY_QUEUE];
	uint8_t			ends[TTY_QUEUE];
	uint32_t		head;
	uint32_t		tail;
	uint32_t		lines;		/* ends in the queue */
	uint64_t		input_ns;	/* when the last byte came */
	/* The line being typed. */
	uint8_t			line[TTY_QUEUE];
	uint32_t		line_length;
	uint8_t			output[TTY_OUTPUT];
	uint32_t		out_head;
	uint32_t		out_tail;
	uint32_t		column;
	struct waitq		wait;
};

#define TTY_TIME_UNIT_NS	100000000ull	/* of VTIME */

enum { TTY_END_NONE, TTY_END_LINE, TTY_END_EOF };

static const uint8_t tty_characters[L_NCCS] = {
	3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0
};

struct tty *
tty_create(const struct tty_driver *driver, void *data, uint32_t rdev)
{
	struct tty *tty = calloc(1, sizeof(*tty));

	if (tty == NULL) {
		return NULL;
	}
	tty->driver = driver;
	tty->data = data;
	tty->rdev = rdev;
	tty->termios.iflag = L_ICRNL | L_IXON;
	tty->termios.oflag = L_OPOST | L_ONLCR;
	tty->termios.cflag = L_B38400 | L_CS8 | L_CREAD | L_HUPCL;
	tty->termios.lflag = L_ISIG | L_ICANON | L_ECHO | L_ECHOE | L_ECHOK |
	    L_ECHOCTL | L_ECHOKE | L_IEXTEN;
	memcpy(tty->termios.cc, tty_characters, sizeof(tty_characters));
	waitq_init(&tty->wait);
	return tty;
}

void
tty_destroy(struct tty *tty)
{
	if (tty->session != NULL) {
		tty->session->tty = NULL;
	}
	free(tty);
}

bool
tty_is_open(const struct tty *tty)
{
	return tty->opens != 0;
}

void *
tty_data(struct tty *tty)
{
	return tty->data;
}

uint32_t
tty_rdev(const struct tty *tty)
{
	return tty->rdev;
}

int
tty_foreground(const struct tty *tty)
{
	return tty->pgid;
}

struct waitq *
tty_queue(struct tty *tty)
{
	return &tty->wait;
}

static bool
tty_local(const struct tty *tty, uint32_t flag)
{
	return (tty->termios.lflag & flag) != 0;
}

static bool
tty_is(const struct tty *tty, int which, uint8_t c)
{
	return c != TTY_DISABLED && tty->termios.cc[which] == c;
}

/*
 * Output.
 */

static uint32_t
tty_output_room(const struct tty *tty)
{
	return TTY_OUTPUT - (tty->out_tail - tty->out_head);
}

static void
tty_put(struct tty *tty, uint8_t c)
{
	if (tty_output_room(tty) == 0) {
		return;
	}
	tty->output[tty->out_tail++ % TTY_OUTPUT] = c;
}

/* Hand the driver what it takes. */
static void
tty_flush(struct tty *tty)
{
	uint32_t start;
	uint32_t n;
	uint32_t done;

	while (!tty->stopped && tty->out_head != tty->out_tail) {
		start = tty->out_head % TTY_OUTPUT;
		n = tty->out_tail - tty->out_head;
		if (n > TTY_OUTPUT - start) {
			n = TTY_OUTPUT - start;
		}
		done = tty->driver->output(tty, (char *)tty->output + start,
		    n);
		tty->out_head += done;
		if (done < n) {
			break;
		}
	}
}

/* The driver can take more. */
void
tty_output_ready(struct tty *tty)
{
	tty_flush(tty);
	if (tty_output_room(tty) >= TTY_OUTPUT / 4) {
		waitq_wake(&tty->wait);
	}
}

/* One character, as OPOST asks; at most 8 bytes. */
static void
tty_post(struct tty *tty, uint8_t c)
{
	uint32_t flags = tty->termios.oflag;

	if ((flags & L_OPOST) == 0) {
		tty_put(tty, c);
		return;
	}
	if (c == '\n' && (flags & L_ONLCR) != 0) {
		tty_put(tty, '\r');
		tty->column = 0;
	} else if (c == '\r') {
		if ((flags & L_ONOCR) != 0 && tty->column == 0) {
			return;
		}
		if ((flags & L_OCRNL) != 0) {
			c = '\n';
		}
		tty->column = 0;
	} else if (c == '\t') {
		uint32_t spaces = 8 - tty->column % 8;

		tty->column += spaces;
		if ((flags & L_TABDLY) == L_XTABS) {
			while (spaces-- > 0) {
				tty_put(tty, ' ');
			}
			return;
		}
	} else if (c == '\b') {
		if (tty->column > 0) {
			tty->column--;
		}
	} else if (c >= ' ' && (c & 0xc0) != 0x80) {
		tty->column++;
	}
	tty_put(tty, c);
}

static void
tty_echo(struct tty *tty, uint8_t c)
{
	if (!tty_local(tty, L_ECHO) && !(c == '\n' && tty_local(tty,
	    L_ECHONL))) {
		return;
	}
	if (tty_local(tty, L_ECHOCTL) && (c < ' ' || c == 127) && c != '\n' &&
	    c != '\t') {
		tty_post(tty, '^');
		tty_post(tty, c ^ 0x40);
	} else {
		tty_post(tty, c);
	}
}

/*
 * Input.
 */

static uint32_t
tty_readable(const struct tty *tty)
{
	return tty->tail - tty->head;
}

static bool
tty_enqueue(struct tty *tty, uint8_t c, uint8_t end)
{
	if (tty_readable(tty) == TTY_QUEUE) {
		return false;
	}
	tty->queue[tty->tail % TTY_QUEUE] = c;
	tty->ends[tty->tail % TTY_QUEUE] = end;
	tty->tail++;
	if (end != TTY_END_NONE) {
		tty->lines++;
	}
	return true;
}

/* The line typed so far becomes readable, ended by C (END_EOF: by nothing). */
static void
tty_line_end(struct tty *tty, uint8_t c, uint8_t end)
{
	if (TTY_QUEUE - tty_readable(tty) < tty->line_length + 1) {
		return;
	}
	for (uint32_t i = 0; i < tty->line_length; i++) {
		tty_enqueue(tty, tty->line[i], TTY_END_NONE);
	}
	tty_enqueue(tty, c, end);
	tty->line_length = 0;
}

/*
 * A line that is being typed has to go on, or it never becomes one: what is too
 * much of it is refused.  All else waits until somebody reads.
 */
bool
tty_input_is_full(const struct tty *tty)
{
	if (!tty_local(tty, L_ICANON)) {
		return tty_readable(tty) == TTY_QUEUE;
	}
	return tty->lines != 0 &&
	    tty_readable(tty) + tty->line_length + 2 > TTY_QUEUE;
}

/* The queue is shorter, or another mode asks for less: is there room now? */
static void
tty_input_drained(struct tty *tty)
{
	if (!tty->full || tty_input_is_full(tty)) {
		return;
	}
	tty->full = false;
	if (tty->driver->input_ready != NULL) {
		tty->driver->input_ready(tty);
	}
}

static void
tty_flush_input(struct tty *tty)
{
	tty->head = tty->tail;
	tty->lines = 0;
	tty->line_length = 0;
	tty_input_drained(tty);
}

/* Columns that character C of the line took on the screen. */
static uint32_t
tty_width(const struct tty *tty, uint8_t c)
{
	if (c < ' ' || c == 127) {
		return tty_local(tty, L_ECHOCTL) ? 2 : 0;
	}
	if ((tty->termios.iflag & L_IUTF8) != 0 && (c & 0xc0) == 0x80) {
		return 0;
	}
	return 1;
}

/* Take the last character of the line away, on the screen too. */
static void
tty_erase_one(struct tty *tty)
{
	uint8_t c;
	uint32_t width;

	do {
		c = tty->line[--tty->line_length];
	} while ((tty->termios.iflag & L_IUTF8) != 0 && (c & 0xc0) == 0x80 &&
	    tty->line_length > 0);
	if (!tty_local(tty, L_ECHO)) {
		return;
	}
	if (!tty_local(tty, L_ECHOE)) {
		tty_echo(tty, tty->termios.cc[L_VERASE]);
		return;
	}
	width = tty_width(tty, c);
	if (c == '\t') {
		/* Where the line is now, counted from its beginning. */
		uint32_t column = 0;

		for (uint32_t i = 0; i < tty->line_length; i++) {
			column += tty->line[i] == '\t' ? 8 - column % 8 :
			    tty_width(tty, tty->line[i]);
		}
		width = 8 - column % 8;
	}
	while (width-- > 0) {
		tty_post(tty, '\b');
		tty_post(tty, ' ');
		tty_post(tty, '\b');
	}
}

static void
tty_erase_word(struct tty *tty)
{
	while (tty->line_length > 0 && (tty->line[tty->line_length - 1] ==
	    ' ' || tty->line[tty->line_length - 1] == '\t')) {
		tty_erase_one(tty);
	}
	while (tty->line_length > 0 && tty->line[tty->line_length - 1] !=
	    ' ' && tty->line[tty->line_length - 1] != '\t') {
		tty_erase_one(tty);
	}
}

static void
tty_reprint(struct tty *tty)
{
	tty_echo(tty, tty->termios.cc[L_VREPRINT]);
	tty_post(tty, '\n');
	for (uint32_t i = 0; i < tty->line_length; i++) {
		tty_echo(tty, tty->line[i]);
	}
}

/* A character that makes a signal; true if it was one. */
static bool
tty_input_signal(struct tty *tty, uint8_t c)
{
	int signal;

	if (!tty_local(tty, L_ISIG)) {
		return false;
	}
	if (tty_is(tty, L_VINTR, c)) {
		signal = L_SIGINT;
	} else if (tty_is(tty, L_VQUIT, c)) {
		signal = L_SIGQUIT;
	} else if (tty_is(tty, L_VSUSP, c)) {
		signal = L_SIGTSTP;
	} else {
		return false;
	}
	if (!tty_local(tty, L_NOFLSH)) {
		tty_flush(tty);		/* what the driver can take is out */
		tty_flush_input(tty);
		tty->out_head = tty->out_tail;
	}
	tty_echo(tty, c);
	if (tty->pgid != 0) {
		signal_post_group(tty->pgid, signal, NULL);
	}
	return true;
}

/* A character that edits the line; true if it was one. */
static bool
tty_input_edit(struct tty *tty, uint8_t c)
{
	bool extended = tty_local(tty, L_IEXTEN);

	if (tty_is(tty, L_VERASE, c)) {
		if (tty->line_length > 0) {
			tty_erase_one(tty);
		}
	} else if (extended && tty_is(tty, L_VWERASE, c)) {
		tty_erase_word(tty);
	} else if (tty_is(tty, L_VKILL, c)) {
		if (tty_local(tty, L_ECHOKE) && tty_local(tty, L_ECHOE)) {
			while (tty->line_length > 0) {
				tty_erase_one(tty);
			}
		} else {
			tty->line_length = 0;
			tty_echo(tty, c);
			if (tty_local(tty, L_ECHOK)) {
				tty_post(tty, '\n');
			}
		}
	} else if (extended && tty_is(tty, L_VREPRINT, c)) {
		tty_reprint(tty);
	} else if (tty_is(tty, L_VEOF, c)) {
		tty_line_end(tty, 0, TTY_END_EOF);
	} else {
		return false;
	}
	return true;
}

static void
tty_input_canonical(struct tty *tty, uint8_t c)
{
	if (tty_input_edit(tty, c)) {
		return;
	}
	if (c == '\n' || tty_is(tty, L_VEOL, c) || tty_is(tty, L_VEOL2, c)) {
		tty_echo(tty, c);
		tty_line_end(tty, c, TTY_END_LINE);
		return;
	}
	if (tty->line_length >= TTY_QUEUE - 2) {
		tty_post(tty, 7);
		return;
	}
	tty->line[tty->line_length++] = c;
	tty_echo(tty, c);
}

static void
tty_input_one(struct tty *tty, uint8_t c)
{
	uint32_t flags = tty->termios.iflag;

	if ((flags & L_ISTRIP) != 0) {
		c &= 0x7f;
	}
	if (tty->literal) {
		tty->literal = false;
		if (tty_local(tty, L_ICANON)) {
			if (tty->line_length < TTY_QUEUE - 2) {
				tty->line[tty->line_length++] = c;
			}
		} else {
			tty_enqueue(tty, c, TTY_END_NONE);
		}
		tty_echo(tty, c);
		return;
	}
	if (tty_input_signal(tty, c)) {
		return;
	}
	if ((flags & L_IXON) != 0) {
		if (tty_is(tty, L_VSTOP, c)) {
			tty->stopped = true;
			return;
		}
		if (tty_is(tty, L_VSTART, c) || (tty->stopped &&
		    (flags & L_IXANY) != 0)) {
			tty->stopped = false;
			tty_flush(tty);
			if (tty_is(tty, L_VSTART, c)) {
				return;
			}
		}
	}
	if (c == '\r') {
		if ((flags & L_IGNCR) != 0) {
			return;
		}
		if ((flags & L_ICRNL) != 0) {
			c = '\n';
		}
	} else if (c == '\n' && (flags & L_INLCR) != 0) {
		c = '\r';
	}
	if (tty_local(tty, L_IEXTEN) && tty_local(tty, L_ICANON) &&
	    tty_is(tty, L_VLNEXT, c)) {
		tty->literal = true;
		if (tty_local(tty, L_ECHO) && tty_local(tty, L_ECHOCTL)) {
			tty_post(tty, '^');
			tty_post(tty, '\b');
		}
		return;
	}
	if (tty_local(tty, L_ICANON)) {
		tty_input_canonical(tty, c);
	} else {
		tty_enqueue(tty, c, TTY_END_NONE);
		tty_echo(tty, c);
	}
}

uint32_t
tty_input(struct tty *tty, const char *buf, uint32_t n)
{
	uint32_t done = 0;

	tty->input_ns = unix_now_ns();
	while (done < n && !tty_input_is_full(tty)) {
		tty_input_one(tty, (uint8_t)buf[done++]);
	}
	tty->full = done < n;
	tty_flush(tty);
	waitq_wake(&tty->wait);
	return done;
}

void
tty_hangup(struct tty *tty)
{
	tty->hung_up = true;
	if (tty->session != NULL) {
		struct process *leader = process_lookup(tty->session->sid);

		if (leader != NULL) {
			signal_post(leader, L_SIGHUP, NULL);
			signal_post(leader, L_SIGCONT, NULL);
		}
	}
	waitq_wake(&tty->wait);
}

void
tty_set_size(struct tty *tty, uint16_t rows, uint16_t columns)
{
	tty->size.row = rows;
	tty->size.col = columns;
}

/* The leader of SESSION ended: its terminal is free again. */
void
tty_session_exit(struct tty *tty, struct session *session)
{
	int pgid = tty->pgid;

	session->tty = NULL;
	if (tty->session == session) {
		tty->session = NULL;
		tty->pgid = 0;
	}
	if (pgid != 0) {
		signal_post_group(pgid, L_SIGHUP, NULL);
		signal_post_group(pgid, L_SIGCONT, NULL);
	}
}

/*
 * The file of a terminal.
 */

/*
 * May T's process use its terminal?  A background process gets SIGNAL, unless
 * it would not notice: then the answer is OTHERWISE.
 */
static int32_t
tty_job_control(struct tty *tty, struct uthread *t, int signal,
    int32_t otherwise)
{
	struct process *p = t->process;

	if (p->session == NULL || p->session->tty != tty ||
	    tty->session != p->session || p->pgid == tty->pgid) {
		return 0;
	}
	if ((t->mask & SIGBIT(signal)) != 0 || signal_ignored(p, signal)) {
		return otherwise;
	}
	if (process_group_orphaned(p->pgid, NULL)) {
		return -L_EIO;
	}
	signal_post_group(p->pgid, signal, NULL);
	return -L_ERESTARTSYS;
}

/* Up to the end of a line; ends count as nothing. */
static uint32_t
tty_take_line(struct tty *tty, char *buf, uint32_t n)
{
	uint32_t done = 0;
	uint8_t end;

	while (done < n && tty->head != tty->tail) {
		end = tty->ends[tty->head % TTY_QUEUE];
		if (end != TTY_END_EOF) {
			buf[done++] = (char)tty->queue[tty->head % TTY_QUEUE];
		}
		tty->head++;
		if (end != TTY_END_NONE) {
			tty->lines--;
			return done;
		}
	}
	/* A full buffer just before ^D: that ^D ends nothing else. */
	if (tty->head != tty->tail &&
	    tty->ends[tty->head % TTY_QUEUE] == TTY_END_EOF && done > 0) {
		tty->head++;
		tty->lines--;
	}
	return done;
}

static uint32_t
tty_take(struct tty *tty, char *buf, uint32_t n)
{
	uint32_t done = 0;

	while (done < n && tty->head != tty->tail) {
		uint8_t end = tty->ends[tty->head % TTY_QUEUE];

		if (end != TTY_END_EOF) {
			buf[done++] = (char)tty->queue[tty->head % TTY_QUEUE];
		}
		if (end != TTY_END_NONE) {
			tty->lines--;
		}
		tty->head++;
	}
	return done;
}

/* Must the caller wait no longer, in raw mode? */
static bool
tty_raw_ready(const struct file *f, uint32_t n)
{
	const struct tty *tty = f->object;
	uint32_t least = tty->termios.cc[L_VMIN];
	uint32_t have = tty_readable(tty);

	if (tty->hung_up || (least == 0 && tty->termios.cc[L_VTIME] == 0)) {
		return true;
	}
	if (least == 0 || (f->flags & L_O_NONBLOCK) != 0) {
		return have != 0;
	}
	return have >= (least < n ? least : n);
}

/*
 * In raw mode a read wants VMIN bytes, or as many as it has room for.  VTIME is
 * how long it waits: for the first byte if VMIN is 0, else between bytes.  One
 * that must not wait takes what there is.
 */
static int32_t
tty_read(struct file *f, struct uthread *t, char *buf, uint32_t n,
    int64_t *offset)
{
	struct tty *tty = f->object;
	uint32_t taken;
	int32_t error;

	error = tty_job_control(tty, t, L_SIGTTIN, -L_EIO);
	if (error != 0) {
		return error;
	}
	if (n == 0) {
		return 0;
	}
	if (tty_local(tty, L_ICANON)) {
		if (tty->lines == 0) {
			return tty->hung_up ? 0 : -L_EAGAIN;
		}
		taken = tty_take_line(tty, buf, n);
	} else if (tty_raw_ready(f, n)) {
		taken = tty_take(tty, buf, n);
	} else {
		return -L_EAGAIN;
	}
	tty_input_drained(tty);
	return (int32_t)taken;
}

/* The clock of the time between bytes starts with the first that is seen. */
static uint64_t
tty_read_until(struct file *f, uint64_t since)
{
	const struct tty *tty = f->object;
	uint64_t time = tty->termios.cc[L_VTIME] * TTY_TIME_UNIT_NS;

	if (tty_local(tty, L_ICANON) || time == 0) {
		return 0;
	}
	if (tty->termios.cc[L_VMIN] == 0) {
		return since + time;
	}
	if (tty_readable(tty) == 0) {
		return 0;
	}
	return (tty->input_ns > since ? tty->input_ns : since) + time;
}

static int32_t
tty_read_late(struct file *f, char *buf, uint32_t n)
{
	struct tty *tty = f->object;
	uint32_t taken;

	if (tty_local(tty, L_ICANON)) {
		return 0;
	}
	taken = tty_take(tty, buf, n);
	tty_input_drained(tty);
	return (int32_t)taken;
}

static int32_t
tty_write(struct file *f, struct uthread *t, const char *buf, uint32_t n,
    int64_t *offset)
{
	struct tty *tty = f->object;
	uint32_t done = 0;
	int32_t error;

	if (tty_local(tty, L_TOSTOP)) {
		error = tty_job_control(tty, t, L_SIGTTOU, 0);
		if (error != 0) {
			return error;
		}
	}
	if (tty->hung_up) {
		return -L_EIO;
	}
	while (done < n) {
		if (tty_output_room(tty) < 8) {
			tty_flush(tty);
		}
		if (tty_output_room(tty) < 8) {
			break;
		}
		tty_post(tty, (uint8_t)buf[done++]);
	}
	tty_flush(tty);
	return done == 0 && n != 0 ? -L_EAGAIN : (int32_t)done;
}

static int
tty_poll(struct file *f, struct uthread *t, struct waitq **queue)
{
	struct tty *tty = f->object;
	int events = 0;

	*queue = &tty->wait;
	if (tty_local(tty, L_ICANON) ? tty->lines != 0 :
	    tty_readable(tty) >= (tty->termios.cc[L_VTIME] == 0 &&
	    tty->termios.cc[L_VMIN] != 0 ? tty->termios.cc[L_VMIN] : 1)) {
		events |= L_POLLIN | L_POLLRDNORM;
	}
	if (tty_output_room(tty) >= TTY_OUTPUT / 4) {
		events |= L_POLLOUT | L_POLLWRNORM;
	}
	if (tty->hung_up) {
		events |= L_POLLHUP | L_POLLIN;
	}
	return events;
}

/* Between modes the bytes stay: what was typed of a line becomes readable. */
static void
tty_set_termios(struct tty *tty, const struct linux_termios *new)
{
	bool was = tty_local(tty, L_ICANON);

	tty->termios = *new;
	if (was && !tty_local(tty, L_ICANON)) {
		for (uint32_t i = 0; i < tty->line_length; i++) {
			tty_enqueue(tty, tty->line[i], TTY_END_NONE);
		}
		tty->line_length = 0;
	} else if (!was && tty_local(tty, L_ICANON)) {
		if (tty_readable(tty) != 0) {
			if (tty->ends[(tty->tail - 1) % TTY_QUEUE] ==
			    TTY_END_NONE) {
				tty->ends[(tty->tail - 1) % TTY_QUEUE] =
				    TTY_END_LINE;
				tty->lines++;
			}
		}
	}
	if ((tty->termios.iflag & L_IXON) == 0 && tty->stopped) {
		tty->stopped = false;
		tty_flush(tty);
	}
	if (tty->driver->settings != NULL) {
		tty->driver->settings(tty);
	}
	tty_input_drained(tty);
	waitq_wake(&tty->wait);
}

/* Make it the controlling terminal of T's session. */
static int32_t
tty_acquire(struct tty *tty, struct process *p, bool steal)
{
	struct session *s = p->session;

	if (s == NULL || s->sid != p->pid) {
		return -L_EPERM;
	}
	if (s->tty == tty && tty->session == s) {
		return 0;
	}
	if (s->tty != NULL) {
		return -L_EPERM;
	}
	if (tty->session != NULL) {
		if (!steal || p->cred.euid != 0) {
			return -L_EPERM;
		}
		tty->session->tty = NULL;
	}
	s->tty = tty;
	tty->session = s;
	tty->pgid = p->pgid;
	return 0;
}

static int32_t
tty_set_group(struct tty *tty, struct uthread *t, int pgid)
{
	struct process *p = t->process;
	int32_t error;

	if (p->session == NULL || p->session->tty != tty ||
	    tty->session != p->session) {
		return -L_ENOTTY;
	}
	error = tty_job_control(tty, t, L_SIGTTOU, 0);
	if (error != 0) {
		return error == -L_EIO ? -L_ENOTTY : error;
	}
	if (pgid < 0) {
		return -L_EINVAL;
	}
	if (!process_group_known(pgid)) {
		return -L_ESRCH;
	}
	if (!process_group_exists(pgid, p->session)) {
		return -L_EPERM;
	}
	tty->pgid = pgid;
	return 0;
}

static int32_t
tty_ioctl_session(struct tty *tty, struct uthread *t, uint32_t command,
    uint32_t arg, const char *in, char *out)
{
	struct process *p = t->process;
	int32_t value;

	switch (command) {
	case L_TIOCSCTTY:
		return tty_acquire(tty, p, arg == 1);
	case L_TIOCNOTTY:
		if (p->session == NULL || p->session->tty != tty) {
			return -L_ENOTTY;
		}
		if (p->session->sid == p->pid) {
			tty_session_exit(tty, p->session);
		}
		return 0;
	case L_TIOCGPGRP:
	case L_TIOCGSID:
		if (p->session == NULL || p->session->tty != tty) {
			return -L_ENOTTY;
		}
		value = command == L_TIOCGPGRP ? tty->pgid : p->session->sid;
		memcpy(out, &value, sizeof(value));
		return 0;
	case L_TIOCSPGRP:
		memcpy(&value, in, sizeof(value));
		return tty_set_group(tty, t, value);
	default:
		return -L_ENOTTY;
	}
}

static int32_t
tty_flow(struct tty *tty, uint32_t arg)
{
	switch (arg) {
	case 0:
		tty->stopped = true;
		return 0;
	case 1:
		tty->stopped = false;
		tty_flush(tty);
		waitq_wake(&tty->wait);
		return 0;
	default:
		return arg <= 3 ? 0 : -L_EINVAL;
	}
}

static int32_t
tty_ioctl(struct file *f, struct uthread *t, uint32_t command, uint32_t arg,
    const char *in, char *out)
{
	struct tty *tty = f->object;
	struct linux_winsize size;
	uint32_t n;
	int32_t error;

	switch (command) {
	case L_TCGETS:
		memcpy(out, &tty->termios, sizeof(tty->termios));
		return 0;
	case L_TCSETSW:
	case L_TCSETSF:
	case L_TCSETS:
		error = tty_job_control(tty, t, L_SIGTTOU, 0);
		if (error != 0) {
			return error;
		}
		if (command != L_TCSETS && tty->out_head != tty->out_tail &&
		    !tty->stopped) {
			return -L_EAGAIN;	/* output first */
		}
		if (command == L_TCSETSF) {
			tty_flush_input(tty);
		}
		tty_set_termios(tty, (const struct linux_termios *)(const
		    void *)in);
		return 0;
	case L_TCSBRK:
	case L_TCSBRKP:
		return tty->out_head != tty->out_tail && !tty->stopped ?
		    -L_EAGAIN : 0;
	case L_TCXONC:
		return tty_flow(tty, arg);
	case L_TCFLSH:
		if (arg == 0 || arg == 2) {
			tty_flush_input(tty);
		}
		if (arg == 1 || arg == 2) {
			tty->out_head = tty->out_tail;
		}
		return arg > 2 ? -L_EINVAL : 0;
	case L_TIOCGWINSZ:
		memcpy(out, &tty->size, sizeof(tty->size));
		return 0;
	case L_TIOCSWINSZ:
		memcpy(&size, in, sizeof(size));
		if (memcmp(&size, &tty->size, sizeof(size)) != 0) {
			tty->size = size;
			if (tty->pgid != 0) {
				signal_post_group(tty->pgid, L_SIGWINCH,
				    NULL);
			}
		}
		return 0;
	case L_TIOCSTI:
		tty_input(tty, in, 1);
		return 0;
	case L_TIOCOUTQ:
		n = tty->out_tail - tty->out_head;
		memcpy(out, &n, sizeof(n));
		return 0;
	case L_FIONREAD:
		n = tty_local(tty, L_ICANON) && tty->lines == 0 ? 0 :
		    tty_readable(tty);
		memcpy(out, &n, sizeof(n));
		return 0;
	case L_TIOCEXCL:
	case L_TIOCNXCL:
		tty->exclusive = command == L_TIOCEXCL;
		return 0;
	case L_TIOCGEXCL:
		n = tty->exclusive ? 1 : 0;
		memcpy(out, &n, sizeof(n));
		return 0;
	default:
		return tty_ioctl_session(tty, t, command, arg, in, out);
	}
}

static int32_t
tty_stat(struct file *f, struct file_stat *st)
{
	struct tty *tty = f->object;

	if (f->node != NULL) {
		node_stat(f->node, st);
		return 0;
	}
	memset(st, 0, sizeof(*st));
	st->dev = 5;
	st->ino = tty->rdev;
	st->mode = L_S_IFCHR | 0620;
	st->nlink = 1;
	st->rdev = tty->rdev;
	st->blksize = 1024;
	return 0;
}

static void
tty_close(struct file *f)
{
	struct tty *tty = f->object;

	tty->opens--;
	tty->exclusive = tty->exclusive && tty->opens != 0;
	if (tty->opens == 0 && tty->driver->unused != NULL) {
		tty->driver->unused(tty);
	}
}

const struct file_ops tty_file_ops = {
	.name = "tty",
	.read = tty_read,
	.read_until = tty_read_until,
	.read_late = tty_read_late,
	.write = tty_write,
	.ioctl = tty_ioctl,
	.poll = tty_poll,
	.stat = tty_stat,
	.close = tty_close,
};

bool
tty_refuses(const struct tty *tty, const struct process *p)
{
	return tty->exclusive && p->cred.euid != 0;
}

/* P may be NULL; a session leader without a terminal gets this one. */
struct file *
tty_open(struct tty *tty, struct process *p, uint32_t flags)
{
	struct file *f = file_create(&tty_file_ops, flags);

	if (f == NULL) {
		return NULL;
	}
	f->object = tty;
	tty->opens++;
	if (p != NULL && (flags & L_O_NOCTTY) == 0 && p->session != NULL &&
	    p->session->sid == p->pid && p->session->tty == NULL &&
	    tty->session == NULL) {
		tty_acquire(tty, p, false);
	}
	return f;
}
