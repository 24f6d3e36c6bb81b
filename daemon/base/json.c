/* JSON.  Any thread; a value belongs to one at a time. */
#include "base/json.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#define WRITE_FLAGS (JSON_COMPACT | JSON_ENCODE_ANY)

/* Jansson recurses, up to 2,048 deep, before it objects; this looks first. */
static int
check_depth(const char *data, size_t len, int max_depth, struct err *err)
{
	bool in_text = false;
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		char c = data[i];
		if (c == '"')
			in_text = !in_text;
		else if (in_text && c == '\\')
			i++; /* what is escaped ends no text */
		else if (!in_text && (c == '[' || c == '{'))
			depth++;
		else if (!in_text && (c == ']' || c == '}') && depth > 0)
			depth--;
		if (depth > max_depth)
			return err_set(err, "JSON is nested more than %d deep",
				       max_depth);
	}
	return 0;
}

/* Jansson quotes the place, "... near 'text'", and escapes, "... '\u12xy'":
 * but texts may be a customer's and errors are logged. */
static void
set_syntax_error(struct err *err, json_error_t *error)
{
	char *place = strstr(error->text, " near '");
	char *escape = strstr(error->text, " '\\u");

	if (place)
		*place = '\0';
	if (escape)
		*escape = '\0';
	err_set(err, "not JSON at line %d, column %d: %s", error->line,
		error->column, error->text);
}

json_t *
json_read(const char *data, size_t len, int max_depth, struct err *err)
{
	json_error_t error;

	if (len == 0) {
		err_set(err, "not JSON: there is nothing");
		return NULL;
	}
	if (memchr(data, '\0', len)) {
		err_set(err, "not JSON: there is a NUL byte");
		return NULL;
	}
	if (check_depth(data, len, max_depth, err) < 0)
		return NULL;
	json_t *value = json_loadb(
		data, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!value)
		set_syntax_error(err, &error);
	return value;
}

static int
add_piece(const char *piece, size_t len, void *out)
{
	return buf_add(out, piece, len);
}

int
json_write(struct buf *out, const json_t *value)
{
	size_t before = out->len;

	if (json_dump_callback(value, add_piece, out, WRITE_FLAGS) == 0)
		return 0;
	buf_cut(out, before);
	out->failed = true;
	return -1;
}

char *
json_text(const json_t *value)
{
	return json_dumps(value, WRITE_FLAGS);
}

const char *
json_get_text(const json_t *object, const char *key, const char *fallback)
{
	const json_t *value = json_object_get(object, key);

	return json_is_string(value) ? json_string_value(value) : fallback;
}

int64_t
json_get_int(const json_t *object, const char *key, int64_t fallback)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

static int64_t
get_within(const json_t *object, const char *key, int64_t most)
{
	int64_t number = json_get_int(object, key, 0);

	return number < 0 ? 0 : number > most ? most : number;
}

int
json_get_count(const json_t *object, const char *key)
{
	return (int)get_within(object, key, JSON_COUNT_MAX);
}

int64_t
json_get_time(const json_t *object, const char *key)
{
	return get_within(object, key, JSON_TIME_MAX_US);
}

bool
json_get_bool(const json_t *object, const char *key, bool fallback)
{
	const json_t *value = json_object_get(object, key);

	return json_is_boolean(value) ? json_is_true(value) : fallback;
}

/* The value is taken. */
static void
set_member(json_t *object, const char *key, json_t *value)
{
	assert(json_is_object(object));
	if (!value)
		mem_exhausted();
	if (json_object_set_new(object, key, value) < 0 &&
	    utf8_is_valid(key, strlen(key)))
		mem_exhausted();
}

static json_t *
new_text(const char *text)
{
	size_t len = strlen(text);
	struct buf repaired;

	if (utf8_is_valid(text, len))
		return json_stringn_nocheck(text, len);
	/* A byte becomes at most the three of U+FFFD. */
	buf_init(&repaired, len * 3);
	json_t *value = NULL;
	if (utf8_repair(&repaired, text, len) == 0)
		value = json_stringn_nocheck(repaired.data, repaired.len);
	buf_release(&repaired);
	return value;
}

void
json_set_text(json_t *object, const char *key, const char *text)
{
	set_member(object, key, text ? new_text(text) : json_null());
}

void
json_add_text(json_t *array, const char *text)
{
	if (json_array_append_new(array, new_text(text)))
		mem_exhausted();
}

void
json_set_int(json_t *object, const char *key, int64_t number)
{
	set_member(object, key, json_integer(number));
}

void
json_set_bool(json_t *object, const char *key, bool value)
{
	set_member(object, key, json_boolean(value));
}

void
json_set_real(json_t *object, const char *key, double number)
{
	set_member(object, key,
		   isfinite(number) ? json_real(number) : json_null());
}
