/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Private to the terminal driver: serial lines, and the keyboard and screen of
 * the PC as one terminal.  Both move bytes only: echo, line editing and
 * signals are the UNIX server's.
 */
#ifndef SERVERS_TERM_TERM_H
#define SERVERS_TERM_TERM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <servers/lib/bus.h>
#include <servers/lib/device_serve.h>

/* input.c: bytes on their way from the hardware to readers. */

#define INPUT_SIZE	4096u		/* a power of two */

struct input {
	pthread_mutex_t	lock;
	pthread_cond_t	arrived;
	pthread_cond_t	taken;
	uint32_t	head;		/* where the next byte goes */
	uint32_t	tail;		/* what is read next */
	uint8_t		bytes[INPUT_SIZE];
};

void input_init(struct input *input);

/* Wait until SIZE bytes fit: for hardware that can be kept waiting. */
void input_await_room(struct input *input, uint32_t size);

/* Add SIZE bytes; what does not fit is lost. */
void input_put(struct input *input, const void *bytes, uint32_t size);

/*
 * Take up to SIZE bytes, at least one: wait for it unless NOWAIT, which
 * returns 0 then.
 */
uint32_t input_get(struct input *input, void *bytes, uint32_t size,
    bool nowait);

/* The device_ops read on an input: MODE may have D_NOWAIT. */
int input_read(struct input *input, int mode, void *buffer, uint32_t size,
    uint32_t *got);

/* serial.c: serve the lines com0 to com3 that exist; how many. */
unsigned serial_start(void);

/* console.c: serve keyboard and screen as "console".  False: there is none. */
bool console_start(void);

/* screen.c: VGA text. */

#define SCREEN_COLUMNS	80
#define SCREEN_ROWS	25

/* Find the screen and clear it. */
bool screen_setup(void);

/* One character cell: a code of the screen's own font, and its attribute. */
void screen_put(int row, int column, uint32_t unicode, uint8_t attribute);
void screen_cursor(int row, int column, bool visible);

/* keyboard.c: scan codes to keys. */

enum key_kind {
	KEY_NONE,		/* nothing yet, or a modifier */
	KEY_CHARACTER,		/* code: the character */
	KEY_SPECIAL,		/* code: enum key_special */
};

enum key_special {
	KEY_UP, KEY_DOWN, KEY_LEFT, KEY_RIGHT, KEY_HOME, KEY_END, KEY_PAGE_UP,
	KEY_PAGE_DOWN, KEY_INSERT, KEY_DELETE, KEY_ENTER, KEY_TAB,
	KEY_BACKSPACE, KEY_ESCAPE, KEY_F1, KEY_F12 = KEY_F1 + 11,
};

struct key {
	enum key_kind	kind;
	uint32_t	code;
	bool		shift;
	bool		control;
	bool		alt;
};

/* What is held down and switched on; starts as zeros. */
struct keyboard {
	bool	shift;
	bool	control;
	bool	alt;
	bool	caps;
	bool	extended;	/* the prefix e0 came */
};

/* The key that the scan code SCAN (set 1) completes. */
struct key keyboard_decode(struct keyboard *keyboard, uint8_t scan);

/* Is it Ctrl-Alt-Esc, which asks for the kernel's debugger? */
bool keyboard_wants_debugger(const struct key *key);

/* Codes have been read by somebody else: no key is known to be down. */
void keyboard_release(struct keyboard *keyboard);

#endif /* SERVERS_TERM_TERM_H */
