#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# Run the test programs given; print their lines and the sum of the counts.  A
# machine that is another by TEST_CMDLINE, its command line, is named with them.

passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for program; do
	name=${program#*/host/}${TEST_CMDLINE:+ $TEST_CMDLINE}
	"$program" >"$log" 2>&1
	status=$?
	grep -a -E '^(ok|FAIL) ' "$log" | sed "s,^\([a-zA-Z]*\) ,\1 $name: ,"
	counts=$(grep -a -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
	if [ -n "$counts" ]; then
		passed=$((passed + ${counts%% *}))
		f=${counts#*, }
		failed=$((failed + ${f%% *}))
	fi
	# A program that died has no counts, or ended badly after them.
	if [ -z "$counts" ] || { [ $status -ne 0 ] && [ "${f%% *}" = 0 ]; }; then
		failed=$((failed + 1))
		echo "FAIL $name: ended with status $status"
		tail -n 60 "$log"
	fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
