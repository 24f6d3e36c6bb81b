/* What the index finds, for tests/bench/calibrate.py to judge.
 *
 * Reads lines of fields parted by tabs: E, intent (may be empty), question,
 * answer, and paraphrases for an entry; then Q and a query for each search. The
 * classifier of intents is trained on questions and paraphrases.  Writes for
 * each query one line of candidates parted by blanks, each its entry's number
 * and its numbers parted by colons. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "faq/index.h"
#include "nlu/classifier.h"
#include "store/knowledge.h"

#define VARIANTS_MAX 1000
#define CANDIDATES 10
#define INTENTS 5 /* that a search is told of */

/* Cut the next field off; "" when there are no more. */
static const char *
next_field(char **line)
{
	char *field = *line, *end = strchr(field, '\t');

	*line = end ? end + 1 : field + strlen(field);
	if (end)
		*end = '\0';
	return field;
}

/* A desk being built, and built. */
struct desk {
	struct index_builder *builder;
	struct classifier_builder *examples;
	struct index *index;
	struct classifier *classifier;
	struct index_scratch *scratch;
};

static int
add_example(struct desk *desk, const char *text, const char *intent,
	    struct err *err)
{
	if (!*text || !*intent)
		return 0;
	return classifier_builder_add(desk->examples, text, intent, err);
}

static int
add_entry(struct desk *desk, char *line, struct err *err)
{
	const char *variants[VARIANTS_MAX];
	const char *intent = next_field(&line);
	const char *question = next_field(&line);
	const char *answer = next_field(&line);
	struct faq_version version = {
		.name = "entry",
		.version = 1,
		.intent = intent,
		.question = question,
		.answer = answer,
		.variants = variants,
	};

	while (*line && version.n_variants < VARIANTS_MAX)
		variants[version.n_variants++] = next_field(&line);
	if (add_example(desk, version.question, version.intent, err) < 0)
		return -1;
	for (size_t i = 0; i < version.n_variants; i++)
		if (add_example(desk, variants[i], version.intent, err) < 0)
			return -1;
	return index_builder_add(desk->builder, &version, err);
}

static int
build(struct desk *desk, struct err *err)
{
	desk->index = index_build(desk->builder, err);
	desk->builder = NULL;
	desk->classifier = classifier_train(desk->examples, err);
	desk->examples = NULL;
	return desk->index && desk->classifier ? 0 : -1;
}

static void
search(const struct desk *desk, const char *query)
{
	struct candidate list[CANDIDATES];
	struct guess guesses[INTENTS];
	struct index_intent intents[INTENTS];
	struct index_question question = {
		.text = query,
		.len = strlen(query),
		.now_us = 1,
		.intents = intents,
		.n_intents = classifier_guess(desk->classifier, query,
					      strlen(query), guesses, INTENTS),
	};

	for (size_t i = 0; i < question.n_intents; i++)
		intents[i] = (struct index_intent){guesses[i].intent,
						   guesses[i].probability};
	size_t n = index_ask(desk->index, desk->scratch, &question, CANDIDATES,
			     list);
	for (size_t i = 0; i < n; i++)
		printf("%s%u:%.5f:%.5f:%.5f:%.5f:%.5f:%.5f:%.5f:%d:%.5f:%.5f:"
		       "%.5f",
		       i ? " " : "", list[i].entry, (double)list[i].score,
		       (double)list[i].coverage, (double)list[i].closeness,
		       (double)list[i].support, (double)list[i].match,
		       (double)list[i].weight, (double)list[i].margin,
		       list[i].is_exact, candidates_confidence(list + i, n - i),
		       (double)list[i].likeness,
		       question.n_intents ? (double)list[i].intent : -1);
	putchar('\n');
}

int
main(void)
{
	struct desk desk = {
		.builder = index_builder_new("en"),
		.examples = classifier_builder_new("en"),
		.scratch = index_scratch_new(),
	};
	struct err err = {0};
	char *line = NULL;
	size_t size = 0;

	while (!err.text[0] && getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == 'E' && desk.builder)
			add_entry(&desk, line + 2, &err);
		else if (line[0] == 'Q' &&
			 (desk.index || build(&desk, &err) == 0))
			search(&desk, line + 2);
	}
	if (err.text[0])
		fprintf(stderr, "retrieve: %s\n", err.text);
	free(line);
	index_builder_free(desk.builder);
	classifier_builder_free(desk.examples);
	index_free(desk.index);
	classifier_free(desk.classifier);
	index_scratch_free(desk.scratch);
	return err.text[0] != '\0';
}
