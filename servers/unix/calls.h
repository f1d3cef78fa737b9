/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Every call that the library hands to the server, and what its arguments are.
 * UNIX_CALLS(CALL) expands CALL(number, name, arguments...) for each; numbers
 * from UNIX_CALL_OWN on are not Linux': calls whose arguments the library had
 * to look into first.
 *
 * An argument that points to memory travels as that memory: IN_DATA holds, in
 * the order of the arguments, each P, IN, INV, INOUT, INOUTV that is not NULL,
 * padded to a multiple of four bytes, a P with its NUL.  OUT_DATA likewise
 * holds OUT, OUTV, INOUT, INOUTV; an OUTV may end early, where the result says.
 */
#ifndef SERVERS_UNIX_CALLS_H
#define SERVERS_UNIX_CALLS_H

#include <stdint.h>

enum unix_arg_kind {
	UNIX_ARG_NONE,
	UNIX_ARG_PATH,		/* a string, at most 4095 characters */
	UNIX_ARG_IN,		/* size bytes that the call reads */
	UNIX_ARG_OUT,		/* ... that it writes */
	UNIX_ARG_INOUT,
	UNIX_ARG_INV,		/* as many elements of size bytes as the */
	UNIX_ARG_OUTV,		/* argument COUNT says */
	UNIX_ARG_INOUTV
};

/* kind << 12 | argument with the count << 9 | size */
#define UNIX_ARG(kind, count, size) ((kind) << 12 | (count) << 9 | (size))
#define UNIX_ARG_KIND(arg)	((arg) >> 12)
#define UNIX_ARG_COUNT(arg)	((arg) >> 9 & 7)
#define UNIX_ARG_SIZE(arg)	((arg) & 511)

#define I		0
#define P		UNIX_ARG(UNIX_ARG_PATH, 0, 0)
#define IN(n)		UNIX_ARG(UNIX_ARG_IN, 0, n)
#define OUT(n)		UNIX_ARG(UNIX_ARG_OUT, 0, n)
#define INOUT(n)	UNIX_ARG(UNIX_ARG_INOUT, 0, n)
#define INV(n, arg)	UNIX_ARG(UNIX_ARG_INV, arg, n)
#define OUTV(n, arg)	UNIX_ARG(UNIX_ARG_OUTV, arg, n)
#define INOUTV(n, arg)	UNIX_ARG(UNIX_ARG_INOUTV, arg, n)

#define UNIX_CALL_MAX	512	/* Linux numbers are below */
#define UNIX_CALL_OWN	512
#define UNIX_CALL_END	528

struct unix_call_desc {
	const char	*name;
	uint16_t	args[6];
};

#define UNIX_CALLS(CALL) \
	CALL(0, restart_syscall, I) \
	CALL(1, exit, I) \
	CALL(3, read, I, OUTV(1, 2), I) \
	CALL(4, write, I, INV(1, 2), I) \
	CALL(5, open, P, I, I) \
	CALL(6, close, I) \
	CALL(7, waitpid, I, OUT(4), I) \
	CALL(8, creat, P, I) \
	CALL(9, link, P, P) \
	CALL(10, unlink, P) \
	CALL(12, chdir, P) \
	CALL(14, mknod, P, I, I) \
	CALL(15, chmod, P, I) \
	CALL(16, lchown, P, I, I) \
	CALL(19, lseek, I, I, I) \
	CALL(20, getpid, I) \
	CALL(21, mount, P, P, P, I, I) \
	CALL(22, umount, P) \
	CALL(23, setuid, I) \
	CALL(24, getuid, I) \
	CALL(25, stime, IN(4)) \
	CALL(27, alarm, I) \
	CALL(29, pause, I) \
	CALL(30, utime, P, IN(8)) \
	CALL(33, access, P, I) \
	CALL(34, nice, I) \
	CALL(36, sync, I) \
	CALL(37, kill, I, I) \
	CALL(38, rename, P, P) \
	CALL(39, mkdir, P, I) \
	CALL(40, rmdir, P) \
	CALL(41, dup, I) \
	CALL(42, pipe, OUT(8)) \
	CALL(43, times, OUT(16)) \
	CALL(46, setgid, I) \
	CALL(47, getgid, I) \
	CALL(48, signal, I, I) \
	CALL(49, geteuid, I) \
	CALL(50, getegid, I) \
	CALL(52, umount2, P, I) \
	CALL(54, ioctl, I, I, I, IN(64), OUT(64)) \
	CALL(55, fcntl, I, I, I) \
	CALL(57, setpgid, I, I) \
	CALL(60, umask, I) \
	CALL(61, chroot, P) \
	CALL(63, dup2, I, I) \
	CALL(64, getppid, I) \
	CALL(65, getpgrp, I) \
	CALL(66, setsid, I) \
	CALL(67, sigaction, I, IN(16), OUT(16)) \
	CALL(70, setreuid, I, I) \
	CALL(71, setregid, I, I) \
	CALL(72, sigsuspend, I, I, I) \
	CALL(73, sigpending, OUT(4)) \
	CALL(74, sethostname, INV(1, 1), I) \
	CALL(75, setrlimit, I, IN(8)) \
	CALL(76, getrlimit, I, OUT(8)) \
	CALL(77, getrusage, I, OUT(72)) \
	CALL(79, settimeofday, IN(8), IN(8)) \
	CALL(80, getgroups, I, OUTV(2, 0)) \
	CALL(81, setgroups, I, INV(2, 0)) \
	CALL(83, symlink, P, P) \
	CALL(85, readlink, P, OUTV(1, 2), I) \
	CALL(87, swapon, P, I) \
	CALL(88, reboot, I, I, I, I) \
	CALL(92, truncate, P, I) \
	CALL(93, ftruncate, I, I) \
	CALL(94, fchmod, I, I) \
	CALL(95, fchown, I, I, I) \
	CALL(96, getpriority, I, I) \
	CALL(97, setpriority, I, I, I) \
	CALL(99, statfs, P, OUT(64)) \
	CALL(100, fstatfs, I, OUT(64)) \
	CALL(103, syslog, I, OUTV(1, 2), I, I, I) \
	CALL(104, setitimer, I, IN(16), OUT(16)) \
	CALL(105, getitimer, I, OUT(16)) \
	CALL(106, stat, P, OUT(64)) \
	CALL(107, lstat, P, OUT(64)) \
	CALL(108, fstat, I, OUT(64)) \
	CALL(111, vhangup, I) \
	CALL(114, wait4, I, OUT(4), I, OUT(72)) \
	CALL(115, swapoff, P) \
	CALL(116, sysinfo, OUT(64)) \
	CALL(118, fsync, I) \
	CALL(121, setdomainname, INV(1, 1), I) \
	CALL(122, uname, OUT(390)) \
	CALL(126, sigprocmask, I, IN(4), OUT(4)) \
	CALL(132, getpgid, I) \
	CALL(133, fchdir, I) \
	CALL(138, setfsuid, I) \
	CALL(139, setfsgid, I) \
	CALL(140, _llseek, I, I, I, OUT(8), I) \
	CALL(141, getdents, I, OUTV(1, 2), I) \
	CALL(143, flock, I, I) \
	CALL(147, getsid, I) \
	CALL(148, fdatasync, I) \
	CALL(154, sched_setparam, I, IN(4)) \
	CALL(155, sched_getparam, I, OUT(4)) \
	CALL(156, sched_setscheduler, I, I, IN(4)) \
	CALL(157, sched_getscheduler, I) \
	CALL(159, sched_get_priority_max, I) \
	CALL(160, sched_get_priority_min, I) \
	CALL(161, sched_rr_get_interval, I, OUT(8)) \
	CALL(162, nanosleep, IN(8), OUT(8)) \
	CALL(164, setresuid, I, I, I) \
	CALL(165, getresuid, OUT(2), OUT(2), OUT(2)) \
	CALL(168, poll, INOUTV(8, 1), I, I) \
	CALL(170, setresgid, I, I, I) \
	CALL(171, getresgid, OUT(2), OUT(2), OUT(2)) \
	CALL(174, rt_sigaction, I, IN(20), OUT(20), I) \
	CALL(175, rt_sigprocmask, I, IN(8), OUT(8), I) \
	CALL(176, rt_sigpending, OUT(8), I) \
	CALL(177, rt_sigtimedwait, IN(8), OUT(128), IN(8), I) \
	CALL(178, rt_sigqueueinfo, I, I, IN(128)) \
	CALL(179, rt_sigsuspend, IN(8), I) \
	CALL(180, pread64, I, OUTV(1, 2), I, I, I) \
	CALL(181, pwrite64, I, INV(1, 2), I, I, I) \
	CALL(182, chown, P, I, I) \
	CALL(183, getcwd, OUTV(1, 1), I) \
	CALL(191, ugetrlimit, I, OUT(8)) \
	CALL(193, truncate64, P, I, I) \
	CALL(194, ftruncate64, I, I, I) \
	CALL(195, stat64, P, OUT(96)) \
	CALL(196, lstat64, P, OUT(96)) \
	CALL(197, fstat64, I, OUT(96)) \
	CALL(198, lchown32, P, I, I) \
	CALL(199, getuid32, I) \
	CALL(200, getgid32, I) \
	CALL(201, geteuid32, I) \
	CALL(202, getegid32, I) \
	CALL(203, setreuid32, I, I) \
	CALL(204, setregid32, I, I) \
	CALL(205, getgroups32, I, OUTV(4, 0)) \
	CALL(206, setgroups32, I, INV(4, 0)) \
	CALL(207, fchown32, I, I, I) \
	CALL(208, setresuid32, I, I, I) \
	CALL(209, getresuid32, OUT(4), OUT(4), OUT(4)) \
	CALL(210, setresgid32, I, I, I) \
	CALL(211, getresgid32, OUT(4), OUT(4), OUT(4)) \
	CALL(212, chown32, P, I, I) \
	CALL(213, setuid32, I) \
	CALL(214, setgid32, I) \
	CALL(215, setfsuid32, I) \
	CALL(216, setfsgid32, I) \
	CALL(220, getdents64, I, OUTV(1, 2), I) \
	CALL(221, fcntl64, I, I, I) \
	CALL(224, gettid, I) \
	CALL(226, setxattr, P, P, I, I, I) \
	CALL(227, lsetxattr, P, P, I, I, I) \
	CALL(228, fsetxattr, I, P, I, I, I) \
	CALL(229, getxattr, P, P, I, I) \
	CALL(230, lgetxattr, P, P, I, I) \
	CALL(231, fgetxattr, I, P, I, I) \
	CALL(232, listxattr, P, I, I) \
	CALL(233, llistxattr, P, I, I) \
	CALL(234, flistxattr, I, I, I) \
	CALL(235, removexattr, P, P) \
	CALL(236, lremovexattr, P, P) \
	CALL(237, fremovexattr, I, P) \
	CALL(238, tkill, I, I) \
	CALL(241, sched_setaffinity, I, I, INV(1, 1)) \
	CALL(242, sched_getaffinity, I, I, OUTV(1, 1)) \
	CALL(252, exit_group, I) \
	CALL(254, epoll_create, I) \
	CALL(255, epoll_ctl, I, I, I, IN(12)) \
	CALL(258, set_tid_address, I) \
	CALL(259, timer_create, I, IN(64), OUT(4)) \
	CALL(260, timer_settime, I, I, IN(16), OUT(16)) \
	CALL(261, timer_gettime, I, OUT(16)) \
	CALL(262, timer_getoverrun, I) \
	CALL(263, timer_delete, I) \
	CALL(264, clock_settime, I, IN(8)) \
	CALL(267, clock_nanosleep, I, I, IN(8), OUT(8)) \
	CALL(268, statfs64, P, I, OUT(84)) \
	CALL(269, fstatfs64, I, I, OUT(84)) \
	CALL(270, tgkill, I, I, I) \
	CALL(271, utimes, P, IN(16)) \
	CALL(284, waitid, I, I, OUT(128), I, OUT(72)) \
	CALL(295, openat, I, P, I, I) \
	CALL(296, mkdirat, I, P, I) \
	CALL(297, mknodat, I, P, I, I) \
	CALL(298, fchownat, I, P, I, I, I) \
	CALL(299, futimesat, I, P, IN(16)) \
	CALL(300, fstatat64, I, P, OUT(96), I) \
	CALL(301, unlinkat, I, P, I) \
	CALL(302, renameat, I, P, I, P) \
	CALL(303, linkat, I, P, I, P, I) \
	CALL(304, symlinkat, P, I, P) \
	CALL(305, readlinkat, I, P, OUTV(1, 3), I) \
	CALL(306, fchmodat, I, P, I) \
	CALL(307, faccessat, I, P, I) \
	CALL(309, ppoll, INOUTV(8, 1), I, IN(8), IN(8), I) \
	CALL(319, epoll_pwait, I, OUTV(12, 2), I, I, IN(8), I) \
	CALL(320, utimensat, I, P, IN(16), I) \
	CALL(321, signalfd, I, IN(8), I) \
	CALL(322, timerfd_create, I, I) \
	CALL(323, eventfd, I) \
	CALL(324, fallocate, I, I, I, I, I, I) \
	CALL(325, timerfd_settime, I, I, IN(16), OUT(16)) \
	CALL(326, timerfd_gettime, I, OUT(16)) \
	CALL(327, signalfd4, I, IN(8), I, I) \
	CALL(328, eventfd2, I, I) \
	CALL(329, epoll_create1, I) \
	CALL(330, dup3, I, I, I) \
	CALL(331, pipe2, OUT(8), I) \
	CALL(335, rt_tgsigqueueinfo, I, I, I, IN(128)) \
	CALL(340, prlimit64, I, I, IN(16), OUT(16)) \
	CALL(344, syncfs, I) \
	CALL(353, renameat2, I, P, I, P, I) \
	CALL(355, getrandom, OUTV(1, 1), I, I) \
	CALL(356, memfd_create, P, I) \
	CALL(383, statx, I, P, I, I, OUT(256)) \
	CALL(404, clock_settime64, I, IN(16)) \
	CALL(407, clock_nanosleep_time64, I, I, IN(16), OUT(16)) \
	CALL(408, timer_gettime64, I, OUT(32)) \
	CALL(409, timer_settime64, I, I, IN(32), OUT(32)) \
	CALL(410, timerfd_gettime64, I, OUT(32)) \
	CALL(411, timerfd_settime64, I, I, IN(32), OUT(32)) \
	CALL(412, utimensat_time64, I, P, IN(32), I) \
	CALL(414, ppoll_time64, INOUTV(8, 1), I, IN(16), IN(8), I) \
	CALL(421, rt_sigtimedwait_time64, IN(8), OUT(128), IN(16), I) \
	CALL(436, close_range, I, I, I) \
	CALL(439, faccessat2, I, P, I, I) \
	CALL(441, epoll_pwait2, I, OUTV(12, 2), I, IN(16), IN(8), I) \
	CALL(512, own_lock, I, I, INOUT(24)) \
	CALL(513, own_futex_wait, I, I, I, IN(16), I, I) \
	CALL(514, own_futex_wake, I, I, I, I, I, I) \
	CALL(515, own_set_name, IN(16)) \
	CALL(516, own_unknown, I) \
	CALL(517, own_bad_frame, I) \
	CALL(518, own_thread_start, I) \
	CALL(519, own_msync, I, I, I) \
	CALL(524, own_cpu_clock, I, OUT(16)) \
	CALL(525, own_prctl, I, I, I, OUT(16))

/* Their numbers, by name. */
enum unix_call_number {
#define UNIX_CALL_ENUM(number, name, ...) CALL_##name = number,
	UNIX_CALLS(UNIX_CALL_ENUM)
#undef UNIX_CALL_ENUM
	CALL_LAST
};

#endif /* SERVERS_UNIX_CALLS_H */
