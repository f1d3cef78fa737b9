# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Unit tests of servers' logic: tests/unit/servers/DIR/foo_test.c becomes the
# host program build/host/servers/DIR/foo_test, linked with what unit-DIR-src
# lists.  They use the host's C library, and tests/lib/server_test.h.

unit-device-src := servers/device/pci.c
unit-lib-src := servers/lib/ata.c
unit-term-src := servers/term/keyboard.c servers/term/input.c

unit-pager-src := servers/pager/store.c servers/pager/space.c \
	servers/pager/paged.c servers/pager/change.c \
	tests/unit/servers/pager/pager_pretend.c
# Memory for maps is short when the test says so.
unit-pager-ldflags := -Wl,--wrap=store_map_reserve

unit-file-src := $(file-logic-src) tests/unit/servers/file/file_image.c \
	tests/unit/servers/file/file_pages.c \
	tests/unit/servers/file/file_model.c

# The kernel's reader of symbols is to understand what it is told.
unit-unix-src := $(server-unix-logic) $(server-unix-calls) \
	kernel/kdb/kdb_elf.c kernel/kdb/kdb_table.c \
	tests/unit/servers/unix/unix_pretend.c

# What the tests of unix have something in place of.
unit-access-src := servers/unix/unix_task_access.c servers/unix/unix_sync.c

unit-server-dirs := device lib term pager file unix access

SERVER_HOST_CFLAGS := -std=gnu11 -O1 -g -march=i686 -fno-pie \
	-fno-omit-frame-pointer -fno-strict-aliasing $(HOST_SANITIZE) \
	-I. -isystem $(SB)/include -idirafter include -idirafter $(SB) \
	-D_GNU_SOURCE \
	-D_FILE_OFFSET_BITS=64

$(host-dir)/obj/servers-host/%.o: %.c | $(SB)/include
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	$(Q)$(CC) $(SERVER_HOST_CFLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<

server-host-obj = $(patsubst %.c,$(host-dir)/obj/servers-host/%.o,$(1))

# Of the headers in the kernel's packages one needs this one before.
unit-pager-obj := $(call server-host-obj,$(unit-pager-src) \
	$(wildcard tests/unit/servers/pager/*_test.c))
$(unit-pager-obj): SERVER_HOST_CFLAGS += -include mach/std_types.h
$(unit-pager-obj): | $(server-pager-uses:%=$(SB)/mig/%_user.h)

$(call server-host-obj,$(unit-access-src) \
    tests/unit/servers/access/access_test.c): | $(foreach i,mach mach_port \
    mach_host,$(SB)/mig/$(i)_user.h)

# $(call unit-server-dir,DIR)
define unit-server-dir
unit-$(1)-programs := $$(patsubst tests/unit/%.c,$(host-dir)/%, \
	$$(wildcard tests/unit/servers/$(1)/*_test.c))
unit-server-all += $$(unit-$(1)-programs)
$$(unit-$(1)-programs): $(host-dir)/%: \
    $(host-dir)/obj/servers-host/tests/unit/%.o \
    $(call server-host-obj,$(unit-$(1)-src) tests/lib/server_test.c)
	@mkdir -p $$(@D)
	@echo "  HOSTLD  $$@"
	$$(Q)$$(CC) -no-pie $(HOST_SANITIZE) -static-libasan \
	    -static-libubsan -pthread $$(unit-$(1)-ldflags) -o $$@ $$^
endef

unit-server-all :=
$(foreach d,$(unit-server-dirs),$(eval $(call unit-server-dir,$(d))))

unit-server-run := $(foreach p,$(unit-server-all),\
	$(if $(T),$(if $(findstring $(T),$(p)),$(p)),$(p)))
unit-run += $(unit-server-run)
unit: $(unit-server-run)
unit-build: $(unit-server-all)

-include $(shell find $(host-dir)/obj/servers-host -name '*.d' 2>/dev/null)
