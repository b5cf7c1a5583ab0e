//! A hospital's line to the centre's database, as the manual sets it up: TLS, the server's certificate checked, the
//! hospital's certificate its login.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use model::{HospitalId, SystemClock};
use pgtest::{Durable, Server};
use store::{CentreStore, Counter, HospitalRow, Keys, Sealer, SlotError};
use store_postgres::{PostgresCounter, PostgresStore, Strictness, admit};
use tempfile::TempDir;

/// A certificate authority in a folder.
struct Authority(TempDir);

impl Authority {
    fn new() -> Self {
        let authority = Self(TempDir::new().unwrap());
        authority.openssl(
            "req -x509 -newkey rsa:2048 -sha256 -nodes -days 10 -subj /CN=CA \
             -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
             -keyout ca.key -out ca.pem",
        );
        authority
    }

    fn openssl(&self, words: &str) {
        let made = Command::new("openssl").args(words.split_whitespace()).current_dir(self.0.path()).output();
        let made = made.expect("openssl is installed");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Signs a certificate for a name; `extra` are its extensions.
    fn sign(&self, name: &str, extra: &str) {
        std::fs::write(self.path("extra"), extra).unwrap();
        self.openssl(&format!(
            "req -newkey rsa:2048 -sha256 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr"
        ));
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 10 -sha256 -extfile extra \
             -out {name}.pem"
        ));
    }
}

struct Scene {
    server: Server,
    authority: Authority,
    port: u16,
}

const CLIENT: &str =
    "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n";

fn scene() -> Scene {
    let authority = Authority::new();
    authority.sign("localhost", "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = Server::start_on(port, Durable::No, &["listen_addresses = '127.0.0.1'"]).unwrap();
    let keep = |name: &str, from: &str| {
        let kept = server.keep(name, &std::fs::read(authority.path(from)).unwrap()).unwrap();
        server.say("postgres", &format!("alter system set {} = '{}'", name, kept.display())).unwrap();
    };
    keep("ssl_cert_file", "localhost.pem");
    keep("ssl_key_file", "localhost.key");
    keep("ssl_ca_file", "ca.pem");
    server.say("postgres", "alter system set ssl = on").unwrap();
    let sealer = Arc::new(Sealer::new(&Keys::generate(), b""));
    let url = format!("{}/postgres", server.url());
    let store = PostgresStore::open(&url, sealer, Arc::new(SystemClock), Strictness::AcceptsLoss).unwrap();
    let hospitals = [1, 2].map(|id| HospitalRow {
        id: HospitalId(id),
        code: format!("H{id}"),
        name: String::new(),
        kind: "hospital".into(),
        level: 1,
        grade: String::new(),
        division: "990100".into(),
        scheme: 2,
        profile: String::new(),
        active: true,
    });
    store.put_hospitals(&hospitals, &[]).unwrap();
    for code in ["H1", "H2"] {
        let role = admit(&url, code).unwrap().role;
        authority.sign(&role, CLIENT);
    }
    // As the manual says.
    let lines = [
        "hostssl postgres h_1,h_2 all cert map=hospitals",
        "local all h_1,h_2 reject",
        "host all h_1,h_2 all reject",
        "local all all trust",
    ];
    server.admit_only(&lines, &["hospitals /^(h_[0-9]+)$ \\1"]).unwrap();
    Scene { server, authority, port }
}

impl Scene {
    /// Puts a message as `role`, with these words behind the address.
    fn put(&self, role: &str, words: &str) -> Result<(), String> {
        let url = format!("postgres://{role}@localhost:{}/postgres?{words}", self.port);
        let mut counter = PostgresCounter::new(&url, [7; 16]).map_err(|error| cause(&error))?;
        match counter.put(b"a message") {
            Ok(_) => Ok(()),
            Err(SlotError::NotPut(error)) => Err(cause(&error)),
            Err(other) => panic!("{role} {words}: {other:?}"),
        }
    }

    fn words(&self, root: &Path, certificate: &str) -> String {
        let file = |name: String| self.authority.path(&name).display().to_string();
        let (cert, key) = (file(format!("{certificate}.pem")), file(format!("{certificate}.key")));
        format!("sslrootcert={}&sslcert={cert}&sslkey={key}", root.display())
    }
}

fn cause(error: &store::StoreError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

#[test]
fn a_hospital_logs_in_with_its_certificate_and_in_no_other_way() {
    let scene = scene();
    let ca = scene.authority.path("ca.pem");
    scene.put("h_1", &scene.words(&ca, "h_1")).unwrap();
    let refused = |role: &str, words: &str, why: &str| {
        let told = scene.put(role, words).unwrap_err();
        assert!(told.contains(why), "{role} {words}: {told}");
    };
    // The certificate of another hospital.
    refused("h_1", &scene.words(&ca, "h_2"), "28000");
    // None, and a line without TLS.
    refused("h_1", &format!("sslrootcert={}", ca.display()), "28000");
    refused("h_1", "", "28000");
    // A server whose certificate another authority signed gets nothing to see.
    let other = Authority::new();
    refused("h_1", &scene.words(&other.path("ca.pem"), "h_1"), "TLS");
    // Signed by another authority, under the right name.
    other.sign("h_1", CLIENT);
    let file = |name: &str| other.path(name).display().to_string();
    let forged =
        format!("sslrootcert={}&sslcert={}&sslkey={}", ca.display(), file("h_1.pem"), file("h_1.key"));
    assert!(scene.put("h_1", &forged).is_err(), "a certificate is whose authority signed it");
    // On the server itself, over its socket.
    let socket = scene.server.folder().display().to_string().replace('/', "%2F");
    let url = format!("postgres://h_1@{socket}:{}/postgres", scene.port);
    let told = PostgresCounter::new(&url, [7; 16]).unwrap().put(b"a message").unwrap_err();
    assert!(matches!(told, SlotError::NotPut(_)), "{told:?}");
}
