/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Claimed hardware, from the driver's side.
 *
 * A claim outlives the device server: when the port of a claimed function
 * dies, the function is claimed again from the next device server, under the same
 * name in this task, and the names and the interrupt that went with it are
 * registered again.  Ports, mappings and DMA memory stay all the time.
 */
#include <servers/lib/bus.h>

#include <device/device_types.h>
#include <device/notify.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <servers/lib/boot.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>

#include <mig/bus_user.h>
#include <mig/mach_i386_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

/* How often, and how many times, a lost function is asked for again. */
#define BUS_RETRY_NS	50000000
#define BUS_RETRIES	1200u
#define BUS_CLAIM_STACK	16384u

/* A name under which a claimed function is served. */
struct bus_published {
	struct bus_published	*next;
	mach_port_t		driver;		/* owns a send right */
	bus_name_t		name;
};

/* [l] bus_lock, and what bus_find was asked for: fixed */
struct bus_claimed {
	struct bus_claimed	*next;		/* [l] */
	mach_port_t		function;	/* fixed, whoever serves it */
	mach_port_t		irq;		/* [l] null without one */
	struct bus_published	*published;	/* [l] */
	bool			legacy;
	bus_name_t		name;		/* of a legacy function */
	uint32_t		class;
	uint32_t		mask;
	uint32_t		index;
};

static pthread_mutex_t bus_lock = PTHREAD_MUTEX_INITIALIZER;
static struct bus_claimed *bus_claims;		/* [l] */

/* Ask the device server of now for what CLAIM says. */
static kern_return_t
bus_ask(const struct bus_claimed *claim, mach_port_t *function,
    bus_info_t *info)
{
	mach_port_t bus;
	kern_return_t kr = boot_request("bus", &bus);

	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = claim->legacy ? bus_claim_legacy(bus, claim->name, function, info)
	    : bus_claim(bus, claim->class, claim->mask, claim->index, function,
	    info);
	mach_port_deallocate(mach_task_self(), bus);
	return kr;
}

/* Register again all that went with CLAIM. */
static void
bus_restore(const struct bus_claimed *claim)
{
	const struct bus_published *p;
	kern_return_t kr = KERN_SUCCESS;

	pthread_mutex_lock(&bus_lock);
	for (p = claim->published; p != NULL && kr == KERN_SUCCESS;
	    p = p->next) {
		kr = bus_publish(claim->function, p->name, p->driver);
	}
	if (kr == KERN_SUCCESS && claim->irq != MACH_PORT_NULL) {
		kr = bus_interrupt(claim->function, claim->irq);
		if (kr == D_ALREADY_OPEN) {
			/* The kernel still sends: only an answer may be due. */
			kr = KERN_SUCCESS;
		}
		(void)bus_interrupt_done(claim->function, claim->irq);
	}
	pthread_mutex_unlock(&bus_lock);
	if (kr != KERN_SUCCESS) {
		log_error("claiming again: %s", log_error_text(kr));
	}
}

static void bus_function_died(mach_port_t function, void *argument);

/* The thread that waits for the next device server. */
static void
bus_claim_again(void *argument)
{
	static const struct timespec pause = { .tv_nsec = BUS_RETRY_NS };
	struct bus_claimed *claim = argument;
	kern_return_t kr = KERN_FAILURE;
	mach_port_t function;
	bus_info_t info;

	for (unsigned i = 0; i < BUS_RETRIES && kr != KERN_SUCCESS; i++) {
		nanosleep(&pause, NULL);
		kr = bus_ask(claim, &function, &info);
	}
	if (kr == KERN_SUCCESS) {
		/* The drivers know it by its old name, now a dead one. */
		(void)mach_port_destroy(mach_task_self(), claim->function);
		kr = mach_port_rename(mach_task_self(), function,
		    claim->function);
	}
	if (kr == KERN_SUCCESS) {
		kr = server_watch_death(claim->function, bus_function_died,
		    claim);
	}
	if (kr != KERN_SUCCESS) {
		log_error("hardware is lost: %s", log_error_text(kr));
		exit(1);
	}
	bus_restore(claim);
}

static void
bus_function_died(mach_port_t function, void *argument)
{
	kern_return_t kr = server_start_thread(bus_claim_again, argument,
	    BUS_CLAIM_STACK);

	if (kr != KERN_SUCCESS) {
		log_error("hardware is lost: %s", log_error_text(kr));
		exit(1);
	}
}

/* Claim for the first time what CLAIM, which becomes ours, asks for. */
static kern_return_t
bus_claim_first(struct bus_claimed *claim, mach_port_t *function,
    bus_info_t *info)
{
	kern_return_t kr;

	if (claim == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	kr = bus_ask(claim, &claim->function, info);
	if (kr != KERN_SUCCESS) {
		free(claim);
		return kr;
	}
	pthread_mutex_lock(&bus_lock);
	claim->next = bus_claims;
	bus_claims = claim;
	pthread_mutex_unlock(&bus_lock);
	*function = claim->function;
	return server_watch_death(claim->function, bus_function_died, claim);
}

kern_return_t
bus_find(uint32_t class, uint32_t mask, uint32_t index,
    mach_port_t *function, bus_info_t *info)
{
	struct bus_claimed *claim = calloc(1, sizeof(*claim));

	if (claim != NULL) {
		claim->class = class;
		claim->mask = mask;
		claim->index = index;
	}
	return bus_claim_first(claim, function, info);
}

kern_return_t
bus_find_legacy(const char *name, mach_port_t *function, bus_info_t *info)
{
	struct bus_claimed *claim = calloc(1, sizeof(*claim));

	if (claim != NULL) {
		claim->legacy = true;
		strncpy(claim->name, name, sizeof(claim->name) - 1);
	}
	return bus_claim_first(claim, function, info);
}

/* The claim of FUNCTION.  Lock: bus_lock. */
static struct bus_claimed *
bus_claim_of(mach_port_t function)
{
	struct bus_claimed *claim = bus_claims;

	while (claim != NULL && claim->function != function) {
		claim = claim->next;
	}
	return claim;
}

kern_return_t
bus_serve_name(mach_port_t function, const char *name, mach_port_t driver)
{
	struct bus_published *p = calloc(1, sizeof(*p));
	struct bus_claimed *claim;
	kern_return_t kr = KERN_RESOURCE_SHORTAGE;

	if (p == NULL) {
		return kr;
	}
	strncpy(p->name, name, sizeof(p->name) - 1);
	p->driver = driver;
	pthread_mutex_lock(&bus_lock);
	claim = bus_claim_of(function);
	kr = claim == NULL ? KERN_INVALID_ARGUMENT
	    : mach_port_mod_refs(mach_task_self(), driver,
	    MACH_PORT_RIGHT_SEND, 1);
	if (kr == KERN_SUCCESS) {
		p->next = claim->published;
		claim->published = p;
		p = NULL;
		kr = bus_publish(function, name, driver);
	}
	pthread_mutex_unlock(&bus_lock);
	free(p);
	return kr;
}

/* Use the capability IO_PERM, whose right is consumed. */
static kern_return_t
bus_use_io_perm(mach_port_t io_perm)
{
	kern_return_t kr;

	kr = i386_io_perm_modify(mach_task_self(), io_perm, TRUE);
	mach_port_deallocate(mach_task_self(), io_perm);
	return kr;
}

kern_return_t
bus_enable_ports(mach_port_t master, uint16_t from, uint16_t to)
{
	mach_port_t io_perm;
	kern_return_t kr;

	kr = i386_io_perm_create(master, from, to, &io_perm);
	return kr != KERN_SUCCESS ? kr : bus_use_io_perm(io_perm);
}

kern_return_t
bus_use_ports(mach_port_t function, uint32_t bar)
{
	mach_port_t io_perm;
	kern_return_t kr;

	kr = bus_io_ports(function, bar, &io_perm);
	return kr != KERN_SUCCESS ? kr : bus_use_io_perm(io_perm);
}

kern_return_t
bus_use_memory(mach_port_t function, uint32_t bar, volatile void **addressp,
    uint32_t *sizep)
{
	vm_address_t address = 0;
	mach_port_t object;
	vm_offset_t offset;
	vm_size_t size;
	kern_return_t kr;

	kr = bus_memory(function, bar, &object, &offset, &size);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = vm_map(mach_task_self(), &address, offset + size, 0, TRUE, object,
	    0, FALSE, VM_PROT_READ | VM_PROT_WRITE,
	    VM_PROT_READ | VM_PROT_WRITE, VM_INHERIT_NONE);
	mach_port_deallocate(mach_task_self(), object);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	*addressp = (volatile void *)(address + offset);
	if (sizep != NULL) {
		*sizep = size;
	}
	return KERN_SUCCESS;
}

kern_return_t
bus_irq_open(mach_port_t function, struct bus_irq *irq)
{
	struct bus_claimed *claim;
	kern_return_t kr;

	kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
	    &irq->port);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	irq->function = function;
	kr = mach_port_insert_right(mach_task_self(), irq->port, irq->port,
	    MACH_MSG_TYPE_MAKE_SEND);
	if (kr == KERN_SUCCESS) {
		kr = bus_interrupt(function, irq->port);
	}
	if (kr != KERN_SUCCESS) {
		mach_port_destroy(mach_task_self(), irq->port);
		return kr;
	}
	pthread_mutex_lock(&bus_lock);
	claim = bus_claim_of(function);
	if (claim != NULL) {
		claim->irq = irq->port;
	}
	pthread_mutex_unlock(&bus_lock);
	return KERN_SUCCESS;
}

bool
bus_irq_wait(struct bus_irq *irq, unsigned timeout)
{
	struct {
		mach_msg_header_t	header;
		char			body[64];
	} message;
	mach_msg_return_t mr;

	for (;;) {
		mr = mach_msg(&message.header, MACH_RCV_MSG |
		    (timeout != 0 ? MACH_RCV_TIMEOUT : 0), 0, sizeof(message),
		    irq->port, timeout, MACH_PORT_NULL);
		if (mr != MACH_MSG_SUCCESS) {
			return false;
		}
		if (message.header.msgh_id == DEVICE_INTR_NOTIFY) {
			mach_msg_destroy(&message.header, true);
			return true;
		}
		mach_msg_destroy(&message.header, true);
	}
}

void
bus_irq_done(struct bus_irq *irq)
{
	static const struct timespec pause = { .tv_nsec = BUS_RETRY_NS };
	kern_return_t kr;

	/* The line has to be opened, however short memory is. */
	while ((kr = bus_interrupt_done(irq->function, irq->port)) ==
	    KERN_RESOURCE_SHORTAGE) {
		nanosleep(&pause, NULL);
	}
	/* When the device server is gone, bus_restore() does it. */
	if (kr != KERN_SUCCESS && kr != MACH_SEND_INVALID_DEST &&
	    kr != MIG_SERVER_DIED) {
		log_error("interrupt line stays off: %s", log_error_text(kr));
	}
}
