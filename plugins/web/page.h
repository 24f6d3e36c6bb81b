/* The files of the chat page, made from plugins/web/page/ at build time. */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include <stddef.h>

struct page_file {
	const char *path; /* "/", "/chat.js" */
	const char *media_type;
	const unsigned char *data;
	size_t len;
};

/* Ends with path NULL. */
extern const struct page_file page_files[];

#endif
