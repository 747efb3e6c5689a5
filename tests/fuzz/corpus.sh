#!/bin/sh
# corpus.sh - runs every fuzz target ($FUZZ_TARGETS) over its corpus, tests/fuzz/corpus/<parser>
set -u
failed=0
for target in $FUZZ_TARGETS; do
	corpus=$srcdir/tests/fuzz/corpus/${target##*/fuzz_}
	# libFuzzer calls no corpus a success; replay.c does not take its options.
	if [ -z "$(ls "$corpus" 2>/dev/null)" ]; then
		echo "$target: no corpus in $corpus"
		failed=1
	elif [ -n "$FUZZ_LIBFUZZER" ]; then
		"./$target" -runs=0 "$corpus" || failed=1
	else
		"./$target" "$corpus" || failed=1
	fi
done
exit $failed
