/* What a pack says of its firm.  One thread. */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "conf/yaml.h"
#include "nlu/check_parts.h"

#define MARK "fictional"
#define TELLING_MIN 4 /* bytes */
#define ABROAD "_abroad"
#define PHONE_DIGITS 7 /* of a number that is nobody else's */

struct reading {
	struct checking *c;
	const char *text; /* of facts.yaml, for its comments */
	size_t text_len;
};

/* ---- Marks */

/* The bytes of a line of the text, counted from 1. */
static const char *
line_of(const char *text, size_t len, int line, size_t *len_r)
{
	const char *end = text + len, *next;

	while (--line > 0 && (next = memchr(text, '\n', (size_t)(end - text))))
		text = next + 1;
	next = memchr(text, '\n', (size_t)(end - text));
	*len_r = (size_t)((next ? next : end) - text);
	return text;
}

/* Is the comment at the end of these bytes of a line, if any, the mark? */
static bool
has_mark_in(const char *text, size_t len)
{
	size_t mark_len = strlen(MARK);
	const char *comment = memmem(text, len, " #", 2);

	if (!comment || strspn(text, " ") == (size_t)(comment + 1 - text))
		return false;
	for (const char *at = comment; at + mark_len <= text + len; at++)
		if (strncasecmp(at, MARK, mark_len) == 0)
			return true;
	return false;
}

static bool
is_marked(const struct reading *r, int line)
{
	size_t len;
	const char *text = line_of(r->text, r->text_len, line, &len);

	return has_mark_in(text, len);
}

void
check_marks_in(struct checking *c, const char *path, const char *text,
	       size_t len)
{
	const char *end = text + len;

	for (int line = 1; text < end; line++) {
		const char *next = memchr(text, '\n', (size_t)(end - text));
		size_t line_len = (size_t)((next ? next : end) - text);
		if (has_mark_in(text, line_len))
			findings_add(c->out, FINDING_WARNING, "fictional", path,
				     line,
				     "this is marked as fictional: put your "
				     "own in its place, and take the mark "
				     "away");
		text = next ? next + 1 : end;
	}
}

/* ---- Reading */

static size_t
count_facts(const struct yaml *node)
{
	size_t n = node->kind == YAML_TEXT;

	if (node->kind == YAML_MAP)
		yaml_each (child, node)
			n += count_facts(child);
	return n;
}

static size_t
count_digits(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text >= '0' && *text <= '9';
	return n;
}

/* Two words or more that begin with capitals, and no number. */
static bool
is_name(const char *text)
{
	size_t n = 0;

	if (count_digits(text) > 0)
		return false;
	for (; *text; text += strspn(text, " ")) {
		n += *text >= 'A' && *text <= 'Z';
		text += strcspn(text, " ");
	}
	return n >= 2;
}

static bool
is_telling(const char *value)
{
	return strlen(value) >= TELLING_MIN &&
	       (strchr(value, '@') || strchr(value, '%') ||
		strstr(value, "://") || strstr(value, "€") ||
		strpbrk(value, "$") || strstr(value, "£") ||
		count_digits(value) >= PHONE_DIGITS || is_name(value));
}

static void
add_fact(struct reading *r, const struct yaml *node, const char *name,
	 bool is_below_mark)
{
	struct checking *c = r->c;
	const char *value = facts_value(&c->pack->facts, name, strlen(name));
	const char *reserved = check_find_reserved(value);
	bool has_mark = is_marked(r, node->line);

	c->facts[c->n_facts++] = (struct check_fact){
		.name = name,
		.value = value,
		.line = node->line,
		.is_telling = is_telling(value),
		.is_fictional = reserved || has_mark || is_below_mark,
	};
	if (reserved)
		findings_add(c->out, FINDING_WARNING, "fictional",
			     c->facts_path, node->line,
			     "'%s' has %s: put your own in its place", name,
			     reserved);
	else if (has_mark)
		findings_add(c->out, FINDING_WARNING, "fictional",
			     c->facts_path, node->line,
			     "'%s' is marked as fictional: put your own in its "
			     "place, and take the mark away",
			     name);
}

/* Calls itself for maps in maps; the reader of YAML limits how deep. */
static void
add_facts(struct reading *r, const struct yaml *map, const char *prefix,
	  bool is_below_mark)
{
	struct checking *c = r->c;

	yaml_each (node, map) {
		const char *name =
			arena_printf(&c->arena, "%s%s%s", prefix,
				     prefix[0] ? "." : "", node->key);
		if (node->kind == YAML_TEXT) {
			add_fact(r, node, name, is_below_mark);
			continue;
		}
		bool has_mark = is_marked(r, node->line);
		add_facts(r, node, name, is_below_mark || has_mark);
		if (has_mark)
			findings_add(c->out, FINDING_WARNING, "fictional",
				     c->facts_path, node->line,
				     "the %zu facts of '%s' are marked as "
				     "fictional: put your own in their place, "
				     "and take the mark away",
				     count_facts(node), name);
	}
}

/* ---- One number in two forms */

/* The digits without those that only one form has: "0" within the country. */
static const char *
digits_of(struct checking *c, const char *text)
{
	char *digits = arena_strdup(&c->arena, text), *to = digits;

	for (; *text; text++)
		if (*text >= '0' && *text <= '9')
			*to++ = *text;
	*to = '\0';
	return digits + strspn(digits, "0");
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return n <= len && strcmp(text + len - n, end) == 0;
}

/* As facts cannot refer to others, a telephone number stands in two of them,
 * "desk" and "desk_abroad": was one changed, and the other forgotten? */
static void
check_abroad(struct checking *c, const struct check_fact *abroad)
{
	size_t len = strlen(abroad->name) - strlen(ABROAD);
	const char *home = facts_value(&c->pack->facts, abroad->name, len);

	if (!home || count_digits(home) < PHONE_DIGITS ||
	    ends_with(digits_of(c, abroad->value), digits_of(c, home)))
		return;
	findings_add(c->out, FINDING_WARNING, "two-numbers", c->facts_path,
		     abroad->line,
		     "'%s' is '%s', which is not '%.*s', '%s', as dialled from "
		     "abroad: if it is another number, give it another name",
		     abroad->name, abroad->value, (int)len, abroad->name, home);
}

static void
check_numbers(struct checking *c)
{
	for (size_t i = 0; i < c->n_facts; i++)
		if (ends_with(c->facts[i].name, ABROAD))
			check_abroad(c, &c->facts[i]);
}

void
check_read_facts(struct checking *c)
{
	struct reading r = {.c = c};
	struct yaml_file yaml;

	c->facts_path = check_path(c, "facts.yaml");
	r.text = pack_file(c->pack, c->facts_path, &r.text_len);
	if (!r.text || yaml_read(&yaml, c->facts_path, r.text, r.text_len,
				 &yaml_limits_pack, NULL) < 0)
		return;
	if (yaml.root) {
		c->facts = arena_array(&c->arena, count_facts(yaml.root),
				       sizeof *c->facts);
		add_facts(&r, yaml.root, "", false);
		check_numbers(c);
	}
	yaml_release(&yaml);
}

/* ---- Texts */

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* Is the value in the text, as words of their own? */
static bool
holds(const char *text, const char *value)
{
	size_t len = strlen(value);
	bool begins_in_word = is_word_byte(value[0]);

	for (const char *at = strstr(text, value); at;
	     at = strstr(at + 1, value)) {
		bool is_begin =
			at == text || !begins_in_word || !is_word_byte(at[-1]);
		/* An act may be named after somebody. */
		bool is_law = strncmp(at + len, " Act ", 5) == 0;
		if (is_begin && !is_law &&
		    !(is_word_byte(value[len - 1]) && is_word_byte(at[len])))
			return true;
	}
	return false;
}

static bool
uses(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = strstr(text, "{{"); at; at = strstr(at + 2, "{{"))
		if (strncmp(at + 2, name, len) == 0 &&
		    strncmp(at + 2 + len, "}}", 2) == 0)
			return true;
	return false;
}

/* Of a name that will change its first word tells whose it is. */
static bool
holds_first_word(struct checking *c, const char *text,
		 const struct check_fact *fact)
{
	size_t len = strcspn(fact->value, " ");

	return fact->is_fictional && is_name(fact->value) &&
	       len >= TELLING_MIN &&
	       holds(text, arena_strndup(&c->arena, fact->value, len));
}

/* The longest fact that the text holds, of the fictional ones alone, or else
 * whose first word it holds; NULL: there is none. */
static const struct check_fact *
find_held(struct checking *c, const char *text, bool is_fictional)
{
	const struct check_fact *held = NULL;
	bool is_whole = false;

	for (size_t i = 0; i < c->n_facts; i++) {
		const struct check_fact *fact = &c->facts[i];
		if (!fact->is_telling || (is_fictional && !fact->is_fictional))
			continue;
		bool is_held = holds(text, fact->value);
		if (!is_held && (is_whole || !holds_first_word(c, text, fact)))
			continue;
		if (!held || is_held > is_whole ||
		    strlen(fact->value) > strlen(held->value))
			held = fact;
		is_whole |= is_held;
	}
	return held;
}

void
check_facts_in(struct checking *c, const char *path, int line, const char *text,
	       bool can_have_facts)
{
	const struct check_fact *held = find_held(c, text, !can_have_facts);

	for (size_t i = 0; i < c->n_facts; i++)
		c->facts[i].is_used |= uses(text, c->facts[i].name);
	if (held && can_have_facts)
		findings_add(c->out, FINDING_WARNING, "literal-fact", path,
			     line,
			     "the text holds '%s', the fact '%s', in its own "
			     "words: write {{%s}}, so that it changes with it",
			     held->value, held->name, held->name);
	else if (held)
		findings_add(c->out, FINDING_WARNING, "literal-fact", path,
			     line,
			     "'%.60s' names '%s', the fact '%s', which will "
			     "change: leave it out",
			     text, held->value, held->name);
}

void
check_unused_facts(struct checking *c)
{
	for (size_t i = 0; i < c->n_facts; i++)
		if (!c->facts[i].is_used)
			findings_add(c->out, FINDING_NOTE, "unused-fact",
				     c->facts_path, c->facts[i].line,
				     "no text uses the fact '%s'",
				     c->facts[i].name);
}
