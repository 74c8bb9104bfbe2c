PHP_ARG_ENABLE([ims],
  [whether to enable libims],
  [AS_HELP_STRING([--enable-ims], [Enable libims: access tokens of service accounts])])

if test "$PHP_IMS" != "no"; then
  PKG_CHECK_MODULES([IMS], [ims >= 0.1.0])
  PHP_EVAL_INCLINE([$IMS_CFLAGS])
  PHP_EVAL_LIBLINE([$IMS_LIBS], [IMS_SHARED_LIBADD])
  PHP_SUBST([IMS_SHARED_LIBADD])

  PHP_NEW_EXTENSION([ims],
    [module.c functions.c key.c client.c token.c doctor.c exception.c object.c parameters.c],
    [$ext_shared],, [-DZEND_ENABLE_STATIC_TSRMLS_CACHE=1])
  PHP_ADD_EXTENSION_DEP([ims], [date])
  PHP_ADD_EXTENSION_DEP([ims], [json])
fi
