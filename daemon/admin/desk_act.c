/* What an agent at a terminal does: each act comes in as a message, as that of
 * any desk does, and what became of it is told in words. */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "admin/desk_verbs.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "dialog/desk.h"

#define NAME_MAX_BYTES 64

static bool
is_in_name(uint32_t c)
{
	if (c < 0x80)
		return isalnum((int)c) || (c && strchr(" .-_'@", (int)c));
	return !utf8_is_control(c);
}

/* What customers and colleagues can read on one line. */
static bool
is_name(const char *name)
{
	size_t len = strlen(name);
	uint32_t c;
	if (len > NAME_MAX_BYTES || !utf8_is_valid(name, len) ||
	    (!isalpha((unsigned char)*name) && (unsigned char)*name < 0x80))
		return false;
	for (size_t i = 0; i < len;) {
		i += utf8_decode(name + i, len - i, &c);
		if (!is_in_name(c))
			return false;
	}
	return name[len - 1] != ' ';
}

/* Who acts, as himself or, if he may, in somebody's name; NULL and *err. */
static const char *
agent_of(struct admin_call *call, struct err *err)
{
	const char *name = admin_text(call, "actor");
	if (!name || strcmp(name, call->actor) == 0)
		return call->actor;
	if (!is_name(name)) {
		err_misuse(err,
			   "--actor: a name of up to %d bytes, of letters, "
			   "digits, blanks and any of .-_'@, which begins with "
			   "a letter: customers read it",
			   NAME_MAX_BYTES);
		return NULL;
	}
	if (call->is_operator)
		return name;
	err_set(err, "--actor: only root and the daemon's own user may act in "
		     "somebody else's name");
	return NULL;
}

/* Why it does not apply. */
static int
refused(struct admin_call *call, const struct desk_act *act, struct err *err)
{
	struct arena arena = {0};
	const char *id = act->conversation;
	if (act->is_repeated)
		err_set(err,
			"%s: this had come before, and was refused then; "
			"to try again give it a new --id",
			id);
	else if (strcmp(act->state, "person") == 0)
		err_set(err, "%s is already claimed by %s until %s%s", id,
			act->owner,
			desk_clock(call, &arena, act->lease_until_us),
			act->kind == TELLER_MESSAGE_CLAIM
				? "; --take-over takes it all the same"
				: ": only he can do this, or who takes it from "
				  "him by 'desk claim --take-over'");
	else if (act->kind == TELLER_MESSAGE_AGENT)
		err_set(err, "%s is %s: claim it first", id, act->state);
	else if (strcmp(act->state, "bot") == 0)
		err_set(err,
			"%s is with the assistant already, and with no agent: "
			"there is nothing to do; a customer who asks for a "
			"person can be claimed",
			id);
	else
		err_set(err,
			"%s is %s: there is nothing to do; 'tellerctl desk "
			"list' shows who waits",
			id, act->state);
	arena_release(&arena);
	return -1;
}

static int
run_act(struct admin_call *call, struct desk_act *act, const char *words,
	struct err *err)
{
	act->conversation = admin_text(call, "ID");
	act->agent = agent_of(call, err);
	act->id = admin_text(call, "id");
	if (!act->agent || desk_act(call->desk, act, err))
		return -1;
	int rc = 0;
	if (!act->is_done) {
		rc = refused(call, act, err);
	} else {
		call->result = json_object();
		json_set_text(call->result, "id", act->conversation);
		json_set_text(call->result, "did",
			      act->is_repeated ? "this had come before"
					       : words);
		json_set_bool(call->result, "repeated", act->is_repeated);
		json_set_text(call->result, "state", act->state);
		json_set_text(call->result, "owner", act->owner);
		json_object_set_new(call->result, "lease_until",
				    act->lease_until_us
					    ? admin_time(act->lease_until_us)
					    : json_null());
	}
	desk_act_release(act);
	return rc;
}

int
desk_run_claim(struct admin_call *call, struct err *err)
{
	struct desk_act act = {
		.kind = TELLER_MESSAGE_CLAIM,
		.option = admin_flag(call, "take-over") ? "take_over" : NULL,
	};
	return run_act(call, &act, "claimed", err);
}

static size_t
without_line_ends(const char *text, size_t len)
{
	while (len && strchr("\r\n", text[len - 1]))
		len--;
	return len;
}

/* On the command line, or in a file. */
static const char *
words_of(struct admin_call *call, struct arena *arena, struct err *err)
{
	const char *words = admin_text(call, "TEXT");
	if (!words && call->input)
		words = arena_strndup(
			arena, call->input,
			without_line_ends(call->input, call->input_len));
	if (words && words[strspn(words, " \t\r\n")])
		return words;
	err_misuse(err, "there is nothing to say: give TEXT, or --from FILE");
	return NULL;
}

static int
run_words(struct admin_call *call, enum teller_message_kind kind,
	  const char *did, struct err *err)
{
	struct arena arena = {0};
	struct desk_act act = {
		.kind = kind,
		.text = words_of(call, &arena, err),
	};
	int rc = act.text ? run_act(call, &act, did, err) : -1;
	arena_release(&arena);
	return rc;
}

int
desk_run_say(struct admin_call *call, struct err *err)
{
	return run_words(call, TELLER_MESSAGE_AGENT, "sent to the customer",
			 err);
}

int
desk_run_note(struct admin_call *call, struct err *err)
{
	return run_words(call, TELLER_MESSAGE_NOTE, "noted", err);
}

int
desk_run_return(struct admin_call *call, struct err *err)
{
	struct desk_act act = {.kind = TELLER_MESSAGE_RETURN};
	return run_act(call, &act, "back with the assistant", err);
}

int
desk_run_close(struct admin_call *call, struct err *err)
{
	struct desk_act act = {.kind = TELLER_MESSAGE_CLOSE};
	return run_act(call, &act, "closed", err);
}

void
desk_print_act(const json_t *result, FILE *out)
{
	fprintf(out, "%s: %s\n", json_get_text(result, "id", ""),
		json_get_text(result, "did", ""));
}

#define ID_ARGUMENT                                     \
	{                                               \
		"ID", ADMIN_TEXT, true, NULL, "cnv_..." \
	}
#define ACT_ARGUMENTS                                                     \
	{"--actor", ADMIN_TEXT, false, "NAME",                            \
	 "act in this name; for root and the daemon's own user"},         \
	{                                                                 \
		"--id", ADMIN_TEXT, false, "ID",                          \
			"the act's own: the same again does nothing more" \
	}
#define WORDS_ARGUMENTS                                         \
	{"TEXT", ADMIN_TEXT, false, NULL, "what to write"},     \
	{                                                       \
		"--from", ADMIN_INPUT, false, "FILE",           \
			"write what is in the file; - is stdin" \
	}

const struct admin_argument desk_claim_arguments[] = {
	ID_ARGUMENT,
	{"--take-over", ADMIN_FLAG, false, NULL,
	 "also from a colleague who has it"},
	ACT_ARGUMENTS,
	{0},
};

const struct admin_argument desk_say_arguments[] = {
	ID_ARGUMENT,
	WORDS_ARGUMENTS,
	ACT_ARGUMENTS,
	{0},
};

const struct admin_argument desk_note_arguments[] = {
	ID_ARGUMENT,
	WORDS_ARGUMENTS,
	ACT_ARGUMENTS,
	{0},
};

const struct admin_argument desk_end_arguments[] = {
	ID_ARGUMENT,
	ACT_ARGUMENTS,
	{0},
};
