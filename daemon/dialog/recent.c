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

/* What was written at some time, and the end of it, since digits were asked
 * for. */
struct tail {
	char text[RECENT_TAIL_BYTES + 1];
	bool is_asked;
	size_t n_since; /* bytes; may be all of it */
};

struct words {
	uint64_t message;   /* the last one */
	struct tail before; /* it was written */
	struct tail with;   /* it */
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

/* NULL: nothing is remembered. */
static const struct tail *
tail_before(struct recent *recent, uint64_t conversation, uint64_t message,
	    int64_t now_us)
{
	forget_old(recent, now_us);
	const struct name *name = find_name(recent, conversation);
	if (!name)
		return NULL;
	const struct words *words = words_of(recent, name);
	return message && words->message == message ? &words->before
						    : &words->with;
}

const char *
recent_before(struct recent *recent, uint64_t conversation, uint64_t message,
	      int64_t now_us)
{
	const struct tail *tail =
		tail_before(recent, conversation, message, now_us);
	return tail ? tail->text : "";
}

const char *
recent_since_asked(struct recent *recent, uint64_t conversation,
		   uint64_t message, int64_t now_us)
{
	const struct tail *tail =
		tail_before(recent, conversation, message, now_us);
	if (!tail || !tail->is_asked)
		return NULL;
	return tail->text + strlen(tail->text) - tail->n_since;
}

void
recent_ask_digits(struct recent *recent, uint64_t conversation, bool asks,
		  const char *words)
{
	const struct name *name = find_name(recent, conversation);
	if (!name)
		return;
	struct tail *tail = &words_of(recent, name)->with;
	/* Of several messages, the last line is the last one's. */
	const char *line = strrchr(words, '\n');
	words = line ? line + 1 : words;
	size_t len = strlen(tail->text), n = strlen(words);
	size_t n_same = n < len ? n : len;
	bool is_last =
		strcmp(tail->text + len - n_same, words + n - n_same) == 0;
	tail->is_asked = asks && is_last;
	tail->n_since = 0;
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

static void
add(struct tail *tail, const char *text)
{
	char both[2 * RECENT_TAIL_BYTES + 2];
	size_t len = strlen(tail->text), text_len = strlen(text);
	/* Of a longer text nothing else would be kept. */
	if (text_len > RECENT_TAIL_BYTES) {
		keep_last(tail->text, text, text_len);
	} else {
		memcpy(both, tail->text, len);
		both[len] = ' ';
		memcpy(both + len + 1, text, text_len + 1);
		keep_last(tail->text, both, len + 1 + text_len);
	}
	len = strlen(tail->text);
	tail->n_since += text_len + 1;
	if (tail->n_since > len)
		tail->n_since = len;
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
	words->before = words->with;
	add(&words->with, text);
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
