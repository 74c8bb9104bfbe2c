//! What tells accounts apart, and the keys and secrets by which one proves itself.

use std::fmt;

use super::account::Credentials;
use crate::algorithm::Algorithm;
use crate::assertion_source::AssertionSource;
use crate::grant::GrantKind;
use crate::impersonation::Impersonation;
use crate::jwt::{Assertion, Header};
use crate::key::UncheckedKey;

impl Credentials {
    /// Returns the secret that only the account's owner has: the key's numbers or else the client
    /// secret; empty if there is neither, or if a JWT from elsewhere says whose the token is. Then processes share no
    /// token, because the same file or command may hand out another's JWT in each.
    pub(crate) fn secret(&self) -> &[u8] {
        if self.assertion_source().is_some() {
            return &[];
        }
        match (&self.key, self.client_secret().ok()) {
            (Some(key), _) => key.secret(),
            (None, Some(secret)) => secret.expose().as_bytes(),
            (None, None) => &[],
        }
    }

    /// Returns what the account's requests are proved with: a server may refuse one key, secret,
    /// algorithm or certificate and accept another, and issues the same token by each.
    pub(crate) fn proof(&self) -> Vec<&[u8]> {
        self.each().flat_map(Self::own_proof).collect()
    }

    /// Returns the part of [`Self::proof`] of this one secret and key.
    pub(crate) fn own_proof(&self) -> [&[u8]; 5] {
        let secret = self.client_secret().map_or(&[][..], |secret| secret.expose().as_bytes());
        let certificate = self.certificate.as_deref().unwrap_or_default();
        let headers = [self.assertion(), self.client_assertion()];
        let header = headers.into_iter().flatten().map(|assertion| &assertion.header).next();
        let key = self.key.as_ref();
        let alg = header.and_then(|header| header.alg);
        let alg = alg.or(key.and_then(UncheckedKey::algorithm)).map_or("", Algorithm::name);
        let kid = header.and_then(|header| header.kid.as_deref());
        let kid = kid.or(key.and_then(UncheckedKey::kid)).unwrap_or_default();
        [self.secret(), secret, certificate, alg.as_bytes(), kid.as_bytes()]
    }

    /// Returns the texts that tell this account from others with the same secret. Their number is always
    /// the same.
    pub(crate) fn identity(&self) -> Vec<String> {
        let grant = &self.grant;
        let Assertion { header, claims } = self.assertion().cloned().unwrap_or_default();
        let proof = self.client_assertion().cloned().unwrap_or_default();
        let sent = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            format!("{:?}", grant.grant_type()),
            format!("{:?}", grant.client().map(|client| &client.proof)),
            self.token_url().to_string(),
            sent(grant.client_id()),
            sent(grant.scope()),
            sent(grant.org_id()),
            claims.iss,
            claims.sub.unwrap_or_default(),
            claims.aud.unwrap_or_default(),
            claims.metascopes.join(","),
            text(&claims.claims_json),
            format!("{:?} {:?}", claims.expiry, self.jti),
            format!("{:?} {:?}", self.iat_leeway, grant.body),
            match &grant.kind {
                GrantKind::TokenExchange { subject_token_type, requested_token_type, .. } => {
                    format!("{subject_token_type:?} {requested_token_type:?}")
                }
                GrantKind::Other { grant_type } => grant_type.clone(),
                _ => String::new(),
            },
            format!("{:?}", grant.parameters.iter().collect::<Vec<_>>()),
            text(&proof.claims.aud),
            text(&proof.claims.claims_json),
            format!("{:?}", proof.claims.expiry),
            self.assertion_source().map_or_else(String::new, AssertionSource::identity),
            self.impersonation.as_ref().map_or_else(String::new, Impersonation::identity),
            // The algorithm tells no accounts apart: a server takes each that it knows.
            format!("{:?} {:?}", of_header(&header), of_header(&proof.header)),
        ]
    }
}

/// Returns what of a header tells accounts apart.
fn of_header(header: &Header) -> impl fmt::Debug + '_ {
    (&header.typ, &header.kid, header.x5t, header.x5c, &header.header_json)
}
