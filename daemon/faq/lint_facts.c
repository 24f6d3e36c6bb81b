/* Answers that say otherwise than the facts of their desk.  One thread. */
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "faq/lint_parts.h"

#define FILLED_MAX ((size_t)1 << 20)

/* A {{name}} of a template. */
struct fact {
	const char *name; /* without the braces */
	size_t len;
	const char *value; /* NULL: there is none of that name */
};

/* The next one at or behind *at, which is moved behind it. */
static bool
next_fact(const struct lint_desk *desk, const char **at, struct fact *fact)
{
	const char *begin = strstr(*at, "{{");
	const char *end = begin ? strstr(begin, "}}") : NULL;

	if (!end)
		return false;
	fact->name = begin + 2;
	fact->len = (size_t)(end - begin) - 2;
	fact->value = desk->value(desk->facts, fact->name, fact->len);
	*at = end + 2;
	return true;
}

/* ---- Filled with what the facts were */

static bool
is_stale(const struct lint_desk *desk, const struct faq_version *entry)
{
	struct buf filled;

	buf_init(&filled, FILLED_MAX);
	bool is_other = template_fill(&filled, entry->source, desk->value,
				      desk->facts, NULL) == 0 &&
			strcmp(buf_str(&filled), entry->answer) != 0;
	buf_release(&filled);
	return is_other;
}

static void
check_stale(struct linting *l, size_t i)
{
	const struct faq_version *entry = &l->file->entries[i];
	const struct faq_place *place = &l->file->places[i];
	const char *at = entry->source;
	struct fact fact;

	if (!is_stale(l->desk, entry))
		return;
	while (next_fact(l->desk, &at, &fact))
		if (!strstr(entry->answer, fact.value))
			break;
	findings_add(l->out, FINDING_ERROR, "stale-fact", place->file,
		     place->answer,
		     "customers get '%s' with another '%.*s' than '%s', which "
		     "facts.yaml says: approve its draft, or, if there is "
		     "none, say 'tellerctl reload'",
		     entry->name, (int)fact.len, fact.name, fact.value);
}

/* ---- Written where a fact stood */

/* The sign that makes an amount of a value; NULL: it is none. */
static const char *
sign_of(const char *value)
{
	static const char *const signs[] = {"€", "$", "£", "%"};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (strstr(value, signs[i]))
			return signs[i];
	return NULL;
}

static bool
has_fact(const char *source, const struct fact *fact)
{
	for (const char *at = source; (at = strstr(at, "{{")); at += 2)
		if (strncmp(at + 2, fact->name, fact->len) == 0 &&
		    strncmp(at + 2 + fact->len, "}}", 2) == 0)
			return true;
	return false;
}

/* Against the entry as the pack has it. */
static void
check_written(struct linting *l, size_t i, const struct faq_version *packs)
{
	const struct faq_version *entry = &l->file->entries[i];
	const struct faq_place *place = &l->file->places[i];
	const char *at = packs->source;
	struct fact fact;

	while (next_fact(l->desk, &at, &fact)) {
		const char *sign = fact.value ? sign_of(fact.value) : NULL;
		if (!sign || has_fact(entry->source, &fact) ||
		    strstr(entry->answer, fact.value) ||
		    !strstr(entry->source, sign))
			continue;
		findings_add(l->out, FINDING_WARNING, "written-amount",
			     place->file, place->answer,
			     "'%s' was edited and has an amount where the "
			     "pack has '{{%.*s}}', which is %s, and the "
			     "answer does not say that: write the fact",
			     entry->name, (int)fact.len, fact.name, fact.value);
	}
}

void
lint_facts(struct linting *l)
{
	const struct faq_file *pack = l->desk->pack;
	struct map packs = {0};

	if (!l->desk->facts)
		return;
	for (size_t i = 0; pack && i < pack->n; i++)
		map_put(&packs, pack->entries[i].name, &pack->entries[i]);
	for (size_t i = l->first; i < l->file->n; i++) {
		const struct faq_version *known =
			map_get(&packs, l->file->entries[i].name);
		check_stale(l, i);
		if (known)
			check_written(l, i, known);
	}
	map_release(&packs);
}
