//! The little DER that is put together by hand: tag, length, value (ITU-T X.690), and `SEQUENCE { tbs, algorithm, BIT STRING }`.

/// The tags in use here.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tag {
    BitString,
    Constructed(u8),
    Context(u8),
    Integer,
    Null,
    ObjectIdentifier,
    PrintableString,
    Sequence,
    Set,
    Utf8String,
}

impl Tag {
    fn octet(self) -> u8 {
        match self {
            Self::BitString => 0x03,
            Self::Constructed(number) => 0xa0 | number,
            Self::Context(number) => 0x80 | number,
            Self::Integer => 0x02,
            Self::Null => 0x05,
            Self::ObjectIdentifier => 0x06,
            Self::PrintableString => 0x13,
            Self::Sequence => 0x30,
            Self::Set => 0x31,
            Self::Utf8String => 0x0c,
        }
    }
}

/// Tag, definite length in the shortest form, content.
pub(crate) fn tlv(tag: Tag, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag.octet());
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let octets = length.to_be_bytes();
        let first = octets.iter().position(|octet| *octet != 0).unwrap_or(0);
        out.push(0x80 | (octets.len() - first) as u8);
        out.extend_from_slice(&octets[first..]);
    }
    out.extend_from_slice(content);
    out
}

/// A certificate or CRL: `tbs` and `algorithm` are DER already, `signature` is the content of the BIT STRING.
pub(crate) fn signed(tbs: &[u8], algorithm: &[u8], signature: &[u8]) -> Vec<u8> {
    let mut bits = Vec::with_capacity(signature.len() + 1);
    bits.push(0);
    bits.extend_from_slice(signature);
    let content = [tbs, algorithm, &tlv(Tag::BitString, &bits)].concat();
    tlv(Tag::Sequence, &content)
}
