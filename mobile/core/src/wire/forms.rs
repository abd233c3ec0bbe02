//! The forms in which bytes, keys and signed messages stand in JSON. Each is judged while it is read.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::bytes::Canonical;
use crate::fault::{Fault, Rule};
use crate::offline::KeptOffline;
use crate::opener::Opener;
use crate::plain;
use crate::public_key::{PublicKey, SIGNATURE_BYTES, Signature};
use crate::release::Release;
use crate::sealed::Sealed;
use crate::signed::Signed;

fn decode(field: &'static str, text: &str, bound: usize) -> Result<Vec<u8>, Fault> {
    if text.len() > bound.saturating_mul(4).div_ceil(3) {
        return Err(Rule::TooLong { bound }.at(field));
    }
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Rule::NotBase64.at(field))
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    #[derive(Deserialize)]
    struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);
    Borrowed::deserialize(deserializer).map(|borrowed| borrowed.0)
}

/// At most `BOUND` bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base64<const BOUND: usize>(pub Vec<u8>);

impl<const BOUND: usize> Serialize for Base64<BOUND> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl<'de, const BOUND: usize> Deserialize<'de> for Base64<BOUND> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decode("bytes", &text(deserializer)?, BOUND).map(Self).map_err(D::Error::custom)
    }
}

/// Exactly `N` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact<const N: usize>(pub [u8; N]);

impl<const N: usize> Serialize for Exact<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Exact<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = decode("bytes", &text(deserializer)?, N).map_err(D::Error::custom)?;
        bytes.try_into().map(Self).map_err(|_| D::Error::custom(Rule::WrongLength { expected: N }.at("bytes")))
    }
}

/// Plain text of 1 to `CHARACTERS` characters ([`crate::plain`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PlainText<const CHARACTERS: usize>(String);

impl<const CHARACTERS: usize> PlainText<CHARACTERS> {
    /// Judges a text.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn new(text: &str) -> Result<Self, Fault> {
        plain::judge("text", text, CHARACTERS)?;
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de, const CHARACTERS: usize> Deserialize<'de> for PlainText<CHARACTERS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&text(deserializer)?).map_err(D::Error::custom)
    }
}

/// At most `MOST` items; the next one is not even read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Bounded<T, const MOST: usize>(Vec<T>);

impl<T, const MOST: usize> Default for Bounded<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MOST: usize> Bounded<T, MOST> {
    /// Takes the items.
    ///
    /// # Errors
    /// [`Fault`] when there are more.
    pub fn new(items: Vec<T>) -> Result<Self, Fault> {
        if items.len() > MOST { Err(Rule::TooMany { bound: MOST }.at("list")) } else { Ok(Self(items)) }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The items.
    #[must_use]
    pub fn items(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Bounded<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T, const MOST: usize>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Items<T, MOST> {
            type Value = Vec<T>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "a list of at most {MOST}")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<T>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = sequence.next_element()? {
                    if items.len() == MOST {
                        return Err(A::Error::custom(Rule::TooMany { bound: MOST }.at("list")));
                    }
                    items.push(item);
                }
                Ok(items)
            }
        }

        deserializer.deserialize_seq(Items::<T, MOST>(std::marker::PhantomData)).map(Self)
    }
}

macro_rules! as_base64 {
    ($kind:ty, $field:literal, $bound:expr, $bytes:ident, $read:expr) => {
        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.$bytes()))
            }
        }

        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let bytes = decode($field, &text(deserializer)?, $bound).map_err(D::Error::custom)?;
                let read: fn(&[u8]) -> Result<Self, Fault> = $read;
                read(&bytes).map_err(D::Error::custom)
            }
        }
    };
}

as_base64!(KeptOffline, "kept offline secret", crate::SEALED_BYTES, bytes, KeptOffline::from_bytes);
as_base64!(Opener, "opener", crate::SEALED_BYTES, bytes, Opener::from_bytes);
as_base64!(PublicKey, "public key", crate::PUBLIC_KEY_BYTES, sec1, |bytes| PublicKey::from_sec1("public key", bytes));
as_base64!(Release, "release", crate::SEALED_BYTES, bytes, Release::from_bytes);
as_base64!(Sealed, "sealed", crate::SEALED_BYTES, bytes, |bytes| Sealed::from_bytes("sealed", bytes));
as_base64!(Signature, "signature", SIGNATURE_BYTES, der, |bytes| Signature::from_der("signature", bytes));

/// `{"message": canonical bytes, "signature": DER}`.
impl<T: Canonical> Serialize for Signed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            message: String,
            signature: &'a Signature,
        }
        Form { message: URL_SAFE_NO_PAD.encode(self.bytes()), signature: self.signature() }.serialize(serializer)
    }
}

impl<'de, T: Canonical> Deserialize<'de> for Signed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Form<'a> {
            #[serde(borrow)]
            message: Cow<'a, str>,
            signature: Signature,
        }
        let form = Form::deserialize(deserializer)?;
        let bytes = decode("message", &form.message, T::MAX_BYTES).map_err(D::Error::custom)?;
        Self::from_parts(bytes, form.signature).map_err(D::Error::custom)
    }
}
