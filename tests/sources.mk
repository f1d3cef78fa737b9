# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

# What the jobs need is built first, so that they do not build side by side.
check-needs := $(B)/tartan servers $(B)/tartan.iso $(B)/fresh.img \
	$(B)/packages/gnumach-image-1.8-486/.done boot-test-modules unit-build \
	$(B)/tests/fuzz/kernel fuzz-host-build $(B)/tests/machine/pmap \
	$(B)/tests/disasm/lister

# T=pattern picks some.
check: $(check-needs)
	@T='$(T)' tests/run

.PHONY: check
