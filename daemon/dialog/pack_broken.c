#include "dialog/pack_broken.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/mem.h"
#include "conf/facts.h"
#include "conf/yaml.h"
#include "dialog/pack_import.h"
#include "faq/import.h"
#include "nlu/content.h"
#include "nlu/pack.h"

#define NO_END 2147483647

struct breaking {
	const char *dir;
	char *content; /* ours to change */
	size_t len;
	struct findings *out;
	/* What was left out: what others call it, NULL where they do not. */
	const char *gone[PACK_BROKEN_MAX];
	size_t n_gone;
	const char *file; /* where the last one was */
	int line;
	struct arena arena;
};

/* Lines [from, to) of a file; is_value: of a key, whose value alone goes. */
struct row {
	int from, to;
	bool is_value;
	const char *name; /* what others call it; NULL: nothing */
};

static bool
reads(struct breaking *s, struct err *err)
{
	struct faq_file faq = {0};
	struct pack *pack =
		pack_read_content_of(s->content, s->len, s->dir, err);
	bool is_read = pack && !pack_read_entries(&faq, pack, facts_value,
						  &pack->facts, err);
	faq_file_release(&faq);
	pack_free(pack);
	return is_read;
}

/* ---- Which row */

static bool
find_member(const struct breaking *s, const char *path, struct pack_member *m)
{
	size_t at = strlen(PACK_FORMAT), len = strlen(s->dir);
	if (strncmp(path, s->dir, len) != 0 || path[len] != '/')
		return false;
	path += len + 1;
	while (pack_next_member(s->content, s->len, &at, m))
		if (m->name_len == strlen(path) &&
		    memcmp(m->name, path, m->name_len) == 0)
			return true;
	return false;
}

static const char *
name_of(struct breaking *s, const struct yaml *node)
{
	static const char *const keys[] = {"name", "id"};
	if (node->key)
		return arena_strdup(&s->arena, node->key);
	for (size_t i = 0; node->kind == YAML_MAP && i < 2; i++) {
		const struct yaml *name = yaml_get(node, keys[i]);
		if (name && name->kind == YAML_TEXT)
			return arena_strdup(&s->arena, name->text);
	}
	return NULL;
}

/* The child whose lines have that one; NULL: none has. */
static const struct yaml *
child_at(const struct yaml *parent, int line, int *to)
{
	const struct yaml *found = NULL;
	yaml_each (child, parent) {
		if (child->line > line) {
			*to = child->line;
			break;
		}
		found = child;
	}
	return found;
}

/* What can be left out: an item of a list, or the text of a key. */
static bool
find_row(struct breaking *s, const struct yaml *root, int line, struct row *row)
{
	const struct yaml *node = root;
	*row = (struct row){.to = NO_END};
	while (node && node->kind == YAML_MAP)
		node = child_at(node, line, &row->to);
	if (!node)
		return false;
	row->is_value = node->kind == YAML_TEXT;
	if (!row->is_value)
		node = child_at(node, line, &row->to);
	if (!node)
		return false;
	row->from = node->line;
	row->name = name_of(s, node);
	return true;
}

/* ---- Leaving it out */

/* false: nothing was left of it. */
static bool
blank(char *text, size_t len, const struct row *row)
{
	char *end = text + len, *from = text;
	for (int line = 1; line < row->from && from < end; from++)
		line += *from == '\n';
	char *to = from;
	for (int line = row->from; line < row->to && to < end; to++)
		line += *to == '\n';
	if (row->is_value) {
		char *colon = memchr(from, ':', (size_t)(to - from));
		if (!colon || to - colon < 4)
			return false;
		from = colon + 1;
		memcpy(from, " x", 2);
		from += 2;
	}
	bool is_any = false;
	for (; from < to; from++) {
		is_any |= *from != ' ' && *from != '\n';
		if (*from != '\n')
			*from = ' ';
	}
	return is_any;
}

static bool
leave_out(struct breaking *s, const char *path, int line, bool is_again)
{
	struct yaml_file yaml;
	struct pack_member m;
	struct row row = {0};
	if (line < 1 || !find_member(s, path, &m) ||
	    yaml_read(&yaml, path, m.text, m.text_len, &yaml_limits_pack,
		      NULL) < 0)
		return false;
	bool is_row = yaml.root && find_row(s, yaml.root, line, &row);
	yaml_release(&yaml);
	row.is_value &= !is_again;
	if (!is_row ||
	    !blank(s->content + (m.text - s->content), m.text_len, &row))
		return false;
	s->gone[s->n_gone] = row.name;
	return true;
}

/* Does it only miss what was left out? */
static bool
misses(struct breaking *s, const struct err *err)
{
	for (size_t i = 0; i < s->n_gone; i++)
		if (s->gone[i] &&
		    strstr(err->text,
			   arena_printf(&s->arena, "'%s'", s->gone[i])))
			return true;
	return false;
}

/* Add the next one, and leave it out; false: nothing more can be found. */
static bool
find_next(struct breaking *s)
{
	struct findings place = {0};
	struct err err = {0};
	if (reads(s, &err))
		return false;
	findings_add_err(&place, "unreadable", &err);
	const char *file = place.list[0].file;
	int line = place.list[0].line;
	/* An "x" instead of a value may be wrong as well. */
	bool is_again =
		line > 0 && line == s->line && strcmp(file, s->file) == 0;
	if (!is_again && !misses(s, &err))
		findings_add_err(s->out, "unreadable", &err);
	s->file = arena_strdup(&s->arena, file);
	s->line = line;
	findings_release(&place);
	return leave_out(s, s->file, line, is_again);
}

void
pack_find_broken(const char *dir, struct findings *findings)
{
	struct breaking s = {.dir = dir, .out = findings, .file = ""};
	struct buf content;
	struct err err = {0};
	buf_init(&content, PACK_BYTES_MAX);
	if (pack_gather(dir, &content, &err) < 0) {
		findings_add_err(findings, "unreadable", &err);
	} else {
		s.len = content.len;
		s.content = buf_take(&content);
		while (s.n_gone < PACK_BROKEN_MAX && find_next(&s))
			s.n_gone++;
	}
	free(s.content);
	buf_release(&content);
	arena_release(&s.arena);
}
