/* The manifest of the Slack app: for an address of one's own, or without any,
 * for Socket Mode. */
#include <string.h>

#include "admin/slack_verbs.h"
#include "base/buf.h"
#include "base/err.h"

#define EXAMPLE "https://bot.example.com"
#define REDIRECT "/slack/oauth_redirect"
#define URL_MAX 500

static bool
is_address(const char *url)
{
	size_t len = strlen(url);
	return strncmp(url, "https://", 8) == 0 && len > 8 && len <= URL_MAX &&
	       url[len - 1] != '/' && strcspn(url, " \t\"<>\\?#") == len;
}

static json_t *
join(const char *base, const char *path)
{
	struct buf text;
	buf_init(&text, 2 * URL_MAX);
	buf_addf(&text, "%s%s", base, path);
	json_t *joined = json_string(buf_str(&text));
	buf_release(&text);
	return joined;
}

/* What stands at the example's address stands at the base, or, with NULL,
 * nowhere. */
static void
move(json_t *value, const char *base)
{
	void *next;
	const char *key;
	json_t *member;
	size_t i;
	json_array_foreach (value, i, member)
		move(member, base);
	json_object_foreach_safe(value, next, key, member)
	{
		const char *text = json_string_value(member);
		move(member, base);
		if (!text || strncmp(text, EXAMPLE, strlen(EXAMPLE)) != 0)
			continue;
		if (base)
			json_object_set_new(value, key,
					    join(base, text + strlen(EXAMPLE)));
		else
			json_object_del(value, key);
	}
}

/* An app of which Slack shows that it is at work, and how it is stopped. */
static void
make_agent(json_t *manifest)
{
	json_t *features = json_object_get(manifest, "features");
	const json_t *settings = json_object_get(manifest, "settings");
	const json_t *scopes = json_object_get(
		json_object_get(manifest, "oauth_config"), "scopes");
	json_t *about = json_object_get(
		json_object_get(manifest, "display_information"),
		"description");
	json_object_set_new(features, "agent_view",
			    json_pack("{s:O}", "agent_description", about));
	json_array_append_new(json_object_get(scopes, "bot"),
			      json_string("assistant:write"));
	json_array_append_new(
		json_object_get(
			json_object_get(settings, "event_subscriptions"),
			"bot_events"),
		json_string("agent_session_stopped"));
}

int
slack_run_manifest(struct admin_call *call, struct err *err)
{
	const char *url = admin_text(call, "URL");
	if (url && !is_address(url))
		return err_misuse(err,
				  "'%.80s' is no address: https://, a name, "
				  "and perhaps a path without a '/' at its "
				  "end",
				  url);
	json_t *manifest = json_loads(slack_manifest, 0, NULL);
	move(manifest, url);
	if (admin_flag(call, "agent"))
		make_agent(manifest);
	json_object_set_new(json_object_get(manifest, "settings"),
			    "socket_mode_enabled", json_boolean(!url));
	if (url)
		json_object_set_new(json_object_get(manifest, "oauth_config"),
				    "redirect_urls",
				    json_pack("[o]", join(url, REDIRECT)));
	call->result = manifest;
	return 0;
}

void
slack_print_manifest(const json_t *result, FILE *out)
{
	json_dumpf(result, out, JSON_INDENT(2));
	fputc('\n', out);
}

const struct admin_argument slack_manifest_arguments[] = {
	{"URL", ADMIN_TEXT, false, NULL,
	 "where Slack reaches tellerd, https://...; without, Socket Mode"},
	{"--agent", ADMIN_FLAG, false, NULL,
	 "an app that Slack shows as an agent"},
	{0},
};
