/* What commands that look through files say of them. */
#ifndef ADMIN_VERDICT_H
#define ADMIN_VERDICT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct findings;

/* The result of a command with ADMIN_VERDICT: the findings in order, and
 * whether they fail it: errors do, with is_strict warnings too.  The findings
 * are released. */
json_t *verdict_json(struct findings *, bool is_strict);
/* "file:line: error: words [rule]", a line each, and how many. */
void verdict_print(const json_t *result, FILE *);

#endif
