/* Facts of a desk, and filling texts with them. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "conf/facts.h"
#include "conf/yaml.h"

static struct err err;

static int
read_facts(struct facts *facts, const char *text)
{
	struct yaml_file file;

	err = (struct err){0};
	assert_int_equal(yaml_read(&file, "facts.yaml", text, strlen(text),
				   &yaml_limits_pack, &err),
			 0);
	int ret = facts_read(facts, &file, &err);
	yaml_release(&file);
	return ret;
}

static void
expect_words(const char *text, const char *words)
{
	struct facts facts;

	assert_int_equal(read_facts(&facts, text), -1);
	assert_string_equal(err.text, words);
	assert_int_equal(facts.values.n, 0);
	facts_release(&facts);
}

static void
expect_fact(const struct facts *facts, const char *name, const char *text)
{
	const char *value = facts_value(facts, name, strlen(name));

	assert_non_null(value);
	assert_string_equal(value, text);
}

static void
test_facts_have_names_with_dots(void **state)
{
	struct facts facts;

	(void)state;
	assert_int_equal(read_facts(&facts, "bank: Musterbank\n"
					    "card:\n"
					    "  fee: 5 EUR\n"
					    "  lost: {phone: '+49 116 116'}\n"
					    "hours: |\n"
					    "  Mon\n"
					    "  Tue\n"),
			 0);
	assert_int_equal(facts.values.n, 4);
	expect_fact(&facts, "bank", "Musterbank");
	expect_fact(&facts, "card.fee", "5 EUR");
	expect_fact(&facts, "card.lost.phone", "+49 116 116");
	expect_fact(&facts, "hours", "Mon\nTue");
	assert_null(facts_value(&facts, "card", 4));
	assert_null(facts_value(&facts, "Bank", 4));
	assert_null(facts_value(&facts, "bank", 3));
	facts_release(&facts);
}

static void
test_facts_fill_templates(void **state)
{
	struct facts facts;
	struct buf out;

	(void)state;
	assert_int_equal(read_facts(&facts, "card: {fee: 5 EUR}\n"), 0);
	buf_init(&out, 100);
	assert_int_equal(template_fill(&out, "It is {{card.fee}}.", facts_value,
				       &facts, &err),
			 0);
	assert_string_equal(buf_str(&out), "It is 5 EUR.");
	assert_int_equal(
		template_fill(&out, "{{card.fees}}", facts_value, &facts, &err),
		-1);
	buf_release(&out);
	facts_release(&facts);
}

static void
test_no_facts_are_no_error(void **state)
{
	struct facts facts;

	(void)state;
	assert_int_equal(read_facts(&facts, "# none yet\n"), 0);
	assert_null(facts_value(&facts, "x", 1));
	facts_release(&facts);
}

static void
test_wrong_facts_are_named_with_their_line(void **state)
{
	(void)state;
	expect_words("a: x\ncard:\n  fee:\n",
		     "facts.yaml:3: the fact 'card.fee' is empty: give it a "
		     "text, or take it out");
	expect_words("a: x\nb: \"\\n\"\n",
		     "facts.yaml:2: the fact 'b' is empty: give it a text, or "
		     "take it out");
	expect_words("a: [x]\n",
		     "facts.yaml:1: the fact 'a' must be a text, not a list");
	expect_words("a: {b: '{{c}}'}\n",
		     "facts.yaml:1: the fact 'a.b' holds '{{': facts cannot "
		     "refer to others");
	expect_words("a.b: x\n", "facts.yaml:1: the name 'a.b' may hold only "
				 "letters, digits and '_'");
	expect_words("a:\n  gr\xC3\xBC\xC3\x9F: x\n",
		     "facts.yaml:2: the name 'gr\xC3\xBC\xC3\x9F' may hold "
		     "only letters, digits and '_'");
	expect_words("- a\n", "facts.yaml:1: expected 'name: text' lines");
}

static void
test_facts_have_limits(void **state)
{
	struct facts facts;
	char text[2100] = "a: ";

	(void)state;
	memset(text + 3, 'x', 2000);
	assert_int_equal(read_facts(&facts, text), 0);
	facts_release(&facts);
	text[2003] = 'x';
	expect_words(text, "facts.yaml:1: the fact 'a' is longer than 2000 "
			   "bytes");
	char names[400], words[300];
	snprintf(names, sizeof names, "a: {%0126d: x}", 0);
	assert_int_equal(read_facts(&facts, names), 0);
	assert_int_equal(facts.values.n, 1);
	facts_release(&facts);
	snprintf(names, sizeof names, "a: {%0127d: x}", 0);
	snprintf(words, sizeof words,
		 "facts.yaml:1: the name '%060d' is longer than 128 bytes", 0);
	expect_words(names, words);
	snprintf(names, sizeof names, "%0129d", 0);
	assert_null(facts_value(&facts, names, strlen(names)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts_have_names_with_dots),
		cmocka_unit_test(test_facts_fill_templates),
		cmocka_unit_test(test_no_facts_are_no_error),
		cmocka_unit_test(test_wrong_facts_are_named_with_their_line),
		cmocka_unit_test(test_facts_have_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
