/* Verbs of the noun `slack` that have a file of their own. */
#ifndef ADMIN_SLACK_VERBS_H
#define ADMIN_SLACK_VERBS_H

#include "admin/admin.h"

/* The manifest of the app, as etc/slack-manifest.json has it. */
extern const char slack_manifest[];

extern const struct admin_argument slack_manifest_arguments[];
int slack_run_manifest(struct admin_call *, struct err *);
void slack_print_manifest(const json_t *result, FILE *);

#endif
