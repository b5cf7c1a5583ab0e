//! What an administrator does with institutions, and a second centre that sends people of the first one's city on to it.

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use common::{Ran, folder, root, tongqu};
use model::SystemClock;
use road::{Capabilities, Family, HttpRoad, HttpSettings, Reply};

const HEADS: &str = "code,name,kind,level,grade,division,scheme,profile";
const NEIGHBOUR: &str = "H99020000001,邻州市人民医院,hospital,3,02,990200,4,sign_in=ignore traces=warn";

/// An installation.
struct Site {
    _folder: tempfile::TempDir,
    path: String,
}

impl Site {
    /// With the books of a demo.
    fn home() -> Self {
        let (folder, path) = folder();
        tongqu(&["demo", "--once", "--persons", "60", "--folder", &path]).exits(0);
        let site = Self { _folder: folder, path };
        site.configure("990100", "");
        site
    }

    /// A new one of the neighbour city.
    fn neighbour() -> Self {
        let (folder, path) = folder();
        tongqu(&["init", "--folder", &path]).exits(0);
        Self { _folder: folder, path }
    }

    fn configure(&self, division: &str, more: &str) {
        let policies = root().join("policies/demo-city").display().to_string();
        let text = format!(
            "database = \"sqlite://centre.db\"\nkeys = \"centre.keys\"\npolicies = \"{policies}\"\n\
             division = \"{division}\"\nhome_divisions = [\"{}\"]\nlisten = \"127.0.0.1:0\"\n{more}",
            &division[..4]
        );
        self.write("tongqu.toml", &text);
    }

    fn write(&self, name: &str, text: &str) -> String {
        let file = format!("{}/{name}", self.path);
        fs::write(&file, text).unwrap();
        file
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(format!("{}/{name}", self.path)).unwrap()
    }

    /// A command with its arguments in a line; `@` is the site's folder.
    fn run(&self, line: &str) -> Ran {
        let line = format!("{line} --database sqlite://@/centre.db").replace('@', &self.path);
        tongqu(&line.split(' ').collect::<Vec<_>>())
    }

    /// Key and secret of the first institution of a file of keys.
    fn key(&self, name: &str) -> (String, String) {
        let text = self.read(name);
        let mut parts = text.lines().nth(1).unwrap().split(',').map(str::to_owned);
        (parts.nth(1).unwrap(), parts.next().unwrap())
    }

    fn start(&self) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tongqu"))
            .args(["centre", "--config", &format!("{}/tongqu.toml", self.path)])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let told = out.lines().map_while(Result::ok).find(|line| line.contains("centre: http"));
        let told = told.expect("the centre listens");
        let address = told.split("centre: ").nth(1).unwrap().split("/api").next().unwrap().to_owned();
        Running { child, address }
    }
}

/// A centre that runs; it is killed with the test.
struct Running {
    child: Child,
    address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn institutions_are_designated_from_a_file_and_listed_as_the_same_file() {
    let site = Site::neighbour();
    let bad = format!(
        "{HEADS}\n{NEIGHBOUR}\n{NEIGHBOUR}\nH1-2,乙,hospital,3,,990200,4,\nH2,丙,clinic,3,,990200,4,\n\
         H3,丁,pharmacy,4,,990200,4,\nH4,戊,hospital,1,,9902,4,\nH5,己,hospital,1,,990200,4,colour=red\n"
    );
    let file = site.write("bad.csv", &bad);
    let import =
        |file: &str| site.run(&format!("hospital import --file {file} --keys-out @/keys.csv --by 甲"));
    let told = import(&file).exits(1).out;
    let columns: Vec<&str> = told
        .lines()
        .filter_map(|line| line.strip_prefix("line "))
        .map(|line| line.split(" 第").next().unwrap())
        .collect();
    let expected = [
        "3 column code",
        "4 column code",
        "5 column kind",
        "6 column level",
        "7 column division",
        "8 column profile",
    ];
    assert_eq!(columns, expected, "{told}");
    assert_eq!(site.run("hospital list").exits(0).out.lines().count(), 1, "not one was written");

    let file = site.write("good.csv", &format!("{HEADS}\n{NEIGHBOUR}\n"));
    assert!(import(&file).exits(0).out.contains("1 家机构,其中新增 1 家"));
    let (key, secret) = site.key("keys.csv");
    assert_eq!((key.as_str(), secret.len()), ("paas-H99020000001", 32));
    let listed = site.run("hospital list").exits(0).out;
    assert_eq!(listed, format!("{HEADS},active\n{NEIGHBOUR},yes\n"));

    // Changed by its code: it keeps its key.
    let file = site.write("changed.csv", &listed.replace(",yes", ",no"));
    assert!(import(&file).exits(0).out.contains("新增 0 家"));
    assert!(site.run("hospital list").exits(0).out.ends_with(",no\n"));
    // What a file does not speak of stays as it is.
    let renamed = "code,name,kind,level,grade,division,scheme\nH99020000001,邻州医院,医院,3,02,990200,4\n";
    let file = site.write("renamed.csv", renamed);
    import(&file).exits(0);
    let listed = site.run("hospital list").exits(0).out;
    assert!(
        listed.ends_with("H99020000001,邻州医院,hospital,3,02,990200,4,sign_in=ignore traces=warn,no\n"),
        "{listed}"
    );
    site.run("hospital key --code H99020000001 --keys-out @/keys.csv --by 甲").exits(2);
    site.run("hospital key --code H99020000001 --keys-out @/new.csv --by 甲").exits(0);
    assert_ne!(site.key("new.csv").1, secret);
    site.run("verify").exits(0);

    // People of one division are one centre's.
    site.configure(
        "990200",
        "\n[[peer]]\ndivisions = [\"99\"]\naddress = \"http://127.0.0.1:1\"\nkeys = \"new.csv\"\n",
    );
    let config = format!("{}/tongqu.toml", site.path);
    let told = tongqu(&["centre", "--config", &config]).exits(2).err;
    assert!(told.contains("overlap: 9902"), "{told}");
}

#[test]
fn a_second_centre_sends_people_of_the_first_ones_city_on_to_it() {
    let (home, place) = (Site::home(), Site::neighbour());
    // Home knows the institution, and gives it a key: that file is what the other centre is configured with.
    home.run("hospital key --code H99020000001 --keys-out @/given.csv --by 甲").exits(0);
    place.write("home-keys.csv", &home.read("given.csv"));
    let file = place.write("hospitals.csv", &format!("{HEADS}\n{NEIGHBOUR}\n"));
    place.run(&format!("hospital import --file {file} --keys-out @/keys.csv --by 乙")).exits(0);
    let running = home.start();
    place.configure(
        "990200",
        &format!(
            "\n[[peer]]\ndivisions = [\"9901\"]\naddress = \"{}\"\nkeys = \"home-keys.csv\"\ntimeout = 5\n",
            running.address
        ),
    );
    let there = place.start();
    let (key, secret) = place.key("keys.csv");
    let road = HttpRoad::new(
        HttpSettings {
            address: there.address.clone(),
            key,
            secret,
            family: Family::Tif,
            timeout: Duration::from_secs(30),
            capabilities: Capabilities::default(),
        },
        Arc::new(SystemClock),
    );
    let say = |msgid: u32| {
        let body = format!(
            r#"{{"infno":"2201","msgid":"H9902000000120261130090000{msgid:04}","mdtrtarea_admvs":"990200",
            "insuplc_admdvs":"990101","recer_sys_code":"YBXT","dev_no":"","dev_safe_info":"","cainfo":"","signtype":"",
            "infver":"V1.0","opter_type":"1","opter":"0103","opter_name":"李敏","inf_time":"2026-11-30 09:00:00",
            "fixmedins_code":"H99020000001","fixmedins_name":"邻州市人民医院","sign_no":"","input":{{"data":{{
            "psn_no":"99010000000000000001","insutype":"310","begntime":"{}","mdtrt_cert_type":"02","mdtrt_cert_no":"x",
            "ipt_otp_no":"{msgid}","atddr_no":"D1","dr_name":"王医生","dept_code":"0301","dept_name":"内科门诊",
            "caty":"A03"}}}}}}"#,
            wire::print_time(model::Clock::now(&SystemClock))
        );
        road.send_body("2201", body.as_bytes())
    };
    let text = |reply: Reply| match reply {
        Reply::Done(given) => String::from_utf8(given.answer.text.to_vec()).unwrap(),
        other => panic!("{other:?}"),
    };
    assert!(text(say(1).unwrap()).contains("mdtrt_id"));
    drop(running);
    let told = format!("{:?}", say(2).unwrap_err());
    assert!(told.starts_with("NotProcessed") && told.contains("LINE_DOWN"), "{told}");
    drop(there);
    home.run("verify").exits(0);
    place.run("verify").exits(0);
}
