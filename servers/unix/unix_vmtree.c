/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Address spaces as text trees, for /proc: regions, the object of each, and
 * what that shadows, asked of the kernel by the calls of mach_debug.defs.  The
 * task goes on meanwhile, so what is drawn may be of different moments.
 */
#include <servers/unix/unix_proc.h>

#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>
#include <mach_debug/vm_info.h>
#include <string.h>

#include <mig/mach_debug_user.h>
#include <mig/mach_host_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/tartan_user.h>

#include <servers/lib/boot.h>
#include <servers/unix/unix_task.h>

#define VMTREE_CHAIN	64u		/* objects of one region */
#define VMTREE_TEXT	(1u << 20)	/* bytes, about */

struct vmtree {
	struct proc_text	*text;
	mach_port_t		task;
	struct file		*root;		/* names files, or NULL */
	bool			last;		/* nothing comes after */
};

/* Of the pages that an object has in memory. */
struct vmtree_pages {
	unsigned	resident;
	unsigned	wired;
	unsigned	dirty;
	unsigned	active;
};

static const char *
vmtree_prot(vm_prot_t prot)
{
	static const char *const names[8] = {
		"---", "r--", "-w-", "rw-", "--x", "r-x", "-wx", "rwx",
	};

	return names[prot & 7];
}

static const char *
vmtree_inheritance(vm_inherit_t inheritance)
{
	return inheritance == VM_INHERIT_SHARE ? "share" :
	    inheritance == VM_INHERIT_COPY ? "copy" : "none";
}

static void
vmtree_release(mach_port_t port)
{
	if (MACH_PORT_VALID(port)) {
		mach_port_deallocate(mach_task_self(), port);
	}
}

static void
vmtree_count(mach_port_t object, struct vmtree_pages *pages)
{
	vm_page_info_t room[64];
	vm_page_info_t *info = room;
	mach_msg_type_number_t n = sizeof(room) / sizeof(*room);

	memset(pages, 0, sizeof(*pages));
	if (mach_vm_object_pages(object, &info, &n) != KERN_SUCCESS) {
		return;
	}
	for (mach_msg_type_number_t i = 0; i < n; i++) {
		pages->resident++;
		pages->wired += info[i].vpi_wire_count != 0 ? 1 : 0;
		pages->dirty +=
		    (info[i].vpi_state & VPI_STATE_DIRTY) != 0 ? 1 : 0;
		pages->active +=
		    (info[i].vpi_state & VPI_STATE_ACTIVE) != 0 ? 1 : 0;
	}
	if (info != room) {
		vm_deallocate(mach_task_self(), (vm_address_t)info,
		    n * sizeof(*info));
	}
}

/* The file whose contents the object NAME is, if it is one's. */
static void
vmtree_file(struct vmtree *tree, mach_port_t name)
{
	char path[FILE_PATH_MAX];
	struct file_stat stat;
	int32_t error;

	if (tree->root == NULL || tree->root->port == MACH_PORT_NULL) {
		return;
	}
	unix_lock();
	error = remote_mapped(tree->root, name, &stat, path, sizeof(path));
	unix_unlock();
	if (error == 0) {
		proc_print(tree->text, " %s", path);
	}
}

static void
vmtree_object(struct vmtree *tree, mach_port_t name,
    const vm_object_info_t *info)
{
	bool internal = (info->voi_state & VOI_STATE_INTERNAL) != 0;
	bool pager = (info->voi_state & VOI_STATE_PAGER_INITIALIZED) != 0;
	struct vmtree_pages pages;

	vmtree_count(name, &pages);
	proc_print(tree->text, "object %08lx %s %luK refs %u, %u resident, "
	    "%u active, %u wired, %u dirty", (unsigned long)info->voi_object,
	    internal ? "internal" : "external",
	    (unsigned long)info->voi_size / 1024, info->voi_ref_count,
	    pages.resident, pages.active, pages.wired, pages.dirty);
	if (pager) {
		proc_print(tree->text, ", %s +%lx", internal ?
		    "default pager" : "pager",
		    (unsigned long)info->voi_paging_offset);
	}
	if (info->voi_copy != 0) {
		proc_print(tree->text, ", copy %08lx",
		    (unsigned long)info->voi_copy);
	}
	if (!internal && pager) {
		vmtree_file(tree, name);
	}
	proc_print(tree->text, "\n");
}

/* What is to the left of the object DEPTH levels below its region's. */
static void
vmtree_indent(struct vmtree *tree, unsigned depth)
{
	proc_print(tree->text, "%s%*s`- ", tree->last ? "   " : "|  ",
	    (int)depth * 3, "");
}

/* The object NAME and the chain below it; consumes NAME. */
static void
vmtree_chain(struct vmtree *tree, mach_port_t name)
{
	vm_offset_t offset = 0;
	vm_object_info_t info;
	mach_port_t shadow;
	mach_port_t copy;

	for (unsigned depth = 0; MACH_PORT_VALID(name); depth++) {
		if (depth == VMTREE_CHAIN) {
			vmtree_indent(tree, depth);
			proc_print(tree->text, "and more\n");
			break;
		}
		if (mach_vm_object_info(name, &info, &shadow, &copy) !=
		    KERN_SUCCESS) {
			break;
		}
		vmtree_release(copy);
		vmtree_indent(tree, depth);
		if (depth > 0) {
			proc_print(tree->text, "shadows +%lx of ",
			    (unsigned long)offset);
		}
		vmtree_object(tree, name, &info);
		offset = info.voi_shadow_offset;
		vmtree_release(name);
		name = shadow;
	}
	vmtree_release(name);
}

static void
vmtree_region(struct vmtree *tree, const vm_region_info_t *region)
{
	proc_print(tree->text, "%s %08lx-%08lx %luK %s/%s %s",
	    tree->last ? "`-" : "|-", (unsigned long)region->vri_start,
	    (unsigned long)region->vri_end,
	    (unsigned long)(region->vri_end - region->vri_start) / 1024,
	    vmtree_prot(region->vri_protection),
	    vmtree_prot(region->vri_max_protection),
	    vmtree_inheritance(region->vri_inheritance));
	if (region->vri_wired_count != 0) {
		proc_print(tree->text, " wired%s",
		    region->vri_user_wired_count != 0 ? " by the user" : "");
	}
	if (region->vri_needs_copy) {
		proc_print(tree->text, " needs-copy");
	}
	if (region->vri_object == 0) {
		proc_print(tree->text, " untouched\n");
	} else {
		proc_print(tree->text, " +%lx\n",
		    (unsigned long)region->vri_offset);
	}
}

/* A region is drawn when it is known whether another comes. */
static void
vmtree_draw(struct vmtree *tree)
{
	vm_region_info_t region;
	vm_region_info_t next;
	mach_port_t object;
	mach_port_t following;
	kern_return_t kr;

	kr = mach_vm_region_info(tree->task, 0, &region, &object);
	while (kr == KERN_SUCCESS) {
		kr = mach_vm_region_info(tree->task, region.vri_end, &next,
		    &following);
		tree->last = kr != KERN_SUCCESS;
		vmtree_region(tree, &region);
		vmtree_chain(tree, object);
		if (kr == KERN_SUCCESS && (tree->text->failed ||
		    tree->text->size > VMTREE_TEXT)) {
			vmtree_release(following);
			proc_print(tree->text, "`- and more\n");
			return;
		}
		region = next;
		object = following;
	}
}

void
proc_machine_vmtree(struct process *p, struct proc_text *text)
{
	struct vmtree tree = { .text = text, .task = p->task, .root = p->root };

	if (p->task == MACH_PORT_NULL ||
	    mach_port_mod_refs(mach_task_self(), p->task, MACH_PORT_RIGHT_SEND,
	    1) != KERN_SUCCESS) {
		return;
	}
	if (tree.root != NULL) {
		file_ref(tree.root);
	}
	proc_print(text, "%s\n", p->name);
	unix_unlock();
	vmtree_draw(&tree);
	vmtree_release(tree.task);
	unix_lock();
	if (tree.root != NULL) {
		file_unref(tree.root);
	}
}

/* All tasks; *TASKSP is to be released by vmtree_forget(). */
static mach_msg_type_number_t
vmtree_tasks(task_array_t *tasksp)
{
	mach_port_t host;
	mach_port_t master;
	mach_port_t name;
	mach_port_t pset = MACH_PORT_NULL;
	mach_msg_type_number_t n = 0;

	*tasksp = NULL;
	if (boot_privileged_ports(&host, &master) != KERN_SUCCESS ||
	    processor_set_default(mach_host_self_, &name) != KERN_SUCCESS) {
		return 0;
	}
	if (host_processor_set_priv(host, name, &pset) != KERN_SUCCESS ||
	    processor_set_tasks(pset, tasksp, &n) != KERN_SUCCESS) {
		n = 0;
	}
	vmtree_release(pset);
	vmtree_release(name);
	return n;
}

static void
vmtree_forget(task_array_t tasks, mach_msg_type_number_t n)
{
	for (mach_msg_type_number_t i = 0; i < n; i++) {
		vmtree_release(tasks[i]);
	}
	if (tasks != NULL) {
		vm_deallocate(mach_task_self(), (vm_address_t)tasks,
		    n * sizeof(*tasks));
	}
}

int32_t
proc_machine_task_name(unsigned number, char *name, uint32_t size)
{
	task_array_t tasks;
	mach_msg_type_number_t n = vmtree_tasks(&tasks);
	kernel_debug_name_t text = "";
	int32_t error = number < n ? 0 : -L_ENOENT;

	if (error == 0) {
		(void)task_get_name(tasks[number], text);
		text[sizeof(text) - 1] = '\0';
		strncpy(name, text, size - 1);
		name[size - 1] = '\0';
	}
	vmtree_forget(tasks, n);
	return error;
}

void
proc_machine_vmtree_named(const char *name, struct proc_text *text)
{
	struct vmtree tree = { .text = text };
	task_array_t tasks;
	mach_msg_type_number_t n = vmtree_tasks(&tasks);
	kernel_debug_name_t other;

	for (mach_msg_type_number_t i = 0; i < n; i++) {
		if (task_get_name(tasks[i], other) == KERN_SUCCESS &&
		    strcmp(other, name) == 0) {
			tree.task = tasks[i];
			break;
		}
	}
	if (tree.task != MACH_PORT_NULL) {
		proc_print(text, "%s\n", name);
		unix_unlock();
		vmtree_draw(&tree);
		unix_lock();
	}
	vmtree_forget(tasks, n);
}
