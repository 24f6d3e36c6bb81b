/* A question and its reply in one request: the message is stored like any
 * other, and the request waits for the job that answers it.  What the request
 * looks like, and its answer, is its route's. */
#ifndef WEB_QUESTION_H
#define WEB_QUESTION_H

#include "web.h"

struct question;

/* The desk's answer; borrowed.  Without a reply the text is "". */
struct question_reply {
	const char *text, *kind;
	double confidence;
	const struct teller_source *sources;
	size_t n_sources;
	const struct teller_choice *options;
	size_t n_options;
};

struct question_route {
	/* May be NULL.  It is stored, and its reply will follow; the route may
	 * begin its answer, and may end the question. */
	void (*waits)(struct question *);
	/* The question ends when either of these returns. */
	void (*answer)(struct question *, const struct question_reply *);
	void (*refuse)(struct question *, const struct web_refusal *);
};

/* The first member of what a route knows of a question.  It is freed, in one
 * piece, when it has ended and the host has no call of it under way. */
struct question {
	const struct question_route *route;
	struct web_call call; /* storing it, then looks at the history */
	struct waiter waiter; /* once it is stored */
	struct web *web;
	bool is_over; /* it is answered, or nobody is there to be */
	struct teller_watch *timeout;
	char conversation[WEB_ID_SIZE]; /* our id of it, once it is known */
	char message[WEB_ID_SIZE];
	char key[WEB_NAME_SIZE]; /* in question_ask; "": repeats need none */
	/* A repeat for a conversation that has a key: the first one may have
	 * been for another. */
	bool is_unsure;
	bool is_new;
	bool is_late; /* this look at the history is the last */
};

/* What is asked; borrowed. */
struct question_ask {
	const char *text;
	size_t text_len;
	/* Where: the plugin's own key of a conversation, or (NULL) our id. */
	const char *key, *conversation;
	bool is_new;		 /* there is no such conversation yet */
	const char *idempotency; /* the client's; NULL: none */
	const char *principal;	 /* who asks, as question_principal() says */
	const char *earlier;	 /* as in teller_message; NULL: nothing */
	size_t earlier_len;
	const char *request; /* its id; NULL: none */
};

/* Make one of that size, over the request.  From here on the route's refuse()
 * is called if the request cannot be done, unless the client goes away.  NULL
 * and a refusal: there is no memory. */
void *question_new(struct web *, struct teller_request *,
		   const struct question_route *, size_t size,
		   struct web_refusal *);
/* Store it, and see that it is answered. */
void question_begin(struct question *, const struct question_ask *);
/* The route cannot go on: nothing more is called. */
void question_end(struct question *);

/* Whose questions those with that API key are; key "": of programs on this
 * machine. */
void question_principal(const struct web *, const char *key,
			char out[WEB_NAME_SIZE]);

/* A job of the outbox came: whoever waits for it is answered. */
void question_job(struct web *, const struct teller_job *);
/* No job comes any more, but what is committed is in the history: who waits is
 * answered from there, or a little later refused.  The plugin has not stopped
 * before that. */
void question_stop(struct web *);
/* Nobody is answered any more. */
void question_refuse_all(struct web *);

#endif
