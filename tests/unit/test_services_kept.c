/* The services that keep something: secrets and states. */
#include "services_fixture.h"

#include <unistd.h>

#include "base/mem.h"
#include "log_capture.h"
#include "store/state.h"

/* ---- Secrets */

static void
write_secret(const char *secret)
{
	char path[FIXTURE_PATH], text[2 * FIXTURE_PATH];

	fixture_write(fixture_path(&fx.base, "token", path), secret,
		      strlen(secret), 0600);
	snprintf(text, sizeof text,
		 "plugins:\n  probe:\n    token: 'file:%s'\n", path);
	fx_read_settings(text);
	if (fx.host)
		fx.host->settings = fx.settings;
}

static void
assert_secret(const char *name, const char *expected)
{
	size_t len;
	const char *secret = fx.services->secret_get(fx.host, name, &len);

	if (!expected) {
		assert_null(secret);
		assert_int_equal(len, 0);
		return;
	}
	assert_non_null(secret);
	assert_int_equal(len, strlen(expected));
	assert_string_equal(secret, expected);
}

static void
on_kept(void *arg, bool is_kept)
{
	*(bool *)arg = is_kept;
	is_called = true;
}

static void
put_secret(const char *name, const char *secret)
{
	bool is_kept = false;

	assert_int_equal(fx.services->secret_put(fx.host, name, secret,
						 strlen(secret), on_kept,
						 &is_kept),
			 0);
	wait_for_call();
	assert_true(is_kept);
}

static void
test_a_secret_comes_from_where_the_settings_say(void **state)
{
	(void)state;
	assert_secret("token", NULL);
	write_secret("one\n");
	assert_secret("token", "one");
	write_secret("two");
	assert_secret("token", "two");
	assert_secret("title", NULL);
	assert_secret("none", NULL);
}

/* How often that stands in it. */
static int
count_words(const char *text, const char *words)
{
	int n = 0;

	for (; (text = strstr(text, words)); text += strlen(words))
		n++;
	return n;
}

static void
test_a_secret_that_cannot_be_had_is_told_once(void **state)
{
	char path[FIXTURE_PATH], text[4096];
	struct log_capture capture = log_capture_begin();

	(void)state;
	fixture_path(&fx.base, "token", path);
	for (int i = 0; i < 2; i++) {
		write_secret("one");
		assert_secret("token", "one");
		unlink(path);
		for (int k = 0; k < 3; k++)
			assert_secret("token", NULL);
	}
	log_capture_end(&capture, text, sizeof text);
	assert_int_equal(count_words(text, "'token' cannot be had"), 2);
}

static void
test_a_kept_secret_outlives_the_instance(void **state)
{
	(void)state;
	assert_secret("refresh", NULL);
	put_secret("refresh", "r1");
	assert_secret("refresh", "r1");
	fx_end_instance();
	fx_begin_instance();
	assert_secret("refresh", "r1");
	put_secret("refresh", "r2");
	fx_end_instance();
	fx_begin_instance();
	assert_secret("refresh", "r2");
}

static void
test_a_rotated_secret_goes_on_from_the_first(void **state)
{
	(void)state;
	write_secret("first");
	put_secret("token", "rotated");
	assert_secret("token", "rotated");
	fx_end_instance();
	fx_begin_instance();
	assert_secret("token", "rotated");
	/* The operator puts a new one there. */
	write_secret("second");
	assert_secret("token", "second");
	put_secret("token", "rotated again");
	assert_secret("token", "rotated again");
}

/* The plugin has used up by then what the settings say. */
static void
test_a_file_that_is_away_for_a_moment_is_no_new_secret(void **state)
{
	char path[FIXTURE_PATH];

	(void)state;
	write_secret("first");
	put_secret("token", "rotated");
	unlink(fixture_path(&fx.base, "token", path));
	assert_secret("token", "rotated");
	put_secret("token", "rotated again");
	write_secret("first");
	assert_secret("token", "rotated again");
	fx_end_instance();
	fx_begin_instance();
	assert_secret("token", "rotated again");
	write_secret("second");
	assert_secret("token", "second");
}

struct raw {
	char *value;
	size_t len;
};

static struct raw
read_raw(const char *key)
{
	struct err err = {0};
	struct arena arena = {0};
	struct raw raw = {0};
	struct store_reader *reader = store_read_begin(fx.base.store, &err);
	const struct plugin_state *found;

	if (store_get_state(reader, &arena, "probe", key, time_now_us(), &found,
			    &err) > 0) {
		raw.len = found->value_len;
		raw.value = malloc(raw.len);
		memcpy(raw.value, found->value, raw.len);
	}
	store_read_end(reader);
	arena_release(&arena);
	return raw;
}

static void
write_raw(const char *key, const void *value, size_t len)
{
	struct plugin_state state = {
		.key = key, .value = value, .value_len = len};
	struct store_put_state put = {.write.verb = &store_verb_put_state,
				      .plugin = "probe",
				      .states = &state,
				      .n_states = 1};

	assert_int_equal(store_call(fx.base.store, &put.write), STORE_OK);
}

static void
test_a_kept_secret_is_sealed_and_bound_to_its_name(void **state)
{
	(void)state;
	put_secret("refresh", "plainly-visible");
	struct raw raw = read_raw("secret/refresh");
	assert_non_null(raw.value);
	assert_null(memmem(raw.value, raw.len, "plainly", 7));
	write_raw("secret/other", raw.value, raw.len);
	raw.value[raw.len / 2] ^= 1;
	write_raw("secret/refresh", raw.value, raw.len);
	free(raw.value);
	write_raw("secret/short", "x", 1);
	fx_end_instance();
	fx_begin_instance();
	assert_secret("refresh", NULL);
	assert_secret("other", NULL);
	assert_secret("short", NULL);
}

static void
test_a_lent_secret_may_be_put(void **state)
{
	size_t len;
	bool is_kept = false;

	(void)state;
	write_secret("one");
	const char *lent = fx.services->secret_get(fx.host, "token", &len);
	assert_int_equal(fx.services->secret_put(fx.host, "copy", lent, len,
						 on_kept, &is_kept),
			 0);
	wait_for_call();
	assert_secret("copy", "one");
}

static void
test_secrets_have_limits(void **state)
{
	static char big[TELLER_VALUE_MAX];
	char name[TELLER_KEY_MAX + 1];

	(void)state;
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_int_equal(
		fx.services->secret_put(fx.host, name, "x", 1, NULL, NULL), -1);
	assert_int_equal(fx.services->secret_put(fx.host, "big", big,
						 sizeof big, NULL, NULL),
			 -1);
	assert_int_equal(
		fx.services->secret_put(fx.host, "", "x", 1, NULL, NULL), -1);
	memset(big, 'b', sizeof big - 1);
	big[TELLER_VALUE_MAX - 60] = '\0';
	put_secret("big", big);
	assert_secret("big", big);
}

/* ---- States */

static void
on_state(void *arg, const struct teller_state *found)
{
	(void)arg;
	if (found)
		tell_story("%s=%.*s", found->key, (int)found->value_len,
			   (const char *)found->value);
	else
		tell_story("end");
	is_called = !found;
}

static void
on_one_state(void *arg, const struct teller_state *found)
{
	on_state(arg, found);
	is_called = true;
}

static void
put_state(const char *key, const char *value)
{
	struct teller_state one = {.key = key,
				   .value = value,
				   .value_len = value ? strlen(value) : 0};
	bool is_kept = false;

	assert_int_equal(
		fx.services->state_put(fx.host, &one, 1, on_kept, &is_kept), 0);
	wait_for_call();
	assert_true(is_kept);
}

static void
test_states_are_kept_and_found(void **state)
{
	(void)state;
	put_state("uid", "7");
	fx.services->state_get(fx.host, "uid", on_one_state, NULL);
	assert_story("");
	wait_for_call();
	assert_story("uid=7\n");
	put_state("uid", NULL);
	fx.services->state_get(fx.host, "uid", on_one_state, NULL);
	wait_for_call();
	assert_story("end\n");
	assert_int_equal(
		fx.services->state_get(fx.host, "secret/x", on_state, NULL),
		-1);
	assert_int_equal(fx.services->state_get(fx.host, NULL, on_state, NULL),
			 -1);
}

static void
test_states_are_listed_in_order_without_secrets(void **state)
{
	(void)state;
	put_secret("s", "x");
	put_state("b/2", "two");
	put_state("b/1", "one");
	put_state("c", "three");
	fx.services->state_list(fx.host, "b/", on_state, NULL);
	wait_for_call();
	assert_story("b/1=one\nb/2=two\nend\n");
	fx.services->state_list(fx.host, "", on_state, NULL);
	wait_for_call();
	assert_story("b/1=one\nb/2=two\nc=three\nend\n");
	fx.services->state_list(fx.host, "none", on_state, NULL);
	wait_for_call();
	assert_story("end\n");
}

static int n_found;

static void
count_states(void *arg, const struct teller_state *found)
{
	(void)arg;
	if (found)
		n_found++;
	else
		is_called = true;
}

static void
test_many_states_are_listed_once_each(void **state)
{
	char key[16];

	(void)state;
	n_found = 0;
	for (int i = 0; i < 300; i++) {
		snprintf(key, sizeof key, "k%03d", i);
		write_raw(key, "v", 1);
	}
	fx.services->state_list(fx.host, "k", count_states, NULL);
	wait_for_call();
	assert_int_equal(n_found, 300);
}

static int n_answers;

static void
count_kept(void *arg, bool is_kept)
{
	(void)arg;
	n_answers += is_kept;
}

static void
count_state(void *arg, const struct teller_state *found)
{
	(void)arg, (void)found;
	n_answers++;
}

static void
count_history(void *arg, const struct teller_history *history)
{
	(void)arg, (void)history;
	n_answers++;
}

static void
ask_much(void)
{
	struct teller_state one = {.key = "k", .value = "v", .value_len = 1};

	for (int i = 0; i < 20; i++) {
		fx.services->state_put(fx.host, &one, 1, count_kept, NULL);
		fx.services->state_get(fx.host, "k", count_state, NULL);
		fx.services->history(fx.host, "", "c", "", 10, count_history,
				     NULL);
		fx.services->secret_put(fx.host, "s", "v", 1, count_kept, NULL);
	}
}

static void
expect_answers(void)
{
	assert_int_equal(n_answers, 80);
	tell_story("closed");
}

static void
test_what_is_asked_while_stopping_is_answered_before_the_end(void **state)
{
	(void)state;
	n_answers = 0;
	fx.frame.config.stop_ms = 60000;
	fx.on_stop = ask_much;
	fx.on_close = expect_answers;
	fx_end_instance();
	assert_story("closed\n");
}

static int
ask_much_and_fail(void)
{
	ask_much();
	return -1;
}

/* It is closed, and gone, while the store still works for it. */
static void
test_answers_may_outlive_the_instance(void **state)
{
	(void)state;
	fx.frame.config.stop_ms = 1;
	fx.on_start = ask_much_and_fail;
	for (int i = 0; i < 10; i++) {
		fx_end_instance();
		fx_begin_instance();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_secret_comes_from_where_the_settings_say),
		TEST(test_a_secret_that_cannot_be_had_is_told_once),
		TEST(test_a_kept_secret_outlives_the_instance),
		TEST(test_a_rotated_secret_goes_on_from_the_first),
		TEST(test_a_file_that_is_away_for_a_moment_is_no_new_secret),
		TEST(test_a_kept_secret_is_sealed_and_bound_to_its_name),
		TEST(test_a_lent_secret_may_be_put),
		TEST(test_secrets_have_limits),
		TEST(test_states_are_kept_and_found),
		TEST(test_states_are_listed_in_order_without_secrets),
		TEST(test_many_states_are_listed_once_each),
		TEST(test_what_is_asked_while_stopping_is_answered_before_the_end),
		TEST(test_answers_may_outlive_the_instance),
	};

	log_open(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
