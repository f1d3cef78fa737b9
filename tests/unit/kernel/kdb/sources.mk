# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Unit tests of the debugger's language, in the world of kdb_world.c: host
# programs without the rest of the kernel, as those of servers' logic.

kdb-world-src := $(kdb-language-src) tests/unit/kernel/kdb/kdb_world.c \
	tests/unit/kernel/kdb/kdb_world_run.c
unit-kdb-all := $(patsubst tests/unit/%.c,$(host-dir)/%, \
	$(filter-out %/kdb_disasm_test.c $(wildcard \
	tests/unit/kernel/kdb/kdb_table*_test.c), \
	$(wildcard tests/unit/kernel/kdb/*_test.c)))

$(unit-kdb-all): $(host-dir)/%: $(host-dir)/obj/servers-host/tests/unit/%.o \
    $(patsubst %.c,$(host-dir)/obj/servers-host/%.o, \
    $(kdb-world-src) tests/lib/server_test.c)
	@mkdir -p $(@D)
	@echo "  HOSTLD  $@"
	$(Q)$(CC) -no-pie $(HOST_SANITIZE) -static-libasan -static-libubsan \
	    -o $@ $^

# gdb's protocol needs a world with threads, too.
$(host-dir)/kernel/kdb/kdb_gdb_test: $(patsubst %.c, \
    $(host-dir)/obj/servers-host/%.o,$(kdb-gdb-src) \
    tests/unit/kernel/kdb/kdb_gdb_world.c)
