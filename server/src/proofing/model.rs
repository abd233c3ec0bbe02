//! The rule as one table: which documents there are, who takes them, and what they count for. Pages, API and tests read it here.

use crate::platform::{
    day::Day,
    id::{EmployeeId, ProofingId},
    moment::Moment,
    secret::Secret,
};

/// Nobody younger gets a signature (Lov 439 of 2018, section 4).
pub const YOUNGEST: i16 = 15;
/// Who is younger gets the youth notice.
pub const ADULT: i16 = 18;
/// So many documents without a photo, each of another kind, stand in for one with a photo.
pub const OTHERS: usize = 2;
/// More documents are not looked at.
pub const MOST_DOCUMENTS: usize = 8;

/// Where somebody is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// At work: the company's administrator vouches.
    Company,
    /// At an operator's desk.
    Desk,
    /// On the net, nobody meets anybody.
    Online,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Company, Self::Desk, Self::Online];

    /// The word in rows, forms and addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Desk => "desk",
            Self::Online => "online",
        }
    }

    /// The channel of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.word() == word)
    }
}

/// How somebody was vouched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// By the company's address, to which the temporary password goes.
    ByLetter,
    /// By documents that were looked at.
    Documents,
    /// By somebody who said that they met the person: what earlier releases recorded.
    InPerson,
}

impl Method {
    const ALL: [Self; 3] = [Self::ByLetter, Self::Documents, Self::InPerson];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ByLetter => "by_letter",
            Self::Documents => "documents",
            Self::InPerson => "in_person",
        }
    }

    /// The method of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.word() == word)
    }
}

/// What comes of it: how the key card reaches the person. In the order of what it proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Somebody vouched, and no document was looked at.
    Vouched,
    /// By post to the registered address, and never handed over.
    ByPost,
    /// Handed over at once.
    HandedOver,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Vouched, Self::ByPost, Self::HandedOver];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Vouched => "vouched",
            Self::ByPost => "by_post",
            Self::HandedOver => "handed_over",
        }
    }

    /// The outcome of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

/// What a document counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// It has a photo: enough alone.
    Photo,
    /// Two others are enough when one of them is such a one.
    Required,
    /// May be the second of two.
    Other,
}

/// Whose documents are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Country {
    /// Any country's.
    Any,
    /// Denmark's.
    Denmark,
    /// Those of the EU and the EEA.
    Eea,
}

/// The countries of the EU, and Iceland, Liechtenstein and Norway.
const EEA: [&str; 30] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT",
    "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

impl Country {
    /// Whether a country (two capital letters of ISO 3166) is among them.
    pub fn includes(self, code: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Denmark => code == "DK",
            Self::Eea => EEA.contains(&code),
        }
    }
}

/// Whether a document says until when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// Each does.
    Always,
    /// It never does.
    Never,
    /// Some do.
    Sometimes,
}

macro_rules! documents {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)+) => {
        /// A kind of document.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum DocumentKind { $($(#[$doc])* $name),+ }

        impl DocumentKind {
            /// The word in rows, forms and answers.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// The kind of a word.
            pub fn of(word: &str) -> Option<Self> {
                RULES.iter().map(|rule| rule.kind).find(|kind| kind.word() == word)
            }
        }
    };
}

documents! {
    /// A national driving licence.
    DrivingLicence = "driving_licence",
    /// A passport.
    Passport = "passport",
    /// The identity card of the Danish armed forces.
    MilitaryCard = "military_card",
    /// A NATO passport.
    NatoPassport = "nato_passport",
    /// The identity card of the Danish police.
    PoliceCard = "police_card",
    /// A permanent residence permit of type C, D or F.
    ResidencePermit = "residence_permit",
    /// The identity card of a Danish bank.
    BankCard = "bank_card",
    /// A certificate of baptism or of name.
    BaptismOrNameCertificate = "baptism_or_name_certificate",
    /// A certificate of birth and name.
    BirthAndNameCertificate = "birth_and_name_certificate",
    /// The health card.
    HealthCard = "health_card",
    /// The newest annual or preliminary tax assessment.
    TaxAssessment = "tax_assessment",
    /// Proof that a public benefit is paid.
    BenefitStatement = "benefit_statement",
}

/// The rule of one kind of document.
#[derive(Clone, Copy, Debug)]
pub struct DocumentRule {
    /// The kind.
    pub kind: DocumentKind,
    /// What it counts for.
    pub weight: Weight,
    /// Who takes it, and whose.
    pub channels: &'static [(Channel, Country)],
    /// It must be one of these types, when there are any.
    pub permits: &'static [&'static str],
    /// At most so many months old, when that matters: then it says when it was issued.
    pub months: Option<i32>,
    /// Whether it says until when it holds.
    pub expiry: Expiry,
    /// Whether its number is taken down (as what the keystore makes of it). Those without a photo bear a CPR number, which is not.
    pub numbered: bool,
}

impl DocumentRule {
    /// The rule of a kind.
    pub fn of(kind: DocumentKind) -> &'static Self {
        RULES.iter().find(|rule| rule.kind == kind).unwrap_or(&RULES[0])
    }

    /// Whose are taken by a channel; none when it takes no such document.
    pub fn taken_by(&self, channel: Channel) -> Option<Country> {
        self.channels.iter().find(|(known, _)| *known == channel).map(|(_, country)| *country)
    }
}

/// Photographs that the desk and administrators take, and nobody on the net.
const MET: &[(Channel, Country)] = &[(Channel::Company, Country::Denmark), (Channel::Desk, Country::Denmark)];
const MET_ANY: &[(Channel, Country)] = &[(Channel::Company, Country::Any), (Channel::Desk, Country::Any)];
const DESK: &[(Channel, Country)] = &[(Channel::Desk, Country::Denmark)];
const PHOTO: DocumentRule = DocumentRule {
    kind: DocumentKind::Passport,
    weight: Weight::Photo,
    channels: MET,
    permits: &[],
    months: None,
    expiry: Expiry::Sometimes,
    numbered: true,
};
const PAPER: DocumentRule = DocumentRule { weight: Weight::Other, channels: DESK, expiry: Expiry::Never, numbered: false, ..PHOTO };

/// The municipality's list (`Hvad skal jeg medbringe af legitimation?`), in its order. Ordering online took a Danish passport or driving licence.
pub static RULES: [DocumentRule; 12] = [
    DocumentRule {
        kind: DocumentKind::DrivingLicence,
        channels: &[(Channel::Company, Country::Eea), (Channel::Desk, Country::Eea), (Channel::Online, Country::Denmark)],
        expiry: Expiry::Always,
        ..PHOTO
    },
    DocumentRule {
        kind: DocumentKind::Passport,
        channels: &[(Channel::Company, Country::Any), (Channel::Desk, Country::Any), (Channel::Online, Country::Denmark)],
        expiry: Expiry::Always,
        ..PHOTO
    },
    DocumentRule { kind: DocumentKind::MilitaryCard, ..PHOTO },
    DocumentRule { kind: DocumentKind::NatoPassport, channels: MET_ANY, ..PHOTO },
    DocumentRule { kind: DocumentKind::PoliceCard, ..PHOTO },
    DocumentRule { kind: DocumentKind::ResidencePermit, permits: &["C", "D", "F"], ..PHOTO },
    DocumentRule { kind: DocumentKind::BankCard, ..PHOTO },
    DocumentRule {
        kind: DocumentKind::BaptismOrNameCertificate,
        weight: Weight::Required,
        channels: &[(Channel::Desk, Country::Any)],
        ..PAPER
    },
    // The list names it among the two, and not among those of which one must be there.
    DocumentRule { kind: DocumentKind::BirthAndNameCertificate, channels: &[(Channel::Desk, Country::Any)], ..PAPER },
    DocumentRule { kind: DocumentKind::HealthCard, weight: Weight::Required, expiry: Expiry::Sometimes, ..PAPER },
    // A new one comes each spring: one that is older than thirteen months is not the newest.
    DocumentRule { kind: DocumentKind::TaxAssessment, months: Some(13), ..PAPER },
    DocumentRule { kind: DocumentKind::BenefitStatement, months: Some(3), ..PAPER },
];

/// A document as somebody typed it.
#[derive(Clone, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Presented {
    /// Which kind, as `GET /api/v1/proofing-rules` names them.
    pub kind: String,
    /// The country that issued it, two letters; Denmark when left out.
    #[serde(default)]
    pub country: String,
    /// Who issued it: the police, a bank, a municipality.
    pub issuer: String,
    /// residence_permit: its type.
    #[serde(default)]
    pub permit: String,
    /// The day of issue, where the rule asks for it: YYYY-MM-DD.
    #[serde(default)]
    pub issued: String,
    /// The last day on which it holds, where it says so.
    #[serde(default)]
    pub expires: String,
    /// Its number, for documents with a photo. Kept is only what the keystore makes of it.
    #[serde(default, skip_serializing)]
    #[schema(value_type = Option<String>)]
    pub number: Option<Secret<String>>,
}

/// A document, read; its number apart.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Document {
    /// Which kind.
    pub kind: DocumentKind,
    /// The country that issued it.
    pub country: String,
    /// Who issued it.
    pub issuer: String,
    /// The type of a residence permit.
    pub permit: Option<String>,
    /// When it was issued, where that matters.
    pub issued: Option<Day>,
    /// The last day on which it holds.
    pub expires: Option<Day>,
}

/// What is wrong, and with which document (counted from 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lack {
    /// Which; none when it is about all of them, or the person.
    pub document: Option<usize>,
    /// What.
    pub reason: Reason,
}

/// Why documents do not suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The channel does not take this document.
    Channel(Channel),
    /// The channel takes only such a document of other countries.
    Country(Country),
    /// It held until this day.
    Expired(Day),
    /// Two others, and none of them a health card, baptism or name certificate.
    NoRequired,
    /// It was issued before it could be seen so late: so many months are the most.
    Old(i32),
    /// Not a permit of the types that count.
    Permit,
    /// A document with a photo is all that this channel takes.
    Photo(Channel),
    /// The same kind twice counts once.
    SameKind,
    /// Without a photo, so many others lack.
    TooFew(usize),
    /// The person is too young.
    Young,
}

/// How somebody was vouched for, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proofing {
    /// The id.
    pub id: ProofingId,
    /// Who.
    pub employee: EmployeeId,
    /// Where.
    pub channel: Channel,
    /// How.
    pub method: Method,
    /// What came of it.
    pub outcome: Outcome,
    /// The birth date, sealed; none where nobody told one yet.
    pub birth_date: Option<Vec<u8>>,
    /// Who saw it or vouched, as the audit names them.
    pub seen_by: String,
    /// When.
    pub seen_at: Moment,
}
