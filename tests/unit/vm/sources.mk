# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Tests of vm/ run with the whole kernel; these also with pagers.

vm-pager-bin := $(B)/host/vm/memory_object_test \
	$(B)/host/vm/memory_object_copy_test $(B)/host/vm/vm_pageout_test \
	$(B)/host/vm/vm_flow_test $(B)/host/vm/vm_model_test \
	$(B)/host/vm/vm_map_rest_test $(B)/host/vm/vm_private_test \
	$(B)/host/vm/vm_smp_test

$(vm-pager-bin): $(B)/host/obj/tests/unit/vm/fake_pager.o

$(B)/host/vm/pmap_test: $(patsubst %.c,$(B)/host/obj/%.o,\
	tests/machine/pmap_suite.c tests/machine/pmap_suite_page.c \
	tests/machine/pmap_suite_random.c tests/machine/pmap_suite_smp.c)

$(B)/host/vm/vm_model_test: $(B)/host/obj/tests/unit/vm/vm_world.o \
	$(B)/host/obj/tests/lib/vm_model.o

# A million operations by each of several seeds.
VM_MODEL_SEEDS ?= 1 2 3 4
vm-model: $(B)/host/vm/vm_model_test
	$(Q)for seed in $(VM_MODEL_SEEDS); do \
	    SEED=$$seed OPERATIONS=500000 LIMIT=7200 $< || exit 1; done

.PHONY: vm-model
