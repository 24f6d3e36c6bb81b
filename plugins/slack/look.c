/* Which parts of a reply are there already: our messages carry the job's key in
 * their metadata. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "slack.h"

/* The loop waits while one is parsed. */
#define PAGE "20"
#define PAGES_MAX 1000
#define CURSOR_MAX 200 /* theirs have about 40 */
#define URL_SIZE 1024
/* Our clock and Slack's may differ by no more than its requests' may be old. */
#define SKEW_S 600

/* Any app may write metadata, and read ours: the author counts, if it is known
 * who we are. */
static bool
is_ours(const struct workspace *workspace, const json_t *message)
{
	return !*workspace->user ||
	       event_says(message, "user", workspace->user) ||
	       event_says(message, "bot_id", workspace->bot);
}

static void
find_in_message(struct delivery *delivery, const json_t *message)
{
	const json_t *metadata = json_object_get(message, "metadata");
	const json_t *payload = json_object_get(metadata, "event_payload");
	const json_t *part = json_object_get(payload, "part");
	const char *ts = json_string_value(json_object_get(message, "ts"));
	json_int_t i = json_integer_value(part);
	if (!is_ours(delivery->workspace, message) ||
	    !event_says(metadata, "event_type", BLOCKS_TYPE) ||
	    !event_says(payload, "job", delivery->key) ||
	    !json_is_integer(part) || i < 0 || (size_t)i >= delivery->n_parts)
		return;
	delivery->found[i] = true;
	if (i == 0 && event_is_ts(ts))
		snprintf(delivery->first_ts, sizeof(delivery->first_ts), "%s",
			 ts);
}

/* Where the next page is, "" behind the last. */
static const char *
find_in_page(struct delivery *delivery, const json_t *body)
{
	const json_t *message;
	size_t i;
	json_array_foreach (json_object_get(body, "messages"), i, message)
		find_in_message(delivery, message);
	const char *cursor = json_string_value(json_object_get(
		json_object_get(body, "response_metadata"), "next_cursor"));
	return cursor ? cursor : "";
}

/* false: there is no end of them, or no memory. */
static bool
turn_page(struct delivery *delivery, const char *cursor)
{
	free(delivery->cursor);
	delivery->cursor = strlen(cursor) <= CURSOR_MAX ? strdup(cursor) : NULL;
	return delivery->cursor && ++delivery->n_pages < PAGES_MAX;
}

/* Parts go out in order: what is there are the first ones. */
static void
look_end(struct delivery *delivery)
{
	delivery->must_look = false;
	while (delivery->n_done < delivery->n_parts &&
	       delivery->found[delivery->n_done])
		delivery->n_done++;
	if (delivery->n_done > 0)
		slack_count(delivery->lane->slack, "found_again");
	delivery_end_if_done(delivery);
}

/* Nothing arrives by a look, and the next attempt looks again before it posts.
 * Of what nobody wants any more there is none: that may be there for good. */
static void
look_fail(struct delivery *delivery, const struct api_answer *answer)
{
	struct api_answer said = *answer;
	if (delivery->is_cancelled && said.result != API_GONE &&
	    said.result != API_DEAD)
		said.result = API_UNKNOWN;
	else if (said.result == API_UNKNOWN)
		said.result = API_LATER;
	delivery_fail(delivery, &said);
}

/* A scope of reading is a thing that an app may do without: then what may have
 * arrived is sent again. */
static void
on_refused(struct delivery *delivery, const struct api_answer *answer)
{
	if (strcmp(answer->error, "missing_scope") == 0)
		slack_log(delivery->lane->slack, TELLER_LOG_WARN,
			  "whether reply %s arrived cannot be seen, and it is "
			  "sent again: %s",
			  delivery->job, answer->words);
	else if (strcmp(answer->error, "thread_not_found") != 0) {
		look_fail(delivery, answer);
		return;
	}
	look_end(delivery);
}

static void
take_page(struct delivery *delivery, const json_t *body)
{
	const char *cursor = find_in_page(delivery, body);
	if (!*cursor)
		look_end(delivery);
	else if (turn_page(delivery, cursor))
		lane_go_on(delivery->lane);
	else
		look_fail(delivery,
			  &(struct api_answer){.result = API_LATER,
					       .words = "there is too much to "
							"look through"});
}

static void
on_page(void *arg, const struct api_answer *answer)
{
	struct delivery *delivery = arg;
	delivery->lane->is_busy = false;
	switch (answer->result) {
	case API_OK:
		take_page(delivery, answer->body);
		break;
	case API_HELD:
		delivery_hold(delivery, SLACK_LOOK, answer);
		break;
	default:
		on_refused(delivery, answer);
	}
}

void
look_next(struct delivery *delivery)
{
	char url[URL_SIZE];
	long long oldest_s = delivery->created_at_us / US_PER_S - SKEW_S;
	int n = snprintf(url, sizeof(url),
			 "conversations.%s?channel=%s&limit=" PAGE
			 "&include_all_metadata=true&oldest=%lld.000000",
			 *delivery->thread ? "replies" : "history",
			 delivery->channel, oldest_s > 0 ? oldest_s : 0);
	if (*delivery->thread)
		n += snprintf(url + n, sizeof(url) - (size_t)n, "&ts=%s",
			      delivery->thread);
	if (delivery->cursor) {
		snprintf(url + n, sizeof(url) - (size_t)n, "&cursor=");
		api_add_escaped(url, sizeof(url), delivery->cursor);
	}
	if (api_call(delivery->workspace, url, NULL, on_page, delivery) == 0)
		return;
	delivery->lane->is_busy = false;
	look_fail(delivery,
		  &(struct api_answer){.result = API_LATER,
				       .words = "Slack cannot be asked "
						"now"});
}
