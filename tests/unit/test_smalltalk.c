/* Small talk is what is nothing else. */
#include "test.h"

#include "packs.h"

static struct pack *banking, *insurance;

static int
setup(void **state)
{
	(void)state;
	banking = pack_shipped("banking");
	insurance = pack_shipped("insurance");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pack_free(banking);
	pack_free(insurance);
	return 0;
}

static const char *
said(const struct pack *pack, const char *text)
{
	const struct smalltalk *found =
		pack_smalltalk(pack, text, strlen(text));

	return found ? found->name : "-";
}

static void
test_small_talk_is_the_whole_text(void **state)
{
	(void)state;
	assert_string_equal(said(banking, "hi"), "greeting");
	assert_string_equal(said(banking, "hi, how do I block my card"), "-");
	assert_string_equal(said(banking, "thanks, that helps!"), "thanks");
	assert_string_equal(said(banking, "yes"), "yes");
	assert_string_equal(said(banking, ""), "-");
	assert_string_equal(said(banking, "hi [card ok ...1111]"), "-");
}

static void
test_of_several_the_first_of_the_file_answers(void **state)
{
	struct pack_files files = {
		.smalltalk = "words: {x: [very, so]}\n"
			     "smalltalk:\n"
			     "- {name: how, answer: How?, phrases: [how are "
			     "you]}\n"
			     "- {name: hi, answer: Hi!, phrases: [hi|hello, "
			     "<x> nice]}\n",
	};
	struct err err;
	struct pack *pack = pack_of_files(&files, &err);

	(void)state;
	assert_non_null(pack);
	assert_string_equal(said(pack, "Hello. How are you? So nice"), "how");
	assert_string_equal(said(pack, "hello very nice hi"), "hi");
	assert_string_equal(said(pack, "very"), "-");
	assert_string_equal(pack_smalltalk(pack, "hi", 2)->answer, "Hi!");
	pack_free(pack);
}

static void
test_a_long_text_is_no_small_talk(void **state)
{
	char text[500];

	(void)state;
	memset(text, ' ', sizeof text);
	memcpy(text, "hi", 2);
	assert_non_null(pack_smalltalk(banking, text, 400));
	assert_null(pack_smalltalk(banking, text, 401));
}

static void
score_row(void *arg, const char *due, const char *text)
{
	struct pack_score *score = arg;

	pack_score_row(score, due, said(score->pack, text), text);
}

static void
test_the_bank_knows_small_talk(void **state)
{
	struct pack_score score = {.pack = banking};

	(void)state;
	pack_each_row("tests/data/smalltalk.tsv", score_row, &score);
	assert_true(score.due >= 100 && score.none >= 50);
	assert_true(pack_recall(&score) >= 0.97);
	assert_int_equal(score.false_alarms, 0);
}

static void
question_row(void *arg, const char *question, const char *entry)
{
	(void)entry;
	assert_string_equal(said(arg, question), "-");
}

static void
test_no_question_is_small_talk(void **state)
{
	(void)state;
	pack_each_row("tests/data/banking-questions.tsv", question_row,
		      banking);
	pack_each_row("tests/data/insurance-questions.tsv", question_row,
		      insurance);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_talk_is_the_whole_text),
		cmocka_unit_test(test_of_several_the_first_of_the_file_answers),
		cmocka_unit_test(test_a_long_text_is_no_small_talk),
		cmocka_unit_test(test_the_bank_knows_small_talk),
		cmocka_unit_test(test_no_question_is_small_talk),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
