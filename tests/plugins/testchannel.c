/* A channel, or with TEST_DESK a desk, whose other side is a test.  The test
 * connects to the unix socket of the setting "socket" and speaks JSON, a line
 * an object.  What it asks:
 *
 *	{"do": "receive", "tag": T, "kind": "text", "account": "",
 *	 "conversation": C, "external_ids": [...], "author": {"id": ..,
 *	 "name": .., "trust": 0}, "text": .., "option": .., "target": ..,
 *	 "rating": 1, "route": .., "language": .., "burst_ms": -1,
 *	 "states": {KEY: VALUE, ...}}
 *	{"do": "sent", "job": J, "external_id": ..}
 *	{"do": "failed", "job": J, "failure": "retry", "not_before_us": 0,
 *	 "words": ..}
 *	{"do": "progress", "job": J, "state": ..}
 *	{"do": "history", "tag": T, "account": "", "conversation": C,
 *	 "after": "", "limit": 200}
 *	{"do": "open", "tag": T, "account": "", "conversation": C}
 *	{"do": "state", "tag": T, "key": K}
 *	{"do": "answer", "with": "none"}
 *
 * It is told {"event": "stored" | "history" | "state" | "refused", "tag": T,
 * ...}, and of everything that goes out: {"event": "job" | "typing" |
 * "cancel", ...}.  Jobs are also added to the file of the setting "record".
 * Unless "answer" is none, each job is answered so at once. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testcommand.h"
#include "testlines.h"

static const char *const job_kinds[] = {
	[TELLER_JOB_REPLY] = "reply",
	[TELLER_JOB_NOTICE] = "notice",
	[TELLER_JOB_AGENT_TEXT] = "agent_text",
	[TELLER_JOB_DESK_CARD] = "desk_card",
	[TELLER_JOB_CARD_UPDATE] = "card_update",
	[TELLER_JOB_CUSTOMER_TEXT] = "customer_text",
	NULL,
};

static void
on_line(void *arg, char *line)
{
	command_run(arg, line);
}

static json_t *
job_json(const struct teller_job *job)
{
	json_t *object = json_pack(
		"{s:s, s:s, s:s, s:s, s:i, s:b, s:s, s:s, s:s, s:s, s:s, s:f, "
		"s:s, s:s, s:o, s:o, s:o}",
		"event", "job", "id", job->id, "key", job->key, "kind",
		job_kinds[job->kind], "attempt", job->attempt, "maybe_sent",
		job->maybe_sent, "account", job->account, "conversation",
		job->conversation, "conversation_id", job->conversation_id,
		"conversation_state", job->conversation_state, "reply_kind",
		job->reply_kind, "confidence", job->confidence, "text",
		job->text, "author", job->author, "options",
		command_options(job->options, job->n_options), "sources",
		command_sources(job->sources, job->n_sources), "in_reply_to",
		command_ids(job->in_reply_to, job->n_in_reply_to));

	if (job->route)
		json_object_set_new(object, "route",
				    json_stringn(job->route, job->route_len));
	if (job->progress)
		json_object_set_new(
			object, "progress",
			json_stringn(job->progress, job->progress_len));
	return object;
}

static void
record_job(struct channel *channel, json_t *object)
{
	char *line = json_dumps(object, JSON_COMPACT);

	if (channel->record_fd >= 0 && line)
		dprintf(channel->record_fd, "%s\n", line);
	free(line);
}

static void
channel_send(void *self, const struct teller_job *job)
{
	struct channel *channel = self;
	int failure = command_find_word(command_failures, channel->answer);
	json_t *object = job_json(job);

	record_job(channel, object);
	command_tell(channel, object);
	if (strcmp(channel->answer, "sent") == 0)
		channel->services->sent(channel->host, job->id, job->key);
	else if (failure >= 0)
		channel->services->failed(channel->host, job->id,
					  (enum teller_failure)failure, 0,
					  "the test says so");
}

static void
channel_typing(void *self, const char *account, const char *conversation,
	       bool on)
{
	command_tell(self, json_pack("{s:s, s:s, s:s, s:b}", "event", "typing",
				     "account", account, "conversation",
				     conversation, "on", on));
}

static void
channel_cancel(void *self, const char *job)
{
	command_tell(self,
		     json_pack("{s:s, s:s}", "event", "cancel", "job", job));
}

static int
channel_open(const struct teller_services *services, struct teller_host *host,
	     void **self_r, struct teller_words *words)
{
	const char *record = services->option_text(host, "record");
	struct channel *channel = calloc(1, sizeof *channel);

	if (!channel)
		abort();
	channel->services = services;
	channel->host = host;
	channel->record_fd = -1;
	snprintf(channel->answer, sizeof channel->answer, "%s",
		 services->option_text(host, "answer"));
	if (*record)
		channel->record_fd =
			open(record, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
			     0600);
	if (*record && channel->record_fd < 0) {
		snprintf(words->text, sizeof words->text, "cannot open %s",
			 record);
		free(channel);
		return -1;
	}
	*self_r = channel;
	return 0;
}

static int
channel_start(void *self, struct teller_words *words)
{
	struct channel *channel = self;
	const char *path =
		channel->services->option_text(channel->host, "socket");

	if (*path)
		channel->lines = testlines_new(channel->services, channel->host,
					       path, on_line, channel, words);
	return *path && !channel->lines ? -1 : 0;
}

static void
channel_stop(void *self)
{
	struct channel *channel = self;

	channel->services->stopped(channel->host);
}

static void
channel_close(void *self)
{
	struct channel *channel = self;

	command_release(channel);
	testlines_free(channel->lines);
	if (channel->record_fd >= 0)
		close(channel->record_fd);
	free(channel);
}

static const struct teller_option options[] = {
	{.name = "socket",
	 .type = TELLER_TEXT,
	 .fallback = "",
	 .help = "Path of the socket where the test connects."},
	{.name = "record",
	 .type = TELLER_TEXT,
	 .fallback = "",
	 .help = "File to which every job is added, a line each."},
	{.name = "answer",
	 .type = TELLER_CHOICE,
	 .choices = "sent none retry gone rejected unknown",
	 .fallback = "sent",
	 .help = "How a job is answered at once."},
	{.name = NULL},
};

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.abi_minor = TELLER_ABI_MINOR,
#ifdef TEST_DESK
	.capabilities = TELLER_CAN_DESK | TELLER_CAN_TYPING,
	.name = "testdesk",
#else
	.capabilities = TELLER_CAN_CHANNEL | TELLER_CAN_TYPING,
	.name = "testchannel",
#endif
	.version = "1",
	.options = options,
	.open = channel_open,
	.start = channel_start,
	.send = channel_send,
	.typing = channel_typing,
	.cancel = channel_cancel,
	.stop = channel_stop,
	.close = channel_close,
};
