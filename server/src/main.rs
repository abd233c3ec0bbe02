//! `segl`: arguments -> one command.

fn main() {}
