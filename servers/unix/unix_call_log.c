/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * syslog: the log of the kernel and the servers.  What the kernel keeps are
 * bytes, by position; what programs read are lines, each with how serious it is
 * in front: that is told from the words in which servers/lib/log.c says so.
 */
#include <servers/unix/unix_call.h>

#include <servers/unix/unix_proc.h>
#include <stdlib.h>
#include <string.h>

#define LOG_PREFIX	3u		/* "<6>" */

/* What was read or cleared of the log so far. */
static uint32_t log_read_next;
static bool log_read_middle;		/* of a line */
static uint32_t log_clear_next;

/* A piece of the log. */
struct log_piece {
	char		*raw;
	uint32_t	size;
	uint32_t	start;		/* its position */
	bool		middle;		/* it does not start with a line */
};

/* Is WORD the first or the second word of the line, which ends before END? */
static bool
log_line_says(const char *line, const char *end, const char *word)
{
	size_t n = strlen(word);

	for (int i = 0; i < 2 && (size_t)(end - line) >= n; i++) {
		if (memcmp(line, word, n) == 0) {
			return true;
		}
		line = memchr(line, ' ', (size_t)(end - line));
		if (line == NULL) {
			break;
		}
		line++;
	}
	return false;
}

static char
log_level(const char *line, const char *end)
{
	if (log_line_says(line, end, "panic:")) {
		return '0';
	}
	return log_line_says(line, end, "error:") ? '3' : '6';
}

/* The line at LINE with its line feed, or what there is of it. */
static uint32_t
log_line_size(const char *line, const char *end)
{
	const char *feed = memchr(line, '\n', (size_t)(end - line));

	return (uint32_t)((feed != NULL ? feed + 1 : end) - line);
}

/*
 * PIECE from byte FROM on as programs see it, up to ROOM bytes, into OUT where
 * that is not NULL.  Returns how many, and in *NEXTP the first byte that had no
 * room.  A line is only cut where it would not fit alone.
 */
static uint32_t
log_show(const struct log_piece *piece, uint32_t from, char *out,
    uint32_t room, uint32_t *nextp)
{
	const char *end = piece->raw + piece->size;
	const char *line = piece->raw + from;
	uint32_t prefix = piece->middle && from == 0 ? 0 : LOG_PREFIX;
	uint32_t done = 0;

	for (; line < end; prefix = LOG_PREFIX) {
		uint32_t n = log_line_size(line, end);
		char level = log_level(line, line + n);

		if (n + prefix > room - done) {
			if (done != 0 || room <= prefix) {
				break;
			}
			n = room - prefix;
		}
		if (out != NULL) {
			memcpy(out + done, "<6>", prefix);
			if (prefix != 0) {
				out[done + 1] = level;
			}
			memcpy(out + done + prefix, line, n);
		}
		done += n + prefix;
		line += n;
	}
	*nextp = (uint32_t)(line - piece->raw);
	return done;
}

/* What is kept of the log from position FROM on; its bytes are malloc'd. */
static int32_t
log_get(uint32_t from, bool middle, struct log_piece *piece)
{
	uint32_t end;
	uint32_t kept;
	uint32_t next;
	int32_t n;

	n = proc_machine_log_end(&end, &kept);
	if (n != 0) {
		return n;
	}
	piece->start = from;
	piece->middle = middle;
	if (end - from > kept) {
		piece->start = end - kept;
		piece->middle = false;
	}
	piece->raw = malloc(end - piece->start + 1);
	if (piece->raw == NULL) {
		return -L_ENOMEM;
	}
	n = proc_machine_log(piece->start, piece->raw, end - piece->start,
	    &next);
	if (n < 0) {
		free(piece->raw);
		return n;
	}
	piece->size = (uint32_t)n;
	return 0;
}

/* What was not read yet, once; or, where OUT is NULL, only how much that is. */
static int32_t
log_take(char *out, uint32_t room)
{
	struct log_piece piece;
	uint32_t next;
	uint32_t n;
	int32_t error;

	error = log_get(log_read_next, log_read_middle, &piece);
	if (error != 0) {
		return error;
	}
	n = log_show(&piece, 0, out, room, &next);
	if (out != NULL) {
		log_read_next = piece.start + next;
		log_read_middle = next != 0 ? piece.raw[next - 1] != '\n' :
		    piece.middle;
	}
	free(piece.raw);
	return (int32_t)n;
}

/* The last lines that fit into WANTED bytes, and of these what is after SKIP. */
static int32_t
log_last(struct call *c, uint32_t wanted, uint32_t skip)
{
	struct log_piece piece;
	uint32_t from = 0;
	uint32_t line;
	uint32_t next;
	uint32_t n;
	int32_t error;
	char *text;

	error = log_get(log_clear_next, false, &piece);
	if (error != 0) {
		return error;
	}
	n = log_show(&piece, 0, NULL, UINT32_MAX, &next);
	while (n > wanted) {
		line = log_line_size(piece.raw + from,
		    piece.raw + piece.size);
		from += line;
		n -= line + LOG_PREFIX;
	}
	if (skip >= n) {
		free(piece.raw);
		return 0;
	}
	text = malloc(n);
	if (text == NULL) {
		free(piece.raw);
		return -L_ENOMEM;
	}
	log_show(&piece, from, text, n, &next);
	free(piece.raw);
	n -= skip;
	n = n < c->out_size[1] ? n : c->out_size[1];
	memcpy(c->out[1], text + skip, n);
	free(text);
	return (int32_t)n;
}

/*
 * The arguments behind those of Linux are the library's: of how much in all
 * this is a part, and how much of that it has.
 */
int32_t
call_syslog(struct call *c)
{
	uint32_t end;
	uint32_t kept;
	int32_t error;

	if (c->p->cred.euid != 0 && c->a[0] != L_SYSLOG_READ_ALL &&
	    c->a[0] != L_SYSLOG_SIZE_BUFFER) {
		return -L_EPERM;
	}
	error = proc_machine_log_end(&end, &kept);
	if (error != 0) {
		return error;
	}
	switch (c->a[0]) {
	case L_SYSLOG_CLOSE:
	case L_SYSLOG_OPEN:
		return 0;
	case L_SYSLOG_READ:
		/* TODO: wait for more; until then there is always an end. */
		return c->out[1] == NULL ? -L_EINVAL :
		    log_take(c->out[1], c->out_size[1]);
	case L_SYSLOG_READ_ALL:
		if (c->out[1] == NULL || (int32_t)c->a[3] < 0) {
			return -L_EINVAL;
		}
		return log_last(c, c->a[3], c->a[4]);
	case L_SYSLOG_READ_CLEAR:
		/* The library reads all, and clears then. */
		return -L_EINVAL;
	case L_SYSLOG_CLEAR:
		log_clear_next = end;
		return 0;
	case L_SYSLOG_SIZE_UNREAD:
		return log_take(NULL, UINT32_MAX);
	case L_SYSLOG_SIZE_BUFFER:
		return PROC_LOG_MAX;
	default:
		/* Levels of the console are not ours to set. */
		return c->a[0] <= L_SYSLOG_SIZE_BUFFER ? -L_ENOSYS : -L_EINVAL;
	}
}
