# common/crypto
libtarn_a_SOURCES += \
	common/crypto/aead.h \
	common/crypto/digest.h \
	common/crypto/jwt.h \
	common/crypto/key.h \
	common/crypto/password.h
