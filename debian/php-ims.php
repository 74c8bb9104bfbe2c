mod bindings/php/ims.ini
