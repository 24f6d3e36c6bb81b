/* Who people are, by users.info, of which so many are under way at once,
 * whoever wants to know.  A name that is not known is asked for and stands in
 * what comes later: what somebody wrote does not wait for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "slack.h"
#include "split.h"

#define PEOPLE_MAX 1000
#define ASKED_MAX 10  /* at once */
#define NAME_CHARS 80 /* as Slack has it */
#define KEEP_US (60 * 60 * US_PER_S)
#define KEEP_FAILED_US (5 * 60 * US_PER_S)

/* Somebody who waits for what Slack says. */
struct asker {
	struct asker *next;
	api_fn *fn;
	void *arg;
};

struct person {
	struct slack *slack;
	struct workspace *workspace;
	struct person *next; /* most lately used first */
	int64_t until_us;
	bool is_asked; /* now */
	struct asker *askers;
	uint64_t turn; /* of those that somebody waits for, in order */
	char id[SLACK_ID_MAX + 1];
	char name[4 * NAME_CHARS + 1]; /* "": not known */
};

void
names_drop(struct slack *slack)
{
	while (slack->people) {
		struct person *person = slack->people;
		slack->people = person->next;
		while (person->askers) {
			struct asker *asker = person->askers;
			person->askers = asker->next;
			free(asker);
		}
		free(person);
	}
}

/* The one of that id, or the last that can be forgotten, taken out of the
 * list; NULL: there is none, *n_r are those that there are. */
static struct person *
take_out(struct slack *slack, const struct workspace *workspace, const char *id,
	 size_t *n_r)
{
	struct person **oldest = NULL, **link;
	*n_r = 0;
	for (link = &slack->people; *link; link = &(*link)->next) {
		struct person *person = *link;
		if (person->workspace == workspace &&
		    strcmp(person->id, id) == 0)
			break;
		++*n_r;
		if (!person->is_asked && !person->askers)
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

/* ---- Asking */

static size_t
count_asked(const struct slack *slack)
{
	size_t n = 0;
	for (const struct person *p = slack->people; p; p = p->next)
		n += p->is_asked;
	return n;
}

static void
tell_askers(struct person *person, const struct api_answer *answer)
{
	struct asker *asker = person->askers, *next;
	person->askers = NULL;
	for (; asker; asker = next) {
		next = asker->next;
		asker->fn(asker->arg, answer);
		free(asker);
	}
}

/* The one who has waited longest for a place. */
static struct person *
find_waiting(const struct slack *slack)
{
	struct person *found = NULL;
	for (struct person *p = slack->people; p; p = p->next)
		if (p->askers && !p->is_asked &&
		    (!found || p->turn < found->turn))
			found = p;
	return found;
}

static bool
is_not_allowed(const struct api_answer *answer)
{
	return answer->result == API_SETTINGS;
}

static void ask_waiting(struct slack *);

static void
on_person(void *arg, const struct api_answer *answer)
{
	struct person *person = arg;
	struct workspace *workspace = person->workspace;
	struct slack *slack = person->slack;
	int64_t now_us = slack_now_us(slack);
	person->is_asked = false;
	person->until_us =
		now_us + (answer->result == API_OK ? KEEP_US : KEEP_FAILED_US);
	if (answer->result == API_OK) {
		keep_name(person, json_object_get(answer->body, "user"));
	} else if (answer->result == API_HELD) {
		rate_hold(workspace, SLACK_NAMES,
			  now_us + answer->retry_after_s * US_PER_S);
	} else if (slack->has_names && is_not_allowed(answer) &&
		   !workspace->is_nameless) {
		workspace->is_nameless = true;
		slack_log(slack, TELLER_LOG_INFO,
			  "names in workspace %s are not shown: %s",
			  workspace->name, answer->words);
	}
	tell_askers(person, answer);
	ask_waiting(slack);
}

static void
ask(struct person *person)
{
	char method[SLACK_ID_MAX + 32];
	snprintf(method, sizeof(method), "users.info?user=%s", person->id);
	person->is_asked = api_call(person->workspace, method, NULL, on_person,
				    person) == 0;
}

static void
ask_waiting(struct slack *slack)
{
	static const struct api_answer
		none = {.result = API_LATER, .words = "Slack cannot be asked"},
		held = {.result = API_HELD, .words = "Slack holds names back"};
	int64_t now_us = slack_now_us(slack);
	struct person *person;
	while (count_asked(slack) < ASKED_MAX &&
	       (person = find_waiting(slack))) {
		bool is_held =
			rate_is_held(person->workspace, SLACK_NAMES, now_us);
		if (!is_held) {
			/* Somebody waits: it is taken, whenever its turn is. */
			rate_take(person->workspace, SLACK_NAMES);
			ask(person);
		}
		if (!person->is_asked)
			tell_askers(person, is_held ? &held : &none);
	}
}

/* NULL: there is no memory, or all are being asked for. */
static struct person *
get(struct workspace *workspace, const char *id)
{
	struct slack *slack = workspace->slack;
	size_t n;
	struct person *person = take_out(slack, workspace, id, &n);
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
	return person;
}

int
person_ask(struct workspace *workspace, const char *id, api_fn *fn, void *arg)
{
	struct person *person = event_is_id(id) ? get(workspace, id) : NULL;
	struct asker *asker = person ? malloc(sizeof(*asker)) : NULL;
	if (!asker)
		return -1;
	if (!person->askers)
		person->turn = workspace->slack->n_awaited++;
	*asker = (struct asker){person->askers, fn, arg};
	person->askers = asker;
	ask_waiting(workspace->slack);
	return 0;
}

const char *
name_find(struct workspace *workspace, const char *id)
{
	struct slack *slack = workspace->slack;
	int64_t now_us = slack_now_us(slack);
	if (!slack->has_names || workspace->is_nameless || !event_is_id(id))
		return NULL;
	struct person *person = get(workspace, id);
	if (!person)
		return NULL;
	if (!person->is_asked && person->until_us <= now_us &&
	    count_asked(slack) < ASKED_MAX &&
	    rate_take_now(workspace, SLACK_NAMES))
		ask(person);
	return *person->name ? person->name : NULL;
}
