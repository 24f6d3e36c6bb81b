/* Verbs of the noun `model` that have a file of their own. */
#ifndef ADMIN_MODEL_VERBS_H
#define ADMIN_MODEL_VERBS_H

#include "admin/admin.h"

extern const struct admin_argument model_tokenize_arguments[];
int model_tokenize(struct admin_call *, struct err *);
void model_print_tokenize(const json_t *result, FILE *);

extern const struct admin_argument model_convert_arguments[];
int model_convert(struct admin_call *, struct err *);
void model_print_convert(const json_t *result, FILE *);

extern const struct admin_argument model_pull_arguments[];
int model_pull(struct admin_call *, struct err *);
void model_print_pull(const json_t *result, FILE *);

extern const struct admin_argument model_logits_arguments[];
int model_logits(struct admin_call *, struct err *);
void model_print_logits(const json_t *result, FILE *);

extern const struct admin_argument model_generate_arguments[];
int model_generate(struct admin_call *, struct err *);
void model_print_generate(const json_t *result, FILE *);

extern const struct admin_argument model_perplexity_arguments[];
int model_perplexity(struct admin_call *, struct err *);
void model_print_perplexity(const json_t *result, FILE *);

extern const struct admin_argument model_bench_arguments[];
int model_bench(struct admin_call *, struct err *);
void model_print_bench(const json_t *result, FILE *);

#endif
