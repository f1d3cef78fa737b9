# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Boot tests: modules built against Debian's gnumach-dev, not our headers, and
# run on our kernel and on GNU Mach (tests/boot/run).

GNUMACH_DEV ?= /usr/include/i386-linux-gnu
GNUMACH_IMAGE ?= $(B)/packages/gnumach-image-1.8-486/boot/gnumach-1.8-486.gz

boot-test-names := $(patsubst tests/boot/%.c,%,$(wildcard tests/boot/*.c))
boot-test-modules := $(boot-test-names:%=$(B)/tests/boot/%)

boot-test-dir := $(B)/tests/boot/lib
boot-test-users := mach/mach mach/mach_host mach/mach_port mach/gnumach \
	mach/mach4 mach_debug/mach_debug device/device device/device_request \
	mach/machine/mach_i386
boot-test-servers := mach/exc mach/notify mach/memory_object \
	mach/memory_object_default mach/task_notify

boot-test-cflags := -std=gnu11 -O1 -g -march=i686 -ffreestanding -fno-pic \
	-fno-pie -fno-stack-protector -fcf-protection=none -nostdinc \
	-fno-strict-aliasing -fno-omit-frame-pointer \
	-isystem $(shell $(CC) -print-file-name=include 2>/dev/null) \
	-I$(boot-test-dir) -Itests/boot/lib -Itests/boot/lib/include -I. \
	-isystem $(GNUMACH_DEV)

# Text, constants and data have pages of their own, whatever page-size= says.
boot-test-ldflags := -z max-page-size=65536

# Calls of these are recorded (lib/record.c), for build/conformance.txt.
boot-test-wrapped := test rt_end rt_receive rt_trap mach_msg mach_msg_trap \
	mach_print mach_reply_port mach_thread_self mach_task_self mach_host_self \
	swtch_pri swtch thread_switch syscall_vm_map syscall_vm_allocate \
	syscall_vm_deallocate syscall_task_create syscall_task_terminate \
	syscall_task_suspend syscall_task_set_special_port \
	syscall_mach_port_allocate syscall_mach_port_deallocate \
	syscall_mach_port_insert_right syscall_mach_port_allocate_name \
	syscall_thread_depress_abort
boot-test-record := $(boot-test-dir)/record.o

# Taken by the modules that use them.
boot-test-more-lib := pagers objects squeeze store probe hog
boot-test-lib-headers := $(wildcard tests/boot/lib/*.h)

boot-test-lib := $(boot-test-dir)/start.o $(boot-test-dir)/rt.o \
	$(boot-test-more-lib:%=$(boot-test-dir)/%.o) \
	$(boot-test-dir)/vm_model.o \
	$(boot-test-dir)/experimental_user.o \
	$(foreach d,$(boot-test-users),$(boot-test-dir)/$(notdir $(d))_user.o) \
	$(foreach d,$(boot-test-servers),$(boot-test-dir)/$(notdir $(d))_server.o)
boot-test-headers := $(boot-test-dir)/experimental_user.h \
	$(foreach d,$(boot-test-users),$(boot-test-dir)/$(notdir $(d))_user.h) \
	$(foreach d,$(boot-test-servers),$(boot-test-dir)/$(notdir $(d))_server.h)

define boot-test-user
$(boot-test-dir)/$(notdir $(1))_user.c:
	@mkdir -p $$(@D)
	@echo "  MIG     $(1).defs (GNU Mach's)"
	$$(Q)CC=$(CC) $$(MIG) -n -I$(GNUMACH_DEV) -DMACH_PCSAMPLE=1 -user $$@ \
	    -header $$(@:.c=.h) $(GNUMACH_DEV)/$(1).defs
$(boot-test-dir)/$(notdir $(1))_user.h: $(boot-test-dir)/$(notdir $(1))_user.c ;
endef

define boot-test-server
$(boot-test-dir)/$(notdir $(1))_server.c:
	@mkdir -p $$(@D)
	@echo "  MIG     $(1).defs (GNU Mach's)"
	$$(Q)CC=$(CC) $$(MIG) -n -I$(GNUMACH_DEV) -server $$@ \
	    -sheader $$(@:.c=.h) $(GNUMACH_DEV)/$(1).defs
$(boot-test-dir)/$(notdir $(1))_server.h: $(boot-test-dir)/$(notdir $(1))_server.c ;
endef

$(foreach d,$(boot-test-users),$(eval $(call boot-test-user,$(d))))
$(foreach d,$(boot-test-servers),$(eval $(call boot-test-server,$(d))))

# Its names are those of other interfaces' routines.
$(boot-test-dir)/experimental_user.c: \
    $(GNUMACH_DEV)/mach/experimental.defs
	@mkdir -p $(@D)
	$(Q)sed 's/^serverprefix/userprefix/' $< >$(@:.c=.defs)
	$(Q)CC=$(CC) $(MIG) -n -I$(GNUMACH_DEV) -user $@ \
	    -header $(@:.c=.h) $(@:.c=.defs)
$(boot-test-dir)/experimental_user.h: $(boot-test-dir)/experimental_user.c ;

$(boot-test-dir)/%_user.o: $(boot-test-dir)/%_user.c
	$(Q)$(CC) $(boot-test-cflags) -Dmach_msg=rt_rpc_msg -w -c -o $@ $<
$(boot-test-dir)/%_server.o: $(boot-test-dir)/%_server.c
	$(Q)$(CC) $(boot-test-cflags) -w -c -o $@ $<
# The same model as on the host.
$(boot-test-dir)/vm_model.o: tests/lib/vm_model.c tests/lib/vm_model.h
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(boot-test-cflags) $(WARNINGS) -c -o $@ $<
$(boot-test-dir)/start.o: tests/boot/lib/start.asm
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf32 -o $@ $<
$(boot-test-dir)/rt.o $(boot-test-more-lib:%=$(boot-test-dir)/%.o) \
    $(boot-test-record): $(boot-test-dir)/%.o: \
    tests/boot/lib/%.c $(boot-test-lib-headers) | $(boot-test-headers)
	@echo "  CC      $<"
	$(Q)$(CC) $(boot-test-cflags) $(WARNINGS) -c -o $@ $<

# What GNU Mach has got since its package, and what only we have: our own
# definitions and headers, in these modules only.
boot-test-new-names := newer attacklimits attackcounts attackforged attackraces \
	copyouts hoards shootdowns xstate
boot-test-new-modules := $(boot-test-new-names:%=$(B)/tests/boot/%)
boot-test-newer := mach_host mach_port gnumach mach_debug mach_i386 tartan
boot-test-newer-cflags := $(subst -isystem $(GNUMACH_DEV),-isystem include,\
	$(boot-test-cflags))

define boot-test-new
$(boot-test-dir)/new_$(1)_user.c: mig/$(1).defs $(mig-defs)
	@mkdir -p $$(@D)
	@echo "  MIG     $$<"
	$$(Q)$$(mig-run) -DUSERPREFIX=new_ -user $$@ -header $$(@:.c=.h) $$<
$(boot-test-dir)/new_$(1)_user.h: $(boot-test-dir)/new_$(1)_user.c ;
$(boot-test-dir)/new_$(1)_user.o: $(boot-test-dir)/new_$(1)_user.c
	$$(Q)$$(CC) $$(boot-test-newer-cflags) -Dmach_msg=rt_rpc_msg -w -c \
	    -o $$@ $$<
endef
$(foreach n,$(boot-test-newer),$(eval $(call boot-test-new,$(n))))

$(boot-test-new-modules:%=%.o): $(B)/tests/boot/%.o: tests/boot/%.c \
    tests/boot/lib/rt.h | $(boot-test-newer:%=$(boot-test-dir)/new_%_user.h)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(boot-test-newer-cflags) $(WARNINGS) -c -o $@ $<

$(boot-test-new-modules): boot-test-more := \
	$(boot-test-newer:%=$(boot-test-dir)/new_%_user.o)
$(boot-test-new-modules): $(boot-test-newer:%=$(boot-test-dir)/new_%_user.o)

# Servers that a test does not use need no routines.
$(B)/tests/boot/lib.a: $(boot-test-lib)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/tests/boot/%.o: tests/boot/%.c $(boot-test-lib-headers) \
    | $(boot-test-headers)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(boot-test-cflags) $(WARNINGS) -Wno-missing-prototypes \
	    -c -o $@ $<

$(boot-test-modules): %: %.o $(boot-test-record) $(B)/tests/boot/lib.a
	@echo "  LINK    $@"
	$(Q)$(LD) -m elf_i386 -static -nostdlib -z noexecstack \
	    $(boot-test-ldflags) --build-id=none \
	    $(boot-test-wrapped:%=--wrap=%) -o $@ \
	    $(boot-test-dir)/start.o $< $(boot-test-record) \
	    $(boot-test-more) \
	    $(B)/tests/boot/lib.a $(shell $(CC) -print-libgcc-file-name)

# Beside each module on our kernel, and in place of one.
boot-test-warden := $(boot-test-dir)/warden $(boot-test-dir)/nothing

boot-test-snapshot := $(boot-test-dir)/snapshot.o

$(boot-test-warden:%=%.o) $(boot-test-snapshot): $(boot-test-dir)/%.o: \
    tests/boot/lib/%.c tests/boot/lib/rt.h tests/boot/lib/snapshot.h | $(boot-test-newer:%=$(boot-test-dir)/new_%_user.h)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(boot-test-newer-cflags) $(WARNINGS) -c -o $@ $<

$(boot-test-warden): %: %.o $(boot-test-snapshot) $(B)/tests/boot/lib.a \
    $(boot-test-dir)/new_gnumach_user.o $(boot-test-dir)/new_mach_host_user.o \
    $(boot-test-dir)/new_tartan_user.o
	@echo "  LINK    $@"
	$(Q)$(LD) -m elf_i386 -static -nostdlib -z noexecstack \
	    $(boot-test-ldflags) --build-id=none \
	    --defsym=rt_rpc_msg=mach_msg -o $@ \
	    $(boot-test-dir)/start.o $^ \
	    $(shell $(CC) -print-libgcc-file-name)

boot-test-modules: $(boot-test-modules) $(boot-test-warden)

# What is about threads and processors runs on more of them, too.
boot-test-parallel := shootdowns,threads,storm,stress,psets,hosts,switches,gsync,$\
	exceptions,i386,samples,timeouts,conservation

# What is about memory runs with a pmap that forgets, too.  All but shootdowns,
# which counts them, would pass.
boot-test-forget := memory,inherits,pager,copycall,proxies,newer,exceptions,$\
	traps,copyouts,conservation

# With larger pages all modules pass, too; these are about them.
boot-test-large := memory,inherits,tasks,pager,pagercodes,copycall,proxies,$\
	mapfile,faithless,removals,transits,spaces,families,bulk,copyouts,devices,$\
	exceptions,traps,conservation
boot-test-double := ramdisk,paging
boot-test-single := vmrandom

# T=pattern picks some.
boot-tests: $(B)/tartan $(boot-test-modules) $(boot-test-warden)
	$(Q)tests/boot/run --kernel $(B)/tartan --gnumach $(GNUMACH_IMAGE) \
	    --dir $(B)/tests/boot $(if $(T),--only '$(T)')
	$(Q)$(if $(T),:,tests/boot/run --kernel $(B)/tartan \
	    --dir $(B)/tests/boot --only $(boot-test-parallel) --cpus 2,8)
	$(Q)$(if $(T),:,tests/boot/run --kernel $(B)/tartan \
	    --dir $(B)/tests/boot --only $(boot-test-forget) --cpus 4 \
	    --append pmap-forget=16)
	$(Q)$(if $(T),:,tests/boot/run --kernel $(B)/tartan \
	    --gnumach $(GNUMACH_IMAGE) --dir $(B)/tests/boot \
	    --only $(boot-test-large) --cpus 4 --append page-size=65536)
	$(Q)$(if $(T),:,tests/boot/run --kernel $(B)/tartan \
	    --gnumach $(GNUMACH_IMAGE) --dir $(B)/tests/boot \
	    --only $(boot-test-double) --cpus 1 --append page-size=8192)
	$(Q)$(if $(T),:,tests/boot/run --kernel $(B)/tartan \
	    --dir $(B)/tests/boot \
	    --only $(boot-test-single) --cpus 1 --append page-size=65536)
	$(Q)$(if $(T),:,tests/boot/scripts $(B)/tartan $(B)/tests/boot/args)
	$(Q)$(if $(T),:,tests/boot/differences --check)
	$(Q)$(if $(T),:,tests/boot/conformance $(B)/tests/boot \
	    --include $(GNUMACH_DEV) --out $(B)/conformance.txt)

.PHONY: boot-tests boot-test-modules
