/* What is found in a pack that can be read. */
#include "test.h"

#include <stdlib.h>

#include "findings.h"
#include "forms.h"
#include "nlu/check.h"
#include "packs.h"

static struct findings findings;

static int
release(void **state)
{
	(void)state;
	findings_release(&findings);
	return 0;
}

static void
check(const struct pack_files *files, const struct check_entry *entries,
      size_t n)
{
	struct err err;
	struct pack *pack = pack_of_files(files, &err);

	if (!pack)
		fail_msg("%s", err.text);
	pack_check(pack, entries, n, &findings);
	findings_sort(&findings);
	pack_free(pack);
}

/* ---- Intents */

#define EIGHT "[a card, b, c, d, e, f, g, h]"

static void
test_an_intent_wants_examples_and_entries(void **state)
{
	const struct check_entry entries[] = {
		{"one", "cards", "faq/a.yaml", 2},
		{"two", "card", "faq/a.yaml", 9},
		{"three", "", "faq/a.yaml", 14},
	};
	struct pack_files files = {
		.intents =
			"intents:\n"
			"- {name: cards, description: a, examples: " EIGHT "}\n"
			"- name: loans\n"
			"  description: b\n"
			"  examples: [my loan]\n",
	};

	(void)state;
	check(&files, entries, 3);
	expect_finding(&findings, "few-examples", FINDING_WARNING,
		       "intents.yaml:3: the intent 'loans' has 1 examples: 8 "
		       "or more tell it from others");
	expect_finding(&findings, "unserved-intent", FINDING_WARNING,
		       "intents.yaml:3: no entry serves the intent 'loans'");
	expect_finding(&findings, "unknown-intent", FINDING_ERROR,
		       "faq/a.yaml:9: the entry 'two' names the intent 'card', "
		       "which is not in intents.yaml: did you mean 'cards'?");
	expect_finding(&findings, "no-intent", FINDING_NOTE,
		       "faq/a.yaml:14: the entry 'three' names no intent");
	assert_int_equal(findings.counts[FINDING_ERROR], 1);
}

static void
test_a_form_is_offered_behind_entries_that_are_there(void **state)
{
	const struct check_entry entries[] = {
		{"moving", "", "faq/a.yaml", 2},
		{"card-lost", "", "faq/a.yaml", 9},
	};
	char forms[8192];
	struct pack_files files = {.forms = forms};

	(void)state;
	size_t head =
		(size_t)snprintf(forms, sizeof forms, "%s", form_test_head());
	snprintf(forms + head, sizeof forms - head,
		 "forms:\n"
		 "- name: f\n"
		 "  title: t\n"
		 "  intro: i\n"
		 "  closing: c\n"
		 "  offer: o\n"
		 "  entries: [moving, card-los, loans]\n"
		 "  slots: [{name: a, label: A, type: text, question: q}]\n");
	check(&files, entries, 2);
	assert_int_equal(findings.counts[FINDING_ERROR], 2);
	const struct finding *found = findings.list;
	while (strcmp(found->rule, "unknown-entry") != 0)
		found++;
	assert_string_equal(found->file, "forms.yaml");
	assert_non_null(strstr(found->text,
			       "'card-los' behind which the form could be "
			       "offered: did you mean 'card-lost'?"));
}

static void
test_examples_of_two_intents_differ(void **state)
{
	struct pack_files files = {
		.intents = "intents:\n"
			   "- name: lost\n"
			   "  description: a\n"
			   "  examples:\n"
			   "    - stolen purse\n"
			   "    - block my card\n"
			   "    - please cancel the mortgage offer today\n"
			   "- name: loans\n"
			   "  description: b\n"
			   "  examples:\n"
			   "    - block my cards\n"
			   "    - mortgage offer cancel today\n"
			   "    - savings\n",
	};

	(void)state;
	check(&files, NULL, 0);
	expect_finding(&findings, "same-example", FINDING_WARNING,
		       "intents.yaml:11: 'block my cards' of 'loans' is the "
		       "same as 'block my card' of 'lost' in line 6");
	expect_finding(&findings, "near-duplicate", FINDING_WARNING,
		       "intents.yaml:12: 'mortgage offer cancel today' of "
		       "'loans' is nearly 'please cancel the mortgage offer "
		       "today' of 'lost' in line 7");
}

static void
test_an_example_is_nearest_to_its_own_intent(void **state)
{
	struct pack_files files = {
		.intents =
			"intents:\n"
			"- name: contact\n"
			"  description: a\n"
			"  examples: [opening hours, new phone number please]\n"
			"- name: details\n"
			"  description: b\n"
			"  examples: [I have a new phone number, moved "
			"house]\n",
	};

	(void)state;
	check(&files, NULL, 0);
	assert_int_equal(finding_count(&findings, "nearer-elsewhere"), 2);
	const struct finding *first =
		finding_of(&findings, "nearer-elsewhere", 0);
	assert_int_equal(first->line, 4);
	assert_non_null(strstr(first->text, "'new phone number please' of "
					    "'contact' is nearer to 'I have"));
}

/* ---- Facts */

static void
test_facts_that_belong_to_nobody_are_found(void **state)
{
	struct pack_files files = {
		.facts = "bank:\n"
			 "  name: Alder Bank # Fictional.\n"
			 "  phone: +353 20 914 0100\n"
			 "  web: https://www.alder.example/fees\n"
			 "  real: 01 224 5800\n"
			 "fee: # fictional, all of them\n"
			 "  card: 6 euro\n"
			 "  note: example.com is no fact\n",
		.faq = "faq: [{question: q, answer: '{{bank.name}} "
		       "{{bank.phone}} {{bank.web}} {{bank.real}} {{fee.card}} "
		       "{{fee.note}}'}]\n",
	};

	(void)state;
	check(&files, NULL, 0);
	assert_int_equal(finding_count(&findings, "unused-fact"), 0);
	assert_int_equal(finding_count(&findings, "fictional"), 5);
	static const struct {
		int line;
		const char *words;
	} due[] = {
		{2, "'bank.name' is marked as fictional"},
		{3, "'bank.phone' has a telephone number that is set aside"},
		{4, "'bank.web' has an address that is set aside"},
		{6, "the 2 facts of 'fee' are marked as fictional"},
		{8, "'fee.note' has an address"},
	};
	for (size_t i = 0; i < 5; i++) {
		const struct finding *got =
			finding_of(&findings, "fictional", i);
		assert_int_equal(got->line, due[i].line);
		assert_ptr_equal(strstr(got->text, due[i].words), got->text);
	}
}

static void
test_a_number_in_two_forms_is_one_number(void **state)
{
	struct pack_files files = {
		.facts = "desk: 01 224 5800\n"
			 "desk_abroad: +353 1 224 5800\n"
			 "lost:\n"
			 "  card: 01 224 5811\n"
			 "  card_abroad: +353 1 224 5812\n"
			 "  phone_abroad: +353 1 224 5899\n"
			 "fee: 2 euro\n"
			 "fee_abroad: 3 euro\n",
	};

	(void)state;
	check(&files, NULL, 0);
	assert_int_equal(finding_count(&findings, "two-numbers"), 1);
	const struct finding *got = finding_of(&findings, "two-numbers", 0);
	assert_int_equal(got->line, 5);
	assert_non_null(strstr(got->text, "is not 'lost.card', '01 224 5811'"));
}

/* What is found of those words, where the desk is open from 9 to 17:30 from
 * Monday to Friday, and from 10 to 13 on Saturday; "": nothing. */
static const char *
hours_finding(const char *words)
{
	static char text[400], facts[400];
	struct pack_files files = {
		.facts = facts,
		.hours = "time_zone: Europe/Dublin\n"
			 "week: {monday: 9:00-17:30, tuesday: 9:00-17:30, "
			 "wednesday: 9:00-17:30, thursday: 9:00-17:30, "
			 "friday: 9:00-17:30, saturday: 10:00-13:00}\n",
	};

	snprintf(facts, sizeof facts, "x: y\nhours:\n  desk: %s\n", words);
	check(&files, NULL, 0);
	if (!finding_count(&findings, "other-hours"))
		return "";
	assert_int_equal(finding_of(&findings, "other-hours", 0)->line, 3);
	snprintf(text, sizeof text, "%s",
		 finding_of(&findings, "other-hours", 0)->text);
	findings_release(&findings);
	return text;
}

static void
test_hours_in_words_are_those_of_the_desk(void **state)
{
	static const char *const same[] = {
		"Monday to Friday 9 am to 5.30 pm, Saturday 10 am to 1 pm",
		"Mon-Fri 9:00-17:30, Sat 10:00-13:00, closed on Sundays",
		"Mondays to Fridays 9:00 – 17:30; Saturdays 10:00 – 13:00",
		/* Nothing that can be compared. */
		"24 hours a day, every day of the year",
		"Monday to Friday 9 to 5.30 pm",
		"weekdays from 9 am",
		"whenever the sun shines",
	};
	(void)state;
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		assert_string_equal(hours_finding(same[i]), "");
	assert_non_null(strstr(hours_finding("Monday to Friday 9 am to 6 pm, "
					     "Saturday 10 am to 1 pm"),
			       "Monday: 9:00-18:00; hours.yaml has: "
			       "9:00-17:30"));
	assert_non_null(
		strstr(hours_finding("Monday to Friday 9 am to 5.30 pm"),
		       "Saturday: closed; hours.yaml has: "
		       "10:00-13:00"));
	assert_non_null(strstr(hours_finding("Monday to Friday 9:00-12:00 and "
					     "13:00-17:30, Sat 10 am to 1 pm"),
			       "Monday: 9:00-12:00 and 13:00-17:30"));
}

static void
test_marks_count_in_every_file(void **state)
{
	struct pack_files files = {
		.facts = "a: b # not a mark\n",
		.faq = "# fictional is this pack\n"
		       "faq:\n"
		       "- question: q\n"
		       "  answer: 'Ask # 3, {{a}}.' # fictional\n",
	};

	(void)state;
	check(&files, NULL, 0);
	expect_finding(&findings, "fictional", FINDING_WARNING,
		       "faq/a.yaml:4: this is marked as fictional: put your "
		       "own in its place, and take the mark away");
}

static void
test_numbers_for_fiction_of_several_countries_are_known(void **state)
{
	struct pack_files files = {
		.facts = "a: call 020 7946 0958 now\n" /* London */
			 "b: +44 7700 900123\n"
			 "c: 01 99 00 12 34\n"	/* Paris */
			 "d: (030) 23125 123\n" /* Berlin */
			 "e: 1-212-555-0142\n"	/* New York */
			 "f: +1 (212) 555-0142\n"
			 "g: 212 555 0242\n"
			 "h: 020 7946 1958\n"
			 "i: 112 or 999\n"
			 "j: +353 1 224 5800\n",
	};

	(void)state;
	check(&files, NULL, 0);
	assert_int_equal(finding_count(&findings, "fictional"), 6);
	assert_int_equal(finding_count(&findings, "unused-fact"), 10);
}

static void
test_a_text_does_not_hold_a_fact_in_its_own_words(void **state)
{
	struct pack_files files = {
		.facts = "bank: {name: Alder Bank, legal: Alder Bank plc} "
			 "# fictional\n"
			 "fee: €6.00\n"
			 "hours: Monday to Friday, 8 am to 8 pm\n"
			 "years: two years\n",
		.faq = "faq:\n"
		       "- question: How do I join Alder Bank?\n"
		       "  answer: Ask {{bank.name}}. It takes two years.\n"
		       "- question: And then?\n"
		       "  answer: It costs €6.00, not {{fee}} or {{years}}.\n"
		       "- question: And then at Alder, on a Monday?\n"
		       "  answer: It costs €6.001. {{hours}}\n",
	};

	(void)state;
	check(&files, NULL, 0);
	assert_int_equal(finding_count(&findings, "literal-fact"), 3);
	const struct finding *name = finding_of(&findings, "literal-fact", 0);
	const struct finding *fee = finding_of(&findings, "literal-fact", 1);
	assert_int_equal(name->line, 2);
	assert_string_equal(name->text,
			    "'How do I join Alder Bank?' names 'Alder Bank', "
			    "the fact 'bank.name', which will change: leave "
			    "it out");
	const struct finding *word = finding_of(&findings, "literal-fact", 2);
	assert_int_equal(word->line, 6);
	assert_non_null(strstr(word->text, "' names 'Alder Bank plc', "));
	assert_int_equal(fee->line, 5);
}

/* ---- Texts */

static void
test_texts_are_short_and_claim_nothing(void **state)
{
	struct buf triggers;
	struct pack_files files = {0};

	(void)state;
	buf_init(&triggers, 4000);
	buf_adds(&triggers, "triggers:\n- name: human\n  priority: 1\n"
			    "  answer: 'Your card has been blocked.'\n"
			    "  rules: [{phrases: [human]}]\n"
			    "- name: long\n  priority: 1\n  answer: ");
	for (int i = 0; i < 91; i++)
		buf_adds(&triggers, "word ");
	buf_adds(&triggers, "\n  rules: [{phrases: [long]}]\n");
	files.triggers = buf_str(&triggers);
	check(&files, NULL, 0);
	buf_release(&triggers);
	expect_finding(&findings, "claim", FINDING_ERROR,
		       "triggers.yaml:4: 'Your card has been blocked' says "
		       "that something was done, which the assistant cannot "
		       "do");
	expect_finding(&findings, "long-text", FINDING_WARNING,
		       "triggers.yaml:8: the text has 91 words with its facts: "
		       "more than 90 are not read");
}

#define CHECK(test) cmocka_unit_test_teardown(test, release)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CHECK(test_an_intent_wants_examples_and_entries),
		CHECK(test_a_form_is_offered_behind_entries_that_are_there),
		CHECK(test_examples_of_two_intents_differ),
		CHECK(test_an_example_is_nearest_to_its_own_intent),
		CHECK(test_facts_that_belong_to_nobody_are_found),
		CHECK(test_a_number_in_two_forms_is_one_number),
		CHECK(test_hours_in_words_are_those_of_the_desk),
		CHECK(test_marks_count_in_every_file),
		CHECK(test_numbers_for_fiction_of_several_countries_are_known),
		CHECK(test_a_text_does_not_hold_a_fact_in_its_own_words),
		CHECK(test_texts_are_short_and_claim_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
