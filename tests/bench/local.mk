# What tools/bench runs that needs the library.
check_PROGRAMS += tests/bench/store
EXTRA_DIST += $(wildcard $(srcdir)/tests/bench/*.lua) $(wildcard $(srcdir)/tests/bench/*.mjs) \
	tests/bench/hash.c tests/bench/null.c tests/bench/store.sh
