/* Lists of findings. */
#include "test.h"

#include <stdlib.h>

#include "base/json.h"
#include "findings.h"

static void
test_findings_stand_in_order_of_place_and_weight(void **state)
{
	struct findings findings = {0};

	(void)state;
	findings_add(&findings, FINDING_NOTE, "c", "b.yaml", 2, "three");
	findings_add(&findings, FINDING_WARNING, "d", "b.yaml", 10, "four");
	findings_add(&findings, FINDING_ERROR, "b", "b.yaml", 2, "two %d", 2);
	findings_add(&findings, FINDING_WARNING, "a", "a.yaml", 7, "one");
	findings_sort(&findings);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(findings.list[i].rule[0], "abcd"[i]);
	assert_string_equal(findings.list[1].text, "two 2");
	assert_int_equal(findings.counts[FINDING_WARNING], 2);
	findings_release(&findings);
	assert_int_equal(findings.n, 0);
	findings_sort(&findings);
}

static void
test_an_error_in_words_gets_its_place(void **state)
{
	struct findings findings = {0};
	struct err err = {0};

	(void)state;
	err_set(&err, "a:b/c.yaml:12: what: 3: wrong");
	findings_add_err(&findings, "r", &err);
	expect_finding(&findings, "r", FINDING_ERROR,
		       "a:b/c.yaml:12: what: 3: wrong");
	assert_string_equal(findings.list[0].file, "a:b/c.yaml");
	assert_string_equal(findings.list[0].text, "what: 3: wrong");
	findings_release(&findings);
	err_set(&err, "there is no memory");
	findings_add_err(&findings, "r", &err);
	assert_string_equal(findings.list[0].file, "");
	assert_int_equal(findings.list[0].line, 0);
	assert_string_equal(findings.list[0].text, "there is no memory");
	findings_release(&findings);
}

static void
test_json_says_all_of_it(void **state)
{
	struct findings findings = {0};

	(void)state;
	findings_add(&findings, FINDING_ERROR, "r", "a.yaml", 3, "words");
	findings_add(&findings, FINDING_NOTE, "r", "card@2", 0, "others");
	json_t *json = findings_json(&findings);
	char *text = json_text(json);
	assert_string_equal(text,
			    "{\"findings\":["
			    "{\"severity\":\"error\",\"rule\":\"r\",\"file\":"
			    "\"a.yaml\",\"line\":3,\"text\":\"words\"},"
			    "{\"severity\":\"note\",\"rule\":\"r\",\"file\":"
			    "\"card@2\",\"line\":null,\"text\":\"others\"}],"
			    "\"errors\":1,\"warnings\":0,\"notes\":1}");
	free(text);
	json_decref(json);
	findings_release(&findings);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_findings_stand_in_order_of_place_and_weight),
		cmocka_unit_test(test_an_error_in_words_gets_its_place),
		cmocka_unit_test(test_json_says_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
