# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

# boot.asm carries the header that loaders look for: it goes first.
kernel-asm += i386/boot.asm i386/locore.asm i386/switch.asm i386/mem.asm \
	i386/ap_boot.asm i386/kdb_call_run.asm

kernel-src += \
	i386/start.c i386/biosmem.c i386/console.c i386/serial.c i386/vga.c i386/chord.c \
	i386/cpu.c i386/gdt.c i386/idt.c i386/tss.c i386/trap.c \
	i386/copyio.c i386/arith.c i386/pcb.c i386/v86.c i386/fpu.c i386/syspage.c \
	i386/unwind.c i386/peek.c i386/symtab.c \
	i386/pmap.c i386/pmap_debug.c i386/kdb_reg.c i386/kdb_cpu.c i386/kdb_cpu_watch.c i386/kdb_cpu_call.c \
	i386/pv.c i386/tlb.c \
	i386/acpi.c i386/mp.c i386/intr.c i386/pic.c i386/lapic.c i386/pit.c \
	i386/clock.c i386/rtc.c i386/i386_rpc.c

$(B)/obj/i386/boot.o $(B)/obj/i386/locore.o $(B)/obj/i386/switch.o \
	$(B)/obj/i386/mem.o $(B)/obj/i386/kdb_call_run.o: \
	$(B)/asm_offsets.inc

# The compiler writes the constants into marked lines of assembly.
$(B)/asm_offsets.inc: i386/asm_offsets.c | $(kernel-mig-headers)
	@mkdir -p $(@D)
	@echo "  OFFSETS $<"
	$(Q)$(CC) $(KERNEL_CFLAGS) $(WARNINGS) -MMD -MP -MT $@ \
	    -MF $(B)/asm_offsets.d -S -o $(B)/asm_offsets.s $<
	$(Q)sed -n 's/^[[:space:]]*@//p' $(B)/asm_offsets.s >$@

-include $(wildcard $(B)/asm_offsets.d)

# The kernel contains the debugger's tables of itself, at its end, where they
# move nothing: it is linked with empty ones, and with what is made from that.
kernel-link = $(LD) -m elf_i386 -nostdlib -z noexecstack --build-id=none \
	--no-warn-rwx-segments \
	-T i386/kernel.lds -o $(1) $(kernel-obj) $(2) $(kernel-lib)
kernel-tables = $(NASM) -f elf32 -DTABLES='"$(1)"' -o $(2) i386/tables.asm

$(B)/tartan: i386/kernel.lds i386/tables.asm i386/sources.mk $(kdb-tables)
	@echo "  LINK    $@"
	$(Q)$(call kernel-tables,/dev/null,$(B)/tables0.o)
	$(Q)$(call kernel-link,$@.1,$(B)/tables0.o)
	$(Q)$(kdb-tables) $@.1 $(B)/tables.bin
	$(Q)$(call kernel-tables,$(B)/tables.bin,$(B)/tables1.o)
	$(Q)$(call kernel-link,$@.2,$(B)/tables1.o)
	$(Q)rm -f $@.1
	$(Q)mv $@.2 $@
