# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# For makefiles of servers and their clients outside of Tartan's own tree:
#
#	stubs := hello_server hello_user	(of mig/hello.defs)
#	include $(TARTAN)/lib/tartan/tartan.mk
#	build/hello: build/server/main.o build/server/mig/hello_server.o
#		$(link-server)
#	build/hello-client: build/client/client.o build/client/mig/hello_user.o
#		$(link-client)
#
# Objects under build/server are for servers, with the musl C library, those
# under build/client for UNIX programs, with the compiler's own.  Headers come
# from include/, generated ones from build/ as <mig/hello_user.h>.  Needed:
# Debian's gcc-i686-linux-gnu, libc6-dev-i386-cross, mig-i686-gnu:i386 and
# musl-dev:i386.

TARTAN_LIB := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
TARTAN_INCLUDE := $(abspath $(TARTAN_LIB)/../../include/tartan)

CROSS ?= i686-linux-gnu-
CC := $(CROSS)gcc
MIG ?= i686-gnu-mig
B ?= build

include $(TARTAN_LIB)/flags.mk

OUR_INCLUDE := -I. -I$(B) -Iinclude -isystem $(TARTAN_INCLUDE)
SERVER_CFLAGS := $(SERVER_CODE) $(SERVER_LIBC) $(OUR_INCLUDE)
CLIENT_CFLAGS := -std=gnu11 -O2 -g $(OUR_INCLUDE)
MIG_RUN = CC=$(CC) $(MIG) -n -Iinclude -I$(TARTAN_INCLUDE)

define link-server
$(CC) $(SERVER_LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--whole-archive \
	$(TARTAN_LIB)/libtartan-server.a -Wl,--no-whole-archive \
	-Wl,--start-group $(TARTAN_LIB)/libtartan-driver.a \
	$(TARTAN_LIB)/libtartan-stubs.a $(MUSL)/libc.a -lgcc -Wl,--end-group
$(TARTAN_LIB)/check-traps $@ $(CROSS)objdump
endef

define link-client
$(CC) -static -o $@ $(filter %.o,$^) $(TARTAN_LIB)/libtartan-client.a \
	$(TARTAN_LIB)/libtartan-stubs.a
endef

$(B)/mig/%_server.c $(B)/mig/%_server.h: mig/%.defs
	@mkdir -p $(@D)
	$(MIG_RUN) -DSERVERPREFIX=S_ -server $(B)/mig/$*_server.c \
		-sheader $(B)/mig/$*_server.h $<

$(B)/mig/%_user.c $(B)/mig/%_user.h: mig/%.defs
	@mkdir -p $(@D)
	$(MIG_RUN) -user $(B)/mig/$*_user.c -header $(B)/mig/$*_user.h $<

# What MIG writes is not for warnings.
$(B)/server/%.o: $(B)/%.c | $(stubs:%=$(B)/mig/%.h)
	@mkdir -p $(@D)
	$(CC) $(SERVER_CFLAGS) -w -c -o $@ $<

$(B)/client/%.o: $(B)/%.c | $(stubs:%=$(B)/mig/%.h)
	@mkdir -p $(@D)
	$(CC) $(CLIENT_CFLAGS) -w -c -o $@ $<

$(B)/server/%.o: %.c | $(stubs:%=$(B)/mig/%.h)
	@mkdir -p $(@D)
	$(CC) $(SERVER_CFLAGS) -Wall -MD -MP -c -o $@ $<

$(B)/client/%.o: %.c | $(stubs:%=$(B)/mig/%.h)
	@mkdir -p $(@D)
	$(CC) $(CLIENT_CFLAGS) -Wall -MD -MP -c -o $@ $<

-include $(wildcard $(B)/server/*.d $(B)/client/*.d)

.SECONDARY:
.DEFAULT_GOAL := all
