# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

LINT = CC="$(CC)" NM="$(NM)" KERNEL_CFLAGS="$(KERNEL_CFLAGS)" \
	SERVER_CFLAGS="$(SERVER_CFLAGS)" tests/check/lint

# Objects are looked at for what they export; generated headers are included.
lint: $(kernel-mig-headers) $(kernel-obj) $(server-stub-headers) servers
	@$(LINT) --report licence words extern messages layers guards headers \
		symbols layout

# Those files that differ from the last commit, or FILES.
format:
	@tests/check/format $(or $(FILES),$(shell git diff --name-only \
		--diff-filter=d HEAD -- '*.[ch]'))

# Can the debugger's own way come to a breakpoint?
breaks-check: $(B)/tartan
	@tests/check/breaks $<

.PHONY: lint format breaks-check
