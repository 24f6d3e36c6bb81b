/* What the files of the intake share. */
#ifndef DIALOG_INTAKE_PARTS_H
#define DIALOG_INTAKE_PARTS_H

#include "dialog/intake.h"

/* What becomes of each kind of message. */
enum kind_flags {
	QUEUED = 1,	    /* has a turn of its own */
	WITHDRAWS = 2,	    /* its target is taken back */
	WITHDRAWS_ALL = 16, /* what was not answered is */
	OF_DESK = 4,	    /* may name a conversation of any channel */
	SPOKEN = 8	    /* a customer's words, in a row */
};

struct intake_kind {
	const char *name;
	int flags;
};

/* By enum teller_message_kind, and MESSAGE_TIMER(). */
extern const struct intake_kind intake_kinds[];

#endif
