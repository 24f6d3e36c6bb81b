/* Intents and their examples.  One thread. */
#include <string.h>

#include "base/hash.h"
#include "conf/yaml.h"
#include "nlu/check_parts.h"
#include "nlu/intent.h"
#include "text/alike.h"

/* Of all pairs of examples so many are compared: a second's worth. */
#define EXAMPLES_MAX 6000
#define DUPLICATE 0.80 /* likeness of two that say the same */
#define NEAR 0.60      /* of one to another intent's that is suspicious ... */
#define NEARER_BY 0.25 /* if its own intent's is so much less like it */

struct example {
	const char *text;
	size_t intent; /* number */
	int line;
};

struct examples {
	struct checking *c;
	const char *path;
	struct example *list;
	size_t n;
	struct alike *alike;
};

/* Likest examples of an example: of its own intent, and of others. */
struct likest {
	double own, other;
	size_t other_at;
};

static const char *
intent_of(const struct examples *e, size_t example)
{
	return e->c->pack->intents[e->list[example].intent].name;
}

/* ---- Few, and the same */

static void
check_number(const struct examples *e, const struct pack_intent *intent,
	     int line)
{
	if (intent->n_examples < CHECK_EXAMPLES_MIN)
		findings_add(e->c->out, FINDING_WARNING, "few-examples",
			     e->path, line,
			     "the intent '%s' has %zu examples: %d or more "
			     "tell it from others",
			     intent->name, intent->n_examples,
			     CHECK_EXAMPLES_MIN);
}

static void
check_duplicate(const struct examples *e, size_t i, size_t j, double likeness)
{
	bool is_other = e->list[i].intent != e->list[j].intent;
	bool is_same = likeness > 0.999;

	if (likeness < DUPLICATE || (!is_other && !is_same))
		return;
	findings_add(e->c->out, is_other ? FINDING_WARNING : FINDING_NOTE,
		     is_same ? "same-example" : "near-duplicate", e->path,
		     e->list[j].line,
		     "'%s' of '%s' is %s '%s' of '%s' in line %d",
		     e->list[j].text, intent_of(e, j),
		     is_same ? "the same as" : "nearly", e->list[i].text,
		     intent_of(e, i), e->list[i].line);
}

static void
check_nearest(const struct examples *e, size_t i, const struct likest *likest)
{
	if (likest->other < NEAR || likest->other >= DUPLICATE ||
	    likest->other < likest->own + NEARER_BY)
		return;
	findings_add(e->c->out, FINDING_WARNING, "nearer-elsewhere", e->path,
		     e->list[i].line,
		     "'%s' of '%s' is nearer to '%s' of '%s' in line %d than "
		     "to any other of its own",
		     e->list[i].text, intent_of(e, i),
		     e->list[likest->other_at].text,
		     intent_of(e, likest->other_at),
		     e->list[likest->other_at].line);
}

static void
note_likeness(const struct examples *e, struct likest *likest, size_t i,
	      size_t j, double likeness)
{
	if (e->list[i].intent == e->list[j].intent) {
		if (likeness > likest->own)
			likest->own = likeness;
	} else if (likeness > likest->other) {
		likest->other = likeness;
		likest->other_at = j;
	}
}

static void
compare_examples(struct examples *e)
{
	struct likest *likest =
		arena_array(&e->c->arena, e->n + 1, sizeof *likest);

	for (size_t i = 0; i < e->n; i++)
		for (size_t j = i + 1; j < e->n; j++) {
			double likeness = alike_measure(e->alike, i, j);
			check_duplicate(e, i, j, likeness);
			note_likeness(e, &likest[i], i, j, likeness);
			note_likeness(e, &likest[j], j, i, likeness);
		}
	for (size_t i = 0; i < e->n; i++)
		check_nearest(e, i, &likest[i]);
}

/* ---- What serves them */

static const struct pack_intent *
find_intent(const struct pack *pack, const char *name)
{
	for (size_t i = 0; i < pack->n_intents; i++)
		if (strcmp(pack->intents[i].name, name) == 0)
			return &pack->intents[i];
	return NULL;
}

static void
check_entries(struct checking *c, struct map *served)
{
	const struct pack *pack = c->pack;
	const char **names =
		arena_array(&c->arena, pack->n_intents + 1, sizeof *names);

	for (size_t i = 0; i < pack->n_intents; i++)
		names[i] = pack->intents[i].name;
	for (size_t i = 0; i < c->n_entries; i++) {
		const struct check_entry *entry = &c->entries[i];
		if (!entry->intent[0]) {
			findings_add(c->out, FINDING_NOTE, "no-intent",
				     entry->file, entry->line,
				     "the entry '%s' names no intent",
				     entry->name);
			continue;
		}
		map_put(served, entry->intent, (void *)entry);
		if (find_intent(pack, entry->intent))
			continue;
		const char *near =
			conf_nearest(entry->intent, names, pack->n_intents);
		findings_add(c->out, FINDING_ERROR, "unknown-intent",
			     entry->file, entry->line,
			     "the entry '%s' names the intent '%s', which is "
			     "not in intents.yaml%s%s%s",
			     entry->name, entry->intent,
			     near ? ": did you mean '" : "", near ? near : "",
			     near ? "'?" : "");
	}
}

/* ---- Reading once more, for the lines */

static size_t
count_examples(const struct pack *pack)
{
	size_t n = 0;

	for (size_t i = 0; i < pack->n_intents; i++)
		n += pack->intents[i].n_examples;
	return n;
}

static void
add_examples(struct examples *e, size_t number, const struct yaml *list)
{
	yaml_each (node, list) {
		e->list[e->n++] = (struct example){
			.text = arena_strdup(&e->c->arena, node->text),
			.intent = number,
			.line = node->line,
		};
		alike_add(e->alike, node->text);
	}
}

static void
read_intents(struct examples *e, const struct yaml *root,
	     const struct map *served)
{
	const struct pack *pack = e->c->pack;
	size_t number = 0;

	yaml_each (node, yaml_get(root, "intents")) {
		const struct pack_intent *intent = &pack->intents[number];
		check_number(e, intent, node->line);
		if (!map_get(served, intent->name))
			findings_add(e->c->out, FINDING_WARNING,
				     "unserved-intent", e->path, node->line,
				     "no entry serves the intent '%s'",
				     intent->name);
		add_examples(e, number++, yaml_get(node, "examples"));
	}
}

static void
check_examples(struct examples *e)
{
	alike_weigh(e->alike);
	if (e->n <= EXAMPLES_MAX)
		compare_examples(e);
	else
		findings_add(e->c->out, FINDING_NOTE, "many-examples", e->path,
			     0,
			     "there are %zu examples: no more than %d are "
			     "compared with each other",
			     e->n, EXAMPLES_MAX);
}

void
check_intents(struct checking *c)
{
	struct examples e = {.c = c, .path = check_path(c, "intents.yaml")};
	struct map served = {0};
	struct yaml_file yaml;
	size_t len;

	const char *text = pack_file(c->pack, e.path, &len);
	check_entries(c, &served);
	if (text &&
	    yaml_read(&yaml, e.path, text, len, &yaml_limits_pack, NULL) == 0) {
		e.list = arena_array(&c->arena, count_examples(c->pack) + 1,
				     sizeof *e.list);
		e.alike = alike_new(c->pack->language);
		read_intents(&e, yaml.root, &served);
		check_examples(&e);
		alike_free(e.alike);
		yaml_release(&yaml);
	}
	map_release(&served);
}
