#include "dialog/intake_redact.h"

#include <string.h>

#include <tellerd/plugin.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "dialog/recent.h"
#include "dialog/turn.h"
#include "text/redact.h"

/* Marks may be longer than what they stand for. */
#define REDACTED_GROWTH 4
/* Of what was written elsewhere: marks may also be shorter than what they stand
 * for, and what is cut off at its beginning may be no secret to see. */
#define EARLIER_BYTES ((size_t)16 * RECENT_TAIL_BYTES)

const char *
intake_redact(struct arena *arena, const char *text, size_t len,
	      unsigned int *found)
{
	struct buf clean, out;
	if (!text)
		return "";
	buf_init(&clean, len * 3 + 1);
	buf_init(&out, len * 3 * REDACTED_GROWTH + 64);
	unsigned int kinds_found = 0;
	const char *kept = NULL;
	if (!utf8_repair(&clean, text, len) &&
	    !text_redact(&out, buf_str(&clean), clean.len, &kinds_found))
		kept = arena_strdup(arena, buf_str(&out));
	*found |= kinds_found;
	buf_release(&clean);
	buf_release(&out);
	return kept;
}

const char *
intake_redact_word(struct arena *arena, const char *text, unsigned int *found)
{
	const char *kept =
		text ? intake_redact(arena, text, strlen(text), found) : NULL;
	return kept ? kept : "";
}

uint64_t
intake_conversation_hash(const char *channel, const char *account,
			 const char *conversation)
{
	struct buf name;
	if (!account)
		account = "";
	buf_init(&name,
		 strlen(channel) + strlen(account) + strlen(conversation) + 8);
	buf_addf(&name, "%s\n%s\n%s", channel, account, conversation);
	uint64_t hash = hash_bytes(name.data, name.len);
	buf_release(&name);
	return hash;
}

void
intake_asked(struct recent *recent, const struct conversation *conversation,
	     const struct turn_result *result)
{
	const char *names[] = {conversation->key, conversation->public_id};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		recent_ask_digits(recent,
				  intake_conversation_hash(
					  conversation->channel,
					  conversation->account, names[i]),
				  result->asks_digits, result->question);
}

/* By the first of its ids; 0: it has none. */
static uint64_t
hash_message(const struct teller_message *in)
{
	for (size_t i = 0; i < TELLER_EXTERNAL_IDS; i++)
		if (in->external_ids[i])
			return hash_bytes(in->external_ids[i],
					  strlen(in->external_ids[i]));
	return 0;
}

/* What of text is secret because of what stands before it. */
static const char *
redact_behind(struct arena *arena, const char *before, const char *text,
	      unsigned int *found)
{
	struct buf both, out;
	size_t len = strlen(before) + 1 + strlen(text);
	unsigned int kinds_found = 0;
	const char *kept = NULL;
	buf_init(&both, len + 1);
	buf_init(&out, len * REDACTED_GROWTH + 64);
	buf_addf(&both, "%s %s", before, text);
	if (!text_redact_behind(&out, buf_str(&both), both.len,
				strlen(before) + 1, &kinds_found))
		kept = arena_strdup(arena, buf_str(&out));
	*found |= kinds_found;
	buf_release(&both);
	buf_release(&out);
	return kept;
}

/* No more of what a client brings than can matter to the end that is kept, as
 * it is redacted on the loop. */
static const char *
redact_end(struct arena *arena, const char *text, size_t len)
{
	unsigned int found = 0;
	size_t n_cut = len > EARLIER_BYTES ? len - EARLIER_BYTES : 0;
	while (n_cut < len && ((unsigned char)text[n_cut] & 0xc0) == 0x80)
		n_cut++;
	return intake_redact(arena, text + n_cut, len - n_cut, &found);
}

/* What was written before it elsewhere is remembered as if it had come first.
 * Of a conversation that is remembered, it was. */
static const char *
before_of(struct arena *arena, struct recent *recent, uint64_t conversation,
	  const struct teller_message *in, int64_t now_us)
{
	uint64_t message = hash_message(in);
	const char *before =
		recent_before(recent, conversation, message, now_us);
	if (*before || !in->earlier_len)
		return before;
	const char *earlier = redact_end(arena, in->earlier, in->earlier_len);
	if (!earlier)
		return NULL;
	recent_keep(recent, conversation, 0, earlier, now_us);
	return recent_before(recent, conversation, message, now_us);
}

/* "4821", all by itself. */
static bool
is_four_digits(const char *text)
{
	static const char around[] = " \t\r\n.,()";
	enum { LAST_FOUR = 4 };
	text += strspn(text, around);
	size_t n = strspn(text, "0123456789");
	return n == LAST_FOUR && !text[n + strspn(text + n, around)];
}

/* Asked for the last four digits of a card, a customer may give them, though a
 * PIN was spoken of before that: not since, and no card number that they go on.
 */
static bool
answers_with_digits(struct arena *arena, const char *since, const char *alone,
		    unsigned int found)
{
	unsigned int found_since = 0;
	if (!since || !is_four_digits(alone) ||
	    found & (1u << REDACT_CARD | 1u << REDACT_IBAN))
		return false;
	return !*since || (redact_behind(arena, since, alone, &found_since) &&
			   !found_since);
}

const char *
intake_redact_spoken(struct arena *arena, struct recent *recent,
		     const char *channel, const struct teller_message *in,
		     const char *alone, int64_t mono_us, unsigned int *found)
{
	const char *text = alone;
	if (!in->conversation)
		return text;
	uint64_t conversation = intake_conversation_hash(channel, in->account,
							 in->conversation);
	const char *before =
		before_of(arena, recent, conversation, in, mono_us);
	if (!before)
		return NULL;
	if (*before) {
		unsigned int kinds_found = 0;
		text = redact_behind(arena, before, alone, &kinds_found);
		const char *since = recent_since_asked(
			recent, conversation, hash_message(in), mono_us);
		if (answers_with_digits(arena, since, alone, kinds_found))
			text = alone;
		else
			*found |= kinds_found;
	}
	if (text)
		recent_keep(recent, conversation, hash_message(in), text,
			    mono_us);
	return text;
}
