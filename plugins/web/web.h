/* The web channel: a conversation over HTTP, in a page, or from a script.
 *
 * The plugin keeps nothing of its own but one key.  A conversation is the
 * host's, by its public id; whoever created it holds a token that only this key
 * makes.  What was said is read from the host's history, so that a stream that
 * was interrupted goes on where it was.
 *
 * A client may go away, and the plugin be stopped and closed, while the host
 * has a call of ours under way.  So what the call-back gets (a pending, an ask,
 * a reader) outlives its request and is freed by the call-back, or by close()
 * when none comes any more. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <jansson.h>
#include <tellerd/plugin.h>

#define WEB_KEY_SIZE 32
#define WEB_ID_SIZE 64 /* room for any id of the host's */
#define WEB_PAGE_FILES 24
#define WEB_IDEMPOTENCY_SIZE 80
#define WEB_NAME_SIZE 32
#define WEB_TOKEN_SIZE 96
#define WEB_BUCKETS 1024
#define WEB_LANGUAGE_MAX 35 /* what RFC 5646, section 4.4.1, asks for */
#define WEB_WIDGET_NAME_SIZE 24
#define WEB_INTEGRITY_SIZE 80

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr)-offsetof(type, member)))

struct page_file;
struct web;

/* calls.c: what the host is to call back. */
struct web_call {
	struct web_call *next, **link;	 /* link NULL: none is under way */
	void (*drop)(struct web_call *); /* free it: the host will not call */
};

void web_call_begin(struct web *, struct web_call *);
void web_call_end(struct web_call *);
/* The last thing a call-back does: the plugin has stopped when there is none
 * under way any more and no question waits, and may be closed then. */
void web_settle(struct web *);
void web_drop_calls(struct web *);

/* calls.c: those who wait for something to be said in a conversation. */
struct waiter {
	struct waiter *next, **link; /* link NULL: it does not wait */
	char conversation[WEB_ID_SIZE];
};

struct waiters {
	struct waiter *buckets[WEB_BUCKETS]; /* by conversation */
};

void waiters_add(struct waiters *, struct waiter *, const char *conversation);
void waiters_remove(struct waiter *);
/* The first of that conversation, and the next one after it; of all of them
 * (NULL).  Only one whose next is known already may be removed. */
struct waiter *waiters_first(const struct waiters *, const char *conversation);
struct waiter *waiters_next(const struct waiters *, const struct waiter *,
			    const char *conversation);

/* One file of the page, as its route knows it. */
struct web_page {
	struct web *web;
	const struct page_file *file;
};

struct web {
	const struct teller_services *services;
	struct teller_host *host;
	unsigned char key[WEB_KEY_SIZE];
	struct evp_mac_ctx_st *mac; /* libcrypto's, ready with the key */
	bool has_key; /* and it is on disk: tokens may be given out */
	bool is_stopping, is_stopped;
	bool is_refusing; /* those who wait for a reply get none */
	int64_t started_s;
	struct web_call *calls;
	struct waiters streams;	    /* struct reader, of events.c */
	struct waiters questions;   /* struct question, of question.c */
	struct teller_watch *again; /* readers that could not read */
	struct web_page page[WEB_PAGE_FILES];
	char widget_name[WEB_WIDGET_NAME_SIZE]; /* HASH.js */
	char widget_integrity[WEB_INTEGRITY_SIZE];
};

/* api.c: the routes of conversations. */
int web_serve_api(struct web *);
/* message.c: the routes that bring messages. */
int web_serve_messages(struct web *);
/* ask.c: POST /v1/ask, for scripts. */
int web_serve_ask(struct web *);
/* events.c: GET .../events, server-sent events. */
int web_serve_events(struct web *);
/* Something was said in the conversation: its streams are told. */
void web_events_wake(struct web *, const char *conversation);
void web_events_ping(void *web);
void web_events_stop(struct web *);
/* openapi.c: /openapi.json, made from the file of that name. */
int web_serve_openapi(struct web *);
extern const char web_openapi[];
extern const size_t web_openapi_len;
/* front.c: GET /v1/widget. */
int web_serve_front(struct web *);
/* What settings and pack say to who has not asked anything yet: title,
 * greeting, language, privacy_url, starters, topics, contact. */
json_t *web_front_json(const struct web *);
/* page.c: the chat page, or the demo's page in its place and the chat page at
 * /chat, and /page.json with what web_front_json() says. */
int web_serve_page(struct web *, bool is_demo);
/* why.c: what a reply was decided upon, if the settings let it be asked. */
int web_serve_why(struct web *);
/* widget.c: /widget.js for pages of other sites, under /widget/HASH.js for
 * good, and /widget.json, which tells that name and the integrity. */
int web_serve_widget(struct web *);

/* pending.c: a request that waits for the host. */
struct pending {
	struct web_call call;
	struct web *web;
	struct teller_request *request; /* NULL: the client went away */
	char conversation[WEB_ID_SIZE];
};

/* NULL: there is no memory, and the request is answered. */
struct pending *pending_new(struct web *, struct teller_request *,
			    const char *conversation);
/* The host did not take it: the request is answered. */
void pending_refused(struct pending *);
/* The call-back is done with it; the plugin may be closed after that. */
void pending_end(struct pending *);

/* token.c */

/* Before all that follows, once the key is there.  -1: without memory. */
int web_mac_begin(struct web *);
void web_mac_end(struct web *);
/* The bearer token of a conversation, good until then. */
void web_token_make(const struct web *, const char *conversation,
		    int64_t expires_at_us, char out[WEB_TOKEN_SIZE]);
/* Is it the conversation's, and still good? */
bool web_token_check(const struct web *, const char *conversation,
		     const char *token, int64_t now_us);
/* A name of texts that only this key makes, such as "web:" and 22 characters.
 * what: one of ours, with no line break in it, nor in a; none is over 200
 * bytes. */
void web_name_of(const struct web *, const char *what, const char *a,
		 const char *b, char out[WEB_NAME_SIZE]);
/* A random one. */
void web_random_name(char out[WEB_NAME_SIZE]);
/* Is the request's API key good, by the settings or by `tellerctl keys`? */
bool web_key_check(const struct web *, const char *key);

/* request.c: what the routes have in common. */

/* Why a request is not done, to be told as its route tells it. */
struct web_refusal {
	int status;
	const char *code;
	int retry_after_s; /* 0: trying again does not help */
	char detail[320];
	char param[64]; /* which part of the request is meant, or "" */
};

/* Both return -1. */
int web_refuse(struct web_refusal *, int status, const char *code,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));
int web_refuse_for_now(struct web_refusal *, const char *code,
		       const char *detail, int retry_after_s);
/* What on_stored() brought, but success.  -1. */
int web_refuse_stored(struct web_refusal *, const struct teller_stored *);
/* Answer with a problem document. */
void web_answer_refusal(const struct web *, struct teller_request *,
			const struct web_refusal *);

/* Are there tokens yet?  0, or -1 and a refusal. */
int web_check_ready(const struct web *, struct web_refusal *);
/* The same; if not, the request is answered. */
bool web_is_ready(const struct web *, struct teller_request *);
/* The token or key of "Authorization: Bearer ..."; NULL: none. */
const char *web_bearer(const struct web *, struct teller_request *);
/* The id of the path's conversation, if the request has its token; else the
 * request is answered, and NULL. */
const char *web_authorised(const struct web *, struct teller_request *);
/* The Idempotency-Key, its quotes taken off, into out: 1; 0: there is none; -1
 * and a refusal: it is malformed. */
int web_check_idempotency(const struct web *, struct teller_request *,
			  char out[WEB_IDEMPOTENCY_SIZE], struct web_refusal *);
/* The same; if it is malformed the request is answered. */
int web_idempotency_key(const struct web *, struct teller_request *,
			char out[WEB_IDEMPOTENCY_SIZE]);
bool web_is_conversation_id(const char *text);
bool web_is_message_id(const char *text);
/* A BCP 47 tag, as far as its characters tell. */
bool web_is_language(const char *text);
/* A document as it is sent; it is decref'ed, the text is the caller's.  NULL:
 * there is no memory. */
char *web_json_text(json_t *document);
/* Answer with a document, which is decref'ed. */
void web_answer(const struct web *, struct teller_request *, int status,
		json_t *document, const struct teller_header *headers,
		size_t n_headers);
/* Answer what on_stored() brought but success. */
void web_answer_refused(const struct web *, struct teller_request *,
			const struct teller_stored *);

/* body.c: the bodies of requests. */

#define WEB_BODY_VALUES 10000

/* The request's JSON object, nested no deeper than that and of no more values
 * than those, as it is read on the loop; NULL and a refusal: it is none.  The
 * caller decrefs. */
json_t *web_parse_body(const struct web *, struct teller_request *,
		       int max_depth, struct web_refusal *);
/* The request's JSON object, with no keys but those (parted by blanks); else
 * the request is answered, and NULL.  The caller decrefs. */
json_t *web_read_body(const struct web *, struct teller_request *,
		      const char *keys);
/* A member that may be left out, but is a text of 1 .. max bytes if it is
 * there; *text_r is NULL without it.  -1: it is none, and the request is
 * answered. */
int web_get_text(const struct web *, struct teller_request *,
		 const json_t *body, const char *key, size_t max,
		 const char **text_r);
/* A client's word as an answer may repeat it: "..." if it does not look like
 * the name of anything. */
const char *web_repeatable(const char *key);

/* entry.c: what was said, as JSON; the i-th entry of a history. */
json_t *web_entry_json(const struct teller_history *, size_t i);
json_t *web_sources_json(const struct teller_source *, size_t n);
json_t *web_options_json(const struct teller_choice *, size_t n);

#endif
