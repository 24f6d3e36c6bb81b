/* Entries from YAML.  Any thread. */
#include "conf/yaml.h"

#include <stdlib.h>

#include "base/err.h"
#include "faq/entry.h"

static const struct yaml_field file_fields[] = {
	{"faq", YAML_LIST, true},
	{"language", YAML_TEXT, false},
	{NULL, YAML_TEXT, false},
};

/* In the order of enum entry_field, then the lists. */
static const struct yaml_field entry_fields[] = {
	[ENTRY_ID] = {"id", YAML_TEXT, false},
	[ENTRY_QUESTION] = {"question", YAML_TEXT, true},
	[ENTRY_ANSWER] = {"answer", YAML_TEXT, true},
	[ENTRY_INTENT] = {"intent", YAML_TEXT, false},
	[ENTRY_LANGUAGE] = {"language", YAML_TEXT, false},
	[ENTRY_VERBATIM] = {"verbatim", YAML_TEXT, false},
	[ENTRY_VALID_FROM] = {"valid_from", YAML_TEXT, false},
	[ENTRY_VALID_TO] = {"valid_to", YAML_TEXT, false},
	[ENTRY_FIELDS] = {"paraphrases", YAML_LIST, false},
	{"tags", YAML_LIST, false},
	{NULL, YAML_TEXT, false},
};

static struct entry_text
text_of(const struct yaml *node)
{
	if (!node || node->kind != YAML_TEXT)
		return (struct entry_text){NULL, 0};
	return (struct entry_text){node->text, node->line};
}

/* The texts of a list, which the caller frees; NULL and *err.  One more has
 * room than there are, so that none is not NULL. */
static struct entry_text *
texts_of(const struct yaml_file *yaml, const struct yaml *list, size_t *n_r,
	 struct err *err)
{
	size_t n = 0;
	struct entry_text *texts =
		mem_array((list ? list->n : 0) + 1, sizeof *texts);

	if (!texts) {
		yaml_error(yaml, list, err, "out of memory");
		return NULL;
	}
	if (list)
		yaml_each (node, list) {
			texts[n] = text_of(node);
			if (!texts[n++].text) {
				yaml_error(yaml, node, err,
					   "a text is expected here");
				free(texts);
				return NULL;
			}
		}
	*n_r = n;
	return texts;
}

static int
add_with_lists(struct entry_reader *reader, const struct yaml_file *yaml,
	       const struct yaml *node, struct entry_draft *draft,
	       struct err *err)
{
	struct entry_text *tags = NULL, *paraphrases;
	int ret = -1;

	paraphrases = texts_of(yaml, yaml_get(node, "paraphrases"),
			       &draft->n_paraphrases, err);
	if (paraphrases)
		tags = texts_of(yaml, yaml_get(node, "tags"), &draft->n_tags,
				err);
	draft->paraphrases = paraphrases;
	draft->tags = tags;
	if (tags)
		ret = entry_reader_add(reader, draft, err);
	free(tags);
	free(paraphrases);
	return ret;
}

static int
add_entry(struct entry_reader *reader, const struct yaml_file *yaml,
	  const struct yaml *node, const struct yaml *language, struct err *err)
{
	struct entry_draft draft = {.file = yaml->name, .line = node->line};

	if (node->kind != YAML_MAP)
		return yaml_error(yaml, node, err,
				  "an entry is a map with question and answer");
	if (yaml_check(yaml, node, entry_fields, err) < 0)
		return -1;
	for (size_t i = 0; i < ENTRY_FIELDS; i++)
		draft.fields[i] = text_of(yaml_get(node, entry_fields[i].key));
	if (!draft.fields[ENTRY_LANGUAGE].text)
		draft.fields[ENTRY_LANGUAGE] = text_of(language);
	return add_with_lists(reader, yaml, node, &draft, err);
}

static int
add_entries(struct entry_reader *reader, const struct yaml_file *yaml,
	    struct err *err)
{
	if (!yaml_get(yaml->root, "faq") && yaml_get(yaml->root, "question"))
		return yaml_error(yaml, yaml->root, err,
				  "entries stand in a list: begin the file "
				  "with 'faq:', and each entry with '- '");
	if (yaml_check(yaml, yaml->root, file_fields, err) < 0)
		return -1;
	const struct yaml *list = yaml_get(yaml->root, "faq");
	if (!list)
		return 0;
	yaml_each (node, list)
		if (add_entry(reader, yaml, node,
			      yaml_get(yaml->root, "language"), err) < 0)
			return -1;
	return 0;
}

int
faq_read_pack(struct faq_file *file, const struct faq_text *texts, size_t n,
	      template_value_fn *value, const void *facts, struct err *err)
{
	struct entry_reader reader;
	int ret = 0;

	entry_reader_init(&reader, file, value, facts);
	for (size_t i = 0; i < n && ret == 0; i++) {
		struct yaml_file yaml;
		ret = yaml_read(&yaml, texts[i].name, texts[i].text,
				texts[i].len, &yaml_limits_pack, err);
		if (ret == 0)
			ret = add_entries(&reader, &yaml, err);
		yaml_release(&yaml);
	}
	return entry_reader_end(&reader, ret);
}

int
faq_read_yaml(struct faq_file *file, const char *name, const char *text,
	      size_t len, template_value_fn *value, const void *facts,
	      struct err *err)
{
	struct faq_text one = {name, text, len};

	return faq_read_pack(file, &one, 1, value, facts, err);
}
