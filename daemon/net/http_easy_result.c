/* What came of a transfer.  One thread at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/http_easy.h"

/* Cut the head into its fields. */
static size_t
split_head(struct http_easy *easy)
{
	char *rest = easy->head.data;
	size_t n = 0;

	while (rest && n < HTTP_EASY_MAX_HEADERS) {
		char *line = strsep(&rest, "\n");
		line[strcspn(line, "\r")] = '\0';
		char *value = strchr(line, ':');
		if (!value)
			continue;
		*value++ = '\0';
		value += strspn(value, " \t");
		easy->fields[n++] = (struct teller_header){line, value};
	}
	return n;
}

static const char *
explain(struct http_easy *easy, CURLcode code)
{
	const char *words = easy->curl_words[0] ? easy->curl_words
						: curl_easy_strerror(code);

	if (easy->was_private)
		words = "it has no public address, and private ones are not "
			"allowed";
	else if (easy->was_too_large)
		words = "the answer is too large";
	snprintf(easy->words, sizeof easy->words, "%.250s: %s", easy->place,
		 words);
	return easy->words;
}

/* Of a mail, an answer is a reply that says no, or yes to its text. */
static void
set_mail_result(struct http_easy *easy, CURLcode code,
		struct teller_fetched *fetched)
{
	long status = strtol(buf_str(&easy->head), NULL, 10);
	bool is_refused = status >= 400 && status <= 599;

	fetched->maybe_sent = !is_refused && easy->body_at > 0;
	if (code && !is_refused)
		return;
	fetched->status = (int)status;
	fetched->body = buf_str(&easy->head);
	fetched->body_len = easy->head.len;
}

static void
set_http_result(struct http_easy *easy, CURLcode code,
		struct teller_fetched *fetched)
{
	long request_bytes = 0, status = 0;

	curl_easy_getinfo(easy->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(easy->curl, CURLINFO_REQUEST_SIZE, &request_bytes);
	fetched->maybe_sent = request_bytes > 0;
	if (code)
		return;
	fetched->status = (int)status;
	fetched->n_headers = split_head(easy);
	fetched->headers = easy->fields;
	fetched->body = buf_str(&easy->answer);
	fetched->body_len = easy->answer.len;
}

void
http_easy_result(struct http_easy *easy, CURLcode code,
		 struct teller_fetched *fetched)
{
	*fetched = (struct teller_fetched){.size = sizeof *fetched};
	if (easy->is_mail)
		set_mail_result(easy, code, fetched);
	else
		set_http_result(easy, code, fetched);
	if (!fetched->status)
		fetched->words = explain(easy, code);
}
