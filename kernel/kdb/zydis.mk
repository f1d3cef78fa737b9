# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# The disassembler: our files, and Zydis's decoder from Debian's source package.
# Its formatters and its encoder stay out, and so does what no processor has that
# we run on.  No debugging information: tables are most of it.

ZYDIS := $(B)/sources/zydis
ZYCORE := $(B)/packages/libzycore-dev
zydis-ready := $(ZYDIS)/.done $(ZYCORE)/.done
ZYDIS_FLAGS := -isystem $(ZYDIS)/include -isystem $(ZYCORE)/usr/include \
	-DZYAN_NO_LIBC -DZYDIS_STATIC_BUILD -DZYCORE_STATIC_BUILD \
	-DZYDIS_DISABLE_ENCODER -DZYDIS_DISABLE_FORMATTER \
	-DZYDIS_DISABLE_AVX512 -DZYDIS_DISABLE_KNC -DZYDIS_DISABLE_SEGMENT

# Those of our files that see its headers.
zydis-users := kernel/kdb/kdb_disasm kernel/kdb/kdb_att \
	kernel/kdb/kdb_att_mnemonic kernel/kdb/kdb_att_operand
zydis-src := Decoder DecoderData Mnemonic Register SharedData
kernel-src += $(zydis-users:%=%.c)
kernel-lib += $(B)/zydis/libzydis.a

# $(call zydis-rules,DIRECTORY OF OBJECTS,COMPILER,FLAGS,NAME OF THE COMPILER)
define zydis-rules
$(zydis-src:%=$(1)/zydis/%.o): $(1)/zydis/%.o: $(zydis-ready) Makefile
	@mkdir -p $$(@D)
	@echo "  $(4) $$*.c (zydis)"
	$$(Q)$(2) $(3) $(ZYDIS_FLAGS) -I$(ZYDIS)/src -w -g0 -c -o $$@ \
	    $(ZYDIS)/src/$$*.c
endef

$(eval $(call zydis-rules,$(B),$$(CC),$$(KERNEL_CFLAGS) -Os,CC     ))

$(zydis-users:%=$(B)/obj/%.o): private KERNEL_CFLAGS += $(ZYDIS_FLAGS)
$(zydis-users:%=$(B)/obj/%.o): | $(zydis-ready)

$(B)/zydis/libzydis.a: $(zydis-src:%=$(B)/zydis/%.o)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^
