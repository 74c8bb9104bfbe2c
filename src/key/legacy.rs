//! The ciphers that OpenSSL 3 has in its provider `legacy` alone, such as RC2 and DES.

use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use openssl::error::ErrorStack;
use openssl::lib_ctx::LibCtx;
use openssl::nid::Nid;
use openssl::provider::Provider;
use zeroize::Zeroizing;

/// Decrypts in a library context of its own, so that the rest of the process gets no further cipher. Returns `None` where
/// OpenSSL comes without the provider or the cipher.
pub(super) fn decrypt(
    cipher: Nid,
    key: &[u8],
    iv: &[u8],
    encrypted: &[u8],
) -> Option<Result<Zeroizing<Vec<u8>>, ErrorStack>> {
    // In the order in which they must be made, and in the reverse one dropped.
    let library = LibCtx::new().ok()?;
    let _provider = Provider::load(Some(&library), "legacy").ok()?;
    let cipher = Cipher::fetch(Some(&library), cipher.short_name().ok()?, None).ok()?;
    let decrypt = || {
        let mut context = CipherCtx::new()?;
        context.decrypt_init(Some(&cipher), Some(key), Some(iv))?;
        // Long enough, so that it does not grow and leaves no copy behind.
        let len = encrypted.len() + 2 * cipher.block_size();
        let mut decrypted = Zeroizing::new(Vec::with_capacity(len));
        context.cipher_update_vec(encrypted, &mut decrypted)?;
        context.cipher_final_vec(&mut decrypted)?;
        Ok(decrypted)
    };
    Some(decrypt())
}
