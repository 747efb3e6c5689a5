# Flags of the compiler and the linker, each used only where the tool takes it.
# A compiler that merely warns about an unknown flag counts as refusing it: hence -Werror.

# TARN_COMPILE_FLAG(variable, flag): appends the flag to the variable if it can be compiled with.
AC_DEFUN([TARN_COMPILE_FLAG], [
	AS_VAR_PUSHDEF([known], [tarn_cv_compile_$2])
	AC_CACHE_CHECK([whether the compiler takes $2], [known], [
		tarn_saved_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS -Werror $2"
		AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <stdlib.h>]], [])],
			[AS_VAR_SET([known], [yes])], [AS_VAR_SET([known], [no])])
		CFLAGS=$tarn_saved_CFLAGS
	])
	AS_VAR_IF([known], [yes], [AS_VAR_APPEND([$1], [" $2"])])
	AS_VAR_POPDEF([known])
])

# TARN_LINK_FLAG(variable, flag): the same for linking a program.
AC_DEFUN([TARN_LINK_FLAG], [
	AS_VAR_PUSHDEF([known], [tarn_cv_link_$2])
	AC_CACHE_CHECK([whether the linker takes $2], [known], [
		tarn_saved_LDFLAGS=$LDFLAGS
		LDFLAGS="$LDFLAGS -Werror $2"
		AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
			[AS_VAR_SET([known], [yes])], [AS_VAR_SET([known], [no])])
		LDFLAGS=$tarn_saved_LDFLAGS
	])
	AS_VAR_IF([known], [yes], [AS_VAR_APPEND([$1], [" $2"])])
	AS_VAR_POPDEF([known])
])
