/* Converted models: what is written comes back, from the file's own pages or
 * copied, and whatever is wrong with a file is told in words.  Where a file is
 * made wrong its sums are mended, as who makes one for us could do. */
#include "test.h"

#include <sys/stat.h>

#include "byte_vocab.h"
#include "model/compute.h"
#include "model/image_parts.h"
#include "model/load.h"
#include "model/tokenizer.h"
#include "model/weights.h"
#include "model_fixture.h"

/* Less than a part, however it is packed. */
static const struct model_config config = {
	.n_layers = 2,
	.n_heads = 2,
	.n_embd = 70,
	.n_inner = 130,
	.n_positions = 9,
	.n_vocab = 300,
	.layer_norm_eps = 1e-5F,
	.is_tied = true,
	.eos_token = 299,
};

static struct err err;
static struct compute *compute;
static struct model_weights weights;
static struct model model; /* what was packed */
static struct image image; /* what was opened */
static struct buf vocab, file;

#define MERGES "#version: 0.2\na b\n"

static int
put(void *arg, const void *data, size_t len)
{
	return buf_add(arg, data, len);
}

static void
pack(enum packing packing)
{
	model_release(&model);
	assert_int_equal(model_init(&model, &weights, packing, compute, &err),
			 0);
}

/* The file as bytes. */
static void
make(const struct buf *texts)
{
	const struct image made = {
		.model = model,
		.vocab = texts ? buf_str(texts) : NULL,
		.vocab_len = texts ? texts->len : 0,
		.merges = MERGES,
		.merges_len = texts ? strlen(MERGES) : 0,
	};

	buf_clear(&file);
	assert_int_equal(image_write(&made, compute, put, &file, &err), 0);
}

static void
write_bytes(size_t len)
{
	model_file_write("a.tellerd", buf_str(&file), len);
	assert_int_equal(chmod(model_path("a.tellerd"), 0644), 0);
}

static int
open_image(void)
{
	model_release(&image.model);
	err = (struct err){0};
	int rc = image_open(&image, model_path("a.tellerd"), compute, &err);
	assert_int_equal(rc < 0, err.text[0] != '\0');
	if (rc)
		assert_null(image.model.memory);
	return rc;
}

static void
expect_opened(bool is_mapped)
{
	if (open_image())
		fail_msg("%s", err.text);
	assert_int_equal(image.model.is_mapped, is_mapped);
	assert_int_equal(image.model.packing, model.packing);
	assert_memory_equal(&image.model.config, &model.config, sizeof config);
	assert_int_equal(image.model.numbers_bytes, model.numbers_bytes);
	assert_int_equal(image.model.bytes_per_token, model.bytes_per_token);
	assert_memory_equal(image.model.numbers, model.numbers,
			    model.numbers_bytes);
	assert_int_equal((uintptr_t)image.model.numbers % IMAGE_PAGE, 0);
	assert_int_equal((uintptr_t)image.model.blocks[1].proj.panels % 64, 0);
	assert_int_equal(image.bytes, file.len);
}

/* The words behind the path. */
static void
expect_words(const char *words)
{
	char whole[600];

	assert_int_equal(open_image(), -1);
	snprintf(whole, sizeof whole, "%s%s", model_path("a.tellerd"), words);
	assert_string_equal(err.text, whole);
}

static struct image_header *
header(void)
{
	return (struct image_header *)file.data;
}

static struct image_plan
plan(void)
{
	struct image_plan out;

	image_plan_make(&out, vocab.len, strlen(MERGES), model.numbers_bytes);
	return out;
}

/* All sums of the file as it is. */
static void
mend(void)
{
	struct image_plan at = plan();
	uint8_t *sums = (uint8_t *)file.data + at.sums;

	for (uint64_t part = 0; part < at.n_parts; part++)
		crypto_sha256(file.data + at.vocab + part * IMAGE_PART,
			      image_part_bytes(&at, part),
			      sums + part * SHA256_SIZE);
	crypto_sha256(sums, at.vocab - at.sums, header()->sums_sum);
	image_header_sum(header(), header()->sum);
}

static int
set_up(void **state)
{
	(void)state;
	model_dir_empty();
	pack(PACKED_INT8);
	make(&vocab);
	write_bytes(file.len);
	return 0;
}

/* ---- What is right */

static void
expect_round_trip(enum packing packing)
{
	pack(packing);
	make(&vocab);
	write_bytes(file.len);
	expect_opened(true);
	assert_int_equal(image.vocab_len, vocab.len);
	assert_memory_equal(image.vocab, buf_str(&vocab), vocab.len);
	assert_int_equal(image.merges_len, strlen(MERGES));
	assert_memory_equal(image.merges, MERGES, strlen(MERGES));
	make(NULL);
	write_bytes(file.len);
	expect_opened(true);
	assert_int_equal(image.vocab_len + image.merges_len, 0);
}

static void
test_what_was_written_is_opened(void **state)
{
	struct model_config own = config;

	(void)state;
	for (enum packing packing = 0; packing < N_PACKINGS; packing++)
		expect_round_trip(packing);
	own.is_tied = false;
	own.eos_token = -1;
	model_weights_release(&weights);
	assert_int_equal(model_weights_make(&weights, &own, 2, &err), 0);
	for (enum packing packing = 0; packing < N_PACKINGS; packing++)
		expect_round_trip(packing);
	assert_ptr_not_equal(image.model.head.panels,
			     image.model.embedding.panels);
	model_weights_release(&weights);
	assert_int_equal(model_weights_make(&weights, &config, 1, &err), 0);
}

static void
test_a_file_that_others_may_write_is_copied(void **state)
{
	(void)state;
	expect_opened(true);
	for (int bit = 0020; bit > 0; bit = bit == 0020 ? 0002 : 0) {
		assert_int_equal(
			chmod(model_path("a.tellerd"), (mode_t)(0644 | bit)),
			0);
		expect_opened(false);
		assert_memory_equal(image.vocab, buf_str(&vocab), vocab.len);
		/* which cutting it short does not change */
		assert_int_equal(truncate(model_path("a.tellerd"), 0), 0);
		assert_memory_equal(image.model.numbers, model.numbers,
				    model.numbers_bytes);
		write_bytes(file.len);
	}
	if (geteuid() == 0) {
		assert_int_equal(chown(model_path("a.tellerd"), 12345, 0), 0);
		expect_opened(false);
	}
}

static void
test_damage_is_found_in_copies_too(void **state)
{
	(void)state;
	file.data[file.len - 1] ^= 1;
	write_bytes(file.len);
	assert_int_equal(chmod(model_path("a.tellerd"), 0666), 0);
	assert_int_equal(open_image(), -1);
	assert_non_null(strstr(err.text, "are damaged"));
}

/* Who changes one of these changes what is in files that there are: that is
 * another IMAGE_VERSION. */
static void
test_the_layout_is_that_of_this_version(void **state)
{
	static const char *const sums[N_PACKINGS] = {
		"8385b550122911f5f4bc7c0ef68fb4c1a74f24862db9080acecfd1a78af5fc"
		"e0",
		"077feb9cd7bd2354be5c1dc404bcf9cb5c04265b0601d147268c480eda1465"
		"fc",
		"b68416b2ccb43207d45baa3201366e8d7998fbed4af803c8770b6b8b1cc70b"
		"67",
		"032793bd22ab8db4b479b82f880cbab7eb53bd605da7e2ff0a1e592abfc044"
		"e9"};
	char sum[SHA256_HEX_SIZE];

	(void)state;
	assert_int_equal(IMAGE_VERSION, 1);
	for (enum packing packing = 0; packing < N_PACKINGS; packing++) {
		pack(packing);
		make(&vocab);
		crypto_sha256_hex(file.data, file.len, sum);
		assert_string_equal(sum, sums[packing]);
	}
}

static int
put_little(void *arg, const void *data, size_t len)
{
	size_t *left = arg;

	(void)data;
	if (len > *left)
		return -1;
	*left -= len;
	return 0;
}

static void
test_writing_ends_where_it_fails(void **state)
{
	const struct image made = {.model = model};

	(void)state;
	make(NULL);
	for (size_t room = 0; room <= file.len; room += 4096) {
		size_t left = room;
		assert_int_equal(
			image_write(&made, compute, put_little, &left, &err),
			room < file.len ? -1 : 0);
	}
}

static void
test_what_begins_as_one_is_taken_for_one(void **state)
{
	(void)state;
	assert_true(image_is(model_path("a.tellerd")));
	assert_false(image_is(model_dir));
	assert_false(image_is(model_path("b.tellerd")));
	model_file_write("b.tellerd", "\x89tellerd model\n", 15);
	assert_false(image_is(model_path("b.tellerd")));
	model_file_write("b.tellerd", "", 0);
	assert_false(image_is(model_path("b.tellerd")));
}

/* ---- What is wrong */

#define AGAIN "copy it again, or make it anew with 'tellerctl model convert'"

static void
test_a_bit_that_fell_over_is_found_wherever_it_is(void **state)
{
	(void)state;
	for (size_t at = 0; at < file.len; at += at < 4096 ? 97 : 1013) {
		file.data[at] ^= 0x10;
		write_bytes(file.len);
		assert_int_equal(open_image(), -1);
		file.data[at] ^= 0x10;
	}
	write_bytes(file.len);
	expect_opened(true);
	file.data[40] ^= 1;
	write_bytes(file.len);
	expect_words(": its header is damaged: " AGAIN);
	file.data[40] ^= 1;
	file.data[4096] ^= 1;
	write_bytes(file.len);
	expect_words(": its sums are damaged: " AGAIN);
	file.data[4096] ^= 1;
	file.data[8192] ^= 1;
	write_bytes(file.len);
	assert_int_equal(open_image(), -1);
	assert_non_null(strstr(err.text, ": its bytes from 8192 to "));
	assert_non_null(strstr(err.text, " are damaged: " AGAIN));
}

static void
test_a_file_of_another_length_is_refused(void **state)
{
	char words[200];

	(void)state;
	for (size_t len = 0; len < file.len; len += len < 4097 ? 241 : 1777) {
		write_bytes(len);
		assert_int_equal(open_image(), -1);
	}
	write_bytes(4000);
	expect_words(": it is cut short: " AGAIN);
	write_bytes(file.len - 1);
	snprintf(words, sizeof words, ": it has %zu bytes, not %zu: " AGAIN,
		 file.len - 1, file.len);
	expect_words(words);
	size_t len = file.len;
	buf_addc(&file, '\0');
	write_bytes(file.len);
	snprintf(words, sizeof words, ": it has %zu bytes, not %zu: " AGAIN,
		 len + 1, len);
	expect_words(words);
}

static void
test_other_versions_are_refused(void **state)
{
	(void)state;
	header()->version = 2; /* whatever else there is */
	write_bytes(file.len);
	expect_words(": it is of version 2, of a newer program than this one, "
		     "which reads version 1: make it anew with this one's "
		     "'tellerctl model convert'");
	header()->version = 0;
	write_bytes(file.len);
	expect_words(": it is of version 0, which is no longer read: make it "
		     "anew with 'tellerctl model convert'");
	memcpy(file.data, "GGUF", 4);
	write_bytes(file.len);
	expect_words(": it is no converted model");
}

#define MEMBER(name) offsetof(struct image_header, name), sizeof header()->name

/* In a header whose sum is right. */
static const struct {
	size_t at, size;
	uint64_t value;
	const char *words;
} wrong_headers[] = {
	{MEMBER(packing), 4, "packed in no known way"},
	{MEMBER(packing), UINT32_MAX, "packed in no known way"},
	{MEMBER(packing), PACKED_F32, "bytes of numbers, where"},
	{MEMBER(n_layers), 0, "n_layer is 0, not between"},
	{MEMBER(n_layers), UINT32_MAX, "n_layer is -1, not between"},
	{MEMBER(n_layers), 513, "n_layer is 513, not between"},
	{MEMBER(n_layers), 1, "bytes of numbers, where its shape"},
	{MEMBER(n_heads), 3, "n_embd 70 is no multiple of n_head 3"},
	{MEMBER(n_embd), 1 << 30, "n_embd is 1073741824, not"},
	{MEMBER(n_embd), 16384, "bytes of numbers, where its shape"},
	{MEMBER(n_inner), 65536, "bytes of numbers, where its shape"},
	{MEMBER(n_positions), 1 << 17, "bytes of numbers, where"},
	{MEMBER(n_vocab), 1 << 20, "bytes of numbers, where"},
	{MEMBER(n_vocab), 0x80000000, "vocab_size is -2147483648"},
	{MEMBER(eos_token), 300, "eos_token_id 300 is not in the"},
	{MEMBER(eos_token), 0xFFFFFFFE, "eos_token_id -2 is not"},
	{MEMBER(is_tied), 2, "whether it has a head is not known"},
	{MEMBER(layer_norm_eps), 0x7FC00000, "layer_norm_epsilon"},
	{MEMBER(layer_norm_eps), 0, "layer_norm_epsilon is not"},
	{MEMBER(reserved), 1, "its header says something that"},
	{MEMBER(reserved), 0x80000000, "its header says something that"},
	{offsetof(struct image_header, unused), 1, 1, "says something that"},
	{offsetof(struct image_header, sums_sum) - 1, 1, 0x80, "says someth"},
	{MEMBER(numbers_bytes), 64, "it has 64 bytes of numbers"},
	{MEMBER(numbers_bytes), UINT64_MAX, "bytes of numbers, where"},
	{MEMBER(vocab_bytes), UINT64_MAX, "its vocabulary is of no"},
	{MEMBER(vocab_bytes), UINT64_MAX - 4094, "is of no possible"},
	{MEMBER(vocab_bytes), TOKENIZER_FILE_MAX + 1, "of no possible"},
	{MEMBER(vocab_bytes), TOKENIZER_FILE_MAX, "its parts are"},
	{MEMBER(vocab_bytes), 0, "its vocabulary is of no possible"},
	{MEMBER(merges_bytes), UINT64_MAX, "its vocabulary is of no"},
	{MEMBER(merges_bytes), 8192, "where its parts are"},
	{MEMBER(file_bytes), 0, "it says that it has 0 bytes, where"},
	{MEMBER(file_bytes), UINT64_MAX, "where its parts are"},
};

static void
test_headers_that_say_something_else_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong_headers / sizeof *wrong_headers;
	     i++) {
		char was[8];
		memcpy(was, file.data + wrong_headers[i].at,
		       wrong_headers[i].size);
		memcpy(file.data + wrong_headers[i].at, &wrong_headers[i].value,
		       wrong_headers[i].size);
		mend();
		write_bytes(file.len);
		assert_int_equal(open_image(), -1);
		if (!strstr(err.text, wrong_headers[i].words))
			fail_msg("case %zu: %s", i, err.text);
		memcpy(file.data + wrong_headers[i].at, was,
		       wrong_headers[i].size);
	}
	mend();
	write_bytes(file.len);
	expect_opened(true);
}

/* Both ends agree, but the shape needs more than there is. */
static void
test_a_large_shape_without_its_numbers_takes_no_memory(void **state)
{
	(void)state;
	header()->n_layers = 512;
	header()->n_embd = 1024;
	header()->n_inner = 4096;
	header()->n_vocab = 1 << 20;
	header()->numbers_bytes = 1 << 30;
	header()->file_bytes = 1 << 30;
	mend();
	write_bytes(file.len);
	assert_int_equal(open_image(), -1);
	assert_non_null(strstr(err.text, "bytes of numbers, where its shape"));
	header()->n_layers = 200;
	struct model shape;
	const struct model_config large = {.n_layers = 200,
					   .n_heads = 2,
					   .n_embd = 1024,
					   .n_inner = 4096,
					   .n_positions = 9,
					   .n_vocab = 1 << 20,
					   .is_tied = true};
	assert_int_equal(model_shape(&shape, &large, PACKED_INT8, &err), 0);
	struct image_plan at;
	image_plan_make(&at, vocab.len, strlen(MERGES), shape.numbers_bytes);
	header()->numbers_bytes = shape.numbers_bytes;
	header()->file_bytes = at.end;
	model_release(&shape);
	image_header_sum(header(), header()->sum);
	write_bytes(file.len);
	assert_int_equal(open_image(), -1);
	assert_non_null(strstr(err.text, "bytes, not "));
}

/* One that none is at the end of each kind of number. */
static void
test_numbers_that_are_none_are_refused(void **state)
{
	static const struct {
		enum packing packing;
		size_t size;
		uint32_t bits;
	} cases[] = {
		{PACKED_F32, 4, 0x7FC00000}, {PACKED_F32, 4, 0xFF800000},
		{PACKED_BF16, 2, 0x7F80},    {PACKED_BF16, 2, 0xFFFF},
		{PACKED_INT8, 2, 0x7F80},    {PACKED_INT4, 2, 0xFF81},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		pack(cases[i].packing);
		const struct block *block = &model.blocks[1];
		const unsigned char *const places[] = {
			block->attn.panels,
			block->proj.panels + block->proj.panel_bytes,
			model.head.panels,
		};
		for (int p = 0; p < 3; p++) {
			make(&vocab);
			memcpy(file.data + plan().numbers +
				       (places[p] - model.numbers),
			       &cases[i].bits, cases[i].size);
			mend();
			write_bytes(file.len);
			expect_words(" holds numbers that are not finite (NaN "
				     "or infinite): the model is broken");
		}
	}
}

static void
test_norms_and_biases_are_numbers_too(void **state)
{
	const struct block *block = &model.blocks[0];
	const float *const places[] = {
		block->ln_1_weight, block->ln_1_bias,	  block->ln_2_weight,
		block->ln_2_bias,   block->attn.bias,	  block->fc.bias,
		model.ln_f_weight,  model.ln_f_bias,	  model.positions,
		block->proj.bias,   block->attn_proj.bias};
	static const uint32_t bits = 0x7F800001;

	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		make(&vocab);
		memcpy(file.data + plan().numbers +
			       ((const unsigned char *)places[i] -
				model.numbers),
		       &bits, sizeof bits);
		mend();
		write_bytes(file.len);
		assert_int_equal(open_image(), -1);
		assert_non_null(strstr(err.text, "not finite"));
	}
}

/* ---- With all around it */

static void
expect_refused(int packing, const char *words)
{
	struct tokenizer *tokenizer;
	struct model loaded;

	assert_int_equal(model_load(&loaded, &tokenizer,
				    model_path("a.tellerd"), packing, compute,
				    &err),
			 -1);
	assert_null(loaded.memory);
	assert_null(tokenizer);
	if (!strstr(err.text, words))
		fail_msg("%s", err.text);
}

static void
test_a_model_is_loaded_with_its_vocabulary(void **state)
{
	struct tokenizer *tokenizer;
	struct model loaded;

	(void)state;
	for (int packing = -1; packing <= PACKED_INT8; packing += 3) {
		assert_int_equal(model_load(&loaded, &tokenizer,
					    model_path("a.tellerd"), packing,
					    compute, &err),
				 0);
		assert_int_equal(tokenizer_size(tokenizer), 257);
		tokenizer_free(tokenizer);
		model_release(&loaded);
	}
	struct model_look look;
	assert_int_equal(model_look(&look, model_path("a.tellerd"), -1, &err),
			 0);
	assert_memory_equal(&look.config, &config, sizeof config);
	assert_int_equal(look.packing, PACKED_INT8);
	assert_true(look.has_vocabulary);
	assert_int_equal(
		model_look(&look, model_path("a.tellerd"), PACKED_F32, &err),
		-1);
	expect_refused(PACKED_BF16, "was converted to int8, not bf16: convert "
				    "its model anew");
	tokenizer = model_load_tokenizer(model_path("a.tellerd"), &err);
	assert_int_equal(tokenizer_size(tokenizer), 257);
	tokenizer_free(tokenizer);
	make(NULL);
	write_bytes(file.len);
	assert_null(model_load_tokenizer(model_path("a.tellerd"), &err));
	assert_non_null(strstr(err.text, "converted without a vocabulary"));
}

/* Of several parts; damage behind the first is none of a tokenizer's. */
static void
test_a_tokenizer_needs_its_own_bytes_alone(void **state)
{
	struct model_config own = config;
	struct tokenizer *tokenizer;

	(void)state;
	own.n_inner = 1024;
	model_weights_release(&weights);
	assert_int_equal(model_weights_make(&weights, &own, 2, &err), 0);
	expect_round_trip(PACKED_F32);
	make(&vocab);
	assert_true(plan().n_parts > 1);
	file.data[file.len - 1] ^= 1;
	write_bytes(file.len);
	assert_int_equal(open_image(), -1);
	tokenizer = model_load_tokenizer(model_path("a.tellerd"), &err);
	if (!tokenizer)
		fail_msg("%s", err.text);
	assert_int_equal(tokenizer_size(tokenizer), 257);
	tokenizer_free(tokenizer);
	const uint64_t places[] = {40, plan().sums, plan().vocab + 1,
				   plan().merges, plan().numbers - 1};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		file.data[places[i]] ^= 1;
		write_bytes(file.len);
		assert_null(
			model_load_tokenizer(model_path("a.tellerd"), &err));
		assert_non_null(strstr(err.text, "damaged: " AGAIN));
		file.data[places[i]] ^= 1;
	}
	model_weights_release(&weights);
	assert_int_equal(model_weights_make(&weights, &config, 1, &err), 0);
}

static void
test_a_vocabulary_that_is_none_is_refused(void **state)
{
	struct buf other;

	(void)state;
	buf_init(&other, 1 << 20);
	buf_adds(&other, "{");
	make(&other);
	write_bytes(file.len);
	expect_refused(-1, "a.tellerd: vocab.json: not JSON");
	buf_clear(&other);
	add_byte_vocab(&other);
	buf_adds(&other, ",\"ab\":300}");
	make(&other);
	write_bytes(file.len);
	expect_refused(-1, "vocab.json has ids up to 300, but the model's "
			   "vocab_size is 300");
	buf_release(&other);
}

static int
begin(void **state)
{
	(void)state;
	model_dir_make();
	compute = compute_new(2, &err);
	buf_init(&vocab, 1 << 20);
	buf_init(&file, 1 << 26);
	add_byte_vocab(&vocab);
	buf_adds(&vocab, ",\"ab\":256}");
	return compute ? model_weights_make(&weights, &config, 1, &err) : -1;
}

static int
end(void **state)
{
	(void)state;
	model_release(&image.model);
	model_release(&model);
	model_weights_release(&weights);
	compute_free(compute);
	buf_release(&vocab);
	buf_release(&file);
	model_dir_remove();
	return 0;
}

#define TEST(function) cmocka_unit_test_setup(function, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_was_written_is_opened),
		TEST(test_a_file_that_others_may_write_is_copied),
		TEST(test_damage_is_found_in_copies_too),
		TEST(test_the_layout_is_that_of_this_version),
		TEST(test_writing_ends_where_it_fails),
		TEST(test_what_begins_as_one_is_taken_for_one),
		TEST(test_a_bit_that_fell_over_is_found_wherever_it_is),
		TEST(test_a_file_of_another_length_is_refused),
		TEST(test_other_versions_are_refused),
		TEST(test_headers_that_say_something_else_are_refused),
		TEST(test_a_large_shape_without_its_numbers_takes_no_memory),
		TEST(test_numbers_that_are_none_are_refused),
		TEST(test_norms_and_biases_are_numbers_too),
		TEST(test_a_model_is_loaded_with_its_vocabulary),
		TEST(test_a_tokenizer_needs_its_own_bytes_alone),
		TEST(test_a_vocabulary_that_is_none_is_refused),
	};

	return cmocka_run_group_tests_name("model_image", tests, begin, end);
}
