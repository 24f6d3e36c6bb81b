/* Tensors in several files with an index: what agrees is read, and each way in
 * which they do not is told. */
#include "test.h"

#include "model/checkpoint.h"
#include "model/safetensors.h"
#include "model_fixture.h"

#define INDEX "model.safetensors.index.json"
#define MAP(members) "{\"weight_map\": {" members "}}"

static struct err err;
static struct checkpoint checkpoint;

static void
write_index(const char *text)
{
	model_file_write(INDEX, text, strlen(text));
}

/* A part with these tensors of one number each: "ab" has a and b. */
static void
write_part(const char *name, const char *tensors)
{
	struct buf header;

	buf_init(&header, 1000);
	for (size_t i = 0; tensors[i]; i++)
		buf_addf(&header,
			 "%s\"%c\":{\"dtype\":\"F32\",\"shape\":[1],"
			 "\"data_offsets\":[%zu,%zu]}",
			 i ? "," : "{", tensors[i], 4 * i, 4 * i + 4);
	buf_adds(&header, *tensors ? "}" : "{}");
	tensors_write(name, buf_str(&header), "numbers of some tensors",
		      4 * strlen(tensors));
	buf_release(&header);
}

static int
set_up(void **state)
{
	(void)state;
	model_dir_empty();
	write_part("x.safetensors", "ab");
	write_part("y.safetensors", "c");
	return 0;
}

/* The words behind the path of the directory. */
static void
expect_words(const char *index, const char *words)
{
	char whole[600];

	write_index(index);
	assert_int_equal(checkpoint_open(&checkpoint, model_dir, &err), -1);
	snprintf(whole, sizeof whole, "%s/%s", model_dir, words);
	assert_string_equal(err.text, whole);
	assert_null(checkpoint.parts);
}

#define A "\"a\": \"x.safetensors\""
#define B "\"b\": \"x.safetensors\""
#define C "\"c\": \"y.safetensors\""

static void
test_parts_are_found_by_their_index(void **state)
{
	(void)state;
	assert_false(checkpoint_is_there(model_dir));
	write_index(MAP(A ", " C ", " B));
	assert_true(checkpoint_is_there(model_dir));
	assert_int_equal(checkpoint_open(&checkpoint, model_dir, &err), 0);
	assert_int_equal(checkpoint.n, 2);
	struct tensor_place place = checkpoint_find(&checkpoint, "c");
	assert_string_equal(place.file->path, model_path("y.safetensors"));
	assert_string_equal(place.entry->name, "c");
	place = checkpoint_find(&checkpoint, "b");
	assert_string_equal(place.file->path, model_path("x.safetensors"));
	assert_null(checkpoint_find(&checkpoint, "d").entry);
	checkpoint_close(&checkpoint);
}

static void
test_tensors_that_are_elsewhere_are_refused(void **state)
{
	(void)state;
	expect_words(MAP(A ", " C),
		     "x.safetensors: its tensor 'b' is not in " INDEX);
	expect_words(MAP(A ", " B ", " C ", \"d\": \"y.safetensors\""),
		     INDEX ": tensor 'd' is not in y.safetensors, where it "
			   "should be");
	write_part("y.safetensors", "cb");
	write_index(MAP(A ", " B ", " C));
	assert_int_equal(checkpoint_open(&checkpoint, model_dir, &err), -1);
	assert_non_null(strstr(err.text,
			       "/y.safetensors: its tensor 'b' is one of "
			       "x.safetensors in "));
}

static void
test_parts_that_are_none_are_refused(void **state)
{
	static const char *const names[] = {"\"../y.safetensors\"",
					    "\"/y.safetensors\"",
					    "\".safetensors\"",
					    "\"..safetensors\"",
					    "\"y.bin\"",
					    "\"\"",
					    "7",
					    "[\"y.safetensors\"]",
					    "null",
					    "\"d/y.safetensors\""};

	(void)state;
	expect_words(MAP(A ", " B ", \"c\": \"z.safetensors\""),
		     "z.safetensors: No such file or directory");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char index[200];
		snprintf(index, sizeof index, MAP(A ", " B ", \"c\": %s"),
			 names[i]);
		expect_words(index, INDEX ": tensor 'c' is in no file of the "
					  "directory that could be a part");
	}
	model_file_write("y.safetensors", "GGUF\3\0\0\0", 8);
	write_index(MAP(A ", " B ", " C));
	assert_int_equal(checkpoint_open(&checkpoint, model_dir, &err), -1);
	assert_non_null(strstr(err.text, "this is a GGUF file"));
}

static void
test_an_index_that_is_none_is_refused(void **state)
{
	(void)state;
	expect_words("{}", INDEX ": there is no weight_map in it");
	expect_words("[]", INDEX ": there is no weight_map in it");
	expect_words(MAP(""), INDEX ": there is no weight_map in it");
	expect_words("{\"weight_map\": []}",
		     INDEX ": there is no weight_map in it");
	write_index("{");
	assert_int_equal(checkpoint_open(&checkpoint, model_dir, &err), -1);
	assert_non_null(strstr(err.text, INDEX ": not JSON"));
	write_index(MAP(A ", " A));
	assert_int_equal(checkpoint_open(&checkpoint, model_dir, &err), -1);
}

static void
test_there_are_only_so_many_parts(void **state)
{
	struct buf index;
	char name[40];

	(void)state;
	buf_init(&index, 1 << 20);
	buf_adds(&index, "{\"weight_map\": {");
	for (int i = 0; i <= CHECKPOINT_PARTS_MAX; i++) {
		snprintf(name, sizeof name, "%d.safetensors", i);
		write_part(name, "");
		buf_addf(&index, "%s\"t%d\": \"%s\"", i ? "," : "", i, name);
	}
	buf_adds(&index, "}}");
	expect_words(buf_str(&index), INDEX ": it has more than 256 parts");
	buf_release(&index);
}

static int
begin(void **state)
{
	(void)state;
	model_dir_make();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	model_dir_remove();
	return 0;
}

#define TEST(function) cmocka_unit_test_setup(function, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_parts_are_found_by_their_index),
		TEST(test_tensors_that_are_elsewhere_are_refused),
		TEST(test_parts_that_are_none_are_refused),
		TEST(test_an_index_that_is_none_is_refused),
		TEST(test_there_are_only_so_many_parts),
	};

	return cmocka_run_group_tests_name("checkpoint", tests, begin, end);
}
