//! What each person can do, through HTTP only. A person knows what a person knows: user id, password, the printed card.

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::{
    card::PrintedCard,
    client::{Answer, Client},
    mailbox::Mailbox,
    visitor::{Visitor, between},
    world::World,
};

/// A password that keeps the rules.
pub const PASSWORD: &str = "Rugbroed-2026-sol";
/// Everybody's birth date.
pub const BIRTH_DATE: &str = "1980-05-17";

/// Somebody with an account: what they know, and a program of theirs that is logged in.
#[derive(Clone, Debug)]
pub struct Person {
    /// User id.
    pub user_id: String,
    /// Password.
    pub password: String,
    /// The printed card.
    pub card: PrintedCard,
    /// The employee's id; empty for operators.
    pub employee: String,
    /// The key card's id.
    pub keycard: String,
    /// What revokes the certificates without a login; empty for operators.
    pub revocation_code: String,
    /// A client of the service, logged in.
    pub http: Client,
    /// What the first log-in gave: it makes the next ones come from a known device.
    pub device: Option<String>,
}

/// A question of the service: which number of the card.
#[derive(Clone, Debug)]
pub struct Question {
    /// Names the log-in or signature in the answer.
    pub about: String,
    /// The number that is asked for.
    pub key_number: String,
}

impl Person {
    /// Activates an account by its link, fetches the card, logs in.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn activate(client: &Client, link: &str, temporary_password: Option<&str>, user_id: &str) -> anyhow::Result<Self> {
        let answer = Self::try_activate(client, link, temporary_password, user_id).await?.expect(201)?;
        let mut person = Self::of_activation(client, &answer, user_id).await?;
        person.log_in().await?;
        Ok(person)
    }

    /// Whoever an activation made, with the card fetched; not logged in yet.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn of_activation(client: &Client, answer: &Answer, user_id: &str) -> anyhow::Result<Self> {
        let sheet = client.with_token(&answer.string("/keycard/token")).get("/api/v1/activations/card.txt").await?.expect(200)?;
        Ok(Self {
            user_id: user_id.to_owned(),
            password: PASSWORD.to_owned(),
            card: PrintedCard::read(&sheet.text()),
            employee: answer.string("/employee"),
            keycard: answer.string("/keycard/id"),
            revocation_code: answer.json()["revocation_code"].as_str().unwrap_or_default().to_owned(),
            http: client.without_token(),
            device: None,
        })
    }

    /// The bare activation with the usual password, whatever comes of it.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn try_activate(client: &Client, link: &str, temporary_password: Option<&str>, user_id: &str) -> anyhow::Result<Answer> {
        client.post("/api/v1/activations", &activation(link, temporary_password, user_id)).await
    }

    /// What this person is logged in with, shown to a service elsewhere.
    pub fn http_at(&self, service: &Client) -> Client {
        self.http.at(service.base())
    }

    /// Gives the password and is asked for a key.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn begin_log_in(&self) -> anyhow::Result<Question> {
        let body = json!({"user_id": self.user_id, "password": self.password, "device": self.device});
        let begun = self.http.without_token().post("/api/v1/logins", &body).await?.expect(201)?;
        Ok(Question { about: begun.string("/login"), key_number: begun.string("/key_number") })
    }

    /// Answers with a key, whatever comes of it.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn answer_log_in(&self, question: &Question, key: &str) -> anyhow::Result<Answer> {
        let answer = json!({"login": question.about, "key": key, "carrier": "program", "device": self.device});
        self.http.without_token().post("/api/v1/logins/answer", &answer).await
    }

    /// Logs in with password and the key that is asked for.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn log_in(&mut self) -> anyhow::Result<()> {
        let question = self.begin_log_in().await?;
        let done = self.answer_log_in(&question, &self.card.key(&question.key_number)).await?.expect(201)?;
        self.http = self.http.with_token(&done.string("/token"));
        self.device = Some(done.string("/device"));
        Ok(())
    }

    /// Shows password and key once more, as weighty changes need.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn prove(&self) -> anyhow::Result<()> {
        let asked = self.http.post("/api/v1/session/proof", &json!({"password": self.password})).await?.expect(201)?;
        let answer = json!({"challenge": asked.string("/challenge"), "key": self.card.key(&asked.string("/key_number"))});
        self.http.post("/api/v1/session/proof/answer", &answer).await?.expect(204)?;
        Ok(())
    }

    /// Shows password and key once more on the pages.
    ///
    /// # Errors
    /// When a page refuses.
    pub async fn prove_in(&self, browser: &Visitor) -> anyhow::Result<()> {
        let page = browser.get("/account/prove").await?.expect(200)?;
        browser.submit(&page, "/account/prove", &[("password", &self.password), ("next", "")]).await?.expect(303)?;
        let page = browser.get("/account/prove/key").await?.expect(200)?;
        let number = between(&page.text(), "id=\"key-number\">", "<").context("the page asks for no key")?;
        browser.submit(&page, "/account/prove/key", &[("key", &self.card.key(&number)), ("next", "")]).await?.expect(303)?;
        Ok(())
    }

    /// A browser in which this person is logged in.
    ///
    /// # Errors
    /// When a page refuses.
    pub async fn browser(&self, language: &'static str) -> anyhow::Result<Visitor> {
        let visitor = Visitor::new(&self.http, language);
        visitor.log_in(self).await?;
        Ok(visitor)
    }

    /// Uploads a PDF and gives its id.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn upload(&self, title: &str, pdf: &[u8]) -> anyhow::Result<String> {
        Ok(self.try_upload(title, pdf).await?.expect(201)?.string("/id"))
    }

    /// The bare upload, whatever comes of it.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn try_upload(&self, title: &str, pdf: &[u8]) -> anyhow::Result<Answer> {
        let title = title.replace(' ', "%20");
        self.http.post_bytes(&format!("/api/v1/documents?title={title}"), "application/pdf", pdf).await
    }

    /// Asks to sign a document.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn ask_to_sign(&self, document: &str) -> anyhow::Result<Question> {
        let body = json!({"reason": "Godkendt", "place": "Korsør"});
        let asked = self.http.post(&format!("/api/v1/documents/{document}/signatures"), &body).await?.expect(201)?;
        Ok(Question { about: asked.string("/signature"), key_number: asked.string("/key_number") })
    }

    /// Approves with password and key, whatever comes of it.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn approve(&self, document: &str, question: &Question, key: &str) -> anyhow::Result<Answer> {
        let path = format!("/api/v1/documents/{document}/signatures/{}/approval", question.about);
        self.http.post(&path, &json!({"password": self.password, "key": key})).await
    }

    /// Signs a document with password and key, and gives the signed bytes.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn sign(&self, document: &str) -> anyhow::Result<Vec<u8>> {
        let question = self.ask_to_sign(document).await?;
        self.approve(document, &question, &self.card.key(&question.key_number)).await?.expect(200)?;
        self.content(document).await
    }

    /// A document's bytes.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn content(&self, document: &str) -> anyhow::Result<Vec<u8>> {
        Ok(self.http.get(&format!("/api/v1/documents/{document}/content")).await?.expect(200)?.bytes)
    }

    /// Uploads and signs.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn upload_and_sign(&self, title: &str, pdf: &[u8]) -> anyhow::Result<Vec<u8>> {
        let document = self.upload(title, pdf).await?;
        self.sign(&document).await
    }

    /// The certificates that the person may see.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn certificates(&self) -> anyhow::Result<Vec<Value>> {
        let (mut all, mut query) = (Vec::new(), String::new());
        loop {
            let page = self.http.get(&format!("/api/v1/certificates{query}")).await?.expect(200)?;
            all.extend(page.items());
            match page.json()["next"].as_str() {
                Some(next) => query = format!("?after={next}"),
                None => return Ok(all),
            }
        }
    }
}

/// The body of an activation with the usual password.
pub fn activation(link: &str, temporary_password: Option<&str>, user_id: &str) -> Value {
    let token = link.rsplit('/').next().unwrap_or_default();
    json!({"link": token, "temporary_password": temporary_password, "user_id": user_id, "password": PASSWORD, "birth_date": BIRTH_DATE})
}

/// A company as operators register it, with one signatory.
pub fn company(name: &str, cvr: &str) -> Value {
    json!({
        "kind": "company", "legal_name": name, "cvr": cvr, "street": "Havnegade 1", "postal_code": "4220", "city": "Korsør",
        "signatories": [{"name": "Sigrid Signatar", "email": format!("sigrid@{cvr}.example.dk")}]
    })
}

/// An association without a CVR number.
pub fn association(name: &str, domain: &str) -> Value {
    json!({
        "kind": "association", "legal_name": name, "street": "Havnegade 2", "postal_code": "4220", "city": "Korsør",
        "signatories": [{"name": "Sigrid Signatar", "email": format!("sigrid@{domain}")}]
    })
}

/// The operator: registers companies.
#[derive(Clone, Debug)]
pub struct Operator(pub Person);

impl Operator {
    /// Registers a company, and gives its id.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn register(&self, company: &Value) -> anyhow::Result<String> {
        Ok(self.0.http.post("/api/v1/companies", company).await?.expect(201)?.string("/id"))
    }
}

/// The first administrator, as signatories appoint one: Anne Ådal.
pub fn nominee(email: &str) -> Value {
    json!({"given_name": "Anne", "surname": "Ådal", "email": email})
}

/// Accepts the agreement by the mailed link and appoints the administrator.
///
/// # Errors
/// With what the service refused.
pub async fn accept_agreement(client: &Client, mailbox: &Mailbox, signatory: &str, administrator: &Value) -> anyhow::Result<Answer> {
    let link = mailbox.link_to(signatory, "/agreement/").context("the signatory got no link")?;
    let token = link.rsplit('/').next().unwrap_or_default();
    client.post("/api/v1/agreements/acceptance", &json!({"link": token, "accept": true, "administrator": administrator})).await
}

/// A company with its first administrator at work.
#[derive(Clone, Debug)]
pub struct Company {
    /// Its id.
    pub id: String,
    /// Its first administrator.
    pub administrator: Person,
}

impl Company {
    /// Registers, accepts, activates: from nothing to an administrator at work.
    ///
    /// # Errors
    /// With what the service refused on the way.
    pub async fn enrolled(world: &World, operator: &Operator, registration: &Value) -> anyhow::Result<Self> {
        let id = operator.register(registration).await?;
        world.settle().await;
        let signatory = registration["signatories"][0]["email"].as_str().unwrap_or_default().to_owned();
        let email = signatory.replace("sigrid@", "anne@");
        accept_agreement(&world.client(), &world.mailbox, &signatory, &nominee(&email)).await?.expect(200)?;
        world.settle().await;
        let administrator = join(world, &email, "Anne Ådal").await?;
        Ok(Self { id, administrator })
    }

    /// The address of its employees.
    pub fn employees(&self) -> String {
        format!("/api/v1/companies/{}/employees", self.id)
    }

    /// Invites an employee, e-mail in the certificate, and activates.
    ///
    /// # Errors
    /// With what the service refused on the way.
    pub async fn hire(&self, world: &World, given_name: &str, surname: &str, email: &str) -> anyhow::Result<Person> {
        self.invite(&invitation(given_name, surname, email)).await?.expect(201)?;
        world.settle().await;
        join(world, email, &format!("{given_name} {surname}")).await
    }

    /// Makes an employee a superadministrator, with the consent of a second administrator where there is one.
    ///
    /// # Errors
    /// With what the service refused on the way.
    pub async fn appoint(&self, world: &World, employee: &Person, consents: Option<&Person>) -> anyhow::Result<()> {
        let path = format!("/api/v1/companies/{}/administrators", self.id);
        let answer = self.administrator.http.post(&path, &json!({"employee": employee.employee})).await?;
        match consents {
            None => drop(answer.expect(204)?),
            Some(second) => {
                let id = answer.expect(202)?.string("/id");
                second.http.post(&format!("/api/v1/mandates/{id}/approval"), &json!({})).await?.expect(204)?;
            }
        }
        world.settle().await;
        Ok(())
    }

    /// The bare invitation, whatever comes of it.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn invite(&self, invitation: &Value) -> anyhow::Result<Answer> {
        self.administrator.http.post(&self.employees(), invitation).await
    }
}

/// An invitation by letter, e-mail in the certificate.
pub fn invitation(given_name: &str, surname: &str, email: &str) -> Value {
    json!({
        "given_name": given_name, "surname": surname, "email": email, "birth_date": BIRTH_DATE, "email_in_certificate": true,
        "vouched": "by_letter"
    })
}

/// A passport that holds, as a program types it.
pub fn passport() -> Value {
    json!({"kind": "passport", "issuer": "Slagelse Kommune", "expires": "2035-01-01", "number": "208123456"})
}

/// What came for an invited person: the path of the link by mail, the temporary password by letter.
///
/// # Errors
/// When one of the two did not come.
pub fn post_for(world: &World, email: &str, name: &str) -> anyhow::Result<(String, String)> {
    let link = world.mailbox.link_to(email, "/activate/").with_context(|| format!("{email} got no link"))?;
    let temporary = world.mailbox.temporary_password(name).with_context(|| format!("{name} got no letter"))?;
    Ok((link, temporary))
}

/// Activates with the mailed link and the letter's temporary password. The user id is the address with a dot for the @.
///
/// # Errors
/// With what the service refused.
pub async fn join(world: &World, email: &str, name: &str) -> anyhow::Result<Person> {
    let (link, temporary) = post_for(world, email, name)?;
    let person = Person::activate(&world.client(), &link, Some(&temporary), &email.replace('@', ".")).await?;
    world.settle().await;
    Ok(person)
}
