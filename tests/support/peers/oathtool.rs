//! oathtool (OATH Toolkit): codes by counter and by time.

use super::tools;

/// The codes by counter of a seed (hexadecimal), so many from a counter on.
///
/// # Panics
/// When oathtool is missing or not content: `./dev test` installs it.
pub async fn by_counter(seed: &str, digits: usize, counter: u64, codes: usize) -> Vec<String> {
    let arguments = [format!("--digits={digits}"), format!("--counter={counter}"), format!("--window={}", codes - 1), seed.to_owned()];
    lines(&arguments).await
}

/// The codes by time of a seed, so many steps from a time (Unix seconds) on.
///
/// # Panics
/// As [`by_counter`].
pub async fn by_time(seed: &str, hash: &str, (digits, period): (usize, u64), seconds: u64, codes: usize) -> Vec<String> {
    let arguments = [
        format!("--totp={hash}"),
        format!("--digits={digits}"),
        format!("--time-step-size={period}s"),
        format!("--now=@{seconds}"),
        format!("--window={}", codes - 1),
        seed.to_owned(),
    ];
    lines(&arguments).await
}

async fn lines(arguments: &[String]) -> Vec<String> {
    let said = tools::run("oathtool", arguments).await;
    assert!(said.is_content(), "{}", said.words);
    said.words.lines().map(str::to_owned).collect()
}
