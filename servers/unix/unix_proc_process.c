/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The texts of /proc/PID and /proc/PID/task/TID.
 */
#include <servers/unix/unix_proc_text.h>

#include <servers/unix/emul_layout.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROC_PAGE	4096u

static char
proc_thread_state(struct uthread *t)
{
	struct proc_thread thread;

	if (t->in_call != 0) {
		return t->wait.sleeping ? 'S' : 'R';
	}
	return proc_machine_thread(t, &thread) ? thread.state : 'S';
}

char
proc_process_state(struct process *p)
{
	struct uthread *t;
	char best = 'S';
	char state;

	if (p->state == PROCESS_ZOMBIE) {
		return 'Z';
	}
	if (p->state == PROCESS_STOPPED) {
		return 'T';
	}
	list_for_each(&p->threads, t, link) {
		state = proc_thread_state(t);
		if (state == 'R') {
			return 'R';
		}
		if (state == 'D') {
			best = 'D';
		}
	}
	return best;
}

static unsigned
proc_ticks(uint64_t ns)
{
	return (unsigned)(ns / 10000000);
}

/* Which signals are ignored, caught, and blocked by T. */
struct proc_signals {
	sigset_bits_t	ignored;
	sigset_bits_t	caught;
	sigset_bits_t	blocked;
	sigset_bits_t	pending;
};

static void
proc_signals_get(struct process *p, struct uthread *t, struct proc_signals *out)
{
	memset(out, 0, sizeof(*out));
	for (int n = 1; n <= L_SIGMAX; n++) {
		if (p->actions[n].handler == L_SIG_IGN) {
			out->ignored |= SIGBIT(n);
		} else if (p->actions[n].handler != L_SIG_DFL) {
			out->caught |= SIGBIT(n);
		}
	}
	if (t != NULL) {
		out->blocked = t->mask;
		out->pending = t->pending.set;
	}
}

/* The fields up to num_threads: USAGE is of the process or of thread T. */
static void
proc_stat_head(struct process *p, struct uthread *t, char state,
    const struct proc_usage *usage, struct proc_text *text)
{
	struct session *s = p->session;
	bool tty = s != NULL && s->tty != NULL;

	proc_print(text, "%d (%s) %c %d %d %d %d %d 0 %u 0 %u 0 %u %u ",
	    t != NULL ? t->tid : p->pid, p->name, state,
	    p->parent != NULL ? p->parent->pid : 0, p->pgid,
	    s != NULL ? s->sid : 0, tty ? (int)tty_rdev(s->tty) : 0,
	    tty ? tty_foreground(s->tty) : -1, usage->faults, usage->pageins,
	    proc_ticks(usage->user_ns), proc_ticks(usage->system_ns));
	proc_print(text, "%u %u %d %d %d 0 ", proc_ticks(p->child_cpu_ns[0]),
	    proc_ticks(p->child_cpu_ns[1]), 20 + p->nice, p->nice, p->nthreads);
}

static void
proc_text_stat(struct process *p, struct uthread *t, struct proc_text *text)
{
	const struct process_image *image = &p->image;
	struct proc_usage usage;
	struct proc_thread thread;
	struct proc_signals set;
	struct uthread *first = t;

	proc_machine_usage(p, &usage);
	if (t != NULL && proc_machine_thread(t, &thread)) {
		usage.user_ns = thread.user_ns;
		usage.system_ns = thread.system_ns;
	}
	if (first == NULL && !list_empty(&p->threads)) {
		first = list_entry(p->threads.next, struct uthread, link);
	}
	proc_signals_get(p, first, &set);
	proc_stat_head(p, t,
	    t != NULL && p->state == PROCESS_LIVE ? proc_thread_state(t)
						  : proc_process_state(p),
	    &usage, text);
	proc_print(text, "%u %u %u %u %u %u %u 0 0 %u %u %u %u 0 0 0 ",
	    proc_ticks(p->start_ns), usage.virtual_bytes,
	    usage.resident_bytes / PROC_PAGE,
	    p->limits[L_RLIMIT_RSS].cur < UINT32_MAX
		? (unsigned)p->limits[L_RLIMIT_RSS].cur
		: UINT32_MAX,
	    image->code_start, image->code_end, image->stack_start,
	    (unsigned)(p->pending.set | set.pending), (unsigned)set.blocked,
	    (unsigned)set.ignored, (unsigned)set.caught);
	proc_print(text, "%d 0 0 0 0 0 0 0 0 %u %u %u %u %u %d\n",
	    p->exit_signal, image->heap_start, image->arg_start, image->arg_end,
	    image->env_start, image->env_end,
	    p->state == PROCESS_ZOMBIE ? p->status : 0);
}

static const char *
proc_state_name(char state)
{
	switch (state) {
	case 'R':
		return "R (running)";
	case 'D':
		return "D (disk sleep)";
	case 'T':
		return "T (stopped)";
	case 'Z':
		return "Z (zombie)";
	default:
		return "S (sleeping)";
	}
}

static void
proc_text_cred(const struct process *p, struct proc_text *text)
{
	const struct cred *c = &p->cred;

	proc_print(text,
	    "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n"
	    "FDSize:\t%d\nGroups:\t",
	    c->ruid, c->euid, c->suid, c->fsuid, c->rgid, c->egid, c->sgid,
	    c->fsgid, p->fds != NULL ? p->fds->size : 0);
	for (uint32_t i = 0; i < c->ngroups; i++) {
		proc_print(text, "%u ", c->groups[i]);
	}
	proc_print(text, "\n");
}

static void
proc_text_status(struct process *p, struct uthread *t, struct proc_text *text)
{
	struct proc_usage usage;
	struct proc_signals set;
	char state = t != NULL && p->state == PROCESS_LIVE
			 ? proc_thread_state(t)
			 : proc_process_state(p);

	proc_machine_usage(p, &usage);
	proc_print(text,
	    "Name:\t%s\nUmask:\t%04o\nState:\t%s\nTgid:\t%d\n"
	    "Pid:\t%d\nPPid:\t%d\nTracerPid:\t0\n",
	    p->name, p->umask, proc_state_name(state), p->pid,
	    t != NULL ? t->tid : p->pid,
	    p->parent != NULL ? p->parent->pid : 0);
	proc_text_cred(p, text);
	if (usage.virtual_bytes != 0) {
		proc_print(text, "VmSize:\t%8u kB\nVmRSS:\t%8u kB\n",
		    usage.virtual_bytes / 1024, usage.resident_bytes / 1024);
	}
	if (t == NULL && !list_empty(&p->threads)) {
		t = list_entry(p->threads.next, struct uthread, link);
	}
	proc_signals_get(p, t, &set);
	proc_print(text,
	    "Threads:\t%d\nSigPnd:\t%016llx\n"
	    "ShdPnd:\t%016llx\nSigBlk:\t%016llx\nSigIgn:\t%016llx\n"
	    "SigCgt:\t%016llx\n",
	    p->nthreads, (unsigned long long)set.pending,
	    (unsigned long long)p->pending.set, (unsigned long long)set.blocked,
	    (unsigned long long)set.ignored, (unsigned long long)set.caught);
}

/* Memory of the process: its arguments or environment, as it has them now. */
static void
proc_text_memory(
    struct process *p, uint32_t start, uint32_t end, struct proc_text *text)
{
	char part[PROC_PAGE];
	uint32_t n;

	while (start < end && p->state != PROCESS_ZOMBIE) {
		n = end - start < sizeof(part) ? end - start : sizeof(part);
		if (!proc_machine_read(text->by, p, start, part, n)) {
			return;
		}
		proc_append(text, part, n);
		start += n;
	}
}

static const char *
proc_region_name(const struct process_image *image, uint32_t heap_end,
    const struct proc_region *r)
{
	if (r->path[0] != '\0') {
		return r->path;
	}
	if (r->start < heap_end && r->end > image->heap_start) {
		return "[heap]";
	}
	if (r->start < UNIX_STACK_TOP &&
	    r->end > UNIX_STACK_TOP - UNIX_STACK_MAX) {
		return "[stack]";
	}
	return "";
}

static void
proc_text_maps(struct process *p, struct proc_text *text)
{
	uint32_t heap_end = proc_machine_heap_end(text->by, p);
	uint32_t address = 0;
	struct proc_region r;
	int column;
	char line[80];

	while (!text->failed && proc_machine_region(p, address, &r)) {
		column = snprintf(line, sizeof(line),
		    "%08x-%08x %c%c%c%c %08x %02x:%02x %llu", r.start, r.end,
		    r.readable ? 'r' : '-', r.writable ? 'w' : '-',
		    r.executable ? 'x' : '-', r.shared ? 's' : 'p', r.offset,
		    r.dev >> 8, r.dev & 0xff, (unsigned long long)r.ino);
		proc_print(text, "%s", line);
		if (proc_region_name(&p->image, heap_end, &r)[0] != '\0') {
			proc_print(text, "%*s %s",
			    column < 72 ? 72 - column : 0, "",
			    proc_region_name(&p->image, heap_end, &r));
		}
		proc_print(text, "\n");
		address = r.end;
	}
}

static void
proc_text_limits(struct process *p, struct proc_text *text)
{
	static const char *const names[L_RLIM_NLIMITS][2] = {
		{ "Max cpu time", "seconds" },
		{ "Max file size", "bytes" },
		{ "Max data size", "bytes" },
		{ "Max stack size", "bytes" },
		{ "Max core file size", "bytes" },
		{ "Max resident set", "bytes" },
		{ "Max processes", "processes" },
		{ "Max open files", "files" },
		{ "Max locked memory", "bytes" },
		{ "Max address space", "bytes" },
		{ "Max file locks", "locks" },
		{ "Max pending signals", "signals" },
		{ "Max msgqueue size", "bytes" },
		{ "Max nice priority", "" },
		{ "Max realtime priority", "" },
		{ "Max realtime timeout", "us" },
	};
	uint64_t value;

	proc_print(text, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit",
	    "Hard Limit", "Units");
	for (unsigned i = 0; i < L_RLIM_NLIMITS; i++) {
		proc_print(text, "%-25s ", names[i][0]);
		for (unsigned k = 0; k < 2; k++) {
			value = k == 0 ? p->limits[i].cur : p->limits[i].max;
			if (value == ~(uint64_t)0) {
				proc_print(text, "%-20s ", "unlimited");
			} else {
				proc_print(text, "%-20llu ",
				    (unsigned long long)value);
			}
		}
		proc_print(text, "%-10s\n", names[i][1]);
	}
}

static struct uthread *
proc_thread_lookup(struct process *p, int tid)
{
	struct uthread *t;

	list_for_each(&p->threads, t, link) {
		if (t->tid == tid) {
			return t;
		}
	}
	return NULL;
}

void
proc_process_text(int kind, struct process *p, int tid, struct proc_text *text)
{
	struct proc_usage usage;

	switch (kind) {
	case PROC_P_STAT:
		proc_text_stat(p, NULL, text);
		break;
	case PROC_T_STAT:
		proc_text_stat(p, proc_thread_lookup(p, tid), text);
		break;
	case PROC_P_STATUS:
		proc_text_status(p, NULL, text);
		break;
	case PROC_T_STATUS:
		proc_text_status(p, proc_thread_lookup(p, tid), text);
		break;
	case PROC_P_COMM:
	case PROC_T_COMM:
		proc_print(text, "%s\n", p->name);
		break;
	case PROC_P_STATM:
		proc_machine_usage(p, &usage);
		proc_print(text, "%u %u 0 %u 0 %u 0\n",
		    usage.virtual_bytes / PROC_PAGE,
		    usage.resident_bytes / PROC_PAGE,
		    (p->image.code_end - p->image.code_start) / PROC_PAGE,
		    usage.virtual_bytes / PROC_PAGE);
		break;
	case PROC_P_CMDLINE:
		proc_text_memory(p, p->image.arg_start, p->image.arg_end, text);
		break;
	case PROC_P_ENVIRON:
		proc_text_memory(p, p->image.env_start, p->image.env_end, text);
		break;
	case PROC_P_MAPS:
		proc_text_maps(p, text);
		break;
	case PROC_P_VMTREE:
		proc_machine_vmtree(p, text);
		break;
	case PROC_P_LIMITS:
		proc_text_limits(p, text);
		break;
	case PROC_P_MOUNTS:
		proc_mounts_text(text);
		break;
	case PROC_P_MOUNTINFO:
		proc_mountinfo_text(text);
		break;
	default:
		break;
	}
}
