/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Keyboard and screen as one terminal.  libvterm understands the escape
 * sequences of programs and makes those of keys; it has one user at a time,
 * under console_lock.
 */
#include <servers/term/term.h>

#include <vterm.h>

#include <mig/bus_user.h>
#include <mig/mach_port_user.h>

#include <servers/lib/io.h>
#include <servers/lib/log.h>

#define CONSOLE_KEY_DATA	0x60
#define CONSOLE_KEY_STATUS	0x64
#define CONSOLE_KEY_FULL	0x01
#define CONSOLE_KEY_MOUSE	0x20
#define CONSOLE_ATTRIBUTE_BOLD	0x08
#define CONSOLE_DARK		170	/* full strength of a dark color */

static pthread_mutex_t console_lock = PTHREAD_MUTEX_INITIALIZER;
static struct device console_device;
static struct input console_input;
static struct keyboard console_keyboard;	/* its thread's own */
static struct bus_irq console_irq;
static VTerm *console_vterm;			/* under console_lock */
static VTermScreen *console_screen;		/* under console_lock */
static bool console_cursor_on = true;		/* under console_lock */

/* The VGA palette index nearest to COLOR. */
static uint8_t
console_color(VTermColor *color)
{
	uint8_t code = 0;

	vterm_screen_convert_color_to_rgb(console_screen, color);
	if (color->rgb.red > CONSOLE_DARK / 2) {
		code |= 4;
	}
	if (color->rgb.green > CONSOLE_DARK / 2) {
		code |= 2;
	}
	if (color->rgb.blue > CONSOLE_DARK / 2) {
		code |= 1;
	}
	if (color->rgb.red > CONSOLE_DARK ||
	    color->rgb.green > CONSOLE_DARK ||
	    color->rgb.blue > CONSOLE_DARK) {
		code |= CONSOLE_ATTRIBUTE_BOLD;
	}
	return code;
}

static uint8_t
console_attribute(VTermScreenCell *cell)
{
	uint8_t front = console_color(&cell->fg);
	uint8_t back = console_color(&cell->bg) & 7;

	if (cell->attrs.bold) {
		front |= CONSOLE_ATTRIBUTE_BOLD;
	}
	if (cell->attrs.reverse) {
		return (uint8_t)((front & 7) << 4 | back);
	}
	return (uint8_t)(back << 4 | front);
}

static int
console_damage(VTermRect rect, void *user)
{
	for (int row = rect.start_row; row < rect.end_row; row++) {
		for (int col = rect.start_col; col < rect.end_col; col++) {
			VTermPos at = { .row = row, .col = col };
			VTermScreenCell cell;

			vterm_screen_get_cell(console_screen, at, &cell);
			screen_put(row, col, cell.chars[0],
			    console_attribute(&cell));
		}
	}
	return 1;
}

static int
console_move_cursor(VTermPos at, VTermPos old, int visible, void *user)
{
	screen_cursor(at.row, at.col, console_cursor_on);
	return 1;
}

static int
console_property(VTermProp property, VTermValue *value, void *user)
{
	if (property != VTERM_PROP_CURSORVISIBLE) {
		return 0;
	}
	console_cursor_on = value->boolean != 0;
	return 1;
}

static VTermScreenCallbacks console_callbacks = {
	.damage = console_damage,
	.movecursor = console_move_cursor,
	.settermprop = console_property,
};

/* What libvterm answers to programs and makes of keys. */
static void
console_output(const char *bytes, size_t size, void *user)
{
	input_put(&console_input, bytes, (uint32_t)size);
}

/* libvterm's names for our special keys, in order. */
static const VTermKey console_keys[] = {
	VTERM_KEY_UP, VTERM_KEY_DOWN, VTERM_KEY_LEFT, VTERM_KEY_RIGHT,
	VTERM_KEY_HOME, VTERM_KEY_END, VTERM_KEY_PAGEUP, VTERM_KEY_PAGEDOWN,
	VTERM_KEY_INS, VTERM_KEY_DEL, VTERM_KEY_ENTER, VTERM_KEY_TAB,
	VTERM_KEY_BACKSPACE, VTERM_KEY_ESCAPE,
};

static void
console_key(const struct key *key)
{
	unsigned modifiers = VTERM_MOD_NONE;

	if (key->control) {
		modifiers |= VTERM_MOD_CTRL;
	}
	if (key->alt) {
		modifiers |= VTERM_MOD_ALT;
	}
	pthread_mutex_lock(&console_lock);
	if (key->kind == KEY_CHARACTER) {
		/* The shift is in the character already. */
		vterm_keyboard_unichar(console_vterm, key->code, modifiers);
	} else if (key->code >= KEY_F1) {
		vterm_keyboard_key(console_vterm,
		    VTERM_KEY_FUNCTION(key->code - KEY_F1 + 1), modifiers);
	} else {
		if (key->shift) {
			modifiers |= VTERM_MOD_SHIFT;
		}
		vterm_keyboard_key(console_vterm, console_keys[key->code],
		    modifiers);
	}
	pthread_mutex_unlock(&console_lock);
}

/* False: there is none. */
static bool
console_debugger(void)
{
	/* It reads that keys are released. */
	keyboard_release(&console_keyboard);
	return bus_debugger(console_irq.function) == KERN_SUCCESS;
}

static void
console_key_thread(void *argument)
{
	for (;;) {
		uint8_t status;

		if (!bus_irq_wait(&console_irq, 0)) {
			continue;
		}
		while (((status = io_in8(CONSOLE_KEY_STATUS)) &
		    CONSOLE_KEY_FULL) != 0) {
			uint8_t scan = io_in8(CONSOLE_KEY_DATA);
			struct key key;

			if ((status & CONSOLE_KEY_MOUSE) != 0) {
				continue;
			}
			key = keyboard_decode(&console_keyboard, scan);
			if (key.kind != KEY_NONE &&
			    !(keyboard_wants_debugger(&key) &&
				console_debugger())) {
				console_key(&key);
			}
		}
		bus_irq_done(&console_irq);
	}
}

static int
console_read(struct device *device, int mode, uint32_t record, void *buffer,
    uint32_t size, uint32_t *got)
{
	return input_read(&console_input, mode, buffer, size, got);
}

static int
console_write(struct device *device, int mode, uint32_t record,
    const void *data, uint32_t size, uint32_t *written)
{
	pthread_mutex_lock(&console_lock);
	vterm_input_write(console_vterm, data, size);
	vterm_screen_flush_damage(console_screen);
	pthread_mutex_unlock(&console_lock);
	*written = size;
	return D_SUCCESS;
}

static const struct device_ops console_ops = {
	.read = console_read,
	.write = console_write,
};

static bool
console_setup_vterm(void)
{
	VTermColor front;
	VTermColor back;

	console_vterm = vterm_new(SCREEN_ROWS, SCREEN_COLUMNS);
	if (console_vterm == NULL) {
		return false;
	}
	vterm_set_utf8(console_vterm, 1);
	vterm_output_set_callback(console_vterm, console_output, NULL);
	vterm_color_rgb(&front, CONSOLE_DARK, CONSOLE_DARK, CONSOLE_DARK);
	vterm_color_rgb(&back, 0, 0, 0);
	vterm_state_set_default_colors(vterm_obtain_state(console_vterm),
	    &front, &back);
	console_screen = vterm_obtain_screen(console_vterm);
	vterm_screen_set_callbacks(console_screen, &console_callbacks, NULL);
	vterm_screen_set_damage_merge(console_screen, VTERM_DAMAGE_ROW);
	vterm_screen_enable_altscreen(console_screen, 1);
	vterm_screen_reset(console_screen, 1);
	return true;
}

static kern_return_t
console_setup_keyboard(mach_port_t *function)
{
	bus_info_t info;
	kern_return_t kr;

	kr = bus_find_legacy("keyboard", function, &info);
	if (kr == KERN_SUCCESS) {
		kr = bus_use_ports(*function, 0);
	}
	if (kr == KERN_SUCCESS) {
		kr = bus_use_ports(*function, 1);
	}
	if (kr == KERN_SUCCESS) {
		kr = bus_irq_open(*function, &console_irq);
	}
	return kr;
}

bool
console_start(void)
{
	mach_port_t function;
	mach_port_t right;
	kern_return_t kr;

	input_init(&console_input);
	if (!screen_setup() || !console_setup_vterm()) {
		return false;
	}
	kr = console_setup_keyboard(&function);
	if (kr == KERN_SUCCESS) {
		kr = device_serve(&console_device, &console_ops);
	}
	if (kr == KERN_SUCCESS) {
		kr = server_start_thread(console_key_thread, NULL, 0);
	}
	if (kr != KERN_SUCCESS) {
		log_error("keyboard: %s", log_error_text(kr));
		return false;
	}
	right = object_right(&console_device.object);
	kr = bus_serve_name(function, "console", right);
	mach_port_deallocate(mach_task_self(), right);
	return kr == KERN_SUCCESS;
}
