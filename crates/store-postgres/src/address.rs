//! Where a database is, and how the line to it is kept safe: `postgres://ROLE@HOST/NAME`, with the words of the
//! PostgreSQL's own programs behind it, also `sslmode=require`, `sslrootcert=FILE`, `sslcert=FILE`, `sslkey=FILE`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use store::StoreError;
use tokio_postgres::Config;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::fault;
use crate::link::Link;

/// An address, understood.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) config: Config,
    tls: Option<Arc<ClientConfig>>,
}

/// How long a server may be silent where the address does not say.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the driver does not know of.
const FILES: [&str; 3] = ["sslrootcert", "sslcert", "sslkey"];

impl Address {
    /// Understands one. Files are read at once: a missing one is told before anything else happens.
    pub(crate) fn parse(url: &str) -> Result<Self, StoreError> {
        let (url, files) = take_files(url);
        let mut config: Config = url.parse().map_err(fault("reading", "the database's address"))?;
        if config.get_application_name().is_none() {
            config.application_name("tongqu");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        // A server and its standbys: the books are where they can be written.
        let servers = config.get_hosts().len();
        if servers > 1 && config.get_target_session_attrs() == TargetSessionAttrs::Any {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        // A server that went without a word is noticed.
        config.keepalives_idle(PATIENCE).tcp_user_timeout(PATIENCE);
        let [root, cert, key] = files;
        if cert.is_some() != key.is_some() || (cert.is_some() && root.is_none()) {
            let why = "sslcert and sslkey belong together, and need sslrootcert=FILE: who signed the server's certificate";
            return Err(fault("reading", "the database's address")(why));
        }
        let tls = match root {
            None if config.get_ssl_mode() == SslMode::Require => {
                let why = "sslmode=require needs sslrootcert=FILE: who signed the server's certificate";
                return Err(fault("reading", "the database's address")(why));
            }
            None => None,
            Some(root) => {
                // With a root named, a line without TLS is never taken.
                config.ssl_mode(SslMode::Require);
                Some(Arc::new(client(&root, cert.as_deref().zip(key.as_deref()))?))
            }
        };
        Ok(Self { config, tls })
    }

    /// A connection. What the server says of a refusal is told.
    pub(crate) fn connect(&self) -> Result<Link, StoreError> {
        Link::open(self).map_err(|error| fault("connecting", "database")(crate::told(&error)))
    }

    /// How to make the line safe, where the address says so.
    pub(crate) fn tls(&self) -> Option<MakeRustlsConnect> {
        self.tls.as_ref().map(|tls| MakeRustlsConnect::new(tls.as_ref().clone()))
    }
}

/// The address without the words that name files, and the files.
fn take_files(url: &str) -> (String, [Option<String>; 3]) {
    let mut files = [const { None }; 3];
    let Some((place, words)) = url.split_once('?') else { return (url.to_owned(), files) };
    let mut kept = Vec::new();
    for word in words.split('&') {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        match FILES.iter().position(|known| *known == name) {
            Some(at) => files[at] = Some(value.replace("%2F", "/").replace("%2f", "/")),
            None => kept.push(word),
        }
    }
    let rest = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    (format!("{place}{rest}"), files)
}

/// The certificate the server must show, and ours.
fn client(root: &str, ours: Option<(&str, &str)>) -> Result<ClientConfig, StoreError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(root)? {
        roots.add(certificate).map_err(fault("reading", root))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(fault("setting up", "TLS"))?
        .with_root_certificates(roots);
    let Some((cert, key)) = ours else { return Ok(builder.with_no_client_auth()) };
    let secret = PrivateKeyDer::from_pem_file(Path::new(key)).map_err(fault("reading", key))?;
    builder.with_client_auth_cert(certificates(cert)?, secret).map_err(fault("reading", cert))
}

fn certificates(file: &str) -> Result<Vec<CertificateDer<'static>>, StoreError> {
    let all = CertificateDer::pem_file_iter(Path::new(file)).map_err(fault("reading", file))?;
    all.collect::<Result<_, _>>().map_err(fault("reading", file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_certificates_are_taken_out_of_an_address() {
        let (url, files) =
            take_files("postgres://h_1@db/centre?sslmode=require&sslrootcert=/a/ca.pem&sslkey=%2Fb%2Fk.pem");
        assert_eq!(url, "postgres://h_1@db/centre?sslmode=require");
        assert_eq!(files, [Some("/a/ca.pem".into()), None, Some("/b/k.pem".into())]);
    }

    #[test]
    fn a_certificate_is_never_left_out_without_a_word() {
        for words in ["sslcert=a&sslkey=b", "sslrootcert=c&sslcert=a", "sslrootcert=c&sslkey=b"] {
            let error = Address::parse(&format!("postgres://h_1@db/centre?{words}")).err().unwrap();
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert!(cause.contains("belong together"), "{words}: {cause}");
        }
    }

    #[test]
    fn of_several_servers_the_one_that_can_be_written_is_meant() {
        let meant = |url| Address::parse(url).ok().unwrap().config.get_target_session_attrs();
        assert_eq!(meant("postgres://h_1@db/centre"), TargetSessionAttrs::Any);
        assert_eq!(meant("postgres://h_1@db1:5432,db2:5432/centre"), TargetSessionAttrs::ReadWrite);
        let asked = "postgres://h_1@db1,db2/centre?target_session_attrs=read-only";
        assert_eq!(meant(asked), TargetSessionAttrs::ReadOnly);
    }

    #[test]
    fn a_line_that_must_be_safe_names_who_signed_the_server() {
        let error = Address::parse("postgres://h_1@db/centre?sslmode=require").err().unwrap();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("sslrootcert"), "{cause}");
        let error = Address::parse("postgres://h_1@db/centre?sslrootcert=/none.pem").err().unwrap();
        assert_eq!(error.subject, "/none.pem");
    }
}
