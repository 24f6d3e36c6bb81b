/* Fetches what its arguments say and prints what came of it, for
 * tests/run/http_fetch.py.  An argument is NAME=VALUE; "next" begins another
 * request, which starts when the one before is over, "and" one that starts with
 * it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/http_client.h"
#include "net/loop.h"

#define MAX_REQUESTS 16
#define MAX_PARTS 16

static struct loop *loop;
static struct http_client *client;

static struct request {
	struct teller_fetch fetch;
	struct teller_header headers[MAX_PARTS];
	const char *mail_to[MAX_PARTS];
	bool is_together; /* with the one before */
	long cancel_ms;
	struct timer *timer;
	struct http_transfer *transfer;
} requests[MAX_REQUESTS];
static int n_requests, n_started, n_running;

static void start_next(void);

static void
print_words(const char *name, const char *text, size_t len)
{
	printf("%s ", name);
	for (size_t i = 0; i < len; i++) {
		if (text[i] >= ' ' && text[i] < 0x7F && text[i] != '\\')
			putchar(text[i]);
		else
			printf("\\x%02x", (unsigned char)text[i]);
	}
	printf("\n");
}

static void
end_request(void)
{
	printf("end\n");
	n_running--;
	start_next();
}

static void
on_fetched(void *arg, const struct teller_fetched *fetched)
{
	struct request *request = arg;

	/* It does nothing: the transfer is ending. */
	http_transfer_cancel(request->transfer);
	request->transfer = NULL;
	printf("request %td\nstatus %d\nmaybe_sent %d\n", request - requests,
	       fetched->status, fetched->maybe_sent);
	if (fetched->words)
		printf("words %s\n", fetched->words);
	for (size_t i = 0; i < fetched->n_headers; i++)
		printf("header %s: %s\n", fetched->headers[i].name,
		       fetched->headers[i].value);
	printf("body_len %zu\n", fetched->body_len);
	print_words("body", fetched->body,
		    fetched->body_len < 2000 ? fetched->body_len : 2000);
	end_request();
}

static void
on_cancel(void *arg)
{
	struct request *request = arg;

	if (!request->transfer)
		return;
	http_transfer_cancel(request->transfer);
	request->transfer = NULL;
	printf("request %td\ncancelled 1\n", request - requests);
	end_request();
}

static void
start(struct request *request)
{
	struct err err;

	n_running++;
	request->transfer = http_client_fetch(client, &request->fetch,
					      on_fetched, request, &err);
	if (!request->transfer) {
		printf("request %td\nrefused %s\n", request - requests,
		       err.text);
		end_request();
		return;
	}
	request->timer = timer_new(loop, on_cancel, request);
	if (request->cancel_ms >= 0)
		timer_set(request->timer, request->cancel_ms);
}

static void
start_next(void)
{
	if (n_running > 0)
		return;
	if (n_started == n_requests) {
		loop_stop(loop);
		return;
	}
	int first = n_started;
	while (n_started < n_requests &&
	       (n_started == first || requests[n_started].is_together))
		n_started++;
	for (int i = first; i < n_started; i++)
		start(&requests[i]);
}

static bool
set_text(struct request *request, const char *name, const char *value)
{
	struct teller_fetch *fetch = &request->fetch;
	const struct {
		const char *name, **text;
	} rows[] = {
		{"method", &fetch->method},   {"url", &fetch->url},
		{"user", &fetch->user},	      {"password", &fetch->password},
		{"bearer", &fetch->bearer},   {"mail_from", &fetch->mail_from},
		{"ca_file", &fetch->ca_file},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(rows[i].name, name) == 0) {
			*rows[i].text = value;
			return true;
		}
	}
	return false;
}

static void
add_header(struct request *request, char *text)
{
	const char *name = strsep(&text, ":");

	request->headers[request->fetch.n_headers++] =
		(struct teller_header){name, text ? text : ""};
}

static void
set_option(struct request *request, const char *name, char *value)
{
	struct teller_fetch *fetch = &request->fetch;

	if (set_text(request, name, value))
		return;
	if (strcmp(name, "header") == 0) {
		add_header(request, value);
	} else if (strcmp(name, "mail_to") == 0) {
		request->mail_to[fetch->n_mail_to++] = value;
	} else if (strcmp(name, "body") == 0) {
		fetch->body = value;
		fetch->body_len = strlen(value);
	} else if (strcmp(name, "timeout_ms") == 0) {
		fetch->timeout_ms = strtol(value, NULL, 10);
	} else if (strcmp(name, "max_bytes") == 0) {
		fetch->max_bytes = strtoul(value, NULL, 10);
	} else if (strcmp(name, "cancel_ms") == 0) {
		request->cancel_ms = strtol(value, NULL, 10);
	} else if (strcmp(name, "public") == 0) {
		fetch->allow_private = false;
	} else if (strcmp(name, "starttls") == 0) {
		fetch->starttls = true;
	} else {
		fprintf(stderr, "no option '%s'\n", name);
		exit(2);
	}
}

static struct request *
add_request(bool is_together)
{
	struct request *request = &requests[n_requests++];

	request->fetch.size = sizeof request->fetch;
	request->fetch.headers = request->headers;
	request->fetch.mail_to = request->mail_to;
	request->fetch.allow_private = true;
	request->cancel_ms = -1;
	request->is_together = is_together;
	return request;
}

int
main(int argc, char **argv)
{
	struct request *request = add_request(false);

	for (int i = 1; i < argc; i++) {
		char *value = argv[i];
		const char *name = strsep(&value, "=");
		if (value)
			set_option(request, name, value);
		else
			request = add_request(strcmp(name, "and") == 0);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	loop = loop_new(NULL);
	client = http_client_new(loop, NULL);
	start_next();
	loop_run(loop);
	for (int i = 0; i < n_requests; i++)
		timer_free(requests[i].timer);
	http_client_free(client);
	loop_free(loop);
	return 0;
}
