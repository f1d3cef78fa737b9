/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Calls about the system: names, time of day, memory, the end.
 */
#include <servers/unix/unix_call.h>

#include <servers/lib/boot.h>
#include <servers/lib/log.h>
#include <servers/unix/unix_proc.h>
#include <servers/unix/unix_system.h>
#include <servers/unix/unix_timer.h>
#include <stdlib.h>
#include <string.h>

struct linux_utsname proc_uname = {
	.sysname = "Linux",
	.nodename = "tartan",
	.release = "6.1.0",
	.version = "#1 Tartan " __DATE__,
	.machine = "i686",
	.domainname = "(none)",
};

int32_t
call_uname(struct call *c)
{
	if (c->out[0] == NULL) {
		return -L_EFAULT;
	}
	memcpy(c->out[0], &proc_uname, sizeof(proc_uname));
	return 0;
}

int32_t
call_sethostname(struct call *c)
{
	char *name = c->number == 121 ? proc_uname.domainname :
	    proc_uname.nodename;

	if (c->p->cred.euid != 0) {
		return -L_EPERM;
	}
	if (c->a[1] > 64) {
		return -L_EINVAL;
	}
	if (c->in[0] == NULL) {
		return -L_EFAULT;
	}
	memcpy(name, c->in[0], c->in_size[0]);
	name[c->in_size[0]] = '\0';
	return 0;
}

int32_t
call_sysinfo(struct call *c)
{
	struct linux_sysinfo out;
	struct proc_memory memory;

	if (c->out[0] == NULL) {
		return -L_EFAULT;
	}
	proc_machine_memory(&memory);
	memset(&out, 0, sizeof(out));
	out.uptime = (int32_t)(unix_now_ns() / 1000000000);
	out.totalram = (uint32_t)memory.total;
	out.freeram = (uint32_t)memory.free;
	out.procs = (uint16_t)process_count;
	out.mem_unit = 1;
	memcpy(c->out[0], &out, sizeof(out));
	return 0;
}

int32_t
call_getrandom(struct call *c)
{
	if ((c->a[2] & ~7u) != 0 || (c->a[2] & 6) == 6) {
		return -L_EINVAL;
	}
	if (c->out[0] == NULL) {
		return c->a[1] == 0 ? 0 : -L_EFAULT;
	}
	dev_random(c->out[0], c->out_size[0]);
	return (int32_t)c->out_size[0];
}

/*
 * The log of the kernel and the servers.
 */

/* What was read or cleared of the log so far. */
static uint32_t log_read_next;
static uint32_t log_clear_next;

/*
 * Of what is after position FROM: the end, as much as WANTED bytes hold, and of
 * that what comes after SKIP.  Taken: from the start, and only once.
 */
static int32_t
log_read(struct call *c, bool take)
{
	uint32_t from = take ? log_read_next : log_clear_next;
	uint32_t wanted = c->a[3];
	uint32_t skip = take ? 0 : c->a[4];
	uint32_t end;
	uint32_t kept;
	uint32_t next;
	int32_t n;

	if (c->out[1] == NULL || (int32_t)wanted < 0) {
		return -L_EINVAL;
	}
	n = proc_machine_log_end(&end, &kept);
	if (n != 0) {
		return n;
	}
	if (end - from > kept) {
		from = end - kept;
	}
	if (!take && end - from > wanted) {
		from = end - wanted;
	}
	if (skip > end - from) {
		return 0;
	}
	n = proc_machine_log(from + skip, c->out[1], c->out_size[1], &next);
	if (n >= 0 && take) {
		log_read_next = next;
	}
	return n;
}

int32_t
call_syslog(struct call *c)
{
	uint32_t end;
	uint32_t kept;
	int32_t n;

	if (c->p->cred.euid != 0 && c->a[0] != L_SYSLOG_READ_ALL &&
	    c->a[0] != L_SYSLOG_SIZE_BUFFER) {
		return -L_EPERM;
	}
	n = proc_machine_log_end(&end, &kept);
	if (n != 0) {
		return n;
	}
	switch (c->a[0]) {
	case L_SYSLOG_CLOSE:
	case L_SYSLOG_OPEN:
	return 0;
	case L_SYSLOG_READ:
		/* TODO: wait for more; until then there is always an end. */
		return log_read(c, true);
	case L_SYSLOG_READ_ALL:
		return log_read(c, false);
	case L_SYSLOG_READ_CLEAR:
		/* The library reads all, and clears then. */
		return -L_EINVAL;
	case L_SYSLOG_CLEAR:
		log_clear_next = end;
		return 0;
	case L_SYSLOG_SIZE_UNREAD:
		return end - log_read_next < kept
			   ? (int32_t)(end - log_read_next)
			   : (int32_t)kept;
	case L_SYSLOG_SIZE_BUFFER:
		return PROC_LOG_MAX;
	default:
		/* Levels of the console are not ours to set. */
		return c->a[0] <= L_SYSLOG_SIZE_BUFFER ? -L_ENOSYS : -L_EINVAL;
	}
}

/* The terminal of the caller loses all its users. */
int32_t
call_vhangup(struct call *c)
{
	struct session *s = c->p->session;

	if (c->p->cred.euid != 0) {
		return -L_EPERM;
	}
	if (s != NULL && s->tty != NULL) {
		tty_hangup(s->tty);
	}
	return 0;
}

/*
 * Time of day.
 */

static int32_t
set_time(struct call *c, int64_t sec, int64_t nsec)
{
	int32_t error;

	if (c->p->cred.euid != 0) {
		return -L_EPERM;
	}
	if (nsec < 0 || nsec > 999999999) {
		return -L_EINVAL;
	}
	error = system_set_time(sec, (uint32_t)nsec);
	if (error == 0) {
		/* What waits for a time of day looks at the clock again. */
		waitq_wake(&timer_day_changed);
		timerfd_day_changed();
		timer_kick();
	}
	return error;
}

int32_t
call_stime(struct call *c)
{
	int32_t sec;

	if (c->in[0] == NULL) {
		return -L_EFAULT;
	}
	memcpy(&sec, c->in[0], sizeof(sec));
	return set_time(c, sec, 0);
}

int32_t
call_settimeofday(struct call *c)
{
	struct linux_timeval tv;

	if (c->in[0] == NULL) {
		return 0;
	}
	memcpy(&tv, c->in[0], sizeof(tv));
	return set_time(c, tv.sec, (int64_t)tv.usec * 1000);
}

int32_t
call_clock_settime(struct call *c)
{
	struct linux_timespec ts;

	if (c->a[0] != 0) {
		return -L_EINVAL;
	}
	if (c->in[1] == NULL) {
		return -L_EFAULT;
	}
	memcpy(&ts, c->in[1], sizeof(ts));
	return set_time(c, ts.sec, ts.nsec);
}

int32_t
call_clock_settime64(struct call *c)
{
	struct linux_timespec64 ts;

	if (c->a[0] != 0) {
		return -L_EINVAL;
	}
	if (c->in[1] == NULL) {
		return -L_EFAULT;
	}
	memcpy(&ts, c->in[1], sizeof(ts));
	return set_time(c, ts.sec, ts.nsec);
}

/*
 * The end.
 */

int32_t
call_reboot(struct call *c)
{
	if (c->p->cred.euid != 0) {
		return -L_EPERM;
	}
	if (c->a[0] != L_REBOOT_MAGIC1) {
		return -L_EINVAL;
	}
	switch (c->a[2]) {
	case L_REBOOT_CAD_ON:
	case L_REBOOT_CAD_OFF:
		return 0;
	case L_REBOOT_RESTART:
	case L_REBOOT_HALT:
	case L_REBOOT_POWER_OFF:
		return system_end(c->a[2]);
	default:
		return -L_EINVAL;
	}
}
