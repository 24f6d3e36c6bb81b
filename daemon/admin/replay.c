#include <string.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "dialog/knowledge.h"
#include "dialog/replay.h"
#include "store/turn.h"

#define PAGE 200
#define DIFFERENT_MAX 100 /* turns that are shown */

struct replaying {
	struct replay replay;
	struct desk *desk;
	int64_t conversation_id; /* 0: all */
	int64_t turns, equal, failed;
	json_t *different;
};

static json_t *
differences_json(const struct turn *turn, const struct replay_difference *list,
		 size_t n)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *row = json_object();
		json_set_text(row, "what", list[i].what);
		json_set_text(row, "was", list[i].was);
		json_set_text(row, "is", list[i].is);
		json_array_append_new(rows, row);
	}
	json_t *object = json_object();
	json_set_int(object, "turn", turn->id);
	json_object_set_new(object, "differences", rows);
	return object;
}

static void
add_different(struct replaying *replaying, json_t *row)
{
	if (json_array_size(replaying->different) < DIFFERENT_MAX)
		json_array_append_new(replaying->different, row);
	else
		json_decref(row);
}

static void
replay_one(struct replaying *replaying, const struct turn *turn)
{
	struct arena arena = {0};
	struct err why = {0};
	const struct replay_difference *list;
	size_t n;
	replaying->turns++;
	if (replay_turn(&replaying->replay, turn, &arena, &list, &n, &why)) {
		struct replay_difference cannot = {"not replayed", "",
						   why.text};
		replaying->failed++;
		add_different(replaying, differences_json(turn, &cannot, 1));
	} else if (n) {
		add_different(replaying, differences_json(turn, list, n));
	} else {
		replaying->equal++;
	}
	arena_release(&arena);
}

/* A page in a snapshot of its own; each turn then opens its own as well. */
static long
read_page(struct replaying *replaying, struct arena *arena, int64_t after,
	  const struct turn **list_r, struct err *err)
{
	struct store_reader *reader =
		store_read_begin(desk_store(replaying->desk), err);
	if (!reader)
		return -1;
	long n = store_turns(reader, arena, replaying->conversation_id, after,
			     PAGE, list_r, err);
	store_read_end(reader);
	return n;
}

static int
replay_all(struct replaying *replaying, struct err *err)
{
	int64_t after = 0;
	long n;
	do {
		struct arena arena = {0};
		const struct turn *list;
		if (desk_is_stopping(replaying->desk))
			return err_set(err, "the daemon is stopping");
		n = read_page(replaying, &arena, after, &list, err);
		for (long i = 0; i < n; i++) {
			replay_one(replaying, &list[i]);
			after = list[i].id;
		}
		arena_release(&arena);
	} while (n == PAGE);
	return n < 0 ? -1 : 0;
}

static int
find_conversation(struct replaying *replaying, const char *id, struct err *err)
{
	struct store_reader *reader =
		store_read_begin(desk_store(replaying->desk), err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	const struct conversation *conversation;
	int rc =
		admin_find_conversation(reader, &arena, id, &conversation, err);
	if (!rc)
		replaying->conversation_id = conversation->id;
	store_read_end(reader);
	arena_release(&arena);
	return rc;
}

static int
run_replay(struct admin_call *call, struct err *err)
{
	const char *id = admin_text(call, "CONVERSATION");
	struct replaying replaying = {
		.desk = call->desk,
		.replay.store = desk_store(call->desk),
	};
	if (!id && !admin_flag(call, "all"))
		return err_misuse(err,
				  "which conversation, cnv_..., or --all?");
	if (id && find_conversation(&replaying, id, err))
		return -1;
	replaying.different = json_array();
	if (admin_flag(call, "now")) {
		replaying.replay.now = library_get(desk_library(call->desk));
		replaying.replay.now_us = time_now_us();
	}
	int rc = replay_all(&replaying, err);
	knowledge_put(replaying.replay.now);
	replay_release(&replaying.replay);
	call->result = json_object();
	json_set_int(call->result, "turns", replaying.turns);
	json_set_int(call->result, "equal", replaying.equal);
	json_set_int(call->result, "failed", replaying.failed);
	json_object_set_new(call->result, "different", replaying.different);
	return rc;
}

static void
print_different(const json_t *turn, FILE *out)
{
	size_t i;
	json_t *row;
	fprintf(out, "turn %lld:\n", (long long)json_get_int(turn, "turn", 0));
	json_array_foreach (json_object_get(turn, "differences"), i, row) {
		const char *was = json_get_text(row, "was", "");
		fprintf(out, "  %s\n", json_get_text(row, "what", ""));
		if (*was)
			fprintf(out, "    was  %s\n", was);
		fprintf(out, "    is   %s\n", json_get_text(row, "is", ""));
	}
}

static void
print_replay(const json_t *result, FILE *out)
{
	size_t i;
	json_t *turn;
	json_array_foreach (json_object_get(result, "different"), i, turn)
		print_different(turn, out);
	int64_t turns = json_get_int(result, "turns", 0);
	int64_t equal = json_get_int(result, "equal", 0);
	int64_t failed = json_get_int(result, "failed", 0);
	fprintf(out, "%lld turns, %lld equal", (long long)turns,
		(long long)equal);
	if (turns > equal)
		fprintf(out, ", %lld different, %lld that cannot be replayed",
			(long long)(turns - equal - failed), (long long)failed);
	fputc('\n', out);
}

static const struct admin_argument replay_arguments[] = {
	{"CONVERSATION", ADMIN_TEXT, false, NULL, "cnv_..."},
	{"--all", ADMIN_FLAG, false, NULL, "every turn of every conversation"},
	{"--now", ADMIN_FLAG, false, NULL,
	 "decide from what is known now: what would be said otherwise?"},
	{0},
};

const struct admin_command admin_replay_commands[] = {
	{"replay", NULL,
	 "Decide turns again from what was known then, and compare.",
	 ADMIN_STORE, replay_arguments, run_replay, print_replay},
	{0},
};
