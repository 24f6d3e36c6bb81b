/* The weights of an index: the idf of terms, what each occurrence adds to a
 * score, and the weights of phrases. */
#include <math.h>
#include <stdlib.h>

#include "faq/index_parts.h"

const float field_weights[N_FIELDS] = {
	[FIELD_QUESTION] = 2.0f,
	[FIELD_VARIANTS] = 1.5f,
	[FIELD_ANSWER] = 1.0f,
};

/* How long an entry's questions and its answer are on average, of those that
 * have any. */
struct averages {
	float phrases, answer;
};

static uint32_t
phrase_words(const struct field_lengths *lengths)
{
	return lengths->words[FIELD_QUESTION] + lengths->words[FIELD_VARIANTS];
}

static struct averages
average_lengths(const struct field_lengths *lengths, size_t n)
{
	double phrases = 0, answers = 0;
	size_t n_phrases = 0, n_answers = 0;

	for (size_t i = 0; i < n; i++) {
		phrases += phrase_words(&lengths[i]);
		n_phrases += phrase_words(&lengths[i]) > 0;
		answers += lengths[i].words[FIELD_ANSWER];
		n_answers += lengths[i].words[FIELD_ANSWER] > 0;
	}
	return (struct averages){
		.phrases = n_phrases ? (float)(phrases / (double)n_phrases) : 1,
		.answer = n_answers ? (float)(answers / (double)n_answers) : 1,
	};
}

/* The frequency that a long text is worth less of. */
static float
normalise(float frequency, uint32_t length, float average)
{
	return frequency / (1 - BM25_B + BM25_B * (float)length / average);
}

/* The part of a term's weight that an occurrence adds, as an impact.  Question
 * and paraphrases are one text to the norm: an entry with many paraphrases
 * gains by all of them, but not for their number. */
static uint16_t
impact_of(const struct occurrence *occurrence,
	  const struct field_lengths *lengths, const struct averages *averages)
{
	float in_phrases = 0;

	for (int field = FIELD_QUESTION; field <= FIELD_VARIANTS; field++)
		in_phrases +=
			field_weights[field] * (float)occurrence->counts[field];
	float in_answer = field_weights[FIELD_ANSWER] *
			  (float)occurrence->counts[FIELD_ANSWER];
	float frequency = normalise(in_phrases, phrase_words(lengths),
				    averages->phrases) +
			  normalise(in_answer, lengths->words[FIELD_ANSWER],
				    averages->answer);
	return (uint16_t)lrintf(IMPACT_ONE * frequency / (BM25_K1 + frequency));
}

static float
idf_of(size_t n_entries, size_t n_with)
{
	return logf(1 + ((float)n_entries - (float)n_with + 0.5f) /
				((float)n_with + 0.5f));
}

/* Where each term's postings begin, and how many there are. */
static void
count_postings(struct index *index, const struct occurrence *list, size_t n)
{
	size_t first = 0;

	for (size_t i = 0; i < n; i++)
		index->postings[list[i].term].n++;
	for (size_t term = 0; term < index->terms.n; term++) {
		struct postings *postings = &index->postings[term];
		postings->first = first;
		postings->idf = idf_of(index->n_entries, postings->n);
		first += postings->n;
		postings->n = 0;
	}
}

static void
fill_postings(struct index *index, const struct occurrence *list, size_t n,
	      const struct field_lengths *lengths)
{
	struct averages averages = average_lengths(lengths, index->n_entries);

	for (size_t i = 0; i < n; i++) {
		struct postings *postings = &index->postings[list[i].term];
		size_t at = postings->first + postings->n++;
		uint16_t impact =
			impact_of(&list[i], &lengths[list[i].entry], &averages);
		index->posted[at] = list[i].entry;
		index->impacts[at] = impact;
		if (impact > postings->max_impact)
			postings->max_impact = impact;
	}
}

static void
weigh_phrases(struct index *index, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct phrase *phrase = &index->phrases[i];
		const uint32_t *terms = index->phrase_terms + phrase->first;
		for (uint32_t k = 0; k < phrase->n; k++) {
			uint32_t term = terms[k] & ~PHRASE_STOP;
			phrase->weight +=
				index->postings[term].idf *
				(terms[k] & PHRASE_STOP ? STOP_WEIGHT : 1);
		}
	}
}

int
index_weigh(struct index *index, const struct occurrence *list, size_t n,
	    const struct field_lengths *lengths, size_t n_phrases)
{
	index->postings =
		mem_array(index->terms.n + 1, sizeof *index->postings);
	index->posted = mem_array(n + 1, sizeof *index->posted);
	index->impacts = mem_array(n + 1, sizeof *index->impacts);
	if (!index->postings || !index->posted || !index->impacts)
		return -1;
	count_postings(index, list, n);
	fill_postings(index, list, n, lengths);
	weigh_phrases(index, n_phrases);
	index->unknown_idf = idf_of(index->n_entries, 0);
	return 0;
}
