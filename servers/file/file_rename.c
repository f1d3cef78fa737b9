/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Rename.  rename_lock keeps the tree of directories as it is meanwhile, so
 * what is above what can be found out before anything is locked.  Then the two
 * directories and the one or two files are locked, what the names mean is
 * looked at again, everything is checked, and the change is made: first the new
 * name, then the old one goes, so that a crash in between leaves two names
 * rather than none.
 */
#include <servers/file/file_ops.h>

#include <servers/errors.h>
#include <servers/file/ext2_dir.h>

#include <string.h>

#define FILE_RENAME_TRIES	16
#define FILE_RENAME_DEPTH	4096

struct file_rename {
	struct file_walk	from;
	struct file_walk	to;
	struct ext2_inode	*source;	/* referenced */
	struct ext2_inode	*target;	/* referenced, or NULL */
	int			flags;
	uint32_t		lock_count;
	struct ext2_inode	*locked[4];
};

/* Whether directory ABOVE is BELOW or one of its ancestors. */
static kern_return_t
file_rename_is_above(struct ext2_inode *above, struct ext2_inode *below,
    bool *isp)
{
	struct ext2_inode *dir = below;
	struct ext2_inode *parent;
	kern_return_t kr = KERN_SUCCESS;

	ext2_inode_ref(dir);
	*isp = false;
	for (uint32_t depth = 0; kr == KERN_SUCCESS; depth++) {
		if (dir == above) {
			*isp = true;
			break;
		}
		if (dir->ino == EXT2_ROOT_INO) {
			break;
		}
		if (depth == FILE_RENAME_DEPTH) {
			kr = ext2_fs_damage(dir->fs, "loop of directories",
			    dir->ino);
			break;
		}
		kr = file_path_dotdot(dir, &parent);
		if (kr == KERN_SUCCESS) {
			ext2_inode_put(dir);
			dir = parent;
		}
	}
	ext2_inode_put(dir);
	return kr;
}

/* Neither may come to lie inside itself. */
static kern_return_t
file_rename_check_tree(struct file_rename *ren)
{
	bool above;
	kern_return_t kr;

	if (ext2_inode_is_dir(ren->source)) {
		kr = file_rename_is_above(ren->source, ren->to.dir, &above);
		if (kr != KERN_SUCCESS || above) {
			return kr != KERN_SUCCESS ? kr : UNIX_EINVAL;
		}
	}
	if (ren->target != NULL && ext2_inode_is_dir(ren->target)) {
		kr = file_rename_is_above(ren->target, ren->from.dir, &above);
		if (kr == KERN_SUCCESS && above) {
			kr = (ren->flags & FILE_RENAME_EXCHANGE) != 0
			    ? UNIX_EINVAL : UNIX_ENOTEMPTY;
		}
		return kr;
	}
	return KERN_SUCCESS;
}

static bool
file_rename_before(const struct ext2_inode *a, const struct ext2_inode *b)
{
	if (ext2_inode_is_dir(a) != ext2_inode_is_dir(b)) {
		return ext2_inode_is_dir(a);
	}
	return a->ino < b->ino;
}

static void
file_rename_lock_add(struct file_rename *ren, struct ext2_inode *inode)
{
	uint32_t i;

	if (inode == NULL) {
		return;
	}
	for (i = 0; i < ren->lock_count; i++) {
		if (ren->locked[i] == inode) {
			return;
		}
	}
	for (i = ren->lock_count; i > 0
	    && file_rename_before(inode, ren->locked[i - 1]); i--) {
		ren->locked[i] = ren->locked[i - 1];
	}
	ren->locked[i] = inode;
	ren->lock_count++;
}

static void
file_rename_lock(struct file_rename *ren)
{
	ren->lock_count = 0;
	file_rename_lock_add(ren, ren->from.dir);
	file_rename_lock_add(ren, ren->to.dir);
	file_rename_lock_add(ren, ren->source);
	file_rename_lock_add(ren, ren->target);
	for (uint32_t i = 0; i < ren->lock_count; i++) {
		ext2_inode_lock(ren->locked[i]);
	}
}

static void
file_rename_unlock(struct file_rename *ren)
{
	for (uint32_t i = ren->lock_count; i > 0; i--) {
		ext2_inode_unlock(ren->locked[i - 1]);
	}
}

/* Whether the walk's last name still means INODE (NULL: nothing). */
static kern_return_t
file_rename_same(struct file_walk *walk, struct ext2_inode *inode, bool *samep)
{
	uint32_t ino = 0;
	kern_return_t kr;

	kr = ext2_dir_lookup(walk->dir, walk->name, walk->name_len, &ino);
	if (kr == UNIX_ENOENT) {
		*samep = inode == NULL;
		return KERN_SUCCESS;
	}
	*samep = inode != NULL && inode->ino == ino;
	return kr;
}

static kern_return_t
file_rename_check_target(struct file_rename *ren)
{
	struct ext2_inode *target = ren->target;
	bool source_dir = ext2_inode_is_dir(ren->source);
	bool empty;
	kern_return_t kr;

	kr = file_cred_check_remove(ren->to.cred, ren->to.dir, target);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if ((ren->flags & FILE_RENAME_EXCHANGE) != 0) {
		return KERN_SUCCESS;
	}
	if (!ext2_inode_is_dir(target)) {
		return source_dir ? UNIX_ENOTDIR : KERN_SUCCESS;
	}
	if (!source_dir) {
		return UNIX_EISDIR;
	}
	kr = ext2_dir_is_empty(target, &empty);
	if (kr == KERN_SUCCESS && !empty) {
		kr = UNIX_ENOTEMPTY;
	}
	return kr;
}

/* Permissions and kinds; everything is locked. */
static kern_return_t
file_rename_check(struct file_rename *ren)
{
	const struct file_cred *cred = ren->from.cred;
	struct ext2_inode *to_dir = ren->to.dir;
	bool moved = ren->from.dir != to_dir;
	kern_return_t kr;

	if (ren->from.dir->nlink == 0 || to_dir->nlink == 0) {
		return UNIX_ENOENT;
	}
	kr = file_cred_check_remove(cred, ren->from.dir, ren->source);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (ren->target != NULL) {
		kr = file_rename_check_target(ren);
	} else {
		kr = file_cred_check(ren->to.cred, to_dir,
		    FILE_MAY_WRITE | FILE_MAY_EXEC);
	}
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (moved && ext2_inode_is_dir(ren->source)) {
		if (ren->target == NULL && to_dir->nlink >= EXT2_LINK_MAX) {
			return UNIX_EMLINK;
		}
		return file_cred_check(cred, ren->source, FILE_MAY_WRITE);
	}
	return KERN_SUCCESS;
}

/* Directory INODE is in directory TO now and no longer in FROM. */
static void
file_rename_reparent(struct ext2_inode *inode, struct ext2_inode *from,
    struct ext2_inode *to)
{
	if (!ext2_inode_is_dir(inode) || from == to) {
		return;
	}
	if (ext2_dir_replace(inode, "..", 2, to->ino, FILE_S_IFDIR)
	    != KERN_SUCCESS) {
		(void) ext2_fs_damage(inode->fs, "parent of directory inode",
		    inode->ino);
	}
	if (from->nlink > 2) {
		from->nlink--;
	}
	to->nlink++;
}

static kern_return_t
file_rename_exchange(struct file_rename *ren)
{
	struct file_walk *from = &ren->from;
	struct file_walk *to = &ren->to;
	kern_return_t kr;

	kr = ext2_dir_replace(to->dir, to->name, to->name_len,
	    ren->source->ino, ren->source->mode);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = ext2_dir_replace(from->dir, from->name, from->name_len,
	    ren->target->ino, ren->target->mode);
	if (kr != KERN_SUCCESS) {
		(void) ext2_dir_replace(to->dir, to->name, to->name_len,
		    ren->target->ino, ren->target->mode);
		return kr;
	}
	file_rename_reparent(ren->source, from->dir, to->dir);
	file_rename_reparent(ren->target, to->dir, from->dir);
	ext2_inode_set_name(ren->source, to->dir->ino, to->name, to->name_len);
	ext2_inode_set_name(
	    ren->target, from->dir->ino, from->name, from->name_len);
	ext2_inode_touch(ren->target, false);
	(void) ext2_inode_update(ren->target);
	return KERN_SUCCESS;
}

static kern_return_t
file_rename_replace(struct file_rename *ren)
{
	struct file_walk *from = &ren->from;
	struct file_walk *to = &ren->to;
	struct ext2_inode *target = ren->target;
	kern_return_t kr;

	if (target != NULL) {
		kr = ext2_dir_replace(to->dir, to->name, to->name_len,
		    ren->source->ino, ren->source->mode);
	} else {
		kr = ext2_dir_insert(to->dir, to->name, to->name_len,
		    ren->source->ino, ren->source->mode,
		    file_ops_reserve(to->cred, to->fs));
	}
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = ext2_dir_remove(from->dir, from->name, from->name_len);
	if (kr != KERN_SUCCESS) {
		if (target != NULL) {
			(void) ext2_dir_replace(to->dir, to->name,
			    to->name_len, target->ino, target->mode);
		} else {
			(void) ext2_dir_remove(to->dir, to->name,
			    to->name_len);
		}
		return kr;
	}
	file_rename_reparent(ren->source, from->dir, to->dir);
	ext2_inode_set_name(ren->source, to->dir->ino, to->name, to->name_len);
	if (target != NULL) {
		if (ext2_inode_is_dir(target) && to->dir->nlink > 2) {
			to->dir->nlink--;
		}
		file_ops_drop_name(target);
	}
	return KERN_SUCCESS;
}

/* Everything is locked, and the names mean what they did. */
static kern_return_t
file_rename_do(struct file_rename *ren)
{
	kern_return_t kr;

	if (ren->source == ren->target) {
		return KERN_SUCCESS;
	}
	kr = file_rename_check(ren);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if ((ren->flags & FILE_RENAME_EXCHANGE) != 0) {
		kr = file_rename_exchange(ren);
	} else {
		kr = file_rename_replace(ren);
	}
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	ext2_inode_touch(ren->source, false);
	(void) ext2_inode_update(ren->source);
	(void) ext2_inode_update(ren->from.dir);
	(void) ext2_inode_update(ren->to.dir);
	return KERN_SUCCESS;
}

/* Look up both names. */
static kern_return_t
file_rename_find(struct file_rename *ren)
{
	kern_return_t kr;

	ren->target = NULL;
	kr = file_path_lookup(&ren->from, &ren->source);
	if (kr != KERN_SUCCESS) {
		ren->source = NULL;
		return kr == FILE_ECROSS ? UNIX_EBUSY : kr;
	}
	kr = file_path_lookup(&ren->to, &ren->target);
	if (kr != KERN_SUCCESS) {
		ren->target = NULL;
	}
	if (kr == UNIX_ENOENT) {
		return (ren->flags & FILE_RENAME_EXCHANGE) != 0 ? kr
		    : KERN_SUCCESS;
	}
	if (kr == KERN_SUCCESS && (ren->flags & FILE_RENAME_NOREPLACE) != 0) {
		return UNIX_EEXIST;
	}
	return kr == FILE_ECROSS ? UNIX_EBUSY : kr;
}

/* One attempt; *AGAIN if a name changed its meaning meanwhile. */
static kern_return_t
file_rename_try(struct file_rename *ren, bool *again)
{
	bool from_same = false;
	bool to_same = false;
	kern_return_t kr;

	*again = false;
	kr = file_rename_find(ren);
	if (kr == KERN_SUCCESS && (ren->from.slash || ren->to.slash)
	    && !ext2_inode_is_dir(ren->source)) {
		kr = UNIX_ENOTDIR;
	}
	if (kr == KERN_SUCCESS) {
		kr = file_rename_check_tree(ren);
	}
	if (kr == KERN_SUCCESS) {
		file_rename_lock(ren);
		kr = file_rename_same(&ren->from, ren->source, &from_same);
		if (kr == KERN_SUCCESS) {
			kr = file_rename_same(&ren->to, ren->target,
			    &to_same);
		}
		if (kr == KERN_SUCCESS && from_same && to_same) {
			kr = file_rename_do(ren);
		} else if (kr == KERN_SUCCESS) {
			*again = true;
		}
		file_rename_unlock(ren);
	}
	if (ren->source != NULL) {
		ext2_inode_put(ren->source);
	}
	if (ren->target != NULL) {
		ext2_inode_put(ren->target);
	}
	return kr;
}

static kern_return_t
file_rename_walked(struct file_rename *ren)
{
	bool again = true;
	kern_return_t kr = UNIX_ENOENT;

	if (file_path_is_dots(&ren->from) || file_path_is_dots(&ren->to)) {
		return (ren->flags & FILE_RENAME_NOREPLACE) != 0
		    && file_path_is_dots(&ren->to) ? UNIX_EEXIST : UNIX_EBUSY;
	}
	if (ren->from.fs != ren->to.fs) {
		return UNIX_EXDEV;
	}
	os_mutex_lock(&ren->from.fs->rename_lock);
	for (int tries = 0; again && tries < FILE_RENAME_TRIES; tries++) {
		kr = file_rename_try(ren, &again);
	}
	os_mutex_unlock(&ren->from.fs->rename_lock);
	return again ? UNIX_EBUSY : kr;
}

kern_return_t
file_ops_rename(const struct file_from *from, const char *path, size_t len,
    const struct file_from *to_from, const char *to_path, size_t to_len,
    int flags)
{
	struct file_rename ren;
	kern_return_t kr;

	if ((flags & ~(FILE_RENAME_NOREPLACE | FILE_RENAME_EXCHANGE)) != 0
	    || flags == (FILE_RENAME_NOREPLACE | FILE_RENAME_EXCHANGE)) {
		return UNIX_EINVAL;
	}
	memset(&ren, 0, sizeof(ren));
	ren.flags = flags;
	kr = file_path_start(&ren.from, from->cred, from->root, from->dir,
	    from->mounted, path, len);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = file_path_start(&ren.to, to_from->cred, to_from->root,
	    to_from->dir, to_from->mounted, to_path, to_len);
	if (kr != KERN_SUCCESS) {
		goto out_end_from;
	}
	kr = file_path_parent(&ren.from);
	if (kr == KERN_SUCCESS) {
		kr = file_path_parent(&ren.to);
	}
	if (kr == KERN_SUCCESS) {
		kr = file_rename_walked(&ren);
	}
	file_path_end(&ren.to);
out_end_from:
	file_path_end(&ren.from);
	return kr;
}
