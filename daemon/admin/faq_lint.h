/* faq lint. */
#ifndef ADMIN_FAQ_LINT_H
#define ADMIN_FAQ_LINT_H

#include "admin/admin.h"

extern const struct admin_argument faq_lint_arguments[];
int faq_run_lint(struct admin_call *, struct err *);

#endif
