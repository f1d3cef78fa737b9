/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Random operations on several address spaces, beside a model that is too
 * simple to be wrong: every page is an array of bytes, sharing is two pointers
 * to one, copying is another array.
 *
 * What is done, and to whom, is drawn here; how, is a world's business: the
 * kernel's own functions on the host, messages to it in a boot module.
 */

#ifndef TESTS_LIB_VM_MODEL_H
#define TESTS_LIB_VM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>

#define VM_MODEL_PAGES		48u	/* of each space, from the base on */
#define VM_MODEL_TASKS		6u
#define VM_MODEL_COPIES		4u
#define VM_MODEL_OBJECTS	2u	/* at most, memory objects with a pager */
#define VM_MODEL_OBJECT_PAGES	16u	/* of each */
#define VM_MODEL_RANGE		12u	/* pages, at most, in most operations */

/* A task, and memory in transit: the world's own; 0 is none. */
typedef uintptr_t vm_model_task_t;
typedef uintptr_t vm_model_copy_t;

struct vm_model_region {
	vm_offset_t	start;
	vm_size_t	size;
	vm_prot_t	prot;
	vm_prot_t	max;
	vm_inherit_t	inherit;
};

/*
 * A world.  ARG is what vm_model_begin() was given.  Calls answer what the
 * kernel answered; what is NULL is never done.
 */
struct vm_world {
	vm_offset_t base;
	/* Memory can be overwritten only by whole pages. */
	bool writes_pages;
	/* A number below LIMIT. */
	uint32_t (*random)(void *arg, uint32_t limit);
	/* Memory of the model's own, zero; never fails. */
	void *(*alloc)(void *arg, size_t size);
	void (*free)(void *arg, void *memory, size_t size);
	/* WHAT is not as it should be. */
	void (*differs)(void *arg, const char *what, long is, long should_be);

	/* A task with what PARENT's memory says, or, if that is 0, with none. */
	vm_model_task_t (*fork)(void *arg, vm_model_task_t parent);
	void (*kill)(void *arg, vm_model_task_t task);
	kern_return_t (*allocate)(void *arg, vm_model_task_t task,
	    vm_offset_t addr, vm_size_t size);
	kern_return_t (*deallocate)(void *arg, vm_model_task_t task,
	    vm_offset_t addr, vm_size_t size);
	kern_return_t (*protect)(void *arg, vm_model_task_t task,
	    vm_offset_t addr, vm_size_t size, bool maximum, vm_prot_t prot);
	kern_return_t (*inherit)(void *arg, vm_model_task_t task,
	    vm_offset_t addr, vm_size_t size, vm_inherit_t inherit);
	kern_return_t (*wire)(void *arg, vm_model_task_t task,
	    vm_offset_t addr, vm_size_t size, vm_prot_t prot);
	kern_return_t (*sync)(void *arg, vm_model_task_t task,
	    vm_offset_t addr, vm_size_t size);
	kern_return_t (*copy)(void *arg, vm_model_task_t task,
	    vm_offset_t from, vm_size_t size, vm_offset_t to);
	/* The first region that ends after ADDR; false if there is none. */
	bool (*region)(void *arg, vm_model_task_t task, vm_offset_t addr,
	    struct vm_model_region *region);

	/* As the task's program does, within a page; false: an exception. */
	bool (*access)(void *arg, vm_model_task_t task, vm_offset_t addr,
	    void *buf, vm_size_t size, bool write);
	/* What is there, by whatever is fast. */
	bool (*peek)(void *arg, vm_model_task_t task, vm_offset_t addr,
	    void *buf, vm_size_t size);

	/* Memory in transit; overwrite and copy_out consume what succeeds. */
	kern_return_t (*copy_in)(void *arg, vm_model_task_t task,
	    vm_offset_t addr, vm_size_t size, bool destroy,
	    vm_model_copy_t *copyp);
	kern_return_t (*overwrite)(void *arg, vm_model_task_t task,
	    vm_offset_t addr, vm_model_copy_t copy, vm_size_t size);
	kern_return_t (*copy_out)(void *arg, vm_model_task_t task,
	    vm_model_copy_t copy, vm_offset_t *addrp);
	void (*copy_look)(void *arg, vm_model_copy_t copy, vm_size_t offset,
	    void *buf, vm_size_t size);
	void (*discard)(void *arg, vm_model_copy_t copy, vm_size_t size);

	/* Memory object N, which begins as zero, and never forgets. */
	kern_return_t (*map)(void *arg, vm_model_task_t task, unsigned n,
	    vm_offset_t offset, vm_offset_t addr, vm_size_t size, bool copy,
	    vm_prot_t prot, vm_prot_t max, vm_inherit_t inherit);
	/* WHAT of memory_object.h is to come back from the kernel. */
	void (*lock)(void *arg, unsigned n, vm_offset_t offset, vm_size_t size,
	    int what, bool flush);
	/* Send pages out. */
	void (*pageout)(void *arg);
	/* Walk over what the kernel has of TASK. */
	void (*check)(void *arg, vm_model_task_t task);
};

struct vm_model;

/* One task with nothing mapped.  PAGE_SIZE is the kernel's. */
struct vm_model *vm_model_begin(const struct vm_world *world, void *arg,
    vm_size_t page_size);

void vm_model_operation(struct vm_model *model);

/* Compare all memory with the model.  What is resident changes by that. */
void vm_model_check(struct vm_model *model);

/* Destroy all tasks and all memory in transit, and MODEL. */
void vm_model_end(struct vm_model *model);

#endif
