/* The routes that Slack posts to.  Nothing is looked at that is not signed, but
 * for one thing: whether a probe of our certificate is nothing else. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "form.h"
#include "parse.h"
#include "signature.h"
#include "slack.h"

#define BODY_MAX (1024 * 1024)
#define CHALLENGE_MAX 1000

static void
answer(const struct slack *slack, struct teller_request *request, int status,
       const char *media_type, const char *body)
{
	slack->services->answer(request, status, media_type, NULL, 0, body,
				strlen(body));
}

static void
answer_ok(const struct slack *slack, struct teller_request *request)
{
	answer(slack, request, 200, "text/plain; charset=utf-8", "");
}

static void
answer_bad(const struct slack *slack, struct teller_request *request)
{
	slack_count(slack, "malformed");
	answer(slack, request, 400, "application/json",
	       "{\"error\":\"malformed\"}");
}

static bool
is_form(const struct slack *slack, struct teller_request *request)
{
	static const char form[] = "application/x-www-form-urlencoded";
	const char *type =
		slack->services->http_header(request, "Content-Type");
	return type && strncasecmp(type, form, strlen(form)) == 0;
}

/* Not signed, and answered with nothing: so it must ask for nothing. */
static bool
is_probe(const char *body, size_t len)
{
	return form_has(body, len, "ssl_check") &&
	       !form_has(body, len, "payload") &&
	       !form_has(body, len, "command");
}

static bool
is_signed(const struct slack *slack, struct teller_request *request,
	  const char *body, size_t len)
{
	const struct teller_services *s = slack->services;
	size_t secrets_len;
	const char *secrets =
		s->secret_get(slack->host, "signing_secret", &secrets_len);
	return secrets &&
	       signature_is_good(
		       secrets, secrets_len,
		       s->http_header(request, "X-Slack-Request-Timestamp"),
		       s->http_header(request, "X-Slack-Signature"), body, len,
		       s->now_us(slack->host) / US_PER_S);
}

static void
answer_challenge(const struct slack *slack, struct teller_request *request,
		 const json_t *document)
{
	const char *challenge = event_text(document, "challenge");
	if (challenge && strlen(challenge) <= CHALLENGE_MAX)
		answer(slack, request, 200, "text/plain; charset=utf-8",
		       challenge);
	else
		answer_bad(slack, request);
}

static void
take_document(struct slack *slack, struct teller_request *request,
	      json_t *document)
{
	const char *type = event_text(document, "type");
	if (!type) {
		answer_bad(slack, request);
	} else if (strcmp(type, "event_callback") == 0) {
		take_event(slack, &(struct origin){.request = request},
			   document);
	} else if (strcmp(type, "url_verification") == 0) {
		answer_challenge(slack, request, document);
	} else {
		if (strcmp(type, "app_rate_limited") == 0)
			slack_log(slack, TELLER_LOG_WARN,
				  "Slack holds back events: there are more "
				  "than it delivers in an hour");
		slack_count(slack, "ignored_other");
		answer_ok(slack, request);
	}
}

static void
take_json(struct slack *slack, struct teller_request *request, const char *body,
	  size_t len,
	  void (*take)(struct slack *, struct teller_request *, json_t *))
{
	json_t *document = slack_parse(body, len);
	if (json_is_object(document))
		take(slack, request, document);
	else
		answer_bad(slack, request);
	json_decref(document);
}

static void
take_payload(struct slack *slack, struct teller_request *request,
	     json_t *document)
{
	take_action(slack, &(struct origin){.request = request}, document);
}

/* The fields of a command, as Socket Mode has them. */
static json_t *
read_fields(const char *body, size_t len)
{
	static const char *const names[] = {
		"command",	 "team_id",
		"enterprise_id", "is_enterprise_install",
		"user_id",	 "user_name",
		"text",		 "trigger_id",
		"response_url"};
	json_t *fields = json_object();
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t value_len;
		char *value = form_get(body, len, names[i], &value_len);
		if (value)
			json_object_set_new(fields, names[i],
					    json_string(value));
		free(value);
	}
	return fields;
}

static void
take_fields(struct slack *slack, struct teller_request *request,
	    const char *body, size_t len)
{
	json_t *fields = read_fields(body, len);
	take_command(slack, &(struct origin){.request = request}, fields);
	json_decref(fields);
}

static void
take_form(struct slack *slack, struct teller_request *request, const char *body,
	  size_t len)
{
	size_t payload_len;
	char *payload = form_get(body, len, "payload", &payload_len);
	if (payload)
		take_json(slack, request, payload, payload_len, take_payload);
	else if (form_has(body, len, "command"))
		take_fields(slack, request, body, len);
	else
		answer_bad(slack, request);
	free(payload);
}

static void
on_request(void *arg, struct teller_request *request)
{
	struct slack *slack = arg;
	size_t len;
	const char *body = slack->services->http_body(request, &len);
	bool has_fields = is_form(slack, request);
	if (has_fields && is_probe(body, len)) {
		answer_ok(slack, request);
	} else if (!is_signed(slack, request, body, len)) {
		slack_count(slack, "unsigned");
		slack->refused_at_us = slack_now_us(slack);
		answer(slack, request, 401, "application/json",
		       "{\"error\":\"invalid request\"}");
	} else if (has_fields) {
		take_form(slack, request, body, len);
	} else {
		take_json(slack, request, body, len, take_document);
	}
}

int
slack_serve(struct slack *slack)
{
	static const char *const paths[] = {
		"/slack/events", "/slack/interactive", "/slack/commands"};
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (slack->services->serve(slack->host, "POST", paths[i], 0,
					   BODY_MAX, on_request, slack))
			return -1;
	return 0;
}
