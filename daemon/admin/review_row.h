/* A turn and its ratings, as commands of several nouns show them. */
#ifndef ADMIN_REVIEW_ROW_H
#define ADMIN_REVIEW_ROW_H

#include "admin/admin.h"

struct arena;
struct reviewed_turn;
struct store_reader;

json_t *review_row_json(const struct reviewed_turn *);
void review_row_print(const json_t *row, FILE *);
/* Set "ratings" of a row to all that a reply of the turn got, or with 0 all its
 * replies.  0, or -1 and *err. */
int review_add_ratings(struct store_reader *, struct arena *, int64_t turn_id,
		       int64_t reply_id, json_t *row, struct err *);
void review_print_ratings(const json_t *row, FILE *);
/* The names of the bits of enum turn_gap; the i-th, NULL behind the last. */
const char *review_gap_name(int i);

#endif
