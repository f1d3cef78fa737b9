/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Operations on name spaces beside a model: what names denote, what calls
 * answer, and what ports count, with memory that fails now and then.
 */

#include <tests/unit/ipc/ipc_world.h>

#include "fuzz_host.h"
#include "ipc_model.h"
#include "ipc_ops.h"

static void
rights_one(void)
{
	struct world_mark mark;

	world_mark(&mark);
	ipc_model_begin();
	while (fuzz_host_more() && !ipc_model_full()) {
		ipc_ops_one();
	}
	ipc_model_check();
	world_back(&mark);
}

static void
rights(void)
{
	fuzz_host_run(rights_one);
}

const struct world_test world_tests[] = {
	{ "rights", rights },
	{ NULL, NULL },
};
