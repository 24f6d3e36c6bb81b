#include "dialog/deciding.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "dialog/form.h"
#include "dialog/said.h"

static const char *
value_of_any_name(const void *value, const char *name, size_t name_len)
{
	(void)name;
	(void)name_len;
	return value;
}

const char *
compose_filled(struct deciding *d, const char *text, const char *value)
{
	if (!value || !strstr(text, "{{"))
		return text;
	struct buf out;
	buf_init(&out, REPLY_MAX_BYTES);
	int rc = template_fill(&out, text, value_of_any_name, value, NULL);
	const char *filled = rc ? text : arena_strdup(d->arena, buf_str(&out));
	buf_release(&out);
	return filled;
}

const char *
compose_text(struct deciding *d, enum pack_text which, const char *value)
{
	return compose_filled(d, d->in->knowledge->pack->texts[which], value);
}

const char *
compose_cut(struct deciding *d, const char *text, size_t max_bytes)
{
	size_t len = strlen(text);
	if (len <= max_bytes)
		return text;
	return arena_printf(d->arena, "%.*s...",
			    (int)utf8_cut(text, len, max_bytes), text);
}

void
compose_paragraph(struct deciding *d, const char *text)
{
	if (!*text)
		return;
	if (d->body.len)
		buf_adds(&d->body, "\n\n");
	buf_adds(&d->body, text);
}

void
compose_no_options(struct deciding *d)
{
	json_array_clear(d->options);
	d->memory.n_offered = d->memory.n_shown = 0;
}

void
compose_button(struct deciding *d, const char *id, const char *label)
{
	/* Those of an earlier reply are no longer the last ones. */
	if (!json_array_size(d->options))
		compose_no_options(d);
	json_t *option = json_object();
	json_set_text(option, "id", id);
	json_set_text(option, "label", label);
	json_array_append_new(d->options, option);
	if (d->memory.n_shown < SHOWN_MAX)
		d->memory.shown[d->memory.n_shown++] = id;
}

void
compose_option(struct deciding *d, const char *id, const char *label)
{
	compose_button(d, id, label);
	if (d->memory.n_offered < OFFERED_MAX)
		d->memory.offered[d->memory.n_offered++] = id;
}

/* What the marks stand for, in words. */
static const struct {
	const char *kind, *words;
} masked_words[] = {
	{"card", "card number"},   {"iban", "IBAN"},
	{"cvv", "security code"},  {"pin", "PIN"},
	{"code", "one-time code"}, {"password", "password"},
};

static bool
was_masked(const struct deciding *d, const char *kind)
{
	size_t len = strlen(kind);
	for (size_t i = 0; i < d->out->n_messages; i++) {
		const struct message *message = &d->in->messages[i];
		/* Where it was written, he was told. */
		const char *list = message->origin_id ? "" : message->redacted;
		for (const char *at = list; (at = strstr(at, kind)); at += len)
			if ((at == list || at[-1] == ',') &&
			    (!at[len] || at[len] == ','))
				return true;
	}
	return false;
}

/* The customer is told what was removed from what he wrote. */
static void
tell_masked(struct deciding *d)
{
	struct buf kinds;
	buf_init(&kinds, 256);
	for (size_t i = 0; i < sizeof(masked_words) / sizeof(*masked_words);
	     i++) {
		if (!was_masked(d, masked_words[i].kind))
			continue;
		if (kinds.len)
			buf_adds(&kinds, ", ");
		buf_adds(&kinds, masked_words[i].words);
	}
	if (kinds.len)
		compose_paragraph(
			d, compose_text(d, TEXT_REDACTED, buf_str(&kinds)));
	buf_release(&kinds);
}

static const char *
keep_json(struct deciding *d, const json_t *value)
{
	char *text = json_text(value);
	const char *kept = arena_strdup(d->arena, text);
	free(text);
	return kept;
}

void
compose_row(struct deciding *d, const char *target, const char *job,
	    const char *kind, const char *author, const char *text)
{
	struct turn_result *out = d->out;
	assert(out->n_replies < TURN_REPLIES_MAX);
	const struct conversation *conversation = d->in->conversation;
	const char *rest = said_rest(d->arena, text);
	out->replies[out->n_replies++] = (struct reply){
		.conversation_id = conversation->id,
		.target = *target ? target : conversation->channel,
		.job = job,
		.kind = kind,
		.author = author,
		.confidence = out->confidence,
		.text = said_whole(d->arena, text),
		.words_id = rest ? d->in->messages[out->n_messages - 1].id : 0,
		.rest = rest,
		.created_at_us = d->in->now_us,
	};
}

void
compose_reply(struct deciding *d)
{
	form_follow(d);
	/* Beside a form's question it would be taken for an answer to that. */
	if (d->may_leave && !form_is_open(d))
		compose_option(d, OPTION_BOT,
			       compose_text(d, TEXT_BOT_BUTTON, NULL));
	struct buf body = d->body;
	buf_init(&d->body, REPLY_MAX_BYTES);
	if (!d->in->conversation->turns || d->memory.owes_disclosure)
		compose_paragraph(d, compose_text(d, TEXT_DISCLOSURE, NULL));
	d->memory.owes_disclosure = false;
	d->has_replied = true;
	tell_masked(d);
	compose_paragraph(d, buf_str(&body));
	buf_release(&body);
	compose_row(d, "", "reply", turn_kind_name(d->out->kind), "",
		    buf_str(&d->body));
	struct reply *reply = &d->out->replies[d->out->n_replies - 1];
	reply->options_json = keep_json(d, d->options);
	reply->sources_json = keep_json(d, d->sources);
}
