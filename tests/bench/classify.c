/* What the classifier makes of texts, for tests/bench/intents.py to judge.
 *
 * Reads lines of fields parted by tabs: E, intent, text for an example; then Q
 * and a text for each guess.  Writes for each text one line of guesses parted
 * by blanks, each an intent and its probability parted by a colon; what
 * training took goes to standard error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "nlu/classifier.h"

#define GUESSES 5

static double
processor_s(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static struct classifier *
train(struct classifier_builder *builder, struct err *err)
{
	double start = processor_s();
	struct classifier *classifier = classifier_train(builder, err);

	if (classifier)
		fprintf(stderr, "trained in %.2f s, %.1f MB\n",
			processor_s() - start,
			(double)classifier_bytes(classifier) / 1e6);
	return classifier;
}

static void
guess(const struct classifier *classifier, const char *text)
{
	struct guess list[GUESSES];
	size_t n =
		classifier_guess(classifier, text, strlen(text), list, GUESSES);

	for (size_t i = 0; i < n; i++)
		printf("%s%s:%.5f", i ? " " : "", list[i].intent,
		       (double)list[i].probability);
	putchar('\n');
}

int
main(void)
{
	struct classifier_builder *builder = classifier_builder_new("en");
	struct classifier *classifier = NULL;
	struct err err = {0};
	char *line = NULL;
	size_t size = 0;

	while (!err.text[0] && getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		char *text = strchr(line + 2, '\t');
		if (line[0] == 'E' && builder && text) {
			*text = '\0';
			classifier_builder_add(builder, text + 1, line + 2,
					       &err);
		} else if (line[0] == 'Q') {
			if (builder)
				classifier = train(builder, &err);
			builder = NULL;
			if (classifier)
				guess(classifier, line + 2);
		}
	}
	if (err.text[0])
		fprintf(stderr, "classify: %s\n", err.text);
	free(line);
	classifier_builder_free(builder);
	classifier_free(classifier);
	return err.text[0] != '\0';
}
