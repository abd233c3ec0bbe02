//! oathtool's codes are those that Segl expects of a code token with the same seed: by counter and by time, each hash, both lengths.

use anyhow::{Context as _, ensure};
use keycard::oath::{Code, Digits, Hash, Kind};
use serde_json::json;
use support::peers::oathtool;

use super::scene;

const SEEDS: u64 = 100;

/// Seeds of 16 to 64 bytes that only look random.
fn seed(at: u64) -> Vec<u8> {
    let length = 16 + usize::try_from(at % 49).unwrap_or(0);
    (0..)
        .flat_map(|block: u64| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ block.wrapping_mul(0xbf58_476d_1ce4_e5b9)).to_be_bytes())
        .take(length)
        .collect()
}

#[actix_web::test]
async fn it_shows_the_codes_that_we_expect() {
    for at in 0..SEEDS {
        let (seed, start) = (seed(at), at * 997);
        let (digits, count) = if at % 2 == 0 { (Digits::Six, 6) } else { (Digits::Eight, 8) };
        let ours = |hash, steps: std::ops::Range<u64>| -> Vec<String> {
            steps.map(|step| Code::at_step(Kind { hash, digits }, &seed, step).unwrap().expose().to_owned()).collect()
        };
        let theirs = oathtool::by_counter(&hex::encode(&seed), count, start, 25).await;
        assert_eq!(theirs, ours(Hash::Sha1, start..start + 25), "by counter, seed {at}");
        let (hash, name) = [(Hash::Sha1, "sha1"), (Hash::Sha256, "sha256"), (Hash::Sha512, "sha512")][usize::try_from(at % 3).unwrap()];
        let period = if at % 5 == 0 { 60 } else { 30 };
        let theirs = oathtool::by_time(&hex::encode(&seed), name, (count, period), 1_795_348_800 + at, 25).await;
        let step = (1_795_348_800 + at) / period;
        assert_eq!(theirs, ours(hash, step..step + 25), "by time, seed {at}");
    }
}

#[test]
fn a_person_logs_in_by_its_codes() {
    scene(async |scene| {
        let (anne, bo, operator) = (&scene.bakery.administrator, &scene.bo, &scene.operator.0);
        anne.prove().await?;
        let factors = format!("/api/v1/companies/{}/factors", scene.bakery.id);
        support::client::send(anne.http.request(reqwest::Method::PUT, &factors).json(&json!({"phone": true, "token": true})))
            .await?
            .expect(204)?;
        let seed = hex::encode(seed(40));
        let file = format!("serial,seed_hex,kind,digits,hash,period\nOT-1,{seed},totp,8,sha512,60\n");
        operator.prove().await?;
        operator.http.post("/api/v1/code-tokens", &json!({"format": "csv", "file": file})).await?.expect(201)?;
        let path = format!("/api/v1/companies/{}/employees/{}/code-token", scene.bakery.id, bo.employee);
        anne.http.post(&path, &json!({"serial": "OT-1"})).await?.expect(201)?;
        bo.prove().await?;
        let now = u64::try_from(segl::platform::clock::Clock::now(&scene.world.clock).millis())? / 1000;
        let codes = oathtool::by_time(&seed, "sha512", (8, 60), now - 60, 3).await;
        let own = bo.http.get("/api/v1/own-code-tokens").await?.expect(200)?.items();
        let id = own.first().context("a token")?["id"].as_str().context("its id")?.to_owned();
        let pair = json!({"first": codes[0], "second": codes[1]});
        bo.http.post(&format!("/api/v1/own-code-tokens/{id}/activation"), &pair).await?.expect(204)?;
        let begun = json!({"user_id": bo.user_id, "password": bo.password});
        let begun = bo.http.without_token().post("/api/v1/logins", &begun).await?.expect(201)?;
        let answer = json!({"login": begun.string("/login"), "token_code": codes[2], "carrier": "program"});
        let opened = bo.http.without_token().post("/api/v1/logins/answer", &answer).await?.expect(201)?;
        ensure!(!opened.string("/token").is_empty());
        Ok(())
    });
}
