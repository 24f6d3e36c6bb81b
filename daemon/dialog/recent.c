#include "dialog/recent.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"

/* Every message looks through all of the names, which therefore lie together,
 * apart from the words. */
struct name {
	uint64_t conversation, also; /* also 0: it has one name */
	int64_t at_us;		     /* of the last message; 0: free */
};

struct words {
	uint64_t message;		    /* the last one */
	char before[RECENT_TAIL_BYTES + 1]; /* it was written */
	char tail[RECENT_TAIL_BYTES + 1];   /* with it */
};

struct recent {
	struct name names[RECENT_CONVERSATIONS];
	struct words words[RECENT_CONVERSATIONS];
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

static struct name *
find_name(struct recent *recent, uint64_t conversation)
{
	for (size_t i = 0; i < RECENT_CONVERSATIONS; i++) {
		struct name *name = &recent->names[i];
		if (name->at_us && (name->conversation == conversation ||
				    name->also == conversation))
			return name;
	}
	return NULL;
}

static struct words *
words_of(struct recent *recent, const struct name *name)
{
	return &recent->words[name - recent->names];
}

static void
forget_old(struct recent *recent, int64_t now_us)
{
	for (size_t i = 0; i < RECENT_CONVERSATIONS; i++) {
		struct name *name = &recent->names[i];
		if (name->at_us && now_us - name->at_us >= RECENT_US) {
			crypto_wipe(words_of(recent, name),
				    sizeof(struct words));
			*name = (struct name){0};
		}
	}
}

/* A free one, or else the oldest. */
static struct name *
take_name(struct recent *recent, uint64_t conversation)
{
	struct name *oldest = &recent->names[0];
	for (size_t i = 1; i < RECENT_CONVERSATIONS; i++)
		if (recent->names[i].at_us < oldest->at_us)
			oldest = &recent->names[i];
	*oldest = (struct name){.conversation = conversation};
	*words_of(recent, oldest) = (struct words){0};
	return oldest;
}

const char *
recent_before(struct recent *recent, uint64_t conversation, uint64_t message,
	      int64_t now_us)
{
	forget_old(recent, now_us);
	const struct name *name = find_name(recent, conversation);
	if (!name)
		return "";
	const struct words *words = words_of(recent, name);
	return message && words->message == message ? words->before
						    : words->tail;
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
	struct name *name = find_name(recent, conversation);
	if (name && message && words_of(recent, name)->message == message)
		return;
	if (!name)
		name = take_name(recent, conversation);
	struct words *words = words_of(recent, name);
	memcpy(words->before, words->tail, sizeof(words->before));
	char both[2 * RECENT_TAIL_BYTES + 2];
	size_t len = strlen(words->tail), text_len = strlen(text);
	/* Of a longer text nothing else would be kept. */
	if (text_len > RECENT_TAIL_BYTES) {
		keep_last(words->tail, text, text_len);
	} else {
		memcpy(both, words->tail, len);
		both[len] = ' ';
		memcpy(both + len + 1, text, text_len + 1);
		keep_last(words->tail, both, len + 1 + text_len);
	}
	words->message = message;
	name->at_us = now_us;
}

void
recent_also(struct recent *recent, uint64_t conversation, uint64_t name)
{
	struct name *known = find_name(recent, conversation);
	if (known && known->conversation != name)
		known->also = name;
}
