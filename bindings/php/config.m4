PHP_ARG_ENABLE([ims],
  [whether to enable libims],
  [AS_HELP_STRING([--enable-ims], [Enable libims: access tokens of service accounts])])

PHP_ARG_WITH([ims-static],
  [for a libims to link in],
  [AS_HELP_STRING([[--with-ims-static[=DIR]]],
    [Link DIR/libims.a in. Default: the one that this package has for this machine, or else the installed libims])],
  [yes],
  [no])

if test "$PHP_IMS" != "no"; then
  AS_CASE([$host_os], [*musl*], [ims_libc=musl], [ims_libc=glibc])
  ims_platform="$host_cpu-linux-$ims_libc"
  ims_static="$PHP_IMS_STATIC"
  if test "$ims_static" = "yes"; then
    ims_static="$abs_srcdir/static/$ims_platform"
    test -d "$ims_static" || ims_static=no
  elif test "$ims_static" != "no" && test ! -f "$ims_static/libims.a"; then
    AC_MSG_ERROR([there is no libims.a in $ims_static, which --with-ims-static names])
  fi

  if test "$ims_static" = "no"; then
    PKG_CHECK_MODULES([IMS], [ims >= 0.1.0], [], [
      if test -d "$abs_srcdir/static"; then
        ims_has=", and this package has none for $ims_platform, only for $(ls "$abs_srcdir/static" | tr '\n' ' ')"
      fi
      AC_MSG_ERROR([pkg-config finds no libims 0.1.0 or later${ims_has% }: install it first, or say where it is: PKG_CONFIG_PATH=PREFIX/lib/pkgconfig])
    ])
    PHP_EVAL_INCLINE([$IMS_CFLAGS])
    PHP_EVAL_LIBLINE([$IMS_LIBS], [IMS_SHARED_LIBADD])
  else
    AC_MSG_CHECKING([for the libims that is linked in])
    AC_MSG_RESULT([$ims_static/libims.a])
    PHP_ADD_INCLUDE([$ims_static])
    dnl Its OpenSSL stays its own: PHP has another. A DNS lookup that timed out leaves a thread behind for a moment: unloading
    dnl must not take the code from under it.
    IMS_SHARED_LIBADD="-Wl,$ims_static/libims.a,-lpthread,-ldl,-lm,--exclude-libs,ALL,--gc-sections,-z,nodelete"
  fi
  PHP_SUBST([IMS_SHARED_LIBADD])

  PHP_NEW_EXTENSION([ims],
    [module.c functions.c key.c client.c token.c doctor.c exception.c object.c parameters.c],
    [$ext_shared],, [-DZEND_ENABLE_STATIC_TSRMLS_CACHE=1 -fvisibility=hidden])
  PHP_ADD_EXTENSION_DEP([ims], [date])
  PHP_ADD_EXTENSION_DEP([ims], [json])
fi
