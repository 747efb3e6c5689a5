# Silent scripts that compare what the project says with what it is. Each fails when it cannot find
# what it looks at, and each proves that it would see a violation.
LINTS = \
	tests/lint/banned \
	tests/lint/capabilities \
	tests/lint/dialects \
	tests/lint/format \
	tests/lint/headers \
	tests/lint/layers \
	tests/lint/literals \
	tests/lint/manual \
	tests/lint/map \
	tests/lint/params \
	tests/lint/registered \
	tests/lint/settings \
	tests/lint/templates
TESTS += $(LINTS)
dist_check_SCRIPTS += $(LINTS)
EXTRA_DIST += \
	tests/lint/capabilities.tsv \
	tests/lint/lint.sh \
	tests/lint/literals.allow
