#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "admin/on_loop.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "dialog/generator.h"
#include "dialog/knowledge.h"
#include "dialog/lesson.h"
#include "faq/index.h"
#include "host/host.h"
#include "net/http_server.h"
#include "nlu/pack.h"
#include "store/turn.h"

static json_t *
knowledge_status(struct desk *desk)
{
	const struct knowledge *knowledge = library_get(desk_library(desk));
	json_t *object = json_object();
	if (!knowledge)
		return object;
	json_set_text(object, "pack", knowledge->pack->name);
	json_set_text(object, "pack_hash", knowledge->pack->hash);
	json_set_text(object, "language", knowledge->pack->language);
	json_set_int(object, "generation", knowledge->generation);
	json_set_int(object, "learnt",
		     lesson_is_learnt(knowledge->lesson)
			     ? lesson_generation(knowledge->lesson)
			     : 0);
	json_set_int(object, "entries", (int64_t)index_count(knowledge->index));
	json_set_int(object, "index_bytes",
		     (int64_t)index_bytes(knowledge->index));
	knowledge_put(knowledge);
	return object;
}

static json_t *
generator_status(struct desk *desk)
{
	struct generator *generator = desk_generator(desk);
	struct generator_status status;
	json_t *object = json_object();
	json_set_text(object, "mode", generator ? "draft" : "off");
	if (!generator)
		return object;
	generator_read_status(generator, &status);
	json_set_text(object, "state", status.state_name);
	json_set_text(object, "words", status.words);
	json_set_text(object, "model", status.model);
	json_set_text(object, "weights", status.weights);
	json_set_int(object, "model_bytes", (int64_t)status.model_bytes);
	json_set_int(object, "engine_bytes", (int64_t)status.engine_bytes);
	json_set_int(object, "running", status.counts.n_running);
	json_set_int(object, "waiting", status.counts.n_waiting);
	json_set_int(object, "taken", status.counts.n_taken);
	json_set_int(object, "busy", status.counts.n_busy);
	json_set_int(object, "new_tokens", status.counts.new_tokens);
	json_set_int(object, "prompt_tokens", status.counts.prompt_tokens);
	json_set_int(object, "prompt_tokens_kept",
		     status.counts.prompt_tokens_kept);
	return object;
}

static json_t *
store_status(struct desk *desk)
{
	struct store_health health;
	store_health(desk_store(desk), &health);
	json_t *object = json_object();
	json_set_text(object, "directory", desk_state_dir(desk));
	json_set_bool(object, "broken", health.is_broken);
	json_set_bool(object, "full", health.is_full);
	json_set_bool(object, "held", health.is_held);
	json_set_int(object, "free_bytes", health.free_bytes);
	json_set_int(object, "database_bytes", health.database_bytes);
	json_set_int(object, "wal_bytes", health.wal_bytes);
	json_set_int(object, "queue", (int64_t)health.queue_length);
	json_set_int(object, "oldest_read_us", health.oldest_read_us);
	json_set_int(object, "commits", (int64_t)health.commits);
	json_set_int(object, "writes", (int64_t)health.writes);
	return object;
}

static int
totals_status(struct desk *desk, json_t *result, struct err *err)
{
	struct store_totals totals;
	struct store_reader *reader = store_read_begin(desk_store(desk), err);
	if (!reader)
		return -1;
	int rc = store_totals(reader, &totals, err);
	store_read_end(reader);
	if (rc)
		return -1;
	json_t *object = json_object();
	json_set_int(object, "conversations", totals.conversations);
	json_set_int(object, "waiting", totals.waiting);
	json_set_int(object, "messages", totals.messages);
	json_set_int(object, "queued", totals.queued);
	json_set_int(object, "turns", totals.turns);
	json_set_int(object, "replies_pending", totals.replies_pending);
	json_set_int(object, "replies_failed", totals.replies_failed);
	json_set_int(object, "cases_open", totals.cases_open);
	json_set_int(object, "entries_approved", totals.entries_approved);
	json_set_int(object, "entries_draft", totals.entries_draft);
	json_object_set_new(result, "totals", object);
	return 0;
}

static const char *const health_words[] = {
	[TELLER_OK] = "ok",
	[TELLER_DEGRADED] = "degraded",
	[TELLER_DOWN] = "down",
};

/* What only the loop thread may look at. */
static void
loop_status(struct desk *desk, void *arg)
{
	json_t *result = arg;
	struct desk_numbers numbers;
	desk_numbers(desk, &numbers);
	json_set_bool(result, "ready", desk_is_ready(desk));
	char started[TIME_TEXT_SIZE];
	json_set_text(result, "started",
		      time_format(numbers.started_at_us, started));
	json_set_int(result, "turns_running", (int64_t)numbers.turns_running);
	json_set_int(result, "replies_waiting",
		     (int64_t)numbers.replies_waiting);
	json_t *plugins = json_array();
	struct host_status status;
	for (size_t i = 0;
	     desk_host(desk) && host_status_at(desk_host(desk), i, &status);
	     i++) {
		json_t *row = json_object();
		json_set_text(row, "name", status.name);
		json_set_text(row, "version", status.version);
		json_set_text(row, "state", status.state);
		json_set_text(row, "health", health_words[status.health]);
		json_set_text(row, "words", status.words);
		json_array_append_new(plugins, row);
	}
	json_object_set_new(result, "plugins", plugins);
}

static int
run_status(struct admin_call *call, struct err *err)
{
	struct desk *desk = call->desk;
	json_t *result = json_object();
	json_set_text(result, "version", PACKAGE_VERSION);
	json_set_bool(result, "daemon", desk_host(desk) != NULL);
	on_loop(desk, loop_status, result);
	json_object_set_new(result, "knowledge", knowledge_status(desk));
	json_object_set_new(result, "generator", generator_status(desk));
	json_object_set_new(result, "store", store_status(desk));
	if (totals_status(desk, result, err)) {
		json_decref(result);
		return -1;
	}
	call->result = result;
	return 0;
}

static long long
number(const json_t *object, const char *key)
{
	return (long long)json_get_int(object, key, 0);
}

static double
mebibytes(const json_t *object, const char *key)
{
	return (double)json_get_int(object, key, 0) / (1024 * 1024);
}

static void
print_plugins(const json_t *plugins, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach (plugins, i, row)
		fprintf(out, "plugin      %s %s: %s, %s%s%s\n",
			json_get_text(row, "name", ""),
			json_get_text(row, "version", ""),
			json_get_text(row, "state", ""),
			json_get_text(row, "health", ""),
			*json_get_text(row, "words", "") ? ": " : "",
			json_get_text(row, "words", ""));
}

static void
print_generator(const json_t *generator, FILE *out)
{
	const char *words = json_get_text(generator, "words", "");
	if (!json_get_text(generator, "state", NULL)) {
		fprintf(out, "generator   off\n");
		return;
	}
	if (*words) {
		fprintf(out, "generator   no drafts: %s\n", words);
		return;
	}
	fprintf(out,
		"generator   drafts, %s: %s, %s, %.1f MiB, and %.1f MiB beside "
		"it; %lld under way, %lld wait; %lld tokens\n",
		json_get_text(generator, "state", ""),
		json_get_text(generator, "model", ""),
		json_get_text(generator, "weights", ""),
		mebibytes(generator, "model_bytes"),
		mebibytes(generator, "engine_bytes"),
		number(generator, "running"), number(generator, "waiting"),
		number(generator, "new_tokens"));
}

static void
print_status(const json_t *result, FILE *out)
{
	const json_t *knowledge = json_object_get(result, "knowledge");
	const json_t *store = json_object_get(result, "store");
	const json_t *totals = json_object_get(result, "totals");
	bool is_daemon = json_get_bool(result, "daemon", false);
	fprintf(out, "tellerd     %s, %s\n",
		json_get_text(result, "version", ""),
		!is_daemon				? "not running"
		: json_get_bool(result, "ready", false) ? "ready"
							: "not ready");
	fprintf(out,
		"knowledge   pack %s, %lld entries, generation %lld, "
		"%.1f MiB; %lld drafts\n",
		json_get_text(knowledge, "pack", "none"),
		number(knowledge, "entries"), number(knowledge, "generation"),
		mebibytes(knowledge, "index_bytes"),
		number(totals, "entries_draft"));
	fprintf(out,
		"said        %lld conversations, %lld messages, %lld turns\n",
		number(totals, "conversations"), number(totals, "messages"),
		number(totals, "turns"));
	fprintf(out,
		"waiting     %lld customers for a person, %lld messages for a "
		"turn, %lld replies to be sent, %lld failed, %lld open cases\n",
		number(totals, "waiting"), number(totals, "queued"),
		number(totals, "replies_pending"),
		number(totals, "replies_failed"), number(totals, "cases_open"));
	fprintf(out, "store       %s: %.1f MiB, %.0f MiB free%s%s%s\n",
		json_get_text(store, "directory", ""),
		mebibytes(store, "database_bytes"),
		mebibytes(store, "free_bytes"),
		json_get_bool(store, "full", false) ? ", FULL" : "",
		json_get_bool(store, "held", false)
			? ", HELD by another program that reads it"
			: "",
		json_get_bool(store, "broken", false) ? ", BROKEN" : "");
	if (is_daemon)
		print_generator(json_object_get(result, "generator"), out);
	print_plugins(json_object_get(result, "plugins"), out);
}

/* ---- reload */

struct reloading {
	struct loop_wait wait;
	struct err err;
	char *notes;
};

static void
reload_done(void *arg, const struct reload_result *result)
{
	struct reloading *reloading = arg;
	if (result->failure)
		err_set(&reloading->err, "%s", result->failure);
	reloading->notes = mem_strdup(result->notes);
	loop_wait_end(&reloading->wait);
}

static void
reload_begin(struct desk *desk, void *arg)
{
	desk_reload(desk, reload_done, arg);
}

static json_t *
lines(const char *text)
{
	json_t *list = json_array();
	for (size_t len; (len = strcspn(text, "\n")) > 0; text += len + 1)
		json_array_append_new(list, json_stringn(text, len));
	return list;
}

static int
run_reload(struct admin_call *call, struct err *err)
{
	struct reloading reloading = {0};
	loop_wait_init(&reloading.wait);
	on_loop(call->desk, reload_begin, &reloading);
	loop_wait(&reloading.wait);
	if (!*reloading.err.text) {
		call->result = json_object();
		json_set_bool(call->result, "reloaded", true);
		json_object_set_new(call->result, "notes",
				    lines(reloading.notes));
	}
	free(reloading.notes);
	if (*reloading.err.text)
		return err_set(err, "%s; all stays as it was",
			       reloading.err.text);
	return 0;
}

static void
print_reload(const json_t *result, FILE *out)
{
	fprintf(out, "Settings, pack and plugins are read again.\n");
	size_t i;
	json_t *note;
	json_array_foreach (json_object_get(result, "notes"), i, note)
		fprintf(out, "%s\n", json_string_value(note));
}

const struct admin_command admin_status_commands[] = {
	{"status", NULL, "How the desk is.", ADMIN_STORE, NULL, run_status,
	 print_status},
	{"reload", NULL, "Read settings, pack and plugins again.",
	 ADMIN_NEEDS_DAEMON, NULL, run_reload, print_reload},
	{0},
};
