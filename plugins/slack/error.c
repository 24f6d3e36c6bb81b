/* Errors by name, from the reference of the Web API; those that end in a "*"
 * stand for any end.  What a repeated call would meet again is wrong or a
 * matter of settings; what is here as wrong may be right for a method of which
 * we know better, which looks at the name first. */
#include "error.h"

#include <string.h>

static const char *const held[] = {"ratelimited", "rate_limited", NULL};

/* Nothing was done, and another time it may be. */
static const char *const later[] = {"external_channel_migrating",
				    "fetch_members_failed",
				    "list_record_comment_fetch_failed",
				    "message_limit_exceeded",
				    "org_login_required",
				    "team_added_to_org",
				    "update_failed",
				    NULL};

static const char *const unknown[] = {
	"fatal_error",	   "internal_error",	  "messaging_processing_failed",
	"request_timeout", "service_unavailable", NULL};

static const char *const dead[] = {"account_inactive",
				   "app_access_restricted",
				   "forbidden_team",
				   "invalid_auth",
				   "not_authed",
				   "team_disabled",
				   "token_expired",
				   "token_revoked",
				   "user_removed_from_team",
				   NULL};

static const char *const settings[] = {"access_denied",
				       "accesslimited",
				       "as_user_not_supported",
				       "bad_client_secret",
				       "bad_redirect_uri",
				       "cannot_install_*",
				       "deprecated_endpoint",
				       "enterprise_is_restricted",
				       "feature_disabled",
				       "insecure_request",
				       "invalid_client_id",
				       "invalid_refresh_token",
				       "is_bot",
				       "messages_tab_disabled",
				       "metadata_must_be_sent_from_app",
				       "method_deprecated",
				       "missing_scope",
				       "no_access",
				       "no_permission",
				       "no_scopes",
				       "not_allowed_token_type",
				       "not_authorized",
				       "not_enabled",
				       "not_implemented",
				       "not_subscribed_to_message_stream_*",
				       "oauth_authorization_url_mismatch",
				       "pkce_not_allowed",
				       "preview_feature_not_available",
				       "send_on_behalf_not_allowed",
				       "team_not_found",
				       "two_factor_setup_required",
				       "unknown_method",
				       "user_email_unverified",
				       NULL};

static const char *const gone[] = {"cannot_reply_to_message",
				   "channel_is_limited_access",
				   "channel_not_found",
				   "channel_type_not_supported",
				   "duplicate_channel_not_found",
				   "duplicate_message_not_found",
				   "ekm_access_denied",
				   "invalid_thread_ts",
				   "is_archived",
				   "message_not_found",
				   "method_not_supported_for_channel_type",
				   "not_in_channel",
				   "posting_to_channel_denied",
				   "restricted_action*",
				   "thread_locked",
				   "thread_not_found",
				   "user_disabled",
				   "user_not_found",
				   "user_not_in_channel",
				   "user_not_visible",
				   NULL};

static const char *const wrong[] = {"already_reacted",
				    "attachment_payload_limit_exceeded",
				    "bad_timestamp",
				    "block*", /* of what was not changed */
				    "cant_*",
				    "draft_*",
				    "duplicate_external_id",
				    "edit_window_closed",
				    "exchanged_trigger_id",
				    "expired_trigger_id",
				    "file_*",
				    "hash_conflict",
				    "invalid_*", /* that is not above */
				    "is_inactive",
				    "markdown_text_conflict",
				    "max_file_sharing_exceeded",
				    "message_not_*",
				    "metadata_too_large",
				    "missing_*",
				    "msg_*",
				    "no_dual_broadcast_content_update",
				    "no_item_specified",
				    "no_reaction",
				    "no_text",
				    "not_enough_users",
				    "not_found",
				    "not_reactable",
				    "reserved_username",
				    "slack_connect_*",
				    "stopped_by_user",
				    "streaming_state_conflict",
				    "thread_ts_*",
				    "too_many_*",
				    "unable_to_share_files",
				    "users_list_not_supplied",
				    "view_too_large",
				    NULL};

/* In this order: a name that stands for itself comes before any end. */
static const struct {
	const char *const *names;
	enum api_result result;
} classes[] = {
	{held, API_HELD},   {later, API_LATER},	      {unknown, API_UNKNOWN},
	{dead, API_DEAD},   {settings, API_SETTINGS}, {gone, API_GONE},
	{wrong, API_WRONG},
};

static bool
is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++) {
		size_t n = strcspn(*names, "*");
		if (strncmp(name, *names, n) == 0 &&
		    ((*names)[n] == '*' || !name[n]))
			return true;
	}
	return false;
}

bool
error_find(const char *name, enum api_result *result_r)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		if (!is_one_of(name, classes[i].names))
			continue;
		*result_r = classes[i].result;
		return true;
	}
	return false;
}
