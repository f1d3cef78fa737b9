# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# The file server, in reading order; README says what is what.

# What knows no messages, and runs in host tests too.
file-logic-src := \
	servers/file/os.c \
	servers/file/cache.c \
	servers/file/ext2_fs.c \
	servers/file/ext2_alloc.c \
	servers/file/ext2_inode.c \
	servers/file/ext2_map.c \
	servers/file/ext2_piece.c \
	servers/file/ext2_data.c \
	servers/file/ext2_dir.c \
	servers/file/file_cred.c \
	servers/file/file_hold.c \
	servers/file/file_path.c \
	servers/file/file_ops.c \
	servers/file/file_rename.c \
	servers/file/file_write.c \
	servers/file/file_handle.c

servers += file
server-file-src := servers/file/main.c \
	servers/file/file_rpc.c \
	servers/file/file_pager.c \
	servers/file/file_page_in.c \
	servers/file/file_pager_io.c \
	servers/file/file_window.c \
	servers/file/file_guard.c \
	servers/file/disk_device.c \
	$(file-logic-src)
server-file-serves := file dir file_control memory_object_seqnos exc
server-file-uses :=
