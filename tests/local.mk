# what `make check` runs; the rest of tests/ is run by tools/check
include tests/unit/local.mk
include tests/fuzz/local.mk
include tests/lint/local.mk
