/* Do events come?  By Socket Mode Slack is asked for a connection; by HTTPS our
 * own address is, as Slack does when it verifies it. */
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "check.h"
#include "signature.h"

#define URL_SIZE 600
#define US_PER_MIN (60 * US_PER_S)

/* ---- Socket Mode */

static const char app_remedy[] =
	"Basic Information, App-Level Tokens: one (xapp-...) with the scope "
	"connections:write, to where the setting app_token says; and under "
	"Socket Mode, Enable Socket Mode.";

static void
on_address(void *arg, const struct api_answer *answer)
{
	struct check *check = arg;
	const struct slack *slack = check->slack;
	if (answer->result != API_OK)
		check_say(check, TELLER_GRADE_BAD, "Socket Mode",
			  answer->result == API_DEAD ||
					  answer->result == API_SETTINGS
				  ? app_remedy
				  : NULL,
			  "%s", answer->words);
	else if (*slack->link_words)
		check_say(check, TELLER_GRADE_DOUBT, "Socket Mode",
			  "Ask again in a minute.",
			  "Slack gives connections, but none stands: %s",
			  slack->link_words);
	else
		check_say(check, TELLER_GRADE_GOOD, "Socket Mode", NULL,
			  "a connection stands");
	check_end(check);
}

static void
ask_for_link(struct check *check)
{
	if (api_call_as_app(check->slack, "apps.connections.open", on_address,
			    check) == 0)
		return;
	check_say(check, TELLER_GRADE_BAD, "Socket Mode",
		  "See the log, and what the setting app_token says.",
		  "the token of the app cannot be read");
	check_end(check);
}

/* ---- HTTPS */

static void
say_good(const struct check *check, const char *words)
{
	const struct slack *slack = check->slack;
	int64_t now_us = slack_now_us(check->slack);
	if (slack->heard_at_us)
		check_say(check, TELLER_GRADE_GOOD, "HTTPS", NULL,
			  "%s; the last event came %lld min ago", words,
			  (long long)((now_us - slack->heard_at_us) /
				      US_PER_MIN));
	else
		check_say(check, TELLER_GRADE_GOOD, "HTTPS", NULL,
			  "%s; no event has come since the start", words);
}

/* Slack's own, perhaps: our own request would be signed all the same. */
static void
say_unsigned(const struct check *check)
{
	const struct slack *slack = check->slack;
	int64_t now_us = slack_now_us(check->slack);
	if (slack->refused_at_us > slack->heard_at_us)
		check_say(check, TELLER_GRADE_DOUBT, "HTTPS",
			  "If that was Slack: Basic Information, Signing "
			  "Secret, to where the setting signing_secret says; "
			  "and look at the clock.",
			  "%lld min ago something came that is not signed by "
			  "signing_secret, and no event since",
			  (long long)((now_us - slack->refused_at_us) /
				      US_PER_MIN));
}

/* Without an address of ours there is what has come. */
static void
say_what_came(const struct check *check)
{
	if (check->slack->heard_at_us)
		say_good(check, "Slack reaches this tellerd");
	else
		check_say(check, TELLER_GRADE_DOUBT, "HTTPS",
			  "Event Subscriptions, Request URL: press Retry, "
			  "until it says Verified.",
			  "no event has come since the start; with "
			  "plugins.slack.base_url it could be seen whether "
			  "one would");
}

static void
say_status(const struct check *check, const struct teller_fetched *fetched)
{
	const struct slack *slack = check->slack;
	if (!fetched->status)
		check_say(check, TELLER_GRADE_BAD, "HTTPS",
			  "Look at the proxy, at its certificate, and at "
			  "plugins.slack.base_url.",
			  "%.100s does not answer: %.200s", slack->base_url,
			  fetched->words);
	else if (fetched->status == 401)
		check_say(check, TELLER_GRADE_BAD, "HTTPS",
			  "Look at the clocks, and whether the proxy passes "
			  "bodies and headers on unchanged.",
			  "%.100s refuses a signed request", slack->base_url);
	else
		check_say(check, TELLER_GRADE_BAD, "HTTPS",
			  "The proxy has to pass /slack/ on to this tellerd; "
			  "etc/nginx.conf does.",
			  "%.100s/slack/events is not this tellerd: it "
			  "answers %d",
			  slack->base_url, fetched->status);
}

static void
on_fetched(void *arg, const struct teller_fetched *fetched)
{
	struct check *check = arg;
	size_t len = strlen(check->challenge);
	char words[300];
	snprintf(words, sizeof(words), "%.200s/slack/events answers",
		 check->slack->base_url);
	if (fetched->status == 200 && fetched->body_len == len &&
	    memcmp(fetched->body, check->challenge, len) == 0)
		say_good(check, words);
	else
		say_status(check, fetched);
	check_end(check);
}

static bool
make_challenge(char out[CHECK_CHALLENGE_SIZE])
{
	unsigned char random[(CHECK_CHALLENGE_SIZE - 1) / 2];
	if (RAND_bytes(random, sizeof(random)) != 1)
		return false;
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(out + 2 * i, 3, "%02x", random[i]);
	return true;
}

static bool
fetch(struct check *check, const char *url, const char *at,
      const char *signature, const char *body)
{
	const struct slack *slack = check->slack;
	const struct teller_header headers[] = {
		{"Content-Type", "application/json"},
		{"X-Slack-Request-Timestamp", at},
		{"X-Slack-Signature", signature},
	};
	const struct teller_fetch request = {
		.size = sizeof(request),
		.url = url,
		.headers = headers,
		.n_headers = sizeof(headers) / sizeof(*headers),
		.body = body,
		.body_len = strlen(body),
		.ca_file = *slack->ca_file ? slack->ca_file : NULL,
		.timeout_ms = slack->timeout_ms,
		.allow_private = slack->is_private,
	};
	return slack->services->fetch(slack->host, &request, on_fetched,
				      check) == 0;
}

/* As Slack asks when an address is entered. */
static bool
ask_ourselves(struct check *check)
{
	const struct slack *slack = check->slack;
	char url[URL_SIZE], at[24], body[128], signature[SIGNATURE_SIZE];
	size_t len;
	const char *secrets = slack->services->secret_get(
		slack->host, "signing_secret", &len);
	if (!secrets || !make_challenge(check->challenge))
		return false;
	snprintf(url, sizeof(url), "%s/slack/events", slack->base_url);
	snprintf(at, sizeof(at), "%lld",
		 (long long)(slack->services->now_us(slack->host) / US_PER_S));
	snprintf(body, sizeof(body),
		 "{\"type\":\"url_verification\",\"challenge\":\"%s\"}",
		 check->challenge);
	return signature_make(secrets, len, at, body, strlen(body),
			      signature) &&
	       fetch(check, url, at, signature, body);
}

static void
ask_for_answer(struct check *check)
{
	say_unsigned(check);
	if (*check->slack->base_url && ask_ourselves(check))
		return;
	if (*check->slack->base_url)
		check_say(check, TELLER_GRADE_BAD, "HTTPS", "See the log.",
			  "the signing secret cannot be read, or "
			  "plugins.slack.base_url is no address");
	else
		say_what_came(check);
	check_end(check);
}

void
check_way(struct check *check)
{
	const struct slack *slack = check->slack;
	size_t len;
	if (slack->services->secret_get(slack->host, "app_token", &len) && len)
		ask_for_link(check);
	else
		ask_for_answer(check);
}
