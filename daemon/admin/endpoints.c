#include "admin/endpoints.h"

#include <stdio.h>

#include "admin/process.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/metric.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "dialog/generator.h"
#include "dialog/keys.h"
#include "dialog/knowledge.h"
#include "faq/index.h"
#include "net/http_server.h"
#include "store/store.h"

#define METRICS_MAX (4 * 1024 * 1024)
#define RETRY_S 1

static void
answer_text(struct http_request *request, const char *text, size_t len)
{
	http_answer(request, 200, "text/plain; charset=utf-8", NULL, 0, text,
		    len);
}

static void
serve_livez(void *arg, struct http_request *request)
{
	(void)arg;
	answer_text(request, "ok\n", 3);
}

static void
serve_readyz(void *arg, struct http_request *request)
{
	struct desk *desk = arg;
	struct store_health health;
	store_health(desk_store(desk), &health);
	if (desk_is_ready(desk) && !health.is_full && !health.is_held)
		answer_text(request, "ok\n", 3);
	else if (desk_is_stopping(desk))
		http_problem(request, 503, "stopping", "tellerd is stopping",
			     RETRY_S);
	else if (health.is_full)
		http_problem(request, 503, "disk_full",
			     "there is too little free space to take messages",
			     RETRY_S);
	else if (health.is_held)
		http_problem(request, 503, "store_held",
			     "another program reads the database; no message "
			     "is taken until it ends",
			     RETRY_S);
	else
		http_problem(request, 503, "not_ready",
			     "tellerd is not ready yet, or its store failed",
			     RETRY_S);
}

static void
set_gauge(const char *name, const char *help, double value)
{
	metric_set(metric_get(METRIC_GAUGE, name, help, ""), value);
}

static void
gather(struct desk *desk)
{
	struct desk_numbers numbers;
	struct store_health health;
	desk_numbers(desk, &numbers);
	store_health(desk_store(desk), &health);
	set_gauge("tellerd_ready", "Whether messages are taken and answered.",
		  desk_is_ready(desk));
	set_gauge("tellerd_start_time_seconds",
		  "When it started, seconds since 1970.",
		  (double)numbers.started_at_us / 1e6);
	set_gauge("tellerd_conversations_in_work",
		  "Conversations with a turn waiting or running.",
		  (double)numbers.turns_running);
	set_gauge("tellerd_outbox_length", "Replies that are not sent yet.",
		  (double)numbers.replies_waiting);
	set_gauge("tellerd_customers_waiting",
		  "Customers who wait for a person to take them.",
		  (double)numbers.customers_waiting);
	set_gauge("tellerd_store_queue_length",
		  "Writes that wait for a commit.",
		  (double)health.queue_length);
	set_gauge("tellerd_store_free_bytes", "Free space where the store is.",
		  (double)health.free_bytes);
	set_gauge("tellerd_store_database_bytes", "Size of the database.",
		  (double)health.database_bytes);
	set_gauge("tellerd_store_wal_bytes", "Size of the write-ahead log.",
		  (double)health.wal_bytes);
	metric_set(metric_get(METRIC_COUNTER, "tellerd_store_commits_total",
			      "Transactions since the start.", ""),
		   (double)health.commits);
	metric_set(metric_get(METRIC_COUNTER, "tellerd_store_writes_total",
			      "Writes that they were made of.", ""),
		   (double)health.writes);
	const struct knowledge *knowledge = library_get(desk_library(desk));
	if (knowledge) {
		set_gauge("tellerd_knowledge_entries",
			  "Entries of the FAQ in force.",
			  (double)index_count(knowledge->index));
		set_gauge("tellerd_knowledge_generation",
			  "Changes of the FAQ so far.",
			  (double)knowledge->generation);
	}
	knowledge_put(knowledge);
	process_gather();
	if (desk_generator(desk))
		generator_gather(desk_generator(desk));
	metric_set(metric_get(METRIC_GAUGE, "tellerd_build_info",
			      "Always 1; the version is its label.",
			      "version=\"" PACKAGE_VERSION "\""),
		   1);
}

/* Programs on this machine, and whoever has a key. */
static bool
may_read_metrics(struct desk *desk, struct http_request *request)
{
	const char *key = http_bearer(request);
	char name[KEYS_NAME_SIZE];

	if (http_is_loopback(request))
		return true;
	if (!http_header(request, "Authorization"))
		http_problem(request, 403, "loopback_only",
			     "Without a key this is only for callers on the "
			     "same machine, who use its address or "
			     "'localhost'.",
			     0);
	else if (!key || !keys_check(desk_keys(desk), key, "metrics", name))
		http_problem(request, 401, "unauthorized",
			     "The key is wrong, was revoked, or is not good "
			     "for metrics.",
			     0);
	else
		return true;
	return false;
}

static void
serve_metrics(void *arg, struct http_request *request)
{
	struct buf text;

	if (!may_read_metrics(arg, request))
		return;
	buf_init(&text, METRICS_MAX);
	gather(arg);
	if (metric_render(&text))
		http_problem(request, 500, "too_long",
			     "there are too many metrics", 0);
	else
		http_answer(request, 200,
			    "text/plain; version=0.0.4; charset=utf-8", NULL, 0,
			    text.data, text.len);
	buf_release(&text);
}

int
endpoints_add(struct desk *desk, struct err *err)
{
	static const struct {
		const char *path;
		http_route_fn *serve;
	} routes[] = {
		{"/livez", serve_livez},
		{"/readyz", serve_readyz},
		{"/metrics", serve_metrics},
	};
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		if (!http_server_route(desk_http(desk), "GET", routes[i].path,
				       0, 0, routes[i].serve, desk, err))
			return -1;
	return 0;
}
