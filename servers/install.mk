# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# make install-dev [DESTDIR=...] [PREFIX=/usr]: what somebody needs to write
# servers, and UNIX programs that talk to them, outside of this tree:
#
#	PREFIX/include/tartan	headers and interfaces
#	PREFIX/lib/tartan	libraries; tartan.mk says how to use them
#	PREFIX/share/tartan	servers/hello as a project of its own

PREFIX ?= /usr

dev-stubs := $(filter-out $(foreach p,$(unix-programs),$(unix-$(p)-uses)), \
	$(server-uses)) name
dev-driver-obj := $(call server-object,$(driver-src) $(disk-src))
dev-libs := $(SB)/dev/libtartan-server.a $(SB)/dev/libtartan-driver.a \
	$(SB)/dev/libtartan-stubs.a $(SB)/libtartan-client.a

$(SB)/dev/libtartan-server.a: $(server-lib-obj)
$(SB)/dev/libtartan-driver.a: $(dev-driver-obj)
$(SB)/dev/libtartan-stubs.a: $(dev-stubs:%=$(SB)/obj/mig/%_user.o)

$(SB)/dev/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

install-dev: $(dev-libs) $(dev-stubs:%=$(SB)/mig/%_user.h)
	@servers/install-dev "$(DESTDIR)$(PREFIX)" $(dev-libs) \
		$(dev-stubs:%=$(SB)/mig/%_user.h)

.PHONY: install-dev
