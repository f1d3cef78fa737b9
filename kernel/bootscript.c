/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * From boot modules to the first tasks.
 *
 * A line is words separated by blanks.  In a word,
 *   ${name}        is replaced by the value of a variable: a port becomes a
 *                  right in the line's task and its name in decimal, a string
 *                  itself.  Predefined are host-port, device-port,
 *                  kernel-command-line, and NAME for each word NAME=value
 *                  of the kernel's command line.
 *   $(name)        carries out a function, and is replaced by nothing:
 *                  task-create       makes the line's task, at once;
 *                  task-resume       lets it run, when all lines are loaded;
 *                  prompt-task-resume  does so after a key was pressed;
 *                  ramdisk-create    makes a device of the line's module, which
 *                  needs no task then.
 *   $(var=name)    does the same and gives its result, the task or the name of
 *                  the device, to a variable, which lines before this one may
 *                  use too.
 * A word that is only a function is no argument, and a variable ends one: what
 * follows it directly is the next.  The first word names the file; all words
 * are the program's arguments.
 *
 * So there are two passes: the first makes the tasks, the second builds
 * arguments, loads and starts.  A bad line is reported with the reason and
 * left out, its task destroyed.
 */

#include <kernel/bootscript.h>

#include <mach/message.h>

#include <machine/boot.h>
#include <machine/console.h>
#include <machine/pcb.h>
#include <stdio.h>
#include <string.h>

#include <kernel/clock.h>
#include <kernel/device.h>
#include <kernel/device_ramdisk.h>
#include <kernel/elf_load.h>
#include <kernel/host.h>
#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/sleepq.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_special.h>

#include <vm/vm_phys.h>

#define BOOTSCRIPT_NAME_MAX	64
#define BOOTSCRIPT_ARGS_MAX	64
#define BOOTSCRIPT_TEXT_MAX	4096
#define BOOTSCRIPT_VARS_MAX	32

enum bootscript_kind {
	BOOTSCRIPT_STRING,
	BOOTSCRIPT_TASK,
	BOOTSCRIPT_HOST,
	BOOTSCRIPT_DEVICE,
};

struct bootscript_var {
	char			name[BOOTSCRIPT_NAME_MAX];
	enum bootscript_kind	kind;
	const char		*string;	/* not terminated */
	size_t			length;
	struct task		*task;		/* the line's reference serves */
};

struct bootscript_line {
	const struct boot_module *module;
	struct task		*task;		/* owns a reference, or NULL */
	const char		*disk;		/* the name of its device */
	bool			resume;
	bool			prompt;
	bool			failed;
};

/* Used by one thread, once. */
struct bootscript {
	struct bootscript_line	*lines;
	unsigned		count;
	struct bootscript_var	vars[BOOTSCRIPT_VARS_MAX];
	unsigned		var_count;

	/* The arguments of the line at hand. */
	char			text[BOOTSCRIPT_TEXT_MAX];
	size_t			text_used;
	char			*argv[BOOTSCRIPT_ARGS_MAX];
	unsigned		argc;
};

static bool
bootscript_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct bootscript_var *
bootscript_lookup(struct bootscript *script, const char *name, size_t length)
{
	for (unsigned i = 0; i < script->var_count; i++) {
		struct bootscript_var *var = &script->vars[i];

		if (strlen(var->name) == length &&
		    memcmp(var->name, name, length) == 0) {
			return var;
		}
	}
	return NULL;
}

/* The variable NAME, new or old; NULL when there is no room. */
static struct bootscript_var *
bootscript_define(struct bootscript *script, const char *name, size_t length,
    enum bootscript_kind kind)
{
	struct bootscript_var *var = bootscript_lookup(script, name, length);

	if (var == NULL) {
		if (script->var_count == BOOTSCRIPT_VARS_MAX ||
		    length >= sizeof(var->name) || length == 0) {
			return NULL;
		}
		var = &script->vars[script->var_count++];
		memcpy(var->name, name, length);
		var->name[length] = '\0';
	}
	var->kind = kind;
	return var;
}

static void
bootscript_define_string(struct bootscript *script, const char *name,
    size_t length, const char *string, size_t string_length)
{
	struct bootscript_var *var;

	var = bootscript_define(script, name, length, BOOTSCRIPT_STRING);
	if (var != NULL) {
		var->string = string;
		var->length = string_length;
	}
}

static void
bootscript_define_builtins(struct bootscript *script)
{
	const char *cmdline = boot_cmdline();
	const char *p = cmdline;

	while (*p != '\0') {
		const char *word;
		const char *equals;
		size_t length = 0;

		while (bootscript_blank(*p)) {
			p++;
		}
		word = p;
		while (*p != '\0' && !bootscript_blank(*p)) {
			p++;
		}
		length = p - word;
		equals = memchr(word, '=', length);
		if (equals != NULL) {
			bootscript_define_string(script, word, equals - word,
			    equals + 1, p - equals - 1);
		}
	}

	bootscript_define(script, "host-port", 9, BOOTSCRIPT_HOST);
	bootscript_define(script, "device-port", 11, BOOTSCRIPT_DEVICE);
	bootscript_define_string(script, "kernel-command-line", 19, cmdline,
	    strlen(cmdline));
}

/* The line's task, stopped. */
static const char *
bootscript_task_create(struct bootscript_line *line)
{
	const char *name = line->module->args;
	char copy[TASK_NAME_SIZE];
	size_t length = 0;

	if (line->task != NULL) {
		return "second $(task-create)";
	}
	if (task_create(NULL, false, &line->task) != KERN_SUCCESS) {
		line->task = NULL;
		return "no memory for a task";
	}
	task_suspend(line->task);

	while (length < sizeof(copy) - 1 && name[length] != '\0' &&
	    !bootscript_blank(name[length])) {
		copy[length] = name[length];
		length++;
	}
	copy[length] = '\0';
	task_name_set(line->task, copy);
	return NULL;
}

/* The line's module becomes a device. */
static const char *
bootscript_ramdisk_create(struct bootscript_line *line)
{
	const struct boot_module *module = line->module;

	if (line->disk != NULL) {
		return "second $(ramdisk-create)";
	}
	if (!boot_module_keep(module)) {
		return "a RAM disk must begin with a page";
	}
	line->disk = device_ramdisk_create(module->start, module->end);
	return line->disk != NULL ? NULL : "no more RAM disks";
}

static bool
bootscript_is(const char *text, size_t length, const char *name)
{
	return strlen(name) == length && memcmp(text, name, length) == 0;
}

/* Those that let the line's task run. */
static const char *
bootscript_resume(struct bootscript_line *line, const char *name, size_t length,
    bool assigned)
{
	if (bootscript_is(name, length, "task-resume")) {
		line->resume = true;
	} else if (bootscript_is(name, length, "prompt-task-resume")) {
		line->resume = true;
		line->prompt = true;
	} else {
		return "unknown function";
	}
	if (assigned) {
		return "function without a value in an assignment";
	}
	return line->task == NULL ? "no $(task-create) before it" : NULL;
}

/*
 * Carry out the function of the LENGTH characters at TEXT, which may begin
 * with an assignment.  CREATING tells the passes apart.
 */
static const char *
bootscript_function(struct bootscript *script, struct bootscript_line *line,
    const char *text, size_t length, bool creating)
{
	const char *equals = memchr(text, '=', length);
	const char *name = equals != NULL ? equals + 1 : text;
	size_t name_length = length - (name - text);
	bool task = bootscript_is(name, name_length, "task-create");
	struct bootscript_var *var;
	const char *why;

	if (!task && !bootscript_is(name, name_length, "ramdisk-create")) {
		return bootscript_resume(
		    line, name, name_length, equals != NULL);
	}
	if (!creating) {
		return NULL;
	}
	why = task ? bootscript_task_create(line) :
	    bootscript_ramdisk_create(line);
	if (why != NULL || equals == NULL) {
		return why;
	}
	var = bootscript_define(script, text, equals - text,
	    task ? BOOTSCRIPT_TASK : BOOTSCRIPT_STRING);
	if (var == NULL) {
		return "bad variable in an assignment";
	}
	if (task) {
		var->task = line->task;
	} else {
		var->string = line->disk;
		var->length = strlen(line->disk);
	}
	return NULL;
}

/* Add LENGTH characters to the argument being built. */
static const char *
bootscript_append(struct bootscript *script, const char *text, size_t length)
{
	if (length >= sizeof(script->text) - script->text_used) {
		return "arguments too long";
	}
	memcpy(script->text + script->text_used, text, length);
	script->text_used += length;
	script->text[script->text_used] = '\0';
	return NULL;
}

/* Give PORT, a send right, to TASK and add its name there. */
static const char *
bootscript_append_port(struct bootscript *script, struct task *task,
    struct ipc_port *port)
{
	mach_port_name_t name;
	char number[12];

	if (ipc_right_copyout(task->space, port, MACH_MSG_TYPE_PORT_SEND,
	    &name) != KERN_SUCCESS) {
		ipc_port_release_send(port);
		return "no memory for a port right";
	}
	snprintf(number, sizeof(number), "%u", name);
	return bootscript_append(script, number, strlen(number));
}

/* Add the value of the variable of LENGTH characters at NAME. */
static const char *
bootscript_append_value(struct bootscript *script,
    struct bootscript_line *line, const char *name, size_t length)
{
	struct bootscript_var *var = bootscript_lookup(script, name, length);

	if (var == NULL) {
		return "undefined variable";
	}
	if (var->kind == BOOTSCRIPT_STRING) {
		return bootscript_append(script, var->string, var->length);
	}
	if (line->task == NULL) {
		return "port for a line without $(task-create)";
	}
	switch (var->kind) {
	case BOOTSCRIPT_HOST:
		return bootscript_append_port(script, line->task,
		    host_make_send_priv());
	case BOOTSCRIPT_DEVICE:
		return bootscript_append_port(script, line->task,
		    device_make_send_master());
	default:
		return bootscript_append_port(script, line->task,
		    ipc_task_make_send(var->task));
	}
}

/* What was appended since START is an argument. */
static const char *
bootscript_argument(struct bootscript *script, size_t start)
{
	if (script->argc == BOOTSCRIPT_ARGS_MAX) {
		return "too many arguments";
	}
	script->argv[script->argc++] = script->text + start;
	script->text_used++;
	return script->text_used < sizeof(script->text) ? NULL :
	    "arguments too long";
}

/* Add the text at *TEXTP up to a blank or a dollar sign that means something. */
static const char *
bootscript_text(struct bootscript *script, const char **textp)
{
	const char *start = *textp;
	const char *p = start;

	while (*p != '\0' && !bootscript_blank(*p) &&
	    (p[0] != '$' || (p[1] != '{' && p[1] != '('))) {
		p++;
	}
	*textp = p;
	return bootscript_append(script, start, p - start);
}

/*
 * Go through the word at *TEXTP, or what is left of it after a variable, which
 * ends an argument.  In the first pass make tasks; in the second build an
 * argument, unless it was a function and nothing else.
 */
static const char *
bootscript_word(struct bootscript *script, struct bootscript_line *line,
    const char **textp, bool creating)
{
	size_t start = script->text_used;
	const char *p = *textp;
	const char *end;
	const char *why;

	why = bootscript_text(script, &p);
	if (why == NULL && *p == '$') {
		end = strchr(p, p[1] == '{' ? '}' : ')');
		if (end == NULL) {
			why = "syntax error: no end of ${ or $(";
			end = p + 1;
		} else if (p[1] == '(') {
			why = bootscript_function(script, line, p + 2,
			    end - p - 2, creating);
		} else if (!creating) {
			why = bootscript_append_value(script, line, p + 2,
			    end - p - 2);
		}
		p = end + 1;
	}
	*textp = p;
	if (why != NULL || script->text_used == start) {
		return why;
	}
	if (creating) {
		script->text_used = start;
		return NULL;
	}
	return bootscript_argument(script, start);
}

/* Go through all words of LINE. */
static const char *
bootscript_words(struct bootscript *script, struct bootscript_line *line,
    bool creating)
{
	const char *p = line->module->args;
	const char *why = NULL;

	script->text_used = 0;
	script->argc = 0;
	while (why == NULL) {
		while (bootscript_blank(*p)) {
			p++;
		}
		if (*p == '\0') {
			break;
		}
		why = bootscript_word(script, line, &p, creating);
	}
	return why;
}

/* Load LINE's module into its task, with a thread at the entry point. */
static const char *
bootscript_load(struct bootscript *script, struct bootscript_line *line)
{
	const struct elf_source source = {
		.start = line->module->start,
		.size = line->module->end - line->module->start,
	};
	struct elf_info info;
	struct thread *thread;
	user_addr_t sp;
	const char *why;

	if (elf_load(line->task->map, &source, &info, &why) != KERN_SUCCESS) {
		return why;
	}
	elf_load_symbols(line->task, &source);
	if (elf_load_stack(line->task->map, script->argv, script->argc, &info,
	    &sp) != KERN_SUCCESS) {
		return "no memory for its stack";
	}
	if (thread_create(line->task, &thread) != KERN_SUCCESS) {
		return "no memory for a thread";
	}
	pcb_set_entry(thread, info.entry, sp);
	thread_start(thread);
	thread_unref(thread);
	return NULL;
}

static void
bootscript_fail(struct bootscript_line *line, unsigned number,
    const char *why)
{
	printf("boot script, module %u: %s\n  in: %s\n", number, why,
	    line->module->args);
	line->failed = true;
	if (line->task != NULL) {
		task_terminate(line->task);
	}
}

static void
bootscript_prompt(struct bootscript_line *line)
{
	printf("Press a key to start %s: ", line->task->name);
	while (console_getc_poll() == -1) {
		sleepq_prepare(line, false);
		sleepq_wait(clock_ticks() + 2);
	}
	printf("\n");
}

static void
bootscript_start(struct bootscript_line *line)
{
	if (line->prompt) {
		bootscript_prompt(line);
	}
	printf("start %s\n", line->module->args);
	task_resume(line->task);
}

static void
bootscript_lines(struct bootscript *script)
{
	for (unsigned i = 0; i < script->count; i++) {
		struct bootscript_line *line = &script->lines[i];
		const char *why;

		line->module = boot_module(i);
		why = bootscript_words(script, line, true);
		if (why == NULL && line->task == NULL && line->disk == NULL) {
			why = "no $(task-create)";
		}
		if (why != NULL) {
			bootscript_fail(line, i, why);
		}
	}
	for (unsigned i = 0; i < script->count; i++) {
		struct bootscript_line *line = &script->lines[i];
		const char *why;

		if (line->failed) {
			continue;
		}
		why = bootscript_words(script, line, false);
		if (why == NULL && line->task != NULL) {
			why = bootscript_load(script, line);
		}
		if (why != NULL) {
			bootscript_fail(line, i, why);
		}
	}
	for (unsigned i = 0; i < script->count; i++) {
		struct bootscript_line *line = &script->lines[i];

		if (!line->failed && line->resume) {
			bootscript_start(line);
		}
	}
}

void
bootscript_run(void)
{
	unsigned count = boot_module_count();
	struct bootscript *script;

	if (count == 0) {
		printf("boot script: the loader passed no module, nothing to "
		    "start\n");
		return;
	}
	script = kmem_zalloc(sizeof(*script));
	assert(script != NULL);
	script->lines = kmem_zalloc(count * sizeof(*script->lines));
	assert(script->lines != NULL);
	script->count = count;

	bootscript_define_builtins(script);
	bootscript_lines(script);

	for (unsigned i = 0; i < count; i++) {
		if (script->lines[i].task != NULL) {
			task_unref(script->lines[i].task);
		}
	}
	boot_modules_release(vm_phys_release);
	kmem_free(script->lines, count * sizeof(*script->lines));
	kmem_free(script, sizeof(*script));
}
