#include "web.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat.h"
#include "question.h"
#include "user.h"

#define KEY_NAME "token_key"
#define KEY_AGAIN_MS 5000
#define PING_MS 20000
#define BURST_MS 600

static const struct teller_option options[] = {
	{
		.name = "page",
		.type = TELLER_BOOL,
		.fallback = "false",
		.help = "Serve a chat page at /.",
	},
	{
		.name = "demo",
		.type = TELLER_BOOL,
		.fallback = "false",
		.help = "Serve a help page of the firm's at /, to show the "
			"widget; the chat page is at /chat then.",
	},
	{
		.name = "why",
		.type = TELLER_BOOL,
		.fallback = "false",
		.help = "Let whoever has a conversation ask what each reply "
			"was decided upon; for a desk on show.",
	},
	{
		.name = "title",
		.type = TELLER_TEXT,
		.max = 60,
		.fallback = "",
		.help = "The name that the widget and the chat page have; "
			"empty: the firm's, as its pack says.",
	},
	{
		.name = "starters",
		.type = TELLER_LIST,
		.max = 6,
		.fallback = "",
		.help = "Questions that the empty chat page offers in place of "
			"those of the desk's pack.",
	},
	{
		.name = "origins",
		.type = TELLER_ORIGINS,
		.max = 100,
		.fallback = "",
		.help = "Sites whose pages may call from a browser, as "
			"https://www.example.com; the page at / needs no "
			"entry.",
	},
	{
		.name = "token_ttl",
		.type = TELLER_DURATION,
		.min = 60 * 1000,
		.max = 366LL * 24 * 3600 * 1000,
		.fallback = "30 d",
		.help = "How long the token of a conversation is good.",
	},
	{
		.name = "user_secret",
		.type = TELLER_SECRET,
		.fallback = "",
		.help = "The secret, of at least 32 bytes, with which your own "
			"site signs who is logged in there.",
	},
	{
		.name = "api_keys",
		.type = TELLER_DIGESTS,
		.max = 100,
		.fallback = "",
		.help = "SHA-256 (64 hex digits) of keys that may use /v1/ask "
			"and /v1/chat/completions, beside those of `tellerctl "
			"keys`; `printf %s KEY | sha256sum` makes one.",
	},
	{
		.name = "ask_without_key_on_loopback",
		.type = TELLER_BOOL,
		.fallback = "false",
		.help = "Let programs on this machine use /v1/ask without a "
			"key.",
	},
	{
		.name = "completions",
		.type = TELLER_BOOL,
		.fallback = "false",
		.help = "Serve /v1/chat/completions and /v1/models to clients "
			"that send a key.",
	},
	{
		.name = "completions_person",
		.type = TELLER_TEXT,
		.min = 1,
		.max = 1000,
		.fallback = "Colleagues cannot answer here; please "
			    "telephone.",
		.help = "What such a client is told below a reply that hands "
			"over to a person, and instead of one while a person "
			"has the conversation.",
	},
	{0},
};

static int
web_open(const struct teller_services *services, struct teller_host *host,
	 void **self_r, struct teller_words *words)
{
	struct web *web = calloc(1, sizeof(*web));
	if (!web) {
		snprintf(words->text, sizeof(words->text), "no memory");
		return -1;
	}
	web->services = services;
	web->host = host;
	*self_r = web;
	return 0;
}

/* ---- The key of the tokens */

static void keep_key(void *arg);

/* Tokens are given out only under a key that will still be there tomorrow. */
static void
key_kept(void *arg, bool is_kept)
{
	struct web *web = arg;
	web->has_key = is_kept;
	if (is_kept)
		web->services->health(web->host, TELLER_OK, "");
	else if (!web->is_stopping)
		web->services->watch_timer(web->host, KEY_AGAIN_MS, false,
					   keep_key, web);
}

static void
keep_key(void *arg)
{
	struct web *web = arg;
	web->services->health(web->host, TELLER_DOWN,
			      "the key of the tokens is not on disk yet");
	if (!web->is_stopping &&
	    web->services->secret_put(web->host, KEY_NAME, web->key,
				      sizeof(web->key), key_kept, web))
		key_kept(web, false);
}

static int
have_key(struct web *web, struct teller_words *words)
{
	size_t len;
	const void *kept = web->services->secret_get(web->host, KEY_NAME, &len);
	bool is_kept = kept && len == sizeof(web->key);
	if (is_kept)
		memcpy(web->key, kept, len);
	else if (RAND_bytes(web->key, sizeof(web->key)) != 1) {
		snprintf(words->text, sizeof(words->text),
			 "the system has no random numbers");
		return -1;
	}
	if (web_mac_begin(web)) {
		snprintf(words->text, sizeof(words->text),
			 "libcrypto cannot make an HMAC with SHA-256");
		return -1;
	}
	web->has_key = is_kept;
	if (!is_kept)
		keep_key(web);
	return 0;
}

/* A short one could be guessed from a single token. */
static int
check_user_secret(const struct web *web, struct teller_words *words)
{
	size_t len;
	if (!web->services->secret_get(web->host, "user_secret", &len) ||
	    len >= USER_SECRET_MIN)
		return 0;
	snprintf(words->text, sizeof(words->text),
		 "the secret of user_secret has %zu bytes, and needs %d: "
		 "openssl rand -base64 48 makes one",
		 len, USER_SECRET_MIN);
	return -1;
}

/* ---- Life */

static int
serve_all(struct web *web, struct teller_words *words)
{
	bool has_page = web->services->option_bool(web->host, "page");
	bool is_demo = web->services->option_bool(web->host, "demo");
	bool has_why = web->services->option_bool(web->host, "why");
	bool has_chat = web->services->option_bool(web->host, "completions");
	if (!web_serve_api(web) && !web_serve_messages(web) &&
	    !web_serve_ask(web) && !web_serve_events(web) &&
	    !web_serve_openapi(web) && !web_serve_front(web) &&
	    (!has_why || !web_serve_why(web)) && !web_serve_widget(web) &&
	    (!has_chat || !web_serve_chat(web)) &&
	    (!(has_page || is_demo) || !web_serve_page(web, is_demo)))
		return 0;
	snprintf(words->text, sizeof(words->text),
		 "a route is taken, or there is no listener for HTTP: see the "
		 "log");
	return -1;
}

static int
web_start(void *self, struct teller_words *words)
{
	struct web *web = self;
	web->started_s = web->services->now_us(web->host) / 1000000;
	if (have_key(web, words) || check_user_secret(web, words) ||
	    serve_all(web, words))
		return -1;
	if (TELLER_HAS(web->services, http_origins) &&
	    web->services->http_origins(web->host, "origins")) {
		snprintf(
			words->text, sizeof(words->text),
			"the host refuses to serve other origins: see the log");
		return -1;
	}
	web->services->watch_timer(web->host, PING_MS, true, web_events_ping,
				   web);
	return 0;
}

/* What is committed can be read from then on: that is the delivery.  Open
 * streams and waiting requests only hear of it sooner. */
static void
web_send(void *self, const struct teller_job *job)
{
	struct web *web = self;
	question_job(web, job);
	web_events_wake(web, job->conversation_id);
	web->services->sent(web->host, job->id, NULL);
}

/* Streams end now: who reads one comes back.  What the host has under way is
 * let come to its end, and who asked and waits for a reply is answered. */
static void
web_stop(void *self)
{
	struct web *web = self;
	web->is_stopping = true;
	question_stop(web);
	web_events_stop(web);
	web_settle(web);
}

static void
web_close(void *self)
{
	struct web *web = self;
	question_refuse_all(web);
	web_events_stop(web);
	web_drop_calls(web);
	web_mac_end(web);
	OPENSSL_cleanse(web->key, sizeof(web->key));
	free(web);
}

const struct teller_plugin teller_plugin = {
	.size = sizeof(struct teller_plugin),
	.abi_major = TELLER_ABI_MAJOR,
	.abi_minor = TELLER_ABI_MINOR,
	.capabilities = TELLER_CAN_CHANNEL | TELLER_CAN_BUTTONS |
			TELLER_CAN_DEDUPE | TELLER_KEEP_LOADED,
	.name = "web",
	.version = PACKAGE_VERSION,
	.options = options,
	.burst_ms = BURST_MS,
	.open = web_open,
	.start = web_start,
	.send = web_send,
	.stop = web_stop,
	.close = web_close,
};
