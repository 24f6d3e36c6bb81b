/* The verbs of the noun desk, for its table. */
#ifndef ADMIN_DESK_VERBS_H
#define ADMIN_DESK_VERBS_H

#include "admin/admin.h"

/* desk.c: add who waits, of the highest priority and then longest first, then
 * who has a person, as the member of that name: [{"id", "state", "reason",
 * "priority", ...}]; and the open cases, as cases_add_open() does.  0, or -1
 * and *err. */
int desk_add_queue(struct admin_call *, const char *name, json_t *result,
		   struct err *);
void desk_print_queue(const json_t *result, const char *name, FILE *);
/* Minutes and the like, for a person: "12 min". */
const char *desk_duration(int64_t us, char out[32]);
/* "14:05", by the clocks of the desk; borrowed from the arena. */
struct arena;
const char *desk_clock(struct admin_call *, struct arena *, int64_t us);

/* desk_act.c */
extern const struct admin_argument desk_claim_arguments[];
extern const struct admin_argument desk_say_arguments[];
extern const struct admin_argument desk_note_arguments[];
extern const struct admin_argument desk_end_arguments[];
int desk_run_claim(struct admin_call *, struct err *);
int desk_run_say(struct admin_call *, struct err *);
int desk_run_note(struct admin_call *, struct err *);
int desk_run_return(struct admin_call *, struct err *);
int desk_run_close(struct admin_call *, struct err *);
void desk_print_act(const json_t *, FILE *);

/* desk_show.c */
extern const struct admin_argument desk_show_arguments[];
int desk_run_show(struct admin_call *, struct err *);
void desk_print_show(const json_t *, FILE *);

/* desk_watch.c */
extern const struct admin_argument desk_watch_arguments[];
int desk_run_watch(struct admin_call *, struct err *);
void desk_print_watch(const json_t *, FILE *);

#endif
