/* What is kept of the beginnings of prompts, block by block. */
#include "test.h"

#include <string.h>

#include "model/config.h"
#include "model/prefix.h"

#define N_BLOCKS 6

static const struct model_config config = {
	.n_layers = 1,
	.n_heads = 1,
	.n_embd = 16,
	.n_positions = 1024,
};
static struct kv kv;
static struct prefixes prefixes;
static struct err err;

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(kv_init(&kv, &config, KV_F32, N_BLOCKS, &err), 0);
	assert_int_equal(prefixes_init(&prefixes, &kv, 4, &err), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	prefixes_release(&prefixes);
	int n_free = kv.n_free;
	kv_release(&kv);
	return n_free == N_BLOCKS ? 0 : -1;
}

/* Blocks of tokens that differ in one place each. */
static const int *
tokens(int i)
{
	static int tokens[KV_BLOCK];

	memset(tokens, 0, sizeof tokens);
	tokens[i % KV_BLOCK] = 1 + i;
	return tokens;
}

static int
keep(int before, int i)
{
	int block = kv_take(&kv);

	assert_true(block >= 0);
	memset(kv.memory + (size_t)block * kv.block_bytes, 1, kv.block_bytes);
	if (prefixes_keep(&prefixes, before, tokens(i), block))
		return block;
	kv_give(&kv, block);
	return PREFIX_NONE;
}

static void
let_go(int block)
{
	prefixes_let_go(&prefixes, &block, 1);
}

static void
test_a_block_is_found_by_all_its_tokens(void **state)
{
	(void)state;
	int blocks[2] = {keep(PREFIX_NONE, 1), 0};
	blocks[1] = keep(blocks[0], 2);
	for (int i = 0; i < 200; i++)
		if (i != 1)
			assert_int_equal(prefixes_hold(&prefixes, PREFIX_NONE,
						       tokens(i)),
					 PREFIX_NONE);
	assert_int_equal(prefixes_hold(&prefixes, blocks[0], tokens(1)),
			 PREFIX_NONE);
	assert_int_equal(prefixes_hold(&prefixes, blocks[1], tokens(2)),
			 PREFIX_NONE);
	assert_int_equal(prefixes_hold(&prefixes, PREFIX_NONE, tokens(1)),
			 blocks[0]);
	assert_int_equal(prefixes_hold(&prefixes, blocks[0], tokens(2)),
			 blocks[1]);
	prefixes_let_go(&prefixes, blocks, 2);
	assert_int_equal(prefixes.n_unused, 0);
	prefixes_let_go(&prefixes, blocks, 2);
	assert_int_equal(prefixes.n_unused, 2);
}

static void
test_what_is_held_stays(void **state)
{
	(void)state;
	int chain[2] = {keep(PREFIX_NONE, 1), 0};
	chain[1] = keep(chain[0], 2);
	int third = keep(PREFIX_NONE, 3), fourth = keep(PREFIX_NONE, 4);
	/* All places are taken by what is held. */
	assert_int_equal(keep(PREFIX_NONE, 5), PREFIX_NONE);
	assert_true(prefixes_make_room(&prefixes, 2));
	assert_false(prefixes_make_room(&prefixes, 3));
	let_go(third);
	assert_true(prefixes_make_room(&prefixes, 3));
	assert_int_equal(prefixes_hold(&prefixes, PREFIX_NONE, tokens(3)),
			 PREFIX_NONE);
	assert_int_equal(kv.n_free, 3);
	let_go(fourth);
	prefixes_let_go(&prefixes, chain, 2);
	assert_false(prefixes_make_room(&prefixes, N_BLOCKS + 1));
	assert_int_equal(prefixes.n_kept, 3);
	assert_true(prefixes_make_room(&prefixes, N_BLOCKS));
	assert_int_equal(prefixes.n_kept, 0);
	assert_int_equal(prefixes.n_evicted, 4);
}

static void
test_the_end_of_a_chain_goes_before_its_beginning(void **state)
{
	(void)state;
	int chain[3] = {keep(PREFIX_NONE, 1), 0, 0};
	chain[1] = keep(chain[0], 2);
	chain[2] = keep(chain[1], 3);
	prefixes_let_go(&prefixes, chain, 3);
	/* Used again in part, it goes in the same order. */
	assert_int_equal(prefixes_hold(&prefixes, PREFIX_NONE, tokens(1)),
			 chain[0]);
	let_go(chain[0]);
	for (int n_free = 4; n_free <= N_BLOCKS; n_free++) {
		assert_true(prefixes_make_room(&prefixes, n_free));
		assert_int_equal(prefixes.n_kept, N_BLOCKS - n_free);
		bool is_there = prefixes_hold(&prefixes, PREFIX_NONE,
					      tokens(1)) == chain[0];
		assert_int_equal(is_there, n_free < N_BLOCKS);
		if (is_there)
			let_go(chain[0]);
	}
	for (size_t i = 0; i < N_BLOCKS * kv.block_bytes; i++)
		assert_int_equal(kv.memory[i], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_a_block_is_found_by_all_its_tokens, setup,
			teardown),
		cmocka_unit_test_setup_teardown(test_what_is_held_stays, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			test_the_end_of_a_chain_goes_before_its_beginning,
			setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
