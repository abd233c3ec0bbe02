//! The phone of `./dev tour`: the crate `keycard` with its keys in a file that ends with it, told what to do line by line.
//!
//! `pair CODE NAME`, `collect`, `waiting`, `approve NUMBER`, `history`: each is answered by one line of JSON. `SEGL_URL` is the
//! service. It proves and believes what the app does, and is no part of the product.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]
#![expect(clippy::disallowed_methods, reason = "the tour tells in the environment where the service is")]

use std::io::BufRead as _;

use anyhow::{Context as _, bail};
use keycard::wire::Decided;
use serde_json::{Value, json};
use support::{
    approver::typed,
    client::Client,
    phone::{Claimed, Seen, SoftPhone, begin},
    world::on_runtime,
};

enum Phone {
    Bare,
    Claimed(Box<Claimed>),
    Paired(Box<SoftPhone>),
}

impl Phone {
    fn paired(&self) -> anyhow::Result<&SoftPhone> {
        match self {
            Self::Paired(phone) => Ok(phone),
            Self::Bare | Self::Claimed(_) => bail!("this phone is not paired"),
        }
    }

    /// A yes with the page's number; where the request asks for the secret of a signing key, with that.
    async fn approve(&self, number: &str) -> anyhow::Result<Value> {
        let phone = self.paired()?;
        let shown = phone.sole_request().await?;
        let decided = match shown.payload.parts().release_key {
            Some(_) => phone.approve_signing(&shown, number).await?,
            None => phone.decide(&shown, typed(number)).await?,
        };
        Ok(json!({"id": shown.id, "taken": decided == Decided::Taken}))
    }

    async fn told(&mut self, line: &str) -> anyhow::Result<Value> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "pair" => {
                let (code, name) = rest.split_once(' ').context("pair CODE NAME")?;
                let http = Client::anonymous(&std::env::var("SEGL_URL")?);
                let claimed = begin(&http, Seen::Code(code)).await?.claim(name).await?;
                let said = json!({"digits": claimed.digits});
                *self = Self::Claimed(Box::new(claimed));
                Ok(said)
            }
            "collect" => {
                let Self::Claimed(claimed) = std::mem::replace(self, Self::Bare) else { bail!("nothing is claimed") };
                let phone = claimed.collect().await?;
                let record = json!({"account": phone.record.account, "company": phone.record.company});
                *self = Self::Paired(Box::new(phone));
                Ok(record)
            }
            "waiting" => {
                let waiting = self.paired()?.waiting().await?;
                let shown = waiting.iter().map(|request| {
                    let parts = request.payload.parts();
                    json!({"id": request.id, "title": parts.title, "lines": parts.lines, "account": parts.account, "network": parts.network})
                });
                Ok(Value::Array(shown.collect()))
            }
            "approve" => self.approve(rest).await,
            "history" => {
                let entries = self.paired()?.history().await?.entries;
                let told = entries.items().iter().map(|entry| json!({"title": entry.title.as_str(), "outcome": entry.outcome.as_str()}));
                Ok(Value::Array(told.collect()))
            }
            other => bail!("a phone does not know how to {other}"),
        }
    }
}

fn main() {
    on_runtime(async {
        let mut phone = Phone::Bare;
        for line in std::io::stdin().lock().lines() {
            match phone.told(&line.unwrap()).await {
                Ok(said) => println!("{said}"),
                Err(refused) => println!("{}", json!({"refused": format!("{refused:#}")})),
            }
        }
    });
}
