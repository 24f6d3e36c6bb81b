/* Questions of tellerctl: it asks as a customer and waits for the turn. */
#ifndef DIALOG_ASK_H
#define DIALOG_ASK_H

struct asks; /* of a desk: who waits for which message */
struct desk;
struct turn_done;

struct asks *asks_new(void);
void asks_free(struct asks *);
/* Whoever waits is told that nothing comes any more. */
void asks_end(struct asks *);
/* On the loop: a turn is committed; whoever asked for it goes on. */
void asks_turn_done(struct asks *, const struct turn_done *);
struct asks *desk_asks(struct desk *);

#endif
