# common/api
libtarn_a_SOURCES += \
	common/api/op.h
