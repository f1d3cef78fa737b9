# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

servers += unix

# Logic that knows no messages; the host tests compile the same list.
server-unix-logic := \
	servers/unix/unix_process.c \
	servers/unix/unix_signal.c \
	servers/unix/unix_timer.c \
	servers/unix/unix_fd.c \
	servers/unix/unix_epoll.c \
	servers/unix/unix_eventfd.c \
	servers/unix/unix_signalfd.c \
	servers/unix/unix_timerfd.c \
	servers/unix/unix_record.c \
	servers/unix/unix_pipe.c \
	servers/unix/unix_tty.c \
	servers/unix/unix_pty.c \
	servers/unix/unix_node.c \
	servers/unix/unix_dev.c \
	servers/unix/unix_proc.c \
	servers/unix/unix_proc_process.c \
	servers/unix/unix_proc_system.c \
	servers/unix/unix_path.c \
	servers/unix/unix_elf.c \
	servers/unix/unix_symbols.c \
	servers/unix/unix_sync.c

# The calls; the tests have something in place of what they ask of Mach.
server-unix-calls := \
	servers/unix/unix_call_process.c \
	servers/unix/unix_call_signal.c \
	servers/unix/unix_call_timer.c \
	servers/unix/unix_call_sched.c \
	servers/unix/unix_call_file.c \
	servers/unix/unix_call_lock.c \
	servers/unix/unix_call_path.c \
	servers/unix/unix_call_memory.c \
	servers/unix/unix_call_attr.c \
	servers/unix/unix_call_poll.c \
	servers/unix/unix_call_epoll.c \
	servers/unix/unix_call_futex.c \
	servers/unix/unix_call_system.c \
	servers/unix/unix_call_swap.c \
	servers/unix/unix_call_log.c \
	servers/unix/unix_call.c

server-unix-src := $(server-unix-logic) \
	servers/unix/unix_remote.c \
	servers/unix/unix_task.c \
	servers/unix/unix_task_access.c \
	servers/unix/unix_memory.c \
	servers/unix/unix_names.c \
	servers/unix/unix_machine.c \
	servers/unix/unix_vmtree.c \
	servers/unix/unix_exec.c \
	$(server-unix-calls) \
	servers/unix/unix_rpc.c \
	servers/unix/unix_exc.c \
	servers/unix/unix_console.c \
	servers/unix/main.c

server-unix-serves := unix exc
server-unix-uses := file dir file_control mach_host mach_debug pager tartan

server-unix-extra := $(SB)/unix-emul-image.o

# Programs of ours in the disk image: ordinary static ones, with musl's own
# start-up.  They lie as they will on the disk.
system-root := $(B)/root
system-tools := $(system-root)/bin/vmstat

$(system-root)/bin/vmstat: servers/unix/tools/vmstat_count.h

$(system-tools): $(system-root)/bin/%: servers/unix/tools/%.c
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(Q)$(CC) -std=gnu11 -Os -s $(WARNINGS) -march=i686 -nostdinc -nostdlib \
	    -static -fno-pie -no-pie -fno-stack-protector -fcf-protection=none \
	    -isystem $(MUSL_INCLUDE) \
	    -isystem $(shell $(CC) -print-file-name=include 2>/dev/null) \
	    -o $@ $(MUSL)/crt1.o $(MUSL)/crti.o $< $(MUSL)/libc.a \
	    $(shell $(CC) -print-libgcc-file-name) $(MUSL)/crtn.o

# The emulation library: a program of its own, linked at a fixed address, that
# the server carries.
EB := $(B)/emul

emul-src := servers/unix/emul/emul_call.c servers/unix/emul/emul_rpc.c \
	servers/unix/emul/emul_file.c servers/unix/emul/emul_memory.c \
	servers/unix/emul/emul_advice.c servers/unix/emul/emul_page.c \
	servers/unix/emul/emul_process.c servers/unix/emul/emul_signal.c \
	servers/unix/emul/emul_time.c servers/unix/emul/emul_fpu.c \
	servers/unix/emul/emul_lib.c
emul-uses := unix file mach mach_port mach_host mach_i386 mach_debug

$(foreach i,$(emul-uses),$(eval $(call mig-user,emul,$(i))))

EMUL_CFLAGS := $(filter-out -DKERNEL=1 -mregparm=3 -I$(B)/mig,$(KERNEL_CFLAGS)) \
	-fomit-frame-pointer -fasynchronous-unwind-tables -ffunction-sections \
	-fno-tree-loop-distribute-patterns -I$(EB) -include string.h

emul-obj := $(EB)/entry.o $(emul-src:servers/unix/emul/%.c=$(EB)/%.o) \
	$(emul-uses:%=$(EB)/%_user.o)

$(EB)/%.o: servers/unix/emul/%.c | $(emul-uses:%=$(EB)/%_user.h)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(EMUL_CFLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<

$(EB)/%_user.o: $(EB)/%_user.c | $(emul-uses:%=$(EB)/%_user.h)
	$(Q)$(CC) $(EMUL_CFLAGS) -w -MMD -MP -c -o $@ $<

$(EB)/entry.o: servers/unix/emul/entry.asm
	@mkdir -p $(@D)
	@echo "  NASM    $<"
	$(Q)$(NASM) -f elf32 -g -F dwarf -I. -MD $(@:.o=.d) -o $@ $<

$(EB)/emul: servers/unix/emul/emul.lds $(emul-obj)
	@echo "  LD      $@"
	$(Q)$(LD) -m elf_i386 -T $< --gc-sections -n -o $@ $(emul-obj) \
		$(shell $(CC) -print-libgcc-file-name)

$(SB)/unix-emul-image.o: servers/unix/emul_image.asm $(EB)/emul
	@mkdir -p $(@D)
	$(Q)$(OBJCOPY) --strip-debug $(EB)/emul $(EB)/emul.image
	$(Q)$(NASM) -f elf32 -I$(EB)/ -o $@ $<

-include $(wildcard $(EB)/*.d)
