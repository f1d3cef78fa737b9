/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * From a user's message, or one that kernel code built, to kernel form.
 *
 * Nothing of the sender's changes unless all of the message is good: the
 * message is copied once, its descriptors are checked, out-of-line memory is
 * copied and names of out-of-line rights are fetched; then, with the space
 * locked throughout, every right is taken tentatively, and either all of them
 * are moved or all stay.  Regions to be deallocated go last.
 */

#ifndef IPC_IPC_COPYIN_H
#define IPC_IPC_COPYIN_H

#include <ipc/ipc_types.h>
#include <mach/message.h>
#include <machine/types.h>

struct vm_map;

/* Who sends, and with what arguments. */
struct ipc_sender {
	struct ipc_space *space;
	struct vm_map *map;
	mach_port_name_t cancel; /* notify port of MACH_SEND_CANCEL, or null */
};

/*
 * Copy in the SIZE bytes at MSG.
 *
 * Locks:   none held.  Takes the space.
 * Blocks:  may.
 * Returns: MACH_SEND_MSG_TOO_SMALL, MACH_SEND_NO_BUFFER,
 *          MACH_SEND_INVALID_DATA, _HEADER, _DEST, _REPLY, _NOTIFY, _TYPE,
 *          _MEMORY, _RIGHT; the sender has all that it had.
 */
mach_msg_return_t ipc_copyin(const struct ipc_sender *sender, user_addr_t msg,
    mach_msg_size_t size, struct ipc_kmsg **kmsgp);

/* The same for the message in KMSG, as its sender wrote it; freed if bad. */
mach_msg_return_t ipc_copyin_fetched(
    const struct ipc_sender *sender, struct ipc_kmsg *kmsg);

/*
 * Is the body of KMSG, still its sender's, one region of MAP that is copied?
 * Then copy it in, once and for all: it is plain, and ipc_copyin_fetched() and
 * _take_plain find it done.
 *
 * Locks:  none held.
 * Blocks: may.
 */
bool ipc_copyin_region_first(struct ipc_kmsg *kmsg, struct vm_map *map);

/*
 * Is all that is in the body of KMSG, still its sender's, data and a few rights
 * that are in line and just copied or made?  Then _take_plain makes them the
 * message's; that cannot fail as long as the space stays locked.
 *
 * Locks: SPACE held, and for _take_plain no port.  They do not block.
 */
bool ipc_copyin_plain_locked(struct ipc_space *space, struct ipc_kmsg *kmsg);
void ipc_copyin_take_plain_locked(
    struct ipc_space *space, struct ipc_kmsg *kmsg);

/*
 * KMSG has rights with a sender's dispositions; make it a queued message.
 * A destination or reply port that is dead becomes IP_DEAD.
 */
void ipc_copyin_from_kernel(struct ipc_kmsg *kmsg);

/*
 * Destroy what a message of kernel code would have moved: no memory was left
 * to send it.
 */
void ipc_copyin_discard_kernel(
    const mach_msg_header_t *msg, mach_msg_size_t size);

/* Discard the region whose struct vm_copy * is stored at PLACE. */
void ipc_copyin_discard_memory(void *place);

/* What a right taken with DISPOSITION is in a queued message. */
mach_msg_type_name_t ipc_copyin_type(mach_msg_type_name_t disposition);

#endif /* IPC_IPC_COPYIN_H */
