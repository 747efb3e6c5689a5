# cmocka; one line for each tests/unit/test_<module>.c
UNIT_TESTS =

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
