/* The parts of form_check.h. */
#ifndef DIALOG_FORM_CHECK_PARTS_H
#define DIALOG_FORM_CHECK_PARTS_H

#include "dialog/form_check.h"

/* form_check.c */

/* No answer, for what is wrong with it and, of some problems, its limit: false.
 */
bool form_check_refuse(struct form_answer *, enum form_text problem,
		       const char *limit);
/* An answer, of these bytes of the message: true. */
bool form_check_accept(struct form_answer *, const char *value, size_t begin,
		       size_t end);
const char *form_check_number(const struct form_message *, int64_t);

/* form_check_words.c */

bool form_check_text(const struct form_message *, const struct form_slot *,
		     struct form_answer *);
bool form_check_choice(const struct form_message *, const struct form_slot *,
		       struct form_answer *);
bool form_check_yes_no(const struct form_message *, struct form_answer *);

#endif
