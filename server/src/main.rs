//! `segl`: arguments -> one command.

use std::process::ExitCode;

fn main() -> ExitCode {
    segl::commands::main()
}
