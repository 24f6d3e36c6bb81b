/* The memory plan: what the parts of a desk take, and may take. */
#ifndef DIALOG_PLAN_H
#define DIALOG_PLAN_H

struct desk;

/* One line of the log a part.  On the loop thread, or before it runs. */
void plan_log(struct desk *);

#endif
