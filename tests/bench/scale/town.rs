//! Who is in the filled database: made-up companies, people and certificates, the same in every run but for their times.

use certs::{profiles::Kind, serial::Serial};
use segl::{
    certificates::Certificate,
    platform::{id::AuthorityId, moment::Moment, text},
};
use time::Duration;
use uuid::Uuid;

/// So many companies.
pub const COMPANIES: usize = 10_000;
/// So many people in them, each with a certificate to sign, one for mail, one to encrypt: 1,000,002 certificates.
pub const PEOPLE: usize = 333_334;
/// So many of the people are in the first company, whose lists are long.
pub const IN_FIRST: usize = 3_334;
/// The oldest certificate is so old.
const AGE: Duration = Duration::days(1094);
/// The first ordinal: of a shard that the world before has not touched.
const FIRST_ORDINAL: i64 = 2_000;
const GIVEN: [&str; 12] = ["Åse", "Bo", "Cecilie", "Ditte", "Erik", "Freja", "Gorm", "Henriette", "Ib", "Jørgen", "Kirsten", "Søren"];
const SURNAMES: [&str; 12] =
    ["Ådal", "Bæk", "Christiansen", "Dahl", "Ebbesen", "Frandsen", "Gade", "Hansen", "Iversen", "Jæger", "Kjær", "Østergaard"];
const TRADES: [&str; 10] = ["Bageri", "Tømrer", "VVS", "Rederi", "Gartneri", "Boghandel", "Værft", "Møbler", "Fragt", "Rådgivning"];

/// Numbers without a pattern, the same in every run (splitmix64).
pub struct Seed(pub u64);

impl Seed {
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % end as u64).unwrap()
    }

    pub fn octets<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.number().to_le_bytes()[3])
    }

    pub fn id(&mut self, at: Moment) -> Uuid {
        uuid::Builder::from_unix_timestamp_millis(at.millis().unsigned_abs(), &self.octets()).into_uuid()
    }
}

pub struct Company {
    pub id: Uuid,
    pub legal_name: String,
    pub search_name: String,
    pub number: String,
    /// Who administers it: an index of the people.
    pub first: usize,
}

pub struct Person {
    pub id: Uuid,
    pub account: Uuid,
    pub company: usize,
}

pub struct Issued {
    pub id: Uuid,
    pub serial: Serial,
}

/// A certificate as the service made it, of which the others are copies with other serial numbers.
pub struct Pattern {
    pub kind: Kind,
    serial: Serial,
    der: Vec<u8>,
}

impl Pattern {
    pub fn of(certificate: Certificate) -> Self {
        let Certificate { kind, serial, der, .. } = certificate;
        Self { kind, serial, der: der.unwrap() }
    }

    /// The certificate with another serial number. The signature is the first one's: nobody who lists or finds looks at it.
    pub fn with(&self, serial: Serial) -> Vec<u8> {
        let at = self.der.windows(16).position(|window| window == self.serial.as_bytes()).unwrap();
        let mut changed = self.der.clone();
        changed[at..at + 16].copy_from_slice(serial.as_bytes());
        changed
    }
}

/// All of it.
pub struct Town {
    pub now: Moment,
    pub authority: AuthorityId,
    pub patterns: Vec<Pattern>,
    pub companies: Vec<Company>,
    pub people: Vec<Person>,
    pub certificates: Vec<Issued>,
}

impl Town {
    /// `first` is the company that the world before has founded, in which the bench's administrator and employee are.
    pub fn of(now: Moment, first: Uuid, patterns: Vec<Certificate>) -> Self {
        let authority = patterns[0].authority;
        let mut seed = Seed(3);
        let begin = now.plus(-AGE).plus(-Duration::days(1));
        let companies = (0..=COMPANIES).map(|at| company(at, if at == 0 { first } else { seed.id(begin) })).collect();
        let people = (0..PEOPLE).map(|at| Person { id: seed.id(begin), account: seed.id(begin), company: company_of(at) }).collect();
        let patterns: Vec<Pattern> = patterns.into_iter().map(Pattern::of).collect();
        let mut town = Self { now, authority, patterns, companies, people, certificates: Vec::new() };
        for at in 0..PEOPLE * town.patterns.len() {
            let issued_at = town.issued_at(at);
            let serial = Serial::from_time(issued_at.millis().unsigned_abs(), seed.octets());
            town.certificates.push(Issued { id: seed.id(issued_at), serial });
        }
        town
    }

    /// Certificates came evenly over three years, kind by kind.
    pub fn issued_at(&self, certificate: usize) -> Moment {
        let all = i64::try_from(PEOPLE * self.patterns.len()).unwrap();
        let passed = AGE.whole_milliseconds() as i64 / all * i64::try_from(certificate).unwrap();
        self.now.plus(-AGE).plus(Duration::milliseconds(passed))
    }

    pub fn not_after(&self, certificate: usize) -> Moment {
        let days = if self.pattern(certificate).kind == Kind::Mail { 825 } else { 1095 };
        self.issued_at(certificate).plus(Duration::days(days))
    }

    /// Two of a hundred, and everything in one shard.
    pub fn is_revoked(&self, certificate: usize) -> bool {
        certificate % 50 == 7 || self.shard(certificate) == FULL_SHARD
    }

    pub fn ordinal(&self, certificate: usize) -> i64 {
        FIRST_ORDINAL + i64::try_from(certificate).unwrap()
    }

    pub fn shard(&self, certificate: usize) -> i64 {
        segl::status::shard_of(self.ordinal(certificate))
    }

    pub fn pattern(&self, certificate: usize) -> &Pattern {
        &self.patterns[certificate / PEOPLE]
    }

    pub fn holder(&self, certificate: usize) -> &Person {
        &self.people[certificate % PEOPLE]
    }
}

/// The shard in which everything is revoked.
pub const FULL_SHARD: i64 = 400;

fn company_of(person: usize) -> usize {
    person.checked_sub(IN_FIRST).map_or(0, |rest| 1 + rest % COMPANIES)
}

fn company(at: usize, id: Uuid) -> Company {
    let legal_name = format!("{} {at:05} ApS", TRADES[at % TRADES.len()]);
    let first = if at == 0 { 0 } else { IN_FIRST + at - 1 };
    Company { id, search_name: text::sort_key(&legal_name), legal_name, number: format!("{:08}", 90_000_000 - at), first }
}

/// The names of a person.
pub fn names(person: usize) -> (&'static str, &'static str) {
    (GIVEN[person % GIVEN.len()], SURNAMES[person / GIVEN.len() % SURNAMES.len()])
}

/// The key by which a person is listed.
pub fn search_name(person: usize) -> String {
    let (given, surname) = names(person);
    text::sort_key(&format!("{surname} {given}"))
}

/// The address of a person.
pub fn address(person: usize) -> String {
    format!("p{person}@c{}.example.dk", company_of(person))
}
