/* What a reviewer reads: turns, with what was said of them.  The verbs are in
 * turn.h. */
#ifndef STORE_REVIEW_H
#define STORE_REVIEW_H

#include "store/turn.h"

/* Why a turn left a customer without the right answer; bits.  One whose newest
 * verdict is that it was right has none. */
enum turn_gap {
	GAP_OUT_OF_SCOPE = 1, /* nothing was near */
	GAP_ASKED_BACK = 2,   /* what he meant was asked */
	GAP_NONE = 4,	      /* he meant none of what was offered */
	GAP_RATED_DOWN = 8,
	GAP_HANDED_OVER = 16, /* after turns that failed */
	GAP_REJECTED = 32,    /* by a reviewer, or corrected */
	GAP_NOT_CHOSEN = 64,  /* what was offered; he left, or said more */
};

/* A turn that answered words of a customer. */
struct reviewed_turn {
	struct turn turn;
	const char *conversation; /* public id */
	const char *question;	  /* his words, joined by newlines */
	const char *reply;	  /* what the bot said, joined likewise */
	bool is_withdrawn;	  /* he took it back before it was out */
	const char *verdict;	  /* the newest one; "": none */
	const char *entry;	  /* of a corrected one; "" none, NULL else */
	int rating;		  /* the newest one; 0: none */
	const char *reason;	  /* of the rating; "" */
	int gaps;		  /* enum turn_gap */
};

struct review_filter {
	const char *kind; /* of the turn; NULL: any */
	double below;	  /* confidence below it; above 1: any */
	int gaps;	  /* with any of those, enum turn_gap; 0: any */
	bool is_rated_down;
	bool is_unanswered;  /* out of scope, asked back, none of those */
	bool is_handed_over; /* a person was called, for whatever reason */
	bool also_reviewed;  /* not only those that nobody judged */
	int64_t since_us;    /* 0: from the beginning */
	int64_t before;	     /* a turn: only older ones; 0: any */
};

/* Newest first, at most limit.  How many, or -1 and *err: reading failed, or
 * there is no turn `before`. */
long store_list_reviews(struct store_reader *, struct arena *,
			const struct review_filter *, size_t limit,
			const struct reviewed_turn **list_r, struct err *);
/* One turn, whoever it answered.  1: it is there; 0, and *found_r is NULL: it
 * is not; -1 and *err. */
int store_get_review(struct store_reader *, struct arena *, int64_t turn_id,
		     const struct reviewed_turn **found_r, struct err *);

/* All verdicts on a turn, or ratings of its replies, oldest first.  How many,
 * or -1 and *err. */
struct verdict {
	const char *verdict, *note, *actor;
	const char *entry; /* of a corrected turn; "" none, NULL else */
	int64_t at_us;
};
long store_verdicts(struct store_reader *, struct arena *, int64_t turn_id,
		    const struct verdict **list_r, struct err *);
struct rating {
	int64_t reply_id;
	int rating;
	const char *reason, *comment, *actor;
	int64_t at_us;
};
long store_ratings(struct store_reader *, struct arena *, int64_t turn_id,
		   const struct rating **list_r, struct err *);

#endif
