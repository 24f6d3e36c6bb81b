/* Any bytes at each of the Slack channel's doors, on a fake host.  The first
 * byte says which: e, an event, signed; f, a form, signed; u, a form that is
 * not; d, an event, and b, a form, where there is a desk; a, the answer to who
 * an agent is; h, an answer to the handshake of Socket Mode; s, what comes
 * behind it; p, the answer to a post; l, that to a look at what was posted. */
#include "fuzz.h"

#include <assert.h>

#include "../unit/slack_fixture.h"

#include "websocket.h"

#define INPUT_MAX 16384
#define IDENTITY "{\"ok\":true,\"team_id\":\"T0ACME001\",\"user\":\"teller\"}"

/* ---- By HTTP */

/* Whatever Slack was asked meanwhile, it says that. */
static void
answer_calls(const char *text)
{
	for (size_t i = 1; i < fake->n_fetches; i++)
		if (!fake->fetches[i]->is_answered)
			fake_fetched(fake, i, 200, text);
	fake_run(fake);
}

static void
set_front(void)
{
	static const struct teller_line topic = {"Cards", "A card?"};
	static const struct teller_front front = {.size = sizeof(front),
						  .firm = "",
						  .language = "en",
						  .greeting = "Hello",
						  .privacy_url = "",
						  .topics = &topic,
						  .n_topics = 1};
	fake->front = &front;
}

/* Whatever is signed is answered, at once or when it is on disk. */
static void
try_signed(const char *path, const char *type, const char *body, size_t len)
{
	set_front();
	struct fake_answer *answer = post_as(path, type, body, len);
	fake_run(fake);
	answer_calls("{\"ok\":true,\"channel\":{\"id\":\"D0ANN0001\"}}");
	assert(answer->status == 200 || answer->status == 400);
	assert(fake->n_messages <= 1);
}

/* And what is not is a probe, or nothing. */
static void
try_unsigned(const char *body, size_t len)
{
	const struct teller_header headers[] = {{"Content-Type", FX_FORM},
						{NULL, NULL}};
	struct fake_answer *answer =
		fake_request(fake, "POST", "/slack/events", headers, body, len);
	fake_run(fake);
	assert(answer->status == 200 || answer->status == 401);
	assert(answer->status == 401 || answer->body.len == 0);
	assert(fake->n_messages == 0);
}

/* ---- By Socket Mode */

static void
set_up_linked(void)
{
	fake = fake_new(&teller_plugin);
	fake_set_secret(fake, "app_token", "xapp-1");
	fake_set(fake, "workspaces.acme.team", "T0ACME001");
	fake_set_secret(fake, "workspaces.acme.token", "xoxb-acme");
	assert(fake_start(fake) == 0);
	fake_fetched(fake, 1, 200, IDENTITY);
	fake_fetched(fake, 0, 200,
		     "{\"ok\":true,\"url\":\"wss://wss.example/\"}");
	assert(fake->n_conns == 1);
	fake_conn_event(fake, 0, TELLER_CONN_READY, NULL, 0, NULL);
}

static void
shake_hands(void)
{
	char accept[WEBSOCKET_ACCEPT_SIZE], answer[400];
	const char *key = strstr(buf_str(&fake->conns[0]->written),
				 "Sec-WebSocket-Key: ");
	websocket_accept(key + 19, accept);
	snprintf(answer, sizeof(answer),
		 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		 "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		 accept);
	fake_conn_text(fake, 0, answer);
}

/* In two pieces, with time behind them for whatever that leads to. */
static void
try_bytes(const char *bytes, size_t len)
{
	size_t half = len / 2;
	fake_conn_event(fake, 0, TELLER_CONN_DATA, bytes, half, NULL);
	if (!fake->conns[0]->is_closed)
		fake_conn_event(fake, 0, TELLER_CONN_DATA, bytes + half,
				len - half, NULL);
	fake_advance(fake, 25 * 1000);
	if (!fake->conns[0]->is_closed)
		fake_conn_event(fake, 0, TELLER_CONN_DRAINED, NULL, 0, NULL);
	fake_advance(fake, 25 * 1000);
	assert(fake->conns[0]->is_closed);
}

/* ---- At the desk */

#define DESK "C0DESK0001"
#define CARD_TS "1764000000.000100"
#define AGENT "U0ANN0001"

/* One agent, who has claimed the one conversation that has a card. */
static void
set_up_desk(void)
{
	void *state = NULL;
	set_up_new(&state);
	fake_set(fake, "desk.acme.channel", DESK);
	fake_set(fake, "desk.acme.agents", AGENT);
	fake_set_state(fake, "desk/" DESK "/" CARD_TS, "cnv_1");
	fake_set_state(fake, "claimant/cnv_1/T0ACME001/" AGENT, "1");
	assert(fake_start(fake) == 0);
	fake_fetched(fake, 0, 200, IDENTITY);
	fake_run(fake);
}

/* Whatever was said, nobody else acts as an agent, and on nothing else. */
static void
check_agents(void)
{
	for (size_t i = 0; i < fake->n_messages; i++) {
		const struct teller_message *m = &fake->messages[i]->message;
		if (m->author.trust != TELLER_TRUST_AGENT)
			continue;
		assert(strcmp(m->author.id, "T0ACME001/" AGENT) == 0);
		assert(strcmp(m->conversation, "cnv_1") == 0);
	}
}

static void
try_desk(const char *path, const char *type, const char *body, size_t len)
{
	set_front();
	struct fake_answer *answer = post_as(path, type, body, len);
	fake_run(fake);
	answer_calls("{\"ok\":true,\"user\":{\"profile\":{}}}");
	assert(answer->status == 200 || answer->status == 400);
	check_agents();
}

/* Who presses the button is whoever Slack then says. */
static void
try_agent(const char *bytes, size_t len)
{
	char *text = strndup(bytes, len);
	json_t *payload = json_pack(
		"{s:s, s:{s:s}, s:{s:s}, s:{s:s, s:s}, s:[{s:s, s:s, s:s}]}",
		"type", "block_actions", "user", "id", AGENT, "team", "id",
		"T0ACME001", "container", "message_ts", CARD_TS, "channel_id",
		DESK, "actions", "action_id", "desk_claim", "value", "cnv_1",
		"action_ts", "5.5");
	take_action(fake->self, &(struct origin){0}, payload);
	json_decref(payload);
	fake_run(fake);
	answer_calls(text);
	assert(fake->n_messages <= 1);
	check_agents();
	free(text);
}

static void
try_desk_door(char door, const char *bytes, size_t len)
{
	set_up_desk();
	if (door == 'd')
		try_desk("/slack/events", FX_JSON, bytes, len);
	else if (door == 'b')
		try_desk("/slack/interactive", FX_FORM, bytes, len);
	else
		try_agent(bytes, len);
	fake_free(fake);
}

/* ---- Answers */

/* It is sent, has failed, or goes on to be. */
static void
try_answer(bool must_look, const char *body, size_t len)
{
	char *text = strndup(body, len);
	struct teller_job job = fx_reply("msg_7", "hi");
	job.maybe_sent = must_look;
	fake_send(fake, &job);
	fake_fetched(fake, 1, 200, text);
	fake_advance(fake, 3600 * 1000);
	assert(fake->n_outcomes == 1 || fake->n_fetches > 2);
	free(text);
}

static void
try_door(char door, const char *bytes, size_t len)
{
	void *state = NULL;
	bool is_linked = door == 'h' || door == 's';
	if (is_linked)
		set_up_linked();
	else
		set_up(&state);
	if (door == 'e')
		try_signed("/slack/events", FX_JSON, bytes, len);
	else if (door == 'f')
		try_signed("/slack/interactive", FX_FORM, bytes, len);
	else if (door == 'u')
		try_unsigned(bytes, len);
	else if (door == 'p' || door == 'l')
		try_answer(door == 'l', bytes, len);
	if (door == 's')
		shake_hands();
	if (is_linked)
		try_bytes(bytes, len);
	tear_down(&state);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data + 1;
	if (size == 0 || size > INPUT_MAX || !data[0])
		return 0;
	if (strchr("dba", data[0]))
		try_desk_door((char)data[0], bytes, size - 1);
	else if (strchr("efuhspl", data[0]))
		try_door((char)data[0], bytes, size - 1);
	return 0;
}
