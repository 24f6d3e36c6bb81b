/* Filling {{names}}.  Any thread: nothing is kept. */
#include "text/template.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"

/* Of a name that is wrong, as much as a message has room for. */
#define SHOWN_MAX 60

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static size_t
name_length(const char *text)
{
	size_t len = 0;

	while (is_name_byte(text[len]))
		len++;
	return len;
}

/* Say what is wrong with the {{ at text. */
static int
refuse(const char *text, struct err *err)
{
	const char *end = strstr(text, "}}");
	size_t len = end ? (size_t)(end - text) + 2 : strlen(text);
	int shown = (int)utf8_cut(text, len, SHOWN_MAX);

	if (!end)
		return err_set(err, "'%.*s': the '{{' is not closed by '}}'",
			       shown, text);
	return err_set(err,
		       "'%.*s' holds no name: letters, digits, '_' and '.', "
		       "without spaces",
		       shown, text);
}

/* Add the value of the {{name}} at text; its length, or 0 and *err. */
static size_t
fill_one(struct buf *out, const char *text, template_value_fn *value_fn,
	 const void *arg, struct err *err)
{
	const char *name = text + 2;
	size_t len = name_length(name);

	if (len == 0 || strncmp(name + len, "}}", 2) != 0) {
		refuse(text, err);
		return 0;
	}
	const char *value = value_fn(arg, name, len);
	if (!value) {
		int shown = (int)(len < SHOWN_MAX ? len : SHOWN_MAX);
		err_set(err, "there is no value for '{{%.*s}}'", shown, name);
		return 0;
	}
	buf_adds(out, value);
	return len + 4;
}

int
template_fill(struct buf *out, const char *text, template_value_fn *value_fn,
	      const void *arg, struct err *err)
{
	size_t before = out->len;
	const char *open;

	while ((open = strstr(text, "{{"))) {
		buf_add(out, text, (size_t)(open - text));
		size_t len = fill_one(out, open, value_fn, arg, err);
		if (len == 0)
			goto fail;
		text = open + len;
	}
	buf_adds(out, text);
	if (!out->failed)
		return 0;
	err_set(err, "with its values the text is longer than %zu bytes",
		out->max);
fail:
	buf_cut(out, before);
	return -1;
}
