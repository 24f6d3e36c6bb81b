/* What can be said of an entry alone.  One thread. */
#include "faq/lint.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/hash.h"
#include "faq/lint_parts.h"
#include "text/redact.h"
#include "text/writing.h"

#define REDACTED_MAX ((size_t)1 << 20)

const char *
lint_value(const void *arg, const char *name, size_t len)
{
	const struct lint_desk *desk = arg;
	const char *value =
		desk->facts ? desk->value(desk->facts, name, len) : NULL;

	return value ? value : "...";
}

const char *
lint_place(const struct faq_place *place, char out[LINT_PLACE_SIZE])
{
	int n = place->line > 0
			? snprintf(out, LINT_PLACE_SIZE, "%s:%d", place->file,
				   place->answer)
			: snprintf(out, LINT_PLACE_SIZE, "%s", place->file);

	/* A path that is too long is told by its beginning. */
	return n > 0 ? out : "";
}

bool
lint_has_tag(const char *tags, const char *list)
{
	for (size_t len; *tags; tags += len, tags += *tags == ',') {
		len = strcspn(tags, ",");
		for (const char *at = list; *at; at += strspn(at, " ")) {
			size_t n = strcspn(at, " ");
			if (n == len && strncasecmp(at, tags, len) == 0)
				return true;
			at += n;
		}
	}
	return false;
}

/* ---- Verbatim */

static const char verbatim_tags[] =
	"law legal fee fees complaint complaints regulation";

/* Words that name a law, in texts of Ireland and of the Union. */
static bool
names_law(const char *text)
{
	static const char *const sources[] = {
		"Regulation (E", "Regulations 1",
		"Regulations 2", "Directive",
		" Act 1",	 " Act 2",
		"Code 2",	 "Code of Conduct",
		"S.I. ",	 "Protection Code",
		"Rules of",	 "Art. ",
		"GDPR",		 "Statute",
	};

	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		if (strstr(text, sources[i]))
			return true;
	return false;
}

static const char *
why_verbatim(const struct faq_version *entry)
{
	if (lint_has_tag(entry->tags, verbatim_tags))
		return "its tags say that it is about law, fees or complaints";
	if (strstr(entry->source, "{{fee."))
		return "its answer says a fee";
	if (strstr(entry->source, "{{law.") || names_law(entry->source))
		return "its answer says what the law is";
	return NULL;
}

static void
check_verbatim(struct linting *l, size_t i)
{
	const struct faq_version *entry = &l->file->entries[i];
	const struct faq_place *place = &l->file->places[i];
	const char *why = entry->is_verbatim ? NULL : why_verbatim(entry);

	if (why)
		findings_add(l->out, FINDING_WARNING, "not-verbatim",
			     place->file, place->line,
			     "'%s' may be shortened, but %s: it wants "
			     "'verbatim: true'",
			     entry->name, why);
	if (strstr(entry->source, "{{law.") && !names_law(entry->source))
		findings_add(l->out, FINDING_WARNING, "law-without-source",
			     place->file, place->answer,
			     "the answer of '%s' says what the law is, and not "
			     "which law",
			     entry->name);
}

/* ---- How it is written */

static void
check_answer(struct linting *l, size_t i)
{
	const struct faq_version *entry = &l->file->entries[i];
	const struct faq_place *place = &l->file->places[i];
	size_t claim_len, n = text_count_words(entry->answer);
	const char *claim = text_find_claim(entry->answer, &claim_len);
	const char *preamble = text_find_preamble(entry->answer);

	if (n > LINT_WORDS_MAX)
		findings_add(l->out, FINDING_WARNING, "long-answer",
			     place->file, place->answer,
			     "the answer of '%s' has %zu words: more than %d "
			     "are not read",
			     entry->name, n, LINT_WORDS_MAX);
	if (claim)
		findings_add(l->out, FINDING_ERROR, "claim", place->file,
			     place->answer,
			     "the answer of '%s' says '%.*s': the assistant "
			     "did nothing",
			     entry->name, (int)claim_len, claim);
	if (preamble)
		findings_add(l->out, FINDING_WARNING, "preamble", place->file,
			     place->answer,
			     "the answer of '%s' begins with '%s': its first "
			     "sentence must answer",
			     entry->name, preamble);
}

/* What a fact fills in is the firm's own, and is not looked at. */
static void
check_numbers(struct linting *l, size_t i)
{
	const struct faq_version *entry = &l->file->entries[i];
	const struct faq_place *place = &l->file->places[i];
	unsigned int found = 0;
	struct buf out;

	buf_init(&out, REDACTED_MAX);
	text_redact(&out, entry->source, strlen(entry->source), &found);
	const char *what = found & 1u << REDACT_CARD   ? "a card"
			   : found & 1u << REDACT_IBAN ? "an account (IBAN)"
						       : NULL;
	if (what)
		findings_add(l->out, FINDING_WARNING, "literal-number",
			     place->file, place->answer,
			     "the answer of '%s' has the number of %s: every "
			     "customer reads it; write one of the firm as a "
			     "fact",
			     entry->name, what);
	buf_release(&out);
}

static void
check_paraphrases(struct linting *l, size_t i)
{
	const struct faq_version *entry = &l->file->entries[i];
	const struct faq_place *place = &l->file->places[i];

	if (entry->n_variants < LINT_PARAPHRASES_MIN)
		findings_add(l->out, FINDING_WARNING, "few-paraphrases",
			     place->file, place->line,
			     "'%s' has %zu paraphrases: write %d or more, in "
			     "the words of customers",
			     entry->name, entry->n_variants,
			     LINT_PARAPHRASES_MIN);
}

static void
check_validity(struct linting *l, size_t i)
{
	const struct faq_version *entry = &l->file->entries[i];
	const struct faq_place *place = &l->file->places[i];

	if (entry->valid_to_us && entry->valid_to_us <= l->desk->now_us)
		findings_add(l->out, FINDING_WARNING, "expired", place->file,
			     place->line,
			     "'%s' is no longer valid: nobody gets it",
			     entry->name);
	else if (entry->valid_from_us > l->desk->now_us)
		findings_add(l->out, FINDING_NOTE, "not-yet-valid", place->file,
			     place->line,
			     "'%s' is not valid yet: nobody gets it now",
			     entry->name);
}

/* ---- Language */

static bool
is_same_language(const char *a, const char *b)
{
	size_t len = strcspn(a, "-");

	return len == strcspn(b, "-") && strncasecmp(a, b, len) == 0;
}

/* Of a file whose entries say nothing it is enough to say it once. */
static void
check_language(struct linting *l, size_t i, struct map *files)
{
	const struct faq_version *entry = &l->file->entries[i];
	const struct faq_place *place = &l->file->places[i];
	const char *language = l->desk->language;

	if (language && is_same_language(language, entry->language))
		return;
	if (language && !place->is_language_assumed) {
		findings_add(l->out, FINDING_WARNING, "other-language",
			     place->file, place->line,
			     "'%s' is in the language '%s', and its desk in "
			     "'%s'",
			     entry->name, entry->language, language);
		return;
	}
	if (!place->is_language_assumed ||
	    map_put(files, place->file, (void *)place))
		return;
	findings_add(l->out, language ? FINDING_WARNING : FINDING_NOTE,
		     "no-language", place->file, place->line,
		     "nothing says which language this is: '%s' is assumed; "
		     "write 'language:' beside 'faq:'",
		     entry->language);
}

/* Put the entries that will be beside the file's before its own; one of the
 * same name is the same entry. */
static void
put_beside(struct linting *l, struct faq_file *all)
{
	const struct faq_file *own = l->file, *beside = l->desk->beside;
	struct map names = {0};

	all->entries = arena_array(&all->arena, own->n + beside->n + 1,
				   sizeof *all->entries);
	all->places = arena_array(&all->arena, own->n + beside->n + 1,
				  sizeof *all->places);
	for (size_t i = 0; i < own->n; i++)
		map_put(&names, own->entries[i].name, &own->entries[i]);
	for (size_t i = 0; i < beside->n; i++) {
		if (map_get(&names, beside->entries[i].name))
			continue;
		all->entries[all->n] = beside->entries[i];
		all->places[all->n++] = beside->places[i];
	}
	map_release(&names);
	l->first = all->n;
	for (size_t i = 0; i < own->n; i++) {
		all->entries[all->n] = own->entries[i];
		all->places[all->n++] = own->places[i];
	}
	l->file = all;
}

int
faq_lint(const struct faq_file *file, const struct lint_desk *desk,
	 struct findings *out, struct err *err)
{
	struct linting l = {.file = file, .desk = desk, .out = out};
	struct map files = {0};
	struct faq_file all = {0};

	if (desk->beside)
		put_beside(&l, &all);
	for (size_t i = l.first; i < l.file->n; i++) {
		check_answer(&l, i);
		check_numbers(&l, i);
		check_paraphrases(&l, i);
		check_verbatim(&l, i);
		check_validity(&l, i);
		check_language(&l, i, &files);
		lint_references(&l, i);
	}
	map_release(&files);
	lint_facts(&l);
	lint_amounts(&l);
	int rc = lint_reach(&l, err);
	arena_release(&all.arena);
	return rc;
}
