/* WebSocket as RFC 6455 has it: its examples, and what breaks its rules. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "utf8.h"
#include "websocket.h"

#define MAX 70000

/* What was read, "kind:text;" each; a close with its code. */
static char seen[4096];
static size_t n_read;

static bool
see(void *arg, enum websocket_kind kind, const char *data, size_t len, int code)
{
	static const char *const names[] = {"text", "ping", "pong", "close"};
	char line[400];
	(void)arg;
	assert_int_equal(data[len], '\0');
	n_read++;
	snprintf(line, sizeof(line), "%s:%.300s", names[kind], data);
	strncat(seen, line, sizeof(seen) - strlen(seen) - 1);
	if (kind == WEBSOCKET_CLOSE) {
		snprintf(line, sizeof(line), "%d", code);
		strncat(seen, line, sizeof(seen) - strlen(seen) - 1);
	}
	strncat(seen, ";", sizeof(seen) - strlen(seen) - 1);
	return true;
}

/* All of it, in pieces of up to that many bytes. */
static int
read_in(const void *data, size_t len, size_t piece, size_t max)
{
	struct websocket_reader reader;
	int code = 0;
	seen[0] = '\0';
	n_read = 0;
	websocket_reader_init(&reader, max);
	for (size_t i = 0; i < len && !code; i += piece)
		code = websocket_read(&reader, (const char *)data + i,
				      len - i < piece ? len - i : piece, see,
				      NULL);
	websocket_reader_release(&reader);
	return code;
}

#define BYTES(text) text, sizeof(text) - 1

static void
test_frames_are_read_however_they_come(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *seen;
	} rows[] = {
		/* Section 5.7. */
		{BYTES("\x81\x05Hello"), "text:Hello;"},
		{BYTES("\x01\x03Hel\x80\x02lo"), "text:Hello;"},
		{BYTES("\x89\x05Hello"), "ping:Hello;"},
		/* Control frames stand between fragments. */
		{BYTES("\x01\x03Hel\x89\x01x\x00\x01l\x8a\x00\x80\x01o"),
		 "ping:x;pong:;text:Hello;"},
		{BYTES("\x81\x00\x81\x01x"), "text:;text:x;"},
		{BYTES("\x01\x00\x80\x00"), "text:;"},
		{BYTES("\x88\x00"), "close:1005;"},
		{BYTES("\x88\x02\x03\xe8"), "close:1000;"},
		{BYTES("\x88\x05\x03\xe9"
		       "bye"),
		 "close:bye1001;"},
		/* A character in two fragments. */
		{BYTES("\x01\x01\xc3\x80\x01\xa9"), "text:\xc3\xa9;"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t piece = 1; piece <= rows[i].len; piece++) {
			assert_int_equal(
				read_in(rows[i].bytes, rows[i].len, piece, MAX),
				0);
			assert_string_equal(seen, rows[i].seen);
		}
}

static void
test_what_breaks_the_rules_is_closed(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int code;
	} rows[] = {
		{BYTES("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"),
		 WEBSOCKET_PROTOCOL}, /* masked */
		{BYTES("\xc1\x00"), WEBSOCKET_PROTOCOL},
		{BYTES("\xa1\x00"), WEBSOCKET_PROTOCOL},
		{BYTES("\x91\x00"), WEBSOCKET_PROTOCOL},
		{BYTES("\x83\x00"), WEBSOCKET_PROTOCOL},
		{BYTES("\x8b\x00"), WEBSOCKET_PROTOCOL},
		{BYTES("\x80\x00"), WEBSOCKET_PROTOCOL},
		{BYTES("\x01\x00\x81\x00"), WEBSOCKET_PROTOCOL},
		{BYTES("\x01\x00\x82\x00"), WEBSOCKET_PROTOCOL},
		{BYTES("\x09\x00"), WEBSOCKET_PROTOCOL},
		{BYTES("\x89\x7e\x00\x7e"), WEBSOCKET_PROTOCOL},
		{BYTES("\x81\x7e\x00\x7d"), WEBSOCKET_PROTOCOL},
		{BYTES("\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff"),
		 WEBSOCKET_PROTOCOL},
		{BYTES("\x81\x7f\x80\x00\x00\x00\x00\x01\x00\x00"),
		 WEBSOCKET_PROTOCOL},
		{BYTES("\x82\x00"), WEBSOCKET_BINARY},
		{BYTES("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"),
		 WEBSOCKET_TOO_LARGE},
		{BYTES("\x81\x01\xff"), WEBSOCKET_NO_UTF8},
		{BYTES("\x81\x02\xc0\x80"), WEBSOCKET_NO_UTF8},
		{BYTES("\x81\x03\xed\xa0\x80"), WEBSOCKET_NO_UTF8},
		{BYTES("\x88\x01\x03"), WEBSOCKET_PROTOCOL},
		{BYTES("\x88\x02\x03\xed"), WEBSOCKET_PROTOCOL}, /* 1005 */
		{BYTES("\x88\x02\x00\x00"), WEBSOCKET_PROTOCOL},
		{BYTES("\x88\x03\x03\xe8\xff"), WEBSOCKET_NO_UTF8},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t piece = 1; piece <= rows[i].len; piece++) {
			int code =
				read_in(rows[i].bytes, rows[i].len, piece, MAX);
			if (code != rows[i].code)
				fail_msg("row %zu: %d", i, code);
		}
}

/* Of all that a frame may begin with, empty, and not masked. */
static void
test_few_beginnings_of_a_frame_are_good(void **state)
{
	static const int good[] = {0x01, 0x81, 0x88, 0x89, 0x8a};
	(void)state;
	for (int first = 0; first < 256; first++) {
		const char bytes[] = {(char)first, 0};
		int expected = WEBSOCKET_PROTOCOL;
		for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
			if (first == good[i])
				expected = 0;
		if (first == 0x02 || first == 0x82)
			expected = WEBSOCKET_BINARY;
		if (read_in(bytes, 2, 1, MAX) != expected)
			fail_msg("%02x", first);
	}
}

/* Section 7.4, and the registry at IANA for 1012 to 1014. */
static void
test_codes_of_a_close_are_those_of_the_standard(void **state)
{
	(void)state;
	for (int code = 0; code < 65536; code++) {
		const char bytes[] = {(char)0x88, 2, (char)(code >> 8),
				      (char)code};
		bool is_good = (code >= 1000 && code <= 1003) ||
			       (code >= 1007 && code <= 1014) ||
			       (code >= 3000 && code <= 4999);
		if ((read_in(bytes, 4, 4, MAX) == 0) != is_good)
			fail_msg("%d", code);
	}
}

/* As a server writes it: unmasked. */
static size_t
write_text(unsigned char *out, size_t len)
{
	size_t n = 2;
	out[0] = 0x81;
	if (len > 65535) {
		out[1] = 127;
		for (int i = 7; i >= 0; i--)
			out[n++] = (unsigned char)((uint64_t)len >> 8 * i);
	} else if (len > 125) {
		out[1] = 126;
		out[n++] = (unsigned char)(len >> 8);
		out[n++] = (unsigned char)len;
	} else {
		out[1] = (unsigned char)len;
	}
	memset(out + n, 'x', len);
	return n + len;
}

static void
test_lengths_of_each_form_are_read_up_to_the_limit(void **state)
{
	static const size_t lengths[] = {125, 126, 65535, 65536, MAX};
	unsigned char *out = malloc(MAX + 20);
	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		size_t n = write_text(out, lengths[i]);
		assert_int_equal(read_in(out, n, 4096, lengths[i]), 0);
		assert_int_equal(n_read, 1);
		assert_int_equal(read_in(out, n, 4096, lengths[i] - 1),
				 WEBSOCKET_TOO_LARGE);
	}
	free(out);
}

/* The limit is one of a message, not of a frame. */
static void
test_fragments_together_have_the_limit(void **state)
{
	static const char bytes[] = "\x01\x03one\x00\x03two\x80\x01x";
	(void)state;
	assert_int_equal(read_in(BYTES(bytes), 3, 7), 0);
	assert_string_equal(seen, "text:onetwox;");
	assert_int_equal(read_in(BYTES(bytes), 3, 6), WEBSOCKET_TOO_LARGE);
}

static void
test_what_is_written_is_masked(void **state)
{
	static const unsigned char mask[] = {0x37, 0xfa, 0x21, 0x3d};
	unsigned char out[70000 + WEBSOCKET_HEAD_MAX];
	static char zeros[70000];
	(void)state;
	/* Section 5.7. */
	assert_int_equal(websocket_write(out, WEBSOCKET_TEXT, mask, "Hello", 5),
			 11);
	assert_memory_equal(out, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
			    11);
	assert_int_equal(websocket_write(out, WEBSOCKET_PONG, mask, "", 0), 6);
	assert_memory_equal(out, "\x8a\x80\x37\xfa\x21\x3d", 6);
	assert_int_equal(websocket_write(out, WEBSOCKET_TEXT, mask, zeros, 126),
			 134);
	assert_memory_equal(out, "\x81\xfe\x00\x7e\x37\xfa\x21\x3d\x37\xfa",
			    10);
	assert_int_equal(
		websocket_write(out, WEBSOCKET_TEXT, mask, zeros, 65536),
		65550);
	assert_memory_equal(out, "\x81\xff\x00\x00\x00\x00\x00\x01\x00\x00",
			    10);
	assert_int_equal(websocket_write_close(out, mask, 1000), 8);
	assert_memory_equal(out, "\x88\x82\x37\xfa\x21\x3d\x34\x12", 8);
}

/* ---- The handshake */

#define KEY "dGhlIHNhbXBsZSBub25jZQ=="

static void
test_the_handshake_of_the_standard_is_ours(void **state)
{
	char key[WEBSOCKET_KEY_SIZE], accept[WEBSOCKET_ACCEPT_SIZE];
	(void)state;
	/* Section 1.3. */
	websocket_key((const unsigned char *)"the sample nonce", key);
	assert_string_equal(key, KEY);
	websocket_accept(key, accept);
	assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	char *request =
		websocket_request("wss.example", "/link/?ticket=1", key);
	assert_string_equal(request, "GET /link/?ticket=1 HTTP/1.1\r\n"
				     "Host: wss.example\r\n"
				     "Upgrade: websocket\r\n"
				     "Connection: Upgrade\r\n"
				     "Sec-WebSocket-Key: " KEY "\r\n"
				     "Sec-WebSocket-Version: 13\r\n\r\n");
	free(request);
}

#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
#define UPGRADE "HTTP/1.1 101 Switching\r\nUpgrade: WebSocket\r\n"
#define CONNECTION "connection: keep-alive, Upgrade\r\n"

static void
test_only_a_server_that_changes_over_is_taken(void **state)
{
	static const struct {
		const char *text;
		long n; /* 1: all of the text but the last three bytes */
	} rows[] = {
		{UPGRADE CONNECTION ACCEPT "\r\n\x81\x01x", 1},
		{UPGRADE CONNECTION ACCEPT, 0},
		{"", 0},
		{"HTTP/1.1 200 OK\r\nUpgrade: websocket\r\n" CONNECTION ACCEPT
		 "\r\n",
		 -1},
		{UPGRADE ACCEPT "\r\n", -1},
		{UPGRADE CONNECTION "\r\n", -1},
		{UPGRADE CONNECTION
		 "Sec-WebSocket-Accept: S3PPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
		 -1},
		{UPGRADE CONNECTION ACCEPT
		 "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
		 -1},
		{UPGRADE CONNECTION ACCEPT "Sec-WebSocket-Protocol: x\r\n\r\n",
		 -1},
		{"garbage\r\n\r\n", -1},
		{"HTTP/1.1 1010 Switching\r\nUpgrade: websocket\r\n" CONNECTION
			 ACCEPT "\r\n",
		 -1},
		{"HTTP/1.1 101\r\nUpgrade: websocket\r\n" CONNECTION ACCEPT
		 "\r\n\x81\x01x",
		 1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t len = strlen(rows[i].text);
		long n = websocket_answer(rows[i].text, len, KEY);
		assert_int_equal(n, rows[i].n == 1 ? (long)len - 3 : rows[i].n);
	}
	char *endless = calloc(1, WEBSOCKET_ANSWER_MAX + 1);
	assert_int_equal(websocket_answer(endless, WEBSOCKET_ANSWER_MAX, KEY),
			 0);
	assert_int_equal(
		websocket_answer(endless, WEBSOCKET_ANSWER_MAX + 1, KEY), -1);
	free(endless);
}

/* Every text of up to three bytes is judged as the daemon judges it. */
static void
test_utf8_is_that_of_the_daemon(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 1u << 24; i += 3) {
		const char text[] = {(char)(i >> 16), (char)(i >> 8), (char)i};
		if (slack_is_utf8(text, 3) != utf8_is_valid(text, 3))
			fail_msg("%06x", i);
	}
	assert_true(slack_is_utf8("\xf0\x9f\x98\x80", 4));
	assert_false(slack_is_utf8("\xf0\x9f\x98\x80", 3));
	assert_false(slack_is_utf8("\xf4\x90\x80\x80", 4));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames_are_read_however_they_come),
		cmocka_unit_test(test_what_breaks_the_rules_is_closed),
		cmocka_unit_test(test_few_beginnings_of_a_frame_are_good),
		cmocka_unit_test(
			test_codes_of_a_close_are_those_of_the_standard),
		cmocka_unit_test(
			test_lengths_of_each_form_are_read_up_to_the_limit),
		cmocka_unit_test(test_fragments_together_have_the_limit),
		cmocka_unit_test(test_what_is_written_is_masked),
		cmocka_unit_test(test_the_handshake_of_the_standard_is_ours),
		cmocka_unit_test(test_only_a_server_that_changes_over_is_taken),
		cmocka_unit_test(test_utf8_is_that_of_the_daemon),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
