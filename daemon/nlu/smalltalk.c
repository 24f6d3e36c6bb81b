/* Reading belongs to one thread; pack_smalltalk() may run on any. */
#include "nlu/smalltalk.h"

#include <string.h>

#include "base/err.h"
#include "nlu/pack.h"
#include "nlu/phrase.h"
#include "nlu/read.h"

/* No small talk is longer. */
#define BYTES_MAX 400

struct smalltalk_set {
	struct smalltalk *entries; /* the number of one owns its phrases */
	struct phrase_book *book;
};

static const struct yaml_field file_fields[] = {
	{"words", YAML_MAP, false},
	{"smalltalk", YAML_LIST, true},
	{0},
};

static const struct yaml_field entry_fields[] = {
	{"name", YAML_TEXT, true},
	{"answer", YAML_TEXT, true},
	{"phrases", YAML_LIST, true},
	{0},
};

static int
read_entry(struct pack *pack, const struct yaml_file *file,
	   const struct yaml *node, struct err *err)
{
	struct smalltalk_set *set = pack->smalltalk;
	size_t number = pack->n_smalltalk++;
	struct smalltalk *entry = &set->entries[number];

	entry->name = arena_strdup(&pack->arena, yaml_get(node, "name")->text);
	entry->answer =
		read_text(pack, file, yaml_get(node, "answer"), NULL, err);
	if (!entry->answer)
		return -1;
	return phrase_book_add_list(set->book, file, yaml_get(node, "phrases"),
				    number, err);
}

int
smalltalk_read(struct pack *pack, const struct yaml_file *file, struct err *err)
{
	const struct yaml *list =
		read_entries(file, file_fields, "smalltalk", entry_fields, err);

	if (!list)
		return -1;
	const struct yaml *words = yaml_get(file->root, "words");
	if (words && phrase_lists_check(file, words, err) < 0)
		return -1;
	struct smalltalk_set *set = arena_new(&pack->arena, sizeof *set);
	set->entries = arena_array(&pack->arena, list->n, sizeof *set->entries);
	set->book = phrase_book_new(&pack->arena, pack->vocabulary,
				    PHRASE_WHOLE, words);
	pack->smalltalk = set;
	yaml_each (node, list)
		if (read_entry(pack, file, node, err) < 0)
			return -1;
	return 0;
}

const struct smalltalk *
pack_smalltalk(const struct pack *pack, const char *text, size_t len)
{
	struct heard words[PHRASE_WHOLE_MAX + 1];

	if (!pack->smalltalk || len > BYTES_MAX)
		return NULL;
	size_t n = vocabulary_hear(pack->vocabulary, text, len, words,
				   PHRASE_WHOLE_MAX + 1);
	size_t number = phrase_book_whole(pack->smalltalk->book, words, n);
	return number == PHRASE_NONE ? NULL : &pack->smalltalk->entries[number];
}

bool
smalltalk_is(const struct smalltalk *smalltalk, const char *name)
{
	return smalltalk && strcmp(smalltalk->name, name) == 0;
}
