/* Files that are served as they are, made at build time: those of the chat page
 * from plugins/web/page/, the widget from plugins/web/widget/. */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include <stddef.h>

struct page_file {
	const char *path; /* "/", "/page.css" */
	const char *media_type;
	const unsigned char *data;
	size_t len;
};

/* Ends with path NULL. */
extern const struct page_file page_files[];
/* As it is, and compressed. */
extern const struct page_file widget_files[];

#endif
