/* `tellerctl conversations draft`, in a file of its own. */
#ifndef ADMIN_CONVERSATIONS_DRAFT_H
#define ADMIN_CONVERSATIONS_DRAFT_H

#include "admin/admin.h"

int conversations_draft_run(struct admin_call *, struct err *);
void conversations_draft_print(const json_t *result, FILE *);

#endif
