/* intents/banking: what every pack that ships keeps to. */
#include "test.h"

#include <stdlib.h>

#include "faq/import.h"
#include "faq/index.h"
#include "nlu/intent.h"
#include "packs.h"

static struct pack *banking;
static struct faq_file faq;

static int
setup(void **state)
{
	struct err err = {0};

	(void)state;
	banking = pack_of_banking();
	struct faq_text *texts = mem_array(banking->n_faq_files, sizeof *texts);
	for (size_t i = 0; i < banking->n_faq_files; i++) {
		texts[i].name = banking->faq_files[i];
		texts[i].text =
			pack_file(banking, texts[i].name, &texts[i].len);
	}
	if (faq_read_pack(&faq, texts, banking->n_faq_files, facts_value,
			  &banking->facts, &err) < 0)
		fail_msg("%s", err.text);
	free(texts);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	faq_file_release(&faq);
	pack_free(banking);
	return 0;
}

static int
count_words(const char *text)
{
	int n = 0;

	for (; *text; text += strspn(text, " \n"), n++)
		text += strcspn(text, " \n");
	return n;
}

static bool
has_tag(const struct faq_version *entry, const char *tag)
{
	size_t len = strlen(tag);

	for (const char *at = entry->tags; at && (at = strstr(at, tag)); at++)
		if ((at == entry->tags || strchr(", ", at[-1])) &&
		    strchr(", ", at[len]))
			return true;
	return false;
}

static void
test_there_is_enough_to_answer(void **state)
{
	(void)state;
	assert_true(faq.n >= 45);
	assert_true(banking->n_intents >= 15);
	for (size_t i = 0; i < banking->n_intents; i++)
		if (banking->intents[i].n_examples < 8)
			fail_msg("%s has few examples",
				 banking->intents[i].name);
}

static void
test_answers_are_short_and_questions_have_paraphrases(void **state)
{
	(void)state;
	for (size_t i = 0; i < faq.n; i++) {
		const struct faq_version *entry = &faq.entries[i];
		if (count_words(entry->answer) > 90)
			fail_msg("%s has %d words", entry->name,
				 count_words(entry->answer));
		if (entry->n_variants < 4)
			fail_msg("%s has few paraphrases", entry->name);
	}
}

static void
test_what_the_law_or_a_fee_says_is_verbatim(void **state)
{
	(void)state;
	for (size_t i = 0; i < faq.n; i++) {
		const struct faq_version *entry = &faq.entries[i];
		if ((has_tag(entry, "law") || has_tag(entry, "fee") ||
		     has_tag(entry, "complaint")) &&
		    !entry->is_verbatim)
			fail_msg("%s is not verbatim", entry->name);
	}
}

static void
test_amounts_come_from_the_facts(void **state)
{
	(void)state;
	for (size_t i = 0; i < faq.n; i++) {
		const char *source = faq.entries[i].source;
		if (strstr(source, "€") || strstr(source, "%") ||
		    strstr(source, "http") || strchr(source, '@'))
			fail_msg("%s: put it into facts.yaml",
				 faq.entries[i].name);
	}
}

static bool
is_intent(const char *name)
{
	for (size_t i = 0; i < banking->n_intents; i++)
		if (strcmp(banking->intents[i].name, name) == 0)
			return true;
	return false;
}

static void
test_entries_name_intents_that_exist(void **state)
{
	(void)state;
	for (size_t i = 0; i < faq.n; i++)
		if (!faq.entries[i].intent || !is_intent(faq.entries[i].intent))
			fail_msg("%s names no intent", faq.entries[i].name);
}

static void
test_no_question_has_two_entries(void **state)
{
	struct map asked = {0};

	(void)state;
	for (size_t i = 0; i < faq.n; i++) {
		struct faq_version *entry = &faq.entries[i];
		assert_null(map_put(&asked, entry->question, entry));
		for (size_t j = 0; j < entry->n_variants; j++)
			if (map_put(&asked, entry->variants[j], entry))
				fail_msg("%s: '%s' is asked elsewhere",
					 entry->name, entry->variants[j]);
	}
	map_release(&asked);
}

static int
count_fired(const char *text)
{
	const struct trigger *trigger =
		pack_trigger(banking, text, strlen(text));

	if (trigger)
		print_message("# %s: %s\n", trigger->name, text);
	return trigger != NULL;
}

/* What hands over at once never gets to the entries. */
static void
test_questions_of_entries_do_not_hand_over(void **state)
{
	int n = 0, fired = 0;

	(void)state;
	for (size_t i = 0; i < faq.n; i++) {
		const struct faq_version *entry = &faq.entries[i];
		assert_int_equal(count_fired(entry->question), 0);
		for (size_t j = 0; j < entry->n_variants; j++, n++)
			fired += count_fired(entry->variants[j]);
	}
	assert_true(fired * 100 <= n);
}

static void
question_row(void *arg, const char *question, const char *name)
{
	bool is_there = strcmp(name, "-") == 0;

	(void)arg;
	for (size_t i = 0; i < faq.n; i++) {
		const struct faq_version *entry = &faq.entries[i];
		is_there |= strcmp(entry->name, name) == 0;
		assert_string_not_equal(entry->question, question);
		for (size_t j = 0; j < entry->n_variants; j++)
			assert_string_not_equal(entry->variants[j], question);
	}
	if (!is_there)
		fail_msg("no entry %s", name);
}

static void
test_questions_for_retrieval_are_new_and_have_entries(void **state)
{
	(void)state;
	int n = pack_each_row("tests/data/banking-questions.tsv", question_row,
			      NULL);
	assert_int_equal(n, 237);
}

/* What becomes of questions that no paraphrase was written for. */
struct found {
	const struct index *index;
	struct index_scratch *scratch;
	int answered, wrong, asked, none, of_others, false_answers;
};

#define THRESHOLD 0.60 /* as retrieval.threshold and .floor are shipped */
#define FLOOR 0.25

static void
search_row(void *arg, const char *question, const char *name)
{
	struct found *found = arg;
	struct candidate list[5];
	size_t n = index_search(found->index, found->scratch, question,
				strlen(question), 1, 5, list);
	double confidence = candidates_confidence(list, n);
	bool is_due = strcmp(name, "-") != 0;
	bool is_answer = n > 0 && confidence >= THRESHOLD;

	if (!is_due) {
		found->of_others++;
		found->false_answers += is_answer;
	} else if (!is_answer) {
		found->asked += n > 0 && confidence >= FLOOR;
		found->none += n == 0 || confidence < FLOOR;
	} else if (strcmp(index_entry(found->index, list[0].entry)->name,
			  name) == 0) {
		found->answered++;
		return;
	} else {
		found->wrong++;
	}
	if (is_answer)
		print_message("# %s: %s\n",
			      index_entry(found->index, list[0].entry)->name,
			      question);
}

static struct index *
index_of_entries(void)
{
	struct index_builder *builder = index_builder_new("en");
	struct err err = {0};

	for (size_t i = 0; i < faq.n; i++)
		if (index_builder_add(builder, &faq.entries[i], &err) < 0)
			fail_msg("%s", err.text);
	struct index *index = index_build(builder, &err);
	assert_non_null(index);
	return index;
}

static void
test_most_questions_are_answered_and_none_wrongly(void **state)
{
	struct index *index = index_of_entries();
	struct found found = {index, index_scratch_new(), 0, 0, 0, 0, 0, 0};

	(void)state;
	pack_each_row("tests/data/banking-questions.tsv", search_row, &found);
	print_message("# %d answered, %d wrongly, %d asked back, %d not; "
		      "%d of %d others answered\n",
		      found.answered, found.wrong, found.asked, found.none,
		      found.false_answers, found.of_others);
	assert_true(found.answered >= 105);
	assert_true(found.wrong == 0);
	assert_true(found.false_answers * 100 <= 7 * found.of_others);
	index_scratch_free(found.scratch);
	index_free(index);
}

static void
test_the_bot_tells_what_it_is_and_how_to_leave_it(void **state)
{
	const char *disclosure = banking->texts[TEXT_DISCLOSURE];

	(void)state;
	assert_non_null(strstr(disclosure, "automated assistant"));
	assert_non_null(strstr(disclosure, "Write \"person\""));
	const struct trigger *person = pack_trigger(banking, "person", 6);
	assert_non_null(person);
	assert_string_equal(person->name, "human");
}

static void
test_what_the_moment_gives_stays_open(void **state)
{
	(void)state;
	for (int i = 0; i < PACK_TEXTS; i++) {
		const char *open = strstr(banking->texts[i], "{{");
		bool is_due = i == TEXT_ASK_ABOUT || i == TEXT_CLAIMED ||
			      i == TEXT_REDACTED;
		assert_int_equal(open != NULL, is_due);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_is_enough_to_answer),
		cmocka_unit_test(
			test_answers_are_short_and_questions_have_paraphrases),
		cmocka_unit_test(test_what_the_law_or_a_fee_says_is_verbatim),
		cmocka_unit_test(test_amounts_come_from_the_facts),
		cmocka_unit_test(test_entries_name_intents_that_exist),
		cmocka_unit_test(test_no_question_has_two_entries),
		cmocka_unit_test(test_questions_of_entries_do_not_hand_over),
		cmocka_unit_test(
			test_questions_for_retrieval_are_new_and_have_entries),
		cmocka_unit_test(
			test_most_questions_are_answered_and_none_wrongly),
		cmocka_unit_test(
			test_the_bot_tells_what_it_is_and_how_to_leave_it),
		cmocka_unit_test(test_what_the_moment_gives_stays_open),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
