/* Two questions at once. */
#include <string.h>

#include "dialog/deciding.h"
#include "text/question.h"

/* Words around the questions, such as a greeting, are parts as well. */
#define PARTS_MAX 4

/* The two questions of a text; false: it is one, or more than two. */
static bool
find_two(const struct deciding *d, const char *two[ANSWERS_MAX])
{
	const struct pack *pack = d->in->knowledge->pack;
	struct text_part parts[PARTS_MAX + 1];
	size_t n = text_split_questions(d->question, strlen(d->question),
					pack->language, parts, PARTS_MAX + 1);
	size_t n_questions = 0;
	for (size_t i = 0; i < n; i++) {
		const char *text = d->question + parts[i].begin;
		size_t len = parts[i].end - parts[i].begin;
		if (pack_smalltalk(pack, text, len))
			continue;
		if (!parts[i].is_question || n_questions == ANSWERS_MAX)
			return false;
		two[n_questions++] =
			arena_printf(d->arena, "%.*s", (int)len, text);
	}
	return n_questions == ANSWERS_MAX;
}

size_t
two_entries(const struct deciding *d, const struct index_entry *list[NEAR_MAX])
{
	double floor = d->in->knowledge->settings.floor;
	struct topic topic = d->memory.topic;
	const char *two[ANSWERS_MAX];
	size_t n = 0;
	if (!find_two(d, two))
		return 0;
	for (size_t i = 0; i < ANSWERS_MAX; i++) {
		struct search search;
		look_up(d, two[i], &topic, &search);
		const struct index_entry *entry =
			found_entry(d, &search, floor);
		if (!entry || (n && entry == list[0]))
			return 0;
		topic = topic_of(d, entry);
		list[n++] = entry;
	}
	return n;
}

bool
answer_two(struct deciding *d)
{
	double threshold = d->in->knowledge->settings.threshold;
	struct search *searches = d->searches;
	const char *two[ANSWERS_MAX];
	if (!find_two(d, two))
		return false;
	look_up(d, two[0], &d->memory.topic, &searches[0]);
	const struct index_entry *first =
		found_entry(d, &searches[0], threshold);
	if (!first)
		return false;
	struct topic topic = topic_of(d, first);
	look_up(d, two[1], &topic, &searches[1]);
	const struct index_entry *second =
		found_entry(d, &searches[1], threshold);
	if (!second || second == first)
		return false;
	answer_add(d, first);
	answer_add(d, second);
	answer_end(d, "two_questions",
		   searches[0].confidence < searches[1].confidence
			   ? searches[0].confidence
			   : searches[1].confidence);
	return true;
}
