/* A power failure at any instant loses nothing that was acknowledged, doubles
 * nothing and damages nothing, on the disk of disk.h.  STORE_CUTS sets how
 * often the power fails. */
#include "disk.h"
#include "store_lanes.h"

#include "store/backup.h"

#define CUTS 300
#define CUTS_A_LIFE 20
#define LIVES_A_STORE 5
#define ACKS_A_LIFE 320
#define ACKS_MAX (LIVES_A_STORE * (ACKS_A_LIFE + N_LANES))

/* One store over several failures. */
static struct {
	struct fixture *f;
	unsigned int seed;
	struct lanes lanes;
	struct ack acks[ACKS_MAX];
	size_t steps[ACKS_MAX]; /* of the disk, before the acknowledgement */
	size_t n_acks;
	char image[96];
} power;

static size_t
draw(size_t n)
{
	return (size_t)rand_r(&power.seed) % n;
}

static int
set_up_power(void **state)
{
	if (set_up_dir(state) < 0)
		return -1;
	power.f = *state;
	power.n_acks = 0;
	memset(&power.lanes, 0, sizeof power.lanes);
	snprintf(power.image, sizeof power.image, "%s.image", power.f->dir);
	return 0;
}

static int
tear_down_power(void **state)
{
	disk_end();
	disk_lie(NULL);
	disk_fill(NULL);
	remove_tree(power.image);
	return tear_down(state);
}

static void
note(const struct ack *ack)
{
	assert_true(power.n_acks < ACKS_MAX);
	power.acks[power.n_acks] = *ack;
	power.steps[power.n_acks++] = disk_n_steps();
}

/* How many were acknowledged before that step. */
static size_t
acks_before(size_t n_steps)
{
	size_t n = 0;

	while (n < power.n_acks && power.steps[n] <= n_steps)
		n++;
	return n;
}

/* Open, write and close the store, with logs of different sizes, some of which
 * a reader keeps from beginning anew. */
static void
live(void)
{
	static const int64_t limits[] = {64 << 10, 512 << 10, 16 << 20};
	struct store_reader *reader = NULL;
	struct fixture *f = power.f;

	disk_begin(f->dir);
	f->config.wal_limit_bytes = limits[draw(3)];
	open_store(f);
	if (draw(2))
		reader = store_read_begin(f->store, &f->err);
	power.lanes.store = f->store;
	power.lanes.name = "power";
	power.lanes.acked = note;
	power.lanes.n_left = ACKS_A_LIFE - N_LANES;
	lanes_start(&power.lanes);
	lanes_wait(&power.lanes);
	store_read_end(reader);
	close_store(f);
	disk_end();
}

static const char *
look_at_rows(const char *path, size_t n_acks)
{
	static struct err err;
	const char *wrong = NULL;
	struct db db;

	if (db_open(&db, path, DB_READER, &err) < 0)
		return err.text;
	if (db_quick_check(&db, &err) < 0)
		wrong = err.text;
	for (size_t i = 0; i < n_acks && !wrong; i++)
		wrong = lanes_lost(&db, &power.acks[i], "power");
	if (!wrong)
		wrong = lanes_halves(&db);
	db_close(&db);
	return wrong;
}

/* Give each lane the number of its newest acknowledged message; returns the
 * newest id that anybody was told. */
static int64_t
newest_known(struct lanes *lanes, size_t n_acks)
{
	int64_t newest_id = 0;

	for (size_t i = 0; i < n_acks; i++) {
		const struct ack *ack = &power.acks[i];
		lanes->of[ack->lane].number = ack->number;
		if (ack->message_id > newest_id)
			newest_id = ack->message_id;
		if (ack->reply_id > newest_id)
			newest_id = ack->reply_id;
	}
	return newest_id;
}

static const char *
send_again(struct fixture *f, struct lane *lane, int64_t newest_id)
{
	lane_make_message(lane, lane->number + 1);
	enum store_status status = store_call(f->store, &lane->add.write);
	if (status == STORE_OK)
		return lane->add.message.id > newest_id
			       ? NULL
			       : "an id was given twice";
	return status == STORE_DUPLICATE ? NULL : "a message is not taken in";
}

static const char *
look_at_state(struct fixture *f, const struct lane *lane)
{
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	const struct plugin_state *kept;
	int found = store_get_state(reader, &f->arena, "web", lane->key, NOW_US,
				    &kept, &f->err);

	store_read_end(reader);
	return found > 0 && strcmp(kept->value, lane->count) == 0
		       ? NULL
		       : "a state is not that of its message";
}

/* As a channel does that had no answer, send each lane's next message, which
 * may be there already: after that each is there once. */
static const char *
send_all_again(struct fixture *f, size_t n_acks)
{
	static struct lanes again;
	int64_t n_messages = 0;

	again = (struct lanes){.store = f->store, .name = "power"};
	int64_t newest_id = newest_known(&again, n_acks);
	for (struct lane *lane = again.of; lane < again.of + N_LANES; lane++) {
		lane->lanes = &again;
		const char *wrong = send_again(f, lane, newest_id);
		if (!wrong)
			wrong = look_at_state(f, lane);
		if (wrong)
			return wrong;
		n_messages += lane->number;
	}
	if (count_of(f, "SELECT count(*) FROM message_external") != n_messages)
		return "an external id is there twice, or lost";
	return count_of(f, "SELECT count(*) FROM message") == n_messages
		       ? NULL
		       : "a message is there twice, or lost";
}

/* Start on what a failure after so many steps leaves; what is wrong then. */
static const char *
start_after_cut(size_t n_steps)
{
	static struct fixture f;
	const char *wrong;

	f = (struct fixture){.config.dir = power.image};
	f.config.wal_limit_bytes = 16 << 20;
	snprintf(f.path, sizeof f.path, "%s/store.db", power.image);
	disk_image(power.image, n_steps, &power.seed);
	f.store = store_open(&f.config, NULL, &f.err);
	if (!f.store)
		return f.err.text;
	wrong = look_at_rows(f.path, acks_before(n_steps));
	if (!wrong)
		wrong = send_all_again(&f, acks_before(n_steps));
	store_close(f.store);
	arena_release(&f.arena);
	return wrong;
}

/* Cut the power in that life often, each time as if it were the only one. */
static const char *
cut_often(int n_cuts)
{
	for (int i = 0; i < n_cuts; i++) {
		size_t n_steps = draw(disk_n_steps() + 1);
		const char *wrong = start_after_cut(n_steps);
		if (wrong)
			return wrong;
		remove_tree(power.image);
	}
	return NULL;
}

/* Cut it once more; the next life begins with that. */
static void
cut_for_good(void)
{
	size_t n_steps = draw(disk_n_steps() + 1);

	disk_image(power.image, n_steps, &power.seed);
	remove_tree(power.f->dir);
	assert_int_equal(rename(power.image, power.f->dir), 0);
	power.n_acks = acks_before(n_steps);
	memset(power.steps, 0, sizeof power.steps);
	memset(&power.lanes, 0, sizeof power.lanes);
	newest_known(&power.lanes, power.n_acks);
}

static void
test_power_cut_loses_nothing_that_was_acknowledged(void **state)
{
	const char *given = getenv("STORE_CUTS");
	int n_cuts = given ? (int)strtol(given, NULL, 10) : CUTS;
	size_t n_acks = 0;

	(void)state;
	for (int n = 0, life = 0; n < n_cuts; n += CUTS_A_LIFE, life++) {
		if (life % LIVES_A_STORE == 0) {
			remove_tree(power.f->dir);
			assert_int_equal(mkdir(power.f->dir, 0700), 0);
			memset(&power.lanes, 0, sizeof power.lanes);
			power.n_acks = 0;
		}
		power.seed = (unsigned int)life + 1;
		live();
		n_acks += power.n_acks;
		const char *wrong = cut_often(CUTS_A_LIFE);
		if (wrong)
			fail_msg("life %d: %s", life, wrong);
		cut_for_good();
	}
	print_message("# %d cuts, %zu acknowledged writes\n", n_cuts, n_acks);
	assert_true(n_acks > 0);
}

/* What the disk must be lied about for the tests above to say so. */
static void
assert_lie_is_found(const char *about)
{
	const char *wrong = NULL;

	disk_lie(about);
	power.seed = 1;
	live();
	wrong = cut_often(CUTS);
	if (!wrong)
		fail_msg("a lie about %s goes unseen", about);
}

static void
test_unsynced_log_is_found(void **state)
{
	(void)state;
	assert_lie_is_found("-wal");
}

static void
test_unsynced_database_is_found(void **state)
{
	(void)state;
	assert_lie_is_found("store.db");
}

static void
test_unsynced_directory_is_found(void **state)
{
	(void)state;
	assert_lie_is_found("/");
}

static void
test_backup_is_whole_or_absent_after_a_power_cut(void **state)
{
	struct fixture *f = *state;
	char path[128], copy[128];

	snprintf(path, sizeof path, "%s/backup", f->dir);
	snprintf(copy, sizeof copy, "%s/backup", power.image);
	power.seed = 1;
	disk_begin(f->dir);
	open_store(f);
	for (int i = 0; i < 50; i++)
		add_text(f, "a conversation", "a text");
	size_t begun = disk_n_steps();
	assert_int_equal(store_backup(f->store, path, NULL, NULL, &f->err), 0);
	size_t n_steps = disk_n_steps();
	close_store(f);
	disk_end();
	bool is_there = false;
	for (size_t at = begun; at <= n_steps; at++) {
		disk_image(power.image, at, &power.seed);
		is_there = access(copy, F_OK) == 0;
		if (is_there && store_check_file(copy, &f->err) < 0)
			fail_msg("%s", f->err.text);
		remove_tree(power.image);
	}
	assert_true(is_there);
}

/* How many messages the store has after a failure. */
static int64_t
messages_after_cut(struct fixture *f, size_t n_steps)
{
	struct fixture image = {.config = f->config};

	disk_image(power.image, n_steps, &power.seed);
	image.config.dir = power.image;
	snprintf(image.path, sizeof image.path, "%s/store.db", power.image);
	open_store(&image);
	int64_t n = count_of(&image, "SELECT count(*) FROM message");
	close_store(&image);
	remove_tree(power.image);
	return n;
}

static void
test_restore_is_done_or_not_after_a_power_cut(void **state)
{
	struct fixture *f = *state;
	char backup[96];

	snprintf(backup, sizeof backup, "%s.backup", f->dir);
	power.seed = 1;
	open_store(f);
	add_text(f, "a conversation", "of the backup");
	assert_int_equal(store_backup(f->store, backup, NULL, NULL, &f->err),
			 0);
	add_text(f, "a conversation", "after it");
	close_store(f);
	disk_begin(f->dir);
	if (store_restore(f->dir, backup, &f->err) < 0)
		fail_msg("%s", f->err.text);
	disk_end();
	unlink(backup);
	size_t n_steps = disk_n_steps();
	for (size_t at = 0; at <= n_steps; at++) {
		for (int i = 0; i < 4; i++) {
			int64_t n = messages_after_cut(f, at);
			assert_true(n == 1 || (n == 2 && at < n_steps));
		}
	}
}

/* What a process leaves that dies with a message in its log: a store in the
 * image's directory, on the disk. */
static struct fixture
leave_log(struct fixture *f)
{
	struct fixture image = {.config = f->config};

	power.seed = 1;
	disk_begin(f->dir);
	open_store(f);
	add_text(f, "a conversation", "of the last process");
	disk_image(power.image, disk_n_steps(), &power.seed);
	close_store(f);
	disk_end();
	disk_begin(power.image);
	image.config.dir = power.image;
	snprintf(image.path, sizeof image.path, "%s/store.db", power.image);
	return image;
}

/* Nothing is taken in, not even as known, before the way is free. */
static void
assert_waits(struct fixture *f, enum store_status why, const char *words)
{
	struct store_add_message add = message_from("a", "id", "a text");

	assert_int_equal(store_call(f->store, &add.write), why);
	assert_words(add.write.err.text, words);
}

static void
assert_goes_on(struct fixture *f, enum store_status before)
{
	struct store_add_message add = message_from("a", "id", "a text");
	enum store_status status = before;

	for (int i = 0; i < 10000 && status == before; i++) {
		usleep(1000);
		status = store_call(f->store, &add.write);
	}
	assert_int_equal(status, STORE_OK);
	assert_int_equal(count_of(f, "SELECT count(*) FROM message"), 2);
}

static void
test_old_log_without_space_is_copied_back_before_anything_comes_in(void **state)
{
	struct fixture image = leave_log(*state);

	disk_fill("store.db");
	open_store(&image);
	assert_waits(&image, STORE_FULL, "the disk of the store is full");
	close_store(&image);
	open_store(&image);
	assert_waits(&image, STORE_FULL, "the disk of the store is full");
	disk_fill(NULL);
	assert_goes_on(&image, STORE_FULL);
	close_store(&image);
	open_store(&image);
	struct store_health health;
	store_health(image.store, &health);
	assert_true(health.was_clean);
	close_store(&image);
}

/* Another program reads what is in the log. */
static void
begin_to_read(struct fixture *f, struct db *stranger)
{
	int64_t n = 0;

	assert_int_equal(db_open(stranger, f->path, DB_WRITER, &f->err), 0);
	db_leave_log(stranger);
	assert_int_equal(db_exec(stranger, "BEGIN", &f->err), 0);
	assert_int_equal(db_exec_int(stranger, "SELECT count(*) FROM message",
				     &n, &f->err),
			 0);
	assert_int_equal(n, 1);
}

static bool
is_held(struct fixture *f)
{
	struct store_health health;

	store_health(f->store, &health);
	return health.is_held;
}

static void
test_old_log_that_is_read_is_copied_back_before_anything_comes_in(void **state)
{
	struct fixture image = leave_log(*state);
	struct db stranger;

	begin_to_read(&image, &stranger);
	open_store(&image);
	assert_waits(&image, STORE_BUSY, "another program reads");
	assert_true(is_held(&image));
	db_close(&stranger);
	assert_goes_on(&image, STORE_BUSY);
	assert_false(is_held(&image));
	close_store(&image);
}

static void
test_old_log_is_copied_back_when_nobody_writes(void **state)
{
	struct fixture image = leave_log(*state);
	struct store_add_message add = message_from("a", "id", "a text");
	struct db stranger;

	begin_to_read(&image, &stranger);
	open_store(&image);
	assert_true(is_held(&image));
	db_close(&stranger);
	for (int i = 0; i < 10000 && is_held(&image); i++)
		usleep(1000);
	assert_int_equal(store_call(image.store, &add.write), STORE_OK);
	close_store(&image);
}

#define test_with_disk(name) \
	cmocka_unit_test_setup_teardown(name, set_up_power, tear_down_power)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test_with_disk(
			test_power_cut_loses_nothing_that_was_acknowledged),
		test_with_disk(test_unsynced_log_is_found),
		test_with_disk(test_unsynced_database_is_found),
		test_with_disk(test_unsynced_directory_is_found),
		test_with_disk(
			test_backup_is_whole_or_absent_after_a_power_cut),
		test_with_disk(test_restore_is_done_or_not_after_a_power_cut),
		test_with_disk(
			test_old_log_without_space_is_copied_back_before_anything_comes_in),
		test_with_disk(
			test_old_log_that_is_read_is_copied_back_before_anything_comes_in),
		test_with_disk(test_old_log_is_copied_back_when_nobody_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
