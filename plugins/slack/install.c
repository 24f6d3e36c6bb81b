/* The app is installed in a browser: /slack/install sends it to Slack, which
 * sends it back with a code, for which Slack gives us the token.  What comes
 * back must be what was begun, by the same browser, once and within ten
 * minutes: else somebody could have another one's browser install his own. Only
 * workspaces of the settings are taken. */
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "cookie.h"
#include "token.h"

#define REDIRECT_PATH "/slack/oauth_redirect"
#define COOKIE "__Host-teller-slack"
#define NAME_SIZE 33 /* of 128 random bits, in hex */
#define BEGUN_S 600
#define BEGUN_MAX 1000
#define CODE_MAX 500
#define FORM_SIZE 8192

struct install {
	struct slack *slack;
	struct install *next;
	char state[NAME_SIZE], cookie[NAME_SIZE];
	int64_t until_us;
	struct teller_request *request; /* once the browser is back */
	struct workspace *workspace;
};

bool
install_is_on(const struct slack *slack)
{
	return *slack->client_id && *slack->base_url;
}

/* ---- What was begun */

static void
drop(struct install *install)
{
	struct install **link = &install->slack->installs;
	while (*link != install)
		link = &(*link)->next;
	*link = install->next;
	free(install);
}

void
install_close(struct slack *slack)
{
	while (slack->installs)
		drop(slack->installs);
}

/* Those that took too long; and the oldest if there are too many. */
static void
drop_old(struct slack *slack, int64_t now_us)
{
	struct install *next, *oldest = NULL;
	size_t n = 0;
	for (struct install *i = slack->installs; i; i = next) {
		next = i->next;
		if (i->request)
			continue;
		if (i->until_us < now_us) {
			drop(i);
			continue;
		}
		oldest = i;
		n++;
	}
	if (n >= BEGUN_MAX)
		drop(oldest);
}

static bool
make_name(char out[NAME_SIZE])
{
	unsigned char random[(NAME_SIZE - 1) / 2];
	if (RAND_bytes(random, sizeof(random)) != 1)
		return false;
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(out + 2 * i, 3, "%02x", random[i]);
	return true;
}

static struct install *
begin(struct slack *slack)
{
	int64_t now_us = slack_now_us(slack);
	struct install *install = calloc(1, sizeof(*install));
	if (!install || !make_name(install->state) ||
	    !make_name(install->cookie)) {
		free(install);
		return NULL;
	}
	drop_old(slack, now_us);
	install->slack = slack;
	install->until_us = now_us + BEGUN_S * US_PER_S;
	install->next = slack->installs;
	slack->installs = install;
	return install;
}

static bool
is_same(const char *name, const char *given, size_t len)
{
	return len == NAME_SIZE - 1 && CRYPTO_memcmp(name, given, len) == 0;
}

/* What this browser had begun; NULL: nothing. */
static struct install *
find_begun(struct slack *slack, struct teller_request *request)
{
	const struct teller_services *s = slack->services;
	const char *state = s->http_query(request, "state");
	size_t len = 0;
	const char *cookie =
		cookie_find(s->http_header(request, "Cookie"), COOKIE, &len);
	drop_old(slack, slack_now_us(slack));
	for (struct install *i = slack->installs; state && cookie && i;
	     i = i->next)
		if (!i->request && is_same(i->state, state, strlen(state)) &&
		    is_same(i->cookie, cookie, len))
			return i;
	return NULL;
}

/* ---- Pages */

static void
show(const struct slack *slack, struct teller_request *request, int status,
     const char *words)
{
	static const struct teller_header headers[] = {
		{"Referrer-Policy", "no-referrer"},
		{"Set-Cookie", COOKIE "=; Max-Age=0; Path=/; Secure; HttpOnly; "
				      "SameSite=Lax"},
	};
	slack->services->answer(request, status, "text/plain; charset=utf-8",
				headers, sizeof(headers) / sizeof(*headers),
				words, strlen(words));
}

static void
end(struct install *install, int status, const char *words)
{
	show(install->slack, install->request, status, words);
	drop(install);
}

/* ---- To Slack */

/* The scopes of the manifest, parted by commas. */
static void
list_scopes(char *out, size_t size)
{
	json_t *manifest = json_loads(slack_manifest, 0, NULL), *scope;
	size_t i, n = 0;
	*out = '\0';
	json_array_foreach (
		json_object_get(json_object_get(json_object_get(manifest,
								"oauth_config"),
						"scopes"),
				"bot"),
		i, scope)
		if (n < size)
			n += (size_t)snprintf(out + n, size - n, "%s%s",
					      n ? "," : "",
					      json_string_value(scope));
	json_decref(manifest);
}

/* Names and values, as a form or behind a "?". */
struct fields {
	char text[FORM_SIZE];
	bool is_cut;
};

static void
add(struct fields *fields, const char *name, const char *value)
{
	size_t len = strlen(fields->text);
	size_t room = sizeof(fields->text) - len;
	if (strlen(name) + 3 * strlen(value) + 8 > room) {
		fields->is_cut = true;
		return;
	}
	snprintf(fields->text + len, room, "%s%s=", len ? "&" : "", name);
	api_add_escaped(fields->text, sizeof(fields->text), value);
}

static void
add_redirect(struct fields *fields, const struct slack *slack)
{
	char url[600];
	snprintf(url, sizeof(url), "%s" REDIRECT_PATH, slack->base_url);
	add(fields, "redirect_uri", url);
}

static void
send_to_slack(const struct install *install, struct teller_request *request)
{
	const struct slack *slack = install->slack;
	struct fields fields = {.is_cut = false};
	char scopes[2000], url[FORM_SIZE + 600], cookie[200];
	const struct teller_header headers[] = {
		{"Location", url},
		{"Set-Cookie", cookie},
		{"Referrer-Policy", "no-referrer"},
	};
	list_scopes(scopes, sizeof(scopes));
	add(&fields, "client_id", slack->client_id);
	add(&fields, "scope", scopes);
	add(&fields, "user_scope", "");
	add_redirect(&fields, slack);
	add(&fields, "state", install->state);
	snprintf(url, sizeof(url), "%s/authorize?%s", slack->oauth_base,
		 fields.text);
	snprintf(cookie, sizeof(cookie),
		 COOKIE "=%s; Max-Age=%d; Path=/; Secure; HttpOnly; "
			"SameSite=Lax",
		 install->cookie, BEGUN_S);
	slack->services->answer(request, 302, NULL, headers,
				sizeof(headers) / sizeof(*headers), "", 0);
}

static void
on_begin(void *arg, struct teller_request *request)
{
	struct slack *slack = arg;
	const struct install *install = begin(slack);
	if (install)
		send_to_slack(install, request);
	else
		slack->services->problem(request, 503, "no_memory",
					 "Try again.", 5);
}

/* ---- And back */

static void
on_kept(void *arg, bool is_kept)
{
	struct install *install = arg;
	struct workspace *workspace = install->workspace;
	char words[200];
	if (is_kept) {
		slack_log(install->slack, TELLER_LOG_INFO,
			  "workspace %s: the app was installed",
			  workspace->name);
		snprintf(words, sizeof(words),
			 "The bot is installed in %.40s. This page may be "
			 "closed.\n",
			 workspace->name);
		/* What Slack says of the token before it counts no more. */
		workspace->is_removed = false;
		renew_start(workspace);
		workspace_ask_now(workspace);
	}
	end(install, is_kept ? 200 : 503,
	    is_kept ? words
		    : "What Slack gave could not be kept. Begin again in a "
		      "while.\n");
}

static void
on_revoked(void *arg, const struct api_answer *answer)
{
	if (answer->result != API_OK)
		slack_log(arg, TELLER_LOG_WARN,
			  "a token that is not wanted stays good: %s",
			  answer->words);
}

/* Nobody here has asked for that workspace: what Slack gave is given back. */
static void
refuse(struct install *install, const struct token *token, const char *team)
{
	struct slack *slack = install->slack;
	char words[200];
	snprintf(words, sizeof(words),
		 "The bot is not for the workspace %.32s. It would need a "
		 "section of plugins.slack.workspaces.\n",
		 team);
	slack_log(slack, TELLER_LOG_WARN,
		  "the app was installed in workspace %.32s, which is in no "
		  "section of plugins.slack.workspaces: its token is revoked",
		  team);
	api_call_by(slack, token->access, "auth.revoke", NULL, on_revoked,
		    slack);
	end(install, 403, words);
}

/* Where it was installed: in a workspace, or in an organisation. */
static const char *
read_team(const json_t *body)
{
	bool is_all =
		json_is_true(json_object_get(body, "is_enterprise_install"));
	const char *team = event_text(
		json_object_get(body, is_all ? "enterprise" : "team"), "id");
	return event_is_id(team) ? team : NULL;
}

static void
take(struct install *install, const json_t *body)
{
	struct slack *slack = install->slack;
	const char *team = read_team(body);
	struct token token;
	if (!team || !token_of_answer(slack, body, &token)) {
		end(install, 502, "Slack's answer has no token of a bot.\n");
		return;
	}
	install->workspace = workspace_find(slack, team);
	if (!install->workspace)
		refuse(install, &token, team);
	else if (token_keep(install->workspace, &token, on_kept, install))
		end(install, 503, "tellerd is stopping. Begin again.\n");
	token_wipe(&token);
}

static void
on_token(void *arg, const struct api_answer *answer)
{
	struct install *install = arg;
	char words[300];
	if (answer->result == API_OK) {
		take(install, answer->body);
		return;
	}
	slack_log(install->slack, TELLER_LOG_WARN,
		  "the app could not be installed: %s", answer->words);
	snprintf(words, sizeof(words),
		 "The bot is not installed: %.150s. Begin again at "
		 "%.80s" INSTALL_PATH ".\n",
		 answer->words, install->slack->base_url);
	end(install, 502, words);
}

static void
ask_for_token(struct install *install, const char *code)
{
	struct slack *slack = install->slack;
	struct fields fields = {.is_cut = false};
	add(&fields, "code", code);
	add_redirect(&fields, slack);
	if (fields.is_cut ||
	    api_call_oauth(slack, fields.text, on_token, install))
		end(install, 503,
		    "The settings have no good client_secret, or tellerd is "
		    "stopping.\n");
	OPENSSL_cleanse(&fields, sizeof(fields));
}

static void
on_back(void *arg, struct teller_request *request)
{
	struct slack *slack = arg;
	const char *code = slack->services->http_query(request, "code");
	struct install *install = find_begun(slack, request);
	if (!install) {
		slack_count(slack, "installs_refused");
		show(slack, request, 400,
		     "Nothing was begun in this browser, or it took more than "
		     "ten minutes, or it is done already. Begin again.\n");
		return;
	}
	install->request = request;
	if (code && *code && strlen(code) <= CODE_MAX)
		ask_for_token(install, code);
	else
		end(install, 403, "Slack did not allow it.\n");
}

int
install_serve(struct slack *slack)
{
	const struct teller_services *s = slack->services;
	if (s->serve(slack->host, "GET", INSTALL_PATH, 0, 0, on_begin, slack))
		return -1;
	return s->serve(slack->host, "GET", REDIRECT_PATH, 0, 0, on_back,
			slack);
}
