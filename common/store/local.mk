# common/store
libtarn_a_SOURCES += \
	common/store/client.h \
	common/store/grants.h \
	common/store/group.h \
	common/store/kind.h \
	common/store/kv.h \
	common/store/pool.h \
	common/store/record.h \
	common/store/ticket.h \
	common/store/user.h
