#!/bin/sh
# fuzz.sh SECONDS CORPUS FOUND HARNESS...
# Run each harness for so long, from a copy of its corpus, as many at a time as
# there are processors.  What breaks it is kept in FOUND, beside the inputs that
# reached something new.  TAP.
seconds=$1 corpus=$2 found=$3
shift 3

run_one() {
	name=${1##*/fuzz_}
	mkdir -p "$found/$name" || exit 1
	if timeout --kill-after=10 $((seconds + 120)) "$1" \
		-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
		-print_final_stats=1 -artifact_prefix="$found/$name-" \
		"$found/$name" "$corpus/$name" >"$found/$name.log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' \
			"$found/$name.log")
		echo "ok - $name, $runs inputs"
	else
		printf 'not ok - %s\n%s\n' "$name" \
			"$(tail -n 40 "$found/$name.log" | sed 's/^/# /')"
		return 1
	fi
}

if [ $# -eq 1 ]; then
	run_one "$1"
	exit
fi
echo "1..$#"
printf '%s\n' "$@" | xargs -P "$(nproc)" -I '{}' \
	sh "$0" "$seconds" "$corpus" "$found" '{}'
