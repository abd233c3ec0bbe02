//! Apple's App Attest: what its service says of an app on a device, verified by the steps of "Validating apps that connect to your server"
//! (developer.apple.com/documentation/devicecheck). The receipt, by which Apple would tell of risks later, is not looked at.
//!
//! Apple attests no key of the Secure Enclave that an app uses for itself, and its own key agrees with nobody. So the app has its keys' points
//! vouched for ([`ClientData`]): what is proved is that this very app, unchanged, on a device of Apple's, says so. That the keys rest in the Secure
//! Enclave then follows from what the app does.

use keycard::{Canonical as _, Protection, pairing::ClientData};
use sha2::{Digest as _, Sha256};
use x509_cert::der::Decode as _;

use super::{Expected, cbor::Reader, leads_to_root};
use crate::platform::moment::Moment;

const NONCE: &str = "1.2.840.113635.100.8.2";
/// SEQUENCE { [1] { OCTET STRING of 32 bytes } }: the only form that Apple gives it.
const NONCE_HEAD: [u8; 6] = [0x30, 0x24, 0xa1, 0x22, 0x04, 0x20];
/// Apps that Apple signed for distribution; "appattestdevelop" is for apps from Xcode, and is not taken.
const AAGUID: &[u8; 16] = b"appattest\0\0\0\0\0\0\0";
/// A map of three: no certificate begins so.
const OBJECT_BEGINS: u8 = 0xa3;

/// Whether this is from App Attest, and no chain of certificates.
pub(super) fn is_object(items: &[Vec<u8>]) -> bool {
    items.first().and_then(|first| first.first()) == Some(&OBJECT_BEGINS)
}

/// The level that Apple's object and the app's words beside it prove.
pub(super) fn verify(items: &[Vec<u8>], roots: &[Vec<u8>], expected: &Expected<'_>, now: Moment) -> Result<Protection, &'static str> {
    let [object, said] = items else { return Err("not an object and what the app said") };
    let said = ClientData::decode(said).map_err(|_| "the app said nothing of its keys")?;
    if said.keys != *expected.keys {
        return Err("another key");
    }
    if expected.challenge.is_some_and(|challenge| said.challenge != *challenge) {
        return Err("another challenge");
    }
    verify_object(object, roots, &said.hash(), expected.apple, now)?;
    Ok(Protection::SecureEnclave)
}

/// Apple's object.
struct Object<'a> {
    chain: Vec<Vec<u8>>,
    authenticator_data: &'a [u8],
}

impl<'a> Object<'a> {
    /// Reads the one form that Apple gives it: format, statement of chain and receipt, authenticator data.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        reader.map(3)?;
        reader.text("fmt")?;
        reader.text("apple-appattest")?;
        reader.text("attStmt")?;
        reader.map(2)?;
        reader.text("x5c")?;
        reader.list(2)?;
        let chain = vec![reader.bytes()?.to_vec(), reader.bytes()?.to_vec()];
        reader.text("receipt")?;
        let _receipt = reader.bytes()?;
        reader.text("authData")?;
        let authenticator_data = reader.bytes()?;
        reader.end()?;
        Some(Self { chain, authenticator_data })
    }
}

/// What the authenticator data says (WebAuthn section 6.1). After the credential's id comes its key once more, which the leaf has too.
struct Said {
    app_hash: [u8; 32],
    counter: [u8; 4],
    aaguid: [u8; 16],
    credential: [u8; 32],
}

impl Said {
    fn read(data: &[u8]) -> Option<Self> {
        let (app_hash, rest) = data.split_first_chunk::<32>()?;
        let (_flags, rest) = rest.split_first_chunk::<1>()?;
        let (counter, rest) = rest.split_first_chunk::<4>()?;
        let (aaguid, rest) = rest.split_first_chunk::<16>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (credential, _key) = rest.split_first_chunk::<32>()?;
        (u16::from_be_bytes(*length) == 32).then_some(Self {
            app_hash: *app_hash,
            counter: *counter,
            aaguid: *aaguid,
            credential: *credential,
        })
    }
}

/// Apple's steps 1 to 9. `app` is the team's id and the bundle's, with a dot between; none: it was judged before.
pub(super) fn verify_object(
    object: &[u8],
    roots: &[Vec<u8>],
    client_data_hash: &[u8],
    app: Option<&str>,
    now: Moment,
) -> Result<(), &'static str> {
    let object = Object::read(object).ok_or("an object that does not read")?;
    if !leads_to_root(&object.chain, roots, now).unwrap_or(false) {
        return Err("no chain to a vendor's root");
    }
    let leaf = x509_cert::Certificate::from_der(&object.chain[0]).map_err(|_| "not a certificate")?;
    let nonce = Sha256::new().chain_update(object.authenticator_data).chain_update(client_data_hash).finalize();
    let attested = nonce_of(&leaf).ok_or("no nonce")?;
    if attested != [&NONCE_HEAD[..], &nonce[..]].concat() {
        return Err("another nonce");
    }
    let said = Said::read(object.authenticator_data).ok_or("authenticator data that does not read")?;
    let point = leaf.tbs_certificate.subject_public_key_info.subject_public_key.as_bytes().ok_or("not a certificate")?;
    if Sha256::digest(point)[..] != said.credential {
        return Err("another credential");
    }
    if app.is_some_and(|app| Sha256::digest(app)[..] != said.app_hash) {
        return Err("another app");
    }
    if said.counter != [0; 4] {
        return Err("a key that was used before");
    }
    if said.aaguid != *AAGUID {
        return Err("not a customer's device");
    }
    Ok(())
}

/// The value of the one extension that holds the nonce.
fn nonce_of(certificate: &x509_cert::Certificate) -> Option<&[u8]> {
    let extensions = certificate.tbs_certificate.extensions.as_deref().unwrap_or_default();
    let mut found = extensions.iter().filter(|extension| extension.extn_id.to_string() == NONCE);
    let value = found.next()?.extn_value.as_bytes();
    found.next().is_none().then_some(value)
}
