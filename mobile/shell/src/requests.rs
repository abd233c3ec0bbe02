//! Requests: what waits, what one of them says, and the decision.
//!
//! A decision is made about the very bytes that were shown, and written to the disk before it is sent. Until the service has answered it is
//! the only one: whatever is pressed meanwhile, and after a crash too, the same bytes are sent again. Never two.

use std::path::PathBuf;

use keycard::payload::{FURTHER, Payload};
use keycard::release::Release;
use keycard::wire::{Bounded, Decide, Decided, Request, Waiting};
use keycard::{ApprovalId, Canonical as _, Decision, DeviceKey as _, Number, Proof, PublicKey, Scan, Secret, Signed, Verdict};
use rand_core::OsRng;
use serde::{Deserialize, Serialize};

use crate::error::AppError;
use crate::files;
use crate::signature::Signature;

const DECISION: &str = "decision-";

/// A request that was looked at: its bytes, and what opens the signing keys.
#[derive(Clone)]
pub struct Seen {
    /// The ids that it had before the person was given more time: a page that was not refreshed shows the QR of one of them.
    earlier: Vec<ApprovalId>,
    payload: Signed<Payload>,
    opener: Option<keycard::opener::Opener>,
    further: Bounded<keycard::opener::Opener, FURTHER>,
}

/// A request as it is shown: all of it, nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestView {
    /// Whose.
    pub signature: String,
    /// Which.
    pub id: String,
    /// H(payload): the decision names it.
    pub shown: String,
    /// The word of the purpose.
    pub purpose: &'static str,
    /// Which service.
    pub service: String,
    /// The user id.
    pub account: String,
    /// The company.
    pub company: String,
    /// In one line.
    pub title: String,
    /// The rest.
    pub lines: Vec<String>,
    /// Hash of the document.
    pub content: Option<String>,
    /// What is signed together.
    pub digests: Vec<ListedView>,
    /// The network that the request came from.
    pub network: String,
    /// Roughly where that is.
    pub place: Option<String>,
    /// How long it may be answered.
    pub left_ms: u64,
    /// Whether a decision of this phone is on its way.
    pub underway: bool,
}

/// One of several digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedView {
    /// What it is.
    pub label: String,
    /// SHA-256.
    pub digest: String,
}

/// What the person pressed.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "choice", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Choice {
    /// Yes, with the number from the other screen.
    Approve {
        /// As typed.
        number: String,
    },
    /// Yes, with the QR from the other screen.
    ApproveScanned {
        /// As scanned.
        scan: String,
    },
    /// This was not me.
    NotMe,
    /// No.
    Reject,
}

impl Choice {
    /// What binds a yes to the other screen, or the verdict that needs no such thing.
    fn proof(&self, named: impl Fn(ApprovalId) -> bool) -> Result<Result<Proof, Verdict>, AppError> {
        match self {
            Self::Approve { number } => Ok(Ok(Proof::Typed(Number::parse(number).map_err(|_| AppError::BadNumber)?))),
            Self::ApproveScanned { scan } => {
                let scan = Scan::parse(scan).map_err(|_| AppError::BadScan)?;
                // Sent, it would count as a wrong number.
                if named(scan.approval) { Ok(Ok(Proof::Scanned(scan.secret))) } else { Err(AppError::OtherScan) }
            }
            Self::NotMe => Ok(Err(Verdict::NotMe)),
            Self::Reject => Ok(Err(Verdict::Reject)),
        }
    }
}

/// A decision on its way, on the disk.
#[derive(Serialize, Deserialize)]
struct Underway {
    id: ApprovalId,
    decide: Decide,
}

impl Signature {
    /// What waits. Decisions on their way go first.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn waiting(&mut self) -> Result<Vec<RequestView>, AppError> {
        self.still_unlocked()?;
        self.send_underway();
        let waiting: Waiting = self.link.get("requests", &self.bearer()?)?;
        self.still_unlocked()?;
        let mut views = Vec::new();
        for request in waiting.requests.items() {
            match self.request(request.id) {
                Ok(view) => views.push(view),
                // It ended between list and look.
                Err(AppError::NotFound | AppError::Lapsed) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(views)
    }

    /// One request, verified.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn request(&mut self, id: ApprovalId) -> Result<RequestView, AppError> {
        self.still_unlocked()?;
        let request: Request = self.link.get(&format!("requests/{id}"), &self.bearer()?)?;
        self.look(Some(id), request)
    }

    /// Asks for more time: a new payload under a new id, which the person looks at anew.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn extend(&mut self, id: ApprovalId) -> Result<RequestView, AppError> {
        self.still_unlocked()?;
        let request: Request = self.link.ask(&format!("requests/{id}/extension"), &self.bearer()?)?;
        let earlier = self.seen.remove(&id).map(|seen| seen.earlier).unwrap_or_default();
        let view = self.look(None, request)?;
        if let Some(seen) = view.id.parse().ok().and_then(|later| self.seen.get_mut(&later)) {
            seen.earlier = earlier.into_iter().chain([id]).collect();
        }
        Ok(view)
    }

    fn look(&mut self, asked: Option<ApprovalId>, request: Request) -> Result<RequestView, AppError> {
        let (payload, now_ms) = self.verified(&request.payload)?;
        self.still_unlocked()?;
        let id = payload.parts().id;
        if asked.is_some_and(|asked| asked != id) {
            return Err(AppError::OtherService);
        }
        let view = self.shown(&payload, &request.payload.hash(), now_ms);
        let earlier = self.seen.remove(&id).map(|seen| seen.earlier).unwrap_or_default();
        self.seen.insert(id, Seen { earlier, payload: request.payload, opener: request.opener, further: request.further });
        Ok(view)
    }

    fn shown(&self, payload: &Payload, hash: &[u8; 32], now_ms: u64) -> RequestView {
        let parts = payload.parts().clone();
        RequestView {
            signature: self.kept.phone.to_string(),
            id: parts.id.to_string(),
            shown: hex(hash),
            purpose: parts.purpose.word(),
            service: parts.service,
            account: parts.account,
            company: parts.company,
            title: parts.title,
            lines: parts.lines,
            content: parts.content.as_ref().map(hex),
            digests: parts.digests.into_iter().map(|listed| ListedView { label: listed.label, digest: hex(&listed.digest) }).collect(),
            network: parts.network,
            place: parts.place,
            left_ms: parts.expires_ms.saturating_sub(now_ms),
            underway: self.underway_file(parts.id).exists(),
        }
    }

    /// Decides about what was shown.
    ///
    /// # Errors
    /// [`AppError::DecisionUnderway`] when the network failed: the decision stands and is sent again; others before it was made.
    pub fn decide(&mut self, id: ApprovalId, shown: &str, choice: &Choice) -> Result<Decided, AppError> {
        if let Some(underway) = files::read::<Underway>(&self.underway_file(id))? {
            return self.send(&underway);
        }
        self.still_unlocked()?;
        let now_ms = self.now_ms()?;
        self.still_unlocked()?;
        let Some(seen) = self.seen.get(&id) else { return Err(AppError::NotFound) };
        let seen = seen.clone();
        let signed = &seen.payload;
        if hex(&signed.hash()) != shown {
            return Err(AppError::Changed);
        }
        let payload = signed.verify(&self.kept.identity, now_ms)?;
        let (verdict, release, further) = match choice.proof(|named| named == id || seen.earlier.contains(&named))? {
            Ok(proof) => {
                let (release, further) = self.releases(&payload, &seen)?;
                let hash = release.as_ref().map(|first| Release::hash_of(first, further.items()));
                (Verdict::Approve { proof, release: hash }, release, further)
            }
            Err(refusal) => (refusal, None, Bounded::default()),
        };
        let decision = Decision { payload: signed.hash(), verdict, phone: self.kept.phone };
        let decide = Decide { decision: decision.sign(&self.keys, self.keys.auth())?, release, further };
        let underway = Underway { id, decide };
        files::write(&self.underway_file(id), &underway)?;
        self.send(&underway)
    }

    /// The secrets of the signing keys, sealed for this approval, where the payload asks for them: of all that it names, or of none.
    fn releases(&self, payload: &Payload, seen: &Seen) -> Result<(Option<Release>, Bounded<Release, FURTHER>), AppError> {
        let parts = payload.parts();
        let (Some(_), Some(serial)) = (parts.release_key, parts.certificate.as_deref()) else { return Ok((None, Bounded::default())) };
        let opener = seen.opener.as_ref().ok_or(AppError::Answer)?;
        if seen.further.items().len() != parts.further.len() {
            return Err(AppError::Answer);
        }
        let first = Release::seal(payload, &self.secret(opener, serial)?, &mut OsRng);
        let mut further = Vec::new();
        for (serial, opener) in parts.further.iter().zip(seen.further.items()) {
            further.extend(Release::seal_further(payload, serial, &self.secret(opener, serial)?, &mut OsRng));
        }
        Ok((first, Bounded::new(further).map_err(|_| AppError::Answer)?))
    }

    fn secret(&self, opener: &keycard::opener::Opener, serial: &[u8]) -> Result<Secret, AppError> {
        let own = self.keys.public_key()?.agree;
        let agree = |peer: &PublicKey| self.keys.agree(peer, self.keys.auth());
        Ok(opener.open(&own, serial, self.kept.phone, agree)?)
    }

    /// Sends a decision. It is over when the service has answered, one way or the other.
    fn send(&mut self, underway: &Underway) -> Result<Decided, AppError> {
        let (path, file) = (format!("requests/{}/decision", underway.id), self.underway_file(underway.id));
        match self.link.post::<Decided>(&path, Some(&self.bearer()?), &underway.decide) {
            Ok(decided) => {
                files::remove(&file)?;
                Ok(decided)
            }
            Err(AppError::NoConnection | AppError::Untrusted | AppError::Busy | AppError::Answer) => Err(AppError::DecisionUnderway),
            Err(refused) => {
                files::remove(&file)?;
                Err(refused)
            }
        }
    }

    /// Sends what is on its way; what does not arrive stays.
    fn send_underway(&mut self) {
        let is_ours = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(DECISION));
        for path in files::names(&self.folder).into_iter().filter(is_ours) {
            if let Ok(Some(underway)) = files::read::<Underway>(&path) {
                let _ = self.send(&underway);
            }
        }
    }

    fn underway_file(&self, id: ApprovalId) -> PathBuf {
        self.folder.join(format!("{DECISION}{id}.json"))
    }
}

fn hex(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The longest decision that is kept fits into a file.
const _: () = assert!(Decision::MAX_BYTES < 1024);
