/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * How servers say UNIX errors in a kern_return_t: a base that neither the
 * kernel, IPC nor MIG uses, plus the errno of the Linux i386 ABI.
 */
#ifndef SERVERS_ERRORS_H
#define SERVERS_ERRORS_H

#define UNIX_ERR_BASE	0x54580000
#define UNIX_ERR_MAX	4095

#define UNIX_E(e)	(UNIX_ERR_BASE + (e))
#define UNIX_IS_ERR(kr)	((kr) > UNIX_ERR_BASE && \
			 (kr) <= UNIX_ERR_BASE + UNIX_ERR_MAX)
/* The errno in KR; only when UNIX_IS_ERR. */
#define UNIX_ERRNO(kr)	((kr) - UNIX_ERR_BASE)

#define UNIX_EPERM		UNIX_E(1)
#define UNIX_ENOENT		UNIX_E(2)
#define UNIX_ESRCH		UNIX_E(3)
#define UNIX_EINTR		UNIX_E(4)
#define UNIX_EIO		UNIX_E(5)
#define UNIX_ENXIO		UNIX_E(6)
#define UNIX_E2BIG		UNIX_E(7)
#define UNIX_ENOEXEC		UNIX_E(8)
#define UNIX_EBADF		UNIX_E(9)
#define UNIX_ECHILD		UNIX_E(10)
#define UNIX_EAGAIN		UNIX_E(11)
#define UNIX_EWOULDBLOCK	UNIX_EAGAIN
#define UNIX_ENOMEM		UNIX_E(12)
#define UNIX_EACCES		UNIX_E(13)
#define UNIX_EFAULT		UNIX_E(14)
#define UNIX_ENOTBLK		UNIX_E(15)
#define UNIX_EBUSY		UNIX_E(16)
#define UNIX_EEXIST		UNIX_E(17)
#define UNIX_EXDEV		UNIX_E(18)
#define UNIX_ENODEV		UNIX_E(19)
#define UNIX_ENOTDIR		UNIX_E(20)
#define UNIX_EISDIR		UNIX_E(21)
#define UNIX_EINVAL		UNIX_E(22)
#define UNIX_ENFILE		UNIX_E(23)
#define UNIX_EMFILE		UNIX_E(24)
#define UNIX_ENOTTY		UNIX_E(25)
#define UNIX_ETXTBSY		UNIX_E(26)
#define UNIX_EFBIG		UNIX_E(27)
#define UNIX_ENOSPC		UNIX_E(28)
#define UNIX_ESPIPE		UNIX_E(29)
#define UNIX_EROFS		UNIX_E(30)
#define UNIX_EMLINK		UNIX_E(31)
#define UNIX_EPIPE		UNIX_E(32)
#define UNIX_EDOM		UNIX_E(33)
#define UNIX_ERANGE		UNIX_E(34)
#define UNIX_EDEADLK		UNIX_E(35)
#define UNIX_ENAMETOOLONG	UNIX_E(36)
#define UNIX_ENOLCK		UNIX_E(37)
#define UNIX_ENOSYS		UNIX_E(38)
#define UNIX_ENOTEMPTY		UNIX_E(39)
#define UNIX_ELOOP		UNIX_E(40)
#define UNIX_ENODATA		UNIX_E(61)
#define UNIX_ETIME		UNIX_E(62)
#define UNIX_EPROTO		UNIX_E(71)
#define UNIX_EOVERFLOW		UNIX_E(75)
#define UNIX_EILSEQ		UNIX_E(84)
#define UNIX_EUSERS		UNIX_E(87)
#define UNIX_ENOTSOCK		UNIX_E(88)
#define UNIX_EDESTADDRREQ	UNIX_E(89)
#define UNIX_EMSGSIZE		UNIX_E(90)
#define UNIX_EPROTOTYPE		UNIX_E(91)
#define UNIX_ENOPROTOOPT	UNIX_E(92)
#define UNIX_EPROTONOSUPPORT	UNIX_E(93)
#define UNIX_EOPNOTSUPP		UNIX_E(95)
#define UNIX_EAFNOSUPPORT	UNIX_E(97)
#define UNIX_EADDRINUSE		UNIX_E(98)
#define UNIX_EADDRNOTAVAIL	UNIX_E(99)
#define UNIX_ENETDOWN		UNIX_E(100)
#define UNIX_ENETUNREACH	UNIX_E(101)
#define UNIX_ECONNABORTED	UNIX_E(103)
#define UNIX_ECONNRESET		UNIX_E(104)
#define UNIX_ENOBUFS		UNIX_E(105)
#define UNIX_EISCONN		UNIX_E(106)
#define UNIX_ENOTCONN		UNIX_E(107)
#define UNIX_ETIMEDOUT		UNIX_E(110)
#define UNIX_ECONNREFUSED	UNIX_E(111)
#define UNIX_EHOSTUNREACH	UNIX_E(113)
#define UNIX_EALREADY		UNIX_E(114)
#define UNIX_EINPROGRESS	UNIX_E(115)
#define UNIX_ESTALE		UNIX_E(116)
/* What is on the disk contradicts itself; run e2fsck. */
#define UNIX_EUCLEAN		UNIX_E(117)
#define UNIX_EDQUOT		UNIX_E(122)

/*
 * Not an errno: the path leads out of this file system (dir.defs).  It never
 * reaches a UNIX program.
 */
#define FILE_ECROSS		(UNIX_ERR_BASE + UNIX_ERR_MAX + 1)

#endif /* SERVERS_ERRORS_H */
