/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Formatting is one function that hands characters to a callback; printf adds
 * the console, its lock and a ring that keeps the last bytes for the debugger.
 */

#include <kernel/printf.h>

#include <stdint.h>
#include <string.h>

#include <machine/console.h>

#include <kernel/spinlock.h>

#define PRINTF_LOG_SIZE	16384u

/* Flags of one conversion. */
#define PRINTF_LEFT	0x01u
#define PRINTF_ZERO	0x02u
#define PRINTF_PLUS	0x04u
#define PRINTF_SPACE	0x08u
#define PRINTF_ALT	0x10u
#define PRINTF_UPPER	0x20u

struct printf_out {
	printf_put_fn_t put;
	void *arg;
	int count;
};

struct printf_spec {
	unsigned flags;
	int width;
	int precision;		/* -1 when not given */
	int size;		/* -2 hh, -1 h, 0, 1 l, 2 ll */
};

struct printf_buffer {
	char *at;
	size_t left;		/* room, without the final zero byte */
};

static struct spinlock_irq printf_lock =
    SPINLOCK_IRQ_INITIALIZER(LOCK_RANK_CONSOLE);
static bool printf_forced;
static char printf_log[PRINTF_LOG_SIZE];	/* printf_lock */
static uint32_t printf_log_total;		/* printf_lock */

static void
printf_put(struct printf_out *out, char c)
{
	out->put(c, out->arg);
	out->count++;
}

static void
printf_pad(struct printf_out *out, char c, int n)
{
	for (; n > 0; n--) {
		printf_put(out, c);
	}
}

/* PREFIX and DIGITS with everything that width and precision ask for. */
static void
printf_field(struct printf_out *out, const struct printf_spec *spec,
    const char *prefix, const char *digits, int len)
{
	int prefix_len = (int)strlen(prefix);
	int zeros = spec->precision > len ? spec->precision - len : 0;
	int blanks = spec->width - prefix_len - zeros - len;

	if ((spec->flags & PRINTF_ZERO) != 0 && spec->precision < 0 &&
	    (spec->flags & PRINTF_LEFT) == 0 && blanks > 0) {
		zeros = blanks;
		blanks = 0;
	}
	if ((spec->flags & PRINTF_LEFT) == 0) {
		printf_pad(out, ' ', blanks);
	}
	for (; *prefix != '\0'; prefix++) {
		printf_put(out, *prefix);
	}
	printf_pad(out, '0', zeros);
	for (int i = 0; i < len; i++) {
		printf_put(out, digits[i]);
	}
	if ((spec->flags & PRINTF_LEFT) != 0) {
		printf_pad(out, ' ', blanks);
	}
}

static void
printf_number(struct printf_out *out, struct printf_spec *spec, uint64_t value,
    unsigned base, const char *prefix)
{
	const char *set = (spec->flags & PRINTF_UPPER) != 0 ?
	    "0123456789ABCDEF" : "0123456789abcdef";
	char digits[24];
	int at = (int)sizeof(digits);

	while (value != 0) {
		digits[--at] = set[value % base];
		value /= base;
	}
	if (at == (int)sizeof(digits) && spec->precision != 0) {
		digits[--at] = '0';
	}
	if (base == 8 && (spec->flags & PRINTF_ALT) != 0 &&
	    (at == (int)sizeof(digits) || digits[at] != '0')) {
		digits[--at] = '0';
	}
	printf_field(out, spec, prefix, &digits[at],
	    (int)sizeof(digits) - at);
}

static void
printf_string(struct printf_out *out, const struct printf_spec *spec,
    const char *s)
{
	struct printf_spec plain = *spec;
	size_t max = spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision;

	if (s == NULL) {
		s = "(null)";
	}
	plain.flags &= PRINTF_LEFT;
	plain.precision = -1;
	printf_field(out, &plain, "", s, (int)strnlen(s, max));
}

static uint64_t
printf_arg_unsigned(const struct printf_spec *spec, va_list *args)
{
	switch (spec->size) {
	case 2:
		return va_arg(*args, unsigned long long);
	case 1:
		return va_arg(*args, unsigned long);
	case -1:
		return (unsigned short)va_arg(*args, unsigned);
	case -2:
		return (unsigned char)va_arg(*args, unsigned);
	default:
		return va_arg(*args, unsigned);
	}
}

static int64_t
printf_arg_signed(const struct printf_spec *spec, va_list *args)
{
	switch (spec->size) {
	case 2:
		return va_arg(*args, long long);
	case 1:
		return va_arg(*args, long);
	case -1:
		return (short)va_arg(*args, int);
	case -2:
		return (signed char)va_arg(*args, int);
	default:
		return va_arg(*args, int);
	}
}

static void
printf_signed(struct printf_out *out, struct printf_spec *spec, va_list *args)
{
	int64_t value = printf_arg_signed(spec, args);
	const char *sign = "";

	if (value < 0) {
		sign = "-";
	} else if ((spec->flags & PRINTF_PLUS) != 0) {
		sign = "+";
	} else if ((spec->flags & PRINTF_SPACE) != 0) {
		sign = " ";
	}
	printf_number(out, spec,
	    value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, sign);
}

static const char *
printf_parse_flags(struct printf_spec *spec, const char *f)
{
	for (;; f++) {
		switch (*f) {
		case '-':
			spec->flags |= PRINTF_LEFT;
			break;
		case '0':
			spec->flags |= PRINTF_ZERO;
			break;
		case '+':
			spec->flags |= PRINTF_PLUS;
			break;
		case ' ':
			spec->flags |= PRINTF_SPACE;
			break;
		case '#':
			spec->flags |= PRINTF_ALT;
			break;
		default:
			return f;
		}
	}
}

static const char *
printf_parse_int(int *value, const char *f, va_list *args)
{
	if (*f == '*') {
		*value = va_arg(*args, int);
		return f + 1;
	}
	*value = 0;
	while (*f >= '0' && *f <= '9') {
		*value = *value * 10 + (*f++ - '0');
	}
	return f;
}

static const char *
printf_parse_size(struct printf_spec *spec, const char *f)
{
	if (*f == 'h') {
		spec->size = f[1] == 'h' ? -2 : -1;
		return f + (spec->size == -2 ? 2 : 1);
	}
	if (*f == 'l') {
		spec->size = f[1] == 'l' ? 2 : 1;
		return f + spec->size;
	}
	if (*f == 'j') {
		spec->size = 2;
		return f + 1;
	}
	if (*f == 'z' || *f == 't') {
		spec->size = 1;
		return f + 1;
	}
	return f;
}

/* What stands between '%' and the conversion letter. */
static const char *
printf_parse(struct printf_spec *spec, const char *f, va_list *args)
{
	*spec = (struct printf_spec){ .precision = -1 };
	f = printf_parse_flags(spec, f);
	f = printf_parse_int(&spec->width, f, args);
	if (spec->width < 0) {
		spec->flags |= PRINTF_LEFT;
		spec->width = -spec->width;
	}
	if (*f == '.') {
		f = printf_parse_int(&spec->precision, f + 1, args);
	}
	return printf_parse_size(spec, f);
}

static void
printf_convert(struct printf_out *out, struct printf_spec *spec, char letter,
    va_list *args)
{
	char c;

	switch (letter) {
	case 'd':
	case 'i':
		printf_signed(out, spec, args);
		break;
	case 'u':
		printf_number(out, spec, printf_arg_unsigned(spec, args), 10,
		    "");
		break;
	case 'o':
		printf_number(out, spec, printf_arg_unsigned(spec, args), 8,
		    "");
		break;
	case 'X':
		spec->flags |= PRINTF_UPPER;
		/* fall through */
	case 'x': {
		uint64_t value = printf_arg_unsigned(spec, args);
		bool alt = (spec->flags & PRINTF_ALT) != 0 && value != 0;

		printf_number(out, spec, value, 16,
		    !alt ? "" : letter == 'X' ? "0X" : "0x");
		break;
	}
	case 'p':
		printf_number(out, spec, (uintptr_t)va_arg(*args, void *), 16,
		    "0x");
		break;
	case 's':
		printf_string(out, spec, va_arg(*args, const char *));
		break;
	case 'c':
		c = (char)va_arg(*args, int);
		spec->precision = -1;
		spec->flags &= PRINTF_LEFT;
		printf_field(out, spec, "", &c, 1);
		break;
	case '%':
		printf_put(out, '%');
		break;
	default:
		printf_put(out, '%');
		printf_put(out, letter);
		break;
	}
}

int
printf_format(printf_put_fn_t put, void *arg, const char *format, va_list args)
{
	struct printf_out out = { put, arg, 0 };
	struct printf_spec spec;
	va_list rest;

	va_copy(rest, args);
	while (*format != '\0') {
		if (*format != '%') {
			printf_put(&out, *format++);
			continue;
		}
		format = printf_parse(&spec, format + 1, &rest);
		if (*format == '\0') {
			break;
		}
		printf_convert(&out, &spec, *format++, &rest);
	}
	va_end(rest);
	return out.count;
}

static void
printf_put_buffer(char c, void *arg)
{
	struct printf_buffer *buffer = arg;

	if (buffer->left > 0) {
		*buffer->at++ = c;
		buffer->left--;
	}
}

int
vsnprintf(char *buf, size_t size, const char *format, va_list args)
{
	struct printf_buffer buffer = { buf, size == 0 ? 0 : size - 1 };
	int count = printf_format(printf_put_buffer, &buffer, format, args);

	if (size != 0) {
		*buffer.at = '\0';
	}
	return count;
}

int
snprintf(char *buf, size_t size, const char *format, ...)
{
	va_list args;
	int count;

	va_start(args, format);
	count = vsnprintf(buf, size, format, args);
	va_end(args);
	return count;
}

static void
printf_put_console(char c, void *arg)
{
	printf_log[printf_log_total++ % PRINTF_LOG_SIZE] = c;
	console_putc(c);
}

static bool
printf_console_lock(void)
{
	return printf_forced ? cpu_intr_save() : spinlock_irq_lock(&printf_lock);
}

static void
printf_console_unlock(bool were_on)
{
	if (spinlock_irq_held(&printf_lock)) {
		spinlock_irq_unlock(&printf_lock, were_on);
	} else {
		cpu_intr_restore(were_on);
	}
}

int
vprintf(const char *format, va_list args)
{
	bool were_on = printf_console_lock();
	int count = printf_format(printf_put_console, NULL, format, args);

	printf_console_unlock(were_on);
	return count;
}

int
printf(const char *format, ...)
{
	va_list args;
	int count;

	va_start(args, format);
	count = vprintf(format, args);
	va_end(args);
	return count;
}

void
printf_write(const char *bytes, size_t len)
{
	bool were_on = printf_console_lock();

	for (size_t i = 0; i < len; i++) {
		printf_put_console(bytes[i], NULL);
	}
	printf_console_unlock(were_on);
}

void
printf_force(bool on)
{
	printf_forced = on;
}

static uint32_t
printf_log_kept(void)
{
	return printf_log_total < PRINTF_LOG_SIZE ? printf_log_total :
	    PRINTF_LOG_SIZE;
}

/* The N bytes at BACK bytes before the end. */
static void
printf_log_copy(char *buf, uint32_t back, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf[i] = printf_log[(printf_log_total - back + i) %
		    PRINTF_LOG_SIZE];
	}
}

size_t
printf_log_read(char *buf, size_t size)
{
	bool were_on = printf_console_lock();
	uint32_t kept = printf_log_kept();
	uint32_t n = kept < size ? kept : (uint32_t)size;

	printf_log_copy(buf, n, n);
	printf_console_unlock(were_on);
	return n;
}

uint32_t
printf_log_total_get(uint32_t *keptp)
{
	bool were_on = printf_console_lock();
	uint32_t total = printf_log_total;

	*keptp = printf_log_kept();
	printf_console_unlock(were_on);
	return total;
}

size_t
printf_log_read_from(uint32_t from, char *buf, size_t size)
{
	bool were_on = printf_console_lock();
	uint32_t kept = printf_log_kept();
	uint32_t back = printf_log_total - from;
	size_t n;

	/* A position that is still to come is a distance beyond all. */
	if (back > kept) {
		back = (int32_t)back < 0 ? 0 : kept;
	}
	n = back < size ? back : size;
	printf_log_copy(buf, back, n);
	printf_console_unlock(were_on);
	return n;
}
