//! What a person's phones were asked, on the pages of self-service: how it ended, from where, with which phone, and the evidence of it.

use anyhow::{Context as _, ensure};
use keycard::{Verdict, evidence::Evidence, wire::Decided};
use serde_json::Value;
use support::{approver::typed, journey, visitor::between};
use time::Duration;

const PAGE: &str = "/account/approvals";

journey!(the_history_shows_what_from_where_and_how_it_ended_and_gives_the_evidence, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let browser = person.browser("da").await?;
    ensure!(browser.get(PAGE).await?.expect(200)?.text().contains("Dine telefoner er ikke spurgt om noget endnu."));
    let phone = person.pair_phone("Annes telefon").await?;
    let begun = person.begin_by_phone().await?;
    ensure!(phone.decide(&phone.sole_request().await?, typed(&begun.number)).await? == Decided::Taken);
    world.clock.advance(Duration::SECOND);
    person.begin_by_phone().await?;
    ensure!(phone.decide(&phone.sole_request().await?, Verdict::Reject).await? == Decided::Taken);
    world.clock.advance(Duration::SECOND);
    person.begin_by_phone().await?;
    world.clock.advance(Duration::minutes(3));
    let page = browser.get(PAGE).await?.expect(200)?.text();
    for said in ["Log på", "Godkendt", "Afvist", "Udløbet uden svar", "127.0.0.0/24", "Annes telefon", "Ingen svarede"] {
        ensure!(page.contains(said), "{said} is missing: {page}");
    }
    ensure!(page.matches("/evidence\"").count() == 2, "what was answered has evidence, and nothing else");
    let link = between(&page, "href=\"/api/v1/approvals/", "\"").context("no evidence")?;
    let evidence = browser.get(&format!("/api/v1/approvals/{link}")).await?.expect(200)?;
    ensure!(evidence.header("content-disposition").starts_with("attachment"));
    ensure!(Evidence::from_json(&evidence.bytes)?.verify(&[phone.identity]).is_sound());
    let other = bakery.hire(world, "Mette", "Hansen", "mette@30808460.example.dk").await?;
    let page = other.browser("en").await?.get(PAGE).await?.expect(200)?.text();
    ensure!(page.contains("Your phones have not been asked anything yet."), "somebody else's history is shown");
    Ok(())
});

journey!(the_history_goes_on_page_by_page, async |world| {
    let (_, bakery) = world.bakery().await?;
    let mut person = bakery.administrator.clone();
    let phone = person.pair_phone("Annes telefon").await?;
    world.clock.advance(Duration::hours(24));
    person.log_in().await?;
    let browser = person.browser("en").await?;
    // Each is answered: what nobody answers would soon be asked no more.
    for _ in 0..52 {
        let asked = person.http.post("/api/v1/phone-questions/keycard", &Value::Null).await?.expect(200)?;
        phone.decide(&phone.sole_request().await?, typed(&asked.string("/number"))).await?;
        world.clock.advance(Duration::milliseconds(2));
    }
    let first = browser.get(PAGE).await?.expect(200)?.text();
    ensure!(first.matches(">Approved</td>").count() == 50, "{}", first.matches(">Approved</td>").count());
    let next = between(&first, "rel=\"next\" href=\"", "\"").context("no next page")?;
    let second = browser.get(&next).await?.expect(200)?.text();
    ensure!(second.matches(">Approved</td>").count() == 2 && !second.contains("rel=\"next\""));
    Ok(())
});

journey!(a_person_lets_requests_wait_longer_on_the_page, async |world| {
    let (_, bakery) = world.bakery().await?;
    let person = &bakery.administrator;
    let phone = person.pair_phone("Annes telefon").await?;
    let browser = person.browser("da").await?;
    let page = browser.get(PAGE).await?.expect(200)?;
    for wrong in ["1", "11", "mange"] {
        let refused = browser.submit(&page, &format!("{PAGE}/limit"), &[("minutes", wrong)]).await?.expect(422)?;
        ensure!(refused.text().contains("Vælg mellem 2 og 10 minutter.") && refused.text().contains(&format!("value=\"{wrong}\"")));
    }
    browser.submit(&page, &format!("{PAGE}/limit"), &[("minutes", "7")]).await?.expect(303)?;
    ensure!(browser.get(PAGE).await?.expect(200)?.text().contains("value=\"7\""));
    person.begin_by_phone().await?;
    let shown = phone.sole_request().await?;
    ensure!(shown.payload.parts().expires_ms - shown.payload.parts().issued_ms == 420_000);
    Ok(())
});
