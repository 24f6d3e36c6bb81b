#include "dialog/recent.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"

/* A conversation; at_us 0: the slot is free. */
struct slot {
	uint64_t conversation, also;	    /* its names; also 0: one alone */
	uint64_t message;		    /* the last one */
	int64_t at_us;			    /* of that */
	char before[RECENT_TAIL_BYTES + 1]; /* it was written */
	char tail[RECENT_TAIL_BYTES + 1];   /* with it */
};

struct recent {
	struct slot slots[RECENT_CONVERSATIONS];
};

struct recent *
recent_new(void)
{
	return mem_new(sizeof(struct recent));
}

void
recent_free(struct recent *recent)
{
	free(recent);
}

static struct slot *
find_slot(struct recent *recent, uint64_t conversation)
{
	for (size_t i = 0; i < RECENT_CONVERSATIONS; i++) {
		struct slot *slot = &recent->slots[i];
		if (slot->at_us && (slot->conversation == conversation ||
				    slot->also == conversation))
			return slot;
	}
	return NULL;
}

static void
forget_old(struct recent *recent, int64_t now_us)
{
	for (size_t i = 0; i < RECENT_CONVERSATIONS; i++) {
		struct slot *slot = &recent->slots[i];
		if (slot->at_us && now_us - slot->at_us >= RECENT_US)
			crypto_wipe(slot, sizeof(*slot));
	}
}

/* A free slot, or else the oldest. */
static struct slot *
take_slot(struct recent *recent, uint64_t conversation)
{
	struct slot *oldest = &recent->slots[0];
	for (size_t i = 1; i < RECENT_CONVERSATIONS; i++)
		if (recent->slots[i].at_us < oldest->at_us)
			oldest = &recent->slots[i];
	*oldest = (struct slot){.conversation = conversation};
	return oldest;
}

const char *
recent_before(struct recent *recent, uint64_t conversation, uint64_t message,
	      int64_t now_us)
{
	forget_old(recent, now_us);
	const struct slot *slot = find_slot(recent, conversation);
	if (!slot)
		return "";
	return message && slot->message == message ? slot->before : slot->tail;
}

/* Put the last bytes of text to out, from a blank on: a number that is cut
 * would be another one. */
static void
keep_last(char out[RECENT_TAIL_BYTES + 1], const char *text, size_t len)
{
	if (len > RECENT_TAIL_BYTES) {
		text += len - RECENT_TAIL_BYTES;
		const char *blank = strpbrk(text, " \n");
		text = blank ? blank : text + RECENT_TAIL_BYTES;
	}
	size_t n = strlen(text);
	memmove(out, text, n);
	out[n] = '\0';
}

void
recent_keep(struct recent *recent, uint64_t conversation, uint64_t message,
	    const char *text, int64_t now_us)
{
	forget_old(recent, now_us);
	struct slot *slot = find_slot(recent, conversation);
	if (slot && message && slot->message == message)
		return;
	if (!slot)
		slot = take_slot(recent, conversation);
	memcpy(slot->before, slot->tail, sizeof(slot->before));
	char both[2 * RECENT_TAIL_BYTES + 2];
	size_t len = strlen(slot->tail), text_len = strlen(text);
	/* Of a longer text nothing else would be kept. */
	if (text_len > RECENT_TAIL_BYTES) {
		keep_last(slot->tail, text, text_len);
	} else {
		memcpy(both, slot->tail, len);
		both[len] = ' ';
		memcpy(both + len + 1, text, text_len + 1);
		keep_last(slot->tail, both, len + 1 + text_len);
	}
	slot->message = message;
	slot->at_us = now_us;
}

void
recent_also(struct recent *recent, uint64_t conversation, uint64_t name)
{
	struct slot *slot = find_slot(recent, conversation);
	if (slot && slot->conversation != name)
		slot->also = name;
}
