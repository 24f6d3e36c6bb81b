#include "store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/files.h"

static void
test_new_store_is_made_private(void **state)
{
	struct fixture *f = *state;
	char dir[96];
	struct stat about;

	snprintf(dir, sizeof dir, "%s/deeper", f->dir);
	f->config.dir = dir;
	open_store(f);
	assert_int_equal(stat(dir, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0700);
	static const char *const names[] = {"lock", "store.db", "store.db-wal",
					    "store.db-shm"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		assert_int_equal(stat(path, &about), 0);
		assert_int_equal(about.st_mode & 0777, 0600);
	}
	assert_string_equal(store_dir(f->store), dir);
}

static void
count_signs(void *arg)
{
	++*(int *)arg;
}

static void
test_long_check_says_that_it_goes_on(void **state)
{
	struct fixture *f = *state;
	sqlite3 *handle;
	int n_signs = 0;

	open_store(f);
	close_store(f);
	assert_int_equal(sqlite3_open(f->path, &handle), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(handle,
			     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
			     "SELECT i + 1 FROM n WHERE i < 100000) "
			     "INSERT INTO meta SELECT 'key ' || i, i FROM n",
			     NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(handle);
	f->config.working = count_signs;
	f->config.working_arg = &n_signs;
	open_store(f);
	assert_true(n_signs > 10);
	/* An open store has nothing more to tell. */
	n_signs = 0;
	close_store(f);
	assert_int_equal(n_signs, 0);
}

static void
test_directory_that_others_may_write_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(chmod(f->dir, 0770), 0);
	assert_words(refused(f), "others may write");
}

static void
test_missing_parent_is_named(void **state)
{
	struct fixture *f = *state;

	f->config.dir = "/nowhere/at/all";
	assert_words(refused(f), "/nowhere/at/all: No such file");
}

static void
test_file_in_place_of_the_directory_is_refused(void **state)
{
	struct fixture *f = *state;
	char path[96];

	snprintf(path, sizeof path, "%s/file", f->dir);
	assert_int_equal(files_touch(path, &f->err), 0);
	f->config.dir = path;
	assert_words(refused(f), "is not a directory");
}

/* Root may write anywhere, so a child gives that up first. */
static void
test_read_only_directory_is_refused_in_words(void **state)
{
	struct fixture *f = *state;
	int status;

	assert_int_equal(chmod(f->dir, 0555), 0);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(2);
		struct store *store = store_open(&f->config, NULL, &f->err);
		_exit(!store && strstr(f->err.text, "Permission denied") ? 0
									 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(f->dir, 0700), 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_locked_store_names_who_has_it(void **state)
{
	struct fixture *f = *state;
	bool is_locked = false;
	char words[64];

	open_store(f);
	assert_null(store_open(&f->config, &is_locked, &f->err));
	assert_true(is_locked);
	snprintf(words, sizeof words, "in use by process %ld", (long)getpid());
	assert_words(f->err.text, words);
	close_store(f);
	f->store = store_open(&f->config, &is_locked, &f->err);
	assert_non_null(f->store);
	assert_false(is_locked);
}

static void
test_clean_end_is_known_at_the_next_start(void **state)
{
	struct fixture *f = *state;
	struct store_health health;

	for (int i = 0; i < 3; i++) {
		open_store(f);
		store_health(f->store, &health);
		assert_true(health.was_clean);
		assert_false(health.is_broken);
		assert_false(health.is_full);
		add_text(f, "someone", "hello");
		close_store(f);
	}
}

/* The child ends without closing the store. */
static void
die_with_store_open(struct fixture *f)
{
	int status;

	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		struct store *store = store_open(&f->config, NULL, &f->err);
		struct store_add_message add =
			message_from("someone", NULL, "kept");
		_exit(store && !store_call(store, &add.write) ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
test_crash_is_known_and_costs_nothing(void **state)
{
	struct fixture *f = *state;
	struct store_health health;

	die_with_store_open(f);
	open_store(f);
	store_health(f->store, &health);
	assert_false(health.was_clean);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"), 1);
}

static void
write_file(const char *path, off_t at, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, len, at), len);
	close(fd);
}

static void
test_garbage_is_refused_and_left_alone(void **state)
{
	struct fixture *f = *state;
	char garbage[8192];

	memset(garbage, 0xa5, sizeof garbage);
	write_file(f->path, 0, garbage, sizeof garbage);
	assert_words(refused(f), "file is not a database");
	assert_words(f->err.text, "Restore a backup");
	assert_int_equal(files_size(f->path), sizeof garbage);
}

/* Long enough a history that the file has some dozens of pages. */
static void
fill(struct fixture *f)
{
	char text[2000], key[32];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof key, "key %d", i);
		add_text(f, key, text);
	}
}

static void
test_truncated_file_is_refused(void **state)
{
	struct fixture *f = *state;

	open_store(f);
	fill(f);
	close_store(f);
	int64_t size = files_size(f->path);
	assert_int_equal(truncate(f->path, size / 2 / 4096 * 4096), 0);
	assert_words(refused(f), "is damaged");
	assert_int_equal(truncate(f->path, 1000), 0);
	assert_words(refused(f), "Restore a backup");
}

static void
test_damaged_page_is_found_at_the_start(void **state)
{
	struct fixture *f = *state;
	char garbage[4096];

	open_store(f);
	fill(f);
	close_store(f);
	memset(garbage, 0x5a, sizeof garbage);
	for (off_t page = 30; page < 40; page++)
		write_file(f->path, page * 4096, garbage, sizeof garbage);
	assert_words(refused(f), "is damaged");
}

/* SQLite would take it for a new database and throw the log away. */
static void
test_empty_file_beside_a_log_is_refused(void **state)
{
	struct fixture *f = *state;
	char log[160];

	die_with_store_open(f);
	snprintf(log, sizeof log, "%s-wal", f->path);
	int64_t size = files_size(log);
	assert_true(size > 0);
	assert_int_equal(truncate(f->path, 0), 0);
	assert_words(refused(f), "is missing or empty");
	assert_int_equal(unlink(f->path), 0);
	assert_words(refused(f), "is missing or empty");
	assert_int_equal(files_size(log), size);
}

static void
make_database(struct fixture *f, const char *sql)
{
	struct db db;

	assert_int_equal(db_open(&db, f->path, DB_COPY, &f->err), 0);
	if (db_exec(&db, sql, &f->err) < 0)
		fail_msg("%s", f->err.text);
	db_close(&db);
}

static void
test_foreign_database_is_refused(void **state)
{
	struct fixture *f = *state;

	make_database(f, "CREATE TABLE theirs (x); PRAGMA user_version = 1");
	assert_words(refused(f), "of another program");
	make_database(f, "PRAGMA application_id = 4711");
	assert_words(refused(f), "of another program");
	assert_int_equal(count_of(f, "SELECT count(*) FROM sqlite_schema"), 1);
}

static void
test_newer_store_is_refused(void **state)
{
	struct fixture *f = *state;

	open_store(f);
	close_store(f);
	make_database(f, "PRAGMA user_version = 9999");
	assert_words(refused(f), "newer tellerd");
}

static void
test_linked_database_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(symlink("/etc/passwd", f->path), 0);
	assert_words(refused(f), "Too many levels of symbolic links");
}

static void
test_odd_characters_in_the_path_are_a_path(void **state)
{
	struct fixture *f = *state;
	char dir[96];

	snprintf(dir, sizeof dir, "%s/a?mode=memory#b%%41 \xc3\xa9", f->dir);
	f->config.dir = dir;
	open_store(f);
	add_text(f, "someone", "hello");
	close_store(f);
	snprintf(f->path, sizeof f->path, "%s/store.db", dir);
	assert_true(files_size(f->path) > 0);
}

static void
test_reader_sees_one_instant(void **state)
{
	struct fixture *f = *state;
	const struct message *list;
	struct store_health health;

	open_store(f);
	int64_t id = conversation_of(f, "someone");
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	assert_non_null(reader);
	add_text(f, "someone", "later");
	assert_int_equal(
		store_queued_messages(reader, &f->arena, id, 9, &list, &f->err),
		0);
	usleep(2000);
	store_health(f->store, &health);
	assert_true(health.oldest_read_us >= 2000);
	store_read_end(reader);
	store_health(f->store, &health);
	assert_int_equal(health.oldest_read_us, 0);
	reader = store_read_begin(f->store, &f->err);
	assert_int_equal(
		store_queued_messages(reader, &f->arena, id, 9, &list, &f->err),
		1);
	assert_string_equal(list[0].text, "later");
	store_read_end(reader);
}

static void
test_readers_cannot_write_and_nobody_attaches(void **state)
{
	struct fixture *f = *state;
	struct db db;

	open_store(f);
	assert_int_equal(db_open(&db, f->path, DB_READER, &f->err), 0);
	assert_int_equal(db_exec(&db, "ATTACH ':memory:' AS other", &f->err),
			 -1);
	db_seal(&db);
	static const char *const denied[] = {
		"DELETE FROM message",
		"PRAGMA journal_mode = DELETE",
		"PRAGMA query_only = OFF",
		"CREATE TABLE x (y)",
		"DROP TABLE message",
		"CREATE TEMP TABLE x (y)",
		"VACUUM",
		"SELECT load_extension('x')",
		"REINDEX",
	};
	for (size_t i = 0; i < sizeof denied / sizeof *denied; i++)
		assert_int_equal(db_exec(&db, denied[i], &f->err), -1);
	assert_int_equal(db_exec(&db,
				 "SELECT rowid FROM faq_search WHERE"
				 " faq_search MATCH 'card'",
				 &f->err),
			 0);
	db_close(&db);
}

static enum store_status
run_search_write(struct writer *writer, struct store_write *write)
{
	if (query_do(&writer->db,
		     "INSERT INTO faq_search (rowid, question, variants,"
		     " answer, tags) VALUES (7, 'lost cards', '', '', '')",
		     &write->err) < 0)
		return writer_failed(writer);
	return STORE_OK;
}

/* FTS5 has statements of its own, which the authorizer must let through. */
static void
test_search_works_on_sealed_connections(void **state)
{
	static const struct store_verb verb = {
		.name = "search", .takes_in = true, .run = run_search_write};
	struct fixture *f = *state;
	struct store_write write = {.verb = &verb};
	struct err err = {0};
	int64_t found = 0;
	struct db db;

	open_store(f);
	for (int i = 0; i < 2; i++) {
		store_call(f->store, &write);
		assert_string_equal(write.err.text, "");
		assert_int_equal(db_open(&db, f->path, DB_READER, &err), 0);
		db_seal(&db);
		assert_int_equal(db_exec_int(&db,
					     "SELECT rowid FROM faq_search"
					     " WHERE faq_search MATCH 'card'"
					     " ORDER BY bm25(faq_search)",
					     &found, &err),
				 0);
		db_close(&db);
		assert_int_equal(found, 7);
		close_store(f);
		open_store(f);
	}
}

static void
test_log_is_kept_within_its_limit(void **state)
{
	struct fixture *f = *state;
	struct store_health health;

	f->config.wal_limit_bytes = 1 << 20;
	open_store(f);
	for (int i = 0; i < 5; i++)
		fill(f);
	store_health(f->store, &health);
	assert_true(health.wal_bytes <= (1 << 20) + (64 << 10));
	close_store(f);
	open_store(f);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"), 500);
}

/* A checkpoint every few MiB lets the log begin anew long before its limit. */
static void
test_log_begins_anew_after_a_checkpoint(void **state)
{
	struct fixture *f = *state;
	struct store_health health;

	f->config.wal_limit_bytes = 1 << 30;
	open_store(f);
	for (int i = 0; i < 10; i++)
		fill(f);
	store_health(f->store, &health);
	assert_true(health.wal_bytes <= (4 << 20) + (128 << 10));
	assert_true(health.database_bytes > 1 << 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_dir, tear_down)
		TEST(test_new_store_is_made_private),
		TEST(test_long_check_says_that_it_goes_on),
		TEST(test_directory_that_others_may_write_is_refused),
		TEST(test_missing_parent_is_named),
		TEST(test_file_in_place_of_the_directory_is_refused),
		TEST(test_read_only_directory_is_refused_in_words),
		TEST(test_locked_store_names_who_has_it),
		TEST(test_clean_end_is_known_at_the_next_start),
		TEST(test_crash_is_known_and_costs_nothing),
		TEST(test_garbage_is_refused_and_left_alone),
		TEST(test_truncated_file_is_refused),
		TEST(test_damaged_page_is_found_at_the_start),
		TEST(test_empty_file_beside_a_log_is_refused),
		TEST(test_foreign_database_is_refused),
		TEST(test_newer_store_is_refused),
		TEST(test_linked_database_is_refused),
		TEST(test_odd_characters_in_the_path_are_a_path),
		TEST(test_reader_sees_one_instant),
		TEST(test_readers_cannot_write_and_nobody_attaches),
		TEST(test_search_works_on_sealed_connections),
		TEST(test_log_is_kept_within_its_limit),
		TEST(test_log_begins_anew_after_a_checkpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
