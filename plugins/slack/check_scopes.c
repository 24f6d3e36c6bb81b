/* What the app may do in a workspace, held against its manifest. */
#include <stdio.h>
#include <string.h>

#include "check.h"

/* What does not work without them. */
static const struct {
	const char *scope;
	enum teller_grade grade;
	const char *words;
} uses[] = {
	{"chat:write", TELLER_GRADE_BAD, "the bot cannot write"},
	{"im:history", TELLER_GRADE_BAD, "the bot hears no direct messages"},
	{"app_mentions:read", TELLER_GRADE_BAD,
	 "the bot does not hear who mentions it"},
	{"im:write", TELLER_GRADE_DOUBT,
	 "what is for one person alone cannot go on with him directly"},
	{"commands", TELLER_GRADE_DOUBT, "there is no command"},
	{"channels:history", TELLER_GRADE_DOUBT,
	 "in threads of public channels the bot hears only who mentions it"},
	{"groups:history", TELLER_GRADE_DOUBT,
	 "in threads of private channels the bot hears only who mentions it"},
	{"mpim:history", TELLER_GRADE_DOUBT,
	 "in threads of group direct messages the bot hears only who mentions "
	 "it"},
	{"channels:read", TELLER_GRADE_DOUBT,
	 "in a public channel nobody can be an agent"},
	{"groups:read", TELLER_GRADE_DOUBT,
	 "in a private channel nobody can be an agent"},
	{"users:read", TELLER_GRADE_DOUBT, "nobody can be an agent"},
	{"reactions:write", TELLER_GRADE_DOUBT,
	 "agents do not see what was delivered"},
};

static bool
has_scope(const char *scopes, const char *scope)
{
	size_t len = strlen(scope);
	while (*scopes) {
		size_t n;
		scopes += strspn(scopes, ", ");
		n = strcspn(scopes, ", ");
		if (n == len && memcmp(scopes, scope, len) == 0)
			return true;
		scopes += n;
	}
	return false;
}

static void
say_missing(const struct check *check, const char *about, const char *scope)
{
	enum teller_grade grade = TELLER_GRADE_DOUBT;
	const char *words = "something of the manifest does not work";
	char remedy[200];
	for (size_t i = 0; i < sizeof(uses) / sizeof(*uses); i++)
		if (strcmp(uses[i].scope, scope) == 0) {
			grade = uses[i].grade;
			words = uses[i].words;
		}
	snprintf(remedy, sizeof(remedy),
		 "OAuth & Permissions, Scopes, Bot Token Scopes: add %.60s; "
		 "then Reinstall to Workspace.",
		 scope);
	check_say(check, grade, about, remedy, "the scope %.60s is missing: %s",
		  scope, words);
}

void
check_scopes(const struct check *check, const char *about, const char *scopes)
{
	json_t *manifest = json_loads(slack_manifest, 0, NULL), *row;
	const json_t *list = json_object_get(
		json_object_get(json_object_get(manifest, "oauth_config"),
				"scopes"),
		"bot");
	size_t i, n_missing = 0;
	if (scopes)
		json_array_foreach (list, i, row) {
			const char *scope = json_string_value(row);
			if (!scope || has_scope(scopes, scope))
				continue;
			say_missing(check, about, scope);
			n_missing++;
		}
	if (!scopes || !list)
		check_say(check, TELLER_GRADE_DOUBT, about, NULL,
			  "Slack does not say which scopes its token has");
	else if (n_missing == 0)
		check_say(check, TELLER_GRADE_GOOD, about, NULL,
			  "it has all scopes of the manifest");
	if (scopes && has_scope(scopes, "assistant:write"))
		check_say(check, TELLER_GRADE_GOOD, about, NULL,
			  "the app is an agent: Slack shows that the bot is at "
			  "work");
	json_decref(manifest);
}
