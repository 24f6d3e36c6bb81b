/* What the packs that ship make of a second question, and of what they cannot
 * see. */
#include "turn_fixture.h"

#include "faq/import.h"
#include "packs.h"

/* A pack, its files of tests/data, and what they must come to. */
struct desk {
	const char *name, *follow_ups, *questions, *accounts;
	int least_followed, most_wrong, least_seen;
	struct faq_file faq;
};

static struct desk desks[] = {
	{
		.name = "banking",
		.follow_ups = "tests/data/banking-follow-ups.tsv",
		.questions = "tests/data/banking-questions.tsv",
		.accounts = "tests/data/banking-account.tsv",
		.least_followed = 47,
		.most_wrong = 0,
		.least_seen = 15,
	},
	{
		.name = "insurance",
		.follow_ups = "tests/data/insurance-follow-ups.tsv",
		.questions = "tests/data/insurance-questions.tsv",
		.accounts = "tests/data/insurance-account.tsv",
		.least_followed = 41,
		.most_wrong = 0,
		.least_seen = 10,
	},
};

static int
set_up_desk(void **state)
{
	struct desk *desk = *state;
	struct pack *shipped = pack_shipped(desk->name);
	struct faq_text *texts = mem_array(shipped->n_faq_files, sizeof *texts);
	struct index_builder *builder = index_builder_new("en");
	struct err err = {0};

	for (size_t i = 0; i < shipped->n_faq_files; i++) {
		texts[i].name = shipped->faq_files[i];
		texts[i].text =
			pack_file(shipped, texts[i].name, &texts[i].len);
	}
	if (faq_read_pack(&desk->faq, texts, shipped->n_faq_files, facts_value,
			  &shipped->facts, &err) < 0)
		fail_msg("%s", err.text);
	free(texts);
	for (size_t i = 0; i < desk->faq.n; i++)
		if (index_builder_add(builder, &desk->faq.entries[i], &err) < 0)
			fail_msg("%s", err.text);
	know(shipped, builder);
	return 0;
}

static int
tear_down_desk(void **state)
{
	struct desk *desk = *state;

	faq_file_release(&desk->faq);
	return forget(state);
}

/* The name of the entry that was answered; "-": none was. */
static const char *
answered(void)
{
	static char name[128];

	if (result.kind != TURN_ANSWER)
		return "-";
	snprintf(name, sizeof name, "%s", result.entry);
	name[strcspn(name, "@")] = '\0';
	return name;
}

static const char *
answer_to(const char *question)
{
	say(question);
	return answered();
}

/* A conversation in which the entry was just answered. */
static void
begin_with(const char *entry)
{
	char option[128];

	fresh(NULL);
	snprintf(option, sizeof option, "faq:%s", entry);
	choose(option);
	assert_string_equal(answered(), entry);
}

struct score {
	const struct desk *desk;
	int right, wrong, n;
};

static void
score_answer(struct score *score, const char *got, const char *due,
	     const char *question)
{
	bool is_right = pack_is_listed(due, got);

	score->right += is_right && strcmp(got, "-") != 0;
	if (!is_right && strcmp(got, "-") != 0) {
		score->wrong++;
		print_message("# %s, not %s: %s\n", got, due, question);
	}
}

static void
follow_row(void *arg, const char *entry, const char *rest)
{
	struct score *score = arg;
	char question[256];

	snprintf(question, sizeof question, "%s", rest);
	char *due = strchr(question, '\t');
	if (!due)
		fail_msg("no second tab: %s", rest);
	*due++ = '\0';
	begin_with(entry);
	score_answer(score, answer_to(question), due, question);
	score->n++;
}

static void
test_what_hangs_on_an_answer_is_understood(void **state)
{
	const struct desk *desk = *state;
	struct score score = {0};

	pack_each_row(desk->follow_ups, follow_row, &score);
	print_message("# of %d: %d right, %d wrong\n", score.n, score.right,
		      score.wrong);
	assert_true(score.right >= desk->least_followed);
	assert_true(score.wrong <= desk->most_wrong);
}

/* Topics that have nothing to do with most questions. */
#define TOPICS 5

static void
behind_row(void *arg, const char *question, const char *due)
{
	struct score *score = arg;
	const struct faq_file *faq = &score->desk->faq;
	char alone[128];

	fresh(NULL);
	snprintf(alone, sizeof alone, "%s", answer_to(question));
	for (size_t i = 0; i < TOPICS; i++, score->n++) {
		begin_with(faq->entries[(size_t)score->n * 7 % faq->n].name);
		const char *got = answer_to(question);
		if (strcmp(alone, "-") != 0)
			assert_string_equal(got, alone);
		score_answer(score, got, due, question);
	}
}

static void
test_what_is_clear_alone_stays_so_behind_anything(void **state)
{
	const struct desk *desk = *state;
	struct score score = {.desk = desk};

	pack_each_row(desk->questions, behind_row, &score);
	assert_int_equal(score.wrong, 0);
}

/* Answered rightly, or offered, or not at all; nothing else is said. */
static void
account_row(void *arg, const char *question, const char *due)
{
	struct score *score = arg;

	fresh(NULL);
	score_answer(score, answer_to(question), due, question);
	score->n++;
}

static void
test_what_it_cannot_see_it_says(void **state)
{
	const struct desk *desk = *state;
	struct score score = {0};

	pack_each_row(desk->accounts, account_row, &score);
	print_message("# of %d: %d right, %d wrong\n", score.n, score.right,
		      score.wrong);
	assert_true(score.right >= desk->least_seen);
	assert_int_equal(score.wrong, 0);
}

#define TEST(function, desk)                                                   \
	{                                                                      \
#function, function, set_up_desk, tear_down_desk, &desks[desk] \
	}

/* An entry may have a word in a paraphrase, by the way. */
static void
test_who_names_a_topic_is_offered_what_asks_about_it(void **state)
{
	(void)state;
	fresh(NULL);
	say("cards");
	assert_string_equal(result.rule, "topic");
	assert_non_null(
		strstr(result.replies[0].options_json, "faq:card-order"));
	begin_with("loan-rate");
	say("and for 10000 over 5 years?");
	assert_int_equal(result.kind, TURN_OUT_OF_SCOPE);
	fresh(NULL);
	say("call me on 0871234567");
	assert_string_not_equal(result.rule, "topic");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_hangs_on_an_answer_is_understood, 0),
		TEST(test_what_is_clear_alone_stays_so_behind_anything, 0),
		TEST(test_what_it_cannot_see_it_says, 0),
		TEST(test_who_names_a_topic_is_offered_what_asks_about_it, 0),
		TEST(test_what_hangs_on_an_answer_is_understood, 1),
		TEST(test_what_is_clear_alone_stays_so_behind_anything, 1),
		TEST(test_what_it_cannot_see_it_says, 1),
	};
	return cmocka_run_group_tests_name("talk", tests, NULL, NULL);
}
