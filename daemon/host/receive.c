/* A message is passed on only if it is within the limits of plugin.h: the
 * plugin is trusted, what it read from outside is not. */
#include "host/receive.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "host/check.h"
#include "host/instance.h"
#include "host/option.h"
#include "host/putting.h"
#include "store/state.h"

#define MAX_BURST_MS (10 * 60 * 1000)
#define MAX_MEDIA_TYPE 200
#define MAX_LANGUAGE 35 /* what RFC 5646, section 4.4.1, asks for */

struct receiving {
	struct call call;
	teller_stored_fn *on_stored;
	void *arg;
};

/* A text of up to max bytes; NULL is none. */
static int
check_text(const char *name, const char *text, size_t max, struct err *err)
{
	if (check_is_text(text, 0, max))
		return 0;
	return err_set(err, "its %s has over %zu bytes, or is not UTF-8", name,
		       max);
}

static int
check_keys(const struct teller_message *m, struct err *err)
{
	bool needs_conversation = m->kind != TELLER_MESSAGE_DELIVERY_FAILED &&
				  m->kind != TELLER_MESSAGE_ACCOUNT_GONE;

	if (needs_conversation && (!m->conversation || !*m->conversation))
		return err_set(err, "it has no conversation");
	if (check_text("account", m->account, TELLER_KEY_MAX, err) < 0 ||
	    check_text("conversation", m->conversation, TELLER_KEY_MAX, err) <
		    0 ||
	    check_text("author's id", m->author.id, TELLER_KEY_MAX, err) < 0 ||
	    check_text("option", m->option, TELLER_KEY_MAX, err) < 0 ||
	    check_text("target", m->target, TELLER_EXTERNAL_ID_MAX, err) < 0 ||
	    check_text("language", m->language, MAX_LANGUAGE, err) < 0)
		return -1;
	for (int i = 0; i < TELLER_EXTERNAL_IDS; i++)
		if (check_text("external id", m->external_ids[i],
			       TELLER_EXTERNAL_ID_MAX, err) < 0)
			return -1;
	return 0;
}

static int
check_sizes(const struct teller_message *m, struct err *err)
{
	if (m->text_len > TELLER_TEXT_MAX || (m->text_len > 0 && !m->text))
		return err_set(err,
			       "its text has over %d bytes, or is not "
			       "there",
			       TELLER_TEXT_MAX);
	if (m->route_len > TELLER_ROUTE_MAX || (m->route_len > 0 && !m->route))
		return err_set(err,
			       "its route has over %d bytes, or is not "
			       "there",
			       TELLER_ROUTE_MAX);
	if (m->n_attachments > TELLER_ATTACHMENTS_MAX ||
	    (m->n_attachments > 0 && !m->attachments))
		return err_set(err, "it has over %d attachments",
			       TELLER_ATTACHMENTS_MAX);
	if (m->burst_ms < -1 || m->burst_ms > MAX_BURST_MS)
		return err_set(err, "its burst_ms is not within -1 .. %d",
			       MAX_BURST_MS);
	return 0;
}

static int
check_feedback(const struct teller_message *m, struct err *err)
{
	static const char *const reasons[] = {TELLER_FEEDBACK_REASONS};

	if (m->kind != TELLER_MESSAGE_FEEDBACK)
		return 0;
	if (m->rating != 1 && m->rating != -1)
		return err_set(err, "its rating is neither 1 nor -1");
	if (!m->option || !*m->option)
		return 0;
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (strcmp(m->option, reasons[i]) == 0)
			return 0;
	return err_set(err, "its reason is none of "
			    "TELLER_FEEDBACK_REASONS");
}

/* By the channel's own key: what is to be made has no id of ours yet. */
static int
check_private(const struct teller_message *m, struct err *err)
{
	const char *key = m->private_conversation;

	if (check_text("private conversation", key, TELLER_KEY_MAX, err) < 0)
		return -1;
	if (key && (!*key || strncmp(key, "cnv_", 4) == 0 ||
		    (m->conversation && strcmp(key, m->conversation) == 0)))
		return err_set(err, "its private conversation is no other one "
				    "by a key of the channel");
	return 0;
}

/* Who was built for an older ABI does not know of these. */
static int
check_added(const struct teller_message *m, struct err *err)
{
	if (TELLER_HAS(m, request) &&
	    check_text("request's id", m->request, TELLER_REQUEST_MAX, err) < 0)
		return -1;
	if (TELLER_HAS(m, private_conversation) && check_private(m, err) < 0)
		return -1;
	if (TELLER_HAS(m, earlier_len) && (m->earlier_len > TELLER_TEXT_MAX ||
					   (m->earlier_len > 0 && !m->earlier)))
		return err_set(err,
			       "what was written earlier has over %d bytes, or "
			       "is not there",
			       TELLER_TEXT_MAX);
	return 0;
}

static int
check_message(const struct teller_host *host, const struct teller_message *m,
	      struct err *err)
{
	bool is_desk = option_capabilities(host->plugin, host->settings) &
		       TELLER_CAN_DESK;

	/* The last member of ABI 1.0: who was built for it sets no more. */
	if (!m || !TELLER_HAS(m, burst_ms))
		return err_set(err, "its size is not set");
	if ((int)m->kind < 0 || m->kind > TELLER_MESSAGE_ACCOUNT_GONE)
		return err_set(err, "its kind (%d) is unknown", (int)m->kind);
	if (m->kind >= TELLER_MESSAGE_CLAIM &&
	    m->kind <= TELLER_MESSAGE_CLOSE && !is_desk)
		return err_set(err,
			       "its kind (%d) is a desk's, which this "
			       "plugin does not say it is",
			       (int)m->kind);
	if ((int)m->author.trust < 0 || m->author.trust > TELLER_TRUST_AGENT)
		return err_set(err, "its author's trust (%d) is unknown",
			       (int)m->author.trust);
	if (check_keys(m, err) < 0 || check_feedback(m, err) < 0 ||
	    check_added(m, err) < 0)
		return -1;
	return check_sizes(m, err);
}

/* A name from outside, made fit to be shown: nobody's message is refused for
 * how he calls himself. */
static const char *
mend_name(struct arena *arena, const char *name, size_t max)
{
	struct buf buf;

	if (!name)
		return NULL;
	buf_init(&buf, 4 * max + 4);
	utf8_repair(&buf, name, strnlen(name, max));
	const char *mended = arena_strndup(
		arena, buf_str(&buf), utf8_cut(buf_str(&buf), buf.len, max));
	buf_release(&buf);
	return mended;
}

static void
mend_names(struct arena *arena, struct teller_message *m)
{
	m->author.name = mend_name(arena, m->author.name, TELLER_NAME_MAX);
	if (!m->n_attachments)
		return;
	struct teller_attachment *attachments =
		arena_array(arena, m->n_attachments, sizeof *attachments);
	for (size_t i = 0; i < m->n_attachments; i++) {
		attachments[i] = m->attachments[i];
		attachments[i].name =
			mend_name(arena, attachments[i].name, TELLER_NAME_MAX);
		attachments[i].media_type = mend_name(
			arena, attachments[i].media_type, MAX_MEDIA_TYPE);
	}
	m->attachments = attachments;
}

static void
tell_stored(void *arg, const struct teller_stored *stored)
{
	struct receiving *receiving = arg;
	struct teller_host *host = call_end(&receiving->call);

	if (host && receiving->on_stored) {
		struct entered entered = instance_enter(host);
		receiving->on_stored(receiving->arg, stored);
		instance_leave(host, "the end of receive()", entered);
	}
	free(receiving);
}

int
receive_states(struct teller_host *host, const char *what,
	       const struct teller_state *states, size_t n,
	       struct plugin_state *out)
{
	if (n > TELLER_STATES_MAX || (n > 0 && !states)) {
		instance_warn(host, "%s is refused: over %d states", what,
			      TELLER_STATES_MAX);
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (!putting_is_key(states[i].key) ||
		    states[i].value_len > TELLER_VALUE_MAX) {
			instance_warn(host,
				      "%s is refused: a state has no "
				      "good key, or over %d bytes",
				      what, TELLER_VALUE_MAX);
			return -1;
		}
		out[i] = (struct plugin_state){
			.key = states[i].key,
			.value = states[i].value,
			.value_len = states[i].value_len,
			.expires_at_us = states[i].expires_at_us,
		};
	}
	return 0;
}

/* A plugin of another version may pass more than we know, or less. */
static void
pass_on(struct teller_host *host, const struct teller_message *message,
	const struct teller_state *states, size_t n_states,
	struct receiving *receiving)
{
	const struct host_events *events = &host->frame->events;
	struct teller_message known = {0};
	struct arena arena = {0};

	memcpy(&known, message,
	       message->size < sizeof known ? message->size : sizeof known);
	known.size = sizeof known;
	int64_t burst_ms =
		known.burst_ms >= 0 ? known.burst_ms : option_burst_ms(host);
	if (!known.account)
		known.account = "";
	if (!known.conversation)
		known.conversation = "";
	mend_names(&arena, &known);
	events->receive(events->arg, host->plugin->name, burst_ms, &known,
			states, n_states, tell_stored, receiving);
	arena_release(&arena);
}

int
receive_message(struct teller_host *host, const struct teller_message *message,
		const struct teller_state *states, size_t n_states,
		teller_stored_fn *on_stored, void *arg)
{
	struct plugin_state checked[TELLER_STATES_MAX];
	struct err err;

	if (instance_check_room(host, "receive", INSTANCE_RUNNING) < 0 ||
	    receive_states(host, "receive", states, n_states, checked) < 0)
		return -1;
	if (check_message(host, message, &err) < 0) {
		instance_warn(host, "a message is refused: %s", err.text);
		return -1;
	}
	struct receiving *receiving = mem_new(sizeof *receiving);
	receiving->on_stored = on_stored;
	receiving->arg = arg;
	call_begin(&receiving->call, host);
	pass_on(host, message, states, n_states, receiving);
	return 0;
}
