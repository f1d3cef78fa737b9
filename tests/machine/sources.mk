# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# The suite that every machine's pmap passes, for the host (tests/unit/vm) and
# in a kernel of its own.

pmap-suite-src := tests/machine/pmap_suite.c tests/machine/pmap_suite_page.c \
	tests/machine/pmap_suite_random.c tests/machine/pmap_suite_smp.c

machine-test-obj := $(patsubst %.c,$(B)/obj/%.o,$(pmap-suite-src) \
	tests/machine/kernel.c)

# The kernel's own link leaves the empty tables that this one has.
$(B)/tests/machine/pmap: $(machine-test-obj) $(B)/tartan
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(Q)$(call kernel-link,$@,--wrap=bootscript_run $(machine-test-obj) \
	    $(B)/tables0.o)

machine-tests: $(B)/tests/machine/pmap
	$(Q)tests/machine/run

-include $(wildcard $(machine-test-obj:.o=.d))

.PHONY: machine-tests
