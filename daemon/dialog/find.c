#include "dialog/find.h"

#include <string.h>

#include "base/mem.h"
#include "dialog/knowledge.h"
#include "dialog/lesson.h"
#include "faq/index.h"

size_t
find_entries(const struct knowledge *knowledge, struct index_scratch *scratch,
	     const char *text, size_t len_context, int64_t now_us, size_t k,
	     struct candidate *out, struct intents *intents_r)
{
	struct index_intent intents[INTENTS_MAX];
	size_t len = strlen(text);
	intents_r->n = 0;
	if (knowledge->lesson)
		intents_r->n = lesson_guess(knowledge->lesson, text, len,
					    intents_r->list, INTENTS_MAX);
	for (size_t i = 0; i < intents_r->n; i++)
		intents[i] = (struct index_intent){
			.name = intents_r->list[i].intent,
			.probability = intents_r->list[i].probability,
		};
	const struct index_question question = {
		.text = text,
		.len = len,
		.len_context = len_context,
		.now_us = now_us,
		.intents = intents,
		.n_intents = intents_r->n,
	};
	return index_ask(knowledge->index, scratch, &question, k, out);
}

size_t
find_answers(const struct knowledge *knowledge, struct index_scratch *scratch,
	     const char *said, int64_t now_us, size_t k, struct candidate *out,
	     struct intents *intents_r)
{
	struct arena arena = {0};
	const char *question = question_itself(knowledge->pack, &arena, said);
	size_t n = find_entries(knowledge, scratch, question, 0, now_us, k, out,
				intents_r);
	arena_release(&arena);
	return n;
}
