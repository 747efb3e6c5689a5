libtarn_a_SOURCES += \
	common/oidc/acr.c \
	common/oidc/acr.h \
	common/oidc/ask.c \
	common/oidc/ask.h \
	common/oidc/back.c \
	common/oidc/back.h \
	common/oidc/bearer.c \
	common/oidc/bearer.h \
	common/oidc/caller.c \
	common/oidc/caller.h \
	common/oidc/claims.c \
	common/oidc/claims.h \
	common/oidc/dialect.c \
	common/oidc/dialect.h \
	common/oidc/discovery.c \
	common/oidc/discovery.h \
	common/oidc/grant.c \
	common/oidc/grant.h \
	common/oidc/issue.c \
	common/oidc/issue.h \
	common/oidc/keyring.c \
	common/oidc/keyring.h \
	common/oidc/refusals.c \
	common/oidc/refusals.h \
	common/oidc/scope.c \
	common/oidc/scope.h
