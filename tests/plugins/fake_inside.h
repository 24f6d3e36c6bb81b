/* What the files of fake_services.h share. */
#ifndef TESTS_PLUGINS_FAKE_INSIDE_H
#define TESTS_PLUGINS_FAKE_INSIDE_H

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#include "base/hash.h"
#include "base/queue.h"
#include "fake_services.h"

enum fake_state {
	FAKE_NEW,
	FAKE_OPENING,
	FAKE_RUNNING,
	FAKE_STOPPING,
	FAKE_CLOSING,
	FAKE_CLOSED
};

/* A call-back that is due. */
struct fake_due {
	struct fake_due *next;
	void (*run)(struct fake *, struct fake_due *);
	void *what;
	teller_call_fn *fn, *done;
	void *arg;
};

struct teller_watch {
	struct teller_watch *next, **link;
	int fd, events; /* fd -1: a timer */
	int64_t at_us, every_ms;
	teller_io_fn *io;
	teller_call_fn *call;
	void *arg;
};

struct fake_route {
	struct fake_route *next;
	const char *method, *path;
	teller_serve_fn *fn;
	void *arg;
};

/* A request, and the stream that it may become. */
struct teller_stream {
	struct teller_request *request;
};
struct teller_request {
	struct teller_request *next;
	struct fake *fake;
	struct fake_answer answer;
	struct teller_stream stream;
	struct map params, queries, headers; /* of texts, in the arena */
	const void *body;
	size_t len;
	teller_gone_fn *gone;
	void *gone_arg;
	bool is_over;  /* answered, ended, or gone: the plugin has it no more */
	bool has_left; /* the client */
};

struct teller_conn {
	struct fake *fake;
	struct fake_conn seen;
	teller_conn_fn *fn;
	void *arg;
};

struct teller_host {
	struct fake *fake;
};

struct fake_inside {
	struct teller_host host;
	const struct teller_plugin *plugin;
	enum fake_state state;
	struct map options;  /* texts by path */
	struct map sections; /* of tables: names parted by commas */
	struct map secrets, states, histories;
	struct fake_due *due, **last_due;
	struct teller_watch *watches;
	struct fake_route *routes;
	struct teller_request *requests;
	int n_ids;
};

struct fake *fake_of(struct teller_host *);
/* As instance_check(): is the service there from RUNNING to `last`? */
bool fake_may(struct fake *, const char *what, enum fake_state last);
/* Something to be done by fake_run(); the caller fills in what it needs. */
struct fake_due *fake_add_due(struct fake *,
			      void (*run)(struct fake *, struct fake_due *));
const char *fake_copy(struct fake *, const char *text); /* NULL: NULL */
void *fake_copy_bytes(struct fake *, const void *data, size_t len);

/* The services, by file: fake_options.c, */
int64_t fake_option_int(struct teller_host *, const char *path);
double fake_option_real(struct teller_host *, const char *path);
bool fake_option_bool(struct teller_host *, const char *path);
const char *fake_option_text(struct teller_host *, const char *path);
size_t fake_option_count(struct teller_host *, const char *path);
const char *fake_option_item(struct teller_host *, const char *path, size_t i);
const char *fake_key_name(struct teller_host *, const char *key,
			  const char *scope);
int fake_http_origins(struct teller_host *, const char *option);
void fake_starters(struct teller_host *, teller_text_fn *each, void *arg);
void fake_front(struct teller_host *, teller_front_fn *, void *arg);
const void *fake_secret_get(struct teller_host *, const char *name,
			    size_t *len_r);
int fake_secret_put(struct teller_host *, const char *name, const void *value,
		    size_t len, teller_kept_fn *, void *arg);

/* fake_store.c, */
int fake_receive(struct teller_host *, const struct teller_message *,
		 const struct teller_state *, size_t n, teller_stored_fn *,
		 void *arg);
int fake_state_get(struct teller_host *, const char *key, teller_state_fn *,
		   void *arg);
int fake_state_put(struct teller_host *, const struct teller_state *, size_t n,
		   teller_kept_fn *, void *arg);
int fake_state_list(struct teller_host *, const char *prefix, teller_state_fn *,
		    void *arg);
int fake_open_conversation(struct teller_host *, const char *account,
			   const char *key, const char *language,
			   teller_stored_fn *, void *arg);
int fake_open_conversation_as(struct teller_host *, const char *account,
			      const char *key, const char *language,
			      const struct teller_author *, teller_stored_fn *,
			      void *arg);
int fake_explain(struct teller_host *, const char *account, const char *key,
		 const char *reply, teller_explained_fn *, void *arg);
int fake_suggest(struct teller_host *, const char *conversation,
		 teller_suggestion_fn *, void *arg);
int fake_history(struct teller_host *, const char *account, const char *key,
		 const char *after, size_t limit, teller_history_fn *,
		 void *arg);
void fake_job_progress(struct teller_host *, const char *job, const void *state,
		       size_t len);
void fake_job_sent(struct teller_host *, const char *job,
		   const char *external_id);
void fake_job_failed(struct teller_host *, const char *job, enum teller_failure,
		     int64_t not_before_us, const char *words);

/* fake_http.c, */
int fake_serve(struct teller_host *, const char *method, const char *path,
	       int flags, size_t max_body, teller_serve_fn *, void *arg);
const char *fake_http_param(struct teller_request *, const char *name);
const char *fake_http_query(struct teller_request *, const char *name);
const char *fake_http_header(struct teller_request *, const char *name);
const char *fake_http_peer(struct teller_request *);
bool fake_http_is_local(struct teller_request *);
const char *fake_http_id(struct teller_request *);
const void *fake_http_body(struct teller_request *, size_t *len_r);
void fake_http_on_gone(struct teller_request *, teller_gone_fn *, void *arg);
void fake_http_answer(struct teller_request *, int status,
		      const char *media_type, const struct teller_header *,
		      size_t n, const void *body, size_t len);
void fake_http_problem(struct teller_request *, int status, const char *code,
		       const char *detail, int retry_after_s);
struct teller_stream *fake_http_stream(struct teller_request *, int status,
				       const char *media_type,
				       const struct teller_header *, size_t n);
int fake_stream_write(struct teller_stream *, const void *, size_t len);
void fake_stream_end(struct teller_stream *);
/* What the plugin left is ended; and it is freed. */
void fake_end_http(struct fake *);
void fake_release_http(struct fake *);

/* fake_check.c, */
void fake_check_found(struct teller_check *, const struct teller_found *);
void fake_check_end(struct teller_check *);

/* and fake_net.c. */
int fake_net_fetch(struct teller_host *, const struct teller_fetch *,
		   teller_fetched_fn *, void *arg);
struct teller_conn *fake_dial(struct teller_host *, const char *host, int port,
			      int flags, const char *ca_file,
			      int64_t timeout_ms, teller_conn_fn *, void *arg);
int fake_conn_write(struct teller_conn *, const void *, size_t len);
int fake_conn_start_tls(struct teller_conn *);
void fake_conn_pause(struct teller_conn *, bool on);
void fake_conn_close(struct teller_conn *);
void fake_end_net(struct fake *);

#endif
