/* GET /v1/conversations/{id}/events: what is said, as server-sent events.
 *
 * A stream holds no text: it knows the id of the last event it wrote, and reads
 * on from there in the host's history whenever something was said.  So it is
 * the same whether it was open all the time or comes back after a restart. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web.h"

#define PAGE 100
#define RETRY "retry: 3000\n\n"
#define PING ": ping\n\n"

struct reader {
	struct web *web;
	struct reader *next, **link; /* in events->buckets, while it is open */
	struct teller_stream *stream;
	char conversation[WEB_ID_SIZE], last[WEB_ID_SIZE];
	bool is_reading; /* the history is being read */
	bool is_due;	 /* and something was said meanwhile */
	bool is_gone;
};

#define BUCKETS 1024

struct events {
	struct reader *buckets[BUCKETS]; /* by conversation */
};

struct events *
web_events_new(void)
{
	return calloc(1, sizeof(struct events));
}

void
web_events_free(struct events *events)
{
	free(events);
}

static size_t
bucket_of(const char *conversation)
{
	size_t hash = 5381;
	for (; *conversation; conversation++)
		hash = hash * 33 + (unsigned char)*conversation;
	return hash % BUCKETS;
}

static void
reader_free(struct reader *reader)
{
	if (reader->link) {
		*reader->link = reader->next;
		if (reader->next)
			reader->next->link = reader->link;
		reader->link = NULL;
	}
	reader->is_gone = true;
	if (!reader->is_reading)
		free(reader);
}

static void
stream_gone(void *arg)
{
	reader_free(arg);
}

/* ---- Writing
 * ------------------------------------------------------------------ */

/* One entry, as one event; JSON has no line breaks of its own. */
static int
write_entry(struct reader *reader, const struct teller_entry *entry)
{
	char head[WEB_ID_SIZE + 32];
	json_t *document = web_entry_json(entry);
	char *text = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	if (!text)
		return -1;
	const struct teller_services *services = reader->web->services;
	int n = snprintf(head, sizeof(head),
			 "id: %s\nevent: message\ndata: ", entry->id);
	int rc = services->stream_write(reader->stream, head, (size_t)n) ||
		 services->stream_write(reader->stream, text, strlen(text)) ||
		 services->stream_write(reader->stream, "\n\n", 2);
	free(text);
	snprintf(reader->last, sizeof(reader->last), "%s", entry->id);
	return rc ? -1 : 0;
}

static void read_on(struct reader *);

static void
history_read(void *arg, const struct teller_history *history)
{
	struct reader *reader = arg;
	reader->is_reading = false;
	if (reader->is_gone) {
		reader_free(reader);
		return;
	}
	for (size_t i = 0; i < history->n_entries; i++)
		if (write_entry(reader, &history->entries[i]))
			return; /* it is cut; stream_gone() comes */
	if (history->more || reader->is_due)
		read_on(reader);
}

static void
read_on(struct reader *reader)
{
	struct web *web = reader->web;
	reader->is_due = reader->is_reading;
	if (reader->is_reading)
		return;
	reader->is_reading = true;
	if (web->services->history(web->host, "", reader->conversation,
				   reader->last, PAGE, history_read, reader))
		reader->is_reading = false; /* stopping */
}

void
web_events_wake(struct web *web, const char *conversation)
{
	struct reader *next;
	struct reader *reader = web->events->buckets[bucket_of(conversation)];
	for (; reader; reader = next) {
		next = reader->next;
		if (strcmp(reader->conversation, conversation) == 0)
			read_on(reader);
	}
}

/* Proxies cut what is silent for a minute. */
void
web_events_ping(void *arg)
{
	struct web *web = arg;
	for (size_t i = 0; i < BUCKETS; i++) {
		struct reader *next;
		for (struct reader *reader = web->events->buckets[i]; reader;
		     reader = next) {
			next = reader->next;
			web->services->stream_write(reader->stream, PING,
						    strlen(PING));
		}
	}
}

void
web_events_stop(struct web *web)
{
	for (size_t i = 0; web->events && i < BUCKETS; i++)
		while (web->events->buckets[i]) {
			struct reader *reader = web->events->buckets[i];
			web->services->stream_end(reader->stream);
			reader_free(reader);
		}
}

/* ---- Opening
 * -------------------------------------------------------------------- */

static struct reader *
reader_new(struct web *web, const char *conversation, const char *last)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	if (!reader)
		return NULL;
	reader->web = web;
	snprintf(reader->conversation, sizeof(reader->conversation), "%s",
		 conversation);
	snprintf(reader->last, sizeof(reader->last), "%s", last ? last : "");
	return reader;
}

static void
reader_link(struct reader *reader)
{
	struct reader **head =
		&reader->web->events->buckets[bucket_of(reader->conversation)];
	reader->next = *head;
	reader->link = head;
	if (reader->next)
		reader->next->link = &reader->next;
	*head = reader;
}

static void
serve_events(void *arg, struct teller_request *request)
{
	struct web *web = arg;
	const struct teller_services *services = web->services;
	static const struct teller_header headers[] = {
		{"Cache-Control", "no-store"},
		{"X-Accel-Buffering", "no"},
	};
	const char *id = web_authorised(web, request);
	if (!id)
		return;
	const char *last = services->http_header(request, "Last-Event-ID");
	if (!last)
		last = services->http_query(request, "after");
	struct reader *reader = reader_new(web, id, last);
	if (!reader) {
		services->problem(request, 503, "no_memory",
				  "there is no memory; try again", 1);
		return;
	}
	services->http_on_gone(request, stream_gone, reader);
	reader->stream = services->stream(
		request, 200, "text/event-stream; charset=utf-8", headers, 2);
	if (!reader->stream) {
		reader_free(reader);
		return;
	}
	reader_link(reader);
	services->stream_write(reader->stream, RETRY, strlen(RETRY));
	read_on(reader);
}

int
web_serve_events(struct web *web)
{
	return web->services->serve(web->host, "GET",
				    "/v1/conversations/{id}/events", 0, 0,
				    serve_events, web);
}
