/* Forms in dialogue, on a small pack: what fills a slot, what is asked next,
 * and how each form ends.  Nothing is stored here. */
#include "turn_fixture.h"

#include "base/time.h"
#include "dialog/form.h"
#include "forms.h"
#include "packs.h"
#include "text/reference.h"

/* 2026-11-28, a Saturday, at noon. */
#define NOON INT64_C(1795867200000000)
#define HOUR_US INT64_C(3600000000)

#define CARD_FORM                                                          \
	"- name: card_lost\n"                                              \
	"  title: Lost card\n"                                             \
	"  intro: the intro\n"                                             \
	"  closing: 'kept as {{reference}}'\n"                             \
	"  confirm: true\n"                                                \
	"  slots:\n"                                                       \
	"  - name: what\n"                                                 \
	"    label: What\n"                                                \
	"    type: choice\n"                                               \
	"    words: [what]\n"                                              \
	"    question: Lost or stolen?\n"                                  \
	"    choices:\n"                                                   \
	"    - {name: lost, label: Lost it, phrases: [lost]}\n"            \
	"    - {name: stolen, label: Was stolen, phrases: [stolen]}\n"     \
	"  - {name: card, label: Card, type: card, question: Which card?," \
	" required: false}\n"                                              \
	"  - {name: day, label: Day, type: date, question: Which day?,"    \
	" reask: 'The day, please', words: [date], future: false,"         \
	" days_back: 400}\n"                                               \
	"  - {name: place, label: Place, type: text, question: Where?,"    \
	" required: false, min: 2, max: 20}\n"                             \
	"  - {name: police, label: Police, type: yes_no,"                  \
	" question: Police?, when: {what: [stolen]}}\n"

#define ADDRESS_FORM                                                         \
	"- name: address\n"                                                  \
	"  title: New address\n"                                             \
	"  intro: address intro\n"                                           \
	"  closing: 'kept as {{reference}}'\n"                               \
	"  offer: Shall I take it down?\n"                                   \
	"  entries: [moving]\n"                                              \
	"  slots:\n"                                                         \
	"  - {name: address, label: Address, type: text, min: 5, max: 40,"   \
	" words: [address], question: Which address?}\n"                     \
	"  - {name: day, label: From, type: date, question: From when?,"     \
	" past: false}\n"                                                    \
	"  - {name: rent, label: Rent, type: amount, question: Which rent?," \
	" min: 10, max: 5000, required: false}\n"

#define FORMS "forms:\n" CARD_FORM ADDRESS_FORM

#define TRIGGERS                                                              \
	"triggers:\n"                                                         \
	"- {name: human, priority: 1, answer: Of course.,"                    \
	" rules: [{phrases: [person]}]}\n"                                    \
	"- {name: card_lost, priority: 9, answer: Call us., form: card_lost," \
	" rules: [{phrases: [lost|stolen & card|visa]}]}\n"                   \
	"- {name: card_taken, priority: 8, answer: Freeze it.,"               \
	" form: card_lost, rules: [{phrases: [mugged]}]}\n"                   \
	"- {name: crisis, priority: 10, answer: You are not alone.,"          \
	" rules: [{phrases: [end my life]}]}\n"

#define SMALLTALK                                                 \
	"smalltalk:\n"                                            \
	"- {name: 'yes', answer: Yes., phrases: ['yes']}\n"       \
	"- {name: 'no', answer: No., phrases: ['no']}\n"          \
	"- {name: thanks, answer: Welcome., phrases: [thanks]}\n" \
	"- {name: bot, answer: A machine., phrases: [is this a robot]}\n"

static struct pack *bare_pack;

static struct pack *
make_pack(const char *forms)
{
	struct err err;
	char text[8192];
	struct pack_files files = {
		.entities = "currency: EUR\ndates: day_first\n",
		.smalltalk = SMALLTALK,
		.triggers = TRIGGERS,
		.forms = text,
	};

	snprintf(text, sizeof text, "%s%s", form_test_head(), forms);
	struct pack *made = pack_of_files(&files, &err);
	if (!made)
		fail_msg("%s", err.text);
	return made;
}

static int
set_up(void **state)
{
	(void)state;
	/* The form of the card has other questions there, the other is gone. */
	bare_pack = make_pack("forms:\n"
			      "- name: card_lost\n"
			      "  title: Lost card\n"
			      "  intro: i\n"
			      "  closing: c\n"
			      "  slots:\n"
			      "  - {name: other, label: O, type: text,"
			      " question: q}\n");
	struct index_builder *builder = index_builder_new("en");
	add_entry(builder, "card-order", "How do I order a new card?",
		  "In the app, under Cards.", 0);
	add_entry(builder, "moving", "How do I change my address?",
		  "In the app, under Profile.", 0);
	add_fillers(builder);
	know(make_pack(FORMS), builder);
	the_desk = "desk";
	return 0;
}

static int
tear_down(void **state)
{
	pack_free(bare_pack);
	return forget(state);
}

static int
fresh_form(void **state)
{
	fresh(state);
	now_us = NOON;
	knowledge.pack = pack;
	return 0;
}

static void
ann_does(const char *kind)
{
	do_act(kind, "ann", "");
}

static void
assert_silent_of(const char *part)
{
	if (strstr(reply(), part))
		fail_msg("\"%s\" is in: %s", part, reply());
}

/* The end of the reply, where the question stands. */
static void
assert_asks(const char *question)
{
	size_t len = strlen(question), all = strlen(reply());
	if (all < len || strcmp(reply() + all - len, question) != 0)
		fail_msg("\"%s\" does not end: %s", question, reply());
}

static void
assert_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in: %s", part, text);
}

static bool
has_form(void)
{
	return strstr(conversation.memory, "\"form\":{\"name\"") ||
	       strstr(conversation.memory, "\",\"name\":");
}

/* An open form of a new address, at its first question. */
static void
begin_address(void)
{
	say("How do I change my address?");
	assert_says("Shall I take it down?");
	say("yes");
	assert_int_equal(result.kind, TURN_FORM);
	assert_asks("Which address?");
}

static void
test_a_trigger_begins_its_form_with_what_was_said(void **state)
{
	(void)state;
	say("I lost my Visa ending 1111 yesterday");
	assert_int_equal(result.kind, TURN_HANDOVER);
	assert_string_equal(result.rule, "trigger:card_lost");
	assert_int_equal(result.state, STATE_WAITING);
	assert_says("Call us.");
	assert_says("the intro");
	assert_says(
		"- What: Lost it\n- Card: ...1111\n- Day: 27 November 2026");
	assert_asks("Where?");
	assert_null(result.form);
	assert_in(result.record, "\"slot\":\"card\",\"type\":\"card\","
				 "\"span\":[22,26]");
}

static void
test_questions_follow_one_another_and_the_end_has_a_reference(void **state)
{
	char number[REFERENCE_SIZE];

	(void)state;
	say("my card was stolen, person"); /* the higher trigger */
	assert_says("the noted - What: Was stolen");
	assert_asks("Which card?");
	say("[card ok ...4242]");
	assert_int_equal(result.kind, TURN_FORM);
	assert_string_equal(result.rule, "form:card_lost");
	assert_says("- Card: ...4242");
	assert_asks("Which day?");
	say("today");
	assert_asks("Where?");
	say("Cork");
	assert_silent_of("Place: Cork");
	assert_asks("Police?");
	say("yes");
	assert_says("the summary - What: Was stolen\n- Card: ...4242\n"
		    "- Day: 28 November 2026\n- Place: Cork\n"
		    "- Police: the yes");
	assert_null(result.form);
	say("yes");
	assert_non_null(result.form);
	assert_true(result.form->is_complete);
	assert_string_equal(result.form->form, "card_lost");
	assert_string_equal(result.form->title, "Lost card");
	assert_string_equal(
		result.form->slots,
		"[{\"slot\":\"what\",\"label\":\"What\",\"type\":\"choice\","
		"\"value\":\"stolen\",\"verdict\":\"ok\"},"
		"{\"slot\":\"card\",\"label\":\"Card\",\"type\":\"card\","
		"\"value\":\"...4242\",\"verdict\":\"ok\"},"
		"{\"slot\":\"day\",\"label\":\"Day\",\"type\":\"date\","
		"\"value\":\"2026-11-28\",\"verdict\":\"ok\"},"
		"{\"slot\":\"place\",\"label\":\"Place\",\"type\":\"text\","
		"\"value\":\"Cork\",\"verdict\":\"ok\"},"
		"{\"slot\":\"police\",\"label\":\"Police\","
		"\"type\":\"yes_no\",\"value\":\"yes\",\"verdict\":\"ok\"}]");
	assert_string_equal(result.form->reference,
			    reference_read(result.form->reference, number));
	assert_says(number);
	assert_says(pack->texts[TEXT_WAITING]);
	assert_false(has_form());
}

static void
test_what_does_not_apply_is_not_asked(void **state)
{
	(void)state;
	say("I lost my card ending 1111 yesterday");
	say("Cork");
	assert_says("the summary");
	assert_silent_of("Police");
	say("yes");
	assert_null(strstr(result.form->slots, "police"));
}

static void
test_an_offered_form_begins_at_yes_and_by_its_button(void **state)
{
	begin_address();
	assert_int_equal(result.state, STATE_BOT);
	fresh_form(state);
	choose("form:address");
	assert_asks("Which address?");
	choose("form:no_such_form");
	assert_int_equal(result.kind, TURN_ASK);
	assert_asks("Which address?");
}

static void
test_without_a_summary_the_last_answer_ends_it(void **state)
{
	(void)state;
	begin_address();
	say("12 Mill Lane, Cork");
	say("1 December");
	say("skip");
	assert_non_null(result.form);
	assert_true(result.form->is_complete);
	assert_in(result.form->slots, "\"slot\":\"rent\",\"label\":\"Rent\","
				      "\"type\":\"amount\",\"value\":\"\","
				      "\"verdict\":\"skipped\"");
	assert_int_equal(result.state, STATE_BOT);
	assert_silent_of(pack->texts[TEXT_WAITING]);
}

/* Each answer is wrong, and why. */
static void
test_a_wrong_answer_is_told_what_is_wrong_with_it(void **state)
{
	static const struct {
		const char *before[3], *answer, *reason, *question;
	} rows[] = {
		{{NULL}, "12", "the too_short 5", "Which address?"},
		{{NULL},
		 "a very long address that nobody could ever write down",
		 "the too_long 40",
		 "Which address?"},
		{{NULL}, "thanks", "Which address?", "Which address?"},
		{{"12 Mill Lane"}, "31 February", "the bad_date", "From when?"},
		{{"12 Mill Lane"}, "yesterday", "the past", "From when?"},
		{{"12 Mill Lane"}, "soon", "the not_found", "From when?"},
		{{"12 Mill Lane"},
		 "1 December or 2 December",
		 "the several",
		 "From when?"},
		{{"12 Mill Lane", "today"},
		 "5 euro",
		 "the too_low 10",
		 "Which rent?"},
		{{"12 Mill Lane", "today"},
		 "6000",
		 "the too_high 5000",
		 "Which rent?"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		fresh_form(state);
		begin_address();
		for (size_t j = 0; j < 3 && rows[i].before[j]; j++)
			say(rows[i].before[j]);
		say(rows[i].answer);
		assert_says(rows[i].reason);
		assert_asks(rows[i].question);
		assert_null(result.form);
	}
}

static void
test_a_date_that_is_asked_for_has_its_bounds(void **state)
{
	static const struct {
		const char *answer, *reason;
	} rows[] = {
		{"tomorrow", "the future"},
		{"3 March 2024", "the old 400"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		fresh_form(state);
		say("I lost my card ending 1111");
		assert_asks("Which day?");
		say(rows[i].answer);
		assert_says(rows[i].reason);
		assert_asks("The day, please");
	}
}

static void
test_a_card_whose_check_digit_is_wrong_is_asked_for_again(void **state)
{
	(void)state;
	say("my card was stolen");
	say("[card bad ...4242]");
	assert_says("the check");
	assert_asks("Which card?");
	say("1234");
	assert_says("- Card: ...1234");
}

static void
test_who_waits_is_asked_three_times_and_then_left_to_the_person(void **state)
{
	(void)state;
	say("I lost my card ending 1111");
	for (int i = 0; i < 2; i++) {
		say("whenever");
		assert_asks("The day, please");
		assert_int_equal(result.failed_turns, 0);
	}
	say("whenever");
	assert_says("the left");
	assert_asks("Where?");
	say("Cork");
	say("yes");
	assert_false(result.form->is_complete);
	assert_in(result.form->slots, "\"slot\":\"day\",\"label\":\"Day\","
				      "\"type\":\"date\",\"value\":\"\","
				      "\"verdict\":\"open\"");
}

static void
test_with_the_bot_alone_a_person_takes_over_what_cannot_be_left_out(
	void **state)
{
	(void)state;
	begin_address();
	say("12 Mill Lane");
	say("whenever");
	assert_int_equal(result.failed_turns, 1);
	assert_null(strstr(result.replies[0].options_json, "person"));
	say("whenever");
	assert_int_equal(result.failed_turns, 2);
	assert_non_null(strstr(result.replies[0].options_json, "person"));
	say("whenever");
	assert_int_equal(result.state, STATE_WAITING);
	assert_string_equal(result.rule, "form:address");
	assert_says("the person");
	assert_says(result.form->reference);
	assert_false(result.form->is_complete);
	assert_in(result.form->slots, "12 Mill Lane");
	assert_false(has_form());
}

static void
test_an_answer_ends_the_row_of_failures(void **state)
{
	(void)state;
	begin_address();
	say("12");
	assert_int_equal(result.failed_turns, 1);
	say("12 Mill Lane");
	assert_int_equal(result.failed_turns, 0);
	say("whenever");
	assert_int_equal(result.failed_turns, 1);
}

static void
test_a_correction_is_of_the_newest_answer_that_it_fits(void **state)
{
	static const struct {
		const char *text, *noted;
		bool was_stolen;
	} rows[] = {
		{"no, the 3rd", "- Day: 3 November 2026", false},
		{"sorry, it was yesterday", "- Day: 27 November 2026", false},
		{"actually 5 October", "- Day: 5 October 2026", false},
		{"sorry, the card ending 4242", "- Card: ...4242", false},
		{"no, i meant it was stolen", "- What: Was stolen", true},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		fresh_form(state);
		say("I lost my card ending 1111 on 2 November");
		assert_asks("Where?");
		say(rows[i].text);
		assert_says(rows[i].noted);
		assert_asks("Where?");
		say("Cork");
		assert_says(rows[i].was_stolen ? "Police?" : "the summary");
		say("no");
		say(rows[i].text);
		assert_says(rows[i].noted);
	}
}

static void
test_words_are_corrected_behind_what_says_so(void **state)
{
	(void)state;
	begin_address();
	say("12 Mill Lane");
	assert_asks("From when?");
	say("sorry, I meant 14 Mill Lane");
	assert_says("- Address: 14 Mill Lane");
	assert_asks("From when?");
	say("1 December");
	say("no, from 2 December");
	assert_says("- From: 2 December 2026");
	say("sorry, 900 euros");
	assert_in(result.form->slots, "900.00 EUR");
}

/* However often a message says that it corrects something, hearing it costs no
 * more than it does once. */
static void
test_a_message_of_corrections_alone_is_soon_done_with(void **state)
{
	char text[8001];

	(void)state;
	for (size_t i = 0; i < sizeof text - 1; i++)
		text[i] = "no "[i % 3];
	text[sizeof text - 1] = '\0';
	begin_address();
	say("12 Mill Lane");
	size_t used = arena.used;
	say(text);
	assert_true(arena.used - used < 4 * sizeof text);
	assert_asks("From when?");
	assert_in(conversation.memory, "12 Mill Lane");
	say("sorry, no, no, I meant 14 Mill Lane");
	assert_says("- Address: 14 Mill Lane");
}

static void
test_an_answer_that_fits_only_the_last_question_corrects_it(void **state)
{
	(void)state;
	say("my card was stolen");
	say("skip");
	say("2 November");
	say("Cork");
	assert_asks("Police?");
	say("on 3 November");
	assert_asks("Police?");
	say("yes");
	assert_says("- Day: 2 November 2026"); /* Cork was the last */
	fresh_form(state);
	begin_address();
	say("12 Mill Lane");
	say("1 December");
	say("from 2 December");
	assert_says("- From: 2 December 2026");
	assert_asks("Which rent?");
}

static void
test_a_named_slot_is_changed_at_once_or_asked_again(void **state)
{
	(void)state;
	say("I lost my card ending 1111 on 2 November");
	say("change the date to 3 November");
	assert_says("- Day: 3 November 2026");
	assert_asks("Where?");
	say("change the date");
	assert_asks("Which day?");
	say("4 November");
	assert_says("- Day: 4 November 2026");
	assert_asks("Where?");
}

static void
test_the_summary_is_corrected_until_it_is_right(void **state)
{
	(void)state;
	say("I lost my card ending 1111 on 2 November");
	say("Cork");
	assert_says("the summary");
	say("no");
	assert_says("the what");
	say("the date is wrong");
	assert_asks("Which day?");
	say("5 November");
	assert_says("the summary");
	assert_says("- Day: 5 November 2026");
	choose("form_wrong");
	assert_says("the what");
	choose("form_right");
	assert_non_null(result.form);
	assert_in(result.form->slots, "2026-11-05");
}

static void
test_a_summary_that_is_never_confirmed_ends_all_the_same(void **state)
{
	(void)state;
	say("I lost my card ending 1111 on 2 November");
	say("Cork");
	for (int i = 0; i < 2; i++) {
		say("no");
		assert_null(result.form);
	}
	say("no");
	assert_non_null(result.form);
}

static void
test_a_choice_is_made_by_words_by_number_and_by_button(void **state)
{
	static const char *const numbers[] = {"2", " (2) ", "2."};

	for (size_t i = 0; i < 5; i++) {
		fresh_form(state);
		say("mugged");
		assert_asks("Lost or stolen?");
		assert_in(result.replies[0].options_json,
			  "\"id\":\"slot:what:stolen\"");
		if (i < 3)
			say(numbers[i]);
		else if (i == 3)
			choose("slot:what:stolen");
		else
			say("it got stolen");
		assert_asks("Which card?");
		assert_in(conversation.memory,
			  "[\"what\",\"stolen\",\"ok\",10]");
	}
	choose("slot:what:lost"); /* of the question before */
	assert_says("- What: Lost it");
	assert_asks("Which card?");
	say("skip");
	say("lost or stolen");
	assert_asks("The day, please");
}

static void
test_what_can_be_left_out_is_skipped_and_the_rest_is_needed(void **state)
{
	(void)state;
	say("my card was stolen");
	say("I don't know");
	assert_asks("Which day?");
	say("skip");
	assert_says("the needed");
	assert_asks("The day, please");
	say("today");
	say("no"); /* none to say */
	assert_asks("Police?");
	say("no");
	assert_says("- Place: the empty\n- Police: the no");
}

static void
test_cancel_ends_it_and_nothing_is_kept(void **state)
{
	(void)state;
	begin_address();
	say("12 Mill Lane");
	say("forget it");
	assert_says("the cancelled");
	assert_null(result.form);
	assert_false(has_form());
	assert_int_equal(result.state, STATE_BOT);
	say("How do I order a new card?");
	assert_silent_of("From when?");
	fresh_form(state);
	say("my card was stolen");
	say("please cancel");
	assert_says("the cancelled");
	assert_says(pack->texts[TEXT_WAITING]);
	assert_int_equal(result.state, STATE_WAITING);
}

static void
test_a_question_in_between_is_answered_and_the_form_goes_on(void **state)
{
	(void)state;
	say("my card was stolen");
	say("How do I order a new card?");
	assert_int_equal(result.kind, TURN_ANSWER);
	assert_string_equal(result.entry, "card-order@3");
	assert_says("In the app, under Cards.");
	assert_asks("Which card?");
	say("skip");
	say("today");
	assert_asks("Where?");
	say("How do I order a new card?"); /* no place */
	assert_says("In the app, under Cards.");
	assert_asks("Where?");
	say("is this a robot");
	assert_says("A machine.");
	assert_asks("Where?");
	say("Cork");
	assert_asks("Police?");
}

static void
test_after_questions_in_a_row_the_form_waits_for_the_customer(void **state)
{
	(void)state;
	begin_address();
	for (int i = 0; i < 3; i++)
		say("How do I order a new card?");
	assert_asks("the paused New address");
	say("How do I order a new card?");
	assert_silent_of("Which address?");
	say("continue");
	assert_int_equal(result.kind, TURN_FORM);
	assert_asks("Which address?");
	say("12 Mill Lane");
	assert_asks("From when?");
}

static void
test_who_comes_back_the_next_day_is_not_asked_at_once(void **state)
{
	(void)state;
	begin_address();
	now_us += 25 * HOUR_US;
	say("How do I order a new card?");
	assert_int_equal(result.kind, TURN_ANSWER);
	assert_silent_of("Which address?");
	say("continue");
	assert_asks("Which address?");
}

static void
test_another_trigger_wins_and_the_form_waits(void **state)
{
	(void)state;
	say("my card was stolen");
	say("I will end my life");
	assert_string_equal(result.rule, "trigger:crisis");
	assert_says("You are not alone.");
	assert_asks("the paused Lost card");
	say("continue");
	assert_asks("Which card?");
}

static void
test_its_own_trigger_is_an_answer(void **state)
{
	(void)state;
	say("my card was stolen");
	say("skip");
	say("today");
	say("a stolen card");
	assert_int_equal(result.kind, TURN_FORM);
	assert_silent_of("Call us.");
	assert_asks("Police?");
}

static void
test_another_trigger_of_the_form_gives_its_aid_and_goes_on(void **state)
{
	(void)state;
	say("I lost my card");
	assert_asks("Which card?");
	say("[card ok ...4242], I was mugged today");
	assert_string_equal(result.rule, "trigger:card_taken");
	assert_says("Freeze it.");
	assert_says("- Day: 28 November 2026");
	assert_asks("Where?");
}

static void
test_another_form_keeps_what_the_first_one_had(void **state)
{
	(void)state;
	begin_address();
	say("12 Mill Lane");
	say("my card was stolen");
	assert_string_equal(result.rule, "trigger:card_lost");
	assert_non_null(result.form);
	assert_string_equal(result.form->form, "address");
	assert_false(result.form->is_complete);
	assert_asks("Which card?");
}

/* There is one case a turn. */
static void
test_a_form_that_ends_another_waits_for_the_customers_word(void **state)
{
	struct pack *short_pack =
		make_pack("forms:\n"
			  "- name: card_lost\n"
			  "  title: Lost card\n"
			  "  intro: i\n"
			  "  closing: 'kept as {{reference}}'\n"
			  "  slots:\n"
			  "  - {name: day, label: Day, type: date, question: "
			  "q}\n" ADDRESS_FORM);

	(void)state;
	knowledge.pack = short_pack;
	begin_address();
	say("12 Mill Lane");
	say("my card was stolen yesterday");
	assert_string_equal(result.form->form, "address");
	assert_in(result.form->slots, "12 Mill Lane");
	assert_asks("the summary - Day: 27 November 2026");
	say("yes");
	assert_string_equal(result.form->form, "card_lost");
	assert_true(result.form->is_complete);
	assert_false(has_form());
	fresh_form(state);
	knowledge.pack = short_pack;
	say("my card was stolen yesterday"); /* no other one ended */
	assert_string_equal(result.form->form, "card_lost");
	pack_free(short_pack);
	knowledge.pack = pack;
}

static void
test_a_person_can_be_asked_for_at_any_time(void **state)
{
	(void)state;
	begin_address();
	say("12 Mill Lane");
	say("person");
	assert_string_equal(result.rule, "trigger:human");
	assert_int_equal(result.state, STATE_WAITING);
	assert_asks("the paused New address");
	say("continue");
	assert_asks("From when?");
	fresh_form(state);
	begin_address();
	choose("person");
	assert_int_equal(result.state, STATE_WAITING);
	assert_asks("the paused New address");
}

static void
test_who_leaves_the_queue_is_not_promised_an_ended_form(void **state)
{
	(void)state;
	say("I lost my card ending 1111");
	assert_asks("Which day?");
	choose("bot");
	assert_string_equal(result.rule, "left the queue");
	assert_int_equal(result.state, STATE_BOT);
	assert_silent_of("the paused");
	assert_in(result.form->slots, "...1111");
	assert_false(result.form->is_complete);
	assert_false(has_form());
	fresh_form(state);
	begin_address();
	choose("bot"); /* of an earlier wait: he has left no queue */
	assert_asks("the paused New address");
	assert_null(result.form);
	say("continue");
	assert_asks("Which address?");
}

static void
test_a_claim_ends_the_form_and_keeps_its_answers(void **state)
{
	(void)state;
	say("I lost my card ending 1111 yesterday");
	ann_does("claim");
	assert_int_equal(result.state, STATE_PERSON);
	assert_non_null(result.form);
	assert_true(result.form->is_complete); /* but for what may miss */
	assert_in(result.form->slots, "\"value\":\"...1111\"");
	assert_in(result.form->slots, "\"slot\":\"place\",\"label\":\"Place\","
				      "\"type\":\"text\",\"value\":\"\","
				      "\"verdict\":\"open\"");
	assert_false(has_form());
	say("Cork");
	assert_null(result.form);
	ann_does("return");
	say("Cork");
	assert_silent_of("Police?");
	fresh_form(state);
	begin_address();
	ann_does("claim"); /* before any answer */
	assert_null(result.form);
}

static void
test_a_form_that_opens_a_closed_conversation_goes_on(void **state)
{
	(void)state;
	conversation.state = STATE_CLOSED;
	choose("form:address");
	assert_int_equal(result.state, STATE_BOT);
	assert_asks("Which address?");
	assert_true(has_form());
	say("12 Mill Lane");
	assert_asks("From when?");
}

static void
test_a_finished_form_does_not_begin_again_while_he_waits(void **state)
{
	(void)state;
	say("I lost my card ending 1111 yesterday");
	say("Cork");
	say("yes");
	assert_non_null(result.form);
	say("my card was stolen");
	assert_says("Call us.");
	assert_silent_of("Which card?");
	ann_does("claim");
	ann_does("return");
	say("my card was stolen");
	assert_asks("Which card?");
}

static void
test_a_pack_that_changed_ends_the_form_with_words(void **state)
{
	(void)state;
	begin_address();
	say("12 Mill Lane");
	knowledge.pack = bare_pack; /* that form is gone */
	say("1 December");
	assert_says("the changed");
	assert_int_equal(result.state, STATE_WAITING);
	assert_in(result.form->slots,
		  "\"slot\":\"address\",\"label\":\"address\"");
	assert_in(result.form->slots, "12 Mill Lane");
	assert_says(result.form->reference);
	assert_false(has_form());
	fresh_form(state);
	say("I lost my card ending 1111 yesterday");
	knowledge.pack = bare_pack; /* that form asks something else */
	say("Cork");
	assert_says("the changed");
	assert_says(bare_pack->texts[TEXT_WAITING]);
	assert_non_null(result.form);
	fresh_form(state);
	begin_address();
	knowledge.pack = bare_pack;
	say("12 Mill Lane"); /* nothing was answered yet */
	assert_null(result.form);
	assert_int_equal(result.state, STATE_WAITING);
}

static void
test_a_crash_pauses_the_form(void **state)
{
	struct message message = customer("12 Mill Lane");
	struct pack deaf = *pack;

	(void)state;
	begin_address();
	message.crashes = 5;
	deaf.vocabulary = NULL; /* whoever looks at words falls over */
	knowledge.pack = &deaf;
	decide_all(&message, 1, the_desk);
	knowledge.pack = pack;
	assert_string_equal(result.rule, "crashed");
	assert_asks("the paused New address");
	say("continue");
	assert_asks("Which address?");
}

static void
test_marks_of_customers_do_nothing_in_a_list(void **state)
{
	(void)state;
	begin_address();
	say("12 *Mill* [Lane](x)");
	say("sorry, 14 *Mill* <Lane>");
	assert_says("- Address: 14 \\*Mill\\* \\<Lane\\>");
}

static void
test_the_same_input_gives_the_same_bytes(void **state)
{
	struct message message =
		customer("I lost my Visa ending 1111 yesterday");
	struct turn_input input = {
		.conversation = &conversation,
		.messages = &message,
		.n_messages = 1,
		.knowledge = &knowledge,
		.scratch = scratch,
		.desk = "desk",
		.now_us = NOON,
	};
	struct turn_result again;

	(void)state;
	for (int i = 0; i < 3; i++) {
		turn_decide(&input, &arena, &result);
		turn_decide(&input, &arena, &again);
		assert_string_equal(result.record, again.record);
		assert_string_equal(result.memory, again.memory);
		assert_string_equal(result.replies[0].text,
				    again.replies[0].text);
		conversation.memory = result.memory;
		conversation.state = result.state;
		conversation.turns++;
		message.text = i ? "yes" : "Cork";
	}
	assert_non_null(result.form);
	assert_string_equal(result.form->slots, again.form->slots);
	assert_string_equal(result.form->reference, again.form->reference);
}

static void
test_a_memory_that_is_damaged_ends_without_harm(void **state)
{
	static const char *const memories[] = {
		"{\"form\":{\"name\":\"card_lost\"}}",
		"{\"form\":{\"name\":\"card_lost\",\"slot\":\"nothing\"}}",
		("{\"form\":{\"name\":\"card_lost\",\"slot\":\"day\","
		 "\"values\":[[\"what\",\"neither\",\"ok\"],[],[1]]}}"),
		"{\"form\":{\"name\":7,\"values\":{}}}",
		"{\"form\":[]}",
	};

	for (size_t i = 0; i < sizeof memories / sizeof *memories; i++) {
		fresh_form(state);
		conversation.memory = memories[i];
		conversation.turns = 1;
		say("2 November");
		assert_true(result.n_replies >= 1);
		say("person");
		assert_int_equal(result.state, STATE_WAITING);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, fresh_form)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_trigger_begins_its_form_with_what_was_said),
		TEST(test_questions_follow_one_another_and_the_end_has_a_reference),
		TEST(test_what_does_not_apply_is_not_asked),
		TEST(test_an_offered_form_begins_at_yes_and_by_its_button),
		TEST(test_without_a_summary_the_last_answer_ends_it),
		TEST(test_a_wrong_answer_is_told_what_is_wrong_with_it),
		TEST(test_a_date_that_is_asked_for_has_its_bounds),
		TEST(test_a_card_whose_check_digit_is_wrong_is_asked_for_again),
		TEST(test_who_waits_is_asked_three_times_and_then_left_to_the_person),
		TEST(test_with_the_bot_alone_a_person_takes_over_what_cannot_be_left_out),
		TEST(test_an_answer_ends_the_row_of_failures),
		TEST(test_a_correction_is_of_the_newest_answer_that_it_fits),
		TEST(test_words_are_corrected_behind_what_says_so),
		TEST(test_a_message_of_corrections_alone_is_soon_done_with),
		TEST(test_an_answer_that_fits_only_the_last_question_corrects_it),
		TEST(test_a_named_slot_is_changed_at_once_or_asked_again),
		TEST(test_the_summary_is_corrected_until_it_is_right),
		TEST(test_a_summary_that_is_never_confirmed_ends_all_the_same),
		TEST(test_a_choice_is_made_by_words_by_number_and_by_button),
		TEST(test_what_can_be_left_out_is_skipped_and_the_rest_is_needed),
		TEST(test_cancel_ends_it_and_nothing_is_kept),
		TEST(test_a_question_in_between_is_answered_and_the_form_goes_on),
		TEST(test_after_questions_in_a_row_the_form_waits_for_the_customer),
		TEST(test_who_comes_back_the_next_day_is_not_asked_at_once),
		TEST(test_another_trigger_wins_and_the_form_waits),
		TEST(test_its_own_trigger_is_an_answer),
		TEST(test_another_trigger_of_the_form_gives_its_aid_and_goes_on),
		TEST(test_another_form_keeps_what_the_first_one_had),
		TEST(test_a_form_that_ends_another_waits_for_the_customers_word),
		TEST(test_a_person_can_be_asked_for_at_any_time),
		TEST(test_who_leaves_the_queue_is_not_promised_an_ended_form),
		TEST(test_a_claim_ends_the_form_and_keeps_its_answers),
		TEST(test_a_form_that_opens_a_closed_conversation_goes_on),
		TEST(test_a_finished_form_does_not_begin_again_while_he_waits),
		TEST(test_a_pack_that_changed_ends_the_form_with_words),
		TEST(test_a_crash_pauses_the_form),
		TEST(test_marks_of_customers_do_nothing_in_a_list),
		TEST(test_the_same_input_gives_the_same_bytes),
		TEST(test_a_memory_that_is_damaged_ends_without_harm),
	};

	return cmocka_run_group_tests_name("form", tests, set_up, tear_down);
}
