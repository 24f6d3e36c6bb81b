/* A plugin to read first, and to begin a new one from: it compiles, runs, and
 * uses nothing but <tellerd/plugin.h> and libc.  tellerd-plugin(7) says how it
 * is built and tried outside the tree.
 *
 * It is a channel of rooms.  Whoever has a room's key writes into it, and reads
 * what was said there:
 *
 *	curl -H 'Authorization: Bearer KEY' --data 'My card is gone' \
 *		http://127.0.0.1:8080/skeleton/lobby
 *	curl -H 'Authorization: Bearer KEY' \
 *		http://127.0.0.1:8080/skeleton/lobby
 *
 * In tellerd.yaml:
 *
 *	plugins:
 *	  skeleton:
 *	    rooms:
 *	      lobby: {key: "file:/etc/tellerd/lobby.key"}
 *
 * The order here is that of a plugin's life: options, open, what comes in,
 * start, what goes out, stop, close; at the end the object that is all the host
 * sees.  Three rules explain the rest:
 *
 *   1. Everything runs on one thread, the loop's, and must be back within
 *	10 ms.  What takes longer is a service with a call-back, or work().
 *   2. Nothing is ours until it is on disk.  A sender is told "taken" when
 *	on_stored() says so; what became of a reply is told by sent() or
 *	failed(), and of which neither was told is given again, after a crash
 *	as well.
 *   3. What the host made, it takes away.  We free what we allocated; a watch,
 *	a route, a request that is left over at the end does no harm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tellerd/plugin.h>

/* ---- Options
 *
 * A table is all it takes: the host reads the settings, checks them against
 * it, names the line of a mistake, and prints it for `tellerctl options`.  An
 * option without fallback must be given. */

static const struct teller_option room_options[] = {
	{
		.name = "key",
		.type = TELLER_SECRET,
		.help = "Where the key is that lets people in.",
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
		.name = "max_text",
		.type = TELLER_SIZE,
		.min = 100,
		.max = TELLER_TEXT_MAX,
		.fallback = "16 KiB",
		.help = "The longest message.",
	},
	{.name = NULL},
};

/* ---- Opening
 *
 * One struct made by open(); no globals, since a plugin may be closed and
 * opened again in one process. */

struct skeleton {
	const struct teller_services *services;
	struct teller_host *host;
};

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
	*self_r = self;
	return 0;
}

/* ---- What comes in */

/* A request that waits for the store. */
struct waiting {
	struct skeleton *self;
	struct teller_request *request;
};

/* The message is on disk, or it is not: only now the sender may know.  He may
 * have gone meanwhile; as we did not ask to be told (see http_on_gone), we
 * answer all the same, and that goes nowhere. */
static void
on_stored(void *arg, const struct teller_stored *stored)
{
	static const struct {
		int status;
		const char *code;
	} refusals[] = {
		[TELLER_BUSY] = {503, "busy"},
		[TELLER_FAILED] = {500, "failed"},
		[TELLER_NOT_FOUND] = {404, "not_found"},
	};
	struct waiting *waiting = arg;
	const struct teller_services *s = waiting->self->services;
	char body[64];

	if (stored->status == TELLER_STORED ||
	    stored->status == TELLER_DUPLICATE) {
		snprintf(body, sizeof body, "taken as %s\n", stored->message);
		s->answer(waiting->request, 202, "text/plain; charset=utf-8",
			  NULL, 0, body, strlen(body));
	} else {
		s->problem(waiting->request, refusals[stored->status].status,
			   refusals[stored->status].code, stored->words,
			   stored->retry_after_s);
	}
	free(waiting);
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

/* The request's room, if the settings have it and the key is right; else the
 * request is answered, and NULL.  Looked for among the names: a path that is
 * not in the settings is a plugin's mistake, and an outsider must not be able
 * to make one. */
static const char *
enter_room(struct skeleton *self, struct teller_request *request)
{
	const struct teller_services *s = self->services;
	const char *wanted = s->http_param(request, "room");
	const char *room;

	for (size_t i = 0; (room = s->option_item(self->host, "rooms", i)); i++)
		if (strcmp(room, wanted) == 0)
			break;
	if (room && has_key(self, request, room))
		return room;
	if (room)
		s->problem(request, 401, "no_key",
			   "The key of the room is missing or wrong.", 0);
	else
		s->problem(request, 404, "no_room", "There is no such room.",
			   0);
	return NULL;
}

/* 0: on_stored() answers the request. */
static int
pass_on(struct skeleton *self, struct teller_request *request, const char *room)
{
	const struct teller_services *s = self->services;
	struct waiting *waiting = calloc(1, sizeof *waiting);
	struct teller_message message = {
		.size = sizeof message,
		.kind = TELLER_MESSAGE_TEXT,
		.conversation = room,
		/* Who sends again under the same key is understood once. */
		.external_ids = {s->http_header(request, "Idempotency-Key")},
		.author = {.trust = TELLER_TRUST_CHANNEL},
		.burst_ms = -1,
	};

	if (!waiting)
		return -1;
	*waiting = (struct waiting){self, request};
	message.text = s->http_body(request, &message.text_len);
	if (s->receive(self->host, &message, NULL, 0, on_stored, waiting) == 0)
		return 0;
	free(waiting);
	return -1;
}

static void
on_post(void *arg, struct teller_request *request)
{
	struct skeleton *self = arg;
	const struct teller_services *s = self->services;
	const char *room = enter_room(self, request);

	if (room && pass_on(self, request, room) < 0)
		s->problem(request, 400, "refused",
			   "The message cannot be taken as it is.", 0);
}

/* ---- Reading back */

static void
on_history(void *arg, const struct teller_history *history)
{
	struct waiting *waiting = arg;
	const struct teller_services *s = waiting->self->services;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; out && i < history->n_entries; i++)
		fprintf(out, "%s %s: %s\n", history->entries[i].id,
			history->entries[i].author, history->entries[i].text);
	if (out && fclose(out) == 0)
		s->answer(waiting->request, 200, "text/plain; charset=utf-8",
			  NULL, 0, text, len);
	else
		s->problem(waiting->request, 500, "no_memory",
			   "There is not enough memory.", 0);
	free(text);
	free(waiting);
}

/* ?after=ID: what was said after that, up to 200 entries. */
static void
on_get(void *arg, struct teller_request *request)
{
	struct skeleton *self = arg;
	const struct teller_services *s = self->services;
	const char *room = enter_room(self, request);
	struct waiting *waiting = room ? calloc(1, sizeof *waiting) : NULL;

	if (!room)
		return;
	if (waiting)
		*waiting = (struct waiting){self, request};
	if (waiting &&
	    s->history(self->host, "", room, s->http_query(request, "after"),
		       200, on_history, waiting) == 0)
		return;
	free(waiting);
	s->problem(request, 400, "refused",
		   "That is no id of a message, or it is not possible now.", 0);
}

/* ---- Starting */

/* What start() made before it fails is taken away by the host. */
static int
skeleton_start(void *arg, struct teller_words *words)
{
	struct skeleton *self = arg;
	const struct teller_services *s = self->services;
	size_t max_text = (size_t)s->option_int(self->host, "max_text");

	if (s->serve(self->host, "POST", "/skeleton/{room}", 0, max_text,
		     on_post, self) == 0 &&
	    s->serve(self->host, "GET", "/skeleton/{room}", 0, 0, on_get,
		     self) == 0)
		return 0;
	snprintf(words->text, sizeof words->text,
		 "the routes cannot be had; the log says why");
	return -1;
}

/* ---- What goes out */

/* A reply, a notice, or an agent's words: for a room all the same.  It can be
 * read from the history, and that is the delivery.
 *
 * A channel that sends it somewhere copies job->id, as job and all in it is
 * borrowed for this call, and says sent() when the other side has it, or
 * failed() and whether another attempt makes sense; plugins/webhook does.  It
 * shows job->options below the text, by buttons or numbered from 1. */
static void
skeleton_send(void *arg, const struct teller_job *job)
{
	struct skeleton *self = arg;
	const struct teller_services *s = self->services;

	s->metric(self->host, "replies", 1);
	s->sent(self->host, job->id, NULL);
}

/* ---- Ending */

/* From here on no job comes and no message is taken.  What is under way may be
 * brought to its end, for 5 s; we have nothing that we wait for. */
static void
skeleton_stop(void *arg)
{
	struct skeleton *self = arg;

	self->services->stopped(self->host);
}

/* No call-back comes after this. */
static void
skeleton_close(void *arg)
{
	free(arg);
}

/* ---- The plugin
 *
 * The one thing the object exports: it says what the plugin is, so that nothing
 * has to be called to find out.  TELLER_CAN_DEDUPE, as to be given a reply
 * twice does no harm here; for a channel that does not say so the host notes
 * down each attempt before it makes it, and job->maybe_sent is true. */

const struct teller_plugin teller_plugin = {
	.size = sizeof teller_plugin,
	.abi_major = TELLER_ABI_MAJOR,
	.abi_minor = TELLER_ABI_MINOR,
	.capabilities = TELLER_CAN_CHANNEL | TELLER_CAN_DEDUPE,
	.name = "skeleton",
	.version = "1",
	.options = options,
	.burst_ms = 600,
	.open = skeleton_open,
	.start = skeleton_start,
	.send = skeleton_send,
	.stop = skeleton_stop,
	.close = skeleton_close,
};
