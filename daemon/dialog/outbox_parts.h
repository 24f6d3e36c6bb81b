/* What the files of the outbox share. */
#ifndef DIALOG_OUTBOX_PARTS_H
#define DIALOG_OUTBOX_PARTS_H

#include "base/hash.h"
#include "base/mem.h"
#include "dialog/outbox.h"
#include "store/turn.h"

struct delivery;
struct timer;

/* Attempts after which a reply is given up: three days of them, so that a peer
 * that is away for a night or a weekend loses nothing (for mail, RFC 5321 has
 * four or five).  Those that a crash ended count, too: one of them may have
 * been its cause. */
#define OUTBOX_ATTEMPTS_MAX 400
/* And how many of them may have arrived, and would arrive again. */
#define OUTBOX_UNKNOWN_MAX 20

/* The replies of one conversation to one plugin, the first under way.  A plugin
 * may be its channel and its desk: those do not wait for each other. */
struct lane {
	struct outbox *outbox;
	char *name; /* its key in lanes: "plugin/conversation id/side" */
	struct delivery *first, **last;
	struct timer *timer;
	bool is_with_plugin; /* the first was given to send() */
	bool is_marking;     /* a mark of the first is on its way to disk */
	struct store_mark_reply mark;
	struct arena mark_arena; /* of what the mark sets */
	struct reply receipt;	 /* that goes with the mark */
};

struct outbox {
	struct outbox_config config;
	struct map lanes;   /* by name */
	struct idmap by_id; /* lanes by the id of each of their replies */
	size_t n;	    /* replies in all lanes */
	bool is_stopped;
};

/* outbox_lane.c */

/* Behind what is under way to the same place; it is taken over. */
void outbox_lane_append(struct outbox *, struct delivery *);
/* Is there something to be done for the first reply, and now? */
bool outbox_lane_is_due(const struct lane *);
/* Do what is next for the first reply; arg is the lane, which may be over and
 * freed when its last reply is. */
void outbox_lane_go_on(void *arg);
/* Keep what became of the first reply, or of an attempt. */
void outbox_lane_mark(struct lane *, enum reply_outcome);
void outbox_lane_free(struct lane *);
void outbox_log_failure(const struct delivery *, bool is_final);

#endif
