/* JSON on top of jansson: reading what comes from outside within limits, and
 * short accessors. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

/* The value in data: UTF-8, nested at most max_depth deep, no duplicate keys,
 * nothing after it, no NUL in texts.  NULL and *err, which quotes none of
 * the data, otherwise; the caller decrefs. */
json_t *json_read(const char *data, size_t len, int max_depth, struct err *err);
/* Compact, keys in the order they were set, to out.  0, or -1 with out as it
 * was but failed. */
int json_write(struct buf *out, const json_t *value);
/* The same as a string that the caller frees; NULL without memory. */
char *json_text(const json_t *value);

/* Members of an object; the fallback when it is absent or of another type. */
const char *json_get_text(const json_t *object, const char *key,
			  const char *fallback);
int64_t json_get_int(const json_t *object, const char *key, int64_t fallback);
/* How many of something, and a time in microseconds since 1970: 0 when absent
 * or of another type, and otherwise the nearest of 0 to JSON_COUNT_MAX, and of
 * 1970 to the end of the year 9999.  With what is read so one may count on, and
 * subtract times, whoever wrote it. */
#define JSON_COUNT_MAX 1000000000
#define JSON_TIME_MAX_US INT64_C(253402300799999999)
int json_get_count(const json_t *object, const char *key);
int64_t json_get_time(const json_t *object, const char *key);
bool json_get_bool(const json_t *object, const char *key, bool fallback);
/* Set key, which is well-formed UTF-8 (with another nothing is set); without
 * memory the process ends, as a value with a hole would be a wrong one.  A
 * text that is NULL or a number that is not finite sets null; ill-formed
 * UTF-8 in a text is repaired. */
void json_set_text(json_t *object, const char *key, const char *text);
void json_add_text(json_t *array, const char *text);
void json_set_int(json_t *object, const char *key, int64_t number);
void json_set_bool(json_t *object, const char *key, bool value);
void json_set_real(json_t *object, const char *key, double number);

#endif
