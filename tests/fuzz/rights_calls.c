/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What calls take.  A letter stands for each word of a call's arguments:
 *
 *	T H	a task with a page, names and an object, and a thread of it
 *	h m M	the host, its privileged port, the devices' master port
 *	D E K	devices: irq, time, console
 *	S s	a processor set of ours, and its name
 *	c G	the first processor, and the default set
 *	O	what controls an object whose pager we are
 *	I V	some I/O ports; the name of the object behind T's page
 *	W C L	the port whose rights are counted; how it is sent
 *	r q e x n	names in T: a port, a send right, a set, a dead name, none
 *	a z b	T's page, its size, a page of ours
 *	0 to 9 t N j f k	numbers: small ones, a priority, of a notification, of
 *		selectors, and of the words in a thread's state
 *	- . w @ Y g i	room for what comes; with nothing in it; with the port;
 *		with a null address; with a size; with -1; with a name
 */

#include "rights.h"

#include "device_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"
#include "new_mach_debug_user.h"
#include "new_mach_i386_user.h"

#include <mach/notify.h>
#include <mach/thread_status.h>

#define PAGE_AT		0x20000000u
#define OUR_PAGE	0x2f000000u
#define UNMAPPED	0x30000000u
#define NAME_PORT	0x4001u
#define NAME_SEND	0x4002u
#define NAME_SET	0x4003u
#define NAME_DEAD	0x4004u
#define NAME_NONE	0x5005u

struct rights_world rights_world;
static char rooms[RIGHTS_ARGUMENTS][RIGHTS_ROOM];
static char more[RIGHTS_ROOM];

/* Where what follows from the kinds of its arguments will not do. */
static const struct {
	const char *name;
	const char *letters;
} templates[] = {
	{ "host_processors", "m--" },
	{ "processor_assign", "cG1" },
	{ "processor_set_default", "h-" },
	{ "processor_set_create", "m--" },
	{ "thread_assign", "HS" },
	{ "task_assign", "TS0" },
	{ "thread_priority", "Ht0" },
	{ "thread_max_priority", "HG9" },
	{ "task_priority", "T90" },
	{ "thread_policy", "H10" },
	{ "processor_set_policy_disable", "S20" },
	{ "processor_set_info", "s1-.-" },
	{ "host_processor_set_priv", "ms-" },
	{ "host_set_time", "m00" },
	{ "host_adjust_time", "m00-" },
	{ "vm_wire", "mTaz1" },
	{ "thread_wire", "mH1" },
	{ "processor_control", "c.0" },
	{ "host_get_boot_info", "m-" },
	{ "host_shootdowns", "m-" },
	{ "host_walk", "m" },
	{ "vm_set_default_pager_cluster", "mz" },
	{ "host_set_time64", "m0000" },
	{ "host_adjust_time64", "m0000-" },
	{ "mach_port_rename", "Trn" },
	{ "mach_port_allocate_name", "T1n" },
	{ "mach_port_deallocate", "Tq" },
	{ "mach_port_get_refs", "Tq0-" },
	{ "mach_port_mod_refs", "Tq01" },
	{ "mach_port_get_set_status", "Te--" },
	{ "mach_port_move_member", "Tre" },
	{ "mach_port_request_notification", "TqN1WL-" },
	{ "mach_port_insert_right", "TnWC" },
	{ "mach_port_extract_right", "TrL--" },
	{ "mach_port_set_ktype", "mTr10" },
	{ "thread_terminate_release", "HTnnaz" },
	{ "register_new_task_notification", "mWC" },
	{ "gsync_wait", "Ta1014" },
	{ "vm_wire_all", "mT1" },
	{ "vm_object_sync", "V0z000" },
	{ "vm_allocate_contiguous", "mT--z000100" },
	{ "vm_pages_phys", "mTaz--" },
	{ "vm_set_size_limit", "mTzz" },
	{ "host_load_symbol_table_old", "mT.bz" },
	{ "host_load_symbol_table", "mT.bz" },
	{ "mach_vm_object_info", "V---" },
	{ "mach_vm_object_pages", "V--" },
	{ "mach_vm_object_pages_phys", "V--" },
	{ "i386_set_ldt", "Hf.1" },
	{ "i386_get_ldt", "Hf1--" },
	{ "i386_io_perm_create", "M01-" },
	{ "i386_io_perm_modify", "TI1" },
	{ "i386_set_gdt", "Hg00" },
	{ "i386_get_gdt", "Hj-" },
	{ "task_set_limits", "mT999" },
	{ "experimental_device_intr_register", "M550WC" },
	{ "experimental_device_intr_enable", "M51" },
	{ "experimental_vm_allocate_contiguous", "mT--z" },
	{ "task_create", "T0-" },
	{ "thread_create", "T-" },
	{ "thread_set_state", "H1.k" },
	{ "vm_allocate", "T@z1" },
	{ "vm_write", "Tabz" },
	{ "vm_copy", "Taza" },
	{ "vm_region", "T@-------" },
	{ "mach_ports_register", "Tw1" },
	{ "memory_object_data_unavailable", "O0z" },
	{ "vm_set_default_memory_manager", "mw" },
	{ "memory_object_lock_request", "O0z000W" },
	{ "task_set_special_port", "T4W" },
	{ "thread_set_special_port", "H3W" },
	{ "vm_map", "T@z01W00171" },
	{ "memory_object_data_error", "O0z1" },
	{ "memory_object_data_supply", "O0bz000W" },
	{ "memory_object_ready", "O01" },
	{ "memory_object_change_attributes", "O01W" },
	{ "memory_object_create_proxy", "T1wC1.1.1Y1-" },
	{ "vm_region_create_proxy", "Ta1z-" },
	{ "device_open", "M3i-" },
	{ "device_write", "E00.0-" },
	{ "device_write_inband", "E00.0-" },
	{ "device_read", "E001--" },
	{ "device_read_inband", "E001--" },
	{ "device_map", "E10z-0" },
	{ "device_get_status", "E0.-" },
	{ "device_set_filter", "DWC1.0" },
	{ "device_intr_register", "D50WC" },
	{ "device_intr_ack", "DWC" },
	{ "device_open_request", "MW3i" },
	{ "device_write_request", "EW00.0" },
	{ "device_write_request_inband", "EW00.0" },
	{ "device_read_request", "KW001" },
	{ "device_read_request_inband", "KW001" },
};

/* The object that a call is for, by how its name begins. */
static const struct {
	const char *start;
	char letter;
} firsts[] = {
	{ "host_", 'h' },
	{ "processor_set_", 'S' },
	{ "processor_", 'c' },
	{ "thread_", 'H' },
	{ "memory_object_", 'O' },
	{ "device_", 'D' },
	{ "i386_get_x", 'h' },
};

static bool
is_in(const char *name, const char *const *names)
{
	for (; *names != NULL; names++) {
		if (strcmp(name, *names) == 0) {
			return true;
		}
	}
	return false;
}

bool
rights_left_out(const char *name)
{
	/* The machine would stop. */
	static const char *const names[] = { "host_reboot", NULL };

	return is_in(name, names);
}

bool
rights_keeps(const char *name)
{
	static const char *const names[] = {
		"register_new_task_notification",
		"vm_set_default_memory_manager",
		"device_intr_register",
		"experimental_device_intr_register",
		NULL,
	};

	return is_in(name, names);
}

void
rights_template(const struct fuzz_call *call, char letters[])
{
	unsigned i = 1;

	for (unsigned t = 0; t < sizeof(templates) / sizeof(*templates); t++) {
		if (strcmp(templates[t].name, call->name) == 0) {
			memcpy(letters, templates[t].letters,
			    strlen(templates[t].letters) + 1);
			return;
		}
	}
	letters[0] = 'T';
	for (unsigned f = sizeof(firsts) / sizeof(*firsts); f-- > 0;) {
		if (strncmp(call->name, firsts[f].start,
			strlen(firsts[f].start)) == 0) {
			letters[0] = firsts[f].letter;
		}
	}
	for (; call->kinds[i] != '\0'; i++) {
		switch (call->kinds[i]) {
		case 'P':
			letters[i] = 'W';
			break;
		case 'N':
			letters[i] = 'r';
			break;
		case 'd':
			letters[i] = '.';
			break;
		case 'p':
			letters[i] = '-';
			break;
		case 'i':
			letters[i] = '1';
			break;
		default:
			letters[i] = call->kinds[i];
			break;
		}
	}
	letters[i] = '\0';
}

static uint32_t
room(unsigned i, uint32_t first)
{
	memset(rooms[i], 0, 64);
	*(uint32_t *)rooms[i] = first;
	return (uint32_t)rooms[i];
}

static uint32_t
named_room(unsigned i)
{
	memcpy(rooms[i], "irq", 4);
	return (uint32_t)rooms[i];
}

uint32_t
rights_valid(char letter, unsigned i)
{
	switch (letter) {
	case 'W':
		return rights_world.witness;
	case 'C':
		return MACH_MSG_TYPE_COPY_SEND;
	case 'L':
		return MACH_MSG_TYPE_MAKE_SEND_ONCE;
	case 'r':
		return NAME_PORT;
	case 'q':
		return NAME_SEND;
	case 'e':
		return NAME_SET;
	case 'x':
		return NAME_DEAD;
	case 'n':
		return NAME_NONE;
	case 'a':
		return PAGE_AT;
	case 'b':
		return OUR_PAGE;
	case 'z':
		return FUZZ_PAGE;
	case 'N':
		return MACH_NOTIFY_DEAD_NAME;
	case 't':
		return 30;
	case 'j':
		return 0x4b;
	case 'f':
		return 0x107;
	case 'k':
		return i386_THREAD_STATE_COUNT;
	case '-':
		return room(i, (uint32_t)more);
	case '.':
	case '@':
		return room(i, 0);
	case 'w':
		return room(i, rights_world.witness);
	case 'Y':
		return room(i, FUZZ_PAGE);
	case 'g':
		return room(i, 0xffffffff);
	case 'i':
		return named_room(i);
	default:
		if (letter >= '0' && letter <= '9') {
			return (uint32_t)(letter - '0');
		}
		return rights_world.object[(unsigned char)letter];
	}
}

bool
rights_cannot_succeed(const char *name)
{
	static const char *const names[] = {
		/* Only for the thread that calls; only when somebody wakes. */
		"thread_wire",
		"gsync_wait",
		/* Of what is no program. */
		"host_load_symbol_table",
		"host_load_symbol_table_old",
		/* The clock cannot be written; the console would show it. */
		"device_write",
		"device_write_inband",
		/* Before there is something to be had. */
		"task_get_sampled_pcs",
		"thread_get_sampled_pcs",
		"device_read",
		"device_read_inband",
		"device_intr_ack",
		/* Not on this machine. */
		"processor_start",
		"processor_exit",
		"processor_control",
		"task_ras_control",
		"vm_machine_attribute",
		"device_set_filter",
		"device_set_status",
		NULL,
	};

	return is_in(name, names);
}

/* ---- wrong arguments ---- */

static unsigned
wrong_ports(char letter, uint32_t values[])
{
	const struct rights_world *w = &rights_world;
	unsigned n = 0;

	values[n++] = MACH_PORT_NULL;
	values[n++] = MACH_PORT_DEAD;
	values[n++] = 0x12345;
	values[n++] = w->dead;
	values[n++] = w->set;
	values[n++] = w->receive;
	values[n++] = w->plain;
	for (const char *p = RIGHTS_OBJECTS; *p != '\0'; p++) {
		/* It is right, in another way. */
		if (*p != letter && !(letter == 'S' && *p == 'G') &&
		    !(letter == 'h' && *p == 'm')) {
			values[n++] = w->object[(unsigned char)*p];
		}
	}
	if (letter != 'W') {
		values[n++] = w->witness;
	}
	return n;
}

static unsigned
wrong_room(char letter, unsigned i, uint32_t values[])
{
	static const uint32_t contents[] = { 0, 1, 0xffffffff, 0xc0000000,
		0xfffff000, 0x12345 };
	static uint32_t other[16][16];
	unsigned n = 0;

	if (letter == '-') {
		return 0;
	}
	for (; n < sizeof(contents) / sizeof(*contents); n++) {
		for (unsigned j = 0; j < 16; j++) {
			other[n][j] = contents[n];
		}
		values[n] = (uint32_t)other[n];
	}
	if (letter == 'w') {
		uint32_t ports[RIGHTS_WRONG_MAX];
		unsigned count = wrong_ports('W', ports);

		for (unsigned p = 0; p < count && n < 16; p++) {
			other[n][0] = ports[p];
			values[n] = (uint32_t)other[n];
			n++;
		}
	}
	return n;
}

static unsigned
copy_values(uint32_t values[], const uint32_t *from, unsigned count)
{
	memcpy(values, from, count * sizeof(*from));
	return count;
}

unsigned
rights_wrong(const struct fuzz_call *call, char letter, unsigned i,
    uint32_t values[RIGHTS_WRONG_MAX])
{
	static const uint32_t names[] = { 0, 0xffffffff, NAME_NONE, NAME_PORT,
		NAME_SEND, NAME_SET, NAME_DEAD };
	static const uint32_t addresses[] = { 0, 1, UNMAPPED, PAGE_AT + 1,
		0xc0000000, 0xfffff000 };
	static const uint32_t sizes[] = { 0, 1, FUZZ_PAGE + 1, 0x1000000,
		0x80000000, 0xffffffff };
	static const uint32_t numbers[] = { 0, 1, 2, 3, 7, 16, 17, 18, 20, 21,
		70, 0x4000000, 0x7fffffff, 0xffffffff };

	switch (call->kinds[i]) {
	case 'P':
		return wrong_ports(letter, values);
	case 'N':
		return copy_values(values, names, sizeof(names) / 4);
	case 'a':
		return copy_values(values, addresses, sizeof(addresses) / 4);
	case 'z':
		return copy_values(values, sizes, sizeof(sizes) / 4);
	case 'd':
	case 'p':
		return wrong_room(letter, i, values);
	default:
		return copy_values(values, numbers, sizeof(numbers) / 4);
	}
}

/* ---- objects ---- */

static void
begin_names(mach_port_t task)
{
	struct rights_world *w = &rights_world;

	mach_port_allocate_name(task, MACH_PORT_RIGHT_RECEIVE, NAME_PORT);
	mach_port_allocate_name(task, MACH_PORT_RIGHT_PORT_SET, NAME_SET);
	mach_port_allocate_name(task, MACH_PORT_RIGHT_DEAD_NAME, NAME_DEAD);
	mach_port_insert_right(
	    task, NAME_SEND, w->plain, MACH_MSG_TYPE_COPY_SEND);
}

/* Memory of ours whose pager is a port of ours. */
static void
begin_pager(void)
{
	struct rights_world *w = &rights_world;
	struct {
		mach_msg_header_t head;
		uint32_t words[32];
	} msg;
	vm_offset_t at = 0;

	w->pager = rt_port();
	if (vm_map(rt_task, &at, FUZZ_PAGE, 0, TRUE, w->pager, 0, FALSE,
		VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_NONE) ==
		KERN_SUCCESS &&
	    rt_receive(&msg.head, sizeof(msg), w->pager, 1000) ==
		MACH_MSG_SUCCESS) {
		w->object['O'] = msg.words[1];
		mach_port_deallocate(rt_task, msg.words[3]);
	}
	w->pager_memory = at;
}

static void
begin_fixed(void)
{
	struct rights_world *w = &rights_world;
	processor_array_t list;
	mach_msg_type_number_t count;
	mach_port_t name;

	if (w->object['h'] != MACH_PORT_NULL) {
		return;
	}
	w->object['h'] = mach_host_self();
	w->object['m'] = rt_host_priv;
	w->object['M'] = rt_device_master;
	need("set", processor_set_default(w->object['h'], &name));
	need("set", host_processor_set_priv(rt_host_priv, name, &w->object['G']));
	need("list", host_processors(rt_host_priv, &list, &count));
	w->object['c'] = list[0];
	w->set = MACH_PORT_NULL;
	need("set", mach_port_allocate(rt_task, MACH_PORT_RIGHT_PORT_SET,
			&w->set));
	need("dead", mach_port_allocate(rt_task, MACH_PORT_RIGHT_DEAD_NAME,
			 &w->dead));
	need("receive", mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE,
			    &w->receive));
}

void
rights_world_begin(void)
{
	struct rights_world *w = &rights_world;
	vm_offset_t at = PAGE_AT;
	vm_region_info_t region;

	begin_fixed();
	w->witness = rt_port();
	w->plain = rt_port();
	need("two", mach_port_mod_refs(
			rt_task, w->witness, MACH_PORT_RIGHT_SEND, 1));
	need("task", task_create(rt_task, FALSE, &w->object['T']));
	need("thread", thread_create(w->object['T'], &w->object['H']));
	need("page", vm_allocate(w->object['T'], &at, FUZZ_PAGE, FALSE));
	at = OUR_PAGE;
	vm_allocate(rt_task, &at, FUZZ_PAGE, FALSE);
	*(volatile int *)OUR_PAGE = 0;
	need("write", vm_write(w->object['T'], PAGE_AT, OUR_PAGE, FUZZ_PAGE));
	need("suspend", task_suspend(w->object['T']));
	begin_names(w->object['T']);
	need("set", processor_set_create(rt_host_priv, &w->object['S'],
			&w->object['s']));
	need("irq", device_open(rt_device_master, 3, (char *)"irq",
			&w->object['D']));
	need("time", device_open(rt_device_master, 3, (char *)"time",
			&w->object['E']));
	need("console", device_open(rt_device_master, 3, (char *)"console",
			    &w->object['K']));
	need("ports", new_i386_io_perm_create(rt_device_master, 0x300, 0x301,
			  &w->object['I']));
	need("region", new_mach_vm_region_info(w->object['T'], PAGE_AT, &region,
			   &w->object['V']));
	begin_pager();
}

void
rights_world_end(void)
{
	struct rights_world *w = &rights_world;

	task_terminate(w->object['T']);
	/* It may have been told to stay when nobody has it mapped. */
	memory_object_destroy(w->object['O'], KERN_FAILURE);
	vm_deallocate(rt_task, w->pager_memory, FUZZ_PAGE);
	mach_port_destroy(rt_task, w->plain);
	processor_set_destroy(w->object['S']);
	for (const char *p = "THSsDEKIVO"; *p != '\0'; p++) {
		mach_port_t *port = &w->object[(unsigned char)*p];

		mach_port_deallocate(rt_task, *port);
		*port = MACH_PORT_NULL;
	}
	mach_port_destroy(rt_task, w->pager);
}

void
rights_end(void)
{
	mach_port_t port = rt_port();
	mach_port_t manager = port;

	if (vm_set_default_memory_manager(rt_host_priv, &manager) ==
	    KERN_SUCCESS) {
		mach_port_deallocate(rt_task, manager);
	}
	mach_port_destroy(rt_task, port);
	vm_deallocate(rt_task, OUR_PAGE, FUZZ_PAGE);
}
