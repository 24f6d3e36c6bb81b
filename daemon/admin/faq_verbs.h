/* Verbs of the noun `faq` that have a file of their own. */
#ifndef ADMIN_FAQ_VERBS_H
#define ADMIN_FAQ_VERBS_H

#include "admin/admin.h"

struct faq_version;

extern const struct admin_argument faq_search_arguments[];
int faq_search(struct admin_call *, struct err *);
void faq_print_search(const json_t *result, FILE *);

extern const struct admin_argument faq_list_arguments[];
int faq_list(struct admin_call *, struct err *);

extern const struct admin_argument faq_show_arguments[];
int faq_show(struct admin_call *, struct err *);
void faq_print_show(const json_t *result, FILE *);

extern const struct admin_argument faq_edit_arguments[];
int faq_edit(struct admin_call *, struct err *);
void faq_print_edit(const json_t *result, FILE *);

extern const struct admin_argument faq_approve_arguments[];
int faq_approve(struct admin_call *, struct err *);
void faq_print_approve(const json_t *result, FILE *);

extern const struct admin_argument faq_retire_arguments[];
int faq_retire(struct admin_call *, struct err *);
void faq_print_judged(const json_t *result, FILE *);

extern const struct admin_argument faq_gaps_arguments[];
int faq_gaps(struct admin_call *, struct err *);
void faq_print_gaps(const json_t *result, FILE *);

/* What several of them do.  -1 and *err: there is no such entry. */
int faq_no_entry(const char *name, struct err *);
/* The number of --version, 0 without it.  0, or -1 and *err. */
int faq_read_version(struct admin_call *, int *version_r, struct err *);
/* Whether its time is "now", comes "later" or is "over". */
const char *faq_validity(const struct faq_version *, int64_t now_us);
/* Refuse --approve by who writes.  0, or -1 and *err. */
int faq_check_eyes(struct admin_call *, struct err *);
/* Approve a version, unless four eyes forbid it, or retire it; 0: as the store
 * has it.  The index is not made anew.  0, or -1 and *err. */
int faq_judge(struct admin_call *, const char *name, int *version,
	      bool is_approval, struct err *);

#endif
