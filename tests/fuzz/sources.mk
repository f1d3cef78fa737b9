# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# The fuzzer of the kernel, a boot module; host/ has those of its parts.

fuzz-dir := $(B)/tests/fuzz
fuzz-src := main child message rights rights_calls
fuzz-headers := $(boot-test-newer:%=$(boot-test-dir)/new_%_user.h) \
	$(boot-test-headers)
fuzz-obj := $(fuzz-src:%=$(fuzz-dir)/%.o) $(fuzz-dir)/calls.o \
	$(boot-test-snapshot)

$(fuzz-dir)/%.o: tests/fuzz/%.c tests/fuzz/fuzz.h tests/fuzz/rights.h \
    tests/boot/lib/rt.h \
    | $(fuzz-headers)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(boot-test-newer-cflags) $(WARNINGS) -c -o $@ $<

$(fuzz-dir)/calls.c: tests/fuzz/calls.py $(fuzz-headers)
	@mkdir -p $(@D)
	$(Q)tests/fuzz/calls.py $(filter %_user.h,$(fuzz-headers)) > $@

$(fuzz-dir)/calls.o: $(fuzz-dir)/calls.c tests/fuzz/fuzz.h
	$(Q)$(CC) $(boot-test-newer-cflags) -Itests/fuzz $(WARNINGS) -c \
	    -o $@ $<

# The stubs' reply port is the thread's own, and never given up.
$(fuzz-dir)/kernel: $(fuzz-obj) $(B)/tests/boot/lib.a \
    $(boot-test-newer:%=$(boot-test-dir)/new_%_user.o)
	@echo "  LINK    $@"
	$(Q)$(LD) -m elf_i386 -static -nostdlib -z noexecstack \
	    --build-id=none --wrap=mig_get_reply_port \
	    --wrap=mig_dealloc_reply_port -o $@ $(boot-test-dir)/start.o $^ \
	    $(shell $(CC) -print-libgcc-file-name)

# N operations; SEED makes a run start as an earlier one did.
N ?= 10000000
fuzz: $(B)/tartan $(fuzz-dir)/kernel
	$(Q)tests/fuzz/run --kernel $(B)/tartan --module $(fuzz-dir)/kernel \
	    --calls $(N) --timeout 14400 $(if $(SEED),--seed $(SEED))

# What `make check' has time for.
fuzz-short: $(B)/tartan $(fuzz-dir)/kernel
	$(Q)tests/fuzz/run --kernel $(B)/tartan --module $(fuzz-dir)/kernel \
	    --calls 50000 --timeout 900 --seed $(or $(SEED),1)

.PHONY: fuzz fuzz-short
