# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Tests of the debugger's tables, with the host's C library: sample programs are
# compiled and have their tables made as the kernel has.

kdb-tables-dir := $(host-dir)/kernel/kdb
kdb-tables-test-src := $(wildcard tests/unit/kernel/kdb/kdb_table*_test.c)
kdb-tables-test := $(kdb-tables-test-src:tests/unit/%.c=$(host-dir)/%)
kdb-tables-lib := kernel/kdb/kdb_table.c kernel/kdb/kdb_rows.c \
	kernel/kdb/kdb_scope.c kernel/kdb/kdb_value.c kernel/kdb/kdb_type.c \
	kernel/kdb/kdb_unwind.c kernel/kdb/kdb_cfi.c kernel/kdb/kdb_guess.c kernel/kdb/kdb_local.c \
	kernel/kdb/kdb_pass.c \
	tests/unit/kernel/kdb/kdb_image.c \
	tests/unit/kernel/kdb/kdb_ask.c \
	tests/lib/server_test.c
kdb-sample-images := $(addprefix $(kdb-tables-dir)/,sample frameless rules)

kdb-sample-flags := -std=gnu11 -O2 -g -march=i686 -ffreestanding -fno-pic \
	-fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables \
	-fcf-protection=none
$(kdb-tables-dir)/sample.elf: kdb-sample-flags += -mregparm=3 \
	-fno-omit-frame-pointer -mpreferred-stack-boundary=2
$(kdb-tables-dir)/sample.elf: kdb-sample-address := 0x50000000
$(kdb-tables-dir)/frameless.elf: kdb-sample-flags += -fomit-frame-pointer
$(kdb-tables-dir)/frameless.elf: kdb-sample-address := 0x58000000
# With rules in its memory, as programs have them.
$(kdb-tables-dir)/rules.elf: kdb-sample-flags += -fomit-frame-pointer \
	-fasynchronous-unwind-tables
$(kdb-tables-dir)/rules.elf: kdb-sample-address := 0x5c000000

$(kdb-sample-images:=.elf): tests/unit/kernel/kdb/sample.c \
    tests/unit/kernel/kdb/sample.h tests/unit/kernel/kdb/tables.mk
	@mkdir -p $(@D)
	@echo "  SAMPLE  $@"
	$(Q)$(CC) $(kdb-sample-flags) -I. -c -o $(@:.elf=.o) $<
	$(Q)$(LD) -m elf_i386 -nostdlib -N --no-warn-rwx-segments \
	    --build-id=none -e sample_main \
	    -Ttext=$(kdb-sample-address) -o $@ $(@:.elf=.o)

$(kdb-sample-images:=.tables): %.tables: %.elf $(kdb-tables)
	$(Q)$(kdb-tables) $< $@

kdb-host-obj = $(patsubst %.c,$(host-dir)/obj/servers-host/%.o,$(1))

$(kdb-tables-test): $(host-dir)/%: $(host-dir)/obj/servers-host/tests/unit/%.o \
    $(call kdb-host-obj,$(kdb-tables-lib)) | $(kdb-sample-images:=.tables)
	@mkdir -p $(@D)
	@echo "  HOSTLD  $@"
	$(Q)$(CC) -no-pie $(HOST_SANITIZE) -static-libasan -static-libubsan \
	    -o $@ $^

unit-kdb-run := $(foreach p,$(kdb-tables-test),\
	$(if $(T),$(if $(findstring $(T),$(p)),$(p)),$(p)))
unit-run += $(unit-kdb-run)
unit: $(unit-kdb-run)
unit-build: $(kdb-tables-test)
