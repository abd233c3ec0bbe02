//! What a software phone does with requests: looks, shows, answers, waits for events.

use anyhow::{Context as _, ensure};
use keycard::{
    Decision, Number, Proof, Scan, Signed, Verdict,
    opener::Opener,
    payload::Payload,
    release::Release,
    wire::{Bounded, Decide, Decided, Event, History, Request, Waiting, read},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{Answer, Client},
    phone::{Drawn, SoftPhone},
    roles::Person,
};

/// A request as a phone holds it after it has verified it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its id.
    pub id: String,
    /// What is asked.
    pub payload: Payload,
    /// The signed bytes.
    pub signed: Signed<Payload>,
    /// This phone's opener of the key that shall sign.
    pub opener: Option<Opener>,
    /// Its openers of the further keys.
    pub further: Vec<Opener>,
}

/// A log-in (or proof) on its way, as the page that began it knows it.
#[derive(Clone, Debug)]
pub struct LoggingIn {
    /// Names it.
    pub login: String,
    /// The two digits; empty when no phone is asked.
    pub number: String,
    /// What the QR holds.
    pub scan: String,
    /// The card's number; empty without a card.
    pub key_number: String,
}

impl LoggingIn {
    /// Reads the answer of a beginning.
    pub fn of(answer: &Answer) -> Self {
        let login = [answer.string("/login"), answer.string("/challenge")].concat();
        let (number, scan) = (answer.string("/phone/number"), answer.string("/phone/scan"));
        Self { login, number, scan, key_number: answer.string("/key_number") }
    }

    /// A number that is not the right one.
    pub fn wrong_number(&self) -> String {
        let right: u8 = self.number.parse().unwrap_or(0);
        format!("{:02}", (right + 1) % 100)
    }
}

/// A typed yes.
///
/// # Panics
/// When the number is none.
pub fn typed(number: &str) -> Verdict {
    Verdict::Approve { proof: Proof::Typed(Number::parse(number).unwrap()), release: None }
}

/// A scanned yes.
///
/// # Panics
/// When it is no scan.
pub fn scanned(text: &str) -> Verdict {
    Verdict::Approve { proof: Proof::Scanned(Scan::parse(text).unwrap().secret), release: None }
}

impl SoftPhone {
    /// What waits, each verified by the pinned identity key at the service's time.
    ///
    /// # Errors
    /// With what the service refused, or what the phone does not believe.
    pub async fn waiting(&self) -> anyhow::Result<Vec<Shown>> {
        let answer = self.http.get("/api/v1/phone/requests").await?.expect(200)?;
        let waiting: Waiting = read(&answer.bytes, keycard::wire::TO_PHONE_BYTES)?;
        let mut shown = Vec::new();
        for request in waiting.requests.items() {
            shown.push(self.shown(&request.id.to_string()).await?);
        }
        Ok(shown)
    }

    /// The one request that waits.
    ///
    /// # Errors
    /// When there are none or several.
    pub async fn sole_request(&self) -> anyhow::Result<Shown> {
        let waiting = self.waiting().await?;
        ensure!(waiting.len() == 1, "{} requests wait", waiting.len());
        waiting.into_iter().next().context("none")
    }

    /// One request.
    ///
    /// # Errors
    /// As [`Self::waiting`].
    pub async fn shown(&self, id: &str) -> anyhow::Result<Shown> {
        let answer = self.http.get(&format!("/api/v1/phone/requests/{id}")).await?.expect(200)?;
        self.read_request(&answer).await
    }

    async fn read_request(&self, answer: &Answer) -> anyhow::Result<Shown> {
        let request: Request = read(&answer.bytes, keycard::wire::TO_PHONE_BYTES)?;
        let payload = request.payload.verify(&self.identity, self.time_ms().await?)?;
        Ok(Shown {
            id: payload.parts().id.to_string(),
            payload,
            signed: request.payload,
            opener: request.opener,
            further: request.further.items().to_vec(),
        })
    }

    /// Asks for more time; the request that waits from now on.
    ///
    /// # Errors
    /// As [`Self::waiting`].
    pub async fn extend(&self, shown: &Shown) -> anyhow::Result<Shown> {
        let answer = self.http.post(&format!("/api/v1/phone/requests/{}/extension", shown.id), &Value::Null).await?.expect(200)?;
        self.read_request(&answer).await
    }

    /// The message of a decision about a request.
    ///
    /// # Errors
    /// When the keys refuse.
    pub fn decision(&self, shown: &Shown, verdict: Verdict) -> anyhow::Result<Decide> {
        let decision = Decision { payload: shown.signed.hash(), verdict, phone: self.id };
        Ok(Decide { decision: self.sign(&decision)?, release: None, further: Bounded::default() })
    }

    /// The message of a yes with the secret that opens the signing key, as the app makes it: opener opened, secret sealed for this request.
    ///
    /// # Errors
    /// When there is no opener, or it does not open.
    pub fn approval_with_release(&self, shown: &Shown, number: &str) -> anyhow::Result<Decide> {
        let secret = self.open(shown)?;
        let release = Release::seal(&shown.payload, &secret, &mut Drawn).context("the request asks for no release")?;
        self.approval_with(shown, number, Some(release))
    }

    /// The message of a yes that binds whatever release is given.
    ///
    /// # Errors
    /// When the keys refuse.
    pub fn approval_with(&self, shown: &Shown, number: &str, release: Option<Release>) -> anyhow::Result<Decide> {
        let proof = Proof::Typed(Number::parse(number)?);
        let verdict = Verdict::Approve { proof, release: release.as_ref().map(Release::hash) };
        let decision = Decision { payload: shown.signed.hash(), verdict, phone: self.id };
        Ok(Decide { decision: self.sign(&decision)?, release, further: Bounded::default() })
    }

    /// The message of a yes with the secrets of every key that the request names.
    ///
    /// # Errors
    /// When an opener lacks, or does not open.
    pub fn approval_with_releases(&self, shown: &Shown, number: &str) -> anyhow::Result<Decide> {
        let first = Release::seal(&shown.payload, &self.open(shown)?, &mut Drawn).context("the request asks for no release")?;
        let serials = &shown.payload.parts().further;
        ensure!(serials.len() == shown.further.len(), "{} openers for {} keys", shown.further.len(), serials.len());
        let mut further = Vec::new();
        for (serial, opener) in serials.iter().zip(&shown.further) {
            let secret = self.open_one(opener, serial)?;
            further.push(Release::seal_further(&shown.payload, serial, &secret, &mut Drawn).context("not named")?);
        }
        self.approval_with_all(shown, number, first, further)
    }

    /// The message of a yes that binds whatever releases are given.
    ///
    /// # Errors
    /// When the keys refuse.
    pub fn approval_with_all(&self, shown: &Shown, number: &str, first: Release, further: Vec<Release>) -> anyhow::Result<Decide> {
        let proof = Proof::Typed(Number::parse(number)?);
        let verdict = Verdict::Approve { proof, release: Some(Release::hash_of(&first, &further)) };
        let decision = Decision { payload: shown.signed.hash(), verdict, phone: self.id };
        Ok(Decide { decision: self.sign(&decision)?, release: Some(first), further: Bounded::new(further)? })
    }

    /// Signs by a yes: opens, releases, approves.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn approve_signing(&self, shown: &Shown, number: &str) -> anyhow::Result<Decided> {
        let message = self.approval_with_release(shown, number)?;
        let answer = self.send_decision(&shown.id, &message).await?.expect(200)?;
        Ok(read(&answer.bytes, keycard::wire::TO_PHONE_BYTES)?)
    }

    /// Sends a message of a decision, whatever comes of it.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn send_decision(&self, id: &str, message: &Decide) -> anyhow::Result<Answer> {
        self.http.post(&format!("/api/v1/phone/requests/{id}/decision"), &serde_json::to_value(message)?).await
    }

    /// Decides a request.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn decide(&self, shown: &Shown, verdict: Verdict) -> anyhow::Result<Decided> {
        let answer = self.send_decision(&shown.id, &self.decision(shown, verdict)?).await?.expect(200)?;
        Ok(read(&answer.bytes, keycard::wire::TO_PHONE_BYTES)?)
    }

    /// What was asked before.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn history(&self) -> anyhow::Result<History> {
        Ok(read(&self.http.get("/api/v1/phone/history").await?.expect(200)?.bytes, keycard::wire::TO_PHONE_BYTES)?)
    }

    /// Opens the stream of events, after the one with this id.
    ///
    /// # Errors
    /// When it is not opened.
    pub async fn events(&self, last: Option<&str>) -> anyhow::Result<Events> {
        events(&self.http, last).await
    }
}

/// Opens a phone's stream of events at the service that a client speaks to.
///
/// # Errors
/// When it is not opened.
pub async fn events(http: &Client, last: Option<&str>) -> anyhow::Result<Events> {
    let mut request = http.request(Method::GET, "/api/v1/phone/events");
    if let Some(last) = last {
        request = request.header("Last-Event-ID", last);
    }
    let response = request.send().await?;
    ensure!(response.status() == 200, "the stream is not opened: {}", response.status());
    Ok(Events { response, text: String::new(), last: None })
}

/// A stream of events.
#[derive(Debug)]
pub struct Events {
    response: reqwest::Response,
    text: String,
    /// The id of the last event.
    pub last: Option<String>,
}

impl Events {
    /// The next event; none when the stream has ended.
    ///
    /// # Errors
    /// When the connection breaks, or nothing comes for twenty seconds.
    pub async fn next(&mut self) -> anyhow::Result<Option<Event>> {
        tokio::time::timeout(std::time::Duration::from_secs(20), self.read()).await.context("no event came")?
    }

    async fn read(&mut self) -> anyhow::Result<Option<Event>> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(id) = block.lines().find_map(|line| line.strip_prefix("id: ")) {
                    self.last = Some(id.to_owned());
                }
                if let Some(data) = block.lines().find_map(|line| line.strip_prefix("data: ")) {
                    return Ok(Some(serde_json::from_str(data)?));
                }
                continue;
            }
            match self.response.chunk().await? {
                Some(chunk) => self.text.push_str(std::str::from_utf8(&chunk)?),
                None => return Ok(None),
            }
        }
    }
}

/// A signature that a phone is asked for, as the page that began it knows it.
#[derive(Clone, Debug)]
pub struct SigningByPhone {
    /// Where it stands.
    pub path: String,
    /// The two digits.
    pub number: String,
    /// What the QR holds.
    pub scan: String,
}

impl Person {
    /// Asks one's phone to sign a document.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn ask_phone_to_sign(&self, document: &str) -> anyhow::Result<SigningByPhone> {
        let answer = self.http.post(&format!("/api/v1/documents/{document}/phone-signatures"), &json!({})).await?.expect(201)?;
        Ok(SigningByPhone { path: answer.header("location"), number: answer.string("/number"), scan: answer.string("/scan") })
    }

    /// How a signature by phone stands, in its word.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn signing_state(&self, asked: &SigningByPhone) -> anyhow::Result<String> {
        Ok(self.http.get(&asked.path).await?.expect(200)?.string("/state"))
    }

    /// Waits until a signature by phone is no longer asked for or being made; its last word.
    ///
    /// # Errors
    /// When that takes longer than thirty seconds.
    pub async fn signing_ends(&self, asked: &SigningByPhone) -> anyhow::Result<String> {
        for _ in 0..600 {
            let state = self.signing_state(asked).await?;
            if state != "making" && state != "waiting" {
                return Ok(state);
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        anyhow::bail!("the signature is still on its way")
    }

    /// Signs a document by phone; its bytes then.
    ///
    /// # Errors
    /// With what went wrong.
    pub async fn sign_by_phone(&self, document: &str, phone: &SoftPhone) -> anyhow::Result<Vec<u8>> {
        let asked = self.ask_phone_to_sign(document).await?;
        let shown = phone.sole_request().await?;
        ensure!(phone.approve_signing(&shown, &asked.number).await? == Decided::Taken, "the yes was not taken");
        let state = self.signing_ends(&asked).await?;
        ensure!(state == "signed", "it is {state}");
        self.content(document).await
    }

    /// Gives the password; phone and card are asked.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn begin_by_phone(&self) -> anyhow::Result<LoggingIn> {
        let body = json!({"user_id": self.user_id, "password": self.password, "device": self.device});
        Ok(LoggingIn::of(&self.http.without_token().post("/api/v1/logins", &body).await?.expect(201)?))
    }

    /// Opens the session of a log-in that the phone said yes to, whatever comes of it.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn finish_by_phone(&self, begun: &LoggingIn) -> anyhow::Result<Answer> {
        let answer = json!({"login": begun.login, "carrier": "program", "device": self.device});
        self.http.without_token().post("/api/v1/logins/answer", &answer).await
    }

    /// How the request to the phone stands, in its word.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn phone_state(&self, begun: &LoggingIn) -> anyhow::Result<String> {
        let answer = self.http.without_token().post("/api/v1/logins/phone", &json!({"login": begun.login})).await?;
        Ok(answer.expect(200)?.string("/state"))
    }
}
