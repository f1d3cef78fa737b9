# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Benchmarks: a module for our kernel and GNU Mach, a program for our UNIX.

bench-mach-obj := $(B)/tests/bench/mach.o $(B)/tests/bench/memory.o

$(bench-mach-obj): $(B)/tests/bench/%.o: tests/bench/%.c tests/bench/bench.h \
    tests/boot/lib/rt.h | $(boot-test-headers)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(boot-test-cflags) $(WARNINGS) -Wno-missing-prototypes \
	    -c -o $@ $<

$(B)/tests/bench/mach: $(bench-mach-obj) $(B)/tests/boot/lib.a
	@echo "  LINK    $@"
	$(Q)$(LD) -m elf_i386 -static -nostdlib -z noexecstack \
	    --build-id=none --defsym=rt_rpc_msg=mach_msg -o $@ \
	    $(boot-test-dir)/start.o $(bench-mach-obj) $(B)/tests/boot/lib.a \
	    $(shell $(CC) -print-libgcc-file-name)

$(B)/tests/bench/stub: tests/bench/stub.asm
	@mkdir -p $(@D)
	@echo "  NASM    $<"
	$(Q)$(NASM) -f elf32 -o $@.o $<
	$(Q)$(LD) -m elf_i386 -Ttext=0x100000 -o $@ $@.o

# musl's own start-up: an ordinary static program for Linux i386.
$(B)/tests/bench/unix: tests/bench/unix.c
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(Q)$(CC) -std=gnu11 -O2 $(WARNINGS) -march=i686 -nostdinc -nostdlib \
	    -static -fno-pie -no-pie -fno-stack-protector \
	    -isystem $(MUSL_INCLUDE) -o $@ $(MUSL)/crt1.o $(MUSL)/crti.o $< \
	    $(MUSL)/libc.a $$($(CC) -print-libgcc-file-name) $(MUSL)/crtn.o

# Linux is large and wanted here only; without it its part is left out.  The
# package of this name is an empty one that depends on the newest.
bench-linux := $(B)/packages/linux-image-686

$(bench-linux)/.done: boot/packages.list
	@mkdir -p $(B)/packages
	@echo "  FETCH   linux-image-686"
	$(Q)boot/deps boot/packages.list fetch-newest linux-image-686:i386 \
	    $(bench-linux)
	$(Q)touch $@

# P=mach,gnumach,... picks parts: see tests/bench/run.
bench: $(B)/tartan $(B)/tartan.iso $(B)/fresh.img $(B)/tests/bench/mach \
    $(B)/tests/bench/stub $(B)/tests/bench/unix \
    $(B)/packages/gnumach-image-1.8-486/.done
	-$(Q)$(if $(BENCH_LINUX)$(if $(P),$(if $(findstring linux,$(P)),,no)),:,\
	    $(MAKE) --no-print-directory $(bench-linux)/.done)
	@tests/bench/run --build $(B) --kernel $(B)/tartan \
	    --gnumach $(GNUMACH_IMAGE) --module $(B)/tests/bench/mach \
	    --stub $(B)/tests/bench/stub --program $(B)/tests/bench/unix \
	    --disk $(B)/fresh.img --runner boot/run --size $(CROSS)size \
	    --out $(B)/bench $(if $(P),--only $(P)) \
	    --linux "$(or $(BENCH_LINUX),$$(ls $(bench-linux)/boot/vmlinuz-* \
	    2>/dev/null | tail -n 1))"

.PHONY: bench
