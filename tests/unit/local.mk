# cmocka; one line for each tests/unit/test_<module>.c
UNIT_TESTS = \
	tests/unit/test_aead \
	tests/unit/test_digest \
	tests/unit/test_jwt \
	tests/unit/test_key \
	tests/unit/test_password

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
