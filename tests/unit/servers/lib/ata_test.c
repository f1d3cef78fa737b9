/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * ATA identification and the choice of commands.
 */

#include <servers/lib/ata.h>

#include <string.h>

#include <tests/lib/server_test.h>

static uint16_t words[256];

static void
words_disk(void)
{
	static const char model[] = "AQMEUH RADDSI K ";

	memset(words, 0, sizeof(words));
	words[0] = 0x0040;
	words[49] = 0x0300;
	words[60] = 0x1234;
	words[61] = 0x0001;
	for (unsigned i = 0; i < 20; i++) {
		words[27 + i] = 0x2020;
	}
	/* Text comes with the bytes of each word swapped. */
	for (unsigned i = 0; i < 8; i++) {
		words[27 + i] = (uint16_t)((uint8_t)model[2 * i + 1] << 8 |
		    (uint8_t)model[2 * i]);
	}
	for (unsigned i = 0; i < 8; i++) {
		words[27 + i] = (uint16_t)(words[27 + i] << 8 |
		    words[27 + i] >> 8);
	}
}

TEST(ata_reads_a_small_disk)
{
	struct ata_identity identity;

	words_disk();
	REQUIRE(ata_identify_parse(words, &identity));
	CHECK_EQ(identity.sectors, 0x11234);
	CHECK(!identity.lba48);
	CHECK(strcmp(identity.model, "AQMEUH RADDSI K") == 0);
}

TEST(ata_reads_a_large_disk)
{
	struct ata_identity identity;

	words_disk();
	words[83] = 0x4400;
	words[100] = 0x5678;
	words[102] = 0x0002;
	REQUIRE(ata_identify_parse(words, &identity));
	CHECK(identity.lba48);
	CHECK_EQ(identity.sectors, 0x200005678ll);
	/* Without the mark of validity the word means nothing. */
	words[83] = 0xc400;
	REQUIRE(ata_identify_parse(words, &identity));
	CHECK(!identity.lba48);
}

TEST(ata_refuses_what_it_cannot_drive)
{
	struct ata_identity identity;

	words_disk();
	words[0] = 0x8580;
	CHECK(!ata_identify_parse(words, &identity));
	words_disk();
	words[49] = 0x0100;
	CHECK(!ata_identify_parse(words, &identity));
	words_disk();
	words[49] = 0x0200;
	CHECK(!ata_identify_parse(words, &identity));
	words_disk();
	words[60] = 0;
	words[61] = 0;
	CHECK(!ata_identify_parse(words, &identity));
}

TEST(ata_chooses_commands)
{
	struct ata_identity identity = { .sectors = 1ull << 32, .lba48 = true };
	struct ata_command c;

	c = ata_transfer(&identity, false, 0x1234567, 8);
	CHECK_EQ(c.command, ATA_READ_DMA);
	CHECK_EQ(c.device, ATA_DEVICE_LBA | 1);
	CHECK_EQ(c.count, 8);
	c = ata_transfer(&identity, true, 0, 256);
	CHECK_EQ(c.command, ATA_WRITE_DMA);
	CHECK_EQ(c.count, 0);
	c = ata_transfer(&identity, true, 0, 257);
	CHECK_EQ(c.command, ATA_WRITE_DMA_EXT);
	CHECK_EQ(c.count, 257);
	/* The last sector that the short form reaches, and the one after. */
	c = ata_transfer(&identity, false, (1u << 28) - 1, 1);
	CHECK_EQ(c.command, ATA_READ_DMA);
	c = ata_transfer(&identity, false, (1u << 28) - 1, 2);
	CHECK_EQ(c.command, ATA_READ_DMA_EXT);
	CHECK_EQ(c.device, ATA_DEVICE_LBA);
	CHECK_EQ(ata_flush(&identity).command, ATA_FLUSH_EXT);
	identity.lba48 = false;
	CHECK_EQ(ata_flush(&identity).command, ATA_FLUSH);
}
