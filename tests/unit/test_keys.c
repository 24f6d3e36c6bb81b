/* Keys of programs, as the loop asks for them while workers change them. */
#include "store_fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "dialog/keys.h"
#include "store/key.h"

static void
add(struct fixture *f, const char *name, const char *key, const char *scopes)
{
	char hash[SHA256_HEX_SIZE];
	struct store_add_key add = {
		.write.verb = &store_verb_add_key,
		.name = name,
		.hash = hash,
		.scopes = scopes,
		.actor = "root",
		.now_us = NOW_US,
	};

	crypto_sha256_hex(key, strlen(key), hash);
	assert_int_equal(store_call(f->store, &add.write), STORE_OK);
}

static void
revoke_key(struct fixture *f, const char *name)
{
	struct store_revoke_key revoke = {
		.write.verb = &store_verb_revoke_key,
		.name = name,
		.actor = "root",
		.now_us = NOW_US,
	};

	assert_int_equal(store_call(f->store, &revoke.write), STORE_OK);
}

static void
test_a_key_is_good_for_its_scopes(void **state)
{
	struct fixture *f = *state;
	struct keys *keys = keys_new(f->store);
	char name[KEYS_NAME_SIZE] = "none", longest[300];

	assert_false(keys_check(keys, "one", "ask", name));
	add(f, "crm", "one", "ask");
	add(f, "all", "two", "ask metrics");
	assert_int_equal(keys_read(keys, &f->err), 0);
	assert_true(keys_check(keys, "one", "ask", name));
	assert_string_equal(name, "crm");
	assert_false(keys_check(keys, "one", "metrics", name));
	assert_true(keys_check(keys, "two", "metrics", name));
	assert_string_equal(name, "all");
	assert_true(keys_check(keys, "two", "ask", name));
	/* A part of a word is no scope. */
	assert_false(keys_check(keys, "two", "metric", name));
	assert_false(keys_check(keys, "two", "k m", name));
	assert_false(keys_check(keys, "three", "ask", name));
	assert_false(keys_check(keys, "", "ask", name));
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_false(keys_check(keys, longest, "ask", name));
	keys_free(keys);
}

static void
test_a_revoked_key_is_good_for_nothing(void **state)
{
	struct fixture *f = *state;
	struct keys *keys = keys_new(f->store);
	char name[KEYS_NAME_SIZE];

	add(f, "crm", "one", "ask");
	assert_int_equal(keys_read(keys, &f->err), 0);
	assert_true(keys_check(keys, "one", "ask", name));
	revoke_key(f, "crm");
	assert_int_equal(keys_read(keys, &f->err), 0);
	assert_false(keys_check(keys, "one", "ask", name));
	keys_free(keys);
}

static void
test_the_store_hears_that_it_was_used_once_a_minute(void **state)
{
	struct fixture *f = *state;
	struct keys *keys = keys_new(f->store);
	char name[KEYS_NAME_SIZE];

	add(f, "crm", "one", "ask");
	assert_int_equal(keys_read(keys, &f->err), 0);
	assert_true(keys_check(keys, "one", "ask", name));
	/* Writes are in order: when this one is done, the use is. */
	add(f, "other", "two", "ask");
	revoke_key(f, "other");
	struct store_reader *reader = store_read_begin(f->store, &f->err);
	const struct api_key *list = NULL;
	assert_int_equal(store_list_keys(reader, &f->arena, &list, &f->err), 2);
	store_read_end(reader);
	assert_true(list[0].used_at_us > 0);
	struct store_health before, after;
	store_health(f->store, &before);
	for (int i = 0; i < 100; i++)
		assert_true(keys_check(keys, "one", "ask", name));
	add(f, "third", "three", "ask");
	store_health(f->store, &after);
	assert_int_equal(after.writes - before.writes, 1);
	keys_free(keys);
}

struct asking {
	struct keys *keys;
	atomic_bool is_over;
};

static void *
read_on(void *arg)
{
	struct asking *asking = arg;
	struct err err;

	while (!atomic_load(&asking->is_over)) {
		if (keys_read(asking->keys, &err) < 0)
			return "they cannot be read";
	}
	return NULL;
}

/* Another command may have read them before it was revoked, and be slower. */
static void
test_a_revoked_key_stays_revoked(void **state)
{
	struct fixture *f = *state;
	struct asking asking = {.keys = keys_new(f->store)};
	char name[KEYS_NAME_SIZE], key[16];
	pthread_t threads[2];
	void *wrong;

	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, read_on, &asking), 0);
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof key, "key %d", i);
		add(f, "crm", key, "ask");
		revoke_key(f, "crm");
		assert_int_equal(keys_read(asking.keys, &f->err), 0);
		for (int k = 0; k < 100; k++)
			assert_false(keys_check(asking.keys, key, "ask", name));
	}
	atomic_store(&asking.is_over, true);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	keys_free(asking.keys);
}

static void *
ask_on(void *arg)
{
	struct asking *asking = arg;
	char name[KEYS_NAME_SIZE];

	while (!atomic_load(&asking->is_over)) {
		if (keys_check(asking->keys, "one", "ask", name) &&
		    strcmp(name, "crm") != 0)
			return "another name";
	}
	return NULL;
}

static void
test_it_is_asked_while_keys_change(void **state)
{
	struct fixture *f = *state;
	struct asking asking = {.keys = keys_new(f->store)};
	pthread_t thread;
	void *wrong;

	assert_int_equal(pthread_create(&thread, NULL, ask_on, &asking), 0);
	for (int i = 0; i < 20; i++) {
		char key[16];
		snprintf(key, sizeof key, i ? "key %d" : "one", i);
		add(f, "crm", key, "ask");
		assert_int_equal(keys_read(asking.keys, &f->err), 0);
		revoke_key(f, "crm");
		assert_int_equal(keys_read(asking.keys, &f->err), 0);
	}
	atomic_store(&asking.is_over, true);
	pthread_join(thread, &wrong);
	assert_null(wrong);
	keys_free(asking.keys);
}

#define N_CHANGING 8

struct changing {
	struct fixture *f;
	struct keys *keys;
	int id;
	const char *wrong; /* NULL: nothing was */
};

/* What was changed counts, whoever reads at the same time. */
static void *
change(void *arg)
{
	struct changing *c = arg;
	struct err err = {0};
	char key[32], used[KEYS_NAME_SIZE];

	for (int i = 0; i < 20 && !c->wrong; i++) {
		snprintf(key, sizeof key, "key-%d-%d", c->id, i);
		add(c->f, key, key, "ask");
		if (keys_read(c->keys, &err) < 0 ||
		    !keys_check(c->keys, key, "ask", used))
			c->wrong = "a new key is not good";
		revoke_key(c->f, key);
		if (keys_read(c->keys, &err) < 0 ||
		    keys_check(c->keys, key, "ask", used))
			c->wrong = "a revoked key is good";
	}
	return NULL;
}

static void
test_changes_at_the_same_time_all_count(void **state)
{
	struct fixture *f = *state;
	struct keys *keys = keys_new(f->store);
	struct changing changing[N_CHANGING];
	pthread_t threads[N_CHANGING];
	char name[32];

	/* So many take a while to read. */
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof name, "other-%d", i);
		add(f, name, name, "ask");
	}
	for (int i = 0; i < N_CHANGING; i++) {
		changing[i] = (struct changing){.f = f, .keys = keys, .id = i};
		assert_int_equal(
			pthread_create(&threads[i], NULL, change, &changing[i]),
			0);
	}
	for (int i = 0; i < N_CHANGING; i++) {
		pthread_join(threads[i], NULL);
		assert_null(changing[i].wrong);
	}
	keys_free(keys);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_key_is_good_for_its_scopes),
		TEST(test_a_revoked_key_is_good_for_nothing),
		TEST(test_the_store_hears_that_it_was_used_once_a_minute),
		TEST(test_a_revoked_key_stays_revoked),
		TEST(test_it_is_asked_while_keys_change),
		TEST(test_changes_at_the_same_time_all_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
