#!/bin/sh
# fuzz.sh SECONDS CORPUS FOUND HARNESS...
# Run each harness for so long, from a copy of its corpus.  What breaks it is
# kept in FOUND, beside the inputs that reached something new.  TAP.
seconds=$1 corpus=$2 found=$3
shift 3
echo "1..$#"
n=0 failed=0
for harness; do
	n=$((n + 1))
	name=${harness##*/fuzz_}
	mkdir -p "$found/$name" || exit 1
	if timeout --kill-after=10 $((seconds + 120)) "$harness" \
		-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
		-print_final_stats=1 -artifact_prefix="$found/$name-" \
		"$found/$name" "$corpus/$name" >"$found/$name.log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' \
			"$found/$name.log")
		echo "ok $n - $name, $runs inputs"
	else
		failed=$((failed + 1))
		echo "not ok $n - $name"
		tail -n 40 "$found/$name.log" | sed 's/^/# /'
	fi
done
[ "$failed" -eq 0 ]
