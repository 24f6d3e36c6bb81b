/* What a check of somebody's files found: a list of places and words, each as
 * grave as error, warning or note. */
#ifndef BASE_FINDING_H
#define BASE_FINDING_H

#include <jansson.h>
#include <stddef.h>

#include "base/mem.h"

struct err;

enum finding_severity { FINDING_ERROR, FINDING_WARNING, FINDING_NOTE };
#define FINDING_SEVERITIES 3

struct finding {
	enum finding_severity severity;
	const char *rule; /* a name of the rule, for filters: "same-example" */
	const char *file; /* or what else has no lines: "card-order@3" */
	int line;	  /* 0: none */
	const char *text;
};

/* Zeroed: empty. */
struct findings {
	struct finding *list;
	size_t n, room;
	size_t counts[FINDING_SEVERITIES];
	struct arena arena;
};

/* Texts are copied; rule is a constant. */
void findings_add(struct findings *, enum finding_severity, const char *rule,
		  const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* An error in words, which may begin with "file:line: ". */
void findings_add_err(struct findings *, const char *rule, const struct err *);
/* In the order of file and line; of one line the gravest first. */
void findings_sort(struct findings *);
void findings_release(struct findings *);

/* {"findings": [{severity, rule, file, line, text}], "errors", "warnings",
 * "notes"}; line is null where there is none. */
json_t *findings_json(const struct findings *);

#endif
