/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Numbers of device flavors that are also ioctl requests. */

#ifndef MACH_I386_IOCCOM_H
#define MACH_I386_IOCCOM_H

#define _IOCPARM_MASK	0xff		/* bytes of the argument */
#define _IOC_VOID	0x20000000
#define _IOC_OUT	0x40000000
#define _IOC_IN		0x80000000
#define _IOC_INOUT	(_IOC_IN | _IOC_OUT)

/* X is a character, Y the request, N its bytes or T its type. */
#define _IORAW(dir, x, y, n) \
	((dir) | (((n) & _IOCPARM_MASK) << 16) | ((x) << 8) | (y))

#define _IO(x, y)		_IORAW(_IOC_VOID, x, y, 0)
#define _IOR(x, y, t)		_IORAW(_IOC_OUT, x, y, sizeof(t))
#define _IORN(x, y, n)		_IORAW(_IOC_OUT, x, y, n)
#define _IOW(x, y, t)		_IORAW(_IOC_IN, x, y, sizeof(t))
#define _IOWN(x, y, n)		_IORAW(_IOC_IN, x, y, n)
#define _IOWR(x, y, t)		_IORAW(_IOC_INOUT, x, y, sizeof(t))
#define _IOWRN(x, y, n)		_IORAW(_IOC_INOUT, x, y, n)

#endif /* MACH_I386_IOCCOM_H */
