/* Slack as a desk: a channel of agents, in which each conversation that waits
 * for a person has a card, with a thread for what is said.  What the rest of
 * the plugin knows of it. */
#ifndef SLACK_DESK_H
#define SLACK_DESK_H

#include <stdbool.h>
#include <tellerd/plugin.h>

struct action;
struct delivery;
struct desk_act;
struct desk_job;
struct slack;
struct taking;

#define DESK_ACTION "desk_" /* how the names of its buttons begin */

/* -1 and words: the settings are wrong.  Without any there is no desk. */
int desk_open(struct slack *, struct teller_words *);
void desk_start(struct slack *);
void desk_close(struct slack *);
/* The agents' channel cannot be written to: told by health. */
void desk_is_unreachable(struct slack *, const char *words);

/* false: the job is not for a desk. */
bool desk_send(struct slack *, const struct teller_job *);
/* What was to be posted for its job is there. */
void desk_posted(struct delivery *);
void desk_job_free(struct desk_job *);

/* What was written in the agents' channel; false: it is another one. */
bool desk_take_event(struct taking *);

/* A button that somebody pressed; false: it is none of the desk's. */
bool desk_take_press(struct taking *, const struct action *);
/* true: there is more to be done before its origin is told. */
bool desk_act_stored(struct taking *, const struct teller_stored *);
void desk_act_free(struct desk_act *);

#endif
