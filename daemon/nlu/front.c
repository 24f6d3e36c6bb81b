#include "nlu/front.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "nlu/pack.h"
#include "nlu/read.h"

#define FIRM_BYTES_MAX 60
#define GREETING_BYTES_MAX 500
#define URL_BYTES_MAX 500
#define STARTERS_MAX 6
#define STARTER_BYTES_MAX 200
#define LINES_MAX 6
#define LINE_TITLE_BYTES_MAX 60
#define LINE_TEXT_BYTES_MAX 200

static const struct yaml_field line_fields[] = {
	{"title", YAML_TEXT, true},
	{"text", YAML_TEXT, true},
	{0},
};

/* A text with its facts, of at most so many bytes then.  NULL and *err. */
static const char *
short_text(struct pack *pack, const struct yaml_file *file,
	   const struct yaml *node, size_t max, struct err *err)
{
	const char *text = read_text(pack, file, node, NULL, err);

	if (!text || strlen(text) <= max)
		return text;
	yaml_error(file, node, err, "'%s' has over %zu bytes", node->key, max);
	return NULL;
}

/* "" if the file has no such text.  NULL and *err. */
static const char *
field_text(struct pack *pack, const struct yaml_file *file, const char *key,
	   size_t max, struct err *err)
{
	const struct yaml *node = yaml_get(file->root, key);

	return node ? short_text(pack, file, node, max, err) : "";
}

/* It becomes a link in other people's pages: nothing but a web address will
 * do. */
static bool
is_web_address(const char *text)
{
	bool has_scheme = strncmp(text, "https://", 8) == 0 ||
			  strncmp(text, "http://", 7) == 0;

	for (const char *at = text; *at; at++)
		if (*at <= ' ' || *at > '~' || strchr("\"<>\\^`{|}", *at))
			return false;
	return has_scheme && !strchr("/?#", strchr(text, ':')[3]);
}

static int
privacy_url_read(struct pack *pack, const struct yaml_file *file,
		 struct err *err)
{
	const char *url =
		field_text(pack, file, "privacy_url", URL_BYTES_MAX, err);

	if (!url)
		return -1;
	pack->front.privacy_url = url;
	if (!*url || is_web_address(url))
		return 0;
	return yaml_error(file, yaml_get(file->root, "privacy_url"), err,
			  "'privacy_url' must be https://... or http://..., "
			  "not '%.80s'",
			  url);
}

static int
starters_read(struct pack *pack, const struct yaml_file *file, struct err *err)
{
	const struct yaml *list = yaml_get(file->root, "starters");

	if (!list)
		return 0;
	if (list->n > STARTERS_MAX)
		return yaml_error(file, list, err,
				  "there are %zu starters, at most %d are "
				  "offered",
				  list->n, STARTERS_MAX);
	struct starter *starters =
		arena_array(&pack->arena, list->n, sizeof *starters);
	pack->front.starters = starters;
	yaml_each (node, list) {
		struct yaml item = *node;
		if (node->kind != YAML_TEXT || !*node->text)
			return yaml_error(file, node, err,
					  "a starter must be a text of 1 to %d "
					  "bytes",
					  STARTER_BYTES_MAX);
		item.key = "starters"; /* by which errors name it */
		const char *text =
			short_text(pack, file, &item, STARTER_BYTES_MAX, err);
		if (!text)
			return -1;
		starters[pack->front.n_starters++] =
			(struct starter){text, node->line};
	}
	return 0;
}

static int
line_read(struct pack *pack, const struct yaml_file *file,
	  const struct yaml *node, struct pack_line *line, struct err *err)
{
	if (node->kind != YAML_MAP)
		return yaml_error(file, node, err,
				  "expected a title and a text");
	if (yaml_check(file, node, line_fields, err) < 0)
		return -1;
	line->line = node->line;
	line->title = short_text(pack, file, yaml_get(node, "title"),
				 LINE_TITLE_BYTES_MAX, err);
	if (!line->title)
		return -1;
	line->text = short_text(pack, file, yaml_get(node, "text"),
				LINE_TEXT_BYTES_MAX, err);
	return line->text ? 0 : -1;
}

static int
lines_read(struct pack *pack, const struct yaml_file *file, const char *key,
	   const struct pack_line **lines_r, size_t *n_r, struct err *err)
{
	const struct yaml *list = yaml_get(file->root, key);

	if (!list)
		return 0;
	if (list->n > LINES_MAX)
		return yaml_error(file, list, err,
				  "'%s' has %zu lines, at most %d are shown",
				  key, list->n, LINES_MAX);
	struct pack_line *lines =
		arena_array(&pack->arena, list->n, sizeof *lines);
	*lines_r = lines;
	yaml_each (node, list)
		if (line_read(pack, file, node, &lines[(*n_r)++], err) < 0)
			return -1;
	return 0;
}

int
front_read(struct pack *pack, const struct yaml_file *file, struct err *err)
{
	struct pack_front *front = &pack->front;

	front->firm = field_text(pack, file, "firm", FIRM_BYTES_MAX, err);
	if (!front->firm)
		return -1;
	front->greeting =
		field_text(pack, file, "greeting", GREETING_BYTES_MAX, err);
	if (!front->greeting || privacy_url_read(pack, file, err) < 0 ||
	    starters_read(pack, file, err) < 0)
		return -1;
	if (lines_read(pack, file, "topics", &front->topics, &front->n_topics,
		       err) < 0)
		return -1;
	return lines_read(pack, file, "contact", &front->contacts,
			  &front->n_contacts, err);
}
