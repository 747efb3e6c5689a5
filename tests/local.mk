# What `make check` runs. The rest of tests/ needs the programs installed: tools/check runs it.
dist_check_SCRIPTS =
check_LIBRARIES =

# What the scripts need to know: where the sources are, and how make compiles one.
AM_TESTS_ENVIRONMENT = \
	srcdir='$(srcdir)'; export srcdir; \
	AWK='$(AWK)'; export AWK; \
	TARN_COMPILE='$(CC) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS)'; \
	export TARN_COMPILE; \
	LSAN_OPTIONS='suppressions=$(srcdir)/tests/lsan.supp:print_suppressions=0'; \
	export LSAN_OPTIONS; \
	FUZZ_TARGETS='$(FUZZ_TARGETS)'; export FUZZ_TARGETS; \
	FUZZ_LIBFUZZER='$(FUZZ_LDFLAGS)'; export FUZZ_LIBFUZZER;

# For tools/check. Named one by one only where a folder also collects what the tests leave.
EXTRA_DIST += \
	.ci/run \
	$(wildcard $(srcdir)/tests/browser/*.mjs) \
	tests/.npmrc \
	tests/lsan.supp \
	tests/package-lock.json \
	tests/package.json \
	tests/peers \
	tests/protocol \
	tools

include tests/unit/local.mk
include tests/bench/local.mk
include tests/fault/local.mk
include tests/fuzz/local.mk
include tests/lint/local.mk
