/* Each request is read in one piece, cut in two at every place, and byte by
 * byte: all must come to the same, which the table says. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "net/http_body.h"
#include "net/http_field.h"
#include "net/http_parse.h"
#include "net/http_target.h"

#define MAX_HEAD 4096
#define MAX_BODY 32

struct reader {
	struct http_scanner scanner;
	struct http_head head;
	struct http_body body;
	struct http_fault fault;
	struct buf head_text, body_text;
	bool has_head, is_done, is_bad;
	size_t rest; /* bytes behind the request */
};

static void
take_head(struct reader *r)
{
	r->has_head = true;
	if (http_head_parse(&r->head, r->head_text.data, r->head_text.len,
			    &r->fault) < 0) {
		r->is_bad = true;
		return;
	}
	switch (http_body_begin(&r->body, &r->head, MAX_BODY, &r->fault)) {
	case HTTP_BODY_BAD:
		r->is_bad = true;
		break;
	case HTTP_BODY_DONE:
		r->is_done = true;
		break;
	case HTTP_BODY_MORE:
		break;
	}
}

static size_t
feed_head(struct reader *r, const char *data, size_t len)
{
	size_t used = 0;
	enum http_scan scan = http_scan(&r->scanner, data, len, &used);

	if (scan == HTTP_SCAN_BAD) {
		r->fault = (struct http_fault){400, "scan", ""};
		r->is_bad = true;
		return 0;
	}
	buf_add(&r->head_text, data, used);
	if (scan == HTTP_SCAN_DONE)
		take_head(r);
	return used;
}

static size_t
feed_body(struct reader *r, const char *data, size_t len)
{
	size_t used = 0;

	switch (http_body_take(&r->body, data, len, &used, &r->body_text,
			       &r->fault)) {
	case HTTP_BODY_BAD:
		r->is_bad = true;
		return 0;
	case HTTP_BODY_DONE:
		r->is_done = true;
		break;
	case HTTP_BODY_MORE:
		assert_int_equal(used, len);
		break;
	}
	return used;
}

static void
feed(struct reader *r, const char *data, size_t len)
{
	/* A copy of its own lets the sanitizer see what is read behind it. */
	char *piece = malloc(len ? len : 1);

	memcpy(piece, data, len);
	for (size_t i = 0; i < len && !r->is_bad;) {
		if (r->is_done) {
			r->rest += len - i;
			break;
		}
		i += r->has_head ? feed_body(r, piece + i, len - i)
				 : feed_head(r, piece + i, len - i);
	}
	free(piece);
}

static void
describe(struct reader *r, struct buf *out)
{
	if (r->is_bad) {
		buf_addf(out, "%d %s", r->fault.status, r->fault.code);
		return;
	}
	if (!r->is_done) {
		buf_adds(out, r->has_head ? "more body" : "more head");
		return;
	}
	buf_addf(out, "%s %s 1.%d", r->head.method, r->head.path,
		 r->head.minor);
	for (size_t i = 0; i < r->head.n_query; i++)
		buf_addf(out, " %s=%s", r->head.query[i].name,
			 r->head.query[i].value);
	for (size_t i = 0; i < r->head.n_fields; i++)
		buf_addf(out, "|%s:%s", r->head.fields[i].name,
			 r->head.fields[i].value);
	buf_addf(out, "|%s%s", r->head.is_keep_alive ? "keep" : "close",
		 r->head.expects_continue ? ",expects" : "");
	if (r->body_text.len)
		buf_addf(out, "|body %s", r->body_text.data);
	if (r->rest)
		buf_addf(out, "|rest %zu", r->rest);
}

enum { WHOLE, HALVES, BYTES };

static void
read_request(const char *text, size_t len, int how, size_t cut, struct buf *out)
{
	struct reader r = {0};

	buf_init(&r.head_text, MAX_HEAD);
	buf_init(&r.body_text, MAX_BODY);
	if (how == BYTES) {
		for (size_t i = 0; i < len; i++)
			feed(&r, text + i, 1);
	} else {
		feed(&r, text, cut);
		feed(&r, text + cut, len - cut);
	}
	describe(&r, out);
	buf_release(&r.head_text);
	buf_release(&r.body_text);
}

static void
expect(const char *text, size_t len, const char *wanted)
{
	struct buf out;

	buf_init(&out, 65536);
	for (size_t cut = 0; cut <= len; cut++) {
		buf_clear(&out);
		read_request(text, len, HALVES, cut, &out);
		if (strcmp(buf_str(&out), wanted) != 0)
			print_message("# of: %s\n# cut at %zu\n", text, cut);
		assert_string_equal(buf_str(&out), wanted);
	}
	buf_clear(&out);
	read_request(text, len, BYTES, 0, &out);
	assert_string_equal(buf_str(&out), wanted);
	buf_release(&out);
}

struct row {
	const char *text, *wanted;
};

static void
expect_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect(rows[i].text, strlen(rows[i].text), rows[i].wanted);
}

#define EXPECT_ROWS(rows) expect_rows(rows, sizeof(rows) / sizeof *(rows))
#define H "Host: a\r\n"
#define GET(target) "GET " target " HTTP/1.1\r\n" H "\r\n"
#define POST(fields, body) "POST / HTTP/1.1\r\n" H fields "\r\n" body
#define CHUNKED "Transfer-Encoding: chunked\r\n"

static void
test_well_formed_requests_are_read(void **state)
{
	static const struct row rows[] = {
		{GET("/"), "GET / 1.1|Host:a|keep"},
		{GET("/") "GET", "GET / 1.1|Host:a|keep|rest 3"},
		{"\r\n" GET("/"), "GET / 1.1|Host:a|keep"},
		{"GET / HTTP/1.0\r\n\r\n", "GET / 1.0|close"},
		{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
		 "GET / 1.0|Connection:Keep-Alive|keep"},
		{"GET / HTTP/1.1\r\n" H "Connection: x ,\tclose\r\n\r\n",
		 "GET / 1.1|Host:a|Connection:x ,\tclose|close"},
		{"OPTIONS * HTTP/1.1\r\n" H "\r\n",
		 "OPTIONS * 1.1|Host:a|keep"},
		{POST("Content-Length: 3\r\n", "abcd"),
		 "POST / 1.1|Host:a|Content-Length:3|keep|body abc|rest 1"},
		{POST("Content-Length: 0\r\n", ""),
		 "POST / 1.1|Host:a|Content-Length:0|keep"},
		{POST("X:\r\nY: \t v w \t\r\n", ""),
		 "POST / 1.1|Host:a|X:|Y:v w|keep"},
		{POST("Content-Length: 3\r\nExpect: 100-Continue\r\n", ""),
		 "more body"},
		{POST("Expect: 100-continue\r\n", ""),
		 "POST / 1.1|Host:a|Expect:100-continue|keep,expects"},
		{"GET / HTTP/1.1\r\nHost: a", "more head"},
		{"", "more head"},
	};

	(void)state;
	EXPECT_ROWS(rows);
}

static void
test_targets_are_decoded(void **state)
{
	static const struct row rows[] = {
		{GET("/a%20b/%C3%A4?q=1%2B1+2&r&=x&s=%2F"),
		 "GET /a b/\xC3\xA4 1.1 q=1+1 2 r= =x s=/|Host:a|keep"},
		{GET("/?"), "GET / 1.1|Host:a|keep"},
		{GET("/?&&a=b&"), "GET / 1.1 a=b|Host:a|keep"},
		{GET("/?a=b=c?d"), "GET / 1.1 a=b=c?d|Host:a|keep"},
		{GET("http://A/x?y"), "GET /x 1.1 y=|Host:a|keep"},
		{GET("https://a"), "GET / 1.1|Host:a|keep"},
		{GET("http://a?y=/"), "GET / 1.1 y=/|Host:a|keep"},
		{GET("/..."), "GET /... 1.1|Host:a|keep"},
		{GET("/.well-known/x"), "GET /.well-known/x 1.1|Host:a|keep"},
		{GET("http://evil/x"), "400 bad_target"},
		{GET("http://evil@a/x"), "400 bad_target"},
		{GET("ftp://a/x"), "400 bad_target"},
		{"GET http://a/ HTTP/1.0\r\n\r\n", "400 bad_target"},
		{GET("*"), "400 bad_target"},
		{GET("a:80"), "400 bad_target"},
		{GET("/%zz"), "400 bad_target"},
		{GET("/%4"), "400 bad_target"},
		{GET("/%"), "400 bad_target"},
		{GET("/%00"), "400 bad_target"},
		{GET("/%2f"), "400 bad_target"},
		{GET("/%0A"), "400 bad_target"},
		{GET("/%ff"), "400 bad_target"},
		{GET("/\xC3\xA4"), "400 bad_target"},
		{GET("/<>"), "400 bad_target"},
		{GET("/#x"), "400 bad_target"},
		{GET("/a\\b"), "400 bad_target"},
		{GET("/../x"), "400 bad_target"},
		{GET("/x/."), "400 bad_target"},
		{GET("/%2e%2E/x"), "400 bad_target"},
		{GET("/?a=%00"), "400 bad_target"},
		{GET("/?a=%f"), "400 bad_target"},
		{GET("/?a=%ff"), "400 bad_target"},
		{GET("/?%"), "400 bad_target"},
		{GET("/?a=\""), "400 bad_target"},
	};

	(void)state;
	EXPECT_ROWS(rows);
}

static void
test_malformed_heads_are_refused(void **state)
{
	static const struct row rows[] = {
		{"GET / HTTP/1.1\n" H "\n", "400 scan"},
		{"GET / HTTP/1.1\r\n" H "\n", "400 scan"},
		{"GET / HTTP/1.1\rX" H "\r\n", "400 scan"},
		{"GET / HTTP/1.1\r\n" H "X: a\rb\r\n\r\n", "400 scan"},
		{"GET / HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n", "400 scan"},
		{"GET / HTTP/1.1\r\n X: a\r\n" H "\r\n", "400 scan"},
		{"GET / HTTP/1.1\r\n" H "X: \x01\r\n\r\n", "400 scan"},
		{"GET / HTTP/1.1\r\n" H "X: \x7F\r\n\r\n", "400 scan"},
		{"\n" GET("/"), "400 scan"},
		{"\r\n\r\n" GET("/"), "400 scan"},
		{"\x16\x03\x01", "400 scan"},
		{"GET /\r\n\r\n", "400 bad_request_line"},
		{"GET\r\n\r\n", "400 bad_request_line"},
		{"GET  / HTTP/1.1\r\n" H "\r\n", "400 bad_request_line"},
		{"GET /  HTTP/1.1\r\n" H "\r\n", "400 bad_request_line"},
		{"GET / HTTP/1.1 \r\n" H "\r\n", "400 bad_request_line"},
		{" GET / HTTP/1.1\r\n" H "\r\n", "400 bad_request_line"},
		{"G(T / HTTP/1.1\r\n" H "\r\n", "400 bad_request_line"},
		{"GET / http/1.1\r\n" H "\r\n", "400 bad_request_line"},
		{"GET / HTTP/1.1x\r\n" H "\r\n", "400 bad_request_line"},
		{"GET / HTTP/1.9\r\n" H "\r\n", "505 version_not_supported"},
		{"GET / HTTP/2.0\r\n" H "\r\n", "505 version_not_supported"},
		{"GET / HTTP/01.1\r\n" H "\r\n", "505 version_not_supported"},
		{"PRI * HTTP/2.0\r\n\r\n", "505 version_not_supported"},
		{"get / HTTP/1.1\r\n" H "\r\n", "501 method_not_implemented"},
		{"TRACE / HTTP/1.1\r\n" H "\r\n", "501 method_not_implemented"},
		{"CONNECT a:1 HTTP/1.1\r\n" H "\r\n",
		 "501 method_not_implemented"},
		{POST("X\r\n", ""), "400 bad_header"},
		{POST(": x\r\n", ""), "400 bad_header"},
		{POST("X : x\r\n", ""), "400 bad_header"},
		{POST("X\t: x\r\n", ""), "400 bad_header"},
		{POST("X(: x\r\n", ""), "400 bad_header"},
		{POST("\xC3\xA4: x\r\n", ""), "400 bad_header"},
		{POST("Expect: magic\r\n", ""), "417 expectation_failed"},
	};

	(void)state;
	EXPECT_ROWS(rows);
	expect("GET / HTTP/1.1\r\nX: \0\r\n\r\n", 24, "400 scan");
}

static void
test_ambiguous_framing_is_refused(void **state)
{
	static const struct row rows[] = {
		{POST("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
		 "400 repeated_header"},
		{POST("Content-Length: 3\r\ncontent-length: 4\r\n", "abc"),
		 "400 repeated_header"},
		{POST("Content-Length: 3, 3\r\n", "abc"), "400 bad_length"},
		{POST("Content-Length: +3\r\n", "abc"), "400 bad_length"},
		{POST("Content-Length: -3\r\n", "abc"), "400 bad_length"},
		{POST("Content-Length: 0x3\r\n", "abc"), "400 bad_length"},
		{POST("Content-Length: 3 3\r\n", "abc"), "400 bad_length"},
		{POST("Content-Length:\r\n", "abc"), "400 bad_length"},
		{POST("Content-Length: 3\r\n" CHUNKED, "0\r\n\r\n"),
		 "400 ambiguous_length"},
		{POST(CHUNKED CHUNKED, "0\r\n\r\n"), "400 repeated_header"},
		{POST("Transfer-Encoding: xchunked\r\n", ""),
		 "501 bad_transfer_encoding"},
		{POST("Transfer-Encoding: gzip, chunked\r\n", ""),
		 "501 bad_transfer_encoding"},
		{POST("Transfer-Encoding: chunked, chunked\r\n", ""),
		 "501 bad_transfer_encoding"},
		{POST("Transfer-Encoding: identity\r\n", ""),
		 "501 bad_transfer_encoding"},
		{POST("Transfer-Encoding:\r\n", ""),
		 "501 bad_transfer_encoding"},
		{POST("Transfer-Encoding: \x0B"
		      "chunked\r\n",
		      ""),
		 "400 scan"},
		{"POST / HTTP/1.0\r\n" CHUNKED "\r\n0\r\n\r\n",
		 "400 bad_transfer_encoding"},
		{POST("Content-Length: 33\r\n", ""), "413 body_too_large"},
		{POST("Content-Length: 99999999999999999999\r\n", ""),
		 "413 body_too_large"},
	};

	(void)state;
	EXPECT_ROWS(rows);
}

static void
test_the_host_is_checked(void **state)
{
	static const struct row rows[] = {
		{"GET / HTTP/1.1\r\n\r\n", "400 bad_host"},
		{"GET / HTTP/1.1\r\nHost:\r\n\r\n", "400 bad_host"},
		{"GET / HTTP/1.1\r\n" H H "\r\n", "400 repeated_header"},
		{"GET / HTTP/1.1\r\n" H "hOST: b\r\n\r\n",
		 "400 repeated_header"},
		{"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400 bad_host"},
		{"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "400 bad_host"},
		{"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "400 bad_host"},
		{"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400 bad_host"},
	};

	(void)state;
	EXPECT_ROWS(rows);
	assert_true(http_host_is_valid("a.example-1.org:8080"));
	assert_true(http_host_is_valid("127.0.0.1"));
	assert_true(http_host_is_valid("[::1]:80"));
	assert_true(http_host_is_valid("[::ffff:1.2.3.4]"));
	assert_false(http_host_is_valid("a:"));
	assert_false(http_host_is_valid("a:66000"));
	assert_false(http_host_is_valid("a:80:80"));
	assert_false(http_host_is_valid(":80"));
	assert_false(http_host_is_valid("[::1"));
	assert_false(http_host_is_valid("[]"));
	assert_false(http_host_is_valid("[::1]80"));
	assert_false(http_host_is_valid("[::g]"));
	assert_int_equal(http_host_name_len("[::1]:80"), 5);
	assert_int_equal(http_host_name_len("a:80"), 1);
}

static void
test_chunks_are_joined(void **state)
{
#define OK "POST / 1.1|Host:a|Transfer-Encoding:chunked|keep"
	static const struct row rows[] = {
		{POST(CHUNKED, "3\r\nabc\r\n0\r\n\r\nx"),
		 OK "|body abc|rest 1"},
		{POST(CHUNKED, "0\r\n\r\n"), OK},
		{POST(CHUNKED, "000A\r\n0123456789\r\n1\r\nx\r\n00\r\n\r\n"),
		 OK "|body 0123456789x"},
		{POST(CHUNKED, "1;a=\"b\"\r\nx\r\n0;c\r\n\r\n"), OK "|body x"},
		{POST(CHUNKED, "1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n"),
		 OK "|body x"},
		{POST("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n"),
		 "POST / 1.1|Host:a|Transfer-Encoding:CHUNKED|keep"},
		{POST(CHUNKED, "3\r\nab"), "more body"},
		{POST(CHUNKED, "0x3\r\nabc\r\n0\r\n\r\n"), "400 bad_chunk"},
		{POST(CHUNKED, "+3\r\nabc\r\n0\r\n\r\n"), "400 bad_chunk"},
		{POST(CHUNKED, "-3\r\nabc\r\n0\r\n\r\n"), "400 bad_chunk"},
		{POST(CHUNKED, "3 \r\nabc\r\n0\r\n\r\n"), "400 bad_chunk"},
		{POST(CHUNKED, "\r\n"), "400 bad_chunk"},
		{POST(CHUNKED, ";a\r\n"), "400 bad_chunk"},
		{POST(CHUNKED, "3\nabc\r\n0\r\n\r\n"), "400 bad_chunk"},
		{POST(CHUNKED, "3\r\nabcd\r\n0\r\n\r\n"), "400 bad_chunk"},
		{POST(CHUNKED, "3\r\nabc\n0\r\n\r\n"), "400 bad_chunk"},
		{POST(CHUNKED, "3;a\nb\r\nabc\r\n"), "400 bad_chunk"},
		{POST(CHUNKED, "0\r\n\n"), "400 bad_chunk"},
		{POST(CHUNKED, "0\r\n a: b\r\n\r\n"), "400 bad_chunk"},
		{POST(CHUNKED, "0\r\na: b\n\r\n"), "400 bad_chunk"},
		{POST(CHUNKED, "0\r\n\rx"), "400 bad_chunk"},
		{POST(CHUNKED, "0000000000000001\r\n"), "400 bad_chunk"},
		{POST(CHUNKED, "21\r\n"), "413 body_too_large"},
		{POST(CHUNKED,
		      "1f\r\n0123456789012345678901234567890\r\n2\r\n"),
		 "413 body_too_large"},
		{POST(CHUNKED, "fffffffffffffff\r\n"), "413 body_too_large"},
	};

	(void)state;
	EXPECT_ROWS(rows);
}

static void
test_what_repeats_is_bounded(void **state)
{
	struct buf text, out;

	(void)state;
	buf_init(&text, 65536);
	buf_init(&out, 65536);
	buf_adds(&text, "GET / HTTP/1.1\r\n" H);
	for (int i = 1; i < HTTP_MAX_FIELDS; i++)
		buf_addf(&text, "X%d: y\r\n", i);
	size_t len = text.len;
	buf_adds(&text, "\r\n");
	read_request(text.data, text.len, BYTES, 0, &out);
	assert_non_null(strstr(out.data, "X63:y|keep"));
	buf_cut(&text, len);
	buf_adds(&text, "One: more\r\n\r\n");
	buf_clear(&out);
	read_request(text.data, text.len, BYTES, 0, &out);
	assert_string_equal(out.data, "431 too_many_headers");

	buf_clear(&text);
	buf_clear(&out);
	buf_adds(&text, "GET /?a");
	for (int i = 0; i < HTTP_MAX_QUERY; i++)
		buf_adds(&text, "&a=b");
	buf_adds(&text, " HTTP/1.1\r\n" H "\r\n");
	read_request(text.data, text.len, BYTES, 0, &out);
	assert_string_equal(out.data, "400 bad_target");

	buf_clear(&text);
	buf_clear(&out);
	buf_adds(&text, POST(CHUNKED, "0\r\n"));
	for (int i = 0; i < 5000; i++)
		buf_adds(&text, "a: b\r\n");
	read_request(text.data, text.len, BYTES, 0, &out);
	assert_string_equal(out.data, "400 bad_chunk");
	buf_release(&text);
	buf_release(&out);
}

static void
test_words_are_found_in_lists(void **state)
{
	(void)state;
	assert_true(http_list_has("close", "close"));
	assert_true(http_list_has("a, Close ,b", "close"));
	assert_true(http_list_has(",,close", "close"));
	assert_false(http_list_has("closed", "close"));
	assert_false(http_list_has("clos", "close"));
	assert_false(http_list_has("a close", "close"));
	assert_false(http_list_has("", "close"));
	assert_false(http_list_has(" ,\t, ", "close"));
	assert_false(http_is_token("", 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_well_formed_requests_are_read),
		cmocka_unit_test(test_targets_are_decoded),
		cmocka_unit_test(test_malformed_heads_are_refused),
		cmocka_unit_test(test_ambiguous_framing_is_refused),
		cmocka_unit_test(test_the_host_is_checked),
		cmocka_unit_test(test_chunks_are_joined),
		cmocka_unit_test(test_what_repeats_is_bounded),
		cmocka_unit_test(test_words_are_found_in_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
