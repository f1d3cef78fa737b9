/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Calls on devices.
 *
 * A read that finds nothing is queued with its reply port, so that the caller,
 * who may be a server with other things to do, gets its processor back; a
 * thread here asks the devices again at each tick while there are such reads.
 */

#include <mach/mig_errors.h>

#include <kernel/clock.h>
#include <kernel/device_irq.h>
#include <kernel/device_pager.h>
#include <kernel/kmem.h>
#include <kernel/list.h>
#include <kernel/mig_types.h>
#include <kernel/panic.h>
#include <kernel/sleepq.h>

#include <vm/vm_copy.h>
#include <vm/vm_page.h>

#include <device_reply_user.h>
#include <device_server.h>
#include <experimental_server.h>

/* The most that one read or write moves: the caller asks again for more. */
#define DEVICE_IO_MAX		(64u * 1024)

/* Reads of all devices that may wait at a time. */
#define DEVICE_WAITING_MAX	64u

/* A read that waits.  Its fields belong to whoever took it off the list. */
struct device_read {
	struct list_node	link;		/* [device_read_lock] */
	struct device		*device;
	recnum_t		recnum;
	size_t			count;
	bool			inband;
	struct ipc_port		*reply;		/* owns a right of the type */
	mach_msg_type_name_t	reply_type;
};

static struct spinlock device_read_lock;
static struct list device_reads;		/* [device_read_lock] */
static unsigned device_read_count;		/* [device_read_lock] */

/* Answer READ, which nobody else has any more, with RESULT and data. */
static void
device_read_answer(struct device_read *read, io_return_t result,
    const void *data, size_t count)
{
	struct vm_copy *copy = NULL;

	if (read->inband) {
		r_device_read_reply_inband(
		    read->reply, read->reply_type, result, data, count);
	} else {
		if (result == D_SUCCESS &&
		    vm_copy_from_kernel(data, count, &copy) != KERN_SUCCESS) {
			result = D_NO_MEMORY;
			count = 0;
		}
		r_device_read_reply(read->reply, read->reply_type, result,
		    (io_buf_ptr_t)copy, count);
	}
	kmem_free(read, sizeof(*read));
}

/* Nobody may hear the answer to READ any more. */
static bool
device_read_abandoned(struct device_read *read)
{
	bool active;

	ipc_port_lock(read->reply);
	active = ipc_port_active(read->reply);
	ipc_port_unlock(read->reply);
	return !active;
}

/* Try READ again; false if it must wait on. */
static bool
device_read_retry(struct device_read *read)
{
	char data[IO_INBAND_MAX];
	size_t done = 0;
	io_return_t result;

	if (device_read_abandoned(read)) {
		device_read_answer(read, D_IO_ERROR, data, 0);
		return true;
	}
	result = read->device->ops->read(read->device, read->recnum, data,
	    read->count < sizeof(data) ? read->count : sizeof(data), &done);
	if (result == D_WOULD_BLOCK) {
		return false;
	}
	device_read_answer(read, result, data, done);
	return true;
}

/* Try all waiting reads once, oldest first. */
static void
device_read_round(void)
{
	struct list again;
	struct device_read *read;

	list_init(&again);
	spinlock_lock(&device_read_lock);
	while (!list_empty(&device_reads)) {
		read = list_entry(
		    list_first(&device_reads), struct device_read, link);
		list_remove(&read->link);
		spinlock_unlock(&device_read_lock);

		if (device_read_retry(read)) {
			spinlock_lock(&device_read_lock);
			device_read_count--;
		} else {
			list_insert_tail(&again, &read->link);
			spinlock_lock(&device_read_lock);
		}
	}
	while (!list_empty(&again)) {
		struct list_node *node = list_last(&again);

		list_remove(node);
		list_insert_head(&device_reads, node);
	}
	spinlock_unlock(&device_read_lock);
}

static void
device_read_thread(void *arg)
{
	for (;;) {
		spinlock_lock(&device_read_lock);
		while (list_empty(&device_reads)) {
			sleepq_sleep(
			    &device_reads, &device_read_lock, false, 0);
		}
		spinlock_unlock(&device_read_lock);

		device_read_round();
		sleepq_prepare(&device_read_thread, false);
		sleepq_wait(clock_ticks() + 1);
	}
}

void
device_rpc_setup(void)
{
	spinlock_init(&device_read_lock, LOCK_RANK_SPIN_LEAF);
	list_init(&device_reads);
	if (kernel_thread_create("device read", device_read_thread, NULL,
		SCHED_PRIORITY_SYSTEM) != KERN_SUCCESS) {
		panic("no memory for the device thread");
	}
}

/*
 * Let a read wait.  MIG_NO_REPLY, and then the reply right is ours, if it
 * can.
 */
static kern_return_t
device_read_enqueue(struct device *device, recnum_t recnum, size_t count,
    bool inband, struct ipc_port *reply, mach_msg_type_name_t reply_type)
{
	struct device_read *read;

	if (!ip_valid(reply)) {
		return D_WOULD_BLOCK;
	}
	read = kmem_alloc(sizeof(*read));
	if (read == NULL) {
		return D_NO_MEMORY;
	}
	read->device = device;
	read->recnum = recnum;
	read->count = count;
	read->inband = inband;
	read->reply = reply;
	read->reply_type = reply_type;

	spinlock_lock(&device_read_lock);
	if (device_read_count >= DEVICE_WAITING_MAX) {
		spinlock_unlock(&device_read_lock);
		kmem_free(read, sizeof(*read));
		return D_NO_MEMORY;
	}
	device_read_count++;
	list_insert_tail(&device_reads, &read->link);
	sleepq_wake_one(&device_reads);
	spinlock_unlock(&device_read_lock);
	return MIG_NO_REPLY;
}

kern_return_t
S_device_open(ipc_port_t master, ipc_port_t reply,
    mach_msg_type_name_t reply_type, dev_mode_t mode, const_dev_name_t name,
    device_ref_t *devicep)
{
	if (!device_is_master(master)) {
		return D_INVALID_OPERATION;
	}
	if (memchr(name, '\0', sizeof(dev_name_t)) == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	return device_open(name, devicep);
}

kern_return_t
S_device_close(device_ref_t device)
{
	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	device_close(device);
	return D_SUCCESS;
}

kern_return_t
S_device_read_inband(device_ref_t device, ipc_port_t reply,
    mach_msg_type_name_t reply_type, dev_mode_t mode, recnum_t recnum,
    int wanted, io_buf_ptr_inband_t data, mach_msg_type_number_t *countp)
{
	size_t done = 0;
	io_return_t result;

	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	if (device->ops->read == NULL) {
		return D_INVALID_OPERATION;
	}
	if (wanted < 0) {
		return D_INVALID_SIZE;
	}
	if (wanted > IO_INBAND_MAX) {
		wanted = IO_INBAND_MAX;
	}
	*countp = 0;
	if (wanted == 0) {
		return D_SUCCESS;
	}
	result = device->ops->read(device, recnum, data, wanted, &done);
	if (result == D_WOULD_BLOCK && !(mode & D_NOWAIT)) {
		return device_read_enqueue(
		    device, recnum, wanted, true, reply, reply_type);
	}
	*countp = done;
	return result;
}

kern_return_t
S_device_read(device_ref_t device, ipc_port_t reply,
    mach_msg_type_name_t reply_type, dev_mode_t mode, recnum_t recnum,
    int wanted, io_buf_ptr_t *datap, mach_msg_type_number_t *countp)
{
	struct vm_copy *copy = NULL;
	size_t size;
	size_t done = 0;
	char *buffer;
	io_return_t result;

	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	if (device->ops->read == NULL) {
		return D_INVALID_OPERATION;
	}
	if (wanted < 0) {
		return D_INVALID_SIZE;
	}
	*datap = NULL;
	*countp = 0;
	if (wanted == 0) {
		return D_SUCCESS;
	}
	size = device->ops->read_max != 0 ? device->ops->read_max
					  : DEVICE_IO_MAX;
	if ((unsigned)wanted < size) {
		size = (unsigned)wanted;
	}
	buffer = kmem_alloc(size);
	if (buffer == NULL) {
		return D_NO_MEMORY;
	}
	result = device->ops->read(device, recnum, buffer, size, &done);
	if (result == D_SUCCESS &&
	    vm_copy_from_kernel(buffer, done, &copy) != KERN_SUCCESS) {
		result = D_NO_MEMORY;
	}
	kmem_free(buffer, size);
	if (result == D_WOULD_BLOCK && !(mode & D_NOWAIT)) {
		return device_read_enqueue(
		    device, recnum, wanted, false, reply, reply_type);
	}
	*datap = (io_buf_ptr_t)copy;
	*countp = done;
	return result;
}

kern_return_t
S_device_write_inband(device_ref_t device, ipc_port_t reply,
    mach_msg_type_name_t reply_type, dev_mode_t mode, recnum_t recnum,
    const io_buf_ptr_inband_t data, mach_msg_type_number_t count, int *writtenp)
{
	size_t done = 0;
	io_return_t result;

	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	if (device->ops->write == NULL) {
		return D_INVALID_OPERATION;
	}
	if (count > IO_INBAND_MAX) {
		return D_INVALID_SIZE;
	}
	result = device->ops->write(device, recnum, data, count, &done);
	*writtenp = done;
	return result;
}

/* Write what COPY holds; it stays the caller's. */
static io_return_t
device_write_copy(struct device *device, recnum_t recnum, struct vm_copy *copy,
    size_t count, size_t *donep)
{
	size_t size = count < DEVICE_IO_MAX ? count : DEVICE_IO_MAX;
	char *buffer = kmem_alloc(size);
	io_return_t result = D_SUCCESS;

	if (buffer == NULL) {
		return D_NO_MEMORY;
	}
	*donep = 0;
	while (*donep < count && result == D_SUCCESS) {
		size_t piece = count - *donep < size ? count - *donep : size;
		size_t done = 0;

		if (vm_copy_read(copy, *donep, buffer, piece) != KERN_SUCCESS) {
			result = KERN_INVALID_ARGUMENT;
			break;
		}
		result = device->ops->write(
		    device, recnum, buffer, piece, &done);
		*donep += done;
		if (done < piece) {
			break;
		}
	}
	kmem_free(buffer, size);
	return result;
}

kern_return_t
S_device_write(device_ref_t device, ipc_port_t reply,
    mach_msg_type_name_t reply_type, dev_mode_t mode, recnum_t recnum,
    io_buf_ptr_t data, mach_msg_type_number_t count, int *writtenp)
{
	struct vm_copy *copy = (struct vm_copy *)data;
	size_t done = 0;
	io_return_t result = D_SUCCESS;

	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	if (device->ops->write == NULL) {
		return D_INVALID_OPERATION;
	}
	if (count > 0) {
		result = device_write_copy(device, recnum, copy, count, &done);
	}
	if (result == D_SUCCESS) {
		vm_copy_discard(copy);
	}
	*writtenp = done;
	return result;
}

kern_return_t
S_device_map(device_ref_t device, vm_prot_t prot, vm_offset_t offset,
    vm_size_t size, ipc_port_t *pagerp, int unmap)
{
	phys_addr_t pa;
	io_return_t result;

	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	if ((prot & ~VM_PROT_ALL) != 0 || prot == VM_PROT_NONE) {
		return KERN_INVALID_ARGUMENT;
	}
	if (device->ops->map == NULL) {
		return D_INVALID_OPERATION;
	}
	if (size == 0 || !vm_page_aligned(offset) ||
	    vm_page_round(size) < size) {
		return D_INVALID_SIZE;
	}
	size = vm_page_round(size);
	result = device->ops->map(device, prot, offset, size, &pa);
	if (result != D_SUCCESS) {
		return result;
	}
	*pagerp = device_pager_create(pa, size, prot);
	return *pagerp != IP_NULL ? D_SUCCESS : D_NO_MEMORY;
}

kern_return_t
S_device_get_status(device_ref_t device, dev_flavor_t flavor,
    dev_status_t status, mach_msg_type_number_t *countp)
{
	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	if (device->ops->get_status == NULL) {
		return D_INVALID_OPERATION;
	}
	return device->ops->get_status(device, flavor, status, countp);
}

kern_return_t
S_device_set_status(device_ref_t device, dev_flavor_t flavor,
    const dev_status_t status, mach_msg_type_number_t count)
{
	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	if (device->ops->set_status == NULL) {
		return D_INVALID_OPERATION;
	}
	return device->ops->set_status(device, flavor, status, count);
}

/* Filters are for networks, and those are not the kernel's. */
kern_return_t
S_device_set_filter(device_ref_t device, ipc_port_t receive, int priority,
    const filter_array_t filter, mach_msg_type_number_t count)
{
	return device == NULL ? D_NO_SUCH_DEVICE : D_INVALID_OPERATION;
}

kern_return_t
S_device_intr_register(
    device_ref_t device, int id, int flags, ipc_port_t receive)
{
	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	if (device->ops != &device_irq_ops || flags != 0) {
		return D_INVALID_OPERATION;
	}
	if (id < 0) {
		return KERN_INVALID_ARGUMENT;
	}
	return device_irq_register(id, id, receive);
}

kern_return_t
S_device_intr_ack(device_ref_t device, ipc_port_t receive)
{
	kern_return_t kr;

	if (device == NULL) {
		return D_NO_SUCH_DEVICE;
	}
	if (device->ops != &device_irq_ops) {
		return D_INVALID_OPERATION;
	}
	if (!ip_valid(receive)) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = device_irq_ack(receive);
	if (kr == KERN_SUCCESS) {
		ipc_port_release_send(receive);
	}
	return kr;
}

kern_return_t
S_experimental_device_intr_register(
    ipc_port_t master, int line, int id, int flags, ipc_port_t receive)
{
	if (!device_is_master(master) || flags != 0) {
		return D_INVALID_OPERATION;
	}
	if (line < 0) {
		return KERN_INVALID_ARGUMENT;
	}
	return device_irq_register(line, id, receive);
}

kern_return_t
S_experimental_device_intr_enable(ipc_port_t master, int line, char status)
{
	if (!device_is_master(master)) {
		return D_INVALID_OPERATION;
	}
	if (line < 0) {
		return KERN_INVALID_ARGUMENT;
	}
	return device_irq_enable(line, status != 0);
}
