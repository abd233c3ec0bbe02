//! Every page and every list, each by whom it is for: addresses, and how long their answers take.

use std::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use certs::{revocation::answer::question, serial::Serial};
use reqwest::{Method, RequestBuilder};
use segl::platform::{
    cursor::Cursor,
    id::{CertificateId, CompanyId, EmployeeId, Id as _},
};
use support::{
    client::{Client, send},
    visitor::Visitor,
};

use super::town::{IN_FIRST, Seed, Town, address, search_name};

/// So often each is asked for, after so many that are not counted.
const COUNT: usize = 300;
const BEFORE: usize = 5;

/// Who asks, with a browser and with a program.
pub struct Role {
    pub name: &'static str,
    pub browser: Visitor,
    pub program: Client,
}

/// What is known of the town when addresses are made.
pub struct Known<'a> {
    pub town: &'a Town,
    /// The certificate of the authority that issued everything.
    pub issuer: Vec<u8>,
    /// Its name in addresses.
    pub issuer_name: String,
}

/// The address of the next request.
type Address<'a> = Box<dyn Fn(&mut Seed) -> String + 'a>;

/// What is asked for: a line of the table.
pub struct Target<'a> {
    what: String,
    address: Address<'a>,
    is_page: bool,
}

fn target<'a>(what: &str, address: impl Fn(&mut Seed) -> String + 'a) -> Target<'a> {
    Target { what: what.to_owned(), address: Box::new(address), is_page: !what.starts_with("/api/") }
}

fn fixed(address: &str) -> Target<'static> {
    let own = address.to_owned();
    target(address, move |_| own.clone())
}

impl<'a> Known<'a> {
    fn company(&self) -> String {
        self.town.companies[0].id.to_string()
    }

    /// Somebody of the first company.
    fn colleague(&self, seed: &mut Seed) -> usize {
        seed.below(IN_FIRST)
    }

    fn any_company(&self, seed: &mut Seed) -> String {
        self.town.companies[seed.below(self.town.companies.len())].id.to_string()
    }

    /// Where a list of certificates goes on from somewhere within it.
    fn deep_certificate(&self, seed: &mut Seed, end: usize) -> String {
        let at = seed.below(end);
        Cursor::at("", CertificateId::from_uuid(self.town.certificates[at].id)).word()
    }

    fn serial(&self, seed: &mut Seed, end: usize) -> Serial {
        self.town.certificates[seed.below(end)].serial
    }

    fn deep_colleague(&self, seed: &mut Seed) -> String {
        let at = self.colleague(seed);
        Cursor::at(&search_name(at), EmployeeId::from_uuid(self.town.people[at].id)).word()
    }

    fn deep_company(&self, seed: &mut Seed) -> String {
        let company = &self.town.companies[1 + seed.below(self.town.companies.len() - 1)];
        Cursor::at(&company.search_name, CompanyId::from_uuid(company.id)).word()
    }

    /// A moment at which somebody asked for keys, within the list of the first company.
    fn deep_recovery(&self, seed: &mut Seed) -> String {
        let back = time::Duration::minutes(30 * i64::try_from(1 + seed.below(50_000)).unwrap());
        let id = seed.id(self.town.now.plus(-back));
        Cursor::at("", segl::platform::id::RecoveryId::from_uuid(id)).word()
    }

    fn ocsp(&self, serial: Serial) -> String {
        let encoded = STANDARD.encode(question(&self.issuer, &[serial]).unwrap());
        format!("/ocsp/{}", encoded.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"))
    }

    /// Somebody's certificates: everything and one company hold the first certificates of their kinds.
    fn certificates(&'a self, end: usize) -> Vec<Target<'a>> {
        vec![
            fixed("/certificates"),
            target("/certificates?after=deep", move |seed| format!("/certificates?after={}", self.deep_certificate(seed, end))),
            target("/certificates/{serial}", move |seed| format!("/certificates/{}", self.serial(seed, end))),
            target("/certificates/{serial}.pem", move |seed| format!("/certificates/{}.pem", self.serial(seed, end))),
            target("/certificates/{serial}/chain.pem", move |seed| format!("/certificates/{}/chain.pem", self.serial(seed, end))),
            fixed("/api/v1/certificates"),
            target("/api/v1/certificates?after=deep", move |seed| {
                format!("/api/v1/certificates?after={}", self.deep_certificate(seed, end))
            }),
            target("/api/v1/certificates/{serial}", move |seed| format!("/api/v1/certificates/{}", self.serial(seed, end))),
        ]
    }

    /// What administrators look at: their own company, which has 3,334 people.
    pub fn of_administrator(&'a self) -> Vec<Target<'a>> {
        let at = format!("/companies/{}", self.company());
        let (page, api) = (at.clone(), format!("/api/v1{at}/employees"));
        let mut all = vec![fixed("/"), fixed(&at), fixed(&format!("{at}?name=%C3%B8sterg")), fixed(&format!("{at}/employees/new"))];
        all.push(target(&format!("{at}?after=deep"), move |seed| format!("{page}?after={}", self.deep_colleague(seed))));
        for rest in ["", "/person"] {
            let at = at.clone();
            all.push(target(&format!("{at}/employees/{{employee}}{rest}"), move |seed| {
                format!("{at}/employees/{}{rest}", self.town.people[self.colleague(seed)].id)
            }));
        }
        all.extend([fixed(&format!("{at}/certificates/new")), fixed(&format!("{at}/key-carriers"))]);
        all.extend(["/recoveries", "/recovery-holders", "/key-history", "/account"].map(fixed));
        all.push(target("/recoveries/new?employee={employee}", |seed| {
            format!("/recoveries/new?employee={}", self.town.people[self.colleague(seed)].id)
        }));
        all.push(target("/recoveries?after=deep", |seed| format!("/recoveries?after={}", self.deep_recovery(seed))));
        for rest in ["/certificates/import", "/sealed-documents"] {
            all.push(fixed(&format!("{at}{rest}")));
        }
        for rest in ["/seals", "/imported-certificates", "/key-carriers"] {
            all.push(fixed(&format!("/api/v1{at}{rest}")));
        }
        all.extend([fixed(&format!("/api/v1{at}")), fixed(&api), fixed(&format!("{api}?name=%C3%B8sterg"))]);
        let (deep, one) = (api.clone(), api.clone());
        all.push(target(&format!("{api}?after=deep"), move |seed| format!("{deep}?after={}", self.deep_colleague(seed))));
        all.push(target(&format!("{api}/{{employee}}"), move |seed| format!("{one}/{}", self.town.people[self.colleague(seed)].id)));
        all.extend([fixed("/api/v1/recoveries"), fixed("/api/v1/recovery-holders"), fixed("/api/v1/session")]);
        all.extend(self.certificates(IN_FIRST));
        all
    }

    /// What operators look at: everything.
    pub fn of_operator(&'a self) -> Vec<Target<'a>> {
        let mut all: Vec<Target<'a>> = ["/", "/account", "/operations", "/operations/pki", "/companies/new"].map(fixed).into();
        all.extend(["/api/v1/jobs", "/api/v1/operations/pki", "/api/v1/session"].map(fixed));
        for list in ["/companies", "/api/v1/companies"] {
            all.extend([fixed(list), fixed(&format!("{list}?name=rederi%2001"))]);
            all.push(target(&format!("{list}?after=deep"), move |seed| format!("{list}?after={}", self.deep_company(seed))));
            all.push(target(&format!("{list}?name=v&after=deep"), move |seed| format!("{list}?name=v&after={}", self.deep_company(seed))));
            all.push(target(&format!("{list}/{{company}}"), move |seed| format!("{list}/{}", self.any_company(seed))));
        }
        all.push(target("/api/v1/companies/{company}/employees", move |seed| {
            format!("/api/v1/companies/{}/employees", self.any_company(seed))
        }));
        for list in ["/audit", "/api/v1/audit"] {
            let subject = move |seed: &mut Seed| format!("{list}?subject=certificate:{}", self.town.certificates[seed.below(900_000)].id);
            all.extend([
                fixed(list),
                fixed(&format!("{list}?action=certificate.revoked")),
                fixed(&format!("{list}?action=never.happened")),
            ]);
            all.push(target(&format!("{list}?subject={{certificate}}"), subject));
            for filter in ["", "action=certificate.activated&", "action=certificate.revoked&"] {
                all.push(target(&format!("{list}?{filter}after=deep"), move |seed| {
                    let at = self.town.issued_at(seed.below(self.town.certificates.len()));
                    format!("{list}?{filter}after={}", seed.id(at))
                }));
            }
        }
        all.extend(self.certificates(self.town.certificates.len()));
        all
    }

    /// What employees look at: their own.
    pub fn of_employee(&'a self) -> Vec<Target<'a>> {
        let mut all: Vec<Target<'a>> = ["/", "/documents", "/certificates", "/account", "/account/directory", "/renewal"].map(fixed).into();
        all.extend(["/key-history", "/recoveries", "/api/v1/documents", "/api/v1/certificates", "/api/v1/session"].map(fixed));
        all.extend(["/api/v1/sessions", "/api/v1/tokens", "/api/v1/keycards", "/api/v1/directory/listing"].map(fixed));
        for list in ["/documents", "/api/v1/documents"] {
            all.push(target(&format!("{list}?after=deep"), move |seed| {
                let back = time::Duration::minutes(i64::try_from(100_000 + seed.below(2_000)).unwrap());
                format!("{list}?after={}", seed.id(self.town.now.plus(-back)))
            }));
        }
        all
    }

    /// What anybody may look at.
    pub fn of_stranger(&'a self) -> Vec<Target<'a>> {
        let mut all: Vec<Target<'a>> = ["/", "/trust", "/login", "/help", "/problems", "/verify", "/revoke", "/metrics"].map(fixed).into();
        all.extend(["/health/ready", "/audit/checkpoints", "/directory/search", "/api/v1/trust"].map(fixed));
        for search in ["/directory/search", "/directory", "/api/v1/directory"] {
            let found = move |seed: &mut Seed| format!("{search}?email={}", address(3 * seed.below(100_000)));
            let in_company = move |seed: &mut Seed| {
                let person = 3 * seed.below(100_000);
                format!("{search}?email={}&company={}", address(person), self.town.companies[self.town.people[person].company].number)
            };
            let nobody = move |seed: &mut Seed| format!("{search}?email=nobody{}@example.dk", seed.number());
            all.push(target(&format!("{search}?email={{listed}}"), found));
            all.push(target(&format!("{search}?email={{listed}}&company={{number}}"), in_company));
            all.push(target(&format!("{search}?email={{nobody}}"), nobody));
        }
        let all_certificates = self.town.certificates.len();
        all.push(target("/ocsp good or revoked, random", move |seed| self.ocsp(self.serial(seed, all_certificates))));
        all.push(target("/ocsp revoked, random", move |seed| {
            self.ocsp(self.town.certificates[seed.below(all_certificates / 50 - 1) * 50 + 7].serial)
        }));
        all.push(target("/ocsp unknown, random", move |seed| self.ocsp(Serial::from_random(seed.octets()))));
        let issuer = &self.issuer_name;
        all.push(target("/pki/{issuer}/{shard}.crl, random", move |seed| format!("/pki/{issuer}/{}.crl", 1 + seed.below(500))));
        all.push(target("/pki/{issuer}/full.crl", move |_| format!("/pki/{issuer}/full.crl")));
        all.push(target("/pki/{issuer}.cer", move |_| format!("/pki/{issuer}.cer")));
        all
    }
}

/// One line of the table: its name, half of the answers, 99 of a hundred, the slowest.
pub struct Line {
    pub what: String,
    pub median: Duration,
    pub p99: Duration,
    pub slowest: Duration,
}

/// The line of some spans.
pub fn line(what: &str, mut spans: Vec<Duration>) -> Line {
    spans.sort_unstable();
    let at = |share: usize| spans[(spans.len() * share).div_ceil(100).max(1) - 1];
    Line { what: what.to_owned(), median: at(50), p99: at(99), slowest: at(100) }
}

/// Asks for a target again and again, one request after the other.
pub async fn measure(role: &Role, target: &Target<'_>) -> Line {
    let mut seed = Seed(11);
    let (mut spans, mut last) = (Vec::with_capacity(COUNT), 0);
    for at in 0..BEFORE + COUNT {
        let request = request(role, target, &mut seed);
        let begun = Instant::now();
        let answer = send(request).await.unwrap();
        let span = begun.elapsed();
        let status = answer.status.as_u16();
        last = status;
        if at >= BEFORE {
            spans.push(span);
        }
    }
    // What answers otherwise is named as it is: nobody was found, or the page leads elsewhere.
    let answered = if last == 200 { String::new() } else { format!(" ({last})") };
    line(&format!("{} {}{answered}", role.name, target.what), spans)
}

fn request(role: &Role, target: &Target<'_>, seed: &mut Seed) -> RequestBuilder {
    let address = (target.address)(seed);
    let request = match target.is_page {
        true => role.browser.request(Method::GET, &address).header("Sec-Fetch-Site", "none"),
        false => role.program.request(Method::GET, &address),
    };
    // Each request comes from a network of its own: few questions a minute are answered to one.
    let network = seed.octets::<3>();
    let from = format!("10.{}.{}.{}", network[0], network[1], network[2]);
    request.header("X-Forwarded-For", from).header("X-Forwarded-Proto", "https")
}
