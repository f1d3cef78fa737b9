/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The battery-backed calendar (MC146818), kept in UTC.  Implements that part
 * of <machine/clock.h>.
 */

#include <machine/clock.h>
#include <machine/cpu.h>

#include <i386/io.h>

#define RTC_INDEX		0x70
#define RTC_DATA		0x71

#define RTC_SECONDS		0x00
#define RTC_MINUTES		0x02
#define RTC_HOURS		0x04
#define RTC_DAY			0x07
#define RTC_MONTH		0x08
#define RTC_YEAR		0x09
#define RTC_STATUS_A		0x0a
#define RTC_STATUS_B		0x0b

#define RTC_A_UPDATING		0x80
#define RTC_B_HOLD		0x80
#define RTC_B_BINARY		0x04
#define RTC_B_24_HOURS		0x02
#define RTC_HOURS_PM		0x80

/* Two digits: 1970 to 2069. */
#define RTC_YEAR_PIVOT		70

#define RTC_TRIES		100000
#define RTC_SECONDS_PER_DAY	86400

struct rtc_time {
	unsigned	second;
	unsigned	minute;
	unsigned	hour;
	unsigned	day;		/* 1.. */
	unsigned	month;		/* 1.. */
	unsigned	year;		/* 1970.. */
};

static uint8_t
rtc_read(uint8_t index)
{
	io_outb(RTC_INDEX, index);
	return io_inb(RTC_DATA);
}

static void
rtc_write(uint8_t index, uint8_t value)
{
	io_outb(RTC_INDEX, index);
	io_outb(RTC_DATA, value);
}

static unsigned
rtc_decode(uint8_t value, bool binary)
{
	return binary ? value : (value >> 4) * 10u + (value & 0xf);
}

static uint8_t
rtc_encode(unsigned value, bool binary)
{
	return (uint8_t)(binary ? value : value / 10 << 4 | value % 10);
}

/*
 * Days from 1970-01-01.  Counting years from March puts the leap day last, so
 * the days before a month follow a straight line.
 */
static int64_t
rtc_days(unsigned year, unsigned month, unsigned day)
{
	unsigned y = month > 2 ? year : year - 1;
	unsigned m = month > 2 ? month - 3 : month + 9;
	unsigned days = y * 365 + y / 4 - y / 100 + y / 400 +
	    (153 * m + 2) / 5 + day - 1;

	/* The same sum for 1970-01-01. */
	return (int64_t)days - 719468;
}

static void
rtc_read_raw(struct rtc_time *t)
{
	uint8_t mode = rtc_read(RTC_STATUS_B);
	bool binary = (mode & RTC_B_BINARY) != 0;
	uint8_t hours = rtc_read(RTC_HOURS);

	t->second = rtc_decode(rtc_read(RTC_SECONDS), binary);
	t->minute = rtc_decode(rtc_read(RTC_MINUTES), binary);
	t->hour = rtc_decode(hours & (uint8_t)~RTC_HOURS_PM, binary);
	if ((mode & RTC_B_24_HOURS) == 0) {
		t->hour = t->hour % 12 + ((hours & RTC_HOURS_PM) ? 12 : 0);
	}
	t->day = rtc_decode(rtc_read(RTC_DAY), binary);
	t->month = rtc_decode(rtc_read(RTC_MONTH), binary);
	t->year = rtc_decode(rtc_read(RTC_YEAR), binary);
	t->year += t->year < RTC_YEAR_PIVOT ? 2000 : 1900;
}

static bool
rtc_time_equal(const struct rtc_time *a, const struct rtc_time *b)
{
	return a->second == b->second && a->minute == b->minute &&
	    a->hour == b->hour && a->day == b->day &&
	    a->month == b->month && a->year == b->year;
}

static bool
rtc_time_valid(const struct rtc_time *t)
{
	return t->second < 60 && t->minute < 60 && t->hour < 24 &&
	    t->day >= 1 && t->day <= 31 && t->month >= 1 && t->month <= 12;
}

kern_return_t
clock_machine_read_rtc(int64_t *secs)
{
	struct rtc_time t;
	struct rtc_time again;

	for (unsigned i = 0; i < RTC_TRIES; i++) {
		if (rtc_read(RTC_STATUS_A) & RTC_A_UPDATING) {
			continue;
		}
		rtc_read_raw(&t);
		rtc_read_raw(&again);
		if (!rtc_time_equal(&t, &again)) {
			continue;
		}
		if (!rtc_time_valid(&t)) {
			return KERN_FAILURE;
		}
		*secs = rtc_days(t.year, t.month, t.day) *
		    RTC_SECONDS_PER_DAY + t.hour * 3600 + t.minute * 60 +
		    t.second;
		return KERN_SUCCESS;
	}
	return KERN_FAILURE;
}

/* The inverse of rtc_days(), by search: this is not done often. */
static void
rtc_date(int64_t days, struct rtc_time *t)
{
	t->year = 1970;
	while (rtc_days(t->year + 1, 1, 1) <= days) {
		t->year++;
	}
	t->month = 1;
	while (t->month < 12 &&
	    rtc_days(t->year, t->month + 1, 1) <= days) {
		t->month++;
	}
	t->day = (unsigned)(days - rtc_days(t->year, t->month, 1)) + 1;
}

kern_return_t
clock_machine_write_rtc(int64_t secs)
{
	uint8_t mode = rtc_read(RTC_STATUS_B);
	bool binary = (mode & RTC_B_BINARY) != 0;
	unsigned in_day;
	struct rtc_time t;

	if (secs < 0 || secs >= rtc_days(2070, 1, 1) * RTC_SECONDS_PER_DAY) {
		return KERN_INVALID_ARGUMENT;
	}
	in_day = (unsigned)(secs % RTC_SECONDS_PER_DAY);
	rtc_date(secs / RTC_SECONDS_PER_DAY, &t);

	rtc_write(RTC_STATUS_B, mode | RTC_B_HOLD | RTC_B_24_HOURS);
	rtc_write(RTC_SECONDS, rtc_encode(in_day % 60, binary));
	rtc_write(RTC_MINUTES, rtc_encode(in_day / 60 % 60, binary));
	rtc_write(RTC_HOURS, rtc_encode(in_day / 3600, binary));
	rtc_write(RTC_DAY, rtc_encode(t.day, binary));
	rtc_write(RTC_MONTH, rtc_encode(t.month, binary));
	rtc_write(RTC_YEAR, rtc_encode(t.year % 100, binary));
	rtc_write(RTC_STATUS_B, (uint8_t)((mode & ~RTC_B_HOLD) |
	    RTC_B_24_HOURS));
	return KERN_SUCCESS;
}
