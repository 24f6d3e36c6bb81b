#include "dialog/deciding.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "dialog/form.h"
#include "dialog/lesson.h"
#include "dialog/said.h"
#include "nlu/hours.h"

static json_t *
before(const struct deciding *d)
{
	const struct conversation *conversation = d->in->conversation;
	json_t *object = json_object();
	json_set_text(object, "state",
		      conversation_state_name(conversation->state));
	json_set_int(object, "turns", conversation->turns);
	json_set_int(object, "failed_turns", conversation->failed_turns);
	json_set_text(object, "owner", conversation->owner);
	json_set_text(object, "memory", said_memory(&d->before, d->arena));
	if (conversation->lease_until_us)
		json_set_int(object, "lease_until",
			     conversation->lease_until_us);
	return object;
}

static json_t *
candidates(const struct deciding *d, const struct search *search)
{
	json_t *list = json_array();
	for (size_t i = 0; i < search->n; i++) {
		const struct candidate *candidate = &search->candidates[i];
		const struct index_entry *entry =
			index_entry(d->in->knowledge->index, candidate->entry);
		json_t *row = json_object();
		json_set_text(row, "id", entry->name);
		json_set_int(row, "version", entry->version);
		json_set_real(row, "confidence",
			      candidates_confidence(candidate, search->n - i));
		json_set_real(row, "score", (double)candidate->score);
		json_set_real(row, "coverage", (double)candidate->coverage);
		json_set_real(row, "closeness", (double)candidate->closeness);
		json_set_real(row, "likeness", (double)candidate->likeness);
		json_set_real(row, "intent", (double)candidate->intent);
		json_set_real(row, "guessed", (double)candidate->guessed);
		json_array_append_new(list, row);
	}
	return list;
}

static json_t *
intents(const struct intents *intents)
{
	json_t *list = json_array();
	for (size_t i = 0; i < intents->n; i++)
		json_array_append_new(
			list, json_pack("{s:s,s:f}", "name",
					intents->list[i].intent, "probability",
					(double)intents->list[i].probability));
	return list;
}

/* Which bytes of the turn's words, and which words besides, of the entry that
 * the conversation is about. */
static json_t *
searched(const struct deciding *d, const struct search *search)
{
	json_t *object = json_object();
	const char *at = strstr(d->question, search->own);
	json_int_t begin = at - d->out->question;
	json_object_set_new(object, "span",
			    json_pack("[I,I]", begin,
				      begin + (json_int_t)strlen(search->own)));
	if (search->with)
		json_set_text(object, "with", search->with);
	return object;
}

/* The i-th entry that answers, and what was searched for it. */
static void
add_answer(const struct deciding *d, json_t *object, size_t i)
{
	const struct search *search = &d->searches[i];
	if (i < d->n_answers) {
		const struct index_entry *entry = d->answers[i];
		json_object_set_new(
			object, "entry",
			json_sprintf("%s@%d", entry->name, entry->version));
		/* The whole answer, byte for byte, from the entry. */
		json_object_set_new(
			object, "span",
			json_pack("[i,I]", 0,
				  (json_int_t)strlen(entry->answer)));
	}
	if (search->text && search->text != d->out->question)
		json_object_set_new(object, "searched", searched(d, search));
	json_object_set_new(object, "intents", intents(&search->intents));
	json_object_set_new(object, "candidates", candidates(d, search));
}

/* The second of two questions. */
static json_t *
second(const struct deciding *d)
{
	json_t *object = json_object();
	json_set_real(object, "confidence", d->searches[1].confidence);
	add_answer(d, object, 1);
	return object;
}

static json_t *
after(const struct turn_result *out)
{
	json_t *object = json_object();
	json_set_text(object, "state", conversation_state_name(out->state));
	json_set_int(object, "failed_turns", out->failed_turns);
	return object;
}

static json_t *
basis(const struct deciding *d)
{
	const struct knowledge *knowledge = d->in->knowledge;
	const struct decide_settings *settings = &knowledge->settings;
	json_t *object = json_object();
	json_set_text(object, "build", PACKAGE_VERSION);
	json_set_text(object, "pack", knowledge->pack->hash);
	json_set_int(object, "generation", knowledge->generation);
	/* Named where intents were learnt from other entries than are found. */
	if (knowledge->lesson &&
	    lesson_generation(knowledge->lesson) != knowledge->generation)
		json_set_int(object, "learnt",
			     lesson_generation(knowledge->lesson));
	json_set_text(object, "settings", knowledge->settings_hash);
	json_set_real(object, "threshold", settings->threshold);
	json_set_real(object, "floor", settings->floor);
	json_set_int(object, "candidates", settings->n_candidates);
	json_set_int(object, "crashes", settings->max_crashes);
	json_set_int(object, "lease", settings->lease_ms);
	json_set_bool(object, "hours", settings->keeps_hours);
	if (knowledge->pack->hours)
		json_set_text(object, "zone",
			      hours_zone_hash(knowledge->pack->hours));
	json_set_text(object, "desk", d->in->desk);
	json_set_int(object, "now", d->in->now_us);
	return object;
}

const char *
record_write(const struct deciding *d)
{
	json_t *record = json_object();
	json_set_int(record, "v", RECORD_VERSION);
	json_set_text(record, "kind", turn_kind_name(d->out->kind));
	json_set_text(record, "rule", d->out->rule);
	json_set_real(record, "confidence", d->out->confidence);
	add_answer(d, record, 0);
	if (d->n_answers > 1)
		json_object_set_new(record, "second", second(d));
	if (d->form)
		json_object_set_new(record, "form", form_record(d));
	json_object_set_new(record, "before", before(d));
	json_object_set_new(record, "after", after(d->out));
	json_object_set_new(record, "basis", basis(d));
	char *text = json_text(record);
	json_decref(record);
	const char *kept = arena_strdup(d->arena, text);
	free(text);
	return kept;
}
