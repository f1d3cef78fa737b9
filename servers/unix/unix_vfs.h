/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Files that live in this server (nodes: /dev, /proc, /tmp, a root without a
 * disk), files of the file server (remote: a handle), and the paths that lead
 * to either.
 */
#ifndef SERVERS_UNIX_UNIX_VFS_H
#define SERVERS_UNIX_UNIX_VFS_H

#include <servers/unix/unix.h>

struct mount;

/* An entry as list tells it. */
struct node_entry {
	char		name[FILE_NAME_MAX + 1];
	uint64_t	ino;
	uint8_t		type;		/* L_DT_* */
	int64_t		cookie;		/* of this entry; > 2 */
};

/* What nodes that are not plain memory do otherwise; any may be NULL. */
struct node_ops {
	/* The child with a reference; -L_ENOENT. */
	int32_t	(*lookup)(struct node *dir, const char *name,
		    struct process *p, struct node **childp);
	/* The first entry with a cookie above AFTER; 0 there is none, 1 is. */
	int	(*list)(struct node *dir, int64_t after, struct process *p,
		    struct node_entry *entry);
	/* The contents, malloc'd. */
	int32_t	(*text)(struct node *n, struct process *p, char **textp,
		    uint32_t *sizep);
	int32_t	(*set_text)(struct node *n, struct process *p,
		    const char *text, uint32_t size);
	/* The target of a symbolic link, with a NUL. */
	int32_t	(*target)(struct node *n, struct process *p, char *buf,
		    uint32_t size);
	int32_t	(*open)(struct node *n, struct process *p, uint32_t flags,
		    struct file **filep);
};

struct dir_entry {
	struct list	link;
	struct node	*node;		/* referenced */
	int64_t		cookie;
	char		name[];
};

struct node {
	int			refs;
	const struct node_ops	*ops;		/* NULL: all in memory */
	struct mount		*fs;		/* that it belongs to */
	struct mount		*mounted;	/* on this directory, or NULL */
	struct node		*parent;	/* of a directory, referenced
						   but by the root */
	uint64_t		ino;
	uint32_t		mode;
	uint32_t		nlink;
	uint32_t		uid;
	uint32_t		gid;
	uint32_t		rdev;
	struct file_time	atime;
	struct file_time	mtime;
	struct file_time	ctime;
	struct list		entries;	/* directory */
	int64_t			next_cookie;
	char			*data;		/* file or link */
	uint32_t		size;
	uint32_t		room;
	uint32_t		memory;		/* object that has the data, as
						   programs map it, or none */
	char			*name;		/* of memfd_create, or NULL */
	uint32_t		seals;		/* L_F_SEAL_* */
	bool			mapped_write;	/* ever, by a program */
	uint32_t		writers;	/* open for writing */
	uint32_t		texts;		/* programs that run */
	int			pid;		/* of /proc */
	int			kind;
};

struct mount {
	struct list	link;
	uint32_t	id;
	char		*where;		/* as mount(8) shows it */
	char		*source;
	char		*type;
	char		*options;
	struct node	*root;		/* NULL: of the file server */
	struct node	*over;		/* covered node, or NULL */
	struct file	*parent;	/* directory that holds the mount
					   point; NULL: it is the root */
	uint32_t	dev;
	bool		read_only;
};

/* Somewhere: a node, or a handle of the file server. */
struct place {
	struct node		*node;		/* referenced, or NULL */
	uint32_t		port;		/* else this, 0 with STAT_ONLY */
	bool			own_port;	/* the send right is ours */
	struct file		*hold;		/* keeps a borrowed port alive */
	struct file_stat	stat;		/* of what was found, remote */
	uint32_t		created;
	char			last[FILE_NAME_MAX + 1]; /* name in a parent */
	bool			last_slash;	/* a slash came after it */
	bool			missing;	/* node: only LAST is missing */
};

/* Flags of path_walk. */
#define PATH_NOFOLLOW	0x01		/* not at the end */
#define PATH_PARENT	0x02		/* stop before the last name */
#define PATH_EMPTY	0x04		/* "" is the start itself */
#define PATH_CREATE	0x08		/* MISSING instead of an error */

/* unix_node.c */
extern uint64_t node_bytes_max;
uint64_t node_bytes_used(void);
struct node *node_create(struct mount *fs, uint32_t mode,
    const struct cred *cred);
void node_ref(struct node *n);
void node_unref(struct node *n);
int32_t node_lookup(struct node *dir, const char *name, struct process *p,
    struct node **childp);
int32_t node_enter(struct node *dir, const char *name, struct node *n);
void node_clear(struct node *dir);
int32_t node_remove(struct node *dir, const char *name, bool directory);
int32_t node_rename(struct node *from, const char *name, struct node *to,
    const char *to_name, uint32_t flags);
int32_t node_make(struct node *dir, const char *name, uint32_t mode,
    uint32_t rdev, struct process *p, struct node **nodep);
int32_t node_symlink(struct node *dir, const char *name, const char *target,
    struct process *p);
int32_t node_target(struct node *n, struct process *p, char *buf,
    uint32_t size);
/* A right for programs to map N's contents; later readers share them. */
int32_t node_map(struct node *n, bool write, uint32_t *rightp);
/* A file without a name in a directory, that is called NAME. */
int32_t node_create_memory(const char *name, uint32_t flags, uint32_t seals,
    const struct cred *cred, struct file **filep);
/* F_ADD_SEALS and F_GET_SEALS. */
int32_t node_seal(struct file *f, uint32_t seals);
int32_t node_seals(const struct file *f);
int32_t node_truncate(struct node *n, uint64_t size);
int32_t node_write(struct node *n, const char *buf, uint32_t size,
    uint64_t offset);
int32_t node_set_attr(struct node *n, const struct file_attr *attr,
    struct process *p);
int32_t node_access(struct node *n, struct process *p, int want);
void node_stat(const struct node *n, struct file_stat *st);
int32_t node_open(struct node *n, struct process *p, uint32_t flags,
    struct file **filep);
/* Open N to run it: nobody opens it for writing meanwhile. */
int32_t node_open_program(struct node *n, struct file **filep);
int32_t node_path(struct node *n, char *buf, uint32_t size);
uint8_t node_type(uint32_t mode);

/* unix_proc.c, unix_dev.c: contents of a new file system. */
int32_t proc_fill(struct mount *m);
int32_t dev_fill(struct mount *m);

/* unix_path.c */
extern struct list mount_list;
int32_t path_walk(struct process *p, int dirfd, const char *path,
    unsigned flags, uint32_t remote_flags, uint32_t mode, struct place *out);
void place_release(struct place *place);
int32_t path_start(struct process *p, int dirfd, const char *path,
    struct place *place);
struct mount *mount_create(const char *type, const char *source,
    const char *where, const char *options);
void mount_destroy(struct mount *m);
int32_t mount_add(struct process *p, const char *source, const char *where,
    const char *type, uint32_t flags);
int32_t mount_remove(struct process *p, const char *where);
struct mount *mount_lookup(uint32_t id);
int32_t path_of_directory(struct process *p, struct file *f, char *buf,
    uint32_t size);

/*
 * unix_remote.c: requests to the file server, the lock released meanwhile.
 * Results are 0 or a negative errno, or -REMOTE_CROSS for FILE_ECROSS.
 */
#define REMOTE_CROSS	4000
int32_t remote_lookup(uint32_t dir, const char *path, uint32_t flags,
    uint32_t mode, uint32_t *handle, struct file_lookup *result, char *rest);
int32_t remote_read(uint32_t port, char *buf, uint32_t n, int64_t offset);
int32_t remote_write(uint32_t port, const char *buf, uint32_t n,
    int64_t offset);
int64_t remote_seek(uint32_t port, int64_t offset, int whence);
int32_t remote_stat(uint32_t port, struct file_stat *st);
int32_t remote_set_attr(uint32_t port, const struct file_attr *attr);
int32_t remote_read_dir(uint32_t port, char *buf, uint32_t n, int64_t cookie);
int32_t remote_statfs(uint32_t port, struct file_statfs *st);
int32_t remote_sync(uint32_t port, bool data_only);
int32_t remote_sync_all(void);
int32_t remote_disk_stats(struct file_disk_stats *stats);
int32_t remote_set_flags(uint32_t port, uint32_t flags);
int32_t remote_reopen(uint32_t port, uint32_t flags, uint32_t *handle);
int32_t remote_dir_path(uint32_t port, char *buf, uint32_t size);
int32_t remote_set_root(uint32_t port, uint32_t *handle);
int32_t remote_root(const struct cred *cred, uint32_t *handle);
int32_t remote_reauth(uint32_t port, const struct cred *cred,
    uint32_t *handle);
/* A handle to run what PORT, opened with EXEC, stands for. */
int32_t remote_program(uint32_t port, uint32_t *handle);
/* The file that mappings with the name NAME show; its path from ROOT's root. */
int32_t remote_mapped(struct file *root, uint32_t name, struct file_stat *st,
    char *path, uint32_t size);
/* Put on the disk what such mappings changed. */
int32_t remote_sync_mapped(uint32_t name);
int32_t remote_mount(uint32_t port, uint32_t id);
int32_t remote_unmount(uint32_t id);
/* One more right for PORT, and one less; none for 0. */
void remote_keep(uint32_t port);
void remote_release(uint32_t port);
int32_t remote_op_read_link(uint32_t dir, const char *path, char *buf);
int32_t remote_op_mkdir(uint32_t dir, const char *path, uint32_t mode);
int32_t remote_op_rmdir(uint32_t dir, const char *path);
int32_t remote_op_unlink(uint32_t dir, const char *path);
int32_t remote_op_mknod(uint32_t dir, const char *path, uint32_t mode,
    uint32_t rdev);
int32_t remote_op_symlink(uint32_t dir, const char *path, const char *target);
int32_t remote_op_link(uint32_t from, const char *path, uint32_t to,
    const char *to_path, uint32_t flags);
int32_t remote_op_rename(uint32_t from, const char *path, uint32_t to,
    const char *to_path, uint32_t flags);
int32_t remote_op_set_attr(uint32_t dir, const char *path, uint32_t flags,
    const struct file_attr *attr);
struct file *remote_file(uint32_t handle, uint32_t flags);
extern const struct file_ops remote_file_ops;

#endif /* SERVERS_UNIX_UNIX_VFS_H */
