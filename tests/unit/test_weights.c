/* Weights of a directory and from a seed: what is read, whatever the way it was
 * written, and what is refused. */
#include "test.h"

#include <math.h>
#include <sys/mman.h>

#include "model/layout.h"
#include "model/weights.h"
#include "model_fixture.h"

#define CONFIG                                                            \
	"{\"n_layer\": 2, \"n_head\": 2, \"n_embd\": 8, \"n_inner\": 20," \
	" \"n_positions\": 6, \"vocab_size\": 300"

static const struct model_config small = {
	.n_layers = 2,
	.n_heads = 2,
	.n_embd = 8,
	.n_inner = 20,
	.n_positions = 6,
	.n_vocab = 300,
	.layer_norm_eps = 1e-5F,
	.is_tied = true,
	.eos_token = -1,
};

static struct err err;
static struct model_weights made, loaded;
static struct model_source source;

/* How the test writes a model. */
struct writing {
	const char *prefix;  /* "" or "transformer." */
	const char *dtype;   /* NULL: F32 */
	const float *head;   /* a head of its own */
	const char *without; /* this tensor is left out, */
	const char *as;	     /* or written with this shape: "[4, 2]" */
	const char *broken;  /* this one has a number that is none */
	const char *more;    /* entries of no data */
	/* Of several files: every n_parts-th tensor from that on. */
	size_t part, n_parts;
};

static void
add_number(struct buf *data, const char *dtype, float number)
{
	uint32_t bits;

	memcpy(&bits, &number, sizeof bits);
	if (!dtype)
		buf_add(data, &bits, 4);
	else if (strcmp(dtype, "BF16") == 0)
		buf_add(data, (char *)&bits + 2, 2);
	else if (strcmp(dtype, "F64") == 0)
		buf_add(data, "\0\0\0\0\0\0\0", 8);
	else /* F16, of numbers that it has: all are 1.5 */
		buf_add(data, "\0\x3E", 2);
}

static void
add_tensor(struct buf *header, struct buf *data, const struct writing *how,
	   const struct layout_tensor *tensor, const float *numbers)
{
	bool is_head = strcmp(tensor->name, "lm_head.weight") == 0;
	size_t begin = data->len;
	char shape[64];

	if (how->without && strcmp(how->without, tensor->name) == 0)
		return;
	for (int64_t i = 0; i < tensor->count; i++) {
		bool is_broken = how->broken && i == tensor->count - 1 &&
				 strcmp(how->broken, tensor->name) == 0;
		add_number(data, how->dtype, is_broken ? NAN : numbers[i]);
	}
	snprintf(shape, sizeof shape, tensor->rank == 1 ? "[%d]" : "[%d,%d]",
		 (int)tensor->shape[0], (int)tensor->shape[1]);
	buf_addf(header,
		 "%s\"%s%s\":{\"dtype\":\"%s\",\"shape\":%s,"
		 "\"data_offsets\":[%zu,%zu]}",
		 header->len > 1 ? "," : "", is_head ? "" : how->prefix,
		 tensor->name, how->dtype ? how->dtype : "F32",
		 how->as && tensor->rank == 2 && !is_head &&
				 strncmp(tensor->name, "h.1.mlp.c_fc", 12) == 0
			 ? how->as
			 : shape,
		 begin, data->len);
}

static void
write_weights(const struct writing *how)
{
	struct model_config config = small;
	struct model_weights unused;
	struct layout layout;
	struct buf header, data;

	buf_init(&header, 1 << 20);
	buf_init(&data, 1 << 24);
	config.is_tied = !how->head;
	assert_int_equal(layout_open(&layout, &config, &err), 0);
	assert_int_equal(layout_place(&layout, &config, &unused, &err), 0);
	buf_addc(&header, '{');
	for (size_t i = how->part; i < layout.n;
	     i += how->n_parts ? how->n_parts : 1) {
		const struct layout_tensor *tensor = &layout.tensors[i];
		const char *base =
			tensor->layer < 0 ? (char *)&made
					  : (char *)&made.layers[tensor->layer];
		const float *numbers =
			strcmp(tensor->name, "lm_head.weight") == 0
				? how->head
				: *(const float **)(base + tensor->member);
		add_tensor(&header, &data, how, tensor, numbers);
	}
	if (how->more)
		buf_addf(&header, how->more, (int)data.len);
	buf_addc(&header, '}');
	char name[40] = "model.safetensors";
	if (how->n_parts)
		snprintf(name, sizeof name, "part-%zu.safetensors", how->part);
	tensors_write(name, buf_str(&header), buf_str(&data), data.len);
	model_weights_release(&unused);
	layout_release(&layout);
	buf_release(&header);
	buf_release(&data);
}

static void
write_config(const char *more)
{
	char text[500];

	snprintf(text, sizeof text, CONFIG "%s}", more);
	model_file_write("config.json", text, strlen(text));
}

static int
load(void)
{
	model_weights_release(&loaded);
	err = (struct err){0};
	return model_weights_load(&loaded, model_dir, &source, &err);
}

static void
expect_loaded(void)
{
	if (load())
		fail_msg("%s", err.text);
	assert_int_equal(loaded.memory_bytes, made.memory_bytes);
	assert_memory_equal(loaded.memory, made.memory, made.memory_bytes);
	assert_ptr_equal(loaded.head, loaded.wte);
	assert_int_equal((uintptr_t)loaded.layers[1].proj_bias % 64, 0);
}

/* The words behind the path of the directory. */
static void
expect_words(const char *words)
{
	char whole[600];

	assert_int_equal(load(), -1);
	snprintf(whole, sizeof whole, "%s%s", model_dir, words);
	assert_string_equal(err.text, whole);
	assert_null(loaded.memory);
}

static int
set_up(void **state)
{
	(void)state;
	model_dir_empty();
	write_config("");
	return 0;
}

static void
test_what_was_written_is_read(void **state)
{
	(void)state;
	write_weights(&(struct writing){.prefix = ""});
	expect_loaded();
	assert_int_equal(source.n_tensors, 28);
	assert_string_equal(source.dtype, "F32");
	assert_true(source.bytes > 4 * model_config_parameters(&small));
	write_weights(&(struct writing){.prefix = "transformer."});
	expect_loaded();
}

static void
test_buffers_and_other_heads_are_left_alone(void **state)
{
	(void)state;
	write_weights(&(struct writing){
		.prefix = "transformer.",
		.more = ",\"transformer.h.0.attn.bias\":{\"dtype\":\"BOOL\","
			"\"shape\":[1,1,0,6],\"data_offsets\":[%1$d,%1$d]},"
			"\"transformer.h.1.attn.masked_bias\":{\"dtype\":"
			"\"F64\",\"shape\":[0],\"data_offsets\":[%1$d,%1$d]},"
			"\"score.weight\":{\"dtype\":\"U8\",\"shape\":[0],"
			"\"data_offsets\":[%1$d,%1$d]}"});
	expect_loaded();
	assert_int_equal(source.n_tensors, 31);
}

static void
test_the_head_is_wte_or_its_own(void **state)
{
	struct writing how = {.prefix = "transformer.", .head = made.wte};
	float *other = malloc(300 * 8 * sizeof *other);

	(void)state;
	write_weights(&how);
	expect_loaded();
	assert_true(loaded.config.is_tied);
	memcpy(other, made.wte, 300 * 8 * sizeof *other);
	other[2399] += 1;
	how.head = other;
	write_weights(&how);
	assert_int_equal(load(), 0);
	assert_false(loaded.config.is_tied);
	assert_memory_equal(loaded.head, other, 300 * 8 * sizeof *other);
	assert_memory_equal(loaded.wte, made.wte, 300 * 8 * sizeof *other);
	free(other);
	write_config(", \"tie_word_embeddings\": false");
	write_weights(&(struct writing){.prefix = ""});
	expect_words("/model.safetensors: tensor 'lm_head.weight' is missing, "
		     "and config.json says that it is not wte");
}

static void
test_halves_are_read_as_floats(void **state)
{
	(void)state;
	write_weights(&(struct writing){.prefix = "", .dtype = "BF16"});
	assert_int_equal(load(), 0);
	assert_string_equal(source.dtype, "BF16");
	for (size_t i = 0; i < 300 * 8; i++) {
		uint32_t bits;
		memcpy(&bits, &made.wte[i], sizeof bits);
		bits &= 0xFFFF0000;
		assert_memory_equal(&loaded.wte[i], &bits, sizeof bits);
	}
	write_weights(&(struct writing){.prefix = "", .dtype = "F16"});
	assert_int_equal(load(), 0);
	assert_true(loaded.layers[1].proj_bias[7] == 1.5F);
	write_weights(&(struct writing){.prefix = "", .dtype = "F64"});
	expect_words("/model.safetensors: tensor 'wte.weight' is of type F64; "
		     "only F32, F16 and BF16 can be read: save the model with "
		     "one of these");
}

static void
test_missing_and_misshaped_tensors_are_named(void **state)
{
	(void)state;
	write_weights(&(struct writing){.prefix = "transformer.",
					.without = "h.1.ln_2.bias"});
	expect_words(
		"/model.safetensors: tensor 'transformer.h.1.ln_2.bias' is "
		"missing");
	write_weights(&(struct writing){.prefix = "", .without = "wte.weight"});
	expect_words("/model.safetensors: tensor 'wte.weight' is missing");
	write_weights(&(struct writing){.prefix = "", .as = "[20,8]"});
	expect_words("/model.safetensors: tensor 'h.1.mlp.c_fc.weight' has the "
		     "shape [20, 8], where config.json asks for [8, 20]");
	write_weights(&(struct writing){.prefix = "", .as = "[160]"});
	expect_words("/model.safetensors: tensor 'h.1.mlp.c_fc.weight' has the "
		     "shape [160], where config.json asks for [8, 20]");
	write_weights(&(struct writing){.prefix = ""});
	write_config(", \"n_inner\": 21");
	assert_int_equal(load(), -1);
}

static void
test_what_is_no_part_of_the_model_is_refused(void **state)
{
	(void)state;
	model_file_write("config.json", CONFIG "}", strlen(CONFIG) + 1);
	write_weights(&(struct writing){
		.prefix = "",
		.more = ",\"h.2.ln_1.bias\":{\"dtype\":\"F32\",\"shape\":[0],"
			"\"data_offsets\":[%1$d,%1$d]}"});
	expect_words(
		"/model.safetensors: tensor 'h.2.ln_1.bias' is in no GPT-2 "
		"of 2 layers");
}

static void
test_numbers_that_are_none_are_refused(void **state)
{
	(void)state;
	write_weights(&(struct writing){.prefix = "transformer.",
					.broken = "h.1.mlp.c_proj.weight"});
	expect_words("/model.safetensors: tensor "
		     "'transformer.h.1.mlp.c_proj.weight' holds numbers that "
		     "are not finite (NaN or infinite): the model is broken");
}

/* An index of the parts that write_weights() makes. */
static void
write_index(size_t n_parts)
{
	struct layout layout;
	struct buf text;

	buf_init(&text, 1 << 20);
	assert_int_equal(layout_open(&layout, &small, &err), 0);
	buf_adds(&text, "{\"metadata\": {}, \"weight_map\": {");
	for (size_t i = 0; i < layout.n; i++)
		buf_addf(&text,
			 "%s\"transformer.%s\": \"part-%zu.safetensors\"",
			 i ? ", " : "", layout.tensors[i].name, i % n_parts);
	buf_adds(&text, "}}");
	model_file_write("model.safetensors.index.json", buf_str(&text),
			 text.len);
	layout_release(&layout);
	buf_release(&text);
}

static void
test_weights_in_several_files_are_read(void **state)
{
	struct writing how = {.prefix = "transformer.", .n_parts = 3};

	(void)state;
	for (how.part = 0; how.part < how.n_parts; how.part++)
		write_weights(&how);
	write_index(how.n_parts);
	expect_loaded();
	assert_int_equal(source.n_tensors, 28);
	assert_string_equal(source.path,
			    model_path("model.safetensors.index.json"));
	how.part = 1;
	how.broken = "h.0.mlp.c_fc.bias";
	write_weights(&how);
	if (load() == 0)
		fail_msg("what is broken was read");
	assert_non_null(strstr(err.text, "/part-1.safetensors: tensor 'transfo"
					 "rmer.h.0.mlp.c_fc.bias' holds"));
	/* One file is preferred. */
	write_weights(&(struct writing){.prefix = "transformer."});
	expect_loaded();
	assert_string_equal(source.path, model_path("model.safetensors"));
}

#define BY_LIBRARY                                   \
	"with Python's transformers, "               \
	"GPT2LMHeadModel.from_pretrained(DIR).save_" \
	"pretrained(OUT, safe_serialization=True)"

static void
test_other_formats_are_refused_with_a_way(void **state)
{
	(void)state;
	expect_words(" has no model.safetensors");
	model_file_write("model.onnx", "\x08", 1);
	expect_words(
		" has no model.safetensors; its model.onnx is an ONNX "
		"graph; convert it: there is no way back from it: take the "
		"model it was exported from, " BY_LIBRARY);
	model_file_write("pytorch_model.bin", "PK\3\4", 4);
	expect_words(" has no model.safetensors; its pytorch_model.bin is "
		     "PyTorch's own format; convert it: " BY_LIBRARY);
	model_file_write("model.safetensors", "PK\3\4\0\0\0\0\0\0", 10);
	expect_words("/model.safetensors: this is a PyTorch archive (ZIP), not "
		     "safetensors; convert it: " BY_LIBRARY);
	model_file_write("model.safetensors",
			 "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50"
			 "\x19.",
			 15);
	expect_words(
		"/model.safetensors: this is a PyTorch file of the old "
		"format (pickle), not safetensors; convert it: " BY_LIBRARY);
	model_file_write("model.safetensors", "GGUF\3\0\0\0", 8);
	assert_int_equal(load(), -1);
	assert_non_null(strstr(err.text, "this is a GGUF file"));
	model_file_write("model.safetensors", "\x89HDF\r\n\x1a\n", 8);
	assert_int_equal(load(), -1);
	assert_non_null(strstr(err.text, "this is a Keras file (HDF5)"));
	model_file_write("model.safetensors",
			 "version https://git-lfs.github.com/spec/v1\n", 43);
	assert_int_equal(load(), -1);
	assert_non_null(strstr(err.text, "git lfs pull"));
}

static void
test_formats_are_told_by_their_names(void **state)
{
	static const char *const cases[][2] = {
		{"model.pth", "model.pth is PyTorch's own format; convert it"},
		{"model.pt", "model.pt is PyTorch's own format; convert it"},
		{"flax_model.msgpack", "is a Flax file; convert it: with "
				       "Python's transformers, "
				       "GPT2LMHeadModel.from_pretrained(DIR, "
				       "from_flax=True)"},
		{"tf_model.h5", "tf_model.h5 is a Keras file (HDF5); convert "
				"it: with Python's transformers, "
				"GPT2LMHeadModel.from_pretrained(DIR, "
				"from_tf=True)"},
		{"a.gguf", "a.gguf is a GGUF file; convert it: with Python's "
			   "transformers, GPT2LMHeadModel.from_pretrained("
			   "DIR, gguf_file=FILE)"},
		{"pytorch_model.bin.index.json",
		 "pytorch_model.bin.index.json is PyTorch's own format"},
	};

	(void)state;
	/* Each is preferred to those before it. */
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		model_file_write(cases[i][0], "", 0);
		assert_int_equal(load(), -1);
		if (!strstr(err.text, cases[i][1]))
			fail_msg("%s", err.text);
	}
}

static void
test_a_file_in_the_place_of_a_directory_is_told(void **state)
{
	char path[400];

	(void)state;
	snprintf(path, sizeof path, "%s", model_path("x.gguf"));
	model_file_write("x.gguf", "GGUF", 4);
	assert_int_equal(model_weights_load(&loaded, path, NULL, &err), -1);
	assert_non_null(strstr(err.text, "x.gguf is a GGUF file; convert it"));
	snprintf(path, sizeof path, "%s", model_path("config.json"));
	assert_int_equal(model_weights_load(&loaded, path, NULL, &err), -1);
	assert_non_null(strstr(err.text, "is a file; give the directory"));
	assert_int_equal(model_weights_load(&loaded, "/nowhere", NULL, &err),
			 -1);
	assert_string_equal(err.text, "/nowhere: No such file or directory");
	model_file_write("config.json", "{", 1);
	assert_int_equal(load(), -1);
	assert_non_null(strstr(err.text, "/config.json: not JSON"));
}

/* A shape alone must not take memory. */
static void
test_a_large_shape_without_its_weights_takes_no_memory(void **state)
{
	static const char large[] =
		"{\"n_layer\": 48, \"n_embd\": 4096, \"n_head\": 32}";

	(void)state;
	write_weights(&(struct writing){.prefix = ""});
	model_file_write("config.json", large, strlen(large));
	expect_words("/model.safetensors: tensor 'wte.weight' has the shape "
		     "[300, 8], where config.json asks for [50257, 4096]");
}

/* ---- From a seed */

static void
test_a_seed_makes_the_same_weights_everywhere(void **state)
{
	/* Of another program. */
	static const float first[] = {0.0120907379F, -0.00451513007F,
				      0.0191906244F};
	struct model_weights again;
	(void)state;

	for (int i = 0; i < 3; i++)
		assert_true(made.wte[i] == first[i]);
	assert_int_equal(model_weights_make(&again, &small, 1, &err), 0);
	assert_memory_equal(again.memory, made.memory, made.memory_bytes);
	model_weights_release(&again);
	assert_int_equal(model_weights_make(&again, &small, 2, &err), 0);
	assert_memory_not_equal(again.memory, made.memory, made.memory_bytes);
	model_weights_release(&again);
}

static void
expect_moments(const float *numbers, int n, double mean, double deviation)
{
	double sum = 0, squares = 0;

	for (int i = 0; i < n; i++)
		sum += numbers[i];
	for (int i = 0; i < n; i++)
		squares += (numbers[i] - sum / n) * (numbers[i] - sum / n);
	assert_true(fabs(sum / n - mean) < 4 * deviation / sqrt(n));
	assert_true(fabs(sqrt(squares / n) / deviation - 1) <
		    4 / sqrt(2.0 * n));
}

static void
test_a_seed_makes_weights_like_those_of_gpt2(void **state)
{
	struct model_config config = *model_config_find("distilgpt2");
	struct model_weights weights;

	(void)state;
	config.n_vocab = 4096;
	config.eos_token = -1;
	assert_int_equal(model_weights_make(&weights, &config, 7, &err), 0);
	expect_moments(weights.wte, 4096 * 768, 0, 0.02);
	expect_moments(weights.layers[5].fc_weight, 768 * 3072, 0, 0.02);
	expect_moments(weights.layers[0].proj_weight, 768 * 3072, 0,
		       0.02 / sqrt(12));
	expect_moments(weights.layers[3].ln_2_weight, 768, 1, 0.02);
	expect_moments(weights.layers[3].fc_bias, 3072, 0, 0.02);
	model_weights_release(&weights);
	config.n_heads = 5;
	assert_int_equal(model_weights_make(&weights, &config, 7, &err), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_was_written_is_read, set_up),
		cmocka_unit_test_setup(
			test_buffers_and_other_heads_are_left_alone, set_up),
		cmocka_unit_test_setup(test_the_head_is_wte_or_its_own, set_up),
		cmocka_unit_test_setup(test_halves_are_read_as_floats, set_up),
		cmocka_unit_test_setup(
			test_missing_and_misshaped_tensors_are_named, set_up),
		cmocka_unit_test_setup(
			test_what_is_no_part_of_the_model_is_refused, set_up),
		cmocka_unit_test_setup(test_numbers_that_are_none_are_refused,
				       set_up),
		cmocka_unit_test_setup(
			test_other_formats_are_refused_with_a_way, set_up),
		cmocka_unit_test_setup(test_formats_are_told_by_their_names,
				       set_up),
		cmocka_unit_test_setup(test_weights_in_several_files_are_read,
				       set_up),
		cmocka_unit_test_setup(
			test_a_file_in_the_place_of_a_directory_is_told,
			set_up),
		cmocka_unit_test_setup(
			test_a_large_shape_without_its_weights_takes_no_memory,
			set_up),
		cmocka_unit_test(test_a_seed_makes_the_same_weights_everywhere),
		cmocka_unit_test(test_a_seed_makes_weights_like_those_of_gpt2),
	};

	model_dir_make();
	if (model_weights_make(&made, &small, 1, &err))
		return 1;
	int failed = cmocka_run_group_tests_name("weights", tests, NULL, NULL);
	model_weights_release(&loaded);
	model_weights_release(&made);
	model_dir_remove();
	return failed;
}
