/* Cases, for those that show a conversation. */
#ifndef ADMIN_CASES_H
#define ADMIN_CASES_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

struct arena;
struct err;
struct form_case;
struct store_reader;

/* One, with its slots. */
json_t *cases_row(const struct form_case *);
void cases_print_one(const json_t *row, FILE *);

/* Add those of a conversation to its document, as "cases".  0, or -1 and *err.
 */
int cases_add(struct store_reader *, struct arena *, int64_t conversation_id,
	      json_t *result, struct err *);
void cases_print(const json_t *result, FILE *);

/* Add the newest that are open, as "cases", and whether there are more, as
 * "more_cases".  0, or -1 and *err. */
int cases_add_open(struct store_reader *, json_t *result, struct err *);
void cases_print_open(const json_t *result, FILE *);

#endif
