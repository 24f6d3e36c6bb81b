#include <string.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "base/err.h"
#include "base/json.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "store/backup.h"
#include "store/state.h"

static int
audit(struct store *store, const char *actor, const char *action,
      struct err *err)
{
	struct store_add_audit add = {
		.write.verb = &store_verb_add_audit,
		.actor = actor,
		.action = action,
		.object = "store",
		.detail = "",
		.now_us = time_now_us(),
	};
	if (store_call(store, &add.write) == STORE_OK)
		return 0;
	return err_set(err, "%s", add.write.err.text);
}

static bool
goes_on(void *arg, double part)
{
	(void)part;
	return !desk_is_stopping(arg);
}

static int
run_backup(struct admin_call *call, struct err *err)
{
	struct store *store = desk_store(call->desk);
	if (audit(store, call->actor, "backup", err))
		return -1;
	call->output = store_backup_open(store, goes_on, call->desk,
					 &call->output_len, err);
	if (call->output < 0)
		return -1;
	call->result = json_object();
	json_set_int(call->result, "bytes", call->output_len);
	return 0;
}

static void
print_backup(const json_t *result, FILE *out)
{
	fprintf(out,
		"%lld bytes: the store, without desk.key; keep a copy of that "
		"elsewhere\n",
		(long long)json_get_int(result, "bytes", 0));
}

/* Who did it stands in the store that came. */
static int
record_restore(struct admin_call *call, struct err *err)
{
	struct store_config config = {.dir = call->state_dir};
	struct store *store = store_open(&config, NULL, err);
	int rc = store ? audit(store, call->actor, "restore", err) : -1;
	store_close(store);
	return rc ? err_prefix(err, "it is restored, but cannot be opened") : 0;
}

static int
run_restore(struct admin_call *call, struct err *err)
{
	const char *path = admin_text(call, "FILE");
	int rc = strcmp(path, "-") == 0
			 ? store_restore_stream(call->state_dir, STDIN_FILENO,
						err)
			 : store_restore(call->state_dir, path, err);
	if (rc || record_restore(call, err))
		return -1;
	call->result = json_object();
	json_set_text(call->result, "restored", call->state_dir);
	return 0;
}

static void
print_restore(const json_t *result, FILE *out)
{
	fprintf(out,
		"%s is as the backup was; what was there is kept beside "
		"it.\n",
		json_get_text(result, "restored", ""));
}

static const struct admin_argument backup_arguments[] = {
	{"FILE", ADMIN_OUTPUT, true, NULL,
	 "where to; one that is there is not overwritten without --force"},
	{0},
};

static const struct admin_argument restore_arguments[] = {
	{"FILE", ADMIN_PATH, true, NULL, "what 'backup' wrote"},
	{0},
};

const struct admin_command admin_backup_commands[] = {
	{"backup", NULL,
	 "Write all that the desk keeps to one file, at one instant.",
	 ADMIN_STORE, backup_arguments, run_backup, print_backup},
	{"restore", NULL, "Put a backup in the place of what is there.",
	 ADMIN_WITHOUT_DAEMON | ADMIN_STATE_ONLY, restore_arguments,
	 run_restore, print_restore},
	{0},
};
