/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Files as memory objects.  A file that somebody maps, reads or writes gets a
 * memory object, its pager; the byte at offset n of the file is at offset n of
 * the object, as far as 32 bits reach.  Pages come from the disk, or from the
 * block cache if that has newer contents, and go back to the disk.
 *
 * Clients never hold a right for the object, only for kernel proxies of it that
 * carry the protection they may have; so requests on its port are the
 * kernel's.  They are handled in the order in which it made them, by sequence
 * number, but for page-ins, which take their time at the same time.
 *
 * Coherence: whoever changes the file by other ways than its pages holds the
 * pager meanwhile: what is in pages of that range was returned and flushed, and
 * page-ins wait.  Whoever reads it by other ways lets the kernel return what is
 * dirty.
 *
 * Life: made by the first mapping, read or write; holds a reference of the
 * inode; goes when neither the kernel nor a proxy has a right for it.
 */
#ifndef SERVERS_FILE_FILE_PAGER_H
#define SERVERS_FILE_FILE_PAGER_H

#include <mach/message.h>
#include <mach/port.h>
#include <mach/vm_prot.h>
#include <servers/file/ext2_inode.h>

/* Offsets of objects end here, where pages of any size do. */
#define FILE_PAGER_MAX	0xffff0000u

extern const struct ext2_pager_ops file_pager_ops;

/*
 * Once.  HOST: the privileged host port, or any.  KEPT: of how many files the
 * kernel may keep pages, or what it remembers them by, when nobody maps them.
 * UNCLEAN: how much of them may differ from the disk, about.
 */
kern_return_t file_pager_setup(mach_port_t host, unsigned kept,
    size_t unclean);

/*
 * A send right for a memory object that shows INODE and allows at most
 * PROTECTION.
 *
 * Locks:   none held.
 * Returns: UNIX_ENOMEM, and what memory_object_create_proxy says.
 */
kern_return_t file_pager_proxy(struct ext2_inode *inode, vm_prot_t protection,
    mach_port_t *proxyp);

/* The inode, referenced, that a mapping with the name NAME shows, or NULL. */
struct ext2_inode *file_pager_inode(mach_port_t name);

/* Bring back what mappings changed, of all files. */
void file_pager_clean_all(void);

/* REQUEST, perhaps the kernel's to a pager, is not served: server_options. */
void file_pager_unserved(const mach_msg_header_t *request);

#endif /* SERVERS_FILE_FILE_PAGER_H */
