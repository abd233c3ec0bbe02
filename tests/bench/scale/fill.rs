//! Every table that grows, filled as the service would have filled it in three years.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use certs::profiles::Kind;
use openssl::sha::{Sha256, sha256};
use segl::platform::{id::Id as _, moment::Moment};
use time::Duration;
use uuid::Uuid;

use super::{
    rows::{Filler, Value as V},
    town::{IN_FIRST, Seed, Town, address, names, search_name},
};

/// So many documents has the employee whose lists are asked for; others have so many together.
const OWN_DOCUMENTS: usize = 2_000;
const DOCUMENTS: usize = 100_000;
/// Of what the service forgets after a while there is so much of each.
const PASSING: usize = 300_000;

/// Fills all of it. `employee` and its company are those of the bench; entries go on after the audit's last.
pub async fn fill(filler: &mut Filler, town: &Town, employee: Uuid, (sequence, head): (i64, Vec<u8>)) {
    companies(filler, town).await;
    people(filler, town).await;
    certificates(filler, town).await;
    statuses(filler, town).await;
    keys(filler, town).await;
    told(filler, town).await;
    documents(filler, town, employee).await;
    passing(filler, town).await;
    audit(filler, town, (sequence, head)).await;
}

async fn companies(filler: &mut Filler, town: &Town) {
    let begin = town.issued_at(0).millis();
    filler
        .into(
            "company (id, kind, number, cvr, legal_name, search_name, certificate_name, street, postal_code, city, state, pending, \
             administrators, registered_at, activated_at)",
        )
        .await;
    for company in &town.companies[1..] {
        let (name, number) = (V::Text(&company.legal_name), V::Text(&company.number));
        let row = [V::Id(company.id), V::Text("company"), V::Text(&company.number), number, name, V::Text(&company.search_name)];
        let rest = [V::Text(&company.legal_name), V::Text("Havnegade 1"), V::Text("4220"), V::Text("Korsør"), V::Text("active")];
        let counts = [V::Integer(0), V::Integer(1), V::Integer(begin), V::Integer(begin)];
        filler.add(&row.into_iter().chain(rest).chain(counts).collect::<Vec<_>>()).await;
    }
    filler.end().await;
    let mut seed = Seed(4);
    filler.into("signatory (id, company_id, name, email, link_expires_at, accepted_at)").await;
    for company in &town.companies[1..] {
        let (id, email) = (seed.id(town.issued_at(0)), format!("sigrid@{}.example.dk", company.number));
        let times = [V::Integer(town.now.millis()), V::Integer(begin)];
        let row = [V::Id(id), V::Id(company.id), V::Text("Sigrid Signatar"), V::Text(&email)];
        filler.add(&row.into_iter().chain(times).collect::<Vec<_>>()).await;
    }
    filler.end().await;
    filler.into("administrator (company_id, employee_id, appointed_at)").await;
    for company in &town.companies {
        filler.add(&[V::Id(company.id), V::Id(town.people[company.first].id), V::Integer(begin)]).await;
    }
    filler.end().await;
}

async fn people(filler: &mut Filler, town: &Town) {
    let at = town.issued_at(0).millis();
    let mut seed = Seed(5);
    filler.into("account (id, kind, name, user_id, salt, verifier, hashing, roles, state, created_at, changed_at)").await;
    for (person, row) in town.people.iter().enumerate() {
        let (given, surname) = names(person);
        let (name, user, salt, verifier) = (format!("{given} {surname}"), format!("p{person}"), seed.octets::<16>(), seed.octets::<32>());
        let known = [V::Id(row.account), V::Text("employee"), V::Text(&name), V::Text(&user), V::Blob(&salt), V::Blob(&verifier)];
        let rest = [V::Text("8192/1/1"), V::Text(""), V::Text("active"), V::Integer(at), V::Integer(at)];
        filler.add(&known.into_iter().chain(rest).collect::<Vec<_>>()).await;
    }
    filler.end().await;
    filler
        .into(
            "employee (id, company_id, account_id, given_name, surname, search_name, email, email_in_certificate, vouched, vouched_by, \
             state, invited_at, activated_at, renewals)",
        )
        .await;
    for (person, row) in town.people.iter().enumerate() {
        let ((given, surname), key, email) = (names(person), search_name(person), address(person));
        let ids = [V::Id(row.id), V::Id(town.companies[row.company].id), V::Id(row.account), V::Text(given), V::Text(surname)];
        let rest = [V::Text(&key), V::Text(&email), V::Truth(true), V::Text("by_letter"), V::Text("system:bench"), V::Text("active")];
        let times = [V::Integer(at), V::Integer(at), V::Integer(0)];
        filler.add(&ids.into_iter().chain(rest).chain(times).collect::<Vec<_>>()).await;
    }
    filler.end().await;
    belongings(filler, town, at).await;
}

/// What belongs to each person: where to tell them things, the card, and for one of three the yes to being found.
async fn belongings(filler: &mut Filler, town: &Town, at: i64) {
    let mut seed = Seed(10);
    filler.into("contact (recipient_id, name, email, language, changed_at)").await;
    for (person, row) in town.people.iter().enumerate() {
        filler.add(&[V::Id(row.id), V::Text(names(person).0), V::Text(&address(person)), V::Text("da"), V::Integer(at)]).await;
    }
    filler.end().await;
    filler.into("keycard (id, account_id, number, key_numbers, sealed, state, keys_left, wrong, issued_at)").await;
    for (person, row) in town.people.iter().enumerate() {
        let (id, number, sealed) = (seed.id(town.now), format!("P{person:09}"), seed.octets::<60>());
        let known = [V::Id(id), V::Id(row.account), V::Text(&number), V::Text("0001"), V::Blob(&sealed), V::Text("active")];
        filler.add(&known.into_iter().chain([V::Integer(100), V::Integer(0), V::Integer(at)]).collect::<Vec<_>>()).await;
    }
    filler.end().await;
    filler.into("directory_listing (employee_id, address, listed_at)").await;
    for (person, row) in town.people.iter().enumerate().step_by(3) {
        filler.add(&[V::Id(row.id), V::Text(&address(person)), V::Integer(at)]).await;
    }
    filler.end().await;
}

async fn certificates(filler: &mut Filler, town: &Town) {
    filler
        .into(
            "certificate (id, authority_id, serial, ordinal, profile, account_id, employee_id, company_id, subject, email, key_label, state, \
             certificate, not_before, not_after, intended_at, activated_at, revoked_at, reason, key_carrier)",
        )
        .await;
    for (at, issued) in town.certificates.iter().enumerate() {
        let (holder, person, is_revoked) = (town.holder(at), at % town.people.len(), town.is_revoked(at));
        let der = town.pattern(at).with(issued.serial);
        let ((given, surname), email, begins) = (names(person), address(person), town.issued_at(at).millis());
        let subject = format!("CN={given} {surname},O={},C=DK", town.companies[holder.company].legal_name);
        let ids = [V::Id(issued.id), V::Id(town.authority.uuid()), V::Blob(issued.serial.as_bytes()), V::Integer(town.ordinal(at))];
        let whose = [
            V::Text(town.pattern(at).kind.as_str()),
            V::Id(holder.account),
            V::Id(holder.id),
            V::Id(town.companies[holder.company].id),
            V::Text(&subject),
            V::Text(&email),
            V::Nothing,
        ];
        let what = [V::Text(if is_revoked { "revoked" } else { "active" }), V::Blob(&der)];
        let times = [V::Integer(begins), V::Integer(town.not_after(at).millis()), V::Integer(begins), V::Integer(begins)];
        let ended = [
            if is_revoked { V::Integer(begins + 86_400_000) } else { V::Nothing },
            if is_revoked { V::Text("superseded") } else { V::Nothing },
            V::Text("central"),
        ];
        filler.add(&ids.into_iter().chain(whose).chain(what).chain(times).chain(ended).collect::<Vec<_>>()).await;
    }
    filler.end().await;
    let next = town.ordinal(town.certificates.len());
    filler.run(&format!("UPDATE authority SET next_ordinal = {next} WHERE next_ordinal < {next} AND kind = 'issuing'")).await;
}

async fn statuses(filler: &mut Filler, town: &Town) {
    let authority = town.authority.uuid();
    filler.into("certificate_status (authority_id, serial, shard, state, not_after, revoked_at, reason, answered_at)").await;
    // In the order of the key: the engines build the table as they would have it after a VACUUM.
    let mut order: Vec<usize> = (0..town.certificates.len()).collect();
    order.sort_unstable_by_key(|at| town.certificates[*at].serial);
    for at in order {
        let is_revoked = town.is_revoked(at);
        let revoked_at = town.issued_at(at).millis() + 86_400_000;
        let known = [V::Id(authority), V::Blob(town.certificates[at].serial.as_bytes()), V::Integer(town.shard(at))];
        let state = [V::Text(if is_revoked { "revoked" } else { "good" }), V::Integer(town.not_after(at).millis())];
        let ended = match is_revoked {
            true => [V::Integer(revoked_at), V::Text("superseded"), V::Integer(revoked_at)],
            false => [V::Nothing, V::Nothing, V::Nothing],
        };
        filler.add(&known.into_iter().chain(state).chain(ended).collect::<Vec<_>>()).await;
    }
    filler.end().await;
    filler.into("crl (authority_id, shard, number, changes, published_changes)").await;
    for shard in town.shard(0)..=town.shard(town.certificates.len() - 1) {
        filler.add(&[V::Id(authority), V::Integer(shard), V::Integer(0), V::Integer(1), V::Integer(0)]).await;
    }
    filler.end().await;
}

async fn keys(filler: &mut Filler, town: &Town) {
    let mut seed = Seed(6);
    filler.into("certified_key (spki_hash, bearer, certified_at)").await;
    for at in 0..town.certificates.len() {
        let (hash, bearer) = (seed.octets::<32>(), format!("employee:{}", town.holder(at).id));
        filler.add(&[V::Blob(&hash), V::Text(&bearer), V::Integer(town.issued_at(at).millis())]).await;
    }
    filler.end().await;
    filler.into("revocation_code (certificate_id, hash, created_at)").await;
    for (at, issued) in town.certificates.iter().enumerate() {
        filler.add(&[V::Id(issued.id), V::Blob(&seed.octets::<32>()), V::Integer(town.issued_at(at).millis())]).await;
    }
    filler.end().await;
    let open = |at: &usize, kind: Kind| town.pattern(*at).kind == kind && !town.is_revoked(*at);
    filler.into("signing_key (certificate_id, salt, spki_hash, sealed)").await;
    for at in (0..town.certificates.len()).filter(|at| open(at, Kind::Signing)) {
        let (salt, hash, sealed) = (seed.octets::<16>(), seed.octets::<32>(), seed.octets::<180>());
        filler.add(&[V::Id(town.certificates[at].id), V::Blob(&salt), V::Blob(&hash), V::Blob(&sealed)]).await;
    }
    filler.end().await;
    filler.into("key_opener (certificate_id, kind, sealed, created_at)").await;
    for at in (0..town.certificates.len()).filter(|at| open(at, Kind::Signing)) {
        let sealed = seed.octets::<60>();
        filler.add(&[V::Id(town.certificates[at].id), V::Text("password"), V::Blob(&sealed), V::Integer(town.now.millis())]).await;
    }
    filler.end().await;
    filler.into("archived_key (certificate_id, account_id, employee_id, company_id, spki_hash, archived_at)").await;
    for at in (0..town.certificates.len()).filter(|at| town.pattern(*at).kind == Kind::Encryption) {
        let (holder, hash) = (town.holder(at), seed.octets::<32>());
        let ids = [V::Id(town.certificates[at].id), V::Id(holder.account), V::Id(holder.id), V::Id(town.companies[holder.company].id)];
        filler.add(&ids.into_iter().chain([V::Blob(&hash), V::Integer(town.now.millis())]).collect::<Vec<_>>()).await;
    }
    filler.end().await;
}

/// Whoever has a certificate near its end was told of it, but for one in a hundred.
async fn told(filler: &mut Filler, town: &Town) {
    filler.into("ending_told (subject_id, days, told_at)").await;
    for (at, issued) in town.certificates.iter().enumerate().filter(|(at, _)| at % 100 != 3) {
        let left = town.not_after(at).since(town.now);
        for days in [7, 30, 60].into_iter().filter(|days| left <= Duration::days(*days)) {
            filler.add(&[V::Id(issued.id), V::Integer(days), V::Integer(town.now.millis())]).await;
        }
    }
    filler.end().await;
}

async fn documents(filler: &mut Filler, town: &Town, employee: Uuid) {
    let mut seed = Seed(7);
    filler
        .into(
            "document (id, company_id, employee_id, title, state, content_hash, size_bytes, pages, newest_revision, uploaded_at, changed_at)",
        )
        .await;
    for at in 0..DOCUMENTS + OWN_DOCUMENTS {
        let whose = if at < OWN_DOCUMENTS { employee } else { town.people[IN_FIRST + at].id };
        let company = if at < OWN_DOCUMENTS { town.companies[0].id } else { town.companies[town.people[IN_FIRST + at].company].id };
        let when = town.now.plus(-Duration::minutes(i64::try_from(DOCUMENTS + OWN_DOCUMENTS - at).unwrap()));
        let (id, title, hash) = (seed.id(when), format!("Kontrakt {at}"), seed.octets::<32>());
        let known = [V::Id(id), V::Id(company), V::Id(whose), V::Text(&title), V::Text("uploaded"), V::Blob(&hash)];
        let rest = [V::Integer(40_000), V::Integer(2), V::Integer(0), V::Integer(when.millis()), V::Integer(when.millis())];
        filler.add(&known.into_iter().chain(rest).collect::<Vec<_>>()).await;
    }
    filler.end().await;
}

/// What comes and goes: jobs done, mails sent, log-ins, sessions, questions of key cards, replays.
async fn passing(filler: &mut Filler, town: &Town) {
    let mut seed = Seed(8);
    let account = |at: usize| town.people[at % town.people.len()].account;
    let when = |at: usize, days: i64| town.now.plus(-Duration::milliseconds(i64::try_from(PASSING - at).unwrap() * days * 288));
    filler.into("job (id, kind, payload, state, run_at, attempts, created_at, finished_at)").await;
    for at in 0..PASSING {
        let (then, payload) = (when(at, 29), format!("\"{at}\""));
        let known = [V::Id(seed.id(then)), V::Text("notices.send"), V::Text(&payload), V::Text("done"), V::Integer(then.millis())];
        filler
            .add(&known.into_iter().chain([V::Integer(1), V::Integer(then.millis()), V::Integer(then.millis())]).collect::<Vec<_>>())
            .await;
    }
    filler.end().await;
    filler.into("message (id, recipient_id, kind, channel, state, created_at, ended_at)").await;
    for at in 0..PASSING {
        let then = when(at, 900);
        let known = [V::Id(seed.id(then)), V::Id(account(at)), V::Text("certificates_ending"), V::Text("mail"), V::Text("sent")];
        filler.add(&known.into_iter().chain([V::Integer(then.millis()), V::Integer(then.millis())]).collect::<Vec<_>>()).await;
    }
    filler.end().await;
    filler.into("session (id, token_hash, account_id, carrier, network, created_at, seen_at, proven_at, expires_at)").await;
    for at in 0..PASSING {
        let (then, hash) = (when(at, 1), seed.octets::<32>());
        let known = [V::Id(seed.id(then)), V::Blob(&hash), V::Id(account(at)), V::Text("browser"), V::Text("192.0.2.0/24")];
        let times = [then, then, then, then.plus(Duration::days(2))].map(|time: Moment| V::Integer(time.millis()));
        filler.add(&known.into_iter().chain(times).collect::<Vec<_>>()).await;
    }
    filler.end().await;
    filler.into("keycard_challenge (id, account_id, card_id, key_number, purpose, binding, state, created_at, expires_at)").await;
    for at in 0..PASSING {
        let (then, binding) = (when(at, 1), seed.octets::<32>());
        let known = [V::Id(seed.id(then)), V::Id(account(at)), V::Id(seed.id(then)), V::Text("0001"), V::Text("login")];
        let rest = [V::Blob(&binding), V::Text("answered"), V::Integer(then.millis()), V::Integer(town.now.millis())];
        filler.add(&known.into_iter().chain(rest).collect::<Vec<_>>()).await;
    }
    filler.end().await;
    filler.into("idempotency (actor, key, fingerprint, status, created_at)").await;
    for at in 0..PASSING {
        let (actor, key, print) = (format!("account:{}", account(at)), format!("key-{at}"), seed.octets::<32>());
        filler.add(&[V::Text(&actor), V::Text(&key), V::Blob(&print), V::Integer(201), V::Integer(when(at, 6).millis())]).await;
    }
    filler.end().await;
}

/// An entry for each certificate, two for a revoked one, chained as the service chains them; each fifth with a personal value.
async fn audit(filler: &mut Filler, town: &Town, (mut sequence, mut head): (i64, Vec<u8>)) {
    let mut seed = Seed(9);
    let mut personal = Vec::new();
    filler.into("audit_entry (id, recorded_at, action, actor, subject, company_id, body, sequence, hash)").await;
    for (at, issued) in town.certificates.iter().enumerate() {
        let company = town.companies[town.holder(at).company].id;
        let revoked = town.is_revoked(at).then_some("certificate.revoked");
        for (step, action) in [Some("certificate.activated"), revoked].into_iter().flatten().enumerate() {
            let when = town.issued_at(at).plus(Duration::days(i64::try_from(step).unwrap()));
            let (id, subject) = (seed.id(when), format!("certificate:{}", issued.id));
            let commitment = (at % 5 == 0).then(|| {
                let (salt, value) = (seed.octets::<32>(), address(at % town.people.len()));
                let commitment = format!("\"email\":\"{}\"", committed(&salt, "email", &value));
                personal.push((id, salt, value));
                commitment
            });
            let body = format!(
                "{{\"action\":\"{action}\",\"at\":{},\"author\":\"system:certificates\",\"commitments\":{{{}}},\"company\":\"{company}\",\
                 \"facts\":{{\"serial\":\"{}\"}},\"id\":\"{id}\",\"subject\":\"{subject}\",\"version\":1}}",
                when.millis(),
                commitment.unwrap_or_default(),
                issued.serial
            );
            sequence += 1;
            head = linked(&head, sequence, body.as_bytes());
            let known = [V::Id(id), V::Integer(when.millis()), V::Text(action), V::Text("system:certificates"), V::Text(&subject)];
            let rest = [V::Id(company), V::Blob(body.as_bytes()), V::Integer(sequence), V::Blob(&head)];
            filler.add(&known.into_iter().chain(rest).collect::<Vec<_>>()).await;
        }
    }
    filler.end().await;
    filler.into("audit_commitment (entry_id, name, salt, value)").await;
    for (entry, salt, value) in &personal {
        filler.add(&[V::Id(*entry), V::Text("email"), V::Blob(salt), V::Text(value)]).await;
    }
    filler.end().await;
}

/// As `audit::chain` links: `segl audit verify` is the judge of it.
fn linked(previous: &[u8], sequence: i64, body: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(b"segl/audit/chain/v1");
    hash.update(previous);
    hash.update(&sequence.to_be_bytes());
    hash.update(&sha256(body));
    hash.finish().to_vec()
}

fn committed(salt: &[u8], name: &str, value: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"segl/audit/commitment/v1");
    hash.update(salt);
    hash.update(&(name.len() as u64).to_be_bytes());
    hash.update(name.as_bytes());
    hash.update(value.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.finish())
}
