#include "api.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "parse.h"
#include "split.h"
#include "token.h"

#define URL_SIZE 2048
#define DETAIL_MAX 60	 /* characters */
#define RETRY_AFTER_S 30 /* where Slack does not say */
#define RETRY_AFTER_MAX_S 3600
/* What is read, look.c's pages most of all: 20 messages of up to 40,000
 * characters, which stand in it twice, most of them as \uXXXX. */
#define PAGE_MAX (10 * 1024 * 1024)

/* ---- What an answer means */

/* What we do not know may be of a day: the host tries again. */
static enum api_result
result_of(const char *error)
{
	enum api_result result = API_LATER;
	error_find(error, &result);
	return result;
}

static const char *
get_header(const struct teller_fetched *fetched, const char *name)
{
	for (size_t i = 0; i < fetched->n_headers; i++)
		if (strcasecmp(fetched->headers[i].name, name) == 0)
			return fetched->headers[i].value;
	return NULL;
}

static int
retry_after(const struct teller_fetched *fetched)
{
	const char *value = get_header(fetched, "Retry-After");
	char *end = NULL;
	long seconds = value ? strtol(value, &end, 10) : -1;
	if (end == value || *end || seconds < 0)
		return RETRY_AFTER_S;
	if (seconds < 1)
		return 1; /* not at once */
	return seconds < RETRY_AFTER_MAX_S ? (int)seconds : RETRY_AFTER_MAX_S;
}

/* What of the call it means, as far as Slack says so. */
static const char *
get_detail(const json_t *body)
{
	const json_t *metadata = json_object_get(body, "response_metadata");
	const char *first = json_string_value(
		json_array_get(json_object_get(metadata, "messages"), 0));
	return first ? first : "";
}

/* With the number by which Slack's people find the call. */
static void
read_error(struct api_answer *answer, const struct teller_fetched *fetched,
	   const json_t *body)
{
	const char *error = json_string_value(json_object_get(body, "error"));
	const char *needed = json_string_value(json_object_get(body, "needed"));
	const char *id = get_header(fetched, "X-Slack-Req-Id");
	const char *detail = get_detail(body);
	snprintf(answer->error, sizeof(answer->error), "%s",
		 error ? error : "");
	answer->result = error ? result_of(error) : API_UNKNOWN;
	snprintf(answer->words, sizeof(answer->words),
		 "Slack says %.50s%s%.40s%s%.*s%s%.36s",
		 error ? error : "neither ok nor why not",
		 needed ? ", it needs " : "", needed ? needed : "",
		 *detail ? ": " : "", (int)split_fit(detail, DETAIL_MAX),
		 detail, id ? ", request " : "", id ? id : "");
}

/* HTTP is 200 whatever Slack thinks of the call. */
static void
read_body(struct api_answer *answer, const struct teller_fetched *fetched)
{
	json_t *body = slack_parse(fetched->body, fetched->body_len);
	if (json_is_true(json_object_get(body, "ok"))) {
		answer->result = API_OK;
		answer->body = body;
		return;
	}
	if (json_is_object(body)) {
		read_error(answer, fetched, body);
	} else {
		answer->result = API_UNKNOWN;
		snprintf(answer->words, sizeof(answer->words),
			 "Slack's answer is no JSON");
	}
	json_decref(body);
}

void
api_read(struct api_answer *answer, const struct teller_fetched *fetched)
{
	int status = fetched->status;
	*answer = (struct api_answer){
		.result = API_LATER,
		.scopes = get_header(fetched, "X-OAuth-Scopes"),
	};
	if (status >= 200 && status < 300) {
		read_body(answer, fetched);
	} else if (status == 429) {
		answer->result = API_HELD;
	} else if (status >= 500 || (!status && fetched->maybe_sent)) {
		answer->result = API_UNKNOWN;
	}
	if (answer->result == API_HELD)
		answer->retry_after_s = retry_after(fetched);
	if (!status)
		snprintf(answer->words, sizeof(answer->words), "%s",
			 fetched->words);
	else if (!*answer->words)
		snprintf(answer->words, sizeof(answer->words),
			 "Slack answered %d", status);
}

/* What is posted to a hook is answered "ok", or why not: errors of its own, all
 * of which say that it takes nothing any more, or those of blocks. */
static void
read_hook(struct api_answer *answer, const struct teller_fetched *fetched)
{
	json_t *body = json_loadb(fetched->body, fetched->body_len, 0, NULL);
	bool is_answered = fetched->status >= 200 && fetched->status < 500 &&
			   fetched->status != 429;
	api_read(answer, fetched);
	api_release(answer);
	if (is_answered && json_is_false(json_object_get(body, "ok")) &&
	    answer->result != API_WRONG)
		answer->result = API_GONE;
	else if (is_answered && fetched->status >= 300)
		answer->result = API_GONE;
	else if (is_answered && answer->result != API_WRONG)
		answer->result = API_OK;
	json_decref(body);
}

void
api_release(struct api_answer *answer)
{
	json_decref(answer->body);
	answer->body = NULL;
}

/* ---- Calls */

struct call {
	struct slack *slack;
	const struct workspace *workspace; /* whose token it has, or NULL */
	unsigned int n_tokens; /* of the workspace's, at that time */
	bool is_hook;
	struct call *next, **link;
	api_fn *fn;
	void *arg;
};

static struct call *
call_new(struct slack *slack, api_fn *fn, void *arg)
{
	struct call *call = calloc(1, sizeof(*call));
	if (!call)
		return NULL;
	*call = (struct call){.slack = slack,
			      .next = slack->calls,
			      .link = &slack->calls,
			      .fn = fn,
			      .arg = arg};
	if (call->next)
		call->next->link = &call->next;
	slack->calls = call;
	return call;
}

static void
call_free(struct call *call)
{
	*call->link = call->next;
	if (call->next)
		call->next->link = call->link;
	free(call);
}

/* Was that token replaced while the call was under way? */
static bool
is_of_old_token(const struct call *call)
{
	return call->workspace && call->n_tokens != call->workspace->n_tokens;
}

static void
on_fetched(void *arg, const struct teller_fetched *fetched)
{
	struct call *call = arg;
	struct slack *slack = call->slack;
	api_fn *fn = call->fn;
	void *fn_arg = call->arg;
	struct api_answer answer;
	if (call->is_hook)
		read_hook(&answer, fetched);
	else
		api_read(&answer, fetched);
	if (answer.result == API_DEAD && is_of_old_token(call))
		answer.result = API_HELD; /* and repeated at once */
	call_free(call);
	fn(fn_arg, &answer);
	api_release(&answer);
	slack_settle(slack);
}

static const struct teller_header json_header = {
	"Content-Type", "application/json; charset=utf-8"};

/* The rest of a fetch that has verb, headers, body and who asks.  If it is not
 * under way, the call is freed. */
static int
fetch_from(const char *url, struct teller_fetch *fetch, struct call *call)
{
	const struct slack *slack = call->slack;
	fetch->size = sizeof(*fetch);
	fetch->url = url;
	fetch->body_len = fetch->body ? strlen(fetch->body) : 0;
	fetch->ca_file = *slack->ca_file ? slack->ca_file : NULL;
	fetch->timeout_ms = slack->timeout_ms;
	if (!fetch->body)
		fetch->max_bytes = PAGE_MAX;
	fetch->allow_private = slack->is_private;
	if (slack->services->fetch(slack->host, fetch, on_fetched, call) == 0)
		return 0;
	call_free(call);
	return -1;
}

static int
begin(struct slack *slack, const struct workspace *workspace,
      struct teller_fetch *fetch, const char *method, api_fn *fn, void *arg)
{
	char url[URL_SIZE];
	int n = snprintf(url, sizeof(url), "%s/%s", slack->api_base, method);
	if (n < 0 || (size_t)n >= sizeof(url))
		return -1;
	struct call *call = call_new(slack, fn, arg);
	if (!call)
		return -1;
	call->workspace = workspace;
	call->n_tokens = workspace ? workspace->n_tokens : 0;
	return fetch_from(url, fetch, call);
}

void
api_add_escaped(char *url, size_t size, const char *text)
{
	size_t n = strlen(url);
	for (; *text && n + 4 < size; text++) {
		unsigned char c = (unsigned char)*text;
		bool is_plain = isalnum(c) || strchr("-._~", c);
		n += (size_t)snprintf(url + n, size - n,
				      is_plain ? "%c" : "%%%02X", c);
	}
}

static int
call_by(struct slack *slack, const struct workspace *workspace,
	const char *token, const char *method, const char *body, api_fn *fn,
	void *arg)
{
	struct teller_fetch fetch = {
		.method = body ? "POST" : "GET",
		.headers = &json_header,
		.n_headers = body ? 1 : 0,
		.body = body,
		.bearer = token,
	};
	return begin(slack, workspace, &fetch, method, fn, arg);
}

int
api_call_by(struct slack *slack, const char *token, const char *method,
	    const char *body, api_fn *fn, void *arg)
{
	return call_by(slack, NULL, token, method, body, fn, arg);
}

int
api_call(struct workspace *workspace, const char *method, const char *body,
	 api_fn *fn, void *arg)
{
	struct token token;
	bool has_token = token_read(workspace, &token);
	int rc = has_token ? call_by(workspace->slack, workspace, token.access,
				     method, body, fn, arg)
			   : -1;
	token_wipe(&token);
	return rc;
}

int
api_call_as_app(struct slack *slack, const char *method, api_fn *fn, void *arg)
{
	size_t len;
	struct teller_fetch fetch = {
		.method = "POST",
		.bearer = slack->services->secret_get(slack->host, "app_token",
						      &len),
	};
	return fetch.bearer ? begin(slack, NULL, &fetch, method, fn, arg) : -1;
}

int
api_call_oauth(struct slack *slack, const char *form, api_fn *fn, void *arg)
{
	const struct teller_header type = {"Content-Type",
					   "application/x-www-form-urlencoded"};
	size_t len;
	struct teller_fetch fetch = {
		.method = "POST",
		.headers = &type,
		.n_headers = 1,
		.body = form,
		.user = slack->client_id,
		.password = slack->services->secret_get(slack->host,
							"client_secret", &len),
	};
	if (!*slack->client_id || !fetch.password || !*fetch.password)
		return -1;
	return begin(slack, NULL, &fetch, "oauth.v2.access", fn, arg);
}

int
api_call_hook(struct slack *slack, const char *url, const char *body,
	      api_fn *fn, void *arg)
{
	struct teller_fetch fetch = {
		.method = "POST",
		.headers = &json_header,
		.n_headers = 1,
		.body = body,
	};
	struct call *call = call_new(slack, fn, arg);
	if (!call)
		return -1;
	call->is_hook = true;
	return fetch_from(url, &fetch, call);
}

void
api_drop_calls(struct slack *slack)
{
	while (slack->calls)
		call_free(slack->calls);
}
