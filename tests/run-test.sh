#!/bin/sh
# run-test.sh PROGRAM [ARGUMENT...]
# Run one test under a time limit of $TEST_TIMEOUT seconds (300).  cmocka
# reports what was skipped as "not ok"; that is put right on the way, with the
# reason that test_skip() gave.
limit=${TEST_TIMEOUT:-300}
exec 3>&1
status=$(
	{
		{
			timeout --kill-after=10 "$limit" "$@" 3>&- 4>&-
			echo $? >&4
		} | awk '
			/^# skip: / { reason = substr($0, 9); next }
			/^not ok [0-9]+ # SKIP / {
				print "ok", $3, "-", $6, "# SKIP", reason
				next
			}
			{ print; reason = "" }' >&3
	} 4>&1
)
if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
	echo "Bail out! killed, or still running after $limit seconds"
fi
exit "$status"
