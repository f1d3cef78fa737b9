# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Programs that test servers/lib, bootstrap and the name server: each boots as
# the only module, see run.

servers += libtest
server-libtest-src := tests/servers/libtest.c
server-libtest-serves := name
server-libtest-uses := name

# For tests/system/kdb_key_test.py.
servers += asker
server-asker-src := tests/servers/asker.c
server-asker-serves :=
server-asker-uses :=

# Bootstrap with another list, of actors that live and die as the test wants.
servers += actor
server-actor-src := tests/servers/actor.c
server-actor-serves :=
server-actor-uses := bootstrap name

servers += boottest
server-boottest-src = $(server-bootstrap-src)
server-boottest-serves = $(server-bootstrap-serves)
server-boottest-uses :=
server-boottest-extra := $(SB)/archive-test.o

$(SB)/archive-test.asm: servers/bootstrap/make-archive \
    tests/servers/restart.list
	@mkdir -p $(@D)
	$(Q)servers/bootstrap/make-archive tests/servers/restart.list \
		$(SB)/stripped name actor > $@

$(SB)/archive-test.o: $(SB)/archive-test.asm $(SB)/stripped/name \
    $(SB)/stripped/actor
	$(Q)$(NASM) -f elf32 -o $@ $<

# The file server with a disk, and a client of it: on GNU Mach with the kernel's
# driver, on ours with the servers'.
servers += filetest
server-filetest-src := tests/servers/filetest.c
server-filetest-serves :=
server-filetest-uses := file dir file_control

# $(call file-boot,NAME,LIST,SERVERS)
define file-boot
servers += $(1)
server-$(1)-src = $$(server-bootstrap-src)
server-$(1)-serves = $$(server-bootstrap-serves)
server-$(1)-uses :=
server-$(1)-extra := $(SB)/archive-$(1).o

$(SB)/archive-$(1).asm: servers/bootstrap/make-archive tests/servers/$(2)
	@mkdir -p $$(@D)
	$$(Q)servers/bootstrap/make-archive tests/servers/$(2) \
		$(SB)/stripped $(3) > $$@

$(SB)/archive-$(1).o: $(SB)/archive-$(1).asm $(3:%=$(SB)/stripped/%)
	$$(Q)$(NASM) -f elf32 -o $$@ $$<
endef

$(eval $(call file-boot,fileboot,file.list,name file filetest))
$(eval $(call file-boot,fileboot-own,file-own.list,\
	name device ide file filetest))

# The default pager, which pages into a file of that, and a client of it.
servers += pagertest
server-pagertest-src := tests/servers/pagertest.c
server-pagertest-serves :=
server-pagertest-uses := default_pager pager file dir file_control

$(eval $(call file-boot,pagerboot,pager.list,\
	name device ide file pager pagertest))
