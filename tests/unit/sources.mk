# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Unit tests of the kernel: tests/unit/ipc/foo_test.c becomes the host program
# build/host/ipc/foo_test, linked with the kernel's sources and the pretend
# machine.  See README.

host-dir := $(B)/host
host-src := $(filter-out i386/% kernel/panic.c kernel/printf.c \
	kernel/string.c,$(kernel-src))
host-obj := $(host-src:%.c=$(host-dir)/obj/%.o) \
	$(kernel-mig:%=$(host-dir)/obj/mig/%.o) \
	$(patsubst tests/lib/%.c,$(host-dir)/obj/lib/%.o, \
	    tests/lib/test.c tests/lib/pretend/machine.c \
	    tests/lib/pretend/pmap.c tests/lib/pretend/boot.c \
	    tests/lib/pretend/absent.c)

include tests/unit/ipc/sources.mk tests/unit/vm/sources.mk \
	tests/unit/kernel/kdb/sources.mk

unit-src := $(filter-out $(ipc-world-src),$(wildcard \
	tests/unit/kernel/*_test.c tests/unit/kernel/kdb/kdb_disasm_test.c \
	tests/unit/ipc/*_test.c \
	tests/unit/vm/*_test.c tests/unit/i386/*_test.c))
unit-all := $(unit-src:tests/unit/%.c=$(host-dir)/%)
unit-run := $(foreach p,$(unit-all) $(ipc-world-bin) $(unit-kdb-all), \
	$(if $(T),$(if $(findstring $(T),$(p)),$(p)),$(p)))

HOST_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined

# The same language as the kernel's; its own names where libc has others.
HOST_CFLAGS := -std=gnu11 -O1 -g -march=i686 -ffreestanding \
	-fno-pie -fno-omit-frame-pointer -fno-strict-aliasing \
	-fno-stack-protector $(HOST_SANITIZE) -nostdinc \
	-isystem $(shell $(CC) -print-file-name=include 2>/dev/null) \
	-Itests/lib/pretend -I. -Iinclude -I$(B)/mig -DKERNEL=1 -DDEBUG=1 \
	-Dsched_yield=kernel_sched_yield

$(host-dir)/obj/lib/%.o: tests/lib/%.c | $(kernel-mig-headers)
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	$(Q)$(CC) $(HOST_CFLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<

$(host-dir)/obj/mig/%.o: $(B)/mig/%.c | $(kernel-mig-headers)
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	$(Q)$(CC) $(HOST_CFLAGS) $(mig-warnings) -MMD -MP -c -o $@ $<

# In place of the boot script, the tests.
$(host-dir)/obj/kernel/startup.o: HOST_EXTRA := -Dbootscript_run=pretend_booted

$(host-dir)/obj/%.o: %.c | $(kernel-mig-headers)
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	$(Q)$(CC) $(HOST_CFLAGS) $(HOST_EXTRA) $(WARNINGS) -MMD -MP -c -o $@ $<

# What the debugger shows may be damaged: its truth values, too.
$(host-dir)/obj/kernel/kdb/%.o: private HOST_EXTRA := -fno-sanitize=bool,enum

# The disassembler's library.
zydis-host-obj := $(zydis-src:%=$(host-dir)/zydis/%.o)
$(eval $(call zydis-rules,$(host-dir),$$(CC),$$(HOST_CFLAGS),HOSTCC ))
$(zydis-users:%=$(host-dir)/obj/%.o): private HOST_EXTRA := $(ZYDIS_FLAGS)
$(zydis-users:%=$(host-dir)/obj/%.o): | $(zydis-ready)

# This one file sees the host's headers, and not the kernel's.
$(host-dir)/obj/lib/pretend/host.o: tests/lib/pretend/host.c
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	$(Q)$(CC) -std=gnu11 -O1 -g -march=i686 -fno-pie \
	    -fno-omit-frame-pointer $(HOST_SANITIZE) -Wall -Wextra \
	    -Wno-unused-parameter -MMD -MP -c -o $@ $<

$(host-dir)/%_test.o: tests/unit/%_test.c | $(kernel-mig-headers)
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	$(Q)$(CC) $(HOST_CFLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<

$(unit-all): $(host-dir)/%: $(host-dir)/%.o $(host-obj) $(zydis-host-obj) \
    $(host-dir)/obj/lib/pretend/host.o
	@echo "  HOSTLD  $@"
	$(Q)$(CC) -no-pie $(HOST_SANITIZE) -static-libasan -static-libubsan \
	    -o $@ $^

# Of i386/ what a test is about; it plays the device.
$(host-dir)/i386/serial_test: $(host-dir)/obj/i386/serial.o

# These run with pages of 16 KiB, too; in vm_flow_test memory would end before
# a pager has more messages than it gets.
unit-paged := $(filter-out $(host-dir)/vm/vm_flow_test, \
	$(filter $(host-dir)/vm/%,$(unit-run)))

# `make unit' builds and runs all; `make unit T=pattern' some of them.
unit: $(unit-run)
	$(Q)sh tests/unit/run.sh $(unit-run)
	$(Q)$(if $(unit-paged),TEST_CMDLINE=page-size=16384 \
	    sh tests/unit/run.sh $(unit-paged))

unit-build: $(unit-all) $(ipc-world-bin) $(unit-kdb-all)

# Of all that was ever compiled: a list of ours would forget some.
-include $(shell find $(host-dir) -name '*.d' 2>/dev/null)

.PHONY: unit unit-build
