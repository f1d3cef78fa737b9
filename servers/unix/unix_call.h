/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The calls: call_NAME for each NAME of calls.h.  Entered with the lock held;
 * they may release it.  The result is what the program gets, or a restart code.
 */
#ifndef SERVERS_UNIX_UNIX_CALL_H
#define SERVERS_UNIX_UNIX_CALL_H

#include <servers/unix/unix_vfs.h>

typedef int32_t (*call_fn_t)(struct call *c);

/* The same under another name: the 16 and the 32-bit forms of identities. */
#define call_getuid32		call_getuid
#define call_getgid32		call_getgid
#define call_geteuid32		call_geteuid
#define call_getegid32		call_getegid
#define call_setuid32		call_setuid
#define call_setgid32		call_setgid
#define call_setreuid32		call_setreuid
#define call_setregid32		call_setregid
#define call_setresuid32	call_setresuid
#define call_setresgid32	call_setresgid
#define call_setfsuid32		call_setfsuid
#define call_setfsgid32		call_setfsgid
#define call_lchown32		call_lchown
#define call_chown32		call_chown
#define call_fchown32		call_fchown
#define call_fcntl64		call_fcntl
#define call_fdatasync		call_fsync
#define call_waitpid		call_wait4
#define call_ugetrlimit		call_getrlimit
#define call_setdomainname	call_sethostname
#define call_getxattr		call_setxattr
#define call_removexattr	call_setxattr
#define call_lgetxattr		call_lsetxattr
#define call_lremovexattr	call_lsetxattr
#define call_fgetxattr		call_fsetxattr
#define call_fremovexattr	call_fsetxattr

#define UNIX_CALL_DECLARE(number, name, ...) int32_t call_##name(struct call *c);
UNIX_CALLS(UNIX_CALL_DECLARE)
#undef UNIX_CALL_DECLARE

extern bool call_trace;

/* unix_call.c: decode IN_DATA, call, encode; events for the reply. */
int32_t call_dispatch(struct uthread *t, int number, const uint32_t *args,
    const char *in, uint32_t in_size, char *out, uint32_t *out_size,
    uint32_t *events);

/* unix_call_process.c */
int32_t call_fork(struct uthread *t, uint32_t flags,
    const unix_frame_t *frame, uint32_t child_tid);
void call_reauth(struct process *p);

/* unix_call_path.c: the status of PATH from DIRFD; L_AT_*. */
int32_t call_stat_at(struct call *c, int dirfd, const char *path,
    uint32_t flags, struct file_stat *st);

/* unix_call_poll.c: sleep until DEADLINE; 0, or a restart code. */
int32_t call_sleep_until(struct uthread *t, uint64_t deadline);
uint64_t call_deadline(int64_t sec, int64_t nsec);
uint64_t call_deadline_absolute(bool realtime, int64_t sec, int64_t nsec);

/*
 * A call that waits with the signals of MASK, two words, blocked instead of its
 * thread's, NULL: with those.  INTERRUPTED: the handler runs first.
 */
void call_mask_begin(struct uthread *t, const char *mask);
void call_mask_end(struct uthread *t, const char *mask, bool interrupted);

/*
 * unix_call_timer.c: the thread of all timers; a sleep on a clock of processor
 * time.
 */
int32_t call_sleep_cpu(struct call *c, uint32_t which, bool absolute,
    const struct linux_timespec64 *ts);
void call_alarm_thread(void *argument);

#endif /* SERVERS_UNIX_UNIX_CALL_H */
