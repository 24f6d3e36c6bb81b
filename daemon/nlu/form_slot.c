/* One question of a form.  One thread while reading. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "nlu/entity.h"
#include "nlu/form_parts.h"
#include "nlu/pack.h"
#include "nlu/read.h"

#define AMOUNT_MOST 1000000000L /* in whole units */
#define CENTS 100
#define TEXT_CHARS_MAX 1000
#define DAYS_MOST 40000

static const char *const type_names[SLOT_TYPES] = {
	[SLOT_TEXT] = "text",	  [SLOT_CHOICE] = "choice",
	[SLOT_YES_NO] = "yes_no", [SLOT_AMOUNT] = "amount",
	[SLOT_DATE] = "date",	  [SLOT_CARD] = "card",
	[SLOT_IBAN] = "iban",	  [SLOT_PHONE] = "phone",
	[SLOT_EMAIL] = "email",	  [SLOT_REFERENCE] = "reference",
};

static const struct yaml_field slot_fields[] = {
	{"name", YAML_TEXT, true},     {"label", YAML_TEXT, true},
	{"type", YAML_TEXT, true},     {"question", YAML_TEXT, true},
	{"reask", YAML_TEXT, false},   {"required", YAML_TEXT, false},
	{"words", YAML_LIST, false},   {"parts", YAML_LIST, false},
	{"when", YAML_MAP, false},     {"future", YAML_TEXT, false},
	{"past", YAML_TEXT, false},    {"days_back", YAML_TEXT, false},
	{"min", YAML_TEXT, false},     {"max", YAML_TEXT, false},
	{"choices", YAML_LIST, false}, {0},
};

static const struct yaml_field choice_fields[] = {
	{"name", YAML_TEXT, true},
	{"label", YAML_TEXT, true},
	{"phrases", YAML_LIST, true},
	{0},
};

/* Which keys have a meaning for one type alone. */
static const struct {
	const char *key;
	unsigned int types; /* bits */
} key_types[] = {
	{"future", 1u << SLOT_DATE},
	{"past", 1u << SLOT_DATE},
	{"days_back", 1u << SLOT_DATE},
	{"min", 1u << SLOT_TEXT | 1u << SLOT_AMOUNT},
	{"max", 1u << SLOT_TEXT | 1u << SLOT_AMOUNT},
	{"choices", 1u << SLOT_CHOICE},
};

const char *
slot_type_name(enum slot_type type)
{
	return type_names[type];
}

/* All names of types: ours, then those of the pack's numbers. */
static size_t
list_types(const struct pack *pack, const char **names)
{
	const struct entity_rules *rules = pack->entities;
	size_t n = 0;

	for (; n < SLOT_REFERENCE; n++)
		names[n] = type_names[n];
	for (size_t i = 0; i < rules->n_references; i++)
		names[n++] = rules->references[i].name;
	return n;
}

static int
read_type(struct form_reading *r, const struct yaml *node,
	  struct form_slot *slot)
{
	struct arena *arena = &r->pack->arena;
	const char **names =
		arena_array(arena, SLOT_TYPES + r->pack->entities->n_references,
			    sizeof *names);
	size_t n = list_types(r->pack, names), i = 0;

	while (i < n && strcmp(names[i], node->text) != 0)
		i++;
	if (i < n) {
		slot->type =
			i < SLOT_REFERENCE ? (enum slot_type)i : SLOT_REFERENCE;
		slot->reference = i < SLOT_REFERENCE ? NULL : names[i];
		return 0;
	}
	const char *near = conf_nearest(node->text, names, n);
	if (near)
		return yaml_error(r->file, node, r->err,
				  "there is no type '%.80s', did you mean "
				  "'%s'?",
				  node->text, near);
	return yaml_error(r->file, node, r->err, "there is no type '%.80s'",
			  node->text);
}

static int
check_keys(struct form_reading *r, const struct yaml *node,
	   const struct form_slot *slot)
{
	for (size_t i = 0; i < sizeof key_types / sizeof *key_types; i++) {
		const struct yaml *value = yaml_get(node, key_types[i].key);
		if (value && !(key_types[i].types & 1u << slot->type))
			return yaml_error(r->file, value, r->err,
					  "'%s' means nothing for a slot of "
					  "type '%s'",
					  value->key, type_names[slot->type]);
	}
	return 0;
}

/* "12.50" in cents. */
static int
read_cents(struct form_reading *r, const struct yaml *node, int64_t *cents_r)
{
	char *end;

	errno = 0;
	long whole = strtol(node->text, &end, 10);
	bool is_good = !errno && end > node->text && whole >= 0 &&
		       whole <= AMOUNT_MOST && node->text[0] != '-';
	long cents = 0;
	if (is_good && *end == '.') {
		size_t n = strspn(end + 1, "0123456789");
		is_good = n == 2 && !end[3];
		cents = is_good ? (end[1] - '0') * 10 + end[2] - '0' : 0;
	} else if (*end) {
		is_good = false;
	}
	if (!is_good)
		return yaml_error(r->file, node, r->err,
				  "'%s' must be an amount such as 50 or 12.50, "
				  "not '%.40s'",
				  node->key, node->text);
	*cents_r = (int64_t)whole * CENTS + cents;
	return 0;
}

static int
read_limit(struct form_reading *r, const struct yaml *node,
	   const struct form_slot *slot, int64_t *limit)
{
	long number;

	if (!node)
		return 0;
	if (slot->type == SLOT_AMOUNT)
		return read_cents(r, node, limit);
	if (read_number(r->file, node, 1, TEXT_CHARS_MAX, &number, r->err) < 0)
		return -1;
	*limit = number;
	return 0;
}

static int
read_limits(struct form_reading *r, const struct yaml *node,
	    struct form_slot *slot)
{
	const struct yaml *days = yaml_get(node, "days_back");
	const struct yaml *max = yaml_get(node, "max");
	long days_back = 0;

	if (slot->type == SLOT_TEXT) {
		slot->min = 1;
		slot->max = TEXT_CHARS_MAX;
	}
	slot->may_be_future = slot->may_be_past = true;
	if (form_read_bool(r, yaml_get(node, "future"), &slot->may_be_future) <
		    0 ||
	    form_read_bool(r, yaml_get(node, "past"), &slot->may_be_past) < 0 ||
	    (days && read_number(r->file, days, 1, DAYS_MOST, &days_back,
				 r->err) < 0) ||
	    read_limit(r, yaml_get(node, "min"), slot, &slot->min) < 0 ||
	    read_limit(r, max, slot, &slot->max) < 0)
		return -1;
	if (max && slot->max < slot->min)
		return yaml_error(r->file, max, r->err,
				  "'max' is less than 'min'");
	slot->days_back = (int)days_back;
	return 0;
}

static int
read_choice(struct form_reading *r, const struct yaml *node,
	    const struct form_slot *slot, struct form_choice *choice)
{
	if (yaml_check(r->file, node, choice_fields, r->err) < 0)
		return -1;
	const struct yaml *name = yaml_get(node, "name");
	if (!read_is_name(name->text))
		return read_refuse_name(r->file, name, r->err);
	for (const struct form_choice *c = slot->choices; c < choice; c++)
		if (strcmp(c->name, name->text) == 0)
			return yaml_error(r->file, name, r->err,
					  "the choice '%s' is there twice",
					  name->text);
	choice->name = arena_strdup(&r->pack->arena, name->text);
	choice->label = read_text(r->pack, r->file, yaml_get(node, "label"),
				  NULL, r->err);
	if (!choice->label)
		return -1;
	return form_read_phrases(r, yaml_get(node, "phrases"),
				 &choice->phrases);
}

static int
read_choices(struct form_reading *r, const struct yaml *node,
	     struct form_slot *slot)
{
	const struct yaml *list = yaml_get(node, "choices");

	if (slot->type != SLOT_CHOICE)
		return 0;
	if (!list || list->n < 2 || list->n > FORM_CHOICES_MAX)
		return yaml_error(r->file, list ? list : node, r->err,
				  "a choice needs 2 to %d 'choices'",
				  FORM_CHOICES_MAX);
	struct form_choice *choices =
		arena_array(&r->pack->arena, list->n, sizeof *choices);
	slot->choices = choices;
	yaml_each (choice, list)
		if (read_choice(r, choice, slot, &choices[slot->n_choices++]) <
		    0)
			return -1;
	return 0;
}

static const struct form_slot *
find_slot(const struct form *form, const struct form_slot *end,
	  const char *name)
{
	for (const struct form_slot *slot = form->slots; slot < end; slot++)
		if (strcmp(slot->name, name) == 0)
			return slot;
	return NULL;
}

static bool
has_choice(const struct form_slot *slot, const char *name)
{
	for (size_t i = 0; i < slot->n_choices; i++)
		if (strcmp(slot->choices[i].name, name) == 0)
			return true;
	return false;
}

/* The condition: one earlier choice, and what it must be. */
static int
read_when(struct form_reading *r, const struct yaml *map,
	  const struct form *form, struct form_slot *slot)
{
	if (!map)
		return 0;
	const struct yaml *list = map->n == 1 ? map->first : NULL;
	if (!list || list->kind != YAML_LIST || list->n == 0)
		return yaml_error(r->file, map, r->err,
				  "'when' names one slot and a list of its "
				  "choices");
	slot->when = find_slot(form, slot, list->key);
	if (!slot->when || slot->when->type != SLOT_CHOICE)
		return yaml_error(r->file, list, r->err,
				  "no slot before this one is a choice named "
				  "'%.80s'",
				  list->key);
	if (form_read_names(r, list, &slot->when_is, &slot->n_when_is) < 0)
		return -1;
	yaml_each (name, list)
		if (!has_choice(slot->when, name->text))
			return yaml_error(r->file, name, r->err,
					  "'%s' has no choice '%.80s'",
					  slot->when->name, name->text);
	return 0;
}

static int
read_slot_texts(struct form_reading *r, const struct yaml *node,
		struct form_slot *slot)
{
	const struct yaml *reask = yaml_get(node, "reask");

	slot->label = read_text(r->pack, r->file, yaml_get(node, "label"), NULL,
				r->err);
	slot->question = read_text(r->pack, r->file, yaml_get(node, "question"),
				   NULL, r->err);
	slot->reask = reask ? read_text(r->pack, r->file, reask, NULL, r->err)
			    : slot->question;
	return slot->label && slot->question && slot->reask ? 0 : -1;
}

static int
read_slot(struct form_reading *r, const struct yaml *node,
	  const struct form *form, struct form_slot *slot)
{
	if (yaml_check(r->file, node, slot_fields, r->err) < 0)
		return -1;
	const struct yaml *name = yaml_get(node, "name");
	const struct yaml *words = yaml_get(node, "words");
	const struct yaml *parts = yaml_get(node, "parts");
	if (!read_is_name(name->text))
		return read_refuse_name(r->file, name, r->err);
	if (find_slot(form, slot, name->text))
		return yaml_error(r->file, name, r->err,
				  "the slot '%s' is there twice", name->text);
	slot->name = arena_strdup(&r->pack->arena, name->text);
	slot->is_required = true;
	slot->phrases = slot->parts = PHRASE_NONE;
	if (read_type(r, yaml_get(node, "type"), slot) < 0 ||
	    check_keys(r, node, slot) < 0 ||
	    read_slot_texts(r, node, slot) < 0 ||
	    form_read_bool(r, yaml_get(node, "required"), &slot->is_required) <
		    0 ||
	    read_limits(r, node, slot) < 0 || read_choices(r, node, slot) < 0 ||
	    read_when(r, yaml_get(node, "when"), form, slot) < 0)
		return -1;
	if (parts && form_read_phrases(r, parts, &slot->parts) < 0)
		return -1;
	return words ? form_read_phrases(r, words, &slot->phrases) : 0;
}

int
form_read_slots(struct form_reading *r, const struct yaml *list,
		struct form *form)
{
	if (list->n == 0 || list->n > FORM_SLOTS_MAX)
		return yaml_error(r->file, list, r->err,
				  "a form has 1 to %d slots", FORM_SLOTS_MAX);
	struct form_slot *slots =
		arena_array(&r->pack->arena, list->n, sizeof *slots);
	form->slots = slots;
	yaml_each (node, list)
		if (read_slot(r, node, form, &slots[form->n_slots++]) < 0)
			return -1;
	return 0;
}
