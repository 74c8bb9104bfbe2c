//! OpenSSL's initialization without its TLS library, which nothing here uses.
//!
//! The openssl crate calls `OPENSSL_init_ssl`, and would make `libims.so` need libssl for that alone. `build.rs` has the
//! linker take this in its place, which is what that function comes to where no TLS is spoken.

// A Rust function of this name would be exported.
#[cfg(target_arch = "x86_64")]
core::arch::global_asm!(
    ".pushsection .text.__wrap_OPENSSL_init_ssl,\"ax\",@progbits",
    ".globl __wrap_OPENSSL_init_ssl",
    ".hidden __wrap_OPENSSL_init_ssl",
    ".type __wrap_OPENSSL_init_ssl,@function",
    "__wrap_OPENSSL_init_ssl:",
    "jmp OPENSSL_init_crypto@PLT",
    ".size __wrap_OPENSSL_init_ssl, . - __wrap_OPENSSL_init_ssl",
    ".popsection",
);

#[cfg(target_arch = "aarch64")]
core::arch::global_asm!(
    ".pushsection .text.__wrap_OPENSSL_init_ssl,\"ax\",@progbits",
    ".globl __wrap_OPENSSL_init_ssl",
    ".hidden __wrap_OPENSSL_init_ssl",
    ".type __wrap_OPENSSL_init_ssl,%function",
    "__wrap_OPENSSL_init_ssl:",
    "b OPENSSL_init_crypto",
    ".size __wrap_OPENSSL_init_ssl, . - __wrap_OPENSSL_init_ssl",
    ".popsection",
);
