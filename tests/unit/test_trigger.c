/* What hands over at once, and what only asks about such a thing. */
#include "test.h"

#include "packs.h"

static struct pack *small, *banking, *insurance;

#define RULE(phrase) \
	"  rules: [{phrases: [" phrase "], unless: [asking, denied]}]\n"

static int
setup(void **state)
{
	struct pack_files files = {
		.triggers = "words: {card: [card, wallet]}\n"
			    "unless:\n"
			    "  asking: [what if, fee]\n"
			    "denials:\n"
			    "  denied: [not|never|no stolen|lost|stole]\n"
			    "clauses: [but]\n"
			    "spelt_right: [lostt]\n"
			    "triggers:\n"
			    "- name: human\n"
			    "  priority: 1\n"
			    "  answer: A person comes.\n"
			    "  rules: [{phrases: [human]}]\n"
			    "- name: card\n"
			    "  priority: 9\n"
			    "  answer: Call us.\n" RULE(
				    "lost my <card>") "- name: fraud\n"
						      "  priority: 9\n"
						      "  answer: Call us "
						      "now.\n" RULE("stolen"),
	};
	struct err err;

	(void)state;
	small = pack_of_files(&files, &err);
	if (!small)
		print_message("# %s\n", err.text);
	banking = pack_shipped("banking");
	insurance = pack_shipped("insurance");
	return small ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	pack_free(small);
	pack_free(banking);
	pack_free(insurance);
	return 0;
}

static const char *
fired(const struct pack *pack, const char *text)
{
	const struct trigger *trigger = pack_trigger(pack, text, strlen(text));

	return trigger ? trigger->name : "-";
}

static void
test_a_phrase_fires_its_trigger(void **state)
{
	(void)state;
	assert_string_equal(fired(small, "I lost my wallet."), "card");
	assert_string_equal(fired(small, "HUMAN!!"), "human");
	assert_string_equal(fired(small, "I found my wallet"), "-");
	assert_string_equal(fired(small, ""), "-");
	assert_string_equal(fired(small, "?!. ; .\n\n"), "-");
	const struct trigger *trigger = pack_trigger(small, "stolen", 6);
	assert_string_equal(trigger->answer, "Call us now.");
	assert_int_equal(trigger->priority, 9);
}

static void
test_who_asks_first_does_not_tell(void **state)
{
	(void)state;
	assert_string_equal(fired(small, "what if I lost my card"), "-");
	assert_string_equal(fired(small, "I lost my card, what if it is used"),
			    "card");
	/* It begins within the phrase. */
	assert_string_equal(fired(small, "lost what if my card"), "-");
	/* A rule without `unless` fires all the same. */
	assert_string_equal(fired(small, "what if I want a human"), "human");
}

static void
test_a_denial_holds_for_its_clause(void **state)
{
	(void)state;
	assert_string_equal(fired(small, "I never lost my card"), "-");
	assert_string_equal(fired(small, "it was not stolen, honestly"), "-");
	assert_string_equal(fired(small, "not lost, but stolen"), "fraud");
	assert_string_equal(fired(small, "not stolen but I lost my card"),
			    "card");
	assert_string_equal(fired(small, "it is not stolen, my card"), "-");
	/* Words of both clauses, without what is denied. */
	assert_string_equal(fired(small, "I lost, not stolen, my card"),
			    "card");
	assert_string_equal(fired(small, "I never lost, but I lost my wallet"),
			    "card");
	assert_string_equal(fired(small, "not lost, never stolen, no"), "-");
	assert_string_equal(fired(small, "not lost, never stolen, stolen"),
			    "fraud");
	/* What asks goes on asking, whatever is denied in between. */
	assert_string_equal(fired(small, "what if it is not lost but stolen"),
			    "-");
	assert_string_equal(fired(small, "not lost, what if it is stolen"),
			    "-");
	/* No clause ends within a number or a word. */
	assert_string_equal(fired(small, "not stolen at 10:30 stolen"), "-");
	assert_string_equal(fired(small, "never stolen co-stolen"), "-");
	assert_string_equal(fired(small, "not lost - stolen"), "fraud");
}

static void
test_a_trigger_is_heard_beside_a_graver_one(void **state)
{
	static const char both[] = "You took the direct debit twice, I want to "
				   "complain";
	struct trigger_fired fired = pack_triggers(banking, both, strlen(both));

	(void)state;
	assert_string_equal(fired.first->name, "dispute");
	assert_string_equal(fired.beside->name, "complaint");
	fired = pack_triggers(banking, "I want to complain", 18);
	assert_string_equal(fired.first->name, "complaint");
	assert_null(fired.beside);
	/* It is not named: he is only angry. */
	static const char angry[] =
		"You took the direct debit twice, what a shambles";
	fired = pack_triggers(banking, angry, strlen(angry));
	assert_string_equal(fired.first->name, "dispute");
	assert_null(fired.beside);
}

static void
test_sentences_are_looked_at_one_by_one(void **state)
{
	(void)state;
	assert_string_equal(fired(small, "What if? I lost my card."), "card");
	assert_string_equal(fired(small, "what if\n\nI lost my card"), "card");
	assert_string_equal(fired(small, "what if\nI lost my card"), "-");
	assert_string_equal(fired(small, "I lost. My card"), "-");
	assert_string_equal(fired(small, "what if 3.50 lost my card"), "-");
}

static void
test_the_highest_priority_wins_then_the_first(void **state)
{
	(void)state;
	assert_string_equal(fired(small, "human, I lost my card"), "card");
	assert_string_equal(fired(small, "human. It was stolen. lost my card"),
			    "fraud");
	assert_string_equal(fired(small, "stolen, lost my card"), "card");
}

static void
test_any_bytes_may_be_looked_at(void **state)
{
	char bytes[20000];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	pack_trigger(small, bytes, sizeof bytes);
	pack_smalltalk(small, bytes, 300);
	assert_null(pack_trigger(small, "\0human", 1));
	assert_non_null(pack_trigger(small, "\xff human \xff", 9));
}

static void
test_a_long_text_is_looked_at_as_well(void **state)
{
	static char text[60000];
	size_t n = 0;

	(void)state;
	while (n < 40000)
		n += (size_t)snprintf(text + n, sizeof text - n,
				      "there was a sentence. ");
	snprintf(text + n, sizeof text - n, "I lost my card");
	assert_string_equal(fired(small, text), "card");
}

static void
score_row(void *arg, const char *due, const char *text)
{
	struct pack_score *score = arg;

	pack_score_row(score, due, fired(score->pack, text), text);
}

/* The statements of a file of tests/data, with what fires on them. */
static struct pack_score
score_of(const struct pack *pack, const char *name)
{
	struct pack_score score = {.pack = pack};

	pack_each_row(name, score_row, &score);
	print_message("# %s: %d of %d found, %d of %d false\n", name, score.hit,
		      score.due, score.false_alarms, score.none);
	return score;
}

static void
test_the_bank_hears_what_has_happened(void **state)
{
	struct pack_score score = score_of(banking, "tests/data/triggers.tsv");

	(void)state;
	assert_true(score.due >= 700 && score.none >= 500);
	assert_true(pack_recall(&score) >= 0.97);
	assert_true(pack_false_rate(&score) <= 0.03);
}

static void
test_the_insurer_hears_what_has_happened(void **state)
{
	struct pack_score score =
		score_of(insurance, "tests/data/insurance-triggers.tsv");

	(void)state;
	assert_true(score.due >= 250 && score.none >= 140);
	assert_true(pack_recall(&score) >= 0.97);
	assert_true(pack_false_rate(&score) <= 0.03);
}

/* They were new to the phrases once; since then phrases were written over most
 * of them.  So that nothing is forgotten. */
static void
test_the_bank_goes_on_hearing_what_was_new_once(void **state)
{
	struct pack_score score =
		score_of(banking, "tests/data/triggers-unseen.tsv");

	(void)state;
	assert_true(pack_recall(&score) >= 0.95);
	assert_true(pack_false_rate(&score) <= 0.02);
	score = score_of(banking, "tests/data/banking-triggers-more.tsv");
	assert_true(pack_recall(&score) >= 0.95);
	assert_true(pack_false_rate(&score) <= 0.02);
	score = score_of(banking, "tests/data/banking-triggers-fresh.tsv");
	assert_true(pack_recall(&score) >= 0.90);
	assert_true(pack_false_rate(&score) <= 0.03);
}

static void
test_the_insurer_goes_on_hearing_what_was_new_once(void **state)
{
	struct pack_score score =
		score_of(insurance, "tests/data/insurance-triggers-unseen.tsv");

	(void)state;
	assert_true(pack_recall(&score) >= 0.95);
	assert_true(pack_false_rate(&score) <= 0.02);
	score = score_of(insurance, "tests/data/insurance-triggers-fresh.tsv");
	assert_true(pack_recall(&score) >= 0.90);
	assert_true(pack_false_rate(&score) <= 0.03);
}

/* No phrase was written over these: what can be expected of new words.  The
 * figures are in doc/benchmarks.md; questions must not become alarms. */
static void
test_much_of_what_is_new_is_heard(void **state)
{
	struct pack_score score =
		score_of(banking, "tests/data/banking-triggers-untried.tsv");

	(void)state;
	assert_true(pack_recall(&score) >= 0.60);
	assert_true(pack_false_rate(&score) <= 0.10);
	score = score_of(insurance,
			 "tests/data/insurance-triggers-untried.tsv");
	assert_true(pack_recall(&score) >= 0.60);
	assert_true(pack_false_rate(&score) <= 0.10);
}

static void
question_row(void *arg, const char *question, const char *names)
{
	struct pack_score *score = arg;
	const struct trigger *trigger =
		pack_trigger(score->pack, question, strlen(question));
	bool is_alarm = trigger && !pack_is_named(names, trigger);

	pack_score_row(score, "-", is_alarm ? trigger->name : "-", question);
}

static void
test_questions_are_taken_as_questions(void **state)
{
	struct pack_score bank = {.pack = banking},
			  insurer = {.pack = insurance};

	(void)state;
	pack_each_row("tests/data/banking-questions.tsv", question_row, &bank);
	assert_true(bank.none >= 120);
	assert_true(pack_false_rate(&bank) <= 0.03);
	pack_each_row("tests/data/insurance-questions.tsv", question_row,
		      &insurer);
	assert_true(insurer.none >= 120);
	assert_true(pack_false_rate(&insurer) <= 0.03);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_phrase_fires_its_trigger),
		cmocka_unit_test(test_who_asks_first_does_not_tell),
		cmocka_unit_test(test_a_denial_holds_for_its_clause),
		cmocka_unit_test(test_a_trigger_is_heard_beside_a_graver_one),
		cmocka_unit_test(test_sentences_are_looked_at_one_by_one),
		cmocka_unit_test(test_the_highest_priority_wins_then_the_first),
		cmocka_unit_test(test_any_bytes_may_be_looked_at),
		cmocka_unit_test(test_a_long_text_is_looked_at_as_well),
		cmocka_unit_test(test_the_bank_hears_what_has_happened),
		cmocka_unit_test(test_the_insurer_hears_what_has_happened),
		cmocka_unit_test(
			test_the_bank_goes_on_hearing_what_was_new_once),
		cmocka_unit_test(
			test_the_insurer_goes_on_hearing_what_was_new_once),
		cmocka_unit_test(test_much_of_what_is_new_is_heard),
		cmocka_unit_test(test_questions_are_taken_as_questions),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
