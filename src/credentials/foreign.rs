//! What people take for a credentials file: told by its first bytes, and named with what makes credentials of it.

use super::setting::bad;
use crate::error::Error;

const HTML: (&str, &str) = (
    "is an HTML page",
    "the download led to a page for people, such as a login: download the file again, signed in",
);
const AGE: (&str, &str) =
    ("is encrypted by age", "decrypt it with age, and give the file that it writes");

/// The beginnings of files, in lower case.
const BEGINNINGS: &[(&[u8], (&str, &str))] = &[
    (b"<!doctype html", HTML),
    (b"<html", HTML),
    (b"age-encryption.org/v1", AGE),
    (b"-----begin age encrypted file", AGE),
    (
        b"-----begin pgp message",
        ("is encrypted by PGP", "decrypt it with gpg, and give the file that it writes"),
    ),
    (
        b"$ansible_vault;",
        ("is encrypted by Ansible Vault", "decrypt it: ansible-vault decrypt FILE"),
    ),
    (
        b"version https://git-lfs.github.com/spec/",
        ("is a pointer of Git LFS, not the file itself", "fetch the file: git lfs pull"),
    ),
    (
        b"\0gitcrypt\0",
        ("is encrypted by git-crypt", "unlock the repository that it is in: git-crypt unlock"),
    ),
    (
        b"salted__",
        ("is encrypted by openssl enc", "decrypt it as it was encrypted, by openssl enc with -d"),
    ),
];

/// The member that sops adds to a document whose values it has encrypted.
pub(super) const SOPS: &str = "sops";

/// Returns the error of bytes that begin as no credentials do.
pub(super) fn named(bytes: &[u8]) -> Option<Error> {
    let bytes = bytes.trim_ascii_start();
    let is =
        |begin: &[u8]| bytes.get(..begin.len()).is_some_and(|own| own.eq_ignore_ascii_case(begin));
    let (_, (problem, hint)) = BEGINNINGS.iter().find(|(begin, _)| is(begin))?;
    Some(bad(*problem).with_hint(*hint))
}

/// Returns the error of a document that sops has encrypted.
pub(super) fn of_sops() -> Error {
    bad("is encrypted by sops").with_hint("decrypt it with sops, and give the file that it writes")
}
