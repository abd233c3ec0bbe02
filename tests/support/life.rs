//! The life of a software phone after it is paired: what it is asked beside log-ins, the person's other phones, its move, the service's next key.

use anyhow::{Context as _, ensure};
use keycard::{
    Block, PhoneId,
    wire::{BlockPhone, Decided, Identities, Phones, TO_PHONE_BYTES, read},
};
use serde_json::{Value, json};

use crate::{
    approver::{Shown, typed},
    client::Answer,
    phone::{Claimed, Invited, Seen, SoftPhone, begin},
    roles::Person,
};

/// A thing that a phone was asked about, as the page knows it that asked.
#[derive(Clone, Debug)]
pub struct PhoneQuestion {
    /// Names it.
    pub approval: String,
    /// The two digits.
    pub number: String,
}

impl PhoneQuestion {
    /// Reads the answer to asking.
    pub fn of(answer: &Answer) -> Self {
        Self { approval: answer.string("/approval"), number: answer.string("/number") }
    }
}

impl SoftPhone {
    /// Says yes to the one request that waits, by this number.
    ///
    /// # Errors
    /// When none or several wait, or the service does not take it.
    pub async fn says_yes(&self, number: &str) -> anyhow::Result<Shown> {
        let shown = self.sole_request().await?;
        let decided = self.decide(&shown, typed(number)).await?;
        ensure!(decided == Decided::Taken, "{decided:?}");
        Ok(shown)
    }

    /// The phones of the person, as this one is told.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn phones(&self) -> anyhow::Result<Phones> {
        Ok(read(&self.http.get("/api/v1/phone/phones").await?.expect(200)?.bytes, TO_PHONE_BYTES)?)
    }

    /// Blocks another phone, whatever comes of it; `signer` is the phone whose key signs.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn block_other(&self, signer: &Self, lost: PhoneId) -> anyhow::Result<Answer> {
        let block = BlockPhone { block: signer.sign(&Block { phone: self.id, lost })? };
        self.http.post(&format!("/api/v1/phone/phones/{lost}/block"), &serde_json::to_value(&block)?).await
    }

    /// Follows the service to the identity key in use, from the pins that it has. Gives whether a step followed.
    ///
    /// # Errors
    /// With what the service refused, or what the phone does not believe.
    pub async fn follow(&mut self) -> anyhow::Result<bool> {
        let answer = self.http.get("/api/v1/phone/identity").await?.expect(200)?;
        let told: Identities = read(&answer.bytes, TO_PHONE_BYTES)?;
        let Some((pins, identity)) = told.follow(&self.pins)? else { return Ok(false) };
        (self.pins, self.identity) = (pins, identity);
        Ok(true)
    }
}

impl Person {
    /// Has the phone asked about a thing.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn ask_phone(&self, path: &str, body: &Value) -> anyhow::Result<PhoneQuestion> {
        Ok(PhoneQuestion::of(&self.http.post(path, body).await?.expect(200)?))
    }

    /// Invites a new phone in the place of this one, up to the digits on both screens.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn begin_move(&self, old: &SoftPhone, name: &str) -> anyhow::Result<(String, Claimed)> {
        self.prove().await?;
        let answer = self.http.post(&format!("/api/v1/phones/{}/move", old.id), &Value::Null).await?.expect(201)?;
        let id = answer.string("/id");
        let invited = Invited { id: id.clone(), invitation: answer.string("/invitation"), code: answer.string("/code") };
        Ok((id, self.claimed(&invited, name).await?))
    }

    /// A new phone that has claimed an invitation, with the same digits on both screens.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn claimed(&self, invited: &Invited, name: &str) -> anyhow::Result<Claimed> {
        let claimed = begin(&self.http, Seen::Qr(&invited.invitation)).await?.claim(name).await?;
        ensure!(self.pairing_digits(&invited.id).await? == claimed.digits, "the digits differ");
        Ok(claimed)
    }

    /// Gives the password, so that the present phones are asked about the new one.
    ///
    /// # Errors
    /// With what the service refused.
    pub async fn ask_about_phone(&self, id: &str) -> anyhow::Result<PhoneQuestion> {
        self.ask_phone(&format!("/api/v1/phones/{id}/pairing/phone-question"), &json!({"password": self.password})).await
    }

    /// Confirms the new phone with a yes, whatever comes of it.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn confirm_by_phone(&self, id: &str, asked: &PhoneQuestion) -> anyhow::Result<Answer> {
        self.http.post(&format!("/api/v1/phones/{id}/pairing/phone-confirmation"), &json!({"approval": asked.approval})).await
    }

    /// One of one's phones, as the person's program sees it.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn own_phone(&self, id: PhoneId) -> anyhow::Result<Value> {
        let listed = self.http.get("/api/v1/phones").await?.expect(200)?.items();
        listed.into_iter().find(|phone| phone["id"] == id.to_string()).context("the phone is not listed")
    }
}
