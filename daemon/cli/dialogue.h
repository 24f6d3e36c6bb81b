/* `tellerctl chat`: a customer at a terminal. */
#ifndef CLI_DIALOGUE_H
#define CLI_DIALOGUE_H

struct arguments;
struct client;
struct err;

/* Until stdin ends.  0, or -1 and *err. */
int dialogue_run(struct client *, struct arguments *, struct err *);

#endif
