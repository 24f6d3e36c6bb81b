/* UTF-8, as RFC 3629 has it. */
#ifndef SLACK_UTF8_H
#define SLACK_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool slack_is_utf8(const char *text, size_t len);

#endif
