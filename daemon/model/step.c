#include "model/step.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

int
step_init(struct step *step, int n_vocab, int max_rows, int max_logits,
	  struct err *err)
{
	*step = (struct step){
		.rows = mem_array((size_t)max_rows, sizeof *step->rows),
		.logits = mem_array((size_t)max_logits * (size_t)n_vocab,
				    sizeof *step->logits),
		.max_rows = max_rows,
		.max_logits = max_logits,
		.n_vocab = n_vocab,
	};
	if (step->rows && step->logits)
		return 0;
	step_release(step);
	return err_set(err, "no memory for steps of %d rows", max_rows);
}

void
step_release(struct step *step)
{
	free(step->rows);
	free(step->logits);
	*step = (struct step){0};
}

void
step_clear(struct step *step)
{
	step->n_rows = step->n_logits = 0;
}
