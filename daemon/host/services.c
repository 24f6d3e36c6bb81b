#include "host/services.h"

#include "host/checking.h"
#include "host/conn.h"
#include "host/durable.h"
#include "host/explain.h"
#include "host/fetch.h"
#include "host/history.h"
#include "host/instance.h"
#include "host/jobs.h"
#include "host/option.h"
#include "host/origins.h"
#include "host/receive.h"
#include "host/run.h"
#include "host/secret.h"
#include "host/serve.h"
#include "host/suggest.h"

const struct teller_services host_services = {
	.size = sizeof host_services,

	.log = run_log,
	.metric = run_metric,
	.health = run_health,
	.now_us = run_now_us,
	.watch_fd = run_watch_fd,
	.watch_timer = run_watch_timer,
	.unwatch = run_unwatch,
	.post = instance_post,
	.work = run_work,
	.stopped = run_stopped,

	.option_int = option_int,
	.option_real = option_real,
	.option_bool = option_bool,
	.option_text = option_text,
	.option_count = option_count,
	.option_item = option_item,
	.secret_get = secret_get,
	.secret_put = secret_put,

	.receive = receive_message,

	.state_get = durable_state_get,
	.state_put = durable_state_put,
	.state_list = durable_state_list,
	.open_conversation = durable_open_conversation,
	.history = history_read,

	.progress = jobs_progress,
	.sent = jobs_sent,
	.failed = jobs_failed,

	.serve = serve_route,
	.http_param = serve_param,
	.http_query = serve_query,
	.http_header = serve_header,
	.http_peer = serve_peer,
	.http_is_local = serve_is_local,
	.http_id = serve_id,
	.http_body = serve_body,
	.http_on_gone = serve_on_gone,
	.answer = serve_answer,
	.problem = serve_problem,
	.stream = serve_stream,
	.stream_write = serve_stream_write,
	.stream_end = serve_stream_end,

	.fetch = fetch_begin,
	.dial = conn_dial,
	.conn_write = conn_write,
	.conn_start_tls = conn_start_tls,
	.conn_pause = conn_pause,
	.conn_close = conn_close,

	.starters = run_starters,

	.http_origins = origins_allow,
	.key_name = run_key_name,
	.front = run_front,
	.explain = explain_reply,
	.open_conversation_as = durable_open_conversation_as,

	.check_found = checking_found,
	.check_end = checking_end,
	.suggest = suggest_answer,
};
