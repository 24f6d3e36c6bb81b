/* How many MB a second of CPU time encoding and decoding take, and how long a
 * vocabulary takes to load: with GPT-2's own files on the texts of
 * $TELLERD_DATA, or bench_tokenizer DIR [FILE]; without either, with a
 * vocabulary of bytes and a few merges on made text. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "../unit/byte_vocab.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/decoder.h"
#include "model/encoder.h"
#include "model/tokenizer.h"

#define TEXT_MAX ((size_t)64 << 20)
#define MADE_BYTES ((size_t)8 << 20)
#define LONG ((size_t)1 << 20)

static double
seconds_since(clock_t start)
{
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static void
fail(const char *words)
{
	fprintf(stderr, "bench_tokenizer: %s\n", words);
	exit(1);
}

/* ---- Texts */

static void
add_line(struct buf *text, const char *line)
{
	json_t *row = json_loads(line, 0, NULL);
	const char *value = json_string_value(json_object_get(row, "text"));

	if (value) {
		buf_adds(text, value);
		buf_addc(text, '\n');
	}
	json_decref(row);
}

static void
add_file(struct buf *text, const char *path)
{
	FILE *file = fopen(path, "r");
	size_t len = strlen(path), size = 0;
	char *line = NULL;

	while (file && getline(&line, &size, file) >= 0 && !text->failed) {
		if (len > 6 && strcmp(path + len - 6, ".jsonl") == 0)
			add_line(text, line);
		else
			buf_adds(text, line);
	}
	free(line);
	if (file)
		fclose(file);
}

static void
add_data(struct buf *text, const char *data)
{
	char path[4096];
	struct dirent **entries;

	snprintf(path, sizeof path, "%s/text", data);
	int n = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/text/%s", data,
			 entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			add_file(text, path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static void
make_text(struct buf *text)
{
	static const char *const words[] = {
		"the ",	      "customer ", "says ",	"that ",
		"his ",	      "card ",	   "was ",	"charged ",
		"twice",      ", and ",	   "asks for ", "a ",
		"refund of ", "1,250.00 ", "euros. ",	"Stra\u00DFe ",
	};

	srandom(1);
	while (text->len < MADE_BYTES)
		buf_adds(text, words[(size_t)random() %
				     (sizeof words / sizeof *words)]);
}

/* ---- A vocabulary of bytes, for who has no files */

static void
make_vocab(struct buf *vocab)
{
	add_byte_vocab(vocab);
	buf_adds(vocab, ", \"th\": 256, \"the\": 257, \"er\": 258, \"as\": "
			"259, \"\\u0120a\": 260}");
}

static struct tokenizer *
open_tokenizer(const char *dir, struct err *err)
{
	static const char merges[] = "t h\nth e\ne r\na s\n\u0120 a\n";
	struct buf vocab;

	if (dir)
		return tokenizer_open(dir, err);
	buf_init(&vocab, 1 << 16);
	make_vocab(&vocab);
	struct tokenizer *tokenizer = tokenizer_new(
		buf_str(&vocab), vocab.len, merges, strlen(merges), err);
	buf_release(&vocab);
	return tokenizer;
}

/* ---- Measuring */

static void
tell(const char *what, size_t bytes, double seconds)
{
	printf("%-28s %7.1f MB/s\n", what, (double)bytes / 1e6 / seconds);
}

static void
measure_encoding(struct encoder *encoder, const struct buf *text,
		 struct token_list *ids)
{
	struct err err;

	for (int round = 1; round <= 3; round++) {
		ids->n = 0;
		clock_t start = clock();
		if (encoder_encode(encoder, text->data, text->len, ids, &err))
			fail(err.text);
		tell(round == 1 ? "encode, first time" : "encode", text->len,
		     seconds_since(start));
	}
	printf("%zu tokens, %.2f bytes each\n", ids->n,
	       (double)text->len / (double)ids->n);
}

static void
measure_decoding(const struct tokenizer *tokenizer,
		 const struct token_list *ids, size_t len)
{
	struct decoder decoder;
	struct buf out;
	struct err err;

	decoder_init(&decoder, tokenizer);
	buf_init(&out, len + 4);
	clock_t start = clock();
	for (size_t i = 0; i < ids->n; i++)
		if (decoder_add(&decoder, ids->ids[i], &out, &err))
			fail(err.text);
	tell("decode, token by token", len, seconds_since(start));
	buf_release(&out);
	decoder_release(&decoder);
}

/* A word of a megabyte, of random letters and of one. */
static void
measure_long(struct encoder *encoder, int n_letters, const char *what)
{
	struct token_list ids = {.max = LONG};
	char *text = malloc(LONG);
	struct err err;

	for (size_t i = 0; text && i < LONG; i++)
		text[i] = (char)('a' + random() % n_letters);
	clock_t start = clock();
	if (!text || encoder_encode(encoder, text, LONG, &ids, &err))
		fail("no memory");
	tell(what, LONG, seconds_since(start));
	free(text);
	token_list_release(&ids);
}

int
main(int argc, char **argv)
{
	const char *data = getenv("TELLERD_DATA");
	char dir[4096] = "";
	struct token_list ids = {.max = TEXT_MAX};
	struct buf text;
	struct err err;

	buf_init(&text, TEXT_MAX);
	if (argc > 1)
		snprintf(dir, sizeof dir, "%s", argv[1]);
	else if (data)
		snprintf(dir, sizeof dir, "%s/gpt2_tokenizer", data);
	if (argc > 2)
		add_file(&text, argv[2]);
	else if (data)
		add_data(&text, data);
	if (text.len == 0)
		make_text(&text);
	clock_t start = clock();
	struct tokenizer *tokenizer = open_tokenizer(*dir ? dir : NULL, &err);
	if (!tokenizer)
		fail(err.text);
	printf("%d tokens, loaded in %.0f ms\n", tokenizer_size(tokenizer),
	       1e3 * seconds_since(start));
	struct encoder *encoder = encoder_new(tokenizer);
	printf("%.1f MB of text\n", (double)text.len / 1e6);
	measure_encoding(encoder, &text, &ids);
	measure_decoding(tokenizer, &ids, text.len);
	measure_long(encoder, 26, "a word of 1 MiB, letters");
	measure_long(encoder, 1, "a word of 1 MiB, one letter");
	encoder_free(encoder);
	tokenizer_free(tokenizer);
	token_list_release(&ids);
	buf_release(&text);
	return 0;
}
