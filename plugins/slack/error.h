/* What an error of Slack's means for who made the call. */
#ifndef SLACK_ERROR_H
#define SLACK_ERROR_H

#include <stdbool.h>

enum api_result {
	API_OK,
	API_HELD,     /* too many of them: after retry_after_s */
	API_LATER,    /* not done: try again */
	API_UNKNOWN,  /* perhaps done */
	API_DEAD,     /* the token is no good any more */
	API_SETTINGS, /* the app, its scopes, its settings are not */
	API_GONE,     /* the channel or the thread */
	API_WRONG     /* our message */
};

/* Whether we know Slack's name for an error; then what it means. */
bool error_find(const char *name, enum api_result *result_r);

#endif
