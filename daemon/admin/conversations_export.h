/* `tellerctl conversations export`: what the generator is tuned with. */
#ifndef ADMIN_CONVERSATIONS_EXPORT_H
#define ADMIN_CONVERSATIONS_EXPORT_H

#include <jansson.h>
#include <stdio.h>

struct admin_call;
struct err;

/* The two functions of its row. */
int conversations_export_run(struct admin_call *, struct err *);
void conversations_export_print(const json_t *result, FILE *);

#endif
