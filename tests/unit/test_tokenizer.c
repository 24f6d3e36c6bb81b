/* Tokenizers of vocabularies that the test makes: splitting, merging, files
 * that are broken, and decoding piece by piece; each against a slow and simple
 * way to the same. */
#include "test.h"

#include <pthread.h>
#include <stdbool.h>

#include <utf8proc.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "model/classes.h"
#include "model/decoder.h"
#include "model/encoder.h"
#include "model/split.h"
#include "model/tokenizer.h"
#include "model_fixture.h"

static struct err err;

/* ---- Classes */

static enum class class_by_utf8proc(uint32_t c) {
	switch (utf8proc_category((utf8proc_int32_t)c)){
		case UTF8PROC_CATEGORY_LU : case UTF8PROC_CATEGORY_LL : case
		UTF8PROC_CATEGORY_LT : case UTF8PROC_CATEGORY_LM : case
		UTF8PROC_CATEGORY_LO : return CLASS_LETTER;
		case UTF8PROC_CATEGORY_ND : case UTF8PROC_CATEGORY_NL : case
		UTF8PROC_CATEGORY_NO : return CLASS_NUMBER;
		default : return CLASS_OTHER;
	}
}

/* What utf8proc knows, of whatever Unicode, is as it says. */
static void
test_letters_and_numbers_are_those_of_unicode(void **state)
{
	size_t letters = 0, numbers = 0, spaces = 0;

	(void)state;
	for (uint32_t c = 0; c <= 0x10FFFF; c++) {
		enum class class = class_of(c);
		letters += class == CLASS_LETTER;
		numbers += class == CLASS_NUMBER;
		spaces += class == CLASS_SPACE;
		if (class == CLASS_SPACE ||
		    utf8proc_category((utf8proc_int32_t)c) ==
			    UTF8PROC_CATEGORY_CN)
			continue;
		if (class != class_by_utf8proc(c))
			fail_msg("U+%04X is of class %d", c, (int)class);
	}
	assert_int_equal(letters, 145672);
	assert_int_equal(numbers, 1924);
	assert_int_equal(spaces, 25);
	assert_int_equal(class_of(0x1C), CLASS_OTHER);
	assert_int_equal(class_of(0x180E), CLASS_OTHER);
}

/* ---- Splitting */

static void
expect_split(const char *text, const char *pieces)
{
	size_t len = strlen(text), n;
	struct buf out;

	buf_init(&out, 1000);
	for (size_t i = 0; i < len; i += n) {
		n = split_next(text + i, len - i);
		buf_addf(&out, "%s%.*s", i ? "|" : "", (int)n, text + i);
	}
	assert_string_equal(buf_str(&out), pieces);
	buf_release(&out);
}

static void
test_text_is_split_by_the_pattern(void **state)
{
	(void)state;
	expect_split("Hello world", "Hello| world");
	expect_split("I'm you'll he'd we've it's don't they're",
		     "I|'m| you|'ll| he|'d| we|'ve| it|'s| don|'t| they|'re");
	expect_split("I'M 'x '", "I|'|M| '|x| '");
	expect_split("a   b", "a|  | b");
	expect_split("a \n b\n\nc", "a| \n| b|\n|\n|c");
	expect_split("a  ", "a|  ");
	expect_split(" ", " ");
	expect_split("\na", "\n|a");
	expect_split("x1234y_z 12,5%", "x|1234|y|_|z| 12|,|5|%");
	expect_split(" !? a.b", " !?| a|.|b");
	expect_split("\u00A0a\u3000\u3000b", "\u00A0|a|\u3000|\u3000|b");
	expect_split("caf\u00E9\u0301 \u4E16\u754C\uFF01",
		     "caf\u00E9|\u0301| \u4E16\u754C|\uFF01");
	expect_split("\u0663\u00BD\u2167", "\u0663\u00BD\u2167");
	expect_split("''s''", "''|s|''");
	expect_split("''", "''");
	expect_split("'", "'");
	expect_split("'r", "'|r");
}

/* The pattern as it is written, each alternative tried on characters. */
struct characters {
	uint32_t c[64];
	size_t at[65]; /* where they begin */
	size_t n;
};

static bool
is_in(const struct characters *text, size_t i, enum class class)
{
	return i < text->n && class_of(text->c[i]) == class;
}

static size_t
slow_run(const struct characters *text, size_t i, enum class class)
{
	size_t start = i;

	i += i < text->n && text->c[i] == ' ';
	size_t first = i;
	while (is_in(text, i, class))
		i++;
	return i > first ? i - start : 0;
}

static size_t
slow_blanks(const struct characters *text, size_t i, bool is_looking_ahead)
{
	size_t n = 0;

	while (is_in(text, i + n, CLASS_SPACE))
		n++;
	if (!is_looking_ahead)
		return n;
	while (n > 0 && i + n < text->n && !is_in(text, i + n, CLASS_SPACE))
		n--;
	return n;
}

static size_t
slow_split(const struct characters *text, size_t i)
{
	static const char *const ends[] = {"s", "t",  "re", "ve",
					   "m", "ll", "d"};
	size_t n;

	for (size_t e = 0; e < 7; e++) {
		size_t len = strlen(ends[e]);
		bool is_it = text->c[i] == '\'' && i + len < text->n;
		for (size_t k = 0; is_it && k < len; k++)
			is_it = text->c[i + 1 + k] == (unsigned char)ends[e][k];
		if (is_it)
			return 1 + len;
	}
	if ((n = slow_run(text, i, CLASS_LETTER)) ||
	    (n = slow_run(text, i, CLASS_NUMBER)) ||
	    (n = slow_run(text, i, CLASS_OTHER)) ||
	    (n = slow_blanks(text, i, true)))
		return n;
	return slow_blanks(text, i, false);
}

static const uint32_t some[] = {
	'a',	'Z',  's',    't',    'r',     'e',    'l', ' ', ' ',
	' ',	'\n', '\t',   '\'',   '\'',    '7',    '.', '_', 0xE9,
	0x4E16, 0xA0, 0x3000, 0x0663, 0x1F600, 0xFFFD, 0};

static void
make_text(struct characters *text, struct buf *out)
{
	buf_clear(out);
	text->n = (size_t)random() % 64;
	for (size_t i = 0; i < text->n; i++) {
		char bytes[4];
		text->c[i] =
			some[(size_t)random() % (sizeof some / sizeof *some)];
		text->at[i] = out->len;
		buf_add(out, bytes, utf8_encode(text->c[i], bytes));
	}
	text->at[text->n] = out->len;
}

static void
test_splitting_is_what_the_pattern_says(void **state)
{
	struct characters text;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	srandom(1);
	for (int round = 0; round < 20000; round++) {
		make_text(&text, &out);
		for (size_t i = 0; i < text.n;) {
			size_t n = slow_split(&text, i);
			assert_int_equal(split_next(buf_str(&out) + text.at[i],
						    out.len - text.at[i]),
					 text.at[i + n] - text.at[i]);
			i += n;
		}
	}
	buf_release(&out);
}

/* ---- A vocabulary */

#define MERGES_MAX 200

struct maker {
	struct buf vocab, merges;
	/* The tokens as bytes: 256, and one for each merge. */
	char tokens[256 + MERGES_MAX][64];
	size_t lens[256 + MERGES_MAX];
	int left[MERGES_MAX], right[MERGES_MAX];
	int n;
};

static struct maker maker;

static bool
is_seen(int byte)
{
	return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) ||
	       byte >= 174;
}

static void
add_seen(struct buf *out, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int byte = (unsigned char)bytes[i], unseen = 0;
		char text[4];
		for (int b = 0; b < byte; b++)
			unseen += !is_seen(b);
		uint32_t c = is_seen(byte) ? (uint32_t)byte
					   : 0x100 + (uint32_t)unseen;
		buf_add(out, text, utf8_encode(c, text));
	}
}

static void
add_vocab(const char *bytes, size_t len, int id)
{
	struct buf token;

	buf_init(&token, 1000);
	add_seen(&token, bytes, len);
	buf_addf(&maker.vocab, "%s\"", id ? ", " : "{");
	for (size_t i = 0; i < token.len; i++)
		buf_addf(&maker.vocab, "%s%c",
			 strchr("\"\\", token.data[i]) ? "\\" : "",
			 token.data[i]);
	buf_addf(&maker.vocab, "\": %d", id);
	buf_release(&token);
}

static void
start_vocab(void)
{
	buf_release(&maker.vocab);
	buf_release(&maker.merges);
	buf_init(&maker.vocab, 1 << 20);
	buf_init(&maker.merges, 1 << 20);
	maker.n = 0;
	for (int byte = 0; byte < 256; byte++) {
		maker.tokens[byte][0] = (char)byte;
		maker.lens[byte] = 1;
		add_vocab(maker.tokens[byte], 1, byte);
	}
	buf_adds(&maker.merges, "#version: 0.2\n");
}

static bool
is_known(const char *bytes, size_t len)
{
	for (int id = 0; id < 256 + maker.n; id++)
		if (maker.lens[id] == len &&
		    memcmp(maker.tokens[id], bytes, len) == 0)
			return true;
	return false;
}

/* A new token of two; false: it is too long, or there. */
static bool
add_merge(int left, int right)
{
	int id = 256 + maker.n;
	size_t len = maker.lens[left] + maker.lens[right];

	if (len > sizeof maker.tokens[0])
		return false;
	memcpy(maker.tokens[id], maker.tokens[left], maker.lens[left]);
	memcpy(maker.tokens[id] + maker.lens[left], maker.tokens[right],
	       maker.lens[right]);
	if (is_known(maker.tokens[id], len))
		return false;
	maker.lens[id] = len;
	maker.left[maker.n] = left;
	maker.right[maker.n++] = right;
	add_vocab(maker.tokens[id], len, id);
	add_seen(&maker.merges, maker.tokens[left], maker.lens[left]);
	buf_addc(&maker.merges, ' ');
	add_seen(&maker.merges, maker.tokens[right], maker.lens[right]);
	buf_addc(&maker.merges, '\n');
	return true;
}

/* End the vocabulary; the tokenizer of it. */
static struct tokenizer *
make_tokenizer(void)
{
	buf_addf(&maker.vocab, ", \"<|endoftext|>\": %d}", 256 + maker.n);
	struct tokenizer *tokenizer =
		tokenizer_new(buf_str(&maker.vocab), maker.vocab.len,
			      buf_str(&maker.merges), maker.merges.len, &err);
	if (!tokenizer)
		fail_msg("%s", err.text);
	return tokenizer;
}

/* Random merges of a few letters, blanks and parts of characters. */
static struct tokenizer *
make_random_tokenizer(void)
{
	static const unsigned char bytes[] = {'a', 'b', 'c',  'a', ' ',
					      '.', '.', 0xC3, 0xA9};

	start_vocab();
	for (int i = 0; i < MERGES_MAX; i++) {
		int of_two[2];
		for (int k = 0; k < 2; k++)
			of_two[k] = maker.n > 0 && random() % 2
					    ? 256 + (int)(random() % maker.n)
					    : bytes[random() % 9];
		add_merge(of_two[0], of_two[1]);
	}
	return make_tokenizer();
}

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
expect_ids(struct encoder *encoder, const char *text, size_t len,
	   const int *ids, size_t n)
{
	struct token_list out = {.max = 1000};

	/* Twice: what is remembered is the same. */
	for (size_t round = 1; round <= 2; round++) {
		assert_int_equal(encoder_encode(encoder, text, len, &out, &err),
				 0);
		assert_int_equal(out.n, round * n);
		assert_memory_equal(out.ids + (round - 1) * n, ids,
				    n * sizeof *ids);
	}
	token_list_release(&out);
}

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letters_and_numbers_are_those_of_unicode),
		cmocka_unit_test(test_text_is_split_by_the_pattern),
		cmocka_unit_test(test_splitting_is_what_the_pattern_says),
		cmocka_unit_test(test_encoding_is_what_the_slow_way_gives),
		cmocka_unit_test(test_short_and_long_pieces_are_merged_alike),
		cmocka_unit_test(test_ill_formed_text_and_nul_are_encoded),
		cmocka_unit_test(test_no_text_ends_a_text),
		cmocka_unit_test(test_a_megabyte_without_a_blank_is_encoded),
		cmocka_unit_test(test_threads_share_a_tokenizer),
		cmocka_unit_test(test_text_comes_in_whole_characters),
		cmocka_unit_test(
			test_decoding_random_tokens_is_never_ill_formed),
		cmocka_unit_test(test_a_broken_vocabulary_is_refused),
		cmocka_unit_test(test_broken_merges_are_refused),
		cmocka_unit_test(
			test_files_of_other_line_ends_and_added_tokens_are_taken),
		cmocka_unit_test(test_files_are_read_from_a_directory),
	};

	model_dir_make();
	int failed =
		cmocka_run_group_tests_name("tokenizer", tests, NULL, NULL);
	buf_release(&maker.vocab);
	buf_release(&maker.merges);
	model_dir_remove();
	return failed;
}
