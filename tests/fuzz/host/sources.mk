# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Fuzzers of parts of the kernel on the host: libFuzzer, and the worlds of the
# unit tests, all compiled by clang.

host-fuzz-dir := $(B)/fuzz
HOST_FUZZ_CC := clang --target=i686-linux-gnu

# What the unit tests are made of, and the model of the target.
map-fuzz-src := $(host-src) tests/lib/test.c tests/lib/pretend/machine.c \
	tests/lib/pretend/pmap.c tests/lib/pretend/boot.c \
	tests/lib/pretend/absent.c tests/unit/vm/vm_world.c \
	tests/unit/vm/fake_pager.c tests/lib/vm_model.c
map-fuzz-obj := $(map-fuzz-src:%.c=$(host-fuzz-dir)/obj/%.o) \
	$(kernel-mig:%=$(host-fuzz-dir)/obj/mig/%.o) \
	$(host-fuzz-dir)/obj/tests/lib/pretend/host.o

# What the tests of ipc/ alone are made of.
ipc-fuzz-src := $(wildcard ipc/*.c) kernel/lock_rank.c kernel/spinlock.c \
	kernel/rbtree.c tests/unit/ipc/ipc_world.c \
	tests/fuzz/host/ipc_model.c tests/fuzz/host/ipc_ops.c
ipc-fuzz-obj := $(ipc-fuzz-src:%.c=$(host-fuzz-dir)/obj/%.o) \
	$(host-fuzz-dir)/obj/mig/mach_port_server.o

# Nothing but the disassembler.
disasm-fuzz-obj := $(patsubst %,$(host-fuzz-dir)/obj/%.o, \
	$(zydis-users))

# The debugger's language; its world sees the host's headers.
kdb-fuzz-world := $(patsubst %.c,$(host-fuzz-dir)/obj/%.o, \
	$(filter tests/%,$(kdb-world-src)))
kdb-fuzz-obj := $(kdb-language-src:%.c=$(host-fuzz-dir)/obj/%.o) \
	$(kdb-fuzz-world)

host-fuzz := disasm kdb map message rights tables
host-fuzz-bin := $(host-fuzz:%=$(host-fuzz-dir)/%)

# The kernel's warnings are the other compiler's business.
HOST_FUZZ_WARNINGS := -w
HOST_FUZZ_SANITIZE := -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined
HOST_FUZZ_CFLAGS = $(filter-out -isystem $(HOST_SANITIZE), \
	$(subst -isystem $(shell $(CC) -print-file-name=include),, \
	$(HOST_CFLAGS))) $(HOST_FUZZ_SANITIZE) -isystem \
	$(shell $(HOST_FUZZ_CC) -print-resource-dir 2>/dev/null)/include

$(host-fuzz-dir)/obj/mig/%.o: $(B)/mig/%.c | $(kernel-mig-headers)
	@mkdir -p $(@D)
	@echo "  CLANG   $<"
	$(Q)$(HOST_FUZZ_CC) $(HOST_FUZZ_CFLAGS) $(HOST_FUZZ_WARNINGS) -MMD -MP -c -o $@ $<

$(host-fuzz-dir)/obj/tests/fuzz/host/%.o: HOST_FUZZ_WARNINGS := $(WARNINGS)

$(host-fuzz-dir)/obj/kernel/startup.o: HOST_EXTRA := \
	-Dbootscript_run=pretend_booted

$(host-fuzz-dir)/obj/%.o: %.c | $(kernel-mig-headers)
	@mkdir -p $(@D)
	@echo "  CLANG   $<"
	$(Q)$(HOST_FUZZ_CC) $(HOST_FUZZ_CFLAGS) $(HOST_EXTRA) \
	    $(HOST_FUZZ_WARNINGS) -MMD -MP -c \
	    -o $@ $<

zydis-fuzz-obj := $(zydis-src:%=$(host-fuzz-dir)/zydis/%.o)
$(eval $(call zydis-rules,$(host-fuzz-dir),$$(HOST_FUZZ_CC),$$(HOST_FUZZ_CFLAGS),CLANG  ))
$(zydis-users:%=$(host-fuzz-dir)/obj/%.o): private HOST_EXTRA := $(ZYDIS_FLAGS)
$(zydis-users:%=$(host-fuzz-dir)/obj/%.o): | $(zydis-ready)

# These see the host's headers.
host-fuzz-host := tests/lib/pretend/host tests/fuzz/host/fuzz_host
$(host-fuzz-host:%=$(host-fuzz-dir)/obj/%.o): $(host-fuzz-dir)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CLANG   $<"
	$(Q)$(HOST_FUZZ_CC) -std=gnu11 -O1 -g -march=i686 -fno-pie \
	    -fno-omit-frame-pointer $(HOST_SANITIZE) -Wall -Wextra \
	    -Wno-unused-parameter -MMD -MP -c -o $@ $<

$(kdb-fuzz-world): $(host-fuzz-dir)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CLANG   $<"
	$(Q)$(HOST_FUZZ_CC) -std=gnu11 -O1 -g -march=i686 -fno-pie \
	    -fno-omit-frame-pointer $(HOST_SANITIZE) -I. -idirafter include \
	    -Wall -Wextra -Wno-unused-parameter -MMD -MP -c -o $@ $<

# A panic of the pretend machine must not end the process unseen.
$(host-fuzz-bin): $(host-fuzz-dir)/%: $(host-fuzz-dir)/obj/tests/fuzz/host/%_fuzz.o \
    $(host-fuzz-dir)/obj/tests/fuzz/host/fuzz_host.o
	@echo "  HOSTLD  $@"
	$(Q)$(HOST_FUZZ_CC) -no-pie $(HOST_SANITIZE) -Wl,--wrap=host_exit \
	    -o $@ $^ $(shell $(HOST_FUZZ_CC) -print-resource-dir \
	    2>/dev/null)/lib/linux/libclang_rt.fuzzer_no_main-i386.a \
	    -static-libgcc -Wl,-Bstatic -lstdc++ -Wl,-Bdynamic -lm

# What reads the debugger's tables, and those of a sample.
tables-fuzz-src := $(filter-out tests/%,$(kdb-tables-lib)) \
	tests/unit/kernel/kdb/kdb_ask.c
tables-fuzz-obj := $(tables-fuzz-src:%.c=$(host-fuzz-dir)/obj/%.o)

$(host-fuzz-dir)/obj/tables_sample.o: tests/fuzz/host/tables_sample.asm \
    $(kdb-tables-dir)/sample.tables
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf32 -DTABLES='"$(kdb-tables-dir)/sample.tables"' \
	    -o $@ $<

$(host-fuzz-dir)/tables: $(tables-fuzz-obj) $(host-fuzz-dir)/obj/tables_sample.o
$(host-fuzz-dir)/map: $(map-fuzz-obj) $(zydis-fuzz-obj)
$(host-fuzz-dir)/disasm: $(disasm-fuzz-obj) $(zydis-fuzz-obj)
$(host-fuzz-dir)/kdb: $(kdb-fuzz-obj)
$(host-fuzz-dir)/message $(host-fuzz-dir)/rights: $(ipc-fuzz-obj)

-include $(shell find $(host-fuzz-dir) -name '*.d' 2>/dev/null)

# FUZZ_SECONDS for each, going on from what was found before.
FUZZ_SECONDS ?= 600
fuzz-host: $(host-fuzz-bin)
	$(Q)tests/fuzz/host/run --seconds $(FUZZ_SECONDS) \
	    $(if $(SEED),--seed $(SEED)) $(host-fuzz-bin)

# What `make check' has time for: the same inputs each time.
fuzz-host-short: $(host-fuzz-bin)
	$(Q)tests/fuzz/host/run --runs 2500 $(if $(SEED),--seed $(SEED)) \
	    $(host-fuzz-bin)

fuzz: fuzz-host

fuzz-host-build: $(host-fuzz-bin)

.PHONY: fuzz-host-build fuzz-host fuzz-host-short
