# Storms and races over the store. `make check` builds them; tools/check lets them run.
check_PROGRAMS += \
	tests/fault/store_churn \
	tests/fault/store_race \
	tests/fault/store_storm

# What tests preload to make a disk, memory or the store fail: never part of a program.
check_DATA = tests/fault/shim.so
CLEANFILES += tests/fault/shim.so
tests/fault/shim.so: $(srcdir)/tests/fault/shim.c
	@$(MKDIR_P) tests/fault
	$(AM_V_CC)$(CC) $(CPPFLAGS) -D_GNU_SOURCE -std=gnu11 -O2 -g -Wall -Wextra -fPIC -shared -o $@ \
	    $(srcdir)/tests/fault/shim.c -ldl
EXTRA_DIST += tests/fault/shim.c
EXTRA_DIST += $(wildcard $(srcdir)/tests/fault/*.mjs)
