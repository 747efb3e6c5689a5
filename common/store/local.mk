# common/store
libtarn_a_SOURCES += \
	common/store/kind.h \
	common/store/kv.h \
	common/store/record.h
