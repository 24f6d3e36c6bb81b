#include "store_fixture.h"

static void
put(struct fixture *f, const char *plugin, struct plugin_state state)
{
	struct store_put_state put = {
		.write.verb = &store_verb_put_state,
		.plugin = plugin,
		.states = &state,
		.n_states = 1,
	};

	assert_int_equal(store_call(f->store, &put.write), STORE_OK);
}

static const struct plugin_state *
get(struct fixture *f, const char *plugin, const char *key, int64_t now_us)
{
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	const struct plugin_state *found;
	int is_there = store_get_state(reader, &f->arena, plugin, key, now_us,
				       &found, &f->err);

	store_read_end(reader);
	assert_int_equal(is_there, found != NULL);
	return found;
}

static void
test_key_is_put_replaced_and_removed(void **state)
{
	struct fixture *f = *state;

	assert_null(get(f, "mail", "uid", NOW_US));
	put(f, "mail", (struct plugin_state){"uid", "a\0b", 3, 0});
	const struct plugin_state *found = get(f, "mail", "uid", NOW_US);
	assert_int_equal(found->value_len, 3);
	assert_memory_equal(found->value, "a\0b", 3);
	put(f, "mail", (struct plugin_state){"uid", "", 0, 0});
	found = get(f, "mail", "uid", NOW_US);
	assert_non_null(found);
	assert_int_equal(found->value_len, 0);
	assert_non_null(found->value);
	assert_null(get(f, "slack", "uid", NOW_US));
	put(f, "mail", (struct plugin_state){"uid", NULL, 0, 0});
	assert_null(get(f, "mail", "uid", NOW_US));
}

static void
test_key_expires_and_is_swept_in_slices(void **state)
{
	struct fixture *f = *state;
	char key[16];

	put(f, "web", (struct plugin_state){"stays", "x", 1, 0});
	put(f, "web", (struct plugin_state){"later", "x", 1, NOW_US + 10});
	for (int i = 0; i < 250; i++) {
		snprintf(key, sizeof key, "%d", i);
		put(f, "web", (struct plugin_state){key, "x", 1, NOW_US});
	}
	assert_null(get(f, "web", "7", NOW_US));
	assert_non_null(get(f, "web", "7", NOW_US - 1));
	struct store_expire_state expire = {
		.write.verb = &store_verb_expire_state,
		.now_us = NOW_US,
	};
	assert_int_equal(store_call(f->store, &expire.write), STORE_OK);
	assert_int_equal(expire.n_removed, 200);
	assert_int_equal(store_call(f->store, &expire.write), STORE_OK);
	assert_int_equal(expire.n_removed, 50);
	assert_int_equal(store_call(f->store, &expire.write), STORE_OK);
	assert_int_equal(expire.n_removed, 0);
	assert_non_null(get(f, "web", "stays", NOW_US));
	assert_non_null(get(f, "web", "later", NOW_US));
}

static long
list(struct fixture *f, const char *prefix, const char *after, size_t limit,
     const struct plugin_state **list_r)
{
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	long n = store_list_state(reader, &f->arena, "web", prefix, after,
				  NOW_US, limit, list_r, &f->err);

	store_read_end(reader);
	return n;
}

static void
test_list_is_by_prefix_and_goes_on_after_a_key(void **state)
{
	struct fixture *f = *state;
	const struct plugin_state *found;
	static const char *const keys[] = {
		"b", "a/2", "a/1", "a/\xf4\x8f\xbf\xbf", "a0", "a", "a%"};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		put(f, "web", (struct plugin_state){keys[i], "x", 1, 0});
	put(f, "web", (struct plugin_state){"a/0", "x", 1, NOW_US});
	put(f, "mail", (struct plugin_state){"a/9", "x", 1, 0});
	assert_int_equal(list(f, "a/", "", 9, &found), 3);
	assert_string_equal(found[0].key, "a/1");
	assert_string_equal(found[1].key, "a/2");
	assert_string_equal(found[2].key, keys[3]);
	assert_int_equal(list(f, "a/", "a/1", 1, &found), 1);
	assert_string_equal(found[0].key, "a/2");
	assert_int_equal(list(f, "", "", 99, &found), 7);
	assert_int_equal(list(f, "c", "", 99, &found), 0);
}

static void
test_artifact_is_kept_once(void **state)
{
	struct fixture *f = *state;
	struct store_put_artifact put = {
		.write.verb = &store_verb_put_artifact,
		.hash = "abc",
		.kind = "pack",
		.content = "first",
		.len = 5,
		.now_us = NOW_US,
	};
	size_t len = 0;

	assert_int_equal(store_call(f->store, &put.write), STORE_OK);
	put.content = "other";
	assert_int_equal(store_call(f->store, &put.write), STORE_OK);
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	const void *content;
	assert_int_equal(store_get_artifact(reader, &f->arena, "abc", &content,
					    &len, &f->err),
			 1);
	assert_int_equal(len, 5);
	assert_memory_equal(content, "first", 5);
	assert_int_equal(store_get_artifact(reader, &f->arena, "x", &content,
					    &len, &f->err),
			 0);
	assert_null(content);
	store_read_end(reader);
}

static void
test_audit_is_written(void **state)
{
	struct fixture *f = *state;
	struct store_add_audit add = {
		.write.verb = &store_verb_add_audit,
		.actor = "ann",
		.action = "reload",
		.object = "configuration",
		.now_us = NOW_US,
	};

	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE"
				     " actor = 'ann' AND detail = ''"),
			 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(test_key_is_put_replaced_and_removed),
		TEST(test_key_expires_and_is_swept_in_slices),
		TEST(test_list_is_by_prefix_and_goes_on_after_a_key),
		TEST(test_artifact_is_kept_once),
		TEST(test_audit_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
