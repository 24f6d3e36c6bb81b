/* What tellerd.yaml may say about the daemon itself: one row a setting.  The
 * manual page and etc/tellerd.yaml are checked against these tables. */
#include <stddef.h>
#include <stdint.h>

#include "conf/options.h"

/* clang-format off */
#define SECOND_MS ((int64_t)1000)
#define HOUR_MS (3600 * SECOND_MS)
#define KIB ((int64_t)1 << 10)
#define MIB ((int64_t)1 << 20)
#define GIB ((int64_t)1 << 30)

static const struct teller_option daemon_options[] = {
	{.name = "state_dir", .type = TELLER_TEXT, .min = 1, .max = 4000,
	 .fallback = "/var/lib/tellerd",
	 .help = "The directory of everything that is kept; systemd's "
		 "StateDirectory and --state come before it.  Takes effect "
		 "at the next start."},
	{.name = "plugin_dir", .type = TELLER_TEXT, .max = 4000,
	 .fallback = "",
	 .help = "The directory of the plugins; empty: where they were "
		 "installed, or beside a build that is not installed.  Takes "
		 "effect at the next start."},
	{.name = NULL},
};

static const struct teller_option desk_options[] = {
	{.name = "pack", .type = TELLER_TEXT, .min = 1, .max = 100,
	 .fallback = "banking",
	 .help = "The desk pack: what the desk knows and how it speaks."},
	{.name = "packs_dir", .type = TELLER_TEXT, .max = 4000,
	 .fallback = "",
	 .help = "The directory that holds the packs; empty: where they were "
		 "installed, or the intents of a build that is not "
		 "installed."},
	{.name = "claim", .type = TELLER_DURATION,
	 .min = SECOND_MS, .max = 24 * HOUR_MS, .fallback = "3 min",
	 .help = "A waiting customer whom nobody takes for so long gets the "
		 "text that says when and how a person answers."},
	{.name = "lease", .type = TELLER_DURATION,
	 .min = SECOND_MS, .max = 24 * HOUR_MS, .fallback = "30 min",
	 .help = "A conversation that a person has, and does nothing about for "
		 "so long, waits again for another person."},
	{.name = "people", .type = TELLER_BOOL, .fallback = "false",
	 .help = "People answer by `tellerctl desk`, whether one is watching "
		 "just now or not; without this and without a plugin that is a "
		 "desk, customers are told that nobody can join."},
	{.name = "keep_hours", .type = TELLER_BOOL, .fallback = "true",
	 .help = "Who asks for a person outside the opening hours of the pack "
		 "is told when one answers next; false: as at any other "
		 "time."},
	{.name = NULL},
};

static const struct teller_option turn_options[] = {
	{.name = "workers", .type = TELLER_INT, .min = 1, .max = 64,
	 .fallback = "2", .unit = "threads",
	 .help = "How many turns are worked on at the same time."},
	{.name = "max_chars", .type = TELLER_INT, .min = 1, .max = 100000,
	 .fallback = "8000", .unit = "characters",
	 .help = "A customer's message that is longer is not taken; its "
		 "sender is told so."},
	{.name = "restarts", .type = TELLER_INT, .min = 0, .max = 10,
	 .fallback = "3", .unit = "times",
	 .help = "How often a turn starts again because the customer wrote "
		 "more meanwhile."},
	{.name = "crashes", .type = TELLER_INT, .min = 1, .max = 100,
	 .fallback = "5", .unit = "crashes",
	 .help = "A turn during which the daemon ended so often in a row goes "
		 "to a person, with an alert."},
	{.name = NULL},
};

static const struct teller_option retrieval_options[] = {
	{.name = "threshold", .type = TELLER_REAL, .min = 0, .max = 1,
	 .fallback = "0.60",
	 .help = "From this confidence on the best entry is the answer; below "
		 "it the bot asks back."},
	{.name = "floor", .type = TELLER_REAL, .min = 0, .max = 1,
	 .fallback = "0.25",
	 .help = "Entries below this confidence are not even offered as what "
		 "the customer may mean, unless he only names a topic: then "
		 "those are whose question has that word."},
	{.name = "candidates", .type = TELLER_INT, .min = 1, .max = 50,
	 .fallback = "5", .unit = "entries",
	 .help = "How many entries a turn looks at and keeps in its record."},
	{.name = NULL},
};

static const struct teller_option knowledge_options[] = {
	{.name = "four_eyes", .type = TELLER_BOOL, .fallback = "false",
	 .help = "Who wrote a version of an entry does not approve it.  "
		 "Entries of packs come as drafts, too."},
	{.name = NULL},
};

static const struct teller_option generator_options[] = {
	{.name = "mode", .type = TELLER_CHOICE, .fallback = "off",
	 .choices = "off draft verified",
	 .help = "What the generator is for: off, and no model is in memory; "
		 "draft, suggestions for agents alone; verified is not there "
		 "yet."},
	{.name = "model", .type = TELLER_TEXT, .max = 4000, .fallback = "",
	 .help = "The directory of a GPT-2 model, with its vocabulary, or the "
		 "file that `tellerctl model convert` made of it."},
	{.name = "weights", .type = TELLER_CHOICE, .fallback = "int8",
	 .choices = "f32 bf16 int8 int4",
	 .help = "How its weights are packed in memory."},
	{.name = "threads", .type = TELLER_INT, .min = 0, .max = 64,
	 .fallback = "0", .unit = "threads",
	 .help = "How many threads compute; 0: one for each processor."},
	{.name = "kv_memory", .type = TELLER_SIZE,
	 .min = MIB, .max = 64 * GIB, .fallback = "64 MiB",
	 .help = "The memory for keys and values of the texts under way, and "
		 "of beginnings that prompts share."},
	{.name = "kv_type", .type = TELLER_CHOICE, .fallback = "int8",
	 .choices = "f32 f16 int8",
	 .help = "How keys and values are kept."},
	{.name = "shared", .type = TELLER_INT, .min = 0, .max = 90,
	 .fallback = "50", .unit = "percent",
	 .help = "How much of that memory may be kept for such beginnings: "
		 "instructions and entries."},
	{.name = "step", .type = TELLER_INT, .min = 16, .max = 2048,
	 .fallback = "128", .unit = "tokens",
	 .help = "How much of a long prompt is computed at once, while the "
		 "other texts wait."},
	{.name = "parallel", .type = TELLER_INT, .min = 1, .max = 16,
	 .fallback = "4", .unit = "texts",
	 .help = "How many texts are generated at the same time."},
	{.name = "queue", .type = TELLER_INT, .min = 1, .max = 64,
	 .fallback = "8", .unit = "texts",
	 .help = "How many more wait; who comes then is told that it is "
		 "busy."},
	{.name = "lookup", .type = TELLER_INT, .min = 0, .max = 16,
	 .fallback = "2", .unit = "texts",
	 .help = "While fewer texts are under way, what stands in the prompt "
		 "is tried as what comes next; changes the time alone."},
	{.name = "max_tokens", .type = TELLER_INT, .min = 1, .max = 10000,
	 .fallback = "160", .unit = "tokens",
	 .help = "A draft has at most so many."},
	{.name = "deadline", .type = TELLER_DURATION,
	 .min = 100, .max = HOUR_MS, .fallback = "20 s",
	 .help = "A draft that is not done by then is given up."},
	{.name = NULL},
};

static const struct teller_option store_options[] = {
	{.name = "min_free", .type = TELLER_SIZE, .min = 0, .max = 1024 * GIB,
	 .fallback = "64 MiB",
	 .help = "With less space on the disk no message is taken: senders are "
		 "told to come again.  Takes effect at the next start."},
	{.name = "wal_limit", .type = TELLER_SIZE, .min = 64 * KIB, .max = 64 * GIB,
	 .fallback = "64 MiB",
	 .help = "Above this size of the write-ahead log a checkpoint is made "
		 "at once instead of when it suits.  Takes effect at the next "
		 "start."},
	{.name = "queue", .type = TELLER_INT, .min = 10, .max = 1000000,
	 .fallback = "10000", .unit = "messages",
	 .help = "With more messages that wait, no further one is taken: "
		 "senders are told to come again."},
	{.name = NULL},
};

static const struct teller_option http_options[] = {
	{.name = "listen", .type = TELLER_LIST, .min = 1, .max = 8,
	 .fallback = "127.0.0.1:8080", .unit = "ADDRESS:PORT",
	 .help = "Where the HTTP server listens; before anything but loopback "
		 "belongs a proxy with TLS, or 'tls:' before the address."},
	{.name = "tls_certificate", .type = TELLER_TEXT, .max = 4000,
	 .fallback = "",
	 .help = "The file of the certificate for such addresses, with those "
		 "that it depends on behind it, in PEM; a reload reads it "
		 "anew."},
	{.name = "tls_key", .type = TELLER_SECRET, .fallback = "",
	 .help = "Its key, in PEM and without a password."},
	{.name = "hsts", .type = TELLER_DURATION, .min = 0,
	 .max = 2 * 366 * 24 * HOUR_MS, .fallback = "0 ms",
	 .help = "Browsers that came by TLS are told to come by nothing else "
		 "for so long (Strict-Transport-Security); 0: they are not."},
	{.name = "hosts", .type = TELLER_LIST, .min = 0, .max = 64,
	 .fallback = "",
	 .help = "The names by which clients may call the server (the Host "
		 "header); none given: any."},
	{.name = "proxies", .type = TELLER_LIST, .min = 0, .max = 64,
	 .fallback = "", .unit = "ADDRESS or NET/BITS",
	 .help = "Proxies whose word is taken for which client they ask for; "
		 "what others say of that is not looked at."},
	{.name = "client_header", .type = TELLER_CHOICE,
	 .fallback = "x-forwarded-for", .choices = "x-forwarded-for forwarded",
	 .help = "The header in which they say it; it must be one that they "
		 "write themselves."},
	{.name = "rate_per_token", .type = TELLER_INT, .min = 0, .max = 1000000,
	 .fallback = "600", .unit = "requests a minute",
	 .help = "How much may come with one token or key; 0: any number."},
	{.name = "rate_per_address", .type = TELLER_INT,
	 .min = 0, .max = 1000000, .fallback = "3000",
	 .unit = "requests a minute",
	 .help = "How much may come from one address; 0: any number."},
	{.name = "rate_total", .type = TELLER_INT, .min = 0, .max = 1000000,
	 .fallback = "0", .unit = "requests a minute",
	 .help = "How much may come in all; 0: any number."},
	{.name = "rate_loopback", .type = TELLER_BOOL, .fallback = "true",
	 .help = "These limits hold for programs on this machine, too."},
	{.name = "max_connections", .type = TELLER_INT, .min = 1, .max = 1000000,
	 .fallback = "10000", .unit = "connections",
	 .help = "How many connections are open at the same time."},
	{.name = "max_per_address", .type = TELLER_INT, .min = 1, .max = 1000000,
	 .fallback = "1000", .unit = "connections",
	 .help = "How many of them one address may have; a proxy of proxies has "
		 "no such limit."},
	{.name = "max_streams_per_address", .type = TELLER_INT,
	 .min = 1, .max = 1000000, .fallback = "100", .unit = "streams",
	 .help = "How many open-ended answers (live conversations) one address "
		 "may have."},
	{.name = "max_body", .type = TELLER_SIZE, .min = KIB, .max = GIB,
	 .fallback = "64 KiB",
	 .help = "The longest body of a request; plugins may set their own."},
	{.name = "head_timeout", .type = TELLER_DURATION,
	 .min = 100, .max = HOUR_MS, .fallback = "10 s",
	 .help = "A request's line and headers arrive within this time."},
	{.name = "body_timeout", .type = TELLER_DURATION,
	 .min = 100, .max = HOUR_MS, .fallback = "30 s",
	 .help = "A request's body arrives within this time."},
	{.name = "idle_timeout", .type = TELLER_DURATION,
	 .min = 100, .max = HOUR_MS, .fallback = "30 s",
	 .help = "A connection without a request is closed after this time."},
	{.name = "answer_timeout", .type = TELLER_DURATION,
	 .min = 100, .max = HOUR_MS, .fallback = "60 s",
	 .help = "A client reads an answer within this time."},
	{.name = "stream_max", .type = TELLER_DURATION,
	 .min = SECOND_MS, .max = 24 * HOUR_MS, .fallback = "1 h",
	 .help = "An open-ended answer ends after this time; clients go on "
		 "where it ended."},
	{.name = NULL},
};

static const struct teller_option admin_options[] = {
	{.name = "group", .type = TELLER_TEXT, .max = 255, .fallback = "",
	 .help = "The group whose members may use tellerctl beside root and "
		 "the daemon's own user; empty: none.  Takes effect at the "
		 "next start."},
	{.name = NULL},
};

static const struct teller_option log_options[] = {
	{.name = "level", .type = TELLER_CHOICE, .fallback = "info",
	 .choices = "error warn info debug",
	 .help = "Which lines are written: those of this level and the more "
		 "serious ones."},
	{.name = "turns", .type = TELLER_BOOL, .fallback = "true",
	 .help = "One line a turn, without any text of the customer."},
	{.name = NULL},
};

const struct option_section conf_daemon_sections[] = {
	{"daemon", "The daemon and where its things are.", daemon_options},
	{"desk", "The desk: what it knows, and the people behind it.",
	 desk_options},
	{"turn", "A turn: a customer's message and its reply.", turn_options},
	{"retrieval", "Finding the approved answer.", retrieval_options},
	{"knowledge", "The entries, and who may change them.",
	 knowledge_options},
	{"generator", "The generator, a model that writes drafts for agents.  "
		      "All of it takes effect at the next start.",
	 generator_options},
	{"store", "Keeping conversations and knowledge.", store_options},
	{"http", "The HTTP server, which plugins share.", http_options},
	{"admin", "Who may ask and change things with tellerctl.",
	 admin_options},
	{"log", "What is written to the journal, or to stderr.", log_options},
	{NULL, NULL, NULL},
};
/* clang-format on */
