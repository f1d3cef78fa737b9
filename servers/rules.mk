# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Rules for the variables of servers/*/sources.mk; included after all of them.

server-uses := $(sort $(server-lib-uses) \
	$(foreach s,$(servers),$(server-$(s)-uses)) \
	$(foreach p,$(unix-programs),$(unix-$(p)-uses)))
server-serves := $(sort $(server-lib-serves) \
	$(foreach s,$(servers),$(server-$(s)-serves)))
server-stub-headers := $(server-uses:%=$(SB)/mig/%_user.h) \
	$(server-serves:%=$(SB)/mig/%_server.h)

$(foreach i,$(server-uses),$(eval $(call mig-user,servers/mig,$(i))))
$(foreach i,$(server-serves),$(eval \
	$(call mig-server,servers/mig,$(i),-DSERVERPREFIX=S_)))

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

# The archive that bootstrap carries.
$(SB)/archive.o: $(SB)/archive.asm $(server-archived:%=$(SB)/stripped/%)
	@echo "  NASM    $<"
	$(Q)$(NASM) -f elf32 -o $@ $<

$(SB)/archive-tables.o: $(SB)/archive-tables.asm \
    $(patsubst %,$(SB)/stripped/%,$(server-archived) $(server-tables))
	@echo "  NASM    $<"
	$(Q)$(NASM) -f elf32 -o $@ $<

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
	$$(Q)$$(CC) $$(SERVER_LDFLAGS) $$(server-$(1)-ldflags) -o $$@ \
		$$(server-$(1)-obj) \
		$$(server-lib-obj) -Wl,--start-group $(SB)/stubs.a \
		$(MUSL)/libc.a -lgcc -Wl,--end-group
	$$(Q)servers/check-traps $$@ $(OBJCOPY:objcopy=objdump)
endef

$(foreach s,$(servers),$(eval $(call server-link,$(s))))

# UNIX programs that talk to servers: unix-programs += NAME, unix-NAME-src,
# unix-NAME-uses (.defs that it calls).  Their C library is the compiler's own.
$(SB)/libtartan-client.a: $(call server-object,$(client-lib-src) \
    $(client-lib-asm))
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# Our headers for programs, and not the kernel's few of the C library's names.
UNIX_INCLUDE := $(SB)/include
UNIX_CFLAGS := -std=gnu11 -O2 -g -I. -I$(SB) -isystem $(UNIX_INCLUDE)

$(UNIX_INCLUDE):
	@mkdir -p $@
	$(Q)ln -sfn $(foreach d,mach mach_debug device servers, \
		$(CURDIR)/include/$(d)) $@/

$(SB)/program/%.o: %.c | $(server-stub-headers) $(UNIX_INCLUDE)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(UNIX_CFLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<

define unix-link
$(SB)/$(1): $$(patsubst %.c,$(SB)/program/%.o,$$(unix-$(1)-src)) \
    $(SB)/libtartan-client.a $(SB)/stubs.a
	@echo "  LD      $$@"
	$$(Q)$$(CC) -static -o $$@ $$^
endef

$(foreach p,$(unix-programs),$(eval $(call unix-link,$(p))))

servers: $(servers:%=$(SB)/%) $(unix-programs:%=$(SB)/%)
server-objects: $(server-lib-obj)

-include $(shell find $(SB)/program -name "*.d" 2>/dev/null) \
	$(wildcard $(SB)/obj/*/*.d $(SB)/obj/*/*/*.d $(SB)/obj/*.d)

.PHONY: servers server-objects
