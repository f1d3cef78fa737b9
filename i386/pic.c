/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * 8259 interrupt controllers: the second one hangs on line 2 of the first.
 */

#include <i386/pic.h>

#include <stdint.h>

#include <i386/io.h>

#define PIC_MASTER	0x20
#define PIC_SLAVE	0xa0
#define PIC_DATA	1		/* offset of the mask register */
#define PIC_CASCADE	2		/* line of the slave */

#define PIC_ICW1_INIT	0x11		/* four words follow, cascade, edge */
#define PIC_ICW4_8086	0x01
#define PIC_READ_ISR	0x0b
#define PIC_EOI_LINE	0x60		/* or'ed with the line */

static uint16_t pic_masks = 0xffff;	/* under intr.c's lock */

static void
pic_write_masks(void)
{
	io_outb(PIC_MASTER + PIC_DATA, (uint8_t)pic_masks);
	io_outb(PIC_SLAVE + PIC_DATA, (uint8_t)(pic_masks >> 8));
}

static void
pic_init_one(uint16_t port, unsigned vector, uint8_t cascade)
{
	io_outb(port, PIC_ICW1_INIT);
	io_outb(port + PIC_DATA, (uint8_t)vector);
	io_outb(port + PIC_DATA, cascade);
	io_outb(port + PIC_DATA, PIC_ICW4_8086);
}

void
pic_setup(unsigned vector)
{
	pic_init_one(PIC_MASTER, vector, 1u << PIC_CASCADE);
	pic_init_one(PIC_SLAVE, vector + 8, PIC_CASCADE);
	pic_masks = (uint16_t)~(1u << PIC_CASCADE);
	pic_write_masks();
}

void
pic_mask(unsigned irq)
{
	pic_masks |= (uint16_t)(1u << irq);
	pic_write_masks();
}

void
pic_unmask(unsigned irq)
{
	pic_masks &= (uint16_t)~(1u << irq);
	pic_write_masks();
}

void
pic_eoi(unsigned irq)
{
	if (irq >= 8) {
		io_outb(PIC_SLAVE, (uint8_t)(PIC_EOI_LINE | (irq - 8)));
		irq = PIC_CASCADE;
	}
	io_outb(PIC_MASTER, (uint8_t)(PIC_EOI_LINE | irq));
}

bool
pic_is_spurious(unsigned irq)
{
	uint16_t port = irq < 8 ? PIC_MASTER : PIC_SLAVE;

	if (irq != 7 && irq != 15) {
		return false;
	}
	io_outb(port, PIC_READ_ISR);
	if ((io_inb(port) & 0x80) != 0) {
		return false;
	}
	/* The master did see a real interrupt from the slave. */
	if (irq == 15) {
		io_outb(PIC_MASTER, PIC_EOI_LINE | PIC_CASCADE);
	}
	return true;
}
