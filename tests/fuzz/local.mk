# One target for each parser: tests/fuzz/fuzz_<parser>.c and a folder tests/fuzz/corpus/<parser>.
# With --enable-fuzz they are libFuzzer programs; otherwise replay.c runs the corpus through them.
FUZZ_TARGETS =
