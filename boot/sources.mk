# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# The image: GRUB, kernel, servers, disk; and the commands that boot it.

DISK_MB ?= 64

# What a bootable system consists of.
BOOT_KERNEL := $(B)/tartan
BOOT_MODULES := $(B)/servers/bootstrap.stripped \
	$(B)/servers/bootstrap-tables.stripped

$(BOOT_MODULES): %.stripped: %
	$(Q)$(OBJCOPY) --strip-debug $< $@

$(B)/packages/%/.done: boot/packages.list
	@mkdir -p $(B)/packages
	@echo "  FETCH   $*"
	$(Q)boot/deps boot/packages.list fetch $*:i386 $(B)/packages/$*
	$(Q)touch $@

$(B)/sources/%/.done: boot/packages.list
	@mkdir -p $(B)/sources
	@echo "  FETCH   $* (sources)"
	$(Q)boot/deps boot/packages.list source $* $(B)/sources/$*
	$(Q)touch $@

$(B)/tartan.iso: $(BOOT_KERNEL) $(BOOT_MODULES) boot/grub.cfg boot/make-iso
	@echo "  ISO     $@"
	$(Q)boot/make-iso $@ boot/grub.cfg $(BOOT_KERNEL) $(BOOT_MODULES)

# What boot tests compare with.
GNUMACH_IMAGE := $(B)/packages/gnumach-image-1.8-486/boot/gnumach-1.8-486.gz
boot-tests: | $(B)/packages/gnumach-image-1.8-486/.done

# The disk as it is made; copies of it are used.
$(B)/fresh.img: $(B)/packages/busybox-static/.done boot/make-disk \
    $(shell find boot/root -type f) $(system-tools)
	@echo "  DISK    $@"
	$(Q)boot/make-disk $@ $(DISK_MB) \
		$(B)/packages/busybox-static/bin/busybox boot/root $(system-root)

# The user's disk lasts: it is made once, and when the system's own files in
# it are out of date only those are written anew.
$(B)/disk.img: $(B)/fresh.img
	$(Q)boot/update-disk $@ $< boot/root $(system-root)
	@touch $@

image: $(B)/tartan.iso
# Of EXTRA, what is made here is made.
run-files: $(B)/tartan.iso $(B)/disk.img $(filter $(B)/%,$(EXTRA))
disk-fresh: $(B)/fresh.img
	cp $< $(B)/disk.img

# CMD and the others go to the runner as they were typed.
export TARTAN_CMD := $(value CMD)
export TARTAN_EXTRA := $(value EXTRA)
export TARTAN_APPEND := $(value APPEND)
BOOT_RUN = boot/run --build $(B) $(if $(NCPU),--ncpu $(NCPU)) \
	$(if $(MEM),--mem $(MEM)) $(if $(MACHINE),--machine $(MACHINE)) \
	$(if $(CPU),--cpu $(CPU)) $(if $(VGA),--vga)

# The output of a command, or of a shell whose input is a pipe, goes alone to
# stdout, and its status is make's: the last line ends make itself, see
# boot/make_exit.asm.
ifneq ($(filter run,$(MAKECMDGOALS)),)
-load $(B)/make_exit.so
endif
run: run-status
	$(exit-with-status $(B)/run.status)
	@exit $$(cat $(B)/run.status)

run-status: $(B)/make_exit.so
	@$(MAKE) --no-print-directory -s run-files >&2
	@$(BOOT_RUN) $(if $(filter-out undefined,$(origin CMD)),--command) \
		--status $(B)/run.status

debug: run-files
	@$(BOOT_RUN) --debug

$(B)/make_exit.so: boot/make_exit.asm | $(B)/deps.stamp
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf$$(getconf LONG_BIT) -o $(@:.so=.o) $<
	$(Q)$(LD) -shared -m elf_$$(getconf LONG_BIT | \
		sed 's/32/i386/;s/64/x86_64/') -o $@ $(@:.so=.o)

.PHONY: image run run-files run-status debug disk-fresh
