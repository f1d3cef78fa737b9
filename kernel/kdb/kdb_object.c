/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What holds memory together, drawn while the machine stands still.  An object
 * is taken for one if its set of pages names it; each other link is checked
 * against the one back, where there is one.
 */

#include <kernel/kdb/kdb_object.h>

#include <mach/memory_object.h>

#include <machine/peek.h>
#include <machine/pmap.h>

#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_list.h>

#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_paged.h>

#define KDB_OBJECT_CHAIN	12u	/* objects of a chain in a map's tree */
#define KDB_OBJECT_LENGTH	100000u	/* of a chain that is only followed */
#define KDB_OBJECT_SHADOWS	64u	/* that are looked through for a page */
#define KDB_OBJECT_FAMILY	1000u	/* objects that are drawn */
#define KDB_OBJECT_PAGES	256u	/* of one that are listed */

/* Copies of what is at `address'. */
struct kdb_object {
	const struct vm_object	*address;
	struct vm_object	o;
	struct vm_pages		pages;
	struct vm_family	family;
};

struct kdb_object_count {
	unsigned	resident;
	unsigned	wired;
	unsigned	dirty;
	unsigned	busy;
	unsigned	absent;
};

static bool
kdb_object_read(const struct vm_object *address, struct kdb_object *object)
{
	object->address = address;
	return address != NULL &&
	    (uintptr_t)address % sizeof(uintptr_t) == 0 &&
	    peek_read((uintptr_t)address, &object->o, sizeof(object->o)) &&
	    peek_read((uintptr_t)object->o.pages, &object->pages,
	    sizeof(object->pages)) &&
	    object->pages.object == address &&
	    peek_read((uintptr_t)object->o.family, &object->family,
	    sizeof(object->family));
}

/* ---- pages -------------------------------------------------------------- */

/* Returns false if it wants no more. */
typedef bool (*kdb_object_page_fn_t)(const struct vm_page *address,
    const struct vm_page *page, void *arg);

/* Call FN for each resident page; false if they are damaged. */
static bool
kdb_object_each_page(const struct kdb_object *object, kdb_object_page_fn_t fn,
    void *arg)
{
	struct kdb_list_tree walk = { .depth = 0 };
	unsigned left = object->pages.count;
	uint64_t next = 0;
	struct vm_page copy;

	if (!kdb_list_tree_left(&walk, object->pages.tree.root)) {
		return false;
	}
	while (walk.depth > 0) {
		const struct vm_page *page = rbtree_entry(
		    walk.path[--walk.depth], struct vm_page, node);

		if (left-- == 0 || !vm_page_is_struct(page) ||
		    !peek_read((uintptr_t)page, &copy, sizeof(copy)) ||
		    copy.pages != object->o.pages || copy.index < next) {
			return false;
		}
		/* They come in order, so that it ends. */
		next = (uint64_t)copy.index + 1;
		if (!fn(page, &copy, arg)) {
			return true;
		}
		if (!kdb_list_tree_left(&walk,
		    copy.node.child[RBTREE_RIGHT])) {
			return false;
		}
	}
	return left == 0;
}

static bool
kdb_object_count_page(const struct vm_page *address,
    const struct vm_page *page, void *arg)
{
	struct kdb_object_count *count = arg;
	bool modified;
	bool referenced;

	pmap_debug_bits(vm_page_to_phys(address), &modified, &referenced);
	count->resident++;
	count->wired += page->wire_count > 0 ? 1 : 0;
	count->dirty += page->dirty || modified ? 1 : 0;
	count->busy += page->busy ? 1 : 0;
	count->absent += page->absent ? 1 : 0;
	return true;
}

static void
kdb_object_print_flag(bool set, const char *name)
{
	if (set) {
		kdb_printf(" %s", name);
	}
}

static void
kdb_object_print_page(const struct vm_page *address,
    const struct vm_page *page)
{
	phys_addr_t pa = vm_page_to_phys(address);
	bool modified;
	bool referenced;

	pmap_debug_bits(pa, &modified, &referenced);
	kdb_printf("page %p at %08lx", (const void *)address, (unsigned long)pa);
	if (page->wire_count > 0) {
		kdb_printf(" wired %u", page->wire_count);
	}
	kdb_object_print_flag(page->on_queue == VM_PAGE_Q_ACTIVE, "active");
	kdb_object_print_flag(page->on_queue == VM_PAGE_Q_INACTIVE,
	    "inactive");
	kdb_object_print_flag(page->dirty || modified, "dirty");
	kdb_object_print_flag(referenced, "referenced");
	kdb_object_print_flag(page->busy, "busy");
	kdb_object_print_flag(page->absent, "absent");
	kdb_object_print_flag(page->wanted, "wanted");
	kdb_object_print_flag(page->error, "error");
	kdb_object_print_flag(page->precious, "precious");
	kdb_object_print_flag(page->laundry, "laundry");
	if (page->lock != 0) {
		kdb_printf(" locked %#x", page->lock);
	}
}

struct kdb_object_list {
	struct kdb_tree			*tree;
	const struct kdb_object		*object;
	unsigned			left;
	unsigned			rest;	/* of the object's pages */
};

static bool
kdb_object_list_page(const struct vm_page *address,
    const struct vm_page *page, void *arg)
{
	struct kdb_object_list *list = arg;
	bool last = list->rest == 1;

	kdb_tree_branch(list->tree, last || list->left == 0);
	if (list->left == 0) {
		kdb_printf("%u more\n", list->rest);
		return false;
	}
	kdb_printf("+%08lx ", (unsigned long)(page->index -
	    list->object->pages.bias) << vm_page_shift);
	kdb_object_print_page(address, page);
	kdb_printf("\n");
	list->left--;
	list->rest--;
	return true;
}

/* ---- one object --------------------------------------------------------- */

static void
kdb_object_print_pager(const struct kdb_object *object)
{
	if (object->o.physical) {
		kdb_printf(", memory at %08lx", (unsigned long)object->o.phys);
	}
	if (object->o.pager != NULL) {
		kdb_printf(", pager %p +%lx%s%s", (void *)object->o.pager,
		    (unsigned long)object->o.paging_offset,
		    object->o.pager_dead ? " dead" : "",
		    object->o.ready ? "" : " not ready");
	} else if (object->o.pager_made) {
		kdb_printf(", pager asked for");
	}
}

/* The line of OBJECT, with what its pages are. */
static void
kdb_object_print(const struct kdb_object *object)
{
	struct kdb_object_count count = { 0 };
	bool good = kdb_object_each_page(object, kdb_object_count_page, &count);

	kdb_printf("object %p %s %luK refs %u, %u resident, %u wired, %u dirty",
	    (const void *)object->address, object->o.physical ? "physical" :
	    object->o.internal ? "internal" : "external",
	    (unsigned long)object->o.size / 1024, object->o.refs,
	    count.resident, count.wired, count.dirty);
	if (count.busy != 0) {
		kdb_printf(", %u busy, %u absent", count.busy, count.absent);
	}
	kdb_object_print_pager(object);
	kdb_object_print_flag(object->o.shared, "shared");
	kdb_object_print_flag(!object->o.alive, "ending");
	kdb_object_print_flag(object->o.cached, "cached");
	kdb_object_print_flag(object->o.paging != 0, "paging");
	kdb_object_print_flag(object->family.lock.owner != 0, "locked");
	if (object->o.copy != NULL) {
		kdb_printf(", copy %p", (void *)object->o.copy);
	}
	if (!good) {
		kdb_printf("; pages are damaged: %u of %u found", count.resident,
		    object->pages.count);
	}
	kdb_printf("\n");
}

static void
kdb_object_print_bad(const struct vm_object *address)
{
	kdb_printf("%p is no object\n", (const void *)address);
}

/* How long the chain from OBJECT on is; 0 when it has no end. */
static unsigned
kdb_object_chain_length(const struct vm_object *object)
{
	struct vm_object copy;

	for (unsigned n = 0; n < KDB_OBJECT_LENGTH; n++) {
		if (object == NULL ||
		    !peek_read((uintptr_t)object, &copy, sizeof(copy))) {
			return n;
		}
		object = copy.shadow;
	}
	return 0;
}

static void
kdb_object_print_rest(const struct vm_object *address)
{
	unsigned length = kdb_object_chain_length(address);

	if (length == 0) {
		kdb_printf("the chain goes round from %p on\n",
		    (const void *)address);
	} else {
		kdb_printf("%u more, from %p on\n", length, (const void *)address);
	}
}

void
kdb_object_draw_chain(struct kdb_tree *tree, const struct vm_object *address)
{
	static struct kdb_object object;
	vm_offset_t offset = 0;
	unsigned depth = 0;

	for (; address != NULL; address = object.o.shadow) {
		kdb_tree_branch(tree, true);
		if (depth == KDB_OBJECT_CHAIN) {
			kdb_object_print_rest(address);
			break;
		}
		if (depth > 0) {
			kdb_printf("shadows +%lx of ", (unsigned long)offset);
		}
		if (!kdb_object_read(address, &object)) {
			kdb_object_print_bad(address);
			break;
		}
		kdb_object_print(&object);
		offset = object.o.shadow_offset;
		if (!kdb_tree_down(tree, true)) {
			break;
		}
		depth++;
	}
	while (depth > 0) {
		kdb_tree_up(tree);
		depth--;
	}
}

static void
kdb_object_draw_details(struct kdb_tree *tree, const struct kdb_object *object)
{
	kdb_tree_branch(tree, false);
	kdb_printf("family %p, lock %s %u; paging %u, returning %u\n",
	    (void *)object->o.family, object->family.lock.owner == 0 ? "free," :
	    "held by processor", object->family.lock.owner == 0 ? 0 :
	    object->family.lock.owner - 1, object->o.paging,
	    object->o.returning);
	kdb_tree_branch(tree, false);
	kdb_printf("ports: pager %p, control %p, name %p\n",
	    (void *)object->o.pager, (void *)object->o.control,
	    (void *)object->o.name);
	kdb_tree_branch(tree, false);
	kdb_printf("copy strategy %u, to push %lx-%lx, frozen %lx-%lx%s%s%s\n",
	    object->o.copy_strategy, (unsigned long)object->o.copy_start,
	    (unsigned long)object->o.copy_end,
	    (unsigned long)object->o.frozen_start,
	    (unsigned long)object->o.frozen_end,
	    object->o.single ? " single" : "",
	    object->o.may_cache ? " may-cache" : "",
	    object->o.temporary ? " temporary" : "");
}

static void
kdb_object_draw_copy(struct kdb_tree *tree, const struct kdb_object *object)
{
	static struct kdb_object copy;

	if (object->o.copy == NULL) {
		return;
	}
	kdb_tree_branch(tree, false);
	kdb_printf("copy: ");
	if (!kdb_object_read(object->o.copy, &copy)) {
		kdb_object_print_bad(object->o.copy);
		return;
	}
	kdb_object_print(&copy);
	if (copy.o.shadow != object->address) {
		kdb_tree_branch(tree, false);
		kdb_printf("damaged: the copy shadows %p\n",
		    (void *)copy.o.shadow);
	}
}

void
kdb_object_show(const struct vm_object *address)
{
	static struct kdb_object object;
	struct kdb_tree tree = { .depth = 0 };
	struct kdb_object_list list = { &tree, &object, KDB_OBJECT_PAGES, 0 };

	if (!kdb_object_read(address, &object)) {
		kdb_object_print_bad(address);
		return;
	}
	kdb_object_print(&object);
	kdb_object_draw_details(&tree, &object);
	kdb_object_draw_copy(&tree, &object);
	if (object.o.shadow != NULL) {
		kdb_tree_branch(&tree, false);
		kdb_printf("shadows +%lx of\n",
		    (unsigned long)object.o.shadow_offset);
		(void)kdb_tree_down(&tree, false);
		kdb_object_draw_chain(&tree, object.o.shadow);
		kdb_tree_up(&tree);
	}
	kdb_tree_branch(&tree, true);
	kdb_printf("%u pages\n", object.pages.count);
	list.rest = object.pages.count;
	(void)kdb_tree_down(&tree, true);
	if (!kdb_object_each_page(&object, kdb_object_list_page, &list)) {
		kdb_tree_branch(&tree, true);
		kdb_printf("damaged: %u missing\n", list.rest);
	}
}

/* ---- families ----------------------------------------------------------- */

/* Where the chain of ADDRESS ends; NULL if it does not. */
static const struct vm_object *
kdb_object_bottom(const struct vm_object *address)
{
	struct vm_object copy;

	for (unsigned n = 0; n < KDB_OBJECT_LENGTH; n++) {
		if (!peek_read((uintptr_t)address, &copy, sizeof(copy)) ||
		    copy.shadow == NULL) {
			return address;
		}
		address = copy.shadow;
	}
	return NULL;
}

/* A walk over all that shadows, directly or not, the first of `path'. */
struct kdb_object_family {
	struct kdb_tree		tree;
	const struct vm_object	*path[KDB_TREE_DEPTH + 1];
	unsigned		depth;		/* of the one we are at */
	bool			last;		/* it is its parent's last */
};

/* The one after the one at PATH's end that shadows the same, or as it does. */
static const struct vm_object *
kdb_object_family_across(struct kdb_object_family *family)
{
	struct vm_object copy;

	while (family->depth > 0) {
		const struct vm_object *below = family->path[family->depth - 1];

		if (!peek_read((uintptr_t)family->path[family->depth], &copy,
		    sizeof(copy))) {
			return NULL;
		}
		if (copy.shadows_link.next != &below->shadows.head) {
			return list_entry(copy.shadows_link.next,
			    struct vm_object, shadows_link);
		}
		if (--family->depth > 0) {
			kdb_tree_up(&family->tree);
		}
	}
	return NULL;
}

/* Go on from the one we are at, of which OBJECT is a copy; NULL at the end. */
static const struct vm_object *
kdb_object_family_next(struct kdb_object_family *family,
    const struct kdb_object *object)
{
	const struct list_node *first = object->o.shadows.head.next;

	if (first == &object->address->shadows.head) {
		return kdb_object_family_across(family);
	}
	if (family->depth == KDB_TREE_DEPTH ||
	    (family->depth > 0 && !kdb_tree_down(&family->tree, family->last))) {
		kdb_printf("(more above: show chain %p)\n", (const void *)
		    list_entry(first, struct vm_object, shadows_link));
		return kdb_object_family_across(family);
	}
	family->depth++;
	return list_entry(first, struct vm_object, shadows_link);
}

/* Draw the object at ADDRESS, to OBJECT; false: it is damaged. */
static bool
kdb_object_family_draw(struct kdb_object_family *family,
    const struct vm_object *address, const struct vm_object *wanted,
    struct kdb_object *object)
{
	const struct vm_object *below = family->depth == 0 ? NULL :
	    family->path[family->depth - 1];
	bool good = kdb_object_read(address, object) &&
	    object->o.shadow == below;

	family->path[family->depth] = address;
	family->last = below == NULL || !good ||
	    object->o.shadows_link.next == &below->shadows.head;
	if (below != NULL) {
		kdb_tree_branch(&family->tree, family->last);
	}
	if (!good) {
		kdb_printf("damaged: %p does not shadow this\n",
		    (const void *)address);
		return false;
	}
	if (below != NULL) {
		kdb_printf("+%lx: ", (unsigned long)object->o.shadow_offset);
	}
	kdb_printf("%s", address == wanted ? "=> " : "");
	kdb_object_print(object);
	return true;
}

static void
kdb_object_draw_family(const struct vm_object *bottom,
    const struct vm_object *wanted)
{
	static struct kdb_object object;
	static struct kdb_object_family family;
	const struct vm_object *address = bottom;
	unsigned left = KDB_OBJECT_FAMILY;

	family.depth = 0;
	family.tree.depth = 0;
	while (address != NULL) {
		if (left-- == 0) {
			kdb_printf("and more\n");
			return;
		}
		if (!kdb_object_family_draw(&family, address, wanted,
		    &object)) {
			return;
		}
		address = kdb_object_family_next(&family, &object);
	}
}

void
kdb_object_show_family(const struct vm_object *address)
{
	static struct kdb_object object;
	struct kdb_tree tree = { .depth = 0 };
	unsigned length = kdb_object_chain_length(address);

	if (!kdb_object_read(address, &object)) {
		kdb_object_print_bad(address);
	} else if (length == 0) {
		kdb_object_print_rest(address);
	} else if (length > KDB_TREE_DEPTH) {
		kdb_printf("%u objects down to %p; the first of them:\n", length,
		    (const void *)kdb_object_bottom(address));
		kdb_object_draw_chain(&tree, address);
	} else {
		kdb_object_draw_family(kdb_object_bottom(address), address);
	}
}

/* ---- one page ----------------------------------------------------------- */

static bool
kdb_object_draw_mapping(const struct pmap_debug_page *page, void *arg)
{
	struct kdb_tree *tree = arg;

	kdb_tree_branch(tree, false);
	kdb_printf("mapped at %08lx by pmap %p r%sx%s%s%s\n",
	    (unsigned long)page->va, (const void *)page->pmap,
	    (page->prot & VM_PROT_WRITE) != 0 ? "w" : "-",
	    page->wired ? " wired" : "", page->modified ? " modified" : "",
	    page->referenced ? " referenced" : "");
	return true;
}

/* The struct that ADDRESS means, of itself or as a physical one. */
static const struct vm_page *
kdb_object_find_page(uintptr_t address)
{
	if (vm_page_is_struct((const void *)address)) {
		return (const struct vm_page *)address;
	}
	return vm_page_from_phys((phys_addr_t)address);
}

void
kdb_object_show_page(uintptr_t address)
{
	const struct vm_page *at = kdb_object_find_page(address);
	static struct kdb_object object;
	struct kdb_tree tree = { .depth = 0 };
	struct vm_pages pages;
	struct vm_page page;

	if (at == NULL || !peek_read((uintptr_t)at, &page, sizeof(page))) {
		kdb_printf("no page has or is at %08lx\n", (unsigned long)address);
		return;
	}
	kdb_object_print_page(at, &page);
	kdb_printf(", %s\n", page.state == VM_PAGE_FREE ||
	    page.state == VM_PAGE_LOOSE ? "free" :
	    page.state == VM_PAGE_RESERVED ? "reserved" :
	    page.pages == NULL ? "private" : "of an object");
	if (!pmap_debug_mappings(vm_page_to_phys(at), kdb_object_draw_mapping,
	    &tree)) {
		kdb_tree_branch(&tree, false);
		kdb_printf("damaged: the list of its mappings\n");
	}
	kdb_tree_branch(&tree, true);
	if (page.pages == NULL) {
		kdb_printf("in no object\n");
	} else if (!peek_read((uintptr_t)page.pages, &pages, sizeof(pages)) ||
	    !kdb_object_read(pages.object, &object)) {
		kdb_printf("damaged: no set of pages at %p\n", (void *)page.pages);
	} else {
		kdb_printf("+%08lx of ", (unsigned long)(page.index - pages.bias) <<
		    vm_page_shift);
		kdb_object_print(&object);
	}
}

/* ---- bytes -------------------------------------------------------------- */

/* The page of OBJECT with INDEX, and a copy of it; NULL: it has none. */
static const struct vm_page *
kdb_object_page_at(const struct kdb_object *object, uint32_t index,
    struct vm_page *copy)
{
	const struct rbtree_node *node = object->pages.tree.root;

	for (unsigned i = 0; i < KDB_LIST_DEPTH && node != NULL; i++) {
		const struct vm_page *page =
		    rbtree_entry(node, struct vm_page, node);

		if (!vm_page_is_struct(page) ||
		    !peek_read((uintptr_t)page, copy, sizeof(*copy)) ||
		    copy->pages != object->o.pages) {
			return NULL;
		}
		if (copy->index == index) {
			return page;
		}
		node = copy->node.child[copy->index < index ? RBTREE_RIGHT
							    : RBTREE_LEFT];
	}
	return NULL;
}

bool
kdb_object_find(const struct vm_object *address, vm_offset_t offset,
    phys_addr_t *phys)
{
	static struct kdb_object object;

	for (unsigned i = 0; i < KDB_OBJECT_SHADOWS; i++) {
		const struct vm_page *page;
		struct vm_page copy;

		if (!kdb_object_read(address, &object) || object.o.physical) {
			return false;
		}
		page = kdb_object_page_at(&object, (uint32_t)(offset >>
		    vm_page_shift) + object.pages.bias, &copy);
		if (page != NULL) {
			*phys = vm_page_to_phys(page) +
			    (offset & (vm_page_size - 1));
			return !copy.absent && !copy.error;
		}
		/* A pager may have a newer one than is below. */
		if (object.o.pager != NULL) {
			return false;
		}
		offset += object.o.shadow_offset;
		address = object.o.shadow;
	}
	return false;
}
