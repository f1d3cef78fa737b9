/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * One call to the server: what the arguments point to goes along, and comes
 * back, as calls.h says.
 */
#include "emul.h"

#include <mach/mig_errors.h>
#include <servers/errors.h>

#include "unix_user.h"

#define UNIX_CALL_ENTRY(number, name, ...) \
	[number] = { NULL, { __VA_ARGS__ } },
#define UNIX_CALL_PRESENT(number, name, ...) [number] = 1,

static const struct unix_call_desc emul_rpc_descs[UNIX_CALL_END] = {
	UNIX_CALLS(UNIX_CALL_ENTRY)
};
static const uint8_t emul_rpc_present[UNIX_CALL_END] = {
	UNIX_CALLS(UNIX_CALL_PRESENT)
};

int32_t
emul_error(kern_return_t kr)
{
	if (kr == KERN_SUCCESS) {
		return 0;
	}
	if (UNIX_IS_ERR(kr)) {
		return -UNIX_ERRNO(kr);
	}
	switch (kr) {
	case MACH_SEND_INVALID_MEMORY:
	case KERN_INVALID_ADDRESS:
		return -L_EFAULT;
	case KERN_NO_SPACE:
	case KERN_RESOURCE_SHORTAGE:
		return -L_ENOMEM;
	case KERN_PROTECTION_FAILURE:
		return -L_EACCES;
	case KERN_INVALID_ARGUMENT:
		return -L_EINVAL;
	case MIG_BAD_ID:
		return -L_EINVAL;
	default:
		return -L_EIO;
	}
}

/* Bytes of argument ARG, N of A; more than UNIX_DATA_MAX when too many. */
static uint32_t
emul_rpc_size(uint16_t arg, const uint32_t *a)
{
	uint32_t size = UNIX_ARG_SIZE(arg);
	uint32_t count;

	switch (UNIX_ARG_KIND(arg)) {
	case UNIX_ARG_INV:
	case UNIX_ARG_OUTV:
	case UNIX_ARG_INOUTV:
		count = a[UNIX_ARG_COUNT(arg)];
		if (count > UNIX_IO_MAX / size) {
			return UNIX_DATA_MAX + 1;
		}
		return count * size;
	default:
		return size;
	}
}

static bool
emul_rpc_goes_in(unsigned kind)
{
	return kind == UNIX_ARG_IN || kind == UNIX_ARG_INV ||
	    kind == UNIX_ARG_INOUT || kind == UNIX_ARG_INOUTV;
}

static bool
emul_rpc_comes_out(unsigned kind)
{
	return kind == UNIX_ARG_OUT || kind == UNIX_ARG_OUTV ||
	    kind == UNIX_ARG_INOUT || kind == UNIX_ARG_INOUTV;
}

/* Collect what goes along in BUFFER; *USEDP is its size. */
static int32_t
emul_rpc_pack(const struct unix_call_desc *desc, const uint32_t *a,
    char *buffer, uint32_t *usedp)
{
	uint32_t used = 0;

	for (int i = 0; i < 6; i++) {
		unsigned kind = UNIX_ARG_KIND(desc->args[i]);
		const void *from = (const void *)(uintptr_t)a[i];
		uint32_t size;
		int n;

		if (kind == UNIX_ARG_PATH) {
			if (from == NULL) {
				continue;
			}
			size = UNIX_DATA_MAX - used;
			n = emul_copy_string(buffer + used, from,
			    size > 4096 ? 4096 : size);
			if (n < 0) {
				return -L_EFAULT;
			}
			if ((uint32_t)n > size || n > 4096) {
				return -L_ENAMETOOLONG;
			}
			used += ((uint32_t)n + 3) & ~3u;
		} else if (emul_rpc_goes_in(kind) && from != NULL) {
			size = emul_rpc_size(desc->args[i], a);
			if (size > UNIX_DATA_MAX - used) {
				return -L_EINVAL;
			}
			if (emul_copy(buffer + used, from, size) != 0) {
				return -L_EFAULT;
			}
			used += (size + 3) & ~3u;
		}
		if (used > UNIX_DATA_MAX) {
			return -L_ENAMETOOLONG;
		}
	}
	*usedp = used;
	return 0;
}

static int32_t
emul_rpc_unpack(const struct unix_call_desc *desc, const uint32_t *a,
    const char *buffer, uint32_t used)
{
	uint32_t offset = 0;

	for (int i = 0; i < 6 && offset < used; i++) {
		unsigned kind = UNIX_ARG_KIND(desc->args[i]);
		uint32_t size;

		if (!emul_rpc_comes_out(kind) || a[i] == 0) {
			continue;
		}
		size = emul_rpc_size(desc->args[i], a);
		if (size > used - offset) {
			size = used - offset;
		}
		if (emul_copy((void *)(uintptr_t)a[i], buffer + offset,
		    size) != 0) {
			return -L_EFAULT;
		}
		offset += (size + 3) & ~3u;
	}
	return 0;
}

int32_t
emul_rpc(struct emul_thread *thread, uint32_t number, const uint32_t *a)
{
	const struct unix_call_desc *desc;
	char in[UNIX_DATA_MAX];
	unix_data_t out;
	unix_args_t args;
	uint32_t in_size;
	mach_msg_type_number_t out_size = sizeof(out);
	int32_t result;
	int32_t error;
	int events;
	kern_return_t kr;

	if (number >= UNIX_CALL_END || emul_rpc_present[number] == 0) {
		args.a[0] = number;
		for (int i = 1; i < 6; i++) {
			args.a[i] = a[i - 1];
		}
		kr = unix_call(thread->port, CALL_own_unknown, args, "", 0,
		    &result, &events, out, &out_size);
		return -L_ENOSYS;
	}
	desc = &emul_rpc_descs[number];
	error = emul_rpc_pack(desc, a, in, &in_size);
	if (error != 0) {
		return error;
	}
	for (int i = 0; i < 6; i++) {
		args.a[i] = a[i];
	}
	kr = unix_call(thread->port, (int)number, args, in, in_size, &result,
	    &events, out, &out_size);
	if (kr != KERN_SUCCESS) {
		return emul_error(kr);
	}
	thread->events |= (uint32_t)events;
	error = emul_rpc_unpack(desc, a, out, out_size);
	return error != 0 ? error : result;
}
