--TEST--
The version is the library's
--FILE--
<?php
var_dump(ims_version() === phpversion('ims'));
?>
--EXPECT--
bool(true)
