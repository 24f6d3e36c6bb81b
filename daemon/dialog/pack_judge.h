/* Is a pack fit to be served? */
#ifndef DIALOG_PACK_JUDGE_H
#define DIALOG_PACK_JUDGE_H

struct err;
struct faq_file;
struct findings;
struct pack;

/* Add what the files of a pack but its entries give rise to, as
 * `tellerctl intents check` shows it. */
void pack_look_through(const struct pack *, const struct faq_file *entries,
		       struct findings *);

/* Has the pack nothing that `tellerctl intents check` or `tellerctl faq lint`
 * calls an error?  It takes as long as these do: not on the loop.  0, or -1 and
 * *err with the first one's place and how many there are. */
int pack_judge(const struct pack *, struct err *);

#endif
