/* A request is POST /v1/run: one line of JSON {"noun","verb","arguments"}, then
 * the bytes of the input file, if the command takes one.  The answer is the
 * result document, or, for a command with output, that document as a line and
 * then its bytes.  Requests are run on the desk's workers. */
#include "admin/server.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/arguments.h"
#include "admin/user.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/queue.h"
#include "conf/options.h"
#include "dialog/desk.h"
#include "dialog/generator.h"
#include "net/http_server.h"
#include "net/loop.h"

#define ANSWER_MAX (1024L * 1024 * 1024)
#define REQUEST_HEAD_MAX (1024 * 1024)
#define REQUEST_DEPTH 4

struct admin_server {
	struct desk *desk;
	struct http_server *http;
	struct http_route *route;
};

/* One request, from the loop to a worker and back. */
struct request {
	struct job job;
	struct desk *desk;
	struct http_request *http; /* NULL: the client went away */
	const struct admin_command *command;
	json_t *document;
	char *input, *actor, *group;
	long uid;
	struct generator_wish wish;
	struct admin_call call;
	struct buf body; /* the result, written; failed: it is too long */
	struct err err;
	int rc;
};

char *
admin_socket_path(const char *state_dir, int i)
{
	const char *runtime = getenv("RUNTIME_DIRECTORY");
	const char *dir = i == 0 ? state_dir : i == 1 ? runtime : NULL;
	if (!dir || !*dir)
		return NULL;
	struct buf path;
	buf_init(&path, PATH_MAX);
	buf_addf(&path, "%s/admin.sock", dir);
	return buf_take(&path);
}

/* ---- Who asks */

/* The name of who asks; NULL: he may not.  On a worker. */
static char *
admit(uid_t uid, const char *group, bool *is_operator_r)
{
	*is_operator_r = uid == 0 || uid == getuid();
	if (!*is_operator_r && !(*group && user_is_in_group(uid, group)))
		return NULL;
	return user_name(uid);
}

/* ---- Running */

static void
request_free(struct request *request)
{
	if (request->call.output >= 0)
		close(request->call.output);
	json_decref(request->call.result);
	json_decref(request->document);
	buf_release(&request->body);
	free(request->input);
	free(request->actor);
	free(request->group);
	free(request);
}

static void
answer_output(struct request *request, const struct buf *line)
{
	struct http_field field = {"Tellerd-Result", buf_str(line)};
	http_answer_file(request->http, 200, "application/octet-stream", &field,
			 1, request->call.output, request->call.output_len);
	request->call.output = -1;
}

static void
answer(struct request *request)
{
	if (!request->actor) {
		http_problem(request->http, 403, "forbidden",
			     "only root, the daemon's user and the group of "
			     "the setting admin.group may do this",
			     0);
	} else if (request->rc && request->err.is_misuse) {
		http_problem(request->http, 400, "misused", request->err.text,
			     0);
	} else if (request->rc) {
		http_problem(request->http, 422, "failed", request->err.text,
			     0);
	} else if (request->body.failed) {
		http_problem(request->http, 500, "too_long",
			     "the answer is too long", 0);
	} else if (request->call.output >= 0) {
		answer_output(request, &request->body);
	} else {
		http_answer(request->http, 200, "application/json", NULL, 0,
			    request->body.data, request->body.len);
	}
}

static void
answer_on_loop(struct job *job)
{
	struct request *request = container_of(job, struct request, job);
	if (request->http)
		answer(request);
	request_free(request);
}

/* It may be long: the loop has better things to do. */
static void
write_result(struct request *request)
{
	json_write(&request->body, request->call.result);
	json_decref(request->call.result);
	request->call.result = NULL;
}

static void
run_on_worker(struct job *job)
{
	struct request *request = container_of(job, struct request, job);
	request->actor = admit((uid_t)request->uid, request->group,
			       &request->call.is_operator);
	request->call.actor = request->actor;
	if (request->actor)
		request->rc =
			request->command->run(&request->call, &request->err);
	if (request->actor && !request->rc)
		write_result(request);
	request->job.run = answer_on_loop;
	loop_post(desk_loop(request->desk), &request->job);
}

static void
gone(void *arg)
{
	struct request *request = arg;
	struct generator *generator = desk_generator(request->desk);
	request->http = NULL;
	if (generator)
		generator_give_up(generator, &request->wish);
}

/* ---- Reading */

static int
read_request(struct request *request, const char *body, size_t len,
	     struct err *err)
{
	const char *end = len ? memchr(body, '\n', len) : NULL;
	size_t head = end ? (size_t)(end - body) : len;
	request->document = json_read(body, head, REQUEST_DEPTH, err);
	if (!request->document)
		return -1;
	const json_t *document = request->document;
	request->command = admin_find(json_get_text(document, "noun", ""),
				      json_get_text(document, "verb", NULL));
	const json_t *arguments = json_object_get(document, "arguments");
	if (!request->command ||
	    request->command->flags & ADMIN_WITHOUT_DAEMON ||
	    admin_is_plain(request->command, arguments))
		return err_set(err, "the daemon has no such command; is it of "
				    "another version?");
	if (arguments_check(request->command, arguments, err))
		return -1;
	request->call.arguments = arguments;
	if (end) {
		request->call.input_len = len - head - 1;
		request->input = mem_array(request->call.input_len + 1, 1);
		if (!request->input)
			return err_set(err, "there is no memory for the file");
		memcpy(request->input, end + 1, request->call.input_len);
		request->call.input = request->input;
	}
	return 0;
}

/* Who waits for seconds leaves its threads to others. */
static struct pool *
workers_for(struct desk *desk, const struct admin_command *command)
{
	struct generator *generator = desk_generator(desk);
	return generator && command->flags & ADMIN_GENERATES
		       ? generator_pool(generator)
		       : desk_commands(desk);
}

static void
serve(void *arg, struct http_request *http)
{
	struct admin_server *server = arg;
	struct err err = {0};
	long uid, gid, pid;
	if (!http_peer_user(http, &uid, &gid, &pid)) {
		http_problem(http, 403, "forbidden", "who are you?", 0);
		return;
	}
	size_t len;
	const char *body = http_body(http, &len);
	struct request *request = mem_new(sizeof(*request));
	request->desk = server->desk;
	request->uid = uid;
	request->group = mem_strdup(
		settings_text(desk_settings(server->desk), "admin.group"));
	request->call.desk = server->desk;
	request->call.state_dir = desk_state_dir(server->desk);
	request->call.output = -1;
	request->call.wish = &request->wish;
	request->job.run = run_on_worker;
	buf_init(&request->body, ANSWER_MAX);
	if (read_request(request, body, len, &err)) {
		http_problem(http, 400, "bad_request", err.text, 0);
		request_free(request);
	} else if (!pool_push(workers_for(server->desk, request->command),
			      &request->job)) {
		http_problem(http, 503, "busy",
			     "too much else is going on; try again", 1);
		request_free(request);
	} else {
		request->http = http;
		http_on_gone(http, gone, request);
	}
}

/* ---- Listening */

/* *gid_r: -1 if the settings name none. */
static int
find_group(const struct settings *settings, long *gid_r, struct err *err)
{
	const char *name = settings_text(settings, "admin.group");
	gid_t group = 0;
	if (*name && !user_find_group(name, &group)) {
		err_set(err,
			"there is no group '%s': make it (`groupadd %s`), name "
			"another, or leave this out",
			name, name);
		return settings_blame(settings, "admin.group", err);
	}
	*gid_r = *name ? (long)group : -1;
	return 0;
}

int
admin_server_check(const struct settings *settings, struct err *err)
{
	long group;
	return find_group(settings, &group, err);
}

static int
listen_on_socket(struct admin_server *server, struct err *err)
{
	long group = -1;
	if (find_group(desk_settings(server->desk), &group, err))
		return -1;
	char *path;
	int rc = 0;
	for (int i = 0;
	     !rc && (path = admin_socket_path(desk_state_dir(server->desk), i));
	     i++) {
		rc = http_server_listen_unix(server->http, path,
					     group < 0 ? 0600 : 0660, group,
					     err);
		free(path);
	}
	return rc;
}

struct admin_server *
admin_server_new(struct desk *desk, struct err *err)
{
	struct admin_server *server = mem_new(sizeof(*server));
	struct http_limits limits = http_limits_default;
	server->desk = desk;
	/* Long commands, large files, and nobody but our own. */
	limits.max_head_bytes = 64 * 1024;
	limits.body_ms = limits.answer_ms = limits.stream_max_ms;
	server->http = http_server_new(desk_loop(desk), &limits);
	server->route = http_server_route(server->http, "POST", "/v1/run", 0,
					  REQUEST_HEAD_MAX + ADMIN_INPUT_MAX,
					  serve, server, err);
	if (server->route && !listen_on_socket(server, err))
		return server;
	admin_server_free(server);
	return NULL;
}

void
admin_server_free(struct admin_server *server)
{
	if (!server)
		return;
	if (server->route)
		http_route_free(server->route);
	http_server_free(server->http);
	free(server);
}
