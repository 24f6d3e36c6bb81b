/* tellerd: one desk, served until it is told to stop. */
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "admin/endpoints.h"
#include "admin/server.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/queue.h"
#include "cli/config_path.h"
#include "cli/service.h"
#include "cli/standard.h"
#include "dialog/desk.h"
#include "dialog/plan.h"
#include "net/loop.h"
#include "net/notify.h"

#define OVERRIDES_MAX 64
#define STOP_DEADLINE_MS 10000
/* What is answered 503 gets out before the process ends. */
#define BROKEN_DELAY_MS 200

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_MISUSED = 2, EXIT_BROKEN = 70 };

struct daemon {
	struct desk_config config;
	const char *overrides[OVERRIDES_MAX];
	bool only_check;
	struct desk *_Atomic desk; /* the store's thread looks if it is there */
	struct admin_server *admin;
	struct service service;
	struct timer *broken_timer;
	struct job broken;
	atomic_bool is_broken; /* the store; the desk may not be open yet */
	bool is_reloading, reload_again;
	int exit_code;
};

static const char usage[] =
	"tellerd [--config FILE] [--state DIR] [--set PATH=VALUE] "
	"[--check-config] [--version]\n";

static const char help[] =
	"\n"
	"  --config FILE\n"
	"      Read the settings from FILE, not from\n"
	"      " TELLERD_SYSCONF_DIR "/tellerd.yaml.\n"
	"  --state DIR\n"
	"      Keep everything in DIR, whatever the settings say.\n"
	"  --set PATH=VALUE\n"
	"      Set one setting, as in http.listen=127.0.0.1:8081; may be "
	"given\n"
	"      again.\n"
	"  --check-config\n"
	"      Say what is wrong with settings, plugins and pack, and end.\n"
	"  --version\n"
	"      Print the version and end.\n"
	"  --help\n"
	"      Print this and end.\n"
	"\n"
	"SIGHUP reads settings, plugins and pack again, SIGTERM ends it.  See\n"
	"tellerd(8) and tellerd.yaml(5).  Exit: 0 done, 1 failed, 2 misused,\n"
	"70 the store can no longer be written.\n";

/* ---- Signals */

static void
stopped(void *arg)
{
	struct daemon *daemon = arg;
	loop_stop(desk_loop(daemon->desk));
}

static void
on_stop(void *arg)
{
	struct daemon *daemon = arg;
	if (desk_is_stopping(daemon->desk))
		return;
	log_info("tellerd: stopping");
	notify_send("STOPPING=1\nSTATUS=Finishing what is under way");
	desk_stop(daemon->desk, STOP_DEADLINE_MS, stopped, daemon);
}

static void on_reload(void *arg);

static void
reloaded(void *arg, const struct reload_result *result)
{
	struct daemon *daemon = arg;
	(void)result; /* is told by who reloads */
	daemon->is_reloading = false;
	if (daemon->reload_again)
		on_reload(daemon);
}

static void
on_reload(void *arg)
{
	struct daemon *daemon = arg;
	daemon->reload_again = daemon->is_reloading;
	if (daemon->is_reloading || desk_is_stopping(daemon->desk))
		return;
	daemon->is_reloading = true;
	desk_reload(daemon->desk, reloaded, daemon);
}

/* ---- A store that can no longer write */

static void
end_broken(void *arg)
{
	struct daemon *daemon = arg;
	daemon->exit_code = EXIT_BROKEN;
	loop_stop(desk_loop(daemon->desk));
}

static void
broken_on_loop(struct job *job)
{
	struct daemon *daemon = container_of(job, struct daemon, broken);
	notify_send("STOPPING=1\nSTATUS=The store failed; ending");
	/* NULL: it ends already. */
	if (daemon->broken_timer)
		timer_set(daemon->broken_timer, BROKEN_DELAY_MS);
}

static void
on_broken(void *arg, const char *why)
{
	struct daemon *daemon = arg;
	log_error("tellerd: the store can no longer be trusted to write: %s; "
		  "ending with exit code %d.  Nothing that was acknowledged "
		  "is lost; look at the disk before the next start",
		  why, EXIT_BROKEN);
	atomic_store(&daemon->is_broken, true);
	daemon->broken.run = broken_on_loop;
	if (daemon->desk)
		loop_post(desk_loop(daemon->desk), &daemon->broken);
}

/* ---- Life */

/* A reload that is asked for while it starts comes once it has. */
static void
hold_reloads(int how)
{
	sigset_t reload;
	sigemptyset(&reload);
	sigaddset(&reload, SIGHUP);
	pthread_sigmask(how, &reload, NULL);
}

static int
serve(struct daemon *daemon, struct err *err)
{
	struct loop *loop = desk_loop(daemon->desk);
	daemon->broken_timer = timer_new(loop, end_broken, daemon);
	daemon->admin = admin_server_new(daemon->desk, err);
	if (!daemon->admin || endpoints_add(daemon->desk, err) ||
	    loop_on_signal(loop, SIGTERM, on_stop, daemon, err) ||
	    loop_on_signal(loop, SIGINT, on_stop, daemon, err) ||
	    loop_on_signal(loop, SIGHUP, on_reload, daemon, err) ||
	    desk_start(daemon->desk, err))
		return -1;
	plan_log(daemon->desk);
	log_info("tellerd: ready");
	if (service_ready(&daemon->service, err))
		return -1;
	hold_reloads(SIG_UNBLOCK);
	loop_run(loop);
	service_end(&daemon->service);
	return 0;
}

/* As many connections as the system lets us have, not as it begins with. */
static void
raise_descriptors(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int
run(struct daemon *daemon)
{
	struct err err = {0};
	signal(SIGPIPE, SIG_IGN);
	hold_reloads(SIG_BLOCK);
	log_open(LOG_LEVEL_INFO);
	notify_send("STATUS=Reading the settings and the store");
	raise_descriptors();
	daemon->desk = desk_open(&daemon->config, NULL, &err);
	int rc = daemon->desk ? serve(daemon, &err) : -1;
	if (rc) {
		log_error("tellerd: %s", err.text);
		notify_status("Not started: %s", err.text);
		daemon->exit_code = EXIT_FAILED;
	}
	timer_free(daemon->broken_timer);
	daemon->broken_timer = NULL;
	admin_server_free(daemon->admin);
	desk_close(daemon->desk);
	if (atomic_load(&daemon->is_broken))
		daemon->exit_code = EXIT_BROKEN;
	if (!rc)
		log_info("tellerd: ended");
	return daemon->exit_code;
}

static int
check_config(const struct daemon *daemon)
{
	struct err err = {0};
	bool has_plugins;
	if (desk_check(&daemon->config, &has_plugins, &err)) {
		fprintf(stderr, "tellerd: %s\n", err.text);
		return EXIT_FAILED;
	}
	const char *path = daemon->config.config_path;
	printf("%s: good\n", path ? path : "the fallbacks");
	if (has_plugins)
		puts("What a plugin refuses only when it starts, such as a "
		     "secret, is found when the daemon starts.");
	return EXIT_DONE;
}

/* ---- The command line */

/* -1: go on; else the exit code. */
static int
read_options(struct daemon *daemon, int argc, char *argv[])
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"state", required_argument, NULL, 's'},
		{"set", required_argument, NULL, 'S'},
		{"check-config", no_argument, NULL, 'k'},
		{"version", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct desk_config *config = &daemon->config;
	int c;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'c')
			config->config_path = optarg;
		else if (c == 's')
			config->state_dir = optarg;
		else if (c == 'S' && config->n_overrides < OVERRIDES_MAX)
			daemon->overrides[config->n_overrides++] = optarg;
		else if (c == 'k')
			daemon->only_check = true;
		else if (c == 'v')
			return printf("tellerd %s\n", PACKAGE_VERSION), 0;
		else if (c == 'h')
			return printf("%s%s", usage, help), EXIT_DONE;
		else
			return fputs(usage, stderr), EXIT_MISUSED;
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "tellerd: '%s' is one word too many\n%s", argv[optind],
		usage);
	return EXIT_MISUSED;
}

int
main(int argc, char *argv[])
{
	struct daemon daemon = {.config.is_daemon = true};
	char path[PATH_MAX];
	standard_hold();
	int code = read_options(&daemon, argc, argv);
	if (code >= 0)
		return code;
	daemon.config.overrides = daemon.overrides;
	daemon.config.config_path =
		config_path(daemon.config.config_path, path);
	daemon.config.broken = on_broken;
	daemon.config.broken_arg = &daemon;
	daemon.config.working = service_working;
	daemon.config.working_arg = &daemon.service;
	daemon.config.check = admin_server_check;
	return daemon.only_check ? check_config(&daemon) : run(&daemon);
}
