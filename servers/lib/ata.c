/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * ATA identification and commands.
 */
#include <servers/lib/ata.h>

enum ata_word {
	ATA_WORD_CONFIG = 0,
	ATA_WORD_MODEL = 27,
	ATA_WORD_CAPABILITIES = 49,
	ATA_WORD_SECTORS28 = 60,
	ATA_WORD_COMMANDS = 83,
	ATA_WORD_SECTORS48 = 100,
};

#define ATA_CONFIG_NOT_ATA	0x8000
#define ATA_CAPABLE_DMA		0x0100
#define ATA_CAPABLE_LBA		0x0200
#define ATA_COMMANDS_LBA48	0x0400
#define ATA_COMMANDS_VALID	0xc000
#define ATA_COMMANDS_VALID_IS	0x4000
#define ATA_MODEL_WORDS		20
#define ATA_LBA28_MAX		(1u << 28)

/* Text has the first character in the high byte, and trailing blanks. */
static void
ata_model(const uint16_t *words, char *model)
{
	unsigned length = 0;

	for (unsigned i = 0; i < ATA_MODEL_WORDS; i++) {
		model[2 * i] = (char)(words[i] >> 8);
		model[2 * i + 1] = (char)words[i];
	}
	for (unsigned i = 0; i < 2 * ATA_MODEL_WORDS; i++) {
		if (model[i] < ' ' || model[i] > '~') {
			model[i] = ' ';
		}
		if (model[i] != ' ') {
			length = i + 1;
		}
	}
	model[length] = '\0';
}

bool
ata_identify_parse(const uint16_t words[256], struct ata_identity *identity)
{
	uint16_t capable = words[ATA_WORD_CAPABILITIES];
	uint16_t commands = words[ATA_WORD_COMMANDS];

	if ((words[ATA_WORD_CONFIG] & ATA_CONFIG_NOT_ATA) != 0 ||
	    (capable & ATA_CAPABLE_LBA) == 0 ||
	    (capable & ATA_CAPABLE_DMA) == 0) {
		return false;
	}
	identity->lba48 = (commands & ATA_COMMANDS_VALID) ==
	    ATA_COMMANDS_VALID_IS && (commands & ATA_COMMANDS_LBA48) != 0;
	identity->sectors = words[ATA_WORD_SECTORS28] |
	    (uint32_t)words[ATA_WORD_SECTORS28 + 1] << 16;
	if (identity->lba48) {
		identity->sectors = 0;
		for (unsigned i = 4; i-- > 0;) {
			identity->sectors = identity->sectors << 16 |
			    words[ATA_WORD_SECTORS48 + i];
		}
	}
	ata_model(&words[ATA_WORD_MODEL], identity->model);
	return identity->sectors != 0;
}

struct ata_command
ata_transfer(const struct ata_identity *identity, bool write, uint64_t sector,
    uint32_t count)
{
	/* The short form is all that old disks have, and faster on new. */
	bool wide = identity->lba48 &&
	    (count > 256 || sector + count > ATA_LBA28_MAX);
	struct ata_command command = {
		.command = wide ? (write ? ATA_WRITE_DMA_EXT
		    : ATA_READ_DMA_EXT) : (write ? ATA_WRITE_DMA
		    : ATA_READ_DMA),
		.device = ATA_DEVICE_LBA,
		.lba48 = wide,
		.sector = sector,
		.count = (uint16_t)(wide ? count : count & 0xff),
	};

	if (!wide) {
		command.device |= (uint8_t)(sector >> 24 & 0x0f);
	}
	return command;
}

struct ata_command
ata_flush(const struct ata_identity *identity)
{
	return (struct ata_command){
		.command = identity->lba48 ? ATA_FLUSH_EXT : ATA_FLUSH,
		.device = ATA_DEVICE_LBA,
	};
}
