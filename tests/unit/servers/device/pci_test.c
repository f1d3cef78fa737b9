/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * PCI enumeration on a made-up bus.
 */

#include <servers/device/pci.h>

#include <string.h>

#include <tests/lib/server_test.h>

#define FAKES	8

/* A function: its configuration and the size of each region. */
struct fake {
	uint32_t	location;
	uint8_t		config[256];
	uint32_t	mask[BUS_BARS];		/* writable bits */
};

static struct fake fakes[FAKES];
static unsigned fake_count;
static unsigned fake_reads;

static struct fake *
fake_find(uint32_t location)
{
	for (unsigned i = 0; i < fake_count; i++) {
		if (fakes[i].location == location) {
			return &fakes[i];
		}
	}
	return NULL;
}

static uint32_t
fake_read(uint32_t location, uint32_t offset, uint32_t width)
{
	struct fake *fake = fake_find(location);
	uint32_t value = 0;

	fake_reads++;
	if (fake == NULL) {
		return width == 4 ? 0xffffffff : (1u << width * 8) - 1;
	}
	memcpy(&value, fake->config + offset, width);
	return value;
}

static void
fake_write(uint32_t location, uint32_t offset, uint32_t width, uint32_t value)
{
	struct fake *fake = fake_find(location);
	uint32_t bar = (offset - 0x10) / 4;

	if (fake == NULL) {
		return;
	}
	if (offset >= 0x10 && bar < BUS_BARS) {
		uint32_t old;

		memcpy(&old, fake->config + offset, 4);
		/* Only the bits of the mask change; the kind stays. */
		value = (value & fake->mask[bar]) |
		    (old & ~fake->mask[bar]);
	}
	memcpy(fake->config + offset, &value, width);
}

static const struct pci_access fake_access = {
	.read = fake_read, .write = fake_write,
};

static struct fake *
fake_add(uint32_t location, uint32_t vendor_device, uint32_t class_code)
{
	struct fake *fake = &fakes[fake_count++];
	uint32_t class_revision = class_code << 8 | 2;

	memset(fake, 0, sizeof(*fake));
	fake->location = location;
	memcpy(fake->config, &vendor_device, 4);
	memcpy(fake->config + 8, &class_revision, 4);
	return fake;
}

static void
fake_bar(struct fake *fake, unsigned bar, uint32_t value, uint32_t mask)
{
	memcpy(fake->config + 0x10 + 4 * bar, &value, 4);
	fake->mask[bar] = mask;
}

TEST(pci_reads_regions)
{
	struct bus_info found[4];
	struct fake *fake;

	fake_count = 0;
	fake = fake_add(0x0009, 0x70108086, 0x010180);
	fake_add(0x0008, 0x70008086, 0x060100)->config[0x0e] = 0x80;
	fake_bar(fake, 0, 0xfebf1000, 0xfffff000);
	fake_bar(fake, 4, 0x0000c041, 0x0000fff0);
	fake->config[0x3c] = 14;
	fake->config[0x3d] = 1;
	fake->config[4] = 3;
	REQUIRE(pci_scan(&fake_access, found, 4) == 2);
	CHECK_EQ(found[1].location, 0x0009);
	CHECK_EQ(found[1].vendor, 0x8086);
	CHECK_EQ(found[1].device, 0x7010);
	CHECK_EQ(found[1].class_code, 0x010180);
	CHECK_EQ(found[1].irq, 14);
	CHECK_EQ(found[1].base[0], 0xfebf1000);
	CHECK_EQ(found[1].size[0], 0x1000);
	CHECK_EQ(found[1].flags[0], 0);
	CHECK_EQ(found[1].size[1], 0);
	CHECK_EQ(found[1].base[4], 0xc040);
	CHECK_EQ(found[1].size[4], 16);
	CHECK_EQ(found[1].flags[4], BUS_BAR_IO);
	CHECK_EQ(found[0].irq, BUS_NO_IRQ);
	/* The scan leaves everything as it was. */
	CHECK_EQ(fake_read(0x0009, 0x10, 4), 0xfebf1000);
	CHECK_EQ(fake_read(0x0009, 0x20, 4), 0xc041);
	CHECK_EQ(fake_read(0x0009, 4, 2), 3);
}

TEST(pci_hides_regions_above_4_gib)
{
	struct bus_info found[4];
	struct fake *fake;

	fake_count = 0;
	fake = fake_add(0x0000, 0x12345678, 0x020000);
	fake_bar(fake, 0, 0x00000004, 0xffff0000);
	fake_bar(fake, 1, 0x00000001, 0xffffffff);
	fake_bar(fake, 2, 0xfe000004, 0xffff0000);
	fake_bar(fake, 3, 0x00000000, 0xffffffff);
	REQUIRE(pci_scan(&fake_access, found, 4) == 1);
	CHECK_EQ(found[0].size[0], 0);
	CHECK_EQ(found[0].size[1], 0);
	CHECK_EQ(found[0].size[2], 0x10000);
	CHECK_EQ(found[0].base[2], 0xfe000000);
	CHECK_EQ(found[0].size[3], 0);
}

TEST(pci_follows_bridges_once)
{
	struct bus_info found[8];

	fake_count = 0;
	fake_add(0x0010, 0x11112222, 0x060400)->config[0x19] = 1;
	fakes[0].config[0x0e] = 1;
	/* A bridge that claims to lead back to where it is. */
	fake_add(0x0118, 0x33334444, 0x060400)->config[0x19] = 0;
	fakes[1].config[0x0e] = 1;
	fake_add(0x0120, 0x55556666, 0x010601);
	CHECK_EQ(pci_scan(&fake_access, found, 8), 3);
	CHECK_EQ(found[1].location, 0x0118);
	CHECK_EQ(found[2].location, 0x0120);
}

TEST(pci_stops_at_the_maximum)
{
	struct bus_info found[2];

	fake_count = 0;
	for (uint32_t i = 0; i < 5; i++) {
		fake_add(i << 3, 0x00010002 + i, 0x020000);
	}
	CHECK_EQ(pci_scan(&fake_access, found, 2), 2);
}

TEST(pci_config_bounds)
{
	CHECK(pci_config_valid(0, 4));
	CHECK(pci_config_valid(255, 1));
	CHECK(pci_config_valid(254, 2));
	CHECK(!pci_config_valid(255, 2));
	CHECK(!pci_config_valid(256, 1));
	CHECK(!pci_config_valid(2, 4));
	CHECK(!pci_config_valid(0, 3));
	CHECK(!pci_config_valid(0xfffffffc, 4));
}

TEST(pci_enable_keeps_other_bits)
{
	fake_count = 0;
	fake_add(0x0008, 0x11112222, 0x020000)->config[5] = 0x04;
	pci_enable(&fake_access, 0x0008);
	CHECK_EQ(fake_read(0x0008, 4, 2), 0x0407);
}
