#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

static void
assert_sha256(const char *text, const char *expected)
{
	char hex[SHA256_HEX_SIZE];

	crypto_sha256_hex(text, strlen(text), hex);
	assert_string_equal(hex, expected);
}

static void
test_sha256_gives_the_vectors_of_fips_180(void **state)
{
	char *million = malloc(1000001);

	(void)state;
	assert_sha256("", "e3b0c44298fc1c149afbf4c8996fb924"
			  "27ae41e4649b934ca495991b7852b855");
	assert_sha256("abc", "ba7816bf8f01cfea414140de5dae2223"
			     "b00361a396177a9cb410ff61f20015ad");
	assert_sha256(
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039"
		"a33ce45964ff2167f6ecedd419db06c1");
	memset(million, 'a', 1000000);
	million[1000000] = '\0';
	assert_sha256(million, "cdc76e5c9914fb9281a1c7e284d73e67"
			       "f1809a48a497200e046d39ccc7112cd0");
	free(million);
}

struct hmac_vector {
	const char *key, *data; /* "" with a length: that byte repeated */
	size_t key_len, len;
	unsigned char key_byte, data_byte;
	const char *sum;
};

/* RFC 4231, section 4; of case 5 the first 16 bytes are given. */
static const struct hmac_vector hmac_vectors[] = {
	{"", "Hi There", 20, 8, 0x0b, 0,
	 "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	{"Jefe", "what do ya want for nothing?", 4, 28, 0, 0,
	 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	{"", "", 20, 50, 0xaa, 0xdd,
	 "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
	{"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11"
	 "\x12\x13\x14\x15\x16\x17\x18\x19",
	 "", 25, 50, 0, 0xcd,
	 "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
	{"", "Test With Truncation", 20, 20, 0x0c, 0,
	 "a3b6167473100ee06e0c796c2955552b"},
	{"", "Test Using Larger Than Block-Size Key - Hash Key First", 131, 54,
	 0xaa, 0,
	 "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
	{"",
	 "This is a test using a larger than block-size key and a larger than "
	 "block-size data. The key needs to be hashed before being used by the "
	 "HMAC algorithm.",
	 131, 152, 0xaa, 0,
	 "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static void
fill(unsigned char *out, const char *text, size_t len, unsigned char byte)
{
	if (text[0])
		memcpy(out, text, len);
	else
		memset(out, byte, len);
}

static void
test_hmac_gives_the_vectors_of_rfc_4231(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hmac_vectors / sizeof *hmac_vectors;
	     i++) {
		const struct hmac_vector *v = &hmac_vectors[i];
		unsigned char key[200], data[200];
		uint8_t sum[SHA256_SIZE];
		char hex[SHA256_HEX_SIZE];
		fill(key, v->key, v->key_len, v->key_byte);
		fill(data, v->data, v->len, v->data_byte);
		crypto_hmac_sha256(key, v->key_len, data, v->len, sum);
		crypto_hex(sum, sizeof sum, hex);
		hex[strlen(v->sum)] = '\0';
		assert_string_equal(hex, v->sum);
	}
}

static void
test_random_bytes_are_all_set(void **state)
{
	uint8_t a[32], b[32];

	(void)state;
	crypto_random(a, sizeof a);
	crypto_random(b, sizeof b);
	assert_memory_not_equal(a, b, sizeof a);
	crypto_random(a, 0);
}

static void
test_equal_sees_every_byte(void **state)
{
	uint8_t a[64] = {0}, b[64] = {0};

	(void)state;
	assert_true(crypto_equal(a, b, 0));
	assert_true(crypto_equal(a, b, sizeof a));
	for (size_t i = 0; i < sizeof a; i++) {
		b[i] = 1;
		assert_false(crypto_equal(a, b, sizeof a));
		b[i] = 0;
	}
}

static void
test_wiped_secret_is_gone(void **state)
{
	static const char zeros[16];
	char secret[16] = "top secret";

	(void)state;
	crypto_wipe(secret, sizeof secret);
	assert_memory_equal(secret, zeros, sizeof secret);
}

static void
test_base64url_gives_the_vectors_of_rfc_4648(void **state)
{
	static const char *const vectors[][2] = {
		{"", ""},
		{"f", "Zg"},
		{"fo", "Zm8"},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg"},
		{"fooba", "Zm9vYmE"},
		{"foobar", "Zm9vYmFy"},
		{"\xfb\xff\xfe", "-__-"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		size_t len = strlen(vectors[i][0]);
		char text[16], back[8];
		crypto_base64url(vectors[i][0], len, text);
		assert_string_equal(text, vectors[i][1]);
		assert_int_equal(crypto_base64url_decode(text, back, len), len);
		assert_memory_equal(back, vectors[i][0], len);
	}
}

static void
test_base64url_of_any_bytes_comes_back(void **state)
{
	uint8_t bytes[256], back[256];
	char text[343];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 167 + 13);
	for (size_t len = 0; len <= sizeof bytes; len++) {
		crypto_base64url(bytes, len, text);
		assert_true(strlen(text) + 1 <= (len * 4 + 2) / 3 + 1);
		assert_int_equal(crypto_base64url_decode(text, back, len), len);
		assert_memory_equal(back, bytes, len);
	}
}

static void
test_what_is_not_base64url_is_refused(void **state)
{
	static const char *const texts[] = {
		"A",	"AAAAA",      "Zg==",  "Zm8=", "Zm9 ",
		"Zm+v", "Zm/v",	      "Zm\n8", "Zh", /* bits that belong to no
							byte */
		"Zm9",	"\xC3\xA9zz",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		uint8_t out[8] = {42};
		assert_int_equal(crypto_base64url_decode(texts[i], out, 8), -1);
		assert_int_equal(out[0], 42);
	}
}

static void
test_base64url_longer_than_out_is_refused(void **state)
{
	uint8_t out[3];

	(void)state;
	assert_int_equal(crypto_base64url_decode("Zm9vYg", out, 3), -1);
	assert_int_equal(crypto_base64url_decode("Zg", out, 0), -1);
	assert_int_equal(crypto_base64url_decode("Zm9v", out, 3), 3);
}

static const uint8_t key[32] = "0123456789abcdef0123456789abcde";

static void
test_sealed_data_opens_again(void **state)
{
	uint8_t data[100], sealed[100 + CRYPTO_SEAL_EXTRA], opened[100];
	struct err err = {0};

	(void)state;
	memset(data, 'x', sizeof data);
	for (size_t len = 0; len <= sizeof data; len++) {
		crypto_seal(key, len % 2 ? "about" : "", data, len, sealed);
		assert_int_equal(crypto_unseal(key, len % 2 ? "about" : "",
					       sealed, len + CRYPTO_SEAL_EXTRA,
					       opened, &err),
				 0);
		assert_memory_equal(opened, data, len);
	}
}

static void
test_sealing_twice_gives_two_texts(void **state)
{
	uint8_t a[4 + CRYPTO_SEAL_EXTRA], b[4 + CRYPTO_SEAL_EXTRA];

	(void)state;
	crypto_seal(key, "about", "text", 4, a);
	crypto_seal(key, "about", "text", 4, b);
	assert_memory_not_equal(a, b, 12);
	assert_memory_not_equal(a + 12, b + 12, 4);
}

static void
test_tampering_with_any_bit_is_seen(void **state)
{
	uint8_t sealed[4 + CRYPTO_SEAL_EXTRA], opened[4];
	static const uint8_t zeros[4];

	(void)state;
	crypto_seal(key, "about", "text", 4, sealed);
	for (size_t bit = 0; bit < sizeof sealed * 8; bit++) {
		struct err err = {0};
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(crypto_unseal(key, "about", sealed,
					       sizeof sealed, opened, &err),
				 -1);
		assert_string_not_equal(err.text, "");
		assert_memory_equal(opened, zeros, sizeof opened);
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void
test_other_key_purpose_or_length_does_not_open(void **state)
{
	uint8_t sealed[4 + CRYPTO_SEAL_EXTRA], opened[4], other[32];

	(void)state;
	memcpy(other, key, sizeof other);
	other[31] ^= 1;
	crypto_seal(key, "about", "text", 4, sealed);
	assert_int_equal(crypto_unseal(other, "about", sealed, sizeof sealed,
				       opened, NULL),
			 -1);
	assert_int_equal(crypto_unseal(key, "abouT", sealed, sizeof sealed,
				       opened, NULL),
			 -1);
	assert_int_equal(
		crypto_unseal(key, "", sealed, sizeof sealed, opened, NULL),
		-1);
	for (size_t len = 0; len < sizeof sealed; len++)
		assert_int_equal(
			crypto_unseal(key, "about", sealed, len, opened, NULL),
			-1);
	assert_int_equal(crypto_unseal(key, "about", sealed, sizeof sealed,
				       opened, NULL),
			 0);
	assert_memory_equal(opened, "text", 4);
}

static void
test_sha256_of_a_file_is_that_of_its_bytes(void **state)
{
	static char data[100000];
	char sum[SHA256_HEX_SIZE], of_file[SHA256_HEX_SIZE];
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	assert_int_equal(crypto_sha256_file_hex(fileno(file), of_file), 0);
	crypto_sha256_hex("", 0, sum);
	assert_string_equal(of_file, sum);
	memset(data, 'x', sizeof data);
	assert_int_equal(fwrite(data, 1, sizeof data, file), sizeof data);
	assert_int_equal(fflush(file), 0);
	assert_int_equal(crypto_sha256_file_hex(fileno(file), of_file), 0);
	crypto_sha256_hex(data, sizeof data, sum);
	assert_string_equal(of_file, sum);
	fclose(file);
	assert_int_equal(crypto_sha256_file_hex(-1, of_file), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256_of_a_file_is_that_of_its_bytes),
		cmocka_unit_test(test_sha256_gives_the_vectors_of_fips_180),
		cmocka_unit_test(test_hmac_gives_the_vectors_of_rfc_4231),
		cmocka_unit_test(test_random_bytes_are_all_set),
		cmocka_unit_test(test_equal_sees_every_byte),
		cmocka_unit_test(test_wiped_secret_is_gone),
		cmocka_unit_test(test_base64url_gives_the_vectors_of_rfc_4648),
		cmocka_unit_test(test_base64url_of_any_bytes_comes_back),
		cmocka_unit_test(test_what_is_not_base64url_is_refused),
		cmocka_unit_test(test_base64url_longer_than_out_is_refused),
		cmocka_unit_test(test_sealed_data_opens_again),
		cmocka_unit_test(test_sealing_twice_gives_two_texts),
		cmocka_unit_test(test_tampering_with_any_bit_is_seen),
		cmocka_unit_test(
			test_other_key_purpose_or_length_does_not_open),
	};

	return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
