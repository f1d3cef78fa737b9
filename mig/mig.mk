# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# How stubs are made.
#
# Kernel: NAME_server.[ch] call S_ routines; NAME_user.[ch] send to user tasks,
# with the prefix r_.  They go to build/mig and are included as <NAME_server.h>.
#
# Everybody else: say  $(eval $(call mig-user,DIR,NAME))  or mig-server with the
# directory under build/ that shall hold NAME_user.[ch] or NAME_server.[ch]
# made from mig/NAME.defs; a fourth argument is given to MIG (-DSERVERPREFIX=S_).

mig-kernel-servers := mach mach4 mach_host mach_port gnumach mach_debug \
	mach_i386 device experimental tartan
mig-kernel-users := memory_object memory_object_default device_reply \
	task_notify

kernel-mig += $(mig-kernel-servers:%=%_server) $(mig-kernel-users:%=%_user)
kernel-mig-headers += $(kernel-mig:%=$(B)/mig/%.h)

mig-defs := $(wildcard mig/*.defs)
mig-run = CC=$(CC) $(MIG) -n -I. -Iinclude

# What MIG writes breaks rules that our own code keeps.
mig-warnings := -Wall -Wno-unused -Wno-unused-but-set-variable -Werror

$(mig-kernel-servers:%=$(B)/mig/%_server.c): $(B)/mig/%_server.c: \
    mig/%.defs mig/replies.awk $(mig-defs)
	@mkdir -p $(@D)
	@echo "  MIG     $<"
	$(Q)$(mig-run) -DKERNEL=1 -DKERNEL_SERVER=1 -DSERVERPREFIX=S_ \
	    -server $@.mig -sheader $(@:.c=.h) $<
	$(Q)awk -v name=$*_server -f mig/replies.awk $@.mig >$@
	$(Q)rm $@.mig

# Kernel user stubs would include headers for programs, and one of another
# kernel's.
$(mig-kernel-users:%=$(B)/mig/%_user.c): $(B)/mig/%_user.c: \
    mig/%.defs $(mig-defs)
	@mkdir -p $(@D)
	@echo "  MIG     $<"
	$(Q)$(mig-run) -DKERNEL=1 -DKERNEL_USER=1 \
	    -user $@ -header $(@:.c=.h) $<
	$(Q)sed -i -e '/<mach\/mach_types.h>/d' \
	    -e 's,<kern/ipc_mig.h>,<kernel/mig_types.h>,' $@

$(kernel-mig-headers): %.h: %.c ;

$(B)/obj/mig/%.o: $(B)/mig/%.c | $(kernel-mig-headers)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(KERNEL_CFLAGS) $(mig-warnings) -MMD -MP -c -o $@ $<

# $(call mig-user,DIR,NAME,OPTIONS)
define mig-user
$(B)/$(1)/$(2)_user.c: mig/$(2).defs $(mig-defs)
	@mkdir -p $$(@D)
	@echo "  MIG     $$<"
	$$(Q)$$(mig-run) $(3) -user $$@ -header $$(@:.c=.h) $$<
$(B)/$(1)/$(2)_user.h: $(B)/$(1)/$(2)_user.c ;
endef

# $(call mig-server,DIR,NAME,OPTIONS)
define mig-server
$(B)/$(1)/$(2)_server.c: mig/$(2).defs $(mig-defs)
	@mkdir -p $$(@D)
	@echo "  MIG     $$<"
	$$(Q)$$(mig-run) $(3) -server $$@ -sheader $$(@:.c=.h) $$<
$(B)/$(1)/$(2)_server.h: $(B)/$(1)/$(2)_server.c ;
endef
