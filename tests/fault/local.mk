# Storms and races over the store. `make check` builds them; tools/check lets them run.
check_PROGRAMS += \
	tests/fault/store_race \
	tests/fault/store_storm
EXTRA_DIST += $(wildcard $(srcdir)/tests/fault/*.mjs)
