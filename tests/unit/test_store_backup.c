#include "store_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "base/time.h"
#include "store/backup.h"
#include "store/files.h"

/* Every row of what customers said and got, as one number. */
#define DIGEST                                                        \
	"SELECT count(*) * 1000003 + total(id) + total(length(text))" \
	" + total(conversation_id * 7) FROM (SELECT id, text,"        \
	" conversation_id FROM message UNION ALL SELECT id, text,"    \
	" conversation_id FROM reply)"

static void
path_beside(struct fixture *f, const char *name, char out[128])
{
	snprintf(out, 128, "%s/%s", f->dir, name);
}

static void
fill(struct fixture *f, int n)
{
	char text[1000], key[32];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	for (int i = 0; i < n; i++) {
		snprintf(key, sizeof key, "key %d", i % 50);
		add_text(f, key, text);
	}
}

static int64_t
count_in(const char *path, const char *sql)
{
	struct err err = {0};
	int64_t n = -1;
	struct db db;

	if (db_open(&db, path, DB_FILE, &err) < 0 ||
	    db_exec_int(&db, sql, &n, &err) < 0)
		fail_msg("%s", err.text);
	db_close(&db);
	return n;
}

static void
test_backup_holds_everything_and_needs_no_log(void **state)
{
	struct fixture *f = *state;
	char path[128], beside[160];

	fill(f, 300);
	path_beside(f, "copy", path);
	if (store_backup(f->store, path, NULL, NULL, &f->err) < 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(count_in(path, DIGEST), count_of(f, DIGEST));
	if (store_check_file(path, &f->err) < 0)
		fail_msg("%s", f->err.text);
	static const char *const others[] = {"-wal", "-shm", "-journal",
					     ".part", ".part-journal"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		snprintf(beside, sizeof beside, "%s%s", path, others[i]);
		assert_int_equal(files_size(beside), -1);
	}
	assert_int_equal(store_backup(f->store, path, NULL, NULL, &f->err), -1);
	assert_words(f->err.text, "is there already");
}

static void
test_backup_to_nowhere_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		store_backup(f->store, "/nowhere/copy", NULL, NULL, &f->err),
		-1);
	assert_words(f->err.text, "No such file");
	add_text(f, "someone", "goes on");
}

static bool
stop_half_way(void *arg, double part)
{
	double *seen = arg;

	assert_true(part >= 0 && part <= 1);
	*seen = part;
	return false;
}

static void
test_stopped_backup_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	char path[128], part[160];
	double seen = -1;

	fill(f, 300);
	path_beside(f, "copy", path);
	snprintf(part, sizeof part, "%s.part", path);
	assert_int_equal(
		store_backup(f->store, path, stop_half_way, &seen, &f->err),
		-1);
	assert_words(f->err.text, "was stopped");
	assert_true(seen >= 0);
	assert_int_equal(files_size(path), -1);
	assert_int_equal(files_size(part), -1);
	assert_int_equal(store_backup(f->store, path, NULL, NULL, &f->err), 0);
}

static bool
make_it_meanwhile(void *arg, double part)
{
	struct err err;

	(void)part;
	assert_int_equal(files_touch(arg, &err), 0);
	return true;
}

static void
test_backup_takes_the_place_of_no_file_that_came_meanwhile(void **state)
{
	struct fixture *f = *state;
	char path[128], part[160];

	fill(f, 300);
	path_beside(f, "copy", path);
	snprintf(part, sizeof part, "%s.part", path);
	assert_int_equal(
		store_backup(f->store, path, make_it_meanwhile, path, &f->err),
		-1);
	assert_words(f->err.text, "is there already");
	assert_int_equal(files_size(path), 0);
	assert_int_equal(files_size(part), -1);
}

struct load {
	struct fixture *f;
	atomic_bool is_over;
	int64_t newest;
	int n_slices;
};

static void *
write_on(void *arg)
{
	struct load *load = arg;
	char key[16], id[32];

	for (int i = 0; !load->is_over; i++) {
		snprintf(key, sizeof key, "%d", i % 7);
		snprintf(id, sizeof id, "e%d", i - i % 3);
		/* Two of three are duplicates, whose savepoint is undone. */
		struct store_add_message add = message_from(key, id, "load");
		enum store_status status =
			store_call(load->f->store, &add.write);
		assert_true(status == STORE_OK || status == STORE_DUPLICATE);
		load->newest = add.message.id;
	}
	return NULL;
}

static bool
slowly(void *arg, double part)
{
	struct load *load = arg;

	(void)part;
	load->n_slices++;
	usleep(300);
	return true;
}

static void
test_backup_under_load_is_one_instant(void **state)
{
	struct fixture *f = *state;
	struct load load = {.f = f};
	char path[128];
	pthread_t writer;

	fill(f, 3000);
	int64_t before = count_of(f, "SELECT max(id) FROM message");
	path_beside(f, "copy", path);
	pthread_create(&writer, NULL, write_on, &load);
	int result = store_backup(f->store, path, slowly, &load, &f->err);
	load.is_over = true;
	pthread_join(writer, NULL);
	assert_string_equal(f->err.text, "");
	assert_int_equal(result, 0);
	int64_t newest = count_in(path, "SELECT max(id) FROM message");
	assert_true(newest >= before && newest <= load.newest);
	char sql[128];
	snprintf(sql, sizeof sql,
		 "SELECT count(*) FROM message WHERE id <= %lld",
		 (long long)newest);
	assert_int_equal(count_in(path, "SELECT count(*) FROM message"),
			 count_of(f, sql));
	assert_int_equal(count_in(path, "SELECT count(*) FROM"
					" pragma_foreign_key_check"),
			 0);
}

static void
copy_file(struct fixture *f, const char *path, const char *to)
{
	int from = open(path, O_RDONLY);

	assert_true(from >= 0);
	assert_int_equal(files_copy(from, to, &f->err), 0);
	close(from);
}

static void
restore(struct fixture *f, const char *path)
{
	if (store_restore(f->dir, path, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

/* How many files in the directory have this in their name? */
static int
n_named(struct fixture *f, const char *part)
{
	struct dirent *entry;
	int n = 0;
	DIR *dir = opendir(f->dir);

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += strstr(entry->d_name, part) != NULL;
	closedir(dir);
	return n;
}

static void
test_restore_brings_back_what_was_saved(void **state)
{
	struct fixture *f = *state;
	char path[128];

	fill(f, 100);
	int64_t digest = count_of(f, DIGEST);
	path_beside(f, "copy", path);
	assert_int_equal(store_backup(f->store, path, NULL, NULL, &f->err), 0);
	add_text(f, "someone", "too late");
	assert_int_equal(store_restore(f->dir, path, &f->err), -1);
	assert_words(f->err.text, "in use by process");
	close_store(f);
	restore(f, path);
	assert_int_equal(n_named(f, ".before-restore-"), 3);
	open_store(f);
	assert_int_equal(count_of(f, DIGEST), digest);
	assert_int_equal(n_named(f, ".restor"), 0);
	add_text(f, "someone", "goes on");
}

static void
test_restore_makes_a_store_where_there_is_none(void **state)
{
	struct fixture *f = *state;
	char path[128], dir[128];

	add_text(f, "someone", "hello");
	path_beside(f, "copy", path);
	assert_int_equal(store_backup(f->store, path, NULL, NULL, &f->err), 0);
	close_store(f);
	path_beside(f, "new", dir);
	assert_int_equal(store_restore(dir, path, &f->err), 0);
	f->config.dir = dir;
	open_store(f);
	snprintf(f->path, sizeof f->path, "%.100s/store.db", dir);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"), 1);
}

/* A pipe that has the first len bytes of a file. */
static int
pipe_from(const char *path, size_t len)
{
	static char bytes[1 << 20];
	int ends[2], from = open(path, O_RDONLY);

	assert_int_equal(pipe(ends), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, sizeof bytes) >= 0);
	assert_int_equal(read(from, bytes, len), len);
	assert_int_equal(write(ends[1], bytes, len), len);
	close(from);
	close(ends[1]);
	return ends[0];
}

/* A backup may come from another machine. */
static void
test_restore_reads_from_a_pipe(void **state)
{
	struct fixture *f = *state;
	char path[128];

	fill(f, 100);
	int64_t digest = count_of(f, DIGEST);
	path_beside(f, "copy", path);
	assert_int_equal(store_backup(f->store, path, NULL, NULL, &f->err), 0);
	add_text(f, "someone", "too late");
	close_store(f);
	for (int whole = 0; whole < 2; whole++) {
		size_t len = (size_t)files_size(path);
		int from = pipe_from(path, whole ? len : len / 2);
		assert_int_equal(store_restore_stream(f->dir, from, &f->err),
				 whole ? 0 : -1);
		close(from);
		assert_int_equal(n_named(f, ".restor"), 0);
		open_store(f);
		assert_int_equal(count_of(f, DIGEST) == digest, whole);
		close_store(f);
	}
}

/* The process dies with commits that are in the log alone. */
static void
die_writing(struct fixture *f)
{
	int status;

	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		struct store *store = store_open(&f->config, NULL, &f->err);
		struct store_add_message add =
			message_from("someone", NULL, "in the log");
		_exit(store && !store_call(store, &add.write) ? 0 : 1);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static void
rename_in(struct fixture *f, const char *from, const char *to)
{
	char from_path[128], to_path[128];

	path_beside(f, from, from_path);
	path_beside(f, to, to_path);
	assert_int_equal(rename(from_path, to_path), 0);
}

/* Wherever the restoring process died after its one rename, the next opening
 * has the restored store, and what was there is kept with its log. */
static void
test_restore_is_ended_by_whoever_opens(void **state)
{
	struct fixture *f = *state;
	char path[128], again[128];

	add_text(f, "someone", "saved");
	path_beside(f, "copy", path);
	assert_int_equal(store_backup(f->store, path, NULL, NULL, &f->err), 0);
	close_store(f);
	for (int step = 0; step < 3; step++) {
		die_writing(f);
		path_beside(f, "store.db.restored", again);
		copy_file(f, path, again);
		if (step > 0)
			rename_in(f, "store.db", "old");
		if (step > 1)
			rename_in(f, "store.db-wal", "old-wal");
		open_store(f);
		assert_int_equal(count_of(f, "SELECT count(*) FROM message"),
				 1);
		close_store(f);
	}
	assert_int_equal(n_named(f, "-wal"), 4);
}

static void
test_bad_backups_are_refused_and_change_nothing(void **state)
{
	struct fixture *f = *state;
	char good[128], bad[128], missing[128];

	fill(f, 100);
	int64_t digest = count_of(f, DIGEST);
	path_beside(f, "copy", good);
	path_beside(f, "bad", bad);
	path_beside(f, "missing", missing);
	assert_int_equal(store_backup(f->store, good, NULL, NULL, &f->err), 0);
	close_store(f);
	assert_int_equal(store_restore(f->dir, missing, &f->err), -1);
	assert_words(f->err.text, "No such file");
	assert_int_equal(files_touch(bad, &f->err), 0);
	assert_int_equal(store_restore(f->dir, bad, &f->err), -1);
	assert_words(f->err.text, "is empty");
	assert_int_equal(unlink(bad), 0);
	copy_file(f, good, bad);
	assert_int_equal(truncate(bad, files_size(bad) - 4096), 0);
	assert_int_equal(store_restore(f->dir, bad, &f->err), -1);
	assert_words(f->err.text, "damaged");
	assert_int_equal(truncate(bad, 100), 0);
	assert_int_equal(store_restore(f->dir, bad, &f->err), -1);
	assert_int_equal(store_restore(f->dir, "/etc/passwd", &f->err), -1);
	assert_words(f->err.text, "not a database");
	assert_int_equal(store_restore(f->dir, f->dir, &f->err), -1);
	assert_words(f->err.text, "is not a file");
	open_store(f);
	assert_int_equal(count_of(f, DIGEST), digest);
}

/* A store's own file without its log is no backup. */
static void
test_store_file_with_a_log_is_no_backup(void **state)
{
	struct fixture *f = *state;

	add_text(f, "someone", "in the log");
	assert_int_equal(store_check_file(f->path, &f->err), -1);
	assert_words(f->err.text, "holds commits that are not yet in");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(test_backup_holds_everything_and_needs_no_log),
		TEST(test_backup_to_nowhere_is_refused),
		TEST(test_stopped_backup_leaves_nothing),
		TEST(test_backup_takes_the_place_of_no_file_that_came_meanwhile),
		TEST(test_backup_under_load_is_one_instant),
		TEST(test_restore_brings_back_what_was_saved),
		TEST(test_restore_makes_a_store_where_there_is_none),
		TEST(test_restore_reads_from_a_pipe),
		TEST(test_restore_is_ended_by_whoever_opens),
		TEST(test_bad_backups_are_refused_and_change_nothing),
		TEST(test_store_file_with_a_log_is_no_backup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
