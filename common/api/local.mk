# common/api
libtarn_a_SOURCES += \
	common/api/clients.c \
	common/api/need.c \
	common/api/need.h \
	common/api/op.c \
	common/api/op.h \
	common/api/page.c \
	common/api/page.h \
	common/api/pools.c
