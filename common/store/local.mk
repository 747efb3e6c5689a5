# common/store
libtarn_a_SOURCES += \
	common/store/client.c \
	common/store/client.h \
	common/store/device_code.c \
	common/store/device_code.h \
	common/store/gate.c \
	common/store/gate.h \
	common/store/grants.c \
	common/store/grants.h \
	common/store/group.c \
	common/store/group.h \
	common/store/kind.c \
	common/store/kind.h \
	common/store/kv.c \
	common/store/kv.h \
	common/store/kv_bdb.c \
	common/store/parsed.c \
	common/store/parsed.h \
	common/store/pool.c \
	common/store/pool.h \
	common/store/record.c \
	common/store/record.h \
	common/store/ticket.c \
	common/store/ticket.h \
	common/store/user.c \
	common/store/user.h
