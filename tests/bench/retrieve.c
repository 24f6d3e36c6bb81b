/* What the index finds, for tests/bench/calibrate.py to judge.
 *
 * Reads lines of fields parted by tabs: E, question, answer, and paraphrases
 * for an entry; then Q and a query for each search.  Writes for each query one
 * line of candidates parted by blanks, each its entry's number and its numbers
 * parted by colons. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "faq/index.h"
#include "store/knowledge.h"

#define VARIANTS_MAX 1000
#define CANDIDATES 10

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

static int
add_entry(struct index_builder *builder, char *line, struct err *err)
{
	const char *variants[VARIANTS_MAX];
	struct faq_version version = {
		.name = "entry",
		.version = 1,
		.question = next_field(&line),
		.answer = next_field(&line),
		.variants = variants,
		.intent = "",
	};

	while (*line && version.n_variants < VARIANTS_MAX)
		variants[version.n_variants++] = next_field(&line);
	return index_builder_add(builder, &version, err);
}

static void
search(const struct index *index, struct index_scratch *scratch,
       const char *query)
{
	struct candidate list[CANDIDATES];
	size_t n = index_search(index, scratch, query, strlen(query), 1,
				CANDIDATES, list);

	for (size_t i = 0; i < n; i++)
		printf("%s%u:%.5f:%.5f:%.5f:%.5f:%.5f:%.5f:%.5f:%d:%.5f",
		       i ? " " : "", list[i].entry, (double)list[i].score,
		       (double)list[i].coverage, (double)list[i].closeness,
		       (double)list[i].support, (double)list[i].match,
		       (double)list[i].weight, (double)list[i].margin,
		       list[i].is_exact,
		       candidates_confidence(list + i, n - i));
	putchar('\n');
}

int
main(void)
{
	struct index_builder *builder = index_builder_new("en");
	struct index_scratch *scratch = index_scratch_new();
	struct index *index = NULL;
	struct err err = {0};
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == 'E' && builder &&
		    add_entry(builder, line + 2, &err) < 0)
			break;
		if (line[0] == 'Q' && builder) {
			index = index_build(builder, &err);
			builder = NULL;
		}
		if (line[0] == 'Q' && !index)
			break;
		if (line[0] == 'Q')
			search(index, scratch, line + 2);
	}
	if (err.text[0])
		fprintf(stderr, "retrieve: %s\n", err.text);
	free(line);
	index_builder_free(builder);
	index_free(index);
	index_scratch_free(scratch);
	return err.text[0] != '\0';
}
