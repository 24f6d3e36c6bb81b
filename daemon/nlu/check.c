/* The texts of a pack.  One thread. */
#include "nlu/check.h"

#include <string.h>

#include "base/buf.h"
#include "conf/yaml.h"
#include "nlu/check_parts.h"
#include "nlu/content.h"
#include "nlu/read.h"
#include "text/writing.h"

/* A file of texts while it is walked. */
struct walk {
	struct checking *c;
	const char *path;
	bool is_entries; /* whose answers are the business of the faq layer */
};

const char *
check_path(struct checking *c, const char *name)
{
	const char *dir = c->pack->dir;

	return arena_printf(&c->arena, "%s%s%s", dir, dir[0] ? "/" : "", name);
}

/* ---- What is said to customers */

/* A template_value_fn: what is known only later is one word, too. */
static const char *
value_or_word(const void *facts, const char *name, size_t len)
{
	const char *value = facts_value(facts, name, len);

	return value ? value : "...";
}

static size_t
count_words(const struct pack *pack, const char *text)
{
	struct buf filled;
	size_t n = 0;

	buf_init(&filled, 4 * PACK_TEXT_MAX);
	if (template_fill(&filled, text, value_or_word, &pack->facts, NULL) ==
	    0)
		n = text_count_words(buf_str(&filled));
	buf_release(&filled);
	return n;
}

static void
check_said(const struct walk *walk, const struct yaml *node)
{
	struct findings *out = walk->c->out;
	size_t claim_len, n = count_words(walk->c->pack, node->text);
	const char *claim = text_find_claim(node->text, &claim_len);

	if (claim)
		findings_add(out, FINDING_ERROR, "claim", walk->path,
			     node->line,
			     "'%.*s' says that something was done, which the "
			     "assistant cannot do",
			     (int)claim_len, claim);
	if (n > CHECK_WORDS_MAX)
		findings_add(out, FINDING_WARNING, "long-text", walk->path,
			     node->line,
			     "the text has %zu words with its facts: more than "
			     "%d are not read",
			     n, CHECK_WORDS_MAX);
}

/* May a text with this key have facts, because customers read it?  Those of an
 * entry are questions, but for its answer. */
static bool
is_said(const struct walk *walk, const char *key)
{
	static const char *const keys[] = {"answer",   "intro", "closing",
					   "question", "reask", "offer"};
	size_t n = walk->is_entries ? 1 : sizeof keys / sizeof *keys;

	for (size_t i = 0; key && i < n; i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

/* key: of the text, or of the list around it; all below `texts` is said, which
 * is_texts tells.  Calls itself, as deep as the reader of YAML lets it. */
static void
walk_node(const struct walk *walk, const struct yaml *node, const char *key,
	  bool is_texts)
{
	if (node->key)
		key = node->key;
	if (node->kind != YAML_TEXT) {
		is_texts |= node->key && strcmp(node->key, "texts") == 0;
		yaml_each (child, node)
			walk_node(walk, child, key, is_texts);
		return;
	}
	bool can_have_facts = is_texts || is_said(walk, key);
	check_facts_in(walk->c, walk->path, node->line, node->text,
		       can_have_facts);
	if (can_have_facts && !walk->is_entries)
		check_said(walk, node);
}

static bool
is_named(const struct pack_member *m, const char *name)
{
	return m->name_len == strlen(name) &&
	       memcmp(m->name, name, m->name_len) == 0;
}

static void
walk_file(struct checking *c, const struct pack_member *m)
{
	struct yaml_file yaml;
	struct walk walk = {
		.c = c,
		.path = check_path(
			c, arena_strndup(&c->arena, m->name, m->name_len)),
		.is_entries = m->name_len > 4 && !memcmp(m->name, "faq/", 4),
	};

	if (is_named(m, "facts.yaml"))
		return;
	check_marks_in(c, walk.path, m->text, m->text_len);
	if (yaml_read(&yaml, walk.path, m->text, m->text_len, &yaml_limits_pack,
		      NULL) < 0)
		return;
	if (yaml.root)
		walk_node(&walk, yaml.root, NULL, is_named(m, "texts.yaml"));
	yaml_release(&yaml);
}

void
pack_check(const struct pack *pack, const struct check_entry *entries, size_t n,
	   struct findings *out)
{
	struct checking c = {
		.pack = pack, .entries = entries, .n_entries = n, .out = out};
	size_t at = strlen(PACK_FORMAT);
	struct pack_member m;

	check_read_facts(&c);
	while (pack_next_member(pack->content, pack->content_len, &at, &m))
		walk_file(&c, &m);
	check_unused_facts(&c);
	check_intents(&c);
	check_forms(&c);
	check_hours(&c);
	arena_release(&c.arena);
}
