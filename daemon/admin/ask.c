#include "admin/admin.h"
#include "admin/commands.h"
#include "base/err.h"
#include "base/json.h"
#include "dialog/desk.h"

static int
run_ask(struct admin_call *call, struct err *err)
{
	struct desk_answer answer = {
		.conversation = admin_text(call, "conversation"),
		.text = admin_text(call, "TEXT"),
	};
	if (desk_ask(call->desk, &answer, err))
		return -1;
	call->result = json_object();
	json_set_text(call->result, "conversation", answer.conversation_id);
	json_set_text(call->result, "message", answer.message_id);
	json_set_text(call->result, "reply", answer.reply);
	json_set_text(call->result, "kind", answer.kind);
	json_object_set_new(call->result, "sources",
			    admin_embedded(answer.sources));
	json_set_real(call->result, "confidence", answer.confidence);
	json_object_set_new(call->result, "options",
			    admin_embedded(answer.options));
	desk_answer_release(&answer);
	return 0;
}

static void
print_options(const json_t *options, FILE *out)
{
	size_t i;
	json_t *option;
	json_array_foreach (options, i, option)
		fprintf(out, "  (%zu) %s\n", i + 1,
			json_get_text(option, "label", ""));
}

static void
print_sources(const json_t *sources, FILE *out)
{
	size_t i;
	json_t *source;
	json_array_foreach (sources, i, source)
		fprintf(out, "%s%s@%lld", i ? ", " : "\n[",
			json_get_text(source, "id", ""),
			(long long)json_get_int(source, "version", 0));
	if (i)
		fprintf(out, "]\n");
}

static void
print_ask(const json_t *result, FILE *out)
{
	const char *reply = json_get_text(result, "reply", "");
	fprintf(out, "%s\n",
		*reply ? reply : "(A person has this conversation.)");
	print_options(json_object_get(result, "options"), out);
	print_sources(json_object_get(result, "sources"), out);
}

static const struct admin_argument ask_arguments[] = {
	{"TEXT", ADMIN_TEXT, true, NULL, "what a customer would write"},
	{"--conversation", ADMIN_TEXT, false, "ID",
	 "go on with this conversation, cnv_..."},
	{0},
};

static const struct admin_argument chat_arguments[] = {
	{"--conversation", ADMIN_TEXT, false, "ID",
	 "go on with this conversation, cnv_..."},
	{0},
};

const struct admin_command admin_ask_commands[] = {
	{"ask", NULL, "Ask as a customer, and show the reply.", 0,
	 ask_arguments, run_ask, print_ask},
	{"chat", NULL, "Talk as a customer, line by line.", ADMIN_DIALOGUE,
	 chat_arguments, run_ask, print_ask},
	{0},
};
