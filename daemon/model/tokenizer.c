/* Both files are somebody else's: whatever is in them, what is made of them
 * encodes every text, and never to a token that stands for more than text. */
#include "model/tokenizer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/config.h"
#include "model/file.h"
#include "model/merges.h"

#define VOCAB "vocab.json"
#define MERGES "merges.txt"
#define END_OF_TEXT "<|endoftext|>"
#define HEADER "#version"

struct piece {
	uint32_t offset, len; /* of the bytes */
	bool is_there;
};

struct tokenizer {
	struct piece *pieces; /* by id */
	int size;
	char *bytes;
	int byte_ids[256];
	int end_of_text;
	struct merges merges;
};

/* ---- The alphabet: each byte as a character that can be seen */

#define ALPHABET_END 0x144

static bool
stands_for_itself(int byte)
{
	return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) ||
	       (byte >= 174 && byte <= 255);
}

/* The characters of all bytes; those that cannot be seen follow U+00FF in
 * their order. */
static void
make_alphabet(uint32_t characters[256])
{
	uint32_t next = 0x100;

	for (int byte = 0; byte < 256; byte++)
		characters[byte] =
			stands_for_itself(byte) ? (uint32_t)byte : next++;
}

static void
make_bytes(int16_t bytes[ALPHABET_END])
{
	uint32_t characters[256];

	make_alphabet(characters);
	for (int i = 0; i < ALPHABET_END; i++)
		bytes[i] = -1;
	for (int16_t byte = 0; byte < 256; byte++)
		bytes[characters[byte]] = byte;
}

/* ---- vocab.json */

/* Add the bytes that a token stands for.  One with a character outside of the
 * alphabet was added by hand, and stands for its own text. */
static int
add_bytes(struct buf *out, const char *token, const int16_t *bytes)
{
	size_t start = out->len, len = strlen(token), n;

	for (size_t i = 0; i < len; i += n) {
		uint32_t c;
		n = utf8_decode(token + i, len - i, &c);
		if (c >= ALPHABET_END || bytes[c] < 0) {
			buf_cut(out, start);
			return buf_add(out, token, len);
		}
		buf_addc(out, (char)bytes[c]);
	}
	return out->failed ? -1 : 0;
}

static int
read_id(const json_t *value, const char *token, int *id_r, struct err *err)
{
	json_int_t id = json_integer_value(value);

	if (!json_is_integer(value) || id < 0 || id >= MODEL_VOCAB_MAX)
		return err_set(err, "the id of '%s' is no number below %d",
			       token, MODEL_VOCAB_MAX);
	*id_r = (int)id;
	return 0;
}

static int
find_size(struct tokenizer *tokenizer, json_t *vocab, struct err *err)
{
	const char *token;
	json_t *value;
	int id = 0;

	if (!json_is_object(vocab))
		return err_set(err, "there is no object in it");
	json_object_foreach (vocab, token, value) {
		if (read_id(value, token, &id, err))
			return -1;
		if (id >= tokenizer->size)
			tokenizer->size = id + 1;
	}
	tokenizer->pieces =
		mem_array((size_t)tokenizer->size, sizeof *tokenizer->pieces);
	return tokenizer->pieces ? 0
				 : err_set(err, "there is no memory for it");
}

static int
read_pieces(struct tokenizer *tokenizer, json_t *vocab, struct buf *out,
	    struct err *err)
{
	int16_t bytes[ALPHABET_END];
	const char *token;
	json_t *value;

	make_bytes(bytes);
	json_object_foreach (vocab, token, value) {
		int id = (int)json_integer_value(value);
		struct piece *piece = &tokenizer->pieces[id];
		if (piece->is_there)
			return err_set(err, "'%s' has the id %d of another",
				       token, id);
		piece->offset = (uint32_t)out->len;
		if (add_bytes(out, token, bytes))
			return err_set(err, "there is no memory for it");
		piece->len = (uint32_t)(out->len - piece->offset);
		piece->is_there = true;
	}
	return 0;
}

static int
read_byte_ids(struct tokenizer *tokenizer, const json_t *vocab, struct err *err)
{
	uint32_t characters[256];

	make_alphabet(characters);
	for (int byte = 0; byte < 256; byte++) {
		char token[5] = {0};
		utf8_encode(characters[byte], token);
		int64_t id = json_get_int(vocab, token, -1);
		if (id < 0)
			return err_set(err,
				       "there is no token '%s' for the byte "
				       "0x%02X",
				       token, (unsigned int)byte);
		tokenizer->byte_ids[byte] = (int)id;
	}
	return 0;
}

static int
read_vocab(struct tokenizer *tokenizer, json_t *vocab, struct err *err)
{
	struct buf bytes;

	buf_init(&bytes, TOKENIZER_FILE_MAX);
	int ret = find_size(tokenizer, vocab, err);
	if (!ret)
		ret = read_pieces(tokenizer, vocab, &bytes, err);
	if (!ret)
		ret = read_byte_ids(tokenizer, vocab, err);
	if (!ret)
		tokenizer->end_of_text =
			(int)json_get_int(vocab, END_OF_TEXT, -1);
	tokenizer->bytes = buf_take(&bytes);
	return ret;
}

/* ---- merges.txt */

static int
find_token(const json_t *vocab, const char *token, int *id_r, struct err *err)
{
	int64_t id = json_get_int(vocab, token, -1);

	if (id < 0)
		return err_set(err, "'%s' is not in " VOCAB, token);
	*id_r = (int)id;
	return 0;
}

/* "left right"; scratch is for texts that end. */
static int
read_merge(struct tokenizer *tokenizer, const json_t *vocab, char *line,
	   uint32_t rank, struct buf *scratch, struct err *err)
{
	char *blank = strchr(line, ' ');
	int left = 0, right = 0, both = 0;

	if (!blank || blank == line || !blank[1] || strchr(blank + 1, ' '))
		return err_set(err, "there are no two tokens");
	*blank = '\0';
	buf_clear(scratch);
	buf_adds(scratch, line);
	if (buf_adds(scratch, blank + 1))
		return err_set(err, "there is no memory for it");
	if (find_token(vocab, line, &left, err) ||
	    find_token(vocab, blank + 1, &right, err) ||
	    find_token(vocab, buf_str(scratch), &both, err))
		return -1;
	/* A text that holds its name must not end a text. */
	if (both == tokenizer->end_of_text)
		return err_set(err, "it makes the token " END_OF_TEXT);
	if (!merges_add(&tokenizer->merges, left, right, rank, both))
		return err_set(err, "it is there twice");
	return 0;
}

static int
read_lines(struct tokenizer *tokenizer, const json_t *vocab, char *text,
	   struct buf *scratch, struct err *err)
{
	uint32_t rank = 0;
	int number = 0;

	while (*text) {
		char *line = text;
		size_t len = strcspn(line, "\n");
		text += len + (line[len] == '\n');
		line[len] = '\0';
		if (len > 0 && line[len - 1] == '\r')
			line[--len] = '\0';
		number++;
		bool is_header = number == 1 &&
				 strncmp(line, HEADER, strlen(HEADER)) == 0;
		if (is_header || (len == 0 && !*text))
			continue;
		if (read_merge(tokenizer, vocab, line, rank++, scratch, err))
			return err_prefix(err, MERGES ":%d", number);
	}
	return 0;
}

static int
read_merges(struct tokenizer *tokenizer, const json_t *vocab, const char *text,
	    size_t len, struct err *err)
{
	struct buf scratch;
	size_t n = 1;

	if (!utf8_is_valid(text, len) || (len > 0 && memchr(text, '\0', len)))
		return err_set(err, MERGES ": it is no text in UTF-8");
	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	char *copy = mem_array(len + 1, 1);
	if (!copy || n > MODEL_VOCAB_MAX ||
	    merges_init(&tokenizer->merges, n)) {
		free(copy);
		return err_set(err,
			       MERGES ": it has more lines than %d, or "
				      "there is no memory for it",
			       MODEL_VOCAB_MAX);
	}
	memcpy(copy, text, len);
	buf_init(&scratch, TOKENIZER_FILE_MAX);
	int ret = read_lines(tokenizer, vocab, copy, &scratch, err);
	buf_release(&scratch);
	free(copy);
	return ret;
}

/* ---- Both */

struct tokenizer *
tokenizer_new(const char *vocab, size_t vocab_len, const char *merges,
	      size_t merges_len, struct err *err)
{
	struct tokenizer *tokenizer = mem_new(sizeof *tokenizer);
	json_t *document = json_read(vocab, vocab_len, 1, err);
	int ret = document ? read_vocab(tokenizer, document, err) : -1;

	if (ret)
		err_prefix(err, VOCAB);
	else
		ret = read_merges(tokenizer, document, merges, merges_len, err);
	json_decref(document);
	if (!ret)
		return tokenizer;
	tokenizer_free(tokenizer);
	return NULL;
}

int
tokenizer_read(const char *dir, struct buf *vocab, struct buf *merges,
	       struct err *err)
{
	if (!model_file_exists(dir, VOCAB) &&
	    model_file_exists(dir, "tokenizer.json"))
		return err_set(err,
			       "%s has no " VOCAB ", and its tokenizer.json is "
			       "not read: make " VOCAB " and " MERGES
			       " with Python's transformers, "
			       "GPT2TokenizerFast.from_pretrained(DIR)"
			       ".save_vocabulary(DIR)",
			       dir);
	if (model_file_read(dir, VOCAB, vocab, err) ||
	    model_file_read(dir, MERGES, merges, err))
		return -1;
	return 0;
}

struct tokenizer *
tokenizer_open(const char *dir, struct err *err)
{
	struct tokenizer *tokenizer = NULL;
	struct buf vocab, merges;

	buf_init(&vocab, TOKENIZER_FILE_MAX);
	buf_init(&merges, TOKENIZER_FILE_MAX);
	if (tokenizer_read(dir, &vocab, &merges, err) == 0) {
		tokenizer = tokenizer_new(buf_str(&vocab), vocab.len,
					  buf_str(&merges), merges.len, err);
		if (!tokenizer)
			err_prefix(err, "%s", dir);
	}
	buf_release(&vocab);
	buf_release(&merges);
	return tokenizer;
}

void
tokenizer_free(struct tokenizer *tokenizer)
{
	if (!tokenizer)
		return;
	merges_release(&tokenizer->merges);
	free(tokenizer->pieces);
	free(tokenizer->bytes);
	free(tokenizer);
}

/* ---- What others ask */

int
tokenizer_size(const struct tokenizer *tokenizer)
{
	return tokenizer->size;
}

const char *
tokenizer_bytes(const struct tokenizer *tokenizer, int id, size_t *len_r)
{
	if (id < 0 || id >= tokenizer->size || !tokenizer->pieces[id].is_there)
		return NULL;
	*len_r = tokenizer->pieces[id].len;
	return tokenizer->bytes + tokenizer->pieces[id].offset;
}

int
tokenizer_end_of_text(const struct tokenizer *tokenizer)
{
	return tokenizer->end_of_text;
}

int
tokenizer_byte_id(const struct tokenizer *tokenizer, unsigned char byte)
{
	return tokenizer->byte_ids[byte];
}

const struct merges *
tokenizer_merges(const struct tokenizer *tokenizer)
{
	return &tokenizer->merges;
}
