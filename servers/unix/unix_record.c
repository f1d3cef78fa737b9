/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Locks on files: see unix_record.h.  A file is in the list while it has locks
 * or somebody waits for one.
 */
#include <servers/unix/unix_record.h>

#include <servers/unix/unix_vfs.h>
#include <stdlib.h>

struct record_file {
	struct list	link;
	uint64_t	dev;
	uint64_t	ino;
	struct list	locks;		/* struct record.link */
	struct waitq	changed;
	int		waiting;
};

static struct list record_files = LIST_INIT(record_files);
static struct list record_waits = LIST_INIT(record_waits);
static int record_total;

/* The lock is held, or no longer. */
static void
record_insert(struct record_file *file, struct record *r)
{
	list_add(&file->locks, &r->link);
	r->owner->count++;
	record_total++;
}

static void
record_free(struct record *r)
{
	list_remove(&r->link);
	r->owner->count--;
	record_total--;
	free(r);
}

static struct record_file *
record_lookup(uint64_t dev, uint64_t ino)
{
	struct record_file *file;

	list_for_each(&record_files, file, link) {
		if (file->ino == ino && file->dev == dev) {
			return file;
		}
	}
	return NULL;
}

static struct record_file *
record_file_get(uint64_t dev, uint64_t ino)
{
	struct record_file *file = record_lookup(dev, ino);

	if (file != NULL) {
		return file;
	}
	file = calloc(1, sizeof(*file));
	if (file == NULL) {
		return NULL;
	}
	file->dev = dev;
	file->ino = ino;
	list_init(&file->locks);
	waitq_init(&file->changed);
	list_add(&record_files, &file->link);
	return file;
}

static void
record_file_put(struct record_file *file)
{
	if (list_empty(&file->locks) && file->waiting == 0) {
		list_remove(&file->link);
		free(file);
	}
}

static bool
record_overlaps(const struct record *a, const struct record *b)
{
	return a->start <= b->end && b->start <= a->end;
}

static bool
record_mine(const struct record *held, const struct record *r)
{
	return held->owner == r->owner && held->kind == r->kind;
}

static bool
record_conflicts(const struct record *held, const struct record *r)
{
	return held->kind == r->kind && held->owner != r->owner &&
	    (held->type == L_F_WRLCK || r->type == L_F_WRLCK) &&
	    record_overlaps(held, r);
}

static const struct record *
record_find_conflict(const struct record_file *file, const struct record *r)
{
	const struct record *held;

	list_for_each(&file->locks, held, link) {
		if (r->type != L_F_UNLCK && record_conflicts(held, r)) {
			return held;
		}
	}
	return NULL;
}

const struct record *
record_conflict(uint64_t dev, uint64_t ino, const struct record *r)
{
	struct record_file *file = record_lookup(dev, ino);

	return file != NULL ? record_find_conflict(file, r) : NULL;
}

/* May R's owner have one more lock, if R needs that? */
static bool
record_has_room(const struct record_file *file, const struct record *r)
{
	const struct record *held;
	bool more = r->type != L_F_UNLCK;

	list_for_each(&file->locks, held, link) {
		more = more || (record_mine(held, r) && held->start <
		    r->start && held->end > r->end);
	}
	return !more || (r->owner->count < RECORD_OWNER_MAX &&
	    record_total < RECORD_MAX);
}

/* Does HELD, of the same owner and type, lie next to R or in it? */
static bool
record_joins(const struct record *held, const struct record *r)
{
	return held->type == r->type && record_mine(held, r) &&
	    (held->start == 0 || held->start - 1 <= r->end) &&
	    (r->start == 0 || r->start - 1 <= held->end);
}

/*
 * Take R's range out of HELD.  If that leaves two pieces, SPARE becomes the
 * second; true if it was used.
 */
static bool
record_cut(struct record_file *file, struct record *held,
    const struct record *r, struct record *spare)
{
	bool before = held->start < r->start;
	bool after = held->end > r->end;

	if (before && after) {
		*spare = *held;
		spare->start = r->end + 1;
		held->end = r->start - 1;
		record_insert(file, spare);
		return true;
	}
	if (before) {
		held->end = r->start - 1;
	} else if (after) {
		held->start = r->end + 1;
	} else {
		record_free(held);
	}
	return false;
}

/* Both spares are there; what is not used is freed. */
static void
record_apply(struct record_file *file, const struct record *r,
    struct record *new, struct record *spare)
{
	struct record *held;
	struct record *next;

	*new = *r;
	list_for_each_safe(&file->locks, held, next, link) {
		if (r->type != L_F_UNLCK && record_joins(held, r)) {
			new->start = held->start < new->start ? held->start :
			    new->start;
			new->end = held->end > new->end ? held->end :
			    new->end;
			record_free(held);
		} else if (record_mine(held, r) && record_overlaps(held, r) &&
		    record_cut(file, held, r, spare)) {
			spare = NULL;
		}
	}
	if (r->type != L_F_UNLCK) {
		record_insert(file, new);
	} else {
		free(new);
	}
	free(spare);
	waitq_wake(&file->changed);
}

int32_t
record_set(uint64_t dev, uint64_t ino, const struct record *r)
{
	struct record_file *file;
	struct record *new;
	struct record *spare;
	int32_t error = -L_ENOLCK;

	if (r->type == L_F_UNLCK && record_lookup(dev, ino) == NULL) {
		return 0;
	}
	file = record_file_get(dev, ino);
	if (file == NULL) {
		return -L_ENOLCK;
	}
	new = malloc(sizeof(*new));
	spare = malloc(sizeof(*spare));
	if (new == NULL || spare == NULL) {
		goto out;
	}
	if (record_find_conflict(file, r) != NULL) {
		error = -L_EAGAIN;
		goto out;
	}
	if (!record_has_room(file, r)) {
		goto out;
	}
	record_apply(file, r, new, spare);
	new = NULL;
	spare = NULL;
	error = 0;
out:
	free(new);
	free(spare);
	record_file_put(file);
	return error;
}

/* Everybody whom R, on FILE, would wait for, directly or not; is R's owner? */
static bool
record_cycle(struct record_file *file, const struct record *r)
{
	struct record_wait *w;
	struct record *held;
	bool again = true;

	list_for_each(&record_waits, w, link) {
		w->reached = false;
	}
	list_for_each(&file->locks, held, link) {
		list_for_each(&record_waits, w, link) {
			w->reached = w->reached || (record_conflicts(held,
			    r) && w->r.owner == held->owner);
		}
	}
	while (again) {
		struct record_wait *other;

		again = false;
		list_for_each(&record_waits, w, link) {
			if (!w->reached) {
				continue;
			}
			list_for_each(&w->file->locks, held, link) {
				if (!record_conflicts(held, &w->r)) {
					continue;
				}
				if (held->owner == r->owner) {
					return true;
				}
				list_for_each(&record_waits, other, link) {
					if (other->r.owner == held->owner &&
					    !other->reached) {
						other->reached = true;
						again = true;
					}
				}
			}
		}
	}
	return false;
}

struct waitq *
record_wait_begin(struct record_wait *w, uint64_t dev, uint64_t ino,
    const struct record *r, bool cycles)
{
	struct record_file *file = record_lookup(dev, ino);

	/* There is a conflict, so there is a file. */
	if (file == NULL || (cycles && record_cycle(file, r))) {
		return NULL;
	}
	w->r = *r;
	w->file = file;
	w->reached = false;
	file->waiting++;
	list_add(&record_waits, &w->link);
	return &file->changed;
}

void
record_wait_end(struct record_wait *w)
{
	list_remove(&w->link);
	w->file->waiting--;
	record_file_put(w->file);
}

/* FILE may be gone afterwards. */
static void
record_release(struct record_file *file, struct record_owner *owner)
{
	struct record *held;
	struct record *next;

	list_for_each_safe(&file->locks, held, next, link) {
		if (held->owner == owner) {
			record_free(held);
		}
	}
	waitq_wake(&file->changed);
	record_file_put(file);
}

void
record_release_file(struct record_owner *owner, uint64_t dev, uint64_t ino)
{
	struct record_file *file = record_lookup(dev, ino);

	if (owner->count != 0 && file != NULL) {
		record_release(file, owner);
	}
}

void
record_release_all(struct record_owner *owner)
{
	struct record_file *file;
	struct record_file *next;

	list_for_each_safe(&record_files, file, next, link) {
		if (owner->count == 0) {
			break;
		}
		record_release(file, owner);
	}
}

bool
record_identity(struct file *f, uint64_t *dev, uint64_t *ino)
{
	struct file_stat st;

	if (f->ino != 0) {
		*dev = f->dev;
		*ino = f->ino;
		return true;
	}
	if (f->port != 0 || f->ops->stat == NULL ||
	    f->ops->stat(f, &st) != 0) {
		return false;
	}
	*dev = st.dev;
	*ino = st.ino;
	return true;
}
