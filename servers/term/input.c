/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A ring of bytes between the thread that takes interrupts and those that
 * read.  Head and tail run freely; their difference is the fill.
 */
#include <servers/term/term.h>

void
input_init(struct input *input)
{
	pthread_mutex_init(&input->lock, NULL);
	pthread_cond_init(&input->arrived, NULL);
	pthread_cond_init(&input->taken, NULL);
	input->head = 0;
	input->tail = 0;
}

void
input_await_room(struct input *input, uint32_t size)
{
	pthread_mutex_lock(&input->lock);
	while (INPUT_SIZE - (input->head - input->tail) < size) {
		pthread_cond_wait(&input->taken, &input->lock);
	}
	pthread_mutex_unlock(&input->lock);
}

void
input_put(struct input *input, const void *bytes, uint32_t size)
{
	const uint8_t *p = bytes;

	pthread_mutex_lock(&input->lock);
	for (uint32_t i = 0; i < size &&
	    input->head - input->tail < INPUT_SIZE; i++) {
		input->bytes[input->head++ % INPUT_SIZE] = p[i];
	}
	pthread_cond_signal(&input->arrived);
	pthread_mutex_unlock(&input->lock);
}

uint32_t
input_get(struct input *input, void *bytes, uint32_t size, bool nowait)
{
	uint8_t *p = bytes;
	uint32_t got = 0;

	pthread_mutex_lock(&input->lock);
	while (input->head == input->tail && !nowait) {
		pthread_cond_wait(&input->arrived, &input->lock);
	}
	while (got < size && input->head != input->tail) {
		p[got++] = input->bytes[input->tail++ % INPUT_SIZE];
	}
	if (got > 0) {
		pthread_cond_signal(&input->taken);
	}
	/* Another reader may find the rest. */
	if (input->head != input->tail) {
		pthread_cond_signal(&input->arrived);
	}
	pthread_mutex_unlock(&input->lock);
	return got;
}

int
input_read(struct input *input, int mode, void *buffer, uint32_t size,
    uint32_t *got)
{
	bool nowait = (mode & D_NOWAIT) != 0;

	*got = size == 0 ? 0 : input_get(input, buffer, size, nowait);
	return *got == 0 && size != 0 ? D_WOULD_BLOCK : D_SUCCESS;
}
