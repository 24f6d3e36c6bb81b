/* Packs for tests: small ones made of texts, and those that ship. */
#ifndef TESTS_UNIT_PACKS_H
#define TESTS_UNIT_PACKS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "nlu/content.h"
#include "nlu/pack.h"

/* Files of a pack in order of name; text NULL: not there. */
struct pack_files {
	const char *entities, *facts, *forms, *head, *hours, *intents;
	const char *smalltalk, *texts, *triggers;
	const char *faq; /* faq/a.yaml */
};

#define PACK_HEAD "name: small\nlanguage: en\ntitle: A small desk\n"
#define PACK_TRIGGERS                                           \
	"triggers:\n- {name: human, priority: 1, answer: Yes, " \
	"rules: [{phrases: [human]}]}\n"

/* Every text as "the NAME". */
static inline const char *
pack_plain_texts(void)
{
	static char out[2048];
	size_t n = 0;

	for (int i = 0; i < PACK_TEXTS; i++)
		n += (size_t)snprintf(out + n, sizeof out - n, "%s: the %s\n",
				      pack_text_name(i), pack_text_name(i));
	return out;
}

static inline void
pack_add_file(struct buf *content, const char *name, const char *text)
{
	if (text)
		buf_addf(content, "%s %zu\n%s", name, strlen(text), text);
}

/* The content of a pack whose missing head, texts and triggers are the plain
 * ones; "" for a file that is not there. */
static inline void
pack_content_of(struct buf *content, const struct pack_files *files)
{
	const char *head = files->head ? files->head : PACK_HEAD;
	const char *texts = files->texts ? files->texts : pack_plain_texts();
	const char *triggers =
		files->triggers ? files->triggers : PACK_TRIGGERS;

	buf_init(content, PACK_BYTES_MAX);
	buf_adds(content, PACK_FORMAT);
	pack_add_file(content, "entities.yaml", files->entities);
	pack_add_file(content, "facts.yaml", files->facts);
	pack_add_file(content, "faq/a.yaml", files->faq);
	pack_add_file(content, "forms.yaml", files->forms);
	pack_add_file(content, "hours.yaml", files->hours);
	pack_add_file(content, "intents.yaml", files->intents);
	pack_add_file(content, "pack.yaml", *head ? head : NULL);
	pack_add_file(content, "smalltalk.yaml", files->smalltalk);
	pack_add_file(content, "texts.yaml", *texts ? texts : NULL);
	pack_add_file(content, "triggers.yaml", *triggers ? triggers : NULL);
}

static inline struct pack *
pack_of_files(const struct pack_files *files, struct err *err)
{
	struct buf content;

	*err = (struct err){0};
	pack_content_of(&content, files);
	struct pack *read =
		pack_read_content(buf_str(&content), content.len, err);
	buf_release(&content);
	return read;
}

/* The path of a file of the sources. */
static inline const char *
pack_source_path(const char *name)
{
	static char path[4096];
	const char *top = getenv("top_srcdir");

	snprintf(path, sizeof path, "%s/%s", top ? top : ".", name);
	return path;
}

/* intents/NAME. */
static inline struct pack *
pack_shipped(const char *name)
{
	struct err err = {0};
	char dir[128];

	snprintf(dir, sizeof dir, "intents/%s", name);
	struct pack *read = pack_read(pack_source_path(dir), &err);

	if (!read)
		fail_msg("%s", err.text);
	return read;
}

/* A row of a file of tests/data: its two columns. */
typedef void pack_row_fn(void *arg, const char *first, const char *second);

/* Call fn for each line that is no comment; how many. */
static inline int
pack_each_row(const char *name, pack_row_fn *fn, void *arg)
{
	FILE *file = fopen(pack_source_path(name), "r");
	char line[1024];
	int n = 0;

	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			continue;
		char *tab = strchr(line, '\t');
		if (!tab)
			fail_msg("%s: no tab in '%s'", name, line);
		*tab = '\0';
		fn(arg, line, tab + 1);
		n++;
	}
	fclose(file);
	return n;
}

/* Is `word` one of those that '|' parts in list? */
static inline bool
pack_is_listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; at; at = strchr(at, '|')) {
		at += *at == '|';
		if (strncmp(at, word, len) == 0 &&
		    (at[len] == '|' || at[len] == '\0'))
			return true;
	}
	return false;
}

/* Is the trigger among those of a list that begin with '!'? */
static inline bool
pack_is_named(const char *list, const struct trigger *trigger)
{
	char name[128];

	snprintf(name, sizeof name, "!%s", trigger->name);
	return pack_is_listed(list, name);
}

/* How well labels are found: what fires where it should, and where not. */
struct pack_score {
	const struct pack *pack;
	int due, hit, none, false_alarms;
};

static inline void
pack_score_row(struct pack_score *score, const char *due, const char *got,
	       const char *text)
{
	bool is_right = pack_is_listed(due, got);

	if (strcmp(due, "-") == 0) {
		score->none++;
		score->false_alarms += !is_right;
	} else {
		score->due++;
		score->hit += is_right;
	}
	if (!is_right)
		print_message("# %s, not %s: %s\n", got, due, text);
}

static inline double
pack_recall(const struct pack_score *score)
{
	return (double)score->hit / score->due;
}

static inline double
pack_false_rate(const struct pack_score *score)
{
	return (double)score->false_alarms / score->none;
}

#endif
