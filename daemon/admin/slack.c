/* Slack's set-up, which the plugin itself looks at. */
#include <string.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "admin/on_loop.h"
#include "admin/slack_verbs.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "dialog/desk.h"
#include "host/host.h"

#define WORDS_MAX 1000

static const char *const grades[] = {
	[TELLER_GRADE_GOOD] = "good",
	[TELLER_GRADE_DOUBT] = "doubt",
	[TELLER_GRADE_BAD] = "bad",
};

/* Shared with the loop's thread, which has it until the end of `wait`. */
struct look {
	const char *plugin, *post;
	json_t *findings;
	bool is_bad;
	bool has_begun;
	struct buf words; /* why it has not */
	struct loop_wait wait;
};

/* On the loop. */
static void
on_found(void *arg, const struct teller_found *found)
{
	struct look *look = arg;
	if (!found) {
		loop_wait_end(&look->wait);
		return;
	}
	json_t *row = json_object();
	json_set_text(row, "grade", grades[found->grade]);
	json_set_text(row, "about", found->about);
	json_set_text(row, "words", found->words);
	json_set_text(row, "remedy", found->remedy ? found->remedy : "");
	json_array_append_new(look->findings, row);
	look->is_bad |= found->grade == TELLER_GRADE_BAD;
}

static void
say_why_not(struct desk *desk, struct look *look)
{
	struct host_status status;
	for (size_t i = 0; host_status_at(desk_host(desk), i, &status); i++)
		if (strcmp(status.name, look->plugin) == 0)
			buf_addf(&look->words, "it does not run: %s%s%s",
				 status.state, *status.words ? ": " : "",
				 status.words);
	if (look->words.len == 0)
		buf_addf(&look->words,
			 "the settings have no section plugins.%s, or the "
			 "plugin could not be loaded",
			 look->plugin);
}

static void
begin(struct desk *desk, void *arg)
{
	struct look *look = arg;
	look->has_begun = host_check(desk_host(desk), look->plugin, look->post,
				     on_found, look);
	if (!look->has_begun)
		say_why_not(desk, look);
}

static void
look_at(struct desk *desk, struct look *look)
{
	loop_wait_init(&look->wait);
	on_loop(desk, begin, look);
	if (!look->has_begun) {
		on_found(look, &(struct teller_found){
				       .size = sizeof(struct teller_found),
				       .grade = TELLER_GRADE_BAD,
				       .about = "the plugin",
				       .words = buf_str(&look->words),
			       });
		loop_wait_end(&look->wait);
	}
	loop_wait(&look->wait);
}

static int
run_check(struct admin_call *call, struct err *err)
{
	const char *post = admin_text(call, "post");
	struct look look = {
		.plugin = "slack",
		.post = post ? post : "",
		.findings = json_array(),
	};
	(void)err;
	buf_init(&look.words, WORDS_MAX);
	look_at(call->desk, &look);
	buf_release(&look.words);
	call->result = json_object();
	json_set_bool(call->result, "ok", !look.is_bad);
	json_object_set_new(call->result, "findings", look.findings);
	return 0;
}

static void
print_check(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(result, "findings"), i, row) {
		const char *remedy = json_get_text(row, "remedy", "");
		fprintf(out, "%-5s  %s: %s\n", json_get_text(row, "grade", ""),
			json_get_text(row, "about", ""),
			json_get_text(row, "words", ""));
		if (*remedy)
			fprintf(out, "       %s\n", remedy);
	}
	fprintf(out, "%s\n",
		json_get_bool(result, "ok", false)
			? "Slack is set up."
			: "Slack does not work yet.");
}

static const struct admin_argument check_arguments[] = {
	{"--post", ADMIN_TEXT, false, "CHANNEL",
	 "post a message there, C...; NAME/C... of several workspaces"},
	{0},
};

const struct admin_command admin_slack_commands[] = {
	{"slack", "manifest",
	 "The manifest that makes the app, ready to be pasted.", ADMIN_NO_DESK,
	 slack_manifest_arguments, slack_run_manifest, slack_print_manifest},
	{"slack", "check",
	 "Do tokens, scopes and the way to Slack work as they are set?",
	 ADMIN_NEEDS_DAEMON | ADMIN_VERDICT, check_arguments, run_check,
	 print_check},
	{0},
};
