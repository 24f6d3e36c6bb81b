/* Socket Mode: events come by a connection, are acknowledged when they are on
 * disk, and always have a way. */
#include "slack_fixture.h"

#include "websocket.h"

#define URL "wss://wss.example:8443/link/?ticket=1"
#define IDENTITY "{\"ok\":true,\"team_id\":\"T0ACME001\",\"user\":\"teller\"}"

static int
set_up_linked(void **state)
{
	(void)state;
	fake = fake_new(&teller_plugin);
	fake_set_secret(fake, "app_token", "xapp-1");
	fake_set(fake, "workspaces.acme.team", "T0ACME001");
	fake_set_secret(fake, "workspaces.acme.token", "xoxb-acme");
	fake_set(fake, "names", "false");
	assert_int_equal(fake_start(fake), 0);
	assert_int_equal(fake->n_fetches, 2);
	fake_fetched(fake, 1, 200, IDENTITY);
	return 0;
}

static void
give_address(size_t fetch)
{
	assert_string_equal(fake->fetches[fetch]->fetch.url,
			    "https://slack.com/api/apps.connections.open");
	assert_string_equal(fake->fetches[fetch]->fetch.bearer, "xapp-1");
	fake_fetched(fake, fetch, 200, "{\"ok\":true,\"url\":\"" URL "\"}");
}

/* The i-th connection gets the answer that its request asks for. */
static void
shake_hands(size_t i)
{
	char accept[WEBSOCKET_ACCEPT_SIZE], answer[400];
	fake_conn_event(fake, i, TELLER_CONN_READY, NULL, 0, NULL);
	const char *request = buf_str(&fake->conns[i]->written);
	const char *key = strstr(request, "Sec-WebSocket-Key: ");
	assert_non_null(strstr(request, "GET /link/?ticket=1 HTTP/1.1\r\n"));
	assert_non_null(strstr(request, "Host: wss.example:8443\r\n"));
	websocket_accept(key + 19, accept);
	snprintf(answer, sizeof(answer),
		 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		 "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		 accept);
	buf_clear(&fake->conns[i]->written);
	fake_conn_text(fake, i, answer);
}

/* A server's frame around that. */
static void
bring(size_t i, const char *text)
{
	char frame[2000];
	size_t len = strlen(text), n = 0;
	frame[n++] = (char)0x81;
	if (len > 125) {
		frame[n++] = 126;
		frame[n++] = (char)(len >> 8);
	}
	frame[n++] = (char)len;
	memcpy(frame + n, text, len);
	fake_conn_event(fake, i, TELLER_CONN_DATA, frame, n + len, NULL);
}

static void
bring_event(size_t i, const char *envelope_id, json_t *event)
{
	json_t *envelope =
		json_pack("{s:s, s:s, s:o}", "envelope_id", envelope_id, "type",
			  "events_api", "payload", event);
	char *text = json_dumps(envelope, JSON_COMPACT);
	bring(i, text);
	free(text);
	json_decref(envelope);
}

static void
link_up(size_t i, size_t fetch)
{
	give_address(fetch);
	assert_int_equal(fake->n_conns, i + 1);
	shake_hands(i);
	bring(i, "{\"type\":\"hello\",\"num_connections\":1}");
}

/* What was written by it has left. */
static void
drain(size_t i)
{
	fake_conn_event(fake, i, TELLER_CONN_DRAINED, NULL, 0, NULL);
}

/* The frames that the i-th connection was written, unmasked, a line each:
 * opcode and payload. */
static const char *
written_frames(size_t i)
{
	static char out[4000];
	const unsigned char *at =
		(const unsigned char *)fake->conns[i]->written.data;
	size_t left = fake->conns[i]->written.len, n = 0;
	out[0] = '\0';
	while (left > 0) {
		size_t len = at[1] & 127;
		assert_true(left >= 6 + len && len < 126 && (at[1] & 128));
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%x ", at[0]);
		for (size_t k = 0; k < len; k++)
			out[n++] = (char)(at[6 + k] ^ at[2 + k % 4]);
		out[n++] = '\n';
		out[n] = '\0';
		at += 6 + len;
		left -= 6 + len;
	}
	buf_clear(&fake->conns[i]->written);
	return out;
}

/* It would be taken for what keeps strangers out. */
static void
test_a_secret_that_is_not_used_is_told_of(void **state)
{
	assert_null(strstr(buf_str(&fake->log), "signing_secret"));
	fake_free(fake);
	fake = fake_new(&teller_plugin);
	fake_set_secret(fake, "signing_secret", FX_SECRET);
	fake_set_secret(fake, "app_token", "xapp-1");
	fake_set(fake, "workspaces.acme.team", "T0ACME001");
	fake_set_secret(fake, "workspaces.acme.token", "xoxb-acme");
	assert_int_equal(fake_start(fake), 0);
	assert_non_null(
		strstr(buf_str(&fake->log), "signing_secret is not used"));
	(void)state;
}

static void
test_an_envelope_is_acknowledged_when_it_is_on_disk(void **state)
{
	(void)state;
	assert_int_equal(fake->health, TELLER_DEGRADED);
	link_up(0, 0);
	assert_int_equal(fake->health, TELLER_OK);
	assert_string_equal(fake->conns[0]->host, "wss.example");
	assert_int_equal(fake->conns[0]->port, 8443);
	assert_int_equal(fake->conns[0]->flags, TELLER_DIAL_TLS);
	bring_event(0, "e-1",
		    envelope("Ev1", written("D1", "1.1", NULL, "hi")));
	assert_int_equal(fake->n_messages, 1);
	assert_string_equal(written_frames(0), "");
	fake_run(fake);
	assert_string_equal(written_frames(0),
			    "81 {\"envelope_id\":\"e-1\"}\n");
}

/* It comes again then. */
static void
test_what_is_not_taken_is_not_acknowledged(void **state)
{
	(void)state;
	link_up(0, 0);
	fake->stored_status = TELLER_BUSY;
	bring_event(0, "e-1",
		    envelope("Ev1", written("D1", "1.1", NULL, "hi")));
	fake_run(fake);
	assert_string_equal(written_frames(0), "");
	fake->stored_status = TELLER_STORED;
	bring_event(0, "e-2",
		    envelope("Ev1", written("D1", "1.1", NULL, "hi")));
	fake_run(fake);
	assert_string_equal(written_frames(0),
			    "81 {\"envelope_id\":\"e-2\"}\n");
}

static void
test_what_is_no_question_is_acknowledged_at_once(void **state)
{
	(void)state;
	link_up(0, 0);
	bring(0, "{\"envelope_id\":\"e-1\",\"type\":\"slash_commands\"}");
	bring(0, "{\"envelope_id\":\"e-2\",\"type\":\"events_api\"}");
	bring(0, "{\"envelope_id\":\"e-3\",\"type\":\"interactive\"}");
	bring(0, "{\"type\":\"events_api\"}");
	bring(0, "[]");
	bring(0, "{");
	assert_string_equal(written_frames(0),
			    "81 {\"envelope_id\":\"e-1\"}\n"
			    "81 {\"envelope_id\":\"e-2\"}\n"
			    "81 {\"envelope_id\":\"e-3\"}\n");
	assert_int_equal(fake->n_messages, 0);
}

static void
test_pings_are_answered_and_made(void **state)
{
	(void)state;
	link_up(0, 0);
	fake_conn_event(fake, 0, TELLER_CONN_DATA, "\x89\x02hi", 4, NULL);
	assert_string_equal(written_frames(0), "8a hi\n");
	fake_advance(fake, 10 * 1000);
	assert_string_equal(written_frames(0), "89 \n");
}

/* The next one is ready before the last one goes, and that not before what
 * came by it is acknowledged. */
static void
test_a_connection_is_replaced_without_a_gap(void **state)
{
	const struct teller_stored stored = {
		.size = sizeof(stored), .status = TELLER_STORED, .words = ""};
	(void)state;
	link_up(0, 0);
	fake->is_held = true;
	bring(0, "{\"type\":\"disconnect\",\"reason\":\"warning\"}");
	bring(0, "{\"type\":\"disconnect\",\"reason\":\"refresh_requested\"}");
	fake_run(fake);
	assert_int_equal(fake->n_fetches, 3);
	link_up(1, 2);
	bring_event(0, "e-1",
		    envelope("Ev1", written("D1", "1.1", NULL, "hi")));
	fake_advance(fake, 20 * 1000);
	assert_false(fake->conns[0]->is_closed);
	buf_clear(&fake->conns[0]->written);
	fake_store(fake, 0, &stored);
	fake_advance(fake, 10 * 1000);
	assert_false(fake->conns[0]->is_closed);
	drain(0);
	assert_true(fake->conns[0]->is_closed);
	assert_string_equal(written_frames(0),
			    "81 {\"envelope_id\":\"e-1\"}\n88 \x03\xe8\n");
	assert_false(fake->conns[1]->is_closed);
	assert_int_equal(fake->n_fetches, 3);
	assert_int_equal(fake->health, TELLER_OK);
}

/* What comes by the one that is leaving is taken, but it is no way. */
static void
test_one_that_is_lost_is_missed_though_another_is_leaving(void **state)
{
	(void)state;
	link_up(0, 0);
	bring(0, "{\"type\":\"disconnect\",\"reason\":\"warning\"}");
	fake_run(fake);
	link_up(1, 2);
	fake_conn_event(fake, 1, TELLER_CONN_CLOSED, NULL, 0, "reset");
	assert_false(fake->conns[0]->is_closed);
	assert_int_equal(fake->health, TELLER_DEGRADED);
	fake_advance(fake, 250);
	link_up(2, 3);
	assert_int_equal(fake->health, TELLER_OK);
}

/* Slack says twice that it will end one. */
static void
test_one_that_is_leaving_is_not_replaced_again(void **state)
{
	(void)state;
	link_up(0, 0);
	bring(0, "{\"type\":\"disconnect\",\"reason\":\"warning\"}");
	fake_run(fake);
	link_up(1, 2);
	bring(0, "{\"type\":\"disconnect\",\"reason\":\"refresh_requested\"}");
	fake_run(fake);
	assert_int_equal(fake->n_fetches, 3);
}

/* Slack admits ten at once. */
static void
test_connections_do_not_pile_up(void **state)
{
	(void)state;
	link_up(0, 0);
	for (size_t i = 1; i < 10; i++) {
		bring(i - 1,
		      "{\"type\":\"disconnect\",\"reason\":\"warning\"}");
		fake_run(fake);
		link_up(i, i + 1);
		if (i > 1)
			drain(i - 2);
		if (i > 1)
			assert_true(fake->conns[i - 2]->is_closed);
		assert_false(fake->conns[i - 1]->is_closed);
	}
}

static void
test_a_lost_connection_is_made_again_by_and_by_more_slowly(void **state)
{
	(void)state;
	link_up(0, 0);
	fake_conn_event(fake, 0, TELLER_CONN_CLOSED, NULL, 0, "reset");
	assert_int_equal(fake->health, TELLER_DEGRADED);
	fake_advance(fake, 250);
	give_address(2);
	fake_conn_event(fake, 1, TELLER_CONN_CLOSED, NULL, 0, "refused");
	fake_advance(fake, 4900);
	assert_int_equal(fake->n_fetches, 3);
	fake_advance(fake, 1200);
	assert_int_equal(fake->n_fetches, 4);
	fake_fetched(fake, 3, 0, "no route");
	fake_advance(fake, 9900);
	assert_int_equal(fake->n_fetches, 4);
	fake_advance(fake, 1200);
	link_up(2, 4);
	assert_int_equal(fake->health, TELLER_OK);
}

static void
test_silence_is_a_loss(void **state)
{
	(void)state;
	link_up(0, 0);
	fake_advance(fake, 41 * 1000);
	assert_true(fake->conns[0]->is_closed);
	assert_int_equal(fake->n_fetches, 3);
}

static void
test_reasons_to_disconnect_are_told_apart(void **state)
{
	(void)state;
	link_up(0, 0);
	bring(0,
	      "{\"type\":\"disconnect\",\"reason\":\"too_many_websockets\"}");
	drain(0);
	assert_true(fake->conns[0]->is_closed);
	fake_advance(fake, 4900);
	assert_int_equal(fake->n_fetches, 2);
	fake_advance(fake, 1200);
	link_up(1, 2);
	bring(1, "{\"type\":\"disconnect\",\"reason\":\"link_disabled\"}");
	drain(1);
	assert_true(fake->conns[1]->is_closed);
	assert_int_equal(fake->health, TELLER_DOWN);
	assert_non_null(strstr(fake->health_words, "switched off"));
	fake_advance(fake, 4 * 60 * 1000);
	assert_int_equal(fake->n_fetches, 3);
	fake_advance(fake, 61 * 1000);
	link_up(2, 3);
	assert_int_equal(fake->health, TELLER_OK);
}

static void
test_a_dead_token_is_told_of(void **state)
{
	(void)state;
	fake_fetched(fake, 0, 200, "{\"ok\":false,\"error\":\"invalid_auth\"}");
	assert_int_equal(fake->health, TELLER_DOWN);
	assert_non_null(strstr(fake->health_words, "invalid_auth"));
	fake_advance(fake, 5 * 60 * 1000);
	assert_int_equal(fake->n_fetches, 3);
}

static void
test_what_is_no_socket_is_left(void **state)
{
	static const char *const urls[] = {
		"ws://wss.example/", "https://wss.example/", "wss://",
		"wss://wss.example:0/", "wss://wss.example/a b"};
	char body[200];
	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		size_t last = i ? fake->n_fetches - 1 : 0;
		snprintf(body, sizeof(body), "{\"ok\":true,\"url\":\"%s\"}",
			 urls[i]);
		fake_fetched(fake, last, 200, body);
		fake_advance(fake, 70 * 1000);
	}
	assert_int_equal(fake->n_conns, 0);
	give_address(fake->n_fetches - 1);
	fake_conn_event(fake, 0, TELLER_CONN_READY, NULL, 0, NULL);
	fake_conn_text(fake, 0, "HTTP/1.1 200 OK\r\n\r\n");
	assert_true(fake->conns[0]->is_closed);
}

static void
test_frames_against_the_rules_end_it(void **state)
{
	(void)state;
	link_up(0, 0);
	fake_conn_event(fake, 0, TELLER_CONN_DATA, "\x82\x00", 2, NULL);
	assert_string_equal(written_frames(0), "88 \x03\xeb\n");
	drain(0);
	assert_true(fake->conns[0]->is_closed);
	fake_advance(fake, 250);
	link_up(1, 2);
}

/* With the code that it gave (section 5.5.1). */
static void
test_a_close_is_answered(void **state)
{
	(void)state;
	link_up(0, 0);
	fake_conn_event(fake, 0, TELLER_CONN_DATA, "\x88\x02\x03\xe9", 4, NULL);
	assert_string_equal(written_frames(0), "88 \x03\xe9\n");
	drain(0);
	assert_true(fake->conns[0]->is_closed);
	fake_advance(fake, 250);
	link_up(1, 2);
	fake_conn_event(fake, 1, TELLER_CONN_DATA, "\x88\x00", 2, NULL);
	assert_string_equal(written_frames(1), "88 \x03\xe8\n");
	fake_conn_event(fake, 1, TELLER_CONN_CLOSED, NULL, 0, "gone");
	fake_advance(fake, 250);
	assert_int_equal(fake->n_fetches, 4);
}

/* The close is the last thing that is written, nothing is read behind it, and
 * the connection is not there for ever. */
static void
test_a_close_has_time_to_leave(void **state)
{
	const struct teller_stored stored = {
		.size = sizeof(stored), .status = TELLER_STORED, .words = ""};
	(void)state;
	link_up(0, 0);
	fake->is_held = true;
	bring_event(0, "e-1",
		    envelope("Ev1", written("D1", "1.1", NULL, "hi")));
	bring(0, "{\"type\":\"disconnect\",\"reason\":\"link_disabled\"}");
	assert_string_equal(written_frames(0), "88 \x03\xe8\n");
	fake_store(fake, 0, &stored);
	bring_event(0, "e-2",
		    envelope("Ev2", written("D1", "1.2", NULL, "hi")));
	fake_conn_event(fake, 0, TELLER_CONN_DATA, "\x89\x00", 2, NULL);
	assert_int_equal(fake->n_messages, 1);
	assert_string_equal(written_frames(0), "");
	assert_false(fake->conns[0]->is_closed);
	fake_advance(fake, 15 * 1000);
	assert_true(fake->conns[0]->is_closed);
}

/* That our pings leave us says nothing of Slack. */
static void
test_only_what_comes_is_a_sign_of_life(void **state)
{
	(void)state;
	link_up(0, 0);
	for (int i = 0; i < 3; i++) {
		fake_advance(fake, 10 * 1000);
		assert_string_equal(written_frames(0), "89 \n");
		drain(0);
		assert_false(fake->conns[0]->is_closed);
	}
	fake_advance(fake, 11 * 1000);
	assert_true(fake->conns[0]->is_closed);
}

static void
test_hello_is_not_waited_for_without_end(void **state)
{
	(void)state;
	give_address(0);
	shake_hands(0);
	for (int i = 0; i < 3; i++) {
		fake_advance(fake, 10 * 1000);
		fake_conn_event(fake, 0, TELLER_CONN_DATA, "\x8a\x00", 2, NULL);
	}
	assert_false(fake->conns[0]->is_closed);
	fake_advance(fake, 10 * 1000);
	assert_true(fake->conns[0]->is_closed);
	assert_non_null(strstr(buf_str(&fake->log), "hello"));
	fake_advance(fake, 10 * 1000);
	link_up(1, 2);
}

/* The host says when that has taken too long. */
static void
test_connecting_has_a_limit_of_its_own(void **state)
{
	(void)state;
	give_address(0);
	for (int i = 0; i < 5; i++)
		fake_advance(fake, 10 * 1000);
	assert_false(fake->conns[0]->is_closed);
	shake_hands(0);
	fake_advance(fake, 10 * 1000);
	assert_false(fake->conns[0]->is_closed);
	bring(0, "{\"type\":\"hello\"}");
	assert_int_equal(fake->health, TELLER_OK);
	assert_int_equal(fake->n_fetches, 2);
}

/* It would send the one away that is to take its place. */
static void
test_only_the_first_hello_counts(void **state)
{
	(void)state;
	link_up(0, 0);
	bring(0, "{\"type\":\"disconnect\",\"reason\":\"warning\"}");
	fake_run(fake);
	give_address(2);
	shake_hands(1);
	bring(0, "{\"type\":\"hello\"}");
	bring(1, "{\"type\":\"hello\"}");
	fake_advance(fake, 10 * 1000);
	drain(0);
	assert_true(fake->conns[0]->is_closed);
	fake_conn_event(fake, 1, TELLER_CONN_DATA, "\x8a\x00", 2, NULL);
	fake_advance(fake, 10 * 1000);
	assert_false(fake->conns[1]->is_closed);
	assert_int_equal(fake->n_fetches, 3);
}

/* Whatever else ends meanwhile. */
static void
test_a_link_that_is_off_is_asked_for_at_its_time(void **state)
{
	(void)state;
	give_address(0);
	shake_hands(0);
	bring(0, "{\"type\":\"disconnect\",\"reason\":\"link_disabled\"}");
	drain(0);
	assert_true(fake->conns[0]->is_closed);
	assert_int_equal(fake->health, TELLER_DOWN);
	fake_advance(fake, 4 * 60 * 1000);
	assert_int_equal(fake->n_fetches, 2);
	assert_int_equal(fake->health, TELLER_DOWN);
	fake_advance(fake, 61 * 1000);
	link_up(1, 2);
	fake_advance(fake, 20 * 1000);
	assert_int_equal(fake->n_fetches, 3);
}

/* What waits for the disk when its connection goes is stored all the same. */
static void
test_a_connection_may_go_before_the_disk_is_done(void **state)
{
	const struct teller_stored stored = {
		.size = sizeof(stored), .status = TELLER_STORED, .words = ""};
	(void)state;
	link_up(0, 0);
	fake->is_held = true;
	bring_event(0, "e-1",
		    envelope("Ev1", written("D1", "1.1", NULL, "hi")));
	bring_event(0, "e-2",
		    envelope("Ev2", written("D1", "1.2", NULL, "hi")));
	fake_conn_event(fake, 0, TELLER_CONN_CLOSED, NULL, 0, "reset");
	fake_store(fake, 0, &stored);
	fake_stop(fake);
}

#define LINKED(test) \
	cmocka_unit_test_setup_teardown(test, set_up_linked, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LINKED(test_a_secret_that_is_not_used_is_told_of),
		LINKED(test_an_envelope_is_acknowledged_when_it_is_on_disk),
		LINKED(test_what_is_not_taken_is_not_acknowledged),
		LINKED(test_what_is_no_question_is_acknowledged_at_once),
		LINKED(test_pings_are_answered_and_made),
		LINKED(test_a_connection_is_replaced_without_a_gap),
		LINKED(test_one_that_is_lost_is_missed_though_another_is_leaving),
		LINKED(test_one_that_is_leaving_is_not_replaced_again),
		LINKED(test_connections_do_not_pile_up),
		LINKED(test_a_lost_connection_is_made_again_by_and_by_more_slowly),
		LINKED(test_silence_is_a_loss),
		LINKED(test_reasons_to_disconnect_are_told_apart),
		LINKED(test_a_dead_token_is_told_of),
		LINKED(test_what_is_no_socket_is_left),
		LINKED(test_frames_against_the_rules_end_it),
		LINKED(test_a_close_is_answered),
		LINKED(test_a_close_has_time_to_leave),
		LINKED(test_only_what_comes_is_a_sign_of_life),
		LINKED(test_hello_is_not_waited_for_without_end),
		LINKED(test_connecting_has_a_limit_of_its_own),
		LINKED(test_only_the_first_hello_counts),
		LINKED(test_a_link_that_is_off_is_asked_for_at_its_time),
		LINKED(test_a_connection_may_go_before_the_disk_is_done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
