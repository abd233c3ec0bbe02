//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use super::{ceremony, import_token::Binding, restore::Restoring, tls_certificate::Wanted};

/// Employee signatures for companies and associations: one service, one binary.
#[derive(Debug, clap::Parser)]
#[command(name = "segl", version, about, arg_required_else_help = true)]
pub struct Arguments {
    /// The directory of everything that the service keeps
    #[arg(long, global = true, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// The configuration (TOML); DIR/segl.toml when it is there
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Read the audit
    Audit {
        /// What to do with it
        #[command(subcommand)]
        what: AuditCommand,
    },
    /// Write everything, sealed, into one file: database, sealed keys, mail spool; while it serves or not
    Backup {
        /// The file to write; it must not be there yet
        file: PathBuf,
        /// The public key to seal to; backup.public_key of the configuration when not given
        #[arg(long, value_name = "KEY")]
        to: Option<String>,
    },
    /// Make the pair of keys for backups: the private half into FILE, the public half on the terminal
    BackupKey {
        /// The file for the private half; it must not be there yet
        file: PathBuf,
    },
    /// Make root and issuing CAs away from the service, renew the root's list, replace or cross-sign an issuing CA
    Ceremony {
        /// What to do
        #[command(subcommand)]
        what: ceremony::Step,
    },
    /// Check configuration, database, keys against certificates, and print the cost of guessing a password
    Check,
    /// Bind a certificate of somebody else, with its key in a token, to a company: for its seal or mail
    ImportToken(Binding),
    /// Set up for real use: asks what it needs, makes the CAs, prints a one-time link for the first operator
    Init(Answers),
    /// Bring the database up to this program's schema
    Migrate,
    /// Operators by whoever owns the host, without a second operator's consent: audited, and told to all who have the role security
    Operators {
        /// What to do
        #[command(subcommand)]
        what: OperatorsCommand,
    },
    /// Print the OpenAPI document
    Openapi,
    /// Say which identity key phones pin, or let its successor take over
    PhoneIdentity {
        /// The successor takes over: phones follow by themselves, and the old key signs nothing more
        #[arg(long)]
        succeed: bool,
    },
    /// Bring a backup back, into an empty place and a new epoch
    Restore(Restoring),
    /// Answer requests until told to stop
    Serve {
        /// Made-up companies and people on a loopback address, to look around
        #[arg(long)]
        demo: bool,
        /// The address to listen on, as 127.0.0.1:8080
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
        /// The address to speak HTTPS on as well, as 127.0.0.1:8443
        #[arg(long, value_name = "ADDR")]
        listen_tls: Option<SocketAddr>,
    },
    /// Issue a certificate for a TLS server, by a request whose key the server keeps
    TlsCertificate(Wanted),
    /// Tell whether a PDF's signatures are valid: exit 0 valid, 1 invalid, 2 indeterminate, 3 no signature, 64 usage
    ///
    /// A file that is no PDF, or that cannot be read as one, is invalid too (exit 1): EN 319 102-1 calls it TOTAL-FAILED, FORMAT_FAILURE. A
    /// file that is not there is wrong usage.
    Verify(VerifyArguments),
    /// Check the evidence of an answer on a phone: exit 0 it holds and says yes, 1 it does not hold, 3 it says no, 64 usage
    VerifyApproval(VerifyApprovalArguments),
}

/// What to do with the audit.
#[derive(Debug, clap::Subcommand)]
pub enum AuditCommand {
    /// Check the whole chain; names any entry that was edited, removed or moved
    Verify {
        /// A checkpoint kept elsewhere, which this chain must extend
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
}

/// What to do about operators.
#[derive(Debug, clap::Subcommand)]
pub enum OperatorsCommand {
    /// After a restore, when all rest: have these be operators again
    Confirm {
        /// User ids, e-mail addresses or ids
        #[arg(required = true, value_name = "WHO")]
        who: Vec<String>,
    },
    /// Who is an operator, with which roles, and how they stand
    List {
        /// And who administers which company
        #[arg(long)]
        administrators: bool,
    },
    /// Print a one-time link (15 minutes) for another operator
    Invite {
        /// The full name
        name: String,
        /// The e-mail address
        mail: String,
        /// registration, security, help_desk, auditor; several with commas between
        #[arg(long, value_name = "ROLES", value_delimiter = ',', required = true)]
        roles: Vec<String>,
    },
}

/// Answers for `init`; what is not given is asked for.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Answers {
    /// Take the CAs from the bundle of a ceremony instead of making them here
    #[arg(long, value_name = "BUNDLE", conflicts_with_all = ["organisation", "root_name", "issuing_name"])]
    pub from_ceremony: Option<PathBuf>,
    /// Secrets of that bundle
    #[command(flatten)]
    pub secrets: ceremony::Secrets,
    /// Where people will reach the service, as https://segl.example.dk
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Where certificates point (CRLs, OCSP), as http://pki.segl.example.dk
    #[arg(long, value_name = "URL")]
    pub pki_url: Option<String>,
    /// The organisation that runs the service: O in the CA certificates
    #[arg(long, value_name = "NAME")]
    pub organisation: Option<String>,
    /// The root CA's name
    #[arg(long, value_name = "NAME")]
    pub root_name: Option<String>,
    /// The issuing CA's name
    #[arg(long, value_name = "NAME")]
    pub issuing_name: Option<String>,
    /// The sender of the service's own mail
    #[arg(long, value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// The mail relay, as host or host:port; "none" spools mail into DIR/spool
    #[arg(long, value_name = "HOST")]
    pub relay: Option<String>,
    /// What says whether the clock is right: "kernel", "none", or an NTP server as ntp.example.dk
    #[arg(long, value_name = "REFERENCE")]
    pub clock: Option<String>,
    /// The first operator's name
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
    /// The first operator's e-mail address
    #[arg(long, value_name = "ADDRESS")]
    pub operator_email: Option<String>,
}

/// Which evidence, and whom to trust.
#[derive(Debug, clap::Args)]
pub struct VerifyApprovalArguments {
    /// The evidence (JSON)
    pub file: PathBuf,
    /// The service's identity key, in hexadecimal or as a file; without any, the one of this installation
    #[arg(long, value_name = "FILE|HEX")]
    pub identity: Vec<String>,
    /// Vendors' roots (PEM) that the attestation of the phone's key must lead to; without any, it is only held against the record
    #[arg(long, value_name = "PEM")]
    pub vendor_root: Vec<PathBuf>,
    /// The app that Apple must have vouched for, as A1B2C3D4E5.dk.segl.phone; without it no app of Apple's is judged
    #[arg(long, value_name = "TEAM.BUNDLE", requires = "vendor_root")]
    pub apple_app: Option<String>,
    /// The app that must have had the keys made on Android, as dk.segl.phone; without it no app of Android's is judged
    #[arg(long, value_name = "PACKAGE", requires = "android_signer")]
    pub android_package: Option<String>,
    /// SHA-256 of the certificate that signed that app, in hexadecimal
    #[arg(long, value_name = "HEX", requires = "android_package")]
    pub android_signer: Option<String>,
}

/// What to verify, against what.
#[derive(Debug, clap::Args)]
pub struct VerifyArguments {
    /// The PDF
    pub file: PathBuf,
    /// Roots to trust (PEM); without any, the roots of this installation
    #[arg(long, value_name = "PEM")]
    pub trust: Vec<PathBuf>,
    /// The time to verify at, as 2026-11-22T20:00:00Z; now when not given
    #[arg(long, value_name = "RFC3339")]
    pub at: Option<String>,
    /// Print the whole report as JSON
    #[arg(long)]
    pub json: bool,
}
