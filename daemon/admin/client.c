#include "admin/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/server.h"
#include "admin/user.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/queue.h"
#include "dialog/desk.h"
#include "net/loop.h"
#include "net/unix_post.h"
#include "store/backup.h"

#define ANSWER_MAX (1024L * 1024 * 1024)
#define ANSWER_DEPTH 64
#define COPY_BYTES (256 * 1024)
/* As tellerd.service has it. */
#define SERVICE_STATE_DIR "/var/lib/tellerd"
#define SERVICE_SOCKET "/run/tellerd/admin.sock"

void
client_init(struct client *client, const char *config, const char *state)
{
	*client = (struct client){
		.config = config,
		.state = state,
		.actor = user_name(getuid()),
	};
}

int
client_find_state(struct client *client, struct err *err)
{
	client->state_dir =
		desk_state_dir_of(client->config, client->state, err);
	return client->state_dir ? 0 : -1;
}

void
client_release(struct client *client)
{
	desk_close(client->desk);
	free(client->state_dir);
	free(client->actor);
	*client = (struct client){0};
}

/* ---- By the daemon */

static int
read_answer(struct client_call *call, const struct unix_post *post,
	    struct err *err)
{
	const struct buf *text = post->result->len ? post->result : post->body;
	json_t *document =
		json_read(buf_str(text), text->len, ANSWER_DEPTH, err);
	if (!document)
		return err_prefix(err, "the daemon's answer");
	if (post->status == 200) {
		call->result = document;
		return 0;
	}
	const char *words = json_get_text(document, "detail", "it failed");
	if (post->status == 400)
		err_misuse(err, "%s", words);
	else
		err_set(err, "%s", words);
	json_decref(document);
	return -1;
}

/* 1: nobody listens; 2: or we may not know; 0: *call has the result; -1 and
 * *err. */
static int
ask_socket(const char *socket, const struct buf *head, struct client_call *call,
	   struct err *err)
{
	struct buf body, result;
	buf_init(&body, ANSWER_MAX);
	buf_init(&result, 1024 * 1024);
	struct unix_post post = {
		.socket = socket,
		.path = "/v1/run",
		.parts = {head->data, call->input},
		.lens = {head->len, call->input_len},
		.sink = call->sink,
		.arg = call->arg,
		.body = &body,
		.result = &result,
	};
	int rc = unix_post(&post, err);
	call->is_answered = !rc && post.status < 500;
	if (!rc)
		rc = read_answer(call, &post, err);
	else if (post.is_refused)
		rc = post.is_denied ? 2 : 1;
	buf_release(&body);
	buf_release(&result);
	return rc;
}

static void
write_head(const struct client_call *call, struct buf *out)
{
	json_t *document = json_object();
	json_set_text(document, "noun", call->command->noun);
	if (call->command->verb)
		json_set_text(document, "verb", call->command->verb);
	json_object_set(document, "arguments", call->arguments);
	json_write(out, document);
	buf_addc(out, '\n');
	json_decref(document);
}

/* The i-th place where a daemon of that state may listen, NULL: there are no
 * more.  The service's has a second one, as its state is for it alone. */
static char *
find_socket(const char *state_dir, int i)
{
	bool is_service = strcmp(state_dir, SERVICE_STATE_DIR) == 0;

	if (i == 1 && is_service && !getenv("RUNTIME_DIRECTORY"))
		return mem_strdup(SERVICE_SOCKET);
	return admin_socket_path(state_dir, i);
}

/* 1, 0, -1 as ask_socket(), of the first socket where anybody listens. */
static int
run_by_daemon(struct client *client, struct client_call *call, struct err *err)
{
	struct buf head;
	char *socket;
	int rc = 1;
	bool is_denied = false;
	buf_init(&head, 1024 * 1024);
	write_head(call, &head);
	for (int i = 0; rc > 0 && (socket = find_socket(client->state_dir, i));
	     i++) {
		rc = ask_socket(socket, &head, call, err);
		is_denied |= rc == 2;
		free(socket);
	}
	buf_release(&head);
	if (rc <= 0 || !is_denied)
		return rc;
	return err_set(err,
		       "%s: permission denied: only root, the desk's own user "
		       "and the group of the setting admin.group may ask",
		       client->state_dir);
}

/* ---- Here */

struct local {
	struct job job;
	struct desk *desk;
	const struct admin_command *command;
	struct admin_call call;
	struct err err;
	int rc;
};

static void
stop_loop(struct job *job)
{
	loop_stop(desk_loop(container_of(job, struct local, job)->desk));
}

static void
run_local(struct job *job)
{
	struct local *local = container_of(job, struct local, job);
	local->rc = local->command->run(&local->call, &local->err);
	job->run = stop_loop;
	loop_post(desk_loop(local->desk), job);
}

static int
copy_output(struct client_call *call, int fd, struct err *err)
{
	char *block = mem_new(COPY_BYTES);
	ssize_t n;
	int rc = 0;
	while (!rc && (n = read(fd, block, COPY_BYTES)) != 0) {
		if (n > 0)
			rc = call->sink(call->arg, block, (size_t)n);
		else if (errno != EINTR)
			rc = err_errno(err, "the output of the command");
	}
	free(block);
	return rc;
}

static int
take_result(struct client_call *call, struct local *local, struct err *err)
{
	int rc = local->rc;
	if (rc)
		*err = local->err;
	else if (local->call.output >= 0)
		rc = copy_output(call, local->call.output, err);
	if (local->call.output >= 0)
		close(local->call.output);
	if (rc)
		json_decref(local->call.result);
	else
		call->result = local->call.result;
	return rc;
}

static void
local_init(struct local *local, struct client *client, struct client_call *call)
{
	*local = (struct local){
		.desk = client->desk,
		.command = call->command,
		.call =
			{
				.desk = client->desk,
				.config = client->config,
				.state_dir = client->state_dir,
				.arguments = call->arguments,
				.input = call->input,
				.input_len = call->input_len,
				.actor = client->actor,
				.put = call->sink,
				.put_arg = call->arg,
				.output = -1,
			},
	};
}

/* A command that needs no desk is only called. */
static int
run_plain(struct client *client, struct client_call *call, struct err *err)
{
	struct local local;
	local_init(&local, client, call);
	local.rc = call->command->run(&local.call, &local.err);
	return take_result(call, &local, err);
}

static int
open_desk(struct client *client, int flags, struct err *err)
{
	bool is_locked = false;
	struct desk_config config = {
		.config_path = client->config,
		.state_dir = client->state_dir,
	};
	bool is_there = store_is_there(client->state_dir);
	if (!is_there && flags & ADMIN_STORE)
		return err_set(err,
			       "there is no store in %s: start tellerd on it, "
			       "or name another directory by --state or "
			       "TELLERD_STATE",
			       client->state_dir);
	client->desk = desk_open(&config, &is_locked, err);
	if (client->desk && !is_there)
		log_warn("there was no store in %s: this one is new",
			 client->state_dir);
	if (client->desk)
		return desk_start(client->desk, err);
	if (is_locked)
		err_prefix(err, "the daemon has the store, but does not answer "
				"on its admin socket");
	return -1;
}

static int
run_here(struct client *client, struct client_call *call, struct err *err)
{
	struct local local;
	if (!client->desk && open_desk(client, call->command->flags, err))
		return -1;
	local_init(&local, client, call);
	local.job.run = run_local;
	if (!pool_push(desk_commands(client->desk), &local.job))
		return err_set(err, "too much else is going on; try again");
	loop_run(desk_loop(client->desk));
	return take_result(call, &local, err);
}

int
client_run(struct client *client, struct client_call *call, struct err *err)
{
	int flags = call->command->flags;
	if (flags & ADMIN_STATE_ONLY ||
	    admin_is_plain(call->command, call->arguments))
		return run_plain(client, call, err);
	if (client->desk)
		return run_here(client, call, err);
	int rc = run_by_daemon(client, call, err);
	if (rc <= 0)
		return rc;
	if (flags & ADMIN_NEEDS_DAEMON || client->is_daemons) {
		client->needs_daemon = true;
		return err_set(err,
			       "no daemon runs on %s: start tellerd on it, or "
			       "name the directory of one that runs by --state "
			       "or TELLERD_STATE",
			       client->state_dir);
	}
	*err = (struct err){0};
	return run_here(client, call, err);
}
