/* Who has a conversation: each rule of leases, queue and opening hours, on a
 * small pack whose texts are their names. */
#include "turn_fixture.h"

#include <unistd.h>

#include "base/json.h"
#include "base/time.h"
#include "base/zone.h"
#include "dialog/memory.h"
#include "dialog/waiting.h"
#include "packs.h"

#define SECOND INT64_C(1000000)
#define LEASE_MS 60000

#define HOURS                        \
	"time_zone: Europe/Dublin\n" \
	"week: {monday: 9:00-17:00, tuesday: 9:00-17:00}\n"

#define SMALLTALK                                                     \
	"smalltalk:\n"                                                \
	"- {name: never_mind, answer: Fine, phrases: [never mind]}\n" \
	"- {name: 'yes', answer: Right, phrases: ['yes']}\n"

#define TRIGGERS                                            \
	"triggers:\n"                                       \
	"- {name: human, priority: 1, answer: Of course, "  \
	"rules: [{phrases: [human]}]}\n"                    \
	"- {name: lost, priority: 2, answer: Call us now, " \
	"rules: [{phrases: [lost my card]}]}\n"

static const char *
texts(void)
{
	static char out[4096];
	size_t n = 0;

	for (int i = 0; i < PACK_TEXTS; i++)
		n += (size_t)snprintf(out + n, sizeof out - n,
				      "%s: 'the %s%s'\n", pack_text_name(i),
				      pack_text_name(i),
				      i == TEXT_OUT_OF_HOURS ? " {{when}}"
				      : i == TEXT_CLAIMED    ? " {{agent}}"
				      : i == TEXT_CALL_BACK  ? " {{number}}"
							     : "");
	return out;
}

static int
set_up(void **state)
{
	struct err err = {0};
	bool has_zones = access(ZONE_DIR "/UTC", R_OK) == 0;
	struct pack_files files = {
		.entities = "country_code: \"353\"\ntrunk_prefix: \"0\"\n",
		.facts = "phone: {desk: 020 914 0100}\n",
		.hours = has_zones ? HOURS : NULL,
		.smalltalk = SMALLTALK,
		.texts = texts(),
		.triggers = TRIGGERS,
	};

	(void)state;
	struct pack *made = pack_of_files(&files, &err);
	if (!made)
		fail_msg("%s", err.text);
	struct index_builder *builder = index_builder_new("en");
	add_entry(builder, "card-order", "How do I order a new card?",
		  "In the app, under Cards.", 0);
	add_fillers(builder);
	know(made, builder);
	knowledge.settings.lease_ms = LEASE_MS;
	return 0;
}

static int64_t
at(const char *text)
{
	int64_t us;

	if (!time_parse(text, &us))
		fail_msg("'%s' is no time", text);
	return us;
}

static int
begin(void **state)
{
	fresh(state);
	conversation.turns = 1;
	the_desk = "slack";
	now_us = at("2026-11-30T10:00:00Z"); /* a Monday, in hours */
	knowledge.pack = pack;
	knowledge.settings.keeps_hours = false;
	return 0;
}

/* Of the last turn. */
static const struct memory *
remembered(void)
{
	static struct memory memory;

	memory_read(&memory, &arena, conversation.memory);
	return &memory;
}

/* An agent at a desk, with an option. */
static void
act_at(const char *where, const char *kind, const char *who, const char *option)
{
	struct message message = act(kind, who, "words");

	message.target = where;
	message.option = option;
	decide_all(&message, 1, the_desk);
}

static void
agent_does(const char *kind, const char *who)
{
	act_at("slack", kind, who, "");
}

static void
timer(const char *kind)
{
	act_at("", kind, "", "");
}

static void
expect_says(const char *part)
{
	assert_true(result.n_replies > 0);
	assert_string_equal(result.replies[0].target, "web");
	if (!strstr(result.replies[0].text, part))
		fail_msg("'%s' is not in: %s", part, result.replies[0].text);
}

static void
expect_change(const char *from, const char *to, const char *reason,
	      const char *actor)
{
	assert_int_equal(result.n_changes, 1);
	const struct state_change *change = &result.changes[0];
	assert_string_equal(conversation_state_name(change->from), from);
	assert_string_equal(conversation_state_name(change->to), to);
	assert_string_equal(change->reason, reason);
	assert_string_equal(change->actor, actor);
}

static void
expect_nothing(void)
{
	assert_string_equal(result.rule, RULE_REFUSED);
	assert_int_equal(result.n_replies, 0);
	assert_int_equal(result.n_changes, 0);
}

/* But that the desk is told of it. */
static void
expect_refused(const char *words)
{
	assert_string_equal(result.rule, RULE_REFUSED);
	assert_int_equal(result.n_changes, 0);
	assert_int_equal(result.n_replies, 1);
	assert_string_equal(result.replies[0].target, "slack");
	assert_string_equal(result.replies[0].job, "card_update");
	assert_string_equal(result.replies[0].text, words);
}

/* ---- Leases */

static void
test_a_claim_has_a_lease_that_each_act_renews(void **state)
{
	static const char *const kinds[] = {"agent", "note", "claim"};

	(void)state;
	say("human");
	agent_does("claim", "ann");
	assert_int_equal(result.lease_until_us, now_us + LEASE_MS * 1000);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		now_us += 7 * SECOND;
		agent_does(kinds[i], "ann");
		assert_int_equal(result.lease_until_us,
				 now_us + LEASE_MS * 1000);
		assert_int_equal(result.n_changes, 0);
	}
	int64_t until = result.lease_until_us;
	now_us += SECOND;
	agent_does("note", "ben");
	agent_does("agent", "ben");
	say("hello?");
	assert_int_equal(result.lease_until_us, until);
}

static void
test_a_lease_ends_when_it_is_time_and_not_before(void **state)
{
	(void)state;
	say("human");
	int64_t asked_us = now_us;
	agent_does("claim", "ann");
	now_us += LEASE_MS * 1000 - 1;
	timer("lease_ended");
	expect_nothing();
	now_us++;
	timer("lease_ended");
	expect_change("person", "waiting", "lease ended", "timer");
	expect_says("the person_left");
	assert_string_equal(result.owner, "");
	assert_int_equal(result.lease_until_us, 0);
	/* Announced anew, at his old place in the queue. */
	assert_int_equal(result.n_replies, 2);
	assert_string_equal(result.replies[1].job, "desk_card");
	assert_int_equal(remembered()->asked_us, asked_us);
	assert_int_equal(remembered()->since_us, now_us);
	assert_int_equal(remembered()->episode, 2);
	timer("lease_ended");
	expect_nothing();
}

static void
test_a_renewed_lease_does_not_end_with_the_old_one(void **state)
{
	(void)state;
	say("human");
	agent_does("claim", "ann");
	now_us += LEASE_MS * 1000;
	agent_does("agent", "ann"); /* came before the timer */
	timer("lease_ended");
	expect_nothing();
	assert_string_equal(conversation.owner, "ann");
}

static void
test_whose_lease_ended_has_to_claim_again(void **state)
{
	(void)state;
	say("human");
	agent_does("claim", "ann");
	now_us += LEASE_MS * 1000;
	timer("lease_ended");
	agent_does("agent", "ann");
	expect_refused("waiting\nnot sent to the customer: nobody has the "
		       "conversation, claim it first (ann)");
	agent_does("claim", "ben");
	expect_change("waiting", "person", "claimed", "ben");
	agent_does("close", "ann");
	expect_refused("person\nnot closed: ben has the conversation (ann)");
	/* Who is no agent has no card, and tellerctl says it itself. */
	struct message message = customer("words");
	message.kind = "agent";
	message.author_id = "eve";
	message.target = "slack";
	decide_all(&message, 1, the_desk);
	expect_nothing();
	act_at("terminal", "agent", "ann", "");
	expect_nothing();
	agent_does("close", "ben");
	agent_does("return", "ben");
	expect_refused("closed\nnot given back: the conversation is closed "
		       "(ben)");
}

static void
test_a_colleague_takes_over_only_if_he_says_so(void **state)
{
	static const struct {
		const char *kind, *words;
	} rows[] = {
		{"claim", "person\nnot claimed: ann has the conversation "
			  "(ben)"},
		{"agent", "person\nnot sent to the customer: ann has the "
			  "conversation (ben)"},
		{"return", "person\nnot given back: ann has the conversation "
			   "(ben)"},
		{"close", "person\nnot closed: ann has the conversation (ben)"},
	};

	(void)state;
	say("human");
	agent_does("claim", "ann");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		agent_does(rows[i].kind, "ben");
		expect_refused(rows[i].words);
		assert_string_equal(conversation.owner, "ann");
	}
	now_us += SECOND;
	act_at("slack", "claim", "ben", "take_over");
	expect_change("person", "person", "taken over from ann", "ben");
	expect_says("the claimed ben");
	assert_string_equal(conversation.owner, "ben");
	assert_int_equal(result.lease_until_us, now_us + LEASE_MS * 1000);
	agent_does("agent", "ann");
	expect_refused("person\nnot sent to the customer: ben has the "
		       "conversation (ann)");
}

/* ---- Desks that go away */

static void
test_whose_desk_is_gone_waits_for_another_person(void **state)
{
	(void)state;
	say("human");
	agent_does("claim", "ann");
	timer("desk_gone"); /* it is there again */
	expect_nothing();
	the_desk = "terminal";
	timer("desk_gone");
	expect_change("person", "waiting", "the desk is gone", "timer");
	expect_says("the person_left");
	assert_null(strstr(result.replies[0].text, "the unclaimed"));
}

static void
test_without_any_desk_he_is_told_how_a_person_answers(void **state)
{
	(void)state;
	say("human");
	agent_does("claim", "ann");
	the_desk = "";
	timer("desk_gone");
	expect_says("the person_left\n\nthe unclaimed");
	assert_int_equal(result.n_replies, 1);
	assert_true(remembered()->is_told);
}

static void
test_who_works_by_tellerctl_needs_no_other_desk(void **state)
{
	static const char *const desks[] = {"", "terminal", "slack"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		begin(NULL);
		the_desk = desks[i];
		say("human");
		act_at("terminal", "claim", "ann", "");
		assert_string_equal(conversation.owner, "ann");
		timer("desk_gone");
		expect_nothing();
		say("are you there?");
		assert_string_equal(result.rule, "person");
		/* A plugin follows what is said; a terminal reads the store. */
		assert_int_equal(result.n_replies, i == 2);
		act_at("terminal", "agent", "ann", "");
		expect_says("words");
	}
}

/* ---- The queue */

static void
test_with_agents_at_terminals_a_person_will_come(void **state)
{
	(void)state;
	the_desk = "terminal";
	say("human");
	expect_says("Of course\n\nthe handover");
	assert_int_equal(result.n_replies, 1);
	assert_false(remembered()->is_told);
}

static void
test_who_waits_may_go_on_with_the_bot(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		begin(NULL);
		say("human");
		assert_non_null(strstr(result.replies[0].options_json,
				       "{\"id\":\"bot\",\"label\":\"the "
				       "bot_button\"}"));
		if (i)
			choose("bot");
		else
			say("never mind");
		expect_change("waiting", "bot", "left the queue", "customer");
		expect_says("the returned");
		assert_int_equal(result.n_replies, 2);
		assert_string_equal(result.replies[1].job, "card_update");
		assert_string_equal(result.replies[1].text, "bot");
		assert_string_equal(result.replies[1].author, "");
		assert_int_equal(remembered()->asked_us, 0);
	}
}

static void
test_yes_is_no_wish_to_wait_no_longer(void **state)
{
	(void)state;
	say("human");
	say("yes");
	assert_int_equal(result.state, STATE_WAITING);
	say("never mind");
	say("never mind");
	assert_string_equal(result.rule, "smalltalk:never_mind");
	choose("bot"); /* an old button */
	assert_int_equal(result.n_changes, 0);
	expect_says("the returned");
}

static void
test_a_person_who_has_it_hears_never_mind(void **state)
{
	(void)state;
	say("human");
	agent_does("claim", "ann");
	say("never mind");
	assert_int_equal(result.state, STATE_PERSON);
	assert_string_equal(result.replies[0].job, "customer_text");
}

static void
test_who_waits_gets_answers_and_is_told_that_he_waits(void **state)
{
	(void)state;
	say("human");
	say("How do I order a new card?");
	assert_int_equal(result.kind, TURN_ANSWER);
	expect_says("In the app, under Cards.\n\nthe waiting");
	assert_int_equal(result.state, STATE_WAITING);
	assert_int_equal(result.n_changes, 0);
}

/* ---- Opening hours */

static void
keep_hours(const char *now)
{
	if (!pack->hours)
		test_skip("no tzdata in " ZONE_DIR);
	knowledge.settings.keeps_hours = true;
	now_us = at(now);
}

static void
test_out_of_hours_he_is_told_when_a_person_answers(void **state)
{
	(void)state;
	keep_hours("2026-11-29T12:00:00Z");
	say("I lost my card");
	expect_says("Call us now\n\nthe out_of_hours tomorrow, Monday 30 "
		    "November, from 9:00");
	assert_int_equal(result.state, STATE_WAITING);
	assert_string_equal(result.replies[1].job, "desk_card");
	/* Not before it is time. */
	now_us = at("2026-11-30T08:59:59Z");
	timer("unclaimed");
	expect_nothing();
	/* The desk is open, and nobody has come. */
	assert_int_equal(remembered()->since_us, at("2026-11-30T09:00:00Z"));
	now_us = at("2026-11-30T09:03:00Z");
	timer("unclaimed");
	expect_says("the unclaimed");
	assert_int_equal(result.state, STATE_WAITING);
	timer("unclaimed");
	expect_nothing();
}

static void
test_who_is_not_taken_until_the_desk_closes_is_told_of_tomorrow(void **state)
{
	(void)state;
	keep_hours("2026-11-30T16:59:00Z");
	say("human");
	expect_says("the handover");
	now_us += 180 * SECOND;
	timer("unclaimed");
	expect_says("the out_of_hours tomorrow, Tuesday 1 December, from 9:00");
	assert_int_equal(remembered()->since_us, at("2026-12-01T09:00:00Z"));
}

static void
test_a_lease_that_ends_out_of_hours_says_so(void **state)
{
	(void)state;
	keep_hours("2026-11-30T16:59:30Z");
	say("human");
	agent_does("claim", "ann");
	now_us += LEASE_MS * 1000;
	timer("lease_ended");
	expect_says("the person_left\n\nthe out_of_hours tomorrow, Tuesday 1");
}

static void
test_hours_that_are_not_kept_are_no_hours(void **state)
{
	(void)state;
	now_us = at("2026-11-29T12:00:00Z");
	say("human");
	expect_says("the handover");
}

/* ---- A number to call back */

static void
test_a_number_to_call_back_is_noted_and_confirmed(void **state)
{
	static const struct {
		const char *words, *number;
	} rows[] = {
		{"call me on 087 123 4567 after five please", "+353871234567"},
		{"+49 30 901820", "+4930901820"},
		{"not 087 123 4567 but 087 123 4568", "+353871234568"},
		{"087 123 4568, not 087 123 4567", "+353871234568"},
		{"call me on 087 123 4567 or 087 123 4568", "+353871234568"},
		{"he called me from 085 123 4567, you can reach me at "
		 "087 123 4567",
		 "+353871234567"},
		{"I was at work when it happened, and my mobile number is "
		 "087 123 4567",
		 "+353871234567"},
		{"can you ring me back on 087 123 4567?", "+353871234567"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin(NULL);
		say("human");
		say(rows[i].words);
		assert_string_equal(result.rule, "call_back");
		assert_string_equal(remembered()->call_back, rows[i].number);
		assert_int_equal(result.state, STATE_WAITING);
		expect_says("the call_back ");
		expect_says(rows[i].number);
		expect_says("the waiting");
		/* The words go to the desk. */
		assert_string_equal(result.replies[1].job, "customer_text");
	}
}

static void
test_a_number_beside_the_wish_is_on_the_card(void **state)
{
	(void)state;
	say("I want a human, call me on 087 123 4567");
	expect_says("Of course\n\nthe call_back +353871234567\n\nthe handover");
	assert_non_null(
		strstr(result.replies[1].text, "- Call back: +353871234567"));
	/* Whose person has left, too, on the next card. */
	agent_does("claim", "ann");
	now_us += LEASE_MS * 1000;
	timer("lease_ended");
	assert_non_null(
		strstr(result.replies[1].text, "- Call back: +353871234567"));
	/* It belongs to what he waited for. */
	agent_does("claim", "ann");
	agent_does("return", "ann");
	assert_string_equal(remembered()->call_back, "");
}

static void
test_what_is_no_number_of_his_is_not_noted(void **state)
{
	static const char *const words[] = {
		"is your number 020 914 0100?",
		"it is about order 12345",
		"I paid 120.50 on 3 November",
		"his number is 085 123 4567",
		"someone rang me from 085 123 4567 about it",
		"085 123 4567 rang me",
		"is 085 123 4567 a scam?",
		"I got a text and it was saying call me on 085 123 4567",
		"don't call me on 087 123 4567",
		"it was a long call that came in this morning, 085 123 4567",
	};

	(void)state;
	say("087 123 4567");
	assert_string_equal(remembered()->call_back, "");
	say("human");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		say(words[i]);
		assert_string_equal(remembered()->call_back, "");
	}
}

static void
test_a_number_in_what_triggers_is_not_taken_for_his(void **state)
{
	static const char *const words[] = {
		"I want a human, someone from 085 123 4567 pretends to be you",
		"a human 085 123 4567",
	};

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		for (int is_waiting = 0; is_waiting < 2; is_waiting++) {
			begin(NULL);
			if (is_waiting)
				say("human");
			say(words[i]);
			assert_string_equal(result.rule, "trigger:human");
			assert_string_equal(remembered()->call_back, "");
			assert_null(
				strstr(result.replies[1].text, "Call back"));
		}
	}
}

/* ---- Cards */

static void
test_a_card_tells_what_an_agent_has_to_know(void **state)
{
	(void)state;
	conversation.turns = 3;
	say("I want a human, how do I order a new card?");
	assert_string_equal(result.replies[1].job, "desk_card");
	assert_string_equal(result.replies[1].text,
			    "- Why: trigger:human\n"
			    "- Before this: 3 turns\n"
			    "- Perhaps: How do I order a new card? "
			    "(card-order@3)");
}

/* With the words that are deleted with him. */
static void
test_a_card_tells_who_has_signed_in(void **state)
{
	(void)state;
	conversation.identity = "{\"id\":\"k-17\",\"name\":\"Ann *B*\"}";
	say("human");
	assert_non_null(strstr(result.replies[1].text,
			       "- Why: trigger:human\n"
			       "- Signed in: Ann \\*B\\* (k-17)"));
	assert_non_null(strstr(result.replies[1].rest, "- Signed in: [...]"));
	begin(NULL);
	conversation.identity = "{\"id\":\"k-17\"}";
	say("human");
	assert_non_null(strstr(result.replies[1].text, "- Signed in: k-17"));
	conversation.identity = "";
}

/* By the pack of a bank, which asks about a card that is lost. */
static void
test_a_card_has_what_a_form_knows_already(void **state)
{
	struct pack *bank = pack_shipped("banking");

	(void)state;
	knowledge.pack = bank;
	say("My debit card was stolen, I saw it last on 3 November 2026");
	assert_string_equal(result.replies[1].job, "desk_card");
	assert_non_null(strstr(result.replies[1].text,
			       "- What happened: stolen\n"
			       "- Last seen: 2026-11-03"));
	/* A number that no option has is none. */
	say("2");
	assert_int_equal(result.state, STATE_WAITING);
	/* A number to call is no answer to which card it was. */
	say("call me on 087 123 4567");
	assert_string_equal(remembered()->call_back, "+353871234567");
	assert_non_null(remembered()->form.name);
	assert_false(remembered()->form.is_paused);
	/* He does not want the questions; then he does not want to wait. */
	say("never mind");
	assert_int_equal(result.state, STATE_WAITING);
	say("never mind");
	expect_change("waiting", "bot", "left the queue", "customer");
	pack_free(bank);
}

/* By the pack of an insurer, which asks for the story of an accident. */
static void
test_a_number_in_an_answer_is_part_of_the_answer(void **state)
{
	static const struct {
		const char *words, *number;
	} rows[] = {
		{"A van hit my door, the driver's number is 087 123 4567", ""},
		{"A van hit my door, call me on 087 123 4567 about it",
		 "+353871234567"},
	};
	struct pack *insurer = pack_shipped("insurance");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin(NULL);
		knowledge.pack = insurer;
		say("I crashed my car yesterday");
		say("in Cork");
		assert_string_equal(remembered()->form.slot, "story");
		say(rows[i].words);
		assert_string_equal(result.rule, "form:claim");
		assert_string_not_equal(remembered()->form.slot, "story");
		assert_string_equal(remembered()->call_back, rows[i].number);
		if (*rows[i].number)
			expect_says(rows[i].number);
	}
	/* Nothing else is said: it is no answer. */
	const char *slot = remembered()->form.slot;
	say("087 123 4568 after five");
	assert_string_equal(result.rule, "call_back");
	assert_string_equal(remembered()->form.slot, slot);
	assert_string_equal(remembered()->call_back, "+353871234568");
	pack_free(insurer);
}

static void
test_words_that_crashed_us_are_not_looked_at(void **state)
{
	struct message message =
		customer("How do I order a new card? 087 123 4567");

	(void)state;
	message.crashes = 5;
	decide_all(&message, 1, the_desk);
	assert_int_equal(result.state, STATE_WAITING);
	assert_string_equal(remembered()->call_back, "");
	assert_string_equal(result.replies[1].text,
			    "- Why: crashed\n- Before this: 1 turn");
}

static void
test_an_act_that_crashed_us_is_refused(void **state)
{
	struct message message = act("claim", "ann", "");

	(void)state;
	say("a human, please");
	message.target = "slack";
	message.crashes = 5;
	decide_all(&message, 1, the_desk);
	assert_string_equal(result.rule, RULE_REFUSED);
	assert_int_equal(result.state, STATE_WAITING);
	agent_does("claim", "ann");
	assert_int_equal(result.state, STATE_PERSON);
}

/* A timer brings up again what is not settled. */
static void
test_a_timer_that_crashed_us_has_nothing_left_to_do(void **state)
{
	static const char *const kinds[] = {"lease_ended", "desk_gone"};
	struct message message = act("unclaimed", "", "");
	enum due_kind kind;

	(void)state;
	message.crashes = 5;
	say("a human, please");
	decide_all(&message, 1, the_desk);
	assert_int_equal(waiting_until(&conversation, remembered(), 1, &kind),
			 0);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		begin(NULL);
		say("a human, please");
		agent_does("claim", "ann");
		message.kind = kinds[i];
		decide_all(&message, 1, the_desk);
		/* Neither is so. */
		assert_int_equal(result.state, STATE_PERSON);
	}
	message.kind = "lease_ended";
	now_us += LEASE_MS * 1000;
	decide_all(&message, 1, the_desk);
	assert_int_equal(result.state, STATE_WAITING);
	assert_string_equal(result.replies[0].job, "notice");
	assert_int_equal(waiting_until(&conversation, remembered(), 1, &kind),
			 0);
	say("hello?");
	assert_string_equal(result.replies[1].job, "desk_card");
}

/* ---- The same input gives the same bytes */

static void
test_leases_and_hours_are_decided_again_as_they_were(void **state)
{
	(void)state;
	say("human");
	agent_does("claim", "ann");
	struct conversation before = conversation;
	now_us += LEASE_MS * 1000;
	timer("lease_ended");
	const char *record = result.record;
	conversation = before;
	timer("lease_ended");
	assert_string_equal(result.record, record);
	json_t *object = json_loads(record, 0, NULL);
	assert_int_equal(json_get_int(json_object_get(object, "before"),
				      "lease_until", 0),
			 before.lease_until_us);
	assert_int_equal(
		json_get_int(json_object_get(object, "basis"), "lease", 0),
		LEASE_MS);
	json_decref(object);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_claim_has_a_lease_that_each_act_renews),
		TEST(test_a_lease_ends_when_it_is_time_and_not_before),
		TEST(test_a_renewed_lease_does_not_end_with_the_old_one),
		TEST(test_whose_lease_ended_has_to_claim_again),
		TEST(test_a_colleague_takes_over_only_if_he_says_so),
		TEST(test_whose_desk_is_gone_waits_for_another_person),
		TEST(test_without_any_desk_he_is_told_how_a_person_answers),
		TEST(test_who_works_by_tellerctl_needs_no_other_desk),
		TEST(test_with_agents_at_terminals_a_person_will_come),
		TEST(test_who_waits_may_go_on_with_the_bot),
		TEST(test_yes_is_no_wish_to_wait_no_longer),
		TEST(test_a_person_who_has_it_hears_never_mind),
		TEST(test_who_waits_gets_answers_and_is_told_that_he_waits),
		TEST(test_out_of_hours_he_is_told_when_a_person_answers),
		TEST(test_who_is_not_taken_until_the_desk_closes_is_told_of_tomorrow),
		TEST(test_a_lease_that_ends_out_of_hours_says_so),
		TEST(test_hours_that_are_not_kept_are_no_hours),
		TEST(test_a_number_to_call_back_is_noted_and_confirmed),
		TEST(test_a_number_beside_the_wish_is_on_the_card),
		TEST(test_what_is_no_number_of_his_is_not_noted),
		TEST(test_a_number_in_what_triggers_is_not_taken_for_his),
		TEST(test_a_card_tells_what_an_agent_has_to_know),
		TEST(test_a_card_tells_who_has_signed_in),
		TEST(test_a_card_has_what_a_form_knows_already),
		TEST(test_a_number_in_an_answer_is_part_of_the_answer),
		TEST(test_words_that_crashed_us_are_not_looked_at),
		TEST(test_an_act_that_crashed_us_is_refused),
		TEST(test_a_timer_that_crashed_us_has_nothing_left_to_do),
		TEST(test_leases_and_hours_are_decided_again_as_they_were),
	};

	return cmocka_run_group_tests_name("handover", tests, set_up, forget);
}
