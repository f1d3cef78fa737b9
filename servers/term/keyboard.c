/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * PC keyboards: scan code set 1, which the controller translates to, with the
 * US layout.
 */
#include <servers/term/term.h>

#define SCAN_EXTENDED	0xe0
#define SCAN_RELEASED	0x80
#define SCAN_CONTROL	0x1d
#define SCAN_SHIFT_L	0x2a
#define SCAN_SHIFT_R	0x36
#define SCAN_ALT	0x38
#define SCAN_CAPS	0x3a
#define SCAN_F1		0x3b
#define SCAN_F10	0x44
#define SCAN_F11	0x57
#define SCAN_F12	0x58

/* Characters by scan code, 0 where there is none. */
static const char keyboard_plain[] =
    "\0\0" "1234567890-=" "\0\0" "qwertyuiop[]" "\0\0" "asdfghjkl;'`"
    "\0\\" "zxcvbnm,./" "\0*\0 ";
static const char keyboard_shifted[] =
    "\0\0" "!@#$%^&*()_+" "\0\0" "QWERTYUIOP{}" "\0\0" "ASDFGHJKL:\"~"
    "\0|" "ZXCVBNM<>?" "\0*\0 ";

/* Keys of the cursor block: extended codes, or the keypad without numbers. */
static const struct {
	uint8_t			scan;
	enum key_special	key;
} keyboard_cursor[] = {
	{ 0x47, KEY_HOME }, { 0x48, KEY_UP }, { 0x49, KEY_PAGE_UP },
	{ 0x4b, KEY_LEFT }, { 0x4d, KEY_RIGHT }, { 0x4f, KEY_END },
	{ 0x50, KEY_DOWN }, { 0x51, KEY_PAGE_DOWN }, { 0x52, KEY_INSERT },
	{ 0x53, KEY_DELETE },
};

static const struct {
	uint8_t			scan;
	enum key_special	key;
} keyboard_editing[] = {
	{ 0x01, KEY_ESCAPE }, { 0x0e, KEY_BACKSPACE }, { 0x0f, KEY_TAB },
	{ 0x1c, KEY_ENTER },
};

/* Note a modifier; true if SCAN is one. */
static bool
keyboard_modifier(struct keyboard *keyboard, uint8_t scan, bool down)
{
	switch (scan) {
	case SCAN_CONTROL:
		keyboard->control = down;
		return true;
	case SCAN_SHIFT_L:
	case SCAN_SHIFT_R:
		keyboard->shift = down;
		return true;
	case SCAN_ALT:
		keyboard->alt = down;
		return true;
	case SCAN_CAPS:
		keyboard->caps ^= down;
		return true;
	default:
		return false;
	}
}

static bool
keyboard_special(uint8_t scan, uint32_t *code)
{
	for (unsigned i = 0; i < sizeof(keyboard_cursor) /
	    sizeof(keyboard_cursor[0]); i++) {
		if (keyboard_cursor[i].scan == scan) {
			*code = keyboard_cursor[i].key;
			return true;
		}
	}
	for (unsigned i = 0; i < sizeof(keyboard_editing) /
	    sizeof(keyboard_editing[0]); i++) {
		if (keyboard_editing[i].scan == scan) {
			*code = keyboard_editing[i].key;
			return true;
		}
	}
	if (scan >= SCAN_F1 && scan <= SCAN_F10) {
		*code = KEY_F1 + (uint32_t)(scan - SCAN_F1);
		return true;
	}
	if (scan == SCAN_F11 || scan == SCAN_F12) {
		*code = KEY_F1 + 10 + (uint32_t)(scan - SCAN_F11);
		return true;
	}
	return false;
}

static char
keyboard_character(const struct keyboard *keyboard, uint8_t scan)
{
	char plain;

	if (scan >= sizeof(keyboard_plain)) {
		return '\0';
	}
	plain = keyboard_plain[scan];
	if (plain >= 'a' && plain <= 'z') {
		return keyboard->shift != keyboard->caps
		    ? keyboard_shifted[scan] : plain;
	}
	return keyboard->shift ? keyboard_shifted[scan] : plain;
}

struct key
keyboard_decode(struct keyboard *keyboard, uint8_t scan)
{
	struct key key = { .kind = KEY_NONE };
	bool extended = keyboard->extended;
	bool down = (scan & SCAN_RELEASED) == 0;
	uint8_t code = scan & (uint8_t)~SCAN_RELEASED;
	char c;

	keyboard->extended = scan == SCAN_EXTENDED;
	if (keyboard->extended) {
		return key;
	}
	/* Extended shifts are fakes around cursor keys. */
	if (extended && (code == SCAN_SHIFT_L || code == SCAN_SHIFT_R)) {
		return key;
	}
	if (keyboard_modifier(keyboard, code, down) || !down) {
		return key;
	}
	key.shift = keyboard->shift;
	key.control = keyboard->control;
	key.alt = keyboard->alt;
	if (keyboard_special(code, &key.code)) {
		key.kind = KEY_SPECIAL;
		return key;
	}
	c = keyboard_character(keyboard, code);
	if (c != '\0') {
		key.kind = KEY_CHARACTER;
		key.code = (uint8_t)c;
	}
	return key;
}

bool
keyboard_wants_debugger(const struct key *key)
{
	return key->kind == KEY_SPECIAL && key->code == KEY_ESCAPE &&
	    key->control && key->alt;
}

void
keyboard_release(struct keyboard *keyboard)
{
	keyboard->shift = false;
	keyboard->control = false;
	keyboard->alt = false;
	keyboard->extended = false;
}
