/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Calls on processors and processor sets.
 */

#include <string.h>

#include <mach/policy.h>

#include <kernel/clock.h>
#include <kernel/kmem.h>
#include <kernel/mig_types.h>
#include <kernel/processor.h>

#include <mach_host_server.h>

/* Starting and stopping is not for users: the machine starts them all. */
kern_return_t
S_processor_start(processor_t processor)
{
	return processor == NULL ? KERN_INVALID_ARGUMENT : KERN_FAILURE;
}

kern_return_t
S_processor_exit(processor_t processor)
{
	return processor == NULL ? KERN_INVALID_ARGUMENT : KERN_FAILURE;
}

kern_return_t
S_processor_control(processor_t processor, const processor_info_t command,
    mach_msg_type_number_t count)
{
	return processor == NULL ? KERN_INVALID_ARGUMENT : KERN_FAILURE;
}

/* Counters of another processor may be read in the middle of a change. */
static kern_return_t
processor_info_times(const struct processor *processor, integer_t *info,
    mach_msg_type_number_t *count)
{
	struct processor_times_info times = {
		.slot_num = (integer_t)processor->id,
		.hz = HZ,
		.user = processor->ticks_user,
		.system = processor->ticks_system,
		.idle = processor->ticks_idle,
		.switches = processor->switches,
		.interrupts = processor->interrupts,
	};

	if (*count < PROCESSOR_TIMES_INFO_COUNT) {
		return KERN_FAILURE;
	}
	memcpy(info, &times, sizeof(times));
	*count = PROCESSOR_TIMES_INFO_COUNT;
	return KERN_SUCCESS;
}

kern_return_t
S_processor_info(processor_t processor, int flavor, host_t *host,
    processor_info_t info, mach_msg_type_number_t *count)
{
	struct processor_basic_info *basic = (void *)info;
	kern_return_t kr;

	if (processor == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	if (flavor == PROCESSOR_TIMES_INFO) {
		kr = processor_info_times(processor, info, count);
		if (kr == KERN_SUCCESS) {
			*host = host_self();
		}
		return kr;
	}
	if (flavor != PROCESSOR_BASIC_INFO ||
	    *count < PROCESSOR_BASIC_INFO_COUNT) {
		return KERN_FAILURE;
	}
	basic->cpu_type = CPU_TYPE_PENTIUMPRO;
	basic->cpu_subtype = CPU_SUBTYPE_AT386;
	basic->running = processor->state == PROCESSOR_IDLE ||
	    processor->state == PROCESSOR_RUNNING;
	basic->slot_num = processor->id;
	basic->is_master = processor->id == 0;
	*count = PROCESSOR_BASIC_INFO_COUNT;
	*host = host_self();
	return KERN_SUCCESS;
}

kern_return_t
S_processor_assign(processor_t processor, processor_set_t pset, boolean_t wait)
{
	if (processor == NULL || pset == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	return processor_assign(processor, pset);
}

kern_return_t
S_processor_get_assignment(processor_t processor, processor_set_t *psetp)
{
	struct processor_set *pset;

	if (processor == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	if (processor->state == PROCESSOR_OFF) {
		return KERN_FAILURE;
	}
	pset = processor->pset;
	processor_set_ref(pset);
	*psetp = pset;
	return KERN_SUCCESS;
}

kern_return_t
S_processor_set_default(host_t host, processor_set_t *psetp)
{
	if (host == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	processor_set_ref(&processor_set_default);
	*psetp = &processor_set_default;
	return KERN_SUCCESS;
}

kern_return_t
S_processor_set_create(host_t host, processor_set_t *psetp,
    processor_set_t *namep)
{
	struct processor_set *pset;
	kern_return_t kr;

	if (host == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = processor_set_create(&pset);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	processor_set_ref(pset);
	*psetp = pset;
	*namep = pset;
	return KERN_SUCCESS;
}

kern_return_t
S_processor_set_destroy(processor_set_t pset)
{
	kern_return_t kr;

	if (pset == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = processor_set_destroy(pset);
	if (kr == KERN_SUCCESS) {
		host_pset_disable(pset);
	}
	return kr;
}

static kern_return_t
processor_set_info_basic(struct processor_set *pset, integer_t *info,
    mach_msg_type_number_t *count)
{
	struct processor_set_basic_info *basic = (void *)info;

	if (*count < PROCESSOR_SET_BASIC_INFO_COUNT) {
		return KERN_FAILURE;
	}
	processor_load_get(&basic->load_average, &basic->mach_factor);
	mutex_lock(&pset->lock);
	basic->processor_count = pset->processor_count;
	basic->task_count = pset->task_count;
	basic->thread_count = pset->thread_count;
	mutex_unlock(&pset->lock);
	*count = PROCESSOR_SET_BASIC_INFO_COUNT;
	return KERN_SUCCESS;
}

static kern_return_t
processor_set_info_sched(struct processor_set *pset, integer_t *info,
    mach_msg_type_number_t *count)
{
	struct processor_set_sched_info *sched = (void *)info;

	if (*count < PROCESSOR_SET_SCHED_INFO_COUNT) {
		return KERN_FAILURE;
	}
	mutex_lock(&pset->lock);
	sched->policies = pset->policies >> 1;	/* POLICY_ are bits there */
	sched->max_priority = pset->max_priority;
	mutex_unlock(&pset->lock);
	*count = PROCESSOR_SET_SCHED_INFO_COUNT;
	return KERN_SUCCESS;
}

kern_return_t
S_processor_set_info(processor_set_t pset, int flavor, host_t *host,
    processor_set_info_t info, mach_msg_type_number_t *count)
{
	kern_return_t kr;

	if (pset == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	switch (flavor) {
	case PROCESSOR_SET_BASIC_INFO:
		kr = processor_set_info_basic(pset, info, count);
		break;
	case PROCESSOR_SET_SCHED_INFO:
		kr = processor_set_info_sched(pset, info, count);
		break;
	default:
		kr = KERN_INVALID_ARGUMENT;
		break;
	}
	*host = kr == KERN_SUCCESS ? host_self() : NULL;
	return kr;
}

kern_return_t
S_processor_set_max_priority(processor_set_t pset, int priority,
    boolean_t change_threads)
{
	if (pset == NULL || priority < 0 || priority >= SCHED_PRIORITIES) {
		return KERN_INVALID_ARGUMENT;
	}
	return processor_set_max_priority_set(pset, priority,
	    change_threads != FALSE);
}

kern_return_t
S_processor_set_policy_enable(processor_set_t pset, int policy)
{
	if (pset == NULL || invalid_policy(policy)) {
		return KERN_INVALID_ARGUMENT;
	}
	return processor_set_policy_enable_set(pset, policy);
}

kern_return_t
S_processor_set_policy_disable(processor_set_t pset, int policy,
    boolean_t change_threads)
{
	if (pset == NULL || policy == POLICY_TIMESHARE ||
	    invalid_policy(policy)) {
		return KERN_INVALID_ARGUMENT;
	}
	return processor_set_policy_disable_set(pset, policy,
	    change_threads != FALSE);
}

/*
 * References to all tasks of the host in an array of kmem_alloc(*ROOMP
 * pointers); NULL when memory is short.
 */
static struct task **
processor_tasks_snapshot(unsigned *roomp, unsigned *countp)
{
	struct task **tasks;
	unsigned room = 16;

	for (;;) {
		tasks = kmem_alloc(room * sizeof(*tasks));
		if (tasks == NULL) {
			return NULL;
		}
		task_list_get(tasks, room, countp);
		if (*countp <= room) {
			*roomp = room;
			return tasks;
		}
		kmem_free(tasks, room * sizeof(*tasks));
		room = *countp + 4;
	}
}

/* Make ROOM pointers an array of exactly COUNT, as a message wants it. */
static kern_return_t
processor_array_fit(void *array, unsigned room, unsigned count, void **fitp)
{
	void *fit = NULL;

	if (count > 0) {
		fit = kmem_alloc(count * sizeof(void *));
		if (fit == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
		memcpy(fit, array, count * sizeof(void *));
	}
	kmem_free(array, room * sizeof(void *));
	*fitp = fit;
	return KERN_SUCCESS;
}

kern_return_t
S_processor_set_tasks(processor_set_t pset, task_array_t *listp,
    mach_msg_type_number_t *countp)
{
	struct task **tasks;
	unsigned room;
	unsigned count;
	unsigned n = 0;
	void *fit;

	if (pset == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	tasks = processor_tasks_snapshot(&room, &count);
	if (tasks == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	for (unsigned i = 0; i < count; i++) {
		if (tasks[i]->pset == pset) {
			tasks[n++] = tasks[i];
		} else {
			task_unref(tasks[i]);
		}
	}
	if (processor_array_fit(tasks, room, n, &fit) != KERN_SUCCESS) {
		for (unsigned i = 0; i < n; i++) {
			task_unref(tasks[i]);
		}
		kmem_free(tasks, room * sizeof(*tasks));
		return KERN_RESOURCE_SHORTAGE;
	}

	tasks = fit;
	*listp = fit;
	for (unsigned i = 0; i < n; i++) {
		(*listp)[i] = convert_task_to_port(tasks[i]);
	}
	*countp = n;
	return KERN_SUCCESS;
}

/*
 * Add references to TASK's threads in PSET to the array *THREADSP of *ROOMP
 * pointers, *NP of them used; it grows as needed.
 */
static kern_return_t
processor_threads_add(struct task *task, struct processor_set *pset,
    struct thread ***threadsp, unsigned *roomp, unsigned *np)
{
	struct thread **threads = *threadsp;
	struct thread **bigger;
	unsigned count;
	unsigned first = *np;

	while (task_threads_get(task, threads + first, *roomp - first,
	    &count) == KERN_SUCCESS) {
		if (count <= *roomp - first) {
			for (unsigned i = first; i < first + count; i++) {
				if (threads[i]->sched.pset == pset) {
					threads[(*np)++] = threads[i];
				} else {
					thread_unref(threads[i]);
				}
			}
			break;
		}
		bigger = kmem_alloc((first + count + 4) * sizeof(*threads));
		if (bigger == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
		memcpy(bigger, threads, first * sizeof(*threads));
		kmem_free(threads, *roomp * sizeof(*threads));
		*roomp = first + count + 4;
		*threadsp = bigger;
		threads = bigger;
	}
	return KERN_SUCCESS;
}

kern_return_t
S_processor_set_threads(processor_set_t pset, thread_array_t *listp,
    mach_msg_type_number_t *countp)
{
	kern_return_t kr = KERN_SUCCESS;
	struct task **tasks;
	struct thread **threads;
	unsigned task_room;
	unsigned task_total;
	unsigned room = 16;
	unsigned n = 0;
	void *fit = NULL;

	if (pset == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	tasks = processor_tasks_snapshot(&task_room, &task_total);
	if (tasks == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	threads = kmem_alloc(room * sizeof(*threads));
	if (threads == NULL) {
		kr = KERN_RESOURCE_SHORTAGE;
	}
	for (unsigned i = 0; i < task_total; i++) {
		if (kr == KERN_SUCCESS) {
			kr = processor_threads_add(tasks[i], pset, &threads,
			    &room, &n);
		}
		task_unref(tasks[i]);
	}
	kmem_free(tasks, task_room * sizeof(*tasks));

	if (kr == KERN_SUCCESS) {
		kr = processor_array_fit(threads, room, n, &fit);
	}
	if (kr != KERN_SUCCESS) {
		for (unsigned i = 0; i < n; i++) {
			thread_unref(threads[i]);
		}
		if (threads != NULL) {
			kmem_free(threads, room * sizeof(*threads));
		}
		return kr;
	}

	threads = fit;
	*listp = fit;
	for (unsigned i = 0; i < n; i++) {
		(*listp)[i] = convert_thread_to_port(threads[i]);
	}
	*countp = n;
	return KERN_SUCCESS;
}

kern_return_t
S_processor_set_processors(processor_set_t pset,
    processor_name_array_t *listp, mach_msg_type_number_t *countp)
{
	struct ipc_port **ports;
	unsigned count = 0;
	uint32_t mask;

	if (pset == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	mask = pset->cpu_mask;
	for (unsigned i = 0; i < CPU_MAX; i++) {
		count += mask >> i & 1;
	}
	ports = NULL;
	if (count > 0) {
		ports = kmem_alloc(count * sizeof(*ports));
		if (ports == NULL) {
			return KERN_RESOURCE_SHORTAGE;
		}
	}
	count = 0;
	for (unsigned i = 0; i < CPU_MAX; i++) {
		if (mask >> i & 1) {
			ports[count++] =
			    convert_processor_name_to_port(processor_get(i));
		}
	}
	*listp = ports;
	*countp = count;
	return KERN_SUCCESS;
}

kern_return_t
S_host_processor_sets(host_t host, processor_set_name_array_t *listp,
    mach_msg_type_number_t *countp)
{
	struct processor_set *pset;
	struct ipc_port **ports;
	unsigned room = 0;
	unsigned count = 0;

	if (host == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	while ((pset = processor_set_by_index(room)) != NULL) {
		processor_set_unref(pset);
		room++;
	}
	ports = kmem_zalloc(room * sizeof(*ports));
	if (ports == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	while (count < room &&
	    (pset = processor_set_by_index(count)) != NULL) {
		ports[count++] = convert_pset_name_to_port(pset);
	}
	/* A set that went away meanwhile leaves a null right at the end. */
	*listp = ports;
	*countp = room;
	return KERN_SUCCESS;
}

kern_return_t
S_host_processor_set_priv(host_t host, processor_set_t name,
    processor_set_t *psetp)
{
	if (host == NULL || name == NULL) {
		*psetp = NULL;
		return KERN_INVALID_ARGUMENT;
	}
	processor_set_ref(name);
	*psetp = name;
	return KERN_SUCCESS;
}
