/* Answers that come together: each is that to the next question of a form. */
#include "turn_fixture.h"

#include "dialog/form.h"
#include "forms.h"
#include "packs.h"

/* 2026-11-28, a Saturday, at noon. */
#define NOON INT64_C(1795867200000000)
#define FIRST_ID 10

#define FORMS                                                                \
	"forms:\n"                                                           \
	"- name: theft\n"                                                    \
	"  title: Theft\n"                                                   \
	"  intro: the intro\n"                                               \
	"  closing: 'kept as {{reference}}'\n"                               \
	"  confirm: true\n"                                                  \
	"  slots:\n"                                                         \
	"  - {name: kind, label: Kind, type: choice, question: Which kind?," \
	" choices: [{name: bag, label: A bag, phrases: [bag]},"              \
	" {name: bike, label: A bike, phrases: [bike]}]}\n"                  \
	"  - {name: day, label: Day, type: date, question: Which day?,"      \
	" future: false}\n"                                                  \
	"  - {name: place, label: Place, type: text, question: Where?,"      \
	" min: 2, max: 30}\n"                                                \
	"  - {name: sum, label: Sum, type: amount, question: How much?,"     \
	" required: false}\n"                                                \
	"  - {name: police, label: Police, type: yes_no,"                    \
	" question: Police?}\n"

#define SMALLTALK                                           \
	"smalltalk:\n"                                      \
	"- {name: 'yes', answer: Yes., phrases: ['yes']}\n" \
	"- {name: 'no', answer: No., phrases: ['no']}\n"    \
	"- {name: thanks, answer: Welcome., phrases: [thanks]}\n"

static int
set_up(void **state)
{
	static char forms[8192];
	struct err err;
	struct pack_files files = {
		.entities = "currency: EUR\ndates: day_first\n",
		.smalltalk = SMALLTALK,
		.triggers = "triggers:\n"
			    "- {name: human, priority: 1, answer: Of course.,"
			    " rules: [{phrases: [person]}]}\n"
			    "- {name: theft, priority: 5,"
			    " answer: Aid., form: theft,"
			    " rules: [{phrases: [robbed]}]}\n",
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
	add_fillers(builder);
	know(made, builder);
	the_desk = "desk";
	return 0;
}

static int
fresh_form(void **state)
{
	fresh(state);
	now_us = NOON;
	say("I was robbed");
	return 0;
}

/* All of them in one turn; one that begins with "!" is an option's. */
static void
say_all(const char *const *texts, size_t n)
{
	struct message messages[8];

	assert_true(n <= 8);
	for (size_t i = 0; i < n; i++) {
		bool is_option = texts[i][0] == '!';
		messages[i] = customer(is_option ? "" : texts[i]);
		messages[i].id = FIRST_ID + (int64_t)i;
		if (!is_option)
			continue;
		messages[i].kind = "option";
		messages[i].option = texts[i] + 1;
	}
	decide_all(messages, n, the_desk);
}

#define SAY_ALL(...)                                              \
	do {                                                      \
		static const char *const texts[] = {__VA_ARGS__}; \
		say_all(texts, sizeof texts / sizeof *texts);     \
	} while (0)

static void
assert_ends(const char *question)
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

static void
test_each_message_answers_the_next_question(void **state)
{
	(void)state;
	SAY_ALL("a bag", "yesterday", "Cork");
	assert_int_equal(result.kind, TURN_FORM);
	assert_says("the noted - Kind: A bag\n- Day: 27 November 2026\n"
		    "- Place: Cork");
	assert_ends("How much?");
	/* Each by its own message, and where it is in the turn's words. */
	assert_in(result.memory, "[\"kind\",\"bag\",\"ok\",10]");
	assert_in(result.memory, "[\"day\",\"2026-11-27\",\"ok\",11]");
	assert_in(result.memory, "[\"place\",\"Cork\",\"ok\",12]");
	assert_in(result.record, "\"slot\":\"place\",\"type\":\"text\","
				 "\"span\":[16,20],\"message\":12");
	assert_in(result.derived[2], "Cork");
}

static void
test_a_number_or_a_button_may_be_the_first_of_them(void **state)
{
	(void)state;
	SAY_ALL("2", "yesterday");
	assert_says("- Kind: A bike\n- Day: 27 November 2026");
	assert_ends("Where?");
	fresh_form(state);
	SAY_ALL("!slot:kind:bag", "yesterday", "Cork");
	assert_says("- Day: 27 November 2026\n- Place: Cork");
	assert_ends("How much?");
	fresh_form(state);
	SAY_ALL("yesterday", "!slot:kind:bike");
	assert_says("- Day: 27 November 2026");
	assert_ends("Where?");
}

static void
test_what_answers_nothing_goes_on_the_words_before(void **state)
{
	(void)state;
	SAY_ALL("bag", "yesterday", "Cork", "at the station");
	assert_in(result.memory, "\"Cork\\nat the station\",\"ok\",12]");
	assert_ends("How much?");
	fresh_form(state);
	/* More than the place may have. */
	SAY_ALL("bag", "yesterday", "Cork", "in front of the big old station");
	assert_says("- Place: Cork");
	assert_ends("How much?");
	assert_int_equal(result.failed_turns, 0);
	assert_null(strstr(result.memory, "reasks"));
}

static void
test_the_rest_is_what_the_turn_is_about(void **state)
{
	(void)state;
	SAY_ALL("bag", "How do I order a new card?");
	assert_string_equal(result.entry, "card-order@3");
	assert_ends("Which day?");
	SAY_ALL("today", "cancel");
	assert_says("the cancelled");
	assert_null(result.form);
	fresh_form(state);
	SAY_ALL("hm", "bag"); /* both, for the one question */
	assert_says("- Kind: A bag");
	SAY_ALL("well", "whenever"); /* no answer at all */
	assert_says("the not_found");
	assert_in(result.memory, "\"reasks\":1");
}

static void
test_skip_and_thanks_have_their_meaning(void **state)
{
	(void)state;
	SAY_ALL("bag", "today", "Cork", "skip", "no", "thanks");
	assert_says("the summary");
	assert_says("- Sum: the empty\n- Police: the no");
	assert_null(result.form);
}

static void
test_nobody_agrees_to_what_he_has_not_seen(void **state)
{
	(void)state;
	SAY_ALL("bag", "today", "Cork", "50", "no", "yes");
	assert_says("the summary");
	assert_null(result.form);
	say("yes");
	assert_non_null(result.form);
	assert_true(result.form->is_complete);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fresh_form)
	const struct CMUnitTest tests[] = {
		TEST(test_each_message_answers_the_next_question),
		TEST(test_a_number_or_a_button_may_be_the_first_of_them),
		TEST(test_what_answers_nothing_goes_on_the_words_before),
		TEST(test_the_rest_is_what_the_turn_is_about),
		TEST(test_skip_and_thanks_have_their_meaning),
		TEST(test_nobody_agrees_to_what_he_has_not_seen),
	};
	return cmocka_run_group_tests_name("form_burst", tests, set_up, forget);
}
