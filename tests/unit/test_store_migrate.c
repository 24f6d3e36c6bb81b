#include "store_fixture.h"

#include <signal.h>
#include <sys/wait.h>

#include "store/files.h"
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
