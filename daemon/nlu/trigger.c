/* Belongs to one thread. */
#include "nlu/trigger.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "nlu/form.h"
#include "nlu/pack.h"
#include "nlu/read.h"
#include "nlu/trigger_parts.h"

#define PRIORITY_MAX 1000
#define RULES_MAX 1000

struct reading {
	struct pack *pack;
	const struct yaml_file *file;
	struct trigger_set *set;
	struct err *err;
};

static const struct yaml_field file_fields[] = {
	{"words", YAML_MAP, false},
	{"unless", YAML_MAP, false},
	{"denials", YAML_MAP, false},
	{"clauses", YAML_LIST, false},
	{"spelt_right", YAML_LIST, false},
	{"triggers", YAML_LIST, true},
	{0},
};

static const struct yaml_field trigger_fields[] = {
	{"name", YAML_TEXT, true},   {"priority", YAML_TEXT, true},
	{"answer", YAML_TEXT, true}, {"form", YAML_TEXT, false},
	{"rules", YAML_LIST, true},  {0},
};

static const struct yaml_field rule_fields[] = {
	{"phrases", YAML_LIST, true},
	{"unless", YAML_LIST, false},
	{"beside", YAML_TEXT, false},
	{0},
};

/* Named sets of phrases, each an owner in the order of the file. */
static int
read_sets(struct reading *r, const struct yaml *sets, bool are_denials)
{
	struct trigger_set *set = r->set;

	if (!sets)
		return 0;
	yaml_each (phrases, sets) {
		if (phrases->kind != YAML_LIST)
			return yaml_error(r->file, phrases, r->err,
					  "'%s' must be a list of phrases",
					  phrases->key);
		if (phrase_book_add_list(set->unless, r->file, phrases,
					 set->n_sets, r->err) < 0 ||
		    (are_denials &&
		     phrase_book_add_list(set->denials, r->file, phrases,
					  set->n_sets, r->err) < 0))
			return -1;
		set->set_names[set->n_sets++] =
			arena_strdup(&r->pack->arena, phrases->key);
	}
	return 0;
}

static int
read_all_sets(struct reading *r)
{
	struct trigger_set *set = r->set;
	const struct yaml *unless = yaml_get(r->file->root, "unless");
	const struct yaml *denials = yaml_get(r->file->root, "denials");

	set->set_names = arena_array(&r->pack->arena,
				     (unless ? unless->n : 0) +
					     (denials ? denials->n : 0),
				     sizeof *set->set_names);
	if (read_sets(r, unless, false) < 0)
		return -1;
	set->first_denial = set->n_sets;
	return read_sets(r, denials, true);
}

/* The words that begin a clause. */
static int
read_clauses(struct reading *r, const struct yaml *list)
{
	struct trigger_set *set = r->set;

	if (!list)
		return 0;
	set->clauses =
		arena_array(&r->pack->arena, list->n, sizeof *set->clauses);
	yaml_each (word, list) {
		uint32_t *number = &set->clauses[set->n_clauses++];
		if (word->kind != YAML_TEXT ||
		    vocabulary_add(r->pack->vocabulary, word->text, true,
				   number, r->err) < 0)
			return yaml_error(r->file, word, r->err,
					  "'clauses' is a list of words");
	}
	return 0;
}

static int
refuse_set(struct reading *r, const struct yaml *name)
{
	const char *near =
		conf_nearest(name->text, r->set->set_names, r->set->n_sets);

	if (near)
		return yaml_error(r->file, name, r->err,
				  "'unless' at the top has no '%.80s', did you "
				  "mean '%s'?",
				  name->text, near);
	return yaml_error(r->file, name, r->err,
			  "'unless' at the top has no '%.80s'", name->text);
}

/* The sets that a rule names, as numbers. */
static int
read_unless(struct reading *r, const struct yaml *list, struct rule *rule)
{
	if (!list || list->n == 0)
		return 0;
	size_t *numbers =
		arena_array(&r->pack->arena, list->n, sizeof *numbers);
	yaml_each (name, list) {
		size_t i = 0;
		if (name->kind != YAML_TEXT)
			return yaml_error(r->file, name, r->err,
					  "'unless' of a rule must name sets "
					  "of 'unless' at the top");
		while (i < r->set->n_sets &&
		       strcmp(r->set->set_names[i], name->text) != 0)
			i++;
		if (i == r->set->n_sets)
			return refuse_set(r, name);
		numbers[rule->n_unless++] = i;
	}
	rule->unless = numbers;
	return 0;
}

static int
read_beside(struct reading *r, const struct yaml *node, struct rule *rule)
{
	rule->is_beside = node && strcmp(node->text, "true") == 0;
	if (node && !rule->is_beside && strcmp(node->text, "false") != 0)
		return yaml_error(r->file, node, r->err,
				  "'beside' must be true or false");
	return 0;
}

static int
read_rules(struct reading *r, const struct yaml *list,
	   const struct trigger *trigger)
{
	struct trigger_set *set = r->set;

	if (list->n == 0)
		return yaml_error(r->file, list, r->err,
				  "the trigger '%s' has no rule",
				  trigger->name);
	yaml_each (node, list) {
		if (set->n_rules == RULES_MAX)
			return yaml_error(r->file, node, r->err,
					  "more than %d rules", RULES_MAX);
		struct rule *rule = &set->rules[set->n_rules];
		rule->trigger = trigger;
		if (yaml_check(r->file, node, rule_fields, r->err) < 0 ||
		    phrase_book_add_list(set->said, r->file,
					 yaml_get(node, "phrases"),
					 set->n_rules, r->err) < 0 ||
		    read_unless(r, yaml_get(node, "unless"), rule) < 0 ||
		    read_beside(r, yaml_get(node, "beside"), rule) < 0)
			return -1;
		set->n_rules++;
	}
	return 0;
}

/* The form that is asked besides, if any. */
static int
read_form(struct reading *r, const struct yaml *node, struct trigger *trigger)
{
	if (!node)
		return 0;
	const struct form *form = form_named(r->pack, r->file, node, r->err);
	if (!form)
		return -1;
	trigger->form = form->name;
	return 0;
}

static int
read_trigger(struct reading *r, const struct yaml *node)
{
	struct trigger *trigger = &r->set->triggers[r->pack->n_triggers++];
	long priority;

	trigger->name =
		arena_strdup(&r->pack->arena, yaml_get(node, "name")->text);
	trigger->answer = read_text(r->pack, r->file, yaml_get(node, "answer"),
				    NULL, r->err);
	if (!trigger->answer ||
	    read_number(r->file, yaml_get(node, "priority"), 0, PRIORITY_MAX,
			&priority, r->err) < 0)
		return -1;
	trigger->priority = (int)priority;
	if (read_form(r, yaml_get(node, "form"), trigger) < 0)
		return -1;
	return read_rules(r, yaml_get(node, "rules"), trigger);
}

static int
read_triggers(struct reading *r, const struct yaml *list)
{
	bool has_human = false;

	r->set->triggers =
		arena_array(&r->pack->arena, list->n, sizeof *r->set->triggers);
	r->set->rules =
		arena_array(&r->pack->arena, RULES_MAX, sizeof *r->set->rules);
	yaml_each (node, list) {
		has_human |= strcmp(yaml_get(node, "name")->text,
				    TRIGGER_HUMAN) == 0;
		if (read_trigger(r, node) < 0)
			return -1;
	}
	if (!has_human)
		return yaml_error(r->file, list, r->err,
				  "a trigger named '" TRIGGER_HUMAN
				  "' is missing: a customer must be able to "
				  "ask for a person");
	return 0;
}

static int
check_spelt_right(const struct yaml_file *file, const struct yaml *list,
		  struct err *err)
{
	if (list)
		yaml_each (word, list)
			if (word->kind != YAML_TEXT)
				return yaml_error(file, word, err,
						  "'spelt_right' is a list of "
						  "words");
	return 0;
}

int
triggers_read(struct pack *pack, const struct yaml_file *file, struct err *err)
{
	const struct yaml *list = read_entries(file, file_fields, "triggers",
					       trigger_fields, err);

	if (!list)
		return -1;
	const struct yaml *words = yaml_get(file->root, "words");
	if ((words && phrase_lists_check(file, words, err) < 0) ||
	    check_spelt_right(file, yaml_get(file->root, "spelt_right"), err) <
		    0)
		return -1;
	struct trigger_set *set = arena_new(&pack->arena, sizeof *set);
	set->said = phrase_book_new(&pack->arena, pack->vocabulary,
				    PHRASE_FORWARD, words);
	set->unless = phrase_book_new(&pack->arena, pack->vocabulary,
				      PHRASE_BACKWARD, words);
	set->denials = phrase_book_new(&pack->arena, pack->vocabulary,
				       PHRASE_FORWARD, words);
	pack->triggers = set;
	struct reading r = {.pack = pack, .file = file, .set = set, .err = err};
	if (read_all_sets(&r) < 0 ||
	    read_clauses(&r, yaml_get(file->root, "clauses")) < 0)
		return -1;
	return read_triggers(&r, list);
}
