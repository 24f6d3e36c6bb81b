/* Merging, against a slow and simple way, and what is asked of an encoder. */
#include "vocab_fixture.h"

#include <pthread.h>

#include "model/split.h"

/* ---- Merging */

/* One piece the slow way: all pairs against all merges, each time. */
static size_t
slow_merge(int *ids, size_t n)
{
	for (;;) {
		int best = maker.n;
		size_t place = 0;
		for (size_t i = 0; i + 1 < n; i++)
			for (int k = 0; k < best; k++)
				if (maker.left[k] == ids[i] &&
				    maker.right[k] == ids[i + 1]) {
					best = k;
					place = i;
				}
		if (best == maker.n)
			return n;
		ids[place] = 256 + best;
		memmove(ids + place + 1, ids + place + 2,
			(--n - place - 1) * sizeof *ids);
	}
}

static void
expect_encoded_as_slowly(struct encoder *encoder, const char *text, size_t len)
{
	struct token_list fast = {.max = 100000};
	int ids[2000];
	size_t done = 0, n;

	assert_int_equal(encoder_encode(encoder, text, len, &fast, &err), 0);
	for (size_t i = 0; i < len; i += n) {
		n = split_next(text + i, len - i);
		for (size_t k = 0; k < n; k++)
			ids[k] = (unsigned char)text[i + k];
		size_t slow = slow_merge(ids, n);
		assert_true(done + slow <= fast.n);
		assert_memory_equal(fast.ids + done, ids, slow * sizeof *ids);
		done += slow;
	}
	assert_int_equal(done, fast.n);
	token_list_release(&fast);
}

static void
test_encoding_is_what_the_slow_way_gives(void **state)
{
	static const char *const parts[] = {"a", "b", "c",  "ab",    "a",
					    " ", ".", ". ", "\u00E9"};

	(void)state;
	srandom(2);
	for (int round = 0; round < 60; round++) {
		struct tokenizer *tokenizer = make_random_tokenizer();
		struct encoder *encoder = encoder_new(tokenizer);
		for (int k = 0; k < 40; k++) {
			struct buf text;
			buf_init(&text, 2000);
			/* Also without blanks, for pieces of any length. */
			for (long i = random() % (k < 30 ? 40 : 400); i > 0;
			     i--)
				buf_adds(&text,
					 parts[random() % (k % 2 ? 4 : 9)]);
			expect_encoded_as_slowly(encoder, buf_str(&text),
						 text.len);
			buf_release(&text);
		}
		encoder_free(encoder);
		tokenizer_free(tokenizer);
	}
}

/* Runs of one letter have every length, around where the way changes. */
static void
test_short_and_long_pieces_are_merged_alike(void **state)
{
	char text[300];

	(void)state;
	memset(text, 'a', sizeof text);
	start_vocab();
	assert_true(add_merge('a', 'a'));
	assert_true(add_merge(256, 'a'));
	assert_true(add_merge(256, 256));
	assert_true(add_merge(257, 258));
	struct tokenizer *tokenizer = make_tokenizer();
	struct encoder *encoder = encoder_new(tokenizer);
	for (size_t len = 1; len <= sizeof text; len++)
		expect_encoded_as_slowly(encoder, text, len);
	encoder_free(encoder);
	tokenizer_free(tokenizer);
}

/* ---- What is asked of an encoder */

static void
test_ill_formed_text_and_nul_are_encoded(void **state)
{
	static const int cut[] = {'a', 0xEF, 0xBF, 0xBD, 'b', 0xEF, 0xBF, 0xBD};
	static const int nul[] = {'a', 0, 'b'};

	(void)state;
	start_vocab();
	struct tokenizer *tokenizer = make_tokenizer();
	struct encoder *encoder = encoder_new(tokenizer);
	expect_ids(encoder,
		   "a\xE2\x82"
		   "b\xF0\x9F",
		   6, cut, 8);
	expect_ids(encoder, "a\0b", 3, nul, 3);
	expect_ids(encoder, "", 0, NULL, 0);
	encoder_free(encoder);
	tokenizer_free(tokenizer);
}

static void
test_no_text_ends_a_text(void **state)
{
	static const int ids[] = {'<', '|', 'e', 'n', 'd', 'o', 'f',
				  't', 'e', 'x', 't', '|', '>'};

	(void)state;
	start_vocab();
	struct tokenizer *tokenizer = make_tokenizer();
	struct encoder *encoder = encoder_new(tokenizer);
	assert_int_equal(tokenizer_end_of_text(tokenizer), 256);
	assert_int_equal(tokenizer_size(tokenizer), 257);
	expect_ids(encoder, "<|endoftext|>", 13, ids, 13);
	encoder_free(encoder);
	tokenizer_free(tokenizer);
}

static void
test_a_megabyte_without_a_blank_is_encoded(void **state)
{
	size_t len = 1 << 20;
	char *text = malloc(ENCODER_PIECE_MAX + 1);
	struct token_list out = {.max = len};

	(void)state;
	assert_non_null(text);
	srandom(3);
	for (size_t i = 0; i < len; i++)
		text[i] = "abc"[random() % 3];
	struct tokenizer *tokenizer = make_random_tokenizer();
	struct encoder *encoder = encoder_new(tokenizer);
	assert_int_equal(encoder_encode(encoder, text, len, &out, &err), 0);
	size_t total = 0;
	for (size_t i = 0; i < out.n; i++)
		total += maker.lens[out.ids[i]];
	assert_int_equal(total, len);
	/* What is too long is refused, and leaves what there was. */
	size_t before = out.n;
	memset(text, 'a', ENCODER_PIECE_MAX + 1);
	assert_int_equal(encoder_encode(encoder, text, ENCODER_PIECE_MAX + 1,
					&out, &err),
			 -1);
	assert_string_equal(err.text,
			    "there are 4194305 bytes without a place to part "
			    "them, more than 4194304");
	out.max = before + 2;
	assert_int_equal(encoder_encode(encoder, "- - -", 5, &out, &err), -1);
	assert_string_equal(err.text, "there are too many tokens");
	assert_int_equal(out.n, before);
	token_list_release(&out);
	encoder_free(encoder);
	tokenizer_free(tokenizer);
	free(text);
}

#define THREADS 4

struct reader {
	pthread_t thread;
	const struct tokenizer *tokenizer;
	const struct token_list *expected;
	const char *text;
	bool is_same;
};

static void *
read_text(void *arg)
{
	struct reader *reader = arg;
	struct encoder *encoder = encoder_new(reader->tokenizer);
	struct token_list out = {.max = 10000};
	struct err own;

	for (int i = 0; i < 50; i++) {
		out.n = 0;
		if (encoder_encode(encoder, reader->text, strlen(reader->text),
				   &out, &own))
			break;
	}
	reader->is_same = out.n == reader->expected->n &&
			  memcmp(out.ids, reader->expected->ids,
				 out.n * sizeof *out.ids) == 0;
	token_list_release(&out);
	encoder_free(encoder);
	return NULL;
}

static void
test_threads_share_a_tokenizer(void **state)
{
	static const char text[] = "ab abc cab. aab\u00E9 .. bcaabbcc  caba";
	struct token_list expected = {.max = 10000};
	struct reader readers[THREADS];

	(void)state;
	srandom(5);
	struct tokenizer *tokenizer = make_random_tokenizer();
	struct encoder *encoder = encoder_new(tokenizer);
	assert_int_equal(
		encoder_encode(encoder, text, strlen(text), &expected, &err),
		0);
	for (int i = 0; i < THREADS; i++) {
		readers[i] = (struct reader){.tokenizer = tokenizer,
					     .expected = &expected,
					     .text = text};
		assert_int_equal(pthread_create(&readers[i].thread, NULL,
						read_text, &readers[i]),
				 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(readers[i].thread, NULL);
		assert_true(readers[i].is_same);
	}
	token_list_release(&expected);
	encoder_free(encoder);
	tokenizer_free(tokenizer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encoding_is_what_the_slow_way_gives),
		cmocka_unit_test(test_short_and_long_pieces_are_merged_alike),
		cmocka_unit_test(test_ill_formed_text_and_nul_are_encoded),
		cmocka_unit_test(test_no_text_ends_a_text),
		cmocka_unit_test(test_a_megabyte_without_a_blank_is_encoded),
		cmocka_unit_test(test_threads_share_a_tokenizer),
	};

	int failed = cmocka_run_group_tests_name("encoder", tests, NULL, NULL);
	release_vocab();
	return failed;
}
