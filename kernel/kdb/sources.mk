# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# The host's program that makes the debugger's tables from an ELF file.

HOST_CC ?= clang

kdb-tables := $(B)/host-tools/tables
kdb-tables-src := $(addprefix kernel/kdb/tables/tab_, main.c symbols.c \
	lines.c scopes.c types.c expr.c frames.c buffer.c)
kdb-tables-obj := $(kdb-tables-src:%.c=$(B)/host-tools/%.o)

$(B)/host-tools/%.o: %.c
	@mkdir -p $(@D)
	@echo "  HOSTCC  $<"
	$(Q)$(HOST_CC) -std=gnu11 -O2 -g -I. -D_GNU_SOURCE $(WARNINGS) -MMD \
	    -MP -c -o $@ $<

$(kdb-tables): $(kdb-tables-obj)
	@echo "  HOSTLD  $@"
	$(Q)$(HOST_CC) -o $@ $^ -ldw -lelf

-include $(kdb-tables-obj:.o=.d)
