# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Rules for the variables of servers/*/sources.mk; included after all of them.

defs-find = $(firstword $(wildcard $(foreach d,$(DEFS_PATH),\
	$(d)/$(1).defs $(d)/mach/$(1).defs $(d)/mach/i386/$(1).defs \
	$(d)/device/$(1).defs $(d)/mach_debug/$(1).defs)))

server-uses := $(sort $(server-lib-uses) \
	$(foreach s,$(servers),$(server-$(s)-uses)))
server-serves := $(sort $(server-lib-serves) \
	$(foreach s,$(servers),$(server-$(s)-serves)))
server-stub-headers := $(server-uses:%=$(SB)/mig/%_user.h) \
	$(server-serves:%=$(SB)/mig/%_server.h)

SERVER_MIG := CC="$(CC)" $(MIG) -I$(SB) -Imig -Iinclude -Iservers/lib \
	-I/usr/include/i386-linux-gnu
mig-depends = -MD -MF $(1).d -MT "$(2)"

define server-user-stub
$(SB)/mig/$(1)_user.c: $(call defs-find,$(1))
	@mkdir -p $$(@D)
	@echo "  MIG     $$@"
	$$(Q)$$(SERVER_MIG) -user $$@ -header $(SB)/mig/$(1)_user.h \
		-server /dev/null $$<
$(SB)/mig/$(1)_user.h: $(SB)/mig/$(1)_user.c
endef

define server-server-stub
$(SB)/mig/$(1)_server.c: $(call defs-find,$(1))
	@mkdir -p $$(@D)
	@echo "  MIG     $$@"
	$$(Q)$$(SERVER_MIG) -DSERVERPREFIX=S_ -user /dev/null \
		-header /dev/null -sheader $(SB)/mig/$(1)_server.h \
		-server $$@ $$<
$(SB)/mig/$(1)_server.h: $(SB)/mig/$(1)_server.c
endef

$(foreach i,$(server-uses),$(eval $(call server-user-stub,$(i))))
$(foreach i,$(server-serves),$(eval $(call server-server-stub,$(i))))

# Stubs are what MIG makes them; they get no more than the usual warnings.
$(SB)/obj/mig/%.o: $(SB)/mig/%.c | $(server-stub-headers)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SERVER_CFLAGS) -w -MMD -MP -c -o $@ $<

$(SB)/obj/%.o: %.c | $(server-stub-headers)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(SERVER_CFLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<

$(SB)/obj/%.o: %.asm
	@mkdir -p $(@D)
	@echo "  NASM    $<"
	$(Q)$(NASM) -f elf32 -g -F dwarf -I. -MD $(@:.o=.d) -o $@ $<

server-lib-obj := $(server-lib-src:%.c=$(SB)/obj/%.o) \
	$(server-lib-asm:%.asm=$(SB)/obj/%.o) \
	$(server-lib-serves:%=$(SB)/obj/mig/%_server.o)

# Stubs that a program does not call stay out of it.
$(SB)/stubs.a: $(server-uses:%=$(SB)/obj/mig/%_user.o)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

server-object = $(patsubst %.c,$(SB)/obj/%.o,$(patsubst %.asm,$(SB)/obj/%.o,$(1)))

# No system call trap may be left in a server: the kernel would not know it.
define server-link
server-$(1)-obj := $$(call server-object,$$(server-$(1)-src)) \
	$$(server-$(1)-serves:%=$(SB)/obj/mig/%_server.o) \
	$$(server-$(1)-extra)
$(SB)/$(1): $$(server-$(1)-obj) $$(server-lib-obj) $(SB)/stubs.a
	@echo "  LD      $$@"
	$$(Q)$$(CC) $$(SERVER_LDFLAGS) -o $$@ $$(server-$(1)-obj) \
		$$(server-lib-obj) -Wl,--start-group $(SB)/stubs.a \
		$(MUSL)/libc.a -lgcc -Wl,--end-group
	$$(Q)servers/check-traps $$@ $(OBJCOPY:objcopy=objdump)
endef

$(foreach s,$(servers),$(eval $(call server-link,$(s))))

servers: $(servers:%=$(SB)/%)
server-objects: $(server-lib-obj)

-include $(wildcard $(SB)/obj/*/*.d $(SB)/obj/*/*/*.d $(SB)/obj/*.d)

.PHONY: servers server-objects
