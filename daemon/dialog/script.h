/* Conversations that are written down: what a customer and the agents do, one
 * thing after another, and what must come of it.  tellerd-pack(5) has the
 * format. */
#ifndef DIALOG_SCRIPT_H
#define DIALOG_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/yaml.h"
#include "dialog/turn.h"

struct err;

#define SCRIPT_DESK "desk" /* the agents' side of one that has such a thing */

/* What is expected of one thing: texts of a list, of which one alone may stand
 * without it.  line 0: nothing is expected. */
struct script_texts {
	int line;
	const char *const *items;
	size_t n;
};

enum script_about {
	SCRIPT_KIND,	  /* any of these */
	SCRIPT_ENTRY,	  /* any of these answers */
	SCRIPT_NOT_ENTRY, /* none of these does */
	SCRIPT_RULE,	  /* any of these */
	SCRIPT_STATE,	  /* any of these, afterwards */
	SCRIPT_OPTIONS,	  /* all of these are offered; if empty, nothing is */
	SCRIPT_SAYS,	  /* all of these are in what the customer gets */
	SCRIPT_SAYS_NOT,  /* none of these is */
	SCRIPT_FORM,	  /* any of these is open, afterwards */
	SCRIPT_ASKS,	  /* for any of these of its slots */
	SCRIPT_ENDS	  /* any of these ended with it, as a case */
};
#define SCRIPT_ABOUTS (SCRIPT_ENDS + 1)
#define SCRIPT_NONE "none" /* no form, or nothing that it asks for */
/* "not_entry": the key in the file. */
const char *script_about_name(enum script_about);

struct script_expect {
	struct script_texts about[SCRIPT_ABOUTS];
	const struct yaml *slots; /* names and values, or NULL */
	int silent;	  /* 1: the customer gets nothing, 0: something, -1 */
	int failed_turns; /* in a row, afterwards; -1: any */
};

enum script_act {
	SCRIPT_CUSTOMER, /* writes texts[], in a row */
	SCRIPT_CHOICE,	 /* presses the option of that number, or label */
	SCRIPT_AGENT,	 /* does `kind` */
	SCRIPT_WAIT	 /* time goes by */
};

struct script_turn {
	int line;
	enum script_act act;
	struct script_texts texts;
	const char *choice;
	const char *kind; /* of the message of an agent: claim, agent, ... */
	const char *who, *text;
	int64_t wait_us;
	struct script_expect expect;
};

/* Texts are borrowed from the file. */
struct script {
	int line;
	const char *name;
	const char *pack;  /* a pack by its name; NULL: that of the file */
	const char *known; /* why it is known to fail; NULL: it must pass */
	struct script_texts tags;
	int64_t now_us; /* when it begins */
	bool has_desk;
	const struct yaml *settings; /* paths and values, or NULL */
	const struct script_turn *turns;
	size_t n_turns;
};

struct script_file {
	struct yaml_file yaml;
	const struct script *scripts; /* in the order of the file */
	size_t n;
};

/* 0, or -1 and *err that begins with "path:line: "; the file is zeroed then. */
int script_read_file(struct script_file *, const char *path, struct err *);
int script_read(struct script_file *, const char *name, const char *text,
		size_t len, struct err *);
void script_release(struct script_file *); /* a zeroed one is fine */

#endif
