/* A small forms.yaml for tests: commands, texts that say their names, and the
 * forms that a test adds behind them. */
#ifndef TESTS_UNIT_FORMS_H
#define TESTS_UNIT_FORMS_H

#include <stdio.h>

#include "nlu/form.h"

#define FORM_TEST_COMMANDS                                  \
	"commands:\n"                                       \
	"  cancel: [(please) cancel, forget it]\n"          \
	"  skip: [skip, (i) don't know]\n"                  \
	"  resume: [continue]\n"                            \
	"  help: [help]\n"                                  \
	"  begin: ['yes', please, do it, ok]\n"             \
	"  correct: [^ no, ^ sorry, ^ actually, i meant]\n" \
	"  change: [change, is wrong]\n"                    \
	"  question: [^ how|what|where|is|does|can]\n"      \
	"  ending: [ending]\n"                              \
	"  'yes': [^ yes]\n"                                \
	"  'no': [^ no]\n"                                  \
	"  value: [^ (it|to) is|was|to, ^ it's]\n"          \
	"  not: [not]\n"

/* Commands, and each text as "the NAME" with the value it may have. */
static inline const char *
form_test_head(void)
{
	static const struct {
		enum form_text text;
		const char *moment;
	} moments[] = {
		{FORM_TEXT_NOTED, "noted"},
		{FORM_TEXT_SUMMARY, "noted"},
		{FORM_TEXT_PERSON, "reference"},
		{FORM_TEXT_CHANGED, "reference"},
		{FORM_TEXT_PAUSED, "form"},
		{FORM_TEXT_OLD, "limit"},
		{FORM_TEXT_TOO_LOW, "limit"},
		{FORM_TEXT_TOO_HIGH, "limit"},
		{FORM_TEXT_TOO_SHORT, "limit"},
		{FORM_TEXT_TOO_LONG, "limit"},
		{FORM_TEXT_KEPT, "reference"},
		{FORM_TEXT_PERHAPS, "questions"},
	};
	static char out[4096];
	size_t n = (size_t)snprintf(out, sizeof out,
				    FORM_TEST_COMMANDS "texts:\n");

	for (int i = 0; i < FORM_TEXTS; i++) {
		const char *moment = NULL;
		for (size_t j = 0; j < sizeof moments / sizeof *moments; j++)
			if ((int)moments[j].text == i)
				moment = moments[j].moment;
		n += (size_t)snprintf(
			out + n, sizeof out - n, "  '%s': 'the %s%s%s%s'\n",
			form_text_name((enum form_text)i),
			form_text_name((enum form_text)i), moment ? " {{" : "",
			moment ? moment : "", moment ? "}}" : "");
	}
	return out;
}

#endif
