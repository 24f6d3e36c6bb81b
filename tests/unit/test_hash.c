#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"

#define N_MANY 100000

static int things[N_MANY];

static const char *
name(int i)
{
	static char text[32];

	snprintf(text, sizeof text, "key %d", i);
	return text;
}

static void
test_equal_bytes_have_equal_hashes(void **state)
{
	char shifted[64] = "?hello, world";

	(void)state;
	for (size_t len = 0; len <= 12; len++)
		assert_int_equal(hash_bytes("hello, world", len),
				 hash_bytes(shifted + 1, len));
}

static void
test_each_bit_and_the_length_count(void **state)
{
	unsigned char bytes[40] = {0};

	(void)state;
	for (size_t len = 1; len <= sizeof bytes; len++) {
		uint64_t hash = hash_bytes(bytes, len);
		assert_int_not_equal(hash, hash_bytes(bytes, len - 1));
		for (size_t bit = 0; bit < len * 8; bit++) {
			bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
			assert_int_not_equal(hash, hash_bytes(bytes, len));
			bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
	}
}

static void
test_hashes_spread_over_the_low_bits(void **state)
{
	int places[256] = {0};

	(void)state;
	for (uint64_t i = 0; i < 256 * 100; i++)
		places[hash_bytes(&i, sizeof i) % 256]++;
	/* 100 expected, deviation 10: beyond 7 of them something is wrong. */
	for (int i = 0; i < 256; i++)
		assert_in_range(places[i], 30, 170);
}

static void
test_zeroed_map_is_empty(void **state)
{
	struct map map = {0};

	(void)state;
	assert_null(map_get(&map, "x"));
	assert_null(map_remove(&map, "x"));
	assert_null(map_next(&map, NULL));
	map_release(&map);
}

static void
test_put_returns_what_was_there(void **state)
{
	struct map map = {0};
	char key[] = "key";

	(void)state;
	assert_null(map_put(&map, key, &things[1]));
	assert_ptr_equal(map_put(&map, "key", &things[2]), &things[1]);
	key[0] = 'x';
	assert_ptr_equal(map_get(&map, "key"), &things[2]);
	assert_null(map_get(&map, key));
	assert_null(map_put(&map, "", &things[3]));
	assert_ptr_equal(map_get(&map, ""), &things[3]);
	assert_int_equal(map.n, 2);
	assert_ptr_equal(map_remove(&map, "key"), &things[2]);
	assert_null(map_remove(&map, "key"));
	assert_int_equal(map.n, 1);
	map_release(&map);
	assert_null(map.entries);
}

static void
test_map_holds_many_and_loses_only_what_is_removed(void **state)
{
	struct map map = {0};

	(void)state;
	for (int i = 0; i < N_MANY; i++)
		assert_null(map_put(&map, name(i), &things[i]));
	assert_int_equal(map.n, N_MANY);
	for (int i = 0; i < N_MANY; i += 3)
		assert_ptr_equal(map_remove(&map, name(i)), &things[i]);
	for (int i = 0; i < N_MANY; i++)
		assert_ptr_equal(map_get(&map, name(i)),
				 i % 3 == 0 ? NULL : &things[i]);
	for (int i = 0; i < N_MANY; i += 3)
		assert_null(map_put(&map, name(i), &things[i]));
	for (int i = 0; i < N_MANY; i++)
		assert_ptr_equal(map_remove(&map, name(i)), &things[i]);
	assert_int_equal(map.n, 0);
	assert_null(map_next(&map, NULL));
	map_release(&map);
}

static void
test_coming_and_going_does_not_grow_a_map(void **state)
{
	struct map map = {0};

	(void)state;
	for (int i = 0; i < N_MANY; i++) {
		map_put(&map, name(i), &things[i]);
		if (i >= 8)
			assert_non_null(map_remove(&map, name(i - 8)));
	}
	assert_int_equal(map.n, 8);
	assert_int_equal(map.size, 16);
	map_release(&map);
}

static void
test_each_visits_every_entry_once(void **state)
{
	struct map map = {0};
	struct idmap idmap = {0};
	static int visits[1000];
	int n = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		map_put(&map, name(i), &visits[i]);
		idmap_put(&idmap, (uint64_t)i + 1, &visits[i]);
	}
	map_each (e, &map)
		++*(int *)e->value;
	for (struct idmap_entry *e = idmap_next(&idmap, NULL); e;
	     e = idmap_next(&idmap, e), n++)
		assert_ptr_equal(e->value, &visits[e->id - 1]);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(visits[i], 1);
	assert_int_equal(n, 1000);
	map_release(&map);
	idmap_release(&idmap);
}

/* Numbers that look alike: small, large, and equal in their low half. */
static uint64_t
number(int i)
{
	uint64_t n = (uint64_t)i + 1;

	return i % 3 == 0 ? n : i % 3 == 1 ? ~n : n << 32;
}

static void
test_idmap_holds_many_and_loses_only_what_is_removed(void **state)
{
	struct idmap map = {0};

	(void)state;
	assert_null(idmap_get(&map, 1));
	for (int i = 0; i < N_MANY; i++)
		assert_null(idmap_put(&map, number(i), &things[i]));
	assert_ptr_equal(idmap_put(&map, number(5), &things[5]), &things[5]);
	assert_int_equal(map.n, N_MANY);
	for (int i = 0; i < N_MANY; i += 2)
		assert_ptr_equal(idmap_remove(&map, number(i)), &things[i]);
	for (int i = 0; i < N_MANY; i++)
		assert_ptr_equal(idmap_get(&map, number(i)),
				 i % 2 == 0 ? NULL : &things[i]);
	for (int i = 1; i < N_MANY; i += 2)
		assert_ptr_equal(idmap_remove(&map, number(i)), &things[i]);
	assert_int_equal(map.n, 0);
	assert_null(idmap_next(&map, NULL));
	idmap_release(&map);
}

static void
test_number_zero_is_never_there(void **state)
{
	struct idmap map = {0};

	(void)state;
	idmap_put(&map, 1, &things[1]);
	assert_null(idmap_get(&map, 0));
	assert_null(idmap_remove(&map, 0));
	assert_int_equal(map.n, 1);
	idmap_release(&map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_bytes_have_equal_hashes),
		cmocka_unit_test(test_each_bit_and_the_length_count),
		cmocka_unit_test(test_hashes_spread_over_the_low_bits),
		cmocka_unit_test(test_zeroed_map_is_empty),
		cmocka_unit_test(test_put_returns_what_was_there),
		cmocka_unit_test(
			test_map_holds_many_and_loses_only_what_is_removed),
		cmocka_unit_test(test_coming_and_going_does_not_grow_a_map),
		cmocka_unit_test(test_each_visits_every_entry_once),
		cmocka_unit_test(
			test_idmap_holds_many_and_loses_only_what_is_removed),
		cmocka_unit_test(test_number_zero_is_never_there),
	};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
