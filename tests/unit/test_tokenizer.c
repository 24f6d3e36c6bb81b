/* Files of vocabularies, broken and whole, and decoding token by token. */
#include "vocab_fixture.h"

#include "model/decoder.h"
#include "model_fixture.h"

/* ---- Broken files */

static void
expect_refused(const char *vocab, const char *merges, const char *words)
{
	struct tokenizer *tokenizer = tokenizer_new(
		vocab, strlen(vocab), merges, strlen(merges), &err);

	if (tokenizer)
		fail_msg("taken: %s", words);
	assert_string_equal(err.text, words);
}

static void
test_a_broken_vocabulary_is_refused(void **state)
{
	char text[8000];

	(void)state;
	expect_refused("", "", "vocab.json: not JSON: there is nothing");
	expect_refused("[]", "", "vocab.json: there is no object in it");
	expect_refused("{\"a\": {}}", "",
		       "vocab.json: JSON is nested more than 1 deep");
	expect_refused("{\"a\": -1}", "",
		       "vocab.json: the id of 'a' is no number below 1048576");
	expect_refused("{\"a\": 1048576}", "",
		       "vocab.json: the id of 'a' is no number below 1048576");
	expect_refused("{\"a\": \"1\"}", "",
		       "vocab.json: the id of 'a' is no number below 1048576");
	expect_refused("{\"a\": 7, \"b\": 7}", "",
		       "vocab.json: 'b' has the id 7 of another");
	expect_refused("{\"a\": 7}", "",
		       "vocab.json: there is no token '\u0100' for the byte "
		       "0x00");
	start_vocab();
	snprintf(text, sizeof text, "%s}", buf_str(&maker.vocab));
	char *of_z = strstr(text, "\"z\"");
	memcpy(of_z, "\"zz\"", 4);
	memmove(of_z + 4, of_z + 4, 1);
	of_z[4] = ':';
	expect_refused(text, "",
		       "vocab.json: there is no token 'z' for the byte 0x7A");
}

static void
test_broken_merges_are_refused(void **state)
{
	static const struct {
		const char *merges, *words;
	} cases[] = {
		{"a b", "merges.txt:1: 'ab' is not in vocab.json"},
		{"#version: 0.2\nc \xC4\x80\n\nx", "merges.txt:2: 'c\xC4\x80' "
						   "is not in vocab.json"},
		{"zz a", "merges.txt:1: 'zz' is not in vocab.json"},
		{"a zz", "merges.txt:1: 'zz' is not in vocab.json"},
		{"a", "merges.txt:1: there are no two tokens"},
		{" a", "merges.txt:1: there are no two tokens"},
		{"a ", "merges.txt:1: there are no two tokens"},
		{"a a a", "merges.txt:1: there are no two tokens"},
		{"a  a", "merges.txt:1: there are no two tokens"},
		{"\na a", "merges.txt:1: there are no two tokens"},
		{"a a\n#version: 0.2", "merges.txt:2: '#version:' is not in "
				       "vocab.json"},
		{"#version\na a\na a", "merges.txt:3: it is there twice"},
		{"a \xFF", "merges.txt: it is no text in UTF-8"},
		{"<|endoftext| >", "merges.txt:1: it makes the token "
				   "<|endoftext|>"},
	};

	(void)state;
	start_vocab();
	add_merge('a', 'a');
	buf_addf(&maker.vocab, ", \"<|endoftext|\": 300, \"<|endoftext|>\": "
			       "301, \"\u4E16\": 400}");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		expect_refused(buf_str(&maker.vocab), cases[i].merges,
			       cases[i].words);
}

static void
test_files_of_other_line_ends_and_added_tokens_are_taken(void **state)
{
	static const char merges[] = "a a\r\n";
	static const int ids[] = {256};
	size_t len;

	(void)state;
	start_vocab();
	add_merge('a', 'a');
	buf_addf(&maker.vocab, ", \"\u4E16 a\": 400}");
	struct tokenizer *tokenizer =
		tokenizer_new(buf_str(&maker.vocab), maker.vocab.len, merges,
			      strlen(merges), &err);
	assert_non_null(tokenizer);
	struct encoder *encoder = encoder_new(tokenizer);
	expect_ids(encoder, "aa", 2, ids, 1);
	assert_int_equal(tokenizer_size(tokenizer), 401);
	assert_int_equal(tokenizer_end_of_text(tokenizer), -1);
	assert_null(tokenizer_bytes(tokenizer, 399, &len));
	assert_memory_equal(tokenizer_bytes(tokenizer, 400, &len), "\u4E16 a",
			    5);
	assert_int_equal(len, 5);
	encoder_free(encoder);
	tokenizer_free(tokenizer);
}

static void
expect_open_words(const char *words)
{
	char whole[500];

	assert_null(tokenizer_open(model_dir, &err));
	snprintf(whole, sizeof whole, "%s%s", model_dir, words);
	assert_string_equal(err.text, whole);
}

static void
test_files_are_read_from_a_directory(void **state)
{
	(void)state;
	expect_open_words("/vocab.json: No such file or directory");
	model_file_write("tokenizer.json", "{}", 2);
	expect_open_words(" has no vocab.json, and its tokenizer.json is not "
			  "read: make vocab.json and merges.txt with Python's "
			  "transformers, GPT2TokenizerFast.from_pretrained(DIR)"
			  ".save_vocabulary(DIR)");
	start_vocab();
	buf_addc(&maker.vocab, '}');
	model_file_write("vocab.json", maker.vocab.data, maker.vocab.len);
	expect_open_words("/merges.txt: No such file or directory");
	model_file_write("merges.txt", "a b", 3);
	expect_open_words(": merges.txt:1: 'ab' is not in vocab.json");
	model_file_write("merges.txt", "", 0);
	struct tokenizer *tokenizer = tokenizer_open(model_dir, &err);
	assert_non_null(tokenizer);
	tokenizer_free(tokenizer);
	assert_int_equal(truncate(model_path("vocab.json"), (8 << 20) + 1), 0);
	expect_open_words("/vocab.json has more than 8388608 bytes");
	model_dir_empty();
}

/* ---- Decoding */

static void
test_text_comes_in_whole_characters(void **state)
{
	static const int ids[] = {'a', 0xF0, 0x9F, 0x98, 0x80, 0xC3,
				  'b', 0xE2, 0x82, 0xAC, 0xE2};
	static const char *const texts[] = {"a",
					    "a",
					    "a",
					    "a",
					    "a\U0001F600",
					    "a\U0001F600",
					    "a\U0001F600\uFFFDb",
					    "a\U0001F600\uFFFDb",
					    "a\U0001F600\uFFFDb",
					    "a\U0001F600\uFFFDb\u20AC",
					    "a\U0001F600\uFFFDb\u20AC"};
	struct decoder decoder;
	struct buf out;

	(void)state;
	start_vocab();
	struct tokenizer *tokenizer = make_tokenizer();
	decoder_init(&decoder, tokenizer);
	buf_init(&out, 100);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		assert_int_equal(decoder_add(&decoder, ids[i], &out, &err), 0);
		assert_string_equal(buf_str(&out), texts[i]);
	}
	decoder_end(&decoder, &out);
	assert_string_equal(buf_str(&out), "a\U0001F600\uFFFDb\u20AC\uFFFD");
	decoder_end(&decoder, &out);
	assert_int_equal(out.len, 15);
	assert_int_equal(decoder_add(&decoder, 257, &out, &err), -1);
	assert_string_equal(err.text, "there is no token 257");
	assert_int_equal(decoder_add(&decoder, -1, &out, &err), -1);
	assert_int_equal(decoder_add(&decoder, 256, &out, &err), 0);
	assert_string_equal(out.data + 15, "<|endoftext|>");
	decoder_release(&decoder);
	buf_release(&out);
	tokenizer_free(tokenizer);
}

static void
test_decoding_random_tokens_is_never_ill_formed(void **state)
{
	struct decoder decoder;
	struct buf out;

	(void)state;
	srandom(4);
	struct tokenizer *tokenizer = make_random_tokenizer();
	decoder_init(&decoder, tokenizer);
	buf_init(&out, 1 << 20);
	for (int i = 0; i < 20000; i++) {
		int id = (int)(random() % tokenizer_size(tokenizer));
		assert_int_equal(decoder_add(&decoder, id, &out, &err), 0);
		assert_true(decoder.held.len <= 3);
		if (i % 100 == 0)
			assert_true(utf8_is_valid(out.data, out.len));
	}
	assert_true(utf8_is_valid(out.data, out.len));
	decoder_release(&decoder);
	buf_release(&out);
	tokenizer_free(tokenizer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_broken_vocabulary_is_refused),
		cmocka_unit_test(test_broken_merges_are_refused),
		cmocka_unit_test(
			test_files_of_other_line_ends_and_added_tokens_are_taken),
		cmocka_unit_test(test_files_are_read_from_a_directory),
		cmocka_unit_test(test_text_comes_in_whole_characters),
		cmocka_unit_test(
			test_decoding_random_tokens_is_never_ill_formed),
	};

	model_dir_make();
	int failed =
		cmocka_run_group_tests_name("tokenizer", tests, NULL, NULL);
	release_vocab();
	model_dir_remove();
	return failed;
}
