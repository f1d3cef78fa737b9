# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# One non-recursive Makefile.  Each directory's sources.mk lists its files in
# reading order; everything that is made goes under build/.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.PRECIOUS: $(B)/%.c $(B)/%.o $(B)/%.asm

B := build
CROSS ?= i686-linux-gnu-
CC := $(CROSS)gcc
LD := $(CROSS)ld
AR := $(CROSS)ar
NM := $(CROSS)nm
OBJCOPY := $(CROSS)objcopy
NASM := nasm
MIG := i686-gnu-mig
Q := $(if $(V),,@)

# Each sources.mk adds to these.
kernel-src :=
kernel-asm :=
kernel-mig :=
kernel-lib :=

WARNINGS := -Wall -Wextra -Wshadow -Wundef -Wvla -Wmissing-prototypes \
	-Wstrict-prototypes -Wpointer-arith -Wwrite-strings \
	-Wimplicit-fallthrough -Wno-unused-parameter -Werror

KERNEL_CFLAGS := -std=gnu11 -O2 -g -march=i686 -mtune=generic -ffreestanding \
	-fno-pic -fno-pie -mno-sse -mno-mmx -mno-80387 -msoft-float \
	-mpreferred-stack-boundary=2 -fno-stack-protector -fno-omit-frame-pointer -fno-strict-aliasing \
	-fno-delete-null-pointer-checks -fno-asynchronous-unwind-tables \
	-fcf-protection=none -mregparm=3 -nostdinc \
	-isystem $(shell $(CC) -print-file-name=include 2>/dev/null) \
	-I. -Iinclude -I$(B)/mig -DKERNEL=1
ifneq ($(DEBUG),)
KERNEL_CFLAGS += -DDEBUG=1
endif
ifeq ($(FASTPATH),0)
KERNEL_CFLAGS += -DFASTPATH=0
endif

.DEFAULT_GOAL := all

# Packages come first: once they are there, make reads its files again.
ifeq ($(filter clean,$(MAKECMDGOALS)),)
include $(B)/deps.stamp
endif
$(B)/deps.stamp: boot/packages.list boot/deps
	@mkdir -p $(@D)
	@boot/deps boot/packages.list
	@touch $@

include $(wildcard kernel/sources.mk kernel/kdb/sources.mk kernel/kdb/zydis.mk \
	ipc/sources.mk \
	vm/sources.mk i386/sources.mk mig/mig.mk)
include $(wildcard servers/sources.mk servers/*/sources.mk)
include $(wildcard tests/sources.mk tests/*/sources.mk \
	tests/unit/servers/sources.mk tests/unit/kernel/kdb/tables.mk \
	tests/fuzz/host/sources.mk \
	boot/sources.mk servers/rules.mk \
	servers/install.mk \
	tests/bench/rules.mk)

kernel-obj := $(kernel-src:%.c=$(B)/obj/%.o) $(kernel-asm:%.asm=$(B)/obj/%.o) \
	$(kernel-mig:%=$(B)/obj/mig/%.o)

all: $(B)/tartan

# The rule is in i386/sources.mk, which is read before all objects are known.
$(B)/tartan: $(kernel-obj) $(kernel-lib)

# Compiles every listed kernel source without linking: a first check.
kernel-objects: $(kernel-obj)

# All of it anew when the flags change: objects of two conventions do not mix.
$(B)/obj/%.o: %.c Makefile | $(kernel-mig-headers)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(KERNEL_CFLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<

$(B)/obj/%.o: %.asm Makefile
	@mkdir -p $(@D)
	@echo "  NASM    $<"
	$(Q)$(NASM) -f elf32 -g -F dwarf -I. -I$(B)/ -MD $(@:.o=.d) -o $@ $<

clean:
	rm -rf $(B)

-include $(wildcard $(kernel-obj:.o=.d))

.PHONY: all kernel-objects clean
