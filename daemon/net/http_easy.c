/* Transfers of libcurl.  One thread at a time; the loop's, or for a mail one
 * of its own. */
#include "net/http_easy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/time.h"
#include "net/address.h"
#include "net/http_fetch.h"

#define DEFAULT_TIMEOUT_MS 30000
#define DEFAULT_MAX_BYTES ((size_t)1024 * 1024)
#define MAX_HEAD_BYTES ((size_t)64 * 1024)
#define QUIT_PATIENCE_US 1000000

/* ---- Call-backs of libcurl */

static size_t
on_answer(char *data, size_t size, size_t n, void *arg)
{
	struct http_easy *easy = arg;

	if (buf_add(&easy->answer, data, size * n) == 0)
		return size * n;
	easy->was_too_large = true;
	return 0;
}

static size_t
keep_head(struct http_easy *easy, const char *data, size_t len)
{
	if (buf_add(&easy->head, data, len) == 0)
		return len;
	easy->was_too_large = true;
	return 0;
}

/* A line of the head.  An interim answer's is of no interest. */
static size_t
on_head(char *data, size_t size, size_t n, void *arg)
{
	struct http_easy *easy = arg;

	if (size * n >= 5 && memcmp(data, "HTTP/", 5) == 0)
		buf_clear(&easy->head);
	return keep_head(easy, data, size * n);
}

/* A line of a mail server's reply: the last reply is kept, but for that to
 * QUIT, which says nothing of the mail. */
static size_t
on_reply(char *data, size_t size, size_t n, void *arg)
{
	struct http_easy *easy = arg;
	size_t len = size * n;

	bool is_of_quit = memcmp(data, "221", len < 3 ? len : 3) == 0 ||
			  (easy->accepted_us && easy->is_reply_over);
	if (len < 4 || is_of_quit)
		return len;
	if (easy->is_reply_over)
		buf_clear(&easy->head);
	easy->is_reply_over = data[3] != '-';
	if (easy->body_at > 0 && data[0] == '2')
		easy->accepted_us = time_mono_us();
	return keep_head(easy, data, len);
}

/* Called every second at least; not 0: stop.  libcurl minds its time limit
 * itself, but not when it says QUIT and waits for that to be answered. */
static int
on_progress(void *arg, curl_off_t down_total, curl_off_t down,
	    curl_off_t up_total, curl_off_t up)
{
	struct http_easy *easy = arg;
	int64_t over_us = easy->deadline_us;

	(void)down_total, (void)down, (void)up_total, (void)up;
	if (easy->accepted_us && easy->accepted_us < over_us)
		over_us = easy->accepted_us;
	return atomic_load(&easy->is_cancelled) ||
	       time_mono_us() > over_us + QUIT_PATIENCE_US;
}

static size_t
on_mail_text(char *out, size_t size, size_t n, void *arg)
{
	struct http_easy *easy = arg;
	size_t left = easy->body_len - easy->body_at, len = size * n;

	if (len > left)
		len = left;
	memcpy(out, easy->body + easy->body_at, len);
	easy->body_at += len;
	return len;
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_easy *easy = arg;

	(void)purpose;
	if (!easy->allow_private && address_is_private(&address->addr)) {
		easy->was_private = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
		      address->protocol);
}

/* ---- The handle */

/* Only an option that this libcurl does not know, or memory, can fail. */
#define SET(easy, option, value)                                   \
	do {                                                       \
		if (curl_easy_setopt((easy)->curl, option, value)) \
			mem_exhausted();                           \
	} while (0)

static void
set_security(struct http_easy *easy, const struct teller_fetch *fetch)
{
	SET(easy, CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps");
	SET(easy, CURLOPT_FOLLOWLOCATION, 0L);
	SET(easy, CURLOPT_PROXY, "");
	SET(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	SET(easy, CURLOPT_OPENSOCKETDATA, easy);
	if (fetch->ca_file)
		SET(easy, CURLOPT_CAINFO, fetch->ca_file);
	/* A connection to a private address is not for others, who may not
	 * have one. */
	if (fetch->allow_private)
		SET(easy, CURLOPT_FORBID_REUSE, 1L);
}

static void
set_limits(struct http_easy *easy, const struct teller_fetch *fetch)
{
	int64_t ms =
		fetch->timeout_ms > 0 ? fetch->timeout_ms : DEFAULT_TIMEOUT_MS;

	SET(easy, CURLOPT_NOSIGNAL, 1L);
	if (ms > INT32_MAX)
		ms = INT32_MAX;
	easy->deadline_us = time_mono_us() + ms * 1000;
	SET(easy, CURLOPT_TIMEOUT_MS, (long)ms);
	/* Who cancels must not wait for a name server. */
	SET(easy, CURLOPT_QUICK_EXIT, 1L);
	SET(easy, CURLOPT_ERRORBUFFER, easy->curl_words);
	SET(easy, CURLOPT_WRITEFUNCTION, on_answer);
	SET(easy, CURLOPT_WRITEDATA, easy);
	SET(easy, CURLOPT_HEADERFUNCTION, easy->is_mail ? on_reply : on_head);
	SET(easy, CURLOPT_HEADERDATA, easy);
}

static void
add_line(struct curl_slist **list, const char *text)
{
	struct curl_slist *longer = curl_slist_append(*list, text);

	if (!longer)
		mem_exhausted();
	*list = longer;
}

static void
add_header(struct http_easy *easy, const char *name, const char *value)
{
	char *line;

	/* libcurl writes a header without a value as "Name;". */
	int n = value[0] ? asprintf(&line, "%s: %s", name, value)
			 : asprintf(&line, "%s;", name);
	if (n < 0)
		mem_exhausted();
	add_line(&easy->headers, line);
	crypto_wipe(line, (size_t)n);
	free(line);
}

static void
set_method(struct http_easy *easy, const struct teller_fetch *fetch)
{
	bool has_body = fetch->body || fetch->body_len > 0;
	const char *method = fetch->method ? fetch->method
			     : has_body	   ? "POST"
					   : "GET";
	bool is_get = strcmp(method, "GET") == 0;
	bool is_head = strcmp(method, "HEAD") == 0;

	if (has_body || strcmp(method, "POST") == 0) {
		SET(easy, CURLOPT_POST, 1L);
		SET(easy, CURLOPT_POSTFIELDS, easy->body);
		SET(easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)easy->body_len);
	} else if (is_head) {
		SET(easy, CURLOPT_NOBODY, 1L);
	}
	if (!is_get || has_body)
		SET(easy, CURLOPT_CUSTOMREQUEST, method);
	/* libcurl sends a request again if a kept connection dies under it.
	 * What is not harmless to do twice goes over a new one. */
	if (!is_get && !is_head)
		SET(easy, CURLOPT_FRESH_CONNECT, 1L);
}

static void
set_http(struct http_easy *easy, const struct teller_fetch *fetch)
{
	bool has_type = false;

	set_method(easy, fetch);
	SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(easy, CURLOPT_USERAGENT, "tellerd/" PACKAGE_VERSION);
	for (size_t i = 0; i < fetch->n_headers; i++) {
		add_header(easy, fetch->headers[i].name,
			   fetch->headers[i].value);
		has_type |=
			strcasecmp(fetch->headers[i].name, "Content-Type") == 0;
	}
	/* Ours to say, or not: it would be that of a form. */
	if (!has_type)
		add_line(&easy->headers, "Content-Type:");
	/* Do not wait for "100 Continue". */
	add_line(&easy->headers, "Expect:");
	if (fetch->bearer) {
		char *value;
		int n = asprintf(&value, "Bearer %s", fetch->bearer);
		if (n < 0)
			mem_exhausted();
		add_header(easy, "Authorization", value);
		crypto_wipe(value, (size_t)n);
		free(value);
	}
	SET(easy, CURLOPT_HTTPHEADER, easy->headers);
}

static void
set_mail(struct http_easy *easy, const struct teller_fetch *fetch)
{
	for (size_t i = 0; i < fetch->n_mail_to; i++)
		add_line(&easy->recipients, fetch->mail_to[i]);
	SET(easy, CURLOPT_MAIL_FROM, fetch->mail_from);
	SET(easy, CURLOPT_MAIL_RCPT, easy->recipients);
	SET(easy, CURLOPT_UPLOAD, 1L);
	SET(easy, CURLOPT_READFUNCTION, on_mail_text);
	SET(easy, CURLOPT_READDATA, easy);
	SET(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(easy, CURLOPT_XFERINFODATA, easy);
	SET(easy, CURLOPT_NOPROGRESS, 0L);
	SET(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)easy->body_len);
	SET(easy, CURLOPT_FRESH_CONNECT, 1L);
	SET(easy, CURLOPT_FORBID_REUSE, 1L);
	if (fetch->starttls)
		SET(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	if (fetch->bearer)
		SET(easy, CURLOPT_XOAUTH2_BEARER, fetch->bearer);
}

int
http_easy_init(struct http_easy *easy, const struct teller_fetch *fetch,
	       struct err *err)
{
	size_t max = fetch->max_bytes ? fetch->max_bytes : DEFAULT_MAX_BYTES;

	*easy = (struct http_easy){.allow_private = fetch->allow_private};
	buf_init(&easy->answer, max);
	buf_init(&easy->head, MAX_HEAD_BYTES);
	if (http_fetch_check(fetch, &easy->place, &easy->is_mail, err) < 0)
		return -1;
	easy->body = mem_array(fetch->body_len + 1, 1);
	if (!easy->body)
		return err_set(err, "there is no memory for the request");
	if (fetch->body_len > 0)
		memcpy(easy->body, fetch->body, fetch->body_len);
	easy->body_len = fetch->body_len;
	easy->curl = curl_easy_init();
	if (!easy->curl)
		mem_exhausted();
	set_security(easy, fetch);
	set_limits(easy, fetch);
	SET(easy, CURLOPT_URL, fetch->url);
	if (fetch->user)
		SET(easy, CURLOPT_USERNAME, fetch->user);
	if (fetch->password)
		SET(easy, CURLOPT_PASSWORD, fetch->password);
	if (easy->is_mail)
		set_mail(easy, fetch);
	else
		set_http(easy, fetch);
	return 0;
}

CURLcode
http_easy_perform(struct http_easy *easy)
{
	int64_t left_ms = (easy->deadline_us - time_mono_us()) / 1000;

	if (atomic_load(&easy->is_cancelled))
		return CURLE_ABORTED_BY_CALLBACK;
	if (left_ms <= 0)
		return CURLE_OPERATION_TIMEDOUT;
	SET(easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
	return curl_easy_perform(easy->curl);
}

static void
list_release(struct curl_slist *list)
{
	for (struct curl_slist *line = list; line; line = line->next)
		crypto_wipe(line->data, strlen(line->data));
	curl_slist_free_all(list);
}

void
http_easy_release(struct http_easy *easy)
{
	if (easy->curl)
		curl_easy_cleanup(easy->curl);
	list_release(easy->headers);
	list_release(easy->recipients);
	if (easy->body)
		crypto_wipe(easy->body, easy->body_len);
	free(easy->body);
	free(easy->place);
	if (easy->answer.data)
		crypto_wipe(easy->answer.data, easy->answer.size);
	buf_release(&easy->answer);
	buf_release(&easy->head);
}
