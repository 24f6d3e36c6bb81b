#include "store_fixture.h"

#include <signal.h>
#include <sys/wait.h>

#include "store/files.h"
#include "store/knowledge.h"
#include "store/migrate.h"

static const char add_column[] =
	"ALTER TABLE message ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm';"
	"CREATE TABLE mood (name TEXT PRIMARY KEY) STRICT;"
	"INSERT INTO mood VALUES ('calm');";

/* Takes some seconds, so that it can be killed half way. */
static const char slow[] =
	"CREATE TABLE filler (x);"
	"INSERT INTO filler WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
	" SELECT i + 1 FROM n WHERE i < 20000000) SELECT i FROM n;";

/* The embedded migrations and one that is made up, all in a list. */
static struct migration *
with_next(struct fixture *f, const char *text)
{
	size_t n = store_n_migrations;
	struct migration *list = arena_array(&f->arena, n + 1, sizeof *list);

	memcpy(list, store_migrations, n * sizeof *list);
	list[n] = (struct migration){(int)n + 1, "next", text};
	return list;
}

static int
run(struct fixture *f, const struct migration *list)
{
	struct db db;

	if (db_open(&db, f->path, DB_WRITER, &f->err) < 0)
		return -1;
	int result = migrate_run(&db, f->path, list, store_n_migrations + 1,
				 &f->err);
	db_close(&db);
	return result;
}

static char *
kept_path(struct fixture *f)
{
	return arena_printf(&f->arena, "%s.before-%04d", f->path,
			    (int)store_n_migrations + 1);
}

/* A store of this program's schema with a message in it: the old one of the
 * tests. */
static void
make_old(struct fixture *f)
{
	open_store(f);
	add_text(f, "someone", "from before");
	close_store(f);
}

static int64_t
version_of(struct fixture *f)
{
	return count_of(f, "PRAGMA user_version");
}

static void
test_old_store_is_migrated_and_kept(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	int64_t n = 0;
	struct db kept;

	make_old(f);
	if (run(f, with_next(f, add_column)) < 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(version_of(f), store_n_migrations + 1);
	assert_int_equal(count_of(f, "PRAGMA application_id"),
			 DB_APPLICATION_ID);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"
				     " WHERE mood = 'calm'"),
			 1);
	assert_int_equal(db_open(&kept, kept_path(f), DB_FILE, &err), 0);
	assert_int_equal(db_exec_int(&kept, "PRAGMA user_version", &n, &err),
			 0);
	assert_int_equal(n, store_n_migrations);
	assert_int_equal(
		db_exec_int(&kept, "SELECT count(*) FROM message", &n, &err),
		0);
	assert_int_equal(n, 1);
	db_close(&kept);
	assert_words(refused(f), "newer tellerd");
}

static void
test_second_run_changes_nothing(void **state)
{
	struct fixture *f = *state;

	make_old(f);
	assert_int_equal(run(f, with_next(f, add_column)), 0);
	assert_int_equal(unlink(kept_path(f)), 0);
	assert_int_equal(run(f, with_next(f, add_column)), 0);
	assert_int_equal(files_size(kept_path(f)), -1);
}

static void
test_new_store_needs_no_copy(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(files_touch(f->path, &f->err), 0);
	assert_int_equal(run(f, with_next(f, add_column)), 0);
	assert_int_equal(version_of(f), store_n_migrations + 1);
	assert_int_equal(files_size(kept_path(f)), -1);
}

static void
test_failing_migration_changes_nothing(void **state)
{
	struct fixture *f = *state;

	make_old(f);
	assert_int_equal(run(f, with_next(f, "CREATE TABLE mood (x);"
					     "INSERT INTO nowhere VALUES (1)")),
			 -1);
	assert_words(f->err.text, "migration next");
	assert_int_equal(version_of(f), store_n_migrations);
	assert_int_equal(count_of(f, "SELECT count(*) FROM sqlite_schema"
				     " WHERE name = 'mood'"),
			 0);
	open_store(f);
	add_text(f, "someone", "goes on");
	close_store(f);
	assert_int_equal(run(f, with_next(f, add_column)), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"), 2);
}

static void
test_killed_migration_changes_nothing(void **state)
{
	struct fixture *f = *state;
	int status;

	make_old(f);
	for (int round = 0; round < 5; round++) {
		fflush(NULL);
		pid_t child = fork();
		if (child == 0)
			_exit(run(f, with_next(f, slow)) + 3);
		usleep((useconds_t)(1000 + round * 30000));
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		open_store(f);
		assert_int_equal(count_of(f, "SELECT count(*) FROM message"),
				 1);
		close_store(f);
		assert_int_equal(version_of(f), store_n_migrations);
	}
	assert_int_equal(run(f, with_next(f, add_column)), 0);
}

/* What the schema 4 had: one conversation, whose form was begun in one turn and
 * answered in the next, then an agent's words, and a turn of two questions. */
static const char old_rows[] =
	"INSERT INTO conversation (id, public_id, channel, account, key,"
	" memory, created_at, updated_at)"
	" VALUES (1, 'cnv_a', 'web', '', 'a', '{}', 1, 1);"
	"INSERT INTO turn (id, conversation_id, kind, confidence, rule, record,"
	" at) VALUES"
	" (1, 1, 'form', 1, 'r', '{\"v\":1,\"form\":{},\"before\":{"
	"\"memory\":\"{}\"}}', 1),"
	" (2, 1, 'answer', 0.5, 'r', '{\"v\":1,\"confidence\":0.50,"
	"\"form\":{},\"before\":{\"state\":\"bot\",\"memory\":"
	"\"{\\\"form\\\":{\\\"values\\\":[[\\\"where\\\",\\\"canary\\\"]]"
	"}}\"}}', 1),"
	" (3, 1, 'handover', 1, 'agent', '{\"v\":1,\"before\":{\"memory\":"
	"\"{\\\"call_back\\\":\\\"canary\\\"}\"}}', 1),"
	" (4, 1, 'answer', 1, 'r', '{\"v\":1,\"searched\":\"canary\","
	"\"second\":{\"searched\":\"canary\"},\"before\":{\"memory\":"
	"\"{}\"}}', 1);"
	"INSERT INTO message (id, conversation_id, kind, text, received_at,"
	" state, turn_id) VALUES"
	" (1, 1, 'text', 'the form', 1, 'done', 1),"
	" (3, 1, 'text', 'canary', 1, 'done', 2),"
	" (4, 1, 'text', 'and more', 1, 'done', 2),"
	" (7, 1, 'agent', 'you said canary?', 1, 'done', 3),"
	" (9, 1, 'text', 'canary', 1, 'done', 4);"
	"INSERT INTO reply (id, conversation_id, turn_id, target, job, text,"
	" created_at) VALUES"
	" (2, 1, 1, 'web', 'reply', 'Where?', 1),"
	" (5, 1, 2, 'web', 'reply', 'Noted: canary', 1),"
	" (6, 1, 2, 'desk', 'desk_card', '- Where: canary', 1),"
	" (8, 1, 3, 'web', 'agent_text', 'you said canary?', 1),"
	" (10, 1, 4, 'web', 'reply', 'An answer.', 1);";

#define WITH_WORDS 5 /* the migration that moves them */

static void
make_at(struct fixture *f, size_t n, const char *rows)
{
	struct db db;

	assert_int_equal(files_touch(f->path, &f->err), 0);
	if (db_open(&db, f->path, DB_WRITER, &f->err) < 0 ||
	    migrate_run(&db, f->path, store_migrations, n, &f->err) < 0 ||
	    db_exec(&db, rows, &f->err) < 0)
		fail_msg("%s", f->err.text);
	db_close(&db);
}

static void
test_words_move_to_their_messages(void **state)
{
	struct fixture *f = *state;

	make_at(f, WITH_WORDS - 1, old_rows);
	open_store(f);
	assert_int_equal(count_of(f, "SELECT count(*) FROM turn"
				     " WHERE record LIKE '%canary%'"),
			 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM reply"
				     " WHERE text LIKE '%canary%'"),
			 0);
	assert_int_equal(
		count_of(f, "SELECT count(*) FROM turn WHERE id = 2 AND"
			    " record = '{\"v\":1,\"confidence\":0.50,"
			    "\"form\":{},\"before\":{\"state\":\"bot\"}}'"),
		1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM turn WHERE"
				     " record ->> '$.before.memory' = '{}'"),
			 2);
	assert_int_equal(
		count_of(f, "SELECT count(*) FROM message WHERE id = 4 AND"
			    " derived ->> '$.memory' ->> '$.form.values[0][1]'"
			    " = 'canary' AND"
			    " derived ->> '$.replies.reply' = 'Noted: canary'"
			    " AND derived ->> '$.replies.desk_card'"
			    " = '- Where: canary'"),
		1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"
				     " WHERE id IN (3, 9) AND derived = ''"),
			 2);
}

static void
test_what_was_said_before_reads_as_it_did(void **state)
{
	static const char *const texts[] = {
		"the form",	 "Where?",	     "canary", "and more",
		"Noted: canary", "you said canary?", "canary", "An answer."};
	struct fixture *f = *state;
	const struct entry *list;
	bool more;

	make_at(f, WITH_WORDS - 1, old_rows);
	open_store(f);
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_int_equal(store_history(reader, &f->arena, 1, 0, 20, &list,
				       &more, &f->err),
			 8);
	for (size_t i = 0; i < 8; i++)
		assert_string_equal(list[i].text, texts[i]);
	store_read_end(reader);
}

/* What the schema 5 had: an entry of a pack that somebody edited. */
static const char old_entry[] =
	"INSERT INTO generation (at, actor, what) VALUES (1, 'pack', 'x'),"
	" (2, 'ann', 'y');"
	"INSERT INTO import (id, origin, actor, at, generation) VALUES"
	" (1, 'pack:bank', 'pack', 1, 1), (2, 'hand', 'ann', 2, 2);"
	"INSERT INTO faq (id, name) VALUES (1, 'a');"
	"INSERT INTO faq_version (id, faq_id, version, import_id,"
	" approved_generation, created_at, author, question, answer, source)"
	" VALUES (1, 1, 1, 1, 0, 1, 'pack', 'q', 'ring 1', 'ring {{phone}}'),"
	" (2, 1, 2, 2, 0, 2, 'ann', 'Q', 'ring 1', 'ring {{phone}}');";

#define WITH_ORIGINS 6

static void
test_old_versions_come_from_where_their_import_does(void **state)
{
	static const char *const origins[] = {"pack:bank", "hand"};
	struct fixture *f = *state;

	make_at(f, WITH_ORIGINS - 1, old_entry);
	open_store(f);
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	for (int i = 0; i < 2; i++) {
		const struct faq_version *version;
		assert_int_equal(store_get_version(reader, &f->arena, "a",
						   i + 1, &version, &f->err),
				 1);
		assert_string_equal(version->origin, origins[i]);
		assert_string_equal(version->brought_by, origins[i]);
		assert_string_equal(version->answer, "ring 1");
		assert_string_equal(version->source, "ring {{phone}}");
	}
	store_read_end(reader);
}

/* What the schema 8 had: replies that are over, or not, and a rating. */
static const char old_replies[] =
	"INSERT INTO conversation (id, public_id, channel, account, key,"
	" created_at, updated_at) VALUES (1, 'cnv_a', 'web', '', 'a', 1, 1);"
	"INSERT INTO reply (id, conversation_id, target, job, text, created_at,"
	" state, error) VALUES"
	" (1, 1, 'web', 'reply', 't', 1, 'pending', ''),"
	" (2, 1, 'web', 'reply', 't', 1, 'sent', ''),"
	" (3, 1, 'web', 'reply', 't', 1, 'failed', 'gone'),"
	" (4, 1, 'web', 'reply', 't', 1, 'failed',"
	"  'the customer wants no more of it'),"
	" (5, 1, 'web', 'agent_text', 't', 1, 'failed', 'it was withdrawn');"
	"INSERT INTO feedback (reply_id, rating, actor, at)"
	" VALUES (2, 1, 'ann', 1);";

#define WITH_WITHDRAWN 9

static void
test_replies_keep_what_became_of_them(void **state)
{
	struct fixture *f = *state;

	make_at(f, WITH_WITHDRAWN - 1, old_replies);
	open_store(f);
	assert_int_equal(count_of(f, "SELECT group_concat(state, ' ') ="
				     " 'pending sent failed withdrawn failed'"
				     " FROM reply"),
			 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM feedback AS f"
				     " JOIN reply AS r ON r.id = f.reply_id"),
			 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM reply"
				     " INDEXED BY reply_failed"
				     " WHERE state = 'failed'"),
			 2);
	assert_int_equal(count_of(f, "SELECT count(*) FROM reply"
				     " INDEXED BY reply_pending"
				     " WHERE state = 'pending'"),
			 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_dir, tear_down)
		TEST(test_old_store_is_migrated_and_kept),
		TEST(test_second_run_changes_nothing),
		TEST(test_new_store_needs_no_copy),
		TEST(test_failing_migration_changes_nothing),
		TEST(test_killed_migration_changes_nothing),
		TEST(test_words_move_to_their_messages),
		TEST(test_what_was_said_before_reads_as_it_did),
		TEST(test_old_versions_come_from_where_their_import_does),
		TEST(test_replies_keep_what_became_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
