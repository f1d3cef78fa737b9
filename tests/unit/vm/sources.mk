# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Tests of vm/ run with the whole kernel; these also with pagers.

vm-pager-bin := $(B)/host/vm/memory_object_test \
	$(B)/host/vm/memory_object_copy_test $(B)/host/vm/vm_pageout_test

$(vm-pager-bin): $(B)/host/obj/tests/unit/vm/fake_pager.o

$(B)/host/vm/vm_model_test: $(B)/host/obj/tests/unit/vm/vm_model.o
