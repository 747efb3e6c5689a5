# What tools/bench runs that needs the library.
check_PROGRAMS += tests/bench/store
