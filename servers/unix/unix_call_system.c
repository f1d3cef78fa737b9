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
	uint64_t swap;
	uint64_t unused;

	if (c->out[0] == NULL) {
		return -L_EFAULT;
	}
	proc_machine_paging(&swap, &unused);
	proc_machine_memory(&memory);
	memset(&out, 0, sizeof(out));
	out.uptime = (int32_t)(unix_now_ns() / 1000000000);
	out.totalram = (uint32_t)memory.total;
	out.freeram = (uint32_t)memory.free;
	out.totalswap = (uint32_t)swap;
	out.freeswap = (uint32_t)unused;
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
