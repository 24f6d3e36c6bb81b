/* The nouns' tables, for the one list of them. */
#ifndef ADMIN_COMMANDS_H
#define ADMIN_COMMANDS_H

#include "admin/admin.h"

extern const struct admin_command admin_ask_commands[];
extern const struct admin_command admin_audit_commands[];
extern const struct admin_command admin_keys_commands[];
extern const struct admin_command admin_backup_commands[];
extern const struct admin_command admin_cases_commands[];
extern const struct admin_command admin_completion_commands[];
extern const struct admin_command admin_conversations_commands[];
extern const struct admin_command admin_desk_commands[];
extern const struct admin_command admin_faq_commands[];
extern const struct admin_command admin_intents_commands[];
extern const struct admin_command admin_model_commands[];
extern const struct admin_command admin_options_commands[];
extern const struct admin_command admin_replay_commands[];
extern const struct admin_command admin_review_commands[];
extern const struct admin_command admin_slack_commands[];
extern const struct admin_command admin_status_commands[];
extern const struct admin_command admin_test_commands[];

#endif
