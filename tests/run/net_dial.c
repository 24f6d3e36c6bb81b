/* Dials as its arguments say and does what each event is answered with, for
 * tests/run/net_dial.py.  Arguments: host port, then options "tls", "public",
 * "ca=FILE", "timeout_ms=N", and rules "EVENT:ACTION" that are taken in order:
 * when the next rule's event comes, its action is done, and those of the next
 * rules for that event.  Events: ready, data, drained, timer.  Actions:
 * write=TEXT, fill=N, starttls, pause, resume, close, wait=N (then comes
 * timer), next (what follows is for the next such event). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/dial.h"
#include "net/loop.h"

#define MAX_RULES 16

static struct loop *loop;
static struct timer *timer;
static struct dial *dial;
static char *rules[MAX_RULES];
static int n_rules, n_done;
static size_t n_silent;
static bool is_in_dial; /* a call-back must not come now */

static void
fill(size_t n)
{
	char *text = mem_array(n, 1);

	memset(text, 'x', n);
	printf("filled %d\n", dial_write(dial, text, n));
	free(text);
}

static void
act(char *action)
{
	char *value = action;
	const char *verb = strsep(&value, "=");

	is_in_dial = true;
	if (strcmp(verb, "write") == 0) {
		printf("wrote %d\n", dial_write(dial, value, strlen(value)));
	} else if (strcmp(verb, "fill") == 0) {
		fill(strtoul(value, NULL, 10));
	} else if (strcmp(verb, "starttls") == 0) {
		printf("starttls %d\n", dial_start_tls(dial));
	} else if (strcmp(verb, "pause") == 0) {
		dial_pause(dial, true);
	} else if (strcmp(verb, "resume") == 0) {
		dial_pause(dial, false);
	} else if (strcmp(verb, "wait") == 0) {
		timer_set(timer, strtol(value, NULL, 10));
	} else if (strcmp(verb, "close") == 0) {
		dial_close(dial);
		dial = NULL;
		loop_stop(loop);
	} else {
		fprintf(stderr, "no action '%s'\n", verb);
		exit(2);
	}
	is_in_dial = false;
}

static void
follow_rules(const char *event)
{
	size_t len = strlen(event);

	while (n_done < n_rules && dial &&
	       strncmp(rules[n_done], event, len) == 0 &&
	       rules[n_done][len] == ':') {
		char *action = rules[n_done++] + len + 1;
		if (strcmp(action, "next") == 0)
			break;
		act(action);
	}
}

static bool
is_filling(const char *data, size_t len)
{
	while (len && *data == 'x')
		data++, len--;
	return !len;
}

static void
print_data(const char *data, size_t len)
{
	/* Much of one kind is only counted, in whatever pieces it comes. */
	if (len > 200 || is_filling(data, len)) {
		n_silent += len;
		return;
	}
	printf("data ");
	for (size_t i = 0; i < len; i++)
		putchar(data[i] >= ' ' ? data[i] : '.');
	printf("\n");
}

static void
on_event(void *arg, struct dial *which, enum teller_conn_event event,
	 const void *data, size_t len, const char *words)
{
	(void)arg;
	if (is_in_dial || (dial && which != dial))
		abort();
	switch (event) {
	case TELLER_CONN_READY:
		printf("ready\n");
		follow_rules("ready");
		break;
	case TELLER_CONN_DATA:
		print_data(data, len);
		follow_rules("data");
		break;
	case TELLER_CONN_DRAINED:
		printf("drained\n");
		follow_rules("drained");
		break;
	case TELLER_CONN_CLOSED:
		printf("closed %s\n", words);
		/* Harmless: it is over. */
		dial_close(dial);
		dial = NULL;
		loop_stop(loop);
		break;
	}
}

static void
on_timer(void *arg)
{
	(void)arg;
	follow_rules("timer");
}

int
main(int argc, char **argv)
{
	int flags = TELLER_DIAL_ALLOW_PRIVATE;
	const char *ca_file = NULL;
	long timeout_ms = 0;
	struct err err;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 3; i < argc; i++) {
		if (strcmp(argv[i], "tls") == 0)
			flags |= TELLER_DIAL_TLS;
		else if (strcmp(argv[i], "public") == 0)
			flags &= ~TELLER_DIAL_ALLOW_PRIVATE;
		else if (strncmp(argv[i], "ca=", 3) == 0)
			ca_file = argv[i] + 3;
		else if (strncmp(argv[i], "timeout_ms=", 11) == 0)
			timeout_ms = strtol(argv[i] + 11, NULL, 10);
		else if (n_rules < MAX_RULES)
			rules[n_rules++] = argv[i];
	}
	if (argc < 3)
		return 2;
	loop = loop_new(NULL);
	timer = timer_new(loop, on_timer, NULL);
	dial = dial_open(loop, argv[1], (int)strtol(argv[2], NULL, 10), flags,
			 ca_file, timeout_ms, on_event, NULL, &err);
	if (dial) {
		/* A dial may be closed before anything has happened. */
		if (n_rules > 0 && strcmp(rules[0], "open:close") == 0)
			act(rules[0] + 5);
		loop_run(loop);
	} else {
		printf("refused %s\n", err.text);
	}
	printf("silent %zu\n", n_silent);
	dial_close(dial);
	timer_free(timer);
	loop_free(loop);
	return 0;
}
