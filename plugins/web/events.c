/* GET /v1/conversations/{id}/events: what is said, as server-sent events.
 *
 * A stream holds no text: it knows the id of the last event it wrote, and reads
 * on from there in the host's history whenever something was said.  So it is
 * the same whether it was open all the time or comes back after a restart. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web.h"

#define PAGE 50
#define AGAIN_MS 1000
#define STATE_SIZE 16

struct reader {
	struct web_call call; /* reading the history */
	struct waiter waiter; /* while the stream is open */
	struct web *web;
	struct teller_stream *stream; /* NULL: it is no more */
	char last[WEB_ID_SIZE], state[STATE_SIZE];
	bool is_due; /* something was said since reading began */
};

static void
reader_drop(struct web_call *call)
{
	free(container_of(call, struct reader, call));
}

/* The stream is over: what is under way frees the reader. */
static void
reader_end(struct reader *reader)
{
	reader->stream = NULL;
	waiters_remove(&reader->waiter);
	if (!reader->call.link)
		free(reader);
}

static void
stream_gone(void *arg)
{
	reader_end(arg);
}

static void
end_stream(struct reader *reader)
{
	reader->web->services->stream_end(reader->stream);
	reader_end(reader);
}

/* ---- Writing */

/* -1: the stream is cut, and stream_gone() will be called. */
static int
write_text(struct reader *reader, const char *text)
{
	return reader->web->services->stream_write(reader->stream, text,
						   strlen(text));
}

/* One event in one write; JSON has no line breaks of its own.  NULL: there is
 * no memory. */
static char *
event_text(const char *head, const char *name, json_t *document)
{
	char *data = web_json_text(document), *text = NULL;
	if (data &&
	    asprintf(&text, "%sevent: %s\ndata: %s\n\n", head, name, data) < 0)
		text = NULL;
	free(data);
	return text;
}

/* 0, or -1: nothing more can be written to the stream. */
static int
write_event(struct reader *reader, const char *head, const char *name,
	    json_t *document)
{
	char *text = event_text(head, name, document);
	if (!text) {
		/* The client comes back to where it was. */
		end_stream(reader);
		return -1;
	}
	int rc = write_text(reader, text);
	free(text);
	return rc;
}

static int
write_entry(struct reader *reader, const struct teller_history *history,
	    size_t i)
{
	const char *id = history->entries[i].id;
	char head[WEB_ID_SIZE + 8];
	snprintf(head, sizeof(head), "id: %s\n", id);
	if (write_event(reader, head, "message", web_entry_json(history, i)))
		return -1;
	snprintf(reader->last, sizeof(reader->last), "%s", id);
	return 0;
}

/* Who has the conversation, if that is not what the client heard last. */
static int
write_state(struct reader *reader, const char *state)
{
	if (strcmp(reader->state, state) == 0)
		return 0;
	snprintf(reader->state, sizeof(reader->state), "%s", state);
	return write_event(reader, "", "state",
			   json_pack("{s:s}", "state", state));
}

/* ---- Reading */

static void read_on(struct reader *);

static void
pass_on(struct reader *reader, const struct teller_history *history)
{
	if (!history->found) {
		write_text(reader, "event: gone\ndata: {}\n\n");
		end_stream(reader);
		return;
	}
	for (size_t i = 0; i < history->n_entries; i++)
		if (write_entry(reader, history, i))
			return;
	/* Behind everything that was said up to now. */
	if (!history->more && write_state(reader, history->state))
		return;
	if (history->more || reader->is_due)
		read_on(reader);
}

static void
history_read(void *arg, const struct teller_history *history)
{
	struct reader *reader = arg;
	struct web *web = reader->web;
	web_call_end(&reader->call);
	if (reader->stream)
		pass_on(reader, history);
	else
		free(reader);
	web_settle(web);
}

static void
read_again(void *arg)
{
	struct web *web = arg;
	struct waiter *waiter = waiters_first(&web->streams, NULL);
	web->again = NULL;
	for (; waiter; waiter = waiters_next(&web->streams, waiter, NULL)) {
		struct reader *reader =
			container_of(waiter, struct reader, waiter);
		if (reader->is_due)
			read_on(reader);
	}
}

static void
read_on(struct reader *reader)
{
	struct web *web = reader->web;
	const struct teller_services *services = web->services;
	reader->is_due = true;
	if (reader->call.link)
		return;
	if (services->history(web->host, "", reader->waiter.conversation,
			      reader->last, PAGE, history_read, reader) == 0) {
		reader->is_due = false;
		web_call_begin(web, &reader->call);
	} else if (!web->again) {
		web->again = services->watch_timer(web->host, AGAIN_MS, false,
						   read_again, web);
	}
}

void
web_events_wake(struct web *web, const char *conversation)
{
	struct waiter *waiter = waiters_first(&web->streams, conversation);
	for (; waiter;
	     waiter = waiters_next(&web->streams, waiter, conversation))
		read_on(container_of(waiter, struct reader, waiter));
}

/* Proxies cut what is silent for a minute. */
void
web_events_ping(void *arg)
{
	struct web *web = arg;
	struct waiter *waiter = waiters_first(&web->streams, NULL);
	for (; waiter; waiter = waiters_next(&web->streams, waiter, NULL))
		write_text(container_of(waiter, struct reader, waiter),
			   ": ping\n\n");
}

void
web_events_stop(struct web *web)
{
	struct waiter *waiter = waiters_first(&web->streams, NULL), *next;
	for (; waiter; waiter = next) {
		next = waiters_next(&web->streams, waiter, NULL);
		end_stream(container_of(waiter, struct reader, waiter));
	}
}

/* ---- Opening */

static void
open_stream(struct web *web, struct teller_request *request,
	    const char *conversation, const char *last)
{
	static const struct teller_header headers[] = {
		{"Cache-Control", "no-store"},
		{"X-Accel-Buffering", "no"},
	};
	const struct teller_services *services = web->services;
	struct reader *reader = calloc(1, sizeof(*reader));
	if (!reader) {
		services->problem(request, 503, "no_memory",
				  "there is no memory; try again", 1);
		return;
	}
	reader->web = web;
	reader->call.drop = reader_drop;
	snprintf(reader->last, sizeof(reader->last), "%s", last);
	waiters_add(&web->streams, &reader->waiter, conversation);
	services->http_on_gone(request, stream_gone, reader);
	reader->stream = services->stream(
		request, 200, "text/event-stream; charset=utf-8", headers, 2);
	if (!reader->stream) {
		reader_end(reader);
		return;
	}
	write_text(reader, "retry: 3000\n\n");
	read_on(reader);
}

static void
serve_events(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	const struct teller_services *services = web->services;
	const char *id = web_authorised(web, request);
	if (!id)
		return;
	const char *last = services->http_header(request, "Last-Event-ID");
	if (!last)
		last = services->http_query(request, "after");
	if (last && *last && !web_is_message_id(last))
		services->problem(request, 400, "bad_event_id",
				  "Last-Event-ID: the id of an event, msg_...",
				  0);
	else
		open_stream(web, request, id, last ? last : "");
}

int
web_serve_events(struct web *web)
{
	return web->services->serve(web->host, "GET",
				    "/v1/conversations/{id}/events", 0, 0,
				    serve_events, web);
}
