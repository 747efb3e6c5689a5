# common/api
libtarn_a_SOURCES += \
	common/api/args.c \
	common/api/args.h \
	common/api/client_metadata.c \
	common/api/client_metadata.h \
	common/api/clients.c \
	common/api/clients.h \
	common/api/domains.c \
	common/api/filter.c \
	common/api/filter.h \
	common/api/groups.c \
	common/api/mfa.c \
	common/api/need.c \
	common/api/need.h \
	common/api/op.c \
	common/api/op.h \
	common/api/page.c \
	common/api/page.h \
	common/api/pools.c \
	common/api/registrations.c \
	common/api/registrations.h \
	common/api/resources.c \
	common/api/users.c \
	common/api/users.h
