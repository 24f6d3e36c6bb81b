#include "question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 25000
#define HISTORY_LIMIT 50
#define RETRY_S 1
/* Of the 5 s that the host gives a plugin to stop. */
#define STOP_MS 3000
#define STOP_LOOK_MS 100

static void
question_drop(struct web_call *call)
{
	free(container_of(call, struct question, call));
}

/* What is under way frees it. */
void
question_end(struct question *question)
{
	const struct teller_services *services = question->web->services;
	question->is_over = true;
	waiters_remove(&question->waiter);
	if (question->timeout)
		services->unwatch(question->web->host, question->timeout);
	question->timeout = NULL;
	if (!question->call.link)
		free(question);
}

static void
question_gone(void *arg)
{
	struct question *question = arg;
	struct web *web = question->web;
	question_end(question);
	web_settle(web);
}

static void
refuse(struct question *question, const struct web_refusal *refusal)
{
	question->route->refuse(question, refusal);
	question_end(question);
}

static void
refuse_for_now(struct question *question, const char *code, const char *detail)
{
	struct web_refusal refusal;
	web_refuse_for_now(&refusal, code, detail, RETRY_S);
	refuse(question, &refusal);
}

static void
answer(struct question *question, const struct question_reply *reply)
{
	question->route->answer(question, reply);
	question_end(question);
}

/* ---- The job that answers it */

static bool
answers(const char *const *in_reply_to, size_t n, const char *message)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(in_reply_to[i], message) == 0)
			return true;
	return false;
}

void
question_job(struct web *web, const struct teller_job *job)
{
	const char *conversation = job->conversation_id;
	const struct question_reply reply = {
		.text = job->text,
		.kind = job->reply_kind,
		.confidence = job->confidence,
		.sources = job->sources,
		.n_sources = job->n_sources,
		.options = job->options,
		.n_options = job->n_options,
	};
	struct waiter *waiter = waiters_first(&web->questions, conversation);
	struct waiter *next;
	for (; waiter; waiter = next) {
		struct question *question =
			container_of(waiter, struct question, waiter);
		next = waiters_next(&web->questions, waiter, conversation);
		if (!question->is_unsure && job->kind == TELLER_JOB_REPLY &&
		    answers(job->in_reply_to, job->n_in_reply_to,
			    question->message))
			answer(question, &reply);
	}
}

static void
refuse_stopping(struct question *question)
{
	refuse_for_now(question, "stopping",
		       "tellerd is stopping; the question is stored and will "
		       "be answered");
}

void
question_refuse_all(struct web *web)
{
	web->is_refusing = true;
	struct waiter *waiter = waiters_first(&web->questions, NULL), *next;
	for (; waiter; waiter = next) {
		next = waiters_next(&web->questions, waiter, NULL);
		refuse_stopping(container_of(waiter, struct question, waiter));
	}
}

/* ---- A reply that was there before, or will not come */

static const struct teller_entry *
find_reply(const struct teller_history *history, const char *message)
{
	for (size_t i = 0; i < history->n_entries; i++) {
		const struct teller_entry *entry = &history->entries[i];
		if (answers(entry->in_reply_to, entry->n_in_reply_to, message))
			return entry;
	}
	return NULL;
}

static void
answer_entry(struct question *question, const struct teller_entry *entry)
{
	const struct question_reply reply = {
		.text = entry->text,
		.kind = entry->kind,
		.confidence = entry->confidence,
		.sources = entry->sources,
		.n_sources = entry->n_sources,
		.options = entry->options,
		.n_options = entry->n_options,
	};
	answer(question, &reply);
}

/* A person has the conversation: the bot will say nothing. */
static void
answer_person(struct question *question)
{
	const struct question_reply reply = {
		.text = "", .kind = "handover", .confidence = 1};
	answer(question, &reply);
}

static void
give_up(struct question *question)
{
	struct web_refusal refusal;
	web_refuse(&refusal, 504, "no_reply_yet",
		   "there is no reply yet; the question is stored, its reply "
		   "will be in the conversation");
	refuse(question, &refusal);
}

static void
refuse_mismatch(struct question *question)
{
	struct web_refusal refusal;
	web_refuse(&refusal, 422, "idempotency_mismatch",
		   "another question, or one to another conversation, had "
		   "that Idempotency-Key");
	refuse(question, &refusal);
}

static void history_read(void *, const struct teller_history *);

static int
look_for_reply(struct question *question)
{
	struct web *web = question->web;
	if (question->call.link)
		return 0;
	const char *key =
		question->is_unsure ? question->key : question->conversation;
	if (web->services->history(web->host, "", key, question->message,
				   HISTORY_LIMIT, history_read, question))
		return -1;
	web_call_begin(web, &question->call);
	return 0;
}

static void
tell_waits(struct question *question)
{
	if (question->route->waits)
		question->route->waits(question);
}

/* What came while it was not sure was not taken: so it looks once more. */
static void
be_sure(struct question *question)
{
	question->is_unsure = false;
	if (look_for_reply(question) && question->is_late)
		give_up(question);
	else
		tell_waits(question);
}

/* Is the key's conversation the one that has the message? */
static bool
is_same(const struct question *question, const struct teller_history *history)
{
	return history->found &&
	       strcmp(history->conversation_id, question->conversation) == 0;
}

static void
judge(struct question *question, const struct teller_history *history)
{
	if (question->is_unsure && !is_same(question, history)) {
		refuse_mismatch(question);
		return;
	}
	const struct teller_entry *entry =
		find_reply(history, question->message);
	if (entry)
		answer_entry(question, entry);
	else if (history->found && strcmp(history->state, "person") == 0)
		answer_person(question);
	else if (question->is_unsure)
		be_sure(question);
	else if (question->is_late)
		give_up(question);
}

static void
history_read(void *arg, const struct teller_history *history)
{
	struct question *question = arg;
	struct web *web = question->web;
	web_call_end(&question->call);
	if (question->is_over)
		free(question);
	else
		judge(question, history);
	web_settle(web);
}

/* A person may have taken the conversation in the meantime. */
static void
timed_out(void *arg)
{
	struct question *question = arg;
	struct web *web = question->web;
	question->timeout = NULL;
	question->is_late = true;
	if (look_for_reply(question))
		give_up(question);
	web_settle(web);
}

/* ---- Stopping */

static void
look_once_more(void *arg)
{
	struct web *web = arg;
	struct waiter *waiter = waiters_first(&web->questions, NULL);
	for (; waiter; waiter = waiters_next(&web->questions, waiter, NULL))
		look_for_reply(container_of(waiter, struct question, waiter));
}

static void
stop_over(void *arg)
{
	struct web *web = arg;
	question_refuse_all(web);
	web_settle(web);
}

void
question_stop(struct web *web)
{
	const struct teller_services *services = web->services;
	look_once_more(web);
	if (!services->watch_timer(web->host, STOP_LOOK_MS, true,
				   look_once_more, web) ||
	    !services->watch_timer(web->host, STOP_MS, false, stop_over, web))
		question_refuse_all(web);
}

/* ---- Asking */

static bool
is_mismatch(const struct question *question, const struct teller_stored *stored)
{
	return !stored->same ||
	       (*question->conversation &&
		strcmp(question->conversation, stored->conversation) != 0);
}

static void
wait_for_reply(struct question *question, const struct teller_stored *stored)
{
	struct web *web = question->web;
	bool is_repeat = stored->status == TELLER_DUPLICATE;
	bool is_new = question->is_new && !is_repeat;
	question->is_unsure = is_repeat && *question->key;
	snprintf(question->conversation, sizeof(question->conversation), "%s",
		 stored->conversation);
	snprintf(question->message, sizeof(question->message), "%s",
		 stored->message);
	waiters_add(&web->questions, &question->waiter, question->conversation);
	question->timeout = web->services->watch_timer(
		web->host, TIMEOUT_MS, false, timed_out, question);
	/* Nothing was said in a new one yet, and no person has it. */
	bool is_failed = !is_new && look_for_reply(question);
	if (is_failed && question->is_unsure)
		refuse_for_now(question, "busy",
			       "the first answer cannot be looked up now");
	else if (!question->is_unsure)
		tell_waits(question);
}

static void
judge_stored(struct question *question, const struct teller_stored *stored)
{
	struct web_refusal refusal;
	bool is_repeat = stored->status == TELLER_DUPLICATE;
	bool is_stored = stored->status == TELLER_STORED;
	if (is_repeat && is_mismatch(question, stored)) {
		refuse_mismatch(question);
	} else if ((is_repeat || is_stored) && question->web->is_refusing) {
		refuse_stopping(question);
	} else if (is_repeat || is_stored) {
		wait_for_reply(question, stored);
	} else {
		web_refuse_stored(&refusal, stored);
		refuse(question, &refusal);
	}
}

static void
asked(void *arg, const struct teller_stored *stored)
{
	struct question *question = arg;
	struct web *web = question->web;
	web_call_end(&question->call);
	if (stored->status == TELLER_STORED)
		web_events_wake(web, stored->conversation);
	if (question->is_over)
		free(question);
	else
		judge_stored(question, stored);
	web_settle(web);
}

void *
question_new(struct web *web, struct teller_request *request,
	     const struct question_route *route, size_t size,
	     struct web_refusal *refusal)
{
	struct question *question = calloc(1, size);
	if (!question) {
		web_refuse_for_now(refusal, "no_memory",
				   "there is no memory; try again", RETRY_S);
		return NULL;
	}
	question->web = web;
	question->route = route;
	question->call.drop = question_drop;
	web->services->http_on_gone(request, question_gone, question);
	return question;
}

void
question_begin(struct question *question, const struct question_ask *ask)
{
	struct web *web = question->web;
	char external[WEB_NAME_SIZE];
	struct teller_message message = {
		.size = sizeof(message),
		.kind = TELLER_MESSAGE_TEXT,
		.account = "",
		.conversation = ask->key ? ask->key : ask->conversation,
		.text = ask->text,
		.text_len = ask->text_len,
		.earlier = ask->earlier,
		.earlier_len = ask->earlier_len,
		.request = ask->request,
	};
	if (ask->idempotency) {
		web_name_of(web, "question", ask->principal, ask->idempotency,
			    external);
		message.external_ids[0] = external;
	}
	question->is_new = ask->is_new;
	/* Nothing else makes a repeat that could be unsure. */
	if (ask->key && ask->idempotency)
		snprintf(question->key, sizeof(question->key), "%s", ask->key);
	if (!ask->key)
		snprintf(question->conversation, sizeof(question->conversation),
			 "%s", ask->conversation);
	if (web->services->receive(web->host, &message, NULL, 0, asked,
				   question))
		refuse_for_now(question, "busy",
			       "the question cannot be taken now");
	else
		web_call_begin(web, &question->call);
}

void
question_principal(const struct web *web, const char *key,
		   char out[WEB_NAME_SIZE])
{
	web_name_of(web, "principal", key, "", out);
}
