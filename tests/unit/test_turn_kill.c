/* Customers, agents and timers in any order, and kill -9 in between: nothing is
 * lost, nothing is answered twice, nobody is left waiting for the bot.
 * TURN_KILL_ROUNDS sets how often a process is killed. */
#include "store_fixture.h"
#include "turn_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/hash.h"
#include "base/time.h"

#include "packs.h"

#define ROUNDS 80
#define MORE_US 60000000 /* for rounds behind them, until there is enough */
#define CONVERSATIONS 6
#define MESSAGES_MAX 50
#define DESK "desk"

struct ack {
	int64_t message_id;
};

/* What may come in.  Who acts is staff. */
static const struct {
	const char *kind, *text, *option, *author;
} comings[] = {
	{"text", "Where may I park?", "", ""},
	{"text", "How do I make a transfer?", "", ""},
	{"text", "how long does that take?", "", ""},
	{"text", "my card, what do I do?", "", ""},
	{"text", "xyzzy", "", ""},
	{"text", "hello", "", ""},
	{"text", "yes", "", ""},
	{"text", "none of these", "", ""},
	{"text", "2", "", ""},
	{"text", "I lost my card yesterday", "", ""},
	{"text", "I want to speak to a person", "", ""},
	{"option", "", "faq:lost", ""},
	{"option", "", "person", ""},
	{"handover", "", "", ""},
	{"claim", "", "", "ann"},
	{"claim", "", "", "bob"},
	{"agent", "Good day.", "", "ann"},
	{"note", "A note.", "", "bob"},
	{"return", "", "", "ann"},
	{"close", "", "", "bob"},
	{"unclaimed", "", "", ""},
	{"stop", "", "", ""},
};
#define COMINGS (sizeof comings / sizeof *comings)

/* Others read along in the last one that customers write to: what is theirs
 * alone goes on in those behind it. */
static const char *const keys[CONVERSATIONS] = {"a",	  "b",	   "c",
						"shared", "ann's", "bob's"};
#define SHARED 3

/* A process, and what it does by chance. */
struct run {
	struct fixture *f;
	uint64_t random;
	int round, n_comings;
	int64_t last; /* external id of the newest message */
	int acks;     /* where each message that is kept is told to; -1 */
	const int64_t *recovered;
	size_t n_recovered;
	struct arena arena; /* of what was recovered */
};

/* xorshift64*; Vigna, 2016. */
static unsigned
choose_below(struct run *run, unsigned n)
{
	run->random ^= run->random >> 12;
	run->random ^= run->random << 25;
	run->random ^= run->random >> 27;
	return (unsigned)((run->random * UINT64_C(2685821657736338717)) >> 40) %
	       n;
}

static bool is_child;

static void
must(bool is_so, const char *what)
{
	if (is_so)
		return;
	if (!is_child)
		fail_msg("%s", what);
	dprintf(STDERR_FILENO, "not so: %s\n", what);
	_exit(4);
}

/* ---- What a process does */

/* Whose alone what he writes there is; a desk's acts are nobody's. */
static const char *
choose_private(struct run *run, const char *key, const char *author)
{
	if (key != keys[SHARED] || *author)
		return "";
	return keys[SHARED + 1 + choose_below(run, 2)];
}

/* A message comes in, one of the first n, or comes in once more: its channel
 * got no answer. */
static void
receive(struct run *run, const char *key, unsigned n)
{
	size_t i = choose_below(run, n);
	bool is_again = run->last && choose_below(run, 5) == 0;
	int64_t number =
		is_again ? run->last : run->round * 100000 + ++run->n_comings;
	char id[32];

	snprintf(id, sizeof id, "%lld", (long long)number);
	struct store_add_message add = message_from(key, id, comings[i].text);
	add.message.kind = comings[i].kind;
	add.message.option = comings[i].option;
	add.message.author_id = comings[i].author;
	add.message.author_name = comings[i].author;
	add.message.trust = TELLER_TRUST_AGENT;
	add.message.private_key = choose_private(run, key, comings[i].author);
	add.withdraws_all = strcmp(comings[i].kind, "stop") == 0;
	add.is_queued = !add.withdraws_all;
	add.arena = &arena;
	if (add.withdraws_all) /* what is not there cannot be stopped */
		conversation_of(run->f, key);
	enum store_status status = store_call(run->f->store, &add.write);
	must(status == (is_again ? STORE_DUPLICATE : STORE_OK),
	     "a message is kept once");
	run->last = number;
	struct ack ack = {add.message.id};
	if (run->acks >= 0 && write(run->acks, &ack, sizeof ack) != sizeof ack)
		_exit(3);
}

/* What the conversation has queued, and what is decided about it. */
static size_t
decide(struct run *run, int64_t id, const struct message **messages_r)
{
	struct err err = {0};
	struct store_reader *reader = store_read_begin(run->f->store, &err);

	must(reader != NULL, "the store can be read");
	const struct conversation *now;
	must(store_conversation_by_id(reader, &arena, id, &now, &err) == 1,
	     "the conversation is there");
	conversation = *now;
	long n = store_queued_messages(reader, &arena, id, MESSAGES_MAX,
				       messages_r, &err);
	store_read_end(reader);
	must(n >= 0, "messages can be read");
	if (n > 0) {
		struct turn_input input = {
			.conversation = &conversation,
			.messages = *messages_r,
			.n_messages = (size_t)n,
			.knowledge = &knowledge,
			.scratch = scratch,
			.desk = DESK,
			.now_us = NOW_US,
		};
		turn_decide(&input, &arena, &result);
	}
	return (size_t)n;
}

static enum store_status
commit(struct run *run, int64_t id, const struct message *messages, size_t n)
{
	int64_t ids[MESSAGES_MAX];

	for (size_t i = 0; i < result.n_messages; i++)
		ids[i] = messages[i].id;
	struct store_finish_turn finish = {
		.write.verb = &store_verb_finish_turn,
		.conversation_id = id,
		.messages = ids,
		.n_messages = result.n_messages,
		.newest_seen = messages[n - 1].id,
		.is_final = n == MESSAGES_MAX,
		.before = conversation.state,
		.after = {result.state, result.failed_turns, result.memory,
			  result.owner, result.lease_until_us},
		.changes = result.changes,
		.n_changes = result.n_changes,
		.replies = result.replies,
		.n_replies = result.n_replies,
		.onward_key = result.onward_key,
		.onward = result.onward,
		.n_onward = result.n_onward,
		.kind = turn_kind_name(result.kind),
		.rule = result.rule,
		.entry = result.entry,
		.record = result.record,
		.confidence = result.confidence,
		.now_us = NOW_US,
	};
	return store_call(run->f->store, &finish.write);
}

/* As the daemon does it with what outlived a crash. */
static void
mark_running(struct run *run, int64_t id)
{
	struct store_mark_running mark = {
		.write.verb = &store_verb_mark_running,
		.conversation_id = id,
	};

	for (size_t i = 0; i < run->n_recovered; i++)
		if (run->recovered[i] == id)
			store_call(run->f->store, &mark.write);
}

/* A turn, if there is anything to answer.  A message that comes before its
 * commit makes it stale, and so is what was committed already. */
static bool
take_turn(struct run *run, const char *key)
{
	const struct message *messages;
	int64_t id = conversation_of(run->f, key);

	mark_running(run, id);
	size_t n = decide(run, id, &messages);
	if (n) {
		bool is_late = run->acks >= 0 && choose_below(run, 6) == 0;
		int n_before = run->n_comings;
		if (is_late)
			receive(run, key, COMINGS - 1);
		is_late = run->n_comings > n_before && n < MESSAGES_MAX;
		enum store_status status = commit(run, id, messages, n);
		must(status == (is_late ? STORE_STALE : STORE_OK),
		     "a turn commits unless it is stale");
		if (!is_late && choose_below(run, 4) == 0)
			must(commit(run, id, messages, n) == STORE_STALE,
			     "a turn commits once");
	}
	arena_release(&arena);
	return n > 0;
}

static void
start(struct run *run)
{
	run->f->store = store_open(&run->f->config, NULL, &run->f->err);
	must(run->f->store != NULL, run->f->err.text);
	struct store_recover recover = {
		.write.verb = &store_verb_recover,
		.arena = &run->arena,
	};
	must(store_call(run->f->store, &recover.write) == STORE_OK,
	     "the store recovers");
	run->recovered = recover.conversations;
	run->n_recovered = recover.n_conversations;
}

static void
do_something(struct run *run)
{
	const char *key = keys[choose_below(run, CONVERSATIONS)];
	unsigned what = choose_below(run, 20);
	if (what == 0) {
		store_close(run->f->store);
		start(run);
	} else if (what < 10) {
		take_turn(run, key);
	} else {
		receive(run, key, COMINGS);
		arena_release(&arena);
	}
}

/* ---- Killing it */

static void __attribute__((noreturn)) run_child(struct run *run)
{
	is_child = true;
	start(run);
	for (;;)
		do_something(run);
}

/* Let a process run for a moment from its first message on, and kill it. */
static void
run_and_kill(struct run *run, struct idmap *acked)
{
	struct ack ack;
	int fds[2], status;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		run->acks = fds[1];
		run_child(run);
	}
	close(fds[1]);
	fcntl(fds[0], F_SETPIPE_SZ, 1 << 20);
	poll(&(struct pollfd){.fd = fds[0], .events = POLLIN}, 1, -1);
	usleep(choose_below(run, 60000));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status))
		fail_msg("the child ended by itself: %d", WEXITSTATUS(status));
	while (read(fds[0], &ack, sizeof ack) == sizeof ack)
		idmap_put(acked, (uint64_t)ack.message_id, acked);
	close(fds[0]);
}

/* All that is queued has its turn. */
static void
end(struct run *run)
{
	bool is_any = true;

	start(run);
	while (is_any) {
		is_any = false;
		for (unsigned i = 0; i < CONVERSATIONS; i++)
			is_any |= take_turn(run, keys[i]);
	}
}

/* ---- What must be true then */

#define ANSWERED "turn_id IS NOT NULL"
/* After a message m or a reply m. */
#define STOPPED                                                    \
	"EXISTS (SELECT 1 FROM message AS s WHERE s.kind = 'stop'" \
	" AND s.conversation_id = m.conversation_id AND s.id >= m.id)"

/* Each counts what must not be. */
static const struct {
	const char *what, *sql;
} wrongs[] = {
	{"messages that are not answered",
	 "SELECT count(*) FROM message AS m WHERE (state <> 'done' OR"
	 " turn_id IS NULL) AND NOT (state = 'kept' AND turn_id IS NULL AND"
	 " kind IN ('text', 'option', 'stop') AND " STOPPED ")"},
	{"messages that were stopped and wait for an answer",
	 "SELECT count(*) FROM message AS m WHERE state IN ('queued',"
	 " 'running') AND kind IN ('text', 'option') AND " STOPPED},
	{"answers that were taken back and are still to be sent",
	 "SELECT count(*) FROM reply AS m WHERE state = 'pending' AND"
	 " job = 'reply' AND kind IN ('answer', 'options', 'ask', 'smalltalk',"
	 " 'out_of_scope') AND " STOPPED " AND turn_id > (SELECT min(id) FROM"
	 " turn AS t WHERE t.conversation_id = m.conversation_id)"},
	{"replies that nobody took back and nobody sends",
	 "SELECT count(*) FROM reply AS m WHERE state <> 'pending' AND NOT"
	 " (state = 'withdrawn' AND " STOPPED ")"},
	{"turns that answer nothing",
	 "SELECT count(*) FROM turn WHERE id NOT IN"
	 " (SELECT turn_id FROM message WHERE " ANSWERED ")"},
	{"messages that came in twice",
	 "SELECT (SELECT count(*) FROM message WHERE origin_id IS NULL) -"
	 " (SELECT count(*) FROM message_external)"},
	{"messages that went on, and did not come there",
	 "SELECT count(*) FROM message AS m JOIN turn AS t ON t.id = m.turn_id"
	 " WHERE t.rule LIKE 'private,%' AND NOT EXISTS (SELECT 1 FROM message"
	 " AS o WHERE o.origin_id = m.id AND o.text = m.text)"},
	{"messages that went on twice, or to another one",
	 "SELECT count(*) FROM (SELECT 1 FROM message AS o JOIN message AS m"
	 " ON m.id = o.origin_id GROUP BY o.origin_id, o.kind"
	 " HAVING count(*) > 1 OR max(m.private_key) <> (SELECT key"
	 " FROM conversation WHERE id = o.conversation_id))"},
	{"messages that went on, but whose turn said nothing of it",
	 "SELECT count(*) FROM message AS o WHERE origin_id IS NOT NULL AND NOT"
	 " EXISTS (SELECT 1 FROM message AS m JOIN turn AS t ON"
	 " t.id = m.turn_id WHERE m.id = o.origin_id AND"
	 " t.rule LIKE 'private,%')"},
	{"customers who wait, or are asked, where others read along",
	 "SELECT (SELECT count(*) FROM transition WHERE state_to = 'waiting'"
	 " AND conversation_id = c.id) + (memory LIKE '%\"form\"%')"
	 " FROM conversation AS c WHERE key = 'shared'"},
	{"turns that are not counted",
	 "SELECT count(*) FROM conversation AS c WHERE turns <>"
	 " (SELECT count(*) FROM turn WHERE conversation_id = c.id)"},
	{"customers who hear nothing, nor does a person",
	 "SELECT count(*) FROM message WHERE kind IN"
	 " ('text', 'option', 'handover') AND turn_id NOT IN"
	 " (SELECT turn_id FROM reply)"},
	{"turns with two replies",
	 "SELECT count(*) FROM (SELECT turn_id FROM reply"
	 " WHERE job = 'reply' GROUP BY turn_id HAVING count(*) > 1)"},
	{"replies before what they answer",
	 "SELECT count(*) FROM reply AS r JOIN message AS m"
	 " ON m.turn_id = r.turn_id WHERE m.id > r.id"},
	{"changes that begin elsewhere than the last one ended",
	 "SELECT count(*) FROM (SELECT state_from, lag(state_to, 1, 'bot')"
	 " OVER (PARTITION BY conversation_id ORDER BY id) AS was"
	 " FROM transition) WHERE state_from <> was"},
	{"states that no change led to",
	 "SELECT count(*) FROM conversation AS c WHERE state <>"
	 " coalesce((SELECT state_to FROM transition WHERE"
	 " conversation_id = c.id ORDER BY id DESC LIMIT 1), 'bot')"},
	{"customers who wait without a card at the desk, or with two",
	 "SELECT abs((SELECT count(*) FROM transition WHERE"
	 " state_to = 'waiting') - (SELECT count(*) FROM reply WHERE"
	 " job = 'desk_card'))"},
	{"conversations that were told twice, or never, who answers",
	 "SELECT count(*) FROM conversation AS c WHERE 1 <>"
	 " (SELECT count(*) FROM reply WHERE conversation_id = c.id AND"
	 " text LIKE '%talking to the automated assistant of%') AND EXISTS"
	 " (SELECT 1 FROM reply WHERE conversation_id = c.id AND"
	 " job = 'reply')"},
	{"customers who fail without an end",
	 "SELECT count(*) FROM conversation WHERE failed_turns > 2"},
};

static void
check(struct fixture *f, const struct idmap *acked)
{
	char sql[96];

	for (struct idmap_entry *e = idmap_next(acked, NULL); e;
	     e = idmap_next(acked, e)) {
		snprintf(sql, sizeof sql,
			 "SELECT count(*) FROM message WHERE id = %lld",
			 (long long)e->id);
		if (count_of(f, sql) != 1)
			fail_msg("message %lld is lost", (long long)e->id);
	}
	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		int64_t n = count_of(f, wrongs[i].sql);
		if (n)
			fail_msg("%lld %s", (long long)n, wrongs[i].what);
	}
}

/* How much there is of it is chance, and less on a busy machine. */
static bool
is_enough(struct fixture *f, int n)
{
	return count_of(f, "SELECT count(*) FROM turn") > n &&
	       count_of(f, "SELECT count(*) FROM message"
			   " WHERE origin_id IS NOT NULL") > 0 &&
	       count_of(f, "SELECT count(*) FROM reply"
			   " WHERE state = 'withdrawn'") > 0;
}

static int
n_rounds(void)
{
	const char *given = getenv("TURN_KILL_ROUNDS");

	return given ? (int)strtol(given, NULL, 10) : ROUNDS;
}

static void
test_kill_in_any_order_of_things_loses_and_repeats_nothing(void **state)
{
	struct fixture *f = *state;
	struct idmap acked = {0};
	struct run run = {.f = f, .random = 0x9e3779b97f4a7c15};
	int n = n_rounds();

	for (run.round = 1; run.round <= n; run.round++)
		run_and_kill(&run, &acked);
	int64_t end_us = time_mono_us() + MORE_US;
	for (; !is_enough(f, n) && time_mono_us() < end_us; run.round++)
		run_and_kill(&run, &acked);
	run.acks = -1;
	end(&run);
	check(f, &acked);
	print_message("# %lld messages went on\n",
		      (long long)count_of(f, "SELECT count(*) FROM message"
					     " WHERE origin_id IS NOT NULL"));
	print_message("# %zu messages, %lld turns, %lld handovers\n", acked.n,
		      (long long)count_of(f, "SELECT count(*) FROM turn"),
		      (long long)count_of(f, "SELECT count(*) FROM transition"
					     " WHERE state_to = 'waiting'"));
	assert_true(is_enough(f, n));
	idmap_release(&acked);
	arena_release(&run.arena);
}

static int
set_up_all(void **state)
{
	struct index_builder *builder = index_builder_new("en");

	add_entry(builder, "lost", "What do I do when my card is lost?",
		  "Ring us.", 0);
	add_entry(builder, "broken", "What do I do when my card is broken?",
		  "Order one.", 0);
	add_entry(builder, "park", "Where may I park?", "Behind.", 0);
	add_entry(builder, "transfer", "How do I make a transfer?",
		  "Under Pay.", 0);
	add_entry(builder, "transfer-time", "How long does a transfer take?",
		  "A day.", 0);
	add_fillers(builder);
	know(pack_shipped("banking"), builder);
	return set_up_dir(state);
}

static int
tear_down_all(void **state)
{
	tear_down(state);
	return forget(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_kill_in_any_order_of_things_loses_and_repeats_nothing,
			set_up_all, tear_down_all),
	};
	return cmocka_run_group_tests_name("turn_kill", tests, NULL, NULL);
}
