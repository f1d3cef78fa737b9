# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Benchmarks: a module for our kernel and GNU Mach, a program for our UNIX.

$(B)/tests/bench/mach.o: tests/bench/mach.c tests/boot/lib/rt.h \
    | $(boot-test-headers)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(boot-test-cflags) $(WARNINGS) -Wno-missing-prototypes \
	    -c -o $@ $<

$(B)/tests/bench/mach: $(B)/tests/bench/mach.o $(B)/tests/boot/lib.a
	@echo "  LINK    $@"
	$(Q)$(LD) -m elf_i386 -static -nostdlib -z noexecstack \
	    --build-id=none --defsym=rt_rpc_msg=mach_msg -o $@ \
	    $(boot-test-dir)/start.o $< $(B)/tests/boot/lib.a \
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

# P=mach,gnumach,... picks parts: see tests/bench/run.
bench: $(B)/tartan $(B)/tartan.iso $(B)/fresh.img $(B)/tests/bench/mach \
    $(B)/tests/bench/stub $(B)/tests/bench/unix \
    $(B)/packages/gnumach-image-1.8-486/.done
	@tests/bench/run --build $(B) --kernel $(B)/tartan \
	    --gnumach $(GNUMACH_IMAGE) --module $(B)/tests/bench/mach \
	    --stub $(B)/tests/bench/stub --program $(B)/tests/bench/unix \
	    --disk $(B)/fresh.img --runner boot/run --size $(CROSS)size \
	    --out $(B)/bench $(if $(P),--only $(P)) \
	    $(if $(BENCH_LINUX),--linux $(BENCH_LINUX))

.PHONY: bench
