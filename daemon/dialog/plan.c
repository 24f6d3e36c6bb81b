#include "dialog/plan.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "conf/options.h"
#include "dialog/desk.h"
#include "dialog/knowledge.h"
#include "faq/index.h"
#include "net/http_server.h"

#define MIB (1024.0 * 1024.0)

/* Resident memory of this process, in bytes; 0 if it cannot be told. */
static double
resident_bytes(void)
{
	char line[256];
	double kib = 0;
	FILE *file = fopen("/proc/self/status", "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmRSS: %lf kB", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib * 1024;
}

void
plan_log(struct desk *desk)
{
	const struct settings *settings = desk_settings(desk);
	const struct knowledge *knowledge = library_get(desk_library(desk));
	log_info("memory: knowledge %.1f MiB (%zu entries), twice that while "
		 "it is made anew",
		 (double)index_bytes(knowledge->index) / MIB,
		 index_count(knowledge->index));
	knowledge_put(knowledge);
	const struct http_limits *limits = &http_limits_default;
	double connections =
		(double)settings_int(settings, "http.max_connections");
	double each = (double)limits->max_head_bytes +
		      (double)settings_int(settings, "http.max_body");
	log_info("memory: requests under way up to %.0f MiB (%.0f connections "
		 "of %.0f KiB), streams that are not read %.0f KiB each",
		 connections * each / MIB, connections, each / 1024,
		 (double)limits->stream_high_bytes / 1024);
	if (desk_generator(desk))
		log_info("memory: generator %.0f MiB for keys and values, "
			 "beside its model, which is being loaded",
			 (double)settings_int(settings, "generator.kv_memory") /
				 MIB);
	log_info("memory: %sresident now %.1f MiB",
		 desk_generator(desk) ? "" : "no generator; ",
		 resident_bytes() / MIB);
}
