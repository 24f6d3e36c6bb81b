/* The vocabulary of GPT-2, read from $TELLERD_DATA: tokens that others have
 * published, and texts there and back. */
#include "test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "model/decoder.h"
#include "model/encoder.h"
#include "model/tokenizer.h"

static struct err err;
static struct tokenizer *tokenizer;
static struct encoder *encoder;

static const char *
data_path(const char *name)
{
	static char path[4096];
	const char *data = getenv("TELLERD_DATA");

	if (!data)
		test_skip("TELLERD_DATA is not set");
	snprintf(path, sizeof path, "%s/%s", data, name);
	return path;
}

/* Made by the first test that asks. */
static void
need_tokenizer(void)
{
	const char *dir = data_path("gpt2_tokenizer");

	if (!tokenizer) {
		tokenizer = tokenizer_open(dir, &err);
		if (!tokenizer)
			fail_msg("%s", err.text);
		encoder = encoder_new(tokenizer);
	}
}

static void
expect_ids(const char *text, const int *ids, size_t n)
{
	struct token_list out = {.max = 10000};

	if (encoder_encode(encoder, text, strlen(text), &out, &err))
		fail_msg("%s: %s", text, err.text);
	bool is_same = out.n == n;
	for (size_t i = 0; is_same && i < n; i++)
		is_same = out.ids[i] == ids[i];
	if (!is_same)
		fail_msg("wrong tokens of '%s'", text);
	token_list_release(&out);
}

#define EXPECT(text, ...)                            \
	expect_ids(text, (const int[]){__VA_ARGS__}, \
		   sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

/* Prompts and replies of the reference library's tests, and of a public
 * collection of logits. */
static void
test_published_tokens_are_ours(void **state)
{
	(void)state;
	need_tokenizer();
	assert_int_equal(tokenizer_size(tokenizer), 50257);
	assert_int_equal(tokenizer_end_of_text(tokenizer), 50256);
	EXPECT("The night sky was", 464, 1755, 6766, 373);
	EXPECT("Wait\u2014what?!", 21321, 960, 10919, 12248);
	EXPECT("Caf\u00E9 d\u00E9j\u00E0 vu \u2615", 34, 1878, 2634, 39073, 73,
	       24247, 410, 84, 34719, 243);
	EXPECT("  indented text", 220, 773, 4714, 2420);
	EXPECT("I'm not going to", 40, 1101, 407, 1016, 284);
	EXPECT("Today I\u2019m not sure if I\u2019m going to be able to do it.",
	       8888, 314, 447, 247, 76, 407, 1654, 611, 314, 447, 247, 76, 1016,
	       284, 307, 1498, 284, 466, 340, 13);
	EXPECT("Today is a beautiful day and", 8888, 318, 257, 4950, 1110, 290);
	EXPECT("Yesterday was", 28065, 373);
	EXPECT("A sequence: 1, 2", 32, 8379, 25, 352, 11, 362);
	EXPECT("<|endoftext|>", 27, 91, 437, 1659, 5239, 91, 29);
	EXPECT("\n\n", 628);
	EXPECT("\r\n", 201, 198);
	EXPECT("I'M don'T", 40, 6, 44, 836, 6, 51);
	EXPECT("a\n\n\nb", 64, 628, 198, 65);
	EXPECT("12,345.67", 1065, 11, 27712, 13, 3134);
}

static void
expect_vector(const json_t *row)
{
	const json_t *list = json_object_get(row, "ids"), *id;
	size_t i, n = json_array_size(list);
	int *ids = calloc(n + 1, sizeof *ids);

	json_array_foreach (list, i, id)
		ids[i] = (int)json_integer_value(id);
	expect_ids(json_string_value(json_object_get(row, "text")), ids, n);
	free(ids);
}

/* Call a function on each line of a file of JSON. */
static size_t
each_line(const char *path, void (*call)(const json_t *))
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0, n = 0;

	if (!file)
		test_skip("%s is missing", path);
	while (getline(&line, &size, file) >= 0) {
		json_t *row = json_loads(line, 0, NULL);
		assert_non_null(row);
		call(row);
		json_decref(row);
		n++;
	}
	free(line);
	fclose(file);
	return n;
}

static void
test_vectors_of_other_tokenizers_are_ours(void **state)
{
	(void)state;
	need_tokenizer();
	assert_true(each_line(data_path("gpt2_tokenizer/vectors.jsonl"),
			      expect_vector) >= 60);
}

static void
expect_round_trip(const json_t *row)
{
	const char *text = json_string_value(json_object_get(row, "text"));
	struct token_list ids = {.max = 1 << 24};
	struct decoder decoder;
	struct buf out;

	buf_init(&out, 1 << 24);
	decoder_init(&decoder, tokenizer);
	assert_int_equal(
		encoder_encode(encoder, text, strlen(text), &ids, &err), 0);
	for (size_t i = 0; i < ids.n; i++)
		assert_int_equal(decoder_add(&decoder, ids.ids[i], &out, &err),
				 0);
	decoder_end(&decoder, &out);
	assert_string_equal(buf_str(&out), text);
	decoder_release(&decoder);
	buf_release(&out);
	token_list_release(&ids);
}

static void
test_texts_come_back(void **state)
{
	(void)state;
	need_tokenizer();
	assert_true(each_line(data_path("text/star.jsonl"), expect_round_trip) >
		    100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_tokens_are_ours),
		cmocka_unit_test(test_vectors_of_other_tokenizers_are_ours),
		cmocka_unit_test(test_texts_come_back),
	};

	int failed = cmocka_run_group_tests_name("tokenizer_data", tests, NULL,
						 NULL);
	encoder_free(encoder);
	tokenizer_free(tokenizer);
	return failed;
}
