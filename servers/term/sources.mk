# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

servers += term
server-term-src = \
	servers/term/main.c \
	servers/term/serial.c \
	servers/term/console.c \
	servers/term/screen.c \
	servers/term/keyboard.c \
	servers/term/input.c \
	servers/term/fortify.c \
	$(driver-src)
server-term-serves := device
server-term-uses := bus
server-term-extra := /usr/lib/i386-linux-gnu/libvterm.a

# The C library of servers has its own headers; this one comes from the host.
$(SB)/vterm%.h: /usr/include/vterm%.h
	@mkdir -p $(@D)
	$(Q)cp $< $@
$(SB)/vterm.h: /usr/include/vterm.h
	@mkdir -p $(@D)
	$(Q)cp $< $@
$(SB)/obj/servers/term/console.o: | $(SB)/vterm.h $(SB)/vterm_keycodes.h
