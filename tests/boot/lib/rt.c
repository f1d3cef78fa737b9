/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The runtime of a test module.
 */

#include "rt.h"

#include <mach/thread_status.h>
#include <mach/thread_switch.h>
#include <mach/vm_statistics.h>

#include "mach_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"

#define RT_THREADS	128
#define RT_STACK	65536
#define RT_CALM		2	/* looks */

mach_port_t rt_host_priv;
mach_port_t rt_device_master;
mach_port_t rt_task;
vm_size_t vm_page_size;
int rt_argc;
char **rt_argv;
bool rt_on_gnumach;
/* Another task waits for our end, and stops the machine. */
static bool rt_watched;
/* Not the warden's, which has its own. */
const char rt_prefix[] __attribute__((weak)) = "> ";

/* Stacks and reply ports of threads; [0] is the first thread. */
static struct {
	vm_offset_t stack;
	mach_port_t reply;
} rt_threads[RT_THREADS];
static unsigned rt_thread_count = 1;

void rt_main(int *stack) __attribute__((noreturn));

void *
memcpy(void *to, const void *from, size_t n)
{
	void *d = to;

	__asm__ volatile("rep movsb"
			 : "+D"(d), "+S"(from), "+c"(n)
			 :
			 : "memory");
	return to;
}

void *
memset(void *to, int byte, size_t n)
{
	void *d = to;

	__asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(byte) : "memory");
	return to;
}

int
memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a;
	const unsigned char *q = b;

	for (; n > 0; n--, p++, q++) {
		if (*p != *q) {
			return *p - *q;
		}
	}
	return 0;
}

size_t
strlen(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0') {
		n++;
	}
	return n;
}

int
strcmp(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

int
strncmp(const char *a, const char *b, size_t n)
{
	while (n > 0 && *a != '\0' && *a == *b) {
		a++;
		b++;
		n--;
	}
	return n == 0 ? 0 : (unsigned char)*a - (unsigned char)*b;
}

/* ---- stubs' support ---- */

static unsigned
rt_thread_index(void)
{
	vm_offset_t sp = (vm_offset_t)__builtin_frame_address(0);

	for (unsigned i = 1; i < rt_thread_count; i++) {
		if (sp - rt_threads[i].stack < RT_STACK) {
			return i;
		}
	}
	return 0;
}

mach_port_t
mig_get_reply_port(void)
{
	unsigned i = rt_thread_index();

	if (rt_threads[i].reply == MACH_PORT_NULL) {
		rt_threads[i].reply = mach_reply_port();
	}
	return rt_threads[i].reply;
}

void
mig_dealloc_reply_port(mach_port_t port)
{
	unsigned i = rt_thread_index();

	/* The call that this takes makes another one. */
	rt_threads[i].reply = MACH_PORT_NULL;
	mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_RECEIVE, -1);
}

void
mig_put_reply_port(mach_port_t port)
{
}

void
mig_allocate(vm_offset_t *addrp, vm_size_t size)
{
	*addrp = 0;
	syscall_vm_allocate(rt_task, addrp, size, TRUE);
}

void
mig_deallocate(vm_offset_t addr, vm_size_t size)
{
	syscall_vm_deallocate(rt_task, addr, size);
}

vm_size_t
mig_strncpy(char *to, const char *from, vm_size_t size)
{
	vm_size_t n = 0;

	while (n + 1 < size && from[n] != '\0') {
		to[n] = from[n];
		n++;
	}
	to[n] = '\0';
	return n;
}

mach_msg_return_t
mach_msg(mach_msg_header_t *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size,
    mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
    mach_port_name_t notify)
{
	mach_msg_return_t mr;

	mr = mach_msg_trap(
	    msg, option, send_size, rcv_size, rcv_name, timeout, notify);
	while (mr == MACH_SEND_INTERRUPTED && !(option & MACH_SEND_INTERRUPT)) {
		mr = mach_msg_trap(msg, option, send_size, rcv_size, rcv_name,
		    timeout, notify);
	}
	while (mr == MACH_RCV_INTERRUPTED && !(option & MACH_RCV_INTERRUPT)) {
		mr = mach_msg_trap(msg, option & ~MACH_SEND_MSG, 0, rcv_size,
		    rcv_name, timeout, notify);
	}
	return mr;
}

/* ---- output ---- */

static void
rt_put(char *line, unsigned *used, char c)
{
	if (*used < 250) {
		line[(*used)++] = c;
	}
}

static void
rt_put_number(char *line, unsigned *used, unsigned long n, unsigned base,
    unsigned width, char pad)
{
	char digits[16];
	unsigned count = 0;

	do {
		digits[count++] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n != 0);
	while (width > count) {
		rt_put(line, used, pad);
		width--;
	}
	while (count > 0) {
		rt_put(line, used, digits[--count]);
	}
}

void
rt_printf(const char *format, ...)
{
	char line[256];
	unsigned used = 0;
	va_list args;

	va_start(args, format);
	for (const char *p = rt_prefix; *p != '\0'; p++) {
		rt_put(line, &used, *p);
	}
	for (const char *p = format; *p != '\0'; p++) {
		unsigned width = 0;
		char pad = ' ';
		long n;

		if (*p != '%') {
			rt_put(line, &used, *p);
			continue;
		}
		p++;
		if (*p == '0') {
			pad = '0';
			p++;
		}
		while (*p >= '0' && *p <= '9') {
			width = width * 10 + (*p++ - '0');
		}
		if (*p == 'l') {
			p++;
		}
		switch (*p) {
		case 'd':
			n = va_arg(args, long);
			if (n < 0) {
				rt_put(line, &used, '-');
				n = -n;
			}
			rt_put_number(line, &used, n, 10, width, pad);
			break;
		case 'u':
			rt_put_number(
			    line, &used, va_arg(args, long), 10, width, pad);
			break;
		case 'x':
			rt_put_number(
			    line, &used, va_arg(args, long), 16, width, pad);
			break;
		case 's':
			for (const char *s = va_arg(args, const char *);
			     *s != '\0'; s++) {
				rt_put(line, &used, *s);
			}
			break;
		case 'c':
			rt_put(line, &used, va_arg(args, int));
			break;
		default:
			rt_put(line, &used, *p);
			break;
		}
	}
	va_end(args);
	rt_put(line, &used, '\n');
	line[used] = '\0';
	mach_print(line);
}

static const struct {
	int code;
	const char *name;
} rt_codes[] = {
#define CODE(name) \
	{ \
		name, #name \
	}
	CODE(KERN_SUCCESS),
	CODE(KERN_INVALID_ADDRESS),
	CODE(KERN_PROTECTION_FAILURE),
	CODE(KERN_NO_SPACE),
	CODE(KERN_INVALID_ARGUMENT),
	CODE(KERN_FAILURE),
	CODE(KERN_RESOURCE_SHORTAGE),
	CODE(KERN_NOT_RECEIVER),
	CODE(KERN_NO_ACCESS),
	CODE(KERN_MEMORY_FAILURE),
	CODE(KERN_MEMORY_ERROR),
	CODE(KERN_NOT_IN_SET),
	CODE(KERN_NAME_EXISTS),
	CODE(KERN_ABORTED),
	CODE(KERN_INVALID_NAME),
	CODE(KERN_INVALID_TASK),
	CODE(KERN_INVALID_RIGHT),
	CODE(KERN_INVALID_VALUE),
	CODE(KERN_UREFS_OVERFLOW),
	CODE(KERN_INVALID_CAPABILITY),
	CODE(KERN_RIGHT_EXISTS),
	CODE(KERN_INVALID_HOST),
	CODE(KERN_MEMORY_PRESENT),
	CODE(KERN_TERMINATED),
	CODE(KERN_TIMEDOUT),
	CODE(KERN_INTERRUPTED),
	CODE(MACH_SEND_INVALID_DATA),
	CODE(MACH_SEND_INVALID_DEST),
	CODE(MACH_SEND_TIMED_OUT),
	CODE(MACH_SEND_WILL_NOTIFY),
	CODE(MACH_SEND_NOTIFY_IN_PROGRESS),
	CODE(MACH_SEND_INTERRUPTED),
	CODE(MACH_SEND_MSG_TOO_SMALL),
	CODE(MACH_SEND_INVALID_REPLY),
	CODE(MACH_SEND_INVALID_RIGHT),
	CODE(MACH_SEND_INVALID_NOTIFY),
	CODE(MACH_SEND_INVALID_MEMORY),
	CODE(MACH_SEND_NO_BUFFER),
	CODE(MACH_SEND_NO_NOTIFY),
	CODE(MACH_SEND_INVALID_TYPE),
	CODE(MACH_SEND_INVALID_HEADER),
	CODE(MACH_RCV_INVALID_NAME),
	CODE(MACH_RCV_TIMED_OUT),
	CODE(MACH_RCV_TOO_LARGE),
	CODE(MACH_RCV_INTERRUPTED),
	CODE(MACH_RCV_PORT_CHANGED),
	CODE(MACH_RCV_INVALID_NOTIFY),
	CODE(MACH_RCV_INVALID_DATA),
	CODE(MACH_RCV_PORT_DIED),
	CODE(MACH_RCV_IN_SET),
	CODE(MACH_RCV_HEADER_ERROR),
	CODE(MACH_RCV_BODY_ERROR),
	CODE(MIG_TYPE_ERROR),
	CODE(MIG_REPLY_MISMATCH),
	CODE(MIG_BAD_ID),
	CODE(MIG_BAD_ARGUMENTS),
	CODE(MIG_NO_REPLY),
	CODE(MIG_ARRAY_TOO_LARGE),
	CODE(MIG_SERVER_DIED),
#undef CODE
};

static const char *
rt_code_name(int code)
{
	for (unsigned i = 0; i < sizeof(rt_codes) / sizeof(rt_codes[0]); i++) {
		if (rt_codes[i].code == code) {
			return rt_codes[i].name;
		}
	}
	return NULL;
}

void
show(const char *what, int code)
{
	const char *name = rt_code_name(code);

	if (name != NULL) {
		rt_printf("%s: %s", what, name);
	} else {
		rt_printf("%s: %d (0x%x)", what, code, code);
	}
}

void
want(const char *what, int code, int wanted)
{
	const char *name = rt_code_name(wanted);

	show(what, code);
	if (code != wanted) {
		rt_printf("FAIL %s: wanted %s (%d)", what,
		    name != NULL ? name : "?", wanted);
	}
}

void
want_ours(const char *what, int code, int wanted, const char *why)
{
	if (!rt_on_gnumach) {
		want(what, code, wanted);
		return;
	}
	show(what, wanted);
	rt_printf("# %s", why);
	show("# there", code);
}

void
want_number(const char *what, long number, long wanted)
{
	rt_printf("%s: %ld", what, number);
	if (number != wanted) {
		rt_printf("FAIL %s: wanted %ld", what, wanted);
	}
}

void
need(const char *what, int code)
{
	if (code != KERN_SUCCESS) {
		show(what, code);
		rt_printf("FAIL %s: cannot go on", what);
		rt_end();
	}
}

void
rt_end(void)
{
	rt_printf("end");
	for (;;) {
		if (rt_watched) {
			task_terminate(mach_task_self());
		}
		host_reboot(rt_host_priv, 0);
		swtch_pri(0);
	}
}

/* ---- threads ---- */

struct rt_start {
	void (*fn)(void *);
	void *arg;
};

static void
rt_thread_main(struct rt_start *start)
{
	start->fn(start->arg);
	rt_thread_exit();
}

/* The room on STACK for what FN gets, and a frame for who reads it. */
static uint32_t *
rt_stack_fill(vm_offset_t stack, void (*fn)(void *), void *arg)
{
	struct rt_start *start;
	uint32_t *sp;

	start = (void *)(stack + RT_STACK - sizeof(*start));
	start->fn = fn;
	start->arg = arg;
	sp = (uint32_t *)start - 3;
	sp[1] = (uint32_t)start;
	return sp;
}

/* Let THREAD, which is new, run MAIN with its stack at SP. */
static void
rt_thread_start(mach_port_t thread, void (*main)(struct rt_start *),
    uint32_t *sp)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;

	need("thread_get_state", thread_get_state(thread, i386_THREAD_STATE,
				     (thread_state_t)&state, &count));
	state.eip = (uint32_t)main;
	state.uesp = (uint32_t)sp;
	need("thread_set_state",
	    thread_set_state(thread, i386_THREAD_STATE, (thread_state_t)&state,
		i386_THREAD_STATE_COUNT));
	need("thread_resume", thread_resume(thread));
}

mach_port_t
rt_thread_create(void (*fn)(void *), void *arg)
{
	mach_port_t thread;
	vm_offset_t stack = 0;

	need("room for a thread", rt_thread_count < RT_THREADS ?
	    KERN_SUCCESS : KERN_RESOURCE_SHORTAGE);
	need("stack", vm_allocate(rt_task, &stack, RT_STACK, TRUE));
	need("thread_create", thread_create(rt_task, &thread));
	rt_threads[rt_thread_count].stack = stack;
	rt_threads[rt_thread_count].reply = MACH_PORT_NULL;
	rt_thread_count++;
	rt_thread_start(thread, rt_thread_main, rt_stack_fill(stack, fn, arg));
	return thread;
}

void
rt_thread_exit(void)
{
	for (;;) {
		thread_terminate(mach_thread_self());
	}
}

/* ---- tasks ---- */

/* In the child: no right that its memory speaks of is there. */
static void
rt_child_main(struct rt_start *start)
{
	rt_task = mach_task_self();
	rt_thread_count = 1;
	rt_threads[0].reply = MACH_PORT_NULL;
	start->fn(start->arg);
	for (;;) {
		task_terminate(rt_task);
	}
}

mach_port_t
rt_child_create(void (*fn)(void *), void *arg)
{
	vm_offset_t stack = 0;
	mach_port_t child;
	mach_port_t thread;
	uint32_t *sp;

	need("stack", vm_allocate(rt_task, &stack, RT_STACK, TRUE));
	sp = rt_stack_fill(stack, fn, arg);
	need("child", task_create(rt_task, TRUE, &child));
	vm_deallocate(rt_task, stack, RT_STACK);
	need("suspend", task_suspend(child));
	need("thread", thread_create(child, &thread));
	rt_thread_start(thread, rt_child_main, sp);
	mach_port_deallocate(rt_task, thread);
	return child;
}

void
rt_sleep(int ms)
{
	thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, ms);
}

/* On its way there it may wait for a moment, so it has to be seen twice. */
bool
rt_until_waits(mach_port_t thread)
{
	struct thread_basic_info info = { .run_state = 0 };
	mach_msg_type_number_t count;
	kern_return_t kr;
	unsigned calm = 0;

	rt_until((
	    count = THREAD_BASIC_INFO_COUNT,
	    kr = thread_info(thread, THREAD_BASIC_INFO, (thread_info_t)&info,
		&count),
	    calm = info.run_state == TH_STATE_WAITING ? calm + 1 : 0,
	    kr != KERN_SUCCESS || calm > RT_CALM));
	return kr == KERN_SUCCESS && calm > RT_CALM;
}

bool
rt_until_dead(mach_port_t name)
{
	mach_port_type_t type = 0;

	return rt_until((mach_port_type(rt_task, name, &type),
	    (type & MACH_PORT_TYPE_DEAD_NAME) != 0));
}

/* ---- ports and messages ---- */

mach_port_t
rt_port(void)
{
	mach_port_t port;

	need("mach_port_allocate",
	    mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE, &port));
	need("mach_port_insert_right", mach_port_insert_right(rt_task, port,
					   port, MACH_MSG_TYPE_MAKE_SEND));
	return port;
}

unsigned
rt_rights(void)
{
	mach_port_name_array_t names;
	mach_port_type_array_t types;
	mach_msg_type_number_t count;
	mach_msg_type_number_t more;

	need("names", mach_port_names(rt_task, &names, &count, &types, &more));
	vm_deallocate(rt_task, (vm_offset_t)names, count * sizeof(*names));
	vm_deallocate(rt_task, (vm_offset_t)types, more * sizeof(*types));
	return count;
}

void
rt_show_right(const char *what, mach_port_t name)
{
	static const char *const kinds[] = {
		"send",
		"receive",
		"send-once",
		"port-set",
		"dead-name",
	};
	mach_port_urefs_t refs[5] = { 0 };
	mach_port_type_t type;
	kern_return_t kr = mach_port_type(rt_task, name, &type);
	char text[128];
	unsigned used = 0;

	if (kr != KERN_SUCCESS) {
		show(what, kr);
		return;
	}
	for (unsigned i = 0; i < 5; i++) {
		if (type & MACH_PORT_TYPE(i)) {
			mach_port_get_refs(rt_task, name, i, &refs[i]);
			rt_put(text, &used, ' ');
			for (const char *p = kinds[i]; *p != '\0'; p++) {
				rt_put(text, &used, *p);
			}
			rt_put(text, &used, ' ');
			rt_put_number(text, &used, refs[i], 10, 0, ' ');
		}
	}
	if (type & MACH_PORT_TYPE_DNREQUEST) {
		rt_put(text, &used, ' ');
		rt_put(text, &used, 'D');
	}
	text[used] = '\0';
	rt_printf("%s:%s", what, text);
}

void
rt_show_right_ours(
    const char *what, mach_port_t name, const char *wanted, const char *why)
{
	if (!rt_on_gnumach) {
		rt_show_right(what, name);
		return;
	}
	rt_printf("%s: %s", what, wanted);
	rt_printf("# %s", why);
	rt_show_right("# there", name);
}

void
rt_header(mach_msg_header_t *header, mach_msg_bits_t bits, mach_msg_size_t size,
    mach_port_t remote, mach_port_t local, mach_msg_id_t id)
{
	header->msgh_bits = bits;
	header->msgh_size = size;
	header->msgh_remote_port = remote;
	header->msgh_local_port = local;
	header->msgh_seqno = 0;
	header->msgh_id = id;
}

mach_msg_type_t
rt_type(
    unsigned name, unsigned size, unsigned number, bool is_inline, bool dealloc)
{
	mach_msg_type_t type = {
		.msgt_name = name,
		.msgt_size = size,
		.msgt_number = number,
		.msgt_inline = is_inline,
		.msgt_deallocate = dealloc,
	};

	return type;
}

uint32_t
rt_type_word(
    unsigned name, unsigned size, unsigned number, bool is_inline, bool dealloc)
{
	mach_msg_type_t type = rt_type(name, size, number, is_inline, dealloc);

	return *(uint32_t *)&type;
}

unsigned
rt_processors(void)
{
	processor_array_t list;
	mach_msg_type_number_t count;

	need("processors", host_processors(rt_host_priv, &list, &count));
	for (unsigned i = 0; i < count; i++) {
		mach_port_deallocate(rt_task, list[i]);
	}
	vm_deallocate(rt_task, (vm_offset_t)list, count * sizeof(*list));
	return count;
}

mach_msg_return_t
rt_receive(
    mach_msg_header_t *msg, mach_msg_size_t size, mach_port_t port, unsigned ms)
{
	return mach_msg(msg, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, size, port, ms,
	    MACH_PORT_NULL);
}

void
rt_exception_answer(const struct rt_exception *msg)
{
	mig_reply_header_t reply;

	mach_port_deallocate(rt_task, msg->thread);
	mach_port_deallocate(rt_task, msg->task);
	rt_header(&reply.Head, MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0),
	    sizeof(reply), msg->head.msgh_remote_port, MACH_PORT_NULL,
	    msg->head.msgh_id + 100);
	reply.RetCodeType = rt_type(MACH_MSG_TYPE_INTEGER_32, 32, 1, true,
	    false);
	reply.RetCode = KERN_SUCCESS;
	need("answer", mach_msg(&reply.Head, MACH_SEND_MSG, sizeof(reply), 0,
	    MACH_PORT_NULL, 0, MACH_PORT_NULL));
}

void
rt_exception_drop(const struct rt_exception *msg)
{
	thread_terminate(msg->thread);
	mach_port_deallocate(rt_task, msg->thread);
	mach_port_deallocate(rt_task, msg->task);
	mach_port_deallocate(rt_task, msg->head.msgh_remote_port);
}

/* ---- start ---- */

unsigned
rt_number(const char *s)
{
	unsigned n = 0;

	while (*s >= '0' && *s <= '9') {
		n = n * 10 + (*s++ - '0');
	}
	return n;
}

void
rt_main(int *stack)
{
	kernel_version_t version;
	vm_statistics_data_t stats;

	rt_argc = stack[0];
	rt_argv = (char **)(stack + 1);
	rt_task = mach_task_self();
	if (strcmp(rt_argv[rt_argc - 1], "watched") == 0) {
		rt_argv[--rt_argc] = NULL;
		rt_watched = true;
	}
	if (rt_argc > 1) {
		rt_host_priv = rt_number(rt_argv[1]);
	}
	if (rt_argc > 2) {
		rt_device_master = rt_number(rt_argv[2]);
	}
	if (host_kernel_version(mach_host_self(), version) == KERN_SUCCESS) {
		rt_on_gnumach = strncmp(version, "GNU Mach", 8) == 0;
	}
	need("page size", vm_statistics(rt_task, &stats));
	vm_page_size = stats.pagesize;
	mach_print("\n");
	rt_printf("begin");
	test();
	rt_end();
}

/* ---- random numbers ---- */

unsigned
rt_random(uint32_t *seed, unsigned n)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % n;
}
