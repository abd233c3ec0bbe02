//! Where a request comes from, as far as the operator's file says.

use anyhow::ensure;
use serde_json::json;
use support::{
    places::mmdb,
    program::segl,
    roles::{invitation, join},
    world::{EngineKind, Setup, run_in},
};

#[test]
fn the_phone_shows_the_rough_place_of_whoever_begins() {
    for engine in [EngineKind::Sqlite, EngineKind::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("places.mmdb");
        std::fs::write(&file, mmdb(&[("en", "Copenhagen"), ("da", "København")], &[("en", "Denmark")])).unwrap();
        let setup = Setup { policy: format!("[phones]\nplaces = {:?}\n", file.display().to_string()), ..Setup::on(engine) };
        run_in(setup, async |world| {
            let (_, bakery) = world.bakery().await?;
            let phone = bakery.administrator.pair_phone("Annes telefon").await?;
            bakery.administrator.begin_by_phone().await?;
            let shown = phone.sole_request().await?;
            let asked = shown.payload.parts();
            ensure!(asked.place.as_deref() == Some("København, Denmark") && asked.network == "127.0.0.0/24", "{asked:?}");
            // In the person's own language, not in the service's.
            let mut invited = invitation("Mary", "Baker", "mary@30808460.example.dk");
            invited["language"] = json!("en");
            bakery.invite(&invited).await?.expect(201)?;
            world.settle().await;
            let mary = join(world, "mary@30808460.example.dk", "Mary Baker").await?;
            let phone = mary.pair_phone("Mary's phone").await?;
            mary.begin_by_phone().await?;
            let place = phone.sole_request().await?.payload.parts().place.clone();
            ensure!(place.as_deref() == Some("Copenhagen, Denmark"), "{place:?}");
            Ok(())
        });
    }
    run_in(Setup::on(EngineKind::Sqlite), async |world| {
        let (_, bakery) = world.bakery().await?;
        let phone = bakery.administrator.pair_phone("Annes telefon").await?;
        bakery.administrator.begin_by_phone().await?;
        ensure!(phone.sole_request().await?.payload.parts().place.is_none(), "a place without a file");
        Ok(())
    });
}

#[test]
fn a_broken_or_absent_file_of_places_is_named_by_check_and_at_the_start() {
    run_in(Setup::on(EngineKind::Sqlite), async |world| {
        let whole = mmdb(&[("en", "Copenhagen")], &[("en", "Denmark")]);
        let data = world.plot().data();
        let configuration = std::fs::read_to_string(data.join("segl.toml"))?;
        std::fs::write(data.join("segl.toml"), format!("{configuration}\n[phones]\nplaces = \"places.mmdb\"\n"))?;
        let broken: [Option<&[u8]>; 3] = [None, Some(&whole[..whole.len() / 2]), Some(b"not a database")];
        for content in broken {
            if let Some(content) = content {
                std::fs::write(data.join("places.mmdb"), content)?;
            }
            for command in ["check", "serve"] {
                let said = segl([command, "--data", &data.display().to_string()]).await;
                ensure!(
                    said.code == 1 && said.words.contains("phones.places") && said.words.contains("places.mmdb"),
                    "{command}: {said:?}"
                );
            }
        }
        std::fs::write(data.join("places.mmdb"), &whole)?;
        let said = segl(["check", "--data", &data.display().to_string()]).await;
        ensure!(!said.words.contains("phones.places"), "{said:?}");
        Ok(())
    });
}
