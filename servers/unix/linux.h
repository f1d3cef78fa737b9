/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The Linux i386 binary interface as far as the emulator needs it: numbers
 * and layouts only.  Names have an L prefix where the C library that the
 * server itself is linked with may have its own idea of them.
 */
#ifndef SERVERS_UNIX_LINUX_H
#define SERVERS_UNIX_LINUX_H

#include <stdint.h>

/* Errors, as negative results of calls. */
enum linux_errno {
	L_EPERM = 1, L_ENOENT = 2, L_ESRCH = 3, L_EINTR = 4, L_EIO = 5,
	L_ENXIO = 6, L_E2BIG = 7, L_ENOEXEC = 8, L_EBADF = 9, L_ECHILD = 10,
	L_EAGAIN = 11, L_ENOMEM = 12, L_EACCES = 13, L_EFAULT = 14,
	L_ENOTBLK = 15, L_EBUSY = 16, L_EEXIST = 17, L_EXDEV = 18,
	L_ENODEV = 19, L_ENOTDIR = 20, L_EISDIR = 21, L_EINVAL = 22,
	L_ENFILE = 23, L_EMFILE = 24, L_ENOTTY = 25, L_ETXTBSY = 26,
	L_EFBIG = 27, L_ENOSPC = 28, L_ESPIPE = 29, L_EROFS = 30,
	L_EMLINK = 31, L_EPIPE = 32, L_ERANGE = 34, L_EDEADLK = 35,
	L_ENAMETOOLONG = 36, L_ENOLCK = 37, L_ENOSYS = 38, L_ENOTEMPTY = 39,
	L_ELOOP = 40,
	L_ELIBBAD = 80, L_EOVERFLOW = 75, L_ENOTSOCK = 88, L_EOPNOTSUPP = 95,
	L_EAFNOSUPPORT = 97, L_ETIMEDOUT = 110, L_ECANCELED = 125,
	/* Restart codes: between server and library only. */
	L_ERESTARTSYS = 512,	/* again, unless a handler without SA_RESTART */
	L_ERESTARTNOHAND = 514,	/* again, unless a handler ran */
	L_ERESTARTBLOCK = 516	/* likewise, as restart_syscall */
};

/* open(2) and fcntl(2) */
#define L_O_ACCMODE	00000003
#define L_O_RDONLY	00000000
#define L_O_WRONLY	00000001
#define L_O_RDWR	00000002
#define L_O_CREAT	00000100
#define L_O_EXCL	00000200
#define L_O_NOCTTY	00000400
#define L_O_TRUNC	00001000
#define L_O_APPEND	00002000
#define L_O_NONBLOCK	00004000
#define L_O_DSYNC	00010000
#define L_O_ASYNC	00020000
#define L_O_DIRECT	00040000
#define L_O_LARGEFILE	00100000
#define L_O_DIRECTORY	00200000
#define L_O_NOFOLLOW	00400000
#define L_O_NOATIME	01000000
#define L_O_CLOEXEC	02000000
#define L_O_SYNC	04010000
#define L_O_PATH	010000000
#define L_O_TMPFILE	020000000

#define L_F_DUPFD	0
#define L_F_GETFD	1
#define L_F_SETFD	2
#define L_F_GETFL	3
#define L_F_SETFL	4
#define L_F_GETLK	5
#define L_F_SETLK	6
#define L_F_SETLKW	7
#define L_F_SETOWN	8
#define L_F_GETOWN	9
#define L_F_GETLK64	12
#define L_F_SETLK64	13
#define L_F_SETLKW64	14
#define L_F_OFD_GETLK	36
#define L_F_OFD_SETLK	37
#define L_F_OFD_SETLKW	38
#define L_F_DUPFD_CLOEXEC 1030
#define L_F_GETPIPE_SZ	1032
#define L_F_ADD_SEALS	1033
#define L_F_GET_SEALS	1034
#define L_F_SEAL_SEAL	1
#define L_F_SEAL_SHRINK	2
#define L_F_SEAL_GROW	4
#define L_F_SEAL_WRITE	8
#define L_F_SEAL_ALL	15
#define L_MFD_CLOEXEC	1
#define L_MFD_ALLOW_SEALING 2
#define L_MFD_NAME_MAX	249
#define L_F_SETPIPE_SZ	1031

#define L_F_RDLCK	0
#define L_F_WRLCK	1
#define L_F_UNLCK	2

/* struct flock64 */
struct linux_flock64 {
	int16_t		type;
	int16_t		whence;
	int64_t		start;
	int64_t		length;
	int32_t		pid;
} __attribute__((packed, aligned(4)));
_Static_assert(sizeof(struct linux_flock64) == 24, "layout of flock64");

struct linux_flock {
	int16_t		type;
	int16_t		whence;
	int32_t		start;
	int32_t		length;
	int32_t		pid;
};

#define L_LOCK_SH	1
#define L_LOCK_EX	2
#define L_LOCK_NB	4
#define L_LOCK_UN	8

#define L_AT_FDCWD		(-100)
#define L_AT_SYMLINK_NOFOLLOW	0x100
#define L_AT_EACCESS		0x200
#define L_AT_REMOVEDIR		0x200
#define L_AT_SYMLINK_FOLLOW	0x400
#define L_AT_EMPTY_PATH		0x1000

#define L_S_IFMT	0170000
#define L_S_IFSOCK	0140000
#define L_S_IFLNK	0120000
#define L_S_IFREG	0100000
#define L_S_IFBLK	0060000
#define L_S_IFDIR	0040000
#define L_S_IFCHR	0020000
#define L_S_IFIFO	0010000
#define L_S_ISUID	0004000
#define L_S_ISGID	0002000
#define L_S_ISVTX	0001000

/* Signals */
enum linux_signal {
	L_SIGHUP = 1, L_SIGINT, L_SIGQUIT, L_SIGILL, L_SIGTRAP, L_SIGABRT,
	L_SIGBUS, L_SIGFPE, L_SIGKILL, L_SIGUSR1, L_SIGSEGV, L_SIGUSR2,
	L_SIGPIPE, L_SIGALRM, L_SIGTERM, L_SIGSTKFLT, L_SIGCHLD, L_SIGCONT,
	L_SIGSTOP, L_SIGTSTP, L_SIGTTIN, L_SIGTTOU, L_SIGURG, L_SIGXCPU,
	L_SIGXFSZ, L_SIGVTALRM, L_SIGPROF, L_SIGWINCH, L_SIGIO, L_SIGPWR,
	L_SIGSYS, L_SIGRTMIN, L_SIGMAX = 64
};

#define L_SIG_DFL	0
#define L_SIG_IGN	1

#define L_SA_NOCLDSTOP	0x00000001
#define L_SA_NOCLDWAIT	0x00000002
#define L_SA_SIGINFO	0x00000004
#define L_SA_RESTORER	0x04000000
#define L_SA_ONSTACK	0x08000000
#define L_SA_RESTART	0x10000000
#define L_SA_NODEFER	0x40000000
#define L_SA_RESETHAND	0x80000000u

#define L_SIG_BLOCK	0
#define L_SIG_UNBLOCK	1
#define L_SIG_SETMASK	2

#define L_SS_ONSTACK	1
#define L_SS_DISABLE	2
#define L_MINSIGSTKSZ	2048

/* si_code */
#define L_SI_USER	0
#define L_SI_KERNEL	0x80
#define L_SI_QUEUE	(-1)
#define L_SI_TIMER	(-2)
#define L_SI_TKILL	(-6)
#define L_ILL_ILLOPN	2
#define L_FPE_INTDIV	1
#define L_FPE_INTOVF	2
#define L_FPE_FLTDIV	3
#define L_FPE_FLTOVF	4
#define L_FPE_FLTUND	5
#define L_FPE_FLTRES	6
#define L_FPE_FLTINV	7
#define L_SEGV_MAPERR	1
#define L_SEGV_ACCERR	2
#define L_BUS_ADRALN	1
#define L_BUS_ADRERR	2
#define L_TRAP_BRKPT	1
#define L_TRAP_TRACE	2
#define L_CLD_EXITED	1
#define L_CLD_KILLED	2
#define L_CLD_DUMPED	3
#define L_CLD_STOPPED	5
#define L_CLD_CONTINUED	6

/* struct old sigaction of sigaction(2), and of rt_sigaction(2) */
struct linux_old_sigaction {
	uint32_t	handler;
	uint32_t	mask;
	uint32_t	flags;
	uint32_t	restorer;
};

struct linux_sigaction {
	uint32_t	handler;
	uint32_t	flags;
	uint32_t	restorer;
	uint32_t	mask[2];
};

struct linux_siginfo {
	int32_t		signo;
	int32_t		err;
	int32_t		code;
	union {
		int32_t		pad[29];
		struct {
			int32_t		pid;
			uint32_t	uid;
			uint32_t	value;
		} kill;
		struct {
			int32_t		pid;
			uint32_t	uid;
			int32_t		status;
			uint32_t	utime;
			uint32_t	stime;
		} child;
		struct {
			uint32_t	address;
		} fault;
	} u;
};
_Static_assert(sizeof(struct linux_siginfo) == 128, "layout of siginfo");

struct linux_signalfd_info {
	uint32_t	signo;
	int32_t		err;
	int32_t		code;
	uint32_t	pid;
	uint32_t	uid;
	int32_t		fd;
	uint32_t	tid;		/* of a timer: which */
	uint32_t	band;
	uint32_t	overrun;
	uint32_t	trap;
	int32_t		status;
	int32_t		value;
	uint64_t	pointer;
	uint64_t	utime;
	uint64_t	stime;
	uint64_t	address;
	uint8_t		spare[48];
};
_Static_assert(sizeof(struct linux_signalfd_info) == 128, "signalfd_siginfo");

struct linux_stack {
	uint32_t	sp;
	int32_t		flags;
	uint32_t	size;
};

struct linux_sigcontext {
	uint32_t	gs, fs, es, ds;
	uint32_t	edi, esi, ebp, esp, ebx, edx, ecx, eax;
	uint32_t	trap, error, eip, cs, efl, sp_at_signal, ss;
	uint32_t	fpstate;
	uint32_t	oldmask;
	uint32_t	cr2;
};
_Static_assert(sizeof(struct linux_sigcontext) == 88, "layout of sigcontext");

struct linux_ucontext {
	uint32_t		flags;
	uint32_t		link;
	struct linux_stack	stack;
	struct linux_sigcontext	mcontext;
	uint32_t		mask[2];
};

/* clone(2) */
#define L_CSIGNAL		0x000000ff
#define L_CLONE_VM		0x00000100
#define L_CLONE_FS		0x00000200
#define L_CLONE_FILES		0x00000400
#define L_CLONE_SIGHAND		0x00000800
#define L_CLONE_PTRACE		0x00002000
#define L_CLONE_VFORK		0x00004000
#define L_CLONE_PARENT		0x00008000
#define L_CLONE_THREAD		0x00010000
#define L_CLONE_SYSVSEM		0x00040000
#define L_CLONE_SETTLS		0x00080000
#define L_CLONE_PARENT_SETTID	0x00100000
#define L_CLONE_CHILD_CLEARTID	0x00200000
#define L_CLONE_DETACHED	0x00400000
#define L_CLONE_UNTRACED	0x00800000
#define L_CLONE_CHILD_SETTID	0x01000000
#define L_CLONE_IO		0x80000000u

/* The word of a lock of a robust list: who has it, and */
#define L_FUTEX_WAITERS		0x80000000u
#define L_FUTEX_OWNER_DIED	0x40000000u
#define L_FUTEX_TID_MASK	0x3fffffffu
#define L_FUTEX_ROBUST_MAX	2048	/* locks of a list */

/* At the head: first entry, distance of the word to its entry, one pending. */
struct linux_robust {
	uint32_t	next;
	int32_t		offset;
	uint32_t	pending;
};

/* prctl(2) */
#define L_PR_SET_PDEATHSIG	1
#define L_PR_GET_PDEATHSIG	2
#define L_PR_GET_DUMPABLE	3
#define L_PR_SET_DUMPABLE	4
#define L_PR_SET_NAME		15
#define L_PR_GET_NAME		16
#define L_PR_SET_CHILD_SUBREAPER 36
#define L_PR_GET_CHILD_SUBREAPER 37
#define L_PR_SET_NO_NEW_PRIVS	38
#define L_PR_GET_NO_NEW_PRIVS	39

/* wait4(2), waitid(2) */
#define L_WNOHANG	1
#define L_WUNTRACED	2
#define L_WSTOPPED	2
#define L_WEXITED	4
#define L_WCONTINUED	8
#define L_WNOWAIT	0x01000000
#define L_WNOTHREAD	0x20000000
#define L_WALL		0x40000000
#define L_WCLONE	0x80000000u
#define L_P_ALL		0
#define L_P_PID		1
#define L_P_PGID	2

/* Status of files */
struct linux_stat {			/* stat: the oldest, 16-bit ids */
	uint32_t	dev, ino;
	uint16_t	mode, nlink, uid, gid;
	uint32_t	rdev, size, blksize, blocks;
	uint32_t	atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
	uint32_t	unused[2];
};
_Static_assert(sizeof(struct linux_stat) == 64, "layout of stat");

struct linux_stat64 {
	uint64_t	dev;
	uint32_t	pad0;
	uint32_t	ino32;
	uint32_t	mode;
	uint32_t	nlink;
	uint32_t	uid;
	uint32_t	gid;
	uint64_t	rdev;
	uint32_t	pad3;
	int64_t		size;
	uint32_t	blksize;
	uint64_t	blocks;
	uint32_t	atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
	uint64_t	ino;
} __attribute__((packed, aligned(4)));
_Static_assert(sizeof(struct linux_stat64) == 96, "layout of stat64");

struct linux_statx_time {
	int64_t		sec;
	uint32_t	nsec;
	int32_t		pad;
};

struct linux_statx {
	uint32_t	mask;
	uint32_t	blksize;
	uint64_t	attributes;
	uint32_t	nlink;
	uint32_t	uid;
	uint32_t	gid;
	uint16_t	mode;
	uint16_t	pad1;
	uint64_t	ino;
	uint64_t	size;
	uint64_t	blocks;
	uint64_t	attributes_mask;
	struct linux_statx_time	atime, btime, ctime, mtime;
	uint32_t	rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t	spare[14];
};
_Static_assert(sizeof(struct linux_statx) == 256, "layout of statx");
#define L_STATX_BASIC_STATS	0x7ff

struct linux_statfs64 {
	uint32_t	type;
	uint32_t	bsize;
	uint64_t	blocks, bfree, bavail, files, ffree;
	uint32_t	fsid[2];
	uint32_t	namelen, frsize, flags, spare[4];
} __attribute__((packed, aligned(4)));
_Static_assert(sizeof(struct linux_statfs64) == 84, "layout of statfs64");

struct linux_statfs {
	uint32_t	type, bsize, blocks, bfree, bavail, files, ffree;
	uint32_t	fsid[2];
	uint32_t	namelen, frsize, flags, spare[4];
};
_Static_assert(sizeof(struct linux_statfs) == 64, "layout of statfs");

/* Time */
struct linux_timeval {
	int32_t		sec, usec;
};
struct linux_timespec {
	int32_t		sec, nsec;
};
struct linux_timespec64 {
	int64_t		sec, nsec;
};
struct linux_itimerval {
	struct linux_timeval	interval, value;
};
#define L_RUSAGE_THREAD	1
struct linux_rusage {
	struct linux_timeval	utime, stime;
	int32_t			other[14];
};
_Static_assert(sizeof(struct linux_rusage) == 72, "layout of rusage");

#define L_CLOCK_REALTIME		0
#define L_CLOCK_MONOTONIC		1
#define L_CLOCK_PROCESS_CPU		2
#define L_CLOCK_THREAD_CPU		3
#define L_CLOCK_MONOTONIC_RAW		4
#define L_CLOCK_REALTIME_COARSE		5
#define L_CLOCK_MONOTONIC_COARSE	6
#define L_CLOCK_BOOTTIME		7
#define L_CLOCK_TAI			11

/* A clock below 0: ~pid << 3 | this, 4 added for a thread. */
#define L_CPU_PROF		0
#define L_CPU_VIRT		1
#define L_CPU_SCHED		2
#define L_CPU_THREAD		4

#define L_TIMER_ABSTIME		1
#define L_ITIMER_REAL		0
#define L_ITIMER_VIRTUAL	1
#define L_ITIMER_PROF		2

struct linux_itimerspec {
	struct linux_timespec	interval, value;
};
struct linux_itimerspec64 {
	struct linux_timespec64	interval, value;
};

#define L_SIGEV_SIGNAL		0
#define L_SIGEV_NONE		1
#define L_SIGEV_THREAD		2
#define L_SIGEV_THREAD_ID	4

struct linux_sigevent {
	uint32_t	value;
	int32_t		signal;
	int32_t		notify;
	int32_t		tid;
	int32_t		spare[12];
};
_Static_assert(sizeof(struct linux_sigevent) == 64, "layout of sigevent");
/* syslog */
#define L_SYSLOG_CLOSE		0
#define L_SYSLOG_OPEN		1
#define L_SYSLOG_READ		2
#define L_SYSLOG_READ_ALL	3
#define L_SYSLOG_READ_CLEAR	4
#define L_SYSLOG_CLEAR		5
#define L_SYSLOG_SIZE_UNREAD	9
#define L_SYSLOG_SIZE_BUFFER	10

/* Limits */
#define L_RLIMIT_CPU	0
#define L_RLIM_NLIMITS	16
#define L_RLIM_INFINITY	0xffffffffu
#define L_RLIMIT_STACK	3
#define L_RLIMIT_RSS	5
#define L_RLIMIT_NPROC	6
#define L_RLIMIT_NOFILE	7
#define L_RLIMIT_SIGPENDING 11
#define L_RLIMIT_NICE	13
#define L_RLIMIT_RTPRIO	14

/* Scheduling */
#define L_PRIO_PROCESS	0
#define L_PRIO_PGRP	1
#define L_PRIO_USER	2
#define L_SCHED_OTHER	0
#define L_SCHED_FIFO	1
#define L_SCHED_RR	2
#define L_SCHED_BATCH	3
#define L_SCHED_IDLE	5

/* poll(2) */
struct linux_pollfd {
	int32_t		fd;
	int16_t		events;
	int16_t		revents;
};
#define L_EPOLL_CTL_ADD	1
#define L_EPOLL_CTL_DEL	2
#define L_EPOLL_CTL_MOD	3
#define L_EPOLLONESHOT	(1u << 30)
#define L_EPOLLET	(1u << 31)
#define L_EFD_SEMAPHORE	1
#define L_TFD_CANCEL_ON_SET	2
/* On the i386 the data are not aligned. */
struct linux_epoll_event {
	uint32_t	events;
	uint64_t	data;
} __attribute__((packed));

#define L_POLLIN	0x0001
#define L_POLLPRI	0x0002
#define L_POLLOUT	0x0004
#define L_POLLERR	0x0008
#define L_POLLHUP	0x0010
#define L_POLLNVAL	0x0020
#define L_POLLRDNORM	0x0040
#define L_POLLRDBAND	0x0080
#define L_POLLWRNORM	0x0100
#define L_POLLWRBAND	0x0200

/* Names */
struct linux_utsname {
	char	sysname[65], nodename[65], release[65], version[65],
		machine[65], domainname[65];
};

struct linux_sysinfo {
	int32_t		uptime;
	uint32_t	loads[3];
	uint32_t	totalram, freeram, sharedram, bufferram;
	uint32_t	totalswap, freeswap;
	uint16_t	procs, pad;
	uint32_t	totalhigh, freehigh, mem_unit;
	char		spare[8];
};
_Static_assert(sizeof(struct linux_sysinfo) == 64, "layout of sysinfo");

/* Terminals */
#define L_NCCS		19
struct linux_termios {
	uint32_t	iflag, oflag, cflag, lflag;
	uint8_t		line;
	uint8_t		cc[L_NCCS];
};
_Static_assert(sizeof(struct linux_termios) == 36, "layout of termios");

struct linux_winsize {
	uint16_t	row, col, xpixel, ypixel;
};

enum { L_VINTR, L_VQUIT, L_VERASE, L_VKILL, L_VEOF, L_VTIME, L_VMIN, L_VSWTC,
	L_VSTART, L_VSTOP, L_VSUSP, L_VEOL, L_VREPRINT, L_VDISCARD, L_VWERASE,
	L_VLNEXT, L_VEOL2 };

#define L_IGNBRK	0000001
#define L_BRKINT	0000002
#define L_IGNPAR	0000004
#define L_PARMRK	0000010
#define L_INPCK		0000020
#define L_ISTRIP	0000040
#define L_INLCR		0000100
#define L_IGNCR		0000200
#define L_ICRNL		0000400
#define L_IUCLC		0001000
#define L_IXON		0002000
#define L_IXANY		0004000
#define L_IXOFF		0010000
#define L_IMAXBEL	0020000
#define L_IUTF8		0040000

#define L_OPOST		0000001
#define L_OLCUC		0000002
#define L_ONLCR		0000004
#define L_OCRNL		0000010
#define L_ONOCR		0000020
#define L_ONLRET	0000040
#define L_TABDLY	0014000
#define L_XTABS		0014000

#define L_B38400	0000017
#define L_CS8		0000060
#define L_CREAD		0000200
#define L_HUPCL		0002000
#define L_CLOCAL	0004000

#define L_ISIG		0000001
#define L_ICANON	0000002
#define L_ECHO		0000010
#define L_ECHOE		0000020
#define L_ECHOK		0000040
#define L_ECHONL	0000100
#define L_NOFLSH	0000200
#define L_TOSTOP	0000400
#define L_ECHOCTL	0001000
#define L_ECHOKE	0004000
#define L_IEXTEN	0100000

#define L_TCGETS	0x5401
#define L_TCSETS	0x5402
#define L_TCSETSW	0x5403
#define L_TCSETSF	0x5404
#define L_TCGETA	0x5405
#define L_TCSETA	0x5406
#define L_TCSBRK	0x5409
#define L_TCXONC	0x540a
#define L_TCFLSH	0x540b
#define L_TIOCEXCL	0x540c
#define L_TIOCGEXCL	0x80045440u
#define L_TIOCNXCL	0x540d
#define L_TIOCSCTTY	0x540e
#define L_TIOCGPGRP	0x540f
#define L_TIOCSPGRP	0x5410
#define L_TIOCOUTQ	0x5411
#define L_TIOCSTI	0x5412
#define L_TIOCGWINSZ	0x5413
#define L_TIOCSWINSZ	0x5414
#define L_TIOCMGET	0x5415
#define L_FIONREAD	0x541b
#define L_TIOCCONS	0x541d
#define L_TIOCGSERIAL	0x541e
#define L_FIONBIO	0x5421
#define L_TIOCNOTTY	0x5422
#define L_TCSBRKP	0x5425
#define L_TIOCGSID	0x5429
#define L_TIOCGPTN	0x80045430
#define L_TIOCSPTLCK	0x40045431
#define L_FIONCLEX	0x5450
#define L_FIOCLEX	0x5451
#define L_VT_GETSTATE	0x5603
#define L_VT_OPENQRY	0x5600
#define L_KDGKBTYPE	0x4b33

/* mmap(2) */
#define L_PROT_READ	1
#define L_PROT_WRITE	2
#define L_PROT_EXEC	4
#define L_PROT_GROWSDOWN 0x01000000
#define L_MAP_SHARED	0x01
#define L_MAP_PRIVATE	0x02
#define L_MAP_TYPE	0x0f
#define L_MAP_FIXED	0x10
#define L_MAP_ANONYMOUS	0x20
#define L_MAP_GROWSDOWN	0x0100
#define L_MAP_FIXED_NOREPLACE 0x100000
#define L_MS_ASYNC	1
#define L_MS_INVALIDATE	2
#define L_MS_SYNC	4
#define L_MADV_WILLNEED	3		/* those up to here only advise */
#define L_MADV_DONTNEED	4
#define L_MADV_FREE	8
#define L_MADV_DONTFORK	10
#define L_MADV_DOFORK	11
#define L_MADV_DONTDUMP	16
#define L_MADV_DODUMP	17
#define L_MREMAP_MAYMOVE 1
#define L_MREMAP_FIXED	2

/* futex(2) */
#define L_FUTEX_WAIT		0
#define L_FUTEX_WAKE		1
#define L_FUTEX_REQUEUE		3
#define L_FUTEX_CMP_REQUEUE	4
#define L_FUTEX_WAKE_OP		5
#define L_FUTEX_WAIT_BITSET	9
#define L_FUTEX_WAKE_BITSET	10
#define L_FUTEX_PRIVATE		128
#define L_FUTEX_CLOCK_REALTIME	256

/* set_thread_area(2) */
struct linux_user_desc {
	uint32_t	entry_number;
	uint32_t	base;
	uint32_t	limit;
	uint32_t	flags;	/* 1 seg_32bit, 2-3 contents, 8 read_exec_only,
				   16 limit_in_pages, 32 not_present, 64 useable */
};

/* Auxiliary vector */
#define L_AT_NULL	0
#define L_AT_PHDR	3
#define L_AT_PHENT	4
#define L_AT_PHNUM	5
#define L_AT_PAGESZ	6
#define L_AT_BASE	7
#define L_AT_FLAGS	8
#define L_AT_ENTRY	9
#define L_AT_UID	11
#define L_AT_EUID	12
#define L_AT_GID	13
#define L_AT_EGID	14
#define L_AT_PLATFORM	15
#define L_AT_HWCAP	16
#define L_AT_CLKTCK	17
#define L_AT_SECURE	23
#define L_AT_RANDOM	25
#define L_AT_EXECFN	31
#define L_AT_MINSIGSTKSZ 51
#define L_AT_SYSINFO	32
#define L_AT_SYSINFO_EHDR 33

/* reboot(2) */
#define L_REBOOT_MAGIC1		0xfee1dead
#define L_REBOOT_RESTART	0x01234567
#define L_REBOOT_HALT		0xcdef0123
#define L_REBOOT_CAD_ON		0x89abcdef
#define L_REBOOT_CAD_OFF	0x00000000
#define L_REBOOT_POWER_OFF	0x4321fedc

#define L_DT_FIFO	1
#define L_DT_CHR	2
#define L_DT_DIR	4
#define L_DT_BLK	6
#define L_DT_REG	8
#define L_DT_LNK	10
#define L_DT_SOCK	12

#endif /* SERVERS_UNIX_LINUX_H */
