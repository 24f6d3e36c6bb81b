/* Only a file that nobody else can have touched is loaded. */
#include "host_fixture.h"

#include <tellerd/plugin.h>

#include "base/log.h"
#include "host/load.h"

static struct fixture fixture;
static struct err err;

static int
begin(void **state)
{
	(void)state;
	err = (struct err){0};
	fixture_make_dir(&fixture);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	fixture_remove_dir(&fixture);
	return 0;
}

static void
assert_refused(const char *dir, const char *name, const char *words)
{
	struct object *object = object_load(dir, name, &err);

	if (object)
		fail_msg("%s is loaded", name);
	if (!strstr(err.text, words))
		fail_msg("'%s' does not say '%s'", err.text, words);
}

static void
test_a_good_plugin_is_loaded(void **state)
{
	(void)state;
	fixture_add_bad(&fixture, "good");
	struct object *object = object_load(fixture.dir, "good", &err);
	if (!object)
		fail_msg("%s", err.text);
	assert_string_equal(object->plugin->name, "good");
	assert_string_equal(object->options[0].name, "burst");
	assert_string_equal(object->options[0].fallback, "0 ms");
	assert_null(object->options[1].name);
	object_free(object);
}

static void
test_what_is_wrong_with_an_object_is_said(void **state)
{
	static const struct {
		const char *name, *words;
	} cases[] = {
		{"bad_abi", "ABI 2"},
		{"bad_size", "too small"},
		{"bad_name", "calls itself 'other'"},
		{"bad_options", "'port' is there twice"},
		{"bad_export", "does not export teller_plugin"},
		{"bad_symbol", "undefined symbol: tellerd_has_no_such"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		fixture_add_bad(&fixture, cases[i].name);
		assert_refused(fixture.dir, cases[i].name, cases[i].words);
		assert_null(strstr(err.text, "/proc/"));
	}
}

static void
test_a_file_that_is_not_there_or_no_object_is_refused(void **state)
{
	char path[FIXTURE_PATH];

	(void)state;
	assert_refused(fixture.dir, "none", "No such file");
	assert_refused("/nonexistent", "none", "/nonexistent");
	fixture_write(fixture_path(&fixture, "text.so", path), "hello", 5,
		      0644);
	assert_refused(fixture.dir, "text", "cannot be loaded");
	assert_int_equal(mkdir(fixture_path(&fixture, "dir.so", path), 0755),
			 0);
	assert_refused(fixture.dir, "dir", "not a file");
	assert_int_equal(mkfifo(fixture_path(&fixture, "fifo.so", path), 0600),
			 0);
	assert_refused(fixture.dir, "fifo", "not a file");
}

static void
test_a_name_is_no_path(void **state)
{
	(void)state;
	assert_refused(fixture.dir, "../good", "lower-case");
	assert_refused(fixture.dir, "", "lower-case");
}

static void
test_a_file_that_others_can_write_is_refused(void **state)
{
	char path[FIXTURE_PATH];

	(void)state;
	fixture_add_bad(&fixture, "good");
	fixture_path(&fixture, "good.so", path);
	assert_int_equal(chmod(path, 0664), 0);
	assert_refused(fixture.dir, "good", "chmod go-w");
	assert_int_equal(chmod(path, 0646), 0);
	assert_refused(fixture.dir, "good", "chmod go-w");
}

static void
test_a_directory_that_others_can_write_is_refused(void **state)
{
	(void)state;
	fixture_add_bad(&fixture, "good");
	assert_int_equal(chmod(fixture.dir, 0770), 0);
	assert_refused(fixture.dir, "good", "chmod go-w");
	/* The plugins' own directory may not be shared, sticky or not. */
	assert_int_equal(chmod(fixture.dir, 01777), 0);
	assert_refused(fixture.dir, "good", "chmod go-w");
	assert_int_equal(chmod(fixture.dir, 0700), 0);
}

static void
test_a_directory_above_that_others_can_write_is_refused(void **state)
{
	char inner[FIXTURE_PATH];

	(void)state;
	assert_int_equal(mkdir(fixture_path(&fixture, "inner", inner), 0755),
			 0);
	fixture_add_bad(&fixture, "good");
	assert_int_equal(chmod(fixture.dir, 0777), 0);
	assert_refused(inner, "good", "chmod go-w");
	assert_int_equal(chmod(fixture.dir, 0700), 0);
}

static void
test_a_link_in_the_place_of_the_file_is_refused(void **state)
{
	char link[FIXTURE_PATH], path[FIXTURE_PATH];

	(void)state;
	fixture_add_bad(&fixture, "good");
	assert_int_equal(rename(fixture_path(&fixture, "good.so", path),
				fixture_path(&fixture, "real.so", link)),
			 0);
	assert_int_equal(symlink(link, path), 0);
	assert_refused(fixture.dir, "good", "symbolic link");
}

static void
test_a_link_to_a_safe_directory_is_followed(void **state)
{
	char dir[FIXTURE_PATH], link[FIXTURE_PATH], path[FIXTURE_PATH],
		to[FIXTURE_PATH + 8];

	(void)state;
	fixture_add_bad(&fixture, "good");
	assert_int_equal(mkdir(fixture_path(&fixture, "real", dir), 0755), 0);
	snprintf(to, sizeof to, "%s/good.so", dir);
	assert_int_equal(rename(fixture_path(&fixture, "good.so", path), to),
			 0);
	assert_int_equal(symlink(dir, fixture_path(&fixture, "link", link)), 0);
	struct object *object = object_load(link, "good", &err);
	assert_non_null(object);
	object_free(object);
	assert_int_equal(chmod(dir, 0777), 0);
	assert_refused(link, "good", "chmod go-w");
}

static void
test_a_file_of_another_user_is_refused(void **state)
{
	char path[FIXTURE_PATH];

	(void)state;
	if (geteuid() != 0)
		test_skip("only root can give a file away");
	fixture_add_bad(&fixture, "good");
	assert_int_equal(
		chown(fixture_path(&fixture, "good.so", path), 65534, 65534),
		0);
	assert_refused(fixture.dir, "good", "belongs to user 65534");
	assert_int_equal(chown(path, 0, 0), 0);
	assert_int_equal(chown(fixture.dir, 65534, 65534), 0);
	assert_refused(fixture.dir, "good", "belongs to user 65534");
}

/* The loader knows objects by name; ours are numbers that come again. */
static void
test_one_object_is_never_taken_for_another(void **state)
{
	(void)state;
	fixture_add_bad(&fixture, "good");
	fixture_add_bad(&fixture, "bad_stop");
	for (int i = 0; i < 3; i++) {
		struct object *good = object_load(fixture.dir, "good", &err);
		assert_non_null(good);
		assert_string_equal(good->plugin->name, "good");
		object_free(good);
		struct object *other =
			object_load(fixture.dir, "bad_stop", &err);
		assert_non_null(other);
		assert_string_equal(other->plugin->name, "bad_stop");
		object_free(other);
	}
}

static void
test_loading_leaves_no_descriptor(void **state)
{
	(void)state;
	fixture_add_bad(&fixture, "good");
	fixture_add_bad(&fixture, "bad_abi");
	int before = fixture_open_files();
	for (int i = 0; i < 20; i++) {
		object_free(object_load(fixture.dir, "good", &err));
		object_free(object_load(fixture.dir, "bad_abi", &err));
		object_free(object_load(fixture.dir, "none", &err));
	}
	assert_int_equal(fixture_open_files(), before);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_a_good_plugin_is_loaded),
		TEST(test_what_is_wrong_with_an_object_is_said),
		TEST(test_a_file_that_is_not_there_or_no_object_is_refused),
		TEST(test_a_name_is_no_path),
		TEST(test_a_file_that_others_can_write_is_refused),
		TEST(test_a_directory_that_others_can_write_is_refused),
		TEST(test_a_directory_above_that_others_can_write_is_refused),
		TEST(test_a_link_in_the_place_of_the_file_is_refused),
		TEST(test_a_link_to_a_safe_directory_is_followed),
		TEST(test_a_file_of_another_user_is_refused),
		TEST(test_one_object_is_never_taken_for_another),
		TEST(test_loading_leaves_no_descriptor),
	};

	log_open(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
