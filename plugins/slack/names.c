/* What people are called, by users.info.  A name that is not known is asked for
 * and stands in what comes later: what somebody wrote does not wait for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "slack.h"
#include "split.h"

#define PEOPLE_MAX 1000
#define ASKED_MAX 20  /* at once */
#define NAME_CHARS 80 /* as Slack has it */
#define KEEP_US (60 * 60 * US_PER_S)
#define KEEP_FAILED_US (5 * 60 * US_PER_S)

struct person {
	struct slack *slack;
	struct workspace *workspace;
	struct person *next; /* most lately used first */
	int64_t until_us;
	bool is_asked; /* now */
	char id[SLACK_ID_MAX + 1];
	char name[4 * NAME_CHARS + 1]; /* "": not known */
};

void
names_drop(struct slack *slack)
{
	while (slack->people) {
		struct person *person = slack->people;
		slack->people = person->next;
		free(person);
	}
}

/* The one of that id, or the last that can be forgotten, taken out of the
 * list; NULL: there is none, *n_r and *asked_r are those that there are. */
static struct person *
take_out(struct slack *slack, const struct workspace *workspace, const char *id,
	 size_t *n_r, size_t *asked_r)
{
	struct person **oldest = NULL, **link;
	*n_r = *asked_r = 0;
	for (link = &slack->people; *link; link = &(*link)->next) {
		struct person *person = *link;
		if (person->workspace == workspace &&
		    strcmp(person->id, id) == 0)
			break;
		++*n_r;
		*asked_r += person->is_asked;
		if (!person->is_asked)
			oldest = link;
	}
	if (!*link && *n_r >= PEOPLE_MAX && oldest)
		link = oldest;
	struct person *found = *link;
	if (found)
		*link = found->next;
	return found;
}

static void
put_first(struct slack *slack, struct person *person)
{
	person->next = slack->people;
	slack->people = person;
}

const char *
name_read(const json_t *user)
{
	const json_t *profile = json_object_get(user, "profile");
	const char *const names[] = {event_text(profile, "display_name"),
				     event_text(profile, "real_name"),
				     event_text(user, "name")};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i] && *names[i])
			return names[i];
	return "";
}

static void
keep_name(struct person *person, const json_t *user)
{
	const char *name = name_read(user);
	snprintf(person->name, sizeof(person->name), "%.*s",
		 (int)split_fit(name, NAME_CHARS), name);
}

static bool
is_not_allowed(const struct api_answer *answer)
{
	return answer->result == API_SETTINGS;
}

static void
on_person(void *arg, const struct api_answer *answer)
{
	struct person *person = arg;
	struct workspace *workspace = person->workspace;
	const struct slack *slack = person->slack;
	int64_t now_us = slack->services->now_us(slack->host);
	person->is_asked = false;
	person->until_us =
		now_us + (answer->result == API_OK ? KEEP_US : KEEP_FAILED_US);
	if (answer->result == API_OK) {
		keep_name(person, json_object_get(answer->body, "user"));
	} else if (answer->result == API_HELD) {
		rate_hold(workspace, SLACK_NAMES,
			  now_us + answer->retry_after_s * US_PER_S);
	} else if (is_not_allowed(answer) && !workspace->is_nameless) {
		workspace->is_nameless = true;
		slack_log(slack, TELLER_LOG_INFO,
			  "names in workspace %s are not shown: %s",
			  workspace->name, answer->words);
	}
}

static void
ask(struct person *person)
{
	const struct slack *slack = person->slack;
	int64_t now_us = slack->services->now_us(slack->host);
	char method[SLACK_ID_MAX + 32];
	if (rate_is_held(person->workspace, SLACK_NAMES, now_us))
		return;
	snprintf(method, sizeof(method), "users.info?user=%s", person->id);
	person->is_asked = api_call(person->workspace, method, NULL, on_person,
				    person) == 0;
}

const char *
name_find(struct workspace *workspace, const char *id)
{
	struct slack *slack = workspace->slack;
	int64_t now_us = slack->services->now_us(slack->host);
	size_t n, n_asked;
	if (!slack->has_names || workspace->is_nameless || !event_is_id(id))
		return NULL;
	struct person *person = take_out(slack, workspace, id, &n, &n_asked);
	bool is_known = person && person->workspace == workspace &&
			strcmp(person->id, id) == 0;
	if (!person && n < PEOPLE_MAX)
		person = calloc(1, sizeof(*person));
	if (!person)
		return NULL;
	if (!is_known) {
		*person =
			(struct person){.slack = slack, .workspace = workspace};
		memcpy(person->id, id, strlen(id) + 1);
	}
	put_first(slack, person);
	if (!person->is_asked && person->until_us <= now_us &&
	    n_asked < ASKED_MAX)
		ask(person);
	return *person->name ? person->name : NULL;
}
