//! The credentials of one account.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::explained::Explained;
use super::jwt_source::{JwtSource, check};
use super::origin::Origin;
use super::settings::JtiKind;
use crate::algorithm::Algorithm;
use crate::assertion_source::AssertionSource;
use crate::endpoint::{Endpoint, Issuer};
use crate::error::{ADOBE, Cause, Error, Field, Place, Status};
use crate::grant::{ClientAuthMethod, Grant, GrantType};
use crate::impersonation::Impersonation;
use crate::ims_host::ImsHost;
use crate::jwt::{Assertion, Claims, Expiry, Signer, SigningKey};
use crate::key::{Key, UncheckedKey, certificates};
use crate::metadata::Needs;
use crate::retry::Call;
use crate::secret::Secret;
use crate::token_url::TokenUrl;

/// A service account's credentials: all that a new JWT and its exchange need, or what client
/// credentials need.
///
/// They never show: `Debug` prints the account alone.
#[derive(Clone)]
pub struct Credentials {
    /// The file that holds the settings, as the caller named it; `None` for credentials made of
    /// values.
    pub(super) place: Option<Place>,
    pub(crate) endpoint: Endpoint,
    /// The server's issuer, where it is known.
    pub(crate) issuer: Option<Issuer>,
    /// The grant. Its JWTs are new ones in each request.
    pub(crate) grant: Grant<JwtSource>,
    /// The service account of Google whose token is asked for with the grant's.
    pub(crate) impersonation: Option<Impersonation>,
    pub(super) jti: Option<JtiKind>,
    /// The time that `iat` is set back, for servers whose clocks are behind. It does not move `exp`.
    pub(super) iat_leeway: Duration,
    /// The lifetime of a token where the server names none.
    pub(crate) default_lifetime: Option<Duration>,
    /// The client secret, where it signs the client's assertion and is not sent.
    pub(super) signing_secret: Option<Secret>,
    /// The same credentials with each other secret and key, to be tried where a server knows another.
    pub(crate) others: Vec<Credentials>,
    /// The user's name of the secret and key among several, such as `private_keys[1]`.
    pub(crate) tried: String,
    pub(crate) key: Option<UncheckedKey>,
    /// The checked key, for credentials made of a key that the caller gave.
    pub(super) checked: Option<Key>,
    /// PEM or DER of the certificate that belongs to the key; it is not parsed yet.
    pub(crate) certificate: Option<Vec<u8>>,
    pub(super) org_id: Option<String>,
    pub(super) sandbox_name: Option<String>,
    pub(super) key_field: Field,
    pub(super) certificate_field: Field,
    pub(super) explained: Explained,
    /// The source that they were read from; `None` for credentials made of values.
    pub(crate) origin: Option<Arc<Origin>>,
}

impl Credentials {
    /// Takes values: where to ask, by a token URL or an issuer, and a grant whose JWT is signed again for each request.
    ///
    /// # Errors
    /// [`Status::Argument`], naming the field: of the claims, `exp`, `iat` and `jti` are not given.
    pub fn new(endpoint: impl Into<Endpoint>, grant: Grant<Signer>) -> Result<Self, Error> {
        let endpoint = endpoint.into();
        let mut keys = (None, None);
        for signer in [grant.client_assertion(), grant.assertion()].into_iter().flatten() {
            match &signer.key {
                SigningKey::Key(key) => keys.0 = Some(key.clone()),
                SigningKey::Secret(secret) => keys.1 = Some(secret.clone()),
            }
        }
        let (key, signing_secret) = keys;
        let template = |signer: &Signer| {
            let claims = &signer.assertion.claims;
            for (name, given) in [
                ("exp", matches!(claims.expiry, Expiry::At(_))),
                ("iat", claims.iat.is_some()),
                ("jti", claims.jti.is_some()),
            ] {
                if given {
                    return Err(Error::argument(
                        name,
                        "is given, but each exchange gets a new one",
                    ));
                }
            }
            Ok(JwtSource::Signed(Box::new(signer.assertion.clone())))
        };
        let grant = grant.with_assertions(template, template)?;
        check(&grant, None, Duration::ZERO)?;
        let signed = grant.assertion().and_then(JwtSource::signed);
        let iss = signed.map(|assertion| assertion.claims.iss.as_str());
        let iss = iss.filter(|iss| iss.ends_with("@AdobeOrg"));
        Ok(Self {
            org_id: grant.org_id().or(iss).map(str::to_owned),
            issuer: match &endpoint {
                Endpoint::Issuer(issuer) => Some(issuer.clone()),
                Endpoint::TokenUrl(_) => None,
            },
            endpoint,
            grant,
            impersonation: None,
            jti: None,
            iat_leeway: Duration::ZERO,
            default_lifetime: None,
            signing_secret,
            others: Vec::new(),
            tried: String::new(),
            key: key.as_ref().map(Key::unchecked),
            checked: key,
            certificate: None,
            sandbox_name: None,
            key_field: Field::new("key"),
            certificate_field: Field::new("certificate"),
            explained: Explained::default(),
            place: None,
            origin: None,
        })
    }

    /// Returns all that the program was asked whether it may be read: absolute paths, and URLs.
    pub(crate) fn named(&self) -> &[PathBuf] {
        self.origin.as_ref().map_or(&[], |origin| origin.named())
    }

    /// Returns the absolute paths of the files that were read, each with its content's fingerprint.
    pub(crate) fn files_as_read(&self) -> &[(PathBuf, Option<u64>)] {
        self.origin.as_ref().map_or(&[], |origin| origin.files_as_read())
    }

    /// Returns the client id, which Adobe's APIs want in the header `x-api-key`.
    pub fn client_id(&self) -> Option<&str> {
        self.grant.client_id()
    }

    /// Returns the organization id, which Adobe's APIs want in the header `x-gw-ims-org-id`.
    pub fn org_id(&self) -> Option<&str> {
        self.org_id.as_deref()
    }

    /// Returns the name of the Adobe Experience Platform sandbox, for the header `x-sandbox-name`.
    pub fn sandbox_name(&self) -> Option<&str> {
        self.sandbox_name.as_deref()
    }

    /// Returns true if the two sign JWTs for different accounts, whatever their keys. Adobe's move
    /// from JWTs to a client secret alone does not change the account.
    pub(crate) fn are_anothers(&self, other: &Self) -> bool {
        let account = |claims: &Claims| (claims.iss.clone(), claims.sub.clone());
        match (self.assertion(), other.assertion()) {
            (Some(ours), Some(theirs)) => account(&ours.claims) != account(&theirs.claims),
            _ => false,
        }
    }

    /// Returns whether Adobe IMS issues the tokens: it alone validates and invalidates them.
    pub fn are_of_ims(&self) -> bool {
        self.ims_and_client_id().is_ok()
    }

    /// Returns which IMS issues the tokens, and to which client.
    ///
    /// # Errors
    /// [`Status::Argument`] where the server is not IMS.
    pub fn ims_and_client_id(&self) -> Result<(ImsHost, &str), Error> {
        let host = match (&self.endpoint, self.grant.grant_type()) {
            (
                Endpoint::TokenUrl(url),
                grant @ (GrantType::JwtExchange | GrantType::ClientCredentials),
            ) if grant.server(url) == Some(ADOBE) => Some(ImsHost::from_url(url)),
            _ => None,
        };
        host.zip(self.client_id()).ok_or_else(not_of_ims)
    }

    /// Returns the secret of the client.
    ///
    /// # Errors
    /// [`Status::Argument`] if there is no client secret: with the JWT bearer grant of other servers.
    pub fn client_secret(&self) -> Result<&Secret, Error> {
        let secret = self.grant.client_secret().or(self.signing_secret.as_ref());
        secret.ok_or_else(not_of_ims)
    }

    /// Returns the claims that each new JWT is signed with: those of the grant, or else those that
    /// authenticate the client. Returns `None` where a secret does all.
    pub fn claims(&self) -> Option<&Claims> {
        let assertion = self.assertion().or_else(|| self.client_assertion());
        assertion.map(|assertion| &assertion.claims)
    }

    /// Returns the `grant_type` that is sent; Adobe's JWT exchange sends none.
    pub fn grant_type(&self) -> Option<&str> {
        self.grant.sent_grant_type()
    }

    /// Returns the way in which the client authenticates itself, if it does.
    pub fn client_auth(&self) -> Option<ClientAuthMethod> {
        let is_by_secret = self.signing_secret.is_some();
        self.grant.client().and_then(|client| client.method(is_by_secret))
    }

    /// Returns what each JWT of the grant says, if one is signed.
    pub(super) fn assertion(&self) -> Option<&Assertion> {
        self.grant.assertion().and_then(JwtSource::signed)
    }

    /// Returns what each JWT that authenticates the client says, if one is signed.
    pub fn client_assertion(&self) -> Option<&Assertion> {
        self.grant.client_assertion().and_then(JwtSource::signed)
    }

    /// Returns true if a JWT in the requests comes from a file, a command or a URL: it is not signed here.
    pub fn has_assertion_source(&self) -> bool {
        self.assertion_source().is_some()
    }

    /// Returns where a JWT comes from that is not signed here.
    pub(crate) fn assertion_source(&self) -> Option<&AssertionSource> {
        let all = [self.grant.assertion(), self.grant.client_assertion()];
        all.into_iter().flatten().find_map(JwtSource::elsewhere)
    }

    /// Returns the server's issuer, where it is known.
    pub fn issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref()
    }

    /// Returns the scopes that are asked for, with commas or blanks between.
    pub fn scope(&self) -> Option<&str> {
        self.grant.scope()
    }

    /// Returns the public key as DER (RFC 5280 `SubjectPublicKeyInfo`), for a server that verifies
    /// the JWTs. Returns `None` for client credentials.
    ///
    /// # Errors
    /// [`Status::Key`] where the key is damaged.
    pub fn public_key(&self) -> Result<Option<Vec<u8>>, Error> {
        self.key.as_ref().map(UncheckedKey::public_key).transpose()
    }

    /// Returns the certificates that the credentials hold, each DER, in their order. Whether they
    /// belong to the key is not checked.
    ///
    /// # Errors
    /// [`Status::Credentials`] where they cannot be read.
    pub fn certificates(&self) -> Result<Vec<Vec<u8>>, Error> {
        self.certificate.as_deref().map_or(Ok(Vec::new()), certificates)
    }

    /// Returns where the grant is sent; the issuer, where only its metadata says that.
    pub fn token_url(&self) -> &TokenUrl {
        self.endpoint.url()
    }

    /// Returns the token URL, for which the issuer's metadata may have to be asked.
    ///
    /// # Errors
    /// [`Status::Credentials`] naming `client_auth` or `alg`, where the metadata shows that the server
    /// does not take it; [`Status::Response`] naming `issuer`; any status of the network.
    pub(crate) fn token_endpoint(&self, call: Call<'_>) -> Result<TokenUrl, Error> {
        let found = self.endpoint.token_url(|| self.needs(), call);
        found.map_err(|error| match (&self.place, error.status()) {
            (Some(place), Status::Credentials) => error.at(place.clone()),
            _ => error,
        })
    }

    /// Returns what the requests need of the server.
    pub(crate) fn needs(&self) -> Needs {
        let mut algs: Vec<Algorithm> =
            self.each().filter_map(|one| one.client_algorithm()).collect();
        algs.dedup();
        let grant_type = self.grant_type().map(str::to_owned);
        Needs { client_auth: self.client_auth(), algs, grant_type }
    }

    /// Returns the credentials with each secret and key, in the order in which they are tried.
    pub fn each(&self) -> impl Iterator<Item = &Self> {
        [self].into_iter().chain(&self.others)
    }

    /// Returns the algorithm that signs the client's assertion, if the client has one.
    pub(crate) fn client_algorithm(&self) -> Option<Algorithm> {
        let chosen = self.client_assertion()?.header.alg;
        chosen.or_else(|| match (&self.signing_secret, &self.key) {
            (Some(_), _) => Some(Algorithm::HS256),
            (None, key) => key.as_ref().map(UncheckedKey::default_algorithm),
        })
    }

    /// Returns the key, checked, with its certificate matched and its dates checked at `now`; `None`
    /// with client credentials. Nothing before this call needs OpenSSL.
    ///
    /// # Errors
    /// [`Status::Key`] and [`Status::Credentials`], naming the key or the certificate.
    pub fn checked_key(&self, now: SystemTime) -> Result<Option<Key>, Error> {
        let key = match (&self.checked, &self.key) {
            (Some(key), _) => key.clone(),
            (None, Some(key)) => {
                key.check().map_err(|error| self.locate(error, &self.key_field))?
            }
            (None, None) => return Ok(None),
        };
        if let Some(certificate) = &self.certificate {
            key.check_certificate(certificate, now)
                .map_err(|error| self.locate(error, &self.certificate_field))?;
        }
        Ok(Some(key))
    }

    /// Checks the key of a list, its certificate, and that it signs what a request will hold. A certificate
    /// may be out of date: others in the list serve meanwhile.
    ///
    /// # Errors
    /// Those of [`Credentials::checked_key`] and of a signature.
    pub(super) fn check_key(&self) -> Result<(), Error> {
        let now = SystemTime::now();
        let checked =
            self.checked_key(now).and_then(|key| self.check_signatures(key.as_ref(), now));
        match checked {
            Ok(_) => Ok(()),
            Err(error) if error.field() != Some("certificate") => Err(error),
            Err(error)
                if matches!(error.cause(), Some(Cause::ExpiredCertificate | Cause::ClockOrExp)) =>
            {
                Ok(())
            }
            Err(error) => {
                let key = self.key_field.as_str();
                let hint = format!("the key is {key}: give it a certificate of its own");
                Err(error.with_more_hint(&*hint))
            }
        }
    }

    /// Names the setting and its place in an error.
    fn locate(&self, error: Error, field: &Field) -> Error {
        let error = error.with_field(field.clone());
        match &self.place {
            Some(place) => error.at(place.clone()),
            None => error,
        }
    }

    /// Adds to the hint of a server's or connection's error the settings to check, with the user's
    /// names, and their expected look.
    pub(crate) fn explain(&self, error: Error) -> Error {
        // The platform's JWT comes from elsewhere: the settings of the token server are not at fault.
        let is_elsewhere = self
            .assertion_source()
            .is_some_and(|source| error.field() == Some(source.field.as_str()));
        let more = match error.status() {
            Status::Connect if error.is_no_accounts() || is_elsewhere => return error,
            Status::Connect => &self.explained.connect,
            Status::Rejected => &self.explained.rejected,
            _ => return error,
        };
        if more.is_empty() { error } else { error.with_more_hint(more.as_str()) }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("client_id", &self.client_id())
            .field("org_id", &self.org_id)
            .field("sandbox_name", &self.sandbox_name)
            .finish_non_exhaustive()
    }
}

fn not_of_ims() -> Error {
    Error::argument(
        "grant",
        "is not one of Adobe IMS, which alone validates and invalidates tokens",
    )
}
