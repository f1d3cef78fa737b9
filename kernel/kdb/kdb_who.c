/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_who.h>

#include <stdio.h>
#include <string.h>

#include <machine/peek.h>

#include <kernel/kdb/kdb_argument.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/processor.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#define KDB_WHO_NUMBERS	0x1000u		/* smaller is no address */

/* One argument. */
struct kdb_who_word {
	const char	*text;
	size_t		length;
};

/* ---- walks -------------------------------------------------------------- */

const struct task *
kdb_who_next_task(struct kdb_list *walk)
{
	const struct list_node *node = kdb_list_next(walk);

	return node == NULL ? NULL : list_entry(node, struct task, link);
}

void
kdb_who_threads(struct kdb_list *walk, const struct task *task)
{
	kdb_list_begin(walk, &task->threads);
}

const struct thread *
kdb_who_next_thread(struct kdb_list *walk)
{
	const struct list_node *node = kdb_list_next(walk);

	return node == NULL ? NULL : list_entry(node, struct thread, task_link);
}

void
kdb_who_say_damage(void)
{
	struct kdb_list walk;

	kdb_list_begin(&walk, task_debug_list());
	while (kdb_who_next_task(&walk) != NULL) {
		/* To the end. */
	}
	kdb_list_end(&walk);
}

/* Returns false for those that it does not want. */
typedef bool (*kdb_who_task_fn_t)(const struct task *task, unsigned number,
    const void *arg);

/* The first task that FN wants. */
static const struct task *
kdb_who_find_task(kdb_who_task_fn_t fn, const void *arg)
{
	const struct task *task;
	struct kdb_list walk;
	unsigned number = 0;

	kdb_list_begin(&walk, task_debug_list());
	while ((task = kdb_who_next_task(&walk)) != NULL) {
		if (fn(task, number++, arg)) {
			return task;
		}
	}
	return NULL;
}

/* Is the word at ADDRESS the pointer P? */
static bool
kdb_who_points(const void *address, uintptr_t p)
{
	uintptr_t word;

	return kdb_list_read(address, &word, sizeof(word)) && word == p;
}

/* ---- names -------------------------------------------------------------- */

void
kdb_who_string(const char *address, char *text, size_t size)
{
	size_t n = 0;

	while (n + 1 < size && peek_read((uintptr_t)address + n, &text[n], 1) &&
	    text[n] >= ' ' && text[n] <= '~') {
		n++;
	}
	text[n] = '\0';
	if (n == 0) {
		snprintf(text, size, "?");
	}
}

static bool
kdb_who_same_task(const struct task *task, unsigned number, const void *arg)
{
	return task == arg;
}

bool
kdb_who_is_task(const struct task *task)
{
	return task != NULL &&
	    kdb_who_find_task(kdb_who_same_task, task) != NULL;
}

void
kdb_who_task_text(const struct task *task, char *text, size_t size)
{
	if (!kdb_who_is_task(task)) {
		snprintf(text, size, "%p", (const void *)task);
	} else {
		kdb_who_string(task->name, text, size);
	}
}

/* The processor whose idle thread that is; false: none's. */
static bool
kdb_who_idles(const struct thread *thread, unsigned *cpup)
{
	for (*cpup = 0; *cpup < processor_count(); ++*cpup) {
		if (processor_get(*cpup)->idle_thread == thread) {
			return true;
		}
	}
	return false;
}

/* The task whose list THREAD is on, with its number there, or NULL. */
static const struct task *
kdb_who_owner(const struct thread *thread, unsigned *numberp)
{
	struct kdb_list tasks;
	struct kdb_list threads;
	const struct thread *other;
	const struct task *task;

	kdb_list_begin(&tasks, task_debug_list());
	while ((task = kdb_who_next_task(&tasks)) != NULL) {
		*numberp = 0;
		kdb_who_threads(&threads, task);
		while ((other = kdb_who_next_thread(&threads)) != NULL) {
			if (other == thread) {
				return task;
			}
			++*numberp;
		}
	}
	return NULL;
}

bool
kdb_who_is_thread(const struct thread *thread)
{
	unsigned number;

	return kdb_who_owner(thread, &number) != NULL;
}

void
kdb_who_thread_text(const struct thread *thread, char *text, size_t size)
{
	unsigned number;
	const struct task *task = kdb_who_owner(thread, &number);
	char name[TASK_NAME_SIZE];

	if (task == NULL && kdb_who_idles(thread, &number)) {
		snprintf(text, size, "idle.%u", number);
	} else if (task == NULL) {
		snprintf(text, size, "%p", (const void *)thread);
	} else {
		kdb_who_string(task->name, name, sizeof(name));
		snprintf(text, size, "%s.%u", name, number);
	}
}

void
kdb_who_print_task(const struct task *task)
{
	char text[KDB_WHO_TEXT];

	kdb_who_task_text(task, text, sizeof(text));
	kdb_printf("%s", text);
}

void
kdb_who_print_thread(const struct thread *thread)
{
	char text[KDB_WHO_TEXT];

	kdb_who_thread_text(thread, text, sizeof(text));
	kdb_printf("%s", text);
}

static bool
kdb_who_has(const struct task *task, unsigned number, const void *arg)
{
	return kdb_who_points(&task->space, (uintptr_t)arg);
}

const struct task *
kdb_who_has_space(const struct ipc_space *space)
{
	return space == NULL ? NULL : kdb_who_find_task(kdb_who_has, space);
}

/* ---- arguments ---------------------------------------------------------- */

/* The next argument, which is behind us then. */
static struct kdb_who_word
kdb_who_word(const char **textp)
{
	struct kdb_who_word word = { .text = *textp };

	while (word.text[word.length] != '\0' &&
	    word.text[word.length] != ' ') {
		word.length++;
	}
	*textp += word.length;
	while (**textp == ' ') {
		++*textp;
	}
	return word;
}

static bool
kdb_who_decimal(const struct kdb_who_word *word, unsigned *valuep)
{
	*valuep = 0;
	for (size_t i = 0; i < word->length; i++) {
		if (word->text[i] < '0' || word->text[i] > '9' ||
		    *valuep >= KDB_WHO_NUMBERS) {
			return false;
		}
		*valuep = *valuep * 10 + (unsigned)(word->text[i] - '0');
	}
	return word->length > 0 && *valuep < KDB_WHO_NUMBERS;
}

/* The hexadecimal number that is the whole WORD, or 0. */
static uintptr_t
kdb_who_address(const struct kdb_who_word *word)
{
	const char *at = word->text;
	char text[KDB_WHO_TEXT];
	uintptr_t value;

	if (word->length >= sizeof(text)) {
		return 0;
	}
	memcpy(text, at, word->length);
	text[word->length] = '\0';
	at = text;
	return kdb_argument_number(&at, &value) && *at == '\0' ? value : 0;
}

static bool
kdb_who_named(const struct task *task, unsigned number, const void *arg)
{
	const struct kdb_who_word *word = arg;
	char name[TASK_NAME_SIZE];

	kdb_who_string(task->name, name, sizeof(name));
	return strlen(name) == word->length &&
	    strncmp(name, word->text, word->length) == 0;
}

static bool
kdb_who_numbered(const struct task *task, unsigned number, const void *arg)
{
	return number == *(const unsigned *)arg;
}

static bool
kdb_who_addressed(const struct task *task, unsigned number, const void *arg)
{
	uintptr_t address = *(const uintptr_t *)arg;

	return (uintptr_t)task == address ||
	    kdb_who_points(&task->map, address) ||
	    kdb_who_points(&task->space, address);
}

/* What WORD means, or NULL. */
static const struct task *
kdb_who_meant(const struct kdb_who_word *word)
{
	const struct task *task = word->length == 0 ? NULL :
	    kdb_who_find_task(kdb_who_named, word);
	uintptr_t address = kdb_who_address(word);
	unsigned number;

	if (task == NULL && kdb_who_decimal(word, &number)) {
		task = kdb_who_find_task(kdb_who_numbered, &number);
	}
	if (task == NULL && address >= KDB_WHO_NUMBERS) {
		task = kdb_who_find_task(kdb_who_addressed, &address);
	}
	return task;
}

bool
kdb_who_begins(const struct kdb_request *request)
{
	const char *rest = request->rest;
	struct kdb_who_word word = kdb_who_word(&rest);
	unsigned number;

	return kdb_who_meant(&word) != NULL &&
	    (rest[0] != '\0' || !kdb_who_decimal(&word, &number));
}

struct task *
kdb_who_find(const char **textp)
{
	struct kdb_who_word word = kdb_who_word(textp);

	return (struct task *)(uintptr_t)kdb_who_meant(&word);
}

const struct task *
kdb_who_task(struct kdb_request *request)
{
	struct kdb_who_word word = kdb_who_word(&request->rest);
	const struct task *task = kdb_who_meant(&word);

	if (word.length == 0) {
		kdb_error("which task?");
	}
	if (task == NULL) {
		kdb_who_say_damage();
		kdb_error("no task: %.*s", (int)word.length, word.text);
	}
	return task;
}

static const struct thread *
kdb_who_thread_of(const struct task *task, unsigned number)
{
	const struct thread *thread;
	struct kdb_list walk;

	kdb_who_threads(&walk, task);
	while ((thread = kdb_who_next_thread(&walk)) != NULL && number > 0) {
		number--;
	}
	return thread;
}

/* What "TASK.N" means, or NULL. */
static const struct thread *
kdb_who_thread_meant(const struct kdb_who_word *word)
{
	struct kdb_who_word task = { .text = word->text, .length = word->length };
	struct kdb_who_word number;
	const struct task *owner;
	unsigned n;

	while (task.length > 0 && task.text[task.length - 1] != '.') {
		task.length--;
	}
	number.text = task.text + task.length;
	number.length = word->length - task.length;
	if (task.length == 0 || !kdb_who_decimal(&number, &n)) {
		return NULL;
	}
	task.length--;
	owner = kdb_who_meant(&task);
	return owner == NULL ? NULL : kdb_who_thread_of(owner, n);
}

/* What WORD means, by its address, too. */
static const struct thread *
kdb_who_thread_word(const struct kdb_who_word *word)
{
	uintptr_t address = kdb_who_address(word);
	const struct thread *thread = kdb_who_thread_meant(word);

	if (thread == NULL && address != 0 &&
	    kdb_who_is_thread((const struct thread *)address)) {
		thread = (const struct thread *)address;
	}
	return thread;
}

uintptr_t
kdb_who_thread_or_address(struct kdb_request *request)
{
	const char *rest = request->rest;
	struct kdb_who_word word = kdb_who_word(&rest);
	const struct thread *thread = kdb_who_thread_word(&word);

	if (thread == NULL) {
		return kdb_argument(request);
	}
	request->rest = rest;
	return (uintptr_t)thread;
}

const struct thread *
kdb_who_thread(struct kdb_request *request)
{
	struct kdb_who_word word = kdb_who_word(&request->rest);
	const struct thread *thread = kdb_who_thread_word(&word);

	if (word.length == 0) {
		kdb_error("which thread?");
	}
	if (thread == NULL) {
		kdb_who_say_damage();
		kdb_error("no thread: %.*s", (int)word.length, word.text);
	}
	return thread;
}
