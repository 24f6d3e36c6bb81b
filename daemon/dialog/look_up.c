/* Looking for the entry that a question means: by its own words, or with what
 * the conversation is about. */
#include <string.h>

#include "dialog/deciding.h"

/* An entry that has less of the best one's score is not meant. */
#define NEAR_PART 0.65f

/* What is found with a topic's words must hold so much of the question's. */
#define OWN_PART_MIN 0.5f

/* ... and so much of the topic's. */
#define TOPIC_PART_MIN 0.25f

static void
search(const struct deciding *d, const char *text, const char *with,
       size_t n_most, struct search *out)
{
	*out = (struct search){.text = text, .own = text, .with = with};
	out->n_found = find_entries(
		d->in->knowledge, d->in->scratch, text, with ? strlen(with) : 0,
		d->in->now_us, CANDIDATES_MAX, out->candidates, &out->intents);
	out->n = out->n_found < n_most ? out->n_found : n_most;
	out->confidence = candidates_confidence(out->candidates, out->n);
}

static const struct index_entry *
entry_at(const struct deciding *d, const struct search *search, size_t i)
{
	return index_entry(d->in->knowledge->index,
			   search->candidates[i].entry);
}

/* Whoever asks on does not want the same answer again: the others remain. */
static void
leave_out(const struct deciding *d, struct search *search, const char *name)
{
	struct candidate *list = search->candidates;
	size_t at = 0;
	while (at < search->n && strcmp(entry_at(d, search, at)->name, name))
		at++;
	if (at == search->n)
		return;
	search->n--;
	memmove(list + at, list + at + 1, (search->n - at) * sizeof(*list));
	if (at && at < search->n)
		list[at - 1].margin = 1 - list[at].score / list[at - 1].score;
	search->confidence = candidates_confidence(list, search->n);
}

static bool
is_near(const struct search *search, const struct candidate *found)
{
	return found->score >= NEAR_PART * search->candidates[0].score;
}

/* Does the entry answer the question's own words, and not the topic's alone?
 * What it has only by a doubtful reading of them is no answer, nor is what is
 * far behind an entry that they point to. */
static bool
holds_question(const struct search *own, uint32_t entry, bool is_pointing)
{
	for (size_t i = 0; i < own->n_found; i++) {
		const struct candidate *found = &own->candidates[i];
		if (found->entry == entry)
			return found->support - found->guessed >=
				       OWN_PART_MIN &&
			       (!is_pointing || is_near(own, found));
	}
	return false;
}

const struct index_entry *
found_entry(const struct deciding *d, const struct search *search,
	    double confidence)
{
	return search->n && search->confidence >= confidence
		       ? entry_at(d, search, 0)
		       : NULL;
}

/* Found, but only to be asked back. */
static void
keep_doubtful(const struct deciding *d, const struct search *found,
	      struct search *out)
{
	double floor = d->in->knowledge->settings.floor;
	if (found->confidence < floor || out->confidence >= floor)
		return;
	*out = *found;
	out->confidence = floor;
}

static void
search_with_topic(const struct deciding *d, const char *question,
		  const struct topic *topic, size_t n_most, struct search *out)
{
	const char *text = topic_with(d, topic, question);
	struct search with, all;
	if (!text)
		return;
	search(d, text, topic->words, n_most, &with);
	with.own = question;
	all = with;
	/* Unless his own words ask for it. */
	const struct index_entry *own =
		found_entry(d, out, d->in->knowledge->settings.floor);
	if (!own || strcmp(own->name, topic->entry) != 0)
		leave_out(d, &with, topic->entry);
	if (with.n &&
	    holds_question(out, with.candidates[0].entry, own != NULL)) {
		if (with.candidates[0].context < TOPIC_PART_MIN)
			keep_doubtful(d, &with, out);
		else if (with.confidence > out->confidence)
			*out = with;
	}
	if (topic_is_all(d, question))
		keep_doubtful(d, &all, out);
}

void
look_up(const struct deciding *d, const char *question,
	const struct topic *topic, struct search *out)
{
	const struct decide_settings *settings = &d->in->knowledge->settings;
	size_t n_most = (size_t)settings->n_candidates;
	question = question_itself(d->in->knowledge->pack, d->arena, question);
	search(d, question, NULL, n_most, out);
	if (out->confidence < settings->threshold)
		search_with_topic(d, question, topic, n_most, out);
}

size_t
near_entries(const struct deciding *d, const struct search *search,
	     const struct index_entry *list[NEAR_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < search->n && n < NEAR_MAX; i++) {
		const struct index_entry *entry = entry_at(d, search, i);
		bool is_other = true;
		if (!is_near(search, &search->candidates[i]))
			break;
		for (size_t j = 0; j < n; j++)
			is_other = is_other && strcmp(list[j]->question,
						      entry->question) != 0;
		if (is_other)
			list[n++] = entry;
	}
	return n;
}
