/* Expecting findings. */
#ifndef TESTS_UNIT_FINDINGS_H
#define TESTS_UNIT_FINDINGS_H

#include <stdio.h>
#include <string.h>

#include "base/finding.h"

static inline const struct finding *
finding_of(const struct findings *findings, const char *rule, size_t nth)
{
	for (size_t i = 0; i < findings->n; i++)
		if (strcmp(findings->list[i].rule, rule) == 0 && nth-- == 0)
			return &findings->list[i];
	return NULL;
}

static inline size_t
finding_count(const struct findings *findings, const char *rule)
{
	size_t n = 0;

	while (finding_of(findings, rule, n))
		n++;
	return n;
}

/* Exactly one of that rule, as "file:line: words". */
static inline void
expect_finding(const struct findings *findings, const char *rule,
	       enum finding_severity severity, const char *words)
{
	const struct finding *finding = finding_of(findings, rule, 0);
	char got[1500];

	if (!finding)
		fail_msg("no finding '%s'", rule);
	assert_int_equal(finding_count(findings, rule), 1);
	assert_int_equal(finding->severity, severity);
	snprintf(got, sizeof got, "%s:%d: %s", finding->file, finding->line,
		 finding->text);
	assert_string_equal(got, words);
}

#endif
