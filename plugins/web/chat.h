/* /v1/chat/completions: what any client of that interface asks goes through the
 * desk's turn, and what it gets is the desk's reply. */
#ifndef WEB_CHAT_H
#define WEB_CHAT_H

#include "web.h"

#define CHAT_MODEL "tellerd-support"
#define CHAT_ID_SIZE 48
#define CHAT_NAME_MAX 128
#define CHAT_NAME_SIZE (CHAT_NAME_MAX + 1)
#define CHAT_EARLIER_MAX 1024

/* What a body asks; the texts are its own. */
struct chat_request {
	char *text; /* the last message of the user */
	size_t text_len;
	/* What he wrote before it: the end of that, behind each other. */
	char earlier[CHAT_EARLIER_MAX];
	size_t earlier_len;
	char name[CHAT_NAME_SIZE]; /* of the conversation; "": a new one */
	bool is_stream, has_usage;
};

/* chat_messages.c */

/* The last words of the user, and what came before.  0, or -1 and a refusal;
 * what is in text is freed by the caller either way. */
int chat_read_messages(struct chat_request *, const json_t *messages,
		       struct web_refusal *);

/* chat_request.c */

/* 0, or -1 and a refusal.  To be released either way. */
int chat_request_read(struct chat_request *, const json_t *body,
		      struct web_refusal *);
void chat_request_release(struct chat_request *);
/* web_refuse() for a part of the body. */
int chat_refuse_param(struct web_refusal *, const char *param, const char *code,
		      const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* chat_answer.c: documents and chunks.  Those of one answer have its id and
 * time in common. */
struct chat_answer {
	const struct web *web;
	char id[CHAT_ID_SIZE];
	int64_t created_s;
	char name[CHAT_NAME_SIZE]; /* by which the conversation goes on */
	size_t prompt_words;
	bool has_usage; /* the chunks say so */
};

/* Answer as a whole. */
void chat_answer_whole(const struct chat_answer *, struct teller_request *,
		       const char *content);
/* The first chunk, and then the reply with all that ends it.  -1: the stream
 * is cut, or there is no memory, and the end did not get there. */
int chat_stream_role(const struct chat_answer *, struct teller_stream *);
int chat_stream_reply(const struct chat_answer *, struct teller_stream *,
		      const char *content);
/* Of either kind, in the form of that interface. */
void chat_answer_error(const struct web *, struct teller_request *,
		       const struct web_refusal *);
void chat_stream_error(const struct web *, struct teller_stream *,
		       const struct web_refusal *);
size_t chat_count_words(const char *text);

/* chat.c: its routes. */
int web_serve_chat(struct web *);

#endif
