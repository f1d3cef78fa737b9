# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

# The language, which needs nothing of the kernel but what the headers without
# a file here name: it is tested and fuzzed alone.
kdb-language-src := \
	kernel/kdb/kdb_error.c kernel/kdb/kdb_in.c kernel/kdb/kdb_out.c \
	kernel/kdb/kdb_vars.c kernel/kdb/kdb_map.c kernel/kdb/kdb_symbolic.c \
	kernel/kdb/kdb_source.c \
	kernel/kdb/kdb_float.c kernel/kdb/kdb_number.c kernel/kdb/kdb_name.c \
	kernel/kdb/kdb_expr.c kernel/kdb/kdb_date.c \
	kernel/kdb/kdb_item.c kernel/kdb/kdb_format.c kernel/kdb/kdb_memory.c \
	kernel/kdb/kdb_words.c kernel/kdb/kdb_command.c \
	kernel/kdb/kdb_modifier.c kernel/kdb/kdb_help.c \
	kernel/kdb/kdb_history.c kernel/kdb/kdb_row.c kernel/kdb/kdb_line.c \
	kernel/kdb/kdb_complete.c \
	kernel/kdb/kdb_argument.c

# gdb's protocol, which is tested alone, too.
kdb-gdb-src := $(addprefix kernel/kdb/kdb_gdb, .c _packet.c _text.c _reg.c \
	_memory.c _point.c _resume.c _query.c)

kernel-src += $(kdb-language-src) \
	kernel/kdb/kdb_mem.c kernel/kdb/kdb_sym.c \
	kernel/kdb/kdb_choose.c kernel/kdb/kdb_segments.c \
	kernel/kdb/kdb_stop.c kernel/kdb/kdb_event.c kernel/kdb/kdb_break.c \
	kernel/kdb/kdb_break_set.c kernel/kdb/kdb_break_gdb.c \
	kernel/kdb/kdb_wish.c kernel/kdb/kdb_place.c kernel/kdb/kdb_plant.c \
	kernel/kdb/kdb_step.c kernel/kdb/kdb_watch.c \
	kernel/kdb/kdb_pass.c kernel/kdb/kdb_call.c \
	kernel/kdb/kdb_instruction.c \
	kernel/kdb/kdb_table.c kernel/kdb/kdb_rows.c kernel/kdb/kdb_scope.c \
	kernel/kdb/kdb_value.c kernel/kdb/kdb_type.c kernel/kdb/kdb_local.c \
	kernel/kdb/kdb_unwind.c kernel/kdb/kdb_cfi.c kernel/kdb/kdb_guess.c \
	kernel/kdb/kdb_region.c \
	kernel/kdb/kdb_program.c kernel/kdb/kdb_trace.c kernel/kdb/kdb_elf.c \
	kernel/kdb/kdb.c kernel/kdb/kdb_vm.c kernel/kdb/kdb_object.c \
	kernel/kdb/kdb_tree.c kernel/kdb/kdb_list.c kernel/kdb/kdb_who.c \
	kernel/kdb/kdb_task.c kernel/kdb/kdb_thread.c kernel/kdb/kdb_wait.c \
	kernel/kdb/kdb_lock.c kernel/kdb/kdb_port.c kernel/kdb/kdb_kmsg.c \
	kernel/kdb/kdb_space.c kernel/kdb/kdb_processor.c \
	kernel/kdb/kdb_zone.c kernel/kdb/kdb_msgs.c kernel/kdb/kdb_body.c \
	kernel/kdb/kdb_show.c kernel/kdb/kdb_log.c \
	$(kdb-gdb-src) kernel/kdb/kdb_gdb_thread.c

# All interfaces' messages, but those that are others' in another form.
kernel-mig += kdb_msgs_table
kdb-msgs-defs = $(filter-out %_types.defs %_seqnos.defs \
	mig/device_request.defs,$(mig-defs))

$(B)/mig/kdb_msgs_table.c: $(wildcard mig/*.defs) kernel/kdb/msgs.awk \
    kernel/kdb/sources.mk
	@mkdir -p $(@D)
	@echo "  MSGS    $@"
	$(Q)for d in $(kdb-msgs-defs); do \
	    $(mig-run) -list $@.one $$d && cat $@.one || exit 1; \
	done >$@.all
	$(Q)awk -f kernel/kdb/msgs.awk $@.all >$@
	$(Q)rm -f $@.one $@.all

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
