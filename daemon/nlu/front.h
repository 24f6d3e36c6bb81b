/* The part of pack.yaml that customers see before they ask.  One thread while
 * reading. */
#ifndef NLU_FRONT_H
#define NLU_FRONT_H

#include "conf/yaml.h"

struct err;
struct pack;

/* Rows of the fields of pack.yaml. */
#define FRONT_FIELDS                                                          \
	{"firm", YAML_TEXT, false}, {"greeting", YAML_TEXT, false},           \
		{"privacy_url", YAML_TEXT, false},                            \
		{"starters", YAML_LIST, false}, {"topics", YAML_LIST, false}, \
	{                                                                     \
		"contact", YAML_LIST, false                                   \
	}

/* Of a file whose fields were checked; the facts are there. */
int front_read(struct pack *, const struct yaml_file *, struct err *);

#endif
