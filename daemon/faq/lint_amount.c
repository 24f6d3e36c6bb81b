/* Amounts of the same thing that differ between entries.  One thread.
 *
 * What an amount is of are the words of its clause; two amounts contradict when
 * all these are the same, and the unit, but not the number.  Words of amounts
 * themselves ("fee", "costs") do not count, and the clause or both questions
 * must say what it is about: "it comes within 5 days" is about anything.  That
 * finds few, and seldom what is none. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/hash.h"
#include "faq/lint_parts.h"
#include "text/tokens.h"

#define CLAUSE_MAX 1000 /* bytes */
#define STEMS_MAX 64
#define STEMS_MIN 2 /* that say what an amount is of */
#define NUMBER_MAX 40

struct amount {
	const char *number, *unit;
	size_t entry;
	bool is_ambiguous; /* its own entry has another one, too */
};

struct amounts {
	struct linting *l;
	struct map known; /* by unit and words: struct amount */
	struct tokens tokens;
	struct arena arena;
};

/* ---- Numbers with units */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The bytes of a number: digits, with '.' and ',' between them. */
static size_t
number_length(const char *text)
{
	size_t len = 0;

	while (is_digit(text[len]) || (len > 0 && strchr(".,", text[len]) &&
				       text[len] && is_digit(text[len + 1])))
		len++;
	return len;
}

/* The unit behind a number: what its words begin with. */
static const char *
unit_behind(const char *text)
{
	static const char *const kinds[] = {"working ", "calendar ",
					    "business "};
	static const char *const units[] = {
		"%",	"day",	  "week",   "month", "year",
		"hour", "minute", "second", "euro",  "kilometre",
		"km",	"metre",  "time"};

	text += strspn(text, " ");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strncasecmp(text, kinds[i], strlen(kinds[i])) == 0)
			return kinds[i];
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strncasecmp(text, units[i], strlen(units[i])) == 0)
			return units[i];
	return NULL;
}

static const char *
unit_before(const char *text, const char *at)
{
	static const char *const signs[] = {"€", "$", "£"};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		size_t len = strlen(signs[i]);
		if ((size_t)(at - text) >= len &&
		    strncmp(at - len, signs[i], len) == 0)
			return signs[i];
	}
	return NULL;
}

/* ---- What an amount is of */

/* Is the word one of a list, which has a blank before and behind each? */
static bool
is_listed(const char *word, const char *list)
{
	size_t len = strlen(word);
	const char *at = len ? strstr(list, word) : NULL;

	for (; at; at = strstr(at + 1, word))
		if (at > list && at[-1] == ' ' && at[len] == ' ')
			return true;
	return false;
}

/* Stems of words that say that there is an amount, of units, and of words that
 * ask. */
static bool
says_nothing(const char *stem)
{
	static const char words[] =
		" fee cost charg price pay take amount day week month year "
		"hour minut second euro time work calendar busi within then "
		"how what when where whi which who ";

	return is_listed(stem, words);
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Add the stems that say what a clause is about, each once and in order.  How
 * many. */
static size_t
add_stems(struct amounts *a, const char *clause, size_t len, struct buf *key)
{
	const char *stems[STEMS_MAX];
	size_t n = 0, kept = 0;

	if (tokens_split(&a->tokens, clause, len, "en") < 0)
		mem_exhausted();
	for (size_t i = 0; i < a->tokens.n && n < STEMS_MAX; i++) {
		const struct token *token = &a->tokens.list[i];
		const char *stem = token_term(&a->tokens, i);
		if (!token->is_stop && !token->is_number && !says_nothing(stem))
			stems[n++] = stem;
	}
	qsort(stems, n, sizeof *stems, compare_texts);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(stems[i], stems[i - 1]) != 0) {
			buf_addf(key, " %s", stems[i]);
			kept++;
		}
	return kept;
}

/* "at least" and "up to" 50 are not the same. */
static const char *
bound_before(const char *clause, const char *at)
{
	static const char *const bounds[] = {"least",	  "most",     "up to",
					     "over",	  "under",    "from",
					     "more than", "less than"};

	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
		size_t len = strlen(bounds[i]);
		const char *begin = at - clause > 24 ? at - 24 : clause;
		for (; begin + len <= at; begin++)
			if (strncasecmp(begin, bounds[i], len) == 0)
				return bounds[i];
	}
	return "";
}

/* ---- Comparing */

/* Is one of the stems of a text, other than those of amounts, among the stems
 * of a key, each with a blank before it? */
static bool
has_stem_of(struct amounts *a, const char *text, const char *key)
{
	struct buf stems;
	bool has_one = false;

	buf_init(&stems, 4 * CLAUSE_MAX);
	buf_addf(&stems, "%s ", key);
	if (tokens_split(&a->tokens, text, strlen(text), "en") < 0)
		mem_exhausted();
	for (size_t i = 0; i < a->tokens.n && !has_one; i++) {
		const char *stem = token_term(&a->tokens, i);
		has_one = !a->tokens.list[i].is_stop && !says_nothing(stem) &&
			  is_listed(stem, buf_str(&stems));
	}
	buf_release(&stems);
	return has_one;
}

/* Do the clause or both questions tell what the amount is of? */
static bool
has_topic(struct amounts *a, size_t x, size_t y, const char *key)
{
	const struct faq_version *entries = a->l->file->entries;
	const char *one = entries[x].question, *other = entries[y].question;
	struct buf stems;

	if (has_stem_of(a, one, key) || has_stem_of(a, other, key))
		return true;
	buf_init(&stems, 4 * CLAUSE_MAX);
	add_stems(a, one, strlen(one), &stems);
	bool is_same = has_stem_of(a, other, buf_str(&stems));
	buf_release(&stems);
	return is_same;
}

static void
report(struct amounts *a, size_t entry, const struct amount *before,
       const char *number)
{
	const struct faq_file *file = a->l->file;
	const struct faq_place *place = &file->places[entry];
	char where[LINT_PLACE_SIZE];

	findings_add(a->l->out, FINDING_WARNING, "contradiction", place->file,
		     place->answer,
		     "'%s' says %s (%s) where '%s' (%s) says %s of the same",
		     file->entries[entry].name, number, before->unit,
		     file->entries[before->entry].name,
		     lint_place(&file->places[before->entry], where),
		     before->number);
}

static void
note_amount(struct amounts *a, size_t entry, const char *key, const char *unit,
	    const char *number)
{
	struct amount *before = map_get(&a->known, key);

	if (!before) {
		before = arena_new(&a->arena, sizeof *before);
		*before = (struct amount){arena_strdup(&a->arena, number), unit,
					  entry, false};
		map_put(&a->known, key, before);
		return;
	}
	if (strcmp(before->number, number) == 0)
		return;
	if (before->entry == entry)
		before->is_ambiguous = true;
	else if (!before->is_ambiguous && entry >= a->l->first &&
		 has_topic(a, entry, before->entry, key))
		report(a, entry, before, number);
}

static void
read_clause(struct amounts *a, size_t entry, const char *clause, size_t len)
{
	char text[CLAUSE_MAX + 1], number[NUMBER_MAX + 1];
	struct buf key;

	if (len > CLAUSE_MAX)
		return;
	memcpy(text, clause, len);
	text[len] = '\0';
	buf_init(&key, 2 * CLAUSE_MAX);
	for (const char *at = text; *at; at++) {
		size_t n = number_length(at);
		const char *unit = unit_before(text, at);
		if (n == 0)
			continue;
		if (!unit)
			unit = unit_behind(at + n);
		buf_clear(&key);
		buf_addf(&key, "%s %s", unit ? unit : "",
			 bound_before(text, at));
		if (unit && n <= NUMBER_MAX &&
		    add_stems(a, text, len, &key) >= STEMS_MIN) {
			memcpy(number, at, n);
			number[n] = '\0';
			note_amount(a, entry, buf_str(&key), unit, number);
		}
		at += n - 1;
	}
	buf_release(&key);
}

/* The length of the clause at the beginning of a text: up to a mark of
 * punctuation that is not inside a number. */
static size_t
clause_length(const char *text)
{
	size_t i = 0;

	for (; text[i]; i++) {
		bool is_point = text[i] == '.' || text[i] == ',';
		if (is_point && is_digit(text[i + 1]))
			continue;
		if (strchr(".,;:!?()\n", text[i]))
			break;
	}
	return i;
}

void
lint_amounts(struct linting *l)
{
	struct amounts a = {.l = l};

	tokens_init(&a.tokens);
	for (size_t i = 0; i < l->file->n; i++) {
		const char *text = l->file->entries[i].answer;
		while (*text) {
			size_t len = clause_length(text);
			read_clause(&a, i, text, len);
			text += len + (text[len] != '\0');
		}
	}
	map_release(&a.known);
	tokens_release(&a.tokens);
	arena_release(&a.arena);
}
