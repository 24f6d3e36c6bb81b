/* YAML through libyaml's events, which it gives one by one: what is refused is
 * refused before it costs memory, and nothing here calls itself.  Any thread;
 * a yaml_file belongs to one at a time until it is read. */
#include "conf/yaml.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "conf/yaml-words.h"

const struct yaml_limits yaml_limits_settings = {
	.max_bytes = (size_t)1 << 20,
	.max_nodes = 10000,
};
const struct yaml_limits yaml_limits_pack = {
	.max_bytes = (size_t)16 << 20,
	.max_nodes = 1000000,
};

/* A list or map whose end has not come. */
struct level {
	struct yaml *node;
	struct yaml *last;
	const char *key; /* of the value that comes next; NULL: a key comes */
	int key_line;
	struct map keys;
};

struct reader {
	struct yaml_file *file;
	const struct yaml_limits *limits;
	const char *text; /* what is parsed, for words about it */
	size_t len;
	yaml_parser_t parser;
	struct level levels[YAML_MAX_DEPTH];
	size_t depth;
	size_t n_nodes;
	bool has_document, is_done;
	struct err *err;
};

static int refuse(struct reader *, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int
refuse(struct reader *r, int line, const char *fmt, ...)
{
	struct err words;
	va_list args;

	va_start(args, fmt);
	vsnprintf(words.text, sizeof words.text, fmt, args);
	va_end(args);
	return err_set(r->err, "%s:%d: %s", r->file->name, line, words.text);
}

static int
event_line(const yaml_event_t *event)
{
	return (int)event->start_mark.line + 1;
}

/* A text becomes the key of the value that follows. */
static int
take_key(struct reader *r, struct level *level, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	int line = event_line(event);

	if (text[0] == '\0')
		return refuse(r, line, "a key is missing before the ':'");
	char *key = arena_strdup(&r->file->arena, text);
	int *first = arena_new(&r->file->arena, sizeof *first);
	*first = line;
	int *before = map_put(&level->keys, key, first);
	if (before)
		return refuse(r, line,
			      "the key '%.60s' stands in line %d already", key,
			      *before);
	level->key = key;
	level->key_line = line;
	return 0;
}

/* A new node, in its place in the tree; NULL and *err. */
static struct yaml *
add_node(struct reader *r, enum yaml_kind kind, const yaml_event_t *event)
{
	struct level *level = r->depth ? &r->levels[r->depth - 1] : NULL;
	int line = event_line(event);

	if (level && level->node->kind == YAML_MAP && !level->key) {
		refuse(r, line, "a key must be a text, not a list or a map");
		return NULL;
	}
	if (++r->n_nodes > r->limits->max_nodes) {
		refuse(r, line,
		       "more than %zu values: split the file, or shorten it",
		       r->limits->max_nodes);
		return NULL;
	}
	struct yaml *node = arena_new(&r->file->arena, sizeof *node);
	*node = (struct yaml){.kind = kind, .line = line};
	if (!level) {
		r->file->root = node;
		return node;
	}
	if (level->key) {
		node->key = level->key;
		node->line = level->key_line;
		level->key = NULL;
	}
	if (level->last)
		level->last->next = node;
	else
		level->node->first = node;
	level->last = node;
	level->node->n++;
	return node;
}

/* What makes one node stand for another, or be of a type of its own. */
static int
check_properties(struct reader *r, const yaml_event_t *event,
		 const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor)
		return refuse(
			r, event_line(event),
			"anchors ('&%.60s') are not allowed: write the value "
			"out, or put the text in quotes",
			(const char *)anchor);
	if (tag)
		return refuse(
			r, event_line(event),
			"tags ('%.60s') are not allowed: leave it out, or "
			"put the text in quotes",
			(const char *)tag);
	return 0;
}

static int
open_level(struct reader *r, enum yaml_kind kind, const yaml_event_t *event)
{
	struct yaml *node = add_node(r, kind, event);

	if (!node)
		return -1;
	if (r->depth == YAML_MAX_DEPTH)
		return refuse(r, event_line(event),
			      "nested more than %d levels deep",
			      YAML_MAX_DEPTH);
	r->levels[r->depth++] = (struct level){.node = node};
	return 0;
}

static int
on_list(struct reader *r, const yaml_event_t *event)
{
	if (check_properties(r, event, event->data.sequence_start.anchor,
			     event->data.sequence_start.tag) < 0)
		return -1;
	return open_level(r, YAML_LIST, event);
}

static int
on_map(struct reader *r, const yaml_event_t *event)
{
	if (check_properties(r, event, event->data.mapping_start.anchor,
			     event->data.mapping_start.tag) < 0)
		return -1;
	return open_level(r, YAML_MAP, event);
}

static int
on_end(struct reader *r, const yaml_event_t *event)
{
	(void)event;
	map_release(&r->levels[--r->depth].keys);
	return 0;
}

static int
on_text(struct reader *r, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t at, len = event->data.scalar.length;
	yaml_scalar_style_t style = event->data.scalar.style;
	struct level *level = r->depth ? &r->levels[r->depth - 1] : NULL;
	char words[64];

	if (check_properties(r, event, event->data.scalar.anchor,
			     event->data.scalar.tag) < 0)
		return -1;
	/* The file's own characters were looked at; these are escapes. */
	if (style == YAML_DOUBLE_QUOTED_SCALAR_STYLE &&
	    yaml_words_character(text, len, words, &at))
		return refuse(r, event_line(event),
			      "%s is written here as an escape: not allowed",
			      words);
	if (level && level->node->kind == YAML_MAP && !level->key)
		return take_key(r, level, event);
	struct yaml *node = add_node(r, YAML_TEXT, event);
	if (!node)
		return -1;
	node->text = arena_strndup(&r->file->arena, text, len);
	node->is_plain = style == YAML_PLAIN_SCALAR_STYLE;
	return 0;
}

static int
on_alias(struct reader *r, const yaml_event_t *event)
{
	return refuse(
		r, event_line(event),
		"aliases ('*%.60s') are not allowed: write the value out, "
		"or put the text in quotes",
		(const char *)event->data.alias.anchor);
}

static int
on_document(struct reader *r, const yaml_event_t *event)
{
	if (r->has_document)
		return refuse(r, event_line(event),
			      "a second document begins here: take the '---' "
			      "out, or make two files");
	r->has_document = true;
	return 0;
}

static int
on_stream_end(struct reader *r, const yaml_event_t *event)
{
	(void)event;
	r->is_done = true;
	return 0;
}

typedef int event_fn(struct reader *, const yaml_event_t *);

static event_fn *const on_event[] = {
	[YAML_STREAM_END_EVENT] = on_stream_end,
	[YAML_DOCUMENT_START_EVENT] = on_document,
	[YAML_ALIAS_EVENT] = on_alias,
	[YAML_SCALAR_EVENT] = on_text,
	[YAML_SEQUENCE_START_EVENT] = on_list,
	[YAML_SEQUENCE_END_EVENT] = on_end,
	[YAML_MAPPING_START_EVENT] = on_map,
	[YAML_MAPPING_END_EVENT] = on_end,
};

static int
take_event(struct reader *r)
{
	yaml_event_t event;

	if (!yaml_parser_parse(&r->parser, &event))
		return yaml_words_set(r->err, &r->parser, r->file->name,
				      r->text, r->len);
	assert((size_t)event.type < sizeof on_event / sizeof on_event[0]);
	event_fn *fn = on_event[event.type];
	int ret = fn ? fn(r, &event) : 0;
	yaml_event_delete(&event);
	return ret;
}

static int
parse(struct reader *r)
{
	int ret = 0;

	if (!yaml_parser_initialize(&r->parser))
		return err_set(r->err, "%s: out of memory", r->file->name);
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)r->text,
				     r->len);
	while (ret == 0 && !r->is_done)
		ret = take_event(r);
	while (r->depth > 0)
		on_end(r, NULL);
	yaml_parser_delete(&r->parser);
	return ret;
}

/* %TAG is refused before libyaml sees it: it compares each with all before. */
static int
check_directives(struct reader *r)
{
	const char *at = r->text;

	while ((at = memmem(at, r->len - (size_t)(at - r->text), "%TAG", 4))) {
		size_t i = (size_t)(at - r->text);
		if (i == 0 || at[-1] == '\n' || at[-1] == '\r')
			return refuse(r, yaml_words_line(r->text, i),
				      "%%TAG is not allowed: leave it out");
		at += 4;
	}
	return 0;
}

static int
check_text(struct reader *r)
{
	char words[64];
	size_t at;

	if (r->len > r->limits->max_bytes)
		return refuse(r, yaml_words_line(r->text, r->limits->max_bytes),
			      "the file is longer than %zu KiB",
			      r->limits->max_bytes >> 10);
	if (yaml_words_character(r->text, r->len, words, &at))
		return refuse(r, yaml_words_line(r->text, at),
			      "%s is not allowed: save the file as UTF-8 text",
			      words);
	return check_directives(r);
}

int
yaml_read(struct yaml_file *file, const char *name, const char *text,
	  size_t len, const struct yaml_limits *limits, struct err *err)
{
	struct reader r = {
		.file = file,
		.limits = limits,
		.text = text,
		.len = len,
		.err = err,
	};

	*file = (struct yaml_file){0};
	file->name = arena_strdup(&file->arena, name);
	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
		r.text += 3;
		r.len -= 3;
	}
	if (check_text(&r) < 0 || parse(&r) < 0) {
		yaml_release(file);
		return -1;
	}
	/* A document of nothing, "---", is an empty file, too. */
	struct yaml *root = file->root;
	if (root && root->kind == YAML_TEXT && root->is_plain && !root->text[0])
		file->root = NULL;
	return 0;
}

/* All of fd, but not more than one byte over what the buffer's owner wants. */
static int
read_all(int fd, struct buf *out, const char *path, struct err *err)
{
	char chunk[16384];

	while (out->len < out->max) {
		size_t want = out->max - out->len;
		ssize_t n = read(fd, chunk,
				 want < sizeof chunk ? want : sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "%s: cannot read it", path);
		if (n == 0)
			return 0;
		if (buf_add(out, chunk, (size_t)n) < 0)
			return err_set(err, "%s: out of memory", path);
	}
	return 0;
}

int
yaml_read_file(struct yaml_file *file, const char *path,
	       const struct yaml_limits *limits, struct err *err)
{
	struct buf text;

	*file = (struct yaml_file){0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s: cannot open it", path);
	buf_init(&text, limits->max_bytes + 1);
	int ret = read_all(fd, &text, path, err);
	close(fd);
	if (ret == 0)
		ret = yaml_read(file, path, buf_str(&text), text.len, limits,
				err);
	buf_release(&text);
	return ret;
}
