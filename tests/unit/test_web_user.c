/* Tokens of signed users: what is taken for proof, and what is not. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "signed_token.h"
#include "user.h"

#define NOW_S 1770000000
#define CLAIMS "{\"sub\":\"k-17\",\"name\":\"Zoe\",\"exp\":1770000300}"

static const char *why;
static struct user user;

static int
take(const char *token, size_t len, const char *secret)
{
	/* In memory of its own, so that a read beyond it is seen. */
	char *copy = mem_new(len ? len : 1);
	memcpy(copy, token, len);
	why = NULL;
	int rc = user_read(&user, copy, len, secret, strlen(secret), NOW_S,
			   &why);
	free(copy);
	assert_true(rc == 0 || (rc == -1 && why));
	return rc;
}

static int
take_signed(const char *header, const char *claims)
{
	char token[TOKEN_SIZE];
	sign_token(header, claims, USER_SECRET, token);
	return take(token, strlen(token), USER_SECRET);
}

static void
test_a_user_that_was_signed_is_known(void **state)
{
	(void)state;
	assert_int_equal(take_signed(USER_HEADER, CLAIMS), 0);
	assert_string_equal(user.id, "k-17");
	assert_string_equal(user.name, "Zoe");
	assert_int_equal(take_signed("{\"alg\":\"HS256\"}",
				     "{\"exp\":1770003600,\"sub\":\"Ünï\","
				     "\"iat\":1770000000,\"role\":[1,{}]}"),
			 0);
	assert_string_equal(user.id, "Ünï");
	assert_string_equal(user.name, "");
}

/* The example of RFC 7515, appendix A.1, whose key is 64 bytes: its signature
 * is right, and what it claims is of 2011. */
static void
test_the_example_of_the_standard(void **state)
{
	(void)state;
	static const char token[] =
		"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
		"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leG"
		"Ft"
		"cGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
		"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
	char key[64];
	assert_int_equal(
		crypto_base64url_decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-"
					"EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUu"
					"TwjAzZr1Z9CAow",
					key, sizeof key),
		sizeof key);
	assert_int_equal(user_read(&user, token, strlen(token), key, sizeof key,
				   1300819370, &why),
			 -1);
	assert_string_equal(why, "its 'sub' is not a line of 1 to 200 bytes");
	assert_int_equal(user_read(&user, token, strlen(token), key, sizeof key,
				   NOW_S, &why),
			 -1);
	assert_string_equal(why, "it has expired");
	assert_int_equal(user_read(&user, token, strlen(token), key,
				   sizeof key - 1, NOW_S, &why),
			 -1);
	assert_string_equal(why, "its signature is wrong");
}

static void
test_whatever_is_changed_is_no_proof(void **state)
{
	char token[TOKEN_SIZE];
	(void)state;
	sign_token(USER_HEADER, CLAIMS, USER_SECRET, token);
	size_t len = strlen(token);
	for (size_t i = 0; i < len; i++) {
		char was = token[i];
		assert_int_equal(take(token, i, USER_SECRET), -1);
		token[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(take(token, len, USER_SECRET), -1);
		token[i] = '\0';
		assert_int_equal(take(token, len, USER_SECRET), -1);
		token[i] = was;
	}
	/* Other ways to write the same, and more behind it. */
	memcpy(token + len, "=", 2);
	assert_int_equal(take(token, len + 1, USER_SECRET), -1);
	memcpy(token + len, ".", 2);
	assert_int_equal(take(token, len + 1, USER_SECRET), -1);
	memcpy(token + len, " ", 2);
	assert_int_equal(take(token, len + 1, USER_SECRET), -1);
	assert_int_equal(take(token, len, USER_SECRET "x"), -1);
	assert_int_equal(take(token, len, USER_SECRET), 0);
}

/* Also where the signature is one of HMAC with SHA-256 under our secret. */
static void
test_another_algorithm_is_refused(void **state)
{
	static const char *const headers[] = {
		"{\"alg\":\"none\"}",
		"{\"alg\":\"None\"}",
		"{\"alg\":\"HS384\"}",
		"{\"alg\":\"HS512\"}",
		"{\"alg\":\"RS256\"}",
		"{\"alg\":\"hs256\"}",
		"{\"alg\":\"HS256 \"}",
		"{\"alg\":[\"HS256\"]}",
		"{\"alg\":256}",
		"{\"alg\":null}",
		"{}",
		"[]",
		"\"HS256\"",
		"",
		"{\"alg\":\"HS256\"",
		"{\"alg\":\"HS256\"}x",
		"{\"alg\":\"HS256\",\"alg\":\"none\"}",
		"{\"alg\":\"HS256\",\"crit\":[\"exp\"]}",
	};
	static const char unsigned_token[] =
		"eyJhbGciOiJub25lIn0."
		"eyJzdWIiOiJrLTE3IiwiZXhwIjoxNzcwMDAwMzAwfQ.";
	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		assert_int_equal(take_signed(headers[i], CLAIMS), -1);
		assert_string_equal(why, "its header is not one of HS256");
	}
	assert_int_equal(
		take(unsigned_token, strlen(unsigned_token), USER_SECRET), -1);
	assert_string_equal(why, "its signature is wrong");
}

static void
test_a_token_has_its_time(void **state)
{
	static const struct {
		const char *times, *why; /* NULL: it is good */
	} rows[] = {
		{"\"exp\":1770000001", NULL},
		{"\"exp\":1770000000.5", NULL},
		{"\"exp\":1770003600", NULL},
		{"\"exp\":1770003660,\"nbf\":1770000060", NULL},
		{"\"exp\":1770000000", "it has expired"},
		{"\"exp\":0", "it has expired"},
		{"\"exp\":-1e308", "it has expired"},
		{"\"exp\":1770003661", "its 'exp' is more than an hour ahead"},
		{"\"exp\":9223372036854775807",
		 "its 'exp' is more than an hour ahead"},
		{"\"exp\":1e308", "its 'exp' is more than an hour ahead"},
		{"\"exp\":1770000300,\"nbf\":1770000061", "it is not good yet"},
		{"\"exp\":1770000300,\"nbf\":\"now\"",
		 "its 'exp' is missing, or a time in it is no number"},
		{"\"exp\":\"1770000300\"",
		 "its 'exp' is missing, or a time in it is no number"},
		{"\"exp\":null",
		 "its 'exp' is missing, or a time in it is no number"},
		{"\"iat\":1770000000",
		 "its 'exp' is missing, or a time in it is no number"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char claims[200];
		snprintf(claims, sizeof claims, "{\"sub\":\"k\",%s}",
			 rows[i].times);
		assert_int_equal(take_signed(USER_HEADER, claims),
				 rows[i].why ? -1 : 0);
		if (rows[i].why)
			assert_string_equal(why, rows[i].why);
	}
}

static void
expect_who(const char *who, int rc)
{
	char claims[1000];
	snprintf(claims, sizeof claims, "{\"exp\":1770000300,%s}", who);
	assert_int_equal(take_signed(USER_HEADER, claims), rc);
}

static void
test_who_is_meant_is_a_line(void **state)
{
	char longest[201], who[300];
	(void)state;
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	snprintf(who, sizeof who, "\"sub\":\"%s\"", longest);
	expect_who(who, 0);
	assert_string_equal(user.id, longest);
	snprintf(who, sizeof who, "\"sub\":\"%sa\"", longest);
	expect_who(who, -1);
	snprintf(who, sizeof who, "\"sub\":\"k\",\"name\":\"%sa\"", longest);
	expect_who(who, -1);
	expect_who("\"sub\":\"\"", -1);
	expect_who("\"sub\":17", -1);
	expect_who("\"sub\":null", -1);
	expect_who("\"name\":\"Zoe\"", -1);
	expect_who("\"sub\":\"k\",\"name\":17", -1);
	expect_who("\"sub\":\"k\",\"name\":\"\"", 0);
	expect_who("\"sub\":\"a\\nb\"", -1);
	expect_who("\"sub\":\"a\\u0000b\"", -1);
	expect_who("\"sub\":\"a\\u001bb\"", -1);
	expect_who("\"sub\":\"a\\u0085b\"", -1);
	expect_who("\"sub\":\"a\\u2028b\"", -1);
	expect_who("\"sub\":\"k\",\"name\":\"a\\u202eb\"", -1);
	expect_who("\"sub\":\"k\",\"name\":\"a\\u2067b\"", -1);
	expect_who("\"sub\":\"a\",\"sub\":\"b\"", -1);
	expect_who("\"sub\":\"\xff\"", -1);
}

static void
test_a_long_token_or_a_short_secret_is_refused(void **state)
{
	char claims[4096], token[TOKEN_SIZE];
	(void)state;
	snprintf(claims, sizeof claims,
		 "{\"exp\":1770000300,\"sub\":\"k\",\"x\":\"%03900d\"}", 0);
	assert_int_equal(take_signed(USER_HEADER, claims), -1);
	assert_string_equal(why, "it is no JSON Web Token of three parts");
	sign_token(USER_HEADER, CLAIMS, "short", token);
	assert_int_equal(take(token, strlen(token), "short"), -1);
	assert_string_equal(why, "its signature is wrong");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_user_that_was_signed_is_known),
		cmocka_unit_test(test_the_example_of_the_standard),
		cmocka_unit_test(test_whatever_is_changed_is_no_proof),
		cmocka_unit_test(test_another_algorithm_is_refused),
		cmocka_unit_test(test_a_token_has_its_time),
		cmocka_unit_test(test_who_is_meant_is_a_line),
		cmocka_unit_test(
			test_a_long_token_or_a_short_secret_is_refused),
	};
	return cmocka_run_group_tests_name("web_user", tests, NULL, NULL);
}
