/* Reading belongs to one thread; pack_trigger() may run on any. */
#include "nlu/trigger.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "nlu/form.h"
#include "nlu/pack.h"
#include "nlu/phrase.h"
#include "nlu/read.h"

#define PRIORITY_MAX 1000
#define RULES_MAX 1000

struct rule {
	const struct trigger *trigger;
	const size_t *unless; /* numbers of sets */
	size_t n_unless;
};

/* A rule's number is the owner of its phrases in `said`, a set's number that of
 * its phrases in `unless`. */
struct trigger_set {
	struct trigger *triggers;
	struct rule *rules;
	size_t n_rules;
	const char **set_names;
	size_t n_sets;
	struct phrase_book *said, *unless;
};

struct reading {
	struct pack *pack;
	const struct yaml_file *file;
	struct trigger_set *set;
	struct err *err;
};

static const struct yaml_field file_fields[] = {
	{"words", YAML_MAP, false},
	{"unless", YAML_MAP, false},
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
	{0},
};

/* Named sets of phrases, each an owner in the order of the file. */
static int
read_sets(struct reading *r, const struct yaml *sets)
{
	struct trigger_set *set = r->set;

	if (!sets || sets->n == 0)
		return 0;
	set->set_names =
		arena_array(&r->pack->arena, sets->n, sizeof *set->set_names);
	yaml_each (phrases, sets) {
		if (phrases->kind != YAML_LIST)
			return yaml_error(r->file, phrases, r->err,
					  "'%s' must be a list of phrases",
					  phrases->key);
		if (phrase_book_add_list(set->unless, r->file, phrases,
					 set->n_sets, r->err) < 0)
			return -1;
		set->set_names[set->n_sets++] =
			arena_strdup(&r->pack->arena, phrases->key);
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
		    read_unless(r, yaml_get(node, "unless"), rule) < 0)
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
		has_human |= strcmp(yaml_get(node, "name")->text, "human") == 0;
		if (read_trigger(r, node) < 0)
			return -1;
	}
	if (!has_human)
		return yaml_error(r->file, list, r->err,
				  "a trigger named 'human' is missing: a "
				  "customer must be able to ask for a person");
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
	pack->triggers = set;
	struct reading r = {.pack = pack, .file = file, .set = set, .err = err};
	if (read_sets(&r, yaml_get(file->root, "unless")) < 0)
		return -1;
	return read_triggers(&r, list);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The length of the first sentence: up to a mark with a blank behind it, or an
 * empty line. */
static size_t
sentence_length(const char *text, size_t len)
{
	size_t i = 0;

	for (; i < len; i++) {
		bool is_last = i + 1 == len;
		if (strchr(".!?;", text[i]) && text[i] &&
		    (is_last || is_blank(text[i + 1])))
			return i + 1;
		if (text[i] == '\n' && !is_last && text[i + 1] == '\n')
			return i + 1;
	}
	return i;
}

/* Work space of one text. */
struct hearing {
	struct heard *words;   /* PHRASE_WORDS_MAX */
	size_t *said, *unless; /* first, by rule and by set */
};

static bool
does_fire(const struct hearing *h, const struct rule *rule, size_t number)
{
	if (h->said[number] == PHRASE_NONE)
		return false;
	for (size_t i = 0; i < rule->n_unless; i++)
		if (h->unless[rule->unless[i]] < h->said[number])
			return false;
	return true;
}

/* Which of `best` and what a sentence fires comes first. */
static const struct trigger *
hear_sentence(const struct pack *pack, struct hearing *h, const char *text,
	      size_t len, const struct trigger *best)
{
	const struct trigger_set *set = pack->triggers;
	size_t n = vocabulary_hear(pack->vocabulary, text, len, h->words,
				   PHRASE_WORDS_MAX);

	if (n == 0)
		return best;
	phrase_book_match(set->said, h->words, n, h->said);
	phrase_book_match(set->unless, h->words, n, h->unless);
	for (size_t i = 0; i < set->n_rules; i++) {
		const struct trigger *trigger = set->rules[i].trigger;
		if (does_fire(h, &set->rules[i], i) &&
		    (!best || trigger->priority > best->priority))
			best = trigger;
	}
	return best;
}

const struct trigger *
pack_trigger(const struct pack *pack, const char *text, size_t len)
{
	const struct trigger_set *set = pack->triggers;
	const struct trigger *best = NULL;

	if (!set)
		return NULL;
	struct hearing h = {
		.words = mem_array(PHRASE_WORDS_MAX, sizeof *h.words),
		.said = mem_array(phrase_book_owners(set->said) + 1,
				  sizeof *h.said),
		.unless = mem_array(phrase_book_owners(set->unless) + 1,
				    sizeof *h.unless),
	};
	if (!h.words || !h.said || !h.unless)
		mem_exhausted();
	while (len > 0) {
		size_t n = sentence_length(text, len);
		best = hear_sentence(pack, &h, text, n, best);
		text += n;
		len -= n;
	}
	free(h.words);
	free(h.said);
	free(h.unless);
	return best;
}
