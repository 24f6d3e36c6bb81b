#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/commands.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/json.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "store/backup.h"
#include "store/state.h"

/* A name in the state directory that nobody has used. */
static void
temporary_path(const char *dir, struct buf *out)
{
	uint8_t random[8];
	char hex[2 * sizeof(random) + 1];
	crypto_random(random, sizeof(random));
	crypto_hex(random, sizeof(random), hex);
	buf_addf(out, "%s/backup-%s.tmp", dir, hex);
}

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

/* Hand over the file's bytes; its name goes at once. */
static int
open_output(struct admin_call *call, const char *path, struct err *err)
{
	struct stat status;
	call->output = open(path, O_RDONLY | O_CLOEXEC);
	if (call->output < 0)
		return err_errno(err, "%s", path);
	unlink(path);
	if (fstat(call->output, &status))
		return err_errno(err, "%s", path);
	call->output_len = status.st_size;
	call->result = json_object();
	json_set_int(call->result, "bytes", status.st_size);
	return 0;
}

static int
run_backup(struct admin_call *call, struct err *err)
{
	struct buf path;
	buf_init(&path, PATH_MAX);
	temporary_path(desk_state_dir(call->desk), &path);
	int rc = audit(desk_store(call->desk), call->actor, "backup", err);
	if (!rc)
		rc = store_backup(desk_store(call->desk), buf_str(&path), NULL,
				  NULL, err);
	if (!rc)
		rc = open_output(call, buf_str(&path), err);
	buf_release(&path);
	return rc;
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
