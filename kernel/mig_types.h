/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What MIG's kernel stubs need: the objects of a request by the names that
 * the interface definitions give them, and how to get and drop them.
 *
 * Only generated stubs and *_rpc.c include this.
 */

#ifndef KERNEL_MIG_TYPES_H
#define KERNEL_MIG_TYPES_H

#include <mach/host_info.h>
#include <mach/machine/vm_types.h>
#include <mach/memory_object.h>
#include <mach/message.h>
#include <mach/pc_sample.h>
#include <mach/processor_info.h>
#include <mach/std_types.h>
#include <mach/task_info.h>
#include <mach/thread_info.h>
#include <mach/thread_status.h>
#include <mach/time_value.h>
#include <mach/vm_attributes.h>
#include <mach/vm_cache_statistics.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>
#include <mach/vm_statistics.h>
#include <mach/vm_sync.h>
#include <mach/vm_wire.h>
#include <string.h>

#include <kernel/device.h>
#include <kernel/host.h>
#include <kernel/processor.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_space.h>
#include <ipc/ipc_special.h>
#include <ipc/ipc_types.h>

#include <vm/memory_object.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>

typedef struct task		*task_t;
typedef struct thread		*thread_t;
typedef struct vm_map		*vm_map_t;
typedef struct vm_object	*vm_object_t;
typedef struct host		*host_t;
typedef struct processor	*processor_t;
typedef struct processor_set	*processor_set_t;
typedef struct device		*device_ref_t;

/* Arrays in a reply: of rights, from kmem_alloc(), as ipc/ipc_kmsg.h says. */
typedef struct ipc_port		**task_array_t;
typedef struct ipc_port		**thread_array_t;
typedef struct ipc_port		**processor_array_t;
typedef struct ipc_port		**processor_name_array_t;
typedef struct ipc_port		**processor_set_name_array_t;

typedef vm_offset_t		*emulation_vector_t;
typedef rpc_phys_addr_t		*rpc_phys_addr_array_t;

static inline void
task_deallocate(struct task *task)
{
	if (task != NULL) {
		task_unref(task);
	}
}

static inline void
thread_deallocate(struct thread *thread)
{
	if (thread != NULL) {
		thread_unref(thread);
	}
}

static inline void
vm_map_deallocate(struct vm_map *map)
{
	if (map != NULL) {
		vm_map_unref(map);
	}
}

static inline void
pset_deallocate(struct processor_set *pset)
{
	if (pset != NULL) {
		processor_set_unref(pset);
	}
}

static inline void
vm_object_deallocate(struct vm_object *object)
{
	if (object != NULL) {
		vm_object_unref(object);
	}
}

static inline struct vm_object *
vm_object_lookup(struct ipc_port *control)
{
	return memory_object_from_control(control);
}

static inline struct vm_object *
vm_object_lookup_name(struct ipc_port *name)
{
	return memory_object_from_name(name);
}

#endif /* KERNEL_MIG_TYPES_H */
