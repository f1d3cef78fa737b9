/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Character devices by number, and what /dev holds.
 */
#include <servers/unix/unix_vfs.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEV(major, minor)	((uint32_t)(minor) | (uint32_t)(major) << 8)

struct dev_name {
	const char	*name;
	uint32_t	rdev;
	uint32_t	mode;
};

static const struct dev_name dev_names[] = {
	{ "null", DEV(1, 3), 0666 },
	{ "zero", DEV(1, 5), 0666 },
	{ "full", DEV(1, 7), 0666 },
	{ "random", DEV(1, 8), 0666 },
	{ "urandom", DEV(1, 9), 0666 },
	{ "kmsg", DEV(1, 11), 0644 },
	{ "tty", DEV(5, 0), 0666 },
	{ "console", DEV(5, 1), 0600 },
	{ "ttyS0", DEV(4, 64), 0600 },
	{ "tty1", DEV(4, 1), 0600 },
	{ "ptmx", DEV(5, 2), 0666 },
};

struct tty *dev_console;

/*
 * Random numbers: the ChaCha permutation of a state whose key part (words 4 to
 * 11) is seeded once, from the processor's generator where there is one and
 * from the jitter of its cycle counter, and changed after each block.
 */
static uint32_t dev_pool[16];
static uint32_t dev_pool_count;

#define DEV_CPUID_RDRAND	(1u << 30)
#define DEV_SEED_SAMPLES	512

static uint32_t
dev_rotate(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

static void
dev_quarter(uint32_t *s, int a, int b, int c, int d)
{
	s[a] += s[b];
	s[d] = dev_rotate(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = dev_rotate(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = dev_rotate(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = dev_rotate(s[b] ^ s[c], 7);
}

static void
dev_permute(uint32_t s[16])
{
	for (int i = 0; i < 10; i++) {
		dev_quarter(s, 0, 4, 8, 12);
		dev_quarter(s, 1, 5, 9, 13);
		dev_quarter(s, 2, 6, 10, 14);
		dev_quarter(s, 3, 7, 11, 15);
		dev_quarter(s, 0, 5, 10, 15);
		dev_quarter(s, 1, 6, 11, 12);
		dev_quarter(s, 2, 7, 8, 13);
		dev_quarter(s, 3, 4, 9, 14);
	}
}

static uint64_t
dev_cycles(void)
{
	uint64_t cycles;

	__asm__ volatile("rdtsc" : "=A" (cycles));
	return cycles;
}

/* A number of the processor's generator; 0 where it has none or is tired. */
static uint32_t
dev_hardware_random(void)
{
	uint32_t eax = 1;
	uint32_t ebx;
	uint32_t ecx = 0;
	uint32_t edx;
	uint32_t value = 0;

	__asm__ volatile("cpuid"
	    : "+a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx));
	if ((ecx & DEV_CPUID_RDRAND) != 0) {
		/* On failure the processor stores 0. */
		__asm__ volatile("rdrand %0" : "=r" (value) : : "cc");
	}
	return value;
}

/* Each sample is how long a system call and a permutation took. */
static void
dev_seed(void)
{
	for (int i = 0; i < 8; i++) {
		dev_pool[4 + i] ^= dev_hardware_random();
	}
	for (int i = 0; i < DEV_SEED_SAMPLES; i++) {
		dev_pool[4 + i % 8] ^= (uint32_t)unix_now_ns() ^
		    dev_rotate((uint32_t)dev_cycles(), 1 + i % 31);
		dev_permute(dev_pool);
	}
}

static void
dev_random_block(uint32_t out[16])
{
	uint64_t cycles = dev_cycles();
	uint32_t s[16];

	if (dev_pool_count == 0) {
		dev_seed();
	}
	dev_pool[12] = ++dev_pool_count;
	dev_pool[13] ^= (uint32_t)unix_now_ns();
	dev_pool[14] += (uint32_t)cycles;
	dev_pool[15] += (uint32_t)(cycles >> 32);
	memcpy(s, dev_pool, sizeof(s));
	dev_permute(s);
	for (int i = 0; i < 16; i++) {
		out[i] = s[i] + dev_pool[i];
	}
	/* What comes next must not tell what came before. */
	for (int i = 0; i < 8; i++) {
		dev_pool[4 + i] ^= s[i + 8];
	}
}

void
dev_random(void *buf, uint32_t n)
{
	uint32_t block[16];
	char *to = buf;

	while (n > 0) {
		uint32_t part = n < 32 ? n : 32;

		dev_random_block(block);
		memcpy(to, block, part);
		to += part;
		n -= part;
	}
}

static int32_t
dev_null_read(struct file *f, struct uthread *t, char *buf, uint32_t n,
    int64_t *offset)
{
	return 0;
}

static int32_t
dev_null_write(struct file *f, struct uthread *t, const char *buf, uint32_t n,
    int64_t *offset)
{
	return (int32_t)n;
}

static int32_t
dev_zero_read(struct file *f, struct uthread *t, char *buf, uint32_t n,
    int64_t *offset)
{
	memset(buf, 0, n);
	return (int32_t)n;
}

static int32_t
dev_full_write(struct file *f, struct uthread *t, const char *buf, uint32_t n,
    int64_t *offset)
{
	return -L_ENOSPC;
}

static int32_t
dev_random_read(struct file *f, struct uthread *t, char *buf, uint32_t n,
    int64_t *offset)
{
	dev_random(buf, n);
	return (int32_t)n;
}

/* Stirs the state, which is all that writing random numbers promises. */
static int32_t
dev_random_write(struct file *f, struct uthread *t, const char *buf,
    uint32_t n, int64_t *offset)
{
	for (uint32_t i = 0; i < n; i++) {
		dev_pool[4 + i / 4 % 8] ^= (uint32_t)(uint8_t)buf[i] <<
		    i % 4 * 8;
	}
	return (int32_t)n;
}

static int32_t
dev_ioctl(struct file *f, struct uthread *t, uint32_t command, uint32_t arg,
    const char *in, char *out)
{
	return -L_ENOTTY;
}

static int64_t
dev_seek(struct file *f, int64_t offset, int whence)
{
	return 0;
}

static int32_t
dev_stat(struct file *f, struct file_stat *st)
{
	uint32_t rdev = (uint32_t)(uintptr_t)f->object;

	memset(st, 0, sizeof(*st));
	st->dev = 5;
	st->ino = rdev;
	st->mode = L_S_IFCHR | 0666;
	st->nlink = 1;
	st->rdev = rdev;
	st->blksize = 4096;
	return 0;
}

static const struct file_ops dev_null_ops = {
	.name = "null", .read = dev_null_read, .write = dev_null_write,
	.ioctl = dev_ioctl, .seek = dev_seek, .stat = dev_stat,
};

static const struct file_ops dev_zero_ops = {
	.name = "zero", .read = dev_zero_read, .write = dev_null_write,
	.ioctl = dev_ioctl, .seek = dev_seek, .stat = dev_stat,
};

static const struct file_ops dev_full_ops = {
	.name = "full", .read = dev_zero_read, .write = dev_full_write,
	.ioctl = dev_ioctl, .seek = dev_seek, .stat = dev_stat,
};

static const struct file_ops dev_random_ops = {
	.name = "random", .read = dev_random_read, .write = dev_random_write,
	.ioctl = dev_ioctl, .seek = dev_seek, .stat = dev_stat,
};

static int32_t
dev_open_plain(const struct file_ops *ops, uint32_t rdev, uint32_t kind,
    uint32_t flags, struct file **filep)
{
	struct file *f = file_create(ops, flags);

	if (f == NULL) {
		return -L_ENOMEM;
	}
	f->object = (void *)(uintptr_t)rdev;
	f->kind = kind;
	*filep = f;
	return 0;
}

int32_t
dev_open(struct process *p, uint32_t rdev, uint32_t flags,
    struct file **filep)
{
	struct tty *tty = NULL;

	switch (rdev) {
	case DEV(1, 3):
		return dev_open_plain(&dev_null_ops, rdev,
		    UNIX_HANDLE_NULL, flags, filep);
	case DEV(1, 5):
		return dev_open_plain(&dev_zero_ops, rdev,
		    UNIX_HANDLE_ZERO, flags, filep);
	case DEV(1, 7):
		return dev_open_plain(&dev_full_ops, rdev, UNIX_HANDLE_SERVER,
		    flags, filep);
	case DEV(1, 8):
	case DEV(1, 9):
		return dev_open_plain(&dev_random_ops, rdev,
		    UNIX_HANDLE_SERVER, flags, filep);
	case DEV(1, 11):
		return dev_open_plain(&dev_null_ops, rdev, UNIX_HANDLE_SERVER,
		    flags, filep);
	case DEV(5, 0):
		if (p == NULL || p->session == NULL || p->session->tty == NULL) {
			return -L_ENXIO;
		}
		tty = p->session->tty;
		break;
	case DEV(5, 1):
	case DEV(4, 1):
	case DEV(4, 64):
		tty = dev_console;
		break;
	case DEV(5, 2):
		return pty_open_master(flags, filep);
	default:
		if (rdev >> 8 == 136) {
			tty = pty_slave(rdev & 0xff);
		}
		break;
	}
	if (tty == NULL) {
		return -L_ENXIO;
	}
	if (tty_refuses(tty, p)) {
		return -L_EBUSY;
	}
	*filep = tty_open(tty, p, flags);
	return *filep != NULL ? 0 : -L_ENOMEM;
}



static int32_t
dev_pts_lookup(struct node *dir, const char *name, struct process *p,
    struct node **childp)
{
	char *end;
	unsigned long n = strtoul(name, &end, 10);
	struct node *child;

	if (*name == '\0' || *end != '\0' || n > 255 ||
	    pty_slave((unsigned)n) == NULL) {
		return -L_ENOENT;
	}
	child = node_create(dir->fs, L_S_IFCHR | 0620, NULL);
	if (child == NULL) {
		return -L_ENOMEM;
	}
	child->nlink = 1;
	child->ino = 0x1000 + n;
	child->rdev = DEV(136, n);
	if (p != NULL) {
		child->uid = p->cred.euid;
	}
	*childp = child;
	return 0;
}

static int
dev_pts_list(struct node *dir, int64_t after, struct process *p,
    struct node_entry *entry)
{
	for (unsigned n = after < 3 ? 0 : (unsigned)after - 2; n < 256; n++) {
		if (pty_slave(n) == NULL) {
			continue;
		}
		snprintf(entry->name, sizeof(entry->name), "%u", n);
		entry->ino = 0x1000 + n;
		entry->type = L_DT_CHR;
		entry->cookie = n + 3;
		return 1;
	}
	return 0;
}

static const struct node_ops dev_pts_ops = {
	.lookup = dev_pts_lookup,
	.list = dev_pts_list,
};

int32_t
dev_fill(struct mount *m)
{
	static const char *const links[][2] = {
		{ "fd", "/proc/self/fd" },
		{ "stdin", "/proc/self/fd/0" },
		{ "stdout", "/proc/self/fd/1" },
		{ "stderr", "/proc/self/fd/2" },
	};
	struct node *pts;
	int32_t error = 0;

	for (unsigned i = 0; i < sizeof(dev_names) / sizeof(*dev_names) &&
	    error == 0; i++) {
		error = node_make(m->root, dev_names[i].name,
		    L_S_IFCHR | dev_names[i].mode, dev_names[i].rdev, NULL,
		    NULL);
	}
	for (unsigned i = 0; i < sizeof(links) / sizeof(*links) && error == 0;
	    i++) {
		error = node_symlink(m->root, links[i][0], links[i][1], NULL);
	}
	if (error == 0) {
		error = node_make(m->root, "shm", L_S_IFDIR | 01777, 0, NULL,
		    NULL);
	}
	if (error == 0) {
		error = node_make(m->root, "pts", L_S_IFDIR | 0755, 0, NULL,
		    &pts);
	}
	if (error == 0) {
		pts->ops = &dev_pts_ops;
		node_unref(pts);
	}
	return error;
}
