/* Reading belongs to one thread; what asks a pack may run on any. */
#include "nlu/form.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "nlu/form_parts.h"
#include "nlu/pack.h"
#include "nlu/read.h"

#define REASKS_MAX 5
#define REASKS_PLAIN 2

static const struct yaml_field file_fields[] = {
	{"words", YAML_MAP, false},
	{"commands", YAML_MAP, true},
	{"texts", YAML_MAP, true},
	{"forms", YAML_LIST, true},
	{0},
};

static const struct yaml_field form_fields[] = {
	{"name", YAML_TEXT, true},     {"title", YAML_TEXT, true},
	{"intro", YAML_TEXT, true},    {"closing", YAML_TEXT, true},
	{"confirm", YAML_TEXT, false}, {"reasks", YAML_TEXT, false},
	{"offer", YAML_TEXT, false},   {"entries", YAML_LIST, false},
	{"slots", YAML_LIST, true},    {0},
};

static const char *const command_names[FORM_COMMANDS] = {
	[FORM_CANCEL] = "cancel", [FORM_SKIP] = "skip",
	[FORM_RESUME] = "resume", [FORM_HELP] = "help",
	[FORM_BEGIN] = "begin",	  [FORM_CORRECT] = "correct",
	[FORM_CHANGE] = "change", [FORM_QUESTION] = "question",
	[FORM_ENDING] = "ending", [FORM_YES] = "yes",
	[FORM_NO] = "no",	  [FORM_VALUE] = "value",
	[FORM_NOT] = "not",
};

static const struct {
	const char *name;
	const char *moment; /* the one value that is known only later */
} text_rows[FORM_TEXTS] = {
	[FORM_TEXT_NOTED] = {"noted", "noted"},
	[FORM_TEXT_SUMMARY] = {"summary", "noted"},
	[FORM_TEXT_YES] = {"yes", NULL},
	[FORM_TEXT_NO] = {"no", NULL},
	[FORM_TEXT_EMPTY] = {"empty", NULL},
	[FORM_TEXT_WHAT] = {"what", NULL},
	[FORM_TEXT_CANCELLED] = {"cancelled", NULL},
	[FORM_TEXT_LEFT] = {"left", NULL},
	[FORM_TEXT_PERSON] = {"person", "reference"},
	[FORM_TEXT_CHANGED] = {"changed", "reference"},
	[FORM_TEXT_PAUSED] = {"paused", "form"},
	[FORM_TEXT_NEEDED] = {"needed", NULL},
	[FORM_TEXT_NOT_FOUND] = {"not_found", NULL},
	[FORM_TEXT_SEVERAL] = {"several", NULL},
	[FORM_TEXT_BAD_DATE] = {"bad_date", NULL},
	[FORM_TEXT_WHICH_DATE] = {"which_date", NULL},
	[FORM_TEXT_FUTURE] = {"future", NULL},
	[FORM_TEXT_PAST] = {"past", NULL},
	[FORM_TEXT_OLD] = {"old", "limit"},
	[FORM_TEXT_CHECK] = {"check", NULL},
	[FORM_TEXT_TOO_LOW] = {"too_low", "limit"},
	[FORM_TEXT_TOO_HIGH] = {"too_high", "limit"},
	[FORM_TEXT_TOO_SHORT] = {"too_short", "limit"},
	[FORM_TEXT_TOO_LONG] = {"too_long", "limit"},
	[FORM_TEXT_HELP] = {"help", NULL},
	[FORM_TEXT_KEPT] = {"kept", "reference"},
	[FORM_TEXT_OVER] = {"over", NULL},
	[FORM_TEXT_PERHAPS] = {"perhaps", "questions"},
	[FORM_TEXT_NO_ANSWER] = {"no_answer", NULL},
};

const char *
form_text_name(enum form_text text)
{
	return text_rows[text].name;
}

int
form_read_phrases(struct form_reading *r, const struct yaml *list,
		  size_t *owner_r)
{
	*owner_r = r->set->n_owners++;
	return phrase_book_add_list(r->set->said, r->file, list, *owner_r,
				    r->err);
}

int
form_read_names(struct form_reading *r, const struct yaml *list,
		const char *const **names_r, size_t *n_r)
{
	struct arena *arena = &r->pack->arena;
	const char **names = arena_array(arena, list->n + 1, sizeof *names);
	size_t n = 0;

	yaml_each (node, list) {
		if (node->kind != YAML_TEXT || !node->text[0])
			return yaml_error(r->file, node, r->err,
					  "'%s' is a list of names", list->key);
		names[n++] = arena_strdup(arena, node->text);
	}
	*names_r = names;
	*n_r = n;
	return 0;
}

int
form_read_bool(struct form_reading *r, const struct yaml *node, bool *value)
{
	if (!node)
		return 0;
	bool is_true = strcmp(node->text, "true") == 0;
	if (!node->is_plain || (!is_true && strcmp(node->text, "false") != 0))
		return yaml_error(r->file, node, r->err,
				  "'%s' must be true or false", node->key);
	*value = is_true;
	return 0;
}

static int
read_commands(struct form_reading *r, const struct yaml *map)
{
	struct yaml_field fields[FORM_COMMANDS + 1] = {0};

	for (int i = 0; i < FORM_COMMANDS; i++)
		fields[i] =
			(struct yaml_field){command_names[i], YAML_LIST, true};
	if (yaml_check(r->file, map, fields, r->err) < 0)
		return -1;
	for (size_t i = 0; i < FORM_COMMANDS; i++) {
		struct phrase_book *book =
			i < FORM_WHOLE_COMMANDS ? r->set->whole : r->set->said;
		if (phrase_book_add_list(book, r->file,
					 yaml_get(map, command_names[i]), i,
					 r->err) < 0)
			return -1;
	}
	r->set->n_owners = FORM_COMMANDS;
	return 0;
}

static int
read_texts(struct form_reading *r, const struct yaml *map)
{
	struct yaml_field fields[FORM_TEXTS + 1] = {0};

	for (int i = 0; i < FORM_TEXTS; i++)
		fields[i] =
			(struct yaml_field){text_rows[i].name, YAML_TEXT, true};
	if (yaml_check(r->file, map, fields, r->err) < 0)
		return -1;
	for (int i = 0; i < FORM_TEXTS; i++) {
		const struct yaml *node = yaml_get(map, text_rows[i].name);
		r->set->texts[i] = read_text(r->pack, r->file, node,
					     text_rows[i].moment, r->err);
		if (!r->set->texts[i])
			return -1;
	}
	return 0;
}

/* What offers a form, and where. */
static int
read_offer(struct form_reading *r, const struct yaml *node, struct form *form)
{
	const struct yaml *offer = yaml_get(node, "offer");
	const struct yaml *entries = yaml_get(node, "entries");

	if (!offer != !entries)
		return yaml_error(r->file, offer ? offer : entries, r->err,
				  "'offer' and 'entries' go together");
	if (!offer)
		return 0;
	form->offer = read_text(r->pack, r->file, offer, NULL, r->err);
	if (!form->offer)
		return -1;
	return form_read_names(r, entries, &form->entries, &form->n_entries);
}

static int
read_form(struct form_reading *r, const struct yaml *node)
{
	struct pack *pack = r->pack;
	struct form *form = &r->set->forms[pack->n_forms++];
	const struct yaml *reasks = yaml_get(node, "reasks");
	long n_reasks = REASKS_PLAIN;

	form->name = arena_strdup(&pack->arena, yaml_get(node, "name")->text);
	form->title =
		read_text(pack, r->file, yaml_get(node, "title"), NULL, r->err);
	form->intro =
		read_text(pack, r->file, yaml_get(node, "intro"), NULL, r->err);
	form->closing = read_text(pack, r->file, yaml_get(node, "closing"),
				  "reference", r->err);
	if (!form->title || !form->intro || !form->closing ||
	    read_offer(r, node, form) < 0 ||
	    form_read_bool(r, yaml_get(node, "confirm"), &form->is_confirmed) <
		    0 ||
	    (reasks && read_number(r->file, reasks, 0, REASKS_MAX, &n_reasks,
				   r->err) < 0))
		return -1;
	form->max_reasks = (int)n_reasks;
	return form_read_slots(r, yaml_get(node, "slots"), form);
}

int
forms_read(struct pack *pack, const struct yaml_file *file, struct err *err)
{
	const struct yaml *list =
		read_entries(file, file_fields, "forms", form_fields, err);

	if (!list)
		return -1;
	const struct yaml *words = yaml_get(file->root, "words");
	if (words && phrase_lists_check(file, words, err) < 0)
		return -1;
	struct form_set *set = arena_new(&pack->arena, sizeof *set);
	set->forms = arena_array(&pack->arena, list->n, sizeof *set->forms);
	set->whole = phrase_book_new(&pack->arena, pack->vocabulary,
				     PHRASE_WHOLE, words);
	set->said = phrase_book_new(&pack->arena, pack->vocabulary,
				    PHRASE_FORWARD, words);
	pack->forms = set;
	struct form_reading r = {
		.pack = pack, .file = file, .set = set, .err = err};
	if (read_commands(&r, yaml_get(file->root, "commands")) < 0 ||
	    read_texts(&r, yaml_get(file->root, "texts")) < 0)
		return -1;
	yaml_each (node, list)
		if (read_form(&r, node) < 0)
			return -1;
	return 0;
}

const struct form *
pack_form(const struct pack *pack, const char *name)
{
	for (size_t i = 0; i < pack->n_forms; i++)
		if (strcmp(pack->forms->forms[i].name, name) == 0)
			return &pack->forms->forms[i];
	return NULL;
}

const struct form *
form_named(const struct pack *pack, const struct yaml_file *file,
	   const struct yaml *node, struct err *err)
{
	const struct form *form = pack_form(pack, node->text);
	const char *names[PACK_LIST_MAX];

	if (form)
		return form;
	for (size_t i = 0; i < pack->n_forms; i++)
		names[i] = pack->forms->forms[i].name;
	const char *near = conf_nearest(node->text, names, pack->n_forms);
	if (near)
		yaml_error(file, node, err,
			   "forms.yaml has no form '%.80s', did you mean '%s'?",
			   node->text, near);
	else
		yaml_error(file, node, err, "forms.yaml has no form '%.80s'",
			   node->text);
	return NULL;
}

const struct form *
pack_form_offered(const struct pack *pack, const char *entry)
{
	for (size_t i = 0; i < pack->n_forms; i++) {
		const struct form *form = &pack->forms->forms[i];
		for (size_t j = 0; j < form->n_entries; j++)
			if (strcmp(form->entries[j], entry) == 0)
				return form;
	}
	return NULL;
}

const char *
pack_form_text(const struct pack *pack, enum form_text text)
{
	return pack->forms->texts[text];
}

void
form_hear(const struct pack *pack, const char *text, size_t len,
	  struct arena *arena, struct form_heard *heard_r)
{
	const struct form_set *set = pack->forms;
	size_t *first = arena_array(arena, set->n_owners, sizeof *first);
	struct heard *words = mem_array(PHRASE_WORDS_MAX, sizeof *words);
	size_t n = vocabulary_hear(pack->vocabulary, text, len, words,
				   PHRASE_WORDS_MAX);

	for (size_t i = 0; i < set->n_owners; i++)
		first[i] = PHRASE_NONE;
	phrase_book_match(set->said, words, n, first);
	size_t whole = phrase_book_whole(set->whole, words, n);
	free(words);
	heard_r->whole = whole < FORM_WHOLE_COMMANDS ? (enum form_command)whole
						     : FORM_COMMANDS;
	heard_r->first = first;
}

bool
form_says(const struct form_heard *heard, size_t owner)
{
	return heard->first[owner] != PHRASE_NONE;
}
