/* Files of tensors: what the reference's reader takes and refuses, the types of
 * numbers, and files that somebody breaks. */
#include "test.h"

#include <math.h>
#include <sys/stat.h>

#include "model/half.h"
#include "model/safetensors.h"
#include "model/tensor.h"
#include "model_fixture.h"

static struct safetensors file;
static struct err err;

static int
parse(const char *header, uint64_t data)
{
	safetensors_close(&file);
	err = (struct err){0};
	return safetensors_parse(&file, header, strlen(header),
				 8 + strlen(header) + data, &err);
}

static void
expect_taken(const char *header, uint64_t data)
{
	if (parse(header, data))
		fail_msg("%s: %s", header, err.text);
}

static void
expect_words(const char *header, uint64_t data, const char *words)
{
	assert_int_equal(parse(header, data), -1);
	assert_string_equal(err.text, words);
}

#define F32(name, shape, offsets)                                \
	"\"" name "\":{\"dtype\":\"F32\",\"shape\":[" shape "]," \
	"\"data_offsets\":[" offsets "]}"

static void
test_tensors_are_found_in_the_order_of_their_data(void **state)
{
	(void)state;
	expect_taken(
		"{\"__metadata__\":{\"format\":\"pt\"}," F32(
			"b", "2,3",
			"4,28") "," F32("a", "", "0,4") "," F32("none", "5,0",
								"28,28") "}",
		28);
	assert_int_equal(file.n, 3);
	assert_string_equal(file.entries[0].name, "a");
	assert_int_equal(file.entries[0].rank, 0);
	assert_int_equal(file.entries[0].count, 1);
	const struct safetensors_entry *b = safetensors_find(&file, "b");
	assert_int_equal(b->rank, 2);
	assert_int_equal(b->shape[0], 2);
	assert_int_equal(b->shape[1], 3);
	assert_int_equal(b->count, 6);
	assert_string_equal(b->dtype, "F32");
	assert_int_equal(safetensors_find(&file, "none")->count, 0);
	assert_null(safetensors_find(&file, "__metadata__"));
}

static void
test_blanks_around_the_header_and_no_tensors_are_taken(void **state)
{
	(void)state;
	expect_taken("{}", 0);
	expect_taken("\t\n{}\r \t\n   ", 0);
	expect_taken("{\"a\":{\"dtype\":\"F4\",\"shape\":[4],"
		     "\"data_offsets\":[0,2],\"more\":[]}}",
		     2);
}

static void
test_a_header_that_is_none_is_refused(void **state)
{
	(void)state;
	assert_int_equal(parse("{", 0), -1);
	assert_non_null(strstr(err.text, "its header: not JSON"));
	assert_int_equal(parse("", 0), -1);
	assert_int_equal(parse("{\"\xff\":1}", 0), -1);
	assert_non_null(strstr(err.text, "its header: not JSON"));
	assert_int_equal(parse("{} {}", 0), -1);
	expect_words("[]", 0, "its header is no object");
	expect_words("[[[[[[[[[]]]]]]]]]", 0,
		     "its header: JSON is nested more than 8 deep");
	assert_int_equal(
		parse("{" F32("a", "", "0,4") "," F32("a", "", "4,8") "}", 8),
		-1);
	assert_non_null(strstr(err.text, "duplicate object key"));
	expect_words("{\"__metadata__\":[]}", 0, "__metadata__ is no object");
	expect_words("{\"__metadata__\":{\"a\":1}}", 0,
		     "__metadata__ holds what is no text");
}

static void
test_an_entry_that_is_none_is_refused(void **state)
{
	(void)state;
	expect_words("{\"a\":1}", 0, "tensor 'a': has no dtype");
	expect_words("{\"a\":{\"dtype\":\"F31\",\"shape\":[],"
		     "\"data_offsets\":[0,4]}}",
		     4, "tensor 'a': is of the unknown type 'F31'");
	expect_words("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4,
		     "tensor 'a': has no shape");
	expect_words("{" F32("a", "-1", "0,4") "}", 4,
		     "tensor 'a': has a shape that is none");
	expect_words("{" F32("a", "1.0", "0,4") "}", 4,
		     "tensor 'a': has a shape that is none");
	expect_words("{" F32("a", "1,1,1,1,1,1,1,1,1", "0,4") "}", 4,
		     "tensor 'a': has more than 8 dimensions");
	expect_words("{" F32("a", "1", "0") "}", 4,
		     "tensor 'a': has no two data_offsets");
	expect_words("{" F32("a", "1", "0,-4") "}", 4,
		     "tensor 'a': has no two data_offsets");
	expect_words("{" F32("a", "1", "4,0") "}", 4,
		     "tensor 'a': ends before it begins");
	expect_words("{\"a\":{\"dtype\":\"F4\",\"shape\":[3],"
		     "\"data_offsets\":[0,2]}}",
		     2, "tensor 'a': is no whole number of bytes");
}

static void
test_sizes_that_overflow_are_refused(void **state)
{
	(void)state;
	expect_words("{" F32("a", "4294967296,4294967296", "0,4") "}", 4,
		     "tensor 'a': has a shape that is too large");
	expect_words("{" F32("a", "4294967296,4294967296,0", "0,0") "}", 0,
		     "tensor 'a': has a shape that is too large");
	expect_words("{" F32("a", "4611686018427387904", "0,4") "}", 4,
		     "tensor 'a': has a shape that is too large");
	expect_words("{" F32("a", "2", "0,4") "}", 4,
		     "tensor 'a': has 4 bytes where its shape needs 8");
	assert_int_equal(
		parse("{" F32("a", "99999999999999999999", "0,4") "}", 4), -1);
	assert_non_null(strstr(err.text, "too big integer"));
}

static void
test_holes_overlaps_and_wrong_ends_are_refused(void **state)
{
	(void)state;
	expect_words("{" F32("a", "1", "4,8") "}", 8,
		     "tensor 'a' has a hole before it");
	expect_words("{" F32("a", "1", "0,4") "," F32("b", "1", "8,12") "}", 12,
		     "tensor 'b' has a hole before it");
	expect_words("{" F32("a", "2", "0,8") "," F32("b", "1", "4,8") "}", 8,
		     "tensor 'b' overlaps another");
	expect_words("{" F32("a", "2", "0,8") "," F32("b", "2", "0,8") "}", 8,
		     "tensor 'b' overlaps another");
	expect_words("{" F32("a", "1", "0,4") "}", 2,
		     "2 bytes are missing at its end");
	expect_words("{" F32("a", "1", "0,4") "}", 7,
		     "there are 3 bytes behind its last tensor");
	expect_words("{}", 1, "there are 1 bytes behind its last tensor");
}

/* ---- Files */

static void
expect_open_words(const char *words)
{
	char whole[500];

	assert_int_equal(safetensors_open(&file, model_path("f"), &err), -1);
	snprintf(whole, sizeof whole, "%s%s", model_path("f"), words);
	assert_string_equal(err.text, whole);
}

static void
test_a_header_longer_than_its_file_or_the_limit_is_refused(void **state)
{
	char head[8] = {0, 0, 0, 0, 0, 0, 0, 1};

	(void)state;
	model_file_write("f", head, 8);
	expect_open_words(": its header of 72057594037927936 bytes goes beyond "
			  "its end");
	model_file_write("f", "\x03\0\0\0\0\0\0\0{}", 10);
	expect_open_words(": its header of 3 bytes goes beyond its end");
	model_file_write("f", head, 7);
	expect_open_words(": it is shorter than any header");
	model_file_write("f", "", 0);
	expect_open_words(": it is shorter than any header");
	model_file_write("f", "\x01\0\x80\0\0\0\0\0", 8);
	assert_int_equal(truncate(model_path("f"), 100000000), 0);
	expect_open_words(": its header of 8388609 bytes is larger than "
			  "8388608");
	model_dir_empty();
	expect_open_words(": No such file or directory");
	assert_int_equal(mkdir(model_path("f"), 0700), 0);
	expect_open_words(" is no file");
	rmdir(model_path("f"));
	assert_int_equal(mkfifo(model_path("f"), 0600), 0);
	expect_open_words(" is no file");
	model_dir_empty();
}

static void
test_numbers_of_every_type_are_converted(void **state)
{
	/* 1.5 in each type, at an odd place. */
	static const char data[] = "\0\0\0\xC0\x3F\0\x3E\xC0\x3F\x07";
	float numbers[2] = {0};

	(void)state;
	tensors_write("f",
		      "{\"pad\":{\"dtype\":\"U8\",\"shape\":[1],"
		      "\"data_offsets\":[0,1]},"
		      "\"f\":{\"dtype\":\"F32\",\"shape\":[1],"
		      "\"data_offsets\":[1,5]},"
		      "\"h\":{\"dtype\":\"F16\",\"shape\":[1],"
		      "\"data_offsets\":[5,7]},"
		      "\"b\":{\"dtype\":\"BF16\",\"shape\":[1],"
		      "\"data_offsets\":[7,9]},"
		      "\"i\":{\"dtype\":\"I8\",\"shape\":[1],"
		      "\"data_offsets\":[9,10]}}",
		      data, 10);
	assert_int_equal(safetensors_open(&file, model_path("f"), &err), 0);
	for (size_t i = 0; i < 3; i++) {
		const char *const names[] = {"f", "h", "b"};
		const struct safetensors_entry *entry =
			safetensors_find(&file, names[i]);
		assert_int_equal(tensor_read(&file, entry, 0, 1, numbers, &err),
				 0);
		assert_true(numbers[0] == 1.5F);
	}
	assert_int_equal(tensor_read(&file, safetensors_find(&file, "i"), 0, 1,
				     numbers, &err),
			 -1);
	assert_non_null(strstr(err.text, "tensor 'i' is of type I8; only F32, "
					 "F16 and BF16 can be read"));
	safetensors_close(&file);
}

static void
test_a_file_that_becomes_shorter_is_an_error(void **state)
{
	float numbers[2];

	(void)state;
	tensors_write("f", "{" F32("a", "2", "0,8") "}", "12345678", 8);
	assert_int_equal(safetensors_open(&file, model_path("f"), &err), 0);
	assert_int_equal(truncate(model_path("f"), 30), 0);
	assert_int_equal(
		tensor_read(&file, &file.entries[0], 0, 2, numbers, &err), -1);
	assert_non_null(strstr(err.text, "became shorter while it was read"));
	safetensors_close(&file);
}

static void
test_halves_are_exact(void **state)
{
	(void)state;
	assert_true(half_to_float(0x3C00) == 1.0F);
	assert_true(half_to_float(0xC000) == -2.0F);
	assert_true(half_to_float(0x7BFF) == 65504.0F);
	assert_true(half_to_float(0x0001) == 0x1p-24F);
	assert_true(half_to_float(0x03FF) == 1023 * 0x1p-24F);
	assert_true(half_to_float(0x0400) == 0x1p-14F);
	assert_true(half_to_float(0) == 0 && !signbit(half_to_float(0)));
	assert_true(signbit(half_to_float(0x8000)));
	assert_true(isinf(half_to_float(0x7C00)) &&
		    isnan(half_to_float(0x7C01)));
	assert_true(bfloat_to_float(0x3F80) == 1.0F);
	assert_true(bfloat_to_float(0xC2F7) == -123.5F);
}

static void
test_only_finite_numbers_are_finite(void **state)
{
	float numbers[] = {0, -1, 3e38F, 1e-45F};

	(void)state;
	assert_true(tensor_is_finite(numbers, 4));
	numbers[2] = INFINITY;
	assert_false(tensor_is_finite(numbers, 4));
	assert_true(tensor_is_finite(numbers, 2));
	numbers[2] = -NAN;
	assert_false(tensor_is_finite(numbers, 4));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_tensors_are_found_in_the_order_of_their_data),
		cmocka_unit_test(
			test_blanks_around_the_header_and_no_tensors_are_taken),
		cmocka_unit_test(test_a_header_that_is_none_is_refused),
		cmocka_unit_test(test_an_entry_that_is_none_is_refused),
		cmocka_unit_test(test_sizes_that_overflow_are_refused),
		cmocka_unit_test(
			test_holes_overlaps_and_wrong_ends_are_refused),
		cmocka_unit_test(
			test_a_header_longer_than_its_file_or_the_limit_is_refused),
		cmocka_unit_test(test_numbers_of_every_type_are_converted),
		cmocka_unit_test(test_a_file_that_becomes_shorter_is_an_error),
		cmocka_unit_test(test_halves_are_exact),
		cmocka_unit_test(test_only_finite_numbers_are_finite),
	};

	model_dir_make();
	int failed =
		cmocka_run_group_tests_name("safetensors", tests, NULL, NULL);
	safetensors_close(&file);
	model_dir_remove();
	return failed;
}
