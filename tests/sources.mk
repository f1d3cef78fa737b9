# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

check-needs := servers $(B)/packages/gnumach-image-1.8-486/.done

# T=pattern picks some.  What the jobs need is built first.
check: $(check-needs)
	@T='$(T)' tests/run

.PHONY: check
