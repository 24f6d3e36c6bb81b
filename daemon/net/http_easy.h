/* One transfer of libcurl: from struct teller_fetch to an easy handle, and
 * from its end to struct teller_fetched.  One thread at a time. */
#ifndef NET_HTTP_EASY_H
#define NET_HTTP_EASY_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tellerd/plugin.h>

#include "base/buf.h"

struct err;

#define HTTP_EASY_MAX_HEADERS 128

struct http_easy {
	CURL *curl;
	struct curl_slist *headers, *recipients;
	char *body;
	size_t body_len, body_at; /* body_at: a mail's part that was read */
	char *place;		  /* "https://host", for words */
	struct buf head, answer;
	struct teller_header fields[HTTP_EASY_MAX_HEADERS];
	char words[CURL_ERROR_SIZE + 300];
	char curl_words[CURL_ERROR_SIZE];
	int64_t deadline_us; /* CLOCK_MONOTONIC */
	/* A mail's: the last reply is whole, it came then. */
	bool is_reply_over;
	int64_t accepted_us;
	atomic_bool is_cancelled; /* set by any thread */
	bool is_mail, allow_private;
	bool was_private; /* an address was not connected to */
	bool was_too_large;
};

/* Check the request and prepare its handle.  0, or -1 and *err; either way
 * http_easy_release() follows. */
int http_easy_init(struct http_easy *, const struct teller_fetch *,
		   struct err *);
void http_easy_release(struct http_easy *);
/* Do it all now, in this thread. */
CURLcode http_easy_perform(struct http_easy *);
/* What came of it, borrowed from easy. */
void http_easy_result(struct http_easy *, CURLcode, struct teller_fetched *);

#endif
