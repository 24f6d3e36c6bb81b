/* What each file of a pack is read by.  A pack is always read from its content,
 * so that one that was kept reads as it did when it was a directory.  Reading
 * belongs to one thread. */
#include "nlu/pack.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/yaml.h"
#include "nlu/content.h"
#include "nlu/entity.h"
#include "nlu/form.h"
#include "nlu/front.h"
#include "nlu/hours.h"
#include "nlu/intent.h"
#include "nlu/smalltalk.h"
#include "nlu/texts.h"
#include "nlu/trigger.h"
#include "nlu/vocabulary.h"

#define TITLE_BYTES_MAX 200

static const struct yaml_field head_fields[] = {
	{"name", YAML_TEXT, true},
	{"language", YAML_TEXT, true},
	{"title", YAML_TEXT, true},
	FRONT_FIELDS,
	{0},
};

#define DIGITS "0123456789"
#define SMALL_LETTERS "abcdefghijklmnopqrstuvwxyz"
#define LETTERS SMALL_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool
consists_of(const char *text, const char *bytes, size_t max)
{
	size_t len = strspn(text, bytes);

	return len > 0 && len <= max && !text[len];
}

bool
pack_is_name(const char *name)
{
	return consists_of(name, SMALL_LETTERS DIGITS "-_", 64);
}

static int
head_read(struct pack *pack, const struct yaml_file *file, struct err *err)
{
	if (yaml_check(file, file->root, head_fields, err) < 0)
		return -1;
	const struct yaml *name = yaml_get(file->root, "name");
	const struct yaml *language = yaml_get(file->root, "language");
	const struct yaml *title = yaml_get(file->root, "title");
	if (!pack_is_name(name->text))
		return yaml_error(file, name, err,
				  "the name '%.80s' must be 1 to 64 small "
				  "letters, digits, '-' and '_'",
				  name->text);
	if (!consists_of(language->text, LETTERS DIGITS "-", 15))
		return yaml_error(file, language, err,
				  "'%.40s' is no language: write en, de, "
				  "pt-BR, ...",
				  language->text);
	size_t len = strlen(title->text);
	if (len == 0 || len > TITLE_BYTES_MAX)
		return yaml_error(file, title, err,
				  "the title must have 1 to %d bytes",
				  TITLE_BYTES_MAX);
	pack->name = arena_strdup(&pack->arena, name->text);
	pack->language = arena_strdup(&pack->arena, language->text);
	pack->title = arena_strdup(&pack->arena, title->text);
	pack->vocabulary = vocabulary_new(pack->language);
	return 0;
}

static int
facts_part_read(struct pack *pack, const struct yaml_file *file,
		struct err *err)
{
	return facts_read(&pack->facts, file, err);
}

/* In the order in which they are read: each may use what those before it
 * gave. */
static const struct part {
	const char *name;
	bool is_required;
	int (*read)(struct pack *, const struct yaml_file *, struct err *);
} parts[] = {
	{"pack.yaml", true, head_read},
	{"facts.yaml", false, facts_part_read},
	{"pack.yaml", true, front_read}, /* it has facts in it */
	{"entities.yaml", false, entities_read},
	{"texts.yaml", true, texts_read},
	{"intents.yaml", false, intents_read},
	{"forms.yaml", false, forms_read},
	{"triggers.yaml", true, triggers_read},
	{"smalltalk.yaml", false, smalltalk_read},
	{"hours.yaml", false, hours_read},
};
#define N_PARTS (sizeof parts / sizeof *parts)

static bool
is_named(const struct pack_member *m, const char *name)
{
	return strlen(name) == m->name_len &&
	       memcmp(name, m->name, m->name_len) == 0;
}

static bool
find_member(const struct pack *pack, const char *name, struct pack_member *m)
{
	size_t at = strlen(PACK_FORMAT);

	while (pack_next_member(pack->content, pack->content_len, &at, m))
		if (is_named(m, name))
			return true;
	return false;
}

static bool
is_in_faq(const struct pack_member *m)
{
	return m->name_len > 4 && memcmp(m->name, "faq/", 4) == 0;
}

/* The path of a member in messages, and for those who ask pack_file(). */
static const char *
member_path(struct pack *pack, const char *name, size_t len)
{
	return arena_printf(&pack->arena, "%s%s%.*s", pack->dir,
			    pack->dir[0] ? "/" : "", (int)len, name);
}

/* The names of all parts, for those who misspelt one. */
static int
refuse_member(struct pack *pack, const struct pack_member *m, struct err *err)
{
	const char *path = member_path(pack, m->name, m->name_len);
	const char *name = arena_strndup(&pack->arena, m->name, m->name_len);
	const char *names[N_PARTS];

	for (size_t i = 0; i < N_PARTS; i++)
		names[i] = parts[i].name;
	const char *near = conf_nearest(name, names, N_PARTS);
	if (near)
		return err_set(err,
			       "%s: a pack has no such file, did you mean "
			       "'%s'?",
			       path, near);
	return err_set(err,
		       "%s: a pack has no such file; entries belong into faq/",
		       path);
}

static bool
is_part(const struct pack_member *m)
{
	for (size_t i = 0; i < N_PARTS; i++)
		if (is_named(m, parts[i].name))
			return true;
	return false;
}

/* Check that the content is members in order and nothing else, and collect the
 * files of the FAQ. */
static int
list_members(struct pack *pack, struct err *err)
{
	const char **faq =
		arena_array(&pack->arena, PACK_FILES_MAX, sizeof *faq);
	size_t at = strlen(PACK_FORMAT), n = 0;
	struct pack_member m, before = {.name = ""};

	pack->faq_files = faq;
	for (; pack_next_member(pack->content, pack->content_len, &at, &m);
	     n++) {
		size_t shorter = m.name_len < before.name_len ? m.name_len
							      : before.name_len;
		int order = memcmp(before.name, m.name, shorter);
		if (n == PACK_FILES_MAX)
			return err_set(err, "%s: more than %d files", pack->dir,
				       PACK_FILES_MAX);
		if (order > 0 || (order == 0 && before.name_len >= m.name_len))
			return err_set(err, "the content of the pack is not in "
					    "order of name");
		if (is_in_faq(&m))
			faq[pack->n_faq_files++] =
				member_path(pack, m.name, m.name_len);
		else if (!is_part(&m))
			return refuse_member(pack, &m, err);
		before = m;
	}
	if (at < pack->content_len)
		return err_set(err,
			       "the content of the pack is damaged at byte "
			       "%zu",
			       at);
	return 0;
}

static int
read_part(struct pack *pack, const struct part *part, struct err *err)
{
	struct yaml_file file = {0};
	struct pack_member m;

	const char *path = member_path(pack, part->name, strlen(part->name));
	if (!find_member(pack, part->name, &m)) {
		if (part->is_required)
			return err_set(err, "%s: a pack must have this file",
				       path);
		return 0;
	}
	if (yaml_read(&file, path, m.text, m.text_len, &yaml_limits_pack, err) <
	    0)
		return -1;
	int ret = part->read(pack, &file, err);
	yaml_release(&file);
	return ret;
}

static int
read_parts(struct pack *pack, struct err *err)
{
	size_t at = strlen(PACK_FORMAT);
	struct pack_member m;

	if (pack->content_len < at ||
	    memcmp(pack->content, PACK_FORMAT, at) != 0)
		return err_set(err, "this is no content of a pack that this "
				    "version can read");
	if (list_members(pack, err) < 0)
		return -1;
	for (size_t i = 0; i < N_PARTS; i++)
		if (read_part(pack, &parts[i], err) < 0)
			return -1;
	while (pack_next_member(pack->content, pack->content_len, &at, &m))
		vocabulary_learn(pack->vocabulary, m.text, m.text_len);
	return 0;
}

/* The pack of content that is taken: freed with it, or at once on failure. */
static struct pack *
pack_of(char *content, size_t len, const char *dir, struct err *err)
{
	struct pack *pack = mem_new(sizeof *pack);

	pack->content = content;
	pack->content_len = len;
	pack->dir = arena_strdup(&pack->arena, dir);
	pack->entities = &entity_rules_default;
	crypto_sha256_hex(content, len, pack->hash);
	if (read_parts(pack, err) == 0)
		return pack;
	pack_free(pack);
	return NULL;
}

struct pack *
pack_read_content(const void *content, size_t len, struct err *err)
{
	return pack_read_content_of(content, len, "", err);
}

struct pack *
pack_read_content_of(const void *content, size_t len, const char *dir,
		     struct err *err)
{
	if (len > PACK_BYTES_MAX) {
		err_set(err, "the content of the pack is longer than %zu bytes",
			PACK_BYTES_MAX);
		return NULL;
	}
	char *copy = mem_array(len + 1, 1);
	if (!copy) {
		err_set(err, "no memory for a pack of %zu bytes", len);
		return NULL;
	}
	memcpy(copy, content, len);
	return pack_of(copy, len, dir, err);
}

struct pack *
pack_read(const char *dir, struct err *err)
{
	struct pack *pack = NULL;
	struct buf content;

	buf_init(&content, PACK_BYTES_MAX);
	if (pack_gather(dir, &content, err) == 0) {
		size_t len = content.len;
		pack = pack_of(buf_take(&content), len, dir, err);
	}
	buf_release(&content);
	return pack;
}

void
pack_free(struct pack *pack)
{
	if (!pack)
		return;
	hours_free(pack->hours);
	vocabulary_free(pack->vocabulary);
	facts_release(&pack->facts);
	arena_release(&pack->arena);
	free(pack->content);
	free(pack);
}

const char *
pack_file(const struct pack *pack, const char *path, size_t *len_r)
{
	size_t dir_len = strlen(pack->dir);
	struct pack_member m;

	if (dir_len > 0) {
		if (strncmp(path, pack->dir, dir_len) != 0 ||
		    path[dir_len] != '/')
			return NULL;
		path += dir_len + 1;
	}
	if (!find_member(pack, path, &m))
		return NULL;
	*len_r = m.text_len;
	return m.text;
}
