/* The web channel: a conversation over HTTP, in a page, or from a script.
 *
 * The plugin keeps nothing of its own but one key.  A conversation is the
 * host's, by its public id; whoever created it holds a token that only this key
 * makes.  What was said is read from the host's history, so that a stream that
 * was interrupted goes on where it was. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <jansson.h>
#include <tellerd/plugin.h>

#define WEB_KEY_SIZE 32
#define WEB_ID_SIZE 64 /* room for any id of the host's */

struct ask;
struct events;
struct page_file;
struct web;

#define WEB_PAGE_FILES 16

/* One file of the page, as its route knows it. */
struct web_page {
	struct web *web;
	const struct page_file *file;
};

struct web {
	const struct teller_services *services;
	struct teller_host *host;
	unsigned char key[WEB_KEY_SIZE];
	struct events *events; /* the open streams */
	struct ask *asks;      /* requests that wait for their reply */
	struct teller_watch *ping;
	struct web_page page[WEB_PAGE_FILES];
};

/* api.c: the routes of conversations. */
int web_serve_api(struct web *);
/* ask.c: POST /v1/ask, for scripts. */
int web_serve_ask(struct web *);
/* A job of the outbox came: whoever waits for it is answered. */
void web_ask_job(struct web *, const struct teller_job *);
void web_ask_stop(struct web *);
/* events.c: GET .../events, server-sent events. */
int web_serve_events(struct web *);
struct events *web_events_new(void); /* NULL: no memory */
void web_events_free(struct events *);
/* Something was said in the conversation: its streams are told. */
void web_events_wake(struct web *, const char *conversation);
void web_events_ping(void *web);
void web_events_stop(struct web *);
/* page.c: the chat page. */
int web_serve_page(struct web *);

/* token.c */

#define WEB_TOKEN_SIZE 96

/* The bearer token of a conversation, good until then. */
void web_token_make(const struct web *, const char *conversation,
		    int64_t expires_at_us, char out[WEB_TOKEN_SIZE]);
/* Is it the conversation's, and still good? */
bool web_token_check(const struct web *, const char *conversation,
		     const char *token, int64_t now_us);
/* A name of text that only this key makes: 22 characters. */
void web_name_of(const struct web *, const char *what, const char *a,
		 const char *b, char out[32]);
/* A random one. */
void web_random_name(char out[32]);
/* Is the request's API key one of those the settings allow? */
bool web_key_check(const struct web *, const char *key);

/* request.c: what the routes have in common. */

/* The token or key of "Authorization: Bearer ..."; NULL: none. */
const char *web_bearer(const struct web *, struct teller_request *);
/* The id of the path's conversation, if the request has its token; else the
 * request is answered, and NULL. */
const char *web_authorised(const struct web *, struct teller_request *);
/* The request's JSON object, with no keys but those (parted by blanks); else
 * the request is answered, and NULL.  The caller decrefs. */
json_t *web_read_body(const struct web *, struct teller_request *,
		      const char *keys);
/* The Idempotency-Key, its quotes taken off, into out; 0: there is none; -1:
 * it is malformed, and the request is answered. */
int web_idempotency_key(const struct web *, struct teller_request *,
			char out[80]);
/* Answer with a document, which is decref'ed. */
void web_answer(const struct web *, struct teller_request *, int status,
		json_t *document, const struct teller_header *headers,
		size_t n_headers);
/* Answer what on_stored() brought but success. */
void web_answer_refused(const struct web *, struct teller_request *,
			const struct teller_stored *);

/* entry.c: what was said, as JSON. */
json_t *web_entry_json(const struct teller_entry *);
json_t *web_sources_json(const struct teller_source *, size_t n);
json_t *web_options_json(const struct teller_choice *, size_t n);

#endif
