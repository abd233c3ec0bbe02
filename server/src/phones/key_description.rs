//! What Android's key hardware says of a key: the extension KeyDescription (1.3.6.1.4.1.11129.2.1.17), read strictly.
//!
//! Its tags go above thirty, which the crate `der` does not read: the few forms that occur are read here, definite lengths only, nothing twice.
//! Schema: <https://source.android.com/docs/security/features/keystore/attestation>.

/// Where a key rests, by the numbers of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Nobody guards it.
    Software,
    /// The trusted environment.
    TrustedEnvironment,
    /// A chip of its own.
    StrongBox,
}

/// What the hardware enforces; of what software says it enforces the app alone is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyDescription {
    /// The lower of who attests and who keeps the key.
    pub level: Level,
    /// What the app asked to be attested.
    pub challenge: Vec<u8>,
    /// What the key may do: 2 is signing, 6 agreeing.
    pub purposes: Vec<u64>,
    /// 3 is elliptic curves.
    pub algorithm: Option<u64>,
    /// 1 is P-256.
    pub curve: Option<u64>,
    /// 0 is made inside.
    pub origin: Option<u64>,
    /// Whether the key is used without asking the person.
    pub asks_nobody: bool,
    /// Whether the boot loader is locked.
    pub locked: bool,
    /// Whether what was started is the vendor's own.
    pub verified_boot: bool,
    /// What software enforces, unread: [`Application`] stands in it.
    software: Vec<u8>,
}

/// The app that had the key made. Android's own system writes it down, so it counts as far as the system does that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Application {
    /// The names of the packages; several where apps share a user.
    pub packages: Vec<Vec<u8>>,
    /// SHA-256 of each certificate that signed them.
    pub signers: Vec<Vec<u8>>,
}

const UNIVERSAL: u8 = 0;
const CONTEXT: u8 = 2;
const BOOLEAN: u32 = 1;
const INTEGER: u32 = 2;
const OCTETS: u32 = 4;
const NULL: u32 = 5;
const ENUMERATED: u32 = 10;
const SEQUENCE: u32 = 16;
const SET: u32 = 17;
const PURPOSE: u32 = 1;
const ALGORITHM: u32 = 2;
const CURVE: u32 = 10;
const NO_AUTH_REQUIRED: u32 = 503;
const ORIGIN: u32 = 702;
const ROOT_OF_TRUST: u32 = 704;
const APPLICATION_ID: u32 = 709;

/// One element after another.
struct Reader<'a>(&'a [u8]);

struct Element<'a> {
    class: u8,
    tag: u32,
    content: &'a [u8],
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn tag(&mut self) -> Option<(u8, u32)> {
        let first = self.byte()?;
        let (class, low) = (first >> 6, u32::from(first & 0x1f));
        if low != 0x1f {
            return Some((class, low));
        }
        let mut tag = 0_u32;
        for place in 0..3 {
            let byte = self.byte()?;
            if place == 0 && byte == 0x80 {
                return None;
            }
            tag = tag << 7 | u32::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                return (tag > 30).then_some((class, tag));
            }
        }
        None
    }

    fn length(&mut self) -> Option<usize> {
        let first = self.byte()?;
        if first < 0x80 {
            return Some(usize::from(first));
        }
        let (length, least) = match first {
            0x81 => (usize::from(self.byte()?), 0x80),
            0x82 => (usize::from(self.byte()?) << 8 | usize::from(self.byte()?), 0x100),
            _ => return None,
        };
        (length >= least).then_some(length)
    }

    fn element(&mut self) -> Option<Element<'a>> {
        let (class, tag) = self.tag()?;
        let length = self.length()?;
        if length > self.0.len() {
            return None;
        }
        let (content, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(Element { class, tag, content })
    }

    fn universal(&mut self, wanted: u32) -> Option<&'a [u8]> {
        self.element().filter(|found| found.class == UNIVERSAL && found.tag == wanted).map(|found| found.content)
    }

    fn number(&mut self, kind: u32) -> Option<u64> {
        number(self.universal(kind)?)
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// A number that is not below zero, in the shortest form.
fn number(content: &[u8]) -> Option<u64> {
    let padded = matches!(content, [0, second, ..] if *second < 0x80);
    if content.is_empty() || content.len() > 9 || content[0] >= 0x80 || padded {
        return None;
    }
    content.iter().try_fold(0_u64, |value, byte| value.checked_mul(256)?.checked_add(u64::from(*byte)))
}

/// One element and nothing after it.
fn only(bytes: &[u8], kind: u32) -> Option<&[u8]> {
    let mut reader = Reader(bytes);
    let content = reader.universal(kind)?;
    reader.end()?;
    Some(content)
}

fn level(number: u64) -> Option<Level> {
    [Level::Software, Level::TrustedEnvironment, Level::StrongBox].into_iter().nth(usize::try_from(number).ok()?)
}

impl KeyDescription {
    /// Reads the extension's value; none when it breaks its form.
    pub(super) fn read(value: &[u8]) -> Option<Self> {
        let mut reader = Reader(only(value, SEQUENCE)?);
        reader.number(INTEGER)?;
        let attesting = level(reader.number(ENUMERATED)?)?;
        reader.number(INTEGER)?;
        let keeping = level(reader.number(ENUMERATED)?)?;
        let challenge = reader.universal(OCTETS)?.to_vec();
        let _unique_id = reader.universal(OCTETS)?;
        let software = reader.universal(SEQUENCE)?.to_vec();
        let enforced = reader.universal(SEQUENCE)?;
        reader.end()?;
        let nothing = Self {
            level: attesting.min(keeping),
            challenge,
            purposes: Vec::new(),
            algorithm: None,
            curve: None,
            origin: None,
            asks_nobody: false,
            locked: false,
            verified_boot: false,
            software,
        };
        nothing.enforced(enforced)
    }

    /// The list of what the hardware enforces: tags in rising order, each once.
    fn enforced(mut self, list: &[u8]) -> Option<Self> {
        let (mut reader, mut last) = (Reader(list), None);
        while reader.end().is_none() {
            let element = reader.element().filter(|element| element.class == CONTEXT)?;
            if last.is_some_and(|last| element.tag <= last) {
                return None;
            }
            last = Some(element.tag);
            match element.tag {
                PURPOSE => {
                    let mut purposes = Reader(only(element.content, SET)?);
                    while purposes.end().is_none() {
                        self.purposes.push(purposes.number(INTEGER)?);
                    }
                }
                ALGORITHM => self.algorithm = Some(number(only(element.content, INTEGER)?)?),
                CURVE => self.curve = Some(number(only(element.content, INTEGER)?)?),
                NO_AUTH_REQUIRED => self.asks_nobody = only(element.content, NULL).is_some(),
                ORIGIN => self.origin = Some(number(only(element.content, INTEGER)?)?),
                ROOT_OF_TRUST => {
                    let mut root = Reader(only(element.content, SEQUENCE)?);
                    root.universal(OCTETS)?;
                    self.locked = root.universal(BOOLEAN)? == [0xff];
                    self.verified_boot = root.number(ENUMERATED)? == 0;
                }
                _ => {}
            }
        }
        Some(self)
    }
}

impl KeyDescription {
    /// The app that had the key made; none when the system does not say, says it twice, or breaks its form.
    pub(super) fn application(&self) -> Option<Application> {
        let (mut reader, mut found) = (Reader(&self.software), None);
        while reader.end().is_none() {
            let element = reader.element().filter(|element| element.class == CONTEXT)?;
            if element.tag == APPLICATION_ID && found.replace(element.content).is_some() {
                return None;
            }
        }
        let mut id = Reader(only(only(found?, OCTETS)?, SEQUENCE)?);
        let (mut infos, mut digests) = (Reader(id.universal(SET)?), Reader(id.universal(SET)?));
        id.end()?;
        let (mut packages, mut signers) = (Vec::new(), Vec::new());
        while infos.end().is_none() {
            let mut info = Reader(infos.universal(SEQUENCE)?);
            packages.push(info.universal(OCTETS)?.to_vec());
            info.number(INTEGER)?;
            info.end()?;
        }
        while digests.end().is_none() {
            signers.push(digests.universal(OCTETS)?.to_vec());
        }
        Some(Application { packages, signers })
    }
}
