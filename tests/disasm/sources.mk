# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# kdb's disassembler beside objdump: the kernel's own objects in a program of the
# host, on the kernel, on busybox, and on all encodings.

disasm-dir := $(B)/tests/disasm

# Under other names, so that nothing of the host's is called unasked.
$(disasm-dir)/kernel.o: $(zydis-users:%=$(B)/obj/%.o) $(kernel-lib)
	@mkdir -p $(@D)
	$(Q)$(LD) -m elf_i386 -r -z noexecstack -o $(@:.o=.r) $^
	$(Q)$(OBJCOPY) --prefix-symbols=kernel_ $(@:.o=.r) $@

$(disasm-dir)/lister: tests/disasm/lister.c $(disasm-dir)/kernel.o
	@mkdir -p $(@D)
	@echo "  HOSTCC  $@"
	$(Q)$(CC) -std=gnu11 -O2 -g -I. $(WARNINGS) -static -o $@ $^

disasm-busybox := $(B)/packages/busybox-static
disasm-tests: $(disasm-dir)/lister $(B)/tartan $(disasm-busybox)/.done
	$(Q)tests/disasm/run $(disasm-dir)/lister $(OBJCOPY:objcopy=objdump) \
	    $(B)/tartan $(disasm-busybox)/bin/busybox

.PHONY: disasm-tests
