/* Whether facts.yaml says in words the hours that hours.yaml has.  One thread.
 */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "nlu/check_parts.h"
#include "nlu/hours_parts.h"

#define FACT "hours.desk"
#define DAYS 7
#define DAY_BYTES_MIN 3 /* "Mon" */
#define NOON (12 * 60)
#define LINE_BYTES_MAX 200

enum kind { OTHER, DAY, TIME, NUMBER, UP_TO };

struct word {
	enum kind kind;
	int value; /* the day, from Sunday, or minutes */
};

/* What a text says of each day of the week. */
struct said {
	struct hours_day week[DAYS];
	bool is_named[DAYS]; /* of these is what comes next */
	struct word before[2];
	bool has_times; /* were times said of these? */
	bool is_clear;
};

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The day that n letters name, from Sunday; -1: none. */
static int
day_of(const char *text, size_t n)
{
	for (int day = 0; day < DAYS; day++) {
		const char *name = hours_weekdays[day];
		size_t len = strlen(name);
		bool is_plural = n == len + 1 && (text[len] | 0x20) == 's';
		if (n >= DAY_BYTES_MIN && (n <= len || is_plural) &&
		    strncasecmp(name, text, n < len ? n : len) == 0)
			return day;
	}
	return -1;
}

/* "8 am", "8.30pm", "20:00"; *at then behind it. */
static bool
take_time(const char **at, int *minutes_r)
{
	const char *text = *at;
	int hours = 0, minutes = 0;

	for (; *text >= '0' && *text <= '9' && hours < 100; text++)
		hours = hours * 10 + (*text - '0');
	bool has_minutes = (*text == ':' || *text == '.') && text[1] >= '0' &&
			   text[1] <= '5' && text[2] >= '0' && text[2] <= '9';
	if (has_minutes) {
		minutes = (text[1] - '0') * 10 + (text[2] - '0');
		text += 3;
	}
	const char *half = text + strspn(text, " ");
	bool is_pm = strncasecmp(half, "pm", 2) == 0;
	bool is_half = (is_pm || strncasecmp(half, "am", 2) == 0) &&
		       !is_letter(half[2]);
	*at = is_half ? half + 2 : text;
	*minutes_r = (is_half ? hours % 12 : hours) * 60 + minutes +
		     (is_half && is_pm ? NOON : 0);
	return (is_half || has_minutes) && hours <= (is_half ? 12 : 24);
}

/* The next word or mark; false: there is none. */
static bool
next_word(const char **at, struct word *word)
{
	static const char *const up_to[] = {"to", "until", "till"};
	*word = (struct word){OTHER, 0};
	*at += strspn(*at, " ,;()\t\n");
	if (!**at)
		return false;
	if (**at >= '0' && **at <= '9') {
		word->kind = take_time(at, &word->value) ? TIME : NUMBER;
		return true;
	}
	const char *text = *at;
	while (is_letter(**at))
		++*at;
	size_t n = (size_t)(*at - text);
	if (n == 0) {
		bool is_dash = *text == '-' || strncmp(text, "–", 3) == 0;
		word->kind = is_dash ? UP_TO : OTHER;
		*at += is_dash && *text != '-' ? 3 : 1;
		return true;
	}
	for (size_t i = 0; i < sizeof up_to / sizeof *up_to; i++)
		if (strlen(up_to[i]) == n &&
		    strncasecmp(up_to[i], text, n) == 0)
			word->kind = UP_TO;
	int day = day_of(text, n);
	if (day >= 0)
		*word = (struct word){DAY, day};
	return true;
}

static void
hear_day(struct said *said, int day)
{
	bool is_range =
		said->before[0].kind == UP_TO && said->before[1].kind == DAY;

	if (said->has_times)
		memset(said->is_named, 0, sizeof said->is_named);
	said->has_times = false;
	for (int d = said->before[1].value; is_range && d != day;
	     d = (d + 1) % DAYS)
		said->is_named[d] = true;
	said->is_named[day] = true;
}

/* Is it the end of a time? */
static bool
hear_time(struct said *said, int to)
{
	bool is_end =
		said->before[0].kind == UP_TO && said->before[1].kind == TIME;

	for (int d = 0; is_end && d < DAYS; d++) {
		struct hours_day *day = &said->week[d];
		if (!said->is_named[d])
			continue;
		said->is_clear &= day->n < HOURS_SPANS_MAX;
		if (day->n < HOURS_SPANS_MAX)
			day->spans[day->n++] =
				(struct hours_span){said->before[1].value, to};
		said->has_times = true;
	}
	return is_end;
}

/* Was it understood, as from when to when on which days? */
static bool
hear(const char *text, struct said *said)
{
	struct word word;
	size_t n_times = 0, n_ends = 0;

	*said = (struct said){.is_clear = true};
	while (next_word(&text, &word)) {
		if (word.kind == DAY)
			hear_day(said, word.value);
		else if (word.kind == TIME)
			n_ends += hear_time(said, word.value);
		n_times += word.kind == TIME;
		said->is_clear &= word.kind != NUMBER;
		said->before[1] = said->before[0];
		said->before[0] = word;
	}
	return said->is_clear && n_ends && n_times == 2 * n_ends;
}

static void
add_day(struct buf *line, const struct hours_day *day)
{
	for (size_t i = 0; i < day->n; i++)
		buf_addf(line, "%s%d:%02d-%d:%02d", i ? " and " : "",
			 day->spans[i].from / 60, day->spans[i].from % 60,
			 day->spans[i].to / 60, day->spans[i].to % 60);
	if (day->n == 0)
		buf_adds(line, "closed");
}

static bool
is_same(const struct hours_day *a, const struct hours_day *b)
{
	bool is_it = a->n == b->n;

	for (size_t i = 0; is_it && i < a->n; i++)
		is_it = a->spans[i].from == b->spans[i].from &&
			a->spans[i].to == b->spans[i].to;
	return is_it;
}

/* The first day of the week, from Monday, of which both say something else. */
static int
differing(const struct said *said, const struct hours *hours)
{
	for (int i = 1; i <= DAYS; i++)
		if (!is_same(&said->week[i % DAYS], &hours->week[i % DAYS]))
			return i % DAYS;
	return -1;
}

static void
compare(struct checking *c, const struct check_fact *fact)
{
	const struct hours *hours = c->pack->hours;
	struct said said;
	struct buf here, there;

	int day = hear(fact->value, &said) ? differing(&said, hours) : -1;
	if (day < 0)
		return;
	buf_init(&here, LINE_BYTES_MAX);
	buf_init(&there, LINE_BYTES_MAX);
	add_day(&here, &said.week[day]);
	add_day(&there, &hours->week[day]);
	findings_add(c->out, FINDING_WARNING, "other-hours", c->facts_path,
		     fact->line,
		     "'%s' says of %s: %s; hours.yaml has: %s.  Customers are "
		     "told both: put one right",
		     fact->name, hours_weekdays[day], buf_str(&here),
		     buf_str(&there));
	buf_release(&there);
	buf_release(&here);
}

void
check_hours(struct checking *c)
{
	for (size_t i = 0; c->pack->hours && i < c->n_facts; i++)
		if (strcmp(c->facts[i].name, FACT) == 0)
			compare(c, &c->facts[i]);
}
