<?php

declare(strict_types=1);

/**
 * Instead of the generate_jwt() that scripts carry along: include this file, and delete that function.
 *
 * The parameters and their rules stay: $privateKey is a path or the key's text; without $exp, the JWT ends in 1000 seconds;
 * an empty $nbf or $jti is left out. A key that cannot sign throws, where the old function returned a JWT without a
 * signature.
 */
if (!function_exists('generate_jwt')) {
    function generate_jwt(
        #[\SensitiveParameter] $privateKey, $iss, $sub, $aud, $exp = null, $nbf = null, $jti = null
    ) {
        return $exp
            ? ims_generate_jwt($privateKey, $iss, $sub, $aud, $exp, $nbf ?: null, $jti ?: null)
            : ims_generate_jwt($privateKey, $iss, $sub, $aud, null, $nbf ?: null, $jti ?: null, lifetime: 1000);
    }
}
