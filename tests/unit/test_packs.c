/* What every pack that ships keeps to. */
#include "test.h"

#include <glob.h>
#include <stdlib.h>

#include "dialog/script.h"
#include "faq/import.h"
#include "faq/index.h"
#include "nlu/classifier.h"
#include "nlu/intent.h"
#include "packs.h"

/* A pack, and what its questions in tests/data must come to. */
struct desk {
	const char *name, *questions;
	int n_questions, least_answered;
	struct pack *pack;
	struct faq_file faq;
};

static struct desk desks[] = {
	{
		.name = "banking",
		.questions = "tests/data/banking-questions.tsv",
		.n_questions = 367,
		.least_answered = 180,
	},
	{
		.name = "insurance",
		.questions = "tests/data/insurance-questions.tsv",
		.n_questions = 213,
		.least_answered = 126,
	},
};

#define N_DESKS (sizeof desks / sizeof *desks)

static void
read_desk(struct desk *desk)
{
	struct pack *pack = desk->pack = pack_shipped(desk->name);
	struct faq_text *texts = mem_array(pack->n_faq_files, sizeof *texts);
	struct err err = {0};

	for (size_t i = 0; i < pack->n_faq_files; i++) {
		texts[i].name = pack->faq_files[i];
		texts[i].text = pack_file(pack, texts[i].name, &texts[i].len);
	}
	if (faq_read_pack(&desk->faq, texts, pack->n_faq_files, facts_value,
			  &pack->facts, &err) < 0)
		fail_msg("%s", err.text);
	free(texts);
}

static int
setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_DESKS; i++)
		read_desk(&desks[i]);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_DESKS; i++) {
		faq_file_release(&desks[i].faq);
		pack_free(desks[i].pack);
	}
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
	const struct desk *desk = *state;
	const struct pack *pack = desk->pack;

	assert_true(desk->faq.n >= 120);
	assert_true(pack->n_intents >= 15);
	for (size_t i = 0; i < pack->n_intents; i++)
		if (pack->intents[i].n_examples < 8)
			fail_msg("%s has few examples", pack->intents[i].name);
}

static void
test_answers_are_short_and_questions_have_paraphrases(void **state)
{
	const struct desk *desk = *state;

	for (size_t i = 0; i < desk->faq.n; i++) {
		const struct faq_version *entry = &desk->faq.entries[i];
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
	const struct desk *desk = *state;

	for (size_t i = 0; i < desk->faq.n; i++) {
		const struct faq_version *entry = &desk->faq.entries[i];
		if ((has_tag(entry, "law") || has_tag(entry, "fee") ||
		     has_tag(entry, "complaint")) &&
		    !entry->is_verbatim)
			fail_msg("%s is not verbatim", entry->name);
	}
}

static void
test_amounts_come_from_the_facts(void **state)
{
	const struct desk *desk = *state;

	for (size_t i = 0; i < desk->faq.n; i++) {
		const char *source = desk->faq.entries[i].source;
		if (strstr(source, "€") || strstr(source, "%") ||
		    strstr(source, "http") || strchr(source, '@'))
			fail_msg("%s: put it into facts.yaml",
				 desk->faq.entries[i].name);
	}
}

static bool
is_intent(const struct pack *pack, const char *name)
{
	for (size_t i = 0; i < pack->n_intents; i++)
		if (strcmp(pack->intents[i].name, name) == 0)
			return true;
	return false;
}

static void
test_entries_name_intents_that_exist(void **state)
{
	const struct desk *desk = *state;

	for (size_t i = 0; i < desk->faq.n; i++)
		if (!desk->faq.entries[i].intent ||
		    !is_intent(desk->pack, desk->faq.entries[i].intent))
			fail_msg("%s names no intent",
				 desk->faq.entries[i].name);
}

static void
test_no_question_has_two_entries(void **state)
{
	const struct desk *desk = *state;
	struct map asked = {0};

	for (size_t i = 0; i < desk->faq.n; i++) {
		struct faq_version *entry = &desk->faq.entries[i];
		assert_null(map_put(&asked, entry->question, entry));
		for (size_t j = 0; j < entry->n_variants; j++)
			if (map_put(&asked, entry->variants[j], entry))
				fail_msg("%s: '%s' is asked elsewhere",
					 entry->name, entry->variants[j]);
	}
	map_release(&asked);
}

static int
count_fired(const struct pack *pack, const char *text)
{
	const struct trigger *trigger = pack_trigger(pack, text, strlen(text));

	if (trigger)
		print_message("# %s: %s\n", trigger->name, text);
	return trigger != NULL;
}

/* What hands over at once never gets to the entries. */
static void
test_questions_of_entries_do_not_hand_over(void **state)
{
	const struct desk *desk = *state;
	int n = 0, fired = 0;

	for (size_t i = 0; i < desk->faq.n; i++) {
		const struct faq_version *entry = &desk->faq.entries[i];
		assert_int_equal(count_fired(desk->pack, entry->question), 0);
		for (size_t j = 0; j < entry->n_variants; j++, n++)
			fired += count_fired(desk->pack, entry->variants[j]);
	}
	assert_true(fired * 100 <= n);
}

static void
question_row(void *arg, const char *question, const char *names)
{
	const struct desk *desk = arg;
	int n_there = 0, n_named = 1;

	for (const char *at = names; *at; at++) {
		n_named += *at == '|';
		n_there += *at == '!';
	}
	for (size_t i = 0; i < desk->faq.n; i++) {
		const struct faq_version *entry = &desk->faq.entries[i];
		n_there += pack_is_listed(names, entry->name);
		assert_string_not_equal(entry->question, question);
		for (size_t j = 0; j < entry->n_variants; j++)
			assert_string_not_equal(entry->variants[j], question);
	}
	if (n_there + pack_is_listed(names, "-") != n_named)
		fail_msg("not all of these are entries: %s", names);
}

static void
test_questions_for_retrieval_are_new_and_have_entries(void **state)
{
	struct desk *desk = *state;
	int n = pack_each_row(desk->questions, question_row, desk);

	assert_int_equal(n, desk->n_questions);
}

/* What becomes of questions that no paraphrase was written for. */
struct found {
	const struct pack *pack;
	const struct index *index;
	const struct classifier *classifier;
	struct index_scratch *scratch;
	int handed_over, answered, wrong, asked, none, of_others, false_answers;
};

#define THRESHOLD 0.60 /* as retrieval.threshold and .floor are shipped */
#define FLOOR 0.25

#define INTENTS 3

static size_t
search(const struct found *found, const char *text, struct candidate list[5])
{
	struct guess guesses[INTENTS];
	struct index_intent intents[INTENTS];
	struct index_question question = {
		.text = text,
		.len = strlen(text),
		.now_us = 1,
		.intents = intents,
		.n_intents = classifier_guess(found->classifier, text,
					      strlen(text), guesses, INTENTS),
	};

	for (size_t i = 0; i < question.n_intents; i++)
		intents[i] = (struct index_intent){guesses[i].intent,
						   guesses[i].probability};
	return index_ask(found->index, found->scratch, &question, 5, list);
}

static void
search_row(void *arg, const char *question, const char *names)
{
	struct found *found = arg;
	struct candidate list[5];

	if (pack_trigger(found->pack, question, strlen(question))) {
		found->handed_over++;
		return;
	}
	size_t n = search(found, question, list);
	double confidence = candidates_confidence(list, n);
	bool is_due = strcmp(names, "-") != 0;
	bool is_answer = n > 0 && confidence >= THRESHOLD;
	const char *got =
		n > 0 ? index_entry(found->index, list[0].entry)->name : "-";

	if (!is_due) {
		found->of_others++;
		found->false_answers += is_answer;
	} else if (!is_answer) {
		found->asked += n > 0 && confidence >= FLOOR;
		found->none += n == 0 || confidence < FLOOR;
	} else if (pack_is_listed(names, got)) {
		found->answered++;
		return;
	} else {
		found->wrong++;
	}
	if (is_answer)
		print_message("# %s, not %s: %s\n", got, names, question);
}

static struct index *
index_of_entries(const struct faq_file *faq)
{
	struct index_builder *builder = index_builder_new("en");
	struct err err = {0};

	for (size_t i = 0; i < faq->n; i++)
		if (index_builder_add(builder, &faq->entries[i], &err) < 0)
			fail_msg("%s", err.text);
	struct index *index = index_build(builder, &err);
	assert_non_null(index);
	return index;
}

static void
add_example(struct classifier_builder *builder, const char *text,
	    const char *intent)
{
	struct err err = {0};

	if (classifier_builder_add(builder, text, intent, &err) < 0)
		fail_msg("%s", err.text);
}

static struct classifier *
classifier_of_desk(const struct desk *desk)
{
	struct classifier_builder *builder = classifier_builder_new("en");
	struct err err = {0};

	for (size_t i = 0; i < desk->pack->n_intents; i++) {
		const struct pack_intent *intent = &desk->pack->intents[i];
		for (size_t k = 0; k < intent->n_examples; k++)
			add_example(builder, intent->examples[k], intent->name);
	}
	for (size_t i = 0; i < desk->faq.n; i++) {
		const struct faq_version *entry = &desk->faq.entries[i];
		add_example(builder, entry->question, entry->intent);
		for (size_t k = 0; k < entry->n_variants; k++)
			add_example(builder, entry->variants[k], entry->intent);
	}
	struct classifier *classifier = classifier_train(builder, &err);
	assert_non_null(classifier);
	return classifier;
}

static void
test_most_questions_are_answered_and_none_wrongly(void **state)
{
	const struct desk *desk = *state;
	struct index *index = index_of_entries(&desk->faq);
	struct classifier *classifier = classifier_of_desk(desk);
	struct found found = {.pack = desk->pack,
			      .index = index,
			      .classifier = classifier,
			      .scratch = index_scratch_new()};

	pack_each_row(desk->questions, search_row, &found);
	print_message("# %d answered, %d wrongly, %d asked back, %d not, "
		      "%d handed over; %d of %d others answered\n",
		      found.answered, found.wrong, found.asked, found.none,
		      found.handed_over, found.false_answers, found.of_others);
	assert_true(found.answered >= desk->least_answered);
	assert_true(found.wrong == 0);
	assert_true(found.false_answers * 100 <= 7 * found.of_others);
	index_scratch_free(found.scratch);
	index_free(index);
	classifier_free(classifier);
}

/* A question of two or three words can hardly be asked in others. */
#define WORDS_OF_ONES_OWN 4

static int
count_copied(struct found *found, const struct script_turn *turn)
{
	int n = 0;

	for (size_t i = 0; i < turn->texts.n; i++) {
		const char *text = turn->texts.items[i];
		struct candidate best;
		if (count_words(text) < WORDS_OF_ONES_OWN ||
		    !index_search(found->index, found->scratch, text,
				  strlen(text), 1, 1, &best) ||
		    !best.is_exact)
			continue;
		print_message("# %s: %s\n",
			      index_entry(found->index, best.entry)->name,
			      text);
		n++;
	}
	return n;
}

static int
count_copied_in(struct found *found, const char *path, int *n_turns)
{
	struct script_file file;
	struct err err = {0};
	int n = 0;

	if (script_read_file(&file, path, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < file.n; i++)
		for (size_t j = 0; j < file.scripts[i].n_turns; j++, ++*n_turns)
			n += count_copied(found, &file.scripts[i].turns[j]);
	script_release(&file);
	return n;
}

/* Else they would say nothing of how well we understand.  The plainest
 * questions are asked in the same words by everybody. */
static void
test_few_conversations_have_the_words_of_a_paraphrase(void **state)
{
	const struct desk *desk = *state;
	struct index *index = index_of_entries(&desk->faq);
	struct found found = {.index = index, .scratch = index_scratch_new()};
	char pattern[128];
	glob_t files;
	int n = 0, n_turns = 0;

	snprintf(pattern, sizeof pattern, "intents/%s/tests/*.yaml",
		 desk->name);
	assert_int_equal(glob(pack_source_path(pattern), 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		n += count_copied_in(&found, files.gl_pathv[i], &n_turns);
	globfree(&files);
	print_message("# %d of %d turns\n", n, n_turns);
	assert_true(n_turns > 0);
	assert_true(n * 20 <= n_turns);
	index_scratch_free(found.scratch);
	index_free(index);
}

static void
test_the_bot_tells_what_it_is_and_how_to_leave_it(void **state)
{
	const struct desk *desk = *state;
	const char *disclosure = desk->pack->texts[TEXT_DISCLOSURE];

	assert_non_null(strstr(disclosure, "automated assistant"));
	assert_non_null(strstr(disclosure, "Write \"person\""));
	const struct trigger *person = pack_trigger(desk->pack, "person", 6);
	assert_non_null(person);
	assert_string_equal(person->name, "human");
}

static void
test_what_the_moment_gives_stays_open(void **state)
{
	const struct desk *desk = *state;

	for (int i = 0; i < PACK_TEXTS; i++) {
		const char *open = strstr(desk->pack->texts[i], "{{");
		bool is_due = i == TEXT_ASK_ABOUT || i == TEXT_CLAIMED ||
			      i == TEXT_REDACTED || i == TEXT_OUT_OF_HOURS ||
			      i == TEXT_CALL_BACK;
		assert_int_equal(open != NULL, is_due);
	}
}

#define CHECK(function)             \
	{                           \
#function, function \
	}

static const struct check {
	const char *name;
	CMUnitTestFunction run;
} checks[] = {
	CHECK(test_there_is_enough_to_answer),
	CHECK(test_answers_are_short_and_questions_have_paraphrases),
	CHECK(test_what_the_law_or_a_fee_says_is_verbatim),
	CHECK(test_amounts_come_from_the_facts),
	CHECK(test_entries_name_intents_that_exist),
	CHECK(test_no_question_has_two_entries),
	CHECK(test_questions_of_entries_do_not_hand_over),
	CHECK(test_questions_for_retrieval_are_new_and_have_entries),
	CHECK(test_most_questions_are_answered_and_none_wrongly),
	CHECK(test_few_conversations_have_the_words_of_a_paraphrase),
	CHECK(test_the_bot_tells_what_it_is_and_how_to_leave_it),
	CHECK(test_what_the_moment_gives_stays_open),
};

#define N_CHECKS (sizeof checks / sizeof *checks)

int
main(void)
{
	struct CMUnitTest tests[N_DESKS * N_CHECKS] = {0};
	char names[N_DESKS * N_CHECKS][128];

	for (size_t i = 0; i < N_DESKS * N_CHECKS; i++) {
		struct desk *desk = &desks[i / N_CHECKS];
		const struct check *check = &checks[i % N_CHECKS];
		snprintf(names[i], sizeof names[i], "%s: %s", desk->name,
			 check->name);
		tests[i].name = names[i];
		tests[i].test_func = check->run;
		tests[i].initial_state = desk;
	}
	return cmocka_run_group_tests(tests, setup, teardown);
}
