# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Programs that test servers/lib, bootstrap and the name server: each boots as
# the only module, see run.

servers += libtest
server-libtest-src := tests/servers/libtest.c
server-libtest-serves := name
server-libtest-uses := name

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

# The file server with a disk, and a client of it.
servers += filetest
server-filetest-src := tests/servers/filetest.c
server-filetest-serves :=
server-filetest-uses := file dir file_control

servers += fileboot
server-fileboot-src = $(server-bootstrap-src)
server-fileboot-serves = $(server-bootstrap-serves)
server-fileboot-uses :=
server-fileboot-extra := $(SB)/archive-file.o

$(SB)/archive-file.asm: servers/bootstrap/make-archive \
    tests/servers/file.list
	@mkdir -p $(@D)
	$(Q)servers/bootstrap/make-archive tests/servers/file.list \
		$(SB)/stripped name file filetest > $@

$(SB)/archive-file.o: $(SB)/archive-file.asm $(SB)/stripped/name \
    $(SB)/stripped/file $(SB)/stripped/filetest
	$(Q)$(NASM) -f elf32 -o $@ $<
