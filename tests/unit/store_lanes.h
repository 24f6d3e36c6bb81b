/* Customers who write to a store without a pause, for tests that stop it in
 * the middle: each lane is one conversation with a message, its turn, the
 * delivery of its reply, and again. */
#ifndef TESTS_UNIT_STORE_LANES_H
#define TESTS_UNIT_STORE_LANES_H

#include "store_fixture.h"

#define N_LANES 16
#define LANE_TEXT_MAX 20000

enum lane_step { STEP_ADDED, STEP_FINISHED, STEP_TRYING, STEP_SENT, N_STEPS };

/* What the store has answered, after the commit. */
struct ack {
	int64_t step;
	int64_t lane, number; /* of the lane's messages, from 1 */
	int64_t message_id, reply_id;
};

struct lanes;
struct lane {
	struct lanes *lanes;
	struct store_add_message add;
	struct store_finish_turn finish;
	struct store_mark_reply mark;
	struct reply reply;
	struct plugin_state state;
	enum lane_step step;
	int64_t number; /* of its newest message; begins with the next one */
	char key[24], external_id[64], count[24];
	char text[LANE_TEXT_MAX + 1];
};

struct lanes {
	struct store *store;
	const char *name; /* of this run; external ids begin with it */
	void (*acked)(const struct ack *); /* on the store thread */
	long n_left;			   /* acks until they stop */
	sem_t stopped;			   /* posted once a lane */
	struct lane of[N_LANES];
};

/* A lane's message of that number, its texts in the lane; the same whenever it
 * is made.  The number is also kept as the plugin's state `key`. */
void lane_make_message(struct lane *, int64_t number);

/* All begin with the message after their number, after store, name, acked and
 * n_left were set; those that are there already are acknowledged too.  What is
 * answered otherwise than it should be ends the process with 3. */
void lanes_start(struct lanes *);
void lanes_wait(struct lanes *);

/* What of an acknowledged step is not in the database; NULL: all is there. */
const char *lanes_lost(struct db *, const struct ack *, const char *name);
/* A turn that is there by half; NULL: there is none. */
const char *lanes_halves(struct db *);

#endif
