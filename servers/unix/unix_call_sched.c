/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Calls about who gets the processors.
 *
 * Nice values are base priorities of Mach, worse than any server's.  The
 * policies of real time are refused to all: a program that never waits would
 * keep the servers from running, and with them everything that could stop it.
 */
#include <servers/unix/unix_call.h>

#include <servers/unix/unix_proc.h>
#include <servers/unix/unix_task.h>
#include <string.h>

/* A slice of the kernel's: five of its ticks. */
#define SCHED_SLICE_NS	50000000

static struct process *
sched_process(struct call *c, int pid)
{
	struct uthread *t;

	if (pid == 0) {
		return c->p;
	}
	t = uthread_lookup(pid);
	return t != NULL ? t->process : process_lookup(pid);
}

/*
 * Nice values.
 */

/* As RLIMIT_NICE counts: 1 for 19, 40 for -20. */
static bool
nice_may(const struct process *p, int value)
{
	return p->cred.euid == 0 ||
	    (uint64_t)(20 - value) <= p->limits[L_RLIMIT_NICE].cur;
}

static int32_t
nice_set(struct process *p, struct process *who, int value)
{
	const struct cred *c = &p->cred;

	if (c->euid != 0 && c->euid != who->cred.ruid &&
	    c->euid != who->cred.euid) {
		return -L_EPERM;
	}
	if (value < who->nice && !nice_may(p, value)) {
		return -L_EACCES;
	}
	who->nice = value;
	task_set_nice(who);
	return 0;
}

static int
nice_clamp(int value)
{
	return value < -20 ? -20 : value > 19 ? 19 : value;
}

int32_t
call_nice(struct call *c)
{
	int more = (int)c->a[0];
	int32_t error;

	more = more < -40 ? -40 : more > 40 ? 40 : more;
	error = nice_set(c->p, c->p, nice_clamp(c->p->nice + more));
	return error == -L_EACCES ? -L_EPERM : error;
}

/* Is P one of those that KIND and ID of the call name? */
static bool
nice_matches(struct call *c, const struct process *p, uint32_t kind, int id)
{
	if (p->state == PROCESS_ZOMBIE) {
		return false;
	}
	switch (kind) {
	case L_PRIO_PROCESS:
		return p == sched_process(c, id);
	case L_PRIO_PGRP:
		return p->pgid == (id != 0 ? id : c->p->pgid);
	default:
		return p->cred.ruid == (id != 0 ? (uint32_t)id :
		    c->p->cred.ruid);
	}
}

int32_t
call_getpriority(struct call *c)
{
	struct process *p;
	int32_t best = -L_ESRCH;

	if (c->a[0] > L_PRIO_USER) {
		return -L_EINVAL;
	}
	list_for_each(&process_table, p, table) {
		if (nice_matches(c, p, c->a[0], (int)c->a[1]) &&
		    20 - p->nice > best) {
			best = 20 - p->nice;
		}
	}
	return best;
}

int32_t
call_setpriority(struct call *c)
{
	int value = nice_clamp((int)c->a[2]);
	struct process *p;
	int32_t result = -L_ESRCH;
	int32_t error;

	if (c->a[0] > L_PRIO_USER) {
		return -L_EINVAL;
	}
	list_for_each(&process_table, p, table) {
		if (!nice_matches(c, p, c->a[0], (int)c->a[1])) {
			continue;
		}
		error = nice_set(c->p, p, value);
		if (error != 0 || result == -L_ESRCH) {
			result = error;
		}
	}
	return result;
}

/*
 * Policies.
 */

static bool
policy_known(uint32_t policy)
{
	return policy <= L_SCHED_BATCH || policy == L_SCHED_IDLE;
}

static bool
policy_of_real_time(uint32_t policy)
{
	return policy == L_SCHED_FIFO || policy == L_SCHED_RR;
}

/* The process that the first argument names, and the priority at IN. */
static int32_t
policy_arguments(struct call *c, const char *in, struct process **pp,
    int32_t *priority)
{
	if (in == NULL || (int)c->a[0] < 0) {
		return -L_EINVAL;
	}
	memcpy(priority, in, sizeof(*priority));
	*pp = sched_process(c, (int)c->a[0]);
	return *pp != NULL ? 0 : -L_ESRCH;
}

static int32_t
policy_set(struct call *c, struct process *p, uint32_t policy,
    int32_t priority)
{
	const struct cred *cred = &c->p->cred;

	if (!policy_known(policy) || (policy_of_real_time(policy) ?
	    priority < 1 || priority > 99 : priority != 0)) {
		return -L_EINVAL;
	}
	if (policy_of_real_time(policy) || (cred->euid != 0 &&
	    cred->euid != p->cred.ruid && cred->euid != p->cred.euid)) {
		return -L_EPERM;
	}
	/* Up again from the worst is as a better nice value. */
	if (p->policy == L_SCHED_IDLE && policy != L_SCHED_IDLE &&
	    !nice_may(c->p, p->nice)) {
		return -L_EPERM;
	}
	p->policy = (int)policy;
	task_set_nice(p);
	return 0;
}

int32_t
call_sched_setscheduler(struct call *c)
{
	struct process *p;
	int32_t priority;
	int32_t error;

	error = policy_arguments(c, c->in[2], &p, &priority);
	if ((int)c->a[1] < 0) {
		return -L_EINVAL;
	}
	return error != 0 ? error : policy_set(c, p, c->a[1], priority);
}

int32_t
call_sched_setparam(struct call *c)
{
	struct process *p;
	int32_t priority;
	int32_t error;

	error = policy_arguments(c, c->in[1], &p, &priority);
	return error != 0 ? error : policy_set(c, p, (uint32_t)p->policy,
	    priority);
}

int32_t
call_sched_getscheduler(struct call *c)
{
	struct process *p = sched_process(c, (int)c->a[0]);

	if ((int)c->a[0] < 0) {
		return -L_EINVAL;
	}
	return p != NULL ? p->policy : -L_ESRCH;
}

/* 0, for all policies that there are. */
int32_t
call_sched_getparam(struct call *c)
{
	static const int32_t priority;

	if ((int)c->a[0] < 0 || c->out[1] == NULL) {
		return -L_EINVAL;
	}
	if (sched_process(c, (int)c->a[0]) == NULL) {
		return -L_ESRCH;
	}
	memcpy(c->out[1], &priority, sizeof(priority));
	return 0;
}

int32_t
call_sched_get_priority_max(struct call *c)
{
	return policy_of_real_time(c->a[0]) ? 99 : policy_known(c->a[0]) ?
	    0 : -L_EINVAL;
}

int32_t
call_sched_get_priority_min(struct call *c)
{
	return policy_of_real_time(c->a[0]) ? 1 : policy_known(c->a[0]) ?
	    0 : -L_EINVAL;
}

int32_t
call_sched_rr_get_interval(struct call *c)
{
	struct linux_timespec ts = { 0, SCHED_SLICE_NS };

	if ((int)c->a[0] < 0) {
		return -L_EINVAL;
	}
	if (sched_process(c, (int)c->a[0]) == NULL) {
		return -L_ESRCH;
	}
	if (c->out[1] == NULL) {
		return -L_EFAULT;
	}
	memcpy(c->out[1], &ts, sizeof(ts));
	return 0;
}

/*
 * Which processors: all of them.  A choice among them cannot be kept.
 */

static uint32_t
sched_processors(void)
{
	struct proc_processor processor;

	proc_machine_processor(&processor);
	return processor.count >= 32 ? ~0u : (1u << processor.count) - 1;
}

int32_t
call_sched_setaffinity(struct call *c)
{
	uint32_t all = sched_processors();
	uint32_t mask = 0;
	struct process *p = sched_process(c, (int)c->a[0]);

	if (c->in[2] == NULL) {
		return -L_EFAULT;
	}
	if (p == NULL) {
		return -L_ESRCH;
	}
	if (c->p->cred.euid != 0 && c->p->cred.euid != p->cred.ruid &&
	    c->p->cred.euid != p->cred.euid) {
		return -L_EPERM;
	}
	memcpy(&mask, c->in[2], c->in_size[2] < sizeof(mask) ?
	    c->in_size[2] : sizeof(mask));
	return (mask & all) == all ? 0 : -L_EINVAL;
}

int32_t
call_sched_getaffinity(struct call *c)
{
	uint32_t all = sched_processors();

	if (c->a[1] < sizeof(all) || c->a[1] % sizeof(all) != 0) {
		return -L_EINVAL;
	}
	if (sched_process(c, (int)c->a[0]) == NULL) {
		return -L_ESRCH;
	}
	if (c->out[2] == NULL) {
		return -L_EFAULT;
	}
	memcpy(c->out[2], &all, sizeof(all));
	return sizeof(all);
}
