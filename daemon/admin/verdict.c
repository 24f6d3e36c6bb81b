#include "admin/verdict.h"

#include "base/finding.h"
#include "base/json.h"

json_t *
verdict_json(struct findings *findings, bool is_strict)
{
	findings_sort(findings);
	json_t *result = findings_json(findings);
	bool has_failed = findings->counts[FINDING_ERROR] > 0 ||
			  (is_strict && findings->counts[FINDING_WARNING] > 0);
	json_set_bool(result, "ok", !has_failed);
	findings_release(findings);
	return result;
}

static void
print_finding(const json_t *row, FILE *out)
{
	const char *file = json_get_text(row, "file", "");
	int64_t line = json_get_int(row, "line", 0);
	fprintf(out, "%s", file);
	if (line)
		fprintf(out, ":%lld", (long long)line);
	fprintf(out, "%s%s: %s [%s]\n", *file ? ": " : "",
		json_get_text(row, "severity", ""),
		json_get_text(row, "text", ""), json_get_text(row, "rule", ""));
}

void
verdict_print(const json_t *result, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(result, "findings"), i, row)
		print_finding(row, out);
	fprintf(out, "Errors: %lld, warnings: %lld, notes: %lld.\n",
		(long long)json_get_int(result, "errors", 0),
		(long long)json_get_int(result, "warnings", 0),
		(long long)json_get_int(result, "notes", 0));
}
