//! Rounds, medians, processor time, and the table.

use std::time::{Duration, Instant};

/// How many rounds each line is measured.
pub const ROUNDS: usize = 5;

/// What one round took.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// How many things were made.
    pub count: usize,
    /// How long it took.
    pub elapsed: Duration,
    /// How long processors worked for it in this process (the database server's are not counted).
    pub worked: Duration,
}

/// Begins a round.
pub struct Watch {
    began: Instant,
    worked: Duration,
}

impl Watch {
    /// Now.
    pub fn start() -> Self {
        Self { began: Instant::now(), worked: processor_time() }
    }

    /// Ends the round in which `count` things were made.
    pub fn stop(self, count: usize) -> Round {
        Round { count, elapsed: self.began.elapsed(), worked: processor_time().saturating_sub(self.worked) }
    }
}

fn processor_time() -> Duration {
    processor_time_of(std::process::id())
}

/// User and system time of a process, all threads: fields 14 and 15 of `/proc/PID/stat`, in hundredths of a second (proc(5)).
pub fn processor_time_of(process: u32) -> Duration {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, fields) = text.rsplit_once(')').unwrap();
    let ticks: u64 = fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

fn median(rounds: &[Round], span: fn(&Round) -> Duration) -> f64 {
    let mut rates: Vec<f64> =
        rounds.iter().map(|round| f64::from(u32::try_from(round.count).unwrap()) / span(round).as_secs_f64()).collect();
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// The median of what the rounds did per processor second.
pub fn per_processor_second(rounds: &[Round]) -> f64 {
    median(rounds, |round| round.worked)
}

/// The median of what the rounds did per second.
pub fn per_second(rounds: &[Round]) -> f64 {
    median(rounds, |round| round.elapsed)
}

/// Prints the line of some rounds: medians.
pub fn report(what: &str, rounds: &[Round]) {
    println!("| {what:<58} | {:>10.1} | {:>14.1} |", per_second(rounds), per_processor_second(rounds));
}

/// Prints a ratio of medians beside the goal, and whether it is met.
pub fn goal(what: &str, ratio: f64, at_least: f64) {
    let word = if ratio >= at_least { "goal met" } else { "goal missed" };
    println!("| {what:<58} | {ratio:>9.2}x | {:>14} |", format!("{word}: {at_least}"));
}

/// Prints the head of the table.
pub fn head() {
    println!("\nMedians of {ROUNDS} rounds.\n");
    println!("| {:<58} | {:>10} | {:>14} |", "", "per second", "per CPU second");
    println!("|{:-<60}|{:->12}|{:->16}|", "", "", "");
}
