/* Where others read along: what is answered there, what goes on with the author
 * alone, and how it does. */
#include "turn_fixture.h"

#include "base/json.h"
#include "dialog/memory.h"
#include "forms.h"
#include "packs.h"

#define OWN_KEY "own"

#define FORM                                                            \
	"forms:\n"                                                      \
	"- name: card_lost\n"                                           \
	"  title: Lost card\n"                                          \
	"  intro: the intro\n"                                          \
	"  closing: 'kept as {{reference}}'\n"                          \
	"  offer: Shall I take it down?\n"                              \
	"  entries: [park]\n"                                           \
	"  slots:\n"                                                    \
	"  - {name: place, label: Place, type: text, question: Where?," \
	" min: 2, max: 12}\n"

#define TRIGGERS                                                           \
	"triggers:\n"                                                      \
	"- {name: human, priority: 1, answer: Of course.,"                 \
	" rules: [{phrases: [person]}]}\n"                                 \
	"- {name: card_lost, priority: 9, answer: Ring., form: card_lost," \
	" rules: [{phrases: [lost my card]}]}\n"

#define SMALLTALK                                             \
	"smalltalk:\n"                                        \
	"- {name: hello, answer: Hello., phrases: [hello]}\n" \
	"- {name: 'yes', answer: Yes., phrases: ['yes']}\n"

static struct message public(const char *text)
{
	struct message message = customer(text);

	message.private_key = OWN_KEY;
	message.author_id = "ann";
	return message;
}

static void
say_in_public(const char *text)
{
	struct message message = public(text);

	decide_all(&message, 1, "desk");
}

/* Nothing of the author's own was asked or begun, and he is told. */
static void
assert_went_on(const char *rule)
{
	assert_string_equal(result.onward_key, OWN_KEY);
	assert_string_equal(result.rule, rule);
	assert_int_equal(result.n_replies, 1);
	assert_string_equal(result.replies[0].target, "web");
	assert_string_equal(result.replies[0].options_json, "[]");
	assert_string_equal(result.replies[0].sources_json, "[]");
	assert_says("the private");
	assert_int_equal(result.state, STATE_BOT);
	assert_int_equal(result.n_changes, 0);
	assert_int_equal(result.failed_turns, 0);
	assert_null(result.form);
	assert_null(strstr(result.memory, "form"));
}

/* The turn of what was taken along, in the conversation with him alone. */
static void
go_on(void)
{
	static struct message list[8];
	size_t n = result.n_onward;

	assert_true(n > 0 && n <= 8);
	for (size_t i = 0; i < n; i++) {
		list[i] = result.onward[i];
		assert_int_equal(list[i].id, 0);
		list[i].id = 100 + (int64_t)i;
	}
	fresh(NULL);
	conversation.id = 2;
	conversation.key = OWN_KEY;
	decide_all(list, n, "desk");
	assert_int_equal(result.n_messages, n);
	assert_null(result.onward_key);
}

static void
test_what_concerns_nobody_alone_is_answered(void **state)
{
	static const char *const said[] = {"Where may I park?", "hello",
					   "xyzzy"};

	(void)state;
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		say_in_public(said[i]);
		assert_null(result.onward_key);
		assert_null(strstr(reply(), "the private"));
	}
}

static void
test_a_form_is_asked_of_its_author_alone(void **state)
{
	(void)state;
	say_in_public("I lost my card");
	assert_went_on("private, trigger:card_lost");
	assert_null(strstr(reply(), "Ring."));
	assert_null(strstr(reply(), "Where?"));
	assert_int_equal(result.n_onward, 1);
	assert_int_equal(result.onward->origin_id, 10);
	assert_string_equal(result.onward->text, "I lost my card");
	assert_string_equal(result.onward->author_id, "ann");
	go_on();
	assert_says("Ring.");
	assert_says("Where?");
	assert_says("the disclosure");
	assert_int_equal(result.state, STATE_WAITING);
}

static void
test_a_person_comes_to_him_alone(void **state)
{
	struct message message = public("");

	(void)state;
	say_in_public("a person please");
	assert_went_on("private, trigger:human");
	message.kind = "handover";
	decide_all(&message, 1, "desk");
	assert_went_on("private, asked");
	go_on();
	assert_int_equal(result.state, STATE_WAITING);
	assert_string_equal(result.replies[1].job, "desk_card");
}

/* "Yes" alone would say nothing there. */
static void
test_what_was_chosen_in_words_goes_along(void **state)
{
	(void)state;
	say_in_public("Where may I park?");
	assert_says("Shall I take it down?");
	say_in_public("yes");
	assert_went_on("private, form:card_lost");
	assert_int_equal(result.n_onward, 2);
	assert_string_equal(result.onward[1].kind, "option");
	assert_string_equal(result.onward[1].option, "form:card_lost");
	go_on();
	assert_says("Where?");
}

static void
test_a_button_goes_along_as_it_is(void **state)
{
	struct message message = public("");

	(void)state;
	message.kind = "option";
	message.option = "person";
	decide_all(&message, 1, "desk");
	assert_went_on("private, asked");
	assert_int_equal(result.n_onward, 1);
	go_on();
	assert_int_equal(result.state, STATE_WAITING);
}

/* Nobody begins to be not understood anew. */
static void
test_who_was_not_understood_has_a_person_there(void **state)
{
	(void)state;
	say_in_public("xyzzy");
	say_in_public("xyzzy");
	assert_null(result.onward_key);
	say_in_public("xyzzy");
	assert_went_on("private, not_understood");
	go_on();
	assert_int_equal(result.state, STATE_WAITING);
}

static void
test_who_chose_none_too_often_has_a_person_there(void **state)
{
	struct message message = public("");

	(void)state;
	conversation.failed_turns = 2;
	message.kind = "option";
	message.option = "none";
	decide_all(&message, 1, "desk");
	assert_went_on("private, not_understood");
	go_on();
	assert_int_equal(result.state, STATE_WAITING);
}

static void
test_what_crashed_is_not_looked_at_there_either(void **state)
{
	struct message message = public("hello");

	(void)state;
	message.crashes = 5;
	decide_all(&message, 1, "desk");
	assert_went_on("private, crashed");
	go_on();
	assert_says("the crashed");
}

/* What one of them says is not answered to another. */
static void
test_a_turn_is_of_one_author(void **state)
{
	struct message list[] = {public("I lost my card"), public("now"),
				 public("hello"), customer("hello")};

	(void)state;
	list[2].private_key = "another";
	decide_all(list, 4, "desk");
	assert_int_equal(result.n_messages, 2);
	assert_int_equal(result.n_onward, 2);
	decide_all(list + 2, 2, "desk");
	assert_int_equal(result.n_messages, 1);
	assert_says("Hello.");
}

/* It was removed where it was written: there he is told. */
static void
test_what_was_masked_is_told_once(void **state)
{
	struct message message = public("I lost my card [card ok 1111]");

	(void)state;
	message.redacted = "card";
	decide_all(&message, 1, "desk");
	assert_says("the redacted");
	assert_string_equal(result.onward->redacted, "card");
	go_on();
	assert_null(strstr(reply(), "the redacted"));
}

static void
test_what_has_begun_stays_where_it_is(void **state)
{
	(void)state;
	say("I lost my card");
	assert_int_equal(conversation.state, STATE_WAITING);
	say_in_public("in town");
	assert_null(result.onward_key);
	fresh(NULL);
	do_act("claim", "bob", "");
	say_in_public("I lost my card");
	assert_null(result.onward_key);
	assert_string_equal(result.replies[0].target, "desk");
}

static void
test_who_writes_again_goes_on_too(void **state)
{
	(void)state;
	conversation.state = STATE_CLOSED;
	say_in_public("I lost my card");
	assert_string_equal(result.onward_key, OWN_KEY);
	assert_int_equal(result.state, STATE_BOT);
	assert_int_equal(result.n_changes, 1);
	assert_int_equal(result.changes[0].from, STATE_CLOSED);
}

static void
test_he_is_told_that_he_could_not_be_reached(void **state)
{
	(void)state;
	say_in_public("I lost my card");
	do_act(MESSAGE_UNREACHED, "", "");
	assert_says("the unreached");
	assert_int_equal(result.state, STATE_BOT);
}

static char *
kept(void)
{
	return arena_printf(&arena, "%s\n%s\n%s\n%s\n%zu", result.record,
			    result.memory, reply(), result.onward_key,
			    result.n_onward);
}

static void
test_it_is_decided_again_the_same(void **state)
{
	(void)state;
	say_in_public("Where may I park?");
	struct conversation before = conversation;
	say_in_public("yes");
	const char *first = kept();
	conversation = before;
	say_in_public("yes");
	assert_string_equal(kept(), first);
}

static int
set_up(void **state)
{
	struct err err = {0};
	char forms[8192];
	struct pack_files files = {
		.entities = "currency: EUR\ndates: day_first\n",
		.forms = forms,
		.smalltalk = SMALLTALK,
		.triggers = TRIGGERS,
	};

	(void)state;
	snprintf(forms, sizeof forms, "%s%s", form_test_head(), FORM);
	struct pack *made = pack_of_files(&files, &err);
	if (!made)
		fail_msg("%s", err.text);
	struct index_builder *builder = index_builder_new("en");
	add_entry(builder, "park", "Where may I park?", "Behind.", 0);
	add_fillers(builder);
	know(made, builder);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_concerns_nobody_alone_is_answered),
		TEST(test_a_form_is_asked_of_its_author_alone),
		TEST(test_a_person_comes_to_him_alone),
		TEST(test_what_was_chosen_in_words_goes_along),
		TEST(test_a_button_goes_along_as_it_is),
		TEST(test_who_was_not_understood_has_a_person_there),
		TEST(test_who_chose_none_too_often_has_a_person_there),
		TEST(test_what_crashed_is_not_looked_at_there_either),
		TEST(test_a_turn_is_of_one_author),
		TEST(test_what_was_masked_is_told_once),
		TEST(test_what_has_begun_stays_where_it_is),
		TEST(test_who_writes_again_goes_on_too),
		TEST(test_he_is_told_that_he_could_not_be_reached),
		TEST(test_it_is_decided_again_the_same),
	};
	return cmocka_run_group_tests_name("private", tests, set_up, forget);
}
