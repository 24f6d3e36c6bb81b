/* What the conversation is about: the entry that was answered last.  A question
 * that leaves it out ("and abroad?") is searched with its words. */
#include <string.h>

#include "dialog/deciding.h"
#include "text/question.h"
#include "text/tokens.h"

/* After so many turns that answered nothing, or so long a pause, who says "it"
 * means something else. */
#define TOPIC_TURNS_MAX 3
#define TOPIC_PAUSE_US (INT64_C(30) * 60 * 1000 * 1000)

/* Who only names a topic writes no more words that mean something, and entries
 * about it have all of them in their question. */
#define NAMED_WORDS_MAX 2
#define HELD_MIN 0.99f

static const char *
language_of(const struct deciding *d)
{
	return d->in->knowledge->pack->language;
}

static void
split(const struct deciding *d, struct tokens *tokens, const char *text)
{
	tokens_init(tokens);
	if (tokens_split(tokens, text, strlen(text), language_of(d)) < 0)
		mem_exhausted();
}

/* The words that say what a text is about. */
static const char *
content_words(const struct deciding *d, const char *text)
{
	struct tokens tokens;
	struct buf words;
	buf_init(&words, REPLY_MAX_BYTES);
	split(d, &tokens, text);
	for (size_t i = 0; i < tokens.n; i++) {
		const char *word = token_word(&tokens, i);
		if (tokens.list[i].is_stop ||
		    text_is_question_word(word, language_of(d)))
			continue;
		if (words.len)
			buf_addc(&words, ' ');
		buf_adds(&words, word);
	}
	const char *kept = arena_strdup(d->arena, buf_str(&words));
	buf_release(&words);
	tokens_release(&tokens);
	return kept;
}

struct topic
topic_of(const struct deciding *d, const struct index_entry *entry)
{
	return (struct topic){
		.entry = entry->name,
		.intent = entry->intent ? entry->intent : "",
		.words = content_words(d, entry->question),
		.at_us = d->in->now_us,
	};
}

void
topic_drop(struct topic *topic)
{
	*topic = (struct topic){.entry = "", .intent = "", .words = ""};
}

void
topic_age(struct deciding *d)
{
	struct topic *topic = &d->memory.topic;
	if (++topic->age > TOPIC_TURNS_MAX ||
	    d->in->now_us - topic->at_us > TOPIC_PAUSE_US)
		topic_drop(topic);
}

const char *
topic_with(const struct deciding *d, const struct topic *topic,
	   const char *question)
{
	struct tokens tokens;
	if (!*topic->words)
		return NULL;
	split(d, &tokens, question);
	bool is_open = text_is_elliptical(&tokens, language_of(d));
	tokens_release(&tokens);
	return is_open ? arena_printf(d->arena, "%s %s", question, topic->words)
		       : NULL;
}

bool
topic_is_all(const struct deciding *d, const char *question)
{
	struct tokens tokens;
	split(d, &tokens, question);
	bool is_all = text_only_asks(&tokens, language_of(d));
	tokens_release(&tokens);
	return is_all;
}

/* What a text names, in so many words at most; NULL: it asks, or tells more. */
static const char *
named_by(const struct deciding *d, const char *text)
{
	struct tokens tokens;
	struct buf words;
	buf_init(&words, REPLY_MAX_BYTES);
	split(d, &tokens, text);
	size_t n = text_named_topic(&tokens, language_of(d), &words);
	const char *named = n > 0 && n <= NAMED_WORDS_MAX
				    ? arena_strdup(d->arena, buf_str(&words))
				    : NULL;
	tokens_release(&tokens);
	buf_release(&words);
	return named;
}

/* Does the question that the customer is shown say all of it?  A paraphrase of
 * it may, by the way. */
static bool
is_about(const struct deciding *d, const struct candidate *found,
	 const struct tokens *named)
{
	const struct index *index = d->in->knowledge->index;
	struct tokens shown;
	split(d, &shown, index_entry(index, found->entry)->question);
	size_t n = 0;
	while (n < named->n && tokens_have_term(&shown, token_term(named, n)))
		n++;
	tokens_release(&shown);
	return n == named->n;
}

static void
keep_those_about(const struct deciding *d, struct search *search,
		 const char *text)
{
	struct tokens named;
	size_t n = 0;
	split(d, &named, text);
	for (size_t i = 0; i < search->n; i++)
		if (is_about(d, &search->candidates[i], &named))
			search->candidates[n++] = search->candidates[i];
	search->n = n;
	tokens_release(&named);
}

size_t
topic_entries(const struct deciding *d,
	      const struct index_entry *list[NEAR_MAX])
{
	static const struct topic none = {.words = ""};
	const char *named = named_by(d, d->question);
	struct search found;
	if (!named)
		return 0;
	look_up(d, named, &none, &found);
	keep_those_about(d, &found, named);
	bool is_held = found.n && found.candidates[0].guessed == 0 &&
		       found.candidates[0].coverage >= HELD_MIN;
	return is_held ? near_entries(d, &found, list) : 0;
}
