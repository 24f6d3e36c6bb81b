/* Metrics.  Any thread: values change without a lock, and one lock guards the
 * list of them, for the few lines that look one up, add one or print all. */
#include "base/metric.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define MAX_SERIES 2048

/* Upper ends in seconds; one more bucket holds all that is longer. */
static const double bounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025,
				0.05,  0.1,    0.25,  0.5,  1,
				2.5,   5,      10,    30,   60};
#define N_BOUNDS (sizeof bounds / sizeof *bounds)

struct metric {
	enum metric_kind kind;
	const char *name, *help, *labels;
	_Atomic double value; /* of a histogram: the sum of what it observed */
	atomic_ullong buckets[N_BOUNDS + 1];
};

static struct metric overflow = {
	.kind = METRIC_COUNTER,
	.name = "teller_metric_overflow_total",
	.help = "Changes of metrics that there was no room for.",
	.labels = "",
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct metric *series[MAX_SERIES + 1]; /* sorted; the overflow too */
static size_t n_series;

/* The first place whose metric does not sort before name and labels. */
static size_t
find_place(const char *name, const char *labels)
{
	size_t low = 0, high = n_series;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(series[middle]->name, name);
		if (order == 0)
			order = strcmp(series[middle]->labels, labels);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct metric *
insert(size_t place, struct metric *metric)
{
	memmove(&series[place + 1], &series[place],
		(n_series - place) * sizeof *series);
	series[place] = metric;
	n_series++;
	return metric;
}

static struct metric *
use_overflow(void)
{
	size_t place = find_place(overflow.name, overflow.labels);

	if (place < n_series && series[place] == &overflow)
		return &overflow;
	return insert(place, &overflow);
}

static bool
is_named(size_t place, const char *name)
{
	return place < n_series && strcmp(series[place]->name, name) == 0;
}

static struct metric *
find_or_add(enum metric_kind kind, const char *name, const char *help,
	    const char *labels)
{
	size_t place = find_place(name, labels);
	bool is_next = is_named(place, name);
	bool has_twin = is_next || (place > 0 && is_named(place - 1, name));

	if (strcmp(name, overflow.name) == 0)
		return use_overflow();
	/* All series of a name have one kind, so any of them tells it. */
	if (has_twin && series[is_next ? place : place - 1]->kind != kind)
		return use_overflow();
	if (is_next && strcmp(series[place]->labels, labels) == 0)
		return series[place];
	if (n_series >= MAX_SERIES)
		return use_overflow();
	struct metric *metric = mem_new(sizeof *metric);
	metric->kind = kind;
	metric->name = mem_strdup(name);
	metric->help = mem_strdup(help);
	metric->labels = mem_strdup(labels);
	return insert(place, metric);
}

struct metric *
metric_get(enum metric_kind kind, const char *name, const char *help,
	   const char *labels)
{
	pthread_mutex_lock(&lock);
	struct metric *metric = find_or_add(kind, name, help, labels);
	pthread_mutex_unlock(&lock);
	return metric;
}

static void
add(struct metric *metric, double n)
{
	double before = atomic_load(&metric->value);

	while (!atomic_compare_exchange_weak(&metric->value, &before,
					     before + n))
		;
}

void
metric_add(struct metric *metric, double n)
{
	if (metric == &overflow)
		n = 1;
	if (isfinite(n) && (n > 0 || metric->kind != METRIC_COUNTER))
		add(metric, n);
}

void
metric_set(struct metric *metric, double value)
{
	if (metric == &overflow)
		metric_add(metric, 1);
	else if (isfinite(value))
		atomic_store(&metric->value, value);
}

void
metric_observe(struct metric *metric, double seconds)
{
	size_t i = 0;

	if (metric == &overflow)
		metric_add(metric, 1);
	if (metric->kind != METRIC_HISTOGRAM || !isfinite(seconds))
		return;
	while (i < N_BOUNDS && seconds > bounds[i])
		i++;
	atomic_fetch_add(&metric->buckets[i], 1);
	add(metric, seconds);
}

double
metric_value(struct metric *metric)
{
	unsigned long long count = 0;

	if (metric->kind != METRIC_HISTOGRAM)
		return atomic_load(&metric->value);
	for (size_t i = 0; i <= N_BOUNDS; i++)
		count += atomic_load(&metric->buckets[i]);
	return (double)count;
}

/* Digits enough to read back the same number, but no more than needed. */
static void
render_number(struct buf *out, double number)
{
	char text[32];

	snprintf(text, sizeof text, "%.15g", number);
	if (strtod(text, NULL) != number)
		snprintf(text, sizeof text, "%.17g", number);
	buf_addf(out, "%s\n", text);
}

static void
render_sample(struct buf *out, const struct metric *metric, const char *suffix,
	      double number)
{
	buf_addf(out, "%s%s", metric->name, suffix);
	if (metric->labels[0])
		buf_addf(out, "{%s}", metric->labels);
	buf_addc(out, ' ');
	render_number(out, number);
}

static void
render_histogram(struct buf *out, struct metric *metric)
{
	const char *comma = metric->labels[0] ? "," : "";
	unsigned long long count = 0;

	for (size_t i = 0; i <= N_BOUNDS; i++) {
		count += atomic_load(&metric->buckets[i]);
		buf_addf(out, "%s_bucket{%s%sle=\"", metric->name,
			 metric->labels, comma);
		if (i < N_BOUNDS)
			buf_addf(out, "%g\"} %llu\n", bounds[i], count);
		else
			buf_addf(out, "+Inf\"} %llu\n", count);
	}
	render_sample(out, metric, "_sum", atomic_load(&metric->value));
	/* Counted once above: a reader wants it equal to the last bucket. */
	render_sample(out, metric, "_count", (double)count);
}

static void
render_metric(struct buf *out, struct metric *metric, bool is_first)
{
	static const char *const kinds[] = {"counter", "gauge", "histogram"};

	if (is_first)
		buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name,
			 metric->help, metric->name, kinds[metric->kind]);
	if (metric->kind == METRIC_HISTOGRAM)
		render_histogram(out, metric);
	else
		render_sample(out, metric, "", atomic_load(&metric->value));
}

int
metric_render(struct buf *out)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < n_series; i++)
		render_metric(out, series[i],
			      i == 0 || !is_named(i - 1, series[i]->name));
	pthread_mutex_unlock(&lock);
	return out->failed ? -1 : 0;
}
