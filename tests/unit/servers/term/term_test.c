/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Scan codes to keys; the input ring.
 */

#include <servers/term/term.h>

#include <string.h>

#include <tests/lib/server_test.h>

static struct keyboard keyboard;

/* The last key that the scan codes complete. */
static struct key
keys(const char *codes, size_t n)
{
	struct key key = { .kind = KEY_NONE };

	for (size_t i = 0; i < n; i++) {
		key = keyboard_decode(&keyboard, (uint8_t)codes[i]);
	}
	return key;
}

#define KEYS(codes)	keys(codes, sizeof(codes) - 1)

static void
check_character(struct key key, char c)
{
	CHECK_EQ(key.kind, KEY_CHARACTER);
	CHECK_EQ(key.code, (uint8_t)c);
}

TEST(keyboard_letters_and_shift)
{
	memset(&keyboard, 0, sizeof(keyboard));
	check_character(KEYS("\x1e"), 'a');
	CHECK_EQ(KEYS("\x9e").kind, KEY_NONE);
	check_character(KEYS("\x2a\x1e"), 'A');
	check_character(KEYS("\x03"), '@');
	check_character(KEYS("\xaa\x03"), '2');
	check_character(KEYS("\x36\x35"), '?');
	check_character(KEYS("\xb6\x39"), ' ');
	check_character(KEYS("\x2b"), '\\');
	check_character(KEYS("\x29"), '`');
	check_character(KEYS("\x28"), '\'');
}

TEST(keyboard_caps_lock_affects_letters_only)
{
	memset(&keyboard, 0, sizeof(keyboard));
	check_character(KEYS("\x3a\xba\x10"), 'Q');
	check_character(KEYS("\x02"), '1');
	check_character(KEYS("\x2a\x10"), 'q');
	check_character(KEYS("\xaa\x3a\xba\x10"), 'q');
}

TEST(keyboard_control_and_special)
{
	struct key key;

	memset(&keyboard, 0, sizeof(keyboard));
	key = KEYS("\x1d\x2e");
	check_character(key, 'c');
	CHECK(key.control);
	key = KEYS("\x9d\xe0\x48");
	CHECK_EQ(key.kind, KEY_SPECIAL);
	CHECK_EQ(key.code, KEY_UP);
	CHECK(!key.control);
	CHECK_EQ(KEYS("\x1c").code, KEY_ENTER);
	CHECK_EQ(KEYS("\x3b").code, KEY_F1);
	CHECK_EQ(KEYS("\x58").code, KEY_F12);
	CHECK_EQ(KEYS("\x0e").code, KEY_BACKSPACE);
}

TEST(keyboard_chord_leaves_nothing_down)
{
	struct key key;

	memset(&keyboard, 0, sizeof(keyboard));
	key = KEYS("\x38\x01");
	CHECK(!keyboard_wants_debugger(&key));
	key = KEYS("\x1d\x02");
	CHECK(!keyboard_wants_debugger(&key));
	/* By the right Ctrl and Alt, too. */
	key = KEYS("\x9d\xb8\xe0\x1d\xe0\x38\x01");
	CHECK(keyboard_wants_debugger(&key));
	keyboard_release(&keyboard);
	key = KEYS("\x1e");
	check_character(key, 'a');
	CHECK(!key.control && !key.alt && !key.shift);
	CHECK_EQ(KEYS("\x9d\xb8\x81").kind, KEY_NONE);
	key = KEYS("\x01");
	CHECK(!keyboard_wants_debugger(&key));
}

TEST(keyboard_ignores_fake_shifts)
{
	memset(&keyboard, 0, sizeof(keyboard));
	CHECK_EQ(KEYS("\xe0\x2a").kind, KEY_NONE);
	CHECK_EQ(KEYS("\xe0\x4b").code, KEY_LEFT);
	check_character(KEYS("\x1e"), 'a');
}

TEST(keyboard_survives_any_byte)
{
	memset(&keyboard, 0, sizeof(keyboard));
	for (unsigned i = 0; i < 100000; i++) {
		struct key key = keyboard_decode(&keyboard,
		    (uint8_t)test_random(256));

		REQUIRE(key.kind != KEY_CHARACTER || key.code < 0x7f);
		REQUIRE(key.kind != KEY_SPECIAL || key.code <= KEY_F12);
	}
}

TEST(input_ring_wraps_and_drops)
{
	static struct input input;
	static uint8_t bytes[INPUT_SIZE + 10];
	uint8_t out[100];
	uint32_t got;

	input_init(&input);
	CHECK_EQ(input_get(&input, out, sizeof(out), true), 0);
	CHECK_EQ(input_read(&input, D_NOWAIT, out, 1, &got), D_WOULD_BLOCK);
	for (unsigned i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (uint8_t)(i * 7);
	}
	for (unsigned round = 0; round < 1000; round++) {
		input_put(&input, bytes, 77);
		CHECK_EQ(input_get(&input, out, sizeof(out), false), 77);
		CHECK(memcmp(out, bytes, 77) == 0);
	}
	input_put(&input, bytes, sizeof(bytes));
	CHECK_EQ(input_get(&input, bytes, sizeof(bytes), false), INPUT_SIZE);
}
