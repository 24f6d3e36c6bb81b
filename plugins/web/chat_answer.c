#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat.h"

/* A chunk has some 200 bytes beside its words: with as few words as a token
 * has, a long reply would not fit into what may wait for a slow reader. */
#define PIECE_MIN 40
#define PIECE_MAX 200

/* There is no tokenizer where no generator is: words are counted. */
size_t
chat_count_words(const char *text)
{
	static const char blank[] = " \t\r\n";
	size_t n = 0;
	for (text += strspn(text, blank); *text; n++) {
		text += strcspn(text, blank);
		text += strspn(text, blank);
	}
	return n;
}

static json_t *
usage_json(const struct chat_answer *answer, const char *content)
{
	json_int_t prompt = (json_int_t)answer->prompt_words;
	json_int_t completion = (json_int_t)chat_count_words(content);
	return json_pack("{s:I,s:I,s:I}", "prompt_tokens", prompt,
			 "completion_tokens", completion, "total_tokens",
			 prompt + completion);
}

/* What all documents of an answer begin with; choices is taken. */
static json_t *
head_json(const struct chat_answer *answer, const char *object, json_t *choices)
{
	return json_pack("{s:s,s:s,s:I,s:s,s:o}", "id", answer->id, "object",
			 object, "created", (json_int_t)answer->created_s,
			 "model", CHAT_MODEL, "choices", choices);
}

static void
add_name(const struct chat_answer *answer, json_t *document)
{
	json_object_set_new(
		document, "metadata",
		json_pack("{s:s}", "conversation_id", answer->name));
}

void
chat_answer_whole(const struct chat_answer *answer,
		  struct teller_request *request, const char *content)
{
	json_t *document = head_json(
		answer, "chat.completion",
		json_pack("[{s:i,s:{s:s,s:s,s:n},s:n,s:s}]", "index", 0,
			  "message", "role", "assistant", "content", content,
			  "refusal", "logprobs", "finish_reason", "stop"));
	json_object_set_new(document, "usage", usage_json(answer, content));
	add_name(answer, document);
	web_answer(answer->web, request, 200, document, NULL, 0);
}

/* ---- Streams */

/* The document is decref'ed.  -1: the stream is cut, or there is no memory. */
static int
write_data(const struct web *web, struct teller_stream *stream,
	   json_t *document)
{
	char *data = web_json_text(document), *text = NULL;
	int len = data ? asprintf(&text, "data: %s\n\n", data) : -1;
	int rc = -1;
	free(data);
	if (len > 0) {
		rc = web->services->stream_write(stream, text, (size_t)len);
		free(text);
	}
	return rc;
}

/* delta is taken; finish NULL: it goes on. */
static json_t *
chunk_json(const struct chat_answer *answer, json_t *delta, const char *finish)
{
	json_t *document = head_json(answer, "chat.completion.chunk",
				     json_pack("[{s:i,s:o,s:n,s:s?}]", "index",
					       0, "delta", delta, "logprobs",
					       "finish_reason", finish));
	if (answer->has_usage)
		json_object_set_new(document, "usage", json_null());
	return document;
}

int
chat_stream_role(const struct chat_answer *answer, struct teller_stream *stream)
{
	json_t *document = chunk_json(
		answer,
		json_pack("{s:s,s:s}", "role", "assistant", "content", ""),
		NULL);
	add_name(answer, document);
	return write_data(answer->web, stream, document);
}

/* Up to behind a blank, or at least not within a character, which has three
 * bytes at most behind its first one. */
static size_t
piece_length(const char *text)
{
	size_t len = strnlen(text, PIECE_MAX);
	for (size_t i = PIECE_MIN; i < len; i++)
		if (text[i - 1] == ' ' || text[i - 1] == '\n')
			return i;
	for (int i = 0; i < 3 && ((unsigned char)text[len] & 0xc0) == 0x80; i++)
		len--;
	return len;
}

static int
write_content(const struct chat_answer *answer, struct teller_stream *stream,
	      const char *content)
{
	while (*content) {
		size_t n = piece_length(content);
		json_t *delta = json_pack("{s:s%}", "content", content, n);
		if (write_data(answer->web, stream,
			       chunk_json(answer, delta, NULL)))
			return -1;
		content += n;
	}
	return 0;
}

static int
write_usage(const struct chat_answer *answer, struct teller_stream *stream,
	    const char *content)
{
	if (!answer->has_usage)
		return 0;
	json_t *document =
		head_json(answer, "chat.completion.chunk", json_array());
	json_object_set_new(document, "usage", usage_json(answer, content));
	return write_data(answer->web, stream, document);
}

int
chat_stream_reply(const struct chat_answer *answer,
		  struct teller_stream *stream, const char *content)
{
	static const char done[] = "data: [DONE]\n\n";
	if (write_content(answer, stream, content) ||
	    write_data(answer->web, stream,
		       chunk_json(answer, json_object(), "stop")) ||
	    write_usage(answer, stream, content))
		return -1;
	return answer->web->services->stream_write(stream, done, strlen(done));
}

/* ---- Errors */

static const char *
error_type(int status)
{
	return status >= 500   ? "server_error"
	       : status == 429 ? "rate_limit_error"
			       : "invalid_request_error";
}

static json_t *
error_json(const struct web_refusal *refusal)
{
	const char *param = *refusal->param ? refusal->param : NULL;
	return json_pack("{s:{s:s,s:s,s:s?,s:s}}", "error", "message",
			 refusal->detail, "type", error_type(refusal->status),
			 "param", param, "code", refusal->code);
}

void
chat_answer_error(const struct web *web, struct teller_request *request,
		  const struct web_refusal *refusal)
{
	char seconds[16];
	struct teller_header headers[2];
	size_t n = 0;
	if (refusal->retry_after_s > 0) {
		snprintf(seconds, sizeof(seconds), "%d",
			 refusal->retry_after_s);
		headers[n++] = (struct teller_header){"Retry-After", seconds};
	} else {
		/* Who repeats a question that is stored asks it twice. */
		headers[n++] =
			(struct teller_header){"X-Should-Retry", "false"};
	}
	if (refusal->status == 401)
		headers[n++] =
			(struct teller_header){"WWW-Authenticate", "Bearer"};
	web_answer(web, request, refusal->status, error_json(refusal), headers,
		   n);
}

void
chat_stream_error(const struct web *web, struct teller_stream *stream,
		  const struct web_refusal *refusal)
{
	write_data(web, stream, error_json(refusal));
}
