/* A plugin to read first, and to begin a new one from: it compiles, runs, and
 * uses nothing but <tellerd/plugin.h> and libc.
 *
 * It is a channel of rooms.  Whoever has a room's key writes into it,
 *
 *	curl -H 'Authorization: Bearer KEY' --data 'My card is gone' \
 *		http://127.0.0.1:8080/skeleton/lobby
 *
 * and reads what was said there, once, or on and on as it is said:
 *
 *	curl http://127.0.0.1:8080/skeleton/lobby
 *	curl -N http://127.0.0.1:8080/skeleton/lobby/listen
 *
 * Replies can also be passed on to a web address, "forward".  In tellerd.yaml:
 *
 *	plugins:
 *	  skeleton:
 *	    rooms:
 *	      lobby: {key: "file:/etc/tellerd/lobby.key"}
 *
 * The order here is that of a plugin's life: options, open, start, what comes
 * in, what goes out, stop, close; at the end the object that is all the host
 * sees.  What each service promises stands in the header.  Three rules explain
 * the rest:
 *
 *   1. Everything runs on one thread, the loop's, and must be back within
 *	10 ms.  What takes longer is a service with a call-back, or work().
 *   2. Nothing is ours until it is on disk.  A sender is told "taken" when
 *	on_stored() says so; what a reply did is told by sent() or failed(), and
 *	what was told neither is given again, after a crash as well.
 *   3. What the host made, it takes away.  We free what we allocated; a watch,
 *	a route, a request that is left over at the end does no harm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tellerd/plugin.h>

#define MAX_TEXT (16 * 1024)
#define KEEP_ALIVE_MS 20000
#define KEEP_US (30LL * 24 * 3600 * 1000000) /* 30 days */

/* ---- Options
 *
 * A table is all it takes: the host reads the settings, checks them against
 * it, names the line of a mistake, and prints it for `tellerctl options`.  An
 * option without fallback must be given. */

static const struct teller_option room_options[] = {
	{
		.name = "key",
		.type = TELLER_SECRET,
		.help = "Where the key is that lets people write.",
	},
	{.name = NULL},
};

static const struct teller_option options[] = {
	{
		.name = "rooms",
		.type = TELLER_TABLE,
		.fields = room_options,
		.min = 1,
		.max = 100,
		.help = "The rooms, by name.",
	},
	{
		.name = "forward",
		.type = TELLER_TEXT,
		.max = 1000,
		.fallback = "",
		.help = "Web address to which each reply is posted as well.",
	},
	{
		.name = "timeout",
		.type = TELLER_DURATION,
		.min = 100,
		.max = 60 * 1000,
		.fallback = "10 s",
		.help = "How long such a post may take.",
	},
	{.name = NULL},
};

/* ---- State
 *
 * One struct made by open(); no globals, since a plugin may be closed and
 * opened again in one process. */

struct listener {
	struct listener *next, **link;
	struct teller_stream *stream;
	char room[TELLER_KEY_MAX + 1];
};

struct skeleton {
	const struct teller_services *services;
	struct teller_host *host;
	struct listener *listeners;
	const char *forward; /* of the settings: borrowed until close() */
	int n_forwarding;
	bool is_stopping;
};

/* ---- Opening */

static int
skeleton_open(const struct teller_services *services, struct teller_host *host,
	      void **self_r, struct teller_words *words)
{
	struct skeleton *self = calloc(1, sizeof *self);

	if (!self) {
		snprintf(words->text, sizeof words->text, "no memory");
		return -1;
	}
	self->services = services;
	self->host = host;
	self->forward = services->option_text(host, "forward");
	*self_r = self;
	return 0;
}

/* ---- What comes in */

/* A message on its way to disk, and the request that waits to hear of it. */
struct receipt {
	struct skeleton *self;
	struct teller_request *request;
};

/* The message is on disk, or it is not: only now the sender may know.  The
 * request may have gone meanwhile; as we did not ask to be told (see
 * http_on_gone), we answer all the same, and that goes nowhere. */
static void
on_stored(void *arg, const struct teller_stored *stored)
{
	struct receipt *receipt = arg;
	const struct teller_services *s = receipt->self->services;
	char body[TELLER_KEY_MAX];

	switch (stored->status) {
	case TELLER_STORED:
	case TELLER_DUPLICATE:
		snprintf(body, sizeof body, "taken as %s\n", stored->message);
		s->answer(receipt->request, 202, "text/plain; charset=utf-8",
			  NULL, 0, body, strlen(body));
		break;
	case TELLER_BUSY:
		s->problem(receipt->request, 503, "busy", stored->words,
			   stored->retry_after_s);
		break;
	case TELLER_FAILED:
		s->problem(receipt->request, 500, "failed", stored->words, 0);
		break;
	case TELLER_NOT_FOUND:
		s->problem(receipt->request, 404, "not_found", stored->words,
			   0);
		break;
	}
	free(receipt);
}

/* Is the key of the request the room's?  Compared in a time that does not
 * depend on where they differ. */
static bool
has_key(struct skeleton *self, struct teller_request *request, const char *room)
{
	const struct teller_services *s = self->services;
	const char *given = s->http_header(request, "Authorization");
	char path[TELLER_KEY_MAX + 16];
	unsigned char difference = 0;
	size_t len;

	if (!given || strncmp(given, "Bearer ", 7) != 0)
		return false;
	given += 7;
	snprintf(path, sizeof path, "rooms.%s.key", room);
	const char *key = s->secret_get(self->host, path, &len);
	if (!key || len == 0 || strlen(given) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		difference |= (unsigned char)(key[i] ^ given[i]);
	return difference == 0;
}

/* The request's room, if the settings have it; else the request is answered,
 * and NULL.  Looked for among the names: a path that is not in the settings is
 * a plugin's mistake, and an outsider must not be able to make one. */
static const char *
find_room(struct skeleton *self, struct teller_request *request)
{
	const struct teller_services *s = self->services;
	const char *wanted = s->http_param(request, "room");
	size_t n = s->option_count(self->host, "rooms");

	for (size_t i = 0; i < n; i++) {
		const char *room = s->option_item(self->host, "rooms", i);
		if (strcmp(room, wanted) == 0)
			return room;
	}
	s->problem(request, 404, "no_room", "There is no such room.", 0);
	return NULL;
}

/* When the room was last used is kept with the message, in one transaction:
 * so a channel keeps how far it has read a mailbox, and after a crash goes on
 * exactly there. */
static int
pass_on(struct skeleton *self, struct teller_request *request, const char *room)
{
	const struct teller_services *s = self->services;
	struct receipt *receipt = calloc(1, sizeof *receipt);
	char key[TELLER_KEY_MAX + 1], now[32];
	size_t len;
	const char *text = s->http_body(request, &len);
	const char *id = s->http_header(request, "Idempotency-Key");

	if (!receipt)
		return -1;
	receipt->self = self;
	receipt->request = request;
	snprintf(key, sizeof key, "last/%s", room);
	snprintf(now, sizeof now, "%lld", (long long)s->now_us(self->host));
	const struct teller_state state = {
		.key = key,
		.value = now,
		.value_len = strlen(now),
		.expires_at_us = s->now_us(self->host) + KEEP_US,
	};
	const struct teller_message message = {
		.size = sizeof message,
		.kind = TELLER_MESSAGE_TEXT,
		.conversation = room,
		/* Who sends again under the same key is understood once. */
		.external_ids = {id},
		.author = {.trust = TELLER_TRUST_CHANNEL},
		.text = text,
		.text_len = len,
		.burst_ms = -1,
	};
	if (s->receive(self->host, &message, &state, 1, on_stored, receipt) ==
	    0)
		return 0;
	free(receipt);
	return -1;
}

static void
on_post(void *arg, struct teller_request *request)
{
	struct skeleton *self = arg;
	const struct teller_services *s = self->services;
	const char *room = find_room(self, request);

	if (!room)
		return;
	if (!has_key(self, request, room)) {
		s->problem(request, 401, "no_key",
			   "The key of the room is missing or wrong.", 0);
		return;
	}
	if (pass_on(self, request, room) < 0)
		s->problem(request, 400, "refused",
			   "The message cannot be taken as it is.", 0);
}

/* ---- Reading back */

static void
on_history(void *arg, const struct teller_history *history)
{
	struct receipt *receipt = arg;
	const struct teller_services *s = receipt->self->services;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; out && i < history->n_entries; i++)
		fprintf(out, "%s %s: %s\n", history->entries[i].id,
			history->entries[i].author, history->entries[i].text);
	if (out && fclose(out) == 0)
		s->answer(receipt->request, 200, "text/plain; charset=utf-8",
			  NULL, 0, text, len);
	else
		s->problem(receipt->request, 500, "no_memory",
			   "There is not enough memory.", 0);
	free(text);
	free(receipt);
}

/* ?after=ID: what was said after that, up to 200 entries. */
static void
on_get(void *arg, struct teller_request *request)
{
	struct skeleton *self = arg;
	const struct teller_services *s = self->services;
	const char *room = find_room(self, request);
	struct receipt *receipt = room ? calloc(1, sizeof *receipt) : NULL;

	if (!room)
		return;
	if (receipt)
		*receipt = (struct receipt){self, request};
	if (receipt &&
	    s->history(self->host, "", room, s->http_query(request, "after"),
		       200, on_history, receipt) == 0)
		return;
	s->problem(request, 400, "refused",
		   "That is not the id of a message, or it is not possible "
		   "now.",
		   0);
	free(receipt);
}

/* ---- An answer without an end */

static void
listener_free(struct listener *listener)
{
	*listener->link = listener->next;
	if (listener->next)
		listener->next->link = listener->link;
	free(listener);
}

/* The stream is no more: only what is ours is left to free. */
static void
on_gone(void *arg)
{
	listener_free(arg);
}

static void
on_listen(void *arg, struct teller_request *request)
{
	struct skeleton *self = arg;
	const struct teller_services *s = self->services;
	const char *room = find_room(self, request);
	struct listener *listener = room ? calloc(1, sizeof *listener) : NULL;

	if (!room)
		return;
	if (!listener) {
		s->problem(request, 503, "no_memory", "Try again.", 5);
		return;
	}
	snprintf(listener->room, sizeof listener->room, "%s", room);
	listener->next = self->listeners;
	listener->link = &self->listeners;
	if (listener->next)
		listener->next->link = &listener->next;
	self->listeners = listener;
	/* Before stream(): the request becomes the stream, and what was set
	 * stays set. */
	s->http_on_gone(request, on_gone, listener);
	listener->stream =
		s->stream(request, 200, "text/plain; charset=utf-8", NULL, 0);
	if (!listener->stream)
		listener_free(listener);
}

/* stream_write() never calls on_gone() from within, so that the list is safe
 * to walk; one that is cut is told of later. */
static void
tell_listeners(struct skeleton *self, const char *room, const char *text)
{
	for (struct listener *l = self->listeners; l; l = l->next) {
		if (room && strcmp(l->room, room) != 0)
			continue;
		self->services->stream_write(l->stream, text, strlen(text));
		self->services->stream_write(l->stream, "\n", 1);
	}
}

/* Proxies cut what is silent for a minute. */
static void
keep_alive(void *arg)
{
	tell_listeners(arg, NULL, "");
}

/* ---- Starting */

/* Once a key, then once with NULL. */
static void
on_last_use(void *arg, const struct teller_state *found)
{
	struct skeleton *self = arg;
	char line[400];

	if (!found)
		return;
	snprintf(line, sizeof line, "%.200s was last used at %.*s us",
		 found->key, (int)found->value_len, (const char *)found->value);
	self->services->log(self->host, TELLER_LOG_DEBUG, line);
}

/* What start() made before it fails is taken away by the host. */
static int
skeleton_start(void *arg, struct teller_words *words)
{
	struct skeleton *self = arg;
	const struct teller_services *s = self->services;
	struct teller_host *host = self->host;

	if (s->serve(host, "POST", "/skeleton/{room}", 0, MAX_TEXT, on_post,
		     self) < 0 ||
	    s->serve(host, "GET", "/skeleton/{room}", 0, 0, on_get, self) < 0 ||
	    s->serve(host, "GET", "/skeleton/{room}/listen", 0, 0, on_listen,
		     self) < 0) {
		snprintf(words->text, sizeof words->text,
			 "the routes cannot be had; the log says why");
		return -1;
	}
	s->watch_timer(host, KEEP_ALIVE_MS, true, keep_alive, self);
	s->state_list(host, "last/", on_last_use, self);
	s->health(host, TELLER_OK, "");
	return 0;
}

/* ---- What goes out */

struct forwarding {
	struct skeleton *self;
	char job[64];
};

static void
end_if_done(struct skeleton *self)
{
	if (self->is_stopping && self->n_forwarding == 0)
		self->services->stopped(self->host);
}

/* What an answer means for the job.  The host knows when to try again; a
 * plugin only says if it makes sense.  maybe_sent: the other side may have it,
 * and must be asked, or be sent the same key again. */
static void
on_forwarded(void *arg, const struct teller_fetched *fetched)
{
	struct forwarding *forwarding = arg;
	struct skeleton *self = forwarding->self;
	const struct teller_services *s = self->services;
	enum teller_failure failure = TELLER_RETRY;

	if (fetched->status >= 200 && fetched->status < 300) {
		s->sent(self->host, forwarding->job, NULL);
		s->health(self->host, TELLER_OK, "");
	} else {
		if (fetched->status == 404 || fetched->status == 410)
			failure = TELLER_GONE;
		else if (fetched->status >= 400 && fetched->status < 500 &&
			 fetched->status != 429)
			failure = TELLER_REJECTED;
		else if (fetched->maybe_sent)
			failure = TELLER_UNKNOWN;
		s->failed(self->host, forwarding->job, failure, 0,
			  fetched->status ? "the other side refused it"
					  : fetched->words);
		s->health(self->host, TELLER_DEGRADED,
			  "replies cannot be passed on");
	}
	free(forwarding);
	self->n_forwarding--;
	end_if_done(self);
}

/* 0: on_forwarded() answers the job. */
static int
forward(struct skeleton *self, const struct teller_job *job)
{
	const struct teller_services *s = self->services;
	struct forwarding *forwarding = calloc(1, sizeof *forwarding);
	/* The key is the same at every attempt: who keeps it sees each reply
	 * once, however often it comes. */
	const struct teller_header headers[] = {
		{"Content-Type", "text/markdown; charset=utf-8"},
		{"Idempotency-Key", job->key},
	};
	const struct teller_fetch request = {
		.size = sizeof request,
		.url = self->forward,
		.headers = headers,
		.n_headers = 2,
		.body = job->text,
		.body_len = strlen(job->text),
		.timeout_ms = s->option_int(self->host, "timeout"),
	};

	if (!forwarding)
		return -1;
	forwarding->self = self;
	snprintf(forwarding->job, sizeof forwarding->job, "%s", job->id);
	if (s->fetch(self->host, &request, on_forwarded, forwarding) < 0) {
		free(forwarding);
		return -1;
	}
	self->n_forwarding++;
	return 0;
}

/* A reply, a notice, or an agent's words: for a room all the same.  job and
 * all in it is borrowed for this call. */
static void
skeleton_send(void *arg, const struct teller_job *job)
{
	struct skeleton *self = arg;
	const struct teller_services *s = self->services;

	tell_listeners(self, job->conversation, job->text);
	s->metric(self->host, "replies", 1);
	if (!*self->forward) {
		/* It can be read from the history: that is the delivery. */
		s->sent(self->host, job->id, NULL);
	} else if (forward(self, job) < 0) {
		s->failed(self->host, job->id, TELLER_RETRY, 0,
			  "it cannot be passed on now");
	}
}

static void
skeleton_typing(void *arg, const char *account, const char *conversation,
		bool on)
{
	(void)account;
	if (on)
		tell_listeners(arg, conversation, "...");
}

/* ---- Ending */

/* From here on no job comes and no message is taken; what is under way may be
 * brought to its end, for 5 s. */
static void
skeleton_stop(void *arg)
{
	struct skeleton *self = arg;

	self->is_stopping = true;
	end_if_done(self);
}

/* No call-back comes after this.  The streams could be left to the host; the
 * listeners are ours.  A transfer that is still under way is given up by the
 * host, and what it carries with it would be lost: a plugin that cares keeps
 * a list of those as well. */
static void
skeleton_close(void *arg)
{
	struct skeleton *self = arg;

	while (self->listeners) {
		self->services->stream_end(self->listeners->stream);
		listener_free(self->listeners);
	}
	free(self);
}

/* ---- The plugin
 *
 * The one thing the object exports: it says what the plugin is, so that nothing
 * has to be called to find out.  TELLER_CAN_DEDUPE is not claimed, as we do not
 * know whether the address keeps our keys: so the host notes down each attempt
 * before it makes it, and job->maybe_sent is true.
 *
 * Not shown: secret_put() for tokens that are renewed, open_conversation() for
 * a channel that gives out our ids, watch_fd() and dial() for protocols of
 * one's own, work() for what takes long, post() for threads of one's own,
 * progress() for replies that are sent in parts, and cancel(). */

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.abi_minor = TELLER_ABI_MINOR,
	.capabilities = TELLER_CAN_CHANNEL | TELLER_CAN_TYPING,
	.name = "skeleton",
	.version = "1",
	.options = options,
	.burst_ms = 600,
	.open = skeleton_open,
	.start = skeleton_start,
	.send = skeleton_send,
	.typing = skeleton_typing,
	.stop = skeleton_stop,
	.close = skeleton_close,
};
