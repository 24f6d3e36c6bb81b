/* Who may act: whoever the settings name, else the members of the agents'
 * channel, if nobody can walk into it, and no other firm is in it.  Guests,
 * bots and people of other firms never are.  What Slack says is good for a
 * minute; while it says nothing, for an hour. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "desk_parts.h"

#define FRESH_US (60 * US_PER_S)
#define STALE_US (3600 * US_PER_S)
#define ASKINGS_MAX 10 /* at once; the others wait */
#define PAGES_MAX 25   /* of the channel's members, 200 each */
#define PATH_SIZE 128
#define URL_SIZE 512

struct asking {
	struct asking *next, **link;
	struct desk *desk;
	char user[SLACK_ID_MAX + 1];
	bool is_begun;
	int n_pages; /* of members that were looked through */
	agent_fn *fn;
	void *arg;
};

static void go_on(struct desk *);

static void
asking_free(struct asking *asking)
{
	*asking->link = asking->next;
	if (asking->next)
		asking->next->link = asking->link;
	free(asking);
}

void
agents_close(struct desk *desk)
{
	while (desk->askings)
		asking_free(desk->askings);
}

/* ---- What is known */

static struct agent *
find(struct desk *desk, const char *user)
{
	for (size_t i = 0; i < DESK_AGENTS_MAX; i++)
		if (strcmp(desk->agents[i].user, user) == 0)
			return &desk->agents[i];
	return NULL;
}

static bool
is_younger(const struct desk *desk, const struct agent *agent, int64_t us)
{
	return slack_now_us(desk->slack) - agent->at_us < us;
}

static void
end(struct asking *asking, const struct agent *agent)
{
	struct desk *desk = asking->desk;
	agent_fn *fn = asking->fn;
	void *arg = asking->arg;
	asking_free(asking);
	fn(arg, agent);
	go_on(desk);
}

/* why: NULL: he may. */
static void
decide(struct asking *asking, const char *name, const char *why)
{
	struct desk *desk = asking->desk;
	struct agent *agent = find(desk, asking->user);
	if (!agent)
		agent = &desk->agents[desk->n_agents++ % DESK_AGENTS_MAX];
	*agent = (struct agent){
		.is_good = !why,
		.why = why,
		.at_us = slack_now_us(desk->slack),
	};
	snprintf(agent->user, sizeof(agent->user), "%s", asking->user);
	snprintf(agent->name, sizeof(agent->name), "%s", name);
	end(asking, agent);
}

static void
cannot_tell(struct asking *asking, const char *words)
{
	struct agent *agent = find(asking->desk, asking->user);
	slack_log(asking->desk->slack, TELLER_LOG_WARN,
		  "whether %s is an agent cannot be told: %s", asking->user,
		  words);
	if (agent && !is_younger(asking->desk, agent, STALE_US))
		agent = NULL;
	end(asking, agent);
}

/* ---- Asking Slack */

static void
call(struct asking *asking, const char *url, api_fn *fn)
{
	if (api_call(asking->desk->workspace, url, NULL, fn, asking))
		cannot_tell(asking, "Slack cannot be asked");
}

/* Of a workspace's own people; of an organisation's, where that has the app. */
static bool
is_of_others(const struct desk *desk, const json_t *user)
{
	const char *team = event_text(user, "team_id");
	return json_is_true(json_object_get(user, "is_stranger")) ||
	       (desk->workspace->team[0] == 'T' && team &&
		strcmp(team, desk->workspace->team) != 0 &&
		!json_is_object(json_object_get(user, "enterprise_user")));
}

static void
on_user(void *arg, const struct api_answer *answer)
{
	static const char *const guests[] = {
		"deleted", "is_bot", "is_restricted", "is_ultra_restricted"};
	struct asking *asking = arg;
	const json_t *user = json_object_get(answer->body, "user");
	if (answer->result != API_OK) {
		cannot_tell(asking, answer->words);
		return;
	}
	bool is_guest = is_of_others(asking->desk, user);
	for (size_t i = 0; i < sizeof(guests) / sizeof(*guests); i++)
		is_guest |= json_is_true(json_object_get(user, guests[i]));
	decide(asking, name_read(user),
	       is_guest ? "Guests, bots and people of other firms are no "
			  "agents of this desk."
			: NULL);
}

static void
ask_user(struct asking *asking)
{
	if (person_ask(asking->desk->workspace, asking->user, on_user, asking))
		cannot_tell(asking, "Slack cannot be asked");
}

static void ask_members(struct asking *, const char *cursor);

/* Nobody is one for being among so many. */
static void
give_up_members(struct asking *asking)
{
	slack_log(asking->desk->slack, TELLER_LOG_WARN,
		  "%s has more than %d members, and whether %s is one was not "
		  "found out: name the agents in plugins.slack.%s.agents",
		  asking->desk->channel, PAGES_MAX * 200, asking->user,
		  asking->desk->path);
	decide(asking, "",
	       "This channel has too many members to look through: its agents "
	       "have to be named in the settings.");
}

static bool
has_member(const json_t *body, const char *user)
{
	const json_t *member;
	size_t i;
	json_array_foreach (json_object_get(body, "members"), i, member) {
		const char *id = json_string_value(member);
		if (id && strcmp(id, user) == 0)
			return true;
	}
	return false;
}

static void
on_members(void *arg, const struct api_answer *answer)
{
	struct asking *asking = arg;
	const char *cursor =
		event_text(json_object_get(answer->body, "response_metadata"),
			   "next_cursor");
	if (answer->result != API_OK)
		cannot_tell(asking, answer->words);
	else if (has_member(answer->body, asking->user))
		ask_user(asking);
	else if (cursor && *cursor && ++asking->n_pages >= PAGES_MAX)
		give_up_members(asking);
	else if (cursor && *cursor)
		ask_members(asking, cursor);
	else
		decide(asking, "", "Only members of this channel may do that.");
}

static void
ask_members(struct asking *asking, const char *cursor)
{
	char url[URL_SIZE];
	int n = snprintf(url, sizeof(url),
			 "conversations.members?channel=%s&limit=200",
			 asking->desk->channel);
	if (cursor) {
		snprintf(url + n, sizeof(url) - (size_t)n, "&cursor=");
		api_add_escaped(url, sizeof(url), cursor);
	}
	call(asking, url, on_members);
}

/* Why nobody is one for being in that channel; NULL: all in it are. */
static const char *
why_open(const json_t *channel)
{
	if (json_is_true(json_object_get(channel, "is_ext_shared")))
		return "People of other firms are in this channel: its members "
		       "are agents only if they are named in the settings.";
	if (!json_is_true(json_object_get(channel, "is_private")))
		return "Anybody can join this channel: its members are agents "
		       "only if it is private, or if they are named in the "
		       "settings.";
	return NULL;
}

static void
on_channel(void *arg, const struct api_answer *answer)
{
	struct asking *asking = arg;
	const char *why = why_open(json_object_get(answer->body, "channel"));
	if (answer->result != API_OK) {
		cannot_tell(asking, answer->words);
	} else if (why) {
		slack_log(
			asking->desk->slack, TELLER_LOG_WARN,
			"nobody is an agent in %s, as plugins.slack.%s.agents "
			"is empty: %s",
			asking->desk->channel, asking->desk->path, why);
		decide(asking, "", why);
	} else {
		ask_members(asking, NULL);
	}
}

/* ---- Whom the settings name */

static bool
is_named(const struct desk *desk, const char *user, bool *is_empty_r)
{
	const struct slack *slack = desk->slack;
	char path[PATH_SIZE];
	const char *id;
	snprintf(path, sizeof(path), "%s.agents", desk->path);
	*is_empty_r = !slack->services->option_item(slack->host, path, 0);
	for (size_t i = 0;
	     (id = slack->services->option_item(slack->host, path, i)); i++)
		if (strcmp(id, user) == 0)
			return true;
	return false;
}

static struct asking *
asking_new(struct desk *desk, const char *user, agent_fn *fn, void *arg)
{
	struct asking *asking = calloc(1, sizeof(*asking));
	if (!asking)
		return NULL;
	*asking = (struct asking){.next = desk->askings,
				  .link = &desk->askings,
				  .desk = desk,
				  .fn = fn,
				  .arg = arg};
	snprintf(asking->user, sizeof(asking->user), "%s", user);
	if (asking->next)
		asking->next->link = &asking->next;
	desk->askings = asking;
	return asking;
}

static void
begin(struct asking *asking)
{
	struct desk *desk = asking->desk;
	const struct agent *known = find(desk, asking->user);
	char url[URL_SIZE];
	bool is_anybody;
	asking->is_begun = true;
	if (known && is_younger(desk, known, FRESH_US)) {
		end(asking, known);
	} else if (is_named(desk, asking->user, &is_anybody)) {
		ask_user(asking);
	} else if (is_anybody) {
		snprintf(url, sizeof(url), "conversations.info?channel=%s",
			 desk->channel);
		call(asking, url, on_channel);
	} else {
		decide(asking, "", "You are no agent of this desk.");
	}
}

/* The one that has waited longest; NULL: there is none, or no place. */
static struct asking *
find_waiting(const struct desk *desk)
{
	struct asking *oldest = NULL;
	size_t n = 0;
	for (struct asking *a = desk->askings; a; a = a->next) {
		n += a->is_begun;
		if (!a->is_begun)
			oldest = a;
	}
	return n < ASKINGS_MAX ? oldest : NULL;
}

/* One may end before it returns: what waits is begun here then, too. */
static void
go_on(struct desk *desk)
{
	struct asking *asking;
	if (desk->is_asking)
		return;
	desk->is_asking = true;
	while ((asking = find_waiting(desk)))
		begin(asking);
	desk->is_asking = false;
}

void
agent_ask(struct desk *desk, const char *user, agent_fn *fn, void *arg)
{
	if (asking_new(desk, user, fn, arg))
		go_on(desk);
	else
		fn(arg, NULL);
}
