/* Objects that own what the library made: only factories make them. */

#include "php_ims.h"

static zend_function *refuse_to_construct(zend_object *object)
{
    zend_throw_error(NULL, "Cannot construct %s: factory methods and functions make it", ZSTR_VAL(object->ce->name));
    return NULL;
}

void php_ims_object_handlers(zend_object_handlers *handlers, zend_object_free_obj_t free_object)
{
    memcpy(handlers, zend_get_std_object_handlers(), sizeof(*handlers));
    handlers->offset = XtOffsetOf(php_ims_object, std);
    handlers->free_obj = free_object;
    handlers->clone_obj = NULL;
    handlers->compare = zend_objects_not_comparable;
    handlers->get_constructor = refuse_to_construct;
}

zend_object *php_ims_object_new(zend_class_entry *ce, const zend_object_handlers *handlers)
{
    php_ims_object *object = zend_object_alloc(sizeof(*object), ce);
    zend_object_std_init(&object->std, ce);
    object_properties_init(&object->std, ce);
    object->std.handlers = handlers;
    return &object->std;
}

void *php_ims_object_owned(zend_object *object)
{
    void *owned = php_ims_object_of(object)->owned;
    if (!owned)
        zend_throw_error(NULL, "This %s was not made by its factory methods and functions", ZSTR_VAL(object->ce->name));
    return owned;
}

void php_ims_set_text(zend_object *object, const char *property, const char *text)
{
    zval value;
    if (text)
        ZVAL_STRING(&value, text);
    else
        ZVAL_NULL(&value);
    zend_update_property(object->ce, object, property, strlen(property), &value);
    zval_ptr_dtor(&value);
}
