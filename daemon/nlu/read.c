/* Lists of named entries, and texts with facts.  One thread at a time. */
#include "nlu/read.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "conf/facts.h"
#include "nlu/pack.h"
#include "text/template.h"

bool
read_is_name(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return len > 0 && len <= PACK_NAME_MAX && !text[len];
}

int
read_refuse_name(const struct yaml_file *file, const struct yaml *name,
		 struct err *err)
{
	return yaml_error(file, name, err,
			  "the name '%.80s' must be 1 to %d small letters, "
			  "digits and '_'",
			  name->text, PACK_NAME_MAX);
}

static int
check_entry(const struct yaml_file *file, const struct yaml *entry,
	    const struct yaml_field *fields, struct map *names, struct err *err)
{
	if (yaml_check(file, entry, fields, err) < 0)
		return -1;
	const struct yaml *name = yaml_get(entry, "name");
	if (!read_is_name(name->text))
		return read_refuse_name(file, name, err);
	const struct yaml *first = map_put(names, name->text, (void *)name);
	if (first)
		return yaml_error(file, name, err,
				  "the name '%s' is taken by line %d",
				  name->text, first->line);
	return 0;
}

const struct yaml *
read_entries(const struct yaml_file *file, const struct yaml_field *fields,
	     const char *key, const struct yaml_field *entry_fields,
	     struct err *err)
{
	if (yaml_check(file, file->root, fields, err) < 0)
		return NULL;
	const struct yaml *list = yaml_get(file->root, key);
	if (list->n > PACK_LIST_MAX) {
		yaml_error(file, list, err, "'%s' has more than %d entries",
			   key, PACK_LIST_MAX);
		return NULL;
	}
	struct map names = {0};
	int ret = 0;
	yaml_each (entry, list) {
		ret = check_entry(file, entry, entry_fields, &names, err);
		if (ret < 0)
			break;
	}
	map_release(&names);
	return ret < 0 ? NULL : list;
}

struct values {
	const struct facts *facts;
	const char *moment; /* NULL: none */
	char kept[PACK_NAME_MAX + 5];
};

/* A template_value_fn: what is known only later stands for itself. */
static const char *
value_of(const void *arg, const char *name, size_t len)
{
	const struct values *values = arg;

	if (values->moment && strlen(values->moment) == len &&
	    memcmp(values->moment, name, len) == 0)
		return values->kept;
	return facts_value(values->facts, name, len);
}

const char *
read_text(struct pack *pack, const struct yaml_file *file,
	  const struct yaml *node, const char *moment, struct err *err)
{
	struct values values = {.facts = &pack->facts, .moment = moment};
	const char *text = NULL;
	struct err why = {0};
	struct buf out;

	if (moment) {
		values.kept[0] = values.kept[1] = '{';
		size_t len = strnlen(moment, PACK_NAME_MAX);
		memcpy(values.kept + 2, moment, len);
		memcpy(values.kept + 2 + len, "}}", 3);
	}
	buf_init(&out, PACK_TEXT_MAX);
	if (template_fill(&out, node->text, value_of, &values, &why) < 0) {
		yaml_error(file, node, err, "'%s': %s", node->key, why.text);
		goto out;
	}
	size_t len = out.len;
	while (len > 0 && strchr(" \n", out.data[len - 1]))
		len--;
	if (len == 0)
		yaml_error(file, node, err, "'%s' is empty", node->key);
	else
		text = arena_strndup(&pack->arena, out.data, len);
out:
	buf_release(&out);
	return text;
}

int
read_number(const struct yaml_file *file, const struct yaml *node, long least,
	    long most, long *number_r, struct err *err)
{
	char *end;

	errno = 0;
	long number = strtol(node->text, &end, 10);
	if (errno || end == node->text || *end || number < least ||
	    number > most)
		return yaml_error(file, node, err,
				  "'%s' must be a number from %ld to %ld, not "
				  "'%.40s'",
				  node->key, least, most, node->text);
	*number_r = number;
	return 0;
}
