/* Keys of programs: one of a name, revoked once, and all of it in the audit. */
#include "store_fixture.h"

#include <string.h>

#include "store/key.h"
#include "store/state.h"

static enum store_status
add(struct fixture *f, const char *name, const char *key)
{
	char hash[SHA256_HEX_SIZE];
	struct store_add_key add = {
		.write.verb = &store_verb_add_key,
		.name = name,
		.hash = hash,
		.scopes = "ask",
		.actor = "root",
		.now_us = NOW_US,
	};

	crypto_sha256_hex(key, strlen(key), hash);
	return store_call(f->store, &add.write);
}

static enum store_status
revoke_key(struct fixture *f, const char *name)
{
	struct store_revoke_key revoke = {
		.write.verb = &store_verb_revoke_key,
		.name = name,
		.actor = "alice",
		.now_us = NOW_US + 1,
	};

	return store_call(f->store, &revoke.write);
}

static long
list(struct fixture *f, const struct api_key **list_r)
{
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	long n = store_list_keys(reader, &f->arena, list_r, &f->err);

	store_read_end(reader);
	return n;
}

static void
test_a_name_is_free_again_when_its_key_was_revoked(void **state)
{
	struct fixture *f = *state;
	const struct api_key *keys;

	assert_int_equal(add(f, "crm", "one"), STORE_OK);
	assert_int_equal(add(f, "crm", "two"), STORE_DUPLICATE);
	assert_int_equal(revoke_key(f, "crm"), STORE_OK);
	assert_int_equal(revoke_key(f, "crm"), STORE_NOT_FOUND);
	assert_int_equal(add(f, "crm", "two"), STORE_OK);
	assert_int_equal(list(f, &keys), 2);
	assert_int_equal(keys[0].revoked_at_us, NOW_US + 1);
	assert_int_equal(keys[1].revoked_at_us, 0);
	assert_string_equal(keys[1].name, "crm");
	assert_string_equal(keys[1].created_by, "root");
	assert_int_equal(strlen(keys[1].hash), 64);
}

static void
test_that_it_was_used_is_kept(void **state)
{
	struct fixture *f = *state;
	const struct api_key *keys;

	assert_int_equal(add(f, "crm", "one"), STORE_OK);
	assert_int_equal(list(f, &keys), 1);
	assert_int_equal(keys[0].used_at_us, 0);
	struct store_use_key use = {
		.write.verb = &store_verb_use_key,
		.id = keys[0].id,
		.now_us = NOW_US + 5,
	};
	assert_int_equal(store_call(f->store, &use.write), STORE_OK);
	assert_int_equal(list(f, &keys), 1);
	assert_int_equal(keys[0].used_at_us, NOW_US + 5);
}

static void
test_the_audit_says_who_did_it(void **state)
{
	struct fixture *f = *state;
	const struct audit_filter filter = {.object = "crm"};
	const struct audit_row *rows;

	assert_int_equal(add(f, "crm", "one"), STORE_OK);
	assert_int_equal(revoke_key(f, "crm"), STORE_OK);
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	long n = store_list_audit(reader, &f->arena, &filter, 10, &rows,
				  &f->err);
	store_read_end(reader);
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].action, "keys.revoke");
	assert_string_equal(rows[0].actor, "alice");
	assert_string_equal(rows[1].action, "keys.add");
	assert_string_equal(rows[1].actor, "root");
	assert_string_equal(rows[1].detail, "ask");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_name_is_free_again_when_its_key_was_revoked),
		TEST(test_that_it_was_used_is_kept),
		TEST(test_the_audit_says_who_did_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
