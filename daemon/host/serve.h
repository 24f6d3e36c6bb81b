/* The services that serve HTTP. */
#ifndef HOST_SERVE_H
#define HOST_SERVE_H

#include <tellerd/plugin.h>

int serve_route(struct teller_host *, const char *method, const char *path,
		int flags, size_t max_body, teller_serve_fn *, void *arg);
const char *serve_param(struct teller_request *, const char *name);
const char *serve_query(struct teller_request *, const char *name);
const char *serve_header(struct teller_request *, const char *name);
const char *serve_peer(struct teller_request *);
bool serve_is_local(struct teller_request *);
const char *serve_id(struct teller_request *);
const void *serve_body(struct teller_request *, size_t *len_r);
void serve_on_gone(struct teller_request *, teller_gone_fn *, void *arg);
void serve_answer(struct teller_request *, int status, const char *media_type,
		  const struct teller_header *, size_t n_headers,
		  const void *body, size_t len);
void serve_problem(struct teller_request *, int status, const char *code,
		   const char *detail, int retry_after_s);
struct teller_stream *serve_stream(struct teller_request *, int status,
				   const char *media_type,
				   const struct teller_header *,
				   size_t n_headers);
int serve_stream_write(struct teller_stream *, const void *, size_t len);
void serve_stream_end(struct teller_stream *);

#endif
