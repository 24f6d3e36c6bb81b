/* The telephone number that a customer leaves for the person. */
#include <string.h>

#include "base/hash.h"
#include "dialog/deciding.h"
#include "dialog/said.h"
#include "nlu/entity.h"
#include "nlu/form.h"
#include "nlu/hours.h"
#include "text/tokens.h"

#define FOUND_MAX 16
/* Beside the number in a message that is nothing else; longer, it is a story,
 * and the number may be anybody's. */
#define BESIDE_MAX 4
#define BESIDE_BYTES_MAX 60

/* Telephone numbers of a text that can be right; how many. */
static size_t
find_numbers(const struct deciding *d, const char *text, struct entity *found)
{
	const struct pack *pack = d->in->knowledge->pack;
	struct entity_context context = {
		.rules = pack->entities,
		.now_us = d->in->now_us,
		.zone_minutes = hours_zone_minutes(pack->hours, d->in->now_us),
	};
	size_t n = 0;
	size_t all =
		entities_find(&context, text, strlen(text), found, FOUND_MAX);
	for (size_t i = 0; i < all; i++)
		if (found[i].kind == ENTITY_PHONE && found[i].is_valid)
			found[n++] = found[i];
	return n;
}

struct number {
	const char *value;
	const struct number *next;
};

/* The desk's own, that he only speaks of. */
static const struct number *
our_numbers(const struct deciding *d)
{
	const struct facts *facts = &d->in->knowledge->pack->facts;
	struct number *list = NULL;
	struct entity found[FOUND_MAX];
	map_each (fact, &facts->values) {
		size_t n = find_numbers(d, fact->value, found);
		for (size_t i = 0; i < n; i++) {
			struct number *first =
				arena_new(d->arena, sizeof(*first));
			first->value = arena_strdup(d->arena, found[i].value);
			first->next = list;
			list = first;
		}
	}
	return list;
}

static bool
is_one_of(const char *number, const struct number *list)
{
	while (list && strcmp(list->value, number) != 0)
		list = list->next;
	return list;
}

/* Does the form that is open ask for one, too? */
static bool
has_form_for_it(const struct deciding *d)
{
	const char *name = d->memory.form.name;
	const struct form *form =
		name ? pack_form(d->in->knowledge->pack, name) : NULL;
	for (size_t i = 0; form && i < form->n_slots; i++)
		if (form->slots[i].type == SLOT_PHONE)
			return true;
	return false;
}

/* Words as entities know them: English. */
static const char *const on_words[] = {"on", "at", "under", NULL};
static const char *const again_words[] = {"back", "again", NULL};
static const char *const me_words[] = {"me", NULL};
static const char *const call_words[] = {"call",    "ring", "phone", "reach",
					 "contact", "text", NULL};
static const char *const is_words[] = {"is", NULL};
static const char *const my_words[] = {"my", NULL};
static const char *const number_words[] = {
	"number", "number's", "mobile",	 "phone",   "telephone",
	"cell",	  "landline", "contact", "daytime", NULL};
static const char *const negations[] = {"not", "don't", "dont", "never", NULL};
/* Somebody says it, who need not be he. */
static const char *const sayers[] = {"he",   "she",  "they",   "who",
				     "says", "said", "saying", NULL};
/* With these it is somebody else's number. */
static const char *const others[] = {
	"he",	"she",	  "they",   "who",    "whose",	"his",
	"her",	"their",  "your",   "from",   "by",	"rang",
	"rung", "called", "texted", "driver", "caller", NULL};
/* How far before a phrase it stands who says it. */
#define SAYER_WORDS 2

static bool
is_among(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

/* Is the word before *at one of these?  Then *at goes before it. */
static bool
step_back(const struct tokens *words, size_t *at, const char *const *list)
{
	if (!*at || !is_among(token_word(words, *at - 1), list))
		return false;
	--*at;
	return true;
}

/* "call me back on", "my number is": where it begins in the words that stand
 * before a number; words->n: there is none. */
static size_t
find_phrase(const struct tokens *words)
{
	size_t at = words->n;
	bool is_number = false;
	step_back(words, &at, is_words);
	while (step_back(words, &at, number_words))
		is_number = true;
	if (is_number && !step_back(words, &at, my_words))
		return words->n;
	size_t begin = is_number ? at : words->n;
	step_back(words, &at, on_words);
	step_back(words, &at, again_words);
	return step_back(words, &at, me_words) &&
			       step_back(words, &at, call_words)
		       ? at
		       : begin;
}

/* What stands before a number, behind the one before it. */
struct before {
	size_t n_beside; /* words, but those of a phrase */
	bool has_phrase; /* he asks to be called there */
	bool has_others; /* he may be speaking of somebody else */
	bool is_negated; /* not that one */
};

static struct before
read_words(const char *text, size_t len)
{
	struct before out = {0};
	struct tokens words;
	/* Only what is close to the number says whose it is. */
	if (len > BESIDE_BYTES_MAX) {
		text += len - BESIDE_BYTES_MAX;
		len = BESIDE_BYTES_MAX;
		out.n_beside = BESIDE_MAX + 1;
	}
	tokens_init(&words);
	tokens_split(&words, text, len, "en");
	size_t at = find_phrase(&words);
	out.has_phrase = at < words.n;
	if (!out.has_phrase)
		step_back(&words, &at, on_words);
	out.is_negated = step_back(&words, &at, negations);
	out.n_beside += at;
	for (size_t i = at; i-- > 0 && at - i <= SAYER_WORDS;)
		if (is_among(token_word(&words, i), sayers))
			out.has_phrase = false;
	for (size_t i = 0; i < words.n; i++)
		if (is_among(token_word(&words, i), others))
			out.has_others = true;
	tokens_release(&words);
	out.has_phrase = out.has_phrase && !out.is_negated;
	return out;
}

static bool
is_few(const struct before *words)
{
	return words->n_beside <= BESIDE_MAX && !words->has_others;
}

/* A message, read for a number of his. */
struct said {
	bool is_all;	    /* it says nothing but a number */
	const char *asked;  /* where he asks to be called; NULL: nowhere */
	const char *number; /* that, or the one that is all; NULL: none */
};

/* Of numbers that are his the last one: he may correct himself. */
static struct said
read_message(const struct deciding *d, const char *text)
{
	struct said out = {.is_all = true};
	struct entity found[FOUND_MAX];
	size_t n = find_numbers(d, text, found), begin = 0, n_beside = 0;
	const struct number *ours = n ? our_numbers(d) : NULL;
	const char *last = NULL;
	for (size_t i = 0; i < n; i++) {
		struct before words =
			read_words(text + begin, found[i].begin - begin);
		bool is_his = words.has_phrase || (out.asked && is_few(&words));
		begin = found[i].end;
		n_beside += words.n_beside;
		if (words.has_others)
			out.is_all = false;
		if (words.is_negated || is_one_of(found[i].value, ours))
			continue;
		last = arena_strdup(d->arena, found[i].value);
		if (is_his)
			out.asked = last;
	}
	struct before rest = read_words(text + begin, strlen(text) - begin);
	bool is_asking = !out.asked && strchr(text, '?');
	out.is_all = out.is_all && last && is_few(&rest) && !is_asking &&
		     n_beside + rest.n_beside <= BESIDE_MAX;
	out.number = out.is_all ? last : out.asked;
	return out;
}

bool
call_back_is_all(const struct deciding *d)
{
	bool is_any = false;
	for (size_t i = 0; i < d->out->n_messages; i++) {
		const char *text = d->in->messages[i].text;
		if (!*text)
			continue;
		if (!read_message(d, text).is_all)
			return false;
		is_any = true;
	}
	return is_any;
}

bool
call_back_take(struct deciding *d, bool may_be_bare)
{
	const char *number = NULL;
	int64_t message_id = 0;
	if (d->is_unread || has_form_for_it(d))
		return false;
	/* What one step of the decision took is not said again by another. */
	if (*d->memory.call_back && d->memory.call_back != d->before.call_back)
		return true;
	for (size_t i = 0; i < d->out->n_messages; i++) {
		struct said said = read_message(d, d->in->messages[i].text);
		const char *his = may_be_bare ? said.number : said.asked;
		if (his) {
			number = his;
			message_id = d->in->messages[i].id;
		}
	}
	if (!number)
		return false;
	d->memory.call_back = number;
	d->memory.call_back_id = message_id;
	compose_paragraph(d, compose_text(d, TEXT_CALL_BACK,
					  said_mark(d->arena, number)));
	return true;
}
