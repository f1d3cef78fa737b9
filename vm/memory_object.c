/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Objects with pagers: the table that finds them, their ports, and both
 * directions of the protocol.
 *
 * The table lock (a mutex) decides who lives: entering an object, dropping
 * its last reference, caching it and taking its ports away happen under it.
 * The ports of an object may be used by whoever has begun paging on it; they
 * are taken away only when no paging is in progress.
 */

#include <vm/memory_object.h>

#include <memory_object_default_user.h>
#include <memory_object_user.h>

#include <machine/pmap.h>

#include <kernel/clock.h>
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <kernel/sleepq.h>

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>

#include <vm/memory_object_i.h>
#include <vm/memory_object_proxy.h>
#include <vm/vm_copy.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_paged.h>
#include <vm/vm_pageout.h>

#define MEMORY_OBJECT_BUCKETS	256
#define MEMORY_OBJECT_CACHE_MAX	2048

static struct mutex		memory_object_lock_table;
static struct list		memory_object_buckets[MEMORY_OBJECT_BUCKETS];
static struct list		memory_object_cache;	/* oldest first */
static unsigned long		memory_object_cached;
static struct ipc_port		*memory_object_default;	/* send right */
static vm_size_t		memory_object_cluster_size;	/* [a] its */

/*
 * An object on its way out, not in the table any more: on the stack of who
 * terminates it.  [t] table lock
 */
struct memory_object_leaving {
	struct list_node	link;	/* [t] */
	const struct ipc_port	*pager;	/* null: one that cannot come again */
};

static struct list		memory_objects_leaving;	/* [t]; event: changes */

/* The ports of an object, taken out of it. */
struct memory_object_ports {
	struct ipc_port		*pager;
	struct ipc_port		*control;
	struct ipc_port		*name;
};

void
memory_object_setup(void)
{
	mutex_init(&memory_object_lock_table, LOCK_RANK_VM_PAGER);
	for (unsigned i = 0; i < MEMORY_OBJECT_BUCKETS; i++) {
		list_init(&memory_object_buckets[i]);
	}
	list_init(&memory_object_cache);
	list_init(&memory_objects_leaving);
	memory_object_copy_setup();
	memory_object_proxy_setup();
}

unsigned long
memory_object_cached_count(void)
{
	return memory_object_cached;
}

static struct list *
memory_object_bucket(const struct ipc_port *pager)
{
	uintptr_t key = (uintptr_t)pager;

	return &memory_object_buckets[(key >> 5) * 2654435761u >> 24];
}

/* Ports. */

/* May PORT be a pager's?  What the kernel answers itself is not. */
static bool
memory_object_port_fits(struct ipc_port *port)
{
	bool fits;

	if (!ip_valid(port)) {
		return false;
	}
	ipc_port_lock(port);
	fits = ipc_port_active(port) && port->kobject_kind == IKOT_NONE;
	ipc_port_unlock(port);
	return fits;
}

static bool
memory_object_port_alive(struct ipc_port *port)
{
	bool alive;

	if (!ip_valid(port)) {
		return false;
	}
	ipc_port_lock(port);
	alive = ipc_port_active(port);
	ipc_port_unlock(port);
	return alive;
}

/* Let NAME name OBJECT, unless that has a name by now. */
static void
memory_object_set_name(struct vm_object *object, struct ipc_port *name)
{
	vm_object_lock(object);
	if (object->name == NULL) {
		object->name = name;
		name = NULL;
	}
	vm_object_unlock(object);
	if (name != NULL) {
		ipc_kobject_destroy(name);
	}
}

/* Make OBJECT's control and name port. */
static bool
memory_object_create_ports(struct vm_object *object)
{
	struct ipc_port *control;
	struct ipc_port *name;

	control = ipc_kobject_create(IKOT_PAGING_REQUEST, object);
	if (control == NULL) {
		return false;
	}
	name = ipc_kobject_create(IKOT_PAGING_NAME, object);
	if (name == NULL) {
		ipc_kobject_destroy(control);
		return false;
	}
	object->control = control;
	memory_object_set_name(object, name);
	return true;
}

/*
 * Take the ports of the locked OBJECT, which nobody uses now; unlocks and
 * locks again if it has to wait for that.
 */
static void
memory_object_take_ports(
    struct vm_object *object, struct memory_object_ports *ports)
{
	while (object->paging > 0) {
		(void)vm_object_sleep_unlock(
		    object, false, clock_ticks() + HZ);
		vm_object_lock(object);
	}
	ports->pager = object->pager;
	ports->control = object->control;
	ports->name = object->name;
	object->pager = NULL;
	object->control = NULL;
	object->name = NULL;
}

/* Cut the objects' ports off, or join them again. */
static void
memory_object_connect_ports(struct vm_object *object, bool connect)
{
	if (object->control != NULL && connect) {
		ipc_kobject_set(object->control, IKOT_PAGING_REQUEST, object);
	} else if (object->control != NULL) {
		ipc_kobject_disable(object->control);
	}
	if (object->name != NULL && connect) {
		ipc_kobject_set(object->name, IKOT_PAGING_NAME, object);
	} else if (object->name != NULL) {
		ipc_kobject_disable(object->name);
	}
}

/* Return the ports to the pager, if it lives. */
static void
memory_object_send_terminate(struct memory_object_ports *ports)
{
	if (ports->pager == NULL) {
		assert(ports->control == NULL);
		if (ports->name != NULL) {
			ipc_kobject_destroy(ports->name);
		}
		return;
	}
	/* Moves all three, also if it fails. */
	(void)r_memory_object_terminate(
	    ports->pager, ports->control, ports->name);
}

static void
memory_object_ref_callback(void *obj)
{
	vm_object_ref(obj);
}

struct vm_object *
memory_object_from_control(struct ipc_port *control)
{
	return ipc_kobject_get_ref(
	    control, IKOT_PAGING_REQUEST, memory_object_ref_callback);
}

struct vm_object *
memory_object_from_name(struct ipc_port *name)
{
	return ipc_kobject_get_ref(
	    name, IKOT_PAGING_NAME, memory_object_ref_callback);
}

bool
memory_object_begin(struct vm_object *object)
{
	bool alive;

	vm_object_lock(object);
	alive = object->pager != NULL && !object->pager_dead;
	if (alive) {
		vm_object_paging_begin(object);
	}
	vm_object_unlock(object);
	return alive;
}

void
memory_object_end(struct vm_object *object)
{
	vm_object_lock(object);
	vm_object_paging_end(object);
	vm_object_unlock(object);
}

bool
memory_object_waiting_try(struct vm_object *object, unsigned *countp)
{
	struct ipc_port *port = object->pager;

	vm_object_assert_locked(object);
	if (!ip_valid(port) || !spinlock_try(&port->object.lock)) {
		return false;
	}
	*countp = ipc_kmsg_queue_count(&port->mqueue.messages);
	ipc_port_unlock(port);
	return true;
}

bool
memory_object_is_orphan(struct vm_object *object)
{
	struct ipc_port *port = object->pager;
	bool alive = true;

	vm_object_assert_locked(object);
	if (!object->internal) {
		return false;
	}
	if (ip_valid(port) && spinlock_try(&port->object.lock)) {
		alive = ipc_port_active(port);
		ipc_port_unlock(port);
	}
	return object->pager_dead || !alive;
}

struct ipc_port *
memory_object_to_name(struct vm_object *object)
{
	struct ipc_port *right = NULL;

	if (memory_object_begin(object)) {
		right = ipc_port_make_send(object->name);
		memory_object_end(object);
	}
	vm_object_unref(object);
	return right;
}

struct ipc_port *
memory_object_make_name(struct vm_object *object)
{
	struct ipc_port *name = NULL;
	struct ipc_port *right = NULL;
	bool nameless;

	vm_object_lock(object);
	nameless = object->name == NULL && object->internal;
	vm_object_unlock(object);
	if (nameless) {
		name = ipc_kobject_create(IKOT_PAGING_NAME, object);
		if (name != NULL) {
			memory_object_set_name(object, name);
		}
	}
	vm_object_lock(object);
	name = object->name;
	if (name != NULL) {
		vm_object_paging_begin(object);
	}
	vm_object_unlock(object);
	if (name != NULL) {
		right = ipc_port_make_send(name);
		memory_object_end(object);
	}
	vm_object_unref(object);
	return right;
}

/* Entering. */

bool
memory_object_connect(struct vm_object *object, struct ipc_port *pager)
{
	object->internal = false;
	object->shared = true;
	object->single = false;
	object->pager_made = true;
	object->copy_strategy = MEMORY_OBJECT_COPY_NONE;
	object->pager = pager;
	if (!ip_valid(pager) || !memory_object_create_ports(object)) {
		ipc_port_release_send(pager);
		object->pager = NULL;
		object->internal = true;
		vm_object_unref(object);
		return false;
	}
	return true;
}

/* A new external object for PAGER, not in the table yet. */
static struct vm_object *
memory_object_create(struct ipc_port *pager)
{
	struct vm_object *object = vm_object_create(0);

	if (object == NULL ||
	    !memory_object_connect(object, ipc_port_copy_send(pager))) {
		return NULL;
	}
	return object;
}

static void
memory_object_register_locked(struct vm_object *object)
{
	mutex_assert_held(&memory_object_lock_table);
	list_insert_tail(
	    memory_object_bucket(object->pager), &object->table_link);
}

void
memory_object_register(struct vm_object *object)
{
	mutex_lock(&memory_object_lock_table);
	memory_object_register_locked(object);
	mutex_unlock(&memory_object_lock_table);
}

/* Take OBJECT off the cache list, where unreferenced objects are. */
static void
memory_object_uncache(struct vm_object *object)
{
	mutex_assert_held(&memory_object_lock_table);
	if (object->cached) {
		list_remove(&object->cache_link);
		object->cached = false;
		memory_object_cached--;
	}
}

/* The object of PAGER in the table, with a reference. */
static struct vm_object *
memory_object_find(const struct ipc_port *pager)
{
	struct vm_object *object;

	list_for_each_entry(memory_object_bucket(pager), object, table_link)
	{
		if (object->pager == pager) {
			memory_object_uncache(object);
			vm_object_ref(object);
			vm_page_stats_add(&vm_page_stats.hits, 1);
			return object;
		}
	}
	return NULL;
}

/* Take OBJECT out of the table: it is LEAVING until memory_object_left. */
static void
memory_object_leave_locked(struct vm_object *object,
    struct memory_object_leaving *leaving)
{
	mutex_assert_held(&memory_object_lock_table);
	memory_object_uncache(object);
	leaving->pager = object->internal ? NULL : object->pager;
	if (leaving->pager != NULL) {
		list_insert_tail(&memory_objects_leaving, &leaving->link);
	}
	if (!object->internal && list_node_linked(&object->table_link)) {
		list_remove(&object->table_link);
	}
}

static void
memory_object_left(struct memory_object_leaving *leaving)
{
	if (leaving->pager == NULL) {
		return;
	}
	mutex_lock(&memory_object_lock_table);
	list_remove(&leaving->link);
	sleepq_wake_all(&memory_objects_leaving);
	mutex_unlock(&memory_object_lock_table);
}

static bool
memory_object_is_leaving(const struct ipc_port *pager)
{
	struct memory_object_leaving *leaving;

	list_for_each_entry(&memory_objects_leaving, leaving, link)
	{
		if (leaving->pager == pager) {
			return true;
		}
	}
	return false;
}

/*
 * The same.  One on its way out still returns what it had: its pager gets that,
 * and its end, before it hears of another.
 */
static struct vm_object *
memory_object_find_settled(const struct ipc_port *pager)
{
	struct vm_object *object;

	while ((object = memory_object_find(pager)) == NULL &&
	    memory_object_is_leaving(pager)) {
		(void)sleepq_sleep_mutex(&memory_objects_leaving,
		    &memory_object_lock_table, 0);
	}
	return object;
}

kern_return_t
memory_object_enter(struct ipc_port *pager, struct vm_object **objectp)
{
	struct vm_object *object;

	if (!memory_object_port_fits(pager)) {
		return KERN_INVALID_ARGUMENT;
	}
	vm_page_stats_add(&vm_page_stats.lookups, 1);
	mutex_lock(&memory_object_lock_table);
	object = memory_object_find_settled(pager);
	if (object != NULL) {
		mutex_unlock(&memory_object_lock_table);
		*objectp = object;
		return KERN_SUCCESS;
	}
	object = memory_object_create(pager);
	if (object == NULL) {
		mutex_unlock(&memory_object_lock_table);
		return KERN_RESOURCE_SHORTAGE;
	}
	memory_object_register_locked(object);
	mutex_unlock(&memory_object_lock_table);

	if (memory_object_begin(object)) {
		(void)r_memory_object_init(
		    object->pager, object->control, object->name, vm_page_size);
		memory_object_end(object);
	}
	*objectp = object;
	return KERN_SUCCESS;
}

/* Requests. */

kern_return_t
memory_object_request_data(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, vm_prot_t access)
{
	kern_return_t kr;

	if (!memory_object_begin(object)) {
		return KERN_MEMORY_ERROR;
	}
	kr = r_memory_object_data_request(object->pager, object->control,
	    offset + object->paging_offset, size, access);
	memory_object_end(object);
	return kr;
}

kern_return_t
memory_object_request_unlock(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, vm_prot_t access)
{
	kern_return_t kr;

	if (!memory_object_begin(object)) {
		return KERN_MEMORY_ERROR;
	}
	kr = r_memory_object_data_unlock(object->pager, object->control,
	    offset + object->paging_offset, size, access);
	memory_object_end(object);
	return kr;
}

kern_return_t
memory_object_return_data(struct vm_object *object, vm_offset_t offset,
    struct vm_copy *data, bool dirty, bool kernel_copy)
{
	kern_return_t kr;

	if (!memory_object_begin(object)) {
		vm_copy_discard(data);
		return KERN_MEMORY_ERROR;
	}
	kr = r_memory_object_data_return(object->pager, object->control,
	    offset + object->paging_offset, (vm_offset_t)data,
	    (mach_msg_type_number_t)vm_copy_size(data), dirty, kernel_copy);
	memory_object_end(object);
	return kr;
}

/* Everybody who waits for a page of the locked OBJECT gets an error. */
static void
memory_object_fail_absent(struct vm_object *object)
{
	struct vm_page *page;

	for (page = vm_object_page_first(object, 0); page != NULL;
	     page = vm_object_page_next(page)) {
		if (page->absent) {
			page->absent = false;
			page->error = true;
			vm_page_unbusy(page);
		} else if (page->unlock_asked != VM_PROT_NONE) {
			vm_page_wakeup(page);
		}
	}
	vm_object_wakeup(object);
}

void
memory_object_check_pager(struct vm_object *object)
{
	bool alive;

	if (!memory_object_begin(object)) {
		return;
	}
	alive = memory_object_port_alive(object->pager);
	vm_object_lock(object);
	if (!alive) {
		object->pager_dead = true;
		memory_object_fail_absent(object);
	}
	vm_object_paging_end(object);
	vm_object_unlock(object);
}

/* Internal objects. */

struct ipc_port *
memory_object_set_default(struct ipc_port *manager)
{
	struct ipc_port *old;

	mutex_lock(&memory_object_lock_table);
	old = memory_object_default;
	memory_object_default = manager;
	memory_object_set_cluster(vm_page_size);
	mutex_unlock(&memory_object_lock_table);
	return old;
}

void
memory_object_set_cluster(vm_size_t size)
{
	atomic_store_relaxed(&memory_object_cluster_size, size);
}

vm_size_t
memory_object_cluster(void)
{
	return atomic_load_relaxed(&memory_object_cluster_size);
}

struct ipc_port *
memory_object_get_default(void)
{
	struct ipc_port *right;

	mutex_lock(&memory_object_lock_table);
	right = ipc_port_copy_send(memory_object_default);
	mutex_unlock(&memory_object_lock_table);
	return right;
}

/* Undo what memory_object_create_internal made. */
static void
memory_object_undo_internal(
    struct vm_object *object, struct ipc_port *manager, struct ipc_port *pager)
{
	struct ipc_port *control;

	/* The name may stay: any object may have one. */
	vm_object_lock(object);
	control = object->control;
	object->control = NULL;
	object->pager_made = object->lost != NULL;
	vm_object_unlock(object);
	if (control != NULL) {
		ipc_kobject_destroy(control);
	}
	if (pager != NULL) {
		ipc_port_release_receive(pager);
	}
	ipc_port_release_send(manager);
}

static kern_return_t
memory_object_create_internal(struct vm_object *object)
{
	struct ipc_port *manager = memory_object_get_default();
	struct ipc_port *pager = NULL;
	struct ipc_port *send;
	struct vm_paged *paged = NULL;

	if (!memory_object_port_alive(manager)) {
		ipc_port_release_send(manager);
		return KERN_FAILURE;
	}
	assert(object->internal);
	vm_object_lock(object);
	/* From now on nobody merges the object into another. */
	object->pager_made = true;
	vm_object_unlock(object);
	pager = ipc_port_create();
	paged = pager == NULL
		    ? NULL
		    : vm_paged_create(vm_object_index(object->size) + 1);
	if (paged == NULL || !memory_object_create_ports(object)) {
		if (paged != NULL) {
			vm_paged_destroy(paged);
		}
		memory_object_undo_internal(object, manager, pager);
		return KERN_RESOURCE_SHORTAGE;
	}
	send = ipc_port_make_send(pager);
	vm_object_lock(object);
	object->paged = paged;
	object->pager = send;
	object->ready = true;
	vm_object_unlock(object);
	(void)r_memory_object_create(manager, pager, object->size,
	    object->control, object->name, vm_page_size);
	return KERN_SUCCESS;
}

/*
 * What the default pager of the locked OBJECT held is lost; what is resident is
 * needed now, though it was clean.  Returns a map to be destroyed, or NULL.
 */
static struct vm_paged *
memory_object_lose_paged(struct vm_object *object)
{
	struct vm_paged *paged = object->paged;
	struct vm_page *page;

	object->paged = NULL;
	if (paged == NULL) {
		return NULL;
	}
	for (page = vm_object_page_first(object, 0); page != NULL;
	     page = vm_object_page_next(page)) {
		if (!page->error) {
			page->dirty = true;
			vm_paged_clear(paged,
			    vm_object_index(vm_object_page_offset(page)));
		}
	}
	if (object->lost == NULL) {
		object->lost = paged;
		return NULL;
	}
	vm_paged_merge(object->lost, paged);
	return paged;
}

/*
 * Take the dead default pager away from OBJECT; false when that is in use, or
 * pages are on their way to it, which come back.  There is no waiting for the
 * end of that: who has begun paging may need memory.
 */
static bool
memory_object_drop_default(struct vm_object *object)
{
	struct memory_object_ports ports;
	struct vm_paged *paged = NULL;
	bool idle;

	mutex_lock(&memory_object_lock_table);
	memory_object_connect_ports(object, false);
	vm_object_lock(object);
	idle = object->paging == 0 && object->returning == 0;
	if (idle) {
		memory_object_fail_absent(object);
		memory_object_take_ports(object, &ports);
		paged = memory_object_lose_paged(object);
		object->ready = false;
		object->pager_dead = false;
	}
	vm_object_unlock(object);
	if (!idle) {
		memory_object_connect_ports(object, true);
	}
	mutex_unlock(&memory_object_lock_table);
	if (paged != NULL) {
		vm_paged_destroy(paged);
	}
	if (idle) {
		memory_object_send_terminate(&ports);
	}
	return idle;
}

kern_return_t
memory_object_need_default(struct vm_object *object)
{
	if (object->pager_dead && !memory_object_drop_default(object)) {
		return KERN_FAILURE;
	}
	return object->pager != NULL ? KERN_SUCCESS :
				       memory_object_create_internal(object);
}

/* The end of objects. */

/* Nobody will ask for what OBJECT was made with and did not change. */
static void
memory_object_forget_initial(struct vm_object *object)
{
	struct vm_page *page;

	vm_object_lock(object);
	for (page = vm_object_page_first(object, 0); page != NULL;
	     page = vm_object_page_next(page)) {
		page->initial = false;
	}
	vm_object_unlock(object);
}

/*
 * OBJECT is dead and ours alone, and LEAVING: return what the pager must have,
 * free the rest, say goodbye.
 */
static void
memory_object_terminate(struct vm_object *object,
    struct memory_object_leaving *leaving)
{
	struct memory_object_ports ports;
	struct vm_object *shadow;
	struct vm_page *page;
	bool paged;

	if (!object->internal && !object->temporary) {
		memory_object_forget_initial(object);
		memory_object_lock(object, 0, (vm_size_t)-1,
		    MEMORY_OBJECT_RETURN_ALL, true, VM_PROT_NO_CHANGE);
	}
	vm_object_lock(object);
	while ((page = vm_object_page_first(object, 0)) != NULL) {
		assert(!page->busy || page->absent);
		while (page->wire_count > 0) {
			vm_page_unwire(page);
		}
		vm_object_page_free(page);
	}
	memory_object_take_ports(object, &ports);
	shadow = vm_object_detach_shadow(object);
	vm_object_unlock(object);

	paged = object->internal && ports.pager != NULL;
	memory_object_send_terminate(&ports);
	if (paged) {
		vm_pageout_room();
	}
	memory_object_left(leaving);
	vm_object_destroy(object);
	if (shadow != NULL) {
		vm_object_unref(shadow);
	}
}

/* May the locked, unreferenced OBJECT stay for the next one who maps it? */
static bool
memory_object_can_cache(const struct vm_object *object)
{
	return !object->internal && object->ready && object->may_cache &&
	       !object->pager_dead && object->pager != NULL;
}

/* Drop a reference that is not the last, or cache OBJECT; true if done. */
static bool
memory_object_unref_alive(struct vm_object *object)
{
	bool done = true;

	vm_object_lock(object);
	assert(object->refs > 0);
	if (object->refs > 1) {
		object->refs--;
	} else if (memory_object_can_cache(object)) {
		object->refs = 0;
		if (!object->cached) {
			list_insert_tail(
			    &memory_object_cache, &object->cache_link);
			object->cached = true;
			memory_object_cached++;
		}
	} else {
		done = false;
	}
	vm_object_unlock(object);
	return done;
}

void
memory_object_unref_last(struct vm_object *object)
{
	struct memory_object_leaving leaving;
	bool last;

	mutex_lock(&memory_object_lock_table);
	if (memory_object_unref_alive(object)) {
		mutex_unlock(&memory_object_lock_table);
		if (memory_object_cached > MEMORY_OBJECT_CACHE_MAX) {
			memory_object_cache_trim(1);
		}
		return;
	}
	/* Only its ports could still bring it a reference: cut them off. */
	memory_object_connect_ports(object, false);
	vm_object_lock(object);
	last = object->refs == 1;
	object->refs--;
	if (last) {
		object->alive = false;
	}
	vm_object_unlock(object);
	if (!last) {
		memory_object_connect_ports(object, true);
		mutex_unlock(&memory_object_lock_table);
		return;
	}
	memory_object_leave_locked(object, &leaving);
	mutex_unlock(&memory_object_lock_table);
	memory_object_terminate(object, &leaving);
}

unsigned
memory_object_cache_trim(unsigned count)
{
	struct vm_object *object;
	unsigned done = 0;

	while (count == 0 || done < count) {
		mutex_lock(&memory_object_lock_table);
		if (list_empty(&memory_object_cache)) {
			mutex_unlock(&memory_object_lock_table);
			break;
		}
		object = list_first_entry(
		    &memory_object_cache, struct vm_object, cache_link);
		memory_object_uncache(object);
		vm_object_lock(object);
		object->refs++;
		object->may_cache = false;
		vm_object_unlock(object);
		mutex_unlock(&memory_object_lock_table);
		vm_object_unref(object);
		done++;
	}
	return done;
}

void
memory_object_destroyed(struct vm_object *object, kern_return_t reason)
{
	struct memory_object_leaving leaving;
	struct memory_object_ports ports;

	(void)reason;
	mutex_lock(&memory_object_lock_table);
	memory_object_leave_locked(object, &leaving);
	memory_object_connect_ports(object, false);
	vm_object_lock(object);
	object->pager_dead = true;
	memory_object_fail_absent(object);
	memory_object_take_ports(object, &ports);
	vm_object_unlock(object);
	mutex_unlock(&memory_object_lock_table);
	memory_object_send_terminate(&ports);
	memory_object_left(&leaving);
}

/* Answers. */

/* The page at OFFSET that somebody waits for will not come. */
static void
memory_object_fail_page(struct vm_object *object, vm_offset_t offset)
{
	struct vm_page *page;

	vm_object_lock(object);
	page = vm_object_page_lookup(object, offset);
	if (page != NULL && page->absent) {
		page->absent = false;
		page->error = true;
		vm_page_unbusy(page);
	}
	vm_object_unlock(object);
}

/*
 * Put PAGE, filled and private, at OFFSET of OBJECT, instead of the absent
 * one if there is one; false if there are data already.
 */
static bool
memory_object_supply_insert(struct vm_object *object, vm_offset_t offset,
    struct vm_page *page, vm_prot_t lock, bool precious)
{
	struct vm_page *old;

	vm_object_lock(object);
	old = vm_object_page_lookup(object, offset);
	if ((old != NULL && !old->absent) || !object->alive) {
		vm_object_unlock(object);
		return false;
	}
	if (old != NULL) {
		old->absent = false;
		vm_object_page_free(old);
	}
	page->lock = (uint8_t)lock;
	page->precious = precious;
	vm_object_page_insert(object, offset, page);
	if (object->below != NULL) {
		vm_paged_clear(object->below, vm_object_index(offset));
	}
	vm_page_arrive(page);
	vm_page_unbusy(page);
	vm_object_unlock(object);
	return true;
}

/* The page at AT of what a pager sent, as a private one: it, or a copy. */
static kern_return_t
memory_object_supplied_page(struct vm_copy *data, vm_size_t at,
    struct vm_page **pagep)
{
	struct vm_page *page = vm_copy_take_page(data, at);
	kern_return_t kr;

	if (page != NULL) {
		*pagep = page;
		return KERN_SUCCESS;
	}
	kr = vm_page_grab_wait(&page);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	/* May take long: the data may be another pager's. */
	kr = vm_copy_read_to_page(data, at, page);
	if (kr != KERN_SUCCESS) {
		vm_page_release(page);
	}
	*pagep = page;
	return kr;
}

/* One page of memory_object_supply; KERN_MEMORY_PRESENT if there was one. */
static kern_return_t
memory_object_supply_page(struct vm_object *object, vm_offset_t offset,
    struct vm_copy *data, vm_size_t at, vm_prot_t lock, bool precious)
{
	struct vm_page *page;
	kern_return_t kr;

	kr = memory_object_supplied_page(data, at, &page);
	if (kr != KERN_SUCCESS) {
		memory_object_fail_page(object, offset);
		return kr;
	}
	if (!memory_object_supply_insert(
		object, offset, page, lock, precious)) {
		vm_page_release(page);
		return KERN_MEMORY_PRESENT;
	}
	return KERN_SUCCESS;
}

/*
 * A supply has ended early, because of RESULT: who waits for data that could
 * not be read need not go on; others may be sent other data.
 */
static void
memory_object_supply_rest(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, kern_return_t result)
{
	if (result != KERN_MEMORY_PRESENT) {
		memory_object_error(
		    object, offset + object->paging_offset, size, result);
	}
}

kern_return_t
memory_object_supply(struct vm_object *object, vm_offset_t offset,
    struct vm_copy *data, vm_prot_t lock, bool precious,
    vm_offset_t *error_offsetp)
{
	vm_size_t size = vm_page_trunc(vm_copy_size(data));
	kern_return_t result = KERN_SUCCESS;
	kern_return_t kr;

	offset -= object->paging_offset;
	for (vm_size_t at = 0; at < size; at += vm_page_size) {
		if (offset + at < offset) {
			break;
		}
		kr = memory_object_supply_page(
		    object, offset + at, data, at, lock, precious);
		if (kr != KERN_SUCCESS && result == KERN_SUCCESS) {
			result = kr;
			*error_offsetp = offset + at + object->paging_offset;
		}
		/* What the default pager gives back is needed, all of it. */
		if (result != KERN_SUCCESS && !object->internal) {
			memory_object_supply_rest(
			    object, offset + at, size - at, result);
			break;
		}
	}
	vm_copy_discard(data);
	if (object->internal && precious) {
		vm_pageout_full();
	}
	return result;
}

/* The first absent page of the locked OBJECT in the range, or NULL. */
static struct vm_page *
memory_object_first_absent(
    struct vm_object *object, vm_offset_t start, vm_offset_t end)
{
	struct vm_page *page;

	for (page = vm_object_page_first(object, start);
	     page != NULL && vm_object_page_offset(page) < end;
	     page = vm_object_page_next(page)) {
		if (page->absent) {
			return page;
		}
	}
	return NULL;
}

/*
 * The pager of the locked OBJECT leaves the absent PAGE to what is below, if
 * there is such a thing; false if it is to be zero.  A default pager may not.
 * May unlock OBJECT for a while: the caller looks again.
 */
static bool
memory_object_leave_below(struct vm_object *object, struct vm_page *page)
{
	vm_offset_t offset = vm_object_page_offset(page);
	uint32_t index = vm_object_index(offset);
	bool room;

	if (object->internal) {
		/* It was asked for what it got: it is lost, and not zero. */
		page->absent = false;
		page->error = true;
		vm_page_unbusy(page);
		return true;
	}
	if (object->shadow == NULL || offset >= object->size) {
		return false;
	}
	if (object->below == NULL ||
	    !vm_paged_has_room(object->below, index)) {
		vm_object_unlock(object);
		room = memory_object_copy_reserve(object, offset);
		if (!room) {
			memory_object_fail_page(object, offset);
		}
		vm_object_lock(object);
		return true;
	}
	vm_paged_set(object->below, index);
	page->absent = false;
	vm_object_page_free(page);
	return true;
}

/* The absent PAGE of the locked OBJECT is zero.  Unlocks it for a while. */
static void
memory_object_zero_page(struct vm_object *object, struct vm_page *page)
{
	page->absent = false;
	vm_object_paging_begin(object);
	vm_object_unlock(object);
	pmap_zero_page(vm_page_to_phys(page));
	vm_page_stats_add(&vm_page_stats.zero_fills, 1);
	vm_object_lock(object);
	vm_page_arrive(page);
	vm_page_unbusy(page);
	vm_object_paging_end(object);
}

void
memory_object_unavailable(
    struct vm_object *object, vm_offset_t offset, vm_size_t size)
{
	vm_offset_t end;
	struct vm_page *page;

	offset -= object->paging_offset;
	end = memory_object_range_end(offset, size);
	vm_object_lock(object);
	while (
	    (page = memory_object_first_absent(object, offset, end)) != NULL) {
		if (!memory_object_leave_below(object, page)) {
			memory_object_zero_page(object, page);
		}
	}
	vm_object_unlock(object);
}

void
memory_object_error(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, kern_return_t reason)
{
	struct vm_page *page;
	vm_offset_t end;

	(void)reason;
	offset -= object->paging_offset;
	end = memory_object_range_end(offset, size);
	vm_object_lock(object);
	while (
	    (page = memory_object_first_absent(object, offset, end)) != NULL) {
		page->absent = false;
		page->error = true;
		vm_page_unbusy(page);
	}
	vm_object_unlock(object);
}

void
memory_object_set_attributes(struct vm_object *object, bool ready,
    bool may_cache, memory_object_copy_strategy_t strategy)
{
	vm_object_lock(object);
	object->may_cache = may_cache;
	/* Besides, a temporary one is copied as lazily as can be. */
	object->temporary = strategy == MEMORY_OBJECT_COPY_TEMPORARY;
	object->copy_strategy = object->temporary ? MEMORY_OBJECT_COPY_DELAY
						  : (uint8_t)strategy;
	if (ready) {
		object->ready = true;
	}
	vm_object_wakeup(object);
	vm_object_unlock(object);
}
