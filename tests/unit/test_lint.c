/* What is found in entries that can be read. */
#include "test.h"

#include <stdlib.h>

#include "base/buf.h"
#include "faq/import.h"
#include "faq/lint.h"
#include "findings.h"

static struct findings findings;
static struct faq_file file;

static int
release(void **state)
{
	(void)state;
	findings_release(&findings);
	faq_file_release(&file);
	return 0;
}

static const char *
value_of(const void *facts, const char *name, size_t len)
{
	(void)facts;
	if (len == 8 && memcmp(name, "fee.card", 8) == 0)
		return "€6.00";
	return len == 8 && memcmp(name, "law.time", 8) == 0 ? "8 weeks" : NULL;
}

#define NOW INT64_C(1800000000000000) /* January 2027 */

static void
lint_of(const char *text, struct lint_desk *desk)
{
	struct err err = {0};

	desk->now_us = NOW;
	if (faq_read_yaml(&file, "f.yaml", text, strlen(text), lint_value, desk,
			  &err) < 0 ||
	    faq_lint(&file, desk, &findings, &err) < 0)
		fail_msg("%s", err.text);
	findings_sort(&findings);
}

/* At a desk in English with facts. */
static void
lint(const char *text)
{
	static const int some;
	struct lint_desk desk = {
		.language = "en",
		.value = value_of,
		.facts = &some,
	};

	lint_of(text, &desk);
}

static void
test_good_entries_give_no_finding(void **state)
{
	(void)state;
	lint("faq:\n"
	     "- id: card-order\n"
	     "  question: How do I order a card?\n"
	     "  paraphrases: [new card, send me a card, get a card]\n"
	     "  answer: In the app. See [the page](https://a.example/card).\n"
	     "- id: card-cost\n"
	     "  question: What does a replacement cost?\n"
	     "  paraphrases: [price of a replacement, replacement fee,\n"
	     "                what is charged for replacing]\n"
	     "  answer: It costs {{fee.card}}.\n"
	     "  verbatim: true\n");
	if (findings.n > 0)
		fail_msg("%s", findings.list[0].text);
}

static void
test_an_entry_is_looked_at_alone(void **state)
{
	(void)state;
	lint("faq:\n"
	     "- id: card\n"
	     "  question: What does a card cost?\n"
	     "  paraphrases: [card price, price]\n"
	     "  answer: Please note that we have ordered it for {{fee.card}}.\n"
	     "  tags: [card, complaints]\n");
	expect_finding(&findings, "few-paraphrases", FINDING_WARNING,
		       "f.yaml:2: 'card' has 2 paraphrases: write 3 or more, "
		       "in the words of customers");
	expect_finding(&findings, "preamble", FINDING_WARNING,
		       "f.yaml:5: the answer of 'card' begins with 'please "
		       "note': its first sentence must answer");
	expect_finding(&findings, "not-verbatim", FINDING_WARNING,
		       "f.yaml:2: 'card' may be shortened, but its tags say "
		       "that it is about law, fees or complaints: it wants "
		       "'verbatim: true'");
	assert_int_equal(finding_count(&findings, "claim"), 0);
}

static void
test_what_is_claimed_and_what_is_long_is_found(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, 4000);
	buf_adds(&text, "faq:\n- id: a\n  question: Is it blocked?\n"
			"  paraphrases: [blocked, block, blocking]\n"
			"  answer: |\n    I have blocked it.\n   ");
	for (int i = 0; i < 87; i++)
		buf_adds(&text, " word");
	buf_addc(&text, '\n');
	lint(buf_str(&text));
	buf_release(&text);
	expect_finding(&findings, "claim", FINDING_ERROR,
		       "f.yaml:5: the answer of 'a' says 'I have blocked': the "
		       "assistant did nothing");
	expect_finding(&findings, "long-answer", FINDING_WARNING,
		       "f.yaml:5: the answer of 'a' has 91 words: more than 90 "
		       "are not read");
}

static void
test_numbers_of_somebody_are_found(void **state)
{
	(void)state;
	lint("faq:\n"
	     "- id: card\n"
	     "  question: What is my card?\n"
	     "  paraphrases: [plastic, number of it, the digits]\n"
	     "  answer: It is 4929 1234 5678 9012, with [card ok ...1111].\n"
	     "- id: good\n"
	     "  question: Which reference do I write?\n"
	     "  paraphrases: [remark, words for you, purpose]\n"
	     "  answer: Write your policy, AB-12345678.\n"
	     "- id: account\n"
	     "  question: Where do I pay to?\n"
	     "  paraphrases: [payee, destination, pay whom]\n"
	     "  answer: To IE29 AIBK 9311 5212 3456 78.\n");
	assert_int_equal(finding_count(&findings, "literal-number"), 2);
	assert_int_equal(findings.list[0].line, 5);
	assert_string_equal(findings.list[0].text,
			    "the answer of 'card' has the number of a card: "
			    "every customer reads it; write one of the firm as "
			    "a fact");
	assert_int_equal(findings.list[1].line, 13);
}

static void
test_law_has_a_source_and_is_not_shortened(void **state)
{
	(void)state;
	lint("faq:\n"
	     "- id: good\n"
	     "  question: Refund of a debit?\n"
	     "  paraphrases: [debit back, undo debit, reverse debit]\n"
	     "  answer: Within {{law.time}} (Directive (EU) 2015/2366).\n"
	     "  verbatim: true\n"
	     "- id: bad\n"
	     "  question: How long for a complaint?\n"
	     "  paraphrases: [complaint time, wait, when do you answer]\n"
	     "  answer: Within {{law.time}}.\n");
	expect_finding(&findings, "law-without-source", FINDING_WARNING,
		       "f.yaml:10: the answer of 'bad' says what the law is, "
		       "and not which law");
	expect_finding(&findings, "not-verbatim", FINDING_WARNING,
		       "f.yaml:7: 'bad' may be shortened, but its answer says "
		       "what the law is: it wants 'verbatim: true'");
}

static void
test_two_entries_for_one_question_are_found(void **state)
{
	(void)state;
	lint("faq:\n"
	     "- id: one\n"
	     "  question: Where is my card?\n"
	     "  paraphrases: [card did not come, no card, the new debit card "
	     "is late]\n"
	     "  answer: In the post.\n"
	     "- id: two\n"
	     "  question: How long do transfers take?\n"
	     "  paraphrases: [transfer time, the transfers waiting, no card]\n"
	     "  answer: A day.\n"
	     "- id: three\n"
	     "  question: Is there a branch in Cork?\n"
	     "  paraphrases: [Cork branch, where is the Cork branch,\n"
	     "                is the new debit card late]\n"
	     "  answer: Yes.\n");
	expect_finding(&findings, "same-question", FINDING_ERROR,
		       "f.yaml:8: 'no card' of 'two' is word for word a "
		       "question of 'one' (f.yaml:5)");
	expect_finding(&findings, "near-duplicate", FINDING_WARNING,
		       "f.yaml:13: 'is the new debit card late' of 'three' is "
		       "nearly a question of 'one' (f.yaml:5)");
}

static void
test_entries_are_held_against_those_beside_them(void **state)
{
	static const char beside_text[] =
		"faq:\n"
		"- id: transfer-time\n"
		"  question: How long does a transfer take?\n"
		"  paraphrases: [when does a transfer arrive, transfer lost]\n"
		"  answer: I have done it.\n"
		"- id: own\n"
		"  question: Where is the lift?\n"
		"  answer: Nowhere.\n";
	struct faq_file beside;
	struct err err = {0};
	struct lint_desk desk = {.language = "en", .beside = &beside};

	(void)state;
	if (faq_read_yaml(&beside, "p.yaml", beside_text, strlen(beside_text),
			  value_of, NULL, &err) < 0)
		fail_msg("%s", err.text);
	lint_of("language: en\n"
		"faq:\n"
		"- id: mine\n"
		"  question: How long does a transfer take?\n"
		"  paraphrases: [ten years, decade, so long]\n"
		"  answer: Ten years.\n"
		"- id: own\n"
		"  question: Where is the lift?\n"
		"  paraphrases: [elevator, lift, how do I get up]\n"
		"  answer: Behind the stairs.\n",
		&desk);
	assert_int_equal(findings.n, 1);
	expect_finding(&findings, "same-question", FINDING_ERROR,
		       "f.yaml:4: 'How long does a transfer take?' of 'mine' "
		       "is word for word a question of 'transfer-time' "
		       "(p.yaml:5)");
	faq_file_release(&beside);
}

static void
test_what_nobody_can_get_is_found(void **state)
{
	(void)state;
	lint("faq:\n"
	     "- id: old\n"
	     "  question: Is there a Christmas bonus?\n"
	     "  paraphrases: [bonus, Christmas money, gift]\n"
	     "  answer: Yes.\n"
	     "  valid_to: 2026-01-06\n"
	     "- id: later\n"
	     "  question: Is there an Easter bonus?\n"
	     "  paraphrases: [bonus at Easter, Easter money, eggs]\n"
	     "  answer: Yes.\n"
	     "  valid_from: 2027-03-01\n"
	     "- id: wordless\n"
	     "  question: '?!'\n"
	     "  paraphrases: [how so, indeed so, why so]\n"
	     "  answer: Because.\n");
	expect_finding(&findings, "expired", FINDING_WARNING,
		       "f.yaml:2: 'old' is no longer valid: nobody gets it");
	expect_finding(&findings, "not-yet-valid", FINDING_NOTE,
		       "f.yaml:7: 'later' is not valid yet: nobody gets it "
		       "now");
	expect_finding(&findings, "unreachable", FINDING_WARNING,
		       "f.yaml:13: '?!' does not find its own entry "
		       "'wordless', but none");
}

static void
test_amounts_of_the_same_that_differ_are_found(void **state)
{
	(void)state;
	lint("faq:\n"
	     "- id: replace\n"
	     "  question: How do I replace a damaged card?\n"
	     "  paraphrases: [broken card, card is cracked, chip is broken]\n"
	     "  answer: >-\n"
	     "    In the app. A replacement card costs €6.00, and comes "
	     "within\n"
	     "    5 working days. You get up to 600 euro.\n"
	     "- id: prices\n"
	     "  question: Which prices do you have?\n"
	     "  paraphrases: [list of prices, what do you charge, tariff]\n"
	     "  answer: >-\n"
	     "    The fee for a replacement card is €8.00. Letters come "
	     "within\n"
	     "    3 working days. You get at most 900 euro.\n"
	     "- id: other\n"
	     "  question: What is a premium card?\n"
	     "  paraphrases: [premium, gold card, metal card]\n"
	     "  answer: The fee for a premium card is €9.00.\n");
	expect_finding(&findings, "contradiction", FINDING_WARNING,
		       "f.yaml:11: 'prices' says 8.00 (€) where 'replace' "
		       "(f.yaml:5) says 6.00 of the same");
}

static void
test_a_word_counts_behind_one_that_holds_it(void **state)
{
	(void)state;
	lint("faq:\n"
	     "- id: race\n"
	     "  question: May I cycle in a race?\n"
	     "  paraphrases: [racing, a race on wheels, competitions]\n"
	     "  answer: Cover of a bicycle on a cycle path costs €6.00.\n"
	     "- id: prices\n"
	     "  question: Which prices do you have?\n"
	     "  paraphrases: [list of prices, what do you charge, tariff]\n"
	     "  answer: The fee for cover of a bicycle on a cycle path is "
	     "€8.00.\n");
	expect_finding(&findings, "contradiction", FINDING_WARNING,
		       "f.yaml:9: 'prices' says 8.00 (€) where 'race' "
		       "(f.yaml:5) says 6.00 of the same");
}

static void
test_facts_and_links_lead_somewhere(void **state)
{
	(void)state;
	lint("faq:\n"
	     "- id: a\n"
	     "  question: Where is the price list?\n"
	     "  paraphrases: [price list, list, prices]\n"
	     "  answer: 'At {{link.prices}}, or [here](prices.html), or\n"
	     "    [by mail](mailto:a@b.example).'\n");
	expect_finding(&findings, "unknown-fact", FINDING_ERROR,
		       "f.yaml:5: the answer of 'a' needs the fact "
		       "'link.prices', which is not there");
	expect_finding(&findings, "dead-link", FINDING_ERROR,
		       "f.yaml:5: a link of the answer of 'a' goes to "
		       "'prices.html', which leads nowhere from a chat");
}

static void
test_facts_that_nobody_knows_are_not_asked_for(void **state)
{
	struct lint_desk desk = {0};

	(void)state;
	lint_of("faq:\n"
		"- id: a\n"
		"  question: Where is the price list?\n"
		"  paraphrases: [price list, list, prices]\n"
		"  answer: 'At {{link.prices}}.'\n"
		"- id: b\n"
		"  question: Who are you?\n"
		"  paraphrases: [what are you, a robot, human or robot]\n"
		"  answer: An assistant.\n",
		&desk);
	assert_int_equal(findings.n, 1);
	expect_finding(&findings, "no-language", FINDING_NOTE,
		       "f.yaml:2: nothing says which language this is: 'en' is "
		       "assumed; write 'language:' beside 'faq:'");
}

static void
test_a_language_is_that_of_the_desk(void **state)
{
	struct lint_desk desk = {.language = "de", .value = value_of};

	(void)state;
	lint_of("faq:\n"
		"- id: a\n"
		"  question: Wo ist die Liste?\n"
		"  paraphrases: [Liste, Preise, Tarif]\n"
		"  answer: Hier.\n"
		"- id: b\n"
		"  question: Where is it?\n"
		"  paraphrases: [the place, spot, location]\n"
		"  answer: Here.\n"
		"  language: en\n"
		"- id: c\n"
		"  question: Was kostet das?\n"
		"  paraphrases: [Kosten, zahlen, Geld]\n"
		"  answer: Nichts.\n"
		"  language: de-AT\n",
		&desk);
	expect_finding(&findings, "no-language", FINDING_WARNING,
		       "f.yaml:2: nothing says which language this is: 'en' is "
		       "assumed; write 'language:' beside 'faq:'");
	expect_finding(&findings, "other-language", FINDING_WARNING,
		       "f.yaml:6: 'b' is in the language 'en', and its desk in "
		       "'de'");
}

static const char *
value_before(const void *facts, const char *name, size_t len)
{
	return value_of(facts, name, len) ? "€5.00" : NULL;
}

#define CARDS(answer, more)                                              \
	"language: en\nfaq:\n"                                           \
	"- id: card-cost\n"                                              \
	"  question: What does a replacement cost?\n"                    \
	"  paraphrases: [price of another, replacement fee, new card]\n" \
	"  answer: " answer "\n"                                         \
	"  verbatim: true\n" more

/* Entries of a desk, filled with what the facts were. */
static void
lint_before(const char *text)
{
	static const char pack_text[] = CARDS("It costs {{fee.card}}.", "");
	static const int some;
	struct faq_file pack;
	struct err err = {0};
	struct lint_desk desk = {
		.language = "en",
		.value = value_of,
		.facts = &some,
		.pack = &pack,
		.now_us = NOW,
	};

	if (faq_read_yaml(&pack, "p.yaml", pack_text, strlen(pack_text),
			  value_of, NULL, &err) < 0 ||
	    faq_read_yaml(&file, "f.yaml", text, strlen(text), value_before,
			  NULL, &err) < 0 ||
	    faq_lint(&file, &desk, &findings, &err) < 0)
		fail_msg("%s", err.text);
	faq_file_release(&pack);
}

static void
test_answer_with_an_old_fact_is_found(void **state)
{
	(void)state;
	lint_before(CARDS("It costs {{fee.card}}.", ""));
	assert_int_equal(findings.n, 1);
	expect_finding(&findings, "stale-fact", FINDING_ERROR,
		       "f.yaml:6: customers get 'card-cost' with another "
		       "'fee.card' than '€6.00', which facts.yaml says: "
		       "approve its draft, or, if there is none, say "
		       "'tellerctl reload'");
}

static void
test_amount_that_was_written_for_a_fact_is_found(void **state)
{
	(void)state;
	lint_before(CARDS("It costs €5.50.", ""));
	assert_int_equal(findings.n, 1);
	expect_finding(&findings, "written-amount", FINDING_WARNING,
		       "f.yaml:6: 'card-cost' was edited and has an amount "
		       "where the pack has '{{fee.card}}', which is €6.00, and "
		       "the answer does not say that: write the fact");
}

static void
test_amount_that_is_right_or_of_another_entry_is_none(void **state)
{
	(void)state;
	lint_before(CARDS("It costs €6.00.",
			  "- id: other\n"
			  "  question: Is the parking free?\n"
			  "  paraphrases: [parking fee, park, my car]\n"
			  "  answer: Parking costs €5.50.\n"));
	assert_int_equal(findings.n, 0);
}

#define LINT(test) cmocka_unit_test_teardown(test, release)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LINT(test_good_entries_give_no_finding),
		LINT(test_an_entry_is_looked_at_alone),
		LINT(test_what_is_claimed_and_what_is_long_is_found),
		LINT(test_numbers_of_somebody_are_found),
		LINT(test_law_has_a_source_and_is_not_shortened),
		LINT(test_two_entries_for_one_question_are_found),
		LINT(test_entries_are_held_against_those_beside_them),
		LINT(test_what_nobody_can_get_is_found),
		LINT(test_amounts_of_the_same_that_differ_are_found),
		LINT(test_a_word_counts_behind_one_that_holds_it),
		LINT(test_facts_and_links_lead_somewhere),
		LINT(test_facts_that_nobody_knows_are_not_asked_for),
		LINT(test_a_language_is_that_of_the_desk),
		LINT(test_answer_with_an_old_fact_is_found),
		LINT(test_amount_that_was_written_for_a_fact_is_found),
		LINT(test_amount_that_is_right_or_of_another_entry_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
