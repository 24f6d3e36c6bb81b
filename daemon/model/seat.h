/* Where a thread sits, that is, on which processor, and whether it gets on.
 *
 * A thread that a stranger keeps from its processor can be moved to another,
 * within the set of those that it is allowed.  It is put there, not bound: it
 * has its whole set back at once, and the system may move it again.  Where the
 * system refuses, nothing happens. */
#ifndef MODEL_SEAT_H
#define MODEL_SEAT_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <time.h>

enum { SEAT_OWN, SEAT_GUEST, SEAT_LEAVING };

struct seat {
	pthread_t thread;
	clockid_t clock;       /* of the time that it has run */
	_Atomic int processor; /* where it last said to be */
	_Atomic int state;
	int home;	   /* of a guest: where it goes then, */
	cpu_set_t allowed; /* and what it was allowed before */
};

/* Of the thread that calls. */
void seat_take(struct seat *);
/* The thread that calls says where it is; its number. */
int seat_note(struct seat *);
/* It does not run: it sleeps, or waits for its processor.  Costs two system
 * calls. */
bool seat_is_idle(const struct seat *);
/* Move a thread, which may be the one that calls; false: it may not go there,
 * or is a guest.  By one thread at a time. */
bool seat_move(struct seat *, int processor);
/* Move another thread, which stays there until seat_go_home().  By one thread
 * at a time. */
bool seat_invite(struct seat *, int processor, int home);
/* Nothing if it is no guest.  Any thread. */
void seat_go_home(struct seat *);

#endif
