#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

/* The value in text, written again, is the expected text. */
static void
assert_reads_as(const char *text, int max_depth, const char *expected)
{
	struct err err = {0};
	json_t *value = json_read(text, strlen(text), max_depth, &err);

	if (!value)
		fail_msg("'%s' is refused: %s", text, err.text);
	char *again = json_text(value);
	assert_string_equal(again, expected);
	free(again);
	json_decref(value);
}

static void
assert_refused(const char *data, size_t len, int max_depth, const char *words)
{
	struct err err = {0};

	assert_null(json_read(data, len, max_depth, &err));
	if (!strstr(err.text, words))
		fail_msg("'%s' is not in '%s'", words, err.text);
}

static void
test_any_value_is_read_and_written_in_order(void **state)
{
	(void)state;
	assert_reads_as("{ \"b\" : 1, \"a\" : [true, null, -2.5] }", 2,
			"{\"b\":1,\"a\":[true,null,-2.5]}");
	assert_reads_as("\"x\\u00e9\"", 0, "\"x\xC3\xA9\"");
	assert_reads_as("7", 0, "7");
	assert_reads_as(" null ", 0, "null");
	assert_reads_as("9223372036854775807", 0, "9223372036854775807");
}

static void
test_nesting_is_allowed_up_to_the_depth(void **state)
{
	(void)state;
	assert_reads_as("[[[]]]", 3, "[[[]]]");
	assert_reads_as("[[],[],{}]", 2, "[[],[],{}]");
	assert_refused("[[[]]]", 6, 2, "more than 2 deep");
	assert_refused("[]", 2, 0, "more than 0 deep");
}

static void
test_brackets_in_texts_are_not_nesting(void **state)
{
	(void)state;
	assert_reads_as("[\"[[[[\",\"\\\"[[[{\"]", 1,
			"[\"[[[[\",\"\\\"[[[{\"]");
	assert_refused("[\"\\\\\",[[\"\"]]]", 13, 2, "deep");
}

static void
test_very_deep_data_is_refused_without_recursion(void **state)
{
	size_t len = 100000;
	char *data = malloc(2 * len);

	(void)state;
	memset(data, '[', len);
	memset(data + len, ']', len);
	assert_refused(data, len, 32, "more than 32 deep");
	assert_refused(data, 2 * len, 32, "more than 32 deep");
	/* Jansson has a limit of its own behind ours. */
	assert_refused(data, 2 * len, 1000000, "depth");
	memset(data, ']', 2 * len);
	assert_refused(data, 2 * len, 32, "not JSON");
	for (size_t i = 0; i + 5 <= len; i += 5)
		memcpy(data + i, "{\"a\":", 5);
	assert_refused(data, len, 32, "more than 32 deep");
	free(data);
}

static void
test_data_outside_the_rules_is_refused(void **state)
{
	(void)state;
	assert_refused("", 0, 9, "nothing");
	assert_refused(NULL, 0, 9, "nothing");
	assert_refused("{\"a\":1,\"a\":2}", 13, 9, "duplicate");
	assert_refused("[1] x", 5, 9, "line 1");
	assert_refused("[1][2]", 6, 9, "line 1");
	assert_refused("[1,]", 4, 9, "line 1");
	assert_refused("{\n\"a\"\n", 6, 9, "line 3");
	assert_refused("[\"\xFF\"]", 5, 9, "not JSON");
	assert_refused("[\"\xED\xA0\x80\"]", 7, 9, "not JSON");
	assert_refused("[\"\\ud800\"]", 10, 9, "not JSON");
	assert_refused("[\"a\nb\"]", 7, 9, "not JSON");
	assert_refused("[1e999]", 7, 9, "not JSON");
	assert_refused("[99999999999999999999]", 22, 9, "not JSON");
	assert_refused("[NaN]", 5, 9, "not JSON");
	assert_refused("[\"\\", 3, 9, "not JSON");
}

static void
test_nul_is_refused_in_every_form(void **state)
{
	(void)state;
	assert_refused("[\"a\0b\"]", 7, 9, "NUL");
	assert_refused("[1]\0", 4, 9, "NUL");
	assert_refused("[\"\\u0000\"]", 10, 9, "not JSON");
	assert_refused("{\"\\u0000\":1}", 12, 9, "not JSON");
	assert_refused("{\"a\\u0000\":1}", 13, 9, "not JSON");
}

static void
test_error_quotes_none_of_the_data(void **state)
{
	static const char *const texts[] = {
		"[secret]",
		"[\"secret\" \"secret\"]",
		"{secret:1}",
		"[\"\\usecret\"]",
		"{\"secret\" 1}",
		"[\"\\ud800\\u5ec1 secret\"]",
		"[1] secret",
		"{\"secret\":1,\"secret\":2}",
		"[\"\\u005 secret\"]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct err err = {0};
		assert_null(json_read(texts[i], strlen(texts[i]), 9, &err));
		assert_null(strstr(err.text, "sec"));
		assert_null(strstr(err.text, "005"));
		assert_null(strstr(err.text, "5ec"));
		assert_non_null(strstr(err.text, "line 1"));
	}
}

static void
test_members_of_another_type_give_the_fallback(void **state)
{
	json_t *object = json_pack("{s:s, s:i, s:b, s:n, s:f}", "text", "x",
				   "int", 5, "bool", 1, "null", "real", 2.0);

	(void)state;
	assert_string_equal(json_get_text(object, "text", "?"), "x");
	assert_string_equal(json_get_text(object, "int", "?"), "?");
	assert_string_equal(json_get_text(object, "null", "?"), "?");
	assert_null(json_get_text(object, "none", NULL));
	assert_int_equal(json_get_int(object, "int", -1), 5);
	assert_int_equal(json_get_int(object, "real", -1), -1);
	assert_int_equal(json_get_int(object, "text", -1), -1);
	assert_true(json_get_bool(object, "bool", false));
	assert_true(json_get_bool(object, "int", true));
	assert_false(json_get_bool(object, "none", false));
	assert_int_equal(json_get_int(NULL, "int", -1), -1);
	json_t *array = json_array();
	assert_int_equal(json_get_int(array, "int", -1), -1);
	json_decref(array);
	json_decref(object);
}

static void
test_counts_and_times_are_within_bounds(void **state)
{
	static const int64_t numbers[] = {
		INT64_MIN,	  -1,	    0, 1, JSON_COUNT_MAX,
		JSON_TIME_MAX_US, INT64_MAX};
	static const int counts[] = {
		0, 0, 0, 1, JSON_COUNT_MAX, JSON_COUNT_MAX, JSON_COUNT_MAX};
	static const int64_t times[] = {
		0, 0, 0, 1, JSON_COUNT_MAX, JSON_TIME_MAX_US, JSON_TIME_MAX_US};
	json_t *object = json_pack("{s:f, s:s}", "real", 5.0, "text", "5");

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		json_set_int(object, "n", numbers[i]);
		assert_int_equal(json_get_count(object, "n"), counts[i]);
		assert_int_equal(json_get_time(object, "n"), times[i]);
	}
	assert_int_equal(json_get_count(object, "real"), 0);
	assert_int_equal(json_get_time(object, "text"), 0);
	assert_int_equal(json_get_time(NULL, "n"), 0);
	json_decref(object);
}

static void
test_members_are_set_and_repaired(void **state)
{
	json_t *object = json_object();

	(void)state;
	json_set_text(object, "good", "\xC3\xA9\"\n");
	json_set_text(object, "bad", "a\xFF\xFF");
	json_set_text(object, "none", NULL);
	json_set_int(object, "int", INT64_MIN);
	json_set_bool(object, "bool", false);
	json_set_real(object, "real", 0.5);
	json_set_real(object, "nan", NAN);
	json_set_int(object, "\xFF", 1);
	char *text = json_text(object);
	assert_string_equal(text, "{\"good\":\"\xC3\xA9\\\"\\n\","
				  "\"bad\":\"a\xEF\xBF\xBD\xEF\xBF\xBD\","
				  "\"none\":null,\"int\":-9223372036854775808,"
				  "\"bool\":false,\"real\":0.5,\"nan\":null}");
	free(text);
	json_decref(object);
}

static void
test_value_that_does_not_fit_leaves_out_as_it_was(void **state)
{
	json_t *value = json_pack("[i,i,i]", 1000, 2000, 3000);
	struct buf out;

	(void)state;
	buf_init(&out, 12);
	buf_adds(&out, "<");
	assert_int_equal(json_write(&out, value), -1);
	assert_string_equal(buf_str(&out), "<");
	assert_true(out.failed);
	buf_release(&out);
	buf_init(&out, 17);
	buf_adds(&out, "<");
	assert_int_equal(json_write(&out, value), 0);
	assert_string_equal(buf_str(&out), "<[1000,2000,3000]");
	buf_release(&out);
	json_decref(value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_value_is_read_and_written_in_order),
		cmocka_unit_test(test_nesting_is_allowed_up_to_the_depth),
		cmocka_unit_test(test_brackets_in_texts_are_not_nesting),
		cmocka_unit_test(
			test_very_deep_data_is_refused_without_recursion),
		cmocka_unit_test(test_data_outside_the_rules_is_refused),
		cmocka_unit_test(test_nul_is_refused_in_every_form),
		cmocka_unit_test(test_error_quotes_none_of_the_data),
		cmocka_unit_test(
			test_members_of_another_type_give_the_fallback),
		cmocka_unit_test(test_counts_and_times_are_within_bounds),
		cmocka_unit_test(test_members_are_set_and_repaired),
		cmocka_unit_test(
			test_value_that_does_not_fit_leaves_out_as_it_was),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
