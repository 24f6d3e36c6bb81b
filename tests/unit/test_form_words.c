/* What a customer's words are to a form that asks: an answer, a correction of
 * one, a command, a question of his own. */
#include "turn_fixture.h"

#include "dialog/form.h"
#include "forms.h"
#include "packs.h"

/* 2026-11-28, a Saturday, at noon. */
#define NOON INT64_C(1795867200000000)

#define FORMS                                                                 \
	"forms:\n"                                                            \
	"- name: dispute\n"                                                   \
	"  title: Payment\n"                                                  \
	"  intro: the intro\n"                                                \
	"  closing: 'kept as {{reference}}'\n"                                \
	"  confirm: true\n"                                                   \
	"  slots:\n"                                                          \
	"  - {name: amount, label: Amount, type: amount,"                     \
	" question: How much?, words: [amount]}\n"                            \
	"  - {name: day, label: Day, type: date, question: Which day?,"       \
	" words: [date, when], future: false}\n"                              \
	"  - {name: payee, label: Payee, type: text, question: Which payee?," \
	" words: [payee, shop], min: 2, max: 60}\n"                           \
	"  - {name: story, label: Story, type: text,"                         \
	" question: What happened?, min: 3, max: 1000, required: false}\n"    \
	"  - {name: card, label: Card, type: yes_no,"                         \
	" question: By card?, required: false}\n"                             \
	"- name: fee\n"                                                       \
	"  title: Fee\n"                                                      \
	"  intro: the fee intro\n"                                            \
	"  closing: 'kept as {{reference}}'\n"                                \
	"  offer: Shall I note it?\n"                                         \
	"  entries: [fees]\n"                                                 \
	"  slots:\n"                                                          \
	"  - {name: which, label: Which, type: text, question: Which fee?}\n"

#define TRIGGERS                                                        \
	"triggers:\n"                                                   \
	"- {name: human, priority: 1, answer: Of course.,"              \
	" rules: [{phrases: [person]}]}\n"                              \
	"- {name: dispute, priority: 5, answer: We look at it., form: " \
	"dispute,"                                                      \
	" rules: [{phrases: [charged twice]}]}\n"                       \
	"- {name: fee, priority: 3, answer: A fee., form: fee,"         \
	" rules: [{phrases: [strange fee]}]}\n"                         \
	"- {name: hurt, priority: 9, answer: Ring 112., form: fee,"     \
	" rules: [{phrases: [am hurt]}]}\n"

#define SMALLTALK                                           \
	"smalltalk:\n"                                      \
	"- {name: 'yes', answer: Yes., phrases: ['yes']}\n" \
	"- {name: 'no', answer: No., phrases: ['no']}\n"    \
	"- {name: thanks, answer: Welcome., phrases: [thanks]}\n"

static struct decide_settings settings;

static int
set_up(void **state)
{
	static char forms[8192];
	struct err err;
	struct pack_files files = {
		.entities = "currency: EUR\ndates: day_first\n",
		.smalltalk = SMALLTALK,
		.triggers = TRIGGERS,
		.forms = forms,
	};

	(void)state;
	snprintf(forms, sizeof forms, "%s%s", form_test_head(), FORMS);
	struct pack *made = pack_of_files(&files, &err);
	if (!made)
		fail_msg("%s", err.text);
	struct index_builder *builder = index_builder_new("en");
	add_entry(builder, "card-order", "How do I order a new card?",
		  "In the app, under Cards.", 0);
	add_entry(builder, "fees", "Is there a monthly fee?", "None.", 0);
	add_fillers(builder);
	know(made, builder);
	settings = knowledge.settings;
	the_desk = "desk";
	return 0;
}

static int
fresh_form(void **state)
{
	fresh(state);
	now_us = NOON;
	knowledge.settings = settings;
	return 0;
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

/* The dispute's form, at the question behind so many answers. */
static void
begin(int n_answers)
{
	static const char *const answers[] = {"59.90 euro", "3 November",
					      "Lidl", "It was taken twice."};

	say("I was charged twice");
	assert_asks("How much?");
	for (int i = 0; i < n_answers; i++)
		say(answers[i]);
}

static void
test_a_day_is_no_amount_and_an_amount_no_day(void **state)
{
	(void)state;
	begin(1);
	say("no 4 November");
	assert_says("- Day: 4 November 2026");
	assert_silent_of("Amount");
	assert_asks("Which payee?");
	say("no, it was 59.95");
	assert_says("- Amount: 59.95 EUR");
	assert_asks("Which payee?");
	say("no 5 November");
	assert_says("- Day: 5 November 2026");
	assert_silent_of("Amount");
	fresh_form(state);
	begin(0);
	say("4 November"); /* not asked for yet */
	assert_says("- Day: 4 November 2026");
	assert_silent_of("Amount");
	assert_asks("How much?");
	fresh_form(state);
	begin(1);
	say("4 euro");
	assert_silent_of("- Day");
	assert_asks("Which day?");
}

static void
test_commands_do_what_they_say_where_words_are_asked_for(void **state)
{
	(void)state;
	begin(2);
	assert_asks("Which payee?");
	say("continue");
	assert_int_equal(result.kind, TURN_FORM);
	assert_asks("Which payee?");
	assert_int_equal(result.failed_turns, 0);
	say("help");
	assert_says("the help");
	assert_asks("Which payee?");
	say("Lidl");
	assert_asks("What happened?");
	say("skip");
	say("yes");
	assert_says("the summary");
	say("continue");
	assert_says("the summary");
	assert_null(result.form);
	say("cancel");
	assert_says("the cancelled");
}

static void
test_a_summary_is_agreed_to_in_other_words(void **state)
{
	static const char *const words[] = {"ok", "ok please", "yes, continue"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		fresh_form(state);
		begin(4);
		say("yes");
		assert_says("the summary");
		say(words[i]);
		assert_non_null(result.form);
		assert_true(result.form->is_complete);
	}
}

static void
test_a_text_is_corrected_by_its_name(void **state)
{
	static const struct {
		const char *text, *noted;
	} rows[] = {
		{"the payee was Aldi", "- Payee: Aldi"},
		{"change the payee to Aldi, Cork, T12 AB34",
		 "- Payee: Aldi, Cork, T12 AB34"},
		{"payee: Aldi", "- Payee: Aldi"},
		{"no, the shop is Aldi", "- Payee: Aldi"},
		{"sorry \u2014 I meant the payee was Aldi", "- Payee: Aldi"},
		{"payee\u00a0was Aldi Cork", "- Payee: Aldi Cork"},
		{"sorry\u2026 the shop \u2013 is Aldi", "- Payee: Aldi"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		fresh_form(state);
		begin(4);
		say("yes");
		assert_says("the summary");
		say(rows[i].text);
		assert_says("the summary");
		assert_says(rows[i].noted);
	}
	say("the payee is wrong");
	assert_asks("Which payee?");
	fresh_form(state);
	begin(4);
	say("no, the payee was Aldi"); /* asked for yes or no */
	assert_says("- Payee: Aldi");
	assert_asks("By card?");
}

static void
test_an_answer_is_told_by_its_name_whatever_is_asked(void **state)
{
	(void)state;
	begin(1);
	say("the amount was 70"); /* no day */
	assert_says("- Amount: 70.00 EUR");
	assert_asks("Which day?");
	say("3 November");
	say("the date is 4 November"); /* no payee */
	assert_says("- Day: 4 November 2026");
	assert_asks("Which payee?");
	say("the amount was too high"); /* no name */
	assert_silent_of("- Payee");
	assert_asks("Which payee?");
	say("the amount is up to you"); /* so it is called, as it is said on */
	assert_says("- Payee: the amount is up to you");
	say("the amount is 3, and they took 6"); /* a story */
	assert_says("- Story: the amount is 3");
	assert_silent_of("- Amount");
	say("the payee is Aldi"); /* no yes, no no */
	assert_says("- Payee: Aldi");
	assert_asks("By card?");
}

static void
test_words_behind_it_is_are_the_right_ones(void **state)
{
	(void)state;
	begin(4);
	say("no, it's something else");
	assert_says("- Story: something else");
	assert_asks("By card?");
}

static void
test_each_answer_is_said_when_it_is_noted(void **state)
{
	char story[1001], noted[200];

	(void)state;
	begin(3);
	assert_says("the noted - Payee: Lidl");
	memset(story, 'a', sizeof story - 1);
	story[sizeof story - 1] = '\0';
	say(story);
	snprintf(noted, sizeof noted, "- Story: %.120s...", story);
	assert_says(noted);
	say("yes");
	assert_says(story); /* the summary has it all */
}

static void
test_yes_and_more_is_no_name_at_once(void **state)
{
	(void)state;
	begin(2);
	say("yes, two of them for 40 euro each");
	assert_says("the not_found");
	assert_asks("Which payee?");
	say("yes, Yes Foods"); /* so it is called */
	assert_says("- Payee: yes, Yes Foods");
	fresh_form(state);
	begin(3);
	say("yes, they took it twice"); /* a story may begin so */
	assert_says("- Story: yes, they took it twice");
}

static void
test_a_figure_is_no_name_at_once(void **state)
{
	static const char *const figures[] = {"EUR -5", "32/13/2026", "24",
					      " (60) ", "50 euro."};

	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
		fresh_form(state);
		begin(2);
		say(figures[i]);
		assert_asks("Which payee?");
		assert_silent_of("- Payee");
	}
	say("24"); /* so it is called */
	assert_says("- Payee: 24");
	say("60"); /* of a story anything may be part */
	assert_silent_of("not_found");
}

static void
test_a_lesser_trigger_in_an_answer_is_part_of_it(void **state)
{
	(void)state;
	begin(4);
	say("yes and there is a strange fee on it");
	assert_string_equal(result.rule, "form:dispute");
	assert_silent_of("A fee.");
	assert_says("the summary");
	assert_says("- Card: the yes");
	fresh_form(state);
	begin(3);
	say("They took it, and a strange fee besides.");
	assert_asks("By card?");
	fresh_form(state);
	begin(0);
	say("it is all about a strange fee"); /* no answer: aid, and no new form
					       */
	assert_string_equal(result.rule, "trigger:fee");
	assert_says("A fee.");
	assert_asks("How much?");
	assert_null(result.form);
	say("it is all about a strange fee");
	say("it is all about a strange fee");
	assert_asks("the paused Payment");
	say("it is all about a strange fee"); /* he means that one */
	assert_asks("Which fee?");
}

static void
test_a_graver_trigger_still_fires_and_names_the_case(void **state)
{
	(void)state;
	begin(4);
	say("yes and I am hurt");
	assert_string_equal(result.rule, "trigger:hurt");
	assert_says("Ring 112.");
	assert_non_null(result.form);
	assert_string_equal(result.form->form, "dispute");
	assert_says("the kept");
	assert_says(result.form->reference);
	assert_asks("Which fee?");
}

static void
test_the_customer_is_told_of_each_case(void **state)
{
	(void)state;
	begin(1);
	choose("person");
	choose("bot");
	assert_says("the kept");
	assert_says(result.form->reference);
	fresh_form(state);
	begin(1);
	do_act("claim", "ann", "");
	assert_says("the kept");
	assert_says(result.form->reference);
	fresh_form(state);
	begin(1);
	do_act("close", "ann", "");
	assert_says("the kept");
	fresh_form(state);
	begin(0); /* nothing was answered, but it ends as well */
	do_act("claim", "ann", "");
	assert_null(result.form);
	assert_says("the over");
	do_act("return", "ann", "");
	assert_silent_of("the over");
	fresh_form(state);
	say("hello there");
	do_act("claim", "ann", ""); /* no form was open */
	assert_silent_of("the over");
}

static void
test_a_question_without_an_answer_is_no_failed_answer(void **state)
{
	static const char *const questions[] = {"why do you need this?",
						"what is that for",
						"should the moon be blue?"};

	(void)state;
	for (int n = 0; n < 3; n++)
		for (size_t i = 0; i < 3; i++) {
			fresh_form(state);
			begin(n);
			say(questions[i]);
			assert_says("the no_answer");
			assert_int_equal(result.kind, TURN_FORM);
			assert_asks(n == 0   ? "How much?"
				    : n == 1 ? "Which day?"
					     : "Which payee?");
			assert_null(strstr(conversation.memory, "reasks"));
		}
}

static void
test_a_story_is_one_whatever_is_wrong_or_asked_in_it(void **state)
{
	static const char *const stories[] = {
		"The amount is wrong, it said 60",
		"They took it twice. Is that how you treat people?"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		fresh_form(state);
		begin(3);
		say(stories[i]);
		assert_says("- Story: T");
		assert_silent_of("- Amount");
		assert_asks("By card?");
	}
	fresh_form(state);
	begin(3);
	say("change the amount to 60");
	assert_says("- Amount: 60.00 EUR");
	assert_asks("What happened?");
}

static void
test_questions_without_an_answer_have_an_end(void **state)
{
	(void)state;
	begin(0);
	for (int i = 0; i < 3; i++)
		say("why do you need this?");
	assert_says("the no_answer");
	assert_asks("the paused Payment");
	say("continue");
	assert_asks("How much?");
}

static void
test_such_a_question_fails_where_nobody_waits(void **state)
{
	(void)state;
	say("Is there a monthly fee?");
	say("yes");
	say("why do you need this?");
	assert_asks("Which fee?");
	assert_null(strstr(result.replies[0].options_json, "person"));
	say("why do you need this?");
	assert_non_null(strstr(result.replies[0].options_json, "person"));
	say("why do you need this?");
	assert_int_equal(result.state, STATE_WAITING);
}

static void
test_the_nearest_entries_are_named(void **state)
{
	(void)state;
	knowledge.settings.threshold = 1.0;
	knowledge.settings.floor = 0.01;
	begin(2);
	say("how do I order a card?");
	assert_says("the perhaps - How do I order a new card?");
	assert_asks("Which payee?");
	assert_non_null(strstr(result.replies[0].options_json,
			       "\"id\":\"faq:card-order\""));
	choose("faq:card-order");
	assert_says("In the app, under Cards.");
	assert_asks("Which payee?");
	say("Lidl");
	assert_says("- Payee: Lidl");
}

static void
test_an_offered_form_is_taken_in_several_words(void **state)
{
	static const char *const words[] = {"yes", "yes please do it", "do it"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		fresh_form(state);
		say("Is there a monthly fee?");
		assert_says("Shall I note it?");
		say(words[i]);
		assert_asks("Which fee?");
	}
}

/* After a reload. */
static void
test_an_offer_of_a_pack_that_has_no_more_forms_is_over(void **state)
{
	struct err err;
	const struct pack *with_forms = knowledge.pack;
	struct pack *without = pack_of_files(
		&(struct pack_files){
			.entities = "currency: EUR\ndates: day_first\n",
			.smalltalk = SMALLTALK},
		&err);

	(void)state;
	assert_non_null(without);
	say("Is there a monthly fee?");
	knowledge.pack = without;
	say("ok do it");
	assert_int_not_equal(result.kind, TURN_FORM);
	knowledge.pack = with_forms;
	pack_free(without);
}

#define TEST(name) cmocka_unit_test_setup(name, fresh_form)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_day_is_no_amount_and_an_amount_no_day),
		TEST(test_commands_do_what_they_say_where_words_are_asked_for),
		TEST(test_a_summary_is_agreed_to_in_other_words),
		TEST(test_a_text_is_corrected_by_its_name),
		TEST(test_an_answer_is_told_by_its_name_whatever_is_asked),
		TEST(test_words_behind_it_is_are_the_right_ones),
		TEST(test_each_answer_is_said_when_it_is_noted),
		TEST(test_yes_and_more_is_no_name_at_once),
		TEST(test_a_figure_is_no_name_at_once),
		TEST(test_a_lesser_trigger_in_an_answer_is_part_of_it),
		TEST(test_a_graver_trigger_still_fires_and_names_the_case),
		TEST(test_the_customer_is_told_of_each_case),
		TEST(test_a_question_without_an_answer_is_no_failed_answer),
		TEST(test_a_story_is_one_whatever_is_wrong_or_asked_in_it),
		TEST(test_questions_without_an_answer_have_an_end),
		TEST(test_such_a_question_fails_where_nobody_waits),
		TEST(test_the_nearest_entries_are_named),
		TEST(test_an_offered_form_is_taken_in_several_words),
		TEST(test_an_offer_of_a_pack_that_has_no_more_forms_is_over),
	};

	return cmocka_run_group_tests_name("form_words", tests, set_up, forget);
}
