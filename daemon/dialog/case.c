/* Any thread. */
#include "dialog/case.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/utf8.h"
#include "dialog/form.h"
#include "store/conversation.h"
#include "text/plain.h"

#define SLOTS_DEPTH 4
/* What a customer wrote in one turn, and the case, which is several times as
 * long as a form's answers when every byte of them is escaped. */
#define QUESTION_MAX (256 * 1024)
#define WORDS_MAX (2 * 1024 * 1024)

struct form_case
case_of_form(const struct form_result *form,
	     const struct conversation *conversation, int64_t now_us)
{
	return (struct form_case){
		.draft = {.reference = form->reference,
			  .form = form->form,
			  .title = form->title,
			  .slots_json = form->slots,
			  .is_complete = form->is_complete},
		.conversation = conversation->public_id,
		.channel = conversation->channel,
		.created_at_us = now_us,
		.closed_by = "",
		.note = "",
	};
}

static json_t *
read_slots(const struct form_case *c)
{
	const char *text = c->draft.slots_json;
	json_t *slots = json_read(text, strlen(text), SLOTS_DEPTH, NULL);

	return slots ? slots : json_array();
}

static void
add_slot(struct buf *out, const json_t *slot)
{
	const char *verdict = json_get_text(slot, "verdict", "");

	buf_adds(out, "\n- ");
	plain_add(out, json_get_text(slot, "label", ""));
	buf_adds(out, ": ");
	plain_add(out, json_get_text(slot, "value", ""));
	if (strcmp(verdict, "ok") != 0)
		buf_addf(out, "(%s)", verdict);
}

void
case_text(struct buf *out, const struct form_case *c)
{
	json_t *slots = read_slots(c), *slot;
	size_t i;

	buf_adds(out, "**");
	plain_add(out, c->draft.title);
	buf_addf(out, "**, case %s%s\n", c->draft.reference,
		 c->draft.is_complete ? "" : ", not complete");
	json_array_foreach (slots, i, slot)
		add_slot(out, slot);
	json_decref(slots);
}

void
case_json(struct buf *out, const struct form_case *c)
{
	char at[TIME_TEXT_SIZE];
	json_t *data = json_object(), *event = json_object();

	json_set_text(data, "reference", c->draft.reference);
	json_set_text(data, "form", c->draft.form);
	json_set_text(data, "title", c->draft.title);
	json_set_bool(data, "complete", c->draft.is_complete);
	json_set_text(data, "conversation", c->conversation);
	json_set_text(data, "channel", c->channel);
	json_object_set_new(data, "slots", read_slots(c));
	json_set_text(event, "type", "case.opened");
	json_set_text(event, "timestamp", time_format(c->created_at_us, at));
	json_object_set_new(event, "data", data);
	json_write(out, event);
	json_decref(event);
}

const char *
case_words(struct arena *arena, const char *job, const char *question,
	   const struct form_case *c)
{
	bool is_case = strcmp(job, JOB_CASE) == 0;
	size_t len = strlen(question);
	struct buf out;

	if (!c)
		return question;
	buf_init(&out, WORDS_MAX);
	if (is_case) {
		case_json(&out, c);
	} else {
		buf_add(&out, question, utf8_cut(question, len, QUESTION_MAX));
		buf_adds(&out, len > QUESTION_MAX ? "..." : "");
		buf_adds(&out, len ? "\n\n" : "");
		case_text(&out, c);
	}
	const char *words = arena_strdup(arena, buf_str(&out));
	buf_release(&out);
	return words;
}
