# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Bootstrap carries the other servers' programs, with no more than their symbols
# for the kernel's debugger, and the start list in its own image.

servers += bootstrap
server-bootstrap-src := \
	servers/bootstrap/main.c \
	servers/bootstrap/boot_list.c \
	servers/bootstrap/boot_archive.c \
	servers/bootstrap/boot_elf.c \
	servers/bootstrap/boot_task.c \
	servers/bootstrap/boot_server.c \
	servers/bootstrap/boot_extra.c \
	servers/bootstrap/boot_private.c \
	servers/bootstrap/boot_rpc.c \
	servers/bootstrap/boot_exception.c
server-bootstrap-serves := bootstrap exc
server-bootstrap-uses := server mach_debug
server-bootstrap-extra := $(SB)/archive.o
# Whatever the archive is, all else is at the same addresses.
server-bootstrap-ldflags := -Wl,--section-start=.archive=0x10000000

# What the list starts: programs have the names of servers, or image=NAME.
server-archived := $(sort $(shell awk '!/^\#/ && NF { name = $$1; \
	if (match($$2, /image=[^,]+/)) \
		name = substr($$2, RSTART + 6, RLENGTH - 6); \
	print name }' servers/bootstrap/servers.list))

$(SB)/stripped/%: $(SB)/%
	@mkdir -p $(@D)
	$(Q)$(OBJCOPY) --strip-debug $< $@

$(SB)/archive.asm: servers/bootstrap/make-archive \
    servers/bootstrap/servers.list $(wildcard servers/*/sources.mk)
	@mkdir -p $(@D)
	$(Q)servers/bootstrap/make-archive servers/bootstrap/servers.list \
		$(SB)/stripped $(server-archived) > $@

# The same one with lines and values of all servers, for whoever debugs them.
servers += bootstrap-tables
server-bootstrap-tables-src := $(server-bootstrap-src)
server-bootstrap-tables-serves := $(server-bootstrap-serves)
server-bootstrap-tables-uses :=
server-bootstrap-tables-extra := $(SB)/archive-tables.o
server-bootstrap-tables-ldflags := $(server-bootstrap-ldflags)
server-tables := $(patsubst %,%.tables,$(server-archived) bootstrap)

$(SB)/stripped/%.tables: $(SB)/% $(kdb-tables)
	@mkdir -p $(@D)
	@echo "  TABLES  $@"
	$(Q)$(kdb-tables) $< $@

$(SB)/archive-tables.asm: $(SB)/archive.asm
	$(Q)servers/bootstrap/make-archive servers/bootstrap/servers.list \
		$(SB)/stripped $(server-archived) $(server-tables) > $@
