/* The desk's key, and secrets in files. */
#include "host_fixture.h"

#include "base/crypto.h"
#include "host/key.h"

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
	unsetenv("CREDENTIALS_DIRECTORY");
	fixture_remove_dir(&fixture);
	return 0;
}

static void
assert_says(const char *words)
{
	if (!strstr(err.text, words))
		fail_msg("'%s' does not say '%s'", err.text, words);
}

static void
test_a_key_is_made_once(void **state)
{
	char path[FIXTURE_PATH];
	uint8_t made[32], read[32], none[32] = {0};
	struct stat st;

	(void)state;
	fixture_path(&fixture, "key", path);
	assert_int_equal(key_open(path, made, &err), 0);
	assert_memory_not_equal(made, none, 32);
	assert_int_equal(key_open(path, read, &err), 0);
	assert_memory_equal(made, read, 32);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 32);
}

static void
test_what_a_crash_left_of_a_key_is_not_used(void **state)
{
	char path[FIXTURE_PATH], left[FIXTURE_PATH];
	uint8_t key[32];

	(void)state;
	fixture_path(&fixture, "key", path);
	fixture_write(fixture_path(&fixture, "key.new", left), "half", 4, 0600);
	assert_int_equal(key_open(path, key, &err), 0);
	assert_int_equal(access(left, F_OK), -1);
}

static void
test_a_key_that_is_open_to_others_is_refused(void **state)
{
	char path[FIXTURE_PATH], bytes[32] = "x";
	uint8_t key[32];

	(void)state;
	fixture_write(fixture_path(&fixture, "key", path), bytes, 32, 0640);
	assert_int_equal(key_open(path, key, &err), -1);
	assert_says("chmod 600");
}

static void
test_a_key_of_another_size_is_refused_and_kept(void **state)
{
	char path[FIXTURE_PATH];
	uint8_t key[32];
	struct stat st;

	(void)state;
	fixture_write(fixture_path(&fixture, "key", path), "short", 5, 0600);
	assert_int_equal(key_open(path, key, &err), -1);
	assert_says("not a key");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 5);
	fixture_write(path, "", 0, 0600);
	assert_int_equal(key_open(path, key, &err), -1);
}

static void
test_a_key_in_no_directory_is_an_error(void **state)
{
	char path[FIXTURE_PATH];
	uint8_t key[32];

	(void)state;
	fixture_path(&fixture, "none/key", path);
	assert_int_equal(key_open(path, key, &err), -1);
	assert_says("No such file");
}

static char *
read_file(const char *name, const void *data, size_t len, mode_t mode,
	  size_t *len_r)
{
	char path[FIXTURE_PATH], where[FIXTURE_PATH + 8];

	fixture_write(fixture_path(&fixture, name, path), data, len, mode);
	snprintf(where, sizeof where, "file:%s", path);
	return key_read_secret(where, len_r, &err);
}

static void
test_a_secret_is_read_without_its_last_line_break(void **state)
{
	static const struct {
		const char *file, *secret;
	} cases[] = {
		{"word", "word"},
		{"word\n", "word"},
		{"word\r\n", "word"},
		{"a\n\n", "a\n"},
		{"two\nlines", "two\nlines"},
		{"", ""},
		{"\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t len;
		char *secret = read_file("s", cases[i].file,
					 strlen(cases[i].file), 0600, &len);
		assert_non_null(secret);
		assert_int_equal(len, strlen(cases[i].secret));
		assert_string_equal(secret, cases[i].secret);
		free(secret);
	}
}

static void
test_a_secret_may_be_read_by_its_group(void **state)
{
	size_t len;
	char *secret = read_file("s", "x", 1, 0640, &len);

	(void)state;
	assert_non_null(secret);
	free(secret);
}

static void
test_a_secret_that_others_may_read_is_refused(void **state)
{
	size_t len;

	(void)state;
	assert_null(read_file("s", "open", 4, 0644, &len));
	assert_says("chmod o-rwx,g-w");
	assert_null(strstr(err.text, "open\n"));
	assert_null(read_file("s", "x", 1, 0660, &len));
}

static void
test_a_secret_has_a_limit(void **state)
{
	size_t len;
	char *big = calloc(1, KEY_SECRET_MAX + 1);

	(void)state;
	char *secret = read_file("s", big, KEY_SECRET_MAX, 0600, &len);
	assert_non_null(secret);
	assert_int_equal(len, KEY_SECRET_MAX);
	free(secret);
	assert_null(read_file("s", big, KEY_SECRET_MAX + 1, 0600, &len));
	assert_says("larger than");
	free(big);
}

static void
test_a_setting_that_holds_the_secret_itself_is_not_shown(void **state)
{
	size_t len;

	(void)state;
	assert_null(key_read_secret("xoxb-the-token", &len, &err));
	assert_null(strstr(err.text, "xoxb"));
	assert_says("file:/PATH");
	assert_null(key_read_secret("file:relative", &len, &err));
	assert_says("whole path");
}

static void
test_a_secret_that_is_no_file_is_refused(void **state)
{
	char path[FIXTURE_PATH], where[FIXTURE_PATH + 8];
	size_t len;

	(void)state;
	assert_int_equal(mkfifo(fixture_path(&fixture, "fifo", path), 0600), 0);
	snprintf(where, sizeof where, "file:%s", path);
	assert_null(key_read_secret(where, &len, &err));
	assert_says("not a file");
}

static void
test_credentials_are_those_of_systemd(void **state)
{
	char path[FIXTURE_PATH];
	size_t len;

	(void)state;
	assert_null(key_read_secret("credential:token", &len, &err));
	assert_says("LoadCredential");
	setenv("CREDENTIALS_DIRECTORY", fixture.dir, 1);
	fixture_write(fixture_path(&fixture, "token", path), "t\n", 2, 0400);
	char *secret = key_read_secret("credential:token", &len, &err);
	assert_non_null(secret);
	assert_string_equal(secret, "t");
	free(secret);
	assert_null(key_read_secret("credential:../token", &len, &err));
	assert_null(key_read_secret("credential:", &len, &err));
	assert_null(key_read_secret("credential:none", &len, &err));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_a_key_is_made_once),
		TEST(test_what_a_crash_left_of_a_key_is_not_used),
		TEST(test_a_key_that_is_open_to_others_is_refused),
		TEST(test_a_key_of_another_size_is_refused_and_kept),
		TEST(test_a_key_in_no_directory_is_an_error),
		TEST(test_a_secret_is_read_without_its_last_line_break),
		TEST(test_a_secret_may_be_read_by_its_group),
		TEST(test_a_secret_that_others_may_read_is_refused),
		TEST(test_a_secret_has_a_limit),
		TEST(test_a_setting_that_holds_the_secret_itself_is_not_shown),
		TEST(test_a_secret_that_is_no_file_is_refused),
		TEST(test_credentials_are_those_of_systemd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
