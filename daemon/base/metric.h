/* Metrics: counters, gauges and histograms that any thread may change, and
 * their Prometheus text (exposition format 0.0.4). */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

struct buf;
struct metric;

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* The metric of that name and labels, made on first use; it lives as long as
 * the process, so callers keep the pointer.  The texts are copied; labels: ""
 * or `channel="web"`, their values from our own code or a bounded set.  At
 * most 2,048 series: beyond that, or when the name has another kind already,
 * one overflow series is returned, which counts what was done to it.
 * Histograms have buckets of 1 ms to 60 s. */
struct metric *metric_get(enum metric_kind, const char *name, const char *help,
			  const char *labels);
/* A number that is not finite changes nothing, nor does one below 0 a
 * counter. */
void metric_add(struct metric *, double n);
void metric_set(struct metric *, double value);
void metric_observe(struct metric *, double seconds);
double metric_value(struct metric *); /* a histogram's: its count */

/* Add all metrics to out, sorted by name and labels. */
int metric_render(struct buf *out);

#endif
