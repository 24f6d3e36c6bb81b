/* CSV as RFC 4180 has it and spreadsheets write it: rows of cells, read within
 * limits, and cells written so that no spreadsheet takes one for a formula. */
#ifndef FAQ_CSV_H
#define FAQ_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct err;

#define CSV_BYTES_MAX ((size_t)128 << 20) /* of a file */
#define CSV_ROW_MAX ((size_t)1 << 20)	  /* bytes of a row */
#define CSV_CELLS_MAX 50		  /* of a row */

struct csv_cell {
	char *text; /* who reads may write on it */
	int line;   /* where it begins, from 1 */
};

/* A file on its way; the row is borrowed until the next one. */
struct csv {
	const char *name;
	const char *at, *end;
	int line;
	char delimiter; /* ',', ';' or tab: what parts the first row */
	struct csv_cell cells[CSV_CELLS_MAX];
	size_t n;
	struct buf texts; /* of the cells, each with its NUL */
};

/* Name and text are borrowed until csv_close().  A BOM is passed over.  Refused
 * are what is no UTF-8, with a guess at what it is, and control characters.
 * 0, or -1 and *err that begins with "name:line: ". */
int csv_open(struct csv *, const char *name, const char *text, size_t len,
	     struct err *);
void csv_close(struct csv *); /* a zeroed one is fine */

/* The next row: line ends in cells are LF, and the quote character before
 * something like a formula is taken away (see below).  1; 0: there is none;
 * -1 and *err. */
int csv_next(struct csv *, struct err *);
/* Nothing but empty cells? */
bool csv_is_blank(const struct csv *);

/* Add a cell.  In front of what a spreadsheet might take for a formula (it
 * begins with = + - @ or a tab) stands a quote character ', also if there are
 * some already, so that reading takes the right one away.  0, or -1. */
int csv_write_cell(struct buf *, const char *text);

#endif
