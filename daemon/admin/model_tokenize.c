/* Text to tokens and back, for scripts: what goes in is taken as it stands, and
 * what comes out is for a program to read. */
#include <stdlib.h>
#include <string.h>

#include "admin/model_verbs.h"
#include "admin/spool.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"
#include "model/encoder.h"
#include "model/load.h"
#include "model/tokenizer.h"

/* One text, or one document. */
#define TEXT_MAX ((size_t)64 << 20)

struct tokenizing {
	const struct tokenizer *tokenizer;
	struct encoder *encoder;
	struct token_list ids; /* of one text */
	struct spool spool;
	int64_t texts, tokens;
};

/* ---- Tokens out */

static int
write_ids(struct tokenizing *work, struct err *err)
{
	struct buf out;

	/* A number has seven digits at most, and a comma. */
	buf_init(&out, 8 * work->ids.n + 32);
	buf_adds(&out, "{\"ids\":[");
	for (size_t i = 0; i < work->ids.n; i++)
		buf_addf(&out, "%s%d", i ? "," : "", work->ids.ids[i]);
	buf_adds(&out, "]}\n");
	int rc = out.failed ? err_set(err, "there is no memory for the tokens")
			    : spool_bytes(&work->spool, out.data, out.len, err);
	buf_release(&out);
	work->tokens += (int64_t)work->ids.n;
	return rc;
}

static int
encode(struct tokenizing *work, const char *text, size_t len, struct err *err)
{
	work->ids.n = 0;
	if (len > TEXT_MAX)
		return err_set(err, "the text has more than %zu bytes",
			       TEXT_MAX);
	if (encoder_encode(work->encoder, text, len, &work->ids, err))
		return -1;
	return write_ids(work, err);
}

/* A JSON string; one may hold NUL, as any text may. */
static int
encode_line(struct tokenizing *work, const char *line, size_t len,
	    struct err *err)
{
	json_t *text =
		len > TEXT_MAX
			? NULL
			: json_loadb(line, len,
				     JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	int rc = json_is_string(text) ? encode(work, json_string_value(text),
					       json_string_length(text), err)
				      : err_set(err, "it is no JSON string");
	json_decref(text);
	return rc;
}

/* ---- Tokens in */

static int
add_token(struct tokenizing *work, const json_t *id, struct buf *out,
	  struct err *err)
{
	json_int_t number = json_integer_value(id);
	size_t len;

	if (!json_is_integer(id))
		return err_set(err, "an id is no whole number");
	const char *bytes =
		number >= 0 && number < tokenizer_size(work->tokenizer)
			? tokenizer_bytes(work->tokenizer, (int)number, &len)
			: NULL;
	if (!bytes)
		return err_set(err, "there is no token %" JSON_INTEGER_FORMAT,
			       number);
	work->tokens++;
	return buf_add(out, bytes, len)
		       ? err_set(err, "the text has more than %zu bytes",
				 out->max)
		       : 0;
}

/* The bytes of {"ids": [...]}. */
static int
decode(struct tokenizing *work, const char *text, size_t len, struct buf *out,
       struct err *err)
{
	if (len > TEXT_MAX)
		return err_set(err, "the document has more than %zu bytes",
			       TEXT_MAX);
	json_t *document = json_read(text, len, 2, err);
	const json_t *ids = json_object_get(document, "ids"), *id;
	size_t i;
	int rc = 0;

	if (!document)
		rc = -1;
	else if (!json_is_array(ids))
		rc = err_set(err, "there is no array \"ids\" in it");
	json_array_foreach (ids, i, id) {
		if (rc || (rc = add_token(work, id, out, err)))
			break;
	}
	json_decref(document);
	return rc;
}

static int
decode_all(struct tokenizing *work, const char *text, size_t len,
	   struct err *err)
{
	struct buf out;

	buf_init(&out, 16 * TEXT_MAX);
	int rc = decode(work, text, len, &out, err);
	if (!rc)
		rc = spool_bytes(&work->spool, buf_str(&out), out.len, err);
	buf_release(&out);
	return rc;
}

/* As a JSON string, in which there is no place for broken characters. */
static int
decode_line(struct tokenizing *work, const char *line, size_t len,
	    struct err *err)
{
	struct buf out, mended;

	buf_init(&out, TEXT_MAX);
	buf_init(&mended, 3 * TEXT_MAX);
	int rc = decode(work, line, len, &out, err);
	if (!rc && utf8_mend(&mended, buf_str(&out), out.len) < out.len)
		buf_adds(&mended, "\uFFFD");
	json_t *text = rc ? NULL : json_stringn(buf_str(&mended), mended.len);
	if (!rc && (mended.failed || !text))
		rc = err_set(err, "there is no memory for the text");
	if (!rc)
		rc = spool_json_line(&work->spool, text, err);
	json_decref(text);
	buf_release(&out);
	buf_release(&mended);
	return rc;
}

/* ---- All of it */

typedef int (*text_fn)(struct tokenizing *, const char *, size_t, struct err *);

static int
each_line(struct tokenizing *work, const char *text, size_t len, text_fn take,
	  struct err *err)
{
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) : len;
		work->texts++;
		if (take(work, text, line, err))
			return err_prefix(err, "line %lld",
					  (long long)work->texts);
		line += end != NULL;
		text += line;
		len -= line;
	}
	return 0;
}

static int
tokenize(struct admin_call *call, struct tokenizing *work, struct err *err)
{
	const char *text = call->input_len ? call->input : "";
	bool is_back = admin_flag(call, "decode");
	int rc;

	if (admin_flag(call, "lines"))
		return each_line(work, text, call->input_len,
				 is_back ? decode_line : encode_line, err);
	work->texts = 1;
	rc = is_back ? decode_all(work, text, call->input_len, err)
		     : encode(work, text, call->input_len, err);
	return rc;
}

int
model_tokenize(struct admin_call *call, struct err *err)
{
	struct tokenizer *tokenizer =
		model_load_tokenizer(admin_text(call, "model"), err);
	if (!tokenizer)
		return -1;
	struct tokenizing work = {
		.tokenizer = tokenizer,
		.encoder = encoder_new(tokenizer),
		.ids = {.max = 3 * TEXT_MAX},
	};
	int rc = spool_open(&work.spool, NULL, err);
	if (!rc)
		rc = tokenize(call, &work, err);
	if (!rc)
		rc = spool_finish(&work.spool, &call->output, &call->output_len,
				  err);
	spool_release(&work.spool);
	token_list_release(&work.ids);
	encoder_free(work.encoder);
	tokenizer_free(tokenizer);
	if (rc)
		return -1;
	call->result = json_object();
	json_set_int(call->result, "texts", work.texts);
	json_set_int(call->result, "tokens", work.tokens);
	return 0;
}

void
model_print_tokenize(const json_t *result, FILE *out)
{
	fprintf(out, "%lld tokens\n",
		(long long)json_get_int(result, "tokens", 0));
}

const struct admin_argument model_tokenize_arguments[] = {
	{"--model", ADMIN_TEXT, true, "DIR",
	 "one with vocab.json and merges.txt, or converted"},
	{"--decode", ADMIN_FLAG, false, NULL,
	 "from {\"ids\": [...]} to the bytes of the text"},
	{"--lines", ADMIN_FLAG, false, NULL,
	 "each line is a text of its own, as a JSON string"},
	{"FILE", ADMIN_INPUT, false, NULL, "what to read; else stdin"},
	{"--output", ADMIN_OUTPUT, false, "FILE", "where to; else to stdout"},
	{0},
};
