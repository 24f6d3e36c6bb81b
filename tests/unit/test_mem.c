#include "test.h"

#include <signal.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

static void
test_new_memory_is_zeroed(void **state)
{
	static const char zeros[100];
	char *memory = mem_new(100);

	(void)state;
	assert_memory_equal(memory, zeros, 100);
	free(memory);
	memory = mem_new(0);
	assert_non_null(memory);
	free(memory);
}

static void
test_copies_end_at_len_or_at_nul(void **state)
{
	char *whole = mem_strdup("abc"), *part = mem_strndup("abc", 2);
	char *end = mem_strndup("abc", 10);

	(void)state;
	assert_string_equal(whole, "abc");
	assert_string_equal(part, "ab");
	assert_string_equal(end, "abc");
	free(whole);
	free(part);
	free(end);
}

static void
test_array_whose_product_wraps_is_refused(void **state)
{
	(void)state;
	assert_null(mem_array(SIZE_MAX, 2));
	assert_null(mem_array(SIZE_MAX / 2, 3));
	assert_null(mem_array((size_t)1 << 32, (size_t)1 << 32));
	assert_null(mem_array(PTRDIFF_MAX, 2));
	void *array = mem_array(0, 8);
	assert_non_null(array);
	free(array);
}

static void
test_array_that_cannot_grow_stays(void **state)
{
	int *array = mem_array(2, sizeof *array);

	(void)state;
	array[1] = 7;
	assert_null(mem_array_grow(array, SIZE_MAX, sizeof *array));
	int *grown = mem_array_grow(array, 1000, sizeof *array);
	assert_non_null(grown);
	assert_int_equal(grown[1], 7);
	free(grown);
}

static void
test_arena_memory_is_zeroed_aligned_and_apart(void **state)
{
	static const char zeros[20000];
	struct arena arena = {0};
	char *before[300];

	(void)state;
	for (size_t i = 0; i < 300; i++) {
		size_t size = i * 61 % 20000;
		before[i] = arena_new(&arena, size);
		assert_int_equal((uintptr_t)before[i] % alignof(max_align_t),
				 0);
		assert_memory_equal(before[i], zeros, size);
		memset(before[i], (int)i, size);
	}
	for (size_t i = 0; i < 300; i++)
		for (size_t j = 0; j < i * 61 % 20000; j++)
			assert_int_equal((unsigned char)before[i][j], i % 256);
	arena_release(&arena);
}

static void
test_large_thing_does_not_waste_the_block_in_use(void **state)
{
	struct arena arena = {0};
	char *first = arena_new(&arena, 16);

	(void)state;
	arena_new(&arena, 100000);
	char *second = arena_new(&arena, 16);
	assert_ptr_equal(second, first + 16);
	assert_int_equal(arena.used, 100032);
	arena_release(&arena);
}

static void
test_released_arena_may_be_used_again(void **state)
{
	struct arena arena = {0};

	(void)state;
	arena_release(&arena);
	assert_string_equal(arena_strdup(&arena, "abc"), "abc");
	arena_release(&arena);
	assert_int_equal(arena.used, 0);
	assert_string_equal(arena_strndup(&arena, "abc", 2), "ab");
	assert_string_equal(arena_printf(&arena, "%s-%d", "x", 5), "x-5");
	assert_string_equal(arena_printf(&arena, "%s", ""), "");
	int *numbers = arena_array(&arena, 10, sizeof *numbers);
	assert_int_equal(numbers[9], 0);
	arena_release(&arena);
}

/* Whether the process ends by abort() in that call. */
static bool
ends_the_process(void (*call)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		close(STDERR_FILENO);
		call();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void
make_array_that_wraps(void)
{
	struct arena arena = {0};

	arena_array(&arena, SIZE_MAX / 4, 8);
}

static void
make_largest_of_all(void)
{
	struct arena arena = {0};

	arena_new(&arena, SIZE_MAX);
}

static void
test_wrap_in_an_arena_ends_the_process(void **state)
{
	(void)state;
	assert_true(ends_the_process(make_array_that_wraps));
	assert_true(ends_the_process(make_largest_of_all));
	assert_true(ends_the_process(mem_exhausted));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_memory_is_zeroed),
		cmocka_unit_test(test_copies_end_at_len_or_at_nul),
		cmocka_unit_test(test_array_whose_product_wraps_is_refused),
		cmocka_unit_test(test_array_that_cannot_grow_stays),
		cmocka_unit_test(test_arena_memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(
			test_large_thing_does_not_waste_the_block_in_use),
		cmocka_unit_test(test_released_arena_may_be_used_again),
		cmocka_unit_test(test_wrap_in_an_arena_ends_the_process),
	};

	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
