/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Ports of the host, its processors and its processor sets; and the list of
 * interfaces that the kernel serves.
 *
 * The ports of a set are made when first asked for, under the set's lock, and
 * die when the set is destroyed, under the same lock: a dead set never gets
 * one again.  So a port that still stands for a set keeps no reference on it.
 */

#include <kernel/host.h>

#include <machine/types.h>

#include <kernel/mig_servers.h>
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <kernel/processor.h>
#include <kernel/task_notify.h>

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_special.h>

/* [I] fixed by host_setup */
struct host {
	struct ipc_port	*self;		/* [I] receive rights, all */
	struct ipc_port	*priv;		/* [I] */
};

static struct host host_the;

/* Names of processors; the ports proper are in struct processor. */
static struct ipc_port *host_processor_names[CPU_MAX];

/* Guards the making of processor ports, which may be wanted before all
 * processors are known. */
static struct mutex host_processor_lock;

/* i386_set_ldt takes its descriptors in line or not. */
static boolean_t
host_serve_i386(mach_msg_header_t *request, mach_msg_header_t *reply)
{
	return ipc_kobject_refuse_regions(request, reply) ||
	    mach_i386_server(request, reply);
}

static void
host_add_server(mach_msg_id_t first, ipc_kobject_server_fn_t fn,
    const mach_msg_size_t *replies, unsigned count)
{
	struct ipc_kobject_server server = {
		.first = first,
		.count = count,
		.fn = fn,
		.replies = replies,
		.async = fn == device_server,
	};

	ipc_kobject_add_server(&server);
}

#define HOST_ADD_SERVER(first, name) \
	host_add_server(first, name, name##_replies, name##_count)

static void
host_add_servers(void)
{
	HOST_ADD_SERVER(2000, mach_server);
	HOST_ADD_SERVER(2600, mach_host_server);
	HOST_ADD_SERVER(2800, device_server);
	HOST_ADD_SERVER(3000, mach_debug_server);
	HOST_ADD_SERVER(3200, mach_port_server);
	host_add_server(3800, host_serve_i386, mach_i386_server_replies,
	    mach_i386_server_count);
	HOST_ADD_SERVER(4000, mach4_server);
	HOST_ADD_SERVER(4200, gnumach_server);
	HOST_ADD_SERVER(7400, tartan_server);
	HOST_ADD_SERVER(424242, experimental_server);
}

void
host_setup(void)
{
	mutex_init(&host_processor_lock, LOCK_RANK_HOST);
	task_notify_setup();

	host_the.self = ipc_kobject_create(IKOT_HOST, &host_the);
	host_the.priv = ipc_kobject_create(IKOT_HOST_PRIV, &host_the);
	assert(host_the.self != NULL && host_the.priv != NULL);
	ipc_special_set_host(ipc_port_make_send(host_the.self));

	host_add_servers();
}

struct host *
host_self(void)
{
	return &host_the;
}

struct ipc_port *
host_make_send(void)
{
	return ipc_port_make_send(host_the.self);
}

struct ipc_port *
host_make_send_priv(void)
{
	return ipc_port_make_send(host_the.priv);
}

bool
host_is_ruled_by(struct ipc_space *space)
{
	return ipc_right_has_send(space, host_the.priv);
}

struct host *
convert_port_to_host(struct ipc_port *port)
{
	struct host *host = ipc_kobject_get(port, IKOT_HOST);

	return host != NULL ? host : ipc_kobject_get(port, IKOT_HOST_PRIV);
}

struct host *
convert_port_to_host_priv(struct ipc_port *port)
{
	return ipc_kobject_get(port, IKOT_HOST_PRIV);
}

struct ipc_port *
convert_host_to_port(struct host *host)
{
	return host != NULL ? ipc_port_make_send(host->self) : IP_NULL;
}

struct processor *
convert_port_to_processor(struct ipc_port *port)
{
	return ipc_kobject_get(port, IKOT_PROCESSOR);
}

struct processor *
convert_port_to_processor_name(struct ipc_port *port)
{
	struct processor *processor = convert_port_to_processor(port);

	return processor != NULL ? processor :
	    ipc_kobject_get(port, IKOT_PROCESSOR_NAME);
}

/* A send right for the port at *PORTP, which is made if it is not there. */
static struct ipc_port *
host_processor_make_send(struct ipc_port **portp, enum ipc_kobject_kind kind,
    struct processor *processor)
{
	struct ipc_port *port;

	mutex_lock(&host_processor_lock);
	if (*portp == NULL) {
		*portp = ipc_kobject_create(kind, processor);
	}
	port = *portp;
	mutex_unlock(&host_processor_lock);

	return port != NULL ? ipc_port_make_send(port) : IP_NULL;
}

struct ipc_port *
convert_processor_to_port(struct processor *processor)
{
	if (processor == NULL) {
		return IP_NULL;
	}
	return host_processor_make_send(&processor->self, IKOT_PROCESSOR,
	    processor);
}

struct ipc_port *
convert_processor_name_to_port(struct processor *processor)
{
	if (processor == NULL) {
		return IP_NULL;
	}
	return host_processor_make_send(&host_processor_names[processor->id],
	    IKOT_PROCESSOR_NAME, processor);
}

static void
host_pset_ref(void *pset)
{
	processor_set_ref(pset);
}

struct processor_set *
convert_port_to_pset(struct ipc_port *port)
{
	return ipc_kobject_get_ref(port, IKOT_PSET, host_pset_ref);
}

struct processor_set *
convert_port_to_pset_name(struct ipc_port *port)
{
	struct processor_set *pset = convert_port_to_pset(port);

	return pset != NULL ? pset :
	    ipc_kobject_get_ref(port, IKOT_PSET_NAME, host_pset_ref);
}

/* A send right for the port at *PORTP of PSET; consumes a reference. */
static struct ipc_port *
host_pset_make_send(struct processor_set *pset, struct ipc_port **portp,
    enum ipc_kobject_kind kind)
{
	struct ipc_port *send = IP_NULL;

	mutex_lock(&pset->lock);
	if (pset->active && *portp == NULL) {
		*portp = ipc_kobject_create(kind, pset);
	}
	if (pset->active && *portp != NULL) {
		send = ipc_port_make_send(*portp);
	}
	mutex_unlock(&pset->lock);

	processor_set_unref(pset);
	return send;
}

struct ipc_port *
convert_pset_to_port(struct processor_set *pset)
{
	if (pset == NULL) {
		return IP_NULL;
	}
	return host_pset_make_send(pset, &pset->self, IKOT_PSET);
}

struct ipc_port *
convert_pset_name_to_port(struct processor_set *pset)
{
	if (pset == NULL) {
		return IP_NULL;
	}
	return host_pset_make_send(pset, &pset->name_self, IKOT_PSET_NAME);
}

void
host_pset_disable(struct processor_set *pset)
{
	struct ipc_port *self;
	struct ipc_port *name;

	mutex_lock(&pset->lock);
	assert(!pset->active);
	self = pset->self;
	name = pset->name_self;
	pset->self = NULL;
	pset->name_self = NULL;
	mutex_unlock(&pset->lock);

	if (self != NULL) {
		ipc_kobject_destroy(self);
	}
	if (name != NULL) {
		ipc_kobject_destroy(name);
	}
}
