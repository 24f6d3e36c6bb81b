/* entities.yaml.  One thread while reading. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "nlu/entity.h"
#include "nlu/pack.h"
#include "nlu/read.h"

#define PATTERNS_MAX 20
#define PATTERN_MIN 4 /* characters that stand in a number itself */
#define PATTERN_MAX 32
#define COUNTRY_CODE_MAX 3
#define TRUNK_MAX 2

#define DIGITS "0123456789"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LETTERS CAPITALS "abcdefghijklmnopqrstuvwxyz"

static const struct yaml_field file_fields[] = {
	{"currency", YAML_TEXT, false},
	{"decimal", YAML_TEXT, false},
	{"dates", YAML_TEXT, false},
	{"country_code", YAML_TEXT, false},
	{"trunk_prefix", YAML_TEXT, false},
	{"references", YAML_LIST, false},
	{0},
};

static const struct yaml_field reference_fields[] = {
	{"name", YAML_TEXT, true},
	{"patterns", YAML_LIST, true},
	{"check", YAML_TEXT, false},
	{0},
};

/* A word of the file and what it stands for. */
struct word {
	const char *word;
	int value;
};

static const struct word checks[] = {{"none", ENTITY_NO_CHECK},
				     {"luhn", ENTITY_LUHN},
				     {"mod97", ENTITY_MOD97},
				     {"mod11", ENTITY_MOD11},
				     {0}};
static const struct word orders[] = {{"day_first", ENTITY_DAY_FIRST},
				     {"month_first", ENTITY_MONTH_FIRST},
				     {0}};
static const struct word decimals[] = {{".", '.'}, {",", ','}, {0}};

struct reading {
	struct pack *pack;
	const struct yaml_file *file;
	struct err *err;
};

/* The value of one of the words; NULL node: *value_r stays.  `allowed` says in
 * an error which there are. */
static int
read_word(const struct reading *r, const struct yaml *node,
	  const struct word *words, const char *allowed, int *value_r)
{
	if (!node)
		return 0;
	for (; words->word; words++)
		if (strcmp(words->word, node->text) == 0) {
			*value_r = words->value;
			return 0;
		}
	return yaml_error(r->file, node, r->err, "'%s' is %s, not '%.40s'",
			  node->key, allowed, node->text);
}

/* A text of at most max of the bytes; NULL: it is none. */
static const char *
read_bytes(const struct reading *r, const struct yaml *node, const char *bytes,
	   size_t max, const char *allowed)
{
	if (strlen(node->text) <= max &&
	    strspn(node->text, bytes) == strlen(node->text))
		return arena_strdup(&r->pack->arena, node->text);
	yaml_error(r->file, node, r->err, "'%s' is %s, not '%.40s'", node->key,
		   allowed, node->text);
	return NULL;
}

static int
check_pattern(const struct reading *r, const struct yaml *node,
	      const char *pattern)
{
	size_t n = 0;

	for (const char *p = pattern; *p; p++)
		n += *p != '-';
	if (strspn(pattern, DIGITS LETTERS "#@*-") != strlen(pattern))
		return yaml_error(r->file, node, r->err,
				  "the pattern '%.80s' may hold '#' for a "
				  "digit, '@' for a letter, '*' for either, "
				  "'-', and letters and digits that stand for "
				  "themselves",
				  pattern);
	if (n < PATTERN_MIN || strlen(pattern) > PATTERN_MAX)
		return yaml_error(r->file, node, r->err,
				  "the pattern '%.80s' must stand for %d to "
				  "%d characters",
				  pattern, PATTERN_MIN, PATTERN_MAX);
	/* Any word would be such a number. */
	if (!strpbrk(pattern, DIGITS "#"))
		return yaml_error(r->file, node, r->err,
				  "the pattern '%.80s' has no digit", pattern);
	return 0;
}

static int
read_patterns(const struct reading *r, const struct yaml *list,
	      struct entity_reference *reference)
{
	if (list->n == 0 || list->n > PATTERNS_MAX)
		return yaml_error(r->file, list, r->err,
				  "'%s' needs 1 to %d patterns",
				  reference->name, PATTERNS_MAX);
	const char **patterns =
		arena_array(&r->pack->arena, list->n, sizeof *patterns);
	reference->patterns = patterns;
	yaml_each (node, list) {
		if (node->kind != YAML_TEXT)
			return yaml_error(r->file, node, r->err,
					  "'patterns' is a list of texts");
		const char *pattern =
			read_text(r->pack, r->file, node, NULL, r->err);
		if (!pattern || check_pattern(r, node, pattern) < 0)
			return -1;
		patterns[reference->n_patterns++] = pattern;
	}
	return 0;
}

static int
read_reference(const struct reading *r, const struct yaml *node,
	       struct entity_reference *reference)
{
	const struct yaml *name = yaml_get(node, "name");
	enum entity_kind kind;
	int check = ENTITY_NO_CHECK;

	if (entity_kind_of(name->text, &kind))
		return yaml_error(r->file, name, r->err,
				  "'%s' is a kind of entity: give the number "
				  "another name",
				  name->text);
	reference->name = arena_strdup(&r->pack->arena, name->text);
	if (read_word(r, yaml_get(node, "check"), checks,
		      "none, luhn, mod97 or mod11", &check) < 0)
		return -1;
	reference->check = (enum entity_check)check;
	return read_patterns(r, yaml_get(node, "patterns"), reference);
}

static int
read_references(const struct reading *r, struct entity_rules *rules)
{
	if (!yaml_get(r->file->root, "references"))
		return 0;
	const struct yaml *list = read_entries(
		r->file, file_fields, "references", reference_fields, r->err);
	if (!list)
		return -1;
	struct entity_reference *references =
		arena_array(&r->pack->arena, list->n, sizeof *references);
	rules->references = references;
	yaml_each (node, list) {
		size_t i = rules->n_references++;
		if (read_reference(r, node, &references[i]) < 0)
			return -1;
	}
	return 0;
}

static int
read_phones(const struct reading *r, struct entity_rules *rules)
{
	const struct yaml *code = yaml_get(r->file->root, "country_code");
	const struct yaml *trunk = yaml_get(r->file->root, "trunk_prefix");

	if (code)
		rules->country_code =
			read_bytes(r, code, DIGITS, COUNTRY_CODE_MAX,
				   "1 to 3 digits, as 353");
	if (trunk)
		rules->trunk_prefix = read_bytes(r, trunk, DIGITS, TRUNK_MAX,
						 "at most 2 digits, as 0");
	return rules->country_code && rules->trunk_prefix ? 0 : -1;
}

static int
read_currency(const struct reading *r, struct entity_rules *rules)
{
	const struct yaml *node = yaml_get(r->file->root, "currency");

	if (!node)
		return 0;
	if (!entity_is_currency(node->text))
		return yaml_error(r->file, node, r->err,
				  "'currency' is a code as EUR, not '%.40s'",
				  node->text);
	memcpy(rules->currency, node->text, sizeof rules->currency);
	return 0;
}

int
entities_read(struct pack *pack, const struct yaml_file *file, struct err *err)
{
	const struct reading r = {pack, file, err};
	const struct yaml *root = file->root;
	int dates = ENTITY_ANY_FIRST, decimal = '.';

	if (yaml_check(file, root, file_fields, err) < 0)
		return -1;
	struct entity_rules *rules = arena_new(&pack->arena, sizeof *rules);
	*rules = entity_rules_default;
	pack->entities = rules;
	if (!root)
		return 0;
	if (read_word(&r, yaml_get(root, "dates"), orders,
		      "day_first or month_first", &dates) < 0 ||
	    read_word(&r, yaml_get(root, "decimal"), decimals, "'.' or ','",
		      &decimal) < 0)
		return -1;
	rules->dates = (enum entity_dates)dates;
	rules->decimal = (char)decimal;
	if (read_currency(&r, rules) < 0 || read_phones(&r, rules) < 0)
		return -1;
	return read_references(&r, rules);
}
