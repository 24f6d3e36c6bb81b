/* One thread while reading. */
#include "nlu/intent.h"

#include "base/err.h"
#include "nlu/pack.h"
#include "nlu/read.h"

static const struct yaml_field file_fields[] = {
	{"intents", YAML_LIST, true},
	{0},
};

static const struct yaml_field intent_fields[] = {
	{"name", YAML_TEXT, true},
	{"description", YAML_TEXT, true},
	{"examples", YAML_LIST, true},
	{0},
};

static int
read_examples(struct pack *pack, const struct yaml_file *file,
	      const struct yaml *list, struct pack_intent *intent,
	      struct err *err)
{
	if (list->n == 0)
		return yaml_error(file, list, err,
				  "the intent '%s' has no example",
				  intent->name);
	const char **examples =
		arena_array(&pack->arena, list->n, sizeof *examples);
	yaml_each (example, list) {
		if (example->kind != YAML_TEXT || !example->text[0])
			return yaml_error(file, example, err,
					  "an example must be a text");
		examples[intent->n_examples++] =
			arena_strdup(&pack->arena, example->text);
	}
	intent->examples = examples;
	return 0;
}

int
intents_read(struct pack *pack, const struct yaml_file *file, struct err *err)
{
	const struct yaml *list =
		read_entries(file, file_fields, "intents", intent_fields, err);

	if (!list)
		return -1;
	pack->intents =
		arena_array(&pack->arena, list->n, sizeof *pack->intents);
	yaml_each (node, list) {
		struct pack_intent *intent = &pack->intents[pack->n_intents++];
		intent->name = arena_strdup(&pack->arena,
					    yaml_get(node, "name")->text);
		intent->description = read_text(
			pack, file, yaml_get(node, "description"), NULL, err);
		if (!intent->description ||
		    read_examples(pack, file, yaml_get(node, "examples"),
				  intent, err) < 0)
			return -1;
	}
	return 0;
}
