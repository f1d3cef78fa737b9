/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <tests/lib/test.h>

#include <kernel/list.h>

struct item {
	struct list_node link;
	int value;
};

TEST(list_order)
{
	struct list list;
	struct item items[4];
	struct item *item;
	int next = 0;

	list_init(&list);
	CHECK(list_empty(&list));
	CHECK(list_first(&list) == NULL && list_last(&list) == NULL);
	for (int i = 0; i < 4; i++) {
		items[i].value = i;
	}
	list_insert_tail(&list, &items[2].link);
	list_insert_head(&list, &items[0].link);
	list_insert_after(&items[0].link, &items[1].link);
	list_insert_tail(&list, &items[3].link);
	list_for_each_entry(&list, item, link) {
		CHECK_EQ(item->value, next);
		next++;
	}
	CHECK_EQ(next, 4);
	CHECK(list_first(&list) == &items[0].link);
	CHECK(list_last(&list) == &items[3].link);
	CHECK(list_next(&list, &items[3].link) == NULL);
	CHECK(list_prev(&list, &items[0].link) == NULL);
}

TEST(list_remove_while_walking)
{
	struct list list;
	struct item items[8];
	struct item *item;
	struct item *tmp;
	int sum = 0;

	list_init(&list);
	for (int i = 0; i < 8; i++) {
		items[i].value = i;
		list_insert_tail(&list, &items[i].link);
	}
	list_for_each_entry_safe(&list, item, tmp, link) {
		if (item->value % 2 != 0) {
			list_remove(&item->link);
			CHECK(!list_node_linked(&item->link));
		}
	}
	list_for_each_entry(&list, item, link) {
		sum += item->value;
	}
	CHECK_EQ(sum, 0 + 2 + 4 + 6);
}

TEST(list_append)
{
	struct list a;
	struct list b;
	struct item items[4];

	list_init(&a);
	list_init(&b);
	list_append(&a, &b);
	CHECK(list_empty(&a) && list_empty(&b));
	for (int i = 0; i < 4; i++) {
		items[i].value = i;
		list_insert_tail(i < 2 ? &a : &b, &items[i].link);
	}
	list_append(&a, &b);
	CHECK(list_empty(&b));
	CHECK_EQ(list_last_entry(&a, struct item, link)->value, 3);
	CHECK_EQ(list_entry(list_next(&a, &items[1].link), struct item,
	    link)->value, 2);
}
